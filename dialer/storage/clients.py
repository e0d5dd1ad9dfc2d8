"""Clients in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import asyncpg

from dialer.domain.errors import ConflictError, NotFoundError
from dialer.domain.ids import ClientId
from dialer.services.clients import Client, NewClient
from dialer.storage.pool import store

SQL_ADD = """
insert into client (id, slug, name, municipality, neutral_name, inbound_number, settings, wrapped_key, created_at)
values ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8, $9)
"""
SQL_ALL = """
select id, slug, name, municipality, neutral_name, inbound_number, settings::text as settings, version
  from client order by name, id
"""
SQL_FIND = """
select id, slug, name, municipality, neutral_name, inbound_number, settings::text as settings, version
  from client where id = $1
"""
SQL_CHANGE = """
update client
   set name = $3, municipality = $4, neutral_name = $5, settings = $6::text::jsonb, version = version + 1
 where id = $1 and version = $2
returning id, slug, name, municipality, neutral_name, inbound_number, settings::text as settings, version
"""


@store
class PgClientStore:
    """The port `ClientStore`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def add(self, client: ClientId, new: NewClient, wrapped_key: bytes, at: datetime) -> None:
        """Raises ConflictError when the slug or the number is taken."""
        try:
            await self._pool.execute(
                SQL_ADD,
                client,
                new.slug,
                new.name,
                new.municipality,
                new.neutral_name,
                new.inbound_number,
                json.dumps(dict(new.settings)),
                wrapped_key,
                at,
            )
        except asyncpg.UniqueViolationError:
            raise ConflictError("a client with this slug or number exists") from None

    async def all(self) -> Sequence[Client]:
        """Every client, by name."""
        return [_client(row) for row in await self._pool.fetch(SQL_ALL)]

    async def find(self, client: ClientId) -> Client:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_FIND, client)
        if row is None:
            raise NotFoundError("no such client")
        return _client(row)

    async def change(self, client: Client) -> Client | None:
        """None: another version."""
        row = await self._pool.fetchrow(
            SQL_CHANGE,
            client.id,
            client.version,
            client.name,
            client.municipality,
            client.neutral_name,
            json.dumps(dict(client.settings)),
        )
        return None if row is None else _client(row)


def _client(row: asyncpg.Record) -> Client:
    return Client(
        id=ClientId(row["id"]),
        slug=row["slug"],
        name=row["name"],
        municipality=row["municipality"],
        neutral_name=row["neutral_name"],
        inbound_number=row["inbound_number"],
        settings=json.loads(row["settings"]),
        version=row["version"],
    )
