"""One call's life, as a table. Everything that changes a call's state stands in this file.

A call is one dial to one number (`out`) or one caller, on the client's number (`in`) or handed to us by another team's
queue (`overflow`). Times are wall time: unix seconds
by Asterisk's own stamps, never scaled. The shell (services.tracker) feeds events in and acts on the state it gets back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from dialer.domain.errors import IllegalTransitionError
from dialer.domain.ids import AttemptId, ChannelId, UserId

PERSON_WITHIN = 2.0
"""Seconds after the answer within which a person or the safe message must be heard; a campaign may ask for less."""

SAFE_BEFORE = 0.2
"""So much before that moment the dialplan starts the safe message."""

JOIN_BEFORE = 0.4
"""So much before that moment `Bridge` may be sent for the last time: it must not cross the message's beginning."""


class Direction(StrEnum):
    """Who rang whom."""

    OUT = "out"
    IN = "in"
    PROOF = "proof"  # out to one of our own people: real in all but what it counts for
    OVERFLOW = "overflow"  # in, from another team's queue: no case, no number, counted apart

    @property
    def comes_in(self) -> bool:
        """True where somebody rang us."""
        return self in (Direction.IN, Direction.OVERFLOW)


class Intent(StrEnum):
    """Why *we* ended the call. The result depends on it: our own ring time-out looks like a carrier's 480."""

    NONE = "none"
    RING_TIMEOUT = "ring_timeout"
    RING_CUT = "ring_cut"  # hung up while it rang: it was about to meet nobody
    CANCEL = "cancel"  # cut while it rang: stop button, withdrawal, recall
    AGENT = "agent"  # the agent hung up
    VOICEMAIL = "voicemail"  # the agent pressed the voicemail key


class CallState(StrEnum):
    """Where a call stands."""

    CLAIMED = "claimed"  # the attempt is committed, nothing has left yet
    DIALING = "dialing"  # Asterisk has a channel for it
    RINGING = "ringing"
    ANSWERED = "answered"  # a person or machine picked up, nobody is joined yet
    WAITING = "waiting"  # an inbound caller: greeting, queue
    JOINED = "joined"  # both legs stand in one bridge
    HELD = "held"  # music, while the agent rings or asks somebody to whom the call may go
    HANDED = "handed"  # with somebody outside: the agent has left
    RESCUE = "rescue"  # the agent's leg died; the resident hears music
    SURVEY = "survey"  # two questions by keypad: the conversation is over and the agent has left
    MESSAGE = "message"  # the safe, closed or rescue message is heard; nobody is joined on purpose any more
    ENDED = "ended"


class CallEvent(StrEnum):
    """What can happen to a call."""

    DIALED = "dialed"
    RANG = "rang"
    ANSWERED = "answered"
    JOINED = "joined"
    HELD = "held"
    GATHERED = "gathered"  # out of the music into a conversation of three
    HANDED = "handed"
    SURVEYED = "surveyed"  # the conversation is over, and a survey has begun
    AGENT_LOST = "agent_lost"
    MESSAGE_STARTED = "message_started"
    REFUSED = "refused"  # Asterisk would not place it, or it was withdrawn: no channel ever was
    ENDED = "ended"


_S, _E = CallState, CallEvent
TRANSITIONS: Mapping[CallState, Mapping[CallEvent, CallState]] = {
    _S.CLAIMED: {
        _E.DIALED: _S.DIALING,
        _E.RANG: _S.RINGING,
        _E.ANSWERED: _S.ANSWERED,
        _E.REFUSED: _S.ENDED,
        _E.ENDED: _S.ENDED,
    },
    _S.DIALING: {_E.RANG: _S.RINGING, _E.ANSWERED: _S.ANSWERED, _E.REFUSED: _S.ENDED, _E.ENDED: _S.ENDED},
    _S.RINGING: {_E.RANG: _S.RINGING, _E.ANSWERED: _S.ANSWERED, _E.REFUSED: _S.ENDED, _E.ENDED: _S.ENDED},
    # A line that says its agent is lost had one, whether or not the join was seen here.
    _S.ANSWERED: {_E.JOINED: _S.JOINED, _E.AGENT_LOST: _S.RESCUE, _E.MESSAGE_STARTED: _S.MESSAGE, _E.ENDED: _S.ENDED},
    _S.WAITING: {_E.JOINED: _S.JOINED, _E.AGENT_LOST: _S.RESCUE, _E.MESSAGE_STARTED: _S.MESSAGE, _E.ENDED: _S.ENDED},
    _S.JOINED: {
        _E.HELD: _S.HELD,
        _E.HANDED: _S.HANDED,
        _E.SURVEYED: _S.SURVEY,
        _E.AGENT_LOST: _S.RESCUE,
        _E.ENDED: _S.ENDED,
    },
    # Nobody comes back from it, and nobody waits for it.
    _S.SURVEY: {_E.ENDED: _S.ENDED},
    _S.HELD: {
        _E.JOINED: _S.JOINED,
        _E.GATHERED: _S.JOINED,
        _E.HANDED: _S.HANDED,
        _E.AGENT_LOST: _S.RESCUE,
        _E.ENDED: _S.ENDED,
    },
    _S.HANDED: {_E.JOINED: _S.JOINED, _E.AGENT_LOST: _S.RESCUE, _E.ENDED: _S.ENDED},
    _S.RESCUE: {_E.JOINED: _S.JOINED, _E.MESSAGE_STARTED: _S.MESSAGE, _E.ENDED: _S.ENDED},
    # A join that was on its way when the message began: they talk, and the agent must be able to end it.
    # Another message follows when the caller presses a key.
    _S.MESSAGE: {_E.JOINED: _S.JOINED, _E.MESSAGE_STARTED: _S.MESSAGE, _E.ENDED: _S.ENDED},
    _S.ENDED: {},
}

