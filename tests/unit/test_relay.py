"""Leave to use the relay, as the draft has it, and that nothing can be set by half."""

from __future__ import annotations

import pytest

from dialer.config import SettingsError, load
from dialer.security.relay import Relay, credential

NEEDED = {
    "DIALER_DATABASE_DSN": "postgresql://dialer@127.0.0.1/dialer",
    "DIALER_ASTERISK_SECRET": "geheim",
    "DIALER_KEYS_MASTER": "x",
}
SECRET = "s" * 24


def test_a_name_that_ends_and_its_hmac() -> None:
    now = 1_000.9
    relay = Relay(["turn:a", "turns:b:443?transport=tcp"], SECRET, wall=lambda: now, seconds=3600)
    given = relay.grant("w-1")
    assert given.urls == ("turn:a", "turns:b:443?transport=tcp")
    assert given.username == "4600:w-1"
    # echo -n 4600:w-1 | openssl dgst -sha1 -hmac ssssssssssssssssssssssss -binary | base64
    assert given.credential == credential(SECRET, "4600:w-1") == "jYTRXPS5QUH/EzoeZ3iH2DcaHRE="
    assert given.credential not in repr(given)
    relay.renew("t" * 24)
    assert relay.grant("w-1").credential == credential("t" * 24, "4600:w-1") != given.credential


@pytest.mark.parametrize(
    "urls", ["turn:relay.example.nl", "turn:192.0.2.1:3478?transport=udp turns:relay.example.nl:443?transport=tcp"]
)
def test_a_relay_has_addresses_and_a_secret(urls: str) -> None:
    given = {**NEEDED, "DIALER_RELAY_URLS": urls}
    assert load({**given, "DIALER_RELAY_SECRET": SECRET}).relay.urls == urls
    with pytest.raises(SettingsError, match=r"relay\.secret"):
        load(given)
    with pytest.raises(SettingsError, match=r"relay\.secret"):
        load({**given, "DIALER_RELAY_SECRET": "short"})
    assert not load(NEEDED).relay.urls


@pytest.mark.parametrize("urls", ["https://relay", "turn:", "turns:a?transport=sctp", "turn:a stun:b"])
def test_what_is_no_address_is_refused(urls: str) -> None:
    with pytest.raises(SettingsError, match=r"relay\.urls"):
        load({**NEEDED, "DIALER_RELAY_URLS": urls, "DIALER_RELAY_SECRET": SECRET})
