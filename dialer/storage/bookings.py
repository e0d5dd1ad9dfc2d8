"""Appointments in PostgreSQL. What becomes of one makes the case's result anew, in the same transaction.

Lock order: the case, the attempt, then the slot, then its seats.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from dialer.domain.bookings import (
    BookedAlreadyError,
    BookingEvent,
    BookingState,
    Meeting,
    NotYetError,
    SlotTakenError,
    advance,
)
from dialer.domain.errors import InvalidError, NotFoundError
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ClientId, UserId
from dialer.domain.notices import NoticeKind
from dialer.schedule.model import Planner
from dialer.services.ports.slots import Booking, BookingChange
from dialer.storage import cases, notices
from dialer.storage.audit import record_audit
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.connection import Connection
from dialer.storage.pool import store
from dialer.storage.slots import SQL_LET_GO_SEATS, SQL_TAKE_SEAT, free_seat

UNDONE = "undone"
"""Reason of an appointment whose outcome was taken back: it never was one."""
NOTICE_STATES: Mapping[str, str] = {
    "": "", "superseded": "", "skipped": "", "waiting": "waiting", "sending": "waiting", "retry": "waiting",
    "confirmed": "sent", "dead": "failed",
}  # fmt: skip
"""How what a resident is told stands, as screens show it."""
_BACK_FOR = timedelta(minutes=15)

_BOOKING = """
select b.id, b.client_id, b.campaign_id, b.case_id, b.slot_id, b.state, b.booked_at, b.booked_by, b.changed_at,
       b.changed_by, b.reason, b.version, s.starts_at, s.ends_at, o.place, o.meeting,
       coalesce((select n.state from booking_notice n where n.root_id = b.root_id and b.state <> 'moved'
                  and n.state <> 'skipped' order by n.seq desc limit 1), '') as notice,
       b.state = 'booked' and (s.cancelled_at is not null or not o.offered) as withdrawn,
       coalesce((select array_agg(distinct n.client_ref order by n.client_ref) from signal n
                  where n.case_id = b.case_id and not n.recalled), '{}') as client_refs
  from booking b join slot s on s.id = b.slot_id join slot_source o on o.id = s.source_id
"""
SQL_BOOKINGS = (
    _BOOKING
    + """
 where ($1::uuid is null or b.client_id = $1) and ($2::uuid is null or b.case_id = $2) and b.state = any($3::text[])
   and ($4::timestamptz is null or s.starts_at >= $4) and ($5::timestamptz is null or s.starts_at < $5)
   and b.reason <> 'undone'
 order by s.starts_at, b.id limit $6
"""
)
SQL_BOOKING = _BOOKING + " where b.id = $1"
SQL_CASE_OF_BOOKING = "select case_id from booking where id = $1"
SQL_LOCK_BOOKING = """
select b.id, b.client_id, b.campaign_id, b.case_id, b.attempt_id, b.root_id, b.sequence, b.slot_id, b.state, s.starts_at
  from booking b join slot s on s.id = b.slot_id where b.id = $1 for no key update of b
"""
SQL_FOLLOWING = "select id, slot_id from booking where root_id = $1 and sequence = $2"
SQL_BOOK = """
insert into booking (id, client_id, campaign_id, case_id, attempt_id, root_id, sequence, slot_id, state, booked_at,
                     booked_by)
select $1, a.client_id, a.campaign_id, a.case_id, a.id, $4, $5, $2, 'booked', $6, $7
  from attempt a where a.id = $3
"""
SQL_CHANGE_BOOKING = """
update booking set state = $2, changed_at = $3, changed_by = $4, reason = $5, version = version + 1 where id = $1
"""
SQL_FREE_BOOKING = "delete from slot_seat where booking_id = $1"
SQL_LIVE_OF_ATTEMPT = """
select b.id, b.slot_id from booking b where b.attempt_id = $1 and b.state = 'booked' for no key update
"""
SQL_SEAT_TO_HOLD = """
update slot_seat set booking_id = null, held_for = $2, held_by = $3, held_until = clock_timestamp() + $4
 where booking_id = $1
