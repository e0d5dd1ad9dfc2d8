"""What agents have practised, as services need it kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.domain.ids import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeResult:
    """An agent's best in one conversation of a set."""

    scenario: str
    score: int  # percent
    passed: bool
    tries: int
    at: datetime  # of the best, UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Practised:
    """How far an agent is, as supervisors see it: what did not go well yet is not told."""

    user: UserId
    name: str
    passed_at: datetime | None  # the whole set, any version; None: not yet
    passed_version: int | None
    done: int  # conversations of the present set that were passed


class PracticeStore(Protocol):
    """Keeps the best of each conversation, who passed a whole set, and who has seen the first-day tour."""

    async def results(self, user: UserId, version: int) -> Sequence[PracticeResult]:
        """Of one set."""
        ...

    async def passed_at(self, user: UserId) -> datetime | None:
        """When the agent passed a whole set for the first time."""
        ...

    async def keep(self, user: UserId, version: int, result: PracticeResult) -> None:
        """One more try: the best stays, and what was passed stays passed."""
        ...

    async def complete(self, user: UserId, version: int, at: datetime, actor: str) -> None:
        """The whole set is passed, with its line in the audit; again is no error."""
        ...

    async def needs(self, user: UserId) -> Sequence[str]:
        """Names of campaigns that are prepared or run, ask for practice, and that this agent would work for."""
        ...

    async def team(self, version: int) -> Sequence[Practised]:
        """Every agent who is not disabled, by name."""
        ...

    async def tour_seen(self, user: UserId) -> bool:
        """Whether the first-day tour was seen or skipped."""
        ...

    async def see_tour(self, user: UserId) -> None:
        """It was."""
        ...
