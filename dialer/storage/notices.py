"""What residents are told of their appointments, in PostgreSQL. A notice is made where the appointment changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from dialer.domain.bookings import Meeting
from dialer.domain.exchange import SECOND_THOUGHTS, MessageEvent, MessageState
from dialer.domain.ids import AttemptId, ClientId, DeliveryId
from dialer.domain.notices import NoticeKind, Via
from dialer.services.ports.notices import Notice
from dialer.storage import leases
from dialer.storage.connection import Connection
from dialer.storage.pool import store
from dialer.storage.settling import DIED_UNDERWAY, settled

_LEASE = "booking-notices"
_OPEN = "('waiting', 'sending', 'retry')"
SQL_KEEP_CONTACT = """
insert into pii.booking_contact as c (attempt_id, client_id, delivery_id, via, sealed)
select a.id, a.client_id, f.delivery_id, $2, $3 from attempt a join case_file f on f.id = a.case_id where a.id = $1
on conflict (attempt_id) do update set via = excluded.via, sealed = excluded.sealed, delivery_id = excluded.delivery_id
"""
# Made only where somebody asked to be told.
SQL_TELL = """
insert into booking_notice (id, booking_id, root_id, attempt_id, client_id, kind, created_at, due_at)
select md5(concat_ws('/', b.id, $2::text))::uuid, b.id, b.root_id, b.attempt_id, b.client_id, $2, $3, $4
  from booking b join pii.booking_contact c on c.attempt_id = b.attempt_id
 where b.id = $1
on conflict do nothing
"""
SQL_NO_CONTACT = "delete from pii.booking_contact where attempt_id = $1"
SQL_BOOKING_OF_ATTEMPT = "select id from booking where attempt_id = $1 and state = 'booked'"
# Taken back before anybody was told: nothing to tell. After that: it is off.
SQL_NEVER_TOLD = f"""
update booking_notice n set state = 'superseded', done_at = $2
 where n.root_id = (select root_id from booking where id = $1) and n.state in {_OPEN} and n.tries = 0
"""  # noqa: S608 - a constant of this module
SQL_SUPERSEDE = f"""
update booking_notice n set state = 'superseded', done_at = $1
 where n.state = 'waiting' and n.tries = 0
   and exists (select 1 from booking_notice m where m.root_id = n.root_id and m.seq > n.seq and m.state in {_OPEN})
"""  # noqa: S608 - a constant of this module
SQL_NOTHING_TO_CANCEL = """
update booking_notice n set state = 'skipped', done_at = $1
 where n.state = 'waiting' and n.kind = 'cancel'
   and not exists (select 1 from booking_notice m where m.root_id = n.root_id and m.seq < n.seq
                                                    and (m.state = 'confirmed' or m.tries > 0))
"""
SQL_CLAIM_NOTICE = f"""
with following as (
  select n.id from booking_notice n
   where n.state in {_OPEN} and n.due_at <= $1
     and not exists (select 1 from booking_notice o
                      where o.root_id = n.root_id and o.seq < n.seq and o.state in {_OPEN})
   order by n.due_at, n.seq limit 1 for update of n skip locked)
update booking_notice n set state = 'sending', tries = n.tries + 1, {DIED_UNDERWAY.format("n")}
  from following g, booking b, slot s, slot_source o, client l
 where n.id = g.id and b.id = n.booking_id and s.id = b.slot_id and o.id = s.source_id and l.id = n.client_id
returning n.id, n.root_id, b.sequence, n.attempt_id, n.client_id, n.kind, n.state, n.created_at, n.tries, n.died,
          s.starts_at, s.ends_at, o.place, o.meeting, l.neutral_name, l.inbound_number, l.wrapped_key as client_key,
          (select c.via from pii.booking_contact c where c.attempt_id = n.attempt_id) as via,
          (select c.sealed from pii.booking_contact c where c.attempt_id = n.attempt_id) as sealed,
          (select c.delivery_id from pii.booking_contact c where c.attempt_id = n.attempt_id) as delivery_id,
          (select d.wrapped_key from pii.booking_contact c join delivery d on d.id = c.delivery_id
            where c.attempt_id = n.attempt_id) as delivery_key
