"""Data whose term is over, in PostgreSQL: which deliveries, and their end."""

# ruff: noqa: S608 - every piece is a constant of this file
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import asyncpg

from dialer.domain.complaint import OPEN
from dialer.domain.ids import CampaignId, ClientId, DeliveryId
from dialer.domain.retention import Standing, is_over
from dialer.services.ports.retention import Kept, Terms
from dialer.storage.audit import record_audit
from dialer.storage.connection import Connection
from dialer.storage.pool import store
from dialer.storage.recall import SQL_DELETE_BOXES

SQL_TERMS = "select id, name, settings::text as settings from client order by name, id"

# Every case that a delivery brought something to. Handed over: this very version of the result, by whichever way.
# $1 client, $2 delivery (null: all), $3 received until, $4 now, $5 states of a complaint without an answer.
SQL_KEPT = """
with d as (
  select d.id, d.client_id, d.campaign_id, d.kind, d.received_at from delivery d
   where d.state = 'loaded' and d.expired_at is null and d.wrapped_key is not null
     and ($1::uuid is null or d.client_id = $1) and ($2::uuid is null or d.id = $2) and d.received_at <= $3
), c as (
  select d.id as delivery_id, s.case_id from d join signal s on s.delivery_id = d.id and not s.recalled
  union select d.id, f.id from d join case_file f on f.delivery_id = d.id
  union select d.id, p.case_id from d join case_phone p on p.delivery_id = d.id where d.kind = 'numbers'
), stands as (
  select c.delivery_id,
         f.state in ('open', 'no_number') or (f.state = 'held' and f.plan_ends_at > $4)
           or exists (select 1 from attempt a where a.case_id = f.id and (a.live or a.wrap_up_open)) as is_open,
         untold.at is not null and untold.at > $4 - d_client.patience as not_told,
         untold.at is not null and untold.at <= $4 - d_client.patience as never_told,
         (select count(*) from complaint k where k.case_id = f.id and k.state = any($5::text[])) as complaints,
         greatest(f.closed_at, case when f.state = 'held' then f.plan_ends_at end, told.at,
                  (select max(k.changed_at) from complaint k where k.case_id = f.id),
                  (select q.changed_at from question q where q.case_id = f.id),
                  (select max(t.starts_at) from booking b join slot t on t.id = b.slot_id
                    where b.case_id = f.id and b.state not in ('moved', 'cancelled'))) as last_at
    from c
    join case_file f on f.id = c.case_id
    cross join lateral (
      select make_interval(days => coalesce((l.settings ->> 'unreceipted_days')::int, 365)) as patience
        from client l where l.id = f.client_id) d_client
    cross join lateral (
      select greatest(
        (select max(r.confirmed_at) from signal s join export_line e on e.signal_id = s.id
           join export_run r on r.id = e.export_id
          where s.case_id = f.id and e.case_id = f.id and e.result_version = f.result_version),
        (select max(m.done_at) from outbox_message m
          where m.case_id = f.id and m.result_version = f.result_version and m.state = 'confirmed'),
        (select u.done_at from follow_up u where u.case_id = f.id)) as at) told
    cross join lateral (
      select case when f.result_version > 0 and f.state in ('reached', 'not_reached', 'closed') and told.at is null
             then f.closed_at end as at) untold
)
select d.id, d.client_id, d.campaign_id, g.name as campaign_name, d.kind, d.received_at,
       count(*) filter (where s.is_open) as open_cases,
       count(*) filter (where s.not_told) as not_handed_over,
       count(*) filter (where s.never_told) as never_receipted,
       coalesce(sum(s.complaints), 0)::int as open_complaints,
       max(s.last_at) as last_at
  from d join campaign g on g.id = d.campaign_id left join stands s on s.delivery_id = d.id
 group by d.id, d.client_id, d.campaign_id, g.name, d.kind, d.received_at
 order by d.received_at, d.id
"""
SQL_LOCK_DELIVERY = "select client_id from delivery where id = $1 and wrapped_key is not null for update"
SQL_EXPIRE = "update delivery set wrapped_key = null, expired_at = $2 where id = $1"
SQL_EXPIRED_UNFINISHED = (
    "select id from delivery where expired_at is not null and not counts ? 'expired_boxes' order by id"
)
SQL_CLOSE_EXPIRED_PHONES = """
update case_phone cp set state = 'closed', closed_reason = 'delivery_expired', closed_at = $2
 where cp.delivery_id = $1 and cp.state = 'open'
   and not exists (select from pii.phone p join delivery d on d.id = p.delivery_id
                    where p.phone_id = cp.phone_id and d.id <> $1 and d.wrapped_key is not null)
"""
SQL_EMPTY_BOXES = {
    "export_line": "update export_line set sealed = null where delivery_id = $1 and sealed is not null",
    "outbox_message": "update outbox_message set sealed = null where delivery_id = $1 and sealed is not null",
}
SQL_CLEARED = """
update delivery set counts = counts || jsonb_build_object('expired_boxes', $2::int)
 where id = $1 and not counts ? 'expired_boxes' returning client_id
"""

