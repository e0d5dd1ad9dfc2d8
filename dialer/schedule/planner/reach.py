"""The planner for reach: whom to call when, on which number.

Driven from outside by five calls (docs/reach.md): `start`, `next_attempt`, `priority`, `observe`, `next_attempts`. An
answer depends on nothing but what it was told: no clock, no drawing of lots. No answer breaks a rule: times come from
the windows alone, and numbers and days at their cap are never looked at.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dialer.schedule.planner.model import Model, Seen, Tally, seen_of
from dialer.schedule.planner.values import CLOSES, REACHED, Attempt, Choice, Contact, Info, Record, Result
from dialer.schedule.planner.week import Day, Grid, Half
from dialer.schedule.windows import local_date

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How the attempts are spread over the time that is left. All by measurement: see docs/decisions/reach-pace.md."""

    gaps: tuple[float, ...] = (
        0.75,
        0.75,
        1.0,
        1.0,
        1.5,
        1.5,
        2.0,
    )  # days after the 1st, 2nd ... attempt; then the last
    look: float = 3.0  # days beyond the gap among which the best half-hour is taken
    delay: float = 0.04  # what waiting a day costs, as a share of the chance
    same_day: float = 0.5  # how much a miss lowers the chance at the same time
    memory: float = 1.5  # days until that is mostly over
    least: float = 0.17  # days between attempts when time runs out
    overbook: float = 1.0  # attempts planned for a half-hour, as a share of its capacity
    busy_minutes: tuple[int, int] = (15, 30)
    busy_times: int = 3


@dataclass(slots=True)
class _File:
    """What the planner keeps of a resident."""

    contact: Contact
    attempts: list[Attempt]
    tally: Tally | None = None
    booked: Half | None = None