LIVE = frozenset(CallState) - {CallState.ENDED}
_TIMES = (
    "claimed_at", "dialed_at", "ringing_at", "answered_at", "joined_at", "lost_at", "message_at",
    "surveyed_at", "ended_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A snapshot of one call. `None` times have not happened."""

    attempt: AttemptId
    direction: Direction
    channel: ChannelId
    state: CallState
    agent: UserId | None = None  # reserved for it, then joined to it
    claimed_at: float
    dialed_at: float | None = None
    ringing_at: float | None = None
    answered_at: float | None = None
    joined_at: float | None = None  # the first join
    lost_at: float | None = None
    message_at: float | None = None
    surveyed_at: float | None = None  # the conversation was over then
    ended_at: float | None = None
    early_media: bool = False  # a 183 was seen: an announcement or the network's own ring tone
    intent: Intent = Intent.NONE
    refused: bool = False  # no channel ever existed
    vanished: bool = False  # it ended while nobody was looking: cause unknown
    cause: int = 0  # Q.850, 0: not known
    sip_code: int = 0  # 0: not known
    person_within: float = PERSON_WITHIN  # as its campaign promises

    @property
    def live(self) -> bool:
        """True until the call has ended."""
        return self.state is not CallState.ENDED

    @property
    def rang(self) -> bool:
        """True when the far end was heard to ring, or sent early media."""
        return self.ringing_at is not None or self.early_media

    @property
    def talked(self) -> bool:
        """True when an agent was joined at least once."""
        return self.joined_at is not None

    def shifted(self, seconds: float) -> Call:
        """The same call by a clock that has been put forth by so much: as long under way as before."""
        known = {name: time for name in _TIMES if (time := getattr(self, name)) is not None}
        return replace(self, **{name: time + seconds for name, time in known.items()})

    def may_join(self, now: float) -> bool:
        """True while an agent may still be joined at `now` (unix seconds): later, the safe message may have begun."""
        if self.state is CallState.ANSWERED:
            return self.answered_at is not None and now - self.answered_at <= self.person_within - JOIN_BEFORE
        return self.state in (CallState.WAITING, CallState.RESCUE)

    @property
    def answer_to_agent(self) -> float | None:
        """Seconds from the answer to both legs in one bridge; None when nobody was joined."""
        if self.joined_at is None or self.answered_at is None:
            return None
        return self.joined_at - self.answered_at


def advance(
    call: Call, event: CallEvent, at: float, *, cause: int = 0, sip_code: int = 0, early_media: bool = False
) -> Call:
    """The call after `event` at `at` (unix seconds).

    Raises IllegalTransitionError, and changes nothing, when the event cannot happen in the present state.
    """
    try:
        state = TRANSITIONS[call.state][event]
    except KeyError:
        raise IllegalTransitionError("call", call.state, event) from None
    match event:
        case CallEvent.DIALED:
            return replace(call, state=state, dialed_at=at)
        case CallEvent.RANG if early_media:
            return replace(call, state=state, early_media=True)
        case CallEvent.RANG:
            return replace(call, state=state, ringing_at=call.ringing_at if call.ringing_at is not None else at)
        case CallEvent.ANSWERED:
            return replace(call, state=state, answered_at=at)
        case CallEvent.JOINED:
            joined_at = call.joined_at if call.joined_at is not None else at
            return replace(call, state=state, joined_at=joined_at, lost_at=None, message_at=None)
        case CallEvent.AGENT_LOST:
            return replace(call, state=state, lost_at=at)
        case CallEvent.MESSAGE_STARTED:
            return replace(call, state=state, message_at=call.message_at if call.message_at is not None else at)
        case CallEvent.REFUSED:
            return replace(call, state=state, ended_at=at, refused=True)
        case CallEvent.HELD | CallEvent.GATHERED | CallEvent.HANDED | CallEvent.SURVEYED:
            return replace(call, state=state, surveyed_at=at if event is CallEvent.SURVEYED else None)
        case CallEvent.ENDED:  # pragma: no branch - the last of the enum
            return replace(call, state=state, ended_at=at, cause=cause, sip_code=sip_code)


def outbound(
    attempt: AttemptId,
    agent: UserId | None,
    at: float,
    person_within: float = PERSON_WITHIN,
    direction: Direction = Direction.OUT,
) -> Call:
    """A dial that has just been claimed; its channel id is the attempt's id."""
    return Call(
        attempt=attempt,
        direction=direction,
        channel=ChannelId(str(attempt)),
        state=CallState.CLAIMED,
        agent=agent,
        claimed_at=at,
        person_within=person_within,
    )


def inbound(attempt: AttemptId, channel: ChannelId, at: float, direction: Direction = Direction.IN) -> Call:
    """A caller who has just reached us."""
    return Call(
        attempt=attempt,
        direction=direction,
        channel=channel,
        state=CallState.WAITING,
        claimed_at=at,
        answered_at=at,
    )
