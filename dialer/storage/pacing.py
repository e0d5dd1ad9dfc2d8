"""Pacing's models in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from dialer.domain.ids import CampaignId
from dialer.services.ports.pacing import KeptState
from dialer.storage.pool import store

_PREFIX = "pacing:"
SQL_LOAD = "select name, state::text as state from learned_state where starts_with(name, $1)"
SQL_FIND = "select at, state::text as state from learned_state where name = $1"
SQL_SAVE = """
insert into learned_state (name, at, state) values ($1, $2, $3::jsonb)
on conflict (name) do update set at = excluded.at, state = excluded.state
"""


@store
class PgPacing:
    """The port `PacingMemory`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def load(self) -> Mapping[CampaignId, Mapping[str, Any]]:
        """Every campaign's, as kept last."""
        rows = await self._pool.fetch(SQL_LOAD, _PREFIX)
        return {CampaignId(UUID(row["name"].removeprefix(_PREFIX))): json.loads(row["state"]) for row in rows}

    async def find(self, campaign: CampaignId) -> KeptState | None:
        """One campaign's, as kept last; None: nothing was kept yet."""
        row = await self._pool.fetchrow(SQL_FIND, f"{_PREFIX}{campaign}")
        return None if row is None else KeptState(row["at"], json.loads(row["state"]))

    async def save(self, campaign: CampaignId, state: Mapping[str, Any], at: datetime) -> None:
        """Keep this one in place of the last."""
        await self._pool.execute(SQL_SAVE, f"{_PREFIX}{campaign}", at, json.dumps(dict(state)))
