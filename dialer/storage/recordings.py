"""Recordings in PostgreSQL: a row for each call in which the resident was asked, and sealed pieces of what stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import AttemptId, ClientId, UserId
from dialer.domain.recording import NEVER_OF, NOBODY_OF_OURS
from dialer.services.ports.case_keys import CaseKeys
from dialer.services.ports.recordings import Kept, Standing
from dialer.storage.audit import record_audit
from dialer.storage.case_keys import case_keys
from dialer.storage.connection import Connection
from dialer.storage.pool import store

SQL_MAY_RECORD = """
select a.client_id, a.campaign_id, a.live, coalesce(a.verified, false) and a.direction in ('out', 'in') as verified,
       f.delivery_id, f.crisis, d.wrapped_key is not null as keyed,
       coalesce(g.settings ->> 'recording', 'off') = 'on' as wanted, r.state
  from attempt a
  join campaign g on g.id = a.campaign_id
  left join case_file f on f.id = a.case_id
  left join delivery d on d.id = f.delivery_id
  left join recording r on r.attempt_id = a.id
 where a.id = $1
"""
SQL_AGREED = """
insert into recording (attempt_id, client_id, campaign_id, delivery_id, state, agreed_at)
values ($1, $2, $3, $4, 'open', $5) on conflict do nothing
"""
# In the hands of whoever talks, or has not filed yet; while the call lives the floor has looked whose it is.
SQL_IN_HANDS = """
select a.client_id, a.campaign_id, f.delivery_id
  from attempt a left join case_file f on f.id = a.case_id
 where a.id = $1 and (a.live or (a.agent_id = $2 and a.wrap_up_open))
"""
SQL_REFUSED = """
insert into recording (attempt_id, client_id, campaign_id, delivery_id, state, agreed_at)
values ($1, $2, $3, $4, 'refused', $5)
on conflict (attempt_id) do update
   set state = 'refused', wrapped_key = null, kept_at = null, size = null, pieces = null
"""
SQL_PIECES_GONE = "delete from pii.recording_piece where attempt_id = $1"
SQL_RECORDINGS_STAND = """
select r.attempt_id, r.state, a.live from recording r join attempt a on a.id = r.attempt_id
 where r.attempt_id = any($1::uuid[])
"""
SQL_RECORDING_CASE = "select case_id from attempt where id = $1"
SQL_KEY_STANDS = "select true from delivery where id = $1 and wrapped_key is not null for share"
SQL_KEEP = """
update recording set state = 'kept', kept_at = $2, size = $3, pieces = $4, wrapped_key = $5, delivery_id = $6
 where attempt_id = $1 and state = 'open' returning client_id
"""
SQL_KEEP_PIECE = "insert into pii.recording_piece (attempt_id, client_id, piece, sealed) values ($1, $2, $3, $4)"
SQL_LOST = "update recording set state = 'lost' where attempt_id = $1 and state = 'open'"
_OVER = "r.state = 'open' and r.agreed_at < $1 and a.id = r.attempt_id and not a.live"
SQL_LOSE_OLDER = f"update recording r set state = 'lost' from attempt a where {_OVER}"  # noqa: S608 - a constant
SQL_LATE = f"select count(*) from recording r, attempt a where {_OVER}"  # noqa: S608 - a constant
SQL_DROP_UNWANTED = """
with gone as (
  delete from recording r using attempt a
   where a.id = r.attempt_id and r.state = 'kept' and (a.flags && $1::text[] or a.outcome = any($2::text[]))
  returning r.attempt_id, r.client_id, r.campaign_id, r.delivery_id, r.agreed_at
), again as (
  insert into audit_event (at, actor, action, subject_kind, subject_id, client_id, purpose, detail)
  select $3, 'engine', 'recording.delete', 'attempt', attempt_id::text, client_id, '', '{"why": "filing"}' from gone
)
select count(*) from gone
"""
SQL_DROP = "delete from recording where attempt_id = $1 and state = 'kept' returning client_id"
SQL_KEPT_RECORDING = """
select r.client_id, l.wrapped_key as client_key, r.delivery_id, d.wrapped_key as delivery_key, r.wrapped_key,
       r.pieces, r.size
  from recording r join client l on l.id = r.client_id join delivery d on d.id = r.delivery_id
 where r.attempt_id = $1 and r.state = 'kept'
   and exists (select from pii.recording_piece p where p.attempt_id = r.attempt_id)
