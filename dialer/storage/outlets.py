"""Where files of results go, and which went, in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID

import asyncpg

from dialer.domain.errors import NotFoundError, NotNowError
from dialer.domain.exchange import ChannelState, MessageEvent, MessageState
from dialer.domain.ids import CampaignId, ClientId, UserId
from dialer.domain.outlets import OutletKind, SendPlan, file_name
from dialer.services.ports.arrivals import Place
from dialer.services.ports.outlets import Dispatch, Outlet, Profile
from dialer.storage import leases, result_profiles
from dialer.storage.pool import store
from dialer.storage.settling import DIED_UNDERWAY, settled

_OPEN = "('waiting', 'sending', 'retry')"
_OUTLETS = f"""
select o.id, o.client_id, o.campaign_id, g.name as campaign_name, o.kind, o.name, o.state, o.place::text as place,
       o.profile_name, o.weekdays, o.send_at, o.public_key, o.sealed_secret, o.old_secret, o.old_until, o.created_at,
       o.version, o.sent_on,
       o.last_ok_at, o.last_error, l.wrapped_key as client_key,
       (select count(*) from result_dispatch d where d.outlet_id = o.id and d.state in {_OPEN}) as waiting,
       (select count(*) from result_dispatch d where d.outlet_id = o.id and d.state = 'dead') as dead
  from result_outlet o join client l on l.id = o.client_id join campaign g on g.id = o.campaign_id
"""  # noqa: S608 - a constant of this module
SQL_ALL_OUTLETS = _OUTLETS + " where $1::uuid is null or o.client_id = $1 order by o.name, o.id"
SQL_FIND_OUTLET = _OUTLETS + " where o.id = $1"
SQL_OUTLET_OWNER = """
select g.client_id, l.wrapped_key, g.name from campaign g join client l on l.id = g.client_id where g.id = $1
"""
SQL_ADD_OUTLET = """
insert into result_outlet (id, client_id, campaign_id, kind, name, state, place, profile_name, weekdays, send_at,
                           public_key, sealed_secret, created_at)
values ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8, $9, $10, $11, $12, $13)
"""
SQL_CHANGE_OUTLET = """
update result_outlet
   set name = $3, state = $4, place = $5::text::jsonb, profile_name = $6, weekdays = $7, send_at = $8,
       sealed_secret = $9, version = version + 1
 where id = $1 and version = $2
"""
SQL_DEALT = "update result_outlet set sent_on = $2 where id = $1 and (sent_on is null or sent_on < $2)"
SQL_OUTLET_WENT = """
update result_outlet set last_error = $3, last_ok_at = case when $3 = '' then $2 else last_ok_at end where id = $1
"""
SQL_LOCK_OUTLET = "select id from result_outlet where id = $1 for no key update"
_DISPATCH = """d.id, d.outlet_id, d.client_id, d.campaign_id, d.export_id, d.name, d.profile_id, d.lines,
       d.replacements, d.state, d.created_at, d.due_at, d.tries, d.died, d.error, d.content_hash, d.size, d.done_at"""
SQL_DISPATCH_OF_EXPORT = f"""
select {_DISPATCH} from result_dispatch d where d.outlet_id = $1 and d.export_id = $2
"""  # noqa: S608 - a constant of this module
SQL_NEXT_NUMBER = "select coalesce(max(number), 0) + 1 from result_dispatch where outlet_id = $1"
SQL_ADD_DISPATCH = """
insert into result_dispatch (id, outlet_id, number, client_id, campaign_id, export_id, name, profile_id, lines,
                             replacements, state, created_at, due_at)
select $1, o.id, $3, o.client_id, o.campaign_id, $4, $5, $6, $7,
       (select count(*) from export_line e where e.export_id = $4 and e.action = 'replacement'), 'waiting', $8, $9
  from result_outlet o where o.id = $2
"""
SQL_TAKE_DISPATCH = f"""
with following as (
  select d.id from result_dispatch d
   where d.outlet_id = $1 and d.state in {_OPEN} and d.due_at <= $2
     and not exists (select 1 from result_dispatch o
                      where o.outlet_id = d.outlet_id and o.number < d.number and o.state in {_OPEN})
   order by d.number limit 1 for update of d skip locked)
