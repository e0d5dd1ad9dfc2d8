"""What a resident is told of an appointment, and where to: only when he asked for it. Pure."""

from __future__ import annotations

import re
from enum import StrEnum

from dialer.domain.errors import InvalidError
from dialer.domain.numbers import PhoneNumber, parse_number


class NoticeKind(StrEnum):
    """What it tells."""

    CONFIRM = "confirm"
    MOVE = "move"
    CANCEL = "cancel"


class Via(StrEnum):
    """How it goes."""

    EMAIL = "email"
    SMS = "sms"


_LONGEST = 254
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@(?:{_LABEL}\.)+[A-Za-z]{{2,63}}")


def address_of(via: Via, text: str) -> str:
    """The address as it is used. Raises InvalidError."""
    text = text.strip()
    if via is Via.EMAIL:
        if len(text) > _LONGEST or not _EMAIL.fullmatch(text) or ".." in text:
            raise InvalidError("dit is geen e-mailadres", "confirm_to")
        return text
    number = parse_number(text, demo=True)  # invented numbers are no danger: nobody has them
    if not isinstance(number, PhoneNumber) or not number.e164.startswith("+316"):
        raise InvalidError("een mobiel nummer, met 06", "confirm_to")
    return number.e164