"""
SQL_PIECE = "select sealed from pii.recording_piece where attempt_id = $1 and piece = $2"
_SECONDS = 120.0
"""For all pieces of a long conversation."""


@store
class PgRecordings:
    """`RecordingStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def agreed(self, attempt: AttemptId, user: UserId, at: datetime) -> str:
        """See RecordingStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(SQL_MAY_RECORD, attempt)
            if row is None or not row["live"]:
                return "recording-no-conversation"
            if not row["wanted"]:
                return "recording-off"
            if not row["verified"] or row["delivery_id"] is None or not row["keyed"]:
                return "recording-not-verified"
            if row["crisis"]:
                return "recording-crisis"
            if row["state"] is not None:
                return "" if row["state"] == "open" else "recording-refused"
            done = await connection.execute(
                SQL_AGREED, attempt, row["client_id"], row["campaign_id"], row["delivery_id"], at
            )
            if done.endswith(" 0"):
                return "recording-refused"  # somebody was faster: whoever it was, it is not to be begun twice
            await _audit(connection, at, f"user:{user}", "recording.agreed", attempt, row["client_id"])
        return ""

    async def refuse(self, attempt: AttemptId, user: UserId, at: datetime) -> bool:
        """See RecordingStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(SQL_IN_HANDS, attempt, user)
            if row is None:
                return False
            if row["delivery_id"] is not None:  # of a stranger nothing is recorded, and nothing is noted
                place = (row["client_id"], row["campaign_id"], row["delivery_id"])
                await connection.execute(SQL_REFUSED, attempt, *place, at)
                await connection.execute(SQL_PIECES_GONE, attempt)
                await _audit(connection, at, f"user:{user}", "recording.refuse", attempt, row["client_id"])
        return True

    async def standing(self, attempts: Sequence[AttemptId]) -> Mapping[AttemptId, Standing]:
        """See RecordingStore."""
        rows = await self._pool.fetch(SQL_RECORDINGS_STAND, list(attempts)) if attempts else []
        return {AttemptId(row["attempt_id"]): Standing(state=row["state"], live=row["live"]) for row in rows}

    async def keys(self, attempt: AttemptId) -> CaseKeys:
        """See RecordingStore."""
        case = await self._pool.fetchval(SQL_RECORDING_CASE, attempt)
        if case is None:
            raise NotFoundError("of no case")
        return await case_keys(self._pool, case)

    async def keep(
        self, attempt: AttemptId, keys: CaseKeys, wrapped: bytes, boxes: Sequence[bytes], size: int, at: datetime
    ) -> bool:
        """See RecordingStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(SQL_KEY_STANDS, keys.delivery) is None:
                return False
            client = await connection.fetchval(SQL_KEEP, attempt, at, size, len(boxes), wrapped, keys.delivery)
            if client is None:
                return False
            for number, box in enumerate(boxes):
                await connection.execute(SQL_KEEP_PIECE, attempt, client, number, box, timeout=_SECONDS)
            await _audit(connection, at, "engine", "recording.keep", attempt, client)
        return True

    async def lost(self, attempt: AttemptId) -> None:
        """See RecordingStore."""
        await self._pool.execute(SQL_LOST, attempt)

    async def lose_older(self, agreed_before: datetime) -> int:
        """See RecordingStore."""
        return int((await self._pool.execute(SQL_LOSE_OLDER, agreed_before)).split()[-1])

    async def late(self, agreed_before: datetime) -> int:
        """See RecordingStore."""
        return int(await self._pool.fetchval(SQL_LATE, agreed_before))

    async def drop_unwanted(self, at: datetime) -> int:
        """See RecordingStore."""
        never, somebody = sorted(NEVER_OF), sorted(NOBODY_OF_OURS)
        return int(await self._pool.fetchval(SQL_DROP_UNWANTED, never, somebody, at))

    async def drop(self, attempt: AttemptId, actor: str, why: str, at: datetime) -> bool:
        """See RecordingStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            client = await connection.fetchval(SQL_DROP, attempt, timeout=_SECONDS)
            if client is None:
                return False
            await _audit(connection, at, actor, "recording.delete", attempt, client, why=why)
        return True

    async def kept(self, attempt: AttemptId) -> Kept:
        """See RecordingStore."""
        row = await self._pool.fetchrow(SQL_KEPT_RECORDING, attempt)
        if row is None:
            raise NotFoundError("no such recording")
        return Kept(
            client=ClientId(row["client_id"]),
            keys=CaseKeys(
                client=ClientId(row["client_id"]),
                client_key=row["client_key"],
                delivery=row["delivery_id"],
                delivery_key=row["delivery_key"],
            ),
            wrapped_key=row["wrapped_key"],
            pieces=row["pieces"],
            size=row["size"],
        )

    async def piece(self, attempt: AttemptId, number: int) -> bytes:
        """See RecordingStore."""
        found: bytes | None = await self._pool.fetchval(SQL_PIECE, attempt, number)
        if found is None:
            raise NotFoundError("the recording was deleted")
        return found


async def _audit(
    connection: Connection, at: datetime, actor: str, action: str, attempt: AttemptId, client: ClientId, **detail: str
) -> None:
    await record_audit(connection, at, actor, action, "attempt", attempt, client, detail)
