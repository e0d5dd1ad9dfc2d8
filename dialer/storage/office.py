"""Pages for screens, straight from the tables. Filters are put together from the constant pieces in this file only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from dialer.domain.ids import CampaignId, CaseId, ClientId, DeliveryId, UserId
from dialer.services.ports.office import (
    AttemptLine,
    CallbackLine,
    CampaignLine,
    CaseDetail,
    CaseFilter,
    CaseLine,
    ClientLine,
    DeliveryLine,
    ExportLine,
    MergeLine,
    PhoneLine,
    RefusalLine,
    SignalLine,
)
from dialer.storage.pool import store
from dialer.storage.where import Where

SQL_CLIENTS = """
select id, slug, name, municipality, neutral_name, inbound_number from client
where ($1::uuid is null or id = $1) order by name, id
"""
SQL_CAMPAIGN_LINES = """
select g.id, g.client_id as client, g.name, g.state, g.calendar::text as calendar, g.settings::text as settings,
       g.catalogue_version, g.starts_on, g.ends_on, g.created_at, g.version
from campaign g
"""
SQL_CAMPAIGN_AGENTS = "select user_id from campaign_agent where campaign_id = $1 order by user_id"
SQL_DELIVERY_LINES = """
select d.id, d.client_id as client, d.campaign_id as campaign, d.kind, d.format, d.state, d.received_at,
       d.received_by, d.recalled_at, d.counts::text as counts
from delivery d
"""
SQL_REFUSAL_LINES = """
select row_number as row, column_name as column, reason, fatal from delivery_refusal
where delivery_id = $1 and (row_number, column_name, reason) > ($2, $3, $4)
order by row_number, column_name, reason limit $5
"""
SQL_CASE_LINES = """
select f.id, f.client_id as client, f.campaign_id as campaign, f.delivery_id as delivery, f.state, f.state_reason,
       f.crisis, f.language, f.opened_at, f.term_ends_at, f.plan_ends_at, f.closed_at, f.next_at, f.paused_until,
       f.appointment_at, f.outcome,
       (select count(*) from (select f.id union all select p.id from case_file p where p.merged_into = f.id) made (id)
          join attempt a on a.case_id = made.id and a.counted) as attempts,
       coalesce((select array_agg(distinct s.client_ref order by s.client_ref) from signal s where s.case_id = f.id),
                '{}') as client_refs
from case_file f
"""
SQL_CASE_SIGNALS = """
select s.id, s.client_ref, s.signal_ref, s.partner_type, s.signal_on, s.crisis,
       not s.recalled and m.id is null
       and exists (select 1 from signal o where o.case_id = s.case_id and o.id < s.id and not o.recalled) as merged
from signal s
left join case_merge m on m.kept_id = s.case_id and m.undone_at is null and m.before -> 'signals' ? s.id::text
where s.case_id = $1 order by s.signal_on, s.id
"""
SQL_CASE_PHONES = """
select p.id, c.position, p.kind, c.state, c.closed_reason, c.source, c.source_on,
       p.blocked_at is not null and p.lifted_at is null as blocked
from case_phone c join phone p on p.id = c.phone_id where c.case_id = $1 order by c.position, p.id
"""
# Day-parts as DDAS has them: Ochtend until 12:00, Middag until 18:00, Avond.
SQL_CASE_ATTEMPTS = """
select id, direction, phone_id as phone, counted, seq, state, agent_id as agent, claimed_at, answered_at, ended_at,
       case when extract(hour from claimed_at at time zone 'Europe/Amsterdam') < 12 then 'ochtend'
            when extract(hour from claimed_at at time zone 'Europe/Amsterdam') < 18 then 'middag'
            else 'avond' end as day_part,
       exists (select from recording r where r.attempt_id = attempt.id and r.state = 'kept') as recorded,
       outcome, machine_result, reached, abandoned, flags, callback_id is not null as call_back,
       case_id <> $1 as merged
from attempt where case_id = $1 or case_id in (select p.id from case_file p where p.merged_into = $1)
order by claimed_at, id
"""
SQL_CASE_MERGES = """
select m.kept_id as kept, m.other_id as other, m.at, coalesce(u.display_name, '') as by, m.reason,
       (select count(*) from attempt a where a.case_id = m.other_id and a.counted) as attempts,
       coalesce((select array_agg(distinct s.client_ref order by s.client_ref) from signal s
                  where s.client_id = m.client_id and m.before -> 'signals' ? s.id::text
                    and s.case_id in (m.kept_id, m.other_id)), '{}') as client_refs
