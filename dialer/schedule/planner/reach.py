"""The planner for reach, as one object: whom to call when, on which number.

Driven by five calls (docs/reach.md): `start`, `next_attempt`, `priority`, `observe`, `next_attempts`. An answer depends
on nothing but what it was told before: no clock, no drawing of lots.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dialer.schedule.planner.choose import Bookings, Pace, choose, open_numbers, relative, seen
from dialer.schedule.planner.model import Model, Tally, seen_of
from dialer.schedule.planner.values import REACHED, SILENT, Attempt, Choice, Contact, Info, Record, Result
from dialer.schedule.planner.week import Grid, Half, bin_of


@dataclass(slots=True)
class _File:
    """What the planner keeps of a resident."""

    contact: Contact
    attempts: list[Attempt]
    tally: Tally = field(default_factory=dict)
    booked: Half | None = None


class Reach:
    """Plans one campaign. `model` is what was learned before; it goes on learning."""

    def __init__(self, model: Model | None = None, pace: Pace | None = None) -> None:
        self.model = model or Model()
        self.pace = pace or Pace()
        self.start(Info())

    def start(self, info: Info) -> None:
        """What is fixed for the campaign. What was learned is kept, residents are forgotten."""
        self.info = info
        self.grid = Grid(info.hours)
        self.bookings = Bookings(info.capacity, self.pace.overbook)
        self._files: dict[Hashable, _File] = {}

    def next_attempt(self, record: Record, now: datetime) -> Choice | None:
        """The resident's next attempt, not before `now`; None when there is none left.

        Asked again without an attempt in between, after the time that it gave: capacity ran out, so that half-hour is
        not taken again.
        """
        file = self.follow(record.contact)
        full = file.booked
        self._release(file)
        if full is not None and full.start <= now < full.end and not any(a.at >= full.start for a in record.attempts):
            now = full.end
        found = choose(self.model, self.pace, self.info, self.grid, record, now, self.bookings)
        if found is None:
            return None
        choice, file.booked = found
        self.bookings.planned[file.booked.start] += 1
        return choice

    def follow(self, contact: Contact) -> _File:
        """Keep a file of this resident, so that his attempts teach something. `next_attempt` does it too."""
        return self._files.setdefault(contact.id, _File(contact, []))

    def next_attempts(self, records: Sequence[Record], now: datetime) -> list[Choice | None]:
        """The same for many."""
        return [self.next_attempt(record, now) for record in records]

    def priority(self, record: Record, at: datetime) -> float:
        """Who goes first when more are due than fit: for whom this half-hour is good, by his own other hours."""
        kinds, place = record.contact.kinds, bin_of(at)
        chances = self.model.outlook(kinds, seen(record.attempts)).chances
        return max((relative(chances[n], place) for n in open_numbers(record, self.info)), default=0.0)

    def observe(self, attempt: Attempt) -> None:
        """Learn from a finished attempt. One on a resident who was never planned here teaches nothing."""
        file = self._files.get(attempt.contact)
        if file is None:
            return
        kinds, fact = file.contact.kinds, seen_of(attempt)
        if fact is not None:
            before = self.model.belief(kinds, seen(file.attempts))
            if attempt.result not in SILENT and fact.number not in before.closed:
                chance = self.model.chances(before, fact.number, kinds[fact.number])[fact.bin]
                self.model.score_attempt(kinds[fact.number], fact.bin, chance, attempt.result is Result.CONTACT)
            file.attempts.append(attempt)
            tally = self.model.tally(self.model.belief(kinds, seen(file.attempts)))
            self.model.learn(kinds, file.tally, tally)
            file.tally = tally
        if attempt.result in REACHED:
            self._release(file)

    def _release(self, file: _File) -> None:
        """Give the booked half-hour back."""
        if file.booked is not None:
            self.bookings.planned[file.booked.start] -= 1
            file.booked = None
