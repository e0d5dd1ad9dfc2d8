"""Residents with habits, drawn from the simulator's towns: when each of them picks up, half-hour by half-hour."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from dialer.demo.town_plan import Mood, Turn, Week
from dialer.schedule.simulator.town import HALVES, TOWNS, Line, Resident, Town, half_of
from dialer.schedule.windows import local

CALLS = 16
"""As many calls to a number have a fate of their own; more would break a rule."""
_MOST = 99
_STATES = (0.86, 0.09, 0.0, 0.05)
"""Right, dead, somebody else's (a robot agent could not tell), never picked up."""


@dataclass(frozen=True, slots=True)
class People:
    """Who lives in the town, by number."""

    turns: Sequence[tuple[str, Sequence[Turn]]]
    weeks: Mapping[str, Week]
    reachable: frozenset[str]
    first: date
    days: int

    def half_hour(self, at: datetime) -> int:
        """The town's half-hour at a moment of the calendar; outside the month that of its first or last day."""
        day = (local(at).date() - self.first).days
        return min(max(day, 0), self.days - 1) * HALVES + half_of(at)


def draw(town: str, numbers: Sequence[str], arrival: datetime, days: int, seed: int) -> People:
    """The same numbers and seed give the same people."""
    known = TOWNS[town]
    population = replace(known, kinds=((1.0, ("mobile",)),), states={"mobile": _STATES})
    first, turns, weeks, reachable = local(arrival).date(), [], {}, set()
    last = first + timedelta(days=days)
    for place, number in enumerate(numbers):
        resident = Resident(population, place, arrival, f"month:{town}:{seed}:{place}", last)
        luck = random.Random(f"month:{seed}:{place}:luck")
        [line] = resident.lines
        if line.state != "right":
            turns.append((number, [Turn(mood=Mood.NOT_IN_USE if line.state == "dead" else Mood.NO_ANSWER)]))
            continue
        reachable.add(number)
        turns.append((number, [_there(luck) for _ in range(CALLS)]))
        weeks[number] = Week(
            home=_chances(population, resident, line, first, days),
            luck=[luck.randrange(100) for _ in range(CALLS)],
            away=[_away(luck) for _ in range(CALLS)],
        )
    return People(turns, weeks, frozenset(reachable), first, days)


def _chances(town: Town, resident: Resident, line: Line, first: date, days: int) -> list[int]:
    start = local(resident.contact.arrival)
    found = []
    for day in range(days):
        morning = datetime.combine(first + timedelta(days=day), start.time(), start.tzinfo).replace(hour=8, minute=0)
        for half in range(HALVES):
            at = morning + timedelta(minutes=30 * half)
            open_day = at.weekday() != 6  # nobody is called on Sundays, and the simulator knows no Sunday
            chance = resident.chance(resident.lines.index(line), at, 0) if open_day else 0.0
            found.append(min(round(chance * 100), _MOST))
    return found


def _there(luck: random.Random) -> Turn:
    if luck.random() < 0.02:
        return Turn(mood=Mood.SHORT, after=1)
    return Turn(mood=Mood.ANSWER, after=luck.randint(1, 4), lasts=luck.randint(4, 12))


def _away(luck: random.Random) -> Turn:
    moods = (Mood.NO_ANSWER, Mood.VOICEMAIL, Mood.BUSY, Mood.REJECT)
    mood = luck.choices(moods, (0.4, 0.42, 0.06, 0.12))[0]
    return Turn(mood=mood, after={Mood.VOICEMAIL: 4, Mood.REJECT: 3}.get(mood, 0), lasts=4)
