"""The learned state of the planner, and the attempts it learns from: ids and outcomes, no person."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import asyncpg

from dialer.schedule.model import NumberKind, Past
from dialer.schedule.planner.product import result_of
from dialer.schedule.planner.values import Attempt, Contact, Record

SQL_LOAD = "select state::text from learned_state where name = $1"
SQL_SAVE = """
insert into learned_state (name, at, state) values ($1, $2, $3::jsonb)
on conflict (name) do update set at = excluded.at, state = excluded.state
"""
SQL_RECORDS = """
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


class PgLearning:
    """Implements LearningStore."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def load(self) -> Mapping[str, Any] | None:
        """See LearningStore."""
        text = await self._pool.fetchval(SQL_LOAD, NAME)
        if text is None:
            return None
        state: dict[str, Any] = json.loads(text)
        return state

    async def save(self, state: Mapping[str, Any], at: datetime) -> None:
        """See LearningStore."""
        await self._pool.execute(SQL_SAVE, NAME, at, json.dumps(dict(state)))

    async def records(self, since: datetime, most: int) -> Sequence[Record]:
        """See LearningStore."""
        rows = await self._pool.fetch(SQL_RECORDS, since, most)
        return [_record(case, list(found)) for case, found in groupby(rows, key=lambda row: row["case_id"])]


def _record(case: UUID, rows: Sequence[asyncpg.Record]) -> Record:
    """Only numbers that were tried: the others teach nothing."""
    kinds = {row["phone_id"]: NumberKind(row["kind"]) for row in rows if row["phone_id"] is not None}
    index = {phone: number for number, phone in enumerate(kinds)}
    attempts = []
    for row in rows:
        out, outcome = row["counted"], row["outcome"]  # a call-back that was asked for is not a try of ours
        number = index[row["phone_id"]] if out else None
        past = Past(
            number=number, at=row["claimed_at"], outcome=outcome, counted=out, lives=row["joined_at"] is not None
        )
        attempts.append(
            Attempt(contact=str(case), number=number, at=past.at, result=result_of(past, reached=row["reached"]))
        )
    contact = Contact(id=str(case), arrival=rows[0]["opened_at"], kinds=tuple(kinds.values()))
    return Record(contact=contact, attempts=tuple(attempts))
