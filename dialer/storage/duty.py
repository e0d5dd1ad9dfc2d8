"""Agents' duty in PostgreSQL: the present state, and every change appended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg

from dialer.domain.agent import AgentState
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import AttemptId, UserId
from dialer.services.ports.desk import WrapUp
from dialer.services.ports.duty import DutyChange, DutyRecord
from dialer.storage.pool import Record, store

_SELECT = """
select u.id, u.display_name, d.state, d.reason, d.since, d.device, d.attempt_id, w.attempts, w.ends, w.directions,
       w.outcomes
  from app_user u left join agent_duty d on d.user_id = u.id
  cross join lateral (
    select coalesce(array_agg(o.id), '{}') as attempts, coalesce(array_agg(o.at), '{}') as ends,
           coalesce(array_agg(o.direction), '{}') as directions, coalesce(array_agg(o.outcome), '{}') as outcomes
      from (select a.id, coalesce(a.ended_at, a.claimed_at) as at, a.direction, coalesce(a.outcome, '') as outcome
              from attempt a where a.agent_id = u.id and a.wrap_up_open order by 2, 1) o) w
"""
SQL_LOAD = _SELECT + " where u.disabled_at is null and d.state <> 'off'"
SQL_FIND = _SELECT + " where u.disabled_at is null and u.role in ('agent', 'supervisor') and u.id = $1"
SQL_SAVE = """
with saved as (
  insert into agent_duty as d (user_id, state, reason, since, device, attempt_id, revision)
  values ($1, $2, $3, $4, $5, $6, 1)
  on conflict (user_id) do update
     set state = excluded.state, reason = excluded.reason, since = excluded.since, device = excluded.device,
         attempt_id = excluded.attempt_id, revision = d.revision + 1)
insert into agent_event (user_id, at, wall_at, from_state, state, reason, attempt_id)
select $1, $7, $8, $9, $2, $3, $6
 where $9::text <> $2 and not exists (select 1 from agent_event where user_id = $1 and wall_at = $8 and state = $2)
"""


@store
class PgDutyStore:
    """The port `DutyStore`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def load(self) -> Sequence[DutyRecord]:
        """Everybody who was not off duty."""
        return [_from_record(row) for row in await self._pool.fetch(SQL_LOAD)]

    async def find(self, user: UserId) -> DutyRecord:
        """One agent. Raises NotFoundError unless the user may take calls."""
        row = await self._pool.fetchrow(SQL_FIND, user)
        if row is None:
            raise NotFoundError("this user takes no calls")
        return _from_record(row)

    async def save(self, changes: Sequence[DutyChange]) -> None:
        """Store the present states; append the changes to another state. All or none; twice is once."""
        in_order = sorted(changes, key=lambda change: change.agent.user.int)  # as every lock is taken
        await self._pool.executemany(SQL_SAVE, [_row(change) for change in in_order])


def _row(change: DutyChange) -> tuple[object, ...]:
    agent = change.agent
    return (
        agent.user,
        agent.state.value,
        agent.reason,
        datetime.fromtimestamp(agent.since, UTC),
        agent.device,
        agent.attempt,
        change.at,
        change.wall_at,
        change.before.value,
    )


def _from_record(row: Record) -> DutyRecord:
    return DutyRecord(
        user=UserId(row["id"]),
        name=row["display_name"],
        state=AgentState(row["state"] or AgentState.OFF),
        reason=row["reason"] or "",
        since=row["since"].timestamp() if row["since"] is not None else 0.0,
        device=row["device"] or "",
        attempt=AttemptId(row["attempt_id"]) if row["attempt_id"] is not None else None,
        wrap_ups=tuple(
            WrapUp(attempt=AttemptId(attempt), ended_at=at, direction=direction, outcome=outcome)
            for attempt, at, direction, outcome in zip(
                row["attempts"], row["ends"], row["directions"], row["outcomes"], strict=True
            )
        ),
    )
