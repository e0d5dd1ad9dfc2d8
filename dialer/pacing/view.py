"""The public interface of pacing: what a pacer sees, what it is told afterwards, what it answers.

Times are wall time in seconds on one clock of the caller's; only differences count. Calls and agents are opaque
hashable ids that come back unchanged. `NamedTuple`s where there are many a second: they are four times as cheap to make
as frozen dataclasses.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Doing(StrEnum):
    """What an agent who is logged on does."""

    IDLE = "idle"  # may be given a conversation now
    TALKING = "talking"  # in conversation, in or out, with a person or a machine
    WRAP_UP = "wrap_up"
    PAUSED = "paused"  # also: reserved for something else


class AgentView(NamedTuple):
    """One agent who is logged on."""

    agent: Hashable
    doing: Doing
    since: float  # when this state began
    pausing: bool = False  # goes away after this conversation
    ring: float | None = None  # talking to a call of ours: seconds that it had rung (a late pick-up is often a machine)
    talked: float | None = None  # in wrap-up: seconds of the conversation before (a short one has a short wrap-up)
    worked: float | None = None  # share of the last hour in conversation or wrap-up, 0 to 1; None: not told
    shaken: bool = False  # the last conversation was a crisis or aggression
    pace: float | None = None  # how many times the team's wrap-up his own takes; None: as the team's


class RingView(NamedTuple):
    """One call of ours that rings: ordered, and neither answered nor over."""

    call: Hashable
    since: float  # when it was ordered


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One moment of one campaign, or of several that share agents."""

    now: float
    open: bool = True  # running, and inside the calling hours
    agents: Sequence[AgentView] = ()
    rings: Sequence[RingView] = ()
    answered_waiting: int = 0  # answered and not joined yet
    inbound_waiting: int = 0  # callers whom nobody has joined yet
    appointments_due: int = 0  # each wants an agent within the next half minute
    lines_free: int = 0
    starts_allowed: int | None = None  # calls a second: what is left now; None: no limit
    records: int | None = None  # residents who may be called now; None: not known
    closes_at: float | None = None  # end of the calling hours, on the same clock
    lag: float = 0.0  # seconds by which events come late, as far as the caller knows
    begun: Sequence[float] = field(init=False, repr=False, compare=False)
    """When each of `rings` began: of thousands, which every part of a decision looks at."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "begun", [since for _, since in self.rings])


class Mode(StrEnum):
    """How a campaign dials."""

    PREVIEW = "preview"  # the agent starts each call: the pacer starts none
    PROGRESSIVE = "progressive"  # one free agent, one call
    PREDICTIVE = "predictive"  # more, within the promise
    AUTO = "auto"  # progressive until there is evidence, then predictive


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The promise and the bounds that the user sets."""

    mode: Mode = Mode.AUTO
    target: float = 0.01  # abandoned / answered by a person, over the long run
    ceiling: float = 0.03  # of a day
    window: float = 24.0  # hours over which the target is to hold as well; 24: the day with its ceiling alone
    threshold: float = 2.0  # seconds from the answer to the agent
    ring_cuts: bool = False  # may a ring that would meet nobody be hung up
    early_cuts: float = 0.02  # of dials: cut before 15 s
    all_cuts: float = 0.05  # of dials
    breath: float = 0.0  # least seconds of rest between two conversations of one agent
    long_breath: float = 0.0  # the same after a crisis or aggression
    occupancy: float = 1.0  # an agent who worked this share of the last hour rests; 1: no ceiling


FOR_PEOPLE = {"breath": 3.0, "long_breath": 60.0, "occupancy": 0.85}
"""What the product gives to `Settings` where nobody has chosen otherwise; the bare pacer has neither."""


class Ended(StrEnum):
    """How a ring ended that nobody picked up."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    CARRIER = "carrier"  # refused or failed underway: says nothing about residents
    CUT = "cut"  # we hung up


class Kind(StrEnum):
    """Who it was, as the agent found."""

    PERSON = "person"
    MACHINE = "machine"


class Dialled(NamedTuple):
    """A call was ordered."""

    at: float


class RingEnded(NamedTuple):
    """A call ended unanswered, after so many seconds."""

    at: float
    age: float
    how: Ended


class PickedUp(NamedTuple):
    """A call was picked up, after so many seconds; by whom is not known yet."""

    at: float
    age: float


class Joined(NamedTuple):
    """A picked-up call found its agent."""

    at: float


class Abandoned(NamedTuple):
    """A person who picked up got nobody within the threshold. `age`: seconds that it had rung."""

    at: float
    age: float = 0.0


class TalkEnded(NamedTuple):
    """An outbound conversation ended; `ring`: seconds that it had rung."""

    at: float
    agent: Hashable
    seconds: float
    kind: Kind
    ring: float


class WrapUpEnded(NamedTuple):
    """An agent finished the wrap-up of a conversation, in or out, and is idle again or away."""

    at: float
    agent: Hashable
    seconds: float
    stays: bool = True  # idle again; otherwise paused or gone
    talked: float | None = None  # seconds of the conversation before it


class Called(NamedTuple):
    """A caller came in."""

    at: float


class Left(NamedTuple):
    """An agent who was idle went away, unannounced."""

    at: float


class DayBegan(NamedTuple):
    """A new day: the day's counts begin anew, what was learned stays."""

    at: float


class PartBegan(NamedTuple):
    """A part of the day begins, of which the caller tells apart four at most: the same numbers every day."""

    at: float
    part: int  # 0 to 3


Event = (
    Dialled | RingEnded | PickedUp | Joined | Abandoned | TalkEnded | WrapUpEnded | Called | Left | DayBegan | PartBegan
)


class Held(StrEnum):
    """What kept a decision from starting more."""

    CLOSED = "closed"
    NOBODY = "nobody"  # no agent is logged on
    PREVIEW = "preview"
    AGENTS = "agents"  # one free agent, one call
    RISK = "risk"  # one more would be too likely to meet nobody
    BUDGET = "budget"  # the abandonments that the promise allows are spent
    GUARD = "guard"  # something is unlike anything foreseen
    INBOUND = "inbound"  # who is free is kept for callers
    BREATH = "breath"  # who is idle has a right to rest
    LINES = "lines"
    RATE = "rate"
    LIST = "list"


class Reasons(NamedTuple):
    """Why: what the pacer saw and expected."""

    held: Held
    mode: str  # progressive or predictive, as decided
    idle: int = 0
    rings: int = 0
    answers: float = 0.0  # pick-ups expected of what rings now
    releases: float = 0.0  # agents expected to come free in half a minute
    risk: float = 0.0  # that the last started call would meet nobody, given that it is answered
    allowed: float = 0.0  # the risk that is accepted now
    budget: float = 0.0  # abandonments left of the promise, below zero when overdrawn
    surprise: str = ""  # what the guard saw


_SHUT = Reasons(Held.CLOSED, "progressive")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do now."""

    start: int = 0
    cancel: tuple[Hashable, ...] = ()  # calls in ring to hang up
    ask_again: float = 1.0  # seconds, at the latest; every event asks too
    reasons: Reasons = _SHUT
