"""Writing a delivery, batch by batch. Each batch is one transaction; a load that was cut off goes on where it stopped.

Batches, not one long transaction: a hundred thousand rows would lock the cases that they join for seconds, while
agents file outcomes on them. Nothing of a delivery is dialled before it is `loaded`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from dialer.domain.errors import ConflictError
from dialer.domain.ids import CampaignId, CaseId, ClientId, DeliveryId, PhoneId, ResidentId
from dialer.domain.opening import Earlier
from dialer.services.ports.intake_rows import (
    BatchKeys,
    Changes,
    JoinedCase,
    Known,
    KnownPhone,
    KnownResident,
    NewCase,
    NewCasePhone,
    NewPhone,
    NewResident,
    NewSignal,
    RefusalRow,
    SealedRefusal,
)
from dialer.storage.pool import store

_TRIES = 3

SQL_LOCK_CLIENT = "select pg_advisory_xact_lock(hashtextextended('intake:' || $1::text, 0))"
SQL_LOADING = "select state from delivery where id = $1 for share"
SQL_KNOWN_RESIDENTS = """
select r.match_key, r.id, live.id as live_id, live.state as live_state,
       last.outcome, last.state as last_state, coalesce(last.closed_at, last.opened_at) as closed_at,
       exists (select from pii.resident p where p.resident_id = r.id and p.delivery_id = $4) as in_delivery
  from unnest($3::bytea[]) as asked (match_key)
  join resident r on r.client_id = $1 and r.match_key = asked.match_key
  left join case_file live on live.campaign_id = $2 and live.resident_id = r.id
                          and live.state in ('held','no_number','open')
  left join lateral (
    select f.outcome, f.state, f.closed_at, f.opened_at from case_file f
     where f.resident_id = r.id and f.state in ('reached','not_reached','closed')
     order by f.opened_at desc limit 1) last on true
"""
SQL_KNOWN_OPT_OUTS = """
select match_key from opt_out where client_id = $1 and match_key = any($2::bytea[]) and lifted_at is null
"""
SQL_KNOWN_PHONES = """
select h.number_key, h.id, h.blocked_at is not null and h.lifted_at is null as blocked,
       exists (select from pii.phone p where p.phone_id = h.id and p.delivery_id = $3) as in_delivery
  from unnest($2::bytea[]) as asked (number_key)
  join phone h on h.client_id = $1 and h.number_key = asked.number_key
"""
SQL_KNOWN_SIGNALS = """
select s.signal_ref, s.delivery_id
  from unnest($2::text[]) as asked (signal_ref)
  join signal s on s.client_id = $1 and s.signal_ref = asked.signal_ref and not s.recalled
"""
SQL_KNOWN_CASE_PHONES = "select case_id, phone_id from case_phone where case_id = any($1::uuid[]) order by position"
SQL_KNOWN_TARGETS = """
select distinct s.client_ref, f.id
  from unnest($3::text[]) as asked (client_ref)
  join signal s on s.client_id = $1 and s.client_ref = asked.client_ref and not s.recalled
  join case_file f on f.id = s.case_id and f.campaign_id = $2 and f.state in ('held','no_number','open')
"""
SQL_JOIN_CASES = """
update case_file f
   set crisis = f.crisis or j.crisis,
       priority = least(f.priority, j.priority),
       term_ends_at = least(f.term_ends_at, j.term_ends_at),
       plan_ends_at = least(f.plan_ends_at, j.plan_ends_at),
       state = case when f.state = 'no_number' and j.callable then 'open' else f.state end,
       next_at = case when f.state = 'no_number' and j.callable then j.at
                      when f.state = 'open' and j.crisis and not f.crisis and f.next_at > j.at then j.at
                      else f.next_at end
  from unnest($1::uuid[], $2::boolean[], $3::int[], $4::timestamptz[], $5::timestamptz[], $6::boolean[],
              $7::timestamptz[]) as j (case_id, crisis, priority, term_ends_at, plan_ends_at, callable, at)
 where f.id = j.case_id and f.state in ('held','no_number','open')
"""
SQL_REFUSE = """
insert into delivery_refusal (delivery_id, row_number, column_name, reason, fatal)
select * from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::boolean[]) on conflict do nothing
"""
SQL_REFUSED_ROWS = """
insert into pii.refused_row (delivery_id, row_number, sealed)
select * from unnest($1::uuid[], $2::int[], $3::bytea[]) on conflict do nothing
"""
SQL_FINISH = "update delivery set state = 'loaded', counts = $2::text::jsonb where id = $1 and state = 'loading'"
# Counted, not added up: a load that was cut off and went on would have forgotten its first half.
SQL_COUNT_CASES = """
select count(*) as cases, count(*) filter (where state = 'open') as open, count(*) filter (where crisis) as crisis,
       count(*) filter (where state = 'no_number') as no_number, count(*) filter (where state = 'held') as held
  from case_file where delivery_id = $1