class Reach:
    """Plans for one campaign."""

    def __init__(self, model: Model | None = None, pace: Pace | None = None) -> None:
        self.model = model or Model()
        self.pace = pace or Pace()
        self.start(Info())

    def start(self, info: Info) -> None:
        """What is fixed for the campaign; what was learned is kept."""
        self.info = info
        self.grid = Grid(info.hours)
        self._files: dict[Hashable, _File] = {}
        self._booked: Counter[datetime] = Counter()

    def next_attempt(self, record: Record, now: datetime) -> Choice | None:
        """The resident's next attempt, not before `now`; None when there is none left."""
        contact = record.contact
        file = self._files.get(contact.id)
        if file is None:
            file = self._files[contact.id] = _File(contact, [])
        missed = self._unbook(file, now, len(record.attempts))
        choice, half = self._choose(record, now, missed)
        if half is not None:
            file.booked = half
            self._booked[half.start] += 1
        return choice

    def next_attempts(self, records: Sequence[Record], now: datetime) -> list[Choice | None]:
        """The same for many."""
        return [self.next_attempt(record, now) for record in records]

    def observe(self, attempt: Attempt) -> None:
        """Learn from a finished attempt. Attempts on residents that were never planned here teach nothing."""
        file = self._files.get(attempt.contact)
        if file is None:
            return
        kinds = file.contact.kinds
        seen = seen_of(attempt)
        if seen is not None:
            if attempt.result is not Result.INVALID:
                before = self.model.belief(kinds, _seen(file.attempts))
                if seen.number not in before.closed:
                    chance = self.model.chances(before, seen.number, kinds[seen.number])[seen.bin]
                    self.model.score_attempt(kinds[seen.number], seen.bin, chance, attempt.result is Result.CONTACT)
            file.attempts.append(attempt)
            tally = self.model.tally(self.model.belief(kinds, _seen(file.attempts)))
            self.model.learn(kinds, file.tally, tally)
            file.tally = tally
        if attempt.result in REACHED:
            self._release(file)

    def priority(self, record: Record, at: datetime) -> float:
        """Who goes first when more are due than fit: for whom this half-hour is good, by his own other hours."""
        day = self.grid.day(local_date(at))
        if day is None:
            return 0.0
        place = next((h.bin for halves in day.bins.values() for h in halves if h.start <= at < h.end), None)
        if place is None:
            return 0.0
        kinds = record.contact.kinds
        belief = self.model.belief(kinds, _seen(record.attempts))
        best = 0.0
        for number in self._numbers(record):
            chances = self.model.chances(belief, number, kinds[number])
            best = max(best, chances[place] - sorted(chances)[-4])
        return best

    def _release(self, file: _File) -> None:
        if file.booked is not None:
            self._booked[file.booked.start] -= 1
            file.booked = None

    def _unbook(self, file: _File, now: datetime, attempts: int) -> Half | None:
        """Give the booked half-hour back. The half-hour itself where it passed without an attempt."""
        half = file.booked
        self._release(file)
        if half is not None and attempts == len(file.attempts) and half.start <= now and not self._tried(file, half):
            return half
        return None

    def _tried(self, file: _File, half: Half) -> bool:
        return bool(file.attempts) and file.attempts[-1].at >= half.start

    def _numbers(self, record: Record) -> list[int]:
        """Numbers that may still be dialled."""
        tried = Counter(a.number for a in record.attempts if a.result is not Result.INBOUND)
        closed = {a.number for a in record.attempts if a.result in CLOSES}
        return [n for n in range(len(record.contact.kinds)) if n not in closed and tried[n] < self.info.max_per_number]

    def _end(self, contact: Contact) -> datetime:
        return contact.arrival + timedelta(days=self.info.headline_days)

    def _choose(self, record: Record, now: datetime, missed: Half | None) -> tuple[Choice | None, Half | None]:
        info, pace = self.info, self.pace
        numbers = self._numbers(record)
        dialled = [a for a in record.attempts if a.result is not Result.INBOUND]
        if not numbers or (info.max_per_case is not None and len(dialled) >= info.max_per_case):
            return None, None
        kinds = record.contact.kinds
        belief = self.model.belief(kinds, _seen(record.attempts))
        chances = {n: self.model.chances(belief, n, kinds[n]) for n in numbers}
        used = Counter(local_date(a.at) for a in dialled)
        end = self._end(record.contact)
        last = dialled[-1].at if dialled else None
        earliest = now
        if missed is not None:
            earliest = max(now, missed.end)
        if last is not None:
            left = sum(info.max_per_number - sum(a.number == n for a in dialled) for n in numbers)
            gap = pace.gaps[min(len(dialled), len(pace.gaps)) - 1] * _DAY
            gap = max(min(gap, (end - now) / left), pace.least * _DAY)
            earliest = max(earliest, last + gap)
        best: tuple[float, Day, int, int] | None = None
        for day in self._days(earliest, end, used):
            ahead = max((day.start - earliest) / _DAY, 0.0)
            if best is not None and ahead > pace.look:
                break
            for place in day.bins:
                middle = day.bins[place][0].start
                halves = [h for h in day.bins[place] if h.end > earliest and h.start < end and self._free(h)]
                if not halves:
                    continue
                factor = math.exp(-pace.delay * max((middle - earliest) / _DAY, 0.0)) * self._fresh(dialled, middle)
                for n in numbers:
                    value = chances[n][place] * factor
                    if best is None or value > best[0]:
                        best = (value, day, place, n)
        if best is None:
            return None, None
        _, day, place, number = best
        halves = [h for h in day.bins[place] if h.end > earliest and h.start < end and self._free(h)]
        half = min(halves, key=lambda h: (self._load(h), _share(record.contact.id, len(dialled), h.start)))
        start = max(half.start, earliest)
        at = start + (min(half.end, end) - start) * 0.9 * _share(record.contact.id, len(dialled), info.seed)
        return Choice(at=at, number=number, chance=chances[number][place], why={"code": "best_chance"}), half

    def _days(self, start: datetime, end: datetime, used: Counter[date]) -> Iterator[Day]:
        """Open days with room for one attempt more."""
        day, last = local_date(start), local_date(end)
        if self.info.last_day is not None:
            last = min(last, self.info.last_day)
        while day <= last:
            found = self.grid.day(day) if used[day] < self.info.max_per_day else None
            if found is not None:
                yield found
            day += _DAY

    def _fresh(self, dialled: Sequence[Attempt], at: datetime) -> float:
        """What a recent miss leaves of the chance: the same mood, the same week away."""
        if not dialled:
            return 1.0
        gap = abs((at - dialled[-1].at) / _DAY)
        return 1 - self.pace.same_day * math.exp(-gap / self.pace.memory)

    def _load(self, half: Half) -> float:
        return self._booked[half.start] / max(self._capacity(half), 1e-9)

    def _capacity(self, half: Half) -> float:
        return math.inf if self.info.capacity is None else self.info.capacity(half.start)

    def _free(self, half: Half) -> bool:
        return self._booked[half.start] < self._capacity(half) * self.pace.overbook


def _seen(attempts: Sequence[Attempt]) -> list[Seen]:
    return [seen for seen in map(seen_of, attempts) if seen is not None]


def _share(*key: object) -> float:
    """A number in [0, 1) from the key alone."""
    digest = hashlib.blake2b(repr(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
