"""One simulated campaign: a planner against a town, half-hour by half-hour, at a given capacity.

The rules are checked here from outside: a planned time outside the windows, an attempt too many on a number or a day
is counted as a violation and not dialled.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from dialer.schedule.planner.values import CLOSES, REACHED, Attempt, Choice, Contact, Info, Record, Result
from dialer.schedule.rotation import part_of
from dialer.schedule.simulator.town import Resident, Town, people
from dialer.schedule.windows import DEFAULT, Calendar, local_date

HALF = timedelta(minutes=30)
WEEK = timedelta(days=7)
FIRST = date(2026, 3, 2)
"""A Monday; the summer time begins on day 27, Good Friday and Easter Monday follow."""


class Contender(Protocol):
    """What is compared."""

    def start(self, info: Info) -> None:
        """Once, before anything else."""
        ...

    def next_attempt(self, record: Record, now: datetime) -> Choice | None:
        """The next attempt, not before `now`; None gives up."""
        ...

    def priority(self, record: Record, at: datetime) -> float:
        """Who goes first when more are due than fit."""
        ...

    def observe(self, attempt: Attempt) -> None:
        """A finished attempt of anybody."""
        ...


Make = Callable[[list[Resident]], Contender]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What came out. Reach counts reachable residents only; times in days."""

    reach: float
    reach_14: float
    attempts: int
    attempts_per_reached: float
    time_to_contact: float
    spread: float
    violations: int
    contacts: tuple[tuple[int, float | None], ...]  # resident, days until contact


@dataclass(slots=True)
class _Case:
    resident: Resident
    record: Record
    reached_at: datetime | None = None


