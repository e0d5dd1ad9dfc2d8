"""What the auditor looks at, and how it is read. Times: unix seconds by the Asterisks' clocks, else aware UTC."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


@dataclass(slots=True)
class OwnCall:
    """One channel on the service's side, by its Asterisk."""

    account: str
    channel: str
    began: float
    answered: float | None = None
    joins: list[float] = field(default_factory=list)
    messages: list[tuple[float, str]] = field(default_factory=list)
    ended: float | None = None

    @property
    def kind(self) -> str:
        """resident, caller, leg, target or other."""
        if self.account.startswith("in-"):
            return "caller"
        if self.account.startswith("leg."):
            return "leg"
        if self.account.startswith("transfer."):
            return "target"
        return "resident" if _UUID.match(self.account) else "other"


@dataclass(slots=True)
class TownCall:
    """One call on the carrier's side: to a resident, or (`outward`) from one."""

    number: str
    channel: str
    began: float
    outward: bool = False
    answered: float | None = None
    ended: float | None = None


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One row of the ledger, with what stands around it."""

    id: str
    direction: str
    campaign: str
    case: str | None
    resident: str | None
    number: str | None  # E.164 as delivered; None: not in the list, or rung because somebody asked for it
    number_key: str | None
    channel: str
    live: bool
    counted: bool
    exempt: bool
    claimed: datetime  # calendar
    claimed_wall: float
    dialed: bool
    joined: bool
    abandoned: bool
    outcome: str | None
    outcome_at: datetime | None
    final_for_case: bool
    wrap_up_open: bool
    plan_ends: datetime | None
    callback: str | None = None  # the request that an agent had dialled
    reached: bool = False
    appointment: datetime | None = None  # agreed in this conversation


@dataclass(slots=True, kw_only=True)
class Staff:
    """A telephone of our own people, on the list from when until when. Times are of the calendar."""

    number_key: str
    begins: datetime
    ends: datetime | None


@dataclass(slots=True, kw_only=True)
class Request:
    """A call-back that somebody asked for. Times are of the calendar."""

    id: str
    number_key: str
    requested: datetime
    done: datetime | None  # spoken to, or struck off


@dataclass(slots=True, kw_only=True)
class Block:
    """A number that may not be rung, from when until when. Times are of the calendar."""

    number_key: str
    begins: datetime
    ends: datetime | None


@dataclass(slots=True, kw_only=True)
class Line:
    """One line of the last full export: its reference, and the outcomes of the attempts it tells of."""

    signal: str
    case: str
    outcomes: list[str]


@dataclass(slots=True, kw_only=True)
class Evidence:
    """All of it."""

    own: Sequence[OwnCall]
    town: Sequence[TownCall]
    attempts: Sequence[Attempt]
    lines: Sequence[Line]
    table: Sequence[str]  # signal references in the CSV that the client got, one a row
    signals: Sequence[str]  # references that should be in it
    acknowledged: Mapping[str, str]  # attempt -> outcome that an agent was told is saved
    requests: Sequence[Request]  # call-backs that were asked for: open, done or cancelled
    blocks: Sequence[Block]
    keys: Mapping[str, str]  # E.164 -> number key, of numbers in the list
    staff: Sequence[Staff] = ()
    targets: Sequence[str] = ()  # E.164: to whom calls may go
    outages: Sequence[tuple[float, float]] = ()  # when the service's Asterisk was dead: its calls ended unseen


def own_calls(path: Path, since: float) -> list[OwnCall]:
    """Channels of the service's Asterisk."""
    calls: dict[str, OwnCall] = {}
    for row in _rows(path, since):
        at, kind, account, channel, user_type, extra = float(row[0]), row[1], row[2], row[3], row[6], row[7]
        call = calls.setdefault(channel, OwnCall(account, channel, at))
        call.account = account or call.account
        if kind == "ANSWER":
            call.answered = call.answered or at
        elif kind == "BRIDGE_ENTER" and "holding_bridge" not in extra:
            call.joins.append(at)
        elif user_type == "MESSAGE":
            call.messages.append((at, json.loads(extra)["extra"]))
        elif kind == "CHAN_END":
            call.ended = at
    for call in calls.values():  # the account stands in later rows only, and a call may not live to have one
        if not call.account and _UUID.match(call.channel):
            call.account = call.channel
    return list(calls.values())


def town_calls(path: Path, since: float) -> list[TownCall]:
    """Calls to residents, and residents' calls to a client."""
    calls: dict[str, TownCall] = {}
    first: dict[str, float] = {}
    for row in _rows(path, since):
        at, kind, channel, context, exten, caller = float(row[0]), row[1], row[3], row[5], row[8], row[9]
        first.setdefault(channel, at)
        if kind == "CHAN_START" and exten.startswith("+31"):
            calls[channel] = TownCall(exten, channel, at)
        elif context == "caller" and channel not in calls:
            calls[channel] = TownCall(caller, channel, first[channel], outward=True)
            calls[channel].answered = first[channel]
        if channel in calls and kind == "ANSWER":
            calls[channel].answered = calls[channel].answered or at
        elif channel in calls and kind == "CHAN_END":
            calls[channel].ended = at
    return list(calls.values())


