"""A coaching item: what a reviewer and an agent agree on. It is between the two of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from dialer.domain.errors import IllegalTransitionError


class CoachingState(StrEnum):
    """Where an item stands."""

    OPEN = "open"  # the agent is to answer
    ANSWERED = "answered"  # the coach is to read it
    CLOSED = "closed"  # both are done with it


class CoachingEvent(StrEnum):
    """What can happen to it."""

    ANSWER = "answer"  # by the agent
    CLOSE = "close"  # by the coach


_S, _E = CoachingState, CoachingEvent
TRANSITIONS: Mapping[CoachingState, Mapping[CoachingEvent, CoachingState]] = {
    _S.OPEN: {_E.ANSWER: _S.ANSWERED},
    _S.ANSWERED: {_E.ANSWER: _S.ANSWERED, _E.CLOSE: _S.CLOSED},  # an answer may be put better
    _S.CLOSED: {},
}

LONGEST_TEXT = 2000


def advance(state: CoachingState, event: CoachingEvent) -> CoachingState:
    """The state after `event`. Raises IllegalTransitionError when it cannot happen now."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise IllegalTransitionError("coaching", state, event) from None
