"""What somebody who watches the service wants counted: work that is due, terms that end, reach as foretold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from dialer.domain.ids import CampaignId
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
