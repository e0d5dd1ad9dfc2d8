"""What agents have practised, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from dialer.domain.ids import UserId
from dialer.services.ports.practice import PracticeResult, Practised
from dialer.storage.audit import record_audit
from dialer.storage.pool import store

SQL_PRACTICE_RESULTS = """
select scenario, score, passed, tries, at from practice_result where user_id = $1 and set_version = $2 order by scenario
"""
SQL_PRACTICE_PASSED_AT = "select min(passed_at) from practice_pass where user_id = $1"
SQL_KEEP_PRACTICE = """
insert into practice_result (user_id, set_version, scenario, score, passed, at) values ($1, $2, $3, $4, $5, $6)
on conflict (user_id, set_version, scenario) do update
   set tries = practice_result.tries + 1,
       passed = practice_result.passed or excluded.passed,
       score = greatest(practice_result.score, excluded.score),
       at = case when excluded.score > practice_result.score then excluded.at else practice_result.at end
"""
SQL_COMPLETE_PRACTICE = """
insert into practice_pass (user_id, set_version, passed_at) values ($1, $2, $3)
on conflict (user_id, set_version) do nothing returning user_id
"""
# Assigned to it, or to none at all.
SQL_PRACTICE_NEEDS = """
select g.name from campaign g
 where g.state in ('draft', 'running', 'paused', 'draining') and (g.settings -> 'requires_practice') = 'true'
   and (exists (select 1 from campaign_agent c where c.campaign_id = g.id and c.user_id = $1)
        or not exists (select 1 from campaign_agent c where c.user_id = $1))
 order by g.name limit 20
"""
SQL_TEAM_PRACTICE = """
select u.id, u.display_name, p.passed_at, p.set_version,
       (select count(*) from practice_result r where r.user_id = u.id and r.set_version = $1 and r.passed) as done
  from app_user u
  left join lateral (select passed_at, set_version from practice_pass where user_id = u.id
                      order by set_version desc limit 1) p on true
 where u.role = 'agent' and u.disabled_at is null
 order by u.display_name, u.id
"""
SQL_TOUR_SEEN = "select tour_seen from app_user where id = $1"
SQL_SEE_TOUR = "update app_user set tour_seen = true where id = $1"


@store
class PgPractice:
    """The port `PracticeStore`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def results(self, user: UserId, version: int) -> Sequence[PracticeResult]:
        """Of one set, by scenario."""
        return [
            PracticeResult(
                scenario=row["scenario"], score=row["score"], passed=row["passed"], tries=row["tries"], at=row["at"]
            )
            for row in await self._pool.fetch(SQL_PRACTICE_RESULTS, user, version)
        ]

    async def passed_at(self, user: UserId) -> datetime | None:
        """The first time, with any set."""
        at: datetime | None = await self._pool.fetchval(SQL_PRACTICE_PASSED_AT, user)
        return at

    async def keep(self, user: UserId, version: int, result: PracticeResult) -> None:
        """One more try."""
        await self._pool.execute(
            SQL_KEEP_PRACTICE, user, version, result.scenario, result.score, result.passed, result.at
        )

    async def complete(self, user: UserId, version: int, at: datetime, actor: str) -> None:
        """The first time is audited, and told to whoever gives out calls."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(SQL_COMPLETE_PRACTICE, user, version, at) is not None:
                detail = {"set_version": version}
                await record_audit(connection, at, actor, "practice.pass", "user", user, None, detail)

    async def needs(self, user: UserId) -> Sequence[str]:
        """By name."""
        return [row["name"] for row in await self._pool.fetch(SQL_PRACTICE_NEEDS, user)]

    async def team(self, version: int) -> Sequence[Practised]:
        """By name."""
        return [
            Practised(
                user=UserId(row["id"]),
                name=row["display_name"],
                passed_at=row["passed_at"],
                passed_version=row["set_version"],
                done=row["done"],
            )
            for row in await self._pool.fetch(SQL_TEAM_PRACTICE, version)
        ]

    async def tour_seen(self, user: UserId) -> bool:
        """False for nobody."""
        return bool(await self._pool.fetchval(SQL_TOUR_SEEN, user))

    async def see_tour(self, user: UserId) -> None:
        """Once is for good."""
        await self._pool.execute(SQL_SEE_TOUR, user)
