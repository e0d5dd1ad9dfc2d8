"""Holds on cases that an agent looks at, in PostgreSQL. A hold ends by itself, so that nobody keeps a case by dying."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from dialer.domain.ids import CaseId, UserId
from dialer.services.ports.ledger import ClaimOrder
from dialer.services.ports.previews import Held
from dialer.storage.claims import Claimer
from dialer.storage.pool import store

SQL_FREE = "delete from preview_hold where user_id = $1"
# A hold that has run out is anybody's; one that stands was passed over by the claim's look.
SQL_HOLD = """
insert into preview_hold as h (case_id, user_id, begun_at, expires_at)
values ($1, $2, clock_timestamp(), clock_timestamp() + $3)
on conflict (case_id) do update
   set user_id = excluded.user_id, begun_at = excluded.begun_at, expires_at = excluded.expires_at
 where h.expires_at <= clock_timestamp()
returning case_id
"""
SQL_KEEP = """
update preview_hold set expires_at = clock_timestamp() + $3
 where user_id = $1 and case_id = $2 and expires_at > clock_timestamp()
returning extract(epoch from clock_timestamp() - begun_at)::float8 as looked
"""
SQL_LET_GO = """
delete from preview_hold where user_id = $1 and case_id = $2 and expires_at > clock_timestamp() returning case_id
"""
SQL_SKIP = "insert into preview_skip (case_id, user_id, at, reason) values ($1, $2, $3, $4)"
SQL_SKIPPED = "select case_id, at from preview_skip where user_id = $1 and at > $2 order by at"


@store
class PgPreviews:
    """The port `PreviewStore`."""

    def __init__(self, pool: asyncpg.Pool, claimer: Claimer) -> None:
        self._pool = pool
        self._claimer = claimer

    async def hold(self, order: ClaimOrder, but: Sequence[CaseId], seconds: float) -> Held | None:
        """Locked while it is looked for, so that two agents never get the same one."""
        (user,) = order.agents
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL_FREE, user)
            found = await self._claimer.look(connection, order, but)
            if found is None:
                return None
            held = await connection.fetchval(SQL_HOLD, found.case, user, timedelta(seconds=seconds))
            return found if held is not None else None

    async def keep(self, user: UserId, case: CaseId, seconds: float) -> float | None:
        """Since how many seconds it is his."""
        looked: float | None = await self._pool.fetchval(SQL_KEEP, user, case, timedelta(seconds=seconds))
        return looked

    async def drop(self, user: UserId) -> None:
        """He looks no more."""
        await self._pool.execute(SQL_FREE, user)

    async def skip(self, user: UserId, case: CaseId, reason: str, at: datetime) -> bool:
        """Let it go, and remember why."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(SQL_LET_GO, user, case) is None:
                return False
            await connection.execute(SQL_SKIP, case, user, at, reason)
            return True

    async def skipped(self, user: UserId, since: datetime) -> Sequence[tuple[CaseId, datetime]]:
        """The oldest first."""
        rows = await self._pool.fetch(SQL_SKIPPED, user, since)
        return [(CaseId(row["case_id"]), row["at"]) for row in rows]
