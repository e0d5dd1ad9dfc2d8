"""The emergency stop in PostgreSQL: one row for each, one of them at most without an end."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from dialer.services.ports.emergency import Stop
from dialer.storage.audit import record_audit
from dialer.storage.pool import store

SQL_STANDING = """
select s.id, s.set_at, s.set_by, s.reason, coalesce(u.display_name, '') as name
  from emergency_stop s left join app_user u on s.set_by = 'user:' || u.id
 where s.lifted_at is null
"""
SQL_STOP = """
insert into emergency_stop (id, set_at, set_by, reason) values ($1, $2, $3, $4)
on conflict ((true)) where lifted_at is null do nothing returning id
"""
SQL_LIFT = "update emergency_stop set lifted_at = $1, lifted_by = $2 where lifted_at is null returning id"


@store
class PgEmergency:
    """The port `EmergencyStore`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def standing(self) -> Stop | None:
        """See EmergencyStore."""
        row = await self._pool.fetchrow(SQL_STANDING)
        if row is None:
            return None
        return Stop(id=row["id"], at=row["set_at"], by=row["set_by"], name=row["name"], reason=row["reason"])

    async def stop(self, stop: Stop) -> bool:
        """See EmergencyStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(SQL_STOP, stop.id, stop.at, stop.by, stop.reason) is None:
                return False
            await record_audit(
                connection, stop.at, stop.by, "emergency.stop", "emergency_stop", stop.id, None, {"reason": stop.reason}
            )
            return True

    async def lift(self, at: datetime, actor: str) -> bool:
        """See EmergencyStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            lifted = await connection.fetchval(SQL_LIFT, at, actor)
            if lifted is None:
                return False
            await record_audit(connection, at, actor, "emergency.lift", "emergency_stop", lifted, None)
            return True
