"""What others do, and the bound nobody can reach: all contenders of the simulation but ours."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from dialer.schedule.planner.values import CLOSES, Attempt, Choice, Info, Record
from dialer.schedule.rotation import part_of
from dialer.schedule.simulator.town import Resident
from dialer.schedule.windows import local, local_date

HALF = timedelta(minutes=30)
Half = tuple[datetime, datetime]


def share(*key: object) -> float:
    """A number in [0, 1) from the key alone."""
    digest = hashlib.blake2b(repr(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


class Plain(ABC):
    """The common part: which numbers are left, and the first legal moment of a half-hour."""

    info: Info

    def start(self, info: Info) -> None:
        """Keep what is fixed."""
        self.info = info

    @abstractmethod
    def next_attempt(self, record: Record, now: datetime) -> Choice | None:
        """When and on which number; None: there is none left."""
        ...

    def priority(self, record: Record, at: datetime) -> float:  # noqa: ARG002 - some ask it
        """Who came first."""
        return -record.contact.arrival.timestamp()

    def observe(self, attempt: Attempt) -> None:  # noqa: B027 - to learn nothing is what most of them do
        """Nothing is learned."""

    def number(self, record: Record) -> int | None:
        """Mobile first, then the least tried that is left."""
        tried = Counter(a.number for a in record.attempts)
        closed = {a.number for a in record.attempts if a.result in CLOSES}
        last = record.attempts[-1].number if record.attempts else None
        left = [
            (tried[n], n == last, kind == "fixed", n)
            for n, kind in enumerate(record.contact.kinds)
            if n not in closed and tried[n] < self.info.max_per_number
        ]
        return min(left)[-1] if left else None

    def halves(self, record: Record, start: datetime, days: int) -> Iterator[Half]:
        """The legal half-hours from `start` on, over so many days."""
        used = Counter(local_date(a.at) for a in record.attempts)
        day = local_date(start)
        last = min(day + timedelta(days=days), self.info.last_day or date.max)
        while day <= last:
            if used[day] < self.info.max_per_day:
                for window in self.info.hours.windows(day):
                    at = window.start
                    while at < window.end:
                        if at + HALF > start:
                            yield max(at, start), min(at + HALF, window.end)
                        at += HALF
            day += timedelta(days=1)

    def pick(self, record: Record, half: Half | None) -> Choice | None:
        """The number's turn, somewhere in that half-hour."""
        number = self.number(record)
        if number is None or half is None:
            return None
        start, end = half
        at = start + (end - start) * 0.95 * share(record.contact.id, len(record.attempts), self.info.seed)
        return Choice(at=at, number=number, chance=0.0, why={})

    def since(self, record: Record, now: datetime, gap: timedelta) -> datetime:
        """`gap` after the last attempt, but not before `now`."""
        return max(now, record.attempts[-1].at + gap) if record.attempts else now


class Recycle(Plain):
    """The whole list again after a fixed pause."""

    def __init__(self, pause: timedelta) -> None:
        self.pause = pause

    def next_attempt(self, record: Record, now: datetime) -> Choice | None:
        """As soon as the pause is over."""
        return self.pick(record, next(self.halves(record, self.since(record, now, self.pause), 40), None))


class Anywhere(Plain):
    """A day later, at any hour."""

    def next_attempt(self, record: Record, now: datetime) -> Choice | None:
        """Any half-hour of the next two days."""
        halves = list(self.halves(record, self.since(record, now, timedelta(hours=18)), 2)) or list(
            self.halves(record, now, 40)
        )
        drawn = share(record.contact.id, len(record.attempts), self.info.seed, "hour", now)
        return self.pick(record, halves[int(drawn * len(halves))] if halves else None)


class Parts(Plain):
    """By day-part: the least tried one of the coming days, or evenings first."""

    ORDER = ("evening", "dusk", "saturday", "noon", "afternoon", "morning")

    def __init__(self, *, evening_first: bool = False, days: int = 1) -> None:
        self.evening_first, self.days = evening_first, days

    def next_attempt(self, record: Record, now: datetime) -> Choice | None:
        """The first half-hours of the wanted part."""
        halves = list(self.halves(record, self.since(record, now, timedelta(hours=18)), self.days)) or list(
            self.halves(record, now, 40)
        )
        if not halves:
            return None
        tried = Counter(part_of(a.at) for a in record.attempts)
        weekdays = Counter(local(a.at).weekday() for a in record.attempts)

        def cost(half: Half) -> tuple[float, ...]:
            part = part_of(half[0])
            rank = self.ORDER.index(part)
            mixed = share(record.contact.id, part, len(record.attempts), self.info.seed)
            return (
                tried[part] if not self.evening_first else rank + tried[part] * 2,
                weekdays[local(half[0]).weekday()],
                mixed,
                share(record.contact.id, half[0]),
            )

        return self.pick(record, min(halves, key=cost))


class Oracle(Plain):
    """Knows every resident's own chances for every coming half-hour, but not the luck."""

    def __init__(self, residents: list[Resident]) -> None:
        self.residents = {r.contact.id: r for r in residents}
        self.plans: dict[object, list[tuple[float, datetime, int]]] = {}

    def _best(self, record: Record, now: datetime) -> list[tuple[float, datetime, int]]:
        resident = self.residents[record.contact.id]
        numbers = [n for n, line in enumerate(resident.lines) if line.state == "right"]
        end = record.contact.arrival + timedelta(days=self.info.headline_days)
        found = [
            (resident.chance(n, start, 0), start, n)
            for start, _ in self.halves(record, now, 60)
            if start < end
            for n in numbers
        ]
        return sorted(found, reverse=True)

    def next_attempt(self, record: Record, now: datetime) -> Choice | None:
        """The earliest of as many best half-hours as attempts are left."""
        ranked = self.plans.get(record.contact.id)
        if ranked is None:
            ranked = self.plans[record.contact.id] = self._best(record, now)
        used = Counter(local_date(a.at) for a in record.attempts)
        left = {
            n: self.info.max_per_number - sum(a.number == n for a in record.attempts)
            for n in range(len(record.contact.kinds))
        }
        chosen: list[tuple[datetime, float, int]] = []
        for chance, at, number in ranked:
            day = local_date(at)
            if at < now or left[number] <= 0 or used[day] >= self.info.max_per_day:
                continue
            left[number] -= 1
            used[day] += 1
            chosen.append((at, chance, number))
        if not chosen:
            return None
        at, chance, number = min(chosen)
        shift = HALF * 0.9 * share(record.contact.id, len(record.attempts))
        return Choice(at=at + shift, number=number, chance=chance, why={})

    def priority(self, record: Record, at: datetime) -> float:
        """Who stands to lose most if he has to wait."""
        ranked = self.plans[record.contact.id]
        resident = self.residents[record.contact.id]
        here = max(resident.chance(n, at, 0) for n in range(len(resident.lines)))
        later = [chance for chance, when, _ in ranked if when > at][:7]
        return here - (later[-1] if later else 0.0)


CONTENDERS: dict[str, Callable[[list[Resident]], Plain]] = {
    "recycle-4h": lambda _: Recycle(timedelta(hours=4)),
    "next-day": lambda _: Recycle(timedelta(hours=24)),
    "random": lambda _: Anywhere(),
    "evening-first": lambda _: Parts(evening_first=True, days=3),
    "rotation-daily": lambda _: Parts(),
    "rotation": lambda _: Parts(days=2),
    "rotation-slow": lambda _: Parts(days=3),
    "oracle": Oracle,
}
"""By name; each is made for the residents of one town."""
