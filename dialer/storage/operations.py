"""The work in the days of a report, counted from facts in its snapshot.

Each fact says in which cells it counts: a count is the number of facts of a cell, and the records behind it are these
facts, so that both are the same by construction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import CaseId
from dialer.domain.reports.definitions import ACCEPTED, GONE
from dialer.domain.reports.kpis import Period
from dialer.domain.reports.operations import (
    IN_TIME_SECONDS,
    MOST_TRIES,
    SHORT_SECONDS,
    Found,
    Line,
    Timing,
)
from dialer.schedule.windows import at_local
from dialer.services.ports.operations import Cell, RecordKind, WorkRecord
from dialer.storage.connection import Connection
from dialer.storage.pool import store
from dialer.storage.reading import Readings
from dialer.storage.reports import SEEN, SQL_ASKED, cases_seen

MACHINES = ("VOICEMAIL", "FAX", "UNALLOCATED", "NUMBER_CHANGED", "INVALID_NUMBER")
"""Results of answered calls in which no person picked up."""

# $1 client, $2 campaign or null, $3 when each period begins, $4 until, $5 era, $6 snapshot. Periods follow each other:
# `place` is the number of the one in which something is, from 1. The newest version of each call: an attempt is locked
# while it is written, so ids are in order. A day more on both sides, for a call whose time was put right in a later
# version.
_SINCE = "($3::timestamptz[])[1]"


def _place(moment: str) -> str:
    return f"width_bucket({moment}, $3::timestamptz[])"


_CALLS = f"""
with versions as (
  select distinct on (t.attempt_id) t.*
    from report_attempt t
   where t.client_id = $1 and ($2::uuid is null or t.campaign_id = $2)
     and t.at >= {_SINCE} - interval '1 day' and t.at < $4::timestamptz + interval '1 day' and {SEEN}
   order by t.attempt_id, t.id desc
), calls as (
  select v.*, {_place("v.at")} as place, to_char(v.at at time zone 'Europe/Amsterdam', 'IYYY-"W"IW') as week,
         date_bin('1 hour', v.at, timestamptz '2000-01-01 00:00Z') as hour_at
    from versions v where v.sign > 0 and v.at >= {_SINCE} and v.at < $4
)
"""  # noqa: S608 - constant pieces of this file
# What the cells ask of a call. $7 codes of machines, $8 in time within ms, $9 a short call ends within ms
_CALL_TRAITS = (
    "c.hour_at", "c.direction = 'out' as ours", "c.direction = 'in' as theirs",
    "c.direction = 'overflow' as borrowed", "c.outcome", "c.counted", "c.reached",
    "c.abandoned", "c.answered_at is not null as answered", "c.joined_at is not null as joined",
    "c.lost_ms is not null as left_waiting", "coalesce(c.wait_ms <= $8, false) as in_time",
    "coalesce(c.lost_ms > $8, false) as waited_long", "coalesce(c.lost_ms > $9, false) as lost",
)  # fmt: skip
_CALL_CELLS = """
    cross join lateral (select c.theirs and (c.joined or c.left_waiting) as offered,
                               to_char(c.hour_at at time zone 'Europe/Amsterdam', 'IYYY-"W"IW') as week,
                               to_char(c.hour_at at time zone 'Europe/Amsterdam', 'ID-HH24') as hour) b
    cross join lateral (values
      ('attempts', 'calls', coalesce(c.outcome, 'none'), c.ours and (c.counted or c.outcome is not null)),
      ('hours', 'attempts', b.hour, c.ours and c.counted),
      ('hours', 'answered', b.hour, c.ours and c.counted and c.answered and coalesce(c.outcome <> all($7), true)),
      ('hours', 'reached', b.hour, c.ours and c.counted and c.reached),
      ('outbound', 'dialled', b.week, c.ours and c.counted),
      ('outbound', 'answered', b.week, c.ours and c.answered),
      ('outbound', 'abandoned', b.week, c.ours and c.answered and c.abandoned),
      ('inbound', 'offered', b.week, b.offered),
      ('inbound', 'answered', b.week, c.theirs and c.joined),
      ('inbound', 'in_time', b.week, c.theirs and c.joined and c.in_time),
      ('inbound', 'judged', b.week, b.offered and (c.joined or c.waited_long)),
      ('inbound', 'lost', b.week, b.offered and not c.joined and c.lost),
      ('inbound', 'closed', b.week, c.theirs and not b.offered),
      ('overflow', 'offered', b.week, c.borrowed),
      ('overflow', 'answered', b.week, c.borrowed and c.joined),
      ('overflow', 'in_time', b.week, c.borrowed and c.joined and c.in_time),
      ('overflow', 'judged', b.week, c.borrowed and (c.joined or c.waited_long)),
      ('overflow', 'returned', b.week, c.borrowed and coalesce(c.outcome = 'GIVEN_BACK', false)),
      ('overflow', 'lost', b.week, c.borrowed and not c.joined and c.lost and c.outcome is distinct from 'GIVEN_BACK'),
      ('team', 'talks', b.week, c.joined)
    ) f (section, figure, key, holds)
    cross join lateral (select f.section, r.key, f.figure from (values (f.key), ('')) r (key) where f.holds) k
