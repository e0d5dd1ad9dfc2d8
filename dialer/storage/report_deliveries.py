"""Regular reports on their way, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.exchange import MessageEvent, MessageState
from dialer.domain.ids import ClientId
from dialer.services.ports.report_deliveries import ReportDelivery, ReportWay
from dialer.storage import leases
from dialer.storage.pool import store
from dialer.storage.settling import DIED_UNDERWAY, settled

_LEASE = "report-deliveries"
_DELIVERIES = """
select d.id, d.schedule_id, d.report_id, d.client_id, l.name as client_name, d.way, d.format, r.first_day, r.last_day,
       d.state, d.created_at, d.due_at, d.tries, d.died, d.error, d.content_hash, d.size, d.done_at, s.outlet_id,
       s.sealed_to,
       l.wrapped_key as client_key
  from report_delivery d join report_schedule s on s.id = d.schedule_id join report_run r on r.id = d.report_id
  join client l on l.id = d.client_id
"""
SQL_DELIVER = """
insert into report_delivery (id, schedule_id, report_id, client_id, way, format, state, created_at, due_at)
select $1, s.id, $2, s.client_id, $3, s.format, 'waiting', $4, $4 from report_schedule s where s.id = $5
   and case $3 when 'mail' then s.sealed_to is not null else s.outlet_id is not null end
"""
# One that its sender dies with each time stands in nobody's way: what was tried least goes first.
SQL_TAKE_DELIVERY = f"""
update report_delivery r
   set state = 'sending', tries = r.tries + 1, {DIED_UNDERWAY.format("r")}
 where r.id = (select id from report_delivery where state in ('waiting', 'sending', 'retry') and due_at <= $1
              order by tries, due_at, id limit 1 for update skip locked)
returning r.id
"""  # noqa: S608 - a constant of this package
SQL_MADE_DELIVERY = "update report_delivery set content_hash = $2, size = $3 where id = $1"
SQL_SETTLE_DELIVERY = """
update report_delivery
   set state = $4, due_at = coalesce($5, due_at), error = $6,
       done_at = case when $4 = 'confirmed' then $7::timestamptz end,
       tries = case when $4 = 'waiting' then 0 else tries end
 where id = $1 and state = $2 and tries = $3
returning true
"""
SQL_DELIVERIES_OF = (
    _DELIVERIES + " where $1::uuid is null or d.client_id = $1 order by d.created_at desc, d.id desc limit $2"
)
SQL_ONE_DELIVERY = _DELIVERIES + " where d.id = $1"
SQL_DEAD_DELIVERIES = """
select s.id, count(d.id) filter (where d.state = 'dead') as dead
  from report_schedule s join report_delivery d on d.schedule_id = s.id group by s.id
"""


@store
class PgReportDeliveries:
    """`ReportDeliveryStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def lease(self, owner: str, seconds: float) -> bool:
        """Take or renew."""
        return await leases.taken_for(self._pool, _LEASE, owner, seconds)

    async def unlease(self, owner: str) -> None:
        """Give it back."""
        await leases.dropped_by(self._pool, _LEASE, owner)

    async def due(self, at: datetime) -> ReportDelivery | None:
        """Taken."""
        found = await self._pool.fetchval(SQL_TAKE_DELIVERY, at)
        return None if found is None else await self.delivery(found)

    async def made(self, delivery: UUID, content_hash: bytes, size: int) -> None:
        """Of this try."""
        await self._pool.execute(SQL_MADE_DELIVERY, delivery, content_hash, size)

    async def settle(
        self, delivery: ReportDelivery, event: MessageEvent, at: datetime, *, due_at: datetime | None = None,
        error: str = "",
    ) -> bool:  # fmt: skip
        """By state and number of the try."""
        return await settled(self._pool, SQL_SETTLE_DELIVERY, delivery, event, at, due_at=due_at, error=error)

    async def deliveries(self, client: ClientId | None, limit: int) -> Sequence[ReportDelivery]:
        """The newest first."""
        return [_delivery(row) for row in await self._pool.fetch(SQL_DELIVERIES_OF, client, limit)]

    async def delivery(self, delivery: UUID) -> ReportDelivery:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_ONE_DELIVERY, delivery)
        if row is None:
            raise NotFoundError("no such delivery of a report")
        return _delivery(row)

    async def dead(self) -> Sequence[tuple[UUID, int]]:
        """By schedule."""
        return [(row["id"], row["dead"]) for row in await self._pool.fetch(SQL_DEAD_DELIVERIES)]


def _delivery(row: asyncpg.Record) -> ReportDelivery:
    return ReportDelivery(
        id=row["id"],
        schedule=row["schedule_id"],
        report=row["report_id"],
        client=ClientId(row["client_id"]),
        client_name=row["client_name"],
        way=ReportWay(row["way"]),
        format=row["format"],
        first_day=row["first_day"],
        last_day=row["last_day"],
        state=MessageState(row["state"]),
        created_at=row["created_at"],
        due_at=row["due_at"],
        tries=row["tries"],
        died=row["died"],
        error=row["error"],
        content_hash=row["content_hash"],
        size=row["size"],
        done_at=row["done_at"],
        outlet=row["outlet_id"],
        client_key=row["client_key"],
        sealed_to=row["sealed_to"],
    )
