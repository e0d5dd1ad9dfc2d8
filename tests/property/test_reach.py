"""No answer of the planner for reach breaks a rule, over two years with holidays and both changes of the clock.

The rules are written out here once more, from the dates alone: the planner's own calendar is not asked.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from dialer.schedule.model import NumberKind
from dialer.schedule.planner.product import LearnedPlanner, in_hold_out
from dialer.schedule.planner.reach import Reach
from dialer.schedule.planner.values import Attempt, Contact, Info, Record, Result
from dialer.schedule.rules import check
from tests.support.schedule import after, history
from tests.unit.test_rotation import L

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
CLOSED = {
    *(date(2027, 1, 1), date(2027, 3, 29), date(2027, 4, 27), date(2027, 5, 5), date(2027, 5, 6), date(2027, 5, 17)),
    *(date(2027, 12, 25), date(2027, 12, 26), date(2028, 1, 1), date(2028, 4, 17), date(2028, 4, 27)),
    *(date(2028, 5, 5), date(2028, 5, 25), date(2028, 6, 5), date(2028, 12, 25), date(2028, 12, 26)),
}
EARLY = {(5, 4), (12, 5), (12, 24)}
OUTCOMES = (
    "NO_ANSWER",
    "VOICEMAIL",
    "BUSY",
    "THIRD_PARTY",
    "WRONG_PERSON",
    "INVALID_NUMBER",
    "UNALLOCATED",
    "REJECTED",
    "CONGESTION",
)


def allowed(at: datetime) -> bool:
    clock = at.astimezone(AMSTERDAM)
    day = clock.date()
    if day in CLOSED or day.weekday() == 6:
        return False
    opens, closes = (time(9), time(17)) if day.weekday() == 5 else (time(8, 30), time(21))
    if (day.month, day.day) in EARLY:
        closes = min(closes, time(18, 30))
    return opens <= clock.time() < closes


def a_moment(rng: random.Random) -> datetime:
    """Any time of two years; often near a change of the clock, a closing time or a holiday."""
    if rng.random() < 0.3:
        special = rng.choice([date(2027, 3, 28), date(2027, 10, 31), date(2028, 3, 26), date(2028, 10, 29), *CLOSED])
        day = special + timedelta(days=rng.randint(-3, 1))
    else:
        day = date(2027, 1, 1) + timedelta(days=rng.randrange(720))
    clock = rng.choice([time(21), time(17), time(8, 30), time(rng.randrange(24), rng.randrange(60), rng.randrange(60))])
    return datetime.combine(day, clock, AMSTERDAM).astimezone(UTC)


def walk_outside(rng: random.Random, planner: Reach, name: int) -> int:
    """One resident through the outside interface, with caps as the judge passes them; the number of answers."""
    now = a_moment(rng)
    kinds = tuple(rng.choice(list(NumberKind)) for _ in range(rng.randint(1, 3)))
    record = Record(contact=Contact(id=name, arrival=now, kinds=kinds))
    end, steps = now + timedelta(days=Info().headline_days), 0
    while (choice := planner.next_attempt(record, now)) is not None:
        steps += 1
        at, day = choice.at, choice.at.astimezone(AMSTERDAM).date()
        assert allowed(at), at
        assert now <= at < end
        past = record.attempts
        assert sum(a.number == choice.number for a in past) < 7
        assert sum(a.at.astimezone(AMSTERDAM).date() == day for a in past) < 3
        assert not any(a.number == choice.number and a.result in (Result.WRONG_PERSON, Result.INVALID) for a in past)
        unknown = [a.at for a in past if a.number == choice.number and a.result is Result.UNALLOCATED]
        assert len({when.astimezone(AMSTERDAM).date() for when in unknown}) < 2
        if rng.random() < 0.01:  # nobody had time until the very end
            now = end + timedelta(seconds=rng.choice([-40, -1, 0, 40]))
            continue
        if rng.random() < 0.1:  # capacity ran out: asked again, perhaps at closing time sharp
            now = at.replace(minute=30 * (at.minute // 30), second=0, microsecond=0) + timedelta(minutes=30)
            continue
        results = [r for r in Result if r not in (Result.CONTACT, Result.INBOUND)]
        attempt = Attempt(contact=name, number=choice.number, at=at, result=rng.choice(results))
        planner.observe(attempt)
        record, now = replace(record, attempts=(*past, attempt)), at + timedelta(seconds=rng.choice([0, 40, 90000]))
    return steps


def walk_inside(rng: random.Random, planner: LearnedPlanner) -> int:
    """One case through the service's interface, held against the rules and the dates."""
    now = a_moment(rng)
    base = history(days=rng.choice([2, 7, 21, 28]))
    numbers = tuple(replace(base.numbers[0], kind=rng.choice(list(NumberKind))) for _ in range(rng.randint(1, 3)))
    case = replace(base, numbers=numbers, arrival=now, ends_at=now + (base.ends_at - base.arrival))
    case = replace(case, key=f"case-{rng.random()}")
    limits = replace(L, hold_out=rng.choice([0.0, 0.1, 0.5]))
    held = in_hold_out(case.key, limits, crisis=False)
    steps, counts = 0, Counter[str]()
    while steps < 40 and (plan := planner.next_attempt(case, now, limits)) is not None:
        steps += 1
        assert plan.at >= now
        assert allowed(plan.at), plan.at
        assert check(case, plan.number, plan.at, limits) is None
        assert "chance" not in plan.reason or not held
        assert sum(a.counted and a.number == plan.number for a in case.attempts) < limits.per_number
        counted, day = [a.at for a in case.attempts if a.counted], plan.at.astimezone(AMSTERDAM).date()
        assert len(counted) < 12
        assert sum(at.astimezone(AMSTERDAM).date() == day for at in counted) < 2
        assert all(plan.at - at >= timedelta(minutes=15) for at in counted)
        outcome = rng.choice(OUTCOMES)
        counts[outcome] += 1
        case = after(case, plan.number, plan.at, outcome, times=counts[outcome])
        now = plan.at + timedelta(minutes=rng.choice([1, 2, 600]))
    return steps


def many(steps: int) -> None:
    rng, planner, inside = random.Random(steps), Reach(), LearnedPlanner()
    planner.start(Info())
    done, name = 0, 0
    while done < steps:
        done, name = done + walk_outside(rng, planner, name), name + 1
        if name % 4 == 0:
            done += walk_inside(rng, inside)
        if name % 500 == 0:
            planner.start(Info())  # a new campaign; what was learned is kept


def test_no_answer_breaks_a_rule() -> None:
    many(4_000)


@pytest.mark.nightly
@pytest.mark.timeout(6 * 3600)
def test_no_answer_breaks_a_rule_in_very_many() -> None:
    many(10_000_000)
