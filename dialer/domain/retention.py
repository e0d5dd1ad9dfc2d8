"""When the personal data of a delivery goes: so many days after the last thing that it was needed for.

A delivery waits as long as something of it is unfinished: then nothing may be lost. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Waits(StrEnum):
    """What keeps a delivery's data."""

    CASES = "cases"  # still dialled, or held for the client's decision
    HAND_OVER = "hand_over"  # a result whose receipt the client has not confirmed
    COMPLAINTS = "complaints"  # a complaint that has no answer yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What of a delivery is unfinished, and when something of it was last needed (calendar time, UTC)."""

    received_at: datetime
    open_cases: int
    not_handed_over: int
    open_complaints: int
    never_receipted: int = 0  # results whose receipt was waited for long enough: they keep nothing any more
    last_at: datetime | None  # closed, handed over, an appointment's time, answered; None: nothing of it was taken in


def waits_for(standing: Standing) -> list[Waits]:
    """Empty: nothing, its term runs."""
    counts = (
        (Waits.CASES, standing.open_cases),
        (Waits.HAND_OVER, standing.not_handed_over),
        (Waits.COMPLAINTS, standing.open_complaints),
    )
    return [what for what, count in counts if count]


def ends_at(standing: Standing, days: int) -> datetime | None:
    """When its term of so many days is over; None while it waits."""
    if waits_for(standing):
        return None
    return max(standing.received_at, standing.last_at or standing.received_at) + timedelta(days=days)


def is_over(standing: Standing, days: int, at: datetime) -> bool:
    """Whether the data is to go."""
    ends = ends_at(standing, days)
    return ends is not None and ends <= at
