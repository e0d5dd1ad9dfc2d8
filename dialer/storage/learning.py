"""The learned state of the planner, and the attempts it learns from: outcomes and hours, no id and no person."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg

from dialer.domain.errors import UnavailableError
from dialer.services.ports.learning import Kept, Told
from dialer.storage.pool import PASSING, store

SQL_LOAD = "select at, state::text as state from learned_state where name = $1"
SQL_SAVE = """
insert into learned_state (name, at, state) values ($1, $2, $3::jsonb)
on conflict (name) do update set at = excluded.at, state = excluded.state
"""
SQL_TOLD = """
select a.case_id, f.opened_at, a.phone_id, p.kind, a.counted, a.claimed_at, a.outcome, a.reached, a.joined_at
  from (select * from attempt
         where claimed_at >= $1 and not live and outcome is not null and case_id is not null
           and (counted or reached)
         order by claimed_at desc limit $2) a
  join case_file f on f.id = a.case_id
  left join phone p on p.id = a.phone_id
 order by a.case_id, a.claimed_at
"""
NAME = "reach"
_BATCH = 500


@store
class PgLearning:
    """Implements LearningStore."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def load(self) -> Kept | None:
        """See LearningStore."""
        row = await self._pool.fetchrow(SQL_LOAD, NAME)
        if row is None:
            return None
        state: dict[str, Any] = json.loads(row["state"])
        return Kept(at=row["at"], state=state)

    async def save(self, state: Mapping[str, Any], at: datetime) -> None:
        """See LearningStore."""
        await self._pool.execute(SQL_SAVE, NAME, at, json.dumps(dict(state)))

    async def told(self, since: datetime, most: int) -> AsyncGenerator[Sequence[Told], None]:
        """See LearningStore. Batches are small: between two of them the event loop has its turn."""
        cases = _Numbered()
        try:
            async with self._pool.acquire() as connection, connection.transaction(readonly=True):
                cursor = await connection.cursor(SQL_TOLD, since, most)
                while rows := await cursor.fetch(_BATCH):
                    yield [cases.told(row) for row in rows]
        except PASSING as error:
            raise UnavailableError("the database does not answer") from error


class _Numbered:
    """Counts cases, and the numbers of the case at hand, so that no id leaves."""

    def __init__(self) -> None:
        self._count = count()
        self._id: UUID | None = None
        self._case = -1
        self._numbers: dict[UUID, int] = {}

    def told(self, row: asyncpg.Record) -> Told:
        if row["case_id"] != self._id:
            self._id, self._case, self._numbers = row["case_id"], next(self._count), {}
        number, kind = -1, ""
        if row["counted"]:
            number = self._numbers.setdefault(row["phone_id"], len(self._numbers))
            kind = row["kind"]
        return Told(
            case=self._case,
            arrival=row["opened_at"].timestamp(),
            number=number,
            kind=kind,
            at=row["claimed_at"].timestamp(),
            outcome=row["outcome"],
            reached=row["reached"],
            lives=row["joined_at"] is not None,
        )
