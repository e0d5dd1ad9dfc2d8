"""Where a case stands and what comes next, from its facts alone.

One function for everything that can change a case (an ended call, a filed, recoded or undone outcome, a new number, a
lifted opt-out, the end of the term): it is asked anew each time and repairs what an earlier answer got wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dialer.domain.case import DERIVED_STATES, CaseEvent, CaseState, Standing, advance
from dialer.domain.ids import AttemptId, PhoneId, UserId
from dialer.domain.opening import HoldReason, OpeningSettings, hold_after
from dialer.domain.outcome import Catalogue
from dialer.schedule.history import CaseFacts, build, standing
from dialer.schedule.model import History, Hold, Limits, Plan, Planner
from dialer.schedule.rules import by_hand, first_legal, redial_due, usable

_EVENTS: Mapping[CaseState, CaseEvent] = {
    CaseState.REACHED: CaseEvent.REACHED,
    CaseState.NOT_REACHED: CaseEvent.PLAN_ENDED,
    CaseState.CLOSED: CaseEvent.CLOSED,
    CaseState.OPEN: CaseEvent.OPENED,
    CaseState.NO_NUMBER: CaseEvent.NUMBERS_GONE,
    CaseState.HELD: CaseEvent.HELD,
}

_LIVE = frozenset({CaseState.HELD, CaseState.NO_NUMBER, CaseState.OPEN})
"""A resident has one case at a time in these states, in one campaign."""


_DIALLED = frozenset({CaseState.NO_NUMBER, CaseState.OPEN})

CALL_BACK = "call_back"
"""Reason of a plan that keeps a call-back."""

RECALL_AGAIN = timedelta(minutes=5)
"""A case of a recalled delivery is looked at again after this, until the recall has dealt with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The new row of a case."""

    state: CaseState
    reason: str = ""
    plan: Plan | None = None
    phone: PhoneId | None = None  # of the plan
    outcome: str | None = None
    outcome_attempt: AttemptId | None = None
    reserved: bool = False
    preferred_agent: UserId | None = None
    paused_until: datetime | None = None
    appointment_at: datetime | None = None
    redial: bool = False
    held_elsewhere: bool = False  # by another case's outcome: lifts with it
    closed_phones: Mapping[PhoneId, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """What a case is judged by: its client's limits, its catalogue and the planner."""

    limits: Limits
    catalogue: Catalogue
    planner: Planner
    callback_hold: timedelta = timedelta(hours=24)
    opening: OpeningSettings = field(default_factory=OpeningSettings)


def history_of(facts: CaseFacts, book: Rulebook) -> History:
    """The case as the rules see it."""
    return _history(facts, standing(facts, book.catalogue), book)


def _history(facts: CaseFacts, stands: Standing, book: Rulebook) -> History:
    history = replace(build(facts, stands, book.catalogue, book.callback_hold), stopped=_stopped(facts, book.opening))
    return by_hand(history, book.limits, book.callback_hold)


def _stopped(facts: CaseFacts, settings: OpeningSettings) -> Hold | None:
    """The hold that another case of the resident puts on this one."""
    ended = facts.ended_elsewhere
    reason = None if ended is None else hold_after(ended, ended.closed_at, settings)
    if ended is None or reason is None:
        return None
    until = ended.closed_at + settings.spoken_hold if reason is HoldReason.SPOKEN_RECENTLY else None
    return Hold(code="case_state", until=until, facts={"state": CaseState.HELD.value, "reason": reason.value})


