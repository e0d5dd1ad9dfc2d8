"""Sites in PostgreSQL: a client's column, and the leases of whoever serves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import ClientId
from dialer.domain.sites import MAIN
from dialer.services.sites import InCallError, Site
from dialer.storage import leases
from dialer.storage.audit import record_audit
from dialer.storage.pool import store

SQL_ALL = """
with name as (select site from client union select unnest($1::text[]))
select n.site,
       (select coalesce(array_agg(l.slug order by l.slug), '{}') from client l where l.site = n.site) as clients,
       (select count(*) from campaign g join client l on l.id = g.client_id
         where l.site = n.site and g.state = 'running') as running,
       (select count(*) from agent_duty d where d.state <> 'off' and coalesce(d.site, 'main') = n.site) as on_duty
  from name n order by n.site
"""
# In the order in which a claim takes them: the leases, then the client.
SQL_LOCK_LEASES = """
select 1 from lease where name in (select 'campaign:' || id from campaign where client_id = $1) order by name for update
"""
SQL_LOCK = "select site from client where id = $1 for update"
SQL_LIVE = "select count(*) from attempt where client_id = $1 and live"
SQL_MOVE = "update client set site = $2 where id = $1"
SQL_FENCE = """
update lease set owner = '', epoch = epoch + 1, expires_at = '-infinity'
 where name in (select 'campaign:' || id from campaign where client_id = $1)
"""


@store
class PgSites:
    """The port `SiteStore`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def all(self) -> Sequence[Site]:
        """See SiteStore."""
        turns = await leases.turns(self._pool)
        return [
            Site(
                name=row["site"],
                owner=turns.get(row["site"], ""),
                clients=row["clients"],
                running=row["running"],
                on_duty=row["on_duty"],
            )
            for row in await self._pool.fetch(SQL_ALL, [MAIN, *turns])
        ]

    async def move(self, client: ClientId, site: str, at: datetime, actor: str) -> str:
        """See SiteStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL_LOCK_LEASES, client)  # no claim commits from here on
            before: str | None = await connection.fetchval(SQL_LOCK, client)  # and no caller
            if before is None:
                raise NotFoundError("no such client")
            if before == site:
                return before
            live = await connection.fetchval(SQL_LIVE, client)
            if live:
                raise InCallError(live)
            await connection.execute(SQL_FENCE, client)
            await connection.execute(SQL_MOVE, client, site)
            await record_audit(
                connection, at, actor, "client.move", "client", client, client, {"before": before, "site": site}
            )
            return before
