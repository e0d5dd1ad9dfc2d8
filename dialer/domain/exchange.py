"""Messages to a client's own systems: what kinds there are, where one stands, and when it is tried again.

A message tells the whole present result of one case to one channel, so that a later one replaces an earlier one. Those
of one resident leave in the order in which they were made. Pure: times are arguments, aware UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from dialer.domain.errors import IllegalTransitionError


class ChannelKind(StrEnum):
    """How results reach a client by themselves."""

    WEBHOOK = "webhook"  # signed JSON to an address of the client
    KLANTINTERACTIES = "klantinteracties"  # the VNG API for contact registers
    HAND = "hand"  # a worklist: somebody types them over


class ChannelState(StrEnum):
    """Whether results go to a channel."""

    ON = "on"
    PAUSED = "paused"  # messages are made and wait
    OFF = "off"  # no messages are made


class MessageKind(StrEnum):
    """What a message tells."""

    CRISIS = "crisis"
    HELP = "help"
    RESULT = "result"
    NOT_REACHED = "not_reached"
    TAKEN_BACK = "taken_back"  # what was told before does not stand any more


class MessageState(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENDING = "sending"
    RETRY = "retry"
    CONFIRMED = "confirmed"  # the other side said that it has it
    DEAD = "dead"  # somebody must look
    SUPERSEDED = "superseded"  # a later one tells more, and nobody has seen this one
    SKIPPED = "skipped"  # there was nothing to tell, or its data was erased


class MessageEvent(StrEnum):
    """What can happen to a message."""

    CLAIMED = "claimed"
    RECEIVED = "received"
    FAILED = "failed"
    REFUSED = "refused"
    RESENT = "resent"
    OVERTAKEN = "overtaken"
    EMPTY = "empty"


_S, _E = MessageState, MessageEvent
_READY: Mapping[MessageEvent, MessageState] = {_E.CLAIMED: _S.SENDING, _E.OVERTAKEN: _S.SUPERSEDED}
TRANSITIONS: Mapping[MessageState, Mapping[MessageEvent, MessageState]] = {
    # By hand nothing is sent: who has typed it over says so.
    _S.WAITING: {**_READY, _E.RECEIVED: _S.CONFIRMED, _E.EMPTY: _S.SKIPPED},
    _S.RETRY: _READY,
    _S.SENDING: {
        _E.CLAIMED: _S.SENDING,  # whoever sent it died underway
        _E.RECEIVED: _S.CONFIRMED,
        _E.FAILED: _S.RETRY,
        _E.REFUSED: _S.DEAD,
        _E.OVERTAKEN: _S.SUPERSEDED,
        _E.EMPTY: _S.SKIPPED,
    },
    _S.CONFIRMED: {},
    _S.DEAD: {_E.RESENT: _S.WAITING, _E.OVERTAKEN: _S.SUPERSEDED},
    _S.SUPERSEDED: {},
    _S.SKIPPED: {},
}


def advance(state: MessageState, event: MessageEvent) -> MessageState:
    """The state after `event`. Raises IllegalTransitionError when it cannot happen now."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise IllegalTransitionError("message", state, event) from None


SECOND_THOUGHTS = timedelta(minutes=15)
"""A result leaves this long after it was filed, while its agent may take it back. A crisis does not wait."""

_PAUSES = tuple(
    timedelta(seconds=seconds) for seconds in (30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 21_600, 28_800)
)
MOST_TRIES = len(_PAUSES) + 1
"""After so many a message is dead: a little less than a day after the first."""

MOST_DEATHS = 3
"""So often, in a row, whoever sends a thing may die underway before it is given up: it would take the calls with it."""
DIED = "died"
"""Fault of such a thing: somebody must look, and sends it again by hand."""

LONGEST_ASKED = timedelta(hours=1)
"""A receiver that asks for patience gets no more than this at a time."""


def failed(tries: int) -> MessageEvent:
    """What a passing fault of try number `tries` (1 is the first) amounts to."""
    return _E.FAILED if tries < MOST_TRIES else _E.REFUSED


def next_try(tries: int, at: datetime, asked: timedelta | None = None) -> datetime:
    """When it is tried again after a passing fault of try number `tries`; `asked`: the receiver's Retry-After."""
    pause = _PAUSES[min(max(tries, 1), len(_PAUSES)) - 1]
    return at + (pause if asked is None else max(pause, min(asked, LONGEST_ASKED)))


HELP_OUTCOMES = frozenset({"HELP_WANTED", "HELP_APPOINTMENT"})
CRISIS_FLAG = "CRISIS"
_TOLD_STATES = frozenset({"reached", "not_reached", "closed"})


def kind_of(state: str, outcome: str, flags: Collection[str], *, told_before: bool) -> MessageKind | None:
    """What a case's result is to its client; None: nothing to tell.

    `state` and `outcome` of the case, `flags` of the call whose outcome stands; `told_before`: an earlier message of
    the case may have been seen on this channel.
    """
    if CRISIS_FLAG in flags:
        return MessageKind.CRISIS
    if state in _TOLD_STATES:
        if outcome in HELP_OUTCOMES:
            return MessageKind.HELP
        return MessageKind.NOT_REACHED if state == "not_reached" else MessageKind.RESULT
    return MessageKind.TAKEN_BACK if told_before else None


class Fault(StrEnum):
    """Why a try did not succeed: stable codes, put in words on the screen. Never a text of the other side."""

    ADDRESS = "address"  # may not be called: another scheme, or inside our own network
    UNREACHABLE = "unreachable"
    TLS = "tls"
    SLOW = "slow"
    CUT_OFF = "cut_off"  # half an answer
    SIGN_IN = "sign_in"  # 401, 403: the key is not accepted
    BUSY = "busy"  # 429
    THEIR_FAULT = "their_fault"  # 5xx
    REFUSED = "refused"  # 4xx: this message is not accepted
    MOVED = "moved"  # a redirect, which is not followed
    ANSWER = "answer"  # not what the standard says
    SECRET = "secret"  # ours does not open  # noqa: S105 - a code


LASTING = frozenset({Fault.REFUSED, Fault.MOVED})
"""Faults that trying again does not mend."""


def fault_of(status: int) -> Fault | None:
    """What an HTTP status says; None: received."""
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return Fault.MOVED
    if status in (401, 403, 407):
        return Fault.SIGN_IN
    if status == 429:
        return Fault.BUSY
    if status in (408, 409, 423, 425) or status >= 500:
        return Fault.THEIR_FAULT
    return Fault.REFUSED
