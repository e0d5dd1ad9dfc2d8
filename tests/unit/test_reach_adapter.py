"""The planner behind a thin adapter, as a simulation that is not ours would call it.

The simulation knows the clock on the wall and nothing of our types: contacts with kinds as text, attempts as plain
tuples, a calendar of its own. It asks on arrival, after each attempt without contact, and when capacity ran out.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from dialer.schedule.model import NumberKind
from dialer.schedule.planner.reach import Reach
from dialer.schedule.planner.values import Attempt, Contact, Info, Record, Result
from dialer.schedule.windows import Window

ZONE = ZoneInfo("Europe/Amsterdam")
HALF = timedelta(minutes=30)
FIRST, LAST = date(2026, 3, 2), date(2026, 4, 10)  # over the night in which summer time begins, and Easter Monday
RESULTS = ("no_answer", "voicemail", "busy", "third_party", "wrong_person", "invalid", "contact")
WEIGHTS = (50, 16, 6, 5, 2, 3, 18)


class Past(NamedTuple):
    """One attempt, as the simulation tells it."""

    contact_id: int
    number: int
    at: datetime
    outcome: str


class Who(NamedTuple):
    """A resident, as the simulation tells of him."""

    id: int
    arrival: datetime
    kinds: tuple[str, ...]


class History(list[Past]):
    """Attempts of one resident."""

    def __init__(self, contact: Who) -> None:
        super().__init__()
        self.contact = contact


class Calendar:
    """When may be dialled, by the clock on the wall."""

    shut = frozenset({date(2026, 4, 5), date(2026, 4, 6)})

    def window(self, day: date) -> tuple[datetime, datetime] | None:
        hours = {5: (time(9), time(17)), 6: None}.get(day.weekday(), (time(8, 30), time(21)))
        if hours is None or day in self.shut:
            return None
        return datetime.combine(day, hours[0]), datetime.combine(day, hours[1])

    def is_open(self, at: datetime) -> bool:
        window = self.window(at.date())
        return window is not None and window[0] <= at < window[1]


@dataclass
class Facts:
    """What is fixed, as the simulation tells it at the start."""

    calendar: Calendar
    places: int
    max_per_number: int = 7
    max_per_day: int = 3
    headline_days: int = 28
    last_day: date = LAST
    seed: int = 1

    def capacity(self, _half_hour: datetime) -> int:
        return self.places


def aware(at: datetime) -> datetime:
    return at.replace(tzinfo=ZONE)


class Adapter:
    """All that lies between."""

    def __init__(self) -> None:
        self.planner = Reach()

    def start(self, facts: Facts) -> None:
        class Hours:
            def windows(self, day: date) -> Sequence[Window]:
                found = facts.calendar.window(day)
                return () if found is None else (Window(aware(found[0]), aware(found[1])),)

        self.planner.start(
            Info(
                hours=Hours(),
                capacity=lambda at: facts.capacity(at.astimezone(ZONE).replace(tzinfo=None)),
                max_per_number=facts.max_per_number,
                max_per_day=facts.max_per_day,
                headline_days=facts.headline_days,
                last_day=facts.last_day,
                seed=facts.seed,
            )
        )

    def next_attempt(self, history: History, now: datetime) -> tuple[datetime, int] | None:
        choice = self.planner.next_attempt(self._record(history), aware(now))
        return None if choice is None else (choice.at.astimezone(ZONE).replace(tzinfo=None), choice.number)

    def priority(self, history: History, slot: datetime) -> float:
        return self.planner.priority(self._record(history), aware(slot))

    def observe(self, attempt: Past) -> None:
        self.planner.observe(self._attempt(attempt))

    def _attempt(self, past: Past) -> Attempt:
        return Attempt(contact=past.contact_id, number=past.number, at=aware(past.at), result=Result(past.outcome))

    def _record(self, history: History) -> Record:
        who = history.contact
        kinds = tuple(NumberKind(kind) for kind in who.kinds)
        contact = Contact(id=who.id, arrival=aware(who.arrival), kinds=kinds)
        return Record(contact=contact, attempts=tuple(self._attempt(past) for past in history))


class Judge:
    """Half-hours with so many places; residents who answer by lot; every rule looked at for each attempt."""

    def __init__(self, seed: int, residents: int, places: int, ill: float = 0.0) -> None:
        self.ill = ill
        self.lot = random.Random(seed)
        self.facts = Facts(Calendar(), places, seed=seed)
        self.adapter = Adapter()
        self.adapter.start(self.facts)
        self.histories = [History(self._who(place)) for place in range(residents)]
        self.attempts: list[Past] = []
        self.put_off = 0
        self.reached: set[int] = set()
        self._due: list[tuple[datetime, int, int]] = []

    def _who(self, place: int) -> Who:
        kinds = self.lot.choice([("mobile",), ("fixed",), ("mobile", "fixed"), ("mobile", "mobile", "fixed")])
        day = FIRST + timedelta(days=self.lot.choice([0, 0, 1, 7]))
        return Who(place, datetime.combine(day, time(self.lot.choice([6, 9, 12, 20, 21, 23]))), kinds)

    def run(self) -> None:
        for history in self.histories:
            self._ask(history, history.contact.arrival)
        while self._due:
            slot = self._due[0][0].replace(minute=self._due[0][0].minute // 30 * 30, second=0, microsecond=0)
            due = []
            while self._due and self._due[0][0] < slot + HALF:
                due.append(heapq.heappop(self._due))
            here = self.facts.places - (self.lot.random() < self.ill)  # agents fall ill, and nobody was told
            if len(due) > here:
                due.sort(key=lambda one: -self.adapter.priority(self.histories[one[1]], slot))
            for _, place, _ in due[here:]:
                self.put_off += 1
                self._ask(self.histories[place], slot + HALF)  # 21:00 sharp in the last half-hour
            for at, place, number in due[:here]:
                self._dial(self.histories[place], at, number)

    def _ask(self, history: History, now: datetime) -> None:
        answer = self.adapter.next_attempt(history, now)
        if answer is None:
            return
        at, number = answer
        assert at >= now
        self._allowed(history, at, number)
        heapq.heappush(self._due, (at, history.contact.id, number))

    def _allowed(self, history: History, at: datetime, number: int) -> None:
        assert self.facts.calendar.is_open(at), at
        assert at.date() <= self.facts.last_day
        assert 0 <= number < len(history.contact.kinds)
        assert sum(past.number == number for past in history) < self.facts.max_per_number
        assert sum(past.at.date() == at.date() for past in history) < self.facts.max_per_day
        assert not any(past.number == number and past.outcome in ("invalid", "wrong_person") for past in history)

    def _dial(self, history: History, at: datetime, number: int) -> None:
        (outcome,) = self.lot.choices(RESULTS, WEIGHTS)
        past = Past(history.contact.id, number, at, outcome)
        history.append(past)
        self.attempts.append(past)
        self.adapter.observe(past)
        if outcome == "contact":
            self.reached.add(history.contact.id)
        else:
            self._ask(history, at + timedelta(minutes=2))


@pytest.mark.parametrize(("places", "ill"), [(50, 0.0), (2, 0.2)])
def test_every_answer_is_legal_whatever_is_asked(places: int, ill: float) -> None:
    judge = Judge(7, 150, places, ill)
    judge.run()
    assert len(judge.reached) > 50
    assert (judge.put_off > 0) == (ill > 0)
    assert {past.outcome for past in judge.attempts} == set(RESULTS)
    assert max(Counter(past.contact_id for past in judge.attempts).values()) > 7


def test_the_same_seed_gives_the_same_answers() -> None:
    first, second = Judge(3, 60, 3, 0.1), Judge(3, 60, 3, 0.1)
    first.run()
    second.run()
    assert first.attempts == second.attempts
