"""One-time codes of an authenticator app: HOTP (RFC 4226) over time steps, TOTP (RFC 6238).

SHA-1, six digits and 30 seconds, because that is what every app makes without being told otherwise. SHA-1's collisions
do not matter here: it is used as a keyed hash (RFC 6238, section 1.2).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence
from urllib.parse import quote

STEP_SECONDS = 30
DIGITS = 6
DRIFT = 1
"""Steps that a phone's clock may be off, either way."""


def code_at(secret: bytes, step: int) -> str:
    """The code of one time step (RFC 4226, section 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(secret: bytes, code: str, unix: float, after: int) -> int | None:
    """Which time step this code is of: the present one or `DRIFT` beside it; None for a wrong or old code.

    `after`: the last step that was used. It and all before it are refused (RFC 6238, section 5.2). Each candidate is
    compared in constant time.
    """
    now = int(unix) // STEP_SECONDS
    found: int | None = None
    for step in range(now - DRIFT, now + DRIFT + 1):
        fits = hmac.compare_digest(code_at(secret, step).encode(), code.encode("utf-8", "replace"))
        if fits and step > after:
            found = step
    return found


def text_of(secret: bytes) -> str:
    """The secret as apps and people type it: base32 without padding."""
    return base64.b32encode(secret).decode().rstrip("=")


def secret_of(text: str) -> bytes:
    """The reverse of `text_of`, blanks and small letters allowed. Raises ValueError."""
    plain = text.replace(" ", "").upper()
    try:
        return base64.b32decode(plain + "=" * (-len(plain) % 8))
    except binascii.Error:
        raise ValueError("not base32") from None


def address_of(secret: bytes, *, issuer: str, account: str) -> str:
    """What a QR code says to an authenticator app (the Key URI format)."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    return f"otpauth://totp/{label}?secret={text_of(secret)}&issuer={quote(issuer, safe='')}"


RECOVERY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike."""
RECOVERY_LENGTH = 12
"""59 bits; what is stored is a keyed hash."""
RECOVERY_CODES = 10


def recovery_text(letters: Sequence[str]) -> str:
    """Letters in groups of four, as they are shown."""
    joined = "".join(letters)
    return "-".join(joined[at : at + 4] for at in range(0, len(joined), 4))


def plain_code(typed: str) -> str:
    """What was typed without blanks and dashes, in small letters: six digits, or a recovery code."""
    return "".join(character for character in typed.lower() if character not in " -\u00a0\u2011\u2013")


def is_recovery(plain: str) -> bool:
    """Whether it can be a recovery code."""
    return len(plain) == RECOVERY_LENGTH and all(letter in RECOVERY_LETTERS for letter in plain)
