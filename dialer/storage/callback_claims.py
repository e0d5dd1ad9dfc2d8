"""The claim of a call-back request that belongs to no case: one committed attempt, for the agent who took the request.

The rules stand in the database's `callback_guard`; the window is looked at here too, to name it as the reason.
Lock order: request, then attempt.
"""

from __future__ import annotations

import json
from uuid import UUID

import asyncpg

from dialer.domain.ids import AttemptId, ClientId
from dialer.schedule.windows import local_date
from dialer.services.ports.ledger import CallBackOrder, Claim, RuleForbidsError
from dialer.storage import leases
from dialer.storage.cases import calendar_of
from dialer.storage.claims import SQL_CAMPAIGN
from dialer.storage.connection import Connection

SQL_LOCK_CALLBACK = "select id from callback_task where id = $1 for no key update"
SQL_CLAIM_ASKED = """
insert into attempt (id, direction, client_id, campaign_id, phone_id, number_key, channel_id, state, live, day,
                     agent_id, epoch, planned_at, claimed_at, catalogue_version, revision, callback_id)
select $1, 'out', t.client_id, t.campaign_id, p.id, t.number_key, $1::uuid::text, 'claimed', true, $3, $4, $5,
       t.requested_at, $6, g.catalogue_version, 1, t.id
  from callback_task t
  join campaign g on g.id = t.campaign_id
  left join phone p on p.client_id = t.client_id and p.number_key = t.number_key
 where t.id = $2
on conflict do nothing
returning client_id, phone_id
"""
SQL_ASKED_EVENT = """
insert into attempt_event (attempt_id, revision, kind, at, wall_at, actor, data)
values ($1, 1, 'claimed', $2, $3, $4, $5::text::jsonb)
"""
SQL_GIVE_BACK = """
update callback_task set state = 'open', claimed_by = null, claimed_at = null where id = $1 and state = 'claimed'
"""


async def lock(connection: Connection, callback: UUID) -> None:
    """Nobody else changes the request until this transaction ends."""
    await connection.execute(SQL_LOCK_CALLBACK, callback)


async def give_back(connection: Connection, callback: UUID) -> None:
    """Nobody was spoken to: the request waits for somebody again, in its old place."""
    await connection.execute(SQL_GIVE_BACK, callback)


async def claim(connection: Connection, order: CallBackOrder, attempt: AttemptId) -> Claim:
    """Inside the caller's transaction. Raises LostLeaseError, RuleForbidsError."""
    await leases.hold(connection, leases.lease_name(order.campaign), order.owner, order.epoch)
    calendar = await connection.fetchval(SQL_CAMPAIGN, order.campaign, local_date(order.at))
    if calendar is None:
        raise RuleForbidsError("attempt_campaign_running")
    if not calendar_of(calendar).is_open(order.at):
        raise RuleForbidsError("window")
    await lock(connection, order.callback)
    try:
        row = await connection.fetchrow(
            SQL_CLAIM_ASKED,
            attempt,
            order.callback,
            local_date(order.at),
            order.agent,
            order.epoch,
            order.at,
        )
    except asyncpg.CheckViolationError as error:
        raise RuleForbidsError(error.constraint_name or "") from None
    if row is None:
        raise RuleForbidsError("attempt_number_free")
    reason = {"code": "call_back_now"}
    data = json.dumps({"callback": str(order.callback), "agent": str(order.agent), "reason": reason})
    await connection.execute(SQL_ASKED_EVENT, attempt, order.at, order.wall_at, f"user:{order.agent}", data)
    return Claim(
        attempt=attempt,
        campaign=order.campaign,
        client=ClientId(row["client_id"]),
        case=None,
        phone=row["phone_id"],
        number=order.number,
        agent=order.agent,
        counted=False,
        seq=0,
        case_seq=0,
        reason=reason,
        callback=order.callback,
    )