# Sealed with the client's own key, of callers without a case, and numbers of call-back requests. $1 client, $2 until.
_LOOSE = {
    "pii.note": "client_id = $1 and delivery_id is null and updated_at <= $2",
    "wrap_up_draft": "client_id = $1 and delivery_id is null and saved_at <= $2",
    "pii.complaint_text": "delivery_id is null and complaint_id in (select k.id from complaint k "
    "where k.client_id = $1 and k.state in ('answered', 'withdrawn') and k.changed_at <= $2)",
    "pii.coaching_text": "delivery_id is null and coaching_id in (select k.id from coaching k "
    "join review r on r.id = k.review_id join sample s on s.id = r.sample_id "
    "where s.client_id = $1 and k.changed_at <= $2)",
    "survey": "client_id = $1 and asked_at <= $2",
}
SQL_LOOSE_GONE = {table: f"delete from {table} where {rule}" for table, rule in _LOOSE.items()}
SQL_LOOSE_DUE = {table: f"select count(*) from {table} where {rule}" for table, rule in _LOOSE.items()}
_CALL_BACKS = """
callback_task where client_id = $1 and coalesce(done_at, requested_at) <= $2 and (sealed_number <> '' or note <> '')
"""
SQL_CALL_BACKS_DUE = f"select count(*) from {_CALL_BACKS}"
SQL_CALL_BACKS_GONE = f"""
update callback_task
   set sealed_number = '', note = '', state = case when state in ('open', 'claimed') then 'cancelled' else state end
 where id in (select id from {_CALL_BACKS})
"""
_RECORDINGS = """
recording r where r.client_id = $1 and (r.agreed_at <= $2 or (r.state = 'kept' and not exists
  (select from pii.recording_piece p where p.attempt_id = r.attempt_id)))
"""
SQL_RECORDINGS_DUE = f"select count(*) from {_RECORDINGS}"
SQL_RECORDINGS_GONE = f"delete from {_RECORDINGS}"
SQL_BOOKS_BEFORE = "select set_config('dialer.books_before', $1, true)"
_REFERENCES = "client_id = $1 and day < $2 and (client_ref <> '' or signal_refs <> '{}')"
SQL_REFERENCES_DUE = f"select count(*) from bill_line where {_REFERENCES}"
SQL_REFERENCES_GONE = f"update bill_line set client_ref = '', signal_refs = '{{}}' where {_REFERENCES}"
_SECONDS = 300.0


