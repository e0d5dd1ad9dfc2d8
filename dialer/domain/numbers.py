"""Telephone numbers as they stand in lists: to E.164, and which of them may be dialled at all.

Allowed: Dutch geographic numbers, mobile (061-065, 068), 085 and 088. Everything else is refused with a reason: short
and service numbers (112, 14x, 0800, 090x ...), pagers, machines, foreign. Mobile ranges and refused ranges are our own
table; whether an area code exists says `phonenumbers`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

import phonenumbers


class NumberKind(StrEnum):
    """What the planner distinguishes."""

    MOBILE = "mobile"
    FIXED = "fixed"


class NumberReason(StrEnum):
    """Why a number is not dialled."""

    UNREADABLE = "number_unreadable"
    TOO_SHORT = "number_too_short"
    TOO_LONG = "number_too_long"
    FOREIGN = "number_foreign"
    SERVICE = "number_service"  # 112, 113, 116, 14x, 18x, 0800, 090x
    RANGE = "number_range"  # 066, 067, 069, 082, 084, 087, 091, 097: pagers, data, machines, redirection
    UNKNOWN_AREA = "number_unknown_area"
    TEST = "number_test"  # 060: fiction, for the demo only


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneNumber:
    """A number that may be dialled. The text form shows nothing of it."""

    e164: str = field(repr=False)
    kind: NumberKind


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRefusal:
    """A number that may not be dialled: the place of its cell among those given, and why."""

    cell: int
    reason: NumberReason


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberSet:
    """What a row's number cells hold: accepted ones, mobile first, each once; and the refused."""

    accepted: tuple[PhoneNumber, ...]
    refused: tuple[NumberRefusal, ...]


_PLAIN_NUMBER = re.compile(r"\+?(?!0+\Z)[0-9]{9,13}")  # as most are: nothing to clean, nothing to split
_SEPARATORS = re.compile(r"\s*(?:[/;,|&\n\r]|\b(?:of|en|or|and)\b)\s*", re.IGNORECASE)
_LABEL = re.compile(r"(?:tel(?:efoon)?|mob(?:iel)?|vast|thuis|werk|nr)?[.:]?\s*", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[\s.()\[\]/\\'\"_‐-―−-]+")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_SERVICE = re.compile(r"0?(?:800|90\d)")
_SHORT_SERVICE = re.compile(r"1\d\d|116\d{3}|14\d{2,4}|1[38]\d\d")
_NOTE = re.compile(r"\([^()\d]*\)")  # 06... (werk)
_DECIMALS = re.compile(r"(?<=\d)\.0+$")  # a number cell that was written out as a fraction
_FULL = 9  # digits of a national number without its zero
_NO_TEXT = frozenset({"", "-", "--", "geen", "nvt", "n.v.t.", "n.v.t", "onbekend", "none", "unknown", "nb", "?", "0"})


def parse_number(text: str, *, demo: bool = False) -> PhoneNumber | NumberReason:
    """One number as somebody typed it. `demo` lets the fictional range 060 through; nothing real is issued there."""
    digits = text if _PLAIN_NUMBER.fullmatch(text) else _digits(text)
    if digits is None:
        return NumberReason.UNREADABLE
    national = _national(digits)
    if isinstance(national, NumberReason):
        return national
    kind = _kind(national, demo=demo)
    return kind if isinstance(kind, NumberReason) else PhoneNumber(e164=f"+31{national}", kind=kind)


def split_cell(text: str) -> list[str]:
    """The numbers in one cell: two may be parted by `/`, `,`, `;`, `of`, `en`, or only by a blank."""
    stripped = text.strip()
    if _PLAIN_NUMBER.fullmatch(stripped):
        return [stripped]
    if stripped.lower() in _NO_TEXT:
        return []
    parts = [part for part in _SEPARATORS.split(stripped) if part.strip()]
    if len(parts) > 1:
        # `079/1234567` is one number, `0612345678/0791234567` are two: a full one has nine digits or more.
        if any(_count(part) >= _FULL for part in parts):
            return parts
        return [stripped.replace(",", " ")]
    words = stripped.split()
    if len(words) > 1 and all(_count(word) >= _FULL for word in words):
        return words
    return [stripped]


def read_cells(cells: Iterable[str], *, demo: bool = False) -> NumberSet:
    """All number cells of one row, in order of preference: mobile before fixed, else as given."""
    accepted: dict[str, PhoneNumber] = {}
    refused: list[NumberRefusal] = []
    for place, cell in enumerate(cells):
        if not cell:
            continue
        for part in split_cell(cell):
            result = parse_number(part, demo=demo)
            if isinstance(result, PhoneNumber):
                accepted.setdefault(result.e164, result)
            else:
                refused.append(NumberRefusal(cell=place, reason=result))
    ordered = sorted(accepted.values(), key=lambda number: number.kind is not NumberKind.MOBILE)
    return NumberSet(accepted=tuple(ordered), refused=tuple(refused))


def masked(e164: str) -> str:
    """For screens that may not show it: country, first digit and the last two."""
    return f"{e164[:4]}••••••{e164[-2:]}"


def _count(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _digits(text: str) -> str | None:
    """Digits with an optional leading plus; None when something else is left."""
    plain = text
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKC", plain) if unicodedata.category(c) != "Cf")
    plain = _DECIMALS.sub("", _LABEL.sub("", _NOTE.sub("", plain).strip(), count=1))
    plain = _PUNCTUATION.sub("", _TRUNK_ZERO.sub("", plain))
    body = plain[1:] if plain.startswith("+") else plain
    return plain if body.isascii() and body.isdigit() and body.strip("0") else None


def _national(digits: str) -> str | NumberReason:
    """The nine digits after +31, or why there are none."""
    if digits.startswith(("+", "00")):
        rest = digits.lstrip("+").removeprefix("00")
        if not rest.startswith("31"):
            return NumberReason.FOREIGN
        rest = rest[2:].removeprefix("0")
    elif digits.startswith("31") and len(digits) == _FULL + 2:
        rest = digits[2:]
    elif digits.startswith("310") and len(digits) == _FULL + 3:
        rest = digits[3:]
    else:
        rest = digits.removeprefix("0")  # with nine digits and no zero a spreadsheet has eaten it
    if _SERVICE.match(rest):
        return NumberReason.SERVICE
    if len(rest) < _FULL:
        return NumberReason.SERVICE if _SHORT_SERVICE.fullmatch(rest) else NumberReason.TOO_SHORT
    if len(rest) > _FULL:
        return NumberReason.RANGE if rest.startswith("97") else NumberReason.TOO_LONG
    return rest


_MOBILE = frozenset("123458")  # second digit: 061-065, 068
_PLAIN = frozenset({"85", "88"})
_REFUSED = frozenset({"82", "84", "87", "91", "97"})


def _kind(national: str, *, demo: bool) -> NumberKind | NumberReason:
    head = national[:2]
    if head[0] == "6":
        if head[1] in _MOBILE:
            return NumberKind.MOBILE
        if head[1] == "0":
            return NumberKind.MOBILE if demo else NumberReason.TEST
        return NumberReason.RANGE
    if head in _PLAIN:
        return NumberKind.FIXED
    if head in _REFUSED:
        return NumberReason.RANGE
    return NumberKind.FIXED if _area_exists(national[:5]) else NumberReason.UNKNOWN_AREA


@lru_cache(maxsize=100_000)
def _area_exists(prefix: str) -> bool:
    """Whether numbers of this prefix are geographic. The Dutch plan decides by the first digits, so five tell it."""
    number = phonenumbers.PhoneNumber(country_code=31, national_number=int(prefix + "0000"))
    return phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE
