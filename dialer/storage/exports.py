"""Exports in PostgreSQL. The lines of an export never change; what goes out is decided in one snapshot."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import CampaignId, CaseId, ClientId, DeliveryId, SignalId, UserId
from dialer.services.ports.export import ExportLine, ExportRun, MakeLines, OutcomeLabel, ResultRow, StoredLine
from dialer.services.ports.people import Box
from dialer.services.scope import limited_to
from dialer.storage.bookings import BOOKING_OF_CASE, booked_time
from dialer.storage.boxes import named_box
from dialer.storage.follow_up import FOLLOWED_UP
from dialer.storage.pool import store

_SLICE = 1000
SQL_LOCK_EXPORTS = "select pg_advisory_xact_lock(hashtextextended('export:' || $1::text, 0))"
SQL_CAMPAIGN_CLIENT = """
select g.client_id, l.wrapped_key from campaign g join client l on l.id = g.client_id where g.id = $1
"""
_RUN = """
select id, client_id, campaign_id, kind, created_at, created_by, line_count, confirmed_at from export_run
"""
SQL_RUN = _RUN + " where id = $1"
SQL_RUNS = _RUN + " where campaign_id = $1 order by created_at desc, id desc"
SQL_OPEN_DELTA = (
    _RUN + " where campaign_id = $1 and kind = 'delta' and confirmed_at is null order by created_at limit 1"
)
# Attempts as the client may know them: when, which number by its place, what came of it. A call still on the line is
# told next time.
CALLS_OF_CASE = """
  left join lateral (
    select jsonb_agg(jsonb_build_object(
             'at', coalesce(a.dialed_at, a.claimed_at), 'direction', a.direction, 'outcome', a.outcome,
             'reached', a.reached, 'counted', a.counted, 'number', cp.position,
             'call_back', a.callback_id is not null) order by a.claimed_at, a.id) as attempts
      from (select f.id union all select p.id from case_file p where p.merged_into = f.id) made (case_id)
      join attempt a on a.case_id = made.case_id
      left join case_phone cp on cp.case_id = f.id and cp.phone_id = a.phone_id
     where not a.live and (a.direction = 'in' or a.dialed_at is not null)) calls on true
"""
# For a delta only what ResultRow.is_news lets through is read at all.
SQL_RESULTS = (
    """
select s.id as signal_id, s.delivery_id, d.wrapped_key as delivery_key, s.signal_on, f.id as case_id, f.result_version,
       f.state, f.state_reason, f.outcome, f.appointment_at, f.crisis, f.term_ends_at, f.closed_at,
       o.facts::text as outcome_facts, n.sealed as note, n.attempt_id as note_owner, n.delivery_id as note_delivery,
       nd.wrapped_key as note_key, l.wrapped_key as client_key, f.client_id,
       sent.case_id as sent_case, sent.result_version as sent_version,
       booked.starts_at as booked_time, coalesce(booked.state, '') as booking,
       marked.mark, marked.at as marked_at,
       coalesce(calls.attempts, '[]')::text as attempts, coalesce(shut.numbers, '[]')::text as closed_numbers
  from case_file f
  join signal s on s.case_id = f.id and not s.recalled
  join delivery d on d.id = s.delivery_id and d.state = 'loaded'
  join client l on l.id = f.client_id
  left join lateral (
    select e.case_id, e.result_version from export_line e join export_run r on r.id = e.export_id
     where e.signal_id = s.id and r.confirmed_at is not null order by r.created_at desc, r.id desc limit 1) sent on true
  left join attempt o on o.id = f.outcome_attempt
  left join pii.note n on n.attempt_id = f.outcome_attempt
  left join delivery nd on nd.id = n.delivery_id
"""  # noqa: S608 - a constant of this module
    + CALLS_OF_CASE
    + BOOKING_OF_CASE
    + FOLLOWED_UP
    + """
  left join lateral (
    select jsonb_agg(jsonb_build_object('number', cp.position, 'reason', cp.closed_reason)
                     order by cp.position) as numbers
      from case_phone cp where cp.case_id = f.id and cp.state = 'closed') shut on true
 where f.campaign_id = $1
   and ($2 = 'full' or (sent.case_id is null and f.result_version > 0)
        or sent.case_id <> f.id or sent.result_version <> f.result_version)
 order by s.client_ref, s.signal_ref
"""
)
SQL_ADD_RUN = """
insert into export_run (id, client_id, campaign_id, kind, created_at, created_by, line_count)
values ($1, $2, $3, $4, $5, $6, $7)
"""
_LINE_COLUMNS = (
    "export_id",
    "position",
    "signal_id",
    "case_id",
    "result_version",
    "action",
    "facts",
    "delivery_id",
    "sealed",
)
SQL_LINES = """
select e.position, e.signal_id, e.case_id, e.result_version, e.action, e.facts::text as facts, e.delivery_id, e.sealed,
       s.client_ref, s.signal_ref, s.partner_type, d.wrapped_key as delivery_key, l.wrapped_key as client_key
  from export_line e
  join signal s on s.id = e.signal_id
  join delivery d on d.id = s.delivery_id
  join client l on l.id = s.client_id
 where e.export_id = $1 order by e.position
"""
SQL_CONFIRM = "update export_run set confirmed_at = $2 where id = $1 and confirmed_at is null"
SQL_LABELS = """
select distinct on (code) code, label_nl, label_en, coalesce(ddas, '') as ddas
  from outcome_definition order by code, version desc