def settle(facts: CaseFacts, book: Rulebook, now: datetime, *, other_live: bool = False) -> Settlement:
    """Where the case stands at `now` and its next attempt.

    `other_live`: the resident has another case going in this campaign, so that this one is not opened again.
    """
    stands = standing(facts, book.catalogue)
    history = _history(facts, stands, book)
    if facts.held_elsewhere and _holds(history, now) is None and facts.state == CaseState.HELD:
        facts = replace(facts, state=advance(CaseState.HELD, CaseEvent.RELEASED).value, state_reason="")
    state, reason, plan = _target(facts, stands, history, book, now)
    current = CaseState(facts.state)
    if state in _LIVE and current not in _LIVE and other_live:
        state, reason, plan = current, facts.state_reason, None
    if state is not current:
        state = advance(current, _EVENTS[state])
    outcome, attempt = _reported(state, reason, stands)
    return Settlement(
        state=state,
        reason=reason,
        plan=plan,
        phone=None if plan is None else facts.phones[plan.number].phone,
        outcome=outcome,
        outcome_attempt=attempt,
        reserved=stands.reserved or (plan is not None and plan.reason.get("code") == CALL_BACK),
        preferred_agent=stands.preferred_agent,
        paused_until=history.paused_until,
        appointment_at=stands.appointment_at,
        held_elsewhere=state is CaseState.HELD and (current is not CaseState.HELD or facts.held_elsewhere),
        redial=plan is not None and redial_due(history, plan.at, book.limits),
        closed_phones=stands.closed_phones,
    )


def _target(
    facts: CaseFacts, stands: Standing, history: History, book: Rulebook, now: datetime
) -> tuple[CaseState, str, Plan | None]:
    current = CaseState(facts.state)
    if stands.final is not None and (current in DERIVED_STATES or current is CaseState.HELD):
        return stands.final, stands.outcome or "", None
    held = _holds(history, now)
    if held is not None and (current in _DIALLED or (current is CaseState.HELD and facts.held_elsewhere)):
        return CaseState.HELD, held, None
    if current not in DERIVED_STATES:
        return current, facts.state_reason, None
    if facts.opted_out_at is not None:
        return CaseState.CLOSED, "OPT_OUT", None
    if stands.busy:
        waits = current if current in _LIVE else CaseState.OPEN
        return waits, facts.state_reason if waits is current else "", None
    if facts.recalled:
        # The recall itself closes the case, or leaves it to another delivery's signals: it only waits here.
        return current, facts.state_reason, _wait(facts, now)
    over = now >= facts.ends_at
    if all(n.closed or n.blocked for n in history.numbers):
        if not over:
            return CaseState.NO_NUMBER, "", None
        if not any(a.counted for a in facts.attempts):
            return CaseState.CLOSED, "NOT_CALLABLE", None
    opened = replace(history, state="open")
    plan = _call_back(opened, now, book.limits) or book.planner.next_attempt(opened, now, book.limits)
    if over or plan is None:
        return CaseState.NOT_REACHED, _gave_up(history, book.limits, over), None
    return CaseState.OPEN, "", plan


def _holds(history: History, now: datetime) -> str | None:
    """Why the client decides first at `now`, because of another case; None: nothing of that sort."""
    stopped = history.stopped
    if stopped is None or (stopped.until is not None and now >= stopped.until):
        return None
    return str(stopped.facts["reason"])


def _call_back(history: History, now: datetime, limits: Limits) -> Plan | None:
    """The dial that the resident asked for: as soon as the rules allow, whichever planner is in use."""
    asked = history.call_back
    if asked is None:
        return None
    at = first_legal(history, asked.number, max(now, asked.at), limits)
    return None if at is None else Plan(at=at, number=asked.number, reason={"code": CALL_BACK})


def _wait(facts: CaseFacts, now: datetime) -> Plan | None:
    if facts.state != CaseState.OPEN or not facts.phones:
        return None
    return Plan(at=now + RECALL_AGAIN, number=0, reason={"code": "recalled"})


def _gave_up(history: History, limits: Limits, over: bool) -> str:
    if over:
        return "term_over"
    if history.counted() >= limits.per_case:
        return "case_cap"
    return "number_cap" if not usable(history, limits) else "no_moment_left"


def _reported(state: CaseState, reason: str, stands: Standing) -> tuple[str | None, AttemptId | None]:
    """The outcome that the client is told, and the attempt it stands on."""
    if stands.final is not None:
        return stands.outcome, stands.outcome_attempt
    if state is CaseState.NOT_REACHED:
        return "NOT_REACHED", None
    if state is CaseState.WITHDRAWN:
        return "WITHDRAWN", None
    if state is CaseState.CLOSED:
        return reason or None, None
    return stands.outcome, stands.outcome_attempt
