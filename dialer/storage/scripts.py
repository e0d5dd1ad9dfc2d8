"""Conversation scripts: drafts, versions, the client's decisions, and which one a campaign and a call have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from dialer.domain.errors import ConflictError, NotFoundError
from dialer.domain.ids import AttemptId, CampaignId, ClientId
from dialer.domain.script import Script, parse_script, to_json
from dialer.services.ports.scripts import SHIPPED, Act, NewVersion, ScriptLine, VersionRow
from dialer.storage.audit import record_audit
from dialer.storage.connection import Connection
from dialer.storage.pool import store

_LINE = """
select s.id, s.client_id, s.name, s.draft::text as draft, s.draft_version, s.draft_at,
       coalesce(u.display_name, '') as draft_by, v.number as newest, v.body is distinct from s.draft as draft_differs,
       (select max(o.number) from script_version o join script_decision d on d.version_id = o.id
         where o.script_id = s.id and d.decision = 'approved') as approved,
       case when v.id is not null and not exists (select 1 from script_decision d where d.version_id = v.id)
            then v.number end as waiting
  from script s
  left join app_user u on u.id = s.draft_by
  left join lateral (select id, number, body from script_version where script_id = s.id order by number desc limit 1) v
    on true
"""
_VERSION = """
select v.id, v.script_id, s.client_id, s.name, v.number, v.note, v.same_as, v.created_at,
       coalesce(u.display_name, '') as by, v.body::text as body,
       d.decision, d.at as decided_at, coalesce(w.display_name, '') as decided_by,
       coalesce(d.note, '') as decided_note,
       v.number < (select max(number) from script_version where script_id = v.script_id) as old
  from script_version v
  join script s on s.id = v.script_id
  left join app_user u on u.id = v.created_by
  left join script_decision d on d.version_id = v.id
  left join app_user w on w.id = d.by_user
"""
_CHOSEN = """
join lateral (select o.id from script_version o join script_decision e on e.version_id = o.id
               where o.script_id = coalesce(c.script_id, $2) and e.decision = 'approved'
               order by o.number desc limit 1) chosen on true
"""
SQL_LINES = f"""
{_LINE}
 where $1::uuid is null or s.client_id is null or s.client_id = $1
 order by s.client_id is not null, s.name, s.id
"""
SQL_LINE = f"{_LINE} where s.id = $1"
SQL_ADD = """
insert into script (id, client_id, name, draft, draft_at, draft_by, created_at)
values ($1, $2, $3, $4::text::jsonb, $5, $6, $5)
"""
SQL_LOCK = "select client_id, draft_version, draft_by, draft_at from script where id = $1 for no key update"
SQL_SAVE_DRAFT = """
update script set draft = $2::text::jsonb, draft_version = draft_version + 1, draft_at = $3, draft_by = $4
 where id = $1 returning draft_version
"""
SQL_VERSIONS = f"{_VERSION} where v.script_id = $1 order by v.number desc limit $2"
SQL_VERSION = f"{_VERSION} where v.id = $1"
SQL_NEWEST = "select max(number) from script_version where script_id = $1"
SQL_KEEP = """
insert into script_version (id, script_id, number, body, note, same_as, created_at, created_by)
values ($1, $2, $3, $4::text::jsonb, $5, $6, $7, $8)
"""
SQL_DECIDE = """
insert into script_decision (version_id, decision, note, at, by_user) values ($1, $2, $3, $4, $5)
on conflict do nothing returning version_id
"""
SQL_SHIP = """
insert into script (id, client_id, name, draft, draft_at, created_at) values ($1, null, $2, $3::text::jsonb, $4, $4)
on conflict do nothing
"""
SQL_SHIPPED_BODY = (
    "select number, body::text as body from script_version where script_id = $1 order by number desc limit 1"
)
SQL_CLIENT_OF_CAMPAIGN = "select client_id, catalogue_version from campaign where id = $1"
SQL_OF_CAMPAIGN = f"""
{_VERSION}
 where v.id = (select chosen.id from campaign g left join campaign_script c on c.campaign_id = g.id {_CHOSEN}
                where g.id = $1)
