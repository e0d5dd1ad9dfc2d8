"""Secrets that sign what we send, renewed in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from dialer.services.secrets import Renewal
from dialer.storage.pool import store

SQL_RENEW_CHANNEL = """
update exchange_channel
   set old_secret = case when $4::timestamptz is null then null else sealed_secret end, old_until = $4,
       sealed_secret = $3, version = version + 1, rest_until = null, failures = 0
 where id = $1 and version = $2
"""
SQL_RENEW_OUTLET = """
update result_outlet
   set old_secret = case when $4::timestamptz is null then null else sealed_secret end, old_until = $4,
       sealed_secret = $3, version = version + 1
 where id = $1 and version = $2
"""
SQL_FORGET_OF_CHANNELS = "update exchange_channel set old_secret = null, old_until = null where old_until <= $1"
SQL_FORGET_OF_OUTLETS = "update result_outlet set old_secret = null, old_until = null where old_until <= $1"


@store
class PgSecrets:
    """`SecretStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def renew_channel(self, renewal: Renewal) -> bool:
        """One statement: the old one is kept beside the new one, or nothing has changed."""
        return await self._renew(SQL_RENEW_CHANNEL, renewal)

    async def renew_outlet(self, renewal: Renewal) -> bool:
        """As `renew_channel`."""
        return await self._renew(SQL_RENEW_OUTLET, renewal)

    async def forget(self, at: datetime) -> int:
        """How many."""
        done = [await self._pool.execute(sql, at) for sql in (SQL_FORGET_OF_CHANNELS, SQL_FORGET_OF_OUTLETS)]
        return sum(int(one.rpartition(" ")[2]) for one in done)

    async def _renew(self, sql: str, renewal: Renewal) -> bool:
        done = await self._pool.execute(sql, renewal.of, renewal.version, renewal.sealed, renewal.old_until)
        return not done.endswith(" 0")
