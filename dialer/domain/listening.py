"""A supervisor's ear on one call, as a table: from the wish to the end, which comes with the call's at the latest.

Who listens is told to the agent before anything else, and to the resident before anything is heard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from dialer.domain.errors import IllegalTransitionError
from dialer.domain.ids import AttemptId, ChannelId, UserId


class ListenMode(StrEnum):
    """Who hears the supervisor."""

    LISTEN = "listen"  # nobody
    WHISPER = "whisper"  # the agent alone
    BARGE = "barge"  # agent and resident
    TAKE_OVER = "take_over"  # the resident alone: the agent has left


class ListenPurpose(StrEnum):
    """Why somebody listens: asked each time, kept with the call."""

    COACHING = "coaching"
    QUALITY = "quality"
    COMPLAINT = "complaint"
    HELP = "help"  # the agent asked for it


class ListenEnd(StrEnum):
    """Why it ended."""

    STOPPED = "stopped"  # the supervisor had enough
    CALL_OVER = "call_over"  # the call ended, or is no conversation any more
    PHONE_GONE = "phone_gone"  # the supervisor's phone, page or session
    NOT_TOLD = "not_told"  # the resident could not be told, so nothing was heard
    FAILED = "failed"  # the telephone system did not do it
    RESTART = "restart"  # found by a process that knew nothing of it


class ListenState(StrEnum):
    """Where it stands."""

    CALLING = "calling"  # the supervisor's phone is rung; the agent sees it already
    TELLING = "telling"  # the resident is being told
    TURNING = "turning"  # told; the telephone system has the order to let the phone hear
    HEARING = "hearing"  # the supervisor hears the call
    ENDED = "ended"


class ListenEvent(StrEnum):
    """What can happen."""

    READY = "ready"  # the supervisor's phone has answered
    TOLD = "told"  # the resident knows, or the client does not want it said
    HEARD = "heard"  # the phone hears the call, in some mode
    TURN = "turn"  # another mode is asked for
    END = "end"


_S, _E = ListenState, ListenEvent
TRANSITIONS: Mapping[ListenState, Mapping[ListenEvent, ListenState]] = {
    _S.CALLING: {_E.READY: _S.TELLING, _E.END: _S.ENDED},
    _S.TELLING: {_E.TOLD: _S.TURNING, _E.END: _S.ENDED},
    _S.TURNING: {_E.HEARD: _S.HEARING, _E.END: _S.ENDED},
    _S.HEARING: {_E.HEARD: _S.HEARING, _E.TURN: _S.TURNING, _E.END: _S.ENDED},
    _S.ENDED: {},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A snapshot of one supervisor's listening."""

    user: UserId
    name: str  # as the agent sees it
    attempt: AttemptId
    channel: ChannelId  # of the supervisor's phone
    purpose: ListenPurpose
    state: ListenState = ListenState.CALLING
    mode: ListenMode = ListenMode.LISTEN  # asked for; in force once it hears
    since: float  # of the state, unix seconds


def advance(listener: Listener, event: ListenEvent, at: float, *, mode: ListenMode | None = None) -> Listener:
    """The listener after `event` at `at` (unix seconds). `mode`: asked for (TURN), or in force (HEARD).

    Raises IllegalTransitionError, and changes nothing, when the event cannot happen in the present state.
    """
    try:
        state = TRANSITIONS[listener.state][event]
    except KeyError:
        raise IllegalTransitionError("listening", listener.state, event) from None
    since = listener.since if state is listener.state else at
    return replace(listener, state=state, since=since, mode=mode or listener.mode)
