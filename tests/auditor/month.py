"""A month with a pressed calendar, by the Asterisks' own records: what the clock said there is read as calendar time.

The service writes down pairs of wall and calendar time; nothing else of its word is taken for when a call was made.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import asyncpg

from tests.auditor.checks import hours
from tests.auditor.evidence import Attempt, Evidence

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_PER_NUMBER, _PER_DAY = 7, 2
_LEAST_PAUSE = timedelta(minutes=15)
_SHARED_REST = timedelta(minutes=60)
_LATEST = timedelta(hours=2)
"""A pressed calendar makes hours of a wait of seconds for the agent who is reserved."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A moment by both clocks, and how fast the calendar went from there on."""

    wall: float
    calendar: datetime
    speed: float


class CalendarRecord:
    """Wall time read as calendar time."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        """Raises ValueError when the calendar went back between two pairs."""
        self._pairs = sorted(pairs, key=lambda pair: pair.wall)
        self._walls = [pair.wall for pair in self._pairs]
        for before, after in pairwise(self._pairs):
            reached = before.calendar + timedelta(seconds=(after.wall - before.wall) * before.speed)
            if after.calendar < reached - timedelta(seconds=before.speed):
                raise ValueError(f"the calendar went back at {after.wall:.3f}")

    @property
    def fastest(self) -> float:
        """The highest speed."""
        return max(pair.speed for pair in self._pairs)

    def at(self, wall: float) -> datetime:
        """Calendar time, aware UTC. Raises ValueError for a moment before the first pair."""
        place = bisect_right(self._walls, wall) - 1
        if place < 0:
            raise ValueError("before the record begins")
        pair = self._pairs[place]
        return pair.calendar + timedelta(seconds=(wall - pair.wall) * pair.speed)


async def calendar_of(dsn: str) -> CalendarRecord:
    """From the service's own table."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch("select wall_at, calendar_at, speed from clock_pair")
        return CalendarRecord([Pair(row[0].timestamp(), row[1].astimezone(UTC), row[2]) for row in rows])
    finally:
        await connection.close()


def audit_month(evidence: Evidence, calendar: CalendarRecord, *, under_way: float = 1.0) -> Iterable[str]:
    """What the town's record says against the service; `under_way`: wall seconds that a dial may take to get there."""
    slack = timedelta(seconds=under_way * calendar.fastest)
    rung: dict[str, list[datetime]] = defaultdict(list)
    for call in sorted(evidence.town, key=lambda call: call.began):
        if not call.outward:
            rung[call.number].append(calendar.at(call.began))
    for number, moments in rung.items():
        for at in moments:
            yield from _outside(number, at, slack)
        yield from _too_often(evidence, number, moments, slack)
    yield from _after_the_talk(evidence, calendar)
    yield from _residents_day(evidence, calendar)
    yield from _shared_number(evidence, calendar, slack)
    yield from _appointments(evidence, calendar, slack)
    yield from _given_up_unfairly(evidence, calendar, rung, slack)


def _outside(number: str, at: datetime, slack: timedelta) -> Iterable[str]:
    local = at.astimezone(_AMSTERDAM)
    begin, end = hours(local.date())
    if begin == end or local.time() < begin or (local - slack).time() >= end or (local - slack).date() != local.date():
        yield f"{number} was rung at {local:%a %d-%m-%Y %H:%M:%S}"


def _too_often(evidence: Evidence, number: str, moments: Sequence[datetime], slack: timedelta) -> Iterable[str]:
    """Seven a number, two a day, a quarter of an hour between two, for each who shares it; the redial of a line that
    was cut off is exempt."""
    of_number = [a for a in evidence.attempts if a.direction == "out" and a.number == number]
    uncounted = sum(not a.counted for a in of_number)
    redials = sum(a.exempt for a in of_number)
    sharers = len({a.case for a in of_number}) or 1
    if len(moments) > _PER_NUMBER * sharers + uncounted:
        yield f"{number} was rung {len(moments)} times, {uncounted} of them not counted"
    days = Counter(at.astimezone(_AMSTERDAM).date() for at in moments)
    for day, times in days.items():
        if times > _PER_DAY * sharers + uncounted + redials:
            yield f"{number} was rung {times} times on {day}"
    short = sum(b - a < _LEAST_PAUSE - slack for a, b in pairwise(moments))
    if short > uncounted + redials:
        yield f"{number} was rung again within a quarter of an hour {short} times"


