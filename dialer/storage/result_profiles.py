"""Layouts of clients' files of results, each save a new version."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import ClientId, UserId
from dialer.domain.result_layout import parse, to_json
from dialer.services.ports.outlets import Profile

_PROFILES = "select id, client_id, name, version, layout::text as layout, created_at from result_profile"
SQL_ONE_PROFILE = _PROFILES + " where id = $1"
SQL_LATEST_PROFILE = _PROFILES + " where client_id = $1 and name = $2 order by version desc limit 1"
SQL_NEWEST_PROFILES = """
select distinct on (name) id, client_id, name, version, layout::text as layout, created_at from result_profile
 where client_id = $1 order by name, version desc
"""
SQL_PROFILE_VERSIONS = _PROFILES + " where client_id = $1 and name = $2 order by version desc limit $3"
SQL_SAVE_PROFILE = """
insert into result_profile (id, client_id, name, version, layout, created_at, created_by)
values ($1, $2, $3, $4, $5::text::jsonb, $6, $7) on conflict (client_id, name, version) do nothing returning id
"""


async def save(pool: asyncpg.Pool, profile: Profile, by: UserId | None) -> Profile:
    """Store as the next version; an equal latest version is returned as it is."""
    while True:
        row = await pool.fetchrow(SQL_LATEST_PROFILE, profile.client, profile.name)
        known = None if row is None else _profile(row)
        if known is not None and to_json(known.layout) == to_json(profile.layout):
            return known
        version = 1 if known is None else known.version + 1
        saved = await pool.fetchval(
            SQL_SAVE_PROFILE, profile.id, profile.client, profile.name, version,
            json.dumps(to_json(profile.layout)), profile.created_at, by,
        )  # fmt: skip
        if saved is not None:  # else somebody saved that version just now: look again
            return replace(profile, version=version)


async def newest(pool: asyncpg.Pool, client: ClientId) -> Sequence[Profile]:
    """The newest version of each, by name."""
    return [_profile(row) for row in await pool.fetch(SQL_NEWEST_PROFILES, client)]


async def versions(pool: asyncpg.Pool, client: ClientId, name: str, limit: int) -> Sequence[Profile]:
    """The newest first."""
    return [_profile(row) for row in await pool.fetch(SQL_PROFILE_VERSIONS, client, name, limit)]


async def one(pool: asyncpg.Pool, profile: UUID) -> Profile:
    """One version. Raises NotFoundError."""
    row = await pool.fetchrow(SQL_ONE_PROFILE, profile)
    if row is None:
        raise NotFoundError("no such layout")
    return _profile(row)


def _profile(row: asyncpg.Record) -> Profile:
    return Profile(
        id=row["id"],
        client=ClientId(row["client_id"]),
        name=row["name"],
        version=row["version"],
        layout=parse(json.loads(row["layout"])),
        created_at=row["created_at"],
    )
