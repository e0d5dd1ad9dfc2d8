"""What somebody who watches the service wants counted: work that is due, terms that end, reach as foretold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from dialer.domain.ids import CampaignId
from dialer.storage import leases
from dialer.storage.pool import store

SQL_WORK = """
select g.id,
       count(*) filter (where f.next_at <= $1) as due,
       count(*) filter (where f.plan_ends_at <= $2) as near,
       count(*) filter (where f.plan_ends_at <= $2
                          and not exists (select 1 from attempt a where a.case_id = f.id and a.counted)) as untried
  from campaign g left join case_file f on f.campaign_id = g.id and f.state = 'open'
 where g.state <> 'draft'
 group by g.id
"""
SQL_SITES = """
select l.site, count(*) as running from campaign g join client l on l.id = g.client_id
 where g.state in ('running', 'draining') group by l.site
"""
SQL_REACH = """
select g.id, (g.settings ->> 'promised_reach_percent')::float8 / 100 as promised,
       (last.report -> 'expected' -> 'end' ->> 'reach')::float8 as middle,
       (last.report -> 'expected' -> 'end' ->> 'low')::float8 as low,
       (last.report -> 'expected' -> 'end' ->> 'high')::float8 as high
  from campaign g
  left join lateral (select r.report from reach_report r
                      where r.campaign_id = g.id order by r.day desc limit 1) last on true
 where g.state <> 'draft'
"""


SQL_ABOUT = {
    "server": "select current_setting('server_version') as version, pg_database_size(current_database()) as bytes",
    "migrations": "select name, checksum from schema_migration order by name",
    "rows": """
select schemaname || '.' || relname as name, n_live_tup as about, last_autovacuum from pg_stat_user_tables order by 1
""",
    "jobs": "select name, last_run_at, last_ok_at, last_error from job_run order by name",
    "leases": "select name, epoch, expires_at from lease order by name",
    "campaigns": "select id, client_id, state, version, created_at from campaign order by created_at",
    "waiting": """
select state, wait_event_type, count(*) from pg_stat_activity where datname = current_database() group by 1, 2
""",
}
"""About the service itself, for who helps from afar: ids, states and counts, no word that anybody typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Open cases of a campaign."""

    campaign: CampaignId
    due: int  # the next attempt may be made now
    near: int  # planning ends soon
    untried: int  # of those: no attempt counted yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """Reach of a campaign, shares 0 to 1."""

    campaign: CampaignId
    promised: float | None
    forecast: Mapping[str, float]  # low, middle, high; empty: no report yet


@store
class PgWatch:
    """Counts for the metrics."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def work(self, now: datetime, near: datetime) -> Sequence[Work]:
        """Per campaign that is no draft. `near`: planning that ends by then ends soon; both calendar time."""
        return [
            Work(campaign=CampaignId(row["id"]), due=row["due"], near=row["near"], untried=row["untried"])
            for row in await self._pool.fetch(SQL_WORK, now, near)
        ]

    async def unserved(self) -> Mapping[str, int]:
        """By site that has campaigns which want to call: how many of them no process calls for."""
        turns = await leases.turns(self._pool)
        rows = await self._pool.fetch(SQL_SITES)
        return {row["site"]: 0 if row["site"] in turns else row["running"] for row in rows}

    async def clock(self) -> float:
        """The database's wall clock, unix seconds: only to be compared, nothing is judged by it."""
        return float(await self._pool.fetchval("select extract(epoch from clock_timestamp())"))

    async def reach(self) -> Sequence[Foretold]:
        """Promise and newest forecast of each campaign that is no draft."""
        return [
            Foretold(
                campaign=CampaignId(row["id"]),
                promised=row["promised"],
                forecast={name: row[name] for name in ("low", "middle", "high") if row[name] is not None},
            )
            for row in await self._pool.fetch(SQL_REACH)
        ]
