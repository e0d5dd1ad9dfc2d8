"""Complaints of residents. Days are Amsterdam dates, times aware UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from dialer.domain.complaint import ComplaintEvent, ComplaintState
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ClientId, DeliveryId, UserId
from dialer.services.ports.people import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintLine:
    """A complaint without its words. `attempt`: the call in which an agent noted it."""

    id: UUID
    client: ClientId
    campaign: CampaignId
    case: CaseId | None
    attempt: AttemptId | None
    state: ComplaintState
    received_at: datetime
    due_on: date
    owner: UserId | None
    owner_name: str
    changed_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintStep:
    """What happened to it."""

    at: datetime
    by: str
    event: str  # raise, or a ComplaintEvent
    reason: str  # names nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintKeys:
    """What seals a text about it. `delivery` None: it belongs to none."""

    client: ClientId
    client_key: bytes = field(repr=False)
    delivery: DeliveryId | None
    delivery_key: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintTexts:
    """Boxes: what a supervisor wrote down, the agent's note of the call, the answer."""

    what: Box | None = field(repr=False)
    note: Box | None = field(repr=False)
    answer: Box | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewComplaint:
    """One that a supervisor writes down."""

    id: UUID
    case: CaseId
    user: UserId
    actor: str
    at: datetime
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintMove:
    """A step. `answer` sealed, of ANSWER alone; `owner` of ASSIGN alone."""

    complaint: UUID
    version: int
    event: ComplaintEvent
    user: UserId
    actor: str
    at: datetime
    reason: str = ""
    owner: UserId | None = None
    answer: bytes | None = field(default=None, repr=False)


class ComplaintStore(Protocol):
    """One method is one transaction; every change leaves its audit line in it."""

    async def lines(
        self, client: ClientId | None, *, is_open: bool | None, after: tuple[datetime, UUID] | None, limit: int
    ) -> Sequence[ComplaintLine]:
        """The latest received first."""
        ...

    async def line(self, complaint: UUID) -> ComplaintLine:
        """Raises NotFoundError."""
        ...

    async def of_case(self, case: CaseId) -> Sequence[ComplaintLine]:
        """The latest received first."""
        ...

    async def steps(self, complaint: UUID) -> Sequence[ComplaintStep]:
        """The first first."""
        ...

    async def texts(self, complaint: UUID) -> ComplaintTexts:
        """Raises NotFoundError."""
        ...

    async def keys(self, complaint: UUID) -> ComplaintKeys:
        """Raises NotFoundError."""
        ...

    async def keys_of_case(self, case: CaseId) -> ComplaintKeys:
        """Raises NotFoundError."""
        ...

    async def add(self, complaint: NewComplaint) -> None:
        """Raises NotFoundError."""
        ...

    async def move(self, move: ComplaintMove) -> bool:
        """False when it was changed since. Raises NotFoundError, IllegalTransitionError, InvalidError."""
        ...

    async def overdue(self, today: date) -> Mapping[ClientId, int]:
        """Open ones whose term is over, of each client that has had any complaint."""
        ...

    async def waiting(self, client: ClientId | None, today: date) -> tuple[int, int]:
        """(Open ones, those of them whose term is over)."""
        ...