"""
# $7 accepted help, $8 gone, $9 most tries told apart
_CASES = f"""{cases_seen("$8", since=_SINCE, margin=" - interval '1 day'")}
, tries as (
  select distinct on (t.attempt_id) t.attempt_id, t.case_id, t.sign, t.at, t.joined_at, t.counted, t.reached, t.need
    from report_attempt t join cases c on c.case_id = t.case_id
   where {SEEN}
   order by t.attempt_id, t.id desc
), changed as (
  select t.attempt_id
    from report_attempt t join cases c on c.case_id = t.case_id
   where t.sign > 0 and t.outcome is not null and {SEEN}
   group by t.attempt_id having count(distinct t.outcome) > 1
), spoken as (
  select t.case_id, min(coalesce(t.joined_at, t.at)) as first_at, count(*) as talks,
         bool_or(h.attempt_id is not null) as changed,
         (array_agg(t.need order by t.at desc) filter (where t.need is not null))[1] as need
    from tries t left join changed h on h.attempt_id = t.attempt_id
   where t.sign > 0 and t.reached group by t.case_id
), tried as (
  select t.case_id, count(*)::int as tries
    from tries t left join spoken s on s.case_id = t.case_id
   where t.sign > 0 and t.counted and (s.first_at is null or t.at <= s.first_at) group by t.case_id
), known as (
  select c.case_id, c.opened_at, {_place("c.opened_at")} as place, c.state, c.outcome, c.callable, c.reached,
         coalesce(s.talks = 1 and not s.changed, false) as at_once, s.need, least(coalesce(n.tries, 0), $9) as tries
    from cases c left join spoken s on s.case_id = c.case_id left join tried n on n.case_id = c.case_id
)
"""  # noqa: S608 - constant pieces of this package
_CASE_TRAITS = ("c.state", "c.outcome", "c.callable", "c.reached", "c.at_once", "c.need", "c.tries")
_CASE_CELLS = """
    cross join lateral (
      select f.section, r.key, f.figure
        from (values
          ('results', 'cases', coalesce(c.outcome, 'state:' || c.state), true),
          ('need', 'cases', coalesce(c.need, 'unknown'), c.reached and c.outcome = any($7)),
          ('tries', 'reached', c.tries::text, c.reached),
          ('reach', 'callable', '', c.callable),
          ('reach', 'reached', '', c.reached),
          ('first_time', 'spoken', '', c.reached and c.state not in ('open', 'held')),
          ('first_time', 'right', '', c.reached and c.state not in ('open', 'held') and c.at_once)
        ) f (section, figure, key, holds)
        cross join lateral (select f.key union select '') r (key)
       where f.holds
      union all
      select 'tries', n::text, 'tried' from generate_series(1, c.tries) n where c.callable
      union all
      select 'tries', '', 'tried' where c.callable and c.tries > 0
    ) k (section, key, figure)
