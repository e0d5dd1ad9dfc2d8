"""Call-back requests: one open task per client and number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from dialer.domain.ids import AttemptId, CampaignId, CaseId, ClientId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCallback:
    """A request, its number sealed with the client's key."""

    id: UUID
    client: ClientId
    campaign: CampaignId
    number_key: bytes = field(repr=False)
    sealed_number: bytes = field(repr=False)
    attempt: AttemptId | None
    origin: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedCallback:
    """What opens a request's number, and how the request stands."""

    client: ClientId
    campaign: CampaignId
    case: CaseId | None
    state: str
    client_key: bytes = field(repr=False)
    sealed_number: bytes = field(repr=False)
    claimed_by: UserId | None


class CallbackStore(Protocol):
    """Requests and blocked numbers. One method is one transaction."""

    async def client_key(self, client: ClientId) -> bytes:
        """The wrapped key. Raises NotFoundError."""
        ...

    async def open(self, new: NewCallback) -> bool:
        """False when a task for this number is open already. Its residents are not dialled meanwhile."""
        ...

    async def claim(self, callback: UUID, user: UserId, at: datetime, stale: datetime) -> None:
        """Take it; a claim from before `stale` is taken over, unless its call or wrap-up still goes on.

        Raises NotFoundError, ConflictError.
        """
        ...

    async def close(self, callback: UUID, user: UserId, state: str, at: datetime) -> None:
        """done or cancelled; twice is once. Raises NotFoundError, ConflictError when somebody else has it."""
        ...

    async def sealed(self, callback: UUID) -> SealedCallback:
        """Raises NotFoundError."""
        ...

    async def language_of(self, client: ClientId, number_key: bytes) -> str:
        """Of the cases that have this number; "" where there is none, or they differ."""
        ...

    async def block_number(
        self, client: ClientId, number_key: bytes, kind: str, at: datetime, reason: str, phone: UUID
    ) -> None:
        """Block a number for this client, on a list or not (`phone`: the id if it is new)."""
        ...
