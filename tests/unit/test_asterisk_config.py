"""The generated configuration: what it must hold, and that no value can become more than a value."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from dialer.asterisk.config import (
    AmiUser,
    AsteriskSettings,
    Folders,
    Instance,
    Neighbour,
    Tls,
    Trunk,
    device_objects,
    device_removals,
    dialer_files,
    dialplan,
    dialplan_version,
    drift,
    line_objects,
    line_removals,
)
from dialer.asterisk.config.files import EVENTS, MODULES
from dialer.domain.errors import InvalidError

NEIGHBOUR = Neighbour(name="node2", host="192.0.2.2")
FOLDERS = Folders.below(
    "/data/asterisk", sounds="/data/sounds", modules="/usr/lib/m", data="/usr/share/a", music="/moh"
)
INSTANCE = Instance(
    name="dialer",
    folders=FOLDERS,
    sip_port=25060,
    ami_port=25038,
    rtp_ports=(20000, 20399),
    ami_users=(
        AmiUser(name="dialer-a", secret="a" * 24),
        AmiUser(name="dialer-kick", secret="k" * 24, kick=True),
    ),
)
SECURITY = ("security.log", "security")  # strangers who try: no call of ours stands in it
TRUNK = Trunk(name="trunk", host="sip.example.test", port=5060, match=("192.0.2.0/24", "192.0.2.7:5062"))
SETTINGS = AsteriskSettings(instance=INSTANCE, trunks=(TRUNK,))

EVIL = (
    "x\nwrite=all", "x\r\nAction: Command", "a;b", "a]", "[x", "${SHELL(id)}", "a,b", "", " ", "a b", "é", "x" * 500,
    "$[1+1]", "a\x00b", "#include x", "x\t",
)  # fmt: skip


def sections(text: str) -> dict[str, list[tuple[str, str]]]:
    """An independent little reader of Asterisk's format; sections of one name are joined."""
    found: dict[str, list[tuple[str, str]]] = {}
    current: list[tuple[str, str]] = []
    for line in text.splitlines():
        bare = line.split(";", 1)[0].strip()
        if match := re.fullmatch(r"\[([^\]]+)\](\(.*\))?", bare):
            assert not match[2], "templates are silently ignored"
            current = found.setdefault(match[1], [])
        elif bare:
            key, _, value = bare.rpartition("=") if bare.startswith("eventfilter") else bare.partition("=")
            current.append((key.strip(), value.strip()))
    return found


def test_every_module_is_named_and_none_gives_a_shell() -> None:
    modules = sections(dialer_files(SETTINGS)["modules.conf"])["modules"]
    assert modules[0] == ("autoload", "no")
    assert [value for key, value in modules if key == "load"] == [f"{name}.so" for name in MODULES]
    assert len(set(MODULES)) == len(MODULES)
    assert not {"app_system", "func_shell", "func_env", "app_mixmonitor", "app_queue", "app_amd"} & set(MODULES)


def test_what_records_is_loaded_where_somebody_records_and_nowhere_else() -> None:
    plain, recording = (
        {value for key, value in sections(dialer_files(one)["modules.conf"])["modules"] if key == "load"}
        for one in (SETTINGS, replace(SETTINGS, records=True))
    )
    assert recording - plain == {"app_mixmonitor.so"}


def test_directories_are_ours_and_no_template() -> None:
    directories = dict(sections(dialer_files(SETTINGS)["asterisk.conf"])["directories"])
    assert directories["astdbdir"] == "/data/asterisk/db"
    assert directories["astmoddir"] == "/usr/lib/m"
    own = {directories[key] for key in ("astetcdir", "astdbdir", "astspooldir", "astrundir", "astlogdir")}
    assert all(path.startswith("/data/asterisk/") for path in own)


def test_ami_user_has_least_rights_and_hears_only_what_it_needs() -> None:
    manager = sections(dialer_files(SETTINGS)["manager.conf"])
    general = dict(manager["general"])
    assert (general["bindaddr"], general["port"], general["timestampevents"]) == ("127.0.0.1", "25038", "yes")
    user = dict(manager["dialer-a"])
    rights = set(user["write"].split(","))
    assert not rights & {"all", "command", "config", "dialplan", "agi", "log", "verbose"}
    filters = [re.sub(r".*name\((\w+)\).*", r"\1", key) for key, _ in manager["dialer-a"] if "eventfilter" in key]
    assert tuple(filters) == (*EVENTS, "Newexten")
    [steps] = [(key, value) for key, value in manager["dialer-a"] if "Newexten" in key]
    assert "header(Context),method(exact)" in steps[0]
    assert steps[1] == "resident"  # of other steps nothing is told
    assert not {"VarSet", "RTCPSent", "RTCPReceived"} & set(filters)
    kick = dict(manager["dialer-kick"])
    assert (kick["read"], kick["write"]) == ("", "command")
    assert all(dict(manager[name])["deny"] == "0.0.0.0/0.0.0.0" for name in ("dialer-a", "dialer-kick"))


