"""Campaigns: what is asked of them, and what their store holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from dialer.domain.ids import CampaignId, CaseId, ClientId, UserId
from dialer.schedule.outcome_rules import Effect
from dialer.schedule.windows import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCampaign:
    """A campaign to be made; None: the usual."""

    client: ClientId
    name: str
    calendar: Mapping[str, object] | None = None
    settings: Mapping[str, object] | None = None
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The first rule that holds calls back. `code` "": none does."""

    code: str
    text: str
    until: datetime | None
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAttempt:
    """A resident's next attempt and what speaks for it."""

    at: datetime
    number: int | None  # position in the case's list; None: whichever comes first
    chance: float | None  # of speaking with the resident; None where nothing is predicted
    text: Sequence[str]  # sentences: when and where, then why


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWhy:
    """As `Why`, for one resident, with the plan."""

    code: str
    text: str
    until: datetime | None
    facts: Mapping[str, object]
    plan: PlannedAttempt | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many, and why."""

    code: str
    text: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at before a start."""

    code: str
    ok: bool
    blocking: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What would happen if the campaign started now."""

    may_start: bool
    will_call: int
    skipped: Sequence[Count]
    checks: Sequence[Check]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermEnd:
    """Open cases whose last day of calling this is (by the clock of Amsterdam), and how many of them are a crisis."""

    on: date
    cases: int
    crisis: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRecord:
    """A campaign with what decides whether it dials."""

    campaign: CampaignId
    client: ClientId
    name: str
    state: str
    calendar: Calendar
    calendar_json: Mapping[str, Any]
    settings: Mapping[str, Any]
    client_settings: Mapping[str, Any]
    inbound_number: str
    sounds: str  # folder of the client's messages
    starts_on: date | None
    ends_on: date | None
    version: int
    next_due: datetime | None  # the earliest planned attempt
    overdue: int  # residents whose planned moment has come
    open_cases: int
    agents: int  # who work for it and may log in
    leased: bool  # a process runs it, by the clock of the database: the one that leases go by
    unchecked: Sequence[str] = ()  # items of the checklist that are neither so, nor ticked, nor waived


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignWrite:
    """A campaign's new values, checked."""

    campaign: CampaignId
    name: str
    calendar: Mapping[str, Any]
    settings: Mapping[str, Any]
    starts_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFacts:
    """What the running centre says of a campaign. `reason`: its code of what holds calls back, "" when dialling."""

    reason: str = ""
    owned: bool = True
    on_duty: int = 0
    unpractised: int = 0  # on duty too, and without the practice that the campaign asks for
    free_agents: int = 0
    waited_for: frozenset[str] = frozenset()  # languages that agents of it speak, and nobody who is free now
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignTried:
    """What a change would do to the open cases."""

    moved: int  # another time or number
    closed: int  # no further attempt
    same: int
    estimated: bool  # reckoned from a random sample


class CampaignTrials(Protocol):
    """Reads only."""

    async def sample(self, campaign: CampaignId, most: int) -> tuple[int, Sequence[CaseId]]:
        """How many cases are open, and a random `most` of them."""
        ...

    async def effects(self, cases: Sequence[CaseId], write: CampaignWrite, at: datetime) -> Sequence[Effect]:
        """What the campaign's new values would do to each of these."""
        ...


class PlanChanges(Protocol):
    """Changed hours and planning on their way to the cases; kept by `CampaignStore.update`."""

    async def bring(self, few: int, at: datetime) -> bool:
        """Bring the oldest change to its next few open cases; False: nothing is on its way."""
        ...


class CampaignStore(Protocol):
    """One method is one transaction; each change is audited with its actor."""

    async def create(self, write: CampaignWrite, client: ClientId, at: datetime, actor: str) -> None:
        """In state draft, with the newest outcome catalogue. Raises NotFoundError, ConflictError for a name in use."""
        ...

    async def record(self, campaign: CampaignId, at: datetime) -> CampaignRecord:
        """Raises NotFoundError."""
        ...

    async def update(self, write: CampaignWrite, version: int, at: datetime, actor: str) -> bool:
        """False when it is not at `version` any more. Raises ConflictError for a name in use."""
        ...

    async def set_state(self, campaign: CampaignId, expected: str, state: str, at: datetime, actor: str) -> bool:
        """False when its state is not `expected` any more. Raises PreflightError while the checklist is open."""
        ...

    async def set_agents(self, campaign: CampaignId, users: Sequence[UserId], at: datetime, actor: str) -> None:
        """All who work for it. Raises NotFoundError for somebody who is not there."""
        ...

    async def counts(self, campaign: CampaignId, at: datetime) -> Mapping[str, int]:
        """Cases by what would become of them: `call`, or why not."""
        ...

    async def ends(self, campaign: CampaignId) -> Sequence[TermEnd]:
        """Open cases by the last day on which may be dialled, the earliest first."""
        ...

    async def exists(self, name: str, client: str) -> CampaignId:
        """By name and the client's slug (empty: the only one). Raises NotFoundError, ConflictError for several."""
        ...
