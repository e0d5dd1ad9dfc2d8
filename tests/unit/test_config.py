from dataclasses import fields

import pytest

from dialer.config import SECTIONS, SettingsError, load, load_file, variable

LEAST = {"DIALER_DATABASE_DSN": "postgresql://x", "DIALER_ASTERISK_SECRET": "hidden-secret", "DIALER_KEYS_MASTER": "k"}
LEAST_BUT_KEY = {key: value for key, value in LEAST.items() if "KEYS" not in key}


def test_the_least_settings_are_enough_and_secrets_stay_out_of_the_text() -> None:
    settings = load(LEAST)
    assert settings.http.port == 8080
    assert "hidden-secret" not in repr(settings)
    assert "postgresql://x" not in repr(settings)


def test_the_environment_wins_over_the_file() -> None:
    toml = "[http]\nport = 9000\nsecure_cookies = false\n"
    assert load(LEAST, toml).http.port == 9000
    assert load(LEAST, toml).http.secure_cookies is False
    assert load({**LEAST, "DIALER_HTTP_PORT": "9001"}, toml).http.port == 9001


@pytest.mark.parametrize(
    ("environ", "toml", "word"),
    [
        ({}, "", "database.dsn"),
        ({"DIALER_DATABASE_DSN": "x"}, "", "DIALER_ASTERISK_SECRET"),
        (LEAST, "[http]\nprot = 1", "http.prot"),
        (LEAST, "[htp]\nport = 1", "[htp]"),
        (LEAST, "http = 3", "[http]"),
        (LEAST, "[http]\nport = 'x'", "http.port"),
        (LEAST, "[http]\nport = 70000", "http.port"),
        (LEAST, "[http]\nport = true", "http.port"),
        (LEAST, "[http]\nhost = 7", "http.host"),
        (LEAST, "[http]\nsecure_cookies = 'perhaps'", "http.secure_cookies"),
        (LEAST, "[http", "TOML"),
        ({**LEAST, "DIALER_HTTP_PROT": "1"}, "", "DIALER_HTTP_PROT"),
        ({"DIALER_KEYS_MASTER_FILE": "/nowhere", **LEAST_BUT_KEY}, "", "DIALER_KEYS_MASTER_FILE"),
        ({**LEAST, "DIALER_ASTERISK_TRUNK_KIND": "isdn"}, "", "asterisk.trunk_kind"),
    ],
)
def test_an_error_names_the_key(environ: dict[str, str], toml: str, word: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(environ, toml)
    assert word in str(caught.value)


def test_a_secret_may_come_from_a_file() -> None:
    environ = {"DIALER_DATABASE_DSN": "x", "DIALER_KEYS_MASTER": "k", "DIALER_ASTERISK_SECRET_FILE": "/run/secret"}
    assert load(environ, read=lambda path: f"from {path}").asterisk.secret == "from /run/secret"


def test_an_unreadable_file_is_said() -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_file(LEAST, "/nowhere/at/all.toml")
    assert load_file(LEAST, None).http.port == 8080


def test_every_key_has_a_variable_of_its_own() -> None:
    names = [variable(name, entry.name) for name, kind in SECTIONS.items() for entry in fields(kind)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_on_this_machine_asterisk_may_be_spoken_to_in_the_clear(host: str) -> None:
    assert load({**LEAST, "DIALER_ASTERISK_HOST": host}).asterisk.tls is False


@pytest.mark.parametrize(
    ("domain", "chosen", "found"),
    [
        ("127.0.0.1", "", ("udp", 5060)),
        ("192.0.2.20", "", ("none", 5060)),  # nobody asked for phones that anybody on the way can listen to
        ("192.0.2.20", "udp", ("udp", 5060)),
        ("192.0.2.20", "tls", ("tls", 5061)),
        ("127.0.0.1", "none", ("none", 5060)),
    ],
)
def test_own_phones_in_the_clear_are_chosen_or_on_this_machine(
    domain: str, chosen: str, found: tuple[str, int]
) -> None:
    asterisk = load(
        {**LEAST, "DIALER_ASTERISK_SIP_DOMAIN": domain, "DIALER_ASTERISK_PHONES_TRANSPORT": chosen}
    ).asterisk
    assert (asterisk.own_phones, asterisk.phones_port) == found


@pytest.mark.parametrize("host", ["192.0.2.20", "pbx.example.test", "2001:db8::1"])
def test_over_a_network_it_may_not(host: str) -> None:
    far = {**LEAST, "DIALER_ASTERISK_HOST": host}
    with pytest.raises(SettingsError, match=r"asterisk\.tls must be true"):
        load(far)
    assert load({**far, "DIALER_ASTERISK_TLS": "true"}).asterisk.tls is True
    assert load({**far, "DIALER_SERVICE_DEMO": "true"}).asterisk.tls is False, "invented people only"
