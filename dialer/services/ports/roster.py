"""The roster, as services need it kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from dialer.domain.ids import UserId
from dialer.domain.roster import RosterDay


@dataclass(frozen=True, slots=True, kw_only=True)
class Rostered:
    """An agent who may sign in."""

    user: UserId
    name: str
    login: str


class RosterStore(Protocol):
    """Keeps days of agents."""

    async def agents(self) -> Sequence[Rostered]:
        """By name."""
        ...

    async def days(self, first: date, last: date) -> Sequence[RosterDay]:
        """Of agents who may sign in, both days included; by day, then agent."""
        ...

    async def save(
        self, days: Sequence[RosterDay], at: datetime, actor: str, action: str, detail: Mapping[str, object]
    ) -> bool:
        """All of them as their next versions, with one line in the audit. Raises NotFoundError for who is no agent.

        False, and nothing is kept: one of them is not at its version any more.
        """
        ...
