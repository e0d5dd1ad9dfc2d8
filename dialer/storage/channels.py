"""Channels to clients' own systems, in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from dialer.domain.errors import ConflictError, NotFoundError
from dialer.domain.exchange import ChannelKind, ChannelState
from dialer.domain.ids import ClientId
from dialer.services.ports.exchange import Channel
from dialer.storage.pool import store

CHANNEL_COLUMNS = """c.id, c.client_id, c.kind, c.name, c.state, c.url, c.settings::text as settings, c.sealed_secret,
       c.old_secret, c.old_until,
       c.created_at, c.version, c.failures, c.rest_until, c.last_ok_at, c.last_error, c.last_error_at,
       l.wrapped_key as client_key,
       (select count(*) from outbox_message m
         where m.channel_id = c.id and m.state in ('waiting', 'sending', 'retry')) as waiting,
       (select count(*) from outbox_message m where m.channel_id = c.id and m.state = 'dead') as dead,
       (select count(*) from outbox_message m where m.channel_id = c.id and m.state = 'confirmed') as confirmed"""
_CHANNELS = f"select {CHANNEL_COLUMNS} from exchange_channel c join client l on l.id = c.client_id"  # noqa: S608 - a constant
SQL_ALL = _CHANNELS + " where $1::uuid is null or c.client_id = $1 order by c.name, c.id"
SQL_FIND = _CHANNELS + " where c.id = $1"
SQL_CLIENT_KEY = "select wrapped_key from client where id = $1"
SQL_ADD = """
insert into exchange_channel (id, client_id, kind, name, state, url, settings, sealed_secret, created_at)
values ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8, $9)
"""
# What was changed may be what was wrong: it is tried at once.
SQL_CHANGE = """
update exchange_channel
   set name = $3, state = $4, url = $5, settings = $6::text::jsonb, sealed_secret = $7, version = version + 1,
       rest_until = null, failures = 0
 where id = $1 and version = $2
"""


@store
class PgChannels:
    """`ChannelStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def all(self, client: ClientId | None) -> Sequence[Channel]:
        """By name."""
        return [channel_of(row) for row in await self._pool.fetch(SQL_ALL, client)]

    async def find(self, channel: UUID) -> Channel:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_FIND, channel)
        if row is None:
            raise NotFoundError("no such channel")
        return channel_of(row)

    async def client_key(self, client: ClientId) -> bytes:
        """Raises NotFoundError."""
        key: bytes | None = await self._pool.fetchval(SQL_CLIENT_KEY, client)
        if key is None:
            raise NotFoundError("no such client")
        return key

    async def add(self, channel: Channel) -> None:
        """Raises ConflictError."""
        try:
            await self._pool.execute(
                SQL_ADD,
                channel.id,
                channel.client,
                channel.kind.value,
                channel.name,
                channel.state.value,
                channel.url,
                json.dumps(dict(channel.settings)),
                channel.sealed_secret,
                channel.created_at,
            )
        except asyncpg.UniqueViolationError:
            raise ConflictError("a channel of this name exists") from None

    async def change(self, channel: Channel) -> Channel | None:
        """None: another version."""
        try:
            done = await self._pool.execute(
                SQL_CHANGE,
                channel.id,
                channel.version,
                channel.name,
                channel.state.value,
                channel.url,
                json.dumps(dict(channel.settings)),
                channel.sealed_secret,
            )
        except asyncpg.UniqueViolationError:
            raise ConflictError("a channel of this name exists") from None
        return None if done.endswith(" 0") else await self.find(channel.id)


def channel_of(row: asyncpg.Record) -> Channel:
    """A row of `CHANNEL_COLUMNS`."""
    return Channel(
        id=row["id"],
        client=ClientId(row["client_id"]),
        kind=ChannelKind(row["kind"]),
        name=row["name"],
        state=ChannelState(row["state"]),
        url=row["url"],
        settings=json.loads(row["settings"]),
        has_secret=row["sealed_secret"] is not None,
        created_at=row["created_at"],
        version=row["version"],
        failures=row["failures"],
        rest_until=row["rest_until"],
        last_ok_at=row["last_ok_at"],
        last_error=row["last_error"],
        last_error_at=row["last_error_at"],
        waiting=row["waiting"],
        dead=row["dead"],
        confirmed=row["confirmed"],
        client_key=row["client_key"],
        sealed_secret=row["sealed_secret"],
        old_secret=row["old_secret"],
        old_until=row["old_until"],
    )
