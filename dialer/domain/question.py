"""A question about one case between the client's people and ours: whose turn it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from dialer.domain.errors import ConflictError, IllegalTransitionError


class Side(StrEnum):
    """Who writes."""

    CLIENT = "client"
    OFFICE = "office"  # our supervisors


class QuestionState(StrEnum):
    """Where a question stands."""

    OPEN = "open"  # we are to answer
    ANSWERED = "answered"  # the client's people are to read, or to answer
    CLOSED = "closed"


class QuestionEvent(StrEnum):
    """What can happen to it."""

    ASKED = "asked"  # the client wrote
    ANSWERED = "answered"  # we wrote
    CLOSED = "closed"


_S, _E = QuestionState, QuestionEvent
TRANSITIONS: Mapping[QuestionState, Mapping[QuestionEvent, QuestionState]] = {
    _S.OPEN: {_E.ASKED: _S.OPEN, _E.ANSWERED: _S.ANSWERED, _E.CLOSED: _S.CLOSED},
    _S.ANSWERED: {_E.ASKED: _S.OPEN, _E.ANSWERED: _S.ANSWERED, _E.CLOSED: _S.CLOSED},
    _S.CLOSED: {_E.ASKED: _S.OPEN, _E.ANSWERED: _S.ANSWERED},  # who writes again opens it again
}

WRITES: Mapping[Side, QuestionEvent] = {Side.CLIENT: _E.ASKED, Side.OFFICE: _E.ANSWERED}

LONGEST_TEXT = 2000
MOST_MESSAGES = 200
"""In one thread: who has more to say about a case rings."""


class ThreadFullError(ConflictError):
    """The thread has as many messages as it may have."""

    code = "thread-full"


def advance(state: QuestionState, event: QuestionEvent) -> QuestionState:
    """The state after `event`. Raises IllegalTransitionError when it cannot happen now."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise IllegalTransitionError("question", state, event) from None
