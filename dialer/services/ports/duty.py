"""Who is on duty, kept so that a restart finds everybody where they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.domain.agent import Agent, AgentState
from dialer.domain.errors import NotNowError
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
    site: str = ""  # where he is on duty; nowhere


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyChange:
    """An agent as he is now, and what he was before."""

    before: AgentState
    agent: Agent
    at: datetime  # of the calendar
    wall_at: datetime


class ElsewhereError(NotNowError):
    """This agent is on duty at another site."""

    def __init__(self, site: str) -> None:
        super().__init__("on-duty-elsewhere")
        self.site = site

    def __str__(self) -> str:
        return f"on duty at site {self.site}"


class DutyStore(Protocol):
    """Agents' duty at one site."""

    async def load(self) -> Sequence[DutyRecord]:
        """Everybody who was not off duty here."""
        ...

    async def take(self, user: UserId) -> None:
        """This site has him from now on until he goes off duty. Raises ElsewhereError while another has."""
        ...

    async def find(self, user: UserId) -> DutyRecord:
        """One agent, off duty if never seen. Raises NotFoundError unless the user may take calls."""
        ...

    async def save(self, changes: Sequence[DutyChange]) -> None:
        """Store the present states and append the changes: all or none. Of each agent there is one at most."""
        ...