"""
# $7 the report's time
_BOOKING_FACTS = f"""
with versions as (
  select distinct on (t.booking_id) t.*
    from report_booking t
   where t.client_id = $1 and ($2::uuid is null or t.campaign_id = $2) and {SEEN}
   order by t.booking_id, t.id desc
), facts as (
  select v.booking_id as id, v.case_id, v.starts_at as at, '' as direction, 'state:' || v.state as result,
         {_place("f.moment")} as place, 1 as many, 'appointments' as section, k.key, f.figure
    from versions v
    cross join lateral (select v.starts_at <= $7 as over) b
    cross join lateral (values
      ('made', v.booked_at, v.sequence = 0),
      ('due', v.starts_at, b.over and v.state in ('booked', 'kept', 'no_show')),
      ('kept', v.starts_at, b.over and v.state = 'kept'),
      ('no_show', v.starts_at, b.over and v.state = 'no_show'),
      ('told', v.starts_at, b.over and v.state in ('kept', 'no_show')),
      ('cancelled', v.starts_at, v.state = 'cancelled')
    ) f (figure, moment, holds)
    cross join lateral (values (to_char(f.moment at time zone 'Europe/Amsterdam', 'IYYY-"W"IW')), ('')) k (key)
   where f.holds and f.moment >= {_SINCE} and f.moment < $4
)
"""  # noqa: S608 - constant pieces of this file
# Of our own reviewers: the client's has figures of its own in the calibration.
_QUALITY_FACTS = f"""
with facts as (
  select s.attempt_id as id, a.case_id, t.at, a.direction, coalesce(t.wanted, s.outcome) as result,
         {_place("t.at")} as place, 1 as many, 'quality' as section, k.key, f.figure
    from review t
    join sample s on s.id = t.sample_id
    join attempt a on a.id = s.attempt_id
    cross join lateral (values ('reviewed', true), ('right', t.right_outcome)) f (figure, holds)
    cross join lateral (values (to_char(t.at at time zone 'Europe/Amsterdam', 'IYYY-"W"IW')), ('')) k (key)
   where t.side = 'office' and s.client_id = $1 and ($2::uuid is null or s.campaign_id = $2)
     and t.at >= {_SINCE} and t.at < $4 and {SEEN} and f.holds
  union all
  select coalesce(t.attempt_id, t.id), t.case_id, t.received_at, coalesce(a.direction, ''), '',
         {_place("t.received_at")}, 1, 'quality', k.key, 'complaints'
    from complaint t
    left join attempt a on a.id = t.attempt_id
    cross join lateral (values (to_char(t.received_at at time zone 'Europe/Amsterdam', 'IYYY-"W"IW')), ('')) k (key)
   where t.client_id = $1 and ($2::uuid is null or t.campaign_id = $2)
     and t.received_at >= {_SINCE} and t.received_at < $4 and {SEEN}
)
"""  # noqa: S608 - constant pieces of this file


def _shapes(source: str, traits: Sequence[str], cells: str) -> str:
    """Facts to be counted: all that is alike in what the cells ask is one row, with how many there are."""
    return f"""
, shapes as (
  select c.place, {", ".join(traits)}, count(*) as many from {source} c
   group by {", ".join(str(n + 1) for n in range(len(traits) + 1))}
), facts as (
  select c.place, c.many, k.section, k.key, k.figure from shapes c {cells}
)
"""  # noqa: S608 - constant pieces of this file


def _each(source: str, traits: Sequence[str], cells: str, record: str) -> str:
    """The same facts, each with its record: id, case, time, direction and result."""
    return f"""
