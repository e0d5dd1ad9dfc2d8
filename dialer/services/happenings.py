"""What happens to a call, as the pacer is told it; and a pacer's decision, as the engine and the screens know it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from dialer.domain.call import Call, CallEvent, Intent
from dialer.domain.causes import OUR_FAULT, is_abandoned, machine_result
from dialer.domain.dayparts import DayPart, day_part
from dialer.pacing import view
from dialer.pacing.model import Decision, Limit
from dialer.schedule.windows import local
from dialer.services.room import Left, Scope

_SAID_NO = frozenset({"NO_ANSWER", "REJECTED"})

_LIMIT_OF: Mapping[view.Held, Limit] = {
    view.Held.CLOSED: Limit.WINDOW,
    view.Held.NOBODY: Limit.AGENTS,
    view.Held.PREVIEW: Limit.PREVIEW,
    view.Held.AGENTS: Limit.AGENTS,
    view.Held.RISK: Limit.RISK,
    view.Held.GUARD: Limit.GUARD,
    view.Held.INBOUND: Limit.INBOUND,
    view.Held.BREATH: Limit.BREATH,
    view.Held.BUDGET: Limit.BUDGET,
    view.Held.LINES: Limit.LINES,
    view.Held.RATE: Limit.RATE,
    view.Held.LIST: Limit.LIST,
}


_PARTS = {DayPart.MORNING: 0, DayPart.AFTERNOON: 1, DayPart.EVENING: 2}
_SATURDAY = 3

LINES_OF: Mapping[Scope, Limit] = {
    Scope.CAMPAIGN: Limit.LINES,
    Scope.CLIENT: Limit.CLIENT_LINES,
    Scope.TRUNK: Limit.TRUNK_LINES,
}
_RATE_OF: Mapping[Scope, Limit] = {
    Scope.CAMPAIGN: Limit.RATE,
    Scope.CLIENT: Limit.CLIENT_RATE,
    Scope.TRUNK: Limit.TRUNK_RATE,
}
OF_HOLD = {
    "outside_window": "outside-window",
    **{limit.value: "no-line-free" for limit in LINES_OF.values()},
    "trunk_faults": "trunk-rests",
}
"""Rules of the engine -> codes for an agent who asks for a call himself. A state of the campaign is one code; all else
is a part that is not there now."""

RATES = frozenset(_RATE_OF.values())
"""Limits that end by themselves within a second."""


def in_words(
    decision: view.Decision,
    *,
    inbound_waiting: int,
    left: Left | None = None,
    appointments_due: int = 0,
    in_ring: int | None = None,
) -> Decision:
    """A pacer's decision as the engine and the screens know decisions. `in_ring`: with those that have an agent.

    `left`: whose bounds the lines and the starts are; None: the campaign's own.
    """
    why = decision.reasons
    limit = _LIMIT_OF[why.held]
    if limit is Limit.AGENTS and inbound_waiting:
        limit = Limit.INBOUND
    elif limit is Limit.AGENTS and appointments_due:
        limit = Limit.APPOINTMENTS
    elif limit is Limit.LINES and left is not None:
        limit = LINES_OF[left.lines_of]
    elif limit is Limit.RATE and left is not None:
        limit = _RATE_OF[left.starts_of]
    return Decision(
        start=decision.start,
        limit=limit,
        ask_again=decision.ask_again,
        facts={
            "free_agents": why.idle,
            "in_ring": why.rings if in_ring is None else in_ring,
            "inbound_waiting": inbound_waiting,
            "appointments_due": appointments_due,
            "answers_expected_percent": round(100 * why.answers),
            "agents_expected_percent": round(100 * why.releases),
            "risk_per_mille": round(1000 * why.risk),
            "risk_allowed_per_mille": round(1000 * why.allowed),
        },
    )


def ordered(call: Call) -> float:
    """When it was ordered, as far as is known."""
    return call.dialed_at if call.dialed_at is not None else call.claimed_at


def part_of(at: datetime) -> int:
    """Which part of the day or week it is, for what is usual then: morning, afternoon, evening, Saturday."""
    clock = local(at)
    return _SATURDAY if clock.weekday() == 5 else _PARTS[day_part(clock.time())]


def rang_for(call: Call) -> float | None:
    """Seconds that it rang until it was picked up."""
    return None if call.answered_at is None else max(0.0, call.answered_at - ordered(call))


def told(call: Call, event: CallEvent, at: float) -> view.Event | None:
    """What a step of an outbound call tells the pacer."""
    age = max(0.0, at - ordered(call))
    match event:
        case CallEvent.DIALED:
            return view.Dialled(at)
        case CallEvent.ANSWERED:
            return view.PickedUp(at, age)
        case CallEvent.JOINED if call.joined_at == at:
            return view.Joined(at)
        case CallEvent.MESSAGE_STARTED if not call.talked:
            return view.Abandoned(at, rang_for(call) or 0.0)
        case CallEvent.ENDED | CallEvent.REFUSED:
            return _end(call, at, age)
        case _:
            return None


def _end(call: Call, at: float, age: float) -> view.Event | None:
    if call.talked:
        kind = view.Kind.MACHINE if call.intent is Intent.VOICEMAIL else view.Kind.PERSON
        joined = call.joined_at if call.joined_at is not None else at
        return view.TalkEnded(at, call.agent, max(0.0, at - joined), kind, rang_for(call) or 0.0)
    if call.answered_at is not None:
        return view.Abandoned(at, rang_for(call) or 0.0) if is_abandoned(call) and call.message_at is None else None
    if call.dialed_at is None:
        return None  # it never left
    return view.RingEnded(at, age, _how(call))


def _how(call: Call) -> view.Ended:
    if call.intent in (Intent.CANCEL, Intent.RING_CUT):
        return view.Ended.CUT
    result = machine_result(call)
    if result == "BUSY":
        return view.Ended.BUSY
    if result in OUR_FAULT or result not in _SAID_NO:
        return view.Ended.CARRIER
    return view.Ended.NO_ANSWER
