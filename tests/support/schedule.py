"""Builders for histories, in the words of the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dialer.domain.outcome import Catalogue, StepKind
from dialer.schedule.model import History, Last, Number, NumberKind, Past
from dialer.storage.catalogue import first_catalogue

CATALOGUE: Catalogue = first_catalogue()
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""10:00 in Amsterdam."""

MOBILE, FIXED = Number(kind=NumberKind.MOBILE), Number(kind=NumberKind.FIXED)


def history(*numbers: Number, days: float = 21, **more: object) -> History:
    """A fresh case that arrived on MONDAY."""
    base = History(key="case-1", arrival=MONDAY, ends_at=MONDAY + timedelta(days=days), numbers=numbers or (MOBILE,))
    return replace(base, **more)  # type: ignore[arg-type]


def after(past: History, number: int, at: datetime, outcome: str, *, times: int = 1) -> History:
    """The history once the dial of `number` at `at` had `outcome` (for the `times`-th time in the case)."""
    definition = CATALOGUE.get(outcome)
    attempts: Sequence[Past] = (
        *past.attempts,
        Past(
            number=number, at=at, outcome=outcome, counted=definition.counted, lives=outcome in ("BUSY", "THIRD_PARTY")
        ),
    )
    ended = at + timedelta(seconds=40)
    if not definition.counted:
        return replace(past, attempts=tuple(attempts), fault_until=ended + timedelta(minutes=5))
    last = Last(
        number=number, ended_at=ended, outcome=outcome, kind=definition.step.kind_at(times), step=definition.step
    )
    numbers = list(past.numbers)
    if definition.step.close_after_days == 1:
        numbers[number] = replace(numbers[number], closed=outcome)
    elif definition.step.kind is StepKind.NEXT_NUMBER:
        numbers[number] = replace(numbers[number], rest_until=ended.replace(hour=23, minute=0, second=0))
    return replace(past, attempts=tuple(attempts), last=last, numbers=tuple(numbers), fault_until=None)
