"""Who is on duty, kept so that a restart finds everybody where they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.domain.agent import Agent, AgentState
from dialer.domain.ids import AttemptId, UserId
from dialer.services.ports.desk import WrapUp


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRecord:
    """An agent as last stored."""

    user: UserId
    name: str
    state: AgentState
    reason: str
    since: float  # wall, unix seconds
    device: str
    attempt: AttemptId | None
    wrap_ups: Sequence[WrapUp]  # unfinished, the oldest first


class DutyStore(Protocol):
    """Agents' duty."""

    async def load(self) -> Sequence[DutyRecord]:
        """Everybody who was not off duty."""
        ...

    async def find(self, user: UserId) -> DutyRecord:
        """One agent, off duty if never seen. Raises NotFoundError unless the user may take calls."""
        ...

    async def save(self, before: AgentState, agent: Agent, at: datetime, wall_at: datetime) -> None:
        """Store the present state and append the change."""
        ...
