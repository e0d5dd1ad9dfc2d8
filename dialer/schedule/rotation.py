"""The plain planner: rotate over day-parts and weekdays, mobile first, then what has worked.

What each outcome asks for comes from the catalogue (`Last.kind`); this file only chooses among the moments that the
rules allow. No learning and no chance: what looks random is a hash of the case's key, to spread cases over a slot.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise

from dialer.domain.outcome import StepKind
from dialer.schedule.model import History, Last, Limits, NumberKind, Plan
from dialer.schedule.rules import first_legal, redial_due, usable
from dialer.schedule.windows import at_local, local, local_date

_CUTS = ((time(0), "morning"), (time(12), "noon"), (time(14), "afternoon"), (time(17), "dusk"), (time(19), "evening"))
_DAY = timedelta(days=1)
_CRISIS_HURRY = 24
"""In a crisis a later day weighs more than an untried day-part."""


def part_of(at: datetime) -> str:
    """The planner's day-part: morning, noon (12-14), afternoon (14-17), dusk (17-19), evening, or saturday."""
    clock = local(at)
    if clock.weekday() >= 5:
        return "saturday"
    return next(name for start, name in reversed(_CUTS) if clock.time() >= start)


@dataclass(frozen=True, slots=True)
class _Slot:
    start: datetime
    end: datetime
    part: str


def _slots(limits: Limits, start: datetime, end: datetime) -> Iterator[_Slot]:
    """The open time between `start` and `end`, cut at the borders of the day-parts."""
    for window in limits.calendar.upcoming(start, end):
        low, high = max(window.start, start), min(window.end, end)
        borders = [at_local(local_date(low), clock) for clock, _ in _CUTS]
        edges = [low, *(b for b in borders if low < b < high and part_of(low) != "saturday"), high]
        for left, right in pairwise(edges):
            yield _Slot(left, right, part_of(left))


def _share(key: str, salt: int) -> float:
    """A number in [0, 1) that depends on nothing but its arguments."""
    digest = hashlib.blake2b(f"{key}:{salt}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Settings of the rotation."""

    least_gap: timedelta = timedelta(hours=18)
    most_gap: timedelta = timedelta(days=3)
    crisis_gap: timedelta = timedelta(hours=3)
    crisis_most: timedelta = timedelta(hours=5)
    look_ahead: timedelta = timedelta(days=6)

    def next_attempt(self, history: History, now: datetime, limits: Limits) -> Plan | None:
        """When and on which number, not before `now`; None: no attempt is left."""
        bound, plan = self.asked(history, now, limits)
        if bound:
            return plan
        numbers = self._order(history, limits)
        if history.last is None:
            return _soonest(history, numbers, now, limits, "first")
        return self._rotate(history, numbers, now, limits)

    def asked(self, history: History, now: datetime, limits: Limits) -> tuple[bool, Plan | None]:
        """Whether an agreement or the latest outcome says when, and then the plan (None: not at all)."""
        numbers = self._order(history, limits)
        if not numbers:
            return True, None
        last = history.last
        if history.appointment_at is not None:
            at = max(now, history.appointment_at)
            return True, _soonest(history, _same_first(numbers, last), at, limits, "appointment")
        if last is None:
            return False, None
        if last.kind is StepKind.REDIAL and redial_due(history, now, limits):
            return True, _soonest(history, _same_first(numbers, last), now, limits, "redial")
        if last.kind is StepKind.RETRY_AFTER:
            low, high = last.step.minutes
            wait = low + (high - low) * _share(history.key, len(history.attempts))
            at = max(now, last.ended_at + timedelta(minutes=wait))
            return True, _soonest(history, _same_first(numbers, last), at, limits, "retry_after")
        if last.kind is StepKind.NEXT_NUMBER and (plan := _soonest(history, numbers, now, limits, "next_number")):
            return True, plan
        if history.fault_until is not None:
            return True, _soonest(history, numbers, max(now, history.fault_until), limits, "carrier_fault")
        return False, None

    def _order(self, history: History, limits: Limits) -> list[int]:
        """Usable numbers, the one to dial next first: least tried (half as much where it has worked), mobile first."""
        last = history.last.number if history.last else None
        worked = {a.number for a in history.attempts if a.lives}

        def weight(number: int) -> tuple[float, bool, bool, int]:
            tried = history.counted(number) / (2 if number in worked else 1)
            fixed = history.numbers[number].kind is NumberKind.FIXED
            return tried, number == last and number not in worked, fixed, number

        return sorted(usable(history, limits), key=weight)

    def _gap(self, history: History, numbers: list[int], now: datetime, limits: Limits) -> timedelta:
        """Time between two attempts: what is left of the term over the attempts that are left, within bounds."""
        left = limits.per_case - history.counted()
        left = min(left, sum(limits.per_number - history.counted(n) for n in numbers))
        gap = (history.ends_at - now) / max(left, 1)
        least, most = (self.crisis_gap, self.crisis_most) if history.crisis else (self.least_gap, self.most_gap)
        return min(max(gap, least), most)

    def _rotate(self, history: History, numbers: list[int], now: datetime, limits: Limits) -> Plan | None:
        dialled = [a for a in history.attempts if a.counted and a.number is not None]
        since = dialled[-1].at if dialled else history.arrival
        tried = Counter(part_of(a.at) for a in dialled)
        weekdays = Counter(local(a.at).weekday() for a in dialled)
        start = max(now, since + self._gap(history, numbers, now, limits))

        def cost(slot: _Slot) -> tuple[float, float]:
            repeats = 4.0 * tried[slot.part] + (2.0 if dialled and part_of(dialled[-1].at) == slot.part else 0.0)
            wait = (slot.start - start) / _DAY * (_CRISIS_HURRY if history.crisis else 1)
            spread = _share(f"{history.key}{slot.part}", len(dialled))
            return repeats + weekdays[local(slot.start).weekday()] + wait, spread

        slots = sorted(_slots(limits, start, min(start + self.look_ahead, history.ends_at)), key=cost)
        for slot in slots:
            at = slot.start + (slot.end - slot.start) * 0.9 * _share(history.key, len(history.attempts))
            plan = _soonest(history, numbers, at, limits, "other_slot")
            if plan is not None and plan.at < slot.end:
                return Plan(at=plan.at, number=plan.number, reason={**plan.reason, "part": slot.part})
        # Too little time left for the usual gap: whatever the rules still allow.
        return _soonest(history, numbers, max(now, since + self.crisis_gap), limits, "last_chance")


def _same_first(numbers: list[int], last: Last | None) -> list[int]:
    if last is None or last.number not in numbers:
        return numbers
    return [last.number, *(n for n in numbers if n != last.number)]


def _soonest(history: History, numbers: list[int], at: datetime, limits: Limits, code: str) -> Plan | None:
    """The first moment from `at` on at which one of the numbers may be dialled; the earlier number wins a tie."""
    found = [(moment, number) for number in numbers if (moment := first_legal(history, number, at, limits)) is not None]
    if not found:
        return None
    moment, number = min(found, key=lambda f: f[0])
    reason: dict[str, object] = {"code": code}
    if history.last is not None:
        reason["after"] = history.last.outcome
    return Plan(at=moment, number=number, reason=reason)
