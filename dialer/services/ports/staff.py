"""Telephones of our own people, and the proof calls that rang them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from dialer.domain.ids import AttemptId, CampaignId, ClientId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPhone:
    """One, with its number sealed by the client's key."""

    id: UUID
    client: ClientId
    label: str
    number_key: bytes = field(repr=False)
    sealed: bytes = field(repr=False)
    client_key: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofLine:
    """A proof call as the screens show it."""

    attempt: AttemptId
    phone: UUID
    label: str
    at: datetime
    agent: UserId | None
    live: bool
    answered: bool
    talked: bool
    outcome: str | None


class StaffStore(Protocol):
    """One method is one transaction."""

    async def client_key(self, client: ClientId) -> bytes:
        """Wrapped. Raises NotFoundError."""
        ...

    async def phones(self, client: ClientId) -> Sequence[StaffPhone]:
        """On the list now, by label."""
        ...

    async def phone(self, phone: UUID) -> StaffPhone:
        """Raises NotFoundError, also for one that was taken off the list."""
        ...

    async def add(self, phone: StaffPhone, by: UserId | None, at: datetime, actor: str) -> None:
        """Raises ConflictError when the number is on the list already, or is one of a resident who is to be called."""
        ...

    async def remove(self, client: ClientId, phone: UUID, at: datetime, actor: str) -> None:
        """Off the list; its calls stay. Raises NotFoundError."""
        ...

    async def proofs(self, campaign: CampaignId, most: int) -> Sequence[ProofLine]:
        """The newest first."""
        ...
