"""The client's lists and marks in PostgreSQL. Rows of `follow_up` are kept by a trigger on the case."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from dialer.domain.bookings import BookingEvent, BookingState, advance
from dialer.domain.dayparts import day_part
from dialer.domain.errors import NotFoundError
from dialer.domain.follow_up import GOES_ON, FollowUpList, Mark, NotOnListError, check_mark, check_undo
from dialer.domain.ids import CampaignId, CaseId, ClientId, UserId
from dialer.schedule.model import Planner
from dialer.schedule.windows import local
from dialer.services.ports.case_keys import CaseKeys
from dialer.services.ports.follow_up import (
    FollowUpCounts,
    FollowUpFilter,
    FollowUpLine,
    FollowUpOrder,
    MarkRow,
    NewMark,
    Tried,
)
from dialer.storage import cases
from dialer.storage.audit import record_audit
from dialer.storage.bookings import SQL_CHANGE_BOOKING
from dialer.storage.boxes import sealed_box_if_any
from dialer.storage.case_keys import case_keys
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.connection import Connection
from dialer.storage.pool import store
from dialer.storage.where import Where

# A mark is about the matter that stands, not about an earlier one of the case; another time is another appointment.
_ABOUT_THIS = "k.list = u.list and k.since = u.since and (u.list <> 'appointment' or k.due_at = u.due_at)"
FOLLOWED_UP = f"""
  left join lateral (
    select k.mark, k.at from follow_up_mark k join follow_up u on u.case_id = k.case_id and {_ABOUT_THIS}
     where k.case_id = f.id and k.taken_back_at is null
       and not (k.mark in ('kept', 'no_show')       -- where the booked time knows better, it tells itself
                and exists (select 1 from booking b where b.case_id = k.case_id and b.state in ('kept', 'no_show')
                                                      and b.state <> k.mark))
     order by k.at desc, k.id desc limit 1) marked on true
"""  # noqa: S608 - constants of this module
"""Of case `f`: what the client's own people said of it last."""
SQL_FOLLOW_UP_LINES = f"""
select u.case_id as case, u.campaign_id as campaign, u.list, u.reason, u.crisis, u.since, u.due_at, u.done_at, f.state,
       f.language, f.term_ends_at, f.result_version as version,
       coalesce((select array_agg(distinct s.client_ref order by s.client_ref)
                   from signal s where s.case_id = f.id and not s.recalled), '{{}}') as client_refs,
       coalesce((select jsonb_agg(jsonb_build_object(
                          'at', coalesce(a.dialed_at, a.claimed_at), 'outcome', coalesce(a.outcome, ''))
                        order by a.claimed_at, a.id)
                   from (select f.id union all select p.id from case_file p where p.merged_into = f.id) made (id)
                   join attempt a on a.case_id = made.id and a.counted and not a.live), '[]')::text as tried,
       (select count(*) from case_phone c where c.case_id = f.id) as numbers,
       coalesce((select array_agg(coalesce(c.closed_reason, '') order by c.position)
                   from case_phone c where c.case_id = f.id and c.state = 'closed'), '{{}}') as numbers_closed,
       case when b.state in ('kept', 'no_show') then b.state else m.mark end as mark,
       case when b.state in ('kept', 'no_show') then b.changed_at else m.at end as marked_at,
       case when b.state in ('kept', 'no_show') and b.state is distinct from m.mark then '' else coalesce(m.by, '') end
       as marked_by, coalesce(b.place, '') as place,
       (select count(*) from follow_up_mark n
         where n.case_id = u.case_id and n.since = u.since and n.mark = 'not_home' and n.taken_back_at is null)
       as not_home,
       coalesce(q.state, '') as question, coalesce(greatest(q.by_office - q.client_read, 0), 0) as unread
  from follow_up u
  join case_file f on f.id = u.case_id
  left join question q on q.case_id = u.case_id
  left join lateral (
    select k.mark, k.at, w.display_name as by
      from follow_up_mark k left join app_user w on w.id = k.by_user
     where k.case_id = u.case_id and {_ABOUT_THIS} and k.taken_back_at is null
     order by k.at desc, k.id desc limit 1) m on true
  left join lateral (
    select b.state, b.changed_at, o.place
      from booking b join slot s on s.id = b.slot_id join slot_source o on o.id = s.source_id
     where b.case_id = u.case_id and u.list = 'appointment' and b.state <> 'moved' and b.reason <> 'undone'
     order by b.booked_at desc, b.sequence desc limit 1) b on true
"""  # noqa: S608 - constants of this module
SQL_FOLLOW_UP_COUNTS = """
select u.list, count(*) as open, count(*) filter (where u.due_at < $2) as overdue,
       count(*) filter (where u.crisis) as crisis
  from follow_up u where u.client_id = $1 and u.done_at is null group by u.list
"""
_REFERENCE = """
u.case_id in (select s.case_id from signal s
               where s.client_id = u.client_id and (s.client_ref = {n} or s.signal_ref = {n}) and not s.recalled)
"""
SQL_MARKS = """
select m.id, m.list, m.mark, m.at, coalesce(w.display_name, '') as by, m.taken_back_at,
       coalesce(b.display_name, '') as taken_back_by, m.client_id, n.sealed, n.delivery_id,
       l.wrapped_key as client_key, d.wrapped_key as delivery_key
  from follow_up_mark m
  join client l on l.id = m.client_id
  left join app_user w on w.id = m.by_user
  left join app_user b on b.id = m.taken_back_by
  left join pii.follow_up_note n on n.mark_id = m.id
  left join delivery d on d.id = n.delivery_id
 where m.case_id = $1
 order by m.at desc, m.id desc limit 100
"""
SQL_STANDING = """
select f.client_id, f.state, f.result_version, u.list, u.since, u.due_at, u.done_at
  from case_file f left join follow_up u on u.case_id = f.id
 where f.id = $1
"""
SQL_ADD_MARK = """
insert into follow_up_mark (id, case_id, client_id, list, mark, since, due_at, at, by_user)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
SQL_ADD_MARK_NOTE = "insert into pii.follow_up_note (mark_id, delivery_id, sealed) values ($1, $2, $3)"
SQL_DONE = "update follow_up set done_at = $2 where case_id = $1"
SQL_LATEST_MARK = f"""
select k.id, k.mark, k.at
  from follow_up_mark k join follow_up u on u.case_id = k.case_id and {_ABOUT_THIS}
 where k.case_id = $1 and k.taken_back_at is null
 order by k.at desc, k.id desc limit 1
