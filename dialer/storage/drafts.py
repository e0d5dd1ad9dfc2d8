"""A draft campaign that is thrown away, with all that came in for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from dialer.domain.errors import ConflictError, NotFoundError
from dialer.domain.ids import CampaignId, ClientId, DeliveryId
from dialer.storage.audit import record_audit
from dialer.storage.connection import Connection
from dialer.storage.pool import store

SQL_DRAFT = "select client_id, state from campaign where id = $1"
SQL_LOCK_DRAFT = "select client_id, state from campaign where id = $1 for update"
SQL_DELIVERIES = "select id from delivery where campaign_id = $1"
SQL_RESIDENTS = "select distinct resident_id as id from case_file where campaign_id = $1"
SQL_PHONES = """
select distinct cp.phone_id as id from case_phone cp join case_file f on f.id = cp.case_id where f.campaign_id = $1
"""
_OF_DELIVERIES = "where delivery_id in (select id from delivery where campaign_id = $1)"
_OF_CASES = "where case_id in (select id from case_file where campaign_id = $1)"
SQL_EMPTY_SIGNALS = f"delete from pii.signal {_OF_DELIVERIES}"  # noqa: S608 - constant pieces of this file
SQL_EMPTY_NUMBERS = f"delete from pii.phone {_OF_DELIVERIES}"  # noqa: S608 - constant pieces of this file
SQL_EMPTY_PEOPLE = f"delete from pii.resident {_OF_DELIVERIES}"  # noqa: S608 - constant pieces of this file
SQL_EMPTY_REFUSED = f"delete from pii.refused_row {_OF_DELIVERIES}"  # noqa: S608 - constant pieces of this file
SQL_DROP_REFUSALS = f"delete from delivery_refusal {_OF_DELIVERIES}"  # noqa: S608 - constant pieces of this file
SQL_DROP_SIGNALS = f"delete from signal {_OF_CASES}"  # noqa: S608 - constant pieces of this file
SQL_DROP_CASE_PHONES = f"delete from case_phone {_OF_CASES}"  # noqa: S608 - constant pieces of this file
SQL_DROP_CASES = "delete from case_file where campaign_id = $1"
SQL_DROP_DELIVERIES = "delete from delivery where campaign_id = $1"
SQL_DROP_AGENTS = "delete from campaign_agent where campaign_id = $1"
SQL_DROP_SCRIPT = "delete from campaign_script where campaign_id = $1"
SQL_DROP_PLAN = "delete from plan_change where campaign_id = $1"
SQL_DROP_CAMPAIGN = "delete from campaign where id = $1"
SQL_DROP_RESIDENTS = """
delete from resident r where r.id = any($1) and not exists (select 1 from case_file f where f.resident_id = r.id)
"""
SQL_DROP_PHONES = """
delete from phone p where p.id = any($1) and p.blocked_at is null
   and not exists (select 1 from case_phone cp where cp.phone_id = p.id)
   and not exists (select 1 from attempt a where a.phone_id = p.id)
"""
SQL_STOP = "update campaign set state = 'stopped', version = version + 1 where id = $1"

_IN_ORDER = (
    SQL_EMPTY_SIGNALS, SQL_EMPTY_NUMBERS, SQL_EMPTY_PEOPLE, SQL_EMPTY_REFUSED, SQL_DROP_REFUSALS, SQL_DROP_SIGNALS,
    SQL_DROP_CASE_PHONES, SQL_DROP_CASES, SQL_DROP_DELIVERIES, SQL_DROP_AGENTS, SQL_DROP_SCRIPT, SQL_DROP_PLAN,
    SQL_DROP_CAMPAIGN,
)  # fmt: skip


@store
class PgDrafts:
    """The port `DraftStore`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def deliveries(self, campaign: CampaignId) -> Sequence[DeliveryId]:
        """Of a draft. Raises NotFoundError, ConflictError when it is none any more."""
        _draft(await self._pool.fetchrow(SQL_DRAFT, campaign))
        return [DeliveryId(row["id"]) for row in await self._pool.fetch(SQL_DELIVERIES, campaign)]

    async def discard(self, campaign: CampaignId, at: datetime, actor: str) -> bool:
        """Raises NotFoundError, ConflictError. False: something that stays refers to it, so it is stopped instead."""
        async with self._pool.acquire() as connection, connection.transaction():
            client = _draft(await connection.fetchrow(SQL_LOCK_DRAFT, campaign))
            gone = await _gone(connection, campaign)
            if not gone:
                await connection.execute(SQL_STOP, campaign)
            await record_audit(connection, at, actor, "campaign.discard", "campaign", campaign, client, {"gone": gone})
            return gone


def _draft(row: asyncpg.Record | None) -> ClientId:
    if row is None:
        raise NotFoundError("no such campaign")
    if row["state"] != "draft":
        raise ConflictError("the campaign has begun")
    return ClientId(row["client_id"])


async def _gone(connection: Connection, campaign: CampaignId) -> bool:
    residents = [row["id"] for row in await connection.fetch(SQL_RESIDENTS, campaign)]
    phones = [row["id"] for row in await connection.fetch(SQL_PHONES, campaign)]
    try:
        async with connection.transaction():
            for statement in _IN_ORDER:
                await connection.execute(statement, campaign)
            await connection.execute(SQL_DROP_RESIDENTS, residents)
            await connection.execute(SQL_DROP_PHONES, phones)
    except asyncpg.ForeignKeyViolationError:
        return False  # proof calls, a place that fetches lists, an export: these are kept
    return True