def _rows(path: Path, since: float) -> list[list[str]]:
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8", errors="replace") as lines:
        return [row for row in csv.reader(lines) if len(row) >= 8 and float(row[0]) >= since]


def numbers_of(delivered: bytes) -> dict[str, str]:
    """Client's reference -> the number in its row. Only lists with one number a row can be proved."""
    rows = csv.DictReader(io.StringIO(delivered.decode("utf-8-sig")), delimiter=";")
    return {row["kenmerk"]: row["telefoon 1"] for row in rows}


SQL_ATTEMPTS = """
select a.id::text, a.direction, a.campaign_id::text as campaign, a.case_id::text as "case",
       f.resident_id::text as resident,
       (select min(s.client_ref) from signal s where s.case_id = a.case_id) as ref,
       encode(a.number_key, 'hex') as number_key, a.channel_id as channel, a.live, a.counted, a.exempt_daily as exempt,
       a.claimed_at as claimed, (select min(extract(epoch from e.wall_at)) from attempt_event e
                                  where e.attempt_id = a.id)::float8 as claimed_wall,
       a.dialed_at is not null as dialed, a.joined_at is not null as joined, a.abandoned, a.outcome, a.outcome_at,
       coalesce(o.final_for = 'case', false) as final_for_case, a.wrap_up_open, f.plan_ends_at as plan_ends,
       a.callback_id::text as callback, a.reached,
       case when a.outcome = 'CALL_LATER' then (a.facts ->> 'appointment_at')::timestamptz end as appointment
  from attempt a
  left join case_file f on f.id = a.case_id
  left join outcome_definition o on o.version = a.catalogue_version and o.code = a.outcome
 order by a.id
"""
SQL_LINES = """
select s.signal_ref as signal, l.case_id::text as "case", l.facts::text as facts
  from export_line l join signal s on s.id = l.signal_id
 where l.export_id = (select id from export_run where kind = 'full' order by created_at desc, id desc limit 1)
"""
SQL_SIGNALS = "select signal_ref from signal where not recalled"
SQL_REQUESTS = """
select id::text, encode(number_key, 'hex') as number_key, requested_at as requested, done_at as done from callback_task
"""
SQL_BLOCKS = """
select encode(number_key, 'hex') as number_key, blocked_at as begins, lifted_at as ends
  from phone where blocked_at is not null
"""
SQL_STAFF = """
select encode(number_key, 'hex') as number_key, created_at as begins, removed_at as ends from staff_phone
"""
SQL_TARGETS = "select distinct number from transfer_target"
SQL_KEYS = """
select distinct s.client_ref as ref, encode(p.number_key, 'hex') as key
  from signal s join case_phone cp on cp.case_id = s.case_id join phone p on p.id = cp.phone_id
"""


async def from_database(dsn: str, numbers: Mapping[str, str]) -> dict[str, Any]:
    """What the database says, by plain SQL."""
    connection = await asyncpg.connect(dsn)
    try:
        attempts = []
        for row in await connection.fetch(SQL_ATTEMPTS):
            facts = dict(row)
            listed = numbers.get(facts.pop("ref") or "")  # of the case to which a call-back was tied: not what was rung
            attempts.append(Attempt(number=None if facts["callback"] else listed, **facts))
        lines = [
            Line(
                signal=row["signal"],
                case=row["case"],
                outcomes=[call["outcome"] for call in json.loads(row["facts"])["attempts"] if call["outcome"]],
            )
            for row in await connection.fetch(SQL_LINES)
        ]
        return {
            "attempts": attempts,
            "lines": lines,
            "signals": [row["signal_ref"] for row in await connection.fetch(SQL_SIGNALS)],
            "requests": [Request(**row) for row in await connection.fetch(SQL_REQUESTS)],
            "blocks": [Block(**row) for row in await connection.fetch(SQL_BLOCKS)],
            "targets": [row["number"] for row in await connection.fetch(SQL_TARGETS)],
            "staff": [Staff(**row) for row in await connection.fetch(SQL_STAFF)],
            "keys": {
                numbers[row["ref"]]: row["key"] for row in await connection.fetch(SQL_KEYS) if row["ref"] in numbers
            },
        }
    finally:
        await connection.close()


def exported_signals(table: bytes) -> list[str]:
    """Second column of the client's CSV, without its header."""
    text = table.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    return [row[1] for row in rows[1:] if row]
