"""Outcomes in the ledger: filed, corrected, taken back. One public method is one transaction.

Lock order: the case (of an opt-out: all cases of the resident, in one order), the resident, the attempt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from dialer.domain.call import Direction
from dialer.domain.errors import ConflictError, NotFoundError
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ClientId, DeliveryId, PhoneId, UserId
from dialer.domain.opening import HOLDS_OTHERS
from dialer.domain.skills import INTERPRETER
from dialer.schedule.model import Planner
from dialer.schedule.rules import attempts_left
from dialer.schedule.settle import history_of
from dialer.services.ports.clock import Ids
from dialer.services.ports.outcomes import FilingEntry, FilingKind, FilingTarget
from dialer.storage import bookings, callback_claims, cases, complaints, notices
from dialer.storage.cases import calendar_of
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.connection import Connection
from dialer.storage.ledger import SQL_ADD_EVENT
from dialer.storage.pool import store

SQL_TARGET = """
select a.id, a.direction, a.client_id, a.campaign_id, a.case_id, f.delivery_id, a.agent_id, a.verified,
       (a.joined_at is not null or a.wrap_up_open) as talked, a.catalogue_version, g.calendar::text as calendar,
       f.plan_ends_at, l.wrapped_key as client_key, d.wrapped_key as delivery_key,
       coalesce((select array_agg(cp.phone_id) from case_phone cp where cp.case_id = a.case_id), '{}') as phones,
       exists (select 1 from slot_source o where o.client_id = a.client_id and o.offered) as offers_slots,
       l.settings ->> 'bsn_allowed' is not distinct from '1' as bsn_allowed
  from attempt a
  join campaign g on g.id = a.campaign_id
  join client l on l.id = a.client_id
  left join case_file f on f.id = a.case_id
  left join delivery d on d.id = f.delivery_id
 where a.id = $1
"""
SQL_CASES_OF_RESIDENT = """
select o.id from case_file f join case_file o on o.resident_id = f.resident_id where f.id = $1
"""
SQL_LOCK_RESIDENT = """
select r.client_id, r.match_key from resident r join case_file f on f.resident_id = r.id
 where f.id = $1 for no key update of r
"""
# The language in which an interpreter is needed, by the newest filing that says so; taken back, the list's holds again.
# Claims, the card and the queue of callers go by the case's language and need not know where it comes from.
SQL_SPOKEN = """
update case_file f
   set listed_language = case when said.language is not null then coalesce(f.listed_language, f.language) end,
       language = coalesce(said.language, f.listed_language, f.language)
  from (select k.id, (select a.facts -> 'answers' ->> 'interpreter'
                        from (select k.id union all select p.id from case_file p where p.merged_into = k.id) made (id)
                        join attempt a on a.case_id = made.id
                       where a.facts -> 'answers' ? 'interpreter'
                       order by a.outcome_at desc, a.id desc limit 1) as language
          from case_file k where k.id = $1 or k.id = (select merged_into from case_file where id = $1)) said
 where f.id = said.id and (said.language is not null or f.listed_language is not null)
"""
SQL_CASE_OF = "select case_id from attempt where id = $1"
SQL_KEPT_FOR = "select merged_into from case_file where id = $1 and merged_into is not null"
SQL_LOCK = """
select id, direction, client_id, case_id, phone_id, number_key, callback_id, revision, outcome, outcome_at, reached,
       flags, facts::text as facts, wrap_up_open, machine_result
  from attempt where id = $1 for no key update
"""
SQL_STAND = """
update attempt
   set outcome = $2, outcome_at = $3, reached = $4, flags = $5, facts = $6::text::jsonb, wrap_up_open = $7,
       revision = $8
 where id = $1
"""
SQL_NOTE = """
insert into pii.note (attempt_id, client_id, delivery_id, sealed, updated_at)
select a.id, a.client_id, f.delivery_id, $2, $3 from attempt a left join case_file f on f.id = a.case_id where a.id = $1
on conflict (attempt_id) do update
   set sealed = excluded.sealed, delivery_id = excluded.delivery_id, updated_at = excluded.updated_at
