"""Ledger, facts of reports and confirmed exports, compared delivery by delivery in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from dialer.domain.ids import CampaignId, ClientId
from dialer.services.ports.tallies import Difference, Told
from dialer.storage.billing import CALLABLE, STANDS
from dialer.storage.pool import store

# The newest version of each fact against the row that it is of. `is distinct from` over a full join finds what is
# missing on either side too. $1: deliveries received since.
SQL_COMPARE = f"""
with d as materialized (
  select id from delivery where kind = 'list' and received_at >= $1
), f as materialized (
  select c.id, c.delivery_id, c.state, c.outcome, c.result_version from case_file c join d on d.id = c.delivery_id
), told_cases as (
  select distinct on (t.case_id) t.case_id, t.delivery_id, t.sign, t.state, t.outcome
    from report_case t
   where t.case_id in (select id from f)
      or (t.delivery_id in (select id from d) and not exists (select 1 from case_file c where c.id = t.case_id))
   order by t.case_id, t.id desc
), a as materialized (
  select a.id, f.delivery_id, a.outcome, a.reached, a.counted, a.abandoned
    from attempt a join f on f.id = a.case_id where not a.live and a.direction <> 'proof'
), told_calls as (
  select distinct on (t.attempt_id) t.attempt_id, t.sign, t.outcome, t.reached, t.counted, t.abandoned
    from report_attempt t where t.attempt_id in (select id from a) order by t.attempt_id, t.id desc
), b as (
  select b.id, f.delivery_id, b.state from booking b join f on f.id = b.case_id
), told_bookings as (
  select distinct on (t.booking_id) t.booking_id, t.sign, t.state
    from report_booking t where t.booking_id in (select id from b) order by t.booking_id, t.id desc
), sent as (
  select distinct on (e.signal_id) e.signal_id, e.case_id, e.result_version, e.facts ->> 'outcome' as outcome
    from export_line e join export_run r on r.id = e.export_id join signal s on s.id = e.signal_id
   where r.confirmed_at is not null and s.delivery_id in (select id from d)
   order by e.signal_id, r.created_at desc, r.id desc
)
select coalesce(f.delivery_id, t.delivery_id) as delivery, 'cases' as told, count(*) as records
  from f full join (select * from told_cases where sign > 0) t on t.case_id = f.id
 where (f.id, f.delivery_id, f.state, f.outcome) is distinct from (t.case_id, t.delivery_id, t.state, t.outcome)
 group by 1
union all
select a.delivery_id, 'calls', count(*)
  from a left join told_calls t on t.attempt_id = a.id and t.sign > 0
 where (a.id, a.outcome, a.reached, a.counted, a.abandoned)
       is distinct from (t.attempt_id, t.outcome, t.reached, t.counted, t.abandoned)
 group by 1
union all
select b.delivery_id, 'appointments', count(*)
  from b left join told_bookings t on t.booking_id = b.id and t.sign > 0
 where (b.id, b.state) is distinct from (t.booking_id, t.state)
 group by 1
union all
select f.delivery_id, 'export', count(*)
  from sent e join f on f.id = e.case_id
 where e.result_version > f.result_version
    or (e.result_version = f.result_version and e.outcome is distinct from f.outcome)
 group by 1
union all
-- Called before its month was closed, and on no bill; or no longer callable before the last close, and not taken back.
select f.delivery_id, 'bill', count(*)
  from case_file f join d on d.id = f.delivery_id
  join lateral (select max(b.at) as at, max(b.month) as month from bill b
                 where b.client_id = f.client_id and b.credits is null) z on z.at is not null
 where ({CALLABLE} and {STANDS} = 0
        and f.opened_at < (z.month + interval '1 month') at time zone 'Europe/Amsterdam'
        and exists (select 1 from attempt a where a.case_id = f.id and a.counted and a.claimed_at < z.at))
    or ({STANDS} = 1 and not ({CALLABLE})
        and coalesce((select r.recalled_at from delivery r where r.id = f.delivery_id),
                     (select a.outcome_at from attempt a where a.id = f.outcome_attempt), f.closed_at) < z.at)
 group by 1
"""  # noqa: S608 - constant pieces of our own
SQL_FOUND = """
insert into report_difference as r (delivery_id, told, records, at)
select n.delivery, n.told, n.records, $4
  from unnest($1::uuid[], $2::text[], $3::bigint[]) as n (delivery, told, records)
on conflict (delivery_id, told) where gone_at is null do update set records = excluded.records
"""
SQL_GONE = """
update report_difference r set gone_at = $3
 where r.gone_at is null
   and not exists (select 1 from unnest($1::uuid[], $2::text[]) as n (delivery, told)
                    where n.delivery = r.delivery_id and n.told = r.told)
"""
SQL_TALLIED = "insert into report_tally (at, differences) values ($1, $2)"
SQL_LAST_TALLY = "select max(at) from report_tally"
SQL_OPEN_DIFFERENCES = """
select d.client_id, d.campaign_id, g.name, r.delivery_id, d.received_at, r.told, r.records, r.at
  from report_difference r join delivery d on d.id = r.delivery_id join campaign g on g.id = d.campaign_id
 where r.gone_at is null and ($1::uuid is null or d.client_id = $1)
 order by r.at, r.delivery_id, r.told
"""
_SECONDS = 300.0


@store
class PgTallies:
    """`TallyStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def compare(self, since: datetime, at: datetime) -> int:
        """See TallyStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(SQL_COMPARE, since, timeout=_SECONDS)
            deliveries, told = [row["delivery"] for row in rows], [row["told"] for row in rows]
            await connection.execute(SQL_FOUND, deliveries, told, [row["records"] for row in rows], at)
            await connection.execute(SQL_GONE, deliveries, told, at)
            await connection.execute(SQL_TALLIED, at, len(rows))
            return len(rows)

    async def last(self) -> datetime | None:
        """See TallyStore."""
        last: datetime | None = await self._pool.fetchval(SQL_LAST_TALLY)
        return last

    async def open(self, client: ClientId | None) -> Sequence[Difference]:
        """See TallyStore."""
        return [
            Difference(
                client=ClientId(row["client_id"]),
                campaign=CampaignId(row["campaign_id"]),
                campaign_name=row["name"],
                delivery=row["delivery_id"],
                received_at=row["received_at"],
                told=Told(row["told"]),
                records=row["records"],
                at=row["at"],
            )
            for row in await self._pool.fetch(SQL_OPEN_DIFFERENCES, client)
        ]
