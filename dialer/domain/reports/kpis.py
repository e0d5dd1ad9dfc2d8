"""KPIs: how a figure stands to what was agreed for it, and the earlier periods that it is shown beside. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dialer.domain.errors import InvalidError
from dialer.domain.reports.operations import EMPTY, TIMED, TOTAL, Agreement, Better, Found, Kpi, Unit, quotient
from dialer.domain.reports.rounding import OFF

MOST: Mapping[Unit, float] = {Unit.SHARE: 1.0, Unit.SECONDS: 600.0, Unit.SCORE: 100.0}
"""What may be agreed at most."""


class Standing(StrEnum):
    """How a KPI stands."""

    MET = "met"
    WITHIN = "within"  # off its target, within the band that was agreed
    MISSED = "missed"
    UNKNOWN = "unknown"  # nothing was measured, or rounding hides which


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What came out, and between which bounds it lies for sure."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Amsterdam dates, both included."""

    first: date
    last: date


def measured(kpi: Kpi, found: Found, *, whole: bool) -> Measured:
    """`whole` False: `found` is rounded, so each count may be off by two."""
    total = found.get(kpi.section, {}).get(TOTAL, EMPTY)
    if kpi.unit in TIMED:
        timing = total.timings.get(kpi.timing)
        told = None if timing is None else timing.value
        return Measured(value=told, low=told, high=told)
    part, over = (total.counts.get(key, 0) for key in kpi.of)
    share = quotient(part, over)
    if whole or share is None:
        return Measured(value=share, low=share, high=share)
    return Measured(
        value=share, low=max(0, part - OFF) / (over + OFF), high=min(1.0, (part + OFF) / (over - OFF))
    )  # fmt: skip


def standing(kpi: Kpi, agreed: Agreement, found: Measured) -> Standing:
    """The bounds themselves are as agreed."""
    if found.value is None or found.low is None or found.high is None:
        return Standing.UNKNOWN
    low, high = _stands(kpi, agreed, found.low), _stands(kpi, agreed, found.high)
    return low if low is high else Standing.UNKNOWN


def _stands(kpi: Kpi, agreed: Agreement, value: float) -> Standing:
    short = agreed.target - value if kpi.better is Better.HIGH else value - agreed.target
    short = round(short, 9)  # 0.80 - 0.75 shall be five points
    if short <= 0:
        return Standing.MET
    return Standing.WITHIN if short <= agreed.band else Standing.MISSED


def check_agreement(kpi: Kpi, agreed: Agreement) -> None:
    """Raises InvalidError with the KPI's key."""
    most = MOST[kpi.unit]
    if not 0 <= agreed.target <= most:
        raise InvalidError(f"geen getal van 0 tot en met {most:g}", f"{kpi.key}.target")
    if not 0 <= agreed.band <= most:
        raise InvalidError(f"geen getal van 0 tot en met {most:g}", f"{kpi.key}.band")


def whole_months(period: Period) -> bool:
    """Whether it is made of whole calendar months."""
    return period.first.day == 1 and (period.last + timedelta(days=1)).day == 1


def earlier(period: Period, many: int) -> Sequence[Period]:
    """As many periods before it of the same length, the oldest first: in months when it is made of months."""
    found: list[Period] = []
    while len(found) < many:
        period = _before(period)
        found.insert(0, period)
    return found


def _before(period: Period) -> Period:
    last = period.first - timedelta(days=1)
    if not whole_months(period):
        return Period(first=last - (period.last - period.first), last=last)
    months = 12 * (period.last.year - period.first.year) + period.last.month - period.first.month + 1
    place = 12 * period.first.year + period.first.month - 1 - months
    return Period(first=date(place // 12, place % 12 + 1, 1), last=last)
