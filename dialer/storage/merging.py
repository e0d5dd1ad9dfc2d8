"""Two cases of one person, put together by hand and taken apart again. One transaction each, both cases under lock.

The other case keeps its attempts: whoever loads the case that is kept reads them with it (`cases.load`,
`attempt_guard`), so that undoing loses none and invents none.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import asyncpg

from dialer.domain.case import CaseEvent, CaseState, advance
from dialer.domain.errors import NotFoundError, NotNowError
from dialer.domain.ids import CampaignId, CaseId, ClientId
from dialer.domain.merge import Hindrance, Side, UndoHindrance, hindrance, restored, undo_hindrance
from dialer.schedule.model import Planner
from dialer.services.ports.cases import Steering
from dialer.storage import cases
from dialer.storage.audit import record_audit
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.connection import Connection
from dialer.storage.deliveries import SQL_RECOMPUTE_TERM
from dialer.storage.pool import store

# A list that is being read has looked up whose signals join which case: it is waited for.
SQL_NO_INTAKE = "select pg_try_advisory_xact_lock(hashtextextended('intake:' || $1::text, 0))"
SQL_SIDES = """
select f.id, f.client_id, f.campaign_id, f.state, f.state_reason, f.held_elsewhere, f.paused_until, f.merged_into,
       exists (select 1 from case_file p where p.merged_into = f.id) as has_merged,
       exists (select 1 from (select f.id union all select p.id from case_file p where p.merged_into = f.id) made (id)
                 join attempt a on a.case_id = made.id where a.live or a.wrap_up_open) as busy
  from case_file f where f.id = any($1)
"""
SQL_LET_GO = "delete from preview_hold where case_id = any($1)"
SQL_TAKE_SIGNALS = "update signal set case_id = $2 where case_id = $1 and not recalled returning id"
SQL_TAKE_PHONES = """
insert into case_phone (case_id, phone_id, position, state, closed_reason, closed_at, source, source_on, delivery_id)
select $2, c.phone_id,
       (select coalesce(max(k.position), 0) from case_phone k where k.case_id = $2)
       + row_number() over (order by c.position, c.phone_id), c.state, c.closed_reason, c.closed_at,
       c.source, c.source_on, c.delivery_id
  from case_phone c where c.case_id = $1
on conflict do nothing
returning phone_id
"""
SQL_TAKE_CALL_BACKS = """
update callback_task set case_id = $2 where case_id = $1 and state in ('open', 'claimed') returning id
"""
SQL_MARK_MERGED = """
update case_file
   set state = $2, state_reason = 'merged', merged_into = $3, closed_at = $4, next_at = null, next_phone_id = null,
       next_reason = '{}', needs_reserved = false, paused_until = null, appointment_at = null, cut_off_redial = false
 where id = $1
"""
SQL_REMEMBER = """
insert into case_merge (client_id, kept_id, other_id, at, actor, reason, before)
values ($1, $2, $3, $4, $5, $6, $7::text::jsonb)
"""
SQL_MERGE_OF = """
select m.kept_id, m.before::text as before from case_merge m where m.other_id = $1 and m.undone_at is null
"""
SQL_UNDONE = "update case_merge set undone_at = $2, undone_by = $3 where other_id = $1 and undone_at is null"
SQL_GIVE_SIGNALS = "update signal set case_id = $2 where case_id = $1 and id = any($3::uuid[])"
SQL_GIVE_PHONES = "delete from case_phone where case_id = $1 and phone_id = any($2::uuid[])"
SQL_GIVE_CALL_BACKS = """
update callback_task set case_id = $2 where case_id = $1 and id = any($3::uuid[]) and state in ('open', 'claimed')
"""
SQL_STANDS_ALONE = """
update case_file set state = $2, state_reason = $3, held_elsewhere = $4, merged_into = null, closed_at = null
 where id = $1
"""
SQL_SIGNALS_LEFT = "select count(*) from signal where case_id = $1 and not recalled"
SQL_ENDS_RECALLED = """
update case_file set state = $2, state_reason = 'delivery_recalled', closed_at = $3, next_at = null,
       next_phone_id = null
 where id = $1
"""
# The delivery that it counts as may have been recalled while another's signals kept it alive.
SQL_OWN_DELIVERY = """
update case_file f set delivery_id = s.delivery_id
  from (select (array_agg(delivery_id order by id desc))[1] as delivery_id
          from signal where case_id = $1 and not recalled) s
 where f.id = $1 and s.delivery_id is not null
   and not exists (select 1 from signal o where o.case_id = $1 and o.delivery_id = f.delivery_id and not o.recalled)