"""  # noqa: S608 - constant pieces of this file
SQL_CHOOSE = """
insert into campaign_script (campaign_id, script_id, at) values ($1, $2, $3)
on conflict (campaign_id) do update set script_id = excluded.script_id, at = excluded.at
"""
SQL_CHOOSE_SHIPPED = "delete from campaign_script where campaign_id = $1"
# Two screens that ask at once get one and the same: the second waits for the first at the key.
SQL_GIVE = f"""
insert into attempt_script (attempt_id, version_id, at)
select a.id, chosen.id, $3 from attempt a left join campaign_script c on c.campaign_id = a.campaign_id {_CHOSEN}
 where a.id = $1
on conflict do nothing
"""  # noqa: S608 - constant pieces of this file
SQL_OF_CALL = f"""
{_VERSION} where v.id = (select version_id from attempt_script where attempt_id = $1)
"""  # noqa: S608 - constant pieces of this file

_SAME_HAND_SECONDS = 900.0
"""An editor saves itself every second: one audit line for each stretch of work by one person."""

_SHIPPED_NAME = "Standaardscript"


@store
class PgScripts:
    """`ScriptStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def seed(self, body: Script, version: UUID, at: datetime) -> None:
        """See ScriptStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL_SHIP, SHIPPED, _SHIPPED_NAME, _json(body), at)
            await connection.fetchrow(SQL_LOCK, SHIPPED)
            newest = await connection.fetchrow(SQL_SHIPPED_BODY, SHIPPED)
            if newest is not None and json.loads(newest["body"]) == to_json(body):
                return
            number = 1 if newest is None else newest["number"] + 1
            await connection.execute(SQL_KEEP, version, SHIPPED, number, _json(body), "", None, at, None)
            await connection.execute(SQL_DECIDE, version, "approved", "", at, None)
            await connection.execute(SQL_SAVE_DRAFT, SHIPPED, _json(body), at, None)

    async def lines(self, client: ClientId | None) -> Sequence[ScriptLine]:
        """See ScriptStore."""
        return [_line(row) for row in await self._pool.fetch(SQL_LINES, client)]

    async def draft(self, script: UUID) -> tuple[ScriptLine, Script]:
        """See ScriptStore."""
        row = await self._pool.fetchrow(SQL_LINE, script)
        if row is None:
            raise NotFoundError("no such script")
        return _line(row), parse_script(json.loads(row["draft"]))

    async def add(self, script: UUID, client: ClientId, name: str, body: Script, act: Act) -> None:
        """See ScriptStore."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(SQL_ADD, script, client, name, _json(body), act.at, act.user)
                await _audit(connection, act, "script.add", script, client)
        except asyncpg.UniqueViolationError:
            raise ConflictError("the client has a script with this name") from None
        except asyncpg.ForeignKeyViolationError:
            raise NotFoundError("no such client") from None

    async def save_draft(self, script: UUID, version: int, body: Script, act: Act) -> int | None:
        """See ScriptStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(SQL_LOCK, script)
            if row is None or row["draft_version"] != version:
                return None
            after: int = await connection.fetchval(SQL_SAVE_DRAFT, script, _json(body), act.at, act.user)
            if row["draft_by"] != act.user or (act.at - row["draft_at"]).total_seconds() > _SAME_HAND_SECONDS:
                await _audit(connection, act, "script.draft", script, row["client_id"])
            return after

    async def versions(self, script: UUID, most: int) -> Sequence[VersionRow]:
        """See ScriptStore."""
        return [_version(row) for row in await self._pool.fetch(SQL_VERSIONS, script, most)]

    async def version(self, version: UUID) -> VersionRow:
        """See ScriptStore."""
        row = await self._pool.fetchrow(SQL_VERSION, version)
        if row is None:
            raise NotFoundError("no such version")
        return _version(row)

    async def keep(self, new: NewVersion, act: Act) -> int | None:
        """See ScriptStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(SQL_LOCK, new.script)
            newest: int | None = await connection.fetchval(SQL_NEWEST, new.script)
            if row is None or newest != new.base or new.draft_version not in (None, row["draft_version"]):
                return None
            number = (newest or 0) + 1
            await connection.execute(
                SQL_KEEP, new.id, new.script, number, _json(new.body), new.note, new.same_as, act.at, act.user
            )
            if new.carry:
                await connection.execute(SQL_DECIDE, new.id, "approved", "", act.at, None)
            if new.draft is not None:
                await connection.execute(SQL_SAVE_DRAFT, new.script, _json(new.draft), act.at, act.user)
            what = "script.version" if new.same_as is None else "script.back"
            detail = {"number": number, "same_as": new.same_as, "approved": new.carry}
            await _audit(connection, act, what, new.script, row["client_id"], **detail)
            return number

    async def decide(self, version: UUID, decision: str, note: str, act: Act) -> bool:
        """See ScriptStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            found = await connection.fetchrow(SQL_VERSION, version)
            if found is None:
                return False
            await connection.fetchrow(SQL_LOCK, found["script_id"])  # no newer version comes while this is decided
            if await connection.fetchval(SQL_NEWEST, found["script_id"]) != found["number"]:
                return False
            if await connection.fetchval(SQL_DECIDE, version, decision, note, act.at, act.user) is None:
                return False
            detail = {"number": found["number"], "decision": decision}
            await _audit(connection, act, "script.decide", found["script_id"], found["client_id"], **detail)
            return True

    async def client_of_campaign(self, campaign: CampaignId) -> tuple[ClientId, int]:
        """See ScriptStore."""
        row = await self._pool.fetchrow(SQL_CLIENT_OF_CAMPAIGN, campaign)
        if row is None:
            raise NotFoundError("no such campaign")
        return ClientId(row["client_id"]), row["catalogue_version"]

    async def of_campaign(self, campaign: CampaignId) -> VersionRow:
        """See ScriptStore."""
        row = await self._pool.fetchrow(SQL_OF_CAMPAIGN, campaign, SHIPPED)
        if row is None:
            raise NotFoundError("no such campaign")
        return _version(row)

    async def choose(self, campaign: CampaignId, script: UUID | None, act: Act) -> None:
        """See ScriptStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            if script is None:
                await connection.execute(SQL_CHOOSE_SHIPPED, campaign)
            else:
                await connection.execute(SQL_CHOOSE, campaign, script, act.at)
            client = await connection.fetchval(SQL_CLIENT_OF_CAMPAIGN, campaign)
            detail = {"script": str(script or SHIPPED)}
            await record_audit(connection, act.at, act.actor, "campaign.script", "campaign", campaign, client, detail)

    async def of_call(self, attempt: AttemptId, at: datetime) -> VersionRow:
        """See ScriptStore."""
        async with self._pool.acquire() as connection:
            row = await connection.fetchrow(SQL_OF_CALL, attempt)
            if row is None:
                await connection.execute(SQL_GIVE, attempt, SHIPPED, at)
                row = await connection.fetchrow(SQL_OF_CALL, attempt)
        if row is None:
            raise NotFoundError("no such call")
        return _version(row)


async def _audit(
    connection: Connection, act: Act, action: str, script: UUID, client: UUID | None, **detail: object
) -> None:
    await record_audit(connection, act.at, act.actor, action, "script", script, client, detail)


def _json(body: Script) -> str:
    return json.dumps(to_json(body), ensure_ascii=False)


def _line(row: asyncpg.Record) -> ScriptLine:
    client = row["client_id"]
    return ScriptLine(
        id=row["id"],
        client=None if client is None else ClientId(client),
        name=row["name"],
        newest=row["newest"],
        approved=row["approved"],
        waiting=row["waiting"],
        draft_version=row["draft_version"],
        draft_at=row["draft_at"],
        draft_by=row["draft_by"],
        draft_differs=row["draft_differs"],
    )


def _version(row: asyncpg.Record) -> VersionRow:
    client = row["client_id"]
    return VersionRow(
        id=row["id"],
        script=row["script_id"],
        client=None if client is None else ClientId(client),
        name=row["name"],
        number=row["number"],
        note=row["note"],
        same_as=row["same_as"],
        at=row["created_at"],
        by=row["by"],
        state=row["decision"] or ("superseded" if row["old"] else "waiting"),
        decided_at=row["decided_at"],
        decided_by=row["decided_by"],
        decided_note=row["decided_note"],
        body=parse_script(json.loads(row["body"])),
    )
