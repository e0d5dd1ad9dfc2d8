"""Campaigns in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from dialer.domain.campaign import PreflightError
from dialer.domain.errors import ConflictError, InvalidError, NotFoundError
from dialer.domain.ids import CampaignId, ClientId, UserId
from dialer.services.ports.campaigns import CampaignRecord, CampaignWrite, TermEnd
from dialer.storage import leases
from dialer.storage.audit import record_audit
from dialer.storage.cases import calendar_of
from dialer.storage.connection import Connection
from dialer.storage.pool import store

SQL_CREATE = """
insert into campaign (id, client_id, name, state, calendar, settings, catalogue_version, starts_on, ends_on, created_at)
select $1, l.id, $3, 'draft', $4::text::jsonb, $5::text::jsonb,
       (select max(version) from outcome_catalogue where campaign_id is null), $6, $7, $8
  from client l where l.id = $2
"""
SQL_RECORD_OF = """
select g.id, g.client_id, g.name, g.state, g.calendar::text as calendar, g.settings::text as settings,
       l.settings::text as client_settings, l.inbound_number, l.slug, g.starts_on, g.ends_on, g.version,
       (select min(f.next_at) from case_file f where f.campaign_id = g.id and f.state = 'open') as next_due,
       (select count(*) from case_file f
         where f.campaign_id = g.id and f.state = 'open' and f.next_at <= $2) as overdue,
       (select count(*) from case_file f where f.campaign_id = g.id and f.state = 'open') as open_cases,
       (select count(*) from app_user u
         where u.role = 'agent' and u.disabled_at is null
           and (exists (select 1 from campaign_agent c where c.campaign_id = g.id and c.user_id = u.id)
                or not exists (select 1 from campaign_agent c where c.user_id = u.id))
           and has_asked(u.id, g.settings)) as agents,
       (select coalesce(array_agg(k.item), '{}') from campaign_checks(g.id) k where not k.done) as unchecked
  from campaign g
  join client l on l.id = g.client_id
 where g.id = $1
"""
SQL_UNKNOWN_SKILL = """
select exists (select 1 from jsonb_array_elements_text($1::text::jsonb -> 'skills') as k
                where not exists (select 1 from skill s where s.code = k))
"""
SQL_UPDATE = """
update campaign
   set name = $3, calendar = $4::text::jsonb, settings = $5::text::jsonb, starts_on = $6, ends_on = $7,
       version = version + 1
 where id = $1 and version = $2
returning client_id
"""
SQL_PLAN_CHANGE = """
insert into plan_change (campaign_id, at, calendar, settings)
select id, $5, calendar, settings from campaign
 where id = $1 and version = $2
   and (calendar <> $3::text::jsonb
        or (settings -> 'hold_out_percent') is distinct from ($4::text::jsonb -> 'hold_out_percent')
        or (settings -> 'fair') is distinct from ($4::text::jsonb -> 'fair')
        or (settings -> 'first_attempt_hours') is distinct from ($4::text::jsonb -> 'first_attempt_hours'))
on conflict (campaign_id) do update set at = excluded.at, every_case = true, after_case = null
"""
SQL_SET_CAMPAIGN_STATE = """
update campaign set state = $3, version = version + 1 where id = $1 and state = $2 returning client_id
"""
SQL_CLEAR_AGENTS = "delete from campaign_agent where campaign_id = $1"
SQL_ADD_AGENTS = "insert into campaign_agent (campaign_id, user_id) select $1, unnest($2::uuid[])"
SQL_CLIENT = "select client_id from campaign where id = $1 for update"
SQL_COUNTS = """
select case
         when f.state <> 'open' then f.state
         when f.plan_ends_at <= $2 then 'term_over'
         when exists (select 1 from opt_out o join resident r on r.match_key = o.match_key
                       where r.id = f.resident_id and o.client_id = f.client_id and o.lifted_at is null) then 'opt_out'
         when not exists (select 1 from case_phone cp join phone p on p.id = cp.phone_id
                           where cp.case_id = f.id and cp.state = 'open'
                             and (p.blocked_at is null or p.lifted_at is not null)) then 'no_number'
         when d.state <> 'loaded' then 'not_loaded'
         else 'call'
       end as code, count(*) as cases
  from case_file f join delivery d on d.id = f.delivery_id
 where f.campaign_id = $1
 group by 1
"""
# Planning ends at a midnight, exclusive: the day before is the last one.
SQL_ENDS = """
select ((f.plan_ends_at - interval '1 second') at time zone 'Europe/Amsterdam')::date as "on",
       count(*) as cases, count(*) filter (where f.crisis) as crisis
  from case_file f where f.campaign_id = $1 and f.state in ('open', 'no_number')
 group by 1 order by 1
"""
SQL_FIND = """
select g.id from campaign g join client l on l.id = g.client_id
 where g.name = $1 and ($2 = '' or l.slug = $2) limit 2
