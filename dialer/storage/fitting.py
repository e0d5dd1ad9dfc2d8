"""What is planned against what can be dialled, from the cases, the agents' duty and the ledger."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from dialer.domain.campaign_settings import campaign_number, hold_out_share
from dialer.domain.ids import CampaignId, CaseId, UserId
from dialer.domain.opening import ORDINARY_PRIORITY
from dialer.domain.roster import monday_of
from dialer.domain.sites import MAIN
from dialer.schedule.model import Planner
from dialer.schedule.planner.rooms import Slot, Staffing, half_of, slot_of
from dialer.schedule.planner.roster import rostered
from dialer.schedule.windows import local_date
from dialer.services.ports.fitting import Fitted, Late
from dialer.storage import cases
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.pool import store
from dialer.storage.roster import day_of

_AHEAD = timedelta(weeks=9)
"""Of the roster that is looked at: longer than any term."""

SQL_RUNNING = """
select g.id, g.settings::text as settings
  from campaign g join client l on l.id = g.client_id
 where g.state = 'running' and l.site = $1 order by g.id
"""
# Who serves the campaign, assigned to it or to none at all, with all that it asks for; and which part of him is its.
SQL_AGENTS = """
with agent as (select u.id, exists (select 1 from campaign_agent c where c.user_id = u.id) as assigned
                 from app_user u where u.role = 'agent' and u.disabled_at is null),
     serving as (select a.id, g.id as campaign_id, g.state
                   from agent a cross join campaign g
                  where (g.state = 'running' or g.id = $1) and has_asked(a.id, g.settings)
                    and (not a.assigned or exists (select 1 from campaign_agent c
                                                    where c.user_id = a.id and c.campaign_id = g.id)))
select id, 1.0 / greatest(count(*) filter (where state = 'running'), 1) as share
  from serving group by id having bool_or(campaign_id = $1)
"""
SQL_PRESENT = """
with turned as (
  select user_id, at, state, lead(at, 1, $3) over (partition by user_id order by at, id) as until
    from agent_event
   where user_id = any($1) and at >= $2 and at < $3 and (state = 'off' or from_state = 'off')),
spell as (
  select t.user_id, t.at, least(t.until, t.at + interval '14 hours') as until  -- a log-off is missing
    from turned t
   where t.state <> 'off' and t.until > t.at)
select user_id, half,
       sum(extract(epoch from least(until, half + interval '30 minutes') - greatest(at, half)) / 1800)::float8 as agents
  from spell, lateral generate_series(date_bin('30 minutes', at, 'epoch'), until - interval '1 millisecond',
                                      interval '30 minutes') as half
 group by user_id, half
"""
SQL_ROSTERED = """
select user_id, day, shifts, away, version from roster_day where user_id = any($1) and day >= $2 and day < $3
"""
SQL_FIRST = "select min(at) from agent_event where user_id = any($1) and at >= $2"
# An agent's time for an attempt: from the order to dial to the end, and the wrap-up where there was one.
SQL_TAKEN = """
select count(*) as attempts,
       coalesce(sum(least(extract(epoch from ended_at - claimed_at), 3600)
                    + case when joined_at is not null and outcome_at > ended_at
                           then least(extract(epoch from outcome_at - ended_at), 900) else 0 end), 0)::float8 as seconds
  from (select ended_at, claimed_at, joined_at, outcome_at from attempt
         where campaign_id = $1 and claimed_at >= $2 and counted and ended_at is not null
         order by claimed_at desc limit 2000) as a
"""
SQL_PLANNED = """
select date_bin('30 minutes', next_at, 'epoch') as half, count(*) as planned from case_file
 where campaign_id = $1 and state = 'open' and next_at >= $2 and next_reason <> '{}' group by half