"""
SQL_COUNT_RESIDENTS = "select count(distinct case_id) from signal where delivery_id = $1 and not recalled"

Connection = asyncpg.Connection | PoolConnectionProxy


async def look_up(
    connection: Connection, client: UUID, campaign: UUID, delivery: UUID | None, keys: BatchKeys
) -> Known:
    """Everything that the batch can meet."""
    residents: dict[bytes, KnownResident] = {}
    opted_out: frozenset[bytes] = frozenset()
    if keys.match_keys:
        match_keys = list(keys.match_keys)
        rows = await connection.fetch(SQL_KNOWN_RESIDENTS, client, campaign, match_keys, delivery)
        residents = {row["match_key"]: _resident(row) for row in rows}
        if residents:  # only who is known can have been told apart
            split_keys = [keys.match_keys[key] for key in residents]
            rows = await connection.fetch(SQL_KNOWN_RESIDENTS, client, campaign, split_keys, delivery)
            residents |= {row["match_key"]: _resident(row) for row in rows}
            match_keys += split_keys
        outs = await connection.fetch(SQL_KNOWN_OPT_OUTS, client, match_keys)
        opted_out = frozenset(row["match_key"] for row in outs)
    phones = {}
    if keys.number_keys:
        phones = {
            row["number_key"]: KnownPhone(
                phone=PhoneId(row["id"]), blocked=row["blocked"], in_delivery=row["in_delivery"]
            )
            for row in await connection.fetch(SQL_KNOWN_PHONES, client, keys.number_keys, delivery)
        }
    signals = {}
    if keys.signal_refs:
        rows = await connection.fetch(SQL_KNOWN_SIGNALS, client, keys.signal_refs)
        signals = {row["signal_ref"]: DeliveryId(row["delivery_id"]) for row in rows}
    targets: dict[str, list[CaseId]] = {}
    if keys.client_refs:
        for row in await connection.fetch(SQL_KNOWN_TARGETS, client, campaign, keys.client_refs):
            targets.setdefault(row["client_ref"], []).append(CaseId(row["id"]))
    cases = [known.live_case for known in residents.values() if known.live_case is not None]
    cases += [case for found in targets.values() for case in found]
    case_phones: dict[CaseId, list[PhoneId]] = {}
    if cases:
        for row in await connection.fetch(SQL_KNOWN_CASE_PHONES, cases):
            case_phones.setdefault(CaseId(row["case_id"]), []).append(PhoneId(row["phone_id"]))
    return Known(
        residents=residents,
        opted_out=opted_out,
        phones=phones,
        signals=signals,
        case_phones=case_phones,
        targets=targets,
    )


def _resident(row: asyncpg.Record) -> KnownResident:
    earlier = None
    if row["last_state"] is not None:
        earlier = Earlier(
            outcome=row["outcome"] or "", reached=row["last_state"] == "reached", closed_at=row["closed_at"]
        )
    return KnownResident(
        resident=ResidentId(row["id"]),
        live_case=CaseId(row["live_id"]) if row["live_id"] is not None else None,
        live_state=row["live_state"] or "",
        earlier=earlier,
        in_delivery=row["in_delivery"],
    )


@store
class PostgresLoad:
    """LoadSession on one connection, which holds the delivery's advisory lock."""

    def __init__(self, connection: Connection, delivery: DeliveryId, client: ClientId, campaign: CampaignId) -> None:
        self._connection = connection
        self._delivery = delivery
        self._client = client
        self._campaign = campaign

    async def apply(self, keys: BatchKeys, plan: Callable[[Known], Changes]) -> Changes:
        """One batch in one transaction."""
        for left in reversed(range(_TRIES)):
            try:
                async with self._connection.transaction():
                    await self._connection.execute(SQL_LOCK_CLIENT, str(self._client))
                    await self._check_loading()
                    known = await look_up(self._connection, self._client, self._campaign, self._delivery, keys)
                    changes = await asyncio.to_thread(plan, known)
                    await self._write(changes)
                return changes
            except asyncpg.UniqueViolationError:
                # Not every writer takes the client's lock (a number said by a caller, say): look again.
                if not left:
                    raise ConflictError("another writer keeps coming in between") from None
        raise AssertionError("unreachable")

    async def finish(self, counts: Mapping[str, int]) -> Mapping[str, int]:
        """The delivery is loaded."""
        async with self._connection.transaction():
            await self._check_loading()
            cases = dict(await self._connection.fetchrow(SQL_COUNT_CASES, self._delivery) or {})
            residents = await self._connection.fetchval(SQL_COUNT_RESIDENTS, self._delivery)
            settled = {**counts, **cases, "residents": residents}
            await self._connection.execute(SQL_FINISH, self._delivery, json.dumps(settled))
        return settled

    async def _check_loading(self) -> None:
        # Shared with a recall's update: either it waits for this batch, or we see that it has been.
        if await self._connection.fetchval(SQL_LOADING, self._delivery) != "loading":
            raise ConflictError("the delivery was recalled or finished meanwhile")

    async def _write(self, changes: Changes) -> None:
        copy = self._copy
        await copy("resident", changes.residents, NewResident._fields)
        await copy("case_file", changes.cases, NewCase._fields)
        await copy("signal", changes.signals, NewSignal._fields)
        await copy("phone", changes.phones, NewPhone._fields)
        await copy("case_phone", changes.case_phones, NewCasePhone._fields)
        await copy("resident", changes.sealed_residents, ("resident_id", "delivery_id", "sealed"), "pii")
        await copy("phone", changes.sealed_phones, ("phone_id", "delivery_id", "sealed"), "pii")
        await copy("signal", changes.sealed_signals, ("signal_id", "delivery_id", "sealed"), "pii")
        if changes.joined:
            await self._connection.execute(SQL_JOIN_CASES, *_columns(changes.joined, len(JoinedCase._fields)))
        if changes.refusals:
            await self._connection.execute(SQL_REFUSE, *_columns(changes.refusals, len(RefusalRow._fields)))
        if changes.sealed_refusals:
            columns = _columns(changes.sealed_refusals, len(SealedRefusal._fields))
            await self._connection.execute(SQL_REFUSED_ROWS, *columns)

    async def _copy(
        self, table: str, rows: Sequence[tuple[object, ...]], columns: Sequence[str], schema: str = "public"
    ) -> None:
        if rows:
            await self._connection.copy_records_to_table(table, records=rows, columns=list(columns), schema_name=schema)


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    return [[row[place] for row in rows] for place in range(width)]
