"""What the national exchange wants to know, from the tables."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import CampaignId, CaseId, ClientId, DeliveryId
from dialer.services import sealed
from dialer.services.ddas import DdasSignal
from dialer.services.ports.vault import ErasedError, Vault
from dialer.storage.exports import CALLS_OF_CASE
from dialer.storage.pool import store

SQL_CLIENT_OF = "select client_id from campaign where id = $1"
SQL_PROFILE = "select ddas::text from client where id = $1"
SQL_KEEP_PROFILE = "update client set ddas = $2::text::jsonb where id = $1"
SQL_SIGNALS = (
    """
select s.id as signal_id, s.case_id, s.signal_ref, s.partner_type, s.signal_on, s.crisis, s.warm_handover, s.client_id,
       s.delivery_id, f.opened_at, f.resident_id, coalesce(od.ddas, '') as result, d.wrapped_key as delivery_key,
       l.wrapped_key as client_key, ps.sealed as signal_box, pr.sealed as resident_box,
       coalesce(calls.attempts, '[]')::text as attempts
  from signal s
  join delivery d on d.id = s.delivery_id and d.state = 'loaded'
  join case_file f on f.id = s.case_id
  join client l on l.id = s.client_id
  join pii.signal ps on ps.signal_id = s.id
  join pii.resident pr on pr.resident_id = f.resident_id and pr.delivery_id = s.delivery_id
  left join outcome_definition od on od.version = f.catalogue_version and od.code = f.outcome
   and f.state in ('reached', 'not_reached', 'closed')
"""
    + CALLS_OF_CASE
    + """
 where f.campaign_id = $1 and not s.recalled and d.received_at >= $2 and d.received_at < $3
 order by f.opened_at, f.id, s.signal_ref
"""
)


@store
class PgDdas:
    """`DdasStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def client_of(self, campaign: CampaignId) -> ClientId:
        """Raises NotFoundError."""
        found = await self._pool.fetchval(SQL_CLIENT_OF, campaign)
        if found is None:
            raise NotFoundError("no such campaign")
        return ClientId(found)

    async def profile(self, client: ClientId) -> Mapping[str, str]:
        """Raises NotFoundError."""
        found = await self._pool.fetchval(SQL_PROFILE, client)
        if found is None:
            raise NotFoundError("no such client")
        profile: Mapping[str, str] = json.loads(found)
        return profile

    async def keep_profile(self, client: ClientId, profile: Mapping[str, str]) -> None:
        """In place of what was."""
        await self._pool.execute(SQL_KEEP_PROFILE, client, json.dumps(dict(profile)))

    async def signals(self, campaign: CampaignId, begin: datetime, end: datetime, vault: Vault) -> Sequence[DdasSignal]:
        """Opened in a thread."""
        rows = await self._pool.fetch(SQL_SIGNALS, campaign, begin, end, timeout=300)
        found = await asyncio.to_thread(lambda: [_signal(row, vault) for row in rows])
        return [one for one in found if one is not None]


def _signal(row: asyncpg.Record, vault: Vault) -> DdasSignal | None:
    client, delivery = ClientId(row["client_id"]), DeliveryId(row["delivery_id"])
    try:
        sealer = vault.delivery(client, row["client_key"], delivery, row["delivery_key"])
    except ErasedError:
        return None
    said = sealed.signal_data(sealer.open(sealed.SIGNAL, row["signal_id"], row["signal_box"]))
    who = sealed.resident_data(sealer.open(sealed.RESIDENT, row["resident_id"], row["resident_box"]))
    return DdasSignal(
        case=CaseId(row["case_id"]),
        signal_ref=row["signal_ref"],
        partner_type=row["partner_type"],
        signal_on=row["signal_on"],
        crisis=row["crisis"],
        warm_handover=row["warm_handover"],
        opened_at=row["opened_at"],
        result=row["result"],
        attempts=json.loads(row["attempts"]),
        amount_cents=said.amount_cents,
        arisen_on=said.arisen_on,
        postcode=who.postcode,
        house_number=who.house_number,
        house_addition=who.house_addition,
    )
