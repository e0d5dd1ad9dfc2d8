"""Two agents speak with each other, without a resident, as a table: from the ring until both are home again.

At every step both legs stand somewhere of ours, and each state that waits has an end of its own (`LONGEST`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from dialer.domain.errors import IllegalTransitionError
from dialer.domain.ids import ChannelId, UserId


class ColleagueState(StrEnum):
    """Where it stands."""

    RINGING = "ringing"  # both hear the ring tone
    JOINING = "joining"  # accepted; the legs are being joined
    TALKING = "talking"
    OVER = "over"


class ColleagueEvent(StrEnum):
    """What can happen."""

    ACCEPT = "accept"  # the colleague's word
    REFUSE = "refuse"  # the colleague's word
    END = "end"  # either's
    MET = "met"  # both stand in one bridge
    GONE = "gone"  # a leg died or went home, or its agent went off duty
    LATE = "late"  # the state has lasted too long
    FAILED = "failed"  # the telephone system refused, or nobody knows


class ColleagueEnd(StrEnum):
    """How it ended."""

    SPOKEN = "spoken"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"
    CANCELLED = "cancelled"  # by whoever called, before an answer
    PHONE_GONE = "phone_gone"
    FAILED = "failed"


_S, _E, _W = ColleagueState, ColleagueEvent, ColleagueEnd
STEPS: Mapping[ColleagueState, Mapping[ColleagueEvent, tuple[ColleagueState, ColleagueEnd | None]]] = {
    _S.RINGING: {
        _E.ACCEPT: (_S.JOINING, None),
        _E.REFUSE: (_S.OVER, _W.REFUSED),
        _E.END: (_S.OVER, _W.CANCELLED),
        _E.GONE: (_S.OVER, _W.PHONE_GONE),
        _E.LATE: (_S.OVER, _W.NO_ANSWER),
        _E.FAILED: (_S.OVER, _W.FAILED),
    },
    _S.JOINING: {
        _E.MET: (_S.TALKING, None),
        _E.END: (_S.OVER, _W.CANCELLED),
        _E.GONE: (_S.OVER, _W.PHONE_GONE),
        _E.LATE: (_S.OVER, _W.FAILED),
        _E.FAILED: (_S.OVER, _W.FAILED),
    },
    _S.TALKING: {
        _E.MET: (_S.TALKING, None),
        _E.END: (_S.OVER, _W.SPOKEN),
        _E.GONE: (_S.OVER, _W.PHONE_GONE),
    },
    _S.OVER: {},
}

TRANSITIONS: Mapping[ColleagueState, Mapping[ColleagueEvent, ColleagueState]] = {
    state: {event: step[0] for event, step in steps.items()} for state, steps in STEPS.items()
}

RING_SECONDS = 25.0
LONGEST: Mapping[ColleagueState, float] = {_S.RINGING: RING_SECONDS, _S.JOINING: 3.0}
"""Seconds after which LATE comes; they talk as long as they like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColleagueCall:
    """A snapshot."""

    id: UUID
    caller: UserId
    caller_leg: ChannelId
    colleague: UserId
    colleague_leg: ChannelId
    state: ColleagueState = ColleagueState.RINGING
    since: float  # of the state, unix seconds
    why: ColleagueEnd | None = None

    @property
    def users(self) -> tuple[UserId, UserId]:
        """Both."""
        return (self.caller, self.colleague)

    @property
    def legs(self) -> Mapping[UserId, ChannelId]:
        """Whose leg is which."""
        return {self.caller: self.caller_leg, self.colleague: self.colleague_leg}

    @property
    def late(self) -> float:
        """When LATE comes, in unix seconds."""
        return self.since + LONGEST.get(self.state, float("inf"))

    def other(self, user: UserId) -> UserId:
        """With whom `user` speaks."""
        return self.caller if user == self.colleague else self.colleague


def advance(call: ColleagueCall, event: ColleagueEvent, at: float) -> ColleagueCall:
    """The call after `event` at `at` (unix seconds).

    Raises IllegalTransitionError, and changes nothing, when the event cannot happen in the present state.
    """
    try:
        state, why = STEPS[call.state][event]
    except KeyError:
        raise IllegalTransitionError("colleague call", call.state, event) from None
    since = call.since if state is call.state else at
    return replace(call, state=state, since=since, why=why)
