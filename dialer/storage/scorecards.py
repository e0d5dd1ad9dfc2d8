"""Scorecards in PostgreSQL: versions are only added."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import ClientId, UserId
from dialer.domain.scorecard import SHIPPED, Criterion
from dialer.services.ports.quality import Scorecard
from dialer.storage.audit import record_audit
from dialer.storage.pool import store

SQL_CARD = """
select c.version, c.criteria::text as criteria
  from client l left join scorecard c on c.client_id = l.id and ($2::int is null or c.version = $2)
 where l.id = $1 order by c.version desc limit 1
"""
SQL_LOCK_CLIENT = "select id from client where id = $1 for no key update"
SQL_NEWEST_CARD = "select coalesce(max(version), 0) from scorecard where client_id = $1"
SQL_SAVE_CARD = """
insert into scorecard (client_id, version, criteria, created_at, created_by) values ($1, $2, $3::text::jsonb, $4, $5)
"""


@store
class PgScorecards:
    """`ScorecardStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def card(self, client: ClientId, version: int | None = None) -> Scorecard:
        """See ScorecardStore."""
        row = await self._pool.fetchrow(SQL_CARD, client, version)
        if row is None or (row["version"] is None and version):
            raise NotFoundError("no such scorecard")
        if row["version"] is None:
            return Scorecard(client=client, version=0, criteria=SHIPPED)
        return Scorecard(
            client=client, version=row["version"], criteria=[Criterion(**one) for one in json.loads(row["criteria"])]
        )

    async def save(
        self, client: ClientId, version: int, criteria: Sequence[Criterion], at: datetime, user: UserId, actor: str
    ) -> bool:
        """See ScorecardStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(SQL_LOCK_CLIENT, client) is None:
                raise NotFoundError("no such client")
            if await connection.fetchval(SQL_NEWEST_CARD, client) != version:
                return False
            body = json.dumps([_entry(one) for one in criteria])
            await connection.execute(SQL_SAVE_CARD, client, version + 1, body, at, user)
            await record_audit(
                connection, at, actor, "scorecard.write", "client", client, client, {"version": version + 1}
            )
            return True


def _entry(one: Criterion) -> dict[str, Any]:
    return {"code": one.code, "label": one.label, "weight": one.weight, "fatal": one.fatal}
