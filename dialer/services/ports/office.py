"""What the office's screens list: pages of campaigns, deliveries, cases, exports and call-back requests.

Pseudonymous throughout: ids, states, times, and the client's own references. Lists are ordered by id, which is by
time of making; `after` is the id that the page before ended with. `client` None: of every client.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from dialer.domain.ids import AttemptId, CampaignId, CaseId, ClientId, DeliveryId, PhoneId, SignalId, UserId

APPOINTMENT_GRACE = timedelta(minutes=15)
"""An appointment that nobody dialled for so long is missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLine:
    """A client."""

    id: ClientId
    slug: str
    name: str
    municipality: str
    neutral_name: str
    inbound_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignLine:
    """A campaign as stored."""

    id: CampaignId
    client: ClientId
    name: str
    state: str
    calendar: Mapping[str, object]
    settings: Mapping[str, object]
    catalogue_version: int
    starts_on: date | None
    ends_on: date | None
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLine:
    """A delivery as stored."""

    id: DeliveryId
    client: ClientId
    campaign: CampaignId
    kind: str
    format: str
    state: str
    received_at: datetime
    received_by: UserId | None
    recalled_at: datetime | None
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalLine:
    """One refused cell, or (not `fatal`) a cell that was dropped."""

    row: int
    column: str
    reason: str
    fatal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which cases. None and "": any."""

    client: ClientId | None = None
    campaign: CampaignId | None = None
    delivery: DeliveryId | None = None
    state: str = ""
    outcome: str = ""
    crisis: bool | None = None
    reference: str = ""  # the client's reference or a signal's
    opened_from: datetime | None = None
    opened_before: datetime | None = None
    missed_before: datetime | None = None  # open cases whose appointment was before this and was not kept


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case as lists show it."""

    id: CaseId
    client: ClientId
    campaign: CampaignId
    delivery: DeliveryId
    state: str
    state_reason: str
    crisis: bool
    language: str
    opened_at: datetime
    term_ends_at: datetime
    plan_ends_at: datetime  # calling ends
    closed_at: datetime | None
    next_at: datetime | None
    paused_until: datetime | None
    appointment_at: datetime | None
    outcome: str | None
    attempts: int
    client_refs: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalLine:
    """A signal of a case. `merged`: it joined this case by a list and may be taken out again."""

    id: SignalId
    client_ref: str
    signal_ref: str
    partner_type: str
    signal_on: date
    crisis: bool
    merged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneLine:
    """A number of a case, known by its position only."""

    id: PhoneId
    position: int
    kind: str
    state: str
    closed_reason: str | None
    blocked: bool
    source: str
    source_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptLine:
    """An attempt in a case's time line."""

    id: AttemptId
    direction: str
    phone: PhoneId | None
    counted: bool
    seq: int | None
    state: str
    agent: UserId | None
    claimed_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    day_part: str
    recorded: bool  # there is a recording to play
    outcome: str | None
    machine_result: str | None
    reached: bool
    abandoned: bool
    flags: Sequence[str]
    call_back: bool  # of a request that an agent had dialled; whose it was turned out in the call
    merged: bool  # made in a case that was merged into this one


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeLine:
    """Two cases put together by hand, until it is undone. `client_refs`: of the signals that came along."""

    kept: CaseId
    other: CaseId
    at: datetime
    by: str  # name; empty: not somebody who signs in
    reason: str
    attempts: int  # counted ones of the other
    client_refs: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDetail:
    """A case with everything that is not personal."""

    case: CaseLine
    signals: Sequence[SignalLine]
    phones: Sequence[PhoneLine]
    attempts: Sequence[AttemptLine]
    merges: Sequence[MergeLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLine:
    """An export."""

    id: UUID
    client: ClientId
    campaign: CampaignId
    kind: str
    created_at: datetime
    created_by: UserId | None
    lines: int
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackLine:
    """A call-back request, without its number."""

    id: UUID
    campaign: CampaignId
    case: CaseId | None
    origin: str
    state: str
    requested_at: datetime
    claimed_by: UserId | None
    claimed_at: datetime | None
    done_at: datetime | None
    done_by: UserId | None
    tries: int  # dials of ours that left, for a request that belongs to no case
    tried_at: datetime | None  # the latest of them
    attempt: AttemptId | None  # the dial that is out, or whose wrap-up is open


class Office(Protocol):
    """Reads for screens. Single objects are None when they do not exist."""

    async def clients(self, client: ClientId | None) -> Sequence[ClientLine]:
        """By name."""
        ...

    async def campaigns(self, client: ClientId | None, after: UUID | None, limit: int) -> Sequence[CampaignLine]:
        """The newest first."""
        ...

    async def campaign(self, campaign: CampaignId) -> CampaignLine | None:
        """One."""
        ...

    async def campaign_agents(self, campaign: CampaignId) -> Sequence[UserId]:
        """Who works for it."""
        ...

    async def deliveries(
        self, client: ClientId | None, campaign: CampaignId | None, after: UUID | None, limit: int
    ) -> Sequence[DeliveryLine]:
        """The newest first."""
        ...

    async def delivery(self, delivery: DeliveryId) -> DeliveryLine | None:
        """One."""
        ...

    async def refusals(
        self, delivery: DeliveryId, after: tuple[int, str, str] | None, limit: int
    ) -> Sequence[RefusalLine]:
        """By row, column and reason; `after` is the last one of the page before."""
        ...

    async def cases(self, which: CaseFilter, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[CaseLine]:
        """The one that began last first; `after` is the beginning and id of a case."""
        ...

    async def worklist(self, which: CaseFilter, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[CaseLine]:
        """Cases that may still be called, the least time left first; `after` is the end of calling and id of a case."""
        ...

    async def case(self, case: CaseId) -> CaseLine | None:
        """One."""
        ...

    async def case_detail(self, case: CaseId) -> CaseDetail | None:
        """One, with its signals, numbers and attempts."""
        ...

    async def exports(
        self, client: ClientId | None, campaign: CampaignId | None, after: UUID | None, limit: int
    ) -> Sequence[ExportLine]:
        """The newest first."""
        ...

    async def export(self, export: UUID) -> ExportLine | None:
        """One."""
        ...

    async def callbacks(
        self, client: ClientId | None, campaign: CampaignId | None, state: str, after: UUID | None, limit: int
    ) -> Sequence[CallbackLine]:
        """The oldest first."""
        ...

    async def callback(self, callback: UUID) -> CallbackLine | None:
        """One."""
        ...