def test_logs_hold_no_level_that_quotes_numbers() -> None:
    assert sections(dialer_files(SETTINGS)["logger.conf"])["logfiles"] == [("asterisk.log", "error"), SECURITY]
    loud = dialer_files(replace(SETTINGS, warnings=True))
    assert sections(loud["logger.conf"])["logfiles"] == [("asterisk.log", "error,warning"), SECURITY]


def test_cel_is_kept_in_microseconds_without_numbers() -> None:
    files = dialer_files(SETTINGS)
    assert dict(sections(files["cel.conf"])["general"])["dateformat"] == "%s.%6q"
    fields = dict(sections(files["cel_custom.conf"])["../../cel/cel.csv"])["fields"].split(",")
    assert {"eventtime", "accountcode", "uniqueid", "linkedid"} <= set(fields)
    assert not {"num", "name", "ani", "rdnis", "dnid", "exten", "appdata", "channame"} & set(fields)
    assert dict(sections(files["cdr.conf"])["general"])["enable"] == "no"


def test_trunk_is_known_by_address_and_nobody_is_anonymous() -> None:
    text = dialer_files(SETTINGS)["pjsip.conf"]
    trunk = sections(text)["trunk"]
    assert [value for key, value in trunk if key == "match"] == ["192.0.2.0/24", "192.0.2.7:5062"]
    assert ("context", "inbound") in trunk
    assert ("direct_media", "no") in trunk
    assert ("contact", "sip:sip.example.test:5060") in trunk
    assert ("bind", "127.0.0.1:25060") in sections(text)["udp"]
    assert "anonymous" not in text
    assert dict(sections(text)["global"])["endpoint_identifier_order"] == "username,ip"


def test_trunk_with_a_password() -> None:
    trunk = replace(TRUNK, username="line-7", secret="p" * 20)
    text = dialer_files(replace(SETTINGS, trunks=(trunk,)))["pjsip.conf"]
    assert {("outbound_auth", "trunk"), ("from_user", "line-7"), ("password", "p" * 20)} <= set(sections(text)["trunk"])
    assert "p" * 20 not in repr(trunk)


def test_trunk_without_addresses_takes_no_calls() -> None:
    text = dialer_files(replace(SETTINGS, trunks=(replace(TRUNK, match=()),)))["pjsip.conf"]
    assert "identify" not in {value for key, value in sections(text)["trunk"] if key == "type"}


def test_agents_live_in_the_database_beside_the_file() -> None:
    pairs = sections(dialer_files(SETTINGS)["sorcery.conf"])["res_pjsip"]
    for kind in ("endpoint", "auth", "aor"):
        assert [value for key, value in pairs if key == kind] == [
            f"config,pjsip.conf,criteria=type={kind}",
            "astdb,dyn",
        ]
    assert ("contact", "astdb,registrar") in pairs  # or phones could not register at all


def test_device_rows_fit_ami_and_come_in_a_safe_order() -> None:
    rows = device_objects("agent-7", "s" * 120, silence_seconds=45)
    assert [family for family, _, _ in rows] == ["dyn/auth", "dyn/aor", "dyn/endpoint"]
    assert all(key == "agent-7" and len(value) < 1000 and "\n" not in value for _, key, value in rows)
    endpoint = json.loads(rows[2][2])
    assert (endpoint["auth"], endpoint["aors"], endpoint["rtp_timeout"]) == ("agent-7", "agent-7", "45")
    assert endpoint["context"] == "nothing"  # a softphone may not dial
    assert json.loads(rows[1][2])["max_contacts"] == "1"
    removed = device_removals("agent-7")
    assert [family for family, _ in removed] == ["dyn/endpoint", "dyn/endpoint", "dyn/aor", "dyn/auth"]


def test_an_own_phone_over_tls_is_found_over_tls_only_and_encrypts_its_sound() -> None:
    (_, auth, _), (_, aor, _), (family, name, value) = device_objects("a-7", "s" * 120, tls=True)
    assert (auth, aor, family, name) == ("a-7", "a-7", "dyn/endpoint", "a-7@tls+own")
    endpoint = json.loads(value)
    assert (endpoint["transport"], endpoint["media_encryption"]) == ("tls", "sdes")
    assert endpoint["media_encryption_optimistic"] == "no"
    assert (endpoint["aors"], endpoint["auth"], endpoint["context"]) == ("a-7", "a-7", "nothing")
    assert len(device_objects("a-" + "7" * 32, "s" * 120, media_address="255.255.255.255", tls=True)[2][2]) < 900
    assert ("dyn/endpoint", name) in device_removals("a-7")
    # The transport is what gives the domain, and no other has it.
    pjsip = sections(
        dialer_files(replace(SETTINGS, phones_tls=True, instance=replace(INSTANCE, tls=TLS)))["pjsip.conf"]
    )
    assert dict(pjsip["tls"])["domain"] == "tls+own"
    assert "domain" not in dict(pjsip["udp"])
    assert [row[1:] for row in device_objects("w-7", "s" * 20, browser=True, tls=True)] == [
        row[1:] for row in device_objects("w-7", "s" * 20, browser=True)
    ]


@pytest.mark.parametrize("without", ["certificate", "key", "sip_port"])
def test_phones_over_tls_need_a_port_and_a_certificate(without: str) -> None:
    values: dict[str, object] = {"certificate": "/c", "key": "/k", "sip_port": 25061} | {
        without: 0 if "port" in without else ""
    }
    with pytest.raises(InvalidError, match="phones over TLS"):
        replace(SETTINGS, phones_tls=True, instance=replace(INSTANCE, tls=Tls(**values)))  # type: ignore[arg-type]  # fields by name
    with pytest.raises(InvalidError, match="phones over TLS"):
        replace(SETTINGS, phones_tls=True)


def test_a_phone_in_the_browser_is_the_same_account_over_a_websocket_and_dtls() -> None:
    rows = device_objects("w-7", "s" * 120, browser=True)
    assert all(len(value) < 1000 for _, _, value in rows)
    own, browser = (json.loads(device_objects("w-7", "s" * 120, browser=kind)[2][2]) for kind in (False, True))
    assert (browser["webrtc"], browser["transport"], browser["timers"]) == ("yes", "ws", "no")
    assert "webrtc" not in own
    changed = {key for key in browser if browser[key] != own.get(key)}
    assert changed == {"webrtc", "transport", "timers", "rtp_keepalive"}  # may not dial, ends in silence, G.711


def test_the_web_server_serves_the_websocket_alone_and_on_loopback_only() -> None:
    assert sections(dialer_files(SETTINGS)["http.conf"]) == {"general": [("enabled", "no")]}
    assert "ws" not in sections(dialer_files(SETTINGS)["pjsip.conf"])
    files = dialer_files(replace(SETTINGS, instance=replace(INSTANCE, http_port=28088, bind="192.0.2.20")))
    http = dict(sections(files["http.conf"])["general"])
    assert (http["bindaddr"], http["bindport"]) == ("127.0.0.1", "28088")
    assert (http["enable_static"], http["enable_status"]) == ("no", "no")
    assert dict(sections(files["pjsip.conf"])["ws"])["protocol"] == "ws"
    assert dict(sections(files["manager.conf"])["general"])["webenabled"] == "no"


def test_a_line_is_the_trunk_under_a_name_that_can_be_shut() -> None:
    [(family, key, value)] = line_objects("out-7", "trunk")
    assert (family, key) == ("dyn/endpoint", "out-7")
    line, trunk = json.loads(value), dict(sections(dialer_files(SETTINGS)["pjsip.conf"])["trunk"])
    assert line["aors"] == "trunk"
    assert line["context"] == "nothing"  # nobody calls in over it
    same = ("allow", "direct_media", "dtmf_mode", "allow_transfer", "send_pai", "language", "rtp_symmetric")
    assert {name: line[name] for name in same} == {name: trunk[name] for name in same}
    assert line_removals("out-7") == [("dyn/endpoint", "out-7")]


