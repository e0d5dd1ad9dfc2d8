"""What a campaign's new hours and settings would do to its cases, and bringing them there a few at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import asyncpg

from dialer.domain.ids import CampaignId, CaseId
from dialer.schedule import windows
from dialer.schedule.model import Planner
from dialer.schedule.outcome_rules import Effect, effect_between
from dialer.services.ports.campaigns import CampaignWrite
from dialer.storage import cases
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.pool import store

SQL_OPEN_CASES = "select count(*) from case_file where campaign_id = $1 and state = 'open'"
SQL_SOME_OPEN = """
select id from case_file where campaign_id = $1 and state = 'open' order by hashtextextended(id::text, 0) limit $2
"""

SQL_CHANGED_PLANS = """
select p.campaign_id, p.at, p.calendar::text as calendar, p.settings::text as settings, p.every_case, p.after_case
  from plan_change p order by p.at limit 1 for update skip locked
"""
SQL_NEXT_OPEN = """
select id from case_file
 where campaign_id = $1 and state = 'open' and ($2::uuid is null or id > $2) order by id limit $3
"""
SQL_BROUGHT = "update plan_change set after_case = $2 where campaign_id = $1"
SQL_ALL_BROUGHT = "delete from plan_change where campaign_id = $1"


@store
class PgCampaignTrials:
    """`CampaignTrials` and `PlanChanges` on a pool."""

    def __init__(self, pool: asyncpg.Pool, catalogues: CatalogueStore, planner: Planner) -> None:
        self._pool = pool
        self._catalogues = catalogues
        self._planner = planner

    async def sample(self, campaign: CampaignId, most: int) -> tuple[int, Sequence[CaseId]]:
        """See CampaignTrials."""
        count = await self._pool.fetchval(SQL_OPEN_CASES, campaign)
        rows = await self._pool.fetch(SQL_SOME_OPEN, campaign, most)
        return count, [CaseId(row["id"]) for row in rows]

    async def effects(self, which: Sequence[CaseId], write: CampaignWrite, at: datetime) -> Sequence[Effect]:
        """See CampaignTrials."""
        calendar = windows.parse(write.calendar)
        async with self._pool.acquire() as connection:
            loaded = await cases.load(connection, which, at, self._catalogues, self._planner)
        return [
            effect_between(
                one.facts,
                one.book,
                replace(one.book, limits=cases.with_campaign(one.book.limits, calendar, write.settings)),
                at,
                other_live=one.other_live,
            ).effect
            for one in loaded
        ]

    async def bring(self, few: int, at: datetime) -> bool:
        """See PlanChanges. Whoever changes the campaign meanwhile waits for these few."""
        async with self._pool.acquire() as connection, connection.transaction():
            change = await connection.fetchrow(SQL_CHANGED_PLANS)
            if change is None:
                return False
            rows = await connection.fetch(SQL_NEXT_OPEN, change["campaign_id"], change["after_case"], few)
            if not rows:
                await connection.execute(SQL_ALL_BROUGHT, change["campaign_id"])
                return True
            which = [CaseId(row["id"]) for row in rows]
            await cases.lock(connection, which)
            calendar, settings = cases.calendar_of(change["calendar"]), json.loads(change["settings"])
            savings = []
            for one in await cases.load(connection, which, at, self._catalogues, self._planner):
                before = replace(one.book, limits=cases.with_campaign(one.book.limits, calendar, settings))
                found = effect_between(one.facts, before, one.book, at, other_live=one.other_live)
                if change["every_case"] or found.effect is not Effect.NONE:
                    savings.append(cases.Saving(loaded=one, settled=found.settled, at=at))
            await cases.save_all(connection, savings)
            await connection.execute(SQL_BROUGHT, change["campaign_id"], which[-1])
            return True
