"""Requests of residents about their data. `storage/` implements it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from dialer.domain.ids import ClientId, ResidentId, UserId
from dialer.domain.privacy_request import RequestKind, RequestState


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRequest:
    """One request. `reason` and `answer` name nobody; days are Amsterdam dates."""

    id: UUID
    client: ClientId
    client_name: str
    resident: ResidentId
    kind: RequestKind
    state: RequestState
    received_on: date
    due_on: date
    reason: str
    answer: str
    opened_at: datetime
    opened_by: str
    settled_at: datetime | None
    settled_by: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """One that came in."""

    id: UUID
    resident: ResidentId
    kind: RequestKind
    received_on: date
    due_on: date
    reason: str
    at: datetime
    by: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMove:
    """What became of it. `due_on` None: as it was."""

    request: UUID
    version: int
    state: RequestState
    answer: str
    due_on: date | None
    settled_at: datetime | None
    by: UserId


class PrivacyRequestStore(Protocol):
    """Where they are kept."""

    async def all(
        self, client: ClientId | None, resident: ResidentId | None, *, is_open: bool | None, limit: int
    ) -> Sequence[PrivacyRequest]:
        """Open ones by their term, then the others, the newest first."""
        ...

    async def request(self, request: UUID) -> PrivacyRequest:
        """Raises NotFoundError."""
        ...

    async def add(self, new: NewRequest) -> None:
        """Raises NotFoundError for a resident that there is not."""
        ...

    async def move(self, move: RequestMove) -> bool:
        """False when it was changed since."""
        ...
