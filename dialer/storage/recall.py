"""Taking a wrong delivery back: a short first step that decides everything, and a tidying up that may be repeated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import DeliveryId, UserId

# From here on the claim's guard refuses every case of the delivery, and without its key its data is noise.
SQL_MARK_RECALLED = """
update delivery set state = 'recalled', wrapped_key = null, recalled_at = $2, recalled_by = $3
 where id = $1 and state <> 'recalled'
"""
SQL_EXISTS = "select true from delivery where id = $1"
SQL_FREE_SIGNALS = """
update signal set recalled = true
 where id in (select id from signal where delivery_id = $1 and not recalled limit $2)
returning case_id
"""
SQL_CLOSE_CASES = """
update case_file f
   set state = 'recalled', state_reason = 'delivery_recalled', closed_at = $2, next_at = null, next_phone_id = null,
       appointment_at = null, paused_until = null, needs_reserved = false, cut_off_redial = false
 where f.id = any($1::uuid[]) and f.state in ('held','no_number','open')
   and not exists (select from signal s where s.case_id = f.id and not s.recalled)
"""
# Cases that other deliveries' signals keep alive: their terms, and whose delivery they count as.
SQL_KEEP_CASES = """
update case_file f
   set crisis = s.crisis, term_ends_at = s.term_ends_at, plan_ends_at = s.plan_ends_at,
       delivery_id = case when f.delivery_id = $2 then s.delivery_id else f.delivery_id end
  from (select case_id, bool_or(crisis) as crisis, min(term_ends_at) as term_ends_at,
               min(plan_ends_at) as plan_ends_at, (array_agg(delivery_id order by id desc))[1] as delivery_id
          from signal where case_id = any($1::uuid[]) and not recalled group by case_id) s
 where f.id = s.case_id
"""
SQL_CLOSE_PHONES = """
update case_phone cp set state = 'closed', closed_reason = 'delivery_recalled', closed_at = $2
 where cp.delivery_id = $1 and cp.state = 'open'
   and not exists (select from pii.phone p join delivery d on d.id = p.delivery_id
                    where p.phone_id = cp.phone_id and d.id <> $1 and d.wrapped_key is not null)
returning cp.case_id
"""
SQL_WITHOUT_NUMBER = """
update case_file f set state = 'no_number', next_at = null, next_phone_id = null
 where f.id = any($1::uuid[]) and f.state = 'open'
   and not exists (select from case_phone cp where cp.case_id = f.id and cp.state = 'open')
"""
SQL_DELETE_BOXES = tuple(
    f"delete from {table} where delivery_id = $1"  # noqa: S608 (constants)
    for table in (
        "pii.resident",
        "pii.phone",
        "pii.signal",
        "pii.note",
        "pii.refused_row",
        "pii.follow_up_note",
        "pii.question_text",
        "pii.coaching_text",
        "pii.complaint_text",
        "wrap_up_draft",
        "pii.booking_contact",
        "recording",  # and its pieces with it
    )
)
SQL_RECALL_DONE = """
update delivery
   set counts = counts
             || jsonb_build_object('recalled_cases', coalesce((counts ->> 'recalled_cases')::int, 0) + $2::int)
 where id = $1
returning (counts ->> 'recalled_cases')::int
"""
SQL_UNFINISHED = "select id from delivery where state = 'recalled' and not counts ? 'recalled_cases' order by id"


class Recalls:
    """The recall's part of the IntakeStore."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._recall_pool = pool

    async def mark_recalled(self, delivery: DeliveryId, at: datetime, by: UserId | None) -> bool:
        """First step; False when it had been done before. Raises NotFoundError."""
        status = await self._recall_pool.execute(SQL_MARK_RECALLED, delivery, at, by)
        if status.endswith("1"):
            return True
        if not await self._recall_pool.fetchval(SQL_EXISTS, delivery):
            raise NotFoundError("no such delivery")
        return False

    async def finish_recall(self, delivery: DeliveryId, at: datetime, batch: int = 2000) -> int:
        """Second step; returns cases closed by it and by earlier runs of it."""
        closed = 0
        async with self._recall_pool.acquire() as connection:
            while True:
                async with connection.transaction():
                    rows = await connection.fetch(SQL_FREE_SIGNALS, delivery, batch)
                    cases = sorted({row["case_id"] for row in rows})
                    if not cases:
                        break
                    status = await connection.execute(SQL_CLOSE_CASES, cases, at)
                    closed += int(status.split()[-1])
                    await connection.execute(SQL_KEEP_CASES, cases, delivery)
            async with connection.transaction():
                rows = await connection.fetch(SQL_CLOSE_PHONES, delivery, at)
                await connection.execute(SQL_WITHOUT_NUMBER, [row["case_id"] for row in rows])
            for statement in SQL_DELETE_BOXES:
                await connection.execute(statement, delivery, timeout=300)
            total: int = await connection.fetchval(SQL_RECALL_DONE, delivery, closed)
        return total

    async def unfinished_recalls(self) -> Sequence[DeliveryId]:
        """Recalled deliveries whose second step was cut short."""
        return [DeliveryId(row["id"]) for row in await self._recall_pool.fetch(SQL_UNFINISHED)]