@store
class PgRetention:
    """`RetentionStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def clients(self) -> Sequence[Terms]:
        """See RetentionStore."""
        return [
            Terms(client=ClientId(row["id"]), name=row["name"], settings=json.loads(row["settings"]))
            for row in await self._pool.fetch(SQL_TERMS)
        ]

    async def kept(self, client: ClientId, received_until: datetime, at: datetime) -> Sequence[Kept]:
        """See RetentionStore."""
        rows = await self._pool.fetch(SQL_KEPT, client, None, received_until, at, sorted(OPEN), timeout=_SECONDS)
        return [_kept(row) for row in rows]

    async def expire(self, delivery: DeliveryId, days: int | None, at: datetime, actor: str) -> bool:
        """See RetentionStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            client = await connection.fetchval(SQL_LOCK_DELIVERY, delivery)
            if client is None:
                return False
            detail: dict[str, object] = {"days": days}
            if days is not None:
                row = await connection.fetchrow(SQL_KEPT, client, delivery, at, at, sorted(OPEN), timeout=_SECONDS)
                if row is None or not is_over(_kept(row).standing, days, at):
                    return False
                if row["never_receipted"]:
                    detail["never_receipted"] = row["never_receipted"]
            await connection.execute(SQL_EXPIRE, delivery, at)
            await _audit(connection, at, actor, "delivery.expire", delivery, client, detail)
        return True

    async def expired_unfinished(self) -> Sequence[DeliveryId]:
        """See RetentionStore."""
        return [DeliveryId(row["id"]) for row in await self._pool.fetch(SQL_EXPIRED_UNFINISHED)]

    async def clear(self, delivery: DeliveryId, at: datetime, actor: str) -> Mapping[str, int]:
        """See RetentionStore. A statement at a time: none of it can be read any more."""
        gone = {}
        async with self._pool.acquire() as connection:
            await connection.execute(SQL_CLOSE_EXPIRED_PHONES, delivery, at, timeout=_SECONDS)
            for statement in SQL_DELETE_BOXES:
                table = statement.split()[2]
                gone[table] = _count(await connection.execute(statement, delivery, timeout=_SECONDS))
            for table, statement in SQL_EMPTY_BOXES.items():
                gone[table] = _count(await connection.execute(statement, delivery, timeout=_SECONDS))
            async with connection.transaction():
                client = await connection.fetchval(SQL_CLEARED, delivery, sum(gone.values()))
                if client is not None:
                    detail = {table: count for table, count in gone.items() if count}
                    await _audit(connection, at, actor, "delivery.expired", delivery, client, detail)
        return gone

    async def loose(self, client: ClientId, until: datetime, *, dry: bool) -> Mapping[str, int]:
        """See RetentionStore. One transaction."""
        if dry:
            due = {table: await self._pool.fetchval(sql, client, until) for table, sql in SQL_LOOSE_DUE.items()}
            return due | {"callback_task": await self._pool.fetchval(SQL_CALL_BACKS_DUE, client, until)}
        async with self._pool.acquire() as connection, connection.transaction():
            gone = {
                table: _count(await connection.execute(sql, client, until)) for table, sql in SQL_LOOSE_GONE.items()
            }
            return gone | {"callback_task": _count(await connection.execute(SQL_CALL_BACKS_GONE, client, until))}

    async def recordings(self, client: ClientId, until: datetime, *, dry: bool) -> int:
        """See RetentionStore. Their pieces go with them."""
        if dry:
            return int(await self._pool.fetchval(SQL_RECORDINGS_DUE, client, until))
        return _count(await self._pool.execute(SQL_RECORDINGS_GONE, client, until, timeout=_SECONDS))

    async def references(self, client: ClientId, until: date, *, dry: bool) -> int:
        """See RetentionStore."""
        if dry:
            return int(await self._pool.fetchval(SQL_REFERENCES_DUE, client, until))
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL_BOOKS_BEFORE, until.isoformat())
            return _count(await connection.execute(SQL_REFERENCES_GONE, client, until))


async def _audit(
    connection: Connection,
    at: datetime,
    actor: str,
    action: str,
    delivery: DeliveryId,
    client: ClientId,
    detail: Mapping[str, object],
) -> None:
    await record_audit(connection, at, actor, action, "delivery", delivery, client, detail)


def _count(status: str) -> int:
    return int(status.split()[-1])


def _kept(row: asyncpg.Record) -> Kept:
    return Kept(
        delivery=DeliveryId(row["id"]),
        client=ClientId(row["client_id"]),
        campaign=CampaignId(row["campaign_id"]),
        campaign_name=row["campaign_name"],
        kind=row["kind"],
        standing=Standing(
            received_at=row["received_at"],
            open_cases=row["open_cases"],
            not_handed_over=row["not_handed_over"],
            never_receipted=row["never_receipted"],
            open_complaints=row["open_complaints"],
            last_at=row["last_at"],
        ),
    )
