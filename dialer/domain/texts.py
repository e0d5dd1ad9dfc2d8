"""What no free text may hold."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dialer.domain.errors import InvalidError

_NINE = re.compile(r"(?<!\d)\d(?:[ .-]?\d){8}(?!\d)")


class BsnError(InvalidError):
    """A citizen service number has no place in a text."""

    code = "bsn"


def looks_like_bsn(text: str) -> bool:
    """True when the text holds nine digits that pass the check of a citizen service number (the "elfproef")."""
    for match in _NINE.finditer(text):
        digits = [int(sign) for sign in match.group() if sign.isdigit()]
        total = sum(digit * weight for digit, weight in zip(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))
        if total % 11 == 0 and any(digits):
            return True
    return False


_BSN_TITLE = re.compile(r"bsn|burgerservice|sofinummer|citizenservice")
_LEAST_REFERENCES = 8
"""One nine-digit number in eleven passes the check by chance: eight in a row do not."""


def is_bsn_title(title: str) -> bool:
    """Whether a column's heading says that it holds citizen service numbers."""
    return _BSN_TITLE.search(re.sub(r"[^a-z]", "", title.casefold())) is not None


def are_bsns(references: Sequence[str]) -> bool:
    """Whether a list's references are citizen service numbers: all that have nine digits pass, and there are enough."""
    nine = [one for one in references if _NINE.fullmatch(one.strip())]
    return len(nine) >= _LEAST_REFERENCES and all(looks_like_bsn(one) for one in nine)


class PersonalError(InvalidError):
    """A text that must name nobody seems to tell who somebody is."""

    code = "personal"


_TELLING = re.compile(
    r"(?<!\d)(?:\+|00|0)[1-9](?:[ .-]?\d){7,}"  # a telephone number
    r"|[^\s@]+@[^\s@]+\.[^\s@]+"  # an address of mail
    r"|(?<!\w)[1-9]\d{3} ?[A-Za-z]{2} ?\d"  # postcode and house number
    r"|(?<!\d)\d{1,2}[-/.]\d{1,2}[-/.](?:19\d\d|20[01]\d)(?!\d)"  # a birth date as it is written
)


def impersonal_text(text: str, longest: int, field: str) -> str:
    """As `checked_text`, may be empty. Raises PersonalError for numbers, addresses, dates that lead to somebody."""
    cleaned = text.strip()
    if not cleaned:
        return ""
    checked_text(cleaned, longest, field)
    if _TELLING.search(cleaned):
        raise PersonalError("hier staat een nummer, adres of datum van iemand", field)
    return cleaned


def checked_text(text: str, longest: int, field: str) -> str:
    """Without blanks around it. Raises InvalidError when it is empty or too long, BsnError."""
    cleaned = text.strip()
    if not cleaned or len(cleaned) > longest:
        raise InvalidError(f"1 tot {longest} tekens", field)
    if looks_like_bsn(cleaned):
        raise BsnError("dit lijkt op een BSN", field)
    return cleaned