def _after_the_talk(evidence: Evidence, calendar: CalendarRecord) -> Iterable[str]:
    """Nobody is rung after what closed his case, by Asterisk's time of the call."""
    began = {call.account: calendar.at(call.began) for call in evidence.own if call.kind == "resident"}
    closed = {
        a.case: a.outcome_at for a in evidence.attempts if a.case and a.final_for_case and a.outcome_at is not None
    }
    for attempt in evidence.attempts:
        end = closed.get(attempt.case or "")
        if end is not None and attempt.callback is None and began.get(attempt.id, end) > end:
            yield f"attempt {attempt.id} was rung after its case had been closed"


def _began(evidence: Evidence, calendar: CalendarRecord) -> list[tuple[datetime, Attempt]]:
    """Dials that a plan made, by Asterisk's time of the call, the earliest first."""
    calls = {call.account: calendar.at(call.began) for call in evidence.own if call.kind == "resident"}
    dials = [a for a in evidence.attempts if a.direction == "out" and a.callback is None and a.id in calls]
    return sorted(((calls[a.id], a) for a in dials), key=lambda dial: dial[0])


def _residents_day(evidence: Evidence, calendar: CalendarRecord) -> Iterable[str]:
    """Two a day for a resident, over all of his numbers and cases."""
    days = Counter(
        (attempt.resident, at.astimezone(_AMSTERDAM).date())
        for at, attempt in _began(evidence, calendar)
        if attempt.counted and not attempt.exempt
    )
    for (resident, day), times in days.items():
        if times > _PER_DAY:
            yield f"resident {resident} was rung {times} times on {day}"


def _shared_number(evidence: Evidence, calendar: CalendarRecord, slack: timedelta) -> Iterable[str]:
    """Never a number for B within the hour after it was rung for A."""
    last: dict[str, tuple[datetime, str | None]] = {}
    for at, attempt in _began(evidence, calendar):
        if attempt.number is None or not attempt.counted:
            continue
        before = last.get(attempt.number)
        if before is not None and before[1] != attempt.resident and at - before[0] < _SHARED_REST - slack:
            yield f"{attempt.number} was rung for one resident right after another, at {at:%d-%m %H:%M}"
        last[attempt.number] = (at, attempt.resident)


def lateness(evidence: Evidence, calendar: CalendarRecord) -> list[tuple[Attempt, timedelta]]:
    """For each agreement that was not overtaken by a call from the resident: how much later he was rung (calendar time;
    negative: too early). One after which nobody was rung is as late as the time that was left.
    """
    dials, found = _began(evidence, calendar), []
    calls_in = [a for a in evidence.attempts if a.direction == "in" and a.case is not None]
    ends = max((at for at, _ in dials), default=None)
    for agreed in evidence.attempts:
        if agreed.appointment is None or agreed.outcome_at is None or ends is None:
            continue
        if any(a.case == agreed.case and a.claimed >= agreed.claimed for a in calls_in):
            continue
        next_ones = (at for at, a in dials if a.case == agreed.case and a.id != agreed.id and at > agreed.outcome_at)
        found.append((agreed, next(next_ones, ends) - agreed.appointment))
    return found


def _appointments(evidence: Evidence, calendar: CalendarRecord, slack: timedelta) -> Iterable[str]:
    """What was agreed is kept: not before its time, and not long after it."""
    for agreed, late in lateness(evidence, calendar):
        if late < -slack:
            yield f"attempt {agreed.id} agreed on {agreed.appointment:%d-%m %H:%M}, and he was rung {-late} before"
        if late > _LATEST:
            yield f"attempt {agreed.id} agreed on {agreed.appointment:%d-%m %H:%M}, and he was rung {late} after it"


def _given_up_unfairly(
    evidence: Evidence, calendar: CalendarRecord, rung: dict[str, list[datetime]], slack: timedelta
) -> Iterable[str]:
    """Whoever was tried as often as there are attempts, and never reached, was tried at two day-parts and at an evening
    or on a Saturday."""
    talked = {call.account for call in evidence.own if call.joins}
    reached = {a.number for a in evidence.attempts if a.id in talked or a.final_for_case}
    picked_up = {call.number for call in evidence.town if not call.outward and call.answered is not None}
    for number, moments in rung.items():
        if number in reached or number in picked_up or len(moments) < _PER_NUMBER:
            continue
        # It left a little earlier than it came: a call about the border of two day-parts counts for both.
        places = {_place(moment.astimezone(_AMSTERDAM)) for at in moments for moment in (at - slack, at)}
        if len({part for part, _ in places}) < 2 or not any(off for _, off in places):
            yield f"{number} was given up after {len(moments)} calls, all of them at {sorted(places)}"


def _place(local: datetime) -> tuple[str, bool]:
    """Day-part as the national exchange of data has them, and whether it is an evening or a Saturday."""
    part = "morning" if local.hour < 12 else "afternoon" if local.hour < 18 else "evening"
    return part, part == "evening" or local.weekday() == 5
