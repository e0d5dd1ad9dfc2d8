"""Proposals to improve the work. Times aware UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from dialer.domain.ids import UserId
from dialer.domain.improvement import ImprovementEvent, ImprovementState
from dialer.services.ports.scripts import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Improvement:
    """One proposal as it stands. `answer`: empty until it is closed."""

    id: UUID
    text: str
    raised_at: datetime
    raised_by: str
    state: ImprovementState
    owner: UserId | None
    owner_name: str
    due_on: date | None
    answer: str
    changed_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImprovementMove:
    """A step, or (`event` None) another owner or day."""

    event: ImprovementEvent | None
    owner: UserId | None
    due_on: date | None
    answer: str


class ImprovementStore(Protocol):
    """One method is one transaction; every change leaves its audit line in it."""

    async def all(self, *, is_open: bool) -> Sequence[Improvement]:
        """Open ones, the first due first; or closed ones, the latest first, two hundred at most."""
        ...

    async def one(self, improvement: UUID) -> Improvement:
        """Raises NotFoundError."""
        ...

    async def add(self, improvement: UUID, text: str, act: Act) -> None:
        """A new proposal, in plan."""
        ...

    async def move(self, improvement: UUID, version: int, move: ImprovementMove, act: Act) -> bool:
        """False when it was changed since. Raises NotFoundError, IllegalTransitionError, InvalidError."""
        ...
