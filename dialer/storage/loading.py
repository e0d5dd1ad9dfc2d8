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

# A plan made while the tables are empty would read them from end to end for ever after: the look-ups of a load, and the
# checks of its foreign keys, are to use their indexes from the first batch on. Only in a session of its own.
SQL_USE_INDEXES = "set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off"
SQL_TRY_LOAD = "select pg_try_advisory_lock(hashtextextended('load:' || $1::text, 0))"
SQL_LOCK_CLIENT = "select pg_advisory_lock(hashtextextended('intake:' || $1::text, 0))"
SQL_LOADING = "select state from delivery where id = $1 for share"
# One table and one column of keys each: a plan made on empty tables has no wrong index to choose.
SQL_KNOWN_RESIDENTS = "select id, match_key from resident where client_id = $1 and match_key = any($2::bytea[])"
SQL_KNOWN_CASES = """
select coalesce(k.id, f.id) as id, f.resident_id, f.campaign_id, coalesce(k.state, f.state) as state,
       coalesce(case when k.id is null then f.outcome else k.outcome end, '') as outcome,
       coalesce(case when k.id is null then f.closed_at else k.closed_at end, f.opened_at) as closed_at
  from case_file f left join case_file k on k.id = f.merged_into   -- the case that answers for it
 where f.resident_id = any($1::uuid[])
   and coalesce(k.state, f.state) in ('held','no_number','open','reached','not_reached','closed')
 order by f.resident_id, f.opened_at
"""
SQL_SEALED_RESIDENTS = """
select resident_id from pii.resident where resident_id = any($1::uuid[]) and delivery_id = $2
"""
SQL_KNOWN_OPT_OUTS = """
select match_key from opt_out where client_id = $1 and match_key = any($2::bytea[]) and lifted_at is null
"""
SQL_KNOWN_PHONES = """
select number_key, id, blocked_at is not null and lifted_at is null as blocked
  from phone where client_id = $1 and number_key = any($2::bytea[])
"""
SQL_SEALED_PHONES = "select phone_id from pii.phone where phone_id = any($1::uuid[]) and delivery_id = $2"
SQL_KNOWN_SIGNALS = """
select signal_ref, delivery_id from signal where client_id = $1 and signal_ref = any($2::text[]) and not recalled
"""
SQL_KNOWN_CASE_PHONES = "select case_id, phone_id from case_phone where case_id = any($1::uuid[]) order by position"
SQL_KNOWN_TARGETS = """
select distinct s.client_ref, f.id
  from signal s join case_file f on f.id = s.case_id
 where s.client_id = $1 and s.client_ref = any($3::text[]) and not s.recalled
   and f.campaign_id = $2 and f.state in ('held','no_number','open')
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
        found = {r["match_key"]: r["id"] for r in await connection.fetch(SQL_KNOWN_RESIDENTS, client, match_keys)}
        if found:  # only who is known can have been told apart
            split_keys = [keys.match_keys[key] for key in found]
            split = await connection.fetch(SQL_KNOWN_RESIDENTS, client, split_keys)
            found |= {record["match_key"]: record["id"] for record in split}
            match_keys += split_keys
            residents = await _residents(connection, found, campaign, delivery)
        outs = await connection.fetch(SQL_KNOWN_OPT_OUTS, client, match_keys)
        opted_out = frozenset(record["match_key"] for record in outs)
    phones: dict[bytes, KnownPhone] = {}
    if keys.number_keys:
        rows = await connection.fetch(SQL_KNOWN_PHONES, client, keys.number_keys)
        ids = [row["id"] for row in rows]
        held = {r["phone_id"] for r in await connection.fetch(SQL_SEALED_PHONES, ids, delivery)} if ids else set()
        phones = {
            row["number_key"]: KnownPhone(
                phone=PhoneId(row["id"]), blocked=row["blocked"], in_delivery=row["id"] in held
            )
            for row in rows
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


async def _residents(
    connection: Connection, found: Mapping[bytes, UUID], campaign: UUID, delivery: UUID | None
) -> dict[bytes, KnownResident]:
    ids = list(found.values())
    held = {r["resident_id"] for r in await connection.fetch(SQL_SEALED_RESIDENTS, ids, delivery)}
    live: dict[UUID, asyncpg.Record] = {}
    over: dict[UUID, asyncpg.Record] = {}
    for case in await connection.fetch(SQL_KNOWN_CASES, ids):  # the latest of each sort stays
        if case["state"] in ("reached", "not_reached", "closed"):
            over[case["resident_id"]] = case
        elif case["campaign_id"] == campaign:
            live[case["resident_id"]] = case
    return {
        key: KnownResident(
            resident=ResidentId(resident),
            live_case=CaseId(live[resident]["id"]) if resident in live else None,
            live_state=live[resident]["state"] if resident in live else "",
            earlier=_earlier(over[resident]) if resident in over else None,
            in_delivery=resident in held,
        )
        for key, resident in found.items()
    }


def _earlier(case: asyncpg.Record) -> Earlier:
    return Earlier(outcome=case["outcome"], reached=case["state"] == "reached", closed_at=case["closed_at"])


@store
class PostgresLoad:
    """LoadSession on a connection per lane. The first holds the locks: of the delivery, so that nobody else loads it,
    and of the client, so that two lists do not open two cases for one resident.
    """

    def __init__(
        self, connections: Sequence[Connection], delivery: DeliveryId, client: ClientId, campaign: CampaignId
    ) -> None:
        self._connections = connections
        self._delivery = delivery
        self._client = client
        self._campaign = campaign

    async def apply(self, keys: BatchKeys, plan: Callable[[Known], Changes], lane: int = 0) -> Changes:
        """One batch in one transaction."""
        connection = self._connections[lane]
        for left in reversed(range(_TRIES)):
            try:
                async with connection.transaction():
                    await self._check_loading(connection)
                    known = await look_up(connection, self._client, self._campaign, self._delivery, keys)
                    changes = await asyncio.to_thread(plan, known)
                    await _write(connection, changes)
                return changes
            except (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError):
                # The other lane had the same household's number, or somebody else a new one: look again.
                if not left:
                    raise ConflictError("another writer keeps coming in between") from None
        raise AssertionError("unreachable")

    async def finish(self, counts: Mapping[str, int], *, of_cases: bool = True) -> Mapping[str, int]:
        """The delivery is loaded."""
        connection = self._connections[0]
        async with connection.transaction():
            await self._check_loading(connection)
            settled = dict(counts)
            if of_cases:
                settled |= dict(await connection.fetchrow(SQL_COUNT_CASES, self._delivery) or {})
                settled["residents"] = await connection.fetchval(SQL_COUNT_RESIDENTS, self._delivery)
            await connection.execute(SQL_FINISH, self._delivery, json.dumps(settled))
        return settled

    async def _check_loading(self, connection: Connection) -> None:
        # Shared with a recall's update: either it waits for this batch, or we see that it has been.
        if await connection.fetchval(SQL_LOADING, self._delivery) != "loading":
            raise ConflictError("the delivery was recalled or finished meanwhile")


async def _write(connection: Connection, changes: Changes) -> None:
    async def copy(
        table: str, rows: Sequence[tuple[object, ...]], columns: Sequence[str], schema: str = "public"
    ) -> None:
        if rows:
            await connection.copy_records_to_table(table, records=rows, columns=list(columns), schema_name=schema)

    await copy("resident", changes.residents, NewResident._fields)
    await copy("case_file", changes.cases, NewCase._fields)
    await copy("signal", changes.signals, NewSignal._fields)
    # In one order in every lane, so that two of them wait for one another at most one way round.
    phones = sorted(changes.phones, key=lambda phone: phone.number_key)
    await copy("phone", phones, NewPhone._fields)
    await copy("case_phone", changes.case_phones, NewCasePhone._fields)
    await copy("resident", changes.sealed_residents, ("resident_id", "delivery_id", "sealed"), "pii")
    await copy("phone", changes.sealed_phones, ("phone_id", "delivery_id", "sealed"), "pii")
    await copy("signal", changes.sealed_signals, ("signal_id", "delivery_id", "sealed"), "pii")
    if changes.joined:
        await connection.execute(SQL_JOIN_CASES, *_columns(changes.joined, len(JoinedCase._fields)))
    if changes.refusals:
        await connection.execute(SQL_REFUSE, *_columns(changes.refusals, len(RefusalRow._fields)))
    if changes.sealed_refusals:
        await connection.execute(SQL_REFUSED_ROWS, *_columns(changes.sealed_refusals, len(SealedRefusal._fields)))


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    return [[row[place] for row in rows] for place in range(width)]
