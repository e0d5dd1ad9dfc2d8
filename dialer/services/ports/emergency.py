"""The emergency stop, kept: it stands over restarts until somebody lifts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """An emergency stop that stands."""

    id: UUID
    at: datetime  # wall time
    by: str  # actor
    name: str  # of that person; "" for a command line
    reason: str


class EmergencyStore(Protocol):
    """Where it is kept."""

    async def standing(self) -> Stop | None:
        """The one that stands, if any."""
        ...

    async def stop(self, stop: Stop) -> bool:
        """Keep it, with its line in the audit. False: one stands already."""
        ...

    async def lift(self, at: datetime, actor: str) -> bool:
        """End the one that stands, with its line in the audit. False: none stood."""
        ...
