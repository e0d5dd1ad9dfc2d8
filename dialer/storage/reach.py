"""Reach counted from the ledger, and the reports that are kept."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from dialer.domain.errors import NotFoundError, UnavailableError
from dialer.domain.ids import CampaignId, CaseId
from dialer.domain.opening import IN_HELP
from dialer.schedule.model import Planner, limits
from dialer.schedule.planner.forecast import Group
from dialer.schedule.planner.holdout import Outcome
from dialer.schedule.planner.product import record_of
from dialer.schedule.settle import history_of
from dialer.schedule.windows import local_date
from dialer.services.ports.reach import KeptReport, OpenCase, ReachFacts
from dialer.storage import cases
from dialer.storage.billing import CALLABLE
from dialer.storage.cases import calendar_of
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.pool import PASSING, store

SQL_DUE = """
select g.id from campaign g
  left join lateral (select r.day, r.report from reach_report r
                      where r.campaign_id = g.id order by r.day desc limit 1) last on true
 where g.state <> 'draft' and (last.day is null or last.day < $1)
   and (last.day is null or (last.report ->> 'open')::int > 0
        or exists (select 1 from case_file f where f.campaign_id = g.id and f.state = 'open'))
 order by g.id
"""
SQL_CAMPAIGN = """
select g.calendar::text as calendar, l.settings::text as settings
  from campaign g join client l on l.id = g.client_id where g.id = $1
"""
# Spoken to in person: by the ledger, which also knows when.
SQL_GROUPS = f"""
select c.opened_at, c.day, count(*) as residents, max(c.plan_ends_at) as ends_at,
       count(*) filter (where c.state = 'open') as open,
       count(*) filter (where c.day is not null and c.outcome = any($2)) as helped,
       count(*) filter (where c.day is not null and c.outcome in ('REFUSED', 'OPT_OUT', 'NO_HELP')) as refused
  from (select f.opened_at, f.plan_ends_at, f.state, f.outcome,
               floor(extract(epoch from (select min(coalesce(a.joined_at, a.claimed_at)) from attempt a
                                          where a.case_id = f.id and a.reached) - f.opened_at) / 86400)::int as day
          from case_file f where f.campaign_id = $1 and {CALLABLE}) c
 group by c.opened_at, c.day
"""  # noqa: S608 - constant pieces of this file
SQL_LATE = "select count(*) from case_file where campaign_id = $1 and state = 'open' and next_at < $2"
SQL_DIALLED = """
select count(*) as dialled, min(claimed_at) as since from attempt
 where campaign_id = $1 and counted and claimed_at >= $2
"""
SQL_HOLD_OUT = """
select (e.data -> 'hold_out' ->> 'share')::float8 as share
  from attempt a join attempt_event e on e.attempt_id = a.id and e.kind = 'claimed'
 where a.campaign_id = $1 and a.counted and a.case_seq = 1 and e.data ? 'hold_out'
 order by a.claimed_at desc limit 1
"""
# By the group of the first attempt, whatever was changed afterwards; cases whose time is over, reached early or not.
SQL_COMPARED = f"""
select (e.data -> 'hold_out' ->> 'held')::boolean as held,
       exists (select 1 from attempt r where r.case_id = f.id and r.reached) as reached
  from attempt a
  join attempt_event e on e.attempt_id = a.id and e.kind = 'claimed'
  join case_file f on f.id = a.case_id
 where a.campaign_id = $1 and a.counted and a.case_seq = 1 and (e.data -> 'hold_out' ->> 'share')::float8 = $2
   and f.plan_ends_at <= $3 and {CALLABLE}
 order by f.plan_ends_at, f.id
"""  # noqa: S608 - constant pieces of this file
SQL_OPEN = """
select id from case_file where campaign_id = $1 and state = 'open' order by hashtextextended(id::text, 0) limit $2
"""
SQL_SAVE = """
insert into reach_report (campaign_id, day, at, report) values ($1, $2, $3, $4::text::jsonb)
on conflict (campaign_id, day) do update set at = excluded.at, report = excluded.report
"""
SQL_EARLIER = """
select at, report::text as report from reach_report where campaign_id = $1 order by day desc limit $2
"""
SQL_FORETOLD = """
select r.campaign_id, one::text as one
  from (select distinct on (campaign_id) campaign_id, report from reach_report order by campaign_id, day desc) r,
       jsonb_array_elements(r.report -> 'earlier') as one
