"""Whether agents' own SIP phones would come in as the settings have it: looked at from outside, as a phone does."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import time
from typing import NamedTuple

from dialer.config import Asterisk

_SECONDS = 5.0
_SOON = 14 * 86_400.0
"""Where the alert CertificateEnds begins."""


class Seen(NamedTuple):
    """What a look at the phones' door showed."""

    ok: bool
    detail: str
    mend: str = ""


async def look(asterisk: Asterisk) -> Seen:
    """As `dialer doctor` says it."""
    match asterisk.own_phones:
        case "none":
            return Seen(True, "there are none")
        case "udp":
            return _plain(asterisk)
        case "tls":
            return await _encrypted(asterisk)


def _plain(asterisk: Asterisk) -> Seen:
    address = ipaddress.ip_address(asterisk.sound_at)
    mend = (
        "whoever is on the way hears conversations: DIALER_ASTERISK_PHONES_TRANSPORT=tls, or none where agents use the "
        "phone in the panel: docs/run.md"
    )
    where = "this machine" if address.is_loopback else "a private network" if address.is_private else "a public address"
    return Seen(address.is_private, f"in the clear (UDP), on {where}", mend)


async def _encrypted(asterisk: Asterisk) -> Seen:
    place = f"{asterisk.sip_domain}:{asterisk.phones_port}"
    mend = (
        "does the certificate name DIALER_ASTERISK_SIP_DOMAIN, is it signed by DIALER_ASTERISK_TLS_CA (empty: by whom "
        "this machine believes), do certificate and key belong together, and was res_pjsip reloaded after they "
        "changed? docs/operate.md"
    )
    try:
        context = ssl.create_default_context(cafile=asterisk.tls_ca or None)
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(asterisk.sip_domain, asterisk.phones_port, ssl=context)
    except ssl.SSLCertVerificationError as error:
        return Seen(False, f"TLS on {place}: {error.verify_message}", mend)
    except (OSError, TimeoutError) as error:
        return Seen(False, f"TLS on {place}: {type(error).__name__}", mend)
    certificate = writer.get_extra_info("peercert")
    writer.transport.abort()  # nothing was said, and who waits for a goodbye may wait long
    left = ssl.cert_time_to_seconds(certificate["notAfter"]) - time.time()  # noqa: TID251 - the date itself is looked at
    detail = f"TLS on {place}, certificate for {left / 86_400:.0f} days more"
    return Seen(left > _SOON, detail, "renew the certificate, then `module reload res_pjsip.so`: docs/operate.md")
