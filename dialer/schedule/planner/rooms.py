"""How many attempts fit in each half-hour, and how many are planned for it already.

What fits follows from who is there: as the roster says (`roster.py`) in weeks that it plans, else the agents of that
half-hour of the week as they were on duty in the weeks before, and until there is anything to go by, those who serve
the campaign. Pure: figures in, figures out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from dialer.domain.roster import monday_of
from dialer.schedule.planner.choose import Bookings
from dialer.schedule.planner.week import HALF, Half
from dialer.schedule.windows import local

Slot = tuple[int, int]
"""A half-hour of the week by the wall clock: weekday (0 is Monday) and half-hours since midnight."""

_WEEK = timedelta(weeks=1)
USUAL_WEEKS = 0.25
"""What the number of agents who serve the campaign is worth, against weeks in which one looked who was there."""
USUAL_SECONDS, USUAL_ATTEMPTS = 90.0, 50.0
"""An agent's time for an attempt before there is anything to go by: most ring in vain, some become conversations."""
BUSY_SHARE = 0.85
"""Of the time on duty: the rest is breath, pauses, callers."""


def half_of(at: datetime) -> datetime:
    """The half-hour that a moment lies in, by its beginning, in the moment's own time zone."""
    return at.replace(minute=at.minute // 30 * 30, second=0, microsecond=0)


def slot_of(at: datetime) -> Slot:
    """The half-hour of the week."""
    clock = local(at)
    return clock.weekday(), clock.hour * 2 + clock.minute // 30


@dataclass(frozen=True, slots=True)
class RosterWeek:
    """A week of which something is planned."""

    planned: Mapping[datetime, float]  # agents by the beginning of the half-hour; one that is missing: none
    others: Staffing  # of whom nothing is planned that week


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """Agents by half-hour of the week. An agent who serves several campaigns is shared among them."""

    usual: float  # agents who serve the campaign
    since: datetime | None = None  # from when to when one looked who was there; None: nobody was ever on duty
    until: datetime | None = None
    present: Mapping[Slot, float] = field(default_factory=dict)  # agent-weeks: the sum over the weeks
    seconds: float = 0.0  # of agents, for
    attempts: int = 0  # so many attempts
    weeks: Mapping[date, RosterWeek] = field(default_factory=dict)  # that the roster plans, by their Monday

    def agents(self, at: datetime) -> float:
        """Agents expected in the half-hour of `at`."""
        week = self.weeks.get(monday_of(local(at).date()))
        if week is not None:
            return week.planned.get(half_of(at), 0.0) + week.others.agents(at)
        seen = self.present.get(slot_of(at), 0.0)
        return (seen + USUAL_WEEKS * self.usual) / (self._weeks(at) + USUAL_WEEKS)

    def _weeks(self, at: datetime) -> int:
        """How many times this half-hour of the week was looked at."""
        if self.since is None or self.until is None:
            return 0
        return max((at - self.since) // _WEEK - max((at - self.until) // _WEEK, -1), 0)

    def attempts_each(self) -> float:
        """Attempts that one agent makes in half an hour."""
        taken = (self.seconds + USUAL_ATTEMPTS * USUAL_SECONDS) / (self.attempts + USUAL_ATTEMPTS)
        return BUSY_SHARE * HALF.total_seconds() / max(taken, 1.0)

    def capacity(self, at: datetime) -> float:
        """Attempts that fit in the half-hour of `at`."""
        return self.agents(at) * self.attempts_each()


class Rooms(Bookings):
    """A campaign's half-hours. `planned` is by the beginning of the half-hour, in UTC."""

    def load(self, half: Half) -> float:
        """See Bookings; a half-hour of which a window leaves a part counts as the whole."""
        if self.capacity is None:
            return 0.0
        start = half_of(half.start)
        room = self.capacity(start) * self.overbook
        return self.planned[start] / room if room > 0 else float("inf")

    def book(self, at: datetime) -> None:
        """One attempt more is planned then."""
        self.planned[half_of(at)] += 1