"""


@store
class PostgresExports:
    """ExportStore on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def create(self, run: ExportRun, make: MakeLines) -> tuple[ExportRun, bool]:
        """One transaction, one snapshot; exports of a campaign are made one after the other."""
        with limited_to(None):  # PostgreSQL copies into no table that is narrowed; whose campaign it is was checked
            return await self._create(run, make)

    async def _create(self, run: ExportRun, make: MakeLines) -> tuple[ExportRun, bool]:
        async with self._pool.acquire() as connection, connection.transaction():
            # A statement of its own, before the one that reads: else the export made while we waited would be unseen.
            await connection.execute(SQL_LOCK_EXPORTS, str(run.campaign))
            if run.kind == "delta":
                waiting = await connection.fetchrow(SQL_OPEN_DELTA, run.campaign)
                if waiting is not None:
                    return _run(waiting), False
            client = await connection.fetchrow(SQL_CAMPAIGN_CLIENT, run.campaign)
            if client is None:
                raise NotFoundError("no such campaign")
            rows = await connection.fetch(SQL_RESULTS, run.campaign, run.kind, timeout=300)
            records = await asyncio.to_thread(_make, run.id, make, rows, client["wrapped_key"])
            await connection.execute(
                SQL_ADD_RUN,
                run.id,
                client["client_id"],
                run.campaign,
                run.kind,
                run.created_at,
                run.created_by,
                len(records),
            )
            for start in range(0, len(records), _SLICE):  # encoding is done between awaits: in portions
                part = records[start : start + _SLICE]
                await connection.copy_records_to_table("export_line", records=part, columns=list(_LINE_COLUMNS))
        return await self.run(run.id), True

    async def client_of(self, campaign: CampaignId) -> ClientId:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_CAMPAIGN_CLIENT, campaign)
        if row is None:
            raise NotFoundError("no such campaign")
        return ClientId(row["client_id"])

    async def run(self, export: UUID) -> ExportRun:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_RUN, export)
        if row is None:
            raise NotFoundError("no such export")
        return _run(row)

    async def runs(self, campaign: CampaignId) -> Sequence[ExportRun]:
        """The newest first."""
        return [_run(row) for row in await self._pool.fetch(SQL_RUNS, campaign)]

    async def lines(self, export: UUID) -> Sequence[StoredLine]:
        """By position."""
        rows = await self._pool.fetch(SQL_LINES, export, timeout=300)
        return await asyncio.to_thread(lambda: [_stored(row) for row in rows])

    async def confirm(self, export: UUID, at: datetime) -> ExportRun:
        """The client has it. Twice is once."""
        await self._pool.execute(SQL_CONFIRM, export, at)
        return await self.run(export)

    async def labels(self) -> Mapping[str, OutcomeLabel]:
        """All outcomes by code."""
        rows = await self._pool.fetch(SQL_LABELS)
        return {row["code"]: OutcomeLabel(nl=row["label_nl"], en=row["label_en"], ddas=row["ddas"]) for row in rows}


def _make(export: UUID, make: MakeLines, rows: Sequence[asyncpg.Record], client_key: bytes) -> list[tuple[object, ...]]:
    return [_record(export, line) for line in make([_result(row) for row in rows], client_key)]


def _stored(row: asyncpg.Record) -> StoredLine:
    return StoredLine(
        line=ExportLine(
            position=row["position"],
            signal=SignalId(row["signal_id"]),
            case=CaseId(row["case_id"]),
            result_version=row["result_version"],
            action=row["action"],
            facts=json.loads(row["facts"]),
            delivery=DeliveryId(row["delivery_id"]),
            sealed=row["sealed"],
        ),
        client_ref=row["client_ref"],
        signal_ref=row["signal_ref"],
        partner_type=row["partner_type"],
        client_key=row["client_key"],
        delivery_key=row["delivery_key"],
    )


def _result(row: asyncpg.Record) -> ResultRow:
    facts = {
        "signal_on": row["signal_on"].isoformat(),
        "state": row["state"],
        "state_reason": row["state_reason"],
        "outcome": row["outcome"],
        "appointment_at": booked_time(row),
        "booking": row["booking"],
        "crisis": row["crisis"],
        "term_ends_at": row["term_ends_at"].isoformat(),
        "attempts": json.loads(row["attempts"]),
        "closed_numbers": json.loads(row["closed_numbers"]),
        "follow_up": None if row["mark"] is None else {"mark": row["mark"], "at": row["marked_at"].isoformat()},
    }
    return ResultRow(
        signal=SignalId(row["signal_id"]),
        case=CaseId(row["case_id"]),
        result_version=row["result_version"],
        sent=row["sent_case"] is not None,
        sent_case=CaseId(row["sent_case"]) if row["sent_case"] is not None else None,
        sent_version=row["sent_version"] or 0,
        facts=facts,
        delivery=DeliveryId(row["delivery_id"]),
        delivery_key=row["delivery_key"],
        note=note_of(row),
    )


def note_of(row: asyncpg.Record) -> Box | None:
    """The sealed note of a row with `note`, its owner and its keys; None: there is none."""
    return named_box(row, "note", row["note_owner"])


def _record(export: UUID, line: ExportLine) -> tuple[object, ...]:
    return (
        export,
        line.position,
        line.signal,
        line.case,
        line.result_version,
        line.action,
        json.dumps(dict(line.facts)),
        line.delivery,
        line.sealed,
    )


def _run(row: asyncpg.Record) -> ExportRun:
    return ExportRun(
        id=row["id"],
        client=ClientId(row["client_id"]),
        campaign=CampaignId(row["campaign_id"]),
        kind=row["kind"],
        created_at=row["created_at"],
        created_by=UserId(row["created_by"]) if row["created_by"] is not None else None,
        lines=row["line_count"],
        confirmed_at=row["confirmed_at"],
    )
