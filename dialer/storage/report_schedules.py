"""Schedules of reports in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg

from dialer.domain.errors import ConflictError, NotFoundError
from dialer.domain.ids import CampaignId, ClientId
from dialer.domain.reports.calendar import Every, Rhythm
from dialer.services.ports.report_schedules import Bringing, ReportSchedule
from dialer.services.ports.reports import Asked
from dialer.storage.audit import record_audit
from dialer.storage.pool import store
from dialer.storage.report_deliveries import SQL_DELIVER
from dialer.storage.reports import SQL_SUBJECT, insert_run

SQL_SCHEDULES = """
select s.id, s.client_id, l.name as client_name, s.campaign_id, coalesce(g.name, '') as campaign_name, s.every, s.day,
       s.done, s.format, s.outlet_id, s.sealed_to, l.wrapped_key as client_key
  from report_schedule s join client l on l.id = s.client_id left join campaign g on g.id = s.campaign_id
 where s.ended_at is null and ($1::uuid is null or s.client_id = $1)
 order by l.name, campaign_name, s.every, s.day
"""
SQL_ADD_SCHEDULE = """
insert into report_schedule (id, client_id, campaign_id, every, day, done, created_at, format, outlet_id, sealed_to)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
SQL_END_SCHEDULE = """
update report_schedule set ended_at = coalesce(ended_at, $2) where id = $1 returning client_id
"""
SQL_OUTLET_IS_OF = "select exists (select from result_outlet where id = $1 and client_id = $2)"
SQL_SCHEDULE_KEY = "select wrapped_key from client where id = $1"
SQL_LOCK_SCHEDULE = "select done from report_schedule where id = $1 and ended_at is null for update"
SQL_DONE = "update report_schedule set done = $2 where id = $1"


@store
class PgReportSchedules:
    """`ScheduleStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def schedules(self, client: ClientId | None) -> Sequence[ReportSchedule]:
        """See ScheduleStore."""
        return [
            ReportSchedule(
                id=row["id"],
                client=ClientId(row["client_id"]),
                client_name=row["client_name"],
                campaign=None if row["campaign_id"] is None else CampaignId(row["campaign_id"]),
                campaign_name=row["campaign_name"],
                rhythm=Rhythm(every=Every(row["every"]), day=row["day"]),
                done=row["done"],
                format=row["format"],
                outlet=row["outlet_id"],
                sealed_to=row["sealed_to"],
                client_key=row["client_key"],
            )
            for row in await self._pool.fetch(SQL_SCHEDULES, client)
        ]

    async def add(
        self, schedule: UUID, client: ClientId, campaign: CampaignId | None, rhythm: Rhythm, done: date, at: datetime,
        actor: str, bringing: Bringing,
    ) -> None:  # fmt: skip
        """See ScheduleStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(SQL_SUBJECT, client, campaign) is None:
                raise NotFoundError("no such client or campaign")
            if bringing.outlet and not await connection.fetchval(SQL_OUTLET_IS_OF, bringing.outlet, client):
                raise NotFoundError("no such way out of this client")
            try:
                await connection.execute(
                    SQL_ADD_SCHEDULE, schedule, client, campaign, rhythm.every.value, rhythm.day, done, at,
                    bringing.format, bringing.outlet, bringing.sealed_to,
                )  # fmt: skip
            except asyncpg.UniqueViolationError:
                raise ConflictError("this schedule is there already") from None
            detail = {
                "every": rhythm.every.value,
                "day": rhythm.day,
                "mail": bringing.sealed_to is not None,
                "outlet": None if bringing.outlet is None else str(bringing.outlet),
            }
            await record_audit(
                connection, at, actor, "report_schedule.add", "report_schedule", schedule, client, detail
            )

    async def end(self, schedule: UUID, at: datetime, actor: str) -> None:
        """See ScheduleStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            client = await connection.fetchval(SQL_END_SCHEDULE, schedule, at)
            if client is None:
                raise NotFoundError("no such schedule")
            await record_audit(connection, at, actor, "report_schedule.end", "report_schedule", schedule, client)

    async def client_key(self, client: ClientId) -> bytes:
        """See ScheduleStore."""
        key: bytes | None = await self._pool.fetchval(SQL_SCHEDULE_KEY, client)
        if key is None:
            raise NotFoundError("no such client")
        return key

    async def make(self, schedule: UUID, asked: Asked, on: date, ids: Mapping[str, UUID]) -> bool:
        """See ScheduleStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            done = await connection.fetchval(SQL_LOCK_SCHEDULE, schedule)
            if done is None or done >= on:
                return False
            await insert_run(connection, asked, schedule)
            for way, identity in ids.items():
                await connection.execute(SQL_DELIVER, identity, asked.id, way, asked.at, schedule)
            await connection.execute(SQL_DONE, schedule, on)
            return True
