"""What the database consists of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import ClientId
from dialer.storage.pool import store

SQL_COLUMNS = """
select case n.nspname when 'public' then '' else n.nspname || '.' end || c.relname as name, a.attname as column_name
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where c.relkind in ('r', 'p') and n.nspname in ('public', 'pii')
 order by 1, a.attnum
"""
SQL_CLIENT_TERMS = "select settings::text from client where id = $1"


@store
class PgSchema:
    """`SchemaReader` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def columns(self) -> Mapping[str, Sequence[str]]:
        """See SchemaReader."""
        found: dict[str, list[str]] = {}
        for row in await self._pool.fetch(SQL_COLUMNS):
            found.setdefault(row["name"], []).append(row["column_name"])
        return found

    async def terms(self, client: ClientId) -> Mapping[str, object]:
        """See SchemaReader."""
        stored = await self._pool.fetchval(SQL_CLIENT_TERMS, client)
        if stored is None:
            raise NotFoundError("no such client")
        settings: dict[str, object] = json.loads(stored)
        return settings
