"""Calls that are over: their events, their projections, and what comes next in their cases, in one transaction.

Lock order as everywhere: cases, call-back requests, attempts, each by id.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dialer.domain.ids import CaseId
from dialer.schedule.model import Planner
from dialer.services.ports.ledger import CallEnd
from dialer.storage import callback_claims, cases
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.connection import Connection

log = logging.getLogger(__name__)

SQL_BELONG_TO = "select id, case_id, callback_id from attempt where id = any($1)"
SQL_LOCK_LIVE = "select id, live, revision from attempt where id = any($1) order by id for no key update"
SQL_END = """
update attempt a
   set live = false, state = 'ended', ended_at = n.at, cause = n.cause, sip_code = n.sip_code, ring_ms = n.ring_ms,
       talk_ms = n.talk_ms, abandoned = n.abandoned, ring_cut = n.ring_cut, machine_result = n.result,
       lost_ms = n.lost_ms, revision = n.revision,
       agent_id = coalesce(n.agent_id, a.agent_id),
       counted = a.counted and n.counted,
       seq = case when a.counted and n.counted then a.seq end,
       case_seq = case when a.counted and n.counted then a.case_seq end,
       outcome = coalesce(a.outcome, n.result),
       outcome_at = case when a.outcome is null and n.result is not null then n.at else a.outcome_at end,
       wrap_up_open = n.wrap_up and a.outcome_at is null
  from unnest($1::uuid[], $2::timestamptz[], $3::int[], $4::int[], $5::real[], $6::real[], $7::boolean[], $8::text[],
              $9::int[], $10::uuid[], $11::boolean[], $12::boolean[], $13::boolean[], $14::real[])
       as n (id, at, cause, sip_code, ring_ms, talk_ms, abandoned, result, revision, agent_id, counted, wrap_up,
             ring_cut, lost_ms)
 where a.id = n.id
"""
SQL_ADD_EVENTS = """
insert into attempt_event (attempt_id, revision, kind, at, wall_at, actor, data)
select n.attempt_id, n.revision, 'ended', n.at, n.wall_at, n.actor, n.data::jsonb
  from unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[])
       as n (attempt_id, revision, at, wall_at, actor, data)
"""


async def close(connection: Connection, ends: Sequence[CallEnd], catalogues: CatalogueStore, planner: Planner) -> None:
    """Close calls. One that is closed already, or that nobody knows, is left out."""
    first = {end.attempt: end for end in reversed(ends)}
    belongs = {row["id"]: row for row in await connection.fetch(SQL_BELONG_TO, list(first))}
    if of := sorted({CaseId(row["case_id"]) for row in belongs.values() if row["case_id"] is not None}):
        await cases.lock(connection, of)
    for callback in sorted(row["callback_id"] for row in belongs.values() if row["callback_id"] is not None):
        await callback_claims.lock(connection, callback)
    locked = {row["id"]: row for row in await connection.fetch(SQL_LOCK_LIVE, list(first))}
    for attempt in first.keys() - locked.keys():
        log.error("end of an unknown attempt attempt=%s", attempt)
    now = [end for attempt, end in first.items() if attempt in locked and locked[attempt]["live"]]
    if not now:
        return
    await _write(connection, now, [locked[end.attempt]["revision"] + 1 for end in now])
    planned: dict[CaseId, datetime] = {}
    for end in now:
        row = belongs[end.attempt]
        if row["callback_id"] is not None and not end.wrap_up:
            await callback_claims.give_back(connection, row["callback_id"])
        if row["case_id"] is not None:
            case = CaseId(row["case_id"])
            planned[case] = max(end.at, planned.get(case, end.at))
    if planned:
        await _replan(connection, planned, catalogues, planner)


async def _write(connection: Connection, ends: Sequence[CallEnd], revisions: Sequence[int]) -> None:
    ids = [end.attempt for end in ends]
    await connection.execute(
        SQL_END,
        ids,
        [end.at for end in ends],
        [end.cause for end in ends],
        [end.sip_code for end in ends],
        [end.ring_ms for end in ends],
        [end.talk_ms for end in ends],
        [end.abandoned for end in ends],
        [end.result for end in ends],
        revisions,
        [end.agent for end in ends],
        [end.counted for end in ends],
        [end.wrap_up for end in ends],
        [end.ring_cut for end in ends],
        [end.lost_ms for end in ends],
    )
    await connection.execute(
        SQL_ADD_EVENTS,
        ids,
        revisions,
        [end.at for end in ends],
        [end.wall_at for end in ends],
        [end.actor for end in ends],
        [json.dumps(_data(end)) for end in ends],
    )


async def _replan(
    connection: Connection, planned: dict[CaseId, datetime], catalogues: CatalogueStore, planner: Planner
) -> None:
    """Each case at the moment at which its call ended. Read as of the first: what is newer is read all the same."""
    settled = []
    for loaded in await cases.load(connection, list(planned), min(planned.values()), catalogues, planner):
        settled.append(cases.settling(loaded, planned[loaded.case]))
        await asyncio.sleep(0)  # planning is work: the calls' events go between
    await cases.save_all(connection, settled)


def _data(end: CallEnd) -> dict[str, Any]:
    return {
        "result": end.result,
        "counted": end.counted,
        "abandoned": end.abandoned,
        **({"ring_cut": True} if end.ring_cut else {}),
        "cause": end.cause,
        "sip_code": end.sip_code,
        "ring_ms": end.ring_ms,
        "talk_ms": end.talk_ms,
        "wrap_up": end.wrap_up,
        "agent": None if end.agent is None else str(end.agent),
    }