"""
SQL_SLOT_OF_CLIENT = "select starts_at from slot where id = $1 and client_id = $2"
# An appointment as results tell it: the one that stands, or how the last one ended. `f` is the case.
BOOKING_OF_CASE = """
  left join lateral (
    select s.starts_at, s.ends_at, b.state from booking b join slot s on s.id = b.slot_id
     where b.case_id = f.id and b.state <> 'moved' and b.reason <> 'undone'
     order by b.booked_at desc, b.sequence desc limit 1) booked on true
"""


def booked_time(row: asyncpg.Record) -> str | None:
    """When the resident is expected: of a row with BOOKING_OF_CASE's `booked_time` and `booking`."""
    if row["booking"]:
        return None if row["booking"] == BookingState.CANCELLED.value else row["booked_time"].isoformat()
    visit: str | None = json.loads(row["outcome_facts"] or "{}").get("appointment_at")
    agreed: datetime | None = row["appointment_at"]
    return visit or (agreed.isoformat() if agreed is not None else None)


async def book(
    connection: Connection, new: UUID, slot: UUID, row: asyncpg.Record, user: UserId | None, at: datetime
) -> None:
    """The attempt `row`, locked with its case, has the appointment `new`. Raises SlotTakenError, BookedAlreadyError."""
    attempt, client = AttemptId(row["id"]), ClientId(row["client_id"])
    if row["case_id"] is None:
        raise InvalidError("van wie deze afspraak is, is niet bekend", "slot")
    seat = await free_seat(connection, slot, client, attempt, at)
    try:
        async with connection.transaction():
            await connection.execute(SQL_BOOK, new, slot, attempt, new, 0, at, user)
    except asyncpg.UniqueViolationError:
        raise BookedAlreadyError("the resident has an appointment") from None
    await connection.execute(SQL_LET_GO_SEATS, attempt, slot)
    await _seat(connection, slot, seat, new, attempt)


async def take_back(connection: Connection, attempt: AttemptId, user: UserId, at: datetime) -> None:
    """The attempt's outcome is taken back: its appointment never was, and the call holds the time for a while."""
    for row in await connection.fetch(SQL_LIVE_OF_ATTEMPT, attempt):
        await connection.execute(
            SQL_CHANGE_BOOKING, row["id"], BookingState.CANCELLED.value, at, f"user:{user}", UNDONE
        )
        await connection.execute(SQL_LET_GO_SEATS, attempt, None)
        await connection.execute(SQL_SEAT_TO_HOLD, row["id"], attempt, user, _BACK_FOR)
        await notices.never_mind(connection, row["id"], at)


async def _seat(connection: Connection, slot: UUID, seat: int, booking: UUID, attempt: AttemptId | None) -> None:
    try:
        taken = await connection.fetchval(SQL_TAKE_SEAT, slot, seat, booking, attempt)
    except asyncpg.CheckViolationError:  # withdrawn by its source this very moment
        raise SlotTakenError("this time is not offered any more") from None
    if taken is None:
        raise SlotTakenError("this time is taken")