from case_merge m left join app_user u on m.actor = 'user:' || u.id::text
where (m.kept_id = $1 or m.other_id = $1) and m.undone_at is null order by m.at, m.id
"""
SQL_EXPORT_LINES = """
select e.id, e.client_id as client, e.campaign_id as campaign, e.kind, e.created_at, e.created_by,
       e.line_count as lines, e.confirmed_at
from export_run e
"""
SQL_CALLBACK_LINES = """
select c.id, c.campaign_id as campaign, c.case_id as "case", c.origin, c.state, c.requested_at, c.claimed_by,
       c.claimed_at, c.done_at, c.done_by, rung.tries, rung.tried_at, rung.attempt
from callback_task c
left join lateral (
  select count(*) filter (where a.tried) as tries,
         max(coalesce(a.dialed_at, a.claimed_at)) filter (where a.tried) as tried_at,
         min(a.id::text) filter (where a.live or a.wrap_up_open)::uuid as attempt
    from (select a.*, a.dialed_at is not null or a.machine_result not in ('FAILED', 'CONGESTION') as tried
            from attempt a where a.callback_id = c.id) a) rung on true
"""
_REFERENCE = """
f.id in (select s.case_id from signal s where s.client_ref = {n} and not s.recalled
         union all select s.case_id from signal s where s.signal_ref = {n} and not s.recalled)
"""

# Agreed with the resident, the time has come, and nobody dialled.
MISSED = """
f.state = 'open' and f.appointment_at < {n}
and not exists (select 1 from attempt a where a.case_id = f.id and a.direction = 'out'
                                          and a.claimed_at >= f.appointment_at)