"""  # noqa: S608 - constants of this module
SQL_BOOKED = """
select id, state from booking where case_id = $1 and state in ('booked', 'kept', 'no_show') and reason <> 'undone'
 order by booked_at desc, sequence desc limit 1 for no key update
"""
SQL_TAKE_BACK = "update follow_up_mark set taken_back_at = $2, taken_back_by = $3 where id = $1"

_BOOKED = {Mark.KEPT: BookingEvent.KEPT, Mark.NO_SHOW: BookingEvent.MISSED}
_ORDER = {
    FollowUpOrder.DUE: ("(u.due_at, u.case_id) > ({0}, {1})", "u.due_at, u.case_id"),
    FollowUpOrder.NEWEST: ("(u.since, u.case_id) < ({0}, {1})", "u.since desc, u.case_id desc"),
    FollowUpOrder.DONE: ("(u.done_at, u.case_id) < ({0}, {1})", "u.done_at desc, u.case_id desc"),
}


@store
class PgFollowUps:
    """`FollowUpStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool, catalogues: CatalogueStore, planner: Planner) -> None:
        self._pool = pool
        self._catalogues = catalogues
        self._planner = planner

    async def page(
        self, which: FollowUpFilter, after: tuple[datetime, UUID] | None, limit: int
    ) -> Sequence[FollowUpLine]:
        """See FollowUpStore."""
        where = Where()
        where.add("u.client_id = {n}", which.client)
        where.add("u.list = {n}", which.list.value)
        where.conditions.append("u.done_at is not null" if which.done else "u.done_at is null")
        where.add("u.campaign_id = {n}", which.campaign)
        where.add("u.crisis = {n}", which.crisis)
        where.add("u.reason = {n}", which.reason)
        where.add(_REFERENCE, which.reference)
        where.add("u.due_at < {n}", which.due_before)
        begins, order = _ORDER[which.order]
        where.add_all(begins, after)
        query = where.query(SQL_FOLLOW_UP_LINES, order, limit)
        return [_line(row) for row in await self._pool.fetch(query, *where.values)]

    async def one(self, case: CaseId) -> FollowUpLine | None:
        """See FollowUpStore."""
        where = Where()
        where.add("u.case_id = {n}", case)
        rows = await self._pool.fetch(where.query(SQL_FOLLOW_UP_LINES, "1", 1), *where.values)
        return _line(rows[0]) if rows else None

    async def counts(self, client: ClientId, now: datetime) -> Sequence[FollowUpCounts]:
        """See FollowUpStore."""
        rows = {row["list"]: row for row in await self._pool.fetch(SQL_FOLLOW_UP_COUNTS, client, now)}
        return [
            FollowUpCounts(
                list=one,
                open=rows[one]["open"] if one in rows else 0,
                overdue=rows[one]["overdue"] if one in rows else 0,
                crisis=rows[one]["crisis"] if one in rows else 0,
            )
            for one in FollowUpList
        ]

    async def keys(self, case: CaseId) -> CaseKeys:
        """See FollowUpStore."""
        return await case_keys(self._pool, case)

    async def marks(self, case: CaseId) -> Sequence[MarkRow]:
        """See FollowUpStore."""
        return [_mark(row) for row in await self._pool.fetch(SQL_MARKS, case)]

    async def mark(self, new: NewMark) -> bool:
        """See FollowUpStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await _standing(connection, new.case)
            if row["list"] is None:
                raise NotOnListError("on no list")
            on = FollowUpList(row["list"])
            check_mark(
                new.mark,
                on,
                held=row["state"] == "held",
                done=row["done_at"] is not None,
                due_at=row["due_at"],
                reason=new.reason,
                now=new.at,
            )
            if row["result_version"] != new.version:
                return False
            await connection.execute(
                SQL_ADD_MARK,
                new.id,
                new.case,
                row["client_id"],
                on.value,
                new.mark.value,
                row["since"],
                row["due_at"],
                new.at,
                new.user,
            )
            if new.sealed is not None:
                await connection.execute(SQL_ADD_MARK_NOTE, new.id, new.delivery, new.sealed)
            if new.mark in _BOOKED:
                await _book(connection, new.case, _BOOKED[new.mark], new.at, new.actor)
            if new.mark not in GOES_ON:
                await connection.execute(SQL_DONE, new.case, new.at)
                await self._tell(connection, new.case, new.at)
            detail = {"list": on.value, "mark": new.mark.value}
            await _audit(connection, "follow_up.mark", new.case, row["client_id"], new.at, new.actor, detail)
        return True

    async def undo(self, case: CaseId, at: datetime, actor: str, user: UserId | None) -> None:
        """See FollowUpStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await _standing(connection, case)
            latest = await connection.fetchrow(SQL_LATEST_MARK, case)
            check_undo(None if latest is None else latest["at"], at)
            assert latest is not None
            await connection.execute(SQL_TAKE_BACK, latest["id"], at, user)
            if Mark(latest["mark"]) in _BOOKED:
                await _book(connection, case, BookingEvent.REOPENED, at, actor)
            if Mark(latest["mark"]) not in GOES_ON:
                await connection.execute(SQL_DONE, case, None)
                await self._tell(connection, case, at)
            detail = {"list": row["list"], "mark": latest["mark"]}
            await _audit(connection, "follow_up.undo", case, row["client_id"], at, actor, detail)

    async def _tell(self, connection: Connection, case: CaseId, at: datetime) -> None:
        """What is reported of the case has changed: exports and the client's systems get it anew."""
        found = await cases.load(connection, [case], at, self._catalogues, self._planner)
        await cases.save_all(connection, [cases.settling(one, at, changed=True) for one in found])


async def _standing(connection: Connection, case: CaseId) -> asyncpg.Record:
    """The case under lock, with its place on the lists."""
    await cases.lock(connection, [case])
    row: asyncpg.Record | None = await connection.fetchrow(SQL_STANDING, case)
    if row is None:
        raise NotFoundError("no such case")
    return row


async def _book(connection: Connection, case: CaseId, event: BookingEvent, at: datetime, actor: str) -> None:
    """What is said of an appointment is said of its booked time too, where it has one."""
    row = await connection.fetchrow(SQL_BOOKED, case)
    if row is None:
        return
    after = advance(BookingState(row["state"]), event)
    await connection.execute(SQL_CHANGE_BOOKING, row["id"], after.value, at, actor, "")


async def _audit(
    connection: Connection, action: str, case: CaseId, client: UUID, at: datetime, actor: str, detail: dict[str, Any]
) -> None:
    await record_audit(connection, at, actor, action, "case", case, client, detail)


def _line(row: asyncpg.Record) -> FollowUpLine:
    return FollowUpLine(
        case=CaseId(row["case"]),
        campaign=CampaignId(row["campaign"]),
        list=FollowUpList(row["list"]),
        reason=row["reason"],
        state=row["state"],
        crisis=row["crisis"],
        language=row["language"],
        since=row["since"],
        due_at=row["due_at"],
        term_ends_at=row["term_ends_at"],
        done_at=row["done_at"],
        version=row["version"],
        client_refs=list(row["client_refs"]),
        place=row["place"],
        tried=[_tried(one) for one in json.loads(row["tried"])],
        numbers=row["numbers"],
        numbers_closed=list(row["numbers_closed"]),
        mark=None if row["mark"] is None else Mark(row["mark"]),
        marked_at=row["marked_at"],
        marked_by=row["marked_by"],
        not_home=row["not_home"],
        question=row["question"],
        unread=row["unread"],
    )


def _tried(one: dict[str, Any]) -> Tried:
    at = datetime.fromisoformat(one["at"])
    return Tried(at=at, day_part=day_part(local(at).time()).value, outcome=one["outcome"])


def _mark(row: asyncpg.Record) -> MarkRow:
    return MarkRow(
        id=row["id"],
        list=row["list"],
        mark=row["mark"],
        at=row["at"],
        by=row["by"],
        taken_back_at=row["taken_back_at"],
        taken_back_by=row["taken_back_by"],
        reason=sealed_box_if_any(row, row["id"]),
    )
