"""Times that clients offer, in PostgreSQL, and the seats of each. A seat is a row: the key allows no second one.

Lock order: the case, the attempt, then the slot, then its seats.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from dialer.domain.bookings import Meeting, SlotKind, SlotTakenError
from dialer.domain.errors import ConflictError, NotFoundError
from dialer.domain.ids import AttemptId, ClientId, UserId
from dialer.schedule import slots as patterns
from dialer.services.ports.clock import Ids
from dialer.services.ports.slots import CallOffers, FeedMark, Slot, SlotLook, SlotSource, SlotTime
from dialer.storage.connection import Connection
from dialer.storage.pool import store

_TAKEN = """(select count(*) from slot_seat t
              where t.slot_id = s.id and (t.booking_id is not null or t.held_until > clock_timestamp()))"""


def _of_sources(at: str) -> str:
    return f"""
select o.id, o.client_id, o.kind, o.name, o.place, o.meeting, o.seats, o.offered, o.pattern::text as pattern, o.minutes,
       o.sealed_url, o.created_at, o.version, o.looked_at, o.last_ok_at, o.last_error, o.failures, o.next_look_at,
       o.etag, o.modified, o.read_at, l.wrapped_key as client_key, coming.slots as coming, coming.free
  from slot_source o join client l on l.id = o.client_id
  left join lateral (
    select count(*) as slots, coalesce(sum(greatest(o.seats - {_TAKEN}, 0)), 0) as free
      from slot s where s.source_id = o.id and s.cancelled_at is null
                    and s.starts_at > {at}) coming on true
"""  # noqa: S608 - constants of this module


SQL_SOURCES = _of_sources("$2") + " where ($1::uuid is null or o.client_id = $1) order by o.name, o.id"
SQL_SOURCE = _of_sources("$2") + " where o.id = $1"
SQL_DUE_SOURCES = (
    _of_sources("$1")
    + " where o.offered and (o.next_look_at is null or o.next_look_at <= $1) order by o.next_look_at, o.id"
)
SQL_CLIENT_KEY = "select wrapped_key from client where id = $1"
SQL_ADD_SOURCE = """
insert into slot_source (id, client_id, kind, name, place, meeting, seats, offered, pattern, minutes, sealed_url,
                         created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::jsonb, $10, $11, $12)
"""
SQL_CHANGE_SOURCE = """
update slot_source
   set name = $3, place = $4, meeting = $5, seats = $6, offered = $7, pattern = $8::text::jsonb, minutes = $9,
       sealed_url = $10, next_look_at = null, failures = 0, etag = '', modified = '', read_at = null,
       version = version + 1
 where id = $1 and version = $2
"""
SQL_LOCK_SOURCE = "select version from slot_source where id = $1 for no key update"
SQL_OFFER = """
insert into slot as s (id, source_id, client_id, key, starts_at, ends_at)
select n.id, o.id, o.client_id, n.key, n.starts_at, n.ends_at
  from unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[]) as n (id, key, starts_at, ends_at),
       slot_source o
 where o.id = $1
 order by n.key
on conflict (source_id, key) do update set cancelled_at = null where s.cancelled_at is not null
"""
SQL_OFFER_NO_MORE = """
update slot set cancelled_at = $3
 where source_id = $1 and starts_at > $3 and cancelled_at is null and key <> all($2::text[])
"""
SQL_LOOKED_SOURCE = """
update slot_source
   set looked_at = $2, last_ok_at = case when $3 = '' then $2 else last_ok_at end, last_error = $3,
       failures = case when $3 = '' then 0 else failures + 1 end, next_look_at = $4,
       etag = coalesce($6, etag), modified = coalesce($7, modified),
       read_at = case when $6::text is null then read_at else $2 end
 where id = $1 and version = $5
"""
SQL_WITHDRAWN = """
select count(*) from booking b join slot s on s.id = b.slot_id
 where b.state = 'booked' and s.cancelled_at is not null and s.starts_at > $2
   and ($1::uuid is null or b.client_id = $1)
"""
_SLOT = f"""
select s.id, s.source_id, s.starts_at, s.ends_at, o.place, o.meeting, o.seats,
       greatest(o.seats - {_TAKEN}, 0)::int as free
"""
SQL_SLOTS = (
    f"select * from ({_SLOT}, false as held"  # noqa: S608 - constants of this module
    """
  from slot s join slot_source o on o.id = s.source_id and o.offered
 where s.client_id = $1 and s.cancelled_at is null and s.starts_at > $2 and s.starts_at < $3) found
 where free > 0 or not $4
 order by starts_at, place, id limit $5
