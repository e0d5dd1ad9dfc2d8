"""A proposal to improve the work, on its way through plan, do, check, act: it always gets an answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from dialer.domain.errors import IllegalTransitionError


class ImprovementState(StrEnum):
    """Where a proposal stands."""

    PLAN = "plan"  # who will do what by when?
    DO = "do"  # it is being tried
    CHECK = "check"  # did it help?
    ACT = "act"  # it becomes the usual way
    CLOSED = "closed"  # with an answer to whoever proposed it


class ImprovementEvent(StrEnum):
    """What can happen to it."""

    NEXT = "next"
    AGAIN = "again"  # it did not help: another plan
    CLOSE = "close"


_S, _E = ImprovementState, ImprovementEvent
TRANSITIONS: Mapping[ImprovementState, Mapping[ImprovementEvent, ImprovementState]] = {
    _S.PLAN: {_E.NEXT: _S.DO, _E.CLOSE: _S.CLOSED},
    _S.DO: {_E.NEXT: _S.CHECK, _E.AGAIN: _S.PLAN, _E.CLOSE: _S.CLOSED},
    _S.CHECK: {_E.NEXT: _S.ACT, _E.AGAIN: _S.PLAN, _E.CLOSE: _S.CLOSED},
    _S.ACT: {_E.AGAIN: _S.PLAN, _E.CLOSE: _S.CLOSED},
    _S.CLOSED: {},
}

LONGEST_TEXT = 1000


def advance(state: ImprovementState, event: ImprovementEvent) -> ImprovementState:
    """The state after `event`. Raises IllegalTransitionError when it cannot happen now."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise IllegalTransitionError("improvement", state, event) from None
