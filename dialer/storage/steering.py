"""The client's and the supervisor's hands on single cases, and the end of planning."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from dialer.domain.campaign_settings import campaign_number
from dialer.domain.case import CaseEvent, CaseState, advance
from dialer.domain.errors import ConflictError, NotFoundError
from dialer.domain.ids import CaseId, PhoneId
from dialer.schedule.model import Planner
from dialer.schedule.settle import history_of
from dialer.services.ports.cases import CaseOutlook, PastOutlook, Steering
from dialer.storage import cases, past_cases
from dialer.storage.audit import record_audit
from dialer.storage.cases import LoadedCase
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.connection import Connection
from dialer.storage.merging import Merges
from dialer.storage.pool import store

SQL_CASES_OF_RESIDENT_OF = """
select o.id from case_file f join case_file o on o.resident_id = f.resident_id where f.id = $1
"""
SQL_SETTINGS_OF = "select settings::text from campaign where id = $1"
SQL_POSITION = "select position from case_phone where case_id = $1 and phone_id = $2"
# Whoever releases a case that another one held has seen why: that holds it no more. What he has not seen does.
SQL_SET_STATE = """
update case_file
   set state = $2, state_reason = $3, paused_until = null, held_elsewhere = false,
       released_at = case when held_elsewhere and $2 = 'open' then $4 else released_at end
 where id = $1
"""
SQL_LIFT_RESIDENT = """
update opt_out o set lifted_at = $2
  from case_file f join resident r on r.id = f.resident_id
 where (f.id = $1 or f.merged_into = $1) and o.client_id = f.client_id and o.match_key = r.match_key
   and o.lifted_at is null
returning o.id
"""
SQL_UNBLOCK_PHONE = """
update phone p set lifted_at = $3
  from case_phone cp
 where cp.case_id = $1 and cp.phone_id = $2 and p.id = cp.phone_id and p.blocked_at is not null and p.lifted_at is null
returning p.number_key
"""
SQL_SHARERS = """
select f.id from case_phone cp join case_file f on f.id = cp.case_id
 where cp.phone_id = $1 and f.state in ('open', 'no_number')
"""
SQL_ENDED = """
select id from case_file where plan_ends_at <= $1 and state in ('open', 'no_number')
 order by plan_ends_at limit $2 for no key update skip locked
"""


@store
class PostgresCases(Merges):
    """`CaseStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool, catalogues: CatalogueStore, planner: Planner) -> None:
        super().__init__(pool, catalogues, planner)
        self._pool = pool
        self._catalogues = catalogues
        self._planner = planner

    async def outlook(self, case: CaseId, at: datetime) -> CaseOutlook:
        """Raises NotFoundError."""
        async with self._pool.acquire() as connection:
            loaded = await self._one(connection, case, at)
            number = await connection.fetchval(SQL_POSITION, case, loaded.next_phone)
            settings = json.loads(await connection.fetchval(SQL_SETTINGS_OF, loaded.campaign))
        waits = timedelta(days=campaign_number(settings, "language_wait_days"))
        return CaseOutlook(
            campaign=loaded.campaign,
            history=history_of(loaded.facts, loaded.book),
            limits=loaded.book.limits,
            next_at=loaded.next_at,
            next_reason=loaded.next_reason,
            next_number=number,
            language=loaded.language,
            speaker_until=None if loaded.agreed else loaded.facts.arrival + waits,
        )

    async def past(self, case: CaseId, at: datetime) -> PastOutlook | None:
        """See CaseStore."""
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            return await past_cases.as_of(connection, await self._one(connection, case, at), at)

    async def withdraw(self, steering: Steering) -> None:
        """Raises NotFoundError, IllegalTransitionError."""
        await self._steer(steering, "case.withdraw", CaseEvent.WITHDRAWN, CaseState.WITHDRAWN, "withdrawn_by_client")

    async def release(self, steering: Steering) -> None:
        """Raises NotFoundError, IllegalTransitionError, ConflictError."""
        await self._steer(steering, "case.release", CaseEvent.RELEASED, CaseState.OPEN, "")

    async def _steer(self, steering: Steering, action: str, event: CaseEvent, to: CaseState, reason: str) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await cases.lock(connection, [steering.case])
            loaded = await self._one(connection, steering.case, steering.at)
            if loaded.facts.state == to:
                return
            state = advance(CaseState(loaded.facts.state), event)
            try:
                await connection.execute(SQL_SET_STATE, steering.case, state.value, reason, steering.at)
            except asyncpg.UniqueViolationError:
                raise ConflictError("the resident has another case in this campaign") from None
            await self._settle(connection, [steering.case], steering.at, changed=True)
            await _audit(connection, steering, action, loaded)

    async def lift_opt_out(self, steering: Steering) -> None:
        """Raises NotFoundError, ConflictError."""
        async with self._pool.acquire() as connection, connection.transaction():
            found = [r["id"] for r in await connection.fetch(SQL_CASES_OF_RESIDENT_OF, steering.case)]
            await cases.lock(connection, found)
            loaded = await self._one(connection, steering.case, steering.at)
            if not await connection.fetch(SQL_LIFT_RESIDENT, steering.case, steering.at):
                raise ConflictError("the resident has not opted out")
            await self._settle(connection, found, steering.at)
            await _audit(connection, steering, "case.lift_opt_out", loaded)

    async def unblock(self, steering: Steering, phone: PhoneId) -> None:
        """Raises NotFoundError, ConflictError."""
        async with self._pool.acquire() as connection, connection.transaction():
            await cases.lock(connection, [steering.case])
            loaded = await self._one(connection, steering.case, steering.at)
            if not await connection.fetch(SQL_UNBLOCK_PHONE, steering.case, phone, steering.at):
                raise ConflictError("the number is not blocked")
            sharers = [r["id"] for r in await connection.fetch(SQL_SHARERS, phone)]
            free = [CaseId(r["id"]) for r in await connection.fetch(cases.SQL_LOCK_FREE_CASES, sharers)]
            await self._settle(connection, free, steering.at)
            await _audit(connection, steering, "phone.unblock", loaded, phone=str(phone))

    async def close_ended(self, at: datetime, limit: int) -> int:
        """A case with a call or an open wrap-up waits for it."""
        async with self._pool.acquire() as connection, connection.transaction():
            ended = [CaseId(r["id"]) for r in await connection.fetch(SQL_ENDED, at, limit)]
            return await self._settle(connection, ended, at)

    async def _one(self, connection: Connection, case: CaseId, at: datetime) -> LoadedCase:
        found = await cases.load(connection, [case], at, self._catalogues, self._planner)
        if not found:
            raise NotFoundError("no such case")
        return found[0]

    async def _settle(
        self, connection: Connection, wanted: list[CaseId], at: datetime, *, changed: bool = False
    ) -> int:
        found = await cases.load(connection, wanted, at, self._catalogues, self._planner)
        savings = [cases.settling(loaded, at, changed=changed) for loaded in found]
        await cases.save_all(connection, savings)
        return sum(saving.settled.state in cases.OVER for saving in savings)


async def _audit(connection: Connection, steering: Steering, action: str, loaded: LoadedCase, **detail: Any) -> None:
    await record_audit(
        connection, steering.at, steering.actor, action, "case", steering.case, loaded.client, detail,
        purpose=steering.reason,
    )  # fmt: skip
