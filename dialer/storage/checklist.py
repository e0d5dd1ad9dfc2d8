"""The checklist in PostgreSQL: `campaign_checks` says what is so, `client_check` keeps what was ticked or waived."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from dialer.domain.checklist import CheckState
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import CampaignId, ClientId
from dialer.services.ports.checklist import CheckRow, Tick
from dialer.storage.audit import record_audit
from dialer.storage.pool import store

SQL_OF_CAMPAIGN = """
select n.item, n.fact, n.tickable, n.done, k.state, k.on_day, k.name, k.reason, k.at,
       coalesce(u.display_name, '') as by
  from campaign g
  cross join campaign_checks(g.id) n
  left join client_check k on k.client_id = g.client_id and k.item = n.item
  left join app_user u on u.id = k.by_user
 where g.id = $1
"""
SQL_KEEP = """
insert into client_check (client_id, item, state, on_day, name, reason, at, by_user)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (client_id, item) do update
   set state = excluded.state, on_day = excluded.on_day, name = excluded.name, reason = excluded.reason,
       at = excluded.at, by_user = excluded.by_user
"""
SQL_FORGET = "delete from client_check where client_id = $1 and item = $2 returning state"


@store
class PgChecklist:
    """`ChecklistStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def of_campaign(self, campaign: CampaignId) -> Sequence[CheckRow]:
        """Raises NotFoundError."""
        rows = await self._pool.fetch(SQL_OF_CAMPAIGN, campaign)
        if not rows:
            raise NotFoundError("no such campaign")
        return [_row(row) for row in rows]

    async def keep(self, tick: Tick) -> None:
        """Raises NotFoundError."""
        detail = {"item": tick.item, "on": tick.on.isoformat(), "name": tick.name, "reason": tick.reason}
        async with self._pool.acquire() as connection, connection.transaction():
            try:
                await connection.execute(
                    SQL_KEEP,
                    tick.client,
                    tick.item,
                    tick.state.value,
                    tick.on,
                    tick.name,
                    tick.reason,
                    tick.at,
                    tick.by,
                )
            except asyncpg.ForeignKeyViolationError:
                raise NotFoundError("no such client") from None
            await record_audit(
                connection, tick.at, tick.actor, f"checklist.{tick.state.value}", "client", tick.client, tick.client,
                detail,
            )  # fmt: skip

    async def forget(self, client: ClientId, item: str, at: datetime, actor: str) -> bool:
        """False: there was none."""
        async with self._pool.acquire() as connection, connection.transaction():
            before = await connection.fetchval(SQL_FORGET, client, item)
            if before is None:
                return False
            detail = {"item": item, "before": before}
            await record_audit(connection, at, actor, "checklist.back", "client", client, client, detail)
            return True


def _row(row: asyncpg.Record) -> CheckRow:
    counts = row["state"] == CheckState.WAIVED or (row["state"] == CheckState.TICKED and row["tickable"])
    if row["fact"] or not counts:
        state = CheckState.FACT if row["fact"] else CheckState.OPEN
        return CheckRow(item=row["item"], state=state, tickable=row["tickable"])
    return CheckRow(
        item=row["item"],
        state=CheckState(row["state"]),
        tickable=row["tickable"],
        on=row["on_day"],
        name=row["name"],
        reason=row["reason"],
        by=row["by"],
        at=row["at"],
    )
