"""One row of a municipality's list: its fields, and what makes it acceptable.

A row is taken, taken with remarks (something beside the point was dropped: a number that may not be dialled, an
unreadable amount), or refused with every reason at once, so that it can be corrected in one go.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from dialer.domain.intake_values import (
    MAX_NAME,
    clean,
    is_name,
    parse_amount,
    parse_date,
    parse_flag,
    parse_house,
    parse_language,
    parse_postcode,
    parse_reference,
    parse_salutation,
)
from dialer.domain.numbers import PhoneNumber, read_cells

PHONE_FIELDS = ("phone_1", "phone_2", "phone_3")
FIELDS = (
    "client_ref",
    "signal_ref",
    "partner_type",
    "signal_on",
    "arisen_on",
    "amount",
    "crisis",
    "warm_handover",
    "salutation",
    "initials",
    "prefix",
    "surname",
    "birth_date",
    "postcode",
    "house_number",
    "house_addition",
    *PHONE_FIELDS,
    "language",
    "brp_checked_on",
)
REQUIRED = ("client_ref", "partner_type", "signal_on", "surname", "birth_date", "postcode", "house_number")
NUMBERS_FIELDS = ("client_ref", *PHONE_FIELDS, "source", "source_on")
NUMBERS_REQUIRED = ("client_ref", "phone_1")
ADULT_YEARS = 18
OLDEST_SIGNAL = timedelta(days=366)
_COMPANY = re.compile(
    r"\b(?:b\.?v\.?|n\.?v\.?|v\.?o\.?f\.?|c\.?v\.?|stichting|vereniging|holding|maatschap)(?=\W|$)", re.IGNORECASE
)
_PREFIX_WORDS = frozenset(
    ("van", "de", "der", "den", "het", "'t", "ter", "ten", "te", "in", "op", "la", "le", "du", "des", "di", "da", "von")
)


class PartnerType(StrEnum):
    """Sort of creditor that signals (DDAS: signaalpartner.type)."""

    RENT = "rent"
    ENERGY = "energy"
    WATER = "water"
    HEALTH = "health"
    MORTGAGE = "mortgage"
    CAK = "cak"
    DUO = "duo"
    TAX = "tax"
    TELECOM = "telecom"
    OTHER = "other"


_PARTNERS: Mapping[str, PartnerType] = {
    word: partner
    for partner, words in {
        PartnerType.RENT: "huur verhuurder woningcorporatie corporatie woning rent",
        PartnerType.ENERGY: "energie gas elektra elektriciteit stroom warmte energieleverancier energy",
        PartnerType.WATER: "water drinkwater waterbedrijf",
        PartnerType.HEALTH: "zorg zorgverzekering zorgverzekeraar zorgpremie ziektekosten health",
        PartnerType.MORTGAGE: "hypotheek hypotheekverstrekker bank mortgage",
        PartnerType.CAK: "cak",
        PartnerType.DUO: "duo",
        PartnerType.TAX: "belasting belastingen gemeentebelasting tax",
        PartnerType.TELECOM: "telecom telefoon internet",
        PartnerType.OTHER: "overig overige anders other",
    }.items()
    for word in words.split()
}


class Reason(StrEnum):
    """Why a row, or a cell of it, was not taken. Numbers have reasons of their own (NumberReason)."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    NAME_CHARACTERS = "name_characters"
    REFERENCE = "reference_characters"
    PARTNER = "partner_unknown"
    DATE = "date_unreadable"
    DATE_FUTURE = "date_in_future"
    DATE_OLD = "date_too_old"
    BIRTH_DATE = "birth_date_implausible"
    MINOR = "minor"
    COMPANY = "company"
    POSTCODE = "postcode_unreadable"
    HOUSE_NUMBER = "house_number_unreadable"
    FLAG = "not_yes_or_no"
    AMOUNT = "amount_unreadable"
    LANGUAGE = "language_unknown"
    REPEATED = "signal_repeated_in_file"
    KNOWN = "signal_known_already"
    NOT_FOUND = "reference_not_found"
    COLUMNS = "too_many_cells"
    CAME = "not_kept_or_no_show"
    NO_VISIT = "visit_not_found"
    VISIT_CANCELLED = "visit_cancelled"
    VISIT_TO_COME = "visit_to_come"
    VISIT_SEVERAL = "visit_several"
    VISIT_OTHERWISE = "visit_said_otherwise"
    VISIT_REPEATED = "visit_repeated_in_file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A reason at a field. `fatal`: the row is refused; else only this cell was dropped."""

    field: str
    reason: str
    fatal: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRow:
    """An acceptable row. Personal data: the text form shows none of it."""

    client_ref: str
    signal_ref: str
    partner_type: str
    signal_on: date
    crisis: bool
    warm_handover: bool
    surname: str = field(repr=False)  # with its prefix
    initials: str = field(repr=False)
    salutation: str = field(repr=False)  # m, v or empty
    birth_date: date = field(repr=False)
    postcode: str = field(repr=False)
    house_number: int = field(repr=False)
    house_addition: str = field(repr=False)
    language: str
    arisen_on: date | None
    amount_cents: int | None = field(repr=False)
    brp_checked_on: date | None
    phones: tuple[PhoneNumber, ...] = field(repr=False)  # mobile first


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersRow:
    """Numbers found for a resident, by the client's reference."""

    client_ref: str
    phones: tuple[PhoneNumber, ...] = field(repr=False)
    source: str
    source_on: date | None