@pytest.mark.parametrize("evil", EVIL)
def test_no_value_can_become_more_than_a_value(evil: str) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: AmiUser(name=evil, secret="a" * 20),
        lambda: AmiUser(name="a", secret=evil + "a" * 16 if evil.strip() else evil),
        lambda: Trunk(name=evil, host="h"),
        lambda: Trunk(name="t", host=evil),
        lambda: Trunk(name="t", host="h", match=(evil,)),
        lambda: Trunk(name="t", host="h", username=evil or "!", secret="s" * 20),
        lambda: Trunk(name="t", host="h", username="u", secret=evil),
        lambda: replace(INSTANCE, name=evil),
        lambda: replace(INSTANCE, bind=evil),
        lambda: Folders.below("/x", sounds=evil, modules="/m", data="/d", music="/m"),
        lambda: device_objects(evil, "s" * 20),
        lambda: device_objects("agent", evil),
        lambda: device_removals(evil),
        lambda: line_objects(evil, "trunk"),
        lambda: line_objects("line", evil),
        lambda: line_removals(evil),
        lambda: dialplan(evil),
    ]
    for attempt in attempts:
        with pytest.raises(InvalidError) as caught:
            attempt()
        assert not evil.strip() or evil not in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: replace(INSTANCE, sip_port=0),
        lambda: replace(INSTANCE, http_port=70_000),
        lambda: replace(INSTANCE, ami_port=70000),
        lambda: replace(INSTANCE, rtp_ports=(20000, 20003)),
        lambda: replace(INSTANCE, ami_users=(INSTANCE.ami_users[0], INSTANCE.ami_users[0])),
        lambda: AmiUser(name="general", secret="a" * 20),
        lambda: replace(SETTINGS, trunks=()),
        lambda: replace(SETTINGS, trunks=(TRUNK, TRUNK)),
        lambda: replace(SETTINGS, neighbours=(Neighbour(name=INSTANCE.name, host="192.0.2.2"),)),
        lambda: replace(SETTINGS, neighbours=(NEIGHBOUR, NEIGHBOUR)),
        lambda: Neighbour(name="node2", host="node2.example.test"),
        lambda: Neighbour(name="no de", host="192.0.2.2"),
        lambda: replace(SETTINGS, leg_silence_ends_after=1),
        lambda: Folders.below("/x/../etc", sounds="/s", modules="/m", data="/d", music="/m"),
    ],
)
def test_impossible_settings_are_refused(wrong: object) -> None:
    with pytest.raises(InvalidError):
        wrong()  # type: ignore[operator]


def test_ami_stays_on_loopback_when_sip_binds_to_a_name() -> None:
    text = dialer_files(replace(SETTINGS, instance=replace(INSTANCE, bind="sbc.example.test")))["manager.conf"]
    assert dict(sections(text)["general"])["bindaddr"] == "127.0.0.1"


def test_a_neighbour_reaches_legs_and_nothing_else() -> None:
    text = dialer_files(replace(SETTINGS, neighbours=(NEIGHBOUR,)))["pjsip.conf"]
    _, _, way = text.partition("[across-node2]\n")
    endpoint = dict(line.split("=", 1) for line in way.split("\n\n")[0].splitlines())
    assert (endpoint["type"], endpoint["context"]) == ("endpoint", "across")
    assert "match=192.0.2.2:5060\n" in way
    plan = sections_of_plan(dialplan("/sounds"))["across"]
    assert "Dial(" not in plan
    assert "Goto" not in plan


