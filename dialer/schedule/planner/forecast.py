"""What reach will come of it: the sum of everybody's chances, with an interval.

For each open resident the chance over the attempts that are likely to be made, each at the best hours that his belief
then leaves. The interval holds the luck (each is reached or not) and the doubt about the model (all chances wrong the
same way).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import mul

from dialer.schedule.model import NumberKind
from dialer.schedule.planner.calibration import ASSUMED
from dialer.schedule.planner.choose import Bookings, Pace, choose
from dialer.schedule.planner.model import Model, Seen
from dialer.schedule.planner.values import Attempt, Info, Record, Result
from dialer.schedule.planner.week import Grid

Z = 1.645
"""Nine in ten forecasts shall hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Expected reach, as shares of the callable residents."""

    reach: float
    low: float
    high: float
    expected: float = 0.0  # residents still to be reached
    luck: float = 0.0  # variance of that count, if every chance is right


def chance_within(model: Model, kinds: Sequence[NumberKind], attempts: Sequence[Seen], planned: int) -> float:
    """The chance that one of the next `planned` attempts reaches the resident, each at the best hour by then.

    The attempts go to the number that looked best at the start; a second number is worth a little more than that.
    """
    belief = model.belief(kinds, attempts)
    found = [(max(model.chances(belief, n, kind)), n) for n, kind in enumerate(kinds) if n not in belief.closed]
    if not found or planned <= 0:
        return 0.0
    number = max(found)[1]
    weights = belief.weights[number]
    lost = belief.total - sum(weights)  # the number is dead
    for _ in range(planned):
        hits = [sum(map(mul, weights, row)) for row in model.hit[kinds[number]]]
        row = model.miss[kinds[number]][hits.index(max(hits))]
        weights = list(map(mul, weights, row))
    return 1 - (sum(weights) + lost) / belief.total


def forecast(
    reached: int, chances: Sequence[float], callable_residents: int, *, weight: float = 1.0, doubt: float = ASSUMED
) -> Forecast:
    """Reach when `reached` are reached already and the open ones have these chances.

    `weight` above 1: the chances are those of a random sample, each stands for so many residents.
    `doubt`: spread of what all chances together may be off, as a share (`calibration.learned_doubt`).
    """
    if callable_residents <= 0:
        return Forecast(reach=0.0, low=0.0, high=0.0)
    expected = weight * sum(chances)
    luck = weight * sum(p * (1 - p) for p in chances)
    mean = sum(chances) / max(len(chances), 1)
    drawn = weight * (weight - 1) * sum((p - mean) ** 2 for p in chances)
    spread = Z * math.sqrt(luck + drawn + (doubt * expected) ** 2)
    most = reached + weight * len(chances)
    return Forecast(
        reach=(reached + expected) / callable_residents,
        low=max(reached, reached + expected - spread) / callable_residents,
        high=min(most, reached + expected + spread) / callable_residents,
        expected=expected,
        luck=luck + drawn,
    )


Ahead = Sequence[tuple[datetime, float]]
"""A resident's attempts to come if none succeeds: when, and the chance that one of them so far does."""


def ahead(model: Model, pace: Pace, info: Info, grid: Grid, record: Record, start: datetime) -> Ahead:
    """The plan from `start` to its end, each attempt taken for missed before the next one is chosen."""
    found: list[tuple[datetime, float]] = []
    lost = 1.0
    while (choice := choose(model, pace, info, grid, record, start, Bookings())) is not None:
        at, number, chance = choice[0].at, choice[0].number, choice[0].chance
        lost *= 1 - chance
        found.append((at, 1 - lost))
        missed = Attempt(contact=record.contact.id, number=number, at=at, result=Result.NO_ANSWER)
        record, start = replace(record, attempts=(*record.attempts, missed)), at
    return found


def chance_by(plan: Ahead, until: datetime, share: float = 1.0) -> float:
    """The chance of contact before `until`, when only this share of the attempts can be made."""
    made = share * sum(at < until for at, _ in plan)
    whole = int(made)
    low = plan[whole - 1][1] if whole else 0.0
    return low + (made - whole) * (plan[whole][1] - low) if made > whole else low


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Residents of one delivery who were reached on the same day after it; `day` None: not reached."""

    arrival: datetime
    day: int | None
    residents: int
    ends_at: datetime  # when planning ends for the last of them


def reached_within(groups: Sequence[Group], days: float = math.inf) -> int:
    """Residents reached within so many days of their delivery."""
    return sum(g.residents for g in groups if g.day is not None and g.day < days)


def reach_by_day(groups: Sequence[Group], now: datetime, days: int) -> list[float]:
    """Share reached by the end of each day after the delivery (product limit: deliveries still young count in part).

    Ends where no delivery is old enough.
    """
    left, curve = 1.0, []
    for day in range(days):
        old = [g for g in groups if (now - g.arrival).days > day]
        risk = sum(g.residents for g in old if g.day is None or g.day >= day)
        if not old:
            break
        left *= 1 - sum(g.residents for g in old if g.day == day) / risk if risk else 1.0
        curve.append(1 - left)
    return curve


def came_out(groups: Sequence[Group], at: datetime, now: datetime, days: int | None) -> float | None:
    """Reach within `days` (None: at the end of planning) of those delivered until `at`; None while that is open."""
    cohort = [g for g in groups if g.arrival <= at]
    ends = [g.ends_at if days is None else g.arrival + timedelta(days=days) for g in cohort]
    if not ends or max(ends) > now:
        return None
    return reached_within(cohort, math.inf if days is None else days) / sum(g.residents for g in cohort)
