"""Column mappings of a client, each save a new version."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import asyncpg

from dialer.domain.ids import ClientId, UserId
from dialer.services.ports.intake import ColumnMapping

SQL_LATEST_MAPPING = """
select id, client_id, name, version, mapping::text as mapping from column_mapping
 where client_id = $1 and name = $2 order by version desc limit 1
"""
SQL_MAPPINGS = """
select distinct on (name) id, client_id, name, version, mapping::text as mapping from column_mapping
 where client_id = $1 order by name, version desc
"""
SQL_SAVE_MAPPING = """
insert into column_mapping (id, client_id, name, version, mapping, created_at, created_by)
values ($1, $2, $3, $4, $5::text::jsonb, $6, $7) on conflict (client_id, name, version) do nothing returning id
"""


async def save(pool: asyncpg.Pool, mapping: ColumnMapping, at: datetime, by: UserId | None) -> ColumnMapping:
    """Store as the next version; an equal latest version is returned as it is."""
    body = json.dumps({"kind": mapping.kind, "columns": dict(mapping.columns)})
    while True:
        known = await latest(pool, mapping.client, mapping.name)
        if known is not None and (known.kind, known.columns) == (mapping.kind, mapping.columns):
            return known
        version = known.version + 1 if known is not None else 1
        saved = await pool.fetchval(SQL_SAVE_MAPPING, mapping.id, mapping.client, mapping.name, version, body, at, by)
        if saved is not None:  # else somebody saved that version just now: look again
            return replace(mapping, version=version)


async def latest(pool: asyncpg.Pool, client: ClientId, name: str) -> ColumnMapping | None:
    """The latest version of one name."""
    row = await pool.fetchrow(SQL_LATEST_MAPPING, client, name)
    return _mapping(row) if row is not None else None


async def all_latest(pool: asyncpg.Pool, client: ClientId) -> Sequence[ColumnMapping]:
    """The latest version of each name."""
    return [_mapping(row) for row in await pool.fetch(SQL_MAPPINGS, client)]


def _mapping(row: asyncpg.Record) -> ColumnMapping:
    body = json.loads(row["mapping"])
    client: UUID = row["client_id"]
    return ColumnMapping(
        id=row["id"],
        client=ClientId(client),
        name=row["name"],
        version=row["version"],
        kind=body["kind"],
        columns=body["columns"],
    )