"""
SQL_DROP_DRAFT = "delete from wrap_up_draft where attempt_id = $1"
SQL_OPT_OUT = """
insert into opt_out (id, client_id, match_key, attempt_id, at) values ($1, $2, $3, $4, $5) on conflict do nothing
"""
SQL_LIFT_OPT_OUT = "update opt_out set lifted_at = $2 where attempt_id = $1 and lifted_at is null"
# A caller's number may be on no list yet. Its kind is not known then; it only orders the numbers of a case.
SQL_BLOCK = """
insert into phone as p (id, client_id, number_key, kind, blocked_at, blocked_reason, blocked_by)
values ($5, $1, $2, 'mobile', $3, 'NUMBER_BLOCKED', $4)
on conflict (client_id, number_key) do update
   set blocked_at = excluded.blocked_at, blocked_reason = excluded.blocked_reason, blocked_by = excluded.blocked_by,
       lifted_at = null
 where p.blocked_at is null or p.lifted_at is not null
"""
SQL_UNBLOCK = "update phone set lifted_at = $2 where blocked_by = $1 and lifted_at is null"
SQL_SHARE_NUMBER = """
select f.id from case_phone cp join phone p on p.id = cp.phone_id join case_file f on f.id = cp.case_id
 where p.client_id = $1 and p.number_key = $2 and f.state in ('open', 'no_number')
"""
SQL_CALLBACKS_DONE = """
update callback_task t set state = 'done', done_at = $3, done_by = $4
  from attempt a
 where a.id = $1 and t.client_id = a.client_id and t.state in ('open', 'claimed')
   and (t.case_id = $2 or t.number_key = a.number_key)
"""
# Taken back: the agent has it in hand again, unless the number has asked anew.
SQL_CALLBACK_REOPENED = """
update callback_task t set state = 'claimed', done_at = null, done_by = null
 where t.id = $1 and t.state = 'done' and t.done_by = $2 and t.claimed_by = $2
   and not exists (select 1 from callback_task o
                    where o.client_id = t.client_id and o.number_key = t.number_key and o.state in ('open', 'claimed'))
"""
SQL_FILINGS = """
select revision, kind, data::text as data from attempt_event
 where attempt_id = $1 and kind in ('filed', 'recoded', 'undone') order by revision
"""
SQL_FILED_AT = "select outcome_at from attempt where id = $1 and facts ->> 'filed_by' = $2"
SQL_WRAP_UPS = "select id from attempt where agent_id = $1 and wrap_up_open order by coalesce(ended_at, claimed_at), id"
SQL_DRAFT = "select sealed, delivery_id from wrap_up_draft where attempt_id = $1"
SQL_SAVE_DRAFT = """
insert into wrap_up_draft (attempt_id, client_id, delivery_id, sealed, saved_at)
select a.id, a.client_id, $2, $3, $4 from attempt a where a.id = $1 and not a.facts ? 'filed_by'
on conflict (attempt_id) do update
   set sealed = excluded.sealed, delivery_id = excluded.delivery_id, saved_at = excluded.saved_at