"""


@store
class PostgresCampaigns:
    """`CampaignStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def create(self, write: CampaignWrite, client: ClientId, at: datetime, actor: str) -> None:
        """Raises NotFoundError, ConflictError."""
        async with self._pool.acquire() as connection, connection.transaction():
            await _check_skills(connection, json.dumps(dict(write.settings)))
            try:
                status = await connection.execute(
                    SQL_CREATE,
                    write.campaign,
                    client,
                    write.name,
                    json.dumps(dict(write.calendar)),
                    json.dumps(dict(write.settings)),
                    write.starts_on,
                    write.ends_on,
                    at,
                )
            except asyncpg.UniqueViolationError:
                raise ConflictError("a campaign of this name exists already") from None
            if status.endswith(" 0"):
                raise NotFoundError("no such client")
            await _audit(connection, at, actor, "campaign.create", write.campaign, client)

    async def record(self, campaign: CampaignId, at: datetime) -> CampaignRecord:
        """Raises NotFoundError."""
        async with self._pool.acquire() as connection:
            row = await connection.fetchrow(SQL_RECORD_OF, campaign, at)
            leased = await leases.taken(connection, leases.lease_name(campaign))
        if row is None:
            raise NotFoundError("no such campaign")
        return CampaignRecord(
            campaign=CampaignId(row["id"]),
            client=ClientId(row["client_id"]),
            name=row["name"],
            state=row["state"],
            calendar=calendar_of(row["calendar"]),
            calendar_json=json.loads(row["calendar"]),
            settings=json.loads(row["settings"]),
            client_settings=json.loads(row["client_settings"]),
            inbound_number=row["inbound_number"],
            sounds=row["slug"],
            starts_on=row["starts_on"],
            ends_on=row["ends_on"],
            version=row["version"],
            next_due=row["next_due"],
            overdue=row["overdue"],
            open_cases=row["open_cases"],
            agents=row["agents"],
            leased=leased,
            unchecked=row["unchecked"],
        )

    async def update(self, write: CampaignWrite, version: int, at: datetime, actor: str) -> bool:
        """False when it is not at `version` any more. Raises ConflictError."""
        async with self._pool.acquire() as connection, connection.transaction():
            calendar, settings = json.dumps(dict(write.calendar)), json.dumps(dict(write.settings))
            await _check_skills(connection, settings)
            await connection.execute(SQL_PLAN_CHANGE, write.campaign, version, calendar, settings, at)
            try:
                client = await connection.fetchval(
                    SQL_UPDATE,
                    write.campaign,
                    version,
                    write.name,
                    calendar,
                    settings,
                    write.starts_on,
                    write.ends_on,
                )
            except asyncpg.UniqueViolationError:
                raise ConflictError("a campaign of this name exists already") from None
            if client is None:
                return False
            await _audit(connection, at, actor, "campaign.update", write.campaign, client)
            return True

    async def set_state(self, campaign: CampaignId, expected: str, state: str, at: datetime, actor: str) -> bool:
        """False when its state is not `expected` any more. Raises PreflightError."""
        async with self._pool.acquire() as connection, connection.transaction():
            try:
                client = await connection.fetchval(SQL_SET_CAMPAIGN_STATE, campaign, expected, state)
            except asyncpg.CheckViolationError as error:
                if error.constraint_name != "campaign_checklist":
                    raise
                raise PreflightError("the checklist is not complete") from None
            if client is None:
                return False
            await _audit(connection, at, actor, "campaign.state", campaign, client, before=expected, after=state)
            return True

    async def set_agents(self, campaign: CampaignId, users: Sequence[UserId], at: datetime, actor: str) -> None:
        """Raises NotFoundError."""
        async with self._pool.acquire() as connection, connection.transaction():
            client = await connection.fetchval(SQL_CLIENT, campaign)
            if client is None:
                raise NotFoundError("no such campaign")
            await connection.execute(SQL_CLEAR_AGENTS, campaign)
            try:
                await connection.execute(SQL_ADD_AGENTS, campaign, list(dict.fromkeys(users)))
            except asyncpg.ForeignKeyViolationError:
                raise NotFoundError("no such user") from None
            await _audit(connection, at, actor, "campaign.agents", campaign, client, agents=len(users))

    async def counts(self, campaign: CampaignId, at: datetime) -> Mapping[str, int]:
        """Cases by what would become of them: `call`, or why not."""
        return {row["code"]: row["cases"] for row in await self._pool.fetch(SQL_COUNTS, campaign, at)}

    async def ends(self, campaign: CampaignId) -> Sequence[TermEnd]:
        """See CampaignStore."""
        return [TermEnd(**row) for row in await self._pool.fetch(SQL_ENDS, campaign)]

    async def exists(self, name: str, client: str) -> CampaignId:
        """Raises NotFoundError, ConflictError."""
        rows = await self._pool.fetch(SQL_FIND, name, client)
        if not rows:
            raise NotFoundError("no such campaign")
        if len(rows) > 1:
            raise ConflictError("several clients have a campaign of this name: name the client too")
        return CampaignId(rows[0]["id"])


async def _check_skills(connection: Connection, settings: str) -> None:
    if await connection.fetchval(SQL_UNKNOWN_SKILL, settings):
        raise InvalidError("deze vaardigheid is er niet", "settings.skills")


async def _audit(
    connection: Connection,
    at: datetime,
    actor: str,
    action: str,
    campaign: CampaignId,
    client: ClientId,
    **detail: Any,
) -> None:
    await record_audit(connection, at, actor, action, "campaign", campaign, client, detail)
