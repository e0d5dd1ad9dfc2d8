"""On which days reports are made by themselves, and of which days each is. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dialer.domain.errors import InvalidError
from dialer.domain.reports.kpis import Period, earlier

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
MOST_MISSED = 12
"""Reports that are made up for after a long time without us; older ones are not."""


class Every(StrEnum):
    """How often."""

    MONTH = "month"  # of the calendar month before
    WEEK = "week"  # of the week before, Monday to Sunday


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """`day`: of the month, 1 to 28; of the week, 1 (Monday) to 7."""

    every: Every
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A report that is to be made on `on`, of `period`."""

    on: date
    period: Period


def check_rhythm(rhythm: Rhythm) -> None:
    """Raises InvalidError."""
    most = 28 if rhythm.every is Every.MONTH else 7
    if not 1 <= rhythm.day <= most:
        raise InvalidError(f"een dag van 1 tot en met {most}", "day")


def due(rhythm: Rhythm, after: date, until: date) -> Sequence[Due]:
    """What is to be made on days after `after`, up to and with `until` (Amsterdam dates), the oldest first."""
    found: list[Due] = []
    day = until
    while day > after and len(found) < MOST_MISSED:
        if (day.day if rhythm.every is Every.MONTH else day.isoweekday()) == rhythm.day:
            found.insert(0, Due(on=day, period=_period(rhythm.every, day)))
        day -= _DAY
    return found


def _period(every: Every, on: date) -> Period:
    if every is Every.MONTH:
        first = on.replace(day=1)
        month = Period(first=first, last=(first + timedelta(days=31)).replace(day=1) - _DAY)
        return earlier(month, 1)[0]
    monday = on - (on.isoweekday() - 1) * _DAY
    return Period(first=monday - _WEEK, last=monday - _DAY)