"""

_APART = frozenset({Direction.PROOF.value, Direction.OVERFLOW.value})
"""Calls that are about no case: their outcome is kept, and nothing follows from it."""

CALLBACK_ANSWERED = frozenset({"CALL_LATER"})
"""Outcomes that answer a call-back request beside the final ones."""

NOBODY_SPOKE = frozenset(
    {"VOICEMAIL", "CUT_OFF", "THIRD_PARTY", "UNALLOCATED", "NUMBER_CHANGED", "INVALID_NUMBER", "FAX"}
)
"""Outcomes of a dialled call-back request after which it waits again: who asked was not on the line."""


@dataclass(frozen=True, slots=True)
class _Stand:
    """What of an attempt a filing changes."""

    outcome: str | None
    outcome_at: datetime | None
    reached: bool
    flags: list[str]
    facts: Mapping[str, Any]
    wrap_up_open: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "outcome": self.outcome,
            "outcome_at": None if self.outcome_at is None else self.outcome_at.isoformat(),
            "reached": self.reached,
            "flags": self.flags,
            "facts": dict(self.facts),
            "wrap_up_open": self.wrap_up_open,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> _Stand:
        at = data["outcome_at"]
        return cls(
            outcome=data["outcome"],
            outcome_at=None if at is None else datetime.fromisoformat(at),
            reached=data["reached"],
            flags=data["flags"],
            facts=data["facts"],
            wrap_up_open=data["wrap_up_open"],
        )


@store
class PostgresOutcomes:
    """`OutcomeStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool, ids: Ids, catalogues: CatalogueStore, planner: Planner) -> None:
        self._pool = pool
        self._ids = ids
        self._catalogues = catalogues
        self._planner = planner

    async def target(self, attempt: AttemptId) -> FilingTarget:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_TARGET, attempt)
        if row is None:
            raise NotFoundError("no such attempt")
        return FilingTarget(
            attempt=AttemptId(row["id"]),
            direction=row["direction"],
            client=ClientId(row["client_id"]),
            campaign=CampaignId(row["campaign_id"]),
            case=row["case_id"],
            delivery=row["delivery_id"],
            agent=row["agent_id"],
            talked=row["talked"],
            verified=row["verified"],
            catalogue_version=row["catalogue_version"],
            calendar=calendar_of(row["calendar"]),
            plan_ends_at=row["plan_ends_at"],
            phones=[PhoneId(phone) for phone in row["phones"]],
            offers_slots=row["offers_slots"],
            bsn_allowed=row["bsn_allowed"],
            client_key=row["client_key"],
            delivery_key=row["delivery_key"],
        )

    async def attempt_left(self, target: FilingTarget, at: datetime) -> bool:
        """Whether the caps and the numbers of the attempt's case leave one more dial."""
        if target.case is None:
            return True
        async with self._pool.acquire() as connection:
            case = await connection.fetchval(SQL_KEPT_FOR, target.case) or target.case
            found = await cases.load(connection, [case], at, self._catalogues, self._planner)
        return any(attempts_left(history_of(one.facts, one.book), one.book.limits) for one in found)

    async def slot_begins(self, slot: UUID, client: ClientId) -> datetime | None:
        """None: the client has no such time."""
        begins: datetime | None = await self._pool.fetchval(bookings.SQL_SLOT_OF_CLIENT, slot, client)
        return begins

    async def file(self, entry: FilingEntry) -> None:
        """Raises NotFoundError, ConflictError."""
        async with self._pool.acquire() as connection, connection.transaction():
            touched = await self._lock_cases(connection, entry.attempt, whole=_beyond(entry))
            row = await _lock_attempt(connection, entry.attempt)
            facts = {**entry.facts, "filed_by": str(entry.user)}
            before = _stand(row)
            if entry.kind is FilingKind.FILED and "filed_by" in before.facts:
                if not _same(before, entry):
                    raise ConflictError("another outcome was filed already")
                if entry.note is not None and row["direction"] not in _APART:
                    await connection.execute(SQL_NOTE, entry.attempt, entry.note, entry.at)
                return
            if entry.kind is FilingKind.RECODED and before.outcome is None:
                raise ConflictError("there is no outcome to correct")
            apart = row["direction"] in _APART
            reached = entry.reached and not apart
            stand = _Stand(entry.outcome, entry.at, reached, list(entry.flags), facts, wrap_up_open=False)
            data = {"before": before.to_json(), "after": stand.to_json(), "reason": entry.reason}
            await self._write(connection, row, stand, entry.kind.value, data, entry.user, entry.at, entry.wall_at)
            await connection.execute(SQL_DROP_DRAFT, entry.attempt)
            if apart:
                return  # nobody's case and nobody's number: no note, no block, no call-back, no plan
            if entry.note is not None:
                await connection.execute(SQL_NOTE, entry.attempt, entry.note, entry.at)
            if "COMPLAINT" in entry.flags:
                await complaints.noted_by_agent(connection, self._ids.new(), entry.attempt, entry.user, entry.at)
            if entry.slot is not None:
                await bookings.book(connection, self._ids.new(), entry.slot, row, entry.user, entry.at)
                await notices.wanted(connection, entry.attempt, entry.confirm_by, entry.contact, entry.at)
            touched += await self._effects(connection, row, entry)
            touched += await self._call_backs(connection, row, entry)
            await _spoken(connection, row, facts, before.facts)
            await self._replan(connection, row, touched, entry.at)

    async def undo(self, attempt: AttemptId, user: UserId, at: datetime, wall_at: datetime) -> None:
        """Raises NotFoundError, ConflictError."""
        async with self._pool.acquire() as connection, connection.transaction():
            touched = await self._lock_cases(connection, attempt, whole=True)
            row = await _lock_attempt(connection, attempt)
            filing = _latest(await connection.fetch(SQL_FILINGS, attempt))
            if filing is None:
                raise ConflictError("there is nothing to take back")
            revision, before = filing
            await self._write(
                connection, row, before, "undone", {"of": revision, "after": before.to_json()}, user, at, wall_at
            )
            if row["direction"] in _APART:
                return
            await _lift(connection, attempt, at)
            await bookings.take_back(connection, attempt, user, at)
            if row["callback_id"] is not None:
                await connection.execute(SQL_CALLBACK_REOPENED, row["callback_id"], user)
            touched += await self._sharers(connection, row)
            await _spoken(connection, row, json.loads(row["facts"]), before.facts)
            await self._replan(connection, row, touched, at)

    async def filed_at(self, attempt: AttemptId, user: UserId) -> datetime | None:
        """When the outcome that stands was filed, if this user did it."""
        found: datetime | None = await self._pool.fetchval(SQL_FILED_AT, attempt, str(user))
        return found

    async def open_wrap_ups(self, user: UserId) -> Sequence[AttemptId]:
        """Unfinished ones, the oldest first."""
        return [AttemptId(row["id"]) for row in await self._pool.fetch(SQL_WRAP_UPS, user)]

    async def draft(self, attempt: AttemptId) -> tuple[bytes, DeliveryId | None] | None:
        """The sealed draft and the delivery whose key sealed it."""
        row = await self._pool.fetchrow(SQL_DRAFT, attempt)
        return None if row is None else (row["sealed"], row["delivery_id"])

    async def save_draft(self, target: FilingTarget, sealed: bytes, at: datetime) -> None:
        """Raises ConflictError once the outcome is filed."""
        delivery = target.delivery if target.delivery_key is not None else None
        status = await self._pool.execute(SQL_SAVE_DRAFT, target.attempt, delivery, sealed, at)
        if status.endswith(" 0"):
            raise ConflictError("the outcome is filed already")

    async def _lock_cases(self, connection: Connection, attempt: AttemptId, *, whole: bool) -> list[CaseId]:
        """Lock the attempt's case, or (`whole`) every case of its resident; returns the other ones."""
        case = await connection.fetchval(SQL_CASE_OF, attempt)
        if case is None:
            return []
        found = [CaseId(case)]
        if whole:
            found = [CaseId(row["id"]) for row in await connection.fetch(SQL_CASES_OF_RESIDENT, case)]
        if (kept := await connection.fetchval(SQL_KEPT_FOR, case)) is not None:
            found.append(CaseId(kept))
        await cases.lock(connection, found)
        return [other for other in found if other != case]

    async def _write(
        self,
        connection: Connection,
        row: asyncpg.Record,
        stand: _Stand,
        kind: str,
        data: Mapping[str, Any],
        user: UserId,
        at: datetime,
        wall_at: datetime,
    ) -> None:
        revision = row["revision"] + 1
        await connection.execute(
            SQL_ADD_EVENT, row["id"], revision, kind, at, wall_at, f"user:{user}", json.dumps(dict(data))
        )
        await connection.execute(
            SQL_STAND,
            row["id"],
            stand.outcome,
            stand.outcome_at,
            stand.reached,
            stand.flags,
            json.dumps(dict(stand.facts)),
            stand.wrap_up_open,
            revision,
        )

    async def _effects(self, connection: Connection, row: asyncpg.Record, entry: FilingEntry) -> list[CaseId]:
        """What an outcome does beyond its case; returns cases that it touches."""
        touched: list[CaseId] = []
        if entry.kind is FilingKind.RECODED:
            await _lift(connection, entry.attempt, entry.at)
            touched += await self._sharers(connection, row)
        if entry.opts_out and row["case_id"] is not None:
            resident = await connection.fetchrow(SQL_LOCK_RESIDENT, row["case_id"])
            assert resident is not None
            await connection.execute(
                SQL_OPT_OUT, self._ids.new(), resident["client_id"], resident["match_key"], entry.attempt, entry.at
            )
        if entry.blocks_number and row["number_key"] is not None:
            await connection.execute(
                SQL_BLOCK, row["client_id"], row["number_key"], entry.at, entry.attempt, self._ids.new()
            )
            touched += await self._sharers(connection, row)
        return touched

    async def _call_backs(self, connection: Connection, row: asyncpg.Record, entry: FilingEntry) -> list[CaseId]:
        """Close the requests that this outcome answers, or let the one that was dialled wait again; returns cases that
        it held back."""
        final = row["case_id"] is not None and entry.reached
        rung_back = row["callback_id"] is not None and entry.outcome not in NOBODY_SPOKE
        if final or rung_back or entry.outcome in CALLBACK_ANSWERED:
            await connection.execute(SQL_CALLBACKS_DONE, entry.attempt, row["case_id"], entry.at, entry.user)
            return await self._sharers(connection, row) if rung_back else []
        if row["callback_id"] is not None:
            await callback_claims.give_back(connection, row["callback_id"])
        return []

    async def _sharers(self, connection: Connection, row: asyncpg.Record) -> list[CaseId]:
        if row["number_key"] is None:
            return []
        found = await connection.fetch(SQL_SHARE_NUMBER, row["client_id"], row["number_key"])
        return [CaseId(r["id"]) for r in found]

    async def _replan(
        self, connection: Connection, row: asyncpg.Record, others: Sequence[CaseId], at: datetime
    ) -> None:
        """Settle the attempt's case and then, by what it came to, the others, as far as nobody else is at them: a claim
        checks them anyway."""
        own = [] if row["case_id"] is None else [CaseId(row["case_id"])]
        if own and (kept := await connection.fetchval(SQL_KEPT_FOR, own[0])) is not None:
            own.append(CaseId(kept))  # the case that answers for a merged one stands on this attempt too
        more = [case for case in dict.fromkeys(others) if case not in own]
        locked = await connection.fetch(cases.SQL_LOCK_FREE_CASES, more) if more else []
        for wanted, changed in ((own, True), ([CaseId(r["id"]) for r in locked], False)):
            if wanted:
                found = await cases.load(connection, wanted, at, self._catalogues, self._planner)
                await cases.save_all(connection, [cases.settling(one, at, changed=changed) for one in found])


async def _lock_attempt(connection: Connection, attempt: AttemptId) -> asyncpg.Record:
    row: asyncpg.Record | None = await connection.fetchrow(SQL_LOCK, attempt)
    if row is None:
        raise NotFoundError("no such attempt")
    return row


async def _spoken(connection: Connection, row: asyncpg.Record, *facts: Mapping[str, Any]) -> None:
    """Where the filing names a language, or named one before: in which the resident is spoken to from now on."""
    if row["case_id"] is not None and any(INTERPRETER in one.get("answers", {}) for one in facts):
        await connection.execute(SQL_SPOKEN, row["case_id"])


async def _lift(connection: Connection, attempt: AttemptId, at: datetime) -> None:
    """Take back the opt-out and the block that came with this attempt's earlier outcome."""
    await connection.execute(SQL_LIFT_OPT_OUT, attempt, at)
    await connection.execute(SQL_UNBLOCK, attempt, at)


def _stand(row: asyncpg.Record) -> _Stand:
    return _Stand(
        row["outcome"],
        row["outcome_at"],
        row["reached"],
        list(row["flags"]),
        json.loads(row["facts"]),
        row["wrap_up_open"],
    )


def _beyond(entry: FilingEntry) -> bool:
    """Whether the filing tells something of the resident's other cases."""
    ends = entry.reached or entry.outcome in HOLDS_OTHERS
    return entry.opts_out or ends or entry.kind is FilingKind.RECODED


def _same(before: _Stand, entry: FilingEntry) -> bool:
    facts = {key: value for key, value in before.facts.items() if key != "filed_by"}
    return (
        before.outcome == entry.outcome
        and sorted(before.flags) == sorted(entry.flags)
        and facts == json.loads(json.dumps(dict(entry.facts)))
    )


def _latest(rows: Sequence[asyncpg.Record]) -> tuple[int, _Stand] | None:
    """The latest filing or correction that was not taken back yet: its revision, and what stood before it."""
    undone = {json.loads(row["data"])["of"] for row in rows if row["kind"] == "undone"}
    for row in reversed(rows):
        if row["kind"] != "undone" and row["revision"] not in undone:
            return row["revision"], _Stand.from_json(json.loads(row["data"])["before"])
    return None
