"""The learned planner behind the service's `Planner` interface.

What an outcome asks for (an appointment, busy, the next number, a redial, a fault's back-off) is the rotation's: it is
no matter of chance. Where the rotation would look for another slot, the learned model chooses; cases of the crisis
clock and of the hold-out stay on rotation. Every answer goes through the rules once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from dialer.schedule.model import History, Limits, Past, Plan
from dialer.schedule.planner.choose import Bookings, Pace, choose
from dialer.schedule.planner.holdout import held_out
from dialer.schedule.planner.model import Model
from dialer.schedule.planner.rooms import Rooms
from dialer.schedule.planner.state import from_json
from dialer.schedule.planner.values import Attempt, Contact, Info, Record, Result
from dialer.schedule.planner.week import Grid
from dialer.schedule.rotation import Rotation
from dialer.schedule.rules import first_legal, usable
from dialer.schedule.windows import Calendar

_RESULTS: Mapping[str, Result] = {
    "NO_ANSWER": Result.NO_ANSWER,
    "VOICEMAIL": Result.VOICEMAIL,
    "THIRD_PARTY": Result.THIRD_PARTY,
    "BUSY": Result.BUSY,
    "WRONG_PERSON": Result.WRONG_PERSON,
    "INVALID_NUMBER": Result.INVALID,
    "UNALLOCATED": Result.UNALLOCATED,
    "NUMBER_CHANGED": Result.INVALID,
    "FAX": Result.INVALID,
}
_GRIDS = 16
_DAY = timedelta(days=1)


def result_of(past: Past, *, reached: bool = False) -> Result:
    """An outcome in the planner's words. What proves that somebody is there, but was no conversation, is like busy."""
    if reached:
        return Result.INBOUND if past.number is None or not past.counted else Result.CONTACT
    known = _RESULTS.get(past.outcome)
    if known is not None:
        return known
    return Result.BUSY if past.lives else Result.NO_ANSWER


def record_of(history: History, limits: Limits, *, reached: bool = False) -> Record:
    """A case as the planner sees it. `reached`: its last attempt was the conversation."""
    shut = frozenset(range(len(history.numbers))) - frozenset(usable(history, limits))
    told = [a for a in history.attempts if a.number is not None and a.outcome and (a.counted or reached)]
    last = told[-1] if told else None
    attempts = tuple(
        Attempt(
            contact=history.key,
            number=past.number,
            at=past.at,
            result=result_of(past, reached=reached and past is last),
        )
        for past in told
    )
    return Record(
        contact=Contact(id=history.key, arrival=history.arrival, kinds=tuple(n.kind for n in history.numbers)),
        attempts=attempts,
        ends_at=history.ends_at,
        shut=shut,
    )


def in_hold_out(key: str, limits: Limits, *, crisis: bool) -> bool | None:
    """Whether the case stays on rotation, for comparison; None where nothing is compared: no hold-out, or a crisis."""
    if not limits.hold_out or crisis:
        return None
    return held_out(key, limits.hold_out)


@dataclass(slots=True, kw_only=True)
class LearnedPlanner:
    """Implements `dialer.schedule.model.Planner`. `model` may be replaced at any time by a newer one."""

    model: Model = field(default_factory=Model)
    rotation: Rotation = field(default_factory=Rotation)
    pace: Pace = field(default_factory=Pace)
    rooms: dict[str, Rooms] = field(default_factory=dict)  # by campaign; who is not here has room at any time
    _grids: list[tuple[Calendar, Grid]] = field(default_factory=list)

    def learned(self, state: Mapping[str, Any] | None) -> None:
        """Take over a learned state (`state.to_json`). Raises InvalidError and keeps the old one."""
        self.model = from_json(state)

    def next_attempt(self, history: History, now: datetime, limits: Limits) -> Plan | None:
        """When and on which number, not before `now`; None: there is none left."""
        bound, asked = self.rotation.asked(history, now, limits)
        if bound:
            return asked
        held = in_hold_out(history.key, limits, crisis=history.crisis)
        at_once = history.last is None and not limits.first_look
        if not (held or at_once or history.crisis or history.fault_until is not None):
            found = self._learned(history, now, limits)
            if found is not None:
                return found
        plain = self.rotation.next_attempt(history, now, limits)
        if plain is None or not held:
            return plain
        return Plan(at=plain.at, number=plain.number, reason={**plain.reason, "held_out": True})

    def _learned(self, history: History, now: datetime, limits: Limits) -> Plan | None:
        record = record_of(history, limits)
        starts = [at for n in usable(history, limits) if (at := first_legal(history, n, now, limits)) is not None]
        if not starts:
            return None
        info = Info(
            hours=limits.calendar,
            max_per_number=limits.per_number,
            max_per_day=limits.per_day,
            max_per_case=limits.per_case,
        )
        pace = replace(  # busy: the catalogue says
            self.pace, busy_times=0, first_look=limits.first_look / _DAY, fair=self.pace.fair and limits.fair
        )
        rooms = self.rooms.get(limits.campaign) or Bookings()
        found = choose(self.model, pace, info, self._grid(limits.calendar), record, min(starts), rooms)
        if found is None:
            return None
        choice, _ = found
        at = first_legal(history, choice.number, choice.at, limits)
        if at is None:
            return None
        reason = dict(choice.why)
        if history.last is not None:
            reason["after"] = history.last.outcome
        return Plan(at=at, number=choice.number, reason=reason)

    def _grid(self, calendar: Calendar) -> Grid:
        for known, grid in self._grids:
            if known == calendar:
                return grid
        grid = Grid(calendar)
        self._grids = [(calendar, grid), *self._grids[: _GRIDS - 1]]
        return grid
