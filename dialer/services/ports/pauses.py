"""Reasons of pauses, and what a day of the team was made of, as services need them kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from dialer.domain.ids import UserId
from dialer.domain.pause_reasons import PauseReason
from dialer.domain.team_time import Done, Spell


class PauseReasonStore(Protocol):
    """Keeps reasons; none is ever deleted."""

    async def all(self) -> Sequence[PauseReason]:
        """Archived ones too, in their order."""
        ...

    async def add(self, reason: PauseReason, at: datetime, actor: str) -> None:
        """With its line in the audit. Raises ConflictError for a code that is there already."""
        ...

    async def change(self, reason: PauseReason, at: datetime, actor: str) -> PauseReason | None:
        """As the next version, with its line in the audit. None: `reason.version` is not the newest."""
        ...


class TeamTimeStore(Protocol):
    """Reads what agents did."""

    async def spells(self, begin: datetime, end: datetime, user: UserId | None = None) -> Sequence[Spell]:
        """How long each agent was in each state between two moments, by name of the agent; or this one alone."""
        ...

    async def done(self, user: UserId, begin: datetime, end: datetime) -> Done:
        """What an agent's calls of these moments came to, as their outcomes stand now."""
        ...
