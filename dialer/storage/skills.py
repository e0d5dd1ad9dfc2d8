"""Skills and who has them, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from dialer.domain.errors import ConflictError, InvalidError, NotFoundError
from dialer.domain.ids import UserId
from dialer.domain.skills import Abilities, Skill
from dialer.services.ports.skills import AgentAbilities, SkillAskedError
from dialer.storage.audit import record_audit
from dialer.storage.pool import Record, store

SQL_SKILLS = """
select id, code, dutch, english, archived_at is not null as archived, version
  from skill order by lower(dutch), code
"""
SQL_ADD_SKILL = "insert into skill (id, code, dutch, english) values ($1, $2, $3, $4)"
SQL_CHANGE_SKILL = """
update skill
   set dutch = $3, english = $4, archived_at = case when $5::boolean then coalesce(archived_at, $6) end,
       version = version + 1
 where id = $1 and version = $2
returning id, code, dutch, english, archived_at is not null as archived, version
"""
SQL_ASKED_FOR = "select exists (select 1 from campaign where settings -> 'skills' ? $1 and state <> 'stopped')"
SQL_TEAM = """
select u.id, u.display_name, coalesce(a.languages, '{}') as languages, coalesce(a.skills, '{}') as skills,
       coalesce(a.version, 0) as version
  from app_user u left join agent_ability a on a.id = u.id
 where u.role = 'agent' and u.disabled_at is null and ($1::uuid is null or u.id = $1)
 order by lower(u.display_name), u.id
"""
SQL_NOT_OFFERED = """
select k.code from unnest($2::text[]) as k (code)
 where not exists (select 1 from skill s where s.code = k.code and s.archived_at is null)
   and not exists (select 1 from agent_ability a where a.id = $1 and k.code = any(a.skills))
 limit 1
"""
SQL_SET_ABILITIES = """
insert into agent_ability as a (id, languages, skills)
select $1, $2, $3 where $4 = 0 or exists (select 1 from agent_ability where id = $1)
on conflict (id) do update set languages = $2, skills = $3, version = a.version + 1 where a.version = $4
returning version
"""


@store
class PgSkills:
    """The port `SkillStore`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def all(self) -> Sequence[Skill]:
        """Archived ones too."""
        return [_skill(row) for row in await self._pool.fetch(SQL_SKILLS)]

    async def add(self, skill: Skill, at: datetime, actor: str) -> None:
        """Raises ConflictError."""
        async with self._pool.acquire() as connection, connection.transaction():
            try:
                await connection.execute(SQL_ADD_SKILL, skill.id, skill.code, skill.dutch, skill.english)
            except asyncpg.UniqueViolationError:
                raise ConflictError("this code is there already") from None
            await record_audit(connection, at, actor, "skill.add", "skill", skill.id, None, _told(skill))

    async def change(self, skill: Skill, at: datetime, actor: str) -> Skill | None:
        """None: another version. Raises SkillAskedError."""
        async with self._pool.acquire() as connection, connection.transaction():
            if skill.archived and await connection.fetchval(SQL_ASKED_FOR, skill.code):
                raise SkillAskedError("a campaign asks for this skill")
            row = await connection.fetchrow(
                SQL_CHANGE_SKILL, skill.id, skill.version, skill.dutch, skill.english, skill.archived, at
            )
            if row is None:
                return None
            await record_audit(connection, at, actor, "skill.change", "skill", skill.id, None, _told(skill))
            return _skill(row)

    async def team(self) -> Sequence[AgentAbilities]:
        """By name."""
        return [_agent(row) for row in await self._pool.fetch(SQL_TEAM, None)]

    async def set_abilities(
        self, user: UserId, abilities: Abilities, version: int, at: datetime, actor: str
    ) -> AgentAbilities | None:
        """None: another version. Raises NotFoundError, InvalidError."""
        languages, skills = sorted(abilities.languages), sorted(abilities.skills)
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchrow(SQL_TEAM, user) is None:
                raise NotFoundError("no such agent")
            if await connection.fetchval(SQL_NOT_OFFERED, user, skills) is not None:
                raise InvalidError("deze vaardigheid is er niet", "skills")
            if await connection.fetchval(SQL_SET_ABILITIES, user, languages, skills, version) is None:
                return None
            told = {"languages": languages, "skills": skills}
            await record_audit(connection, at, actor, "user.abilities", "user", user, None, told)
            stored = await connection.fetchrow(SQL_TEAM, user)
            return None if stored is None else _agent(stored)


def _told(skill: Skill) -> dict[str, object]:
    return {"code": skill.code, "dutch": skill.dutch, "english": skill.english, "archived": skill.archived}


def _skill(row: Record) -> Skill:
    return Skill(
        id=row["id"],
        code=row["code"],
        dutch=row["dutch"],
        english=row["english"],
        archived=row["archived"],
        version=row["version"],
    )


def _agent(row: Record) -> AgentAbilities:
    return AgentAbilities(
        user=UserId(row["id"]),
        name=row["display_name"],
        abilities=Abilities(languages=frozenset(row["languages"]), skills=frozenset(row["skills"])),
        version=row["version"],
    )
