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


class RosterFeedStore(Protocol):
    """Keeps who has an address for his calendar. Making and ending one have their line in the audit."""

    async def made_at(self, user: UserId) -> datetime | None:
        """Of the address that works now."""
        ...

    async def put(self, user: UserId, secret_hash: bytes, at: datetime, actor: str) -> None:
        """In the place of the one before."""
        ...

    async def remove(self, user: UserId, at: datetime, actor: str) -> bool:
        """False: there was none."""
        ...

    async def reader(self, secret_hash: bytes) -> tuple[UserId, str] | None:
        """Whose address it is, and his language; None: nobody's, or of who may not sign in."""
        ...
