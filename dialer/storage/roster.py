"""The roster in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import UserId
from dialer.domain.roster import RosterDay, parse_shift, show_shift
from dialer.services.ports.roster import Rostered
from dialer.storage.audit import record_audit
from dialer.storage.pool import Record, store

SQL_ROSTER_AGENTS = """
select id, display_name, login from app_user
 where role = 'agent' and disabled_at is null order by lower(display_name), id
"""
SQL_ROSTER_DAYS = """
select r.user_id, r.day, r.shifts, r.away, r.version
  from roster_day r join app_user u on u.id = r.user_id
 where r.day between $1 and $2 and u.role = 'agent' and u.disabled_at is null
 order by r.day, lower(u.display_name), u.id
"""
SQL_NOT_AGENTS = """
select exists (select 1 from unnest($1::uuid[]) as k (id)
                where not exists (select 1 from app_user u where u.id = k.id and u.role = 'agent'))
"""
# Shifts of a day come as one text: arrays of arrays would have to be of one length.
SQL_SAVE_ROSTER = """
insert into roster_day as r (user_id, day, shifts, away)
select n.user_id, n.day, coalesce(string_to_array(nullif(n.shifts, ''), ' '), '{}'), n.away
  from unnest($1::uuid[], $2::date[], $3::text[], $4::boolean[], $5::int[])
       as n (user_id, day, shifts, away, version)
 where n.version = 0
    or exists (select 1 from roster_day b where b.user_id = n.user_id and b.day = n.day and b.version = n.version)
on conflict (user_id, day) do update
   set shifts = excluded.shifts, away = excluded.away, version = r.version + 1
 where r.version = (select k.version from unnest($1::uuid[], $2::date[], $5::int[]) as k (user_id, day, version)
                     where k.user_id = r.user_id and k.day = r.day)
returning 1
"""


@store
class PgRoster:
    """The port `RosterStore`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def agents(self) -> Sequence[Rostered]:
        """By name."""
        return [
            Rostered(user=UserId(row["id"]), name=row["display_name"], login=row["login"])
            for row in await self._pool.fetch(SQL_ROSTER_AGENTS)
        ]

    async def days(self, first: date, last: date) -> Sequence[RosterDay]:
        """By day, then name."""
        return [day_of(row) for row in await self._pool.fetch(SQL_ROSTER_DAYS, first, last)]

    async def save(
        self, days: Sequence[RosterDay], at: datetime, actor: str, action: str, detail: Mapping[str, object]
    ) -> bool:
        """False: one is not at its version any more. Raises NotFoundError."""
        ordered = sorted(days, key=lambda one: (one.user, one.day))  # two at once wait for each other one way only
        users = [one.user for one in ordered]
        found = [one.day for one in ordered]
        told = {"days": len(found), "first": min(found).isoformat(), "last": max(found).isoformat()} | dict(detail)
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                if await connection.fetchval(SQL_NOT_AGENTS, users):
                    raise NotFoundError("no such agent")
                stored = await connection.fetch(
                    SQL_SAVE_ROSTER,
                    users,
                    found,
                    [" ".join(show_shift(shift) for shift in one.shifts) for one in ordered],
                    [one.away for one in ordered],
                    [one.version for one in ordered],
                )
                if len(stored) < len(ordered):
                    raise _NotNewestError
                await record_audit(connection, at, actor, action, "roster", "team", None, told)
        except _NotNewestError:
            return False
        return True


class _NotNewestError(Exception):
    """Takes back what was written of the others."""


def day_of(row: Record) -> RosterDay:
    """One row of `roster_day`."""
    return RosterDay(
        user=UserId(row["user_id"]),
        day=row["day"],
        shifts=tuple(parse_shift(text) for text in row["shifts"]),
        away=row["away"],
        version=row["version"],
    )
