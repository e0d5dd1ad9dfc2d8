"""Addresses of rosters in agents' own calendars, in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from dialer.domain.ids import UserId
from dialer.storage.audit import record_audit
from dialer.storage.pool import store

SQL_FEED_MADE = "select made_at from roster_feed where user_id = $1"
SQL_PUT_FEED = """
insert into roster_feed (user_id, secret_hash, made_at) values ($1, $2, $3)
on conflict (user_id) do update set secret_hash = excluded.secret_hash, made_at = excluded.made_at
"""
SQL_REMOVE_FEED = "delete from roster_feed where user_id = $1 returning 1"
SQL_FEED_READER = """
select u.id, u.language from roster_feed f join app_user u on u.id = f.user_id
 where f.secret_hash = $1 and u.role = 'agent' and u.disabled_at is null
"""


@store
class PgRosterFeeds:
    """The port `RosterFeedStore`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def made_at(self, user: UserId) -> datetime | None:
        """None: there is none."""
        made: datetime | None = await self._pool.fetchval(SQL_FEED_MADE, user)
        return made

    async def put(self, user: UserId, secret_hash: bytes, at: datetime, actor: str) -> None:
        """The address before it is dead at once."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL_PUT_FEED, user, secret_hash, at)
            await record_audit(connection, at, actor, "roster.feed_make", "user", user, None)

    async def remove(self, user: UserId, at: datetime, actor: str) -> bool:
        """False: there was none."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(SQL_REMOVE_FEED, user) is None:
                return False
            await record_audit(connection, at, actor, "roster.feed_end", "user", user, None)
            return True

    async def reader(self, secret_hash: bytes) -> tuple[UserId, str] | None:
        """One look-up by the hash: what was presented is compared nowhere else."""
        row = await self._pool.fetchrow(SQL_FEED_READER, secret_hash)
        return None if row is None else (UserId(row["id"]), row["language"])