class Campaign:
    """A town being called."""

    def __init__(self, town: Town, seed: int, make: Make, *, count: int = 1500, days: int = 28) -> None:
        self.calendar: Calendar = DEFAULT
        self.town, self.seed, self.days = town, seed, days
        residents = people(town, seed, count, FIRST, self.calendar, days)
        self.cases = [_Case(r, Record(contact=r.contact)) for r in residents]
        self.last_day = local_date(residents[-1].contact.arrival) + timedelta(days=days)
        self._per_half = town.capacity * count / 25
        self._due: list[tuple[datetime, int, int]] = []  # at, resident, number
        self._callbacks: list[tuple[datetime, int, int]] = []
        self.violations = 0
        self.info = Info(
            hours=self.calendar,
            capacity=self.capacity,
            max_per_day=3,
            headline_days=days,
            last_day=self.last_day,
            seed=seed,
        )
        self.planner = make(residents)
        self.planner.start(self.info)

    def capacity(self, at: datetime) -> int:
        """Attempts in the half-hour of `at`: a staffing curve with a dip at noon and in the evening."""
        part = {"noon": 0.8, "dusk": 1.1, "evening": 0.9, "saturday": 0.8}.get(part_of(at), 1.05)
        return max(round(self._per_half * part), 1)

    def run(self) -> Score:
        """Call until the last day."""
        waiting = list(reversed(self.cases))
        for start in self._halves():
            end = start + HALF
            while waiting and waiting[-1].resident.contact.arrival < end:
                case = waiting.pop()
                self._plan(case, max(case.resident.contact.arrival, start))
            self._half(start, end)
        return self._score()

    def _halves(self) -> Iterator[datetime]:
        day = local_date(self.cases[0].resident.contact.arrival)
        while day <= self.last_day:
            for window in self.calendar.windows(day):
                at = window.start
                while at < window.end:
                    yield at
                    at += HALF
            day += timedelta(days=1)

    def _half(self, start: datetime, end: datetime) -> None:
        left, first = self.capacity(start), True
        while True:
            due = []
            while self._due and self._due[0][0] < end:
                due.append(heapq.heappop(self._due))
            if not due:
                break
            if len(due) > left and first:
                due.sort(key=lambda d: (-self.planner.priority(self.cases[d[1]].record, start), d))
            first = False
            for place, (at, name, number) in enumerate(due):
                self._return_calls(min(at, end))
                case = self.cases[name]
                if case.reached_at is not None:
                    continue
                if left > 0:
                    left -= 1
                    self._dial(case, number, max(at, start))
                else:
                    for _, other, _ in due[place:]:
                        if self.cases[other].reached_at is None:
                            self._plan(self.cases[other], end)
                    break
        self._return_calls(end)

    def _plan(self, case: _Case, now: datetime) -> None:
        choice = self.planner.next_attempt(case.record, now)
        if choice is None:
            return
        past = case.record.attempts
        today = local_date(choice.at)
        bad = not self.calendar.is_open(choice.at) or choice.at < now or today > self.last_day
        bad |= sum(a.number == choice.number for a in past) >= self.info.max_per_number
        bad |= sum(local_date(a.at) == today for a in past) >= self.info.max_per_day
        bad |= any(a.number == choice.number and a.result in CLOSES for a in past)
        if bad:
            self.violations += 1
            return
        heapq.heappush(self._due, (choice.at, case.resident.name, choice.number))

    def _dial(self, case: _Case, number: int, at: datetime) -> None:
        result = self._result(case, number, at)
        self._finish(case, number, at, result)
        if result in REACHED:
            return
        resident = case.resident
        rng = self._luck(case, "return")
        if resident.lines[number].state == "right" and rng.random() < resident.callback:
            wait = timedelta(minutes=22) * rng.expovariate(1.0) * (1 if rng.random() < 0.6 else 5)
            heapq.heappush(self._callbacks, (at + wait, resident.name, number))
        self._plan(case, at + timedelta(minutes=1))

    def _luck(self, case: _Case, what: str) -> random.Random:
        name = f"{self.town.name}:{self.seed}:{case.resident.contact.id}:{len(case.record.attempts)}:{what}"
        return random.Random(name)  # noqa: S311 - a town is drawn, no secret

    def _result(self, case: _Case, number: int, at: datetime) -> Result:
        resident, rng = case.resident, self._luck(case, "dial")
        line = resident.lines[number]
        draw, other = rng.random(), rng.random()
        quiet = Result.VOICEMAIL if other < (0.55 if line.kind == "mobile" else 0.15) else Result.NO_ANSWER
        if line.state == "dead":
            return Result.INVALID
        if line.state == "unattended":
            return quiet
        if line.state == "other":
            return Result.WRONG_PERSON if draw < 0.25 else quiet
        recent = sum(at - a.at < WEEK for a in case.record.attempts)
        chance = resident.chance(number, at, recent)
        if draw < chance:
            return Result.CONTACT
        if any(a.result is Result.BUSY and at - a.at < HALF * 2 for a in case.record.attempts[-1:]):
            second = rng.random()
            return Result.CONTACT if second < self.town.busy_home * 0.5 else Result.BUSY if second < 0.5 else quiet
        if rng.random() < self.town.busy:
            return Result.BUSY
        if line.kind == "fixed" and rng.random() < 0.15:
            return Result.THIRD_PARTY
        return quiet

    def _return_calls(self, until: datetime) -> None:
        while self._callbacks and self._callbacks[0][0] <= until:
            at, name, number = heapq.heappop(self._callbacks)
            case = self.cases[name]
            if case.reached_at is None:
                self._finish(case, number, at, Result.INBOUND)

    def _finish(self, case: _Case, number: int, at: datetime, result: Result) -> None:
        attempt = Attempt(contact=case.resident.contact.id, number=number, at=at, result=result)
        case.record = replace(case.record, attempts=(*case.record.attempts, attempt))
        if result in REACHED:
            case.reached_at = at
        self.planner.observe(attempt)

    def _score(self) -> Score:
        cases = [c for c in self.cases if c.resident.reachable]
        limit = float(self.days)
        taken = [_days(c.reached_at, c.resident.contact) for c in cases]
        inside = [t for t in taken if t is not None and t < limit]
        attempts = sum(sum(a.result is not Result.INBOUND for a in c.record.attempts) for c in self.cases)
        parts = [len({part_of(a.at) for a in c.record.attempts[:4]}) for c in cases if len(c.record.attempts) >= 4]
        return Score(
            reach=len(inside) / len(cases),
            reach_14=sum(t < 14 for t in inside) / len(cases),
            attempts=attempts,
            attempts_per_reached=attempts / max(len(inside), 1),
            time_to_contact=(sum(inside) + limit * (len(cases) - len(inside))) / len(cases),
            spread=sum(parts) / max(len(parts), 1),
            violations=self.violations,
            contacts=tuple((n, t) for n, t in enumerate(taken)),
        )


def _days(at: datetime | None, contact: Contact) -> float | None:
    return None if at is None else (at - contact.arrival) / timedelta(days=1)