"""  # noqa: S608 - constants of this module
SQL_SETTLE_NOTICE = """
update booking_notice
   set state = $4, due_at = coalesce($5, due_at), error = $6,
       done_at = case when $4 in ('confirmed', 'superseded', 'skipped') then $7::timestamptz end
 where id = $1 and state = $2 and tries = $3
returning true
"""
SQL_RESEND_NOTICE = """
update booking_notice n set state = 'waiting', tries = 0, due_at = $2, error = ''
 where n.state = 'dead' and n.root_id = (select root_id from booking where id = $1)
"""
SQL_DEAD_NOTICES = """
select client_id, count(*) filter (where state = 'dead') as dead from booking_notice group by client_id
"""
SQL_FORGET = """
delete from pii.booking_contact c
 where not exists (select 1 from booking b join slot s on s.id = b.slot_id
                    where b.attempt_id = c.attempt_id and s.ends_at >= $1)
"""


async def wanted(connection: Connection, attempt: AttemptId, via: str, sealed: bytes | None, at: datetime) -> None:
    """Whether the resident wants a confirmation of the appointment that this attempt made: after second thoughts."""
    if sealed is None:
        await connection.execute(SQL_NO_CONTACT, attempt)
        return
    await connection.execute(SQL_KEEP_CONTACT, attempt, via, sealed)
    booking = await connection.fetchval(SQL_BOOKING_OF_ATTEMPT, attempt)
    await connection.execute(SQL_TELL, booking, NoticeKind.CONFIRM.value, at, at + SECOND_THOUGHTS)


async def tell(connection: Connection, booking: UUID, kind: NoticeKind, at: datetime) -> None:
    """Who asked to be told of his appointment is told of this too, at once."""
    await connection.execute(SQL_TELL, booking, kind.value, at, at)


async def never_mind(connection: Connection, booking: UUID, at: datetime) -> None:
    """The appointment was taken back."""
    await connection.execute(SQL_NEVER_TOLD, booking, at)
    await tell(connection, booking, NoticeKind.CANCEL, at)


@store
class PgNotices:
    """`NoticeStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def lease(self, owner: str, seconds: float) -> bool:
        """Take or renew."""
        return await leases.taken_for(self._pool, _LEASE, owner, seconds)

    async def unlease(self, owner: str) -> None:
        """Give it back."""
        await leases.dropped_by(self._pool, _LEASE, owner)

    async def claim(self, at: datetime) -> Notice | None:
        """What nobody needs to hear goes first."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL_SUPERSEDE, at)
            await connection.execute(SQL_NOTHING_TO_CANCEL, at)
            row = await connection.fetchrow(SQL_CLAIM_NOTICE, at)
        return None if row is None else _notice(row)

    async def settle(
        self, notice: Notice, event: MessageEvent, at: datetime, *, due_at: datetime | None = None, error: str = ""
    ) -> bool:
        """By state and number of the try."""
        return await settled(self._pool, SQL_SETTLE_NOTICE, notice, event, at, due_at=due_at, error=error)

    async def resend(self, booking: UUID, at: datetime) -> bool:
        """Whatever of it was given up."""
        return not (await self._pool.execute(SQL_RESEND_NOTICE, booking, at)).endswith(" 0")

    async def dead(self) -> Sequence[tuple[ClientId, int]]:
        """Given up, by client."""
        return [(ClientId(row["client_id"]), row["dead"]) for row in await self._pool.fetch(SQL_DEAD_NOTICES)]

    async def forget(self, before: datetime) -> int:
        """By the last time that was agreed."""
        return int((await self._pool.execute(SQL_FORGET, before)).split()[-1])


def _notice(row: asyncpg.Record) -> Notice:
    return Notice(
        id=row["id"],
        root=row["root_id"],
        sequence=row["sequence"],
        attempt=AttemptId(row["attempt_id"]),
        client=ClientId(row["client_id"]),
        kind=NoticeKind(row["kind"]),
        state=MessageState(row["state"]),
        created_at=row["created_at"],
        tries=row["tries"],
        died=row["died"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        place=row["place"],
        meeting=Meeting(row["meeting"]),
        neutral_name=row["neutral_name"],
        number=row["inbound_number"],
        via=None if row["via"] is None else Via(row["via"]),
        client_key=row["client_key"],
        delivery=None if row["delivery_id"] is None else DeliveryId(row["delivery_id"]),
        delivery_key=row["delivery_key"],
        sealed=row["sealed"],
    )