, marked as (
  select {", ".join(traits)}, {record} from {source} c
), facts as (
  select c.id, c.case_id, c.at, c.way as direction, c.result, k.section, k.key, k.figure from marked c {cells}
)
"""  # noqa: S608 - constant pieces of this file


_COUNT = """
select place, section, key, figure, sum(many)::bigint as count from facts group by place, section, key, figure
"""


def _records(many: int) -> str:
    """With `many` arguments before: $+1 section, $+2 figure, $+3 key, $+4 after, $+5 limit."""
    section, figure, key, after, limit = (f"${many + place}" for place in range(1, 6))
    return f"""
select id, case_id, at, direction, result from facts
 where section = {section} and figure = {figure} and key = {key} and ({after}::uuid is null or id > {after})
 order by id limit {limit}
"""  # noqa: S608 - numbers of arguments


_ONE_CALL = "c.attempt_id as id, c.case_id, c.at, c.direction as way, coalesce(c.outcome, '') as result"
_ONE_CASE = (
    "c.case_id as id, c.case_id, c.opened_at as at, '' as way, coalesce(c.outcome, 'state:' || c.state) as result"
)
SQL_CALLS = _CALLS + _shapes("calls", _CALL_TRAITS, _CALL_CELLS) + _COUNT
SQL_CALL_RECORDS = _CALLS + _each("calls", _CALL_TRAITS, _CALL_CELLS, _ONE_CALL) + _records(9)
SQL_CASES = _CASES + _shapes("known", _CASE_TRAITS, _CASE_CELLS) + _COUNT
SQL_CASE_RECORDS = _CASES + _each("known", _CASE_TRAITS, _CASE_CELLS, _ONE_CASE) + _records(9)
SQL_BOOKINGS = _BOOKING_FACTS + _COUNT
SQL_BOOKING_RECORDS = _BOOKING_FACTS + _records(7)
SQL_QUALITY = _QUALITY_FACTS + _COUNT
SQL_QUALITY_RECORDS = _QUALITY_FACTS + _records(6)
_WAITS = """
select c.place, coalesce(c.week, '') as key,
       count(*) filter (where c.direction = 'out') as ours,
       percentile_disc(0.5) within group (order by c.wait_ms) filter (where c.direction = 'out') as ours_p50,
       percentile_disc(0.9) within group (order by c.wait_ms) filter (where c.direction = 'out') as ours_p90,
       count(*) filter (where c.direction = 'in') as theirs,
       percentile_disc(0.5) within group (order by c.wait_ms) filter (where c.direction = 'in') as theirs_p50,
       percentile_disc(0.9) within group (order by c.wait_ms) filter (where c.direction = 'in') as theirs_p90,
       count(*) filter (where c.direction = 'overflow') as borrowed,
       percentile_disc(0.5) within group (order by c.wait_ms) filter (where c.direction = 'overflow') as borrowed_p50,
       percentile_disc(0.9) within group (order by c.wait_ms) filter (where c.direction = 'overflow') as borrowed_p90
  from calls c where c.joined_at is not null and c.wait_ms is not null
 group by grouping sets ((c.place, c.week), (c.place))
