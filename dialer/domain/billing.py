"""What a month costs: records at the tariff of their day, decimals only, VAT on the bill and nowhere else.

A record is one resident's case in one delivery; it is billed once, whatever number of calls and minutes it takes, at
one price whether we called or the resident did (docs/decisions/billing.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from dialer.domain.errors import ConflictError, InvalidError

CENT = Decimal("0.01")
_MOST_PRICE, _MOST_INDEX = Decimal(10_000), Decimal(100_000)


class NoTariffError(ConflictError):
    """There is no tariff for a day that is billed."""

    code = "no-tariff"


class MonthOpenError(ConflictError):
    """The month is not over."""

    code = "month-open"


class MonthClosedError(ConflictError):
    """The month, or one after it, is closed."""

    code = "month-closed"


class BilledError(ConflictError):
    """A record, or a day, is on a bill already."""

    code = "billed-already"


class Origin(StrEnum):
    """Who called whom. It changes nothing of the price."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"  # reached by the resident's own call, before any of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """Euros for a record, without VAT, from a day on."""

    valid_from: date
    price: Decimal
    vat_percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """A price after an index rose or fell: as it comes out, and as it is rounded to cents."""

    exact: Decimal  # six decimals
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One record of a bill. `sign` -1: taken back by a credit note."""

    price: Decimal
    vat_percent: Decimal
    sign: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What falls under one price and one rate of VAT."""

    price: Decimal
    vat_percent: Decimal
    records: int  # below zero on a credit note
    net: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Of a bill, in euros. `vat` by its rate: rounded once, on the sum."""

    records: int
    rates: Sequence[Rate]
    net: Decimal
    vat: Mapping[Decimal, Decimal]
    gross: Decimal


def cents(amount: Decimal) -> Decimal:
    """Rounded to cents, halves away from zero."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def check_tariff(tariff: Tariff) -> None:
    """Raises InvalidError, with the field."""
    if not (Decimal(0) < tariff.price <= _MOST_PRICE) or tariff.price != cents(tariff.price):
        raise InvalidError("een bedrag in euro's en hele centen, meer dan nul", "price")
    if not (Decimal(0) <= tariff.vat_percent <= Decimal(100)) or tariff.vat_percent != cents(tariff.vat_percent):
        raise InvalidError("een percentage van 0 tot 100, met hoogstens twee decimalen", "vat_percent")


def tariff_on(tariffs: Iterable[Tariff], day: date) -> Tariff:
    """The newest that is valid on this day. Raises NoTariffError."""
    valid = [one for one in tariffs if one.valid_from <= day]
    if not valid:
        raise NoTariffError(f"there is no tariff for {day}")
    return max(valid, key=lambda one: one.valid_from)


def indexed(price: Decimal, before: Decimal, after: Decimal) -> Indexed:
    """`price` times `after` / `before`: index figures as published. Raises InvalidError."""
    if not all(Decimal(0) < one <= _MOST_INDEX for one in (before, after)):
        raise InvalidError("een indexcijfer, meer dan nul", "index")
    exact = (price * after / before).quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)
    return Indexed(exact=exact, price=cents(price * after / before))


def totals(charges: Iterable[Charge]) -> Totals:
    """The sum of the records."""
    counts: dict[tuple[Decimal, Decimal], int] = {}
    for one in charges:
        key = (one.price, one.vat_percent)
        counts[key] = counts.get(key, 0) + one.sign
    rates = [
        Rate(price=price, vat_percent=percent, records=count, net=price * count)
        for (price, percent), count in sorted(counts.items())
    ]
    taxed: dict[Decimal, Decimal] = {}
    for rate in rates:
        taxed[rate.vat_percent] = taxed.get(rate.vat_percent, Decimal(0)) + rate.net
    vat = {percent: cents(net * percent / 100) for percent, net in sorted(taxed.items())}
    net = cents(sum((rate.net for rate in rates), Decimal(0)))
    return Totals(
        records=sum(rate.records for rate in rates),
        rates=rates,
        net=net,
        vat=vat,
        gross=net + sum(vat.values(), Decimal(0)),
    )


def first_of_month(day: date) -> date:
    """The first of its month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first of the month after."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def check_close(month: date, today: date, closed: Iterable[date]) -> None:
    """Whether a month can be closed: it is over, is not closed yet, and none after it is. Raises."""
    if month != first_of_month(month):
        raise InvalidError("de eerste dag van een maand", "month")
    if next_month(month) > today:
        raise MonthOpenError("the month is not over")
    if any(one >= month for one in closed):
        raise MonthClosedError("the month, or a later one, is closed")


def number_of(month: date, sequence: int, slug: str) -> str:
    """How a bill is called: by the client, the month, and its place among them."""
    return f"{month:%Y-%m}-{slug}-{sequence}"
