"""Call-back requests and blocked numbers in PostgreSQL. One that is surely one case's makes that case due; any
other holds the plans of those whom it may be from."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import asyncpg

from dialer.domain.errors import ConflictError, NotFoundError
from dialer.domain.ids import CampaignId, CaseId, ClientId, UserId
from dialer.schedule.model import Planner
from dialer.services.ports.callbacks import NewCallback, SealedCallback
from dialer.storage import cases
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.connection import Connection
from dialer.storage.pool import store

SQL_CLIENT_KEY = "select wrapped_key from client where id = $1"
# The request is tied to a case only where it is known whose it is: the call's, or the number is one resident's alone.
SQL_OPEN_CALLBACK = """
insert into callback_task (id, client_id, campaign_id, number_key, sealed_number, case_id, attempt_id, origin, state,
                           requested_at)
select $1, $2, $3, $4, $5,
       coalesce(
         (select f.id from attempt a join case_file f on f.id = a.case_id
           where a.id = $6 and f.state in ('held', 'no_number', 'open')),
         (select min(f.id::text)::uuid from phone p join case_phone cp on cp.phone_id = p.id
            join case_file f on f.id = cp.case_id and f.state in ('held', 'no_number', 'open')
           where p.client_id = $2 and p.number_key = $4 having count(distinct f.resident_id) = 1)),
       (select a.id from attempt a where a.id = $6), $7, 'open', $8
on conflict (client_id, number_key) where state in ('open', 'claimed') do nothing
returning id
"""
SQL_CLAIM_CALLBACK = """
update callback_task t set state = 'claimed', claimed_by = $2, claimed_at = $3
 where t.id = $1
   and (t.state = 'open'
        or (t.state = 'claimed'
            and (t.claimed_by = $2
                 or (t.claimed_at < $4
                     and not exists (select 1 from attempt a
                                      where a.callback_id = t.id and (a.live or a.wrap_up_open))))))
returning id
"""
SQL_CLOSE_CALLBACK = """
update callback_task set state = $3, done_at = $4, done_by = $2
 where id = $1 and (state = 'open' or (state = 'claimed' and claimed_by = $2))
returning client_id, number_key, case_id
"""
SQL_CALLBACK_STATE = "select state from callback_task where id = $1"
SQL_SEALED_CALLBACK = """
select t.client_id, t.campaign_id, t.case_id, t.state, t.sealed_number, t.claimed_by, l.wrapped_key
  from callback_task t join client l on l.id = t.client_id where t.id = $1
"""
SQL_BLOCK_NUMBER = """
insert into phone as p (id, client_id, number_key, kind, blocked_at, blocked_reason)
values ($6, $1, $2, $3, $4, $5)
on conflict (client_id, number_key) do update
   set blocked_at = excluded.blocked_at, blocked_reason = excluded.blocked_reason, blocked_by = null, lifted_at = null
 where p.blocked_at is null or p.lifted_at is not null
"""
SQL_LANGUAGE_OF = """
select min(f.language) from phone p
  join case_phone cp on cp.phone_id = p.id and cp.state = 'open'
  join case_file f on f.id = cp.case_id and f.state not in ('recalled', 'merged')
 where p.client_id = $1 and p.number_key = $2
having count(distinct f.language) = 1
"""
SQL_CASES_ON_NUMBER = """
select f.id from phone p join case_phone cp on cp.phone_id = p.id join case_file f on f.id = cp.case_id
 where p.client_id = $1 and p.number_key = $2 and f.state in ('no_number', 'open')
"""


@store
class PostgresCallbacks:
    """`CallbackStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool, catalogues: CatalogueStore, planner: Planner) -> None:
        self._pool = pool
        self._catalogues = catalogues
        self._planner = planner

    async def client_key(self, client: ClientId) -> bytes:
        """Raises NotFoundError."""
        key: bytes | None = await self._pool.fetchval(SQL_CLIENT_KEY, client)
        if key is None:
            raise NotFoundError("no such client")
        return key

    async def open(self, new: NewCallback) -> bool:
        """False when a task for this number is open already."""
        async with self._pool.acquire() as connection, connection.transaction():
            made = await connection.fetchval(
                SQL_OPEN_CALLBACK,
                new.id,
                new.client,
                new.campaign,
                new.number_key,
                new.sealed_number,
                new.attempt,
                new.origin,
                new.at,
            )
            if made is not None:
                await self._replan(connection, new.client, new.number_key, new.at)
        return made is not None

    async def claim(self, callback: UUID, user: UserId, at: datetime, stale: datetime) -> None:
        """Raises NotFoundError, ConflictError."""
        if await self._pool.fetchval(SQL_CLAIM_CALLBACK, callback, user, at, stale) is None:
            if await self._pool.fetchval(SQL_CALLBACK_STATE, callback) is None:
                raise NotFoundError("no such call-back request")
            raise ConflictError("somebody else has this request, or it is done")

    async def close(self, callback: UUID, user: UserId, state: str, at: datetime) -> None:
        """Raises NotFoundError, ConflictError."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(SQL_CLOSE_CALLBACK, callback, user, state, at)
            if row is not None:
                await self._replan(connection, ClientId(row["client_id"]), row["number_key"], at)
                return
            present = await connection.fetchval(SQL_CALLBACK_STATE, callback)
        if present is None:
            raise NotFoundError("no such call-back request")
        if present != state:
            raise ConflictError("somebody else has this request, or it is done")

    async def sealed(self, callback: UUID) -> SealedCallback:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_SEALED_CALLBACK, callback)
        if row is None:
            raise NotFoundError("no such call-back request")
        return SealedCallback(
            client=ClientId(row["client_id"]),
            campaign=CampaignId(row["campaign_id"]),
            case=row["case_id"],
            state=row["state"],
            client_key=row["wrapped_key"],
            sealed_number=row["sealed_number"],
            claimed_by=row["claimed_by"],
        )

    async def language_of(self, client: ClientId, number_key: bytes) -> str:
        """Of the cases that have this number; "" where there is none, or they differ."""
        return await self._pool.fetchval(SQL_LANGUAGE_OF, client, number_key) or ""

    async def block_number(
        self, client: ClientId, number_key: bytes, kind: str, at: datetime, reason: str, phone: UUID
    ) -> None:
        """Block a number for this client; effective for the very next dial."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL_BLOCK_NUMBER, client, number_key, kind, at, reason, phone)
            await self._replan(connection, client, number_key, at)

    async def _replan(self, connection: Connection, client: ClientId, number_key: bytes, at: datetime) -> None:
        # Whoever is at a case now settles it himself, and the claim checks again: no need to wait here.
        on_it = [row["id"] for row in await connection.fetch(SQL_CASES_ON_NUMBER, client, number_key)]
        locked = await connection.fetch(cases.SQL_LOCK_FREE_CASES, on_it)
        wanted = [CaseId(row["id"]) for row in locked]
        found = await cases.load(connection, wanted, at, self._catalogues, self._planner)
        await cases.save_all(connection, [cases.settling(loaded, at) for loaded in found])