"""
SQL_LATE = """
select id, next_at from case_file
 where campaign_id = $1 and priority = $2 and state = 'open' and next_at <= $3
   and next_at <= case when next_reason = '{}' then $3 else $4 end and not needs_reserved
   and not ($5 and coalesce(next_reason ->> 'code', 'first') = 'first')
   and ($6::timestamptz is null or (next_at, id) > ($6, $7::uuid))
 order by next_at, id limit $8
"""


@store
class PgFitting:
    """`FittingStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool, catalogues: CatalogueStore, planner: Planner, site: str = MAIN) -> None:
        """`site`: whose campaigns are fitted."""
        self._site = site
        self._pool = pool
        self._catalogues = catalogues
        self._planner = planner

    async def running(self) -> Sequence[Fitted]:
        """See FittingStore."""
        rows = await self._pool.fetch(SQL_RUNNING, self._site)
        return [_fitted(CampaignId(row["id"]), json.loads(row["settings"])) for row in rows]

    async def staffing(self, campaign: CampaignId, since: datetime, until: datetime) -> Staffing:
        """See FittingStore."""
        agents = await self._pool.fetch(SQL_AGENTS, campaign)
        shares = {UserId(row["id"]): float(row["share"]) for row in agents}
        users = list(shares)
        present: dict[UserId, dict[Slot, float]] = defaultdict(lambda: defaultdict(float))
        everybody: dict[Slot, float] = defaultdict(float)
        for row in await self._pool.fetch(SQL_PRESENT, users, since, until):
            user, slot = UserId(row["user_id"]), slot_of(row["half"])
            present[user][slot] += row["agents"] * shares[user]
            everybody[slot] += row["agents"] * shares[user]
        first = await self._pool.fetchval(SQL_FIRST, users, since)
        taken = await self._pool.fetchrow(SQL_TAKEN, campaign, since)
        assert taken is not None
        monday = monday_of(local_date(until))
        planned = await self._pool.fetch(SQL_ROSTERED, users, monday, monday + _AHEAD)
        learned = Staffing(
            usual=sum(shares.values()),
            since=first,
            until=until,
            present=everybody,
            seconds=taken["seconds"],
            attempts=taken["attempts"],
        )
        return rostered(learned, shares, present, [day_of(row) for row in planned])

    async def planned(self, campaign: CampaignId, since: datetime) -> Mapping[datetime, int]:
        """See FittingStore."""
        rows = await self._pool.fetch(SQL_PLANNED, campaign, half_of(since))
        return {row["half"]: row["planned"] for row in rows}

    async def late(
        self, fitted: Fitted, now: datetime, due_since: datetime, after: tuple[datetime, CaseId] | None, most: int
    ) -> Late:
        """See FittingStore."""
        at, case = after or (None, None)
        rows = await self._pool.fetch(
            SQL_LATE, fitted.campaign, ORDINARY_PRIORITY, now, due_since, fitted.at_once, at, case, most
        )
        last = (rows[-1]["next_at"], CaseId(rows[-1]["id"])) if len(rows) == most else None
        return Late(cases=[CaseId(row["id"]) for row in rows], after=last)

    async def replan(self, which: Sequence[CaseId], now: datetime) -> Sequence[datetime]:
        """See FittingStore."""
        savings = []
        async with self._pool.acquire() as connection, connection.transaction():
            free = await connection.fetch(cases.SQL_LOCK_FREE_CASES, list(which))
            loaded = await cases.load(
                connection, [CaseId(row["id"]) for row in free], now, self._catalogues, self._planner
            )
            for one in loaded:
                if one.next_at is None or one.next_at > now:
                    continue
                savings.append(cases.settling(one, now))
            await cases.save_all(connection, savings)
        return [saving.settled.plan.at for saving in savings if saving.settled.plan is not None]


def _fitted(campaign: CampaignId, settings: Mapping[str, Any]) -> Fitted:
    return Fitted(
        campaign=campaign,
        hold_out=hold_out_share(settings),
        at_once=campaign_number(settings, "first_attempt_hours") == 0,
    )