class _Reading:
    """Cells of one row, and what was found wrong with them so far."""

    __slots__ = ("_cells", "issues")

    def __init__(self, cells: Mapping[str, str]) -> None:
        self._cells = cells
        self.issues: list[Issue] = []

    def text(self, name: str) -> str:
        raw = self._cells.get(name)
        return clean(raw) if raw else ""

    def needed(self, name: str) -> str:
        text = self.text(name)
        if not text:
            self.refuse(name, Reason.MISSING)
        return text

    def refuse(self, name: str, reason: str) -> None:
        self.issues.append(Issue(field=name, reason=reason))

    def remark(self, name: str, reason: str) -> None:
        self.issues.append(Issue(field=name, reason=reason, fatal=False))

    def name(self, name: str, *, needed: bool = False) -> str:
        text = self.needed(name) if needed else self.text(name)
        if len(text) > MAX_NAME:
            self.refuse(name, Reason.TOO_LONG)
        elif not is_name(text):
            self.refuse(name, Reason.NAME_CHARACTERS)
        return text

    def reference(self, name: str, *, needed: bool = False) -> str:
        text = self.needed(name) if needed else self.text(name)
        if text and parse_reference(text) is None:
            self.refuse(name, Reason.REFERENCE)
        return text

    def needed_date(self, name: str) -> date | None:
        text = self.needed(name)
        found = parse_date(text) if text else None
        if text and found is None:
            self.refuse(name, Reason.DATE)
        return found

    def side_date(self, name: str, today: date) -> date | None:
        text = self.text(name)
        if not text:
            return None
        found = parse_date(text)
        if found is None or found > today:
            self.remark(name, Reason.DATE if found is None else Reason.DATE_FUTURE)
            return None
        return found

    def phones(self, *, demo: bool) -> tuple[PhoneNumber, ...]:
        found = read_cells([self._cells.get(name, "") for name in PHONE_FIELDS], demo=demo)
        for refusal in found.refused:
            self.remark(PHONE_FIELDS[refusal.cell], refusal.reason)
        return found.accepted

    @property
    def refused(self) -> bool:
        return any(issue.fatal for issue in self.issues)


def parse_signal_row(
    cells: Mapping[str, str], *, today: date, demo: bool = False
) -> tuple[SignalRow | None, Sequence[Issue]]:
    """A row of a list, from its cells by field name; `today` is the Amsterdam date of receipt.

    None when any issue is fatal. `demo` lets fictional numbers through.
    """
    read = _Reading(cells)
    client_ref = read.reference("client_ref", needed=True)
    signal_ref = read.reference("signal_ref")
    partner = _partner(read)
    signal_on = _signal_date(read, today)
    crisis = _crisis(read)
    surname = _surname(read)
    initials = read.name("initials")
    birth_date = _birth_date(read, surname, today)
    postcode_text = read.needed("postcode")
    postcode = parse_postcode(postcode_text)
    if postcode_text and postcode is None:
        read.refuse("postcode", Reason.POSTCODE)
    house = _house(read)
    warm = parse_flag(read.text("warm_handover"))
    if warm is None:
        read.remark("warm_handover", Reason.FLAG)
    phones = read.phones(demo=demo)
    if read.refused:
        return None, read.issues
    assert signal_on is not None
    assert birth_date is not None
    assert postcode is not None
    assert house is not None
    return SignalRow(
        client_ref=client_ref,
        signal_ref=signal_ref or f"{client_ref}/{partner}/{signal_on.isoformat()}",
        partner_type=partner,
        signal_on=signal_on,
        crisis=crisis,
        warm_handover=bool(warm),
        surname=surname,
        initials=initials,
        salutation=parse_salutation(read.text("salutation")),
        birth_date=birth_date,
        postcode=postcode,
        house_number=house[0],
        house_addition=house[1],
        language=_language(read),
        arisen_on=read.side_date("arisen_on", today),
        amount_cents=_amount(read),
        brp_checked_on=read.side_date("brp_checked_on", today),
        phones=phones,
    ), read.issues


