"""Idempotency keys in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from dialer.services.ports.requests import Answered
from dialer.storage.pool import store

# The row is ours when it is new, or when the same request took it long ago and died before it answered.
SQL_BEGIN_REQUEST = """
insert into idempotency (actor, key, request_hash, at) values ($1, $2, $3, $4)
on conflict (actor, key) do update set at = excluded.at
  where idempotency.status is null and idempotency.at < $5 and idempotency.request_hash = excluded.request_hash
returning key
"""
SQL_ANSWERED = "select request_hash, status, body from idempotency where actor = $1 and key = $2"
SQL_FINISH_REQUEST = "update idempotency set status = $3, body = $4 where actor = $1 and key = $2"
SQL_RELEASE_REQUEST = "delete from idempotency where actor = $1 and key = $2 and status is null"


@store
class PostgresIdempotency:
    """`Idempotency` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def begin(self, actor: str, key: str, request_hash: bytes, at: datetime, stale: datetime) -> Answered | None:
        """Take the key; None: it is ours now."""
        while True:
            if await self._pool.fetchval(SQL_BEGIN_REQUEST, actor, key, request_hash, at, stale) is not None:
                return None
            row = await self._pool.fetchrow(SQL_ANSWERED, actor, key)
            if row is not None:  # else it was released in between: try again
                return Answered(request_hash=row["request_hash"], status=row["status"], body=row["body"] or b"")

    async def finish(self, actor: str, key: str, status: int, body: bytes) -> None:
        """Keep the answer."""
        await self._pool.execute(SQL_FINISH_REQUEST, actor, key, status, body)

    async def release(self, actor: str, key: str) -> None:
        """The key may be used again."""
        await self._pool.execute(SQL_RELEASE_REQUEST, actor, key)
