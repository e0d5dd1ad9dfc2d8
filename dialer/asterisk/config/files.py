"""Every file but the dialplan, for the dialer's Asterisk; `base_files` serves the demo's town too."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping

from dialer.asterisk.config.devices import ACROSS, ENCRYPTED, FAMILY, SAFE
from dialer.asterisk.config.extensions import dialplan
from dialer.asterisk.config.settings import AmiUser, AsteriskSettings, Instance, Neighbour, Tls, Trunk

MODULES = (
    # timing, storage of objects
    "res_timing_timerfd", "res_sorcery_config", "res_sorcery_memory", "res_sorcery_astdb",
    # SIP; chan_pjsip wants pubsub though nobody subscribes
    "res_pjproject", "res_pjsip", "res_pjsip_session", "res_pjsip_pubsub", "res_pjsip_registrar", "res_pjsip_path",
    "res_pjsip_authenticator_digest", "res_pjsip_outbound_authenticator_digest",
    "res_pjsip_endpoint_identifier_ip", "res_pjsip_endpoint_identifier_user", "res_pjsip_outbound_registration",
    "res_pjsip_sdp_rtp", "res_pjsip_caller_id", "res_pjsip_nat", "res_pjsip_rfc3326", "res_pjsip_dtmf_info",
    "res_rtp_asterisk", "chan_pjsip",
    # phones in the browser: SIP over a WebSocket, sound over DTLS; carriers over TLS: sound over SRTP
    "res_http_websocket", "res_pjsip_transport_websocket", "res_srtp",
    # joining
    "bridge_simple", "bridge_native_rtp", "bridge_holding", "app_bridgewait",
    "bridge_softmix", "app_bridgeaddchan",  # three in one conversation
    # dialplan
    "pbx_config", "app_playback", "app_stack", "app_userevent", "app_celgenuserevent", "app_waitforcond", "app_exec",
    "app_read", "func_timeout",  # the survey: keys, within a time
    "app_chanspy",  # a supervisor who listens in
    "app_transfer", "res_pjsip_refer",  # a call of another team's queue goes back; no endpoint may transfer by itself
    "app_playtones",  # an agent hears that the target of a transfer is rung
    "func_callerid", "func_channel", "func_db", "func_global", "func_logic", "func_strings",
    # sound
    "codec_alaw", "codec_ulaw", "codec_a_mu", "codec_resample", "format_wav", "format_pcm", "format_sln",
    "res_musiconhold",
    # proof; who knocks and is not let in
    "res_cdrel_custom", "cel_custom", "res_security_log",
)  # fmt: skip
"""What the dialer's Asterisk loads, and nothing else: no shell, no files, no other channel or interface."""

RECORDING_MODULES = ("app_mixmonitor",)
"""Only where conversations are recorded: AMI can write files and run commands with it (docs/decisions/recording.md)."""

EVENTS = (
    "FullyBooted", "Shutdown", "Newchannel", "Newstate", "Hangup", "DialBegin", "DialState", "DialEnd",
    "OriginateResponse", "BridgeCreate", "BridgeDestroy", "BridgeEnter", "BridgeLeave", "UserEvent",
)  # fmt: skip
"""AMI events that reach the dialer, and with them the steps of `resident` (`Newexten`): that a resident's dialplan has
begun. Answers to its own actions are no events and always come."""

CEL_EVENTS = ("CHAN_START", "ANSWER", "BRIDGE_ENTER", "BRIDGE_EXIT", "HANGUP", "CHAN_END", "USER_DEFINED")
CEL_FIELDS = ("eventtime", "eventtype", "accountcode", "uniqueid", "linkedid", "context", "userdeftype", "eventextra")
"""Columns of our `cel.csv`: no number, no name. `eventtime` is unix seconds with microseconds."""

_HEAD = "; Made by dialer: your changes here are lost at the next start.\n"
_LEAST = "call,originate,system,reporting,user"


def dialer_files(settings: AsteriskSettings) -> Mapping[str, str]:
    """All configuration files of the dialer's Asterisk."""
    modules = MODULES + RECORDING_MODULES if settings.records else MODULES
    files = dict(base_files(settings.instance, modules=modules, warnings=settings.warnings))
    files["pjsip.conf"] = _pjsip(settings)
    files["sorcery.conf"] = _sorcery()
    files["extensions.conf"] = dialplan(settings.instance.folders.sounds)
    return files