"""
SQL_WAITS = _CALLS + _WAITS
# How long each state of an agent lasted, by wall time: the calendar of a demo runs faster than people work. A spell
# counts where it began, and one that goes on into the next period not at all. The end of one that a crash left open is
# not known: half a day at most.
SQL_TEAM = f"""{_CALLS}
, events as (
  select t.*, {_place("t.at")} as place from agent_event t where t.at >= {_SINCE} and t.at < $4 and {SEEN}
), spells as (
  select t.user_id, t.state, t.attempt_id, t.place,
         to_char(t.at at time zone 'Europe/Amsterdam', 'IYYY-"W"IW') as week,
         extract(epoch from lead(t.wall_at) over (partition by t.place, t.user_id order by t.wall_at, t.id)
                            - t.wall_at)::float8 as seconds
    from events t
), lasted as (
  select s.* from spells s where s.seconds between 0 and 43200 and s.state <> 'off'
), filed as (
  select s.place, coalesce(s.week, '') as key, avg(s.seconds) as wrap_up, count(*) as many
    from (select l.place, l.week, l.attempt_id, sum(l.seconds) as seconds from lasted l
           where l.state = 'wrap_up' and (l.place, l.attempt_id) in (select c.place, c.attempt_id from calls c)
           group by 1, 2, 3) s
   group by grouping sets ((s.place, s.week), (s.place))
), busy as (
  select l.place, coalesce(l.week, '') as key, count(distinct l.user_id) as staff,
         coalesce(sum(l.seconds) filter (where l.state in ('reserved', 'talking', 'wrap_up')), 0)::bigint as busy,
         coalesce(sum(l.seconds) filter (where l.state in ('reserved', 'talking', 'wrap_up', 'available')), 0)::bigint
           as able
    from lasted l group by grouping sets ((l.place, l.week), (l.place))
), talks as (
  select c.place, coalesce(c.week, '') as key, count(distinct c.agent_id) as agents, avg(c.talk_ms) / 1000 as talk,
         count(c.talk_ms) as many
    from calls c where c.joined_at is not null group by grouping sets ((c.place, c.week), (c.place))
)
select b.place, b.key, coalesce(k.agents, 0) as agents, k.talk, coalesce(k.many, 0) as talks, f.wrap_up,
       coalesce(f.many, 0) as filed, b.staff, b.busy, b.able
  from busy b
  left join talks k on k.place = b.place and k.key = b.key
  left join filed f on f.place = b.place and f.key = b.key
"""  # noqa: S608 - constant pieces of this file
SQL_SURVEYS = f"""
with asked as (
  select {_place("t.at")} as place, to_char(t.at at time zone 'Europe/Amsterdam', 'IYYY-"W"IW') as week, t.kto, t.nps
    from report_survey t
   where t.client_id = $1 and ($2::uuid is null or t.campaign_id = $2) and t.at >= {_SINCE} and t.at < $4 and {SEEN}
)
select place, coalesce(week, '') as key, count(*) as asked, count(kto) as answered, count(nps) as recommended,
       avg(kto)::float8 as kto,
       100.0::float8 * (count(*) filter (where nps >= 9) - count(*) filter (where nps <= 6)) / nullif(count(nps), 0)
         as nps
  from asked group by grouping sets ((place, week), (place))
