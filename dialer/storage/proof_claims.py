"""The claim of a proof call: one committed attempt to one of our own people.

The rules stand in the database's `proof_guard`. Windows and caps are residents' and do not hold here.
"""

from __future__ import annotations

import json

import asyncpg

from dialer.domain.ids import AttemptId, ClientId
from dialer.schedule.windows import local_date
from dialer.services.ports.ledger import Claim, ProofOrder, RuleForbidsError
from dialer.storage import leases
from dialer.storage.callback_claims import SQL_ASKED_EVENT
from dialer.storage.connection import Connection

SQL_CLAIM_PROOF = """
insert into attempt (id, direction, client_id, campaign_id, number_key, channel_id, state, live, day, agent_id, epoch,
                     claimed_at, catalogue_version, revision, staff_phone_id)
select $1, 'proof', g.client_id, g.id, p.number_key, $1::uuid::text, 'claimed', true, $4, $5, $6, $7,
       g.catalogue_version, 1, p.id
  from staff_phone p join campaign g on g.id = $3 where p.id = $2
on conflict do nothing
returning client_id
"""


async def claim(connection: Connection, order: ProofOrder, attempt: AttemptId) -> Claim:
    """Inside the caller's transaction. Raises LostLeaseError, RuleForbidsError."""
    await leases.hold(connection, leases.lease_name(order.campaign), order.owner, order.epoch)
    try:
        client = await connection.fetchval(
            SQL_CLAIM_PROOF,
            attempt,
            order.phone,
            order.campaign,
            local_date(order.at),
            order.agent,
            order.epoch,
            order.at,
        )
    except asyncpg.CheckViolationError as error:
        raise RuleForbidsError(error.constraint_name or "") from None
    if client is None:
        raise RuleForbidsError("attempt_number_free")
    agent = None if order.agent is None else str(order.agent)
    data = json.dumps({"staff_phone": str(order.phone), "agent": agent})
    await connection.execute(SQL_ASKED_EVENT, attempt, order.at, order.wall_at, order.actor, data)
    return Claim(
        attempt=attempt,
        campaign=order.campaign,
        client=ClientId(client),
        case=None,
        phone=None,
        number=order.number,
        agent=order.agent,
        counted=False,
        seq=0,
        case_seq=0,
        reason={"code": "proof"},
        proof=True,
    )
