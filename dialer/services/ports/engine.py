"""What the engine must know of campaigns, clients and callers, in a form made for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from dialer.domain.call import PERSON_WITHIN
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ClientId, DeliveryId, UserId
from dialer.domain.overflow import OverflowLine
from dialer.domain.skills import NONE, Abilities
from dialer.schedule.windows import Calendar, local_date


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineCampaign:
    """A campaign as the engine runs it."""

    campaign: CampaignId
    client: ClientId
    state: str  # draft (only proof calls leave) | running | paused | draining | stopped
    calendar: Calendar
    caller_id: str  # the client's number, E.164; callers reach us there too
    sounds: str  # folder of the client's messages
    trunk: str = "trunk"
    ring_seconds: float = 28.0
    lines: int = 30
    calls_per_second: float = 5.0
    client_lines: int = 0  # of all campaigns of the client together; 0: no bound
    client_calls_per_second: float = 0.0  # the same
    mode: str = "auto"  # auto | progressive | predictive | preview
    priority: int = 5  # among campaigns that share agents: 1 goes before 9
    preview_seconds: float = 0.0  # in mode preview: how long somebody is looked at, at most; 0: no limit
    ring_cuts: bool = False  # may a ring be hung up that is about to meet nobody
    abandoned_percent: float = 1.0  # what is promised at most, of answered calls, in the modes that predict
    abandoned_hours: float = 24.0  # over which that is measured; 24: a day
    announce_listening: bool = True  # a resident is told when a supervisor listens in
    person_within_seconds: float = PERSON_WITHIN  # seconds from the answer to a person; later it counts as abandoned
    asks: Abilities = NONE  # of every agent who is to serve it
    survey_percent: float = 0.0  # of conversations, that are followed by two questions; 0: none
    recording: str = "off"  # domain.recording.POLICIES
    takes_inbound: bool = True  # the client's campaign that answers its number
    after_care: bool = False  # the client's contract is over: callers hear where to go, and nothing of them is kept
    requires_practice: bool = False  # who has not passed the practice gets no calls
    starts_on: date | None = None
    ends_on: date | None = None

    def runs_on(self, at: datetime) -> bool:
        """True when a dial may start at `at`: inside the windows, and between the first and the last day."""
        day = local_date(at)
        begun = self.starts_on is None or day >= self.starts_on
        over = self.ends_on is not None and day > self.ends_on
        return begun and not over and self.calendar.is_open(at)


@dataclass(frozen=True, slots=True, kw_only=True)
class BorrowedLine:
    """A line of another team's queue, as the engine answers it."""

    line: OverflowLine
    calendar: Calendar
    sounds: str  # folder of its messages


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRequest:
    """Somebody asked to be rung back, or not to be rung any more on this number."""

    campaign: CampaignId
    client: ClientId
    number: str = field(repr=False)
    attempt: AttemptId | None
    origin: str  # closed | queue | rescue | agent | missed
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCallback:
    """A kept request, for whoever is to dial it."""

    callback: UUID
    client: ClientId
    campaign: CampaignId
    case: CaseId | None
    number: str = field(repr=False)
    callable: bool  # a number of a kind that we dial at all
    state: str  # open | claimed | done | cancelled
    claimed_by: UserId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffNumber:
    """One of our own people's telephones, for whoever is to ring it."""

    client: ClientId
    number: str = field(repr=False)


class StaffNumbers(Protocol):
    """Where the numbers of our own people are kept."""

    async def number(self, phone: UUID) -> StaffNumber:
        """Raises NotFoundError, also for one that was taken off the list."""
        ...


class CallbackTasks(Protocol):
    """Where call-back requests and blocked numbers are kept."""

    async def open(self, request: CallbackRequest) -> None:
        """One open task per client and number: asking again changes nothing."""
        ...

    async def block_number(self, client: ClientId, number: str, at: datetime, reason: str) -> None:
        """This number is not dialled any more for this client."""
        ...

    async def caller_language(self, client: ClientId, number: str) -> str:
        """The language of whoever has this number on the client's lists; "" where nobody has, or they differ."""
        ...

    async def asked(self, callback: UUID) -> AskedCallback:
        """One request. Raises NotFoundError."""
        ...


class EngineStore(Protocol):
    """Reads and writes of the engine beside the ledger."""

    async def campaigns(self) -> Sequence[EngineCampaign]:
        """Every campaign of this site but drafts that cannot be tried out, the client's newest running one first."""
        ...

    async def overflow_lines(self) -> Sequence[BorrowedLine]:
        """Every line of another team's queue, out of use or not."""
        ...

    async def assignments(self) -> Mapping[UserId, frozenset[CampaignId]]:
        """Agents who work for certain campaigns only; who is not in here works for all."""
        ...

    async def line_elsewhere(self, dialed: str) -> EngineCampaign | None:
        """The campaign of another site's client that answers this number: what callers left here is for it."""
        ...

    async def numbers_elsewhere(self) -> frozenset[str]:
        """Numbers, E.164, on which callers of other sites' clients ring: not ours to answer."""
        ...

    async def stopped(self) -> bool:
        """Whether an emergency stop stands."""
        ...

    async def practised(self) -> frozenset[UserId]:
        """Who passed the practice."""
        ...

    async def abilities(self) -> Mapping[UserId, Abilities]:
        """What agents can do who may sign in; who is not in here speaks Dutch and has no skill."""
        ...

    async def deliveries_of(self, cases: Sequence[CaseId]) -> dict[CaseId, DeliveryId]:
        """Which delivery each case came with."""
        ...

    async def appointments(self, after: datetime, until: datetime) -> Sequence[tuple[CampaignId, datetime]]:
        """Appointments of open cases in running campaigns, the first first."""
        ...

    async def open_callback(self, request: CallbackRequest) -> None:
        """One open task per client and number: asking again changes nothing."""
        ...

    async def block_number(self, client: ClientId, number: str, at: datetime, reason: str) -> None:
        """This number is not dialled any more for this client; nobody had to say who they are."""
        ...

    async def caller_language(self, client: ClientId, number: str) -> str:
        """The language of whoever has this number on the client's lists; "" where nobody has, or they differ."""
        ...

    async def asked_callback(self, callback: UUID) -> AskedCallback:
        """One call-back request. Raises NotFoundError."""
        ...

    async def staff_number(self, phone: UUID) -> StaffNumber:
        """One of our own people's telephones. Raises NotFoundError."""
        ...

    async def save_clock_pair(self, wall_at: datetime, calendar_at: datetime, speed: float) -> None:
        """Keep how calendar and wall time belonged together, for whoever audits a pressed calendar."""
        ...