update result_dispatch d set state = 'sending', tries = d.tries + 1, {DIED_UNDERWAY.format("d")}
  from following f where d.id = f.id
returning {_DISPATCH}
"""  # noqa: S608 - constants of this module
SQL_MADE = "update result_dispatch set content_hash = $2, size = $3 where id = $1"
# Whoever has the file has the results: one statement, so that no crash comes in between.
SQL_SETTLE_DISPATCH = """
with moved as (
  update result_dispatch
     set state = $4, due_at = coalesce($5, due_at), error = $6,
         done_at = case when $4 = 'confirmed' then $7::timestamptz end,
         tries = case when $4 = 'waiting' then 0 else tries end
   where id = $1 and state = $2 and tries = $3
  returning export_id),
told as (
  update export_run r set confirmed_at = $7 from moved m
   where $4 = 'confirmed' and r.id = m.export_id and r.confirmed_at is null)
select count(*) > 0 from moved
"""
SQL_DISPATCH = f"select {_DISPATCH} from result_dispatch d where d.id = $1"  # noqa: S608 - a constant of this module
SQL_DISPATCHES = f"""
select {_DISPATCH} from result_dispatch d
 where ($1::uuid is null or d.client_id = $1) and ($2::uuid is null or d.outlet_id = $2)
 order by d.created_at desc, d.id desc limit $3