@store
class PgBookings:
    """`BookingStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool, catalogues: CatalogueStore, planner: Planner) -> None:
        self._pool = pool
        self._catalogues = catalogues
        self._planner = planner

    async def bookings(
        self,
        client: ClientId | None,
        *,
        case: CaseId | None,
        states: Sequence[BookingState],
        begin: datetime | None,
        end: datetime | None,
        limit: int,
    ) -> Sequence[Booking]:
        """By time."""
        wanted = [state.value for state in states]
        return [_booking(row) for row in await self._pool.fetch(SQL_BOOKINGS, client, case, wanted, begin, end, limit)]

    async def booking(self, booking: UUID) -> Booking:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_BOOKING, booking)
        if row is None:
            raise NotFoundError("no such appointment")
        return _booking(row)

    async def apply(self, change: BookingChange, detail: Mapping[str, object]) -> UUID:
        """Raises NotFoundError, IllegalTransitionError, SlotTakenError, NotYetError."""
        async with self._pool.acquire() as connection, connection.transaction():
            case = await connection.fetchval(SQL_CASE_OF_BOOKING, change.booking)
            if case is None:
                raise NotFoundError("no such appointment")
            await cases.lock(connection, [CaseId(case)])
            row = await connection.fetchrow(SQL_LOCK_BOOKING, change.booking)
            assert row is not None
            stands = await self._repeated(connection, row, change)
            if stands is not None:
                return stands
            stands = await self._change(connection, row, change)
            await record_audit(
                connection, change.at, change.actor, f"booking.{change.event.value}", "booking", change.booking,
                row["client_id"], {"case": str(case), **detail},
            )  # fmt: skip
            found = await cases.load(connection, [CaseId(case)], change.at, self._catalogues, self._planner)
            await cases.save_all(connection, [cases.settling(one, change.at, changed=True) for one in found])
        return stands

    async def _repeated(self, connection: Connection, row: asyncpg.Record, change: BookingChange) -> UUID | None:
        """What stands, where the same was done before; None: it was not."""
        done = {
            BookingEvent.CANCELLED: BookingState.CANCELLED,
            BookingEvent.KEPT: BookingState.KEPT,
            BookingEvent.MISSED: BookingState.NO_SHOW,
            BookingEvent.REOPENED: BookingState.BOOKED,
        }
        state = BookingState(row["state"])
        if change.event in done:
            return change.booking if state is done[change.event] else None
        if state is not BookingState.MOVED:
            return None
        following = await connection.fetchrow(SQL_FOLLOWING, row["root_id"], row["sequence"] + 1)
        found: UUID | None = following["id"] if following is not None else None
        return found if following is not None and following["slot_id"] == change.slot else None

    async def _change(self, connection: Connection, row: asyncpg.Record, change: BookingChange) -> UUID:
        after = advance(BookingState(row["state"]), change.event)
        if change.event in (BookingEvent.KEPT, BookingEvent.MISSED) and change.at < row["starts_at"]:
            raise NotYetError("the appointment has not begun")
        try:
            await connection.execute(
                SQL_CHANGE_BOOKING, change.booking, after.value, change.at, change.actor, change.reason
            )
        except asyncpg.UniqueViolationError:
            raise BookedAlreadyError("the resident has another appointment") from None
        if after in (BookingState.MOVED, BookingState.CANCELLED):
            await connection.execute(SQL_FREE_BOOKING, change.booking)
        if after is BookingState.CANCELLED:
            await notices.tell(connection, change.booking, NoticeKind.CANCEL, change.at)
        if after is not BookingState.MOVED:
            return change.booking
        assert change.slot is not None
        assert change.id is not None
        seat = await free_seat(connection, change.slot, ClientId(row["client_id"]), None, change.at)
        await connection.execute(
            SQL_BOOK, change.id, change.slot, row["attempt_id"], row["root_id"], row["sequence"] + 1, change.at,
            change.user,
        )  # fmt: skip
        await _seat(connection, change.slot, seat, change.id, None)
        await notices.tell(connection, change.id, NoticeKind.MOVE, change.at)
        return change.id


def _booking(row: asyncpg.Record) -> Booking:
    return Booking(
        id=row["id"],
        client=ClientId(row["client_id"]),
        campaign=CampaignId(row["campaign_id"]),
        case=CaseId(row["case_id"]),
        client_refs=list(row["client_refs"]),
        slot=row["slot_id"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        place=row["place"],
        meeting=Meeting(row["meeting"]),
        state=BookingState(row["state"]),
        withdrawn=row["withdrawn"],
        notice=NOTICE_STATES[row["notice"]],
        booked_at=row["booked_at"],
        booked_by=None if row["booked_by"] is None else UserId(row["booked_by"]),
        changed_at=row["changed_at"],
        changed_by=row["changed_by"],
        reason=row["reason"],
        version=row["version"],
    )
