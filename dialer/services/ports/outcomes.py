"""Filing of outcomes: what the desk asks, and what the store does in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from dialer.domain.ids import AttemptId, CampaignId, CaseId, ClientId, DeliveryId, PhoneId, UserId
from dialer.schedule.windows import Calendar
from dialer.services.ports.desk import Filing


class OutcomeFiler(Protocol):
    """Closes a wrap-up."""

    async def file(self, user: UserId, attempt: AttemptId, filing: Filing) -> object:
        """Commit the outcome. The same filing again is no error; another one raises ConflictError."""
        ...

    async def undo(self, user: UserId, attempt: AttemptId) -> None:
        """Take the agent's own filing back. Raises ForbiddenError, ConflictError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingTarget:
    """An attempt that an outcome is to be filed for, and what the filing is judged by."""

    attempt: AttemptId
    direction: str
    client: ClientId
    campaign: CampaignId
    case: CaseId | None
    delivery: DeliveryId | None
    agent: UserId | None
    talked: bool  # somebody was joined, or it is in wrap-up
    verified: bool | None
    catalogue_version: int
    calendar: Calendar
    plan_ends_at: datetime | None
    phones: Sequence[PhoneId]
    offers_slots: bool = False  # the client has times of its own to choose from
    bsn_allowed: bool = False  # by the client's contract
    client_key: bytes = field(repr=False)
    delivery_key: bytes | None = field(repr=False)


class FilingKind(StrEnum):
    """Kinds of event in the ledger."""

    FILED = "filed"
    RECODED = "recoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingEntry:
    """One filing or correction, judged and sealed."""

    kind: FilingKind
    attempt: AttemptId
    outcome: str
    reached: bool
    flags: Sequence[str]
    facts: Mapping[str, object]  # appointment_at, phone_closed, answers; no personal data
    note: bytes | None = field(default=None, repr=False)  # sealed
    opts_out: bool = False
    blocks_number: bool = False
    slot: UUID | None = None  # booked with it
    confirm_by: str = ""
    contact: bytes | None = field(default=None, repr=False)  # sealed
    reason: str = ""  # of a correction
    user: UserId
    at: datetime
    wall_at: datetime


class OutcomeStore(Protocol):
    """Outcomes in the ledger. One method is one transaction."""

    async def target(self, attempt: AttemptId) -> FilingTarget:
        """Raises NotFoundError."""
        ...

    async def file(self, entry: FilingEntry) -> None:
        """Event, projection, numbers, opt-out, note and the case's plan at once.

        The same filing again changes nothing but the note. Another one, or a correction of nothing, raises
        ConflictError; so does a time that somebody else has (SlotTakenError).
        """
        ...

    async def attempt_left(self, target: FilingTarget, at: datetime) -> bool:
        """Whether the caps and the numbers of the attempt's case leave one more dial."""
        ...

    async def slot_begins(self, slot: UUID, client: ClientId) -> datetime | None:
        """None: the client has no such time."""
        ...

    async def undo(self, attempt: AttemptId, user: UserId, at: datetime, wall_at: datetime) -> None:
        """Take the latest filing or correction back; what stood before stands again. Raises ConflictError."""
        ...

    async def filed_at(self, attempt: AttemptId, user: UserId) -> datetime | None:
        """When the outcome that stands was filed, if this user did it."""
        ...

    async def open_wrap_ups(self, user: UserId) -> Sequence[AttemptId]:
        """Unfinished ones, the oldest first."""
        ...

    async def draft(self, attempt: AttemptId) -> tuple[bytes, DeliveryId | None] | None:
        """The sealed draft and the delivery whose key sealed it; None: the client's key."""
        ...

    async def save_draft(self, target: FilingTarget, sealed: bytes, at: datetime) -> None:
        """Keep the draft. Raises ConflictError once the outcome is filed."""
        ...
