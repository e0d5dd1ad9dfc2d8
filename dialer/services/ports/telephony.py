"""Telephone actions and events, in telephone words.

`asterisk/` implements this; `tests/support` has a fake that the same contract tests hold to the real one. `at` is wall
time in unix seconds by the telephone system's own stamp. Events reach the one sink in the order in which the telephone
system sent them, synchronously: the sink must not block and must not raise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from dialer.domain.call import PERSON_WITHIN, SAFE_BEFORE
from dialer.domain.ids import AttemptId, ChannelId
from dialer.domain.listening import ListenMode
from dialer.services.ports.surveying import SurveyBegun, Surveying
from dialer.services.ports.switching import Switching, SwitchingEvent

# ---------------------------------------------------------------------------------------------------------
# Events
# ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialed:
    """A channel for the dial exists."""

    at: float
    channel: ChannelId


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang:
    """The far end rings (180), or plays something before the answer (183: `early_media`)."""

    at: float
    channel: ChannelId
    early_media: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Somebody or something picked up."""

    at: float
    channel: ChannelId


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Both channels stand in one two-party bridge."""

    at: float
    channel: ChannelId  # resident or caller
    leg: ChannelId  # agent


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLost:
    """The agent's leg left a call that goes on; the resident hears music."""

    at: float
    channel: ChannelId


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageStarted:
    """The telephone system began a message by itself; from here on no agent may be joined."""

    at: float
    channel: ChannelId
    kind: str  # safe | rescue | closed | callback | blocked


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The dial was refused. It proves nothing while the channel lives."""

    at: float
    channel: ChannelId
    reason: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The channel is gone. `cause` is Q.850, `sip_code` the carrier's last answer; 0: not known."""

    at: float
    channel: ChannelId
    cause: int
    sip_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LegIdle:
    """An agent's standing leg is up and waits in the holding bridge."""

    at: float
    leg: ChannelId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerArrived:
    """Somebody rings a client's number. `number` is E.164 or None when withheld; `dialed` is the client's number."""

    at: float
    channel: ChannelId
    number: str | None
    dialed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerReady:
    """The caller has heard the greeting and may be joined."""

    at: float
    channel: ChannelId


class CallerChoice(StrEnum):
    """A key the caller pressed in the queue or after the closed message."""

    CALL_BACK = "call_back"  # keeps the place: ring me when it is my turn
    BLOCK_NUMBER = "block_number"  # do not ring this number again


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerChose:
    """The caller pressed a key."""

    at: float
    channel: ChannelId
    choice: CallerChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """A call of another team's queue was to go back to it; `taken` False: its telephone system would not."""

    at: float
    channel: ChannelId
    taken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenReady:
    """A supervisor's phone has answered. It hears nothing yet."""

    at: float
    channel: ChannelId


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was to be said into a conversation has been said, or could not be (`heard` False)."""

    at: float
    channel: ChannelId  # the supervisor's, for whom it was said
    heard: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """From here on the supervisor's phone hears the call, and is heard as `mode` says."""

    at: float
    channel: ChannelId
    mode: ListenMode


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkUp:
    """The link to the telephone system works (again); events may have been missed since LinkDown."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDown:
    """The link is lost or does not answer."""

    at: float


TelephonyEvent = (
    Dialed
    | Rang
    | Answered
    | Joined
    | AgentLost
    | MessageStarted
    | Refused
    | Ended
    | LegIdle
    | CallerArrived
    | CallerReady
    | CallerChose
    | GivenBack
    | ListenReady
    | Told
    | Hearing
    | SwitchingEvent
    | SurveyBegun
    | LinkUp
    | LinkDown
)


class EventSink(Protocol):
    """Takes every event, in order."""

    def __call__(self, event: TelephonyEvent, /) -> None:
        """Handle one event; must neither block nor raise."""
        ...


# ---------------------------------------------------------------------------------------------------------
# Actions
# ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DialOrder:
    """One call to one resident. The channel id will be `str(attempt)`."""

    attempt: AttemptId
    number: str  # E.164
    caller_id: str  # the client's number, E.164
    ring_seconds: float
    trunk: str
    sounds: str  # folder of the client's messages, below the sounds root
    safe_after: float = PERSON_WITHIN - SAFE_BEFORE  # seconds from the answer until the safe message begins
    near: ChannelId | None = None  # leg of the agent whom it is for: of several nodes, the call leaves from his


@dataclass(frozen=True, slots=True, kw_only=True)
class LegOrder:
    """Ring an agent's softphone and keep the leg."""

    leg: ChannelId
    device: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TellOrder:
    """Say a message into a conversation, to both who are in it. Told(`listener`) follows, unless the call is over."""

    listener: ChannelId  # for whom it is said
    channel: ChannelId  # resident's or caller's
    sounds: str  # folder of the client's messages
    message: str  # kind of message


class Route(StrEnum):
    """What a caller is told. A call of another team's queue goes back to it instead of CLOSED and SORRY."""

    QUEUE = "queue"
    CLOSED = "closed"  # outside hours, or nobody on duty
    SORRY = "sorry"  # a fault on our side: apology and call-back request


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerRoute:
    """What the caller hears. `position` 1 is the next; `wait_seconds` None: not known."""

    channel: ChannelId
    route: Route
    sounds: str
    position: int = 1
    wait_seconds: int | None = None


