"""What was agreed with each client of its KPIs, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import ClientId
from dialer.domain.reports.operations import Agreement
from dialer.storage.audit import record_audit
from dialer.storage.pool import store

SQL_KPIS = """
select l.id, k.kpi, k.target, k.band from client l left join client_kpi k on k.client_id = l.id where l.id = $1
"""
SQL_LOCK_CLIENT = "select id from client where id = $1 for no key update"
SQL_DROP_KPIS = "delete from client_kpi where client_id = $1"
SQL_SET_KPI = "insert into client_kpi (client_id, kpi, target, band, set_at) values ($1, $2, $3, $4, $5)"


@store
class PgKpis:
    """`KpiStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def agreed(self, client: ClientId) -> Mapping[str, Agreement]:
        """See KpiStore."""
        rows = await self._pool.fetch(SQL_KPIS, client)
        if not rows:
            raise NotFoundError("no such client")
        return {row["kpi"]: Agreement(target=row["target"], band=row["band"]) for row in rows if row["kpi"] is not None}

    async def agree(self, client: ClientId, agreed: Mapping[str, Agreement], at: datetime, actor: str) -> None:
        """See KpiStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(SQL_LOCK_CLIENT, client) is None:
                raise NotFoundError("no such client")
            await connection.execute(SQL_DROP_KPIS, client)
            await connection.executemany(
                SQL_SET_KPI, [(client, key, one.target, one.band, at) for key, one in sorted(agreed.items())]
            )
            await record_audit(
                connection, at, actor, "kpi.agree", "client", client, client,
                {key: [one.target, one.band] for key, one in sorted(agreed.items())},
            )  # fmt: skip