"""
_CODES = {
    Hindrance.SAME: "merge-same",
    Hindrance.CLIENT: "merge-client",
    Hindrance.CAMPAIGN: "merge-campaign",
    Hindrance.KEPT_GONE: "merge-gone",
    Hindrance.OTHER_OVER: "merge-over",
    Hindrance.OTHER_HAS_MERGED: "merge-chain",
    Hindrance.BUSY: "merge-busy",
    UndoHindrance.NOT_MERGED: "merge-none",
    UndoHindrance.BUSY: "merge-busy",
}


@store
class Merges:
    """The merging part of `CaseStore`."""

    def __init__(self, pool: asyncpg.Pool, catalogues: CatalogueStore, planner: Planner) -> None:
        self._merge_pool = pool
        self._merge_catalogues = catalogues
        self._merge_planner = planner

    async def merge(self, steering: Steering, other: CaseId) -> None:
        """See CaseStore."""
        kept = steering.case
        async with self._merge_pool.acquire() as connection, connection.transaction():
            rows = await self._sides(connection, kept, other)
            refused = hindrance(_side(rows[kept]), _side(rows[other]))
            if refused is not None:
                raise NotNowError(_CODES[refused])
            client, row = rows[kept]["client_id"], rows[other]
            if not await connection.fetchval(SQL_NO_INTAKE, str(client)):
                raise NotNowError("merge-intake")
            await connection.execute(SQL_LET_GO, [kept, other])
            before = {
                "state": row["state"],
                "state_reason": row["state_reason"],
                "held_elsewhere": row["held_elsewhere"],
                "signals": await _ids(connection, SQL_TAKE_SIGNALS, other, kept),
                "phones": await _ids(connection, SQL_TAKE_PHONES, other, kept),
                "call_backs": await _ids(connection, SQL_TAKE_CALL_BACKS, other, kept),
            }
            state = advance(CaseState(row["state"]), CaseEvent.MERGED)
            await connection.execute(SQL_MARK_MERGED, other, state.value, kept, steering.at)
            await connection.execute(
                SQL_REMEMBER, client, kept, other, steering.at, steering.actor, steering.reason, json.dumps(before)
            )
            await connection.execute(SQL_RECOMPUTE_TERM, kept)
            await self._settle_merged(connection, [kept], steering.at, changed=True)
            await _noted(connection, steering, "case.merge", client, other)

    async def unmerge(self, steering: Steering) -> CaseId:
        """See CaseStore."""
        other = steering.case
        async with self._merge_pool.acquire() as connection, connection.transaction():
            found = await connection.fetchrow(SQL_MERGE_OF, other)
            if found is None:
                raise NotNowError(_CODES[UndoHindrance.NOT_MERGED])
            kept, before = CaseId(found["kept_id"]), json.loads(found["before"])
            rows = await self._sides(connection, kept, other)
            refused = undo_hindrance(_side(rows[kept]), _side(rows[other]))
            if refused is not None:
                raise NotNowError(_CODES[refused])
            client = rows[kept]["client_id"]
            if not await connection.fetchval(SQL_NO_INTAKE, str(client)):
                raise NotNowError("merge-intake")
            await connection.execute(SQL_LET_GO, [kept, other])
            await connection.execute(SQL_GIVE_SIGNALS, kept, other, before["signals"])
            await connection.execute(SQL_GIVE_PHONES, kept, before["phones"])
            await connection.execute(SQL_GIVE_CALL_BACKS, kept, other, before["call_backs"])
            await self._alone(connection, other, before, bool(before["signals"]), steering.at)
            await connection.execute(SQL_UNDONE, other, steering.at, steering.actor)
            if rows[kept]["state"] != CaseState.RECALLED and not await _whole(connection, kept, before):
                ended = advance(CaseState(rows[kept]["state"]), CaseEvent.RECALLED)
                await connection.execute(SQL_ENDS_RECALLED, kept, ended.value, steering.at)
            await connection.execute(SQL_OWN_DELIVERY, kept)
            await connection.execute(SQL_RECOMPUTE_TERM, kept)
            await self._settle_merged(connection, [kept], steering.at, changed=True)
            await self._settle_merged(connection, [other], steering.at, changed=False)
            await _noted(connection, steering, "case.unmerge", client, kept)
        return kept

    async def _alone(
        self, connection: Connection, other: CaseId, before: dict[str, Any], had: bool, at: datetime
    ) -> None:
        recalled = had and not await connection.fetchval(SQL_SIGNALS_LEFT, other)
        state = restored(CaseState(before["state"]), recalled=recalled)
        reason = "delivery_recalled" if recalled else before["state_reason"]
        try:
            await connection.execute(SQL_STANDS_ALONE, other, state.value, reason, before["held_elsewhere"])
        except asyncpg.UniqueViolationError:
            raise NotNowError("merge-other") from None
        if recalled:
            await connection.execute(SQL_ENDS_RECALLED, other, state.value, at)

    async def _sides(self, connection: Connection, kept: CaseId, other: CaseId) -> dict[CaseId, asyncpg.Record]:
        """Both, locked in the order of every transaction. A claim under way is waited for, and is seen as a call."""
        await cases.lock(connection, [kept, other])
        rows = {CaseId(row["id"]): row for row in await connection.fetch(SQL_SIDES, [kept, other])}
        if kept not in rows or other not in rows:
            raise NotFoundError("no such case")
        return rows

    async def _settle_merged(
        self, connection: Connection, wanted: list[CaseId], at: datetime, *, changed: bool
    ) -> None:
        found = await cases.load(connection, wanted, at, self._merge_catalogues, self._merge_planner)
        await cases.save_all(connection, [cases.settling(one, at, changed=changed) for one in found])


async def _whole(connection: Connection, kept: CaseId, before: dict[str, Any]) -> bool:
    """Whether the case that was kept still has signals of its own, or never had any but those that left."""
    return bool(await connection.fetchval(SQL_SIGNALS_LEFT, kept)) or not before["signals"]


async def _ids(connection: Connection, sql: str, *values: object) -> list[str]:
    return sorted(str(row[0]) for row in await connection.fetch(sql, *values))


def _side(row: asyncpg.Record) -> Side:
    return Side(
        case=CaseId(row["id"]),
        client=ClientId(row["client_id"]),
        campaign=CampaignId(row["campaign_id"]),
        state=CaseState(row["state"]),
        busy=row["busy"],
        has_merged=row["has_merged"],
    )


async def _noted(connection: Connection, steering: Steering, action: str, client: ClientId, with_: CaseId) -> None:
    await record_audit(
        connection, steering.at, steering.actor, action, "case", steering.case, client, {"with": str(with_)},
        purpose=steering.reason,
    )  # fmt: skip