class ChannelKind(StrEnum):
    """Whose channel it is."""

    RESIDENT = "resident"
    AGENT = "agent"
    CALLER = "caller"
    LISTENER = "listener"  # a supervisor's phone
    TARGET = "target"  # somebody to whom a call may go


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFact:
    """A channel that exists now."""

    channel: ChannelId
    kind: ChannelKind
    up: bool
    bridge: str  # "" when in none
    talking_to: ChannelId | None  # the other channel of a two-party bridge
    message_started: bool  # the safe (or another last) message has begun
    holding: bool = False  # an agent's leg in the holding bridge
    on_hold: bool = False  # a resident who hears music while his agent asks somebody
    consults: bool = False  # an agent's leg that rings or speaks to somebody else than a resident
    target: ChannelId | None = None  # to whom the call goes, in the resident's bridge
    surveyed: bool = False  # a resident who hears the survey


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftCallback:
    """A call-back request that the telephone system took while the dialer was away."""

    number: str = field(repr=False)
    dialed: str
    at: float
    wish: str  # call_back | block_number | missed


class TelephonyError(Exception):
    """An action failed or had no answer in time; its effect is unknown until events or `channels()` tell."""


class Telephony(Switching, Surveying, Protocol):
    """The telephone system. Every action has a deadline and raises TelephonyError."""

    @property
    def up(self) -> bool:
        """True while the link answers."""
        ...

    async def dial(self, order: DialOrder) -> None:
        """Start a call; progress comes as events."""
        ...

    async def test_call(self, number: str, caller_id: str, trunk: str, sounds: str) -> None:
        """Ring a staff member, who sees the caller ID and hears what a resident would. No attempt."""
        ...

    async def ring_agent(self, order: LegOrder) -> None:
        """Call the softphone; LegIdle or Ended follows."""
        ...

    async def join(self, channel: ChannelId, leg: ChannelId, *, mark: bool) -> None:
        """Put both into one bridge. Only the event Joined says that it happened.

        `mark`: tell the line first that somebody comes, so that it notices the loss of its peer at whatever step it
        stands. Not needed by a resident who has just answered, and it costs a round trip.
        """
        ...

    async def ring_listener(self, channel: ChannelId, device: str) -> None:
        """Call a supervisor's phone, in silence: ListenReady, Refused or Ended comes. Its id begins with `listen.`."""
        ...

    async def tell(self, order: TellOrder) -> None:
        """Say something into a conversation."""
        ...

    async def begin_recording(self, channel: ChannelId, received: str, sent: str) -> None:
        """What comes from this channel and what goes to it, each into its file (a path of Asterisk's machine, A-law),
        until `end_recording` or its end. That it is done shows in the files alone.
        """
        ...

    async def end_recording(self, channel: ChannelId) -> None:
        """Nothing more is written; not recorded, or gone, is no error."""
        ...

    async def hear(self, channel: ChannelId, target: ChannelId, mode: ListenMode) -> None:
        """Let a supervisor's phone hear `target`, and be heard as `mode` says. Hearing follows; ends with `target`.

        `target` is the agent's leg for a whisper, which that agent alone hears; else the resident's channel. Another
        mode comes in the place of the one before.
        """
        ...

    async def hang_up(self, channel: ChannelId, cause: int = 16) -> None:
        """End a channel; one that is gone already is no error."""
        ...

    async def route_caller(self, route: CallerRoute) -> None:
        """Tell a caller's channel where it stands."""
        ...

    async def channels(self) -> Sequence[ChannelFact]:
        """Every channel of ours that exists now."""
        ...

    async def packets_received(self, legs: Sequence[ChannelId]) -> Mapping[ChannelId, int]:
        """RTP packets that came in on each leg so far. A leg that is gone is left out."""
        ...

    async def set_device(self, device: str, secret: str, *, browser: bool = False) -> None:
        """Make (or re-key) an agent's SIP account, for a phone in a browser or any other; live at once."""
        ...

    async def remove_device(self, device: str) -> None:
        """Take an agent's SIP account away."""
        ...

    async def name_client(self, dialed: str, sounds: str) -> None:
        """Tell the telephone system which messages callers of `dialed` hear when the dialer is away."""
        ...

    async def name_overflow(self, dialed: str, sounds: str, back: str) -> None:
        """The same for a line of another team's queue; `back`: where its calls go that nobody takes."""
        ...

    async def forget_number(self, dialed: str) -> None:
        """Nobody answers this line any more."""
        ...

    async def alive(self) -> None:
        """Said every few seconds: the dialer looks after waiting callers."""
        ...

    async def open_line(self, line: str, trunk: str) -> None:
        """Make `line` (`<name>-<epoch>`) a way out over `trunk`, and shut those of its name with a lower epoch.

        A dial over a shut line makes no call: an owner who wakes up late cannot dial, whatever it believes.
        """
        ...

    async def has_line(self, line: str) -> bool:
        """Whether the telephone system (still) has this way out."""
        ...

    async def keeps(self) -> bool:
        """Leave a mark, and say whether the one of the last time is still there (a second or more ago).

        A telephone system whose disk is full refuses what it is told, or takes it and has forgotten it a second later.
        """
        ...

    async def mark_owner(self, owner: str) -> None:
        """Say which process runs the calls."""
        ...

    async def owner(self) -> str:
        """Which process said so last; empty: none since the telephone system began."""
        ...

    async def collect_callbacks(self) -> Sequence[LeftCallback]:
        """Requests taken while the dialer was away. They stay until `forget_callback`, so a crash loses none."""
        ...

    async def forget_callback(self, request: LeftCallback) -> None:
        """The request is committed with us."""
        ...
