"""What a campaign's new hours and settings would do to its cases: reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import asyncpg

from dialer.domain.campaign_settings import CAMPAIGN_NUMBERS
from dialer.domain.ids import CampaignId, CaseId
from dialer.schedule import windows
from dialer.schedule.model import Limits, Planner
from dialer.schedule.outcome_rules import Effect, effect_between
from dialer.services.ports.campaigns import CampaignWrite
from dialer.storage import cases
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.pool import store

SQL_OPEN_CASES = "select count(*) from case_file where campaign_id = $1 and state = 'open'"
SQL_SOME_OPEN = """
select id from case_file where campaign_id = $1 and state = 'open' order by hashtextextended(id::text, 0) limit $2
"""


@store
class PgCampaignTrials:
    """`CampaignTrials` on a pool."""

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
        async with self._pool.acquire() as connection:
            loaded = await cases.load(connection, which, at, self._catalogues, self._planner)
        return [
            effect_between(
                one.facts,
                one.book,
                replace(one.book, limits=_limits(one.book.limits, write)),
                at,
                other_live=one.other_live,
            ).effect
            for one in loaded
        ]


def _limits(now: Limits, write: CampaignWrite) -> Limits:
    return replace(
        now,
        calendar=windows.parse(write.calendar),
        hold_out=_number(write, "hold_out_percent") / 100,
        first_look=timedelta(hours=_number(write, "first_attempt_hours")),
    )


def _number(write: CampaignWrite, key: str) -> float:
    return float(write.settings.get(key, CAMPAIGN_NUMBERS[key].usual))
