"""A case's life as a table, and what its attempts amount to.

A case is one resident's matched signals in one period. Where it stands follows from its attempts' outcomes as they
stand now: `derive` folds them anew each time, so that a recoded or undone outcome needs no special repair. Times are
calendar time, aware UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from dialer.domain.call import Direction
from dialer.domain.errors import IllegalTransitionError
from dialer.domain.ids import AttemptId, PhoneId, UserId
from dialer.domain.outcome import Catalogue, FinalFor, NextStep, OutcomeDef, StepKind


class CaseState(StrEnum):
    """Where a case stands."""

    HELD = "held"  # the client decides first
    NO_NUMBER = "no_number"  # no number that may be dialled: to be enriched
    OPEN = "open"
    REACHED = "reached"
    NOT_REACHED = "not_reached"
    CLOSED = "closed"  # final, or the client's turn, without a conversation
    WITHDRAWN = "withdrawn"
    RECALLED = "recalled"
    MERGED = "merged"


class CaseEvent(StrEnum):
    """What can happen to a case."""

    HELD = "held"
    RELEASED = "released"  # by the client: call after all
    NUMBERS_GONE = "numbers_gone"
    REACHED = "reached"
    PLAN_ENDED = "plan_ended"
    CLOSED = "closed"
    OPENED = "opened"  # numbers came, or an outcome was recoded: there is something to dial
    WITHDRAWN = "withdrawn"
    RECALLED = "recalled"
    MERGED = "merged"
    SPLIT = "split"


_S, _E = CaseState, CaseEvent
_DERIVED: Mapping[CaseEvent, CaseState] = {
    _E.REACHED: _S.REACHED,
    _E.PLAN_ENDED: _S.NOT_REACHED,
    _E.CLOSED: _S.CLOSED,
    _E.OPENED: _S.OPEN,
    _E.NUMBERS_GONE: _S.NO_NUMBER,
    _E.RECALLED: _S.RECALLED,
}
_BY_CLIENT: Mapping[CaseEvent, CaseState] = {_E.WITHDRAWN: _S.WITHDRAWN, _E.HELD: _S.HELD, _E.MERGED: _S.MERGED}
TRANSITIONS: Mapping[CaseState, Mapping[CaseEvent, CaseState]] = {
    _S.HELD: {
        _E.RELEASED: _S.OPEN,
        _E.REACHED: _S.REACHED,
        _E.CLOSED: _S.CLOSED,
        _E.WITHDRAWN: _S.WITHDRAWN,
        _E.RECALLED: _S.RECALLED,
        _E.MERGED: _S.MERGED,
    },
    _S.NO_NUMBER: {**_DERIVED, **_BY_CLIENT},
    _S.OPEN: {**_DERIVED, **_BY_CLIENT},
    _S.REACHED: _DERIVED,
    _S.NOT_REACHED: {**_DERIVED, _E.WITHDRAWN: _S.WITHDRAWN},
    _S.CLOSED: _DERIVED,
    _S.WITHDRAWN: {_E.RELEASED: _S.OPEN, _E.RECALLED: _S.RECALLED},
    _S.RECALLED: {},
    _S.MERGED: {_E.SPLIT: _S.OPEN, _E.HELD: _S.HELD, _E.NUMBERS_GONE: _S.NO_NUMBER, _E.RECALLED: _S.RECALLED},
}

DERIVED_STATES = frozenset({_S.NO_NUMBER, _S.OPEN, _S.REACHED, _S.NOT_REACHED, _S.CLOSED})
"""States that follow from the attempts; the others are somebody's decision and stay until it is taken back."""


def advance(state: CaseState, event: CaseEvent) -> CaseState:
    """The state after `event`. Raises IllegalTransitionError when it cannot happen now."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise IllegalTransitionError("case", state, event) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAttempt:
    """One attempt of a case, as its projection stands."""

    attempt: AttemptId
    direction: Direction
    phone: PhoneId | None
    at: datetime  # claimed, or the caller's arrival
    ended_at: datetime | None
    day: date | None  # Amsterdam date of a counted dial
    live: bool = False
    counted: bool = True
    exempt_daily: bool = False
    outcome: str | None = None  # None: live, or its wrap-up is open
    outcome_at: datetime | None = None
    reached: bool = False
    wrap_up_open: bool = False
    agent: UserId | None = None
    appointment_at: datetime | None = None
    phone_closed: PhoneId | None = None  # closed by the agent beside the outcome

    @property
    def over(self) -> datetime:
        """When it ended, as far as known."""
        return self.ended_at or self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class LastStep:
    """The step that the latest outcome asks for."""

    attempt: PastAttempt
    kind: StepKind
    step: NextStep
    occurrence: int  # how often this outcome came in the case


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a case's attempts amount to."""

    last: LastStep | None = None
    outcome: str | None = None  # what is reported
    outcome_attempt: AttemptId | None = None
    final: CaseState | None = None
    closed_phones: Mapping[PhoneId, str] = field(default_factory=dict)  # -> outcome code
    appointment_at: datetime | None = None
    paused_until: datetime | None = None
    reserved: bool = False
    preferred_agent: UserId | None = None
    faults: int = 0  # carrier faults in a row since the last real attempt
    fault_at: datetime | None = None
    busy: bool = False  # an attempt is live, or a wrap-up is open


