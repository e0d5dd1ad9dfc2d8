"""Reports counted from facts that are only added to (`report_case`, `report_mark`, `report_attempt`).

A report keeps the snapshot of its first time. Counted again it sees the facts that were visible in it, so its figures
are the same whatever was corrected, recalled or told late since.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

import asyncpg

from dialer.domain.campaign_settings import CAMPAIGN_NUMBERS
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import CampaignId, CaseId, ClientId, UserId
from dialer.domain.reports.definitions import ACCEPTED, DECLINED, GONE, HAD_HELP
from dialer.domain.reports.operations import Agreement
from dialer.domain.reports.reach import Dimension, ReachTables, Row
from dialer.schedule.windows import at_local
from dialer.services.ports.reports import (
    Adjustment,
    Asked,
    Expectation,
    Record,
    Run,
    Slice,
    expectation_json,
    expectation_of,
)
from dialer.storage.connection import Connection
from dialer.storage.pool import store
from dialer.storage.reading import Readings

# Facts of a later transaction than the next one to come: they were written in another cluster.
SQL_NEW_ERA = """
insert into report_era (id)
select e.id + 1 from (select id, xid from report_era order by id desc limit 1) e
 where e.xid > pg_current_xact_id()
    or exists (select 1 from (select era, xid from report_case order by id desc limit 1) f
                where f.era = e.id and f.xid > pg_current_xact_id())
    or exists (select 1 from (select era, xid from report_mark order by id desc limit 1) f
                where f.era = e.id and f.xid > pg_current_xact_id())
    or exists (select 1 from (select era, xid from report_attempt order by id desc limit 1) f
                where f.era = e.id and f.xid > pg_current_xact_id())
    or exists (select 1 from (select era, xid from report_booking order by id desc limit 1) f
                where f.era = e.id and f.xid > pg_current_xact_id())
    or exists (select 1 from (select era, xid from agent_event order by id desc limit 1) f
                where f.era = e.id and f.xid > pg_current_xact_id())
    or exists (select 1 from (select era, snapshot from report_run order by id desc limit 1) r
                where r.era = e.id and pg_snapshot_xmax(r.snapshot) > pg_current_xact_id())
returning id
"""
SQL_ASK = """
insert into report_run (id, client_id, campaign_id, definitions, operations, first_day, last_day, at, era, expected,
                        agreed, made_by, schedule_id)
select $1, $2, $3, $4, $5, $6, $7, $8, newest_report_era(), $9::text::jsonb,
       coalesce((select jsonb_object_agg(k.kpi, jsonb_build_object('target', k.target, 'band', k.band))
                   from client_kpi k where k.client_id = $2), '{}'), $10, $11
"""
SQL_SUBJECT = """
select l.id from client l
 where l.id = $1 and ($2::uuid is null or exists (select 1 from campaign g where g.id = $2 and g.client_id = l.id))
"""
_RUN = """
select r.id, r.client_id, r.campaign_id, r.definitions, r.operations, r.first_day, r.last_day, r.at, r.made_by,
       r.schedule_id is not null as automatic, r.expected::text as expected, r.agreed::text as agreed,
       l.name as client_name, coalesce(g.name, '') as campaign_name
  from report_run r join client l on l.id = r.client_id left join campaign g on g.id = r.campaign_id
"""
SQL_RUN_OF = _RUN + " where r.id = $1"
SQL_RUNS_OF = (
    _RUN
    + """
 where ($1::uuid is null or r.client_id = $1) and ($2::uuid is null or r.id < $2) order by r.id desc limit $3
"""
)
SQL_ASKED = """
select client_id, campaign_id, first_day, last_day, era, snapshot::text as snapshot from report_run where id = $1
"""
# $1 client, $2 campaign or null, $3 and $4 from and until, $5 era, $6 snapshot, $7 accepted, $8 had help, $9 declined,
# $10 gone. Versions of a case come in the order of their ids: each locks its case.
SEEN = "(t.era < $5 or (t.era = $5 and pg_visible_in_snapshot(t.xid, $6::text::pg_snapshot)))"


def cases_seen(gone: str, *, since: str = "$3", margin: str = "") -> str:
    """The cases that a report counts, as `cases`.

    `gone`: the argument that holds these outcomes; `since`: from when on cases count; `margin`: how much earlier their
    calls are looked for, so that several periods counted together find those that each alone would.
    """
    return f"""
