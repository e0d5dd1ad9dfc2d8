"""Versions of outcome rules given to campaigns, and brought to their cases a few at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import CampaignId, CaseId
from dialer.domain.outcome import Catalogue
from dialer.schedule.model import Planner
from dialer.schedule.outcome_rules import Effect, effect_of
from dialer.services.ports.outcome_rules import KeptVersion, RulesWrite, Unfinished
from dialer.storage import cases, catalogue
from dialer.storage.audit import record_audit
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.pool import store

_ALIVE = "f.state in ('held', 'no_number', 'open')"
_HAD = "exists (select 1 from attempt a where a.case_id = f.id and a.outcome = any($2))"
SQL_CURRENT = f"""
select g.catalogue_version as version,
       case when exists (select 1 from catalogue_change c where c.campaign_id = g.id and c.done_at is null)
            then (select count(*) from case_file f
                   where f.campaign_id = g.id and {_ALIVE} and f.catalogue_version <> g.catalogue_version)
            else 0 end as waiting
  from campaign g where g.id = $1
"""  # noqa: S608 - constant pieces of this file
SQL_HISTORY = """
select v.version, v.created_at, coalesce(u.display_name, '') as by, v.note
  from outcome_catalogue v left join app_user u on u.id = v.created_by
 where v.version in (select version from catalogue_change where campaign_id = $1
                     union all select base from catalogue_change where campaign_id = $1
                     union all select catalogue_version from campaign where id = $1)
 order by v.version desc limit $2
"""
SQL_NEXT_VERSION = "select max(version) + 1 from outcome_catalogue"
SQL_LOCK_VERSIONS = "lock table outcome_catalogue in share row exclusive mode"
SQL_AFFECTED = f"""
select (select count(*) from case_file f where f.campaign_id = $1 and f.state = 'open') as open,
       count(*) as had
  from case_file f where f.campaign_id = $1 and f.state = 'open' and {_HAD}
"""  # noqa: S608 - constant pieces of this file
SQL_SAMPLE = f"""
select f.id from case_file f where f.campaign_id = $1 and f.state = 'open' and {_HAD}
 order by hashtextextended(f.id::text, 0) limit $3
"""  # noqa: S608 - constant pieces of this file
SQL_LOCK_CAMPAIGN = "select client_id from campaign where id = $1 and catalogue_version = $2 for no key update"
SQL_GIVE = "update campaign set catalogue_version = $2, version = version + 1 where id = $1"
SQL_OWN = "update outcome_catalogue set campaign_id = $2, created_by = $3 where version = $1"
SQL_CHANGE = """
insert into catalogue_change (campaign_id, version, base, at) values ($1, $2, $3, $4)
"""
SQL_UNFINISHED = """
select c.campaign_id, c.version, c.base from catalogue_change c join campaign g on g.id = c.campaign_id
 where c.done_at is null order by c.at, c.version
"""
SQL_SLICE = f"""
select f.id, {_HAD} as had from case_file f
 where f.campaign_id = $1 and {_ALIVE} and f.catalogue_version <> $3 and ($4::uuid is null or f.id > $4)
 order by f.id limit $5
"""  # noqa: S608 - constant pieces of this file
SQL_ADOPT = f"""
update case_file f set catalogue_version = $3 where f.id = any($1) and {_ALIVE} and not {_HAD}
"""  # noqa: S608 - constant pieces of this file
SQL_VERSION_OF = "update case_file set catalogue_version = $2 where id = any($1)"
SQL_LEFT = f"""
select exists (select 1 from case_file f where f.campaign_id = $1 and {_ALIVE} and f.catalogue_version <> $2)
    or exists (select 1 from delivery d where d.campaign_id = $1 and d.state = 'loading')