"""  # noqa: S608 - a constant of this module


@store
class PgOutlets:
    """`OutletStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def all(self, client: ClientId | None) -> Sequence[Outlet]:
        """By name."""
        return [_outlet(row) for row in await self._pool.fetch(SQL_ALL_OUTLETS, client)]

    async def find(self, outlet: UUID) -> Outlet:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_FIND_OUTLET, outlet)
        if row is None:
            raise NotFoundError("no such outlet")
        return _outlet(row)

    async def owner_of(self, campaign: CampaignId) -> tuple[ClientId, bytes, str]:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_OUTLET_OWNER, campaign)
        if row is None:
            raise NotFoundError("no such campaign")
        return ClientId(row["client_id"]), row["wrapped_key"], row["name"]

    async def add(self, outlet: Outlet) -> None:
        """Raises NotNowError (`outlet-exists`)."""
        try:
            await self._pool.execute(
                SQL_ADD_OUTLET, outlet.id, outlet.client, outlet.campaign, outlet.kind.value, outlet.name,
                outlet.state.value, json.dumps(asdict(outlet.place)), outlet.profile, sorted(outlet.plan.weekdays),
                outlet.plan.at, outlet.public_key, outlet.sealed_secret, outlet.created_at,
            )  # fmt: skip
        except asyncpg.UniqueViolationError:
            raise NotNowError("outlet-exists") from None

    async def change(self, outlet: Outlet) -> Outlet | None:
        """None: another version."""
        try:
            done = await self._pool.execute(
                SQL_CHANGE_OUTLET, outlet.id, outlet.version, outlet.name, outlet.state.value,
                json.dumps(asdict(outlet.place)), outlet.profile, sorted(outlet.plan.weekdays), outlet.plan.at,
                outlet.sealed_secret,
            )  # fmt: skip
        except asyncpg.UniqueViolationError:
            raise NotNowError("outlet-exists") from None
        return None if done.endswith(" 0") else await self.find(outlet.id)

    async def dealt(self, outlet: UUID, day: date) -> None:
        """Never an earlier day."""
        await self._pool.execute(SQL_DEALT, outlet, day)

    async def went(self, outlet: UUID, at: datetime, error: str) -> None:
        """How it goes."""
        await self._pool.execute(SQL_OUTLET_WENT, outlet, at, error)

    async def lease(self, outlet: UUID, owner: str, seconds: float) -> bool:
        """Take or renew."""
        return await leases.taken_for(self._pool, f"outlet:{outlet}", owner, seconds)

    async def unlease(self, outlet: UUID, owner: str) -> None:
        """Give it back."""
        await leases.dropped_by(self._pool, f"outlet:{outlet}", owner)

    async def prepare(self, dispatch: Dispatch, day: date, ending: str) -> Dispatch:
        """Under the outlet's lock: numbers rise by one."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL_LOCK_OUTLET, dispatch.outlet)
            known = await connection.fetchrow(SQL_DISPATCH_OF_EXPORT, dispatch.outlet, dispatch.export)
            if known is not None:
                return _dispatch(known)
            number = await connection.fetchval(SQL_NEXT_NUMBER, dispatch.outlet)
            name = file_name(dispatch.name, day, number, ending)
            await connection.execute(
                SQL_ADD_DISPATCH, dispatch.id, dispatch.outlet, number, dispatch.export, name, dispatch.profile,
                dispatch.lines, dispatch.created_at, dispatch.due_at,
            )  # fmt: skip
            row = await connection.fetchrow(SQL_DISPATCH, dispatch.id)
            assert row is not None
            return _dispatch(row)

    async def due(self, outlet: UUID, at: datetime) -> Dispatch | None:
        """Taken."""
        row = await self._pool.fetchrow(SQL_TAKE_DISPATCH, outlet, at)
        return None if row is None else _dispatch(row)

    async def made(self, dispatch: UUID, content_hash: bytes, size: int) -> None:
        """Of this try."""
        await self._pool.execute(SQL_MADE, dispatch, content_hash, size)

    async def settle(
        self, dispatch: Dispatch, event: MessageEvent, at: datetime, *, due_at: datetime | None = None, error: str = ""
    ) -> bool:
        """By state and number of the try; what was received confirms its export."""
        return await settled(self._pool, SQL_SETTLE_DISPATCH, dispatch, event, at, due_at=due_at, error=error)

    async def dispatch(self, dispatch: UUID) -> Dispatch:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_DISPATCH, dispatch)
        if row is None:
            raise NotFoundError("no such file")
        return _dispatch(row)

    async def dispatches(self, client: ClientId | None, outlet: UUID | None, limit: int) -> Sequence[Dispatch]:
        """The newest first."""
        return [_dispatch(row) for row in await self._pool.fetch(SQL_DISPATCHES, client, outlet, limit)]

    async def save_profile(self, profile: Profile, by: UserId | None) -> Profile:
        """See `result_profiles`."""
        return await result_profiles.save(self._pool, profile, by)

    async def profiles(self, client: ClientId) -> Sequence[Profile]:
        """The newest version of each, by name."""
        return await result_profiles.newest(self._pool, client)

    async def profile_versions(self, client: ClientId, name: str, limit: int) -> Sequence[Profile]:
        """The newest first."""
        return await result_profiles.versions(self._pool, client, name, limit)

    async def profile(self, profile: UUID) -> Profile:
        """Raises NotFoundError."""
        return await result_profiles.one(self._pool, profile)


def _outlet(row: asyncpg.Record) -> Outlet:
    return Outlet(
        id=row["id"],
        client=ClientId(row["client_id"]),
        campaign=CampaignId(row["campaign_id"]),
        campaign_name=row["campaign_name"],
        kind=OutletKind(row["kind"]),
        name=row["name"],
        state=ChannelState(row["state"]),
        place=Place(**json.loads(row["place"])),
        profile=row["profile_name"],
        plan=SendPlan(weekdays=frozenset(row["weekdays"]), at=row["send_at"]),
        public_key=row["public_key"],
        created_at=row["created_at"],
        version=row["version"],
        sent_on=row["sent_on"],
        last_ok_at=row["last_ok_at"],
        last_error=row["last_error"],
        waiting=row["waiting"],
        dead=row["dead"],
        client_key=row["client_key"],
        sealed_secret=row["sealed_secret"],
        old_secret=row["old_secret"],
        old_until=row["old_until"],
    )


def _dispatch(row: asyncpg.Record) -> Dispatch:
    return Dispatch(
        id=row["id"],
        outlet=row["outlet_id"],
        client=ClientId(row["client_id"]),
        campaign=CampaignId(row["campaign_id"]),
        export=row["export_id"],
        name=row["name"],
        profile=row["profile_id"],
        lines=row["lines"],
        replacements=row["replacements"],
        state=MessageState(row["state"]),
        created_at=row["created_at"],
        due_at=row["due_at"],
        tries=row["tries"],
        died=row["died"],
        error=row["error"],
        content_hash=row["content_hash"],
        size=row["size"],
        done_at=row["done_at"],
    )