with versions as (
  select t.case_id, (array_agg(t.delivery_id order by t.id desc) filter (where t.sign > 0))[1] as delivery_id,
         min(t.opened_at) as opened_at,
         (array_agg(t.state order by t.id desc) filter (where t.sign > 0))[1] as state,
         (array_agg(t.outcome order by t.id desc) filter (where t.sign > 0))[1] as outcome,
         bool_or(t.state in ('open', 'reached', 'not_reached')) as was_open,
         coalesce((array_agg(t.state order by t.id desc) filter (where t.sign > 0 and t.state <> 'not_reached'))[1]
                  = 'no_number', false) as numberless
    from report_case t
   where t.client_id = $1 and ($2::uuid is null or t.campaign_id = $2) and t.opened_at >= {since} and t.opened_at < $4
     and {SEEN}
   group by t.case_id having sum(t.sign) > 0
), calls as (
  select t.case_id, t.attempt_id, bool_or(t.counted) as counted, bool_or(t.reached) as reached,
         max(coalesce(t.joined_at, t.at)) filter (where t.reached and t.sign > 0) as reached_at
    from report_attempt t
   where t.client_id = $1 and ($2::uuid is null or t.campaign_id = $2) and t.at >= {since}{margin}
     and t.case_id is not null and (t.counted or t.reached) and {SEEN}
   group by t.case_id, t.attempt_id, t.counted, t.reached having sum(t.sign) > 0
), talks as (
  select c.case_id, bool_or(c.counted) as dialled, bool_or(c.reached) as reached, min(c.reached_at) as reached_at
    from calls c group by c.case_id
), cases as materialized (
  select v.case_id, v.delivery_id, v.opened_at, v.state, v.outcome, k.reached_at,
         y.callable,
         y.callable and not v.numberless and v.state <> 'withdrawn' and coalesce(v.outcome <> all({gone}), true) as net,
         y.callable and coalesce(k.reached, false) as reached
    from versions v
    left join talks k on k.case_id = v.case_id
    cross join lateral (
      select v.was_open and v.outcome is distinct from 'NOT_CALLABLE'
             and not (v.state = 'withdrawn' and not coalesce(k.dialled, false)) as callable) y
   where v.state not in ('merged', 'recalled')
)
"""  # noqa: S608 - constant pieces of this file


_CASES = cases_seen("$10")
_MARKS = f"""
, marks as (
  select t.case_id, t.dimension, t.value
    from report_mark t join cases c on c.case_id = t.case_id
   where {SEEN}
   group by t.case_id, t.dimension, t.value having sum(t.sign) > 0
), numbers as (
  select c.case_id,
         case when count(m.value) = 0 then 'none' when count(m.value) = 2 then 'both' else min(m.value) end as value
    from cases c left join marks m on m.case_id = c.case_id and m.dimension = 'number' group by c.case_id
), keyed as (
  select case_id, 'total' as dimension, '' as key from cases
  union all select case_id, 'delivery', delivery_id::text from cases
  union all select case_id, 'day', ((reached_at at time zone 'Europe/Amsterdam')::date)::text from cases where reached
  union all select case_id, 'number', value from numbers
  union all select case_id, 'partner', value from marks where dimension = 'partner'
)
"""  # noqa: S608 - constant pieces of this file
SQL_REACH = (
    _CASES
    + _MARKS
    + """
select k.dimension, k.key, count(*) as delivered, count(*) filter (where c.callable) as callable,
       count(*) filter (where c.net) as net, count(*) filter (where c.reached) as reached,
       count(*) filter (where c.reached and c.outcome = any($7)) as accepted,
       count(*) filter (where c.reached and c.outcome = any($8)) as had_help,
       count(*) filter (where c.reached and c.outcome = any($9)) as declined
  from keyed k join cases c on c.case_id = k.case_id
 group by k.dimension, k.key order by k.dimension, k.key
"""
)
SQL_RECORDS_OF = (
    _CASES
    + _MARKS
    + """
select c.case_id, c.delivery_id, c.opened_at, c.state, c.outcome,
       case when c.reached then c.reached_at end as reached_at
  from keyed k join cases c on c.case_id = k.case_id
 where k.dimension = $11 and k.key = $12 and ($14::uuid is null or c.case_id > $14)
   and case $13::text
         when 'delivered' then true when 'callable' then c.callable when 'net' then c.net when 'reached' then c.reached
         when 'accepted' then c.reached and c.outcome = any($7) when 'had_help' then c.reached and c.outcome = any($8)
         when 'declined' then c.reached and c.outcome = any($9) else false end
 order by c.case_id limit $15
