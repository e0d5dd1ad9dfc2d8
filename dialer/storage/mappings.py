"""Column mappings of a client, each save a new version."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import asyncpg

from dialer.domain.errors import ConflictError, NotFoundError
from dialer.domain.ids import ClientId, UserId
from dialer.services.ports.intake import ColumnMapping

SQL_LATEST_MAPPING = """
select id, client_id, name, version, mapping::text as mapping from column_mapping
 where client_id = $1 and name = $2 and removed_at is null order by version desc limit 1
"""
SQL_MAPPINGS = """
select distinct on (name) id, client_id, name, version, mapping::text as mapping from column_mapping
 where client_id = $1 and removed_at is null order by name, version desc
"""
SQL_SAVE_MAPPING = """
insert into column_mapping (id, client_id, name, version, mapping, created_at, created_by)
values ($1, $2, $3, $4, $5::text::jsonb, $6, $7)
on conflict (client_id, name, version) where removed_at is null do nothing returning id
"""
SQL_RENAME_MAPPING = """
update column_mapping set name = $3 where client_id = $1 and name = $2 and removed_at is null
"""
SQL_RENAME_IN_SOURCES = """
update arrival_source set mapping_name = $3, version = version + 1 where client_id = $1 and mapping_name = $2
"""
SQL_READ_WITH = "select name from arrival_source where client_id = $1 and mapping_name = $2 order by name for update"
SQL_REMOVE_MAPPING = """
update column_mapping set removed_at = $3 where client_id = $1 and name = $2 and removed_at is null
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


async def rename(pool: asyncpg.Pool, client: ClientId, name: str, new_name: str) -> bool:
    """All versions, and in the sources that read with it. False: there is none.

    Raises ConflictError: the name is taken.
    """
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchrow(SQL_LATEST_MAPPING, client, new_name) is not None:
            raise ConflictError("a column mapping has that name already")
        try:
            renamed = await connection.execute(SQL_RENAME_MAPPING, client, name, new_name)
        except asyncpg.UniqueViolationError:  # somebody gave it to another just now
            raise ConflictError("a column mapping has that name already") from None
        await connection.execute(SQL_RENAME_IN_SOURCES, client, name, new_name)
    return renamed != "UPDATE 0"


async def remove(pool: asyncpg.Pool, client: ClientId, name: str, at: datetime) -> Sequence[str]:
    """No longer offered. Returns the sources that read with it: then nothing was done. Raises NotFoundError."""
    async with pool.acquire() as connection, connection.transaction():
        readers = [row["name"] for row in await connection.fetch(SQL_READ_WITH, client, name)]
        if not readers and await connection.execute(SQL_REMOVE_MAPPING, client, name, at) == "UPDATE 0":
            raise NotFoundError("no such column mapping")
    return readers


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
