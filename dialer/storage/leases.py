"""Who runs a campaign: a lease with an epoch. Whoever takes it over raises the epoch, and the epoch never falls.

Leases run by the database's clock alone, the only one that all who ask share: a process whose own clock is wrong, or is
put forth or back, neither takes a lease that another holds nor holds one for an hour after its end.

The owner's name must be new at each start of a process: who comes back under an old name renews the old epoch.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import asyncpg

from dialer.domain.ids import CampaignId
from dialer.domain.sites import TURN, site_of
from dialer.services.ports.ledger import Lease, LostLeaseError
from dialer.storage.connection import Connection

SQL_TAKE = """
insert into lease as l (name, owner, epoch, expires_at) values ($1, $2, 1, clock_timestamp() + $3)
on conflict (name) do update
   set owner = excluded.owner, expires_at = excluded.expires_at,
       epoch = case when l.owner = excluded.owner then l.epoch else l.epoch + 1 end
 where l.owner = excluded.owner or l.expires_at <= clock_timestamp()
returning epoch, expires_at
"""
SQL_DROP = "update lease set owner = '', expires_at = '-infinity' where name = $1 and owner = $2"
SQL_HOLD = "select 1 from lease where name = $1 and owner = $2 and epoch = $3 for share"

SQL_TAKEN = "select 1 from lease where name = $1 and owner <> '' and expires_at > clock_timestamp()"
SQL_TURNS = """
select name, owner from lease
 where (name = $1 or starts_with(name, $1 || ':')) and owner <> '' and expires_at > clock_timestamp()
"""


def lease_name(campaign: CampaignId) -> str:
    """Name of a campaign's lease."""
    return f"campaign:{campaign}"


async def take(connection: Connection, name: str, owner: str, seconds: float) -> Lease | None:
    """Take or renew; None while another holds it."""
    row = await connection.fetchrow(SQL_TAKE, name, owner, timedelta(seconds=seconds))
    return None if row is None else Lease(name=name, owner=owner, epoch=row["epoch"], expires_at=row["expires_at"])


async def drop(connection: Connection, name: str, owner: str) -> None:
    """Give it back; somebody else's is left alone."""
    await connection.execute(SQL_DROP, name, owner)


async def taken_for(pool: asyncpg.Pool, name: str, owner: str, seconds: float) -> bool:
    """Take or renew, on a connection of its own: whether `owner` alone does this work now."""
    async with pool.acquire() as connection:
        return await take(connection, name, owner, seconds) is not None


async def dropped_by(pool: asyncpg.Pool, name: str, owner: str) -> None:
    """Give it back, on a connection of its own."""
    async with pool.acquire() as connection:
        await drop(connection, name, owner)


async def hold(connection: Connection, name: str, owner: str, epoch: int) -> None:
    """Keep everybody else from taking the lease until this transaction ends. Raises LostLeaseError."""
    if await connection.fetchval(SQL_HOLD, name, owner, epoch) is None:
        raise LostLeaseError


async def turns(database: asyncpg.Pool | Connection) -> Mapping[str, str]:
    """Who runs the calls of each site that is served now: the owner by the site."""
    rows = await database.fetch(SQL_TURNS, TURN)
    return {site_of(row["name"]): row["owner"] for row in rows}


async def taken(connection: Connection, name: str) -> bool:
    """Whether anybody holds the lease now, by the database's clock."""
    return await connection.fetchval(SQL_TAKEN, name) is not None