"""

T = TypeVar("T")


def which_cases(which: CaseFilter) -> Where:
    """The conditions of a filter, over `case_file f`."""
    where = Where()
    where.add("f.client_id = {n}", which.client)
    where.add("f.campaign_id = {n}", which.campaign)
    where.add("f.delivery_id = {n}", which.delivery)
    where.add("f.state = {n}", which.state)
    where.add("f.outcome = {n}", which.outcome)
    where.add("f.crisis = {n}", which.crisis)
    where.add(_REFERENCE, which.reference)
    where.add("f.opened_at >= {n}", which.opened_from)
    where.add("f.opened_at < {n}", which.opened_before)
    where.add(MISSED, which.missed_before)
    return where


@store
class PostgresOffice:
    """`Office` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def clients(self, client: ClientId | None) -> Sequence[ClientLine]:
        """By name."""
        return [_line(ClientLine, row) for row in await self._pool.fetch(SQL_CLIENTS, client)]

    async def campaigns(self, client: ClientId | None, after: UUID | None, limit: int) -> Sequence[CampaignLine]:
        """The newest first."""
        where = Where()
        where.add("g.client_id = {n}", client)
        where.add("g.id < {n}", after)
        return await self._page(CampaignLine, SQL_CAMPAIGN_LINES, where, "g.id desc", limit)

    async def campaign(self, campaign: CampaignId) -> CampaignLine | None:
        """One."""
        return await self._one(CampaignLine, SQL_CAMPAIGN_LINES, "g.id = {n}", campaign)

    async def campaign_agents(self, campaign: CampaignId) -> Sequence[UserId]:
        """Who works for it."""
        return [UserId(row["user_id"]) for row in await self._pool.fetch(SQL_CAMPAIGN_AGENTS, campaign)]

    async def deliveries(
        self, client: ClientId | None, campaign: CampaignId | None, after: UUID | None, limit: int
    ) -> Sequence[DeliveryLine]:
        """The newest first."""
        where = Where()
        where.add("d.client_id = {n}", client)
        where.add("d.campaign_id = {n}", campaign)
        where.add("d.id < {n}", after)
        return await self._page(DeliveryLine, SQL_DELIVERY_LINES, where, "d.id desc", limit)

    async def delivery(self, delivery: DeliveryId) -> DeliveryLine | None:
        """One."""
        return await self._one(DeliveryLine, SQL_DELIVERY_LINES, "d.id = {n}", delivery)

    async def refusals(
        self, delivery: DeliveryId, after: tuple[int, str, str] | None, limit: int
    ) -> Sequence[RefusalLine]:
        """By row, column and reason."""
        row, column, reason = after or (-1, "", "")
        rows = await self._pool.fetch(SQL_REFUSAL_LINES, delivery, row, column, reason, limit)
        return [_line(RefusalLine, record) for record in rows]

    async def cases(self, which: CaseFilter, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[CaseLine]:
        """The newest first."""
        where = which_cases(which)
        where.add_all("(f.opened_at, f.id) < ({0}, {1})", after)
        return await self._page(CaseLine, SQL_CASE_LINES, where, "f.opened_at desc, f.id desc", limit)

    async def worklist(self, which: CaseFilter, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[CaseLine]:
        """The least time left first."""
        where = which_cases(which)
        where.conditions.append("f.state in ('open', 'no_number')")
        where.add_all("(f.plan_ends_at, f.id) > ({0}, {1})", after)
        return await self._page(CaseLine, SQL_CASE_LINES, where, "f.plan_ends_at, f.id", limit)

    async def case(self, case: CaseId) -> CaseLine | None:
        """One."""
        return await self._one(CaseLine, SQL_CASE_LINES, "f.id = {n}", case)

    async def case_detail(self, case: CaseId) -> CaseDetail | None:
        """One, with its signals, numbers and attempts."""
        line = await self.case(case)
        if line is None:
            return None
        return CaseDetail(
            case=line,
            signals=[_line(SignalLine, row) for row in await self._pool.fetch(SQL_CASE_SIGNALS, case)],
            phones=[_line(PhoneLine, row) for row in await self._pool.fetch(SQL_CASE_PHONES, case)],
            attempts=[_line(AttemptLine, row) for row in await self._pool.fetch(SQL_CASE_ATTEMPTS, case)],
            merges=[_line(MergeLine, row) for row in await self._pool.fetch(SQL_CASE_MERGES, case)],
        )

    async def exports(
        self, client: ClientId | None, campaign: CampaignId | None, after: UUID | None, limit: int
    ) -> Sequence[ExportLine]:
        """The newest first."""
        where = Where()
        where.add("e.client_id = {n}", client)
        where.add("e.campaign_id = {n}", campaign)
        where.add("e.id < {n}", after)
        return await self._page(ExportLine, SQL_EXPORT_LINES, where, "e.id desc", limit)

    async def export(self, export: UUID) -> ExportLine | None:
        """One."""
        return await self._one(ExportLine, SQL_EXPORT_LINES, "e.id = {n}", export)

    async def callbacks(
        self, client: ClientId | None, campaign: CampaignId | None, state: str, after: UUID | None, limit: int
    ) -> Sequence[CallbackLine]:
        """The oldest first."""
        where = Where()
        where.add("c.client_id = {n}", client)
        where.add("c.campaign_id = {n}", campaign)
        where.add("c.state = {n}", state)
        where.add("c.id > {n}", after)
        return await self._page(CallbackLine, SQL_CALLBACK_LINES, where, "c.id", limit)

    async def callback(self, callback: UUID) -> CallbackLine | None:
        """One."""
        return await self._one(CallbackLine, SQL_CALLBACK_LINES, "c.id = {n}", callback)

    async def _page(self, kind: type[T], select: str, where: Where, order: str, limit: int) -> list[T]:
        query = where.query(select, order, limit)
        return [_line(kind, row) for row in await self._pool.fetch(query, *where.values)]

    async def _one(self, kind: type[T], select: str, condition: str, subject: UUID) -> T | None:
        where = Where()
        where.add(condition, subject)
        found = await self._page(kind, select, where, "1", 1)
        return found[0] if found else None


_JSON = frozenset({"calendar", "settings", "counts"})


def _line(kind: type[T], row: asyncpg.Record) -> T:
    """Columns are named as the fields are."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # each is a dataclass, which a TypeVar cannot say
    values: dict[str, Any] = {name: json.loads(row[name]) if name in _JSON else row[name] for name in names}
    return kind(**values)
