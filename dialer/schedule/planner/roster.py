"""What the roster says of the half-hours ahead, for whoever reckons how many attempts fit in them.

A week in which an agent has a shift is planned for that agent: his empty hours are empty. Of the others in that week,
and of weeks that nobody has planned, what the weeks before taught stays, but for the days on which they are away. Pure:
figures in, figures out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time

from dialer.domain.ids import UserId
from dialer.domain.roster import RosterDay, monday_of, share_of
from dialer.schedule.planner.rooms import RosterWeek, Slot, Staffing
from dialer.schedule.windows import at_local

_HALVES = [time(hour, minute) for hour in range(24) for minute in (0, 30)]


def rostered(
    learned: Staffing,
    shares: Mapping[UserId, float],
    present: Mapping[UserId, Mapping[Slot, float]],
    days: Iterable[RosterDay],
) -> Staffing:
    """`learned` with the weeks of which the roster says something.

    `shares`: which part of each agent is the campaign's; `present`: agent-weeks of each by half-hour of the week, that
    part of them. Days of others are passed over.
    """
    by_week: dict[date, list[RosterDay]] = defaultdict(list)
    for day in days:
        if day.kept and day.user in shares:
            by_week[monday_of(day.day)].append(day)
    weeks = {}
    for monday, kept in by_week.items():
        planned = {day.user for day in kept if day.shifts}
        away = {(day.user, day.day.weekday()) for day in kept if day.away}
        usual, seen = 0.0, defaultdict[Slot, float](float)
        for user in shares.keys() - planned:
            usual += shares[user]
            for slot, agent_weeks in present.get(user, {}).items():
                if (user, slot[0]) not in away:
                    seen[slot] += agent_weeks
        weeks[monday] = RosterWeek(_planned(kept, shares), replace(learned, usual=usual, present=seen))
    return replace(learned, weeks=weeks)


def _planned(days: Iterable[RosterDay], shares: Mapping[UserId, float]) -> Mapping[datetime, float]:
    found: dict[datetime, float] = defaultdict(float)
    for day in days:
        for half in _HALVES:
            covered = share_of(day.works, half)
            if covered:
                found[at_local(day.day, half)] += covered * shares[day.user]
    return found