"""
)
SQL_OF_CALL = """
select a.client_id, exists (select 1 from slot_source o where o.client_id = a.client_id and o.offered) as offers
  from attempt a where a.id = $1
"""
SQL_FOR_CALL = (
    f"select * from ({_SLOT},"  # noqa: S608 - constants of this module
    """
       exists (select 1 from slot_seat t where t.slot_id = s.id and t.held_for = a.id
                                           and t.held_until > clock_timestamp()) as held
  from attempt a join slot s on s.client_id = a.client_id join slot_source o on o.id = s.source_id and o.offered
 where a.id = $1 and s.cancelled_at is null and s.starts_at > $2) found
 where free > 0 or held
 order by starts_at, place, id limit $3
"""
)
SQL_LOCK_SLOT = """
select s.id, s.client_id, s.starts_at, s.cancelled_at is null and o.offered as offered, o.seats
  from slot s join slot_source o on o.id = s.source_id where s.id = $1 for no key update of s
"""
# What this call holds goes first, also when its time is over and nobody has taken it.
SQL_FREE_SEAT = """
select n.seat
  from generate_series(1, $2::int) as n (seat) left join slot_seat t on t.slot_id = $1 and t.seat = n.seat
 where t.seat is null or (t.booking_id is null and (t.held_for = $3 or t.held_until <= clock_timestamp()))
 order by (t.held_for = $3) is true desc, n.seat limit 1
"""
SQL_LET_GO_SEATS = "delete from slot_seat where held_for = $1 and slot_id is distinct from $2"
SQL_HOLD_SEAT = """
insert into slot_seat as t (slot_id, seat, held_for, held_by, held_until)
values ($1, $2, $3, $4, clock_timestamp() + $5)
on conflict (slot_id, seat) do update
   set held_for = excluded.held_for, held_by = excluded.held_by, held_until = excluded.held_until
 where t.booking_id is null and (t.held_for = excluded.held_for or t.held_until <= clock_timestamp())
returning seat
"""
SQL_TAKE_SEAT = """
insert into slot_seat as t (slot_id, seat, booking_id) values ($1, $2, $3)
on conflict (slot_id, seat) do update
   set booking_id = excluded.booking_id, held_for = null, held_by = null, held_until = null
 where t.booking_id is null and (t.held_for = $4 or t.held_until <= clock_timestamp())
returning seat
"""


async def free_seat(
    connection: Connection, slot: UUID, client: ClientId, attempt: AttemptId | None, at: datetime
) -> int:
    """A seat that this call may have, under the slot's lock. Raises SlotTakenError, NotFoundError."""
    row = await connection.fetchrow(SQL_LOCK_SLOT, slot)
    if row is None or row["client_id"] != client:
        raise NotFoundError("no such slot")
    if not row["offered"] or row["starts_at"] <= at:
        raise SlotTakenError("this time is not offered any more")
    seat: int | None = await connection.fetchval(SQL_FREE_SEAT, slot, row["seats"], attempt)
    if seat is None:
        raise SlotTakenError("this time is taken")
    return seat


