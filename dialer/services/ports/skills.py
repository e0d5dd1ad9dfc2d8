"""Skills, and what agents can do, as services need them kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.domain.errors import ConflictError
from dialer.domain.ids import UserId
from dialer.domain.skills import Abilities, Skill


class SkillAskedError(ConflictError):
    """A campaign asks for this skill."""

    code = "skill-asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAbilities:
    """One agent who may sign in. `version` 0: nothing was ever kept of him."""

    user: UserId
    name: str
    abilities: Abilities
    version: int


class SkillStore(Protocol):
    """Keeps skills, none of which is ever deleted, and who has them. Each change with its line in the audit."""

    async def all(self) -> Sequence[Skill]:
        """Archived ones too, by their Dutch words."""
        ...

    async def add(self, skill: Skill, at: datetime, actor: str) -> None:
        """Raises ConflictError for a code that is there already."""
        ...

    async def change(self, skill: Skill, at: datetime, actor: str) -> Skill | None:
        """As the next version. None: `skill.version` is not the newest.

        Raises SkillAskedError when it is archived and a campaign that is not stopped asks for it.
        """
        ...

    async def team(self) -> Sequence[AgentAbilities]:
        """By name."""
        ...

    async def set_abilities(
        self, user: UserId, abilities: Abilities, version: int, at: datetime, actor: str
    ) -> AgentAbilities | None:
        """None: `version` is not the newest.

        Raises NotFoundError for anybody but an agent who may sign in, InvalidError for a skill that is not offered and
        that he has not already."""
        ...
