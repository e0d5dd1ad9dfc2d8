"""A resident's complaint: who has it in hand, by when it must be answered (Awb 9:11), and what became of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from dialer.domain.errors import IllegalTransitionError


class ComplaintState(StrEnum):
    """Where a complaint stands."""

    RECEIVED = "received"  # nobody has it in hand yet
    IN_HAND = "in_hand"  # its owner is to answer it
    EXTENDED = "extended"  # the same, with more time: once
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"  # the resident took it back, or it was none


class ComplaintEvent(StrEnum):
    """What can happen to it."""

    ASSIGN = "assign"  # somebody becomes its owner
    EXTEND = "extend"  # the term is put off, with a reason
    ANSWER = "answer"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"  # the answer did not do, or the withdrawal was a slip of the hand


_S, _E = ComplaintState, ComplaintEvent
TRANSITIONS: Mapping[ComplaintState, Mapping[ComplaintEvent, ComplaintState]] = {
    _S.RECEIVED: {_E.ASSIGN: _S.IN_HAND, _E.WITHDRAW: _S.WITHDRAWN},
    _S.IN_HAND: {
        _E.ASSIGN: _S.IN_HAND,
        _E.EXTEND: _S.EXTENDED,
        _E.ANSWER: _S.ANSWERED,
        _E.WITHDRAW: _S.WITHDRAWN,
    },
    _S.EXTENDED: {_E.ASSIGN: _S.EXTENDED, _E.ANSWER: _S.ANSWERED, _E.WITHDRAW: _S.WITHDRAWN},
    _S.ANSWERED: {_E.REOPEN: _S.EXTENDED},  # no third term
    _S.WITHDRAWN: {_E.REOPEN: _S.EXTENDED},
}

OPEN = frozenset({_S.RECEIVED, _S.IN_HAND, _S.EXTENDED})
"""States in which somebody waits for an answer."""

EXTENSION_DAYS = 28
"""So much later, once (Awb 9:11, second paragraph: four weeks)."""

LONGEST_TEXT = 4000


def advance(state: ComplaintState, event: ComplaintEvent) -> ComplaintState:
    """The state after `event`. Raises IllegalTransitionError when it cannot happen now."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise IllegalTransitionError("complaint", state, event) from None
