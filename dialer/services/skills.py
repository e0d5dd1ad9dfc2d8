"""Skills as data, and who of the team has which: kept by supervisors, followed by the calls at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from dialer.domain.errors import ChangedSinceError, InvalidError, NotFoundError
from dialer.domain.ids import UserId
from dialer.domain.pause_reasons import new_code
from dialer.domain.skills import MOST, Skill, check_asked, check_skill
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.skills import AgentAbilities, SkillStore


class Skills:
    """Use cases. `actor` goes into the audit."""

    def __init__(self, store: SkillStore, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    async def all(self) -> Sequence[Skill]:
        """Archived ones too, by their Dutch words."""
        return await self._store.all()

    async def add(self, dutch: str, english: str, actor: str) -> Skill:
        """Its code is made of the English words. Raises InvalidError with the field, ConflictError."""
        known = await self._store.all()
        if sum(not skill.archived for skill in known) >= MOST:
            raise InvalidError(f"hoogstens {MOST} vaardigheden")
        code = new_code(english, {skill.code for skill in known}, "skill")
        skill = check_skill(Skill(id=self._ids.new(), code=code, dutch=dutch, english=english))
        await self._store.add(skill, self._clock.now(), actor)
        return skill

    async def change(self, skill: UUID, version: int, wish: Mapping[str, Any], actor: str) -> Skill:
        """What is left out stays. Raises InvalidError, NotFoundError, ConflictError, ChangedSinceError."""
        before = next((one for one in await self._store.all() if one.id == skill), None)
        if before is None:
            raise NotFoundError("no such skill")
        known = ("dutch", "english", "archived")
        wished = check_skill(replace(before, version=version, **{key: wish[key] for key in known if key in wish}))
        stored = await self._store.change(wished, self._clock.now(), actor)
        if stored is None:
            raise ChangedSinceError("iemand anders heeft deze vaardigheid gewijzigd")
        return stored

    async def team(self) -> Sequence[AgentAbilities]:
        """Every agent who may sign in, by name."""
        return await self._store.team()

    async def set_abilities(
        self, user: UserId, version: int, languages: Sequence[str], skills: Sequence[str], actor: str
    ) -> AgentAbilities:
        """All that he speaks beside Dutch, and can. Raises InvalidError, NotFoundError, ChangedSinceError."""
        abilities = check_asked(languages, skills)
        stored = await self._store.set_abilities(user, abilities, version, self._clock.now(), actor)
        if stored is None:
            raise ChangedSinceError("iemand anders heeft dit gewijzigd")
        return stored
