"""Clients in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import asyncpg

from dialer.domain.errors import ConflictError
from dialer.domain.ids import ClientId
from dialer.services.clients import Client, NewClient
from dialer.storage.pool import store

SQL_ADD = """
insert into client (id, slug, name, municipality, neutral_name, inbound_number, settings, wrapped_key, created_at)
values ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8, $9)
"""
SQL_ALL = "select id, slug, name, municipality, neutral_name, inbound_number from client order by name, id"


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
        return [
            Client(
                id=ClientId(row["id"]),
                slug=row["slug"],
                name=row["name"],
                municipality=row["municipality"],
                neutral_name=row["neutral_name"],
                inbound_number=row["inbound_number"],
            )
            for row in await self._pool.fetch(SQL_ALL)
        ]
