"""The register of data leaks. `storage/` implements it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from dialer.domain.ids import ClientId, UserId
from dialer.domain.incident import Incident, IncidentState


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentLine:
    """One leak of one client. `lesson`: what was done so that it does not happen again."""

    id: UUID
    client: ClientId
    client_name: str
    state: IncidentState
    known: Incident
    opened_at: datetime
    opened_by: str
    told_at: datetime | None  # the latest time
    closed_at: datetime | None
    lesson: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentChange:
    """Where it stands from now on. None: as it was."""

    incident: UUID
    version: int
    state: IncidentState
    told_at: datetime | None = None
    closed_at: datetime | None = None
    lesson: str | None = None


class IncidentStore(Protocol):
    """Where they are kept."""

    async def all(self, client: ClientId | None) -> Sequence[IncidentLine]:
        """Those that are not closed first, then the newest."""
        ...

    async def incident(self, incident: UUID) -> IncidentLine:
        """Raises NotFoundError."""
        ...

    async def add(self, incident: UUID, client: ClientId, known: Incident, at: datetime, by: UserId) -> None:
        """Raises NotFoundError for a client that there is not."""
        ...

    async def learn(self, incident: UUID, version: int, known: Incident) -> bool:
        """What is known now; False when it was changed since."""
        ...

    async def move(self, change: IncidentChange) -> bool:
        """False when it was changed since."""
        ...
