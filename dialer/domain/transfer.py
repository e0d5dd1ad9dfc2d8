"""A call that its agent gives to somebody else, as a table: from the wish until it is given, or the agent has it back.

At every step the resident is with somebody or hears music, and each state that waits for the telephone system has an
end of its own (`LONGEST`): then the resident goes back to the agent, and from there, if that fails too, to the rescue
that every call has whose agent is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from dialer.domain.errors import IllegalTransitionError
from dialer.domain.ids import AttemptId, ChannelId, UserId


class Way(StrEnum):
    """How the call is given."""

    WARM = "warm"  # the agent speaks with the target first
    BLIND = "blind"  # the target has the resident on the line as soon as he answers


class TargetKind(StrEnum):
    """To whom."""

    DESK = "desk"  # the municipality's own
    TEAM = "team"  # colleagues elsewhere, behind one number
    INTERPRETER = "interpreter"
    CRISIS = "crisis"  # the desk for a crisis
    COLLEAGUE = "colleague"  # a free agent of the same campaign


class TransferState(StrEnum):
    """Where it stands."""

    HOLDING = "holding"  # the resident is about to hear music
    RINGING = "ringing"  # music; the target is rung
    MEETING = "meeting"  # music; agent and target are being joined
    ASKING = "asking"  # music; agent and target speak
    GATHERING = "gathering"  # the resident is being brought in
    TOGETHER = "together"  # all three speak
    LEAVING = "leaving"  # the agent is about to leave the other two
    HANDING = "handing"  # the resident and the target are being joined, without the agent
    RETURNING = "returning"  # the resident goes back to the agent
    OVER = "over"  # given, or back


class TransferEvent(StrEnum):
    """What can happen."""

    HELD = "held"
    ANSWERED = "answered"  # the target is there
    MET = "met"
    GATHERED = "gathered"
    HANDED = "handed"  # the resident is with the target alone
    JOINED = "joined"  # the resident is with the agent alone, or with somebody else who took him
    GATHER = "gather"  # the agent asks for three together
    LEAVE = "leave"  # the agent asks to leave the resident with the target
    BACK = "back"  # the agent asks for the resident back
    TARGET_GONE = "target_gone"  # busy, no answer, or hung up
    AGENT_GONE = "agent_gone"  # the agent's leg is gone
    LATE = "late"  # the state has lasted too long, or the telephone system refused
    LOST = "lost"  # the telephone system says that the resident has nobody
    CALL_OVER = "call_over"


class Do(StrEnum):
    """What is asked of the telephone system, in the order given."""

    RING = "ring"
    MEET = "meet"
    GATHER = "gather"
    LEAVE = "leave"  # the agent's leg goes home
    HAND = "hand"
    REJOIN = "rejoin"
    DROP = "drop"  # the target is let go
    RELEASE = "release"  # the resident to the rescue


class TransferEnd(StrEnum):
    """How it ended."""

    HANDED_OVER = "handed_over"
    BACK = "back"
    NOT_REACHED = "not_reached"
    TARGET_LEFT = "target_left"
    FAILED = "failed"
    AGENT_GONE = "agent_gone"
    CALL_OVER = "call_over"


@dataclass(frozen=True, slots=True)
class Step:
    """What follows an event: the next state, what to do, and (once it goes back or is over) why."""

    state: TransferState
    do: tuple[Do, ...] = ()
    why: TransferEnd | None = None


_S, _E = TransferState, TransferEvent
_OVER = Step(_S.OVER, (Do.DROP,), TransferEnd.CALL_OVER)
_LOST = Step(_S.OVER, (Do.DROP,), TransferEnd.FAILED)
_ELSEWHERE = Step(_S.OVER, (Do.DROP,), TransferEnd.BACK)
_AGENT_GONE = Step(_S.OVER, (Do.RELEASE, Do.DROP), TransferEnd.AGENT_GONE)
_HANDED = Step(_S.OVER, (), TransferEnd.HANDED_OVER)


def _return(why: TransferEnd) -> Step:
    """First the resident, then the target."""
    return Step(_S.RETURNING, (Do.REJOIN, Do.DROP), why)


_MUSIC: Mapping[TransferEvent, Step] = {
    _E.BACK: _return(TransferEnd.BACK),
    _E.JOINED: _ELSEWHERE,
    _E.TARGET_GONE: _return(TransferEnd.NOT_REACHED),
    _E.AGENT_GONE: _AGENT_GONE,
    _E.LATE: _return(TransferEnd.FAILED),
    _E.LOST: _LOST,
    _E.CALL_OVER: _OVER,
}
"""The same in every state in which the resident hears music."""

STEPS: Mapping[TransferState, Mapping[TransferEvent, Step]] = {
    _S.HOLDING: {**_MUSIC, _E.HELD: Step(_S.RINGING, (Do.RING,))},
    _S.RINGING: {
        **_MUSIC,
        _E.ANSWERED: Step(_S.MEETING, (Do.MEET,)),  # blind: see `advance`
        _E.LATE: _return(TransferEnd.NOT_REACHED),
    },
    _S.MEETING: {**_MUSIC, _E.MET: Step(_S.ASKING)},
    _S.ASKING: {
        **_MUSIC,
        _E.GATHER: Step(_S.GATHERING, (Do.GATHER,)),
        _E.LEAVE: Step(_S.HANDING, (Do.HAND,)),
        _E.TARGET_GONE: _return(TransferEnd.TARGET_LEFT),
        _E.LATE: _return(TransferEnd.BACK),
    },
    _S.GATHERING: {
        **_MUSIC,
        _E.GATHERED: Step(_S.TOGETHER),
        _E.HANDED: _HANDED,
        _E.TARGET_GONE: _return(TransferEnd.TARGET_LEFT),
    },
    # Who leaves three leaves two who talk on: nothing is asked of the telephone system.
    _S.TOGETHER: {
        _E.LEAVE: Step(_S.LEAVING, (Do.LEAVE,)),
        _E.BACK: Step(_S.OVER, (Do.DROP,), TransferEnd.BACK),
        _E.JOINED: Step(_S.OVER, (Do.DROP,), TransferEnd.TARGET_LEFT),
        _E.TARGET_GONE: Step(_S.OVER, (), TransferEnd.TARGET_LEFT),
        _E.HANDED: _HANDED,
        _E.AGENT_GONE: Step(_S.LEAVING),
        _E.LOST: _LOST,
        _E.CALL_OVER: _OVER,
    },
    _S.LEAVING: {
        _E.HANDED: _HANDED,
        _E.JOINED: Step(_S.OVER, (Do.DROP,), TransferEnd.TARGET_LEFT),
        _E.TARGET_GONE: Step(_S.OVER, (), TransferEnd.TARGET_LEFT),
        _E.AGENT_GONE: Step(_S.LEAVING),
        _E.LATE: Step(_S.TOGETHER),
        _E.LOST: _LOST,
        _E.CALL_OVER: _OVER,
    },
    _S.HANDING: {
        **_MUSIC,
        _E.HANDED: Step(_S.OVER, (Do.LEAVE,), TransferEnd.HANDED_OVER),
        _E.AGENT_GONE: Step(_S.HANDING),  # the target is on his way to the resident
        _E.TARGET_GONE: _return(TransferEnd.TARGET_LEFT),
    },
    _S.RETURNING: {
        _E.JOINED: Step(_S.OVER),
        _E.TARGET_GONE: Step(_S.RETURNING),
        _E.HANDED: Step(_S.RETURNING, (Do.REJOIN, Do.DROP)),  # it crossed our order
        _E.AGENT_GONE: Step(_S.OVER, (Do.RELEASE,)),
        _E.LATE: Step(_S.OVER, (Do.RELEASE,)),
        _E.LOST: Step(_S.OVER, (Do.DROP,)),
        _E.CALL_OVER: Step(_S.OVER, (Do.DROP,)),
    },
    _S.OVER: {},
}

TRANSITIONS: Mapping[TransferState, Mapping[TransferEvent, TransferState]] = {
    state: {event: step.state for event, step in steps.items()} for state, steps in STEPS.items()
}

WISHES = frozenset({_E.GATHER, _E.LEAVE, _E.BACK})
"""Events that an agent asks for."""

RING_SECONDS = 25.0
ASK_SECONDS = 180.0
LONGEST: Mapping[TransferState, float] = {
    _S.HOLDING: 3.0,
    _S.RINGING: RING_SECONDS,
    _S.MEETING: 3.0,
    _S.ASKING: ASK_SECONDS,
    _S.GATHERING: 3.0,
    _S.LEAVING: 3.0,
    _S.HANDING: 4.0,
    _S.RETURNING: 4.0,
}
"""Seconds after which LATE comes; TOGETHER lasts as long as they speak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A snapshot."""

    attempt: AttemptId
    agent: UserId  # who gives the call
    leg: ChannelId  # his
    resident: ChannelId
    way: Way
    kind: TargetKind
    name: str  # as the screens show the target
    target: UUID | None  # the row; None: a colleague
    channel: ChannelId  # the target's: of his own, or the colleague's leg
    colleague: UserId | None = None
    state: TransferState = TransferState.HOLDING
    since: float  # of the state, unix seconds
    why: TransferEnd | None = None

    @property
    def late(self) -> float:
        """When LATE comes, in unix seconds."""
        return self.since + LONGEST.get(self.state, float("inf"))


def advance(transfer: Transfer, event: TransferEvent, at: float) -> tuple[Transfer, tuple[Do, ...]]:
    """The transfer after `event` at `at` (unix seconds), and what to do now.

    Raises IllegalTransitionError, and changes nothing, when the event cannot happen in the present state.
    """
    try:
        step = STEPS[transfer.state][event]
    except KeyError:
        raise IllegalTransitionError("transfer", transfer.state, event) from None
    if transfer.way is Way.BLIND and transfer.state is _S.RINGING and event is _E.ANSWERED:
        step = Step(_S.HANDING, (Do.HAND,))
    since = transfer.since if step.state is transfer.state else at
    return replace(transfer, state=step.state, since=since, why=step.why or transfer.why), step.do
