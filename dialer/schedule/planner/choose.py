"""The choice itself: among the legal half-hours of the coming days, the one with the best chance.

A pure function of model, record, moment and bookings. No rule can be broken: moments come from the windows alone, days
and numbers at their cap are never looked at.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import mul

from dialer.schedule.planner.fairness import Tried, tried
from dialer.schedule.planner.model import Model, Seen, Vector, seen_of
from dialer.schedule.planner.values import CLOSES, Attempt, Choice, Info, Record, Result
from dialer.schedule.planner.week import BINS, Day, Grid, Half, date_of

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_WITHIN_DAY = timedelta(hours=6)
UNKNOWN_DAYS = 2
"""A number that the network did not know on so many days is closed (the catalogue's rule for `UNALLOCATED`)."""

_WITHIN = 0.9
"""Attempts are spread over this share of their half-hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How the attempts are spread over the time that is left; days, unless said otherwise."""

    gap: float = 0.9  # least time between two attempts
    least_gap: float = 0.17  # when time runs out
    first_look: float = 1.0  # the first attempt comes within so many days; the others whenever it is best
    delay: float = 0.02  # what waiting a day costs, as a share of the chance
    haste: float = 0.4  # the same, times the attempts that are left for each day that is left
    fatigue: float = 0.4  # what each attempt in the week before takes from the chance (log), beyond
    free: int = 2  # so many
    explore: float = 0.5  # how much doubt about an hour is worth trying it, in standard deviations
    overbook: float = 1.0  # attempts planned for a half-hour, as a share of its capacity
    busy_minutes: tuple[int, int] = (15, 30)
    busy_times: int = 3
    fair: bool = True  # two day-parts and an evening or Saturday before giving up


@dataclass(slots=True)
class Bookings:
    """What is planned for each half-hour, against what can be dialled in it."""

    capacity: Callable[[datetime], float] | None = None
    overbook: float = 1.0
    planned: Counter[datetime] = field(default_factory=Counter)

    def load(self, half: Half) -> float:
        """Planned over possible; 0 where nobody limits it."""
        if self.capacity is None:
            return 0.0
        room = self.capacity(half.start) * self.overbook
        return self.planned[half.start] / room if room > 0 else math.inf


@dataclass(frozen=True, slots=True)
class _Place:
    """A bin of a day on a number, and its worth."""

    value: float
    day: Day
    halves: Sequence[Half]
    number: int
    exact: datetime | None = None


def seen(attempts: Sequence[Attempt]) -> list[Seen]:
    """The attempts that say something."""
    return [s for s in map(seen_of, attempts) if s is not None]


def share(*key: object) -> float:
    """A number in [0, 1) from the key alone."""
    digest = hashlib.blake2b(repr(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def draws(count: int, *key: object) -> list[float]:
    """`count` numbers of mean 0 and spread 1 (uniform) from the key alone."""
    digest = hashlib.blake2b(repr(key).encode(), digest_size=2 * count).digest()
    return [(int.from_bytes(digest[2 * i : 2 * i + 2], "big") / 2**16 - 0.5) * 12**0.5 for i in range(count)]


def open_numbers(record: Record, info: Info) -> dict[int, int]:
    """Numbers that may still be dialled, with how often."""
    used = Counter(a.number for a in record.attempts if a.result is not Result.INBOUND)
    closed = record.shut | {a.number for a in record.attempts if a.result in CLOSES}
    unknown = {(a.number, date_of(a.at)) for a in record.attempts if a.result is Result.UNALLOCATED}
    closed |= {n for n, days in Counter(n for n, _ in unknown).items() if days >= UNKNOWN_DAYS}
    return {
        n: info.max_per_number - used[n]
        for n in range(len(record.contact.kinds))
        if n not in closed and used[n] < info.max_per_number
    }


def choose(
    model: Model,
    pace: Pace,
    info: Info,
    grid: Grid,
    record: Record,
    now: datetime,
    bookings: Bookings,
) -> tuple[Choice, Half] | None:
    """The next attempt, not before `now`, and the half-hour that it is booked in; None when there is none left."""
    task = _Task(model, pace, info, grid, record, now, bookings)
    if task.left <= 0:
        return None
    found = task.choose()
    if found is None and bookings.capacity is not None:
        # Everything is booked until the end: rather wait for what gets free than give somebody up.
        task.bookings = Bookings()
        found = task.choose()
    return found


class _Task:
    """One choice in the making."""

    def __init__(
        self, model: Model, pace: Pace, info: Info, grid: Grid, record: Record, now: datetime, bookings: Bookings
    ) -> None:
        self.model, self.pace, self.info, self.grid, self.record, self.now = model, pace, info, grid, record, now
        self.bookings = bookings
        self.numbers = open_numbers(record, info)
        self.seen = seen(record.attempts)
        self.dialled = [a for a in record.attempts if a.result is not Result.INBOUND]
        self.left = sum(self.numbers.values())
        if info.max_per_case is not None:
            self.left = min(self.left, info.max_per_case - len(self.dialled))
        self.end = record.ends_at or record.contact.arrival + timedelta(days=info.headline_days)

    def choose(self) -> tuple[Choice, Half] | None:
        """See `choose` of the module."""
        kinds = self.record.contact.kinds
        outlook = self.model.outlook(kinds, self.seen)
        chances = {n: outlook.chances[n] for n in self.numbers}
        earliest, look = self._earliest()
        place, code = self._busy(chances), "busy"
        if place is None:
            owed = tried(a.at for a in self.dialled)
            code = "fair" if self.pace.fair and 0 < owed.missing >= self.left else "best_chance"
            place = self._best(chances, earliest, look, owed if code == "fair" else None)
            if place is None and code == "fair":
                place, code = self._best(chances, earliest, look, None), "best_chance"
        if place is None:
            return None
        half = self._emptiest(place.halves)
        start = max(half.start, earliest)
        at = place.exact or start + (min(half.end, self.end) - start) * _WITHIN * self._share(self.info.seed)
        why = self._why(code, half, place.number, chances) | {
            "usable": round(outlook.usable[place.number], 3),
        }
        return Choice(at=at, number=place.number, chance=chances[place.number][half.bin], why=why), half

    def _emptiest(self, halves: Sequence[Half]) -> Half:
        """One of those with the most room left."""
        if len(halves) == 1:
            return halves[0]
        loads = [self.bookings.load(half) for half in halves]
        least = min(loads)
        best = [half for half, load in zip(halves, loads, strict=True) if load == least]
        return best[int(self._share("half") * len(best))]

    def _share(self, *salt: object) -> float:
        return share(self.record.contact.id, len(self.dialled), *salt)

    def _earliest(self) -> tuple[datetime, float]:
        """From when on, and how many days to look beyond."""
        if not self.dialled:
            return self.now, self.pace.first_look
        last = self.dialled[-1].at
        turn = (self.end - last) / _DAY / self.left
        gap = max(min(self.pace.gap, turn), self.pace.least_gap)
        return max(self.now, last + gap * _DAY), math.inf

    def _busy(self, chances: dict[int, Vector]) -> _Place | None:
        """Busy: somebody is there. Again within half an hour, a few times, on the same number."""
        row = 0
        for attempt in reversed(self.dialled):
            if attempt.result is not Result.BUSY:
                break
            row += 1
        if not 0 < row <= self.pace.busy_times or self.dialled[-1].number not in chances:
            return None
        low, high = self.pace.busy_minutes
        at = self.dialled[-1].at + timedelta(minutes=low + (high - low) * self._share("busy"))
        if at < self.now:
            return None
        day = self.grid.day(date_of(at))
        used = sum(date_of(a.at) == date_of(at) for a in self.dialled)
        if day is None or used >= self.info.max_per_day or at >= self.end:
            return None
        found = [h for hs in day.bins.values() for h in hs if h.start <= at < h.end and self.bookings.load(h) < 1]
        return _Place(1.0, day, found, self.dialled[-1].number or 0, at) if found else None

    def _best(self, chances: dict[int, Vector], earliest: datetime, look: float, owed: Tried | None) -> _Place | None:
        """The best bin of the days to look at; only where it brings fairness nearer, if that is owed."""
        if earliest >= self.end:
            return None
        best: _Place | None = None
        worth = {n: list(map(mul, row, self._lots(n))) for n, row in chances.items()}
        # By bin the best worth and its number, negative: of two alike the first.
        rows = [[(value, -n) for value in row] for n, row in worth.items()]
        top = rows[0] if len(rows) == 1 else list(map(max, *rows))
        most = max(value for value, _ in top)
        cost = self._cost(earliest)
        for day in self._days(earliest):
            ahead = max((day.start - earliest) / _DAY, 0.0)
            bound = math.exp(-cost * ahead)
            if best is not None and (ahead > look or most * bound <= best.value):
                break  # no later day can be better
            rested = self._rested(day)
            bound *= rested
            whole = owed is None and self.bookings.capacity is None and day.start >= earliest and day.end <= self.end
            for place, halves in day.bins.items():
                value, number = top[place]
                if best is not None and value * bound <= best.value:
                    continue
                left = halves if whole else [h for h in halves if self._open(h, earliest, owed)]
                if left:
                    value *= rested * math.exp(-cost * max((left[0].start - earliest) / _DAY, 0.0))
                    if best is None or value > best.value:
                        best = _Place(value, day, left, -number)
        return best

    def _open(self, half: Half, earliest: datetime, owed: Tried | None) -> bool:
        return (
            half.end > earliest
            and half.start < self.end
            and self.bookings.load(half) < 1
            and (owed is None or owed.helps(half.start))
        )

    def _lots(self, number: int) -> Vector:
        """A draw from what the hours may be worth (Thompson sampling), by the key alone: so every hour gets tried."""
        kind = self.record.contact.kinds[number]
        drawn = draws(BINS, self.record.contact.id, len(self.dialled), number)
        explore = self.pace.explore
        return [math.exp(explore * d * z) for d, z in zip(self.model.doubt[kind], drawn, strict=True)]

    def _cost(self, earliest: datetime) -> float:
        """What waiting a day costs: more when there are many attempts left for the days that are left."""
        days = max((self.end - earliest) / _DAY, 1.0)
        return self.pace.delay + self.pace.haste * self.left / days

    def _rested(self, day: Day) -> float:
        """The share of a chance that the attempts of the week before leave: the same week away, and annoyance."""
        # Where in the day makes no difference worth the time: an attempt counts until some hours past its week.
        since = day.start + _WITHIN_DAY - _WEEK
        recent = sum(a.at > since for a in self.dialled)
        return math.exp(-self.pace.fatigue * max(recent - self.pace.free, 0))

    def _days(self, start: datetime) -> Iterator[Day]:
        """Open days with room for one attempt more."""
        used = Counter(date_of(a.at) for a in self.dialled)
        day, last = date_of(start), min(date_of(self.end), self.info.last_day or date.max)
        while day <= last:
            found = self.grid.day(day) if used[day] < self.info.max_per_day else None
            if found is not None:
                yield found
            day += _DAY

    def _why(self, code: str, half: Half, number: int, chances: dict[int, Vector]) -> dict[str, object]:
        bins = [s.bin for s in self.seen]
        return {
            "code": code,
            "bin": half.bin,
            "chance": round(chances[number][half.bin], 3),
            "missed": len(bins),
            "missed_here": bins.count(half.bin),
            "others": len(self.numbers) - 1,
        }


def relative(chances: Vector, place: int) -> float:
    """How much better a bin is than what a resident would otherwise get: his fourth best."""
    return chances[place] - sorted(chances)[BINS - 4]