@store
class PgSlots:
    """`SlotStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool, ids: Ids) -> None:
        self._pool = pool
        self._ids = ids

    async def sources(self, client: ClientId | None, at: datetime) -> Sequence[SlotSource]:
        """By name."""
        return [_source(row) for row in await self._pool.fetch(SQL_SOURCES, client, at)]

    async def source(self, source: UUID, at: datetime) -> SlotSource:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_SOURCE, source, at)
        if row is None:
            raise NotFoundError("no such source of slots")
        return _source(row)

    async def client_key(self, client: ClientId) -> bytes:
        """Raises NotFoundError."""
        key: bytes | None = await self._pool.fetchval(SQL_CLIENT_KEY, client)
        if key is None:
            raise NotFoundError("no such client")
        return key

    async def add(self, source: SlotSource) -> None:
        """Raises ConflictError."""
        try:
            await self._pool.execute(
                SQL_ADD_SOURCE, source.id, source.client, source.kind.value, source.name, source.place,
                source.meeting.value, source.seats, source.on, _pattern(source), source.minutes, source.sealed_url,
                source.created_at,
            )  # fmt: skip
        except asyncpg.UniqueViolationError:
            raise ConflictError("a source of this name exists") from None

    async def change(self, source: SlotSource, at: datetime) -> SlotSource | None:
        """None: another version."""
        try:
            done = await self._pool.execute(
                SQL_CHANGE_SOURCE, source.id, source.version, source.name, source.place, source.meeting.value,
                source.seats, source.on, _pattern(source), source.minutes, source.sealed_url,
            )  # fmt: skip
        except asyncpg.UniqueViolationError:
            raise ConflictError("a source of this name exists") from None
        return None if done.endswith(" 0") else await self.source(source.id, at)

    async def offer(self, source: UUID, times: Sequence[SlotTime], at: datetime, *, version: int) -> int:
        """One transaction, under the source's lock: the later look is the one that stands."""
        keys = [time.key for time in times]
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(SQL_LOCK_SOURCE, source) != version:
                return 0
            added = await connection.execute(
                SQL_OFFER, source, [self._ids.new() for _ in times], keys, [time.window.start for time in times],
                [time.window.end for time in times],
            )  # fmt: skip
            gone = await connection.execute(SQL_OFFER_NO_MORE, source, keys, at)
        return int(added.split()[-1]) + int(gone.split()[-1])

    async def due(self, at: datetime) -> Sequence[SlotSource]:
        """Those never looked at first."""
        return [_source(row) for row in await self._pool.fetch(SQL_DUE_SOURCES, at)]

    async def looked(self, look: SlotLook) -> None:
        """How it went."""
        etag, modified = (None, None) if look.mark is None else (look.mark.etag, look.mark.modified)
        await self._pool.execute(
            SQL_LOOKED_SOURCE, look.source, look.at, look.error, look.next_look_at, look.version, etag, modified
        )

    async def withdrawn(self, client: ClientId | None, at: datetime) -> int:
        """Booked, and not offered any more."""
        return int(await self._pool.fetchval(SQL_WITHDRAWN, client, at))

    async def slots(
        self, client: ClientId, begin: datetime, end: datetime, *, free: bool, limit: int
    ) -> Sequence[Slot]:
        """By time."""
        return [_slot(row) for row in await self._pool.fetch(SQL_SLOTS, client, begin, end, free, limit)]

    async def of_call(self, attempt: AttemptId) -> CallOffers:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_OF_CALL, attempt)
        if row is None:
            raise NotFoundError("no such attempt")
        return CallOffers(client=ClientId(row["client_id"]), offers=row["offers"])

    async def for_call(self, attempt: AttemptId, begin: datetime, limit: int) -> Sequence[Slot]:
        """By time."""
        return [_slot(row) for row in await self._pool.fetch(SQL_FOR_CALL, attempt, begin, limit)]

    async def hold(self, attempt: AttemptId, user: UserId, slot: UUID, at: datetime, seconds: float) -> None:
        """One transaction: what was held before stays when this one cannot be had."""
        client = (await self.of_call(attempt)).client
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                seat = await free_seat(connection, slot, client, attempt, at)
                await connection.execute(SQL_LET_GO_SEATS, attempt, slot)
                length = timedelta(seconds=seconds)
                if await connection.fetchval(SQL_HOLD_SEAT, slot, seat, attempt, user, length) is None:
                    raise SlotTakenError("this time is taken")
        except asyncpg.UniqueViolationError:  # the same call, from another page
            raise SlotTakenError("this call holds another time") from None

    async def release(self, attempt: AttemptId) -> None:
        """None is no error."""
        await self._pool.execute(SQL_LET_GO_SEATS, attempt, None)


def _pattern(source: SlotSource) -> str | None:
    return None if source.pattern is None else json.dumps(patterns.to_json(source.pattern))


def _source(row: asyncpg.Record) -> SlotSource:
    return SlotSource(
        id=row["id"],
        client=ClientId(row["client_id"]),
        kind=SlotKind(row["kind"]),
        name=row["name"],
        place=row["place"],
        meeting=Meeting(row["meeting"]),
        seats=row["seats"],
        on=row["offered"],
        pattern=None if row["pattern"] is None else patterns.parse(json.loads(row["pattern"])),
        minutes=row["minutes"],
        created_at=row["created_at"],
        version=row["version"],
        has_url=row["sealed_url"] is not None,
        looked_at=row["looked_at"],
        last_ok_at=row["last_ok_at"],
        last_error=row["last_error"],
        failures=row["failures"],
        next_look_at=row["next_look_at"],
        read_at=row["read_at"],
        mark=FeedMark(etag=row["etag"], modified=row["modified"]),
        coming=row["coming"],
        free=int(row["free"]),
        client_key=row["client_key"],
        sealed_url=row["sealed_url"],
    )


def _slot(row: asyncpg.Record) -> Slot:
    return Slot(
        id=row["id"],
        source=row["source_id"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        place=row["place"],
        meeting=Meeting(row["meeting"]),
        seats=row["seats"],
        free=row["free"],
        held=row["held"],
    )
