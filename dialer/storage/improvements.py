"""Proposals to improve the work, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from dialer.domain.errors import InvalidError, NotFoundError
from dialer.domain.ids import UserId
from dialer.domain.improvement import ImprovementEvent, ImprovementState, advance
from dialer.services.ports.improvements import Improvement, ImprovementMove
from dialer.services.ports.scripts import Act
from dialer.storage.audit import record_audit
from dialer.storage.pool import store

_IMPROVEMENT = """
select i.id, i.body, i.raised_at, r.display_name as raised_by, i.state, i.owner_id,
       coalesce(o.display_name, '') as owner_name, i.due_on, i.answer, i.changed_at, i.version
  from improvement i join app_user r on r.id = i.raised_by left join app_user o on o.id = i.owner_id
"""
SQL_OPEN_IMPROVEMENTS = f"{_IMPROVEMENT} where i.state <> 'closed' order by i.due_on nulls first, i.id"
SQL_CLOSED_IMPROVEMENTS = f"{_IMPROVEMENT} where i.state = 'closed' order by i.changed_at desc, i.id limit 200"
SQL_IMPROVEMENT = f"{_IMPROVEMENT} where i.id = $1"
SQL_ADD_IMPROVEMENT = """
insert into improvement (id, body, raised_by, raised_at, state, changed_at) values ($1, $2, $3, $4, 'plan', $4)
"""
SQL_LOCK_IMPROVEMENT = "select state, owner_id, due_on, version from improvement where id = $1 for no key update"
SQL_MAY_OWN_IMPROVEMENT = """
select id from app_user where id = $1 and role <> 'client' and role <> 'monitor' and disabled_at is null
"""
SQL_MOVE_IMPROVEMENT = """
update improvement
   set state = $2, owner_id = $3, due_on = $4, answer = $5, changed_at = $6, version = version + 1
 where id = $1
"""


@store
class PgImprovements:
    """`ImprovementStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def all(self, *, is_open: bool) -> Sequence[Improvement]:
        """See ImprovementStore."""
        rows = await self._pool.fetch(SQL_OPEN_IMPROVEMENTS if is_open else SQL_CLOSED_IMPROVEMENTS)
        return [_improvement(row) for row in rows]

    async def one(self, improvement: UUID) -> Improvement:
        """See ImprovementStore."""
        row = await self._pool.fetchrow(SQL_IMPROVEMENT, improvement)
        if row is None:
            raise NotFoundError("no such proposal")
        return _improvement(row)

    async def add(self, improvement: UUID, text: str, act: Act) -> None:
        """See ImprovementStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL_ADD_IMPROVEMENT, improvement, text, act.user, act.at)
            await record_audit(connection, act.at, act.actor, "improvement.raise", "improvement", improvement, None)

    async def move(self, improvement: UUID, version: int, move: ImprovementMove, act: Act) -> bool:
        """See ImprovementStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(SQL_LOCK_IMPROVEMENT, improvement)
            if row is None:
                raise NotFoundError("no such proposal")
            if row["version"] != version:
                return False
            if move.owner is not None and await connection.fetchval(SQL_MAY_OWN_IMPROVEMENT, move.owner) is None:
                raise InvalidError("kies iemand van ons", "owner")
            owner, due = move.owner or row["owner_id"], move.due_on or row["due_on"]
            before = ImprovementState(row["state"])
            if move.event is None and before is ImprovementState.CLOSED:
                raise InvalidError("het voorstel is afgerond", "owner")
            state = before if move.event is None else advance(before, move.event)
            if move.event is ImprovementEvent.NEXT and (owner is None or due is None):
                raise InvalidError("spreek af wie het doet en wanneer het klaar is", "owner" if not owner else "due_on")
            await connection.execute(
                SQL_MOVE_IMPROVEMENT, improvement, state.value, owner, due, move.answer.strip(), act.at
            )
            await record_audit(
                connection, act.at, act.actor, "improvement.move", "improvement", improvement, None,
                {"from": before.value, "to": state.value},
            )  # fmt: skip
            return True


def _improvement(row: asyncpg.Record) -> Improvement:
    return Improvement(
        id=row["id"],
        text=row["body"],
        raised_at=row["raised_at"],
        raised_by=row["raised_by"],
        state=ImprovementState(row["state"]),
        owner=None if row["owner_id"] is None else UserId(row["owner_id"]),
        owner_name=row["owner_name"],
        due_on=row["due_on"],
        answer=row["answer"],
        changed_at=row["changed_at"],
        version=row["version"],
    )