def base_files(
    instance: Instance,
    *,
    modules: Iterable[str],
    warnings: bool = False,
    cel_fields: Iterable[str] = CEL_FIELDS,
    events: Iterable[str] = EVENTS,
) -> Mapping[str, str]:
    """The files that any Asterisk of ours has."""
    return {
        "asterisk.conf": _asterisk(instance),
        "modules.conf": _sections({"modules": [("autoload", "no"), *(("load", f"{name}.so") for name in modules)]}),
        "logger.conf": _logger(warnings),
        "manager.conf": _manager(instance, tuple(events)),
        "rtp.conf": _rtp(instance),
        "musiconhold.conf": _sections(
            {"default": [("mode", "files"), ("directory", instance.folders.music), ("sort", "random")]}
        ),
        "cdr.conf": _sections({"general": [("enable", "no")]}),  # with standing legs a CDR says nothing: see CEL
        "cel.conf": _sections(
            {"general": [("enable", "yes"), ("dateformat", "%s.%6q"), ("events", ",".join(CEL_EVENTS))]}
        ),
        "cel_custom.conf": _cel_custom(instance, tuple(cel_fields)),
        "features.conf": _sections({"general": [], "featuremap": []}),  # no key of a resident commands anything
        "pjproject.conf": _HEAD,
        "http.conf": _http(instance),
        "udptl.conf": _sections({"general": []}),
        "acl.conf": _HEAD,
        "ccss.conf": _sections({"general": []}),
        "stasis.conf": _sections({"declined_message_types": []}),
        "indications.conf": _sections(
            {
                "general": [("country", "nl")],
                "nl": [
                    ("description", "Netherlands"),
                    ("ringcadence", "1000,4000"),
                    ("dial", "425"),
                    ("busy", "425/500,0/500"),
                    ("ring", "425/1000,0/4000"),
                    ("congestion", "425/250,0/250"),
                    ("callwaiting", "425/500,0/9500"),
                    ("info", "950/330,1400/330,1800/330,0/1000"),
                ],
            }
        ),
    }


def _sections(sections: Mapping[str, Iterable[tuple[str, str]]]) -> str:
    parts = [_HEAD]
    for name, pairs in sections.items():
        parts.append(f"[{name}]\n" + "".join(f"{key}={value}\n" for key, value in pairs))
    return "\n".join(parts)


def _asterisk(instance: Instance) -> str:
    folders = instance.folders
    directories = [
        ("astetcdir", folders.etc),
        ("astmoddir", folders.modules),
        ("astvarlibdir", folders.db),
        ("astdbdir", folders.db),
        ("astkeydir", folders.db),
        ("astdatadir", folders.data),
        ("astagidir", folders.db),
        ("astspooldir", folders.spool),
        ("astrundir", folders.run),
        ("astlogdir", folders.log),
        ("astcachedir", folders.spool),
    ]
    options = [
        ("systemname", instance.name),  # before each unique id: two nodes never share one
        ("transmit_silence", "yes"),  # RTP flows while nothing is said: firewalls stay open, silence is heard as such
        ("live_dangerously", "no"),
        ("hideconnect", "yes"),
        ("nocolor", "yes"),
        ("verbose", "0"),
        ("debug", "0"),
        ("defaultlanguage", "nl"),
    ]
    # Without "(!)": with it, as Debian ships it, the section is a template and silently ignored.
    return _sections({"directories": directories, "options": options})


def _logger(warnings: bool) -> str:
    # Warnings, notices and verbose lines quote SIP addresses and with them telephone numbers.
    level = "error,warning" if warnings else "error"
    return _sections(
        {
            "general": [("dateformat", "%F %T.%3q"), ("appendhostname", "no"), ("rotatestrategy", "rotate")],
            # Attempts to get in, for whoever shuts such addresses out (deploy/fail2ban).
            "logfiles": [("asterisk.log", level), ("security.log", "security")],
        }
    )


def _manager(instance: Instance, events: tuple[str, ...]) -> str:
    general = [
        ("enabled", "yes"),
        ("webenabled", "no"),
        ("bindaddr", instance.bind if instance.bind.startswith("127.") else "127.0.0.1"),  # others come over TLS
        ("port", str(instance.ami_port)),
        ("timestampevents", "yes"),
        ("displayconnects", "no"),
        ("allowmultiplelogin", "yes"),  # a half-open session must not keep its successor out
        ("authtimeout", "5"),
        ("authlimit", "20"),
    ]
    tls = instance.tls
    permit = ["127.0.0.0/255.0.0.0"]
    if tls is not None and tls.ami_port:
        general += [
            ("tlsenable", "yes"),
            ("tlsbindaddr", f"{instance.bind}:{tls.ami_port}"),
            *_certificate(tls),
        ]
        permit += tls.permit
    sections = {"general": general} | {user.name: _ami_user(user, events, permit) for user in instance.ami_users}
    return _sections(sections)