"""
SQL_PROMISED = "select (settings ->> 'promised_reach_percent')::float8 / 100 as share from campaign where id = $1"

_BATCH = 10
_LATE = timedelta(hours=2)
_LOOK_BACK = timedelta(days=7)


@store
class PgReach:
    """`ReachStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool, catalogues: CatalogueStore, planner: Planner) -> None:
        self._pool = pool
        self._catalogues = catalogues
        self._planner = planner

    async def due(self, at: datetime) -> Sequence[CampaignId]:
        """See ReachStore."""
        return [CampaignId(row["id"]) for row in await self._pool.fetch(SQL_DUE, local_date(at))]

    async def facts(self, campaign: CampaignId, at: datetime) -> ReachFacts:
        """See ReachStore."""
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            row = await connection.fetchrow(SQL_CAMPAIGN, campaign)
            if row is None:
                raise NotFoundError("no such campaign")
            groups = await connection.fetch(SQL_GROUPS, campaign, list(IN_HELP))
            dialled = await connection.fetchrow(SQL_DIALLED, campaign, at - _LOOK_BACK)
            share = await connection.fetchval(SQL_HOLD_OUT, campaign)
            compared = [] if share is None else await connection.fetch(SQL_COMPARED, campaign, share, at)
            late = await connection.fetchval(SQL_LATE, campaign, at - _LATE)
        assert dialled is not None
        return ReachFacts(
            groups=[
                Group(arrival=g["opened_at"], day=g["day"], residents=g["residents"], ends_at=g["ends_at"])
                for g in groups
            ],
            open=sum(g["open"] for g in groups),
            helped=sum(g["helped"] for g in groups),
            refused=sum(g["refused"] for g in groups),
            late=late,
            dialled=dialled["dialled"],
            dialled_since=dialled["since"],
            limits=limits(json.loads(row["settings"]), calendar_of(row["calendar"])),
            calendar=json.loads(row["calendar"]),
            hold_out=share or 0.0,
            compared=[Outcome(held_out=c["held"], reached=c["reached"]) for c in compared],
        )

    async def open_cases(
        self, campaign: CampaignId, at: datetime, most: int
    ) -> AsyncGenerator[Sequence[OpenCase], None]:
        """See ReachStore. A connection is held for one batch only."""
        try:
            ids = [CaseId(row["id"]) for row in await self._pool.fetch(SQL_OPEN, campaign, most)]
            for start in range(0, len(ids), _BATCH):
                async with self._pool.acquire() as connection:
                    batch = ids[start : start + _BATCH]
                    loaded = await cases.load(connection, batch, at, self._catalogues, self._planner)
                yield [_open_case(one, start + place, at) for place, one in enumerate(loaded)]
        except PASSING as error:
            raise UnavailableError("the database does not answer") from error

    async def save(self, campaign: CampaignId, kept: KeptReport) -> None:
        """See ReachStore."""
        await self._pool.execute(SQL_SAVE, campaign, local_date(kept.at), kept.at, json.dumps(dict(kept.report)))

    async def earlier(self, campaign: CampaignId, most: int) -> Sequence[KeptReport]:
        """See ReachStore."""
        return [_kept(row) for row in await self._pool.fetch(SQL_EARLIER, campaign, most)]

    async def foretold(self) -> Sequence[tuple[CampaignId, Mapping[str, Any]]]:
        """See ReachStore."""
        rows = await self._pool.fetch(SQL_FORETOLD)
        return [(CampaignId(row["campaign_id"]), json.loads(row["one"])) for row in rows]

    async def promised(self, campaign: CampaignId) -> float | None:
        """See ReachStore."""
        row = await self._pool.fetchrow(SQL_PROMISED, campaign)
        if row is None:
            raise NotFoundError("no such campaign")
        share: float | None = row["share"]
        return share


def _open_case(loaded: cases.LoadedCase, key: int, at: datetime) -> OpenCase:
    record = record_of(history_of(loaded.facts, loaded.book), loaded.book.limits)
    contact = type(record.contact)(id=key, arrival=record.contact.arrival, kinds=record.contact.kinds)
    attempts = tuple(type(a)(contact=key, number=a.number, at=a.at, result=a.result) for a in record.attempts)
    whole = type(record)(contact=contact, attempts=attempts, ends_at=record.ends_at, shut=record.shut)
    return OpenCase(record=whole, start=max(loaded.next_at or at, at))


def _kept(row: Any) -> KeptReport:
    return KeptReport(at=row["at"], report=json.loads(row["report"]))