class _Fold:
    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.seen: dict[str, int] = {}
        self.dates: dict[tuple[PhoneId, str], set[date]] = {}
        self.last: LastStep | None = None
        self.settled: tuple[CaseState, PastAttempt] | None = None
        self.closed: dict[PhoneId, str] = {}
        self.appointment: tuple[datetime, PastAttempt] | None = None
        self.paused_until: datetime | None = None
        self.faults = 0
        self.fault_at: datetime | None = None

    def take(self, attempt: PastAttempt) -> None:
        met = self.appointment is not None and attempt.at >= self.appointment[0]
        if met and attempt.direction is Direction.OUT and attempt.counted:
            self.appointment = None
        definition = self.catalogue.outcomes.get(attempt.outcome or "")
        if definition is None:
            return
        if not definition.counted:
            self.faults += 1
            self.fault_at = attempt.over
            return
        if definition.code == "LOST":  # a caller who hung up changes no plan
            return
        self._count(attempt, definition)

    def _count(self, attempt: PastAttempt, definition: OutcomeDef) -> None:
        code, step = definition.code, definition.step
        self.seen[code] = self.seen.get(code, 0) + 1
        kind = step.kind_at(self.seen[code])
        self.last = LastStep(attempt=attempt, kind=kind, step=step, occurrence=self.seen[code])
        self.faults, self.fault_at = 0, None
        self._numbers(attempt, definition)
        if definition.final_for is FinalFor.CASE or kind in (StepKind.STOP, StepKind.REVIEW):
            state = CaseState(definition.case_state or CaseState.CLOSED)
            if attempt.reached or self.settled is None or self.settled[0] is not CaseState.REACHED:
                self.settled = (CaseState.REACHED if attempt.reached else state, attempt)
        if kind is StepKind.APPOINTMENT and attempt.appointment_at is not None:
            self.appointment = (attempt.appointment_at, attempt)
        if kind is StepKind.PAUSE:
            begun = attempt.outcome_at or attempt.over
            self.paused_until = begun + timedelta(days=step.pause_days)

    def _numbers(self, attempt: PastAttempt, definition: OutcomeDef) -> None:
        if attempt.phone_closed is not None:
            self.closed[attempt.phone_closed] = definition.code
        if attempt.phone is None or not definition.step.close_after_days:
            return
        days = self.dates.setdefault((attempt.phone, definition.code), set())
        days.add(attempt.day or attempt.at.date())
        if len(days) >= definition.step.close_after_days:
            self.closed[attempt.phone] = definition.code


def derive(attempts: Iterable[PastAttempt], catalogue: Catalogue) -> Standing:
    """What the attempts, oldest first, amount to under `catalogue`.

    The latest final outcome is reported, but nothing less than another conversation unmakes a conversation. An outcome
    that the catalogue does not know changes no plan.
    """
    fold = _Fold(catalogue)
    busy = False
    for attempt in attempts:
        busy = busy or attempt.live or (attempt.wrap_up_open and attempt.outcome is None)
        fold.take(attempt)
    last, settled = fold.last, fold.settled
    reported = settled[1] if settled else (last.attempt if last else None)
    appointment, who = fold.appointment or (None, None)
    same_agent = last is not None and last.step.same_agent
    if who is None and last is not None and same_agent and last.kind is last.step.kind:
        who = last.attempt
    return Standing(
        last=last,
        outcome=reported.outcome if reported else None,
        outcome_attempt=reported.attempt if reported else None,
        final=settled[0] if settled else None,
        closed_phones=fold.closed,
        appointment_at=appointment,
        paused_until=fold.paused_until,
        reserved=appointment is not None or (last is not None and last.step.reserved),
        preferred_agent=who.agent if who else None,
        faults=fold.faults,
        fault_at=fold.fault_at,
        busy=busy,
    )
