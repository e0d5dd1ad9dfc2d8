"""What reviews add up to, in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

import asyncpg

from dialer.domain.calibration import Judgement, Pair
from dialer.domain.ids import ClientId, UserId
from dialer.services.ports.quality import TrendLine
from dialer.storage.pool import store

SQL_QUALITY_TRENDS = """
select s.agent_id, (select u.display_name from app_user u where u.id = s.agent_id) as agent_name,
       date_trunc('week', s.day)::date as week, count(*) as reviewed, round(avg(r.score))::int as score,
       count(*) filter (where r.right_outcome) as right_outcomes
  from review r join sample s on s.id = r.sample_id
 where r.side = 'office' and s.day >= $2 and ($1::uuid is null or s.client_id = $1)
 group by grouping sets ((date_trunc('week', s.day)::date), (s.agent_id, date_trunc('week', s.day)::date))
 order by agent_name nulls first, s.agent_id, week
"""
SQL_CALIBRATION = """
select s.id, s.outcome, o.score as office_score, o.wanted as office_wanted, o.points::text as office_points,
       c.score as client_score, c.wanted as client_wanted, c.points::text as client_points
  from sample s
  join review o on o.sample_id = s.id and o.side = 'office'
  join review c on c.sample_id = s.id and c.side = 'client'
 where s.client_id = $1 and s.day >= $2
 order by s.id desc
"""


@store
class PgQualityTrends:
    """`TrendStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def trends(self, client: ClientId | None, since: date) -> Sequence[TrendLine]:
        """See TrendStore."""
        return [
            TrendLine(
                agent=None if row["agent_id"] is None else UserId(row["agent_id"]),
                agent_name=row["agent_name"] or "",
                week=row["week"],
                reviewed=row["reviewed"],
                score=row["score"],
                right=row["right_outcomes"],
            )
            for row in await self._pool.fetch(SQL_QUALITY_TRENDS, client, since)
        ]

    async def pairs(self, client: ClientId, since: date) -> Sequence[Pair]:
        """See TrendStore."""
        return [
            Pair(sample=row["id"], office=_judgement(row, "office"), client=_judgement(row, "client"))
            for row in await self._pool.fetch(SQL_CALIBRATION, client, since)
        ]


def _judgement(row: asyncpg.Record, side: str) -> Judgement:
    return Judgement(
        score=row[f"{side}_score"],
        outcome=row[f"{side}_wanted"] or row["outcome"],
        points=json.loads(row[f"{side}_points"]),
    )