def parse_numbers_row(
    cells: Mapping[str, str], *, today: date, demo: bool = False
) -> tuple[NumbersRow | None, Sequence[Issue]]:
    """A row of an enrichment file: reference, numbers, where they come from and since when."""
    read = _Reading(cells)
    client_ref = read.reference("client_ref", needed=True)
    source = read.name("source")
    source_on = read.side_date("source_on", today)
    before = len(read.issues)
    phones = read.phones(demo=demo)
    if not phones:  # nothing else is in such a row: numbers that may not be dialled refuse it
        refused = read.issues[before:] or [Issue(field="phone_1", reason=Reason.MISSING)]
        read.issues[before:] = [replace(issue, fatal=True) for issue in refused]
    if read.refused:
        return None, read.issues
    return NumbersRow(client_ref=client_ref, phones=phones, source=source, source_on=source_on), read.issues


def _partner(read: _Reading) -> str:
    text = read.needed("partner_type")
    found = _partner_of(text) if text else ""
    if text and not found:
        read.refuse("partner_type", Reason.PARTNER)
    return found


@lru_cache(maxsize=1024)
def _partner_of(text: str) -> str:
    for word in re.split(r"[^a-z]+", text.lower()):
        if word in _PARTNERS:
            return _PARTNERS[word].value
    return ""


def _signal_date(read: _Reading, today: date) -> date | None:
    found = read.needed_date("signal_on")
    if found is not None and found > today:
        read.refuse("signal_on", Reason.DATE_FUTURE)
    elif found is not None and found < today - OLDEST_SIGNAL:
        read.refuse("signal_on", Reason.DATE_OLD)
    return found


def _crisis(read: _Reading) -> bool:
    """A term of three days hangs on this cell: it is never guessed."""
    flag = parse_flag(read.text("crisis"))
    if flag is None:
        read.refuse("crisis", Reason.FLAG)
    return bool(flag)


def _surname(read: _Reading) -> str:
    """Surname with its prefix, whether the list has the prefix apart, in front, or behind a comma."""
    surname = read.name("surname", needed=True)
    prefix = read.name("prefix")
    head, comma, tail = surname.partition(",")
    if comma and not prefix and set(tail.lower().split()) <= _PREFIX_WORDS:
        surname, prefix = head.strip(), tail.strip()
    if prefix and not surname.lower().startswith(prefix.lower() + " "):
        surname = f"{prefix} {surname}"
    return surname


def _birth_date(read: _Reading, surname: str, today: date) -> date | None:
    if not read.text("birth_date") and _COMPANY.search(surname):
        read.refuse("surname", Reason.COMPANY)
        return None
    found = read.needed_date("birth_date")
    if found is None:
        return None
    if found.year < 1900 or found > today:
        read.refuse("birth_date", Reason.BIRTH_DATE)
    elif (found.year + ADULT_YEARS, found.month, found.day) > (today.year, today.month, today.day):
        read.refuse("birth_date", Reason.MINOR)
    return found


def _house(read: _Reading) -> tuple[int, str] | None:
    text = read.needed("house_number")
    house = parse_house(text) if text else None
    if text and house is None:
        read.refuse("house_number", Reason.HOUSE_NUMBER)
    addition = read.name("house_addition")
    if house and addition and addition.lower() != house[1].lower():
        return house[0], f"{house[1]} {addition}".strip()
    return house


def _language(read: _Reading) -> str:
    text = read.text("language")
    found = parse_language(text) if text else "nl"
    if found is None:
        read.remark("language", Reason.LANGUAGE)
    return found or "nl"


def _amount(read: _Reading) -> int | None:
    text = read.text("amount")
    found = parse_amount(text) if text else None
    if text and found is None:
        read.remark("amount", Reason.AMOUNT)
    return found


AMOUNT_BANDS = (7_500, 25_000, 50_000, 100_000, 250_000)
"""Upper bounds in cents of the bands that an agent may see; above the last is a band too."""


def amount_band(cents: int) -> int:
    """Index of the amount's band, 0 for the lowest."""
    return sum(cents >= bound for bound in AMOUNT_BANDS)
