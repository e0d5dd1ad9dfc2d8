"""Agents' SIP accounts as rows of Asterisk's own database: written over AMI they work at once, without a reload.

`sorcery.conf` maps the types endpoint, auth and aor to `astdb,dyn` beside the file: family `dyn/<type>`, key = name,
value = a JSON object of the very options of `pjsip.conf`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from dialer.asterisk.config.settings import check_secret, check_word

FAMILY = "dyn"
ACROSS = "across-"
"""Begins the name of the way to another node; the node's name follows."""
ENCRYPTED = {"transport": "tls", "media_encryption": "sdes", "media_encryption_optimistic": "no"}
"""Of an endpoint whose signalling goes over TLS: the key of the sound travels inside it, and without one is no call."""
SAFE = "tls+own"
"""Domain of the transport for TLS. Asterisk looks for an account NAME@DOMAIN by the transport over which a request
came: one that is named so is found by what came over TLS and by nothing else. No host in a request has a plus in it."""
_MAX_VALUE = 900  # an AMI line holds 1,024 bytes


def device_objects(
    device: str,
    secret: str,
    *,
    media_address: str = "127.0.0.1",
    silence_seconds: int = 30,
    browser: bool = False,
    tls: bool = False,
) -> Sequence[tuple[str, str, str]]:
    """`DBPut` rows (family, key, value) that make or re-key the account `device`, in the order to write them.

    The endpoint comes last: until it is there nobody can register. Raises InvalidError on an unsafe name or secret.
    `browser`: the phone is in a browser (WebRTC): SIP over a WebSocket, sound over DTLS-SRTP, its way found by ICE. The
    codec stays that of the residents' lines, which every browser knows too (RFC 7874): nothing is transcoded.
    `tls`: any other phone that must speak TLS and encrypt its sound (SRTP): in the clear it does not exist.
    """
    check_word(device, "device")
    check_secret(secret, "device secret")
    auth = {"auth_type": "digest", "username": device, "password": secret}
    aor = {"max_contacts": "1", "remove_existing": "yes", "qualify_frequency": "0", "maximum_expiration": "300"}
    aor["support_path"] = "yes"  # a phone that registers through a proxy is rung through it
    endpoint = {
        "aors": device,
        "auth": device,
        "context": "nothing",
        "transport": "udp",
        "disallow": "all",
        "allow": "alaw,ulaw",
        "direct_media": "no",
        "rtp_symmetric": "yes",
        "force_rport": "yes",
        "rewrite_contact": "yes",
        "rtp_timeout": str(silence_seconds),
        "rtp_keepalive": "15",
        "dtmf_mode": "rfc4733",
        "send_pai": "no",
        "send_connected_line": "no",
        "media_address": media_address,
        "bind_rtp_to_media_address": "yes",
        "device_state_busy_at": "1",
        "allow_transfer": "no",
    }
    if browser:
        # Without session timers: a refresh would go to the WebSocket that the phone had when the call began.
        endpoint |= {"transport": "ws", "webrtc": "yes", "timers": "no", "rtp_keepalive": "0"}
    elif tls:
        endpoint |= ENCRYPTED
    name = endpoint_of(device, tls=tls and not browser)
    return [_row("auth", device, auth), _row("aor", device, aor), _row("endpoint", name, endpoint)]


def endpoint_of(device: str, *, tls: bool) -> str:
    """Name of the account's endpoint, as it is rung and looked at."""
    return f"{device}@{SAFE}" if tls else device


def device_removals(device: str) -> Sequence[tuple[str, str]]:
    """`DBDel` rows (family, key) that take the account away, its endpoints first."""
    check_word(device, "device")
    endpoints = [(f"{FAMILY}/endpoint", endpoint_of(device, tls=tls)) for tls in (False, True)]
    return [*endpoints, *((f"{FAMILY}/{kind}", device) for kind in ("aor", "auth"))]


def sound_at(endpoint: str, media_address: str) -> str:
    """The value of an endpoint's row as a node writes it whose sound is at `media_address`."""
    value = json.loads(endpoint)
    return json.dumps({**value, "media_address": media_address}, separators=(",", ":"))


def line_objects(
    line: str, trunk: str, *, user: str = "", media_address: str = "127.0.0.1", tls: bool = False
) -> Sequence[tuple[str, str, str]]:
    """`DBPut` rows that make `line`, a way out over the carrier of `trunk` that can be shut by one `DBDel`.

    `tls`: as its trunk, over TLS with encrypted sound. With `user` the line proves itself to the carrier as the trunk
    does: with the secret that stands in pjsip.conf.

    A fence against an owner who wakes up late: each owner dials over a line named by its epoch and shuts its
    predecessors' first. A dial over a shut line makes no channel; calls that are up go on.
    """
    check_word(line, "line")
    check_word(trunk, "trunk")
    endpoint = {
        "aors": trunk,
        "context": "nothing",
        "transport": "udp",
        "disallow": "all",
        "allow": "alaw,ulaw",
        "direct_media": "no",
        "rtp_symmetric": "yes",
        "dtmf_mode": "auto",
        "allow_transfer": "no",
        "send_pai": "yes",
        "send_connected_line": "no",
        "language": "nl",
        "media_address": media_address,
        "bind_rtp_to_media_address": "yes",
    }
    if tls:
        endpoint |= ENCRYPTED
    if user:
        endpoint |= {"outbound_auth": trunk, "from_user": check_word(user, "trunk user")}
    return [_row("endpoint", line, endpoint)]


def line_removals(line: str) -> Sequence[tuple[str, str]]:
    """`DBDel` rows that shut `line`."""
    check_word(line, "line")
    return [(f"{FAMILY}/endpoint", line)]


def _row(kind: str, key: str, value: Mapping[str, str]) -> tuple[str, str, str]:
    text = json.dumps(value, separators=(",", ":"))
    if len(text) > _MAX_VALUE:  # pragma: no cover - guards whoever adds an option
        raise ValueError("too long for one AMI line")
    return f"{FAMILY}/{kind}", key, text