def sections_of_plan(text: str) -> dict[str, str]:
    parts = re.split(r"^\[(\w+)\]$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_dialplan_version_changes_with_the_text_only() -> None:
    assert dialplan("/a").replace("/a", "/b") == dialplan("/b")
    assert f"DIALPLAN_VERSION={dialplan_version()}\n" in dialplan("/a")
    assert drift(dialplan_version()) is None
    assert "not the dialer's" in (drift("") or "")
    assert "0123" in (drift("0123") or "")


def test_dialplan_uses_only_what_is_loaded() -> None:
    text = dialplan("/sounds")
    provided = {
        "Answer", "Background", "Bridge", "BridgeAdd", "BridgeWait", "CELGenUserEvent", "ChanSpy", "ExecIf", "Gosub",
        "Goto", "GotoIf", "Hangup", "Playback", "Playtones", "Read", "Return", "Set", "StartMusicOnHold",
        "StopMusicOnHold", "StopPlaytones", "Transfer", "UserEvent", "Wait", "WaitExten", "WaitForCondition",
    }  # fmt: skip
    used = set(re.findall(r"(?:exten => \S+?,1,|same => n(?:\(\w+\))?,)(\w+)", text))
    assert used <= provided
    contexts = set(re.findall(r"^\[(\w+)\]$", text, re.MULTILINE))
    targets = set(re.findall(r"(?:Goto\(|[?:]|Gosub\()([a-z]+),s,1", text))
    assert targets <= contexts | {"s"}


def test_no_personal_variable_is_sent_as_event_or_log() -> None:
    for line in dialplan("/sounds").splitlines():
        if "UserEvent(" in line and "CallerArrived" not in line:
            assert "NUMBER}" not in line.split("UserEvent(")[1]
            assert "CALLERID" not in line
        assert "Verbose(" not in line
        assert "NoOp(" not in line
        assert "Log(" not in line


TLS = Tls(
    certificate="/data/tls/node.crt",
    key="/data/tls/node.key",
    ami_port=25039,
    https_port=28089,
    sip_port=25061,
    permit=("192.0.2.5", "198.51.100.0/24"),
    authority="/data/tls/ca.pem",
)


def test_the_manager_leaves_loopback_over_tls_only_and_for_named_dialers() -> None:
    far = replace(INSTANCE, bind="192.0.2.20", tls=TLS)
    files = dialer_files(replace(SETTINGS, instance=far))
    manager = sections(files["manager.conf"])
    general = dict(manager["general"])
    assert (general["bindaddr"], general["port"]) == ("127.0.0.1", "25038")
    assert (general["tlsenable"], general["tlsbindaddr"]) == ("yes", "192.0.2.20:25039")
    assert (general["tlscertfile"], general["tlsprivatekey"]) == (TLS.certificate, TLS.key)
    assert (general["tlsdisablev1"], general["tlsdisablev11"]) == ("yes", "yes")
    for user in ("dialer-a", "dialer-kick"):
        assert [value for key, value in manager[user] if key == "permit"] == ["127.0.0.0/255.0.0.0", *TLS.permit]
    http = dict(
        sections(dialer_files(replace(SETTINGS, instance=replace(far, http_port=28088)))["http.conf"])["general"]
    )
    assert (http["bindaddr"], http["tlsbindaddr"]) == ("127.0.0.1", "192.0.2.20:28089")
    without = dict(
        sections(dialer_files(replace(SETTINGS, instance=replace(far, tls=None)))["manager.conf"])["general"]
    )
    assert (without["bindaddr"], "tlsenable" in without) == ("127.0.0.1", False)


def test_a_carrier_over_tls_is_proved_and_hears_nothing_in_the_clear() -> None:
    trunk = replace(TRUNK, kind="tls", port=5061)
    files = dialer_files(replace(SETTINGS, instance=replace(INSTANCE, tls=TLS), trunks=(trunk,)))
    pjsip = sections(files["pjsip.conf"])
    transport = dict(pjsip["tls"])
    assert (transport["verify_server"], transport["allow_wildcard_certs"]) == ("yes", "no")
    assert (transport["ca_list_file"], transport["bind"]) == (TLS.authority, "127.0.0.1:25061")
    for pairs in (pjsip["trunk"], list(json.loads(line_objects("out-7", "trunk", tls=True)[0][2]).items())):
        assert [value for key, value in pairs if key == "transport"] == ["tls"]
        assert dict(pairs)["media_encryption"] == "sdes"
        assert dict(pairs)["media_encryption_optimistic"] == "no"
    assert r"contact=sip:sip.example.test:5061\;transport=tls" in files["pjsip.conf"]


def test_a_carrier_that_is_told_where_we_are() -> None:
    trunk = replace(TRUNK, kind="registration", username="u123", secret="c" * 20)
    pjsip = dialer_files(replace(SETTINGS, trunks=(trunk,)))["pjsip.conf"]
    registration = dict(sections("[r]\n" + pjsip.partition("type=registration")[2].partition("\n[")[0])["r"])
    assert registration["server_uri"] == "sip:sip.example.test:5060"
    assert registration["client_uri"] == "sip:u123@sip.example.test:5060"
    assert registration["outbound_auth"] == "trunk"
    assert registration["auth_rejection_permanent"] == "no"


@pytest.mark.parametrize(
    ("build", "named"),
    [
        (lambda: replace(TRUNK, kind="registration"), "trunk username"),
        (lambda: replace(TRUNK, kind="isdn"), "trunk kind"),
        (lambda: replace(SETTINGS, trunks=(replace(TRUNK, kind="tls"),)), "tls sip_port"),
        (lambda: replace(TLS, permit=()), "tls permit"),
        (lambda: replace(TLS, permit=("0.0.0.0/0\nwrite=all",)), "tls permit"),
        (lambda: replace(TLS, certificate=""), "tls certificate"),
        (lambda: replace(TLS, key="relative.key"), "tls key"),
        (lambda: replace(TLS, ami_port=70000), "tls ami_port"),
    ],
)
def test_what_would_not_be_safe_is_refused(build: Callable[[], object], named: str) -> None:
    with pytest.raises(InvalidError) as caught:
        build()
    assert caught.value.field == named
