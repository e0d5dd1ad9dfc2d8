"""The ledger: attempts and their events on PostgreSQL. One public method is one transaction.

An event and its projection are written together. Lock order: case, then attempt.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import asyncpg

from dialer.domain.call import Direction
from dialer.domain.ids import AttemptId, CampaignId, ChannelId, ClientId, PhoneId
from dialer.schedule.model import Planner
from dialer.services.ports.clock import Ids
from dialer.services.ports.ledger import (
    CallBackOrder,
    CallEnd,
    CallFact,
    Claim,
    ClaimOrder,
    InboundCall,
    Lease,
    LiveAttempt,
    ProofOrder,
)
from dialer.storage import callback_claims, ends, leases, proof_claims
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.claims import Claimer, Numbers
from dialer.storage.connection import Connection
from dialer.storage.pool import store

log = logging.getLogger(__name__)

SQL_LOCK_ATTEMPTS = "select id, revision from attempt where id = any($1) order by id for no key update"
SQL_KNOWN_FACTS = "select attempt_id, kind, wall_at from attempt_event where attempt_id = any($1) and wall_at >= $2"
SQL_ADD_EVENTS = """
insert into attempt_event (attempt_id, revision, kind, at, wall_at, actor, data)
select n.attempt_id, n.revision, n.kind, n.at, n.wall_at, n.actor, n.data::jsonb
  from unnest($1::uuid[], $2::int[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[])
       as n (attempt_id, revision, kind, at, wall_at, actor, data)
"""
# A late fact of an ended call still tells when it rang or was joined, but does not wake it up again.
SQL_PROJECT = """
update attempt a
   set revision = n.revision,
       state = case when a.live then coalesce(n.state, a.state) else a.state end,
       agent_id = coalesce(n.agent_id, a.agent_id),
       dialed_at = coalesce(a.dialed_at, n.dialed_at),
       ringing_at = coalesce(a.ringing_at, n.ringing_at),
       answered_at = coalesce(a.answered_at, n.answered_at),
       joined_at = coalesce(a.joined_at, n.joined_at),
       answer_to_agent_ms = coalesce(a.answer_to_agent_ms, n.answer_to_agent_ms),
       verified = coalesce(n.verified, a.verified),
       wrap_up_open = a.wrap_up_open or (n.given and a.outcome_at is null)
  from unnest($1::uuid[], $2::int[], $3::text[], $4::uuid[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[],
              $8::timestamptz[], $9::real[], $10::boolean[], $11::boolean[])
       as n (id, revision, state, agent_id, dialed_at, ringing_at, answered_at, joined_at, answer_to_agent_ms, verified,
             given)
 where a.id = n.id
"""
SQL_ADD_EVENT = """
insert into attempt_event (attempt_id, revision, kind, at, wall_at, actor, data)
values ($1, $2, $3, $4, $5, $6, $7::text::jsonb)
"""
SQL_PHONE_OF = "select id from phone where client_id = $1 and number_key = $2"
SQL_INBOUND = """
insert into attempt (id, direction, client_id, campaign_id, case_id, phone_id, number_key, channel_id, state, live,
                     claimed_at, answered_at, catalogue_version, revision, overflow_line_id)
select $1, case when $9::uuid is null then 'in' else 'overflow' end, $2, g.id, $4, $5, $6, $7, 'waiting', true, $8, $8,
       g.catalogue_version, 1, $9
  from campaign g where g.id = $3
on conflict (id) do nothing
returning id
"""
SQL_LIVE = """
select a.id, a.direction, a.campaign_id, a.client_id, a.case_id, a.phone_id, a.channel_id, a.state, a.agent_id,
       a.callback_id, a.overflow_line_id,
       min(e.wall_at) as claimed_wall,
       min(e.wall_at) filter (where e.kind = 'answered') as answered_wall,
       min(e.wall_at) filter (where e.kind = 'joined') as joined_wall,
       min(e.wall_at) filter (where e.kind = 'surveyed') as surveyed_wall
  from attempt a join attempt_event e on e.attempt_id = a.id
 where a.live and a.campaign_id = any($1) and a.id <> all($2)
 group by a.id
 order by a.id
"""

CLAIMS_AT_ONCE = 3

_MOMENTS = {"dialed": "dialed_at", "rang": "ringing_at", "answered": "answered_at", "joined": "joined_at"}


@store
class PostgresLedger:
    """`Ledger` on a pool. `number_key` is the keyed hash of an E.164 number; `numbers` unseals."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        ids: Ids,
        catalogues: CatalogueStore,
        planner: Planner,
        numbers: Numbers,
        number_key: Callable[[str], bytes],
    ) -> None:
        self._pool = pool
        self._catalogues = catalogues
        self._planner = planner
        self._numbers = numbers
        self._number_key = number_key
        self._ids = ids
        self._claims = asyncio.Semaphore(CLAIMS_AT_ONCE)
        self._claimer = Claimer(ids, catalogues, planner, numbers)

    async def claim(self, order: ClaimOrder) -> Sequence[Claim]:
        """Commit up to `order.most` attempts; may return fewer. Raises LostLeaseError."""
        if not order.most:
            return []
        # Unsealing takes a second connection while the claim holds one: too many at once would wait for each other.
        async with self._claims, self._pool.acquire() as connection, connection.transaction():
            return await self._claimer.claim(connection, order)

    async def claim_callback(self, order: CallBackOrder) -> Claim:
        """Commit one attempt for a request that belongs to no case. Raises LostLeaseError, RuleForbidsError."""
        async with self._pool.acquire() as connection, connection.transaction():
            return await callback_claims.claim(connection, order, AttemptId(self._ids.new()))

    async def claim_proof(self, order: ProofOrder) -> Claim:
        """Commit one proof call. Raises LostLeaseError, RuleForbidsError."""
        async with self._pool.acquire() as connection, connection.transaction():
            return await proof_claims.claim(connection, order, AttemptId(self._ids.new()))

    async def append(self, facts: Sequence[CallFact]) -> None:
        """Append facts in order; one already stored, or of an attempt that does not exist, is skipped."""
        if not facts:
            return
        async with self._pool.acquire() as connection, connection.transaction():
            ids = sorted({fact.attempt for fact in facts})
            revisions = {r["id"]: r["revision"] for r in await connection.fetch(SQL_LOCK_ATTEMPTS, ids)}
            if len(revisions) < len(ids):
                log.error("facts of unknown attempts count=%d", len(ids) - len(revisions))
            since = min(fact.wall_at for fact in facts)
            known = {tuple(r) for r in await connection.fetch(SQL_KNOWN_FACTS, ids, since)}
            fresh = []
            for fact in facts:
                key = (fact.attempt, fact.kind, fact.wall_at)
                if fact.attempt in revisions and key not in known:
                    known.add(key)
                    revisions[fact.attempt] += 1
                    fresh.append((fact, revisions[fact.attempt]))
            if fresh:
                await _store_facts(connection, fresh)

    async def end(self, *ended: CallEnd) -> None:
        """Close calls, in one transaction: events, projections, and their cases' next attempts. Twice is once."""
        async with self._pool.acquire() as connection, connection.transaction():
            await ends.close(connection, ended, self._catalogues, self._planner)

    async def inbound(self, call: InboundCall) -> None:
        """Commit an inbound call. Twice is once."""
        key = None if call.number is None else self._number_key(call.number)
        async with self._pool.acquire() as connection, connection.transaction():
            phone = None if key is None else await connection.fetchval(SQL_PHONE_OF, call.client, key)
            stored = await connection.fetchval(
                SQL_INBOUND,
                call.attempt,
                call.client,
                call.campaign,
                call.case,
                phone,
                key,
                call.channel,
                call.at,
                call.overflow,
            )
            if stored is None:
                return
            await connection.execute(
                SQL_ADD_EVENT, call.attempt, 1, "arrived", call.at, call.wall_at, "asterisk", json.dumps({})
            )

    async def live(self, campaigns: Sequence[CampaignId], but: Collection[AttemptId] = ()) -> Sequence[LiveAttempt]:
        """Attempts that the ledger believes to be live, without those in `but`."""
        rows = await self._pool.fetch(SQL_LIVE, list(campaigns), list(but))
        phones = sorted({PhoneId(row["phone_id"]) for row in rows if row["phone_id"] is not None})
        numbers = await self._numbers(phones) if phones else {}
        return [_live(row, numbers) for row in rows]

    async def take_lease(self, name: str, owner: str, seconds: float) -> Lease | None:
        """Take or renew the lease; None while another holds it. Taking it over raises the epoch."""
        async with self._pool.acquire() as connection:
            return await leases.take(connection, name, owner, seconds)

    async def drop_lease(self, name: str, owner: str) -> None:
        """Give it back at a clean stop."""
        async with self._pool.acquire() as connection:
            await leases.drop(connection, name, owner)


async def _store_facts(connection: Connection, fresh: Sequence[tuple[CallFact, int]]) -> None:
    await connection.execute(
        SQL_ADD_EVENTS,
        [fact.attempt for fact, _ in fresh],
        [revision for _, revision in fresh],
        [fact.kind for fact, _ in fresh],
        [fact.at for fact, _ in fresh],
        [fact.wall_at for fact, _ in fresh],
        [fact.actor for fact, _ in fresh],
        [json.dumps(dict(fact.data)) for fact, _ in fresh],
    )
    rows: dict[AttemptId, dict[str, Any]] = {}
    for fact, revision in fresh:
        row = rows.setdefault(fact.attempt, {})
        row["revision"], row["state"] = revision, fact.state or row.get("state")
        row["agent"] = fact.agent or row.get("agent")
        if fact.kind in _MOMENTS and not (fact.kind == "rang" and fact.data.get("early_media")):
            row.setdefault(_MOMENTS[fact.kind], fact.at)
        if fact.answer_to_agent_ms is not None:
            row.setdefault("answer_to_agent_ms", fact.answer_to_agent_ms)
        if fact.kind == "verified":
            row["verified"] = bool(fact.data.get("match"))
        if fact.kind in ("handed", "surveyed"):  # the agent has left and files its outcome now, though the call goes on
            row["given"] = True
        row.setdefault("given", False)
    columns = ("revision", "state", "agent", *_MOMENTS.values(), "answer_to_agent_ms", "verified", "given")
    await connection.execute(SQL_PROJECT, list(rows), *([row.get(name) for row in rows.values()] for name in columns))


def _live(row: asyncpg.Record, numbers: Mapping[PhoneId, str]) -> LiveAttempt:
    answered, joined, surveyed = row["answered_wall"], row["joined_wall"], row["surveyed_wall"]
    direction = Direction(row["direction"])
    claimed = row["claimed_wall"].timestamp()
    return LiveAttempt(
        attempt=AttemptId(row["id"]),
        direction=direction,
        campaign=CampaignId(row["campaign_id"]),
        client=ClientId(row["client_id"]),
        case=row["case_id"],
        callback=row["callback_id"],
        overflow=row["overflow_line_id"],
        channel=ChannelId(row["channel_id"]),
        state=row["state"],
        agent=row["agent_id"],
        claimed_wall=claimed,
        answered_wall=answered.timestamp() if answered else (claimed if direction.comes_in else None),
        joined_wall=None if joined is None else joined.timestamp(),
        surveyed_wall=None if surveyed is None else surveyed.timestamp(),
        number=None if row["phone_id"] is None else numbers.get(PhoneId(row["phone_id"])),
    )
