"""Reasons of pauses, and how long agents were in which state, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from dialer.domain.agent import AgentState
from dialer.domain.errors import ConflictError
from dialer.domain.ids import UserId
from dialer.domain.pause_reasons import CountsAs, PauseReason
from dialer.domain.reports.definitions import ACCEPTED
from dialer.domain.team_time import Done, Spell
from dialer.storage.audit import record_audit
from dialer.storage.pool import Record, store

SQL_PAUSE_REASONS = """
select id, code, dutch, english, position, counts_as, most_minutes, archived_at is not null as archived, version
  from pause_reason order by position, code
"""
SQL_ADD_PAUSE_REASON = """
insert into pause_reason (id, code, dutch, english, position, counts_as, most_minutes)
values ($1, $2, $3, $4, $5, $6, $7)
"""
SQL_CHANGE_PAUSE_REASON = """
update pause_reason
   set dutch = $3, english = $4, position = $5, counts_as = $6, most_minutes = $7,
       archived_at = case when $8::boolean then coalesce(archived_at, $9) end, version = version + 1
 where id = $1 and version = $2
returning id, code, dutch, english, position, counts_as, most_minutes, archived_at is not null as archived, version
"""
# A state lasts until the next; what began the day before is cut at the beginning.
SQL_SPELLS = """
select e.user_id, u.display_name, e.state, e.reason,
       sum(extract(epoch from e.until - greatest(e.at, $1)))::float8 as seconds
  from (select user_id, state, reason, at,
               lead(at, 1, $2::timestamptz) over (partition by user_id order by at, id) as until
          from agent_event where at >= $1::timestamptz - interval '1 day' and at < $2
           and ($3::uuid is null or user_id = $3)) e
  join app_user u on u.id = e.user_id
 where e.until > $1 and e.state <> 'off'
 group by e.user_id, u.display_name, e.state, e.reason
 order by u.display_name, e.user_id, e.state, e.reason
"""
# As outcomes stand: one that was corrected counts as what it is now. A call counts in the day in which it began.
SQL_DONE = """
select count(*) filter (where joined_at is not null) as conversations,
       count(*) filter (where direction = 'out' and dialed_at is not null) as attempts,
       count(*) filter (where outcome = 'HELP_APPOINTMENT') as appointments,
       count(*) filter (where outcome = any($4::text[])) as help_wanted
  from attempt where agent_id = $1 and claimed_at >= $2 and claimed_at < $3 and direction <> 'proof'
"""


@store
class PgPauses:
    """The ports `PauseReasonStore` and `TeamTimeStore`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def all(self) -> Sequence[PauseReason]:
        """Archived ones too, in their order."""
        return [_reason(row) for row in await self._pool.fetch(SQL_PAUSE_REASONS)]

    async def add(self, reason: PauseReason, at: datetime, actor: str) -> None:
        """Raises ConflictError."""
        async with self._pool.acquire() as connection, connection.transaction():
            try:
                await connection.execute(
                    SQL_ADD_PAUSE_REASON, reason.id, reason.code, reason.dutch, reason.english, reason.position,
                    reason.counts_as.value, reason.most_minutes,
                )  # fmt: skip
            except asyncpg.UniqueViolationError:
                raise ConflictError("this code is there already") from None
            await record_audit(
                connection, at, actor, "pause_reason.add", "pause_reason", reason.id, None, _told(reason)
            )

    async def change(self, reason: PauseReason, at: datetime, actor: str) -> PauseReason | None:
        """None: another version."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(
                SQL_CHANGE_PAUSE_REASON, reason.id, reason.version, reason.dutch, reason.english, reason.position,
                reason.counts_as.value, reason.most_minutes, reason.archived, at,
            )  # fmt: skip
            if row is None:
                return None
            await record_audit(
                connection, at, actor, "pause_reason.change", "pause_reason", reason.id, None, _told(reason)
            )
            return _reason(row)

    async def spells(self, begin: datetime, end: datetime, user: UserId | None = None) -> Sequence[Spell]:
        """By name of the agent."""
        return [
            Spell(UserId(row["user_id"]), AgentState(row["state"]), row["reason"], row["seconds"])
            for row in await self._pool.fetch(SQL_SPELLS, begin, end, user)
        ]

    async def done(self, user: UserId, begin: datetime, end: datetime) -> Done:
        """See TeamTimeStore."""
        row = await self._pool.fetchrow(SQL_DONE, user, begin, end, sorted(ACCEPTED))
        assert row is not None
        return Done(**dict(row))


def _told(reason: PauseReason) -> dict[str, object]:
    return {
        "code": reason.code,
        "dutch": reason.dutch,
        "english": reason.english,
        "position": reason.position,
        "counts_as": reason.counts_as.value,
        "most_minutes": reason.most_minutes,
        "archived": reason.archived,
    }


def _reason(row: Record) -> PauseReason:
    return PauseReason(
        id=row["id"],
        code=row["code"],
        dutch=row["dutch"],
        english=row["english"],
        position=row["position"],
        counts_as=CountsAs(row["counts_as"]),
        most_minutes=row["most_minutes"],
        archived=row["archived"],
        version=row["version"],
    )
