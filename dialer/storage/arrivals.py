"""Places that are watched and the receipts of what came, in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

import asyncpg

from dialer.domain.arrivals import ArrivalState, Holds, SourceKind
from dialer.domain.errors import NotFoundError, NotNowError
from dialer.domain.ids import CampaignId, ClientId, DeliveryId
from dialer.schedule.arrivals import Expectation
from dialer.services.ports.arrivals import Arrival, Place, Source
from dialer.storage import leases, mappings
from dialer.storage.pool import store

_SOURCES = """
select a.id, a.client_id, a.campaign_id, a.kind, a.name, a.watched, a.place::text as place, a.holds, a.mapping_name,
       a.weekdays, a.month_days, a.due_by, a.public_key, a.sealed_key, a.created_at, a.version, a.looked_at,
       a.last_error,
       l.wrapped_key as client_key
  from arrival_source a join client l on l.id = a.client_id
"""
SQL_ALL = _SOURCES + " where $1::uuid is null or a.client_id = $1 order by a.name, a.id"
SQL_FIND = _SOURCES + " where a.id = $1"
SQL_OWNER = "select g.client_id, l.wrapped_key from campaign g join client l on l.id = g.client_id where g.id = $1"
SQL_ADD = """
insert into arrival_source (id, client_id, campaign_id, kind, name, watched, place, holds, mapping_name, weekdays,
                            month_days, due_by, public_key, sealed_key, created_at)
values ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8, $9, $10, $11, $12, $13, $14, $15)
"""
SQL_CHANGE = """
update arrival_source
   set name = $3, watched = $4, place = $5::text::jsonb, mapping_name = $6, weekdays = $7, month_days = $8, due_by = $9,
       holds = $10, version = version + 1
 where id = $1 and version = $2
