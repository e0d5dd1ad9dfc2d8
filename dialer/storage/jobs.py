"""How scheduled work went, and what is swept away by age."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import asyncpg

from dialer.storage.pool import store

SQL_RAN = """
insert into job_run as j (name, last_run_at, last_ok_at, last_error)
values ($1, $2, case when $3 = '' then $2::timestamptz end, $3)
on conflict (name) do update
   set last_run_at = excluded.last_run_at, last_error = excluded.last_error,
       last_ok_at = coalesce(excluded.last_ok_at, j.last_ok_at)
"""
SQL_STATES = "select name, last_ok_at, last_error <> '' as failing from job_run"
SQL_OLD_KEYS = "delete from idempotency where at < $1"
SQL_OLD_SESSIONS = "delete from user_session where expires_at < $1"

BACKUP = "backup"
"""Name under which `dialer backup`, which no clock of ours starts, keeps how it went."""

_KEYS_KEPT = timedelta(days=2)
_SESSIONS_KEPT = timedelta(days=30)


@store
class PgJobStore:
    """Records jobs; sweeps."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def ran(self, name: str, at: datetime, error: str) -> None:
        """A job ended; `error` empty: well."""
        await self._pool.execute(SQL_RAN, name, at, error)

    async def states(self) -> Mapping[str, tuple[datetime | None, bool]]:
        """Of each job that ever ran: when it last went well (wall time; None: never), whether its last run failed."""
        rows = await self._pool.fetch(SQL_STATES)
        return {row["name"]: (row["last_ok_at"], row["failing"]) for row in rows}

    async def sweep(self, wall_at: datetime) -> str:
        """Drop idempotency keys and sessions that nobody can use any more."""
        keys = await self._pool.execute(SQL_OLD_KEYS, wall_at - _KEYS_KEPT)
        sessions = await self._pool.execute(SQL_OLD_SESSIONS, wall_at - _SESSIONS_KEPT)
        return f"keys={keys.split()[-1]} sessions={sessions.split()[-1]}"