"""  # noqa: S608 - constant pieces of this file
SQL_FINISH = "update catalogue_change set done_at = $3 where campaign_id = $1 and version <= $2 and done_at is null"


@store
class PgOutcomeRules:
    """`OutcomeRuleStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool, catalogues: CatalogueStore, planner: Planner) -> None:
        self._pool = pool
        self._catalogues = catalogues
        self._planner = planner

    async def current(self, campaign: CampaignId) -> tuple[int, int]:
        """See OutcomeRuleStore."""
        row = await self._pool.fetchrow(SQL_CURRENT, campaign)
        if row is None:
            raise NotFoundError("no such campaign")
        return row["version"], row["waiting"]

    async def history(self, campaign: CampaignId, most: int) -> Sequence[KeptVersion]:
        """See OutcomeRuleStore."""
        rows = await self._pool.fetch(SQL_HISTORY, campaign, most)
        return [KeptVersion(version=r["version"], at=r["created_at"], by=r["by"], note=r["note"]) for r in rows]

    async def next_version(self) -> int:
        """See OutcomeRuleStore. Settled only by `keep`."""
        return int(await self._pool.fetchval(SQL_NEXT_VERSION))

    async def affected(
        self, campaign: CampaignId, codes: Collection[str], most: int
    ) -> tuple[int, int, Sequence[CaseId]]:
        """See OutcomeRuleStore."""
        row = await self._pool.fetchrow(SQL_AFFECTED, campaign, list(codes))
        sample = await self._pool.fetch(SQL_SAMPLE, campaign, list(codes), most)
        assert row is not None
        return row["open"], row["had"], [CaseId(found["id"]) for found in sample]

    async def effects(self, which: Sequence[CaseId], new: Catalogue, at: datetime) -> Sequence[Effect]:
        """See OutcomeRuleStore."""
        async with self._pool.acquire() as connection:
            loaded = await cases.load(connection, which, at, self._catalogues, self._planner)
        return [effect_of(one.facts, one.book, new, at, other_live=one.other_live).effect for one in loaded]

    async def keep(self, write: RulesWrite) -> bool:
        """See OutcomeRuleStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL_LOCK_VERSIONS)
            if await connection.fetchval(SQL_NEXT_VERSION) != write.catalogue.version:
                return False  # somebody else took this number meanwhile
            client = await connection.fetchval(SQL_LOCK_CAMPAIGN, write.campaign, write.base)
            if client is None:
                return False
            await catalogue.store(connection, write.catalogue, write.at, write.note)
            await connection.execute(SQL_OWN, write.catalogue.version, write.campaign, write.user)
            await connection.execute(SQL_GIVE, write.campaign, write.catalogue.version)
            await connection.execute(SQL_CHANGE, write.campaign, write.catalogue.version, write.base, write.at)
            detail = {"base": write.base, "version": write.catalogue.version}
            await record_audit(
                connection, write.at, write.actor, "campaign.outcome_rules", "campaign", write.campaign, client,
                detail, purpose=write.note,
            )  # fmt: skip
            return True

    async def unfinished(self) -> Sequence[Unfinished]:
        """See OutcomeRuleStore."""
        rows = await self._pool.fetch(SQL_UNFINISHED)
        return [
            Unfinished(campaign=CampaignId(row["campaign_id"]), version=row["version"], base=row["base"])
            for row in rows
        ]

    async def slice(
        self, change: Unfinished, codes: Collection[str], after: CaseId | None, most: int
    ) -> Sequence[tuple[CaseId, bool]]:
        """See OutcomeRuleStore."""
        rows = await self._pool.fetch(SQL_SLICE, change.campaign, list(codes), change.version, after, most)
        return [(CaseId(row["id"]), row["had"]) for row in rows]

    async def adopt(self, change: Unfinished, codes: Collection[str], which: Sequence[CaseId]) -> None:
        """See OutcomeRuleStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            await cases.lock(connection, which)
            await connection.execute(SQL_ADOPT, list(which), list(codes), change.version)

    async def resettle(self, change: Unfinished, new: Catalogue, which: Sequence[CaseId], at: datetime) -> None:
        """See OutcomeRuleStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            await cases.lock(connection, which)
            savings = []
            for one in await cases.load(connection, which, at, self._catalogues, self._planner):
                found = effect_of(one.facts, one.book, new, at, other_live=one.other_live)
                if found.effect is not Effect.NONE:
                    savings.append(cases.Saving(loaded=one, settled=found.settled, at=at))
            await cases.save_all(connection, savings)
            await connection.execute(SQL_VERSION_OF, list(which), change.version)

    async def finish(self, change: Unfinished, at: datetime) -> bool:
        """See OutcomeRuleStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(SQL_LEFT, change.campaign, change.version):
                return False
            await connection.execute(SQL_FINISH, change.campaign, change.version, at)
            return True
