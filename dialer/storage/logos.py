"""Clients' logos in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import ClientId
from dialer.storage.audit import record_audit
from dialer.storage.pool import store

SQL_LOGO = "select l.id, g.png from client l left join client_logo g on g.client_id = l.id where l.id = $1"
SQL_LOCK_CLIENT = "select id from client where id = $1 for no key update"
SQL_SET_LOGO = """
insert into client_logo (client_id, png, set_at) values ($1, $2, $3)
on conflict (client_id) do update set png = excluded.png, set_at = excluded.set_at
"""
SQL_DROP_LOGO = "delete from client_logo where client_id = $1"


@store
class PgLogos:
    """`LogoStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def logo(self, client: ClientId) -> bytes | None:
        """See LogoStore. Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_LOGO, client)
        if row is None:
            raise NotFoundError("no such client")
        return None if row["png"] is None else bytes(row["png"])

    async def set_logo(self, client: ClientId, png: bytes | None, at: datetime, actor: str) -> None:
        """See LogoStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(SQL_LOCK_CLIENT, client) is None:
                raise NotFoundError("no such client")
            if png is None:
                await connection.execute(SQL_DROP_LOGO, client)
            else:
                await connection.execute(SQL_SET_LOGO, client, png, at)
            await record_audit(
                connection, at, actor, "client.logo", "client", client, client,
                {"bytes": 0 if png is None else len(png)},
            )  # fmt: skip