"""
SQL_LOOKED = "update arrival_source set looked_at = $2, last_error = $3 where id = $1"
_ARRIVALS = """
select id, source_id, client_id, name, mark, size, content_hash, state, reason, delivery_id, at from arrival
"""
SQL_RECEIPT = _ARRIVALS + " where source_id = $1 and content_hash = $2 and state = 'taken'"
SQL_RECEIPT_OF = _ARRIVALS + " where source_id = $1 and mark = $2 and not gone order by at desc limit 1"
SQL_RECEIPTS = (
    _ARRIVALS
    + """ where ($1::uuid is null or client_id = $1) and ($2::uuid is null or source_id = $2)
 order by at desc, id desc limit $3"""
)
SQL_KEEP = """
insert into arrival (id, source_id, client_id, name, mark, size, content_hash, state, reason, delivery_id, at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
SQL_GONE = "update arrival set gone = true where id = $1"
SQL_CAME = "select at from arrival where source_id = $1 and at >= $2 and state = 'taken' order by at"


@store
class PgArrivals:
    """`SourceStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def all(self, client: ClientId | None) -> Sequence[Source]:
        """By name."""
        return [_source(row) for row in await self._pool.fetch(SQL_ALL, client)]

    async def find(self, source: UUID) -> Source:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_FIND, source)
        if row is None:
            raise NotFoundError("no such source")
        return _source(row)

    async def owner_of(self, campaign: CampaignId) -> tuple[ClientId, bytes]:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_OWNER, campaign)
        if row is None:
            raise NotFoundError("no such campaign")
        return ClientId(row["client_id"]), row["wrapped_key"]

    async def mapping_names(self, client: ClientId, holds: Holds) -> Sequence[str]:
        """Of files of this sort."""
        return [one.name for one in await mappings.all_latest(self._pool, client) if one.kind == holds.value]

    async def add(self, source: Source) -> None:
        """Raises NotNowError (`source-exists`)."""
        try:
            await self._pool.execute(
                SQL_ADD,
                source.id,
                source.client,
                source.campaign,
                source.kind.value,
                source.name,
                source.on,
                json.dumps(asdict(source.place)),
                source.holds.value,
                source.mapping_name,
                sorted(source.expected.weekdays),
                sorted(source.expected.month_days),
                source.expected.by,
                source.public_key,
                source.sealed_key,
                source.created_at,
            )
        except asyncpg.UniqueViolationError:
            raise NotNowError("source-exists") from None

    async def change(self, source: Source) -> Source | None:
        """None: another version."""
        try:
            done = await self._pool.execute(
                SQL_CHANGE,
                source.id,
                source.version,
                source.name,
                source.on,
                json.dumps(asdict(source.place)),
                source.mapping_name,
                sorted(source.expected.weekdays),
                sorted(source.expected.month_days),
                source.expected.by,
                source.holds.value,
            )
        except asyncpg.UniqueViolationError:
            raise NotNowError("source-exists") from None
        return None if done.endswith(" 0") else await self.find(source.id)

    async def lease(self, source: UUID, owner: str, seconds: float) -> bool:
        """Take or renew."""
        return await leases.taken_for(self._pool, f"source:{source}", owner, seconds)

    async def unlease(self, source: UUID, owner: str) -> None:
        """Give it back."""
        await leases.dropped_by(self._pool, f"source:{source}", owner)

    async def looked(self, source: UUID, at: datetime, error: str) -> None:
        """How it went."""
        await self._pool.execute(SQL_LOOKED, source, at, error)

    async def receipt(self, source: UUID, content_hash: bytes) -> Arrival | None:
        """By content."""
        row = await self._pool.fetchrow(SQL_RECEIPT, source, content_hash)
        return None if row is None else _arrival(row)

    async def receipt_of(self, source: UUID, mark: str) -> Arrival | None:
        """By the file itself."""
        row = await self._pool.fetchrow(SQL_RECEIPT_OF, source, mark)
        return None if row is None else _arrival(row)

    async def keep(self, arrival: Arrival) -> None:
        """Write it."""
        await self._pool.execute(
            SQL_KEEP,
            arrival.id,
            arrival.source,
            arrival.client,
            arrival.name,
            arrival.mark,
            arrival.size,
            arrival.content_hash,
            arrival.state.value,
            arrival.reason,
            arrival.delivery,
            arrival.at,
        )

    async def gone(self, arrival: UUID) -> None:
        """It is not where it came any more."""
        await self._pool.execute(SQL_GONE, arrival)

    async def receipts(self, client: ClientId | None, source: UUID | None, limit: int) -> Sequence[Arrival]:
        """The newest first."""
        return [_arrival(row) for row in await self._pool.fetch(SQL_RECEIPTS, client, source, limit)]

    async def came(self, source: UUID, since: datetime) -> Sequence[datetime]:
        """When files were taken."""
        return [row["at"] for row in await self._pool.fetch(SQL_CAME, source, since)]


def _source(row: asyncpg.Record) -> Source:
    return Source(
        id=row["id"],
        client=ClientId(row["client_id"]),
        campaign=CampaignId(row["campaign_id"]),
        kind=SourceKind(row["kind"]),
        name=row["name"],
        on=row["watched"],
        place=Place(**json.loads(row["place"])),
        holds=Holds(row["holds"]),
        mapping_name=row["mapping_name"],
        expected=Expectation(
            weekdays=frozenset(row["weekdays"]), month_days=frozenset(row["month_days"]), by=row["due_by"]
        ),
        public_key=row["public_key"],
        created_at=row["created_at"],
        version=row["version"],
        looked_at=row["looked_at"],
        last_error=row["last_error"],
        client_key=row["client_key"],
        sealed_key=row["sealed_key"],
    )


def _arrival(row: asyncpg.Record) -> Arrival:
    return Arrival(
        id=row["id"],
        source=row["source_id"],
        client=ClientId(row["client_id"]),
        name=row["name"],
        mark=row["mark"],
        size=row["size"],
        content_hash=row["content_hash"],
        state=ArrivalState(row["state"]),
        reason=row["reason"],
        delivery=None if row["delivery_id"] is None else DeliveryId(row["delivery_id"]),
        at=row["at"],
    )