"""  # noqa: S608 - constant pieces of this file
SQL_REPORT_TIME = "select at from report_run where id = $1"

_SECONDS = 120.0
_OF_CASES = frozenset({"results", "need", "tries", "reach", "first_time"})


@store
class PgOperations:
    """`OperationsStore` on a pool, or on a standby."""

    def __init__(self, pool: asyncpg.Pool, readings: Readings | None = None) -> None:
        self._readings = readings or Readings(pool)

    async def count(self, report: UUID, periods: Sequence[Period]) -> Sequence[Found]:
        """See OperationsStore."""
        return await self._readings.ask(lambda connection: _count(connection, report, periods))

    async def work_records(
        self, report: UUID, period: Period, cell: Cell, after: UUID | None, limit: int
    ) -> Sequence[WorkRecord]:
        """See OperationsStore."""

        async def behind(connection: Connection) -> tuple[Sequence[asyncpg.Record], RecordKind]:
            asked, at = await _asked(connection, report, (period,))
            sql, more, kind = _behind(cell.section, at)
            shown = (cell.section, cell.figure, cell.key, after, limit)
            return await connection.fetch(sql, *asked, *more, *shown, timeout=_SECONDS), kind

        rows, kind = await self._readings.ask(behind)
        return [
            WorkRecord(
                id=row["id"],
                kind=kind,
                case=None if row["case_id"] is None else CaseId(row["case_id"]),
                at=row["at"],
                direction=row["direction"],
                result=row["result"],
            )
            for row in rows
        ]


async def _count(connection: Connection, report: UUID, periods: Sequence[Period]) -> Sequence[Found]:
    asked, at = await _asked(connection, report, periods)
    counts: list[dict[str, dict[str, dict[str, int]]]] = [{} for _ in periods]
    timings: list[dict[str, dict[str, dict[str, Timing]]]] = [{} for _ in periods]
    asking: Sequence[tuple[str, tuple[object, ...]]] = (
        (SQL_CASES, _cases_more()),
        (SQL_CALLS, _calls_more()),
        (SQL_BOOKINGS, (at,)),
        (SQL_QUALITY, ()),
    )
    for sql, more in asking:
        for row in await connection.fetch(sql, *asked, *more, timeout=_SECONDS):
            lines = counts[row["place"] - 1].setdefault(row["section"], {})
            lines.setdefault(row["key"], {})[row["figure"]] = row["count"]
    for row in await connection.fetch(SQL_WAITS, *asked, timeout=_SECONDS):
        for section, side in (("outbound", "ours"), ("inbound", "theirs"), ("overflow", "borrowed")):
            timings[row["place"] - 1].setdefault(section, {})[row["key"]] = {
                f"wait_{part}": _timing(row[f"{side}_{part}"], row[side]) for part in ("p50", "p90")
            }
    for row in await connection.fetch(SQL_TEAM, *asked, timeout=_SECONDS):
        counts[row["place"] - 1].setdefault("team", {}).setdefault(row["key"], {}).update(
            {name: row[name] for name in ("agents", "staff", "busy", "able")}
        )
        timings[row["place"] - 1].setdefault("team", {})[row["key"]] = {
            "talk": Timing(value=row["talk"], base=row["talks"]),
            "wrap_up": Timing(value=row["wrap_up"], base=row["filed"]),
        }
    for row in await connection.fetch(SQL_SURVEYS, *asked, timeout=_SECONDS):
        place, key = row["place"] - 1, row["key"]
        counts[place].setdefault("survey", {})[key] = {"asked": row["asked"], "answered": row["answered"]}
        timings[place].setdefault("survey", {})[key] = {
            "kto": Timing(value=row["kto"], base=row["answered"]),
            "nps": Timing(value=row["nps"], base=row["recommended"]),
        }
    return [_lines(*both) for both in zip(counts, timings, strict=True)]


async def _asked(connection: Connection, report: UUID, periods: Sequence[Period]) -> tuple[Sequence[object], datetime]:
    """The first six arguments, and the time of the report."""
    row = await connection.fetchrow(SQL_ASKED, report)
    if row is None:
        raise NotFoundError("no such report")
    at: datetime = await connection.fetchval(SQL_REPORT_TIME, report)
    return (
        row["client_id"], row["campaign_id"], [at_local(one.first, time.min) for one in periods],
        at_local(periods[-1].last + timedelta(days=1), time.min), row["era"], row["snapshot"],
    ), at  # fmt: skip


def _lines(
    counts: Mapping[str, Mapping[str, Mapping[str, int]]], timings: Mapping[str, Mapping[str, Mapping[str, Timing]]]
) -> Found:
    return {
        section: {
            key: Line(counts=found, timings=timings.get(section, {}).get(key, {})) for key, found in lines.items()
        }
        for section, lines in counts.items()
    }


def _cases_more() -> tuple[object, ...]:
    return sorted(ACCEPTED), sorted(GONE), MOST_TRIES


def _calls_more() -> tuple[object, ...]:
    return list(MACHINES), 1000.0 * IN_TIME_SECONDS, 1000.0 * SHORT_SECONDS


def _behind(section: str, at: datetime) -> tuple[str, tuple[object, ...], RecordKind]:
    if section in _OF_CASES:
        return SQL_CASE_RECORDS, _cases_more(), RecordKind.CASE
    if section == "appointments":
        return SQL_BOOKING_RECORDS, (at,), RecordKind.APPOINTMENT
    if section == "quality":
        return SQL_QUALITY_RECORDS, (), RecordKind.CALL
    return SQL_CALL_RECORDS, _calls_more(), RecordKind.CALL


def _timing(ms: float | None, base: int) -> Timing:
    return Timing(value=None if ms is None else ms / 1000, base=base)