def _certificate(tls: Tls) -> list[tuple[str, str]]:
    old = [("tlsdisablev1", "yes"), ("tlsdisablev11", "yes")]
    return [("tlscertfile", tls.certificate), ("tlsprivatekey", tls.key), *old]


def _ami_user(user: AmiUser, events: tuple[str, ...], permit: list[str]) -> list[tuple[str, str]]:
    pairs = [("secret", user.secret), ("deny", "0.0.0.0/0.0.0.0"), *(("permit", one) for one in permit)]
    if user.kick:
        return [*pairs, ("read", ""), ("write", "command")]
    pairs += [("read", "call,user,system,dialplan"), ("write", _LEAST), ("writetimeout", "1000")]
    pairs += [(f"eventfilter(action(include),name({event}))", "") for event in events]
    return [*pairs, ("eventfilter(action(include),name(Newexten),header(Context),method(exact))", "resident")]


def _http(instance: Instance) -> str:
    """The WebSocket alone, on loopback: the service stands before it and lets nobody in without a session."""
    if not instance.http_port:
        return _sections({"general": [("enabled", "no")]})
    general = [
        ("enabled", "yes"),
        ("bindaddr", "127.0.0.1"),
        ("bindport", str(instance.http_port)),
        ("enable_static", "no"),
        ("enable_status", "no"),
        ("sessionlimit", "2000"),  # a connection an agent; the usual 100 would turn the others away
    ]
    if instance.tls is not None and instance.tls.https_port:
        general += [
            ("tlsenable", "yes"),
            ("tlsbindaddr", f"{instance.bind}:{instance.tls.https_port}"),
            *_certificate(instance.tls),
        ]
    return _sections({"general": general})


def _rtp(instance: Instance) -> str:
    low, high = instance.rtp_ports
    return _sections({"general": [("rtpstart", str(low)), ("rtpend", str(high)), ("strictrtp", "yes")]})


def _cel_custom(instance: Instance, fields: tuple[str, ...]) -> str:
    # The name of a section is cut after 79 characters, and the log would lie elsewhere without a word: so the path is
    # written as it is found from where the writer begins. It makes no folder itself: whoever writes these files must.
    path = posixpath.relpath(f"{instance.folders.cel}/cel.csv", f"{instance.folders.log}/cel-custom")
    return _sections({path: [("format", "dsv"), ("fields", ",".join(fields))]})


def _sorcery() -> str:
    return _sections(
        {
            "res_pjsip": [
                ("endpoint", "config,pjsip.conf,criteria=type=endpoint"),
                ("endpoint", f"astdb,{FAMILY}"),
                ("auth", "config,pjsip.conf,criteria=type=auth"),
                ("auth", f"astdb,{FAMILY}"),
                ("aor", "config,pjsip.conf,criteria=type=aor"),
                ("aor", f"astdb,{FAMILY}"),
                ("contact", "astdb,registrar"),
            ]
        }
    )


def _pjsip(settings: AsteriskSettings) -> str:
    instance = settings.instance
    sections: dict[str, list[tuple[str, str]]] = {
        "global": [
            ("type", "global"),
            ("user_agent", "dialer"),
            # A softphone is known by its name and must prove it, a carrier by its address. Nobody else is answered.
            ("endpoint_identifier_order", "username,ip"),
            ("default_from_user", "dialer"),
        ],
        "system": [("type", "system"), ("timer_t1", "500"), ("timer_b", "32000")],
        "udp": [("type", "transport"), ("protocol", "udp"), ("bind", f"{instance.bind}:{instance.sip_port}")],
    }
    if instance.tls is not None and instance.tls.sip_port:
        sections["tls"] = _tls_transport(instance, instance.tls)
    if instance.http_port:
        # Asterisk wants an address here and listens on none: its web server does (http.conf).
        sections["ws"] = [("type", "transport"), ("protocol", "ws"), ("bind", "127.0.0.1")]
    text = _sections(sections)
    return text + "".join(
        [_trunk(trunk, instance) for trunk in settings.trunks]
        + [_neighbour(neighbour, instance) for neighbour in settings.neighbours]
    )


