"""Draws of the daily sample in PostgreSQL: added once, never changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from dialer.domain.client_settings import setting
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import ClientId
from dialer.domain.sample import Candidate, Drawn, Reason
from dialer.schedule.windows import at_local
from dialer.services.ports.quality import DayToDraw, KeptDraw
from dialer.storage.pool import store

# Of clients that have called at all; no day is left out but those that are too long ago.
SQL_TO_DRAW = """
select l.id, l.settings::text as settings,
       greatest((select max(d.day) + 1 from sample_draw d where d.client_id = l.id), $1::date - $2::int + 1) as first
  from client l
 where exists (select from attempt a join campaign c on c.id = a.campaign_id where c.client_id = l.id)
 order by l.id
"""
# A record is looked at once: what was corrected later is not drawn again. The first condition keeps it on the index.
SQL_POPULATION = """
select a.id, a.agent_id, a.outcome, 'COMPLAINT' = any(a.flags) as complaint,
       coalesce((select min(e.at) from agent_event e where e.user_id = a.agent_id), u.created_at) >= $4 as new_agent,
       exists (select from attempt_script s join script_version v on v.id = s.version_id
                where s.attempt_id = a.id and v.created_at >= $5) as new_script
  from campaign c
  join attempt a on a.campaign_id = c.id
  join app_user u on u.id = a.agent_id
 where c.client_id = $1 and a.claimed_at >= $2::timestamptz - interval '14 days' and a.claimed_at < $3
   and a.outcome_at >= $2 and a.outcome_at < $3 and a.facts ? 'filed_by' and a.direction in ('out', 'in')
   and not exists (select from sample s where s.attempt_id = a.id)
 order by a.id
"""
SQL_KEEP_DRAW = """
insert into sample_draw (client_id, day, seed, per_agent, population, drawn_at)
values ($1, $2, $3, $4, $5::text::jsonb, $6) on conflict do nothing returning day
"""
SQL_ADD_SAMPLE = """
insert into sample (id, client_id, campaign_id, day, attempt_id, agent_id, outcome, reasons, priority)
select $1, $2, a.campaign_id, $3, a.id, $5, $6, $7, $8 from attempt a where a.id = $4
on conflict (attempt_id) do nothing
"""
SQL_KEPT_DRAW = """
select seed, per_agent, population::text as population from sample_draw where client_id = $1 and day = $2
"""


@store
class PgSamples:
    """`SampleStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def to_draw(self, last: date, most: int) -> Sequence[DayToDraw]:
        """See SampleStore."""
        days = []
        for row in await self._pool.fetch(SQL_TO_DRAW, last, most):
            settings = json.loads(row["settings"])
            days += [
                DayToDraw(
                    client=ClientId(row["id"]),
                    day=row["first"] + timedelta(days=number),
                    per_agent=setting(settings, "sample_per_agent"),
                    new_agent_days=setting(settings, "new_agent_days"),
                    new_script_days=setting(settings, "new_script_days"),
                )
                for number in range((last - row["first"]).days + 1)
            ]
        return days

    async def population(self, which: DayToDraw) -> Sequence[Candidate]:
        """See SampleStore."""
        begins, ends = at_local(which.day, time(0)), at_local(which.day + timedelta(days=1), time(0))
        rows = await self._pool.fetch(
            SQL_POPULATION,
            which.client,
            begins,
            ends,
            ends - timedelta(days=which.new_agent_days),
            ends - timedelta(days=which.new_script_days),
        )
        return [
            Candidate(attempt=row["id"], agent=row["agent_id"], outcome=row["outcome"], raised=_raised(row))
            for row in rows
        ]

    async def keep(self, which: DayToDraw, kept: KeptDraw, drawn: Sequence[tuple[UUID, Drawn]], at: datetime) -> bool:
        """See SampleStore."""
        population = json.dumps([_entry(one) for one in kept.population])
        async with self._pool.acquire() as connection, connection.transaction():
            first = await connection.fetchval(
                SQL_KEEP_DRAW, which.client, which.day, kept.seed, kept.per_agent, population, at
            )
            if first is None:
                return False
            await connection.executemany(
                SQL_ADD_SAMPLE,
                [
                    (
                        identity,
                        which.client,
                        which.day,
                        one.attempt,
                        one.agent,
                        one.outcome,
                        [reason.value for reason in one.reasons],
                        one.priority,
                    )
                    for identity, one in drawn
                ],
            )
            return True

    async def kept(self, client: ClientId, day: date) -> KeptDraw:
        """See SampleStore."""
        row = await self._pool.fetchrow(SQL_KEPT_DRAW, client, day)
        if row is None:
            raise NotFoundError("nothing was drawn")
        return KeptDraw(
            seed=row["seed"],
            per_agent=row["per_agent"],
            population=[_candidate(entry) for entry in json.loads(row["population"])],
        )


def _raised(row: asyncpg.Record) -> frozenset[Reason]:
    columns = {
        Reason.COMPLAINT: row["complaint"],
        Reason.NEW_AGENT: row["new_agent"],
        Reason.NEW_SCRIPT: row["new_script"],
    }
    return frozenset(reason for reason, holds in columns.items() if holds)


def _entry(one: Candidate) -> list[Any]:
    return [str(one.attempt), str(one.agent), one.outcome, sorted(reason.value for reason in one.raised)]


def _candidate(entry: list[Any]) -> Candidate:
    attempt, agent, outcome, raised = entry
    return Candidate(
        attempt=UUID(attempt), agent=UUID(agent), outcome=outcome, raised=frozenset(Reason(one) for one in raised)
    )