"""
)
SQL_DELIVERY_TIMES = "select id, received_at from delivery where id = any($1)"
SQL_EXPECTED = """
select g.id as campaign, g.name, r.at, r.report::text as report,
       (g.settings ->> 'promised_reach_percent')::float8 / 100 as promised,
       coalesce((g.settings ->> 'reach_band_points')::float8, $3) as band_points
  from campaign g
  left join lateral (select r.at, r.report from reach_report r
                      where r.campaign_id = g.id order by r.day desc limit 1) r on true
 where ($1::uuid is null or g.client_id = $1)
   and (g.id = $2 or ($2::uuid is null and g.state not in ('draft', 'stopped')))
 order by g.name, g.id
"""
SQL_ADJUST = """
insert into reach_adjustment (id, client_id, campaign_id, at, by_user, agreed_on, agreed_with, agreed, before)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::jsonb)
"""
_ADJUSTMENT = """
select j.id, j.client_id, j.campaign_id, g.name as campaign_name, j.at, j.by_user, u.display_name as by_name,
       j.agreed_on, j.agreed_with, j.agreed, j.before::text as before
  from reach_adjustment j join campaign g on g.id = j.campaign_id join app_user u on u.id = j.by_user
"""
SQL_ADJUSTMENTS = (
    _ADJUSTMENT
    + """
  join report_run r on r.id = $1
 where j.client_id = r.client_id and (r.campaign_id is null or j.campaign_id = r.campaign_id) and j.at <= r.at
 order by j.at desc, j.id desc
"""
)
SQL_ADJUSTMENTS_OF = _ADJUSTMENT + " where j.campaign_id = $1 order by j.at desc, j.id desc"

log = logging.getLogger(__name__)

USUAL_BAND = CAMPAIGN_NUMBERS["reach_band_points"].usual
_SECONDS = 120.0


@store
class PgReports:
    """`ReportStore` on a pool; what is counted may come from a standby."""

    def __init__(self, pool: asyncpg.Pool, readings: Readings | None = None) -> None:
        self._pool = pool
        self._readings = readings or Readings(pool)

    async def begin(self) -> None:
        """See ReportStore."""
        era = await self._pool.fetchval(SQL_NEW_ERA)
        if era is not None:
            log.warning("the database counts transactions anew: facts of reports are of era %d from here on", era)

    async def ask(self, asked: Asked) -> Run:
        """See ReportStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            await insert_run(connection, asked, None)
        return await self.run(asked.id)

    async def run(self, report: UUID) -> Run:
        """See ReportStore."""
        row = await self._pool.fetchrow(SQL_RUN_OF, report)
        if row is None:
            raise NotFoundError("no such report")
        return _run(row)

    async def runs(self, client: ClientId | None, after: UUID | None, limit: int) -> Sequence[Run]:
        """See ReportStore."""
        return [_run(row) for row in await self._pool.fetch(SQL_RUNS_OF, client, after, limit)]

    async def reach(self, report: UUID) -> ReachTables:
        """See ReportStore."""

        async def counted(connection: Connection) -> Sequence[asyncpg.Record]:
            return await connection.fetch(SQL_REACH, *await counted_of(connection, report), timeout=_SECONDS)

        rows = await self._readings.ask(counted)
        tables: dict[Dimension, list[Row]] = {dimension: [] for dimension in Dimension}
        total = dict.fromkeys(_MEASURES, 0)
        for row in rows:
            counts = {measure: row[measure] for measure in _MEASURES}
            if row["dimension"] == "total":
                total = counts
            else:
                dimension = Dimension(row["dimension"])
                known = {"reached": counts["reached"]} if dimension is Dimension.DAY else counts
                tables[dimension].append(Row(key=row["key"], counts=known))
        return ReachTables(total=total, tables=tables)

    async def deliveries(self, ids: Sequence[UUID]) -> Mapping[UUID, datetime]:
        """See ReportStore."""
        rows = await self._pool.fetch(SQL_DELIVERY_TIMES, list(ids))
        return {row["id"]: row["received_at"] for row in rows}

    async def records(self, report: UUID, part: Slice, after: CaseId | None, limit: int) -> Sequence[Record]:
        """See ReportStore."""

        async def behind(connection: Connection) -> Sequence[asyncpg.Record]:
            asked = await counted_of(connection, report)
            shown = (part.dimension or "total", part.key, part.measure, after, limit)
            return await connection.fetch(SQL_RECORDS_OF, *asked, *shown, timeout=_SECONDS)

        rows = await self._readings.ask(behind)
        return [
            Record(
                case=CaseId(row["case_id"]),
                delivery=row["delivery_id"],
                opened_at=row["opened_at"],
                reached_at=row["reached_at"],
                state=row["state"],
                outcome=row["outcome"],
            )
            for row in rows
        ]

    async def expectations(self, client: ClientId | None, campaign: CampaignId | None) -> Sequence[Expectation]:
        """See ReportStore."""
        async with self._pool.acquire() as connection:
            return await _expected(connection, client, campaign)

    async def adjust(self, adjustment: Adjustment) -> None:
        """See ReportStore."""
        await self._pool.execute(
            SQL_ADJUST, adjustment.id, adjustment.client, adjustment.campaign, adjustment.at, adjustment.by,
            adjustment.agreed_on, adjustment.agreed_with, adjustment.agreed,
            json.dumps(expectation_json(adjustment.before)),
        )  # fmt: skip

    async def adjustments(self, report: UUID) -> Sequence[Adjustment]:
        """See ReportStore."""
        return [_adjustment(row) for row in await self._pool.fetch(SQL_ADJUSTMENTS, report)]

    async def adjustments_of(self, campaign: CampaignId) -> Sequence[Adjustment]:
        """See ReportStore."""
        return [_adjustment(row) for row in await self._pool.fetch(SQL_ADJUSTMENTS_OF, campaign)]


