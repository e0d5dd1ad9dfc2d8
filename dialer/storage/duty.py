"""Agents' duty in PostgreSQL: the present state, and every change appended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg

from dialer.domain.agent import AgentState
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import AttemptId, UserId
from dialer.domain.sites import MAIN
from dialer.services.ports.desk import WrapUp
from dialer.services.ports.duty import DutyChange, DutyRecord, ElsewhereError
from dialer.storage.pool import Record, store

_SELECT = """
select u.id, u.display_name, d.state, d.reason, d.since, d.device, d.attempt_id, d.site, w.attempts, w.ends,
       w.directions, w.outcomes
  from app_user u left join agent_duty d on d.user_id = u.id
  cross join lateral (
    select coalesce(array_agg(o.id), '{}') as attempts, coalesce(array_agg(o.at), '{}') as ends,
           coalesce(array_agg(o.direction), '{}') as directions, coalesce(array_agg(o.outcome), '{}') as outcomes
      from (select a.id, coalesce(a.ended_at, a.claimed_at) as at, a.direction, coalesce(a.outcome, '') as outcome
              from attempt a where a.agent_id = u.id and a.wrap_up_open order by 2, 1) o) w
"""
SQL_LOAD = _SELECT + f" where u.disabled_at is null and d.state <> 'off' and coalesce(d.site, '{MAIN}') = $1"
# Who was let in, and whose process died before it was written that he is on duty, is nowhere.
SQL_LET_GO = "update agent_duty set site = null where site = $1 and state = 'off'"
SQL_TAKE = """
insert into agent_duty as d (user_id, state, since, site) values ($1, 'off', '1970-01-01 00:00+00', $2)
on conflict (user_id) do update set site = excluded.site
 where coalesce(d.site, case when d.state = 'off' then excluded.site else 'main' end) = excluded.site
returning site
"""
SQL_FIND = _SELECT + " where u.disabled_at is null and u.role in ('agent', 'supervisor') and u.id = $1"
SQL_WHERE = "select site from agent_duty where user_id = $1"
SQL_SAVE = """
with saved as (
  insert into agent_duty as d (user_id, state, reason, since, device, attempt_id, revision, site)
  values ($1, $2, $3, $4, $5, $6, 1, case when $2 <> 'off' then $10::text end)
  on conflict (user_id) do update
     set state = excluded.state, reason = excluded.reason, since = excluded.since, device = excluded.device,
         attempt_id = excluded.attempt_id, revision = d.revision + 1,
         site = case when $2 <> 'off' then $10 when $9 <> 'off' then null else d.site end
   where coalesce(d.site, case when d.state = 'off' then $10 else 'main' end) = $10
  returning 1)
insert into agent_event (user_id, at, wall_at, from_state, state, reason, attempt_id)
select $1, $7, $8, $9, $2, $3, $6 from saved
 where $9::text <> $2 and not exists (select 1 from agent_event where user_id = $1 and wall_at = $8 and state = $2)
"""


@store
class PgDutyStore:
    """The port `DutyStore`."""

    def __init__(self, pool: asyncpg.Pool, site: str = MAIN) -> None:
        self._pool = pool
        self._site = site

    async def load(self) -> Sequence[DutyRecord]:
        """Everybody who was not off duty here. Who was taken and never came on is let go."""
        await self._pool.execute(SQL_LET_GO, self._site)
        return [_from_record(row) for row in await self._pool.fetch(SQL_LOAD, self._site)]

    async def take(self, user: UserId) -> None:
        """He is on duty here, or about to be. Raises ElsewhereError."""
        if await self._pool.fetchval(SQL_TAKE, user, self._site) is None:
            raise ElsewhereError(await self._pool.fetchval(SQL_WHERE, user) or MAIN)

    async def find(self, user: UserId) -> DutyRecord:
        """One agent. Raises NotFoundError unless the user may take calls."""
        row = await self._pool.fetchrow(SQL_FIND, user)
        if row is None:
            raise NotFoundError("this user takes no calls")
        return _from_record(row)

    async def save(self, changes: Sequence[DutyChange]) -> None:
        """Store the present states; append the changes to another state. All or none; twice is once.

        Of who is on duty at another site nothing is stored: that site's word is the true one.
        """
        in_order = sorted(changes, key=lambda change: change.agent.user.int)  # as every lock is taken
        await self._pool.executemany(SQL_SAVE, [(*_row(change), self._site) for change in in_order])


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
        site=row["site"] or "",
        attempt=AttemptId(row["attempt_id"]) if row["attempt_id"] is not None else None,
        wrap_ups=tuple(
            WrapUp(attempt=AttemptId(attempt), ended_at=at, direction=direction, outcome=outcome)
            for attempt, at, direction, outcome in zip(
                row["attempts"], row["ends"], row["directions"], row["outcomes"], strict=True
            )
        ),
    )