def _tls_transport(instance: Instance, tls: Tls) -> list[tuple[str, str]]:
    pairs = [
        ("type", "transport"),
        ("protocol", "tls"),
        ("bind", f"{instance.bind}:{tls.sip_port}"),
        ("domain", SAFE),
        ("method", "tlsv1_2"),  # at least
        ("verify_server", "yes"),  # the carrier's certificate: by whom, and for the name that we ring
        ("allow_wildcard_certs", "no"),
    ]
    if tls.certificate:
        pairs += [("cert_file", tls.certificate), ("priv_key_file", tls.key)]
    return [*pairs, ("ca_list_file", tls.authority)] if tls.authority else pairs


def _registration(trunk: Trunk) -> list[tuple[str, str]]:
    """We tell the carrier where we are, and again whenever that was lost."""
    return [
        ("type", "registration"),
        ("transport", "udp"),
        ("outbound_auth", trunk.name),
        ("server_uri", f"sip:{trunk.host}:{trunk.port}"),
        ("client_uri", f"sip:{trunk.username}@{trunk.host}:{trunk.port}"),
        ("contact_user", trunk.username),
        ("expiration", "300"),
        ("retry_interval", "20"),
        ("forbidden_retry_interval", "300"),
        ("auth_rejection_permanent", "no"),  # a password that is put right works without a restart
        ("max_retries", "1000000"),
    ]


def _trunk(trunk: Trunk, instance: Instance) -> str:
    endpoint = [
        ("type", "endpoint"),
        ("transport", "udp"),
        ("context", "inbound"),
        ("disallow", "all"),
        ("allow", "alaw,ulaw"),
        ("aors", trunk.name),
        ("direct_media", "no"),
        ("rtp_symmetric", "yes"),
        ("dtmf_mode", "auto"),
        ("allow_transfer", "no"),
        ("trust_id_inbound", "yes"),
        ("send_pai", "yes"),
        ("send_connected_line", "no"),
        ("language", "nl"),
        ("media_address", instance.bind),
        ("bind_rtp_to_media_address", "yes"),
    ]
    if trunk.username:
        endpoint += [("outbound_auth", trunk.name), ("from_user", trunk.username)]
    if trunk.kind == "tls":
        endpoint = [pair for pair in endpoint if pair[0] not in ENCRYPTED] + list(ENCRYPTED.items())
    over = r"\;transport=tls" if trunk.kind == "tls" else ""  # a bare semicolon begins a comment
    aor = [("type", "aor"), ("contact", f"sip:{trunk.host}:{trunk.port}{over}")]
    if trunk.qualify_seconds:
        # Any answer will do. Who is not there is known before anybody is dialled, and each dial fails at once.
        aor += [("qualify_frequency", str(trunk.qualify_seconds)), ("qualify_timeout", "5.0")]
    groups = [endpoint, aor]
    if trunk.username:
        groups.append(
            [("type", "auth"), ("auth_type", "digest"), ("username", trunk.username), ("password", trunk.secret)]
        )
    if trunk.kind == "registration":
        groups.append(_registration(trunk))
    if trunk.match:
        groups.append([("type", "identify"), ("endpoint", trunk.name), *(("match", one) for one in trunk.match)])
    return "".join(f"\n[{trunk.name}]\n" + "".join(f"{key}={value}\n" for key, value in group) for group in groups)


def _neighbour(neighbour: Neighbour, instance: Instance) -> str:
    """The way to a standing leg of another node. A silent node is a dead one: nobody is left with it for long."""
    name = f"{ACROSS}{neighbour.name}"
    endpoint = [
        ("type", "endpoint"),
        ("transport", "udp"),
        ("context", "across"),
        ("disallow", "all"),
        ("allow", "alaw"),
        ("aors", name),
        ("direct_media", "no"),
        ("rtp_symmetric", "yes"),
        ("rtp_timeout", "3"),
        ("timers", "no"),
        ("dtmf_mode", "rfc4733"),
        ("allow_transfer", "no"),
        ("send_connected_line", "no"),
        ("media_address", instance.bind),
        ("bind_rtp_to_media_address", "yes"),
    ]
    # Not asked whether it is there: the dialer knows sooner, and one that has just come back would count as gone.
    aor = [("type", "aor"), ("contact", f"sip:{neighbour.host}:{neighbour.port}")]
    identify = [("type", "identify"), ("endpoint", name), ("match", f"{neighbour.host}:{neighbour.port}")]
    return "".join(
        f"\n[{name}]\n" + "".join(f"{key}={value}\n" for key, value in group) for group in (endpoint, aor, identify)
    )