async def counted_of(connection: Connection, report: UUID) -> Sequence[object]:
    """The first ten arguments of what counts a report. Raises NotFoundError."""
    row = await connection.fetchrow(SQL_ASKED, report)
    if row is None:
        raise NotFoundError("no such report")
    return (
        row["client_id"], row["campaign_id"], at_local(row["first_day"], time.min),
        at_local(row["last_day"] + timedelta(days=1), time.min), row["era"], row["snapshot"],
        sorted(ACCEPTED), sorted(HAD_HELP), sorted(DECLINED), sorted(GONE),
    )  # fmt: skip


async def insert_run(connection: Connection, asked: Asked, schedule: UUID | None) -> None:
    """Keep a report with the snapshot of now; `schedule`: that had it made. Raises NotFoundError."""
    if await connection.fetchval(SQL_SUBJECT, asked.client, asked.campaign) is None:
        raise NotFoundError("no such client or campaign")
    expected = [expectation_json(one) for one in await _expected(connection, asked.client, asked.campaign)]
    await connection.execute(
        SQL_ASK, asked.id, asked.client, asked.campaign, asked.definitions, asked.operations, asked.first_day,
        asked.last_day, asked.at, json.dumps(expected), asked.by, schedule,
    )  # fmt: skip


_MEASURES = ("delivered", "callable", "net", "reached", "accepted", "had_help", "declined")


async def _expected(
    connection: Connection, client: ClientId | None, campaign: CampaignId | None
) -> Sequence[Expectation]:
    rows = await connection.fetch(SQL_EXPECTED, client, campaign, USUAL_BAND)
    return [_expectation(row) for row in rows]


def _expectation(row: asyncpg.Record) -> Expectation:
    report = {} if row["report"] is None else json.loads(row["report"])
    end = report.get("expected", {}).get("end", {})
    many = report.get("callable")
    return Expectation(
        campaign=CampaignId(row["campaign"]),
        name=row["name"],
        at=row["at"],
        share=report["reached"] / many if many else None,
        callable=many,
        reached=report.get("reached"),
        expected=end.get("reach"),
        low=end.get("low"),
        high=end.get("high"),
        promised=row["promised"],
        band_points=row["band_points"],
    )


def _run(row: asyncpg.Record) -> Run:
    return Run(
        asked=Asked(
            id=row["id"],
            client=ClientId(row["client_id"]),
            campaign=None if row["campaign_id"] is None else CampaignId(row["campaign_id"]),
            definitions=row["definitions"],
            operations=row["operations"],
            first_day=row["first_day"],
            last_day=row["last_day"],
            at=row["at"],
            by=None if row["made_by"] is None else UserId(row["made_by"]),
        ),
        client_name=row["client_name"],
        campaign_name=row["campaign_name"],
        expected=[expectation_of(one) for one in json.loads(row["expected"])],
        automatic=row["automatic"],
        agreed={key: Agreement(**one) for key, one in json.loads(row["agreed"]).items()},
    )


def _adjustment(row: asyncpg.Record) -> Adjustment:
    return Adjustment(
        id=row["id"],
        client=ClientId(row["client_id"]),
        campaign=CampaignId(row["campaign_id"]),
        campaign_name=row["campaign_name"],
        at=row["at"],
        by=UserId(row["by_user"]),
        by_name=row["by_name"],
        agreed_on=row["agreed_on"],
        agreed_with=row["agreed_with"],
        agreed=row["agreed"],
        before=expectation_of(json.loads(row["before"])),
    )
