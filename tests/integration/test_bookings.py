"""Appointments in times that the client offers: held, booked with the outcome, moved, cancelled, kept or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

import asyncpg
import pytest

from dialer.domain.bookings import (
    BookedAlreadyError,
    BookingEvent,
    BookingState,
    Meeting,
    NotYetError,
    SlotKind,
    SlotTakenError,
)
from dialer.domain.errors import ChangedSinceError, ConflictError, IllegalTransitionError, InvalidError, NotFoundError
from dialer.domain.ids import AttemptId, CaseId
from dialer.schedule.rotation import Rotation
from dialer.security.vault import MasterVault
from dialer.services.ports.people import Viewer
from dialer.services.ports.slots import Slot, SlotSource
from dialer.services.slots import CallSlots, SlotService, SourceWish
from dialer.storage.audit import PostgresAudit
from dialer.storage.bookings import PgBookings
from dialer.storage.notices import PgNotices
from dialer.storage.outbox import PgOutbox
from dialer.storage.pool import open_pool
from dialer.storage.slots import PgSlots
from tests.integration.test_outcomes import Hands
from tests.support.world import MONDAY, World

WEEK = SourceWish(
    name="Spreekuur", place="Stadhuis, kamer 1", weekdays=range(5), begin=time(10), end=time(12), minutes=60,
    from_on=date(2026, 3, 2),
)  # fmt: skip


class Town(Hands):
    """Hands that also offer times."""

    def __init__(self, world: World, vault: MasterVault) -> None:
        super().__init__(world, vault)
        self.slots = PgSlots(world.pool, world.ids)
        self.bookings = PgBookings(world.pool, world.catalogues, Rotation())
        self.office = SlotService(
            slots=self.slots, bookings=self.bookings, notices=PgNotices(world.pool),
            may_call=lambda url: True, vault=vault, audit=PostgresAudit(world.pool, self.now), clock=self,
            ids=world.ids,
        )  # fmt: skip
        self.desk = CallSlots(self.slots, self)
        self.viewer = Viewer(actor=f"user:{self.agent}", user=self.agent, role="supervisor", client=None)

    async def offered(self, **wish: object) -> SlotSource:
        given = {field: getattr(WEEK, field) for field in SourceWish.__slots__} | wish
        return await self.office.add(self.world.client, SlotKind.OWN, SourceWish(**given), self.viewer)

    async def free(self, attempt: AttemptId) -> Sequence[Slot]:
        return (await self.desk.offer(attempt))[1]

    async def all(self) -> Sequence[Slot]:
        now = self.world.now
        return await self.office.slots(self.world.client, now, now + timedelta(days=14), self.viewer, free=False)

    async def talk(self, number: str) -> tuple[CaseId, AttemptId]:
        case = await self.world.add_case(number)
        return case, await self.conversation()

    async def book(self, attempt: AttemptId, slot: UUID) -> None:
        await self.file(attempt, "HELP_APPOINTMENT", answers={"need": "x"}, confirmed=True, slot=slot)

    async def booking(self, case: CaseId) -> asyncpg.Record:
        row = await self.world.pool.fetchrow(
            "select * from booking where case_id = $1 order by booked_at desc, sequence desc limit 1", case
        )
        assert row is not None
        return row

    async def seats(self) -> list[tuple[UUID, int, bool]]:
        rows = await self.world.pool.fetch("select slot_id, seat, booking_id from slot_seat order by slot_id, seat")
        return [(row["slot_id"], row["seat"], row["booking_id"] is not None) for row in rows]

    async def told(self, case: CaseId) -> tuple[str | None, str, int]:
        facts = await PgOutbox(self.world.pool).facts(case)
        version = (await self.world.case(case))["result_version"]
        return (None, "", version) if facts is None else (facts.appointment_at, facts.booking, version)


@pytest.fixture
async def town(dsn: str) -> AsyncIterator[Town]:
    pool = await open_pool(dsn, size=12)
    vault = MasterVault(b"k" * 32)
    try:
        world = await World(pool).build(agents=3)
        key = vault.new_client_key(world.client)
        await pool.execute("update client set wrapped_key = $1", key)
        await pool.execute(
            "update delivery set wrapped_key = $1", vault.new_delivery_key(world.client, key, world.delivery)
        )
        yield Town(world, vault)
    finally:
        await pool.close()


async def test_a_week_is_offered_booked_with_the_outcome_and_told(town: Town) -> None:
    source = await town.offered()
    assert 200 < source.coming == source.free
    case, attempt = await town.talk("+31600000001")
    offers, items = await town.desk.offer(attempt)
    assert offers
    assert [one.starts_at for one in items][:2] == [
        datetime.fromisoformat("2026-03-03T10:00+01:00"),  # today's are nearer than two hours
        datetime.fromisoformat("2026-03-03T11:00+01:00"),
    ]
    await town.desk.hold(attempt, town.agent, items[0].id)
    assert (await town.free(attempt))[0].held
    await town.book(attempt, items[0].id)
    row = await town.booking(case)
    assert (row["state"], row["slot_id"], row["booked_by"]) == ("booked", items[0].id, town.agent)
    assert await town.seats() == [(items[0].id, 1, True)]
    filed = await town.world.attempt(attempt)
    assert '"appointment_at": "2026-03-03T09:00:00+00:00"' in filed["facts"]
    assert (await town.world.case(case))["state"] == "reached"


async def test_the_same_filing_again_books_nothing_twice(town: Town) -> None:
    await town.offered()
    _, attempt = await town.talk("+31600000001")
    slot = (await town.free(attempt))[0]
    await town.book(attempt, slot.id)
    await town.book(attempt, slot.id)
    assert await town.world.pool.fetchval("select count(*) from booking") == 1
    with pytest.raises(ConflictError):
        await town.book(attempt, (await town.free(attempt))[0].id)


async def test_a_held_time_is_nobody_elses_until_the_hold_runs_out(town: Town) -> None:
    await town.offered()
    _, first = await town.talk("+31600000001")
    _, second = await town.talk("+31600000002")
    slot = (await town.free(first))[0]
    await town.desk.hold(first, town.agent, slot.id)
    assert slot.id not in [one.id for one in await town.free(second)]
    with pytest.raises(SlotTakenError):
        await town.desk.hold(second, town.agent, slot.id)
    with pytest.raises(SlotTakenError):
        await town.book(second, slot.id)
    attempt = await town.world.attempt(second)
    assert attempt["wrap_up_open"]  # nothing of the refused filing stands
    await town.world.pool.execute("update slot_seat set held_until = clock_timestamp() - interval '1 second'")
    await town.desk.hold(second, town.agent, slot.id)
    with pytest.raises(SlotTakenError):
        await town.book(first, slot.id)
    await town.book(second, slot.id)


async def test_a_hold_that_ran_out_still_books_when_nobody_took_it(town: Town) -> None:
    await town.offered()
    _, attempt = await town.talk("+31600000001")
    slot = (await town.free(attempt))[0]
    await town.desk.hold(attempt, town.agent, slot.id)
    await town.world.pool.execute("update slot_seat set held_until = clock_timestamp() - interval '1 second'")
    await town.book(attempt, slot.id)
    assert await town.seats() == [(slot.id, 1, True)]


async def test_a_call_holds_one_time_and_lets_it_go(town: Town) -> None:
    await town.offered(seats=3)
    _, attempt = await town.talk("+31600000001")
    one, two = (await town.free(attempt))[:2]
    await town.desk.hold(attempt, town.agent, one.id)
    await town.desk.hold(attempt, town.agent, two.id)
    await town.desk.hold(attempt, town.agent, two.id)
    assert await town.seats() == [(two.id, 1, False)]
    await town.desk.release(attempt)
    assert await town.seats() == []


@pytest.mark.parametrize("seats", [1, 3])
async def test_many_who_book_at_once_get_no_more_than_there_is(town: Town, seats: int) -> None:
    await town.offered(seats=seats)
    calls = [(await town.talk(f"+3160000{n:04d}"))[1] for n in range(1, 9)]
    slot = (await town.free(calls[0]))[0]
    done = await asyncio.gather(*(town.book(call, slot.id) for call in calls), return_exceptions=True)
    assert [type(one) for one in done if one is not None] == [SlotTakenError] * (8 - seats)
    assert [taken for _, _, taken in await town.seats()] == [True] * seats
    live = await town.world.pool.fetch("select slot_id from booking where state = 'booked'")
    assert len(live) == seats


async def test_many_who_hold_at_once_get_one_each(town: Town) -> None:
    await town.offered(seats=2)
    calls = [(await town.talk(f"+3160000{n:04d}"))[1] for n in range(1, 7)]
    slot = (await town.free(calls[0]))[0]
    done = await asyncio.gather(*(town.desk.hold(call, town.agent, slot.id) for call in calls), return_exceptions=True)
    assert sum(one is None for one in done) == 2
    assert len(await town.seats()) == 2


async def test_the_database_itself_refuses_a_second_one(town: Town) -> None:
    await town.offered()
    first_case, first = await town.talk("+31600000001")
    second_case, second = await town.talk("+31600000002")
    one, two = (await town.free(first))[:2]
    await town.book(first, one.id)
    await town.book(second, two.id)
    a, b = (await town.booking(first_case))["id"], (await town.booking(second_case))["id"]
    pool = town.world.pool
    with pytest.raises(asyncpg.UniqueViolationError):
        await pool.execute("update slot_seat set slot_id = $1 where booking_id = $2", one.id, b)
    with pytest.raises(asyncpg.UniqueViolationError):
        await pool.execute("insert into slot_seat (slot_id, seat, booking_id) values ($1, 1, $2)", one.id, a)
    await pool.execute("delete from slot_seat where booking_id = $1", b)
    with pytest.raises(asyncpg.CheckViolationError, match="not offered"):  # there is one seat only
        await pool.execute("insert into slot_seat (slot_id, seat, booking_id) values ($1, 3, $2)", one.id, b)


async def test_where_times_are_offered_no_other_may_be_agreed(town: Town) -> None:
    _, attempt = await town.talk("+31600000001")
    assert await town.desk.offer(attempt) == (False, ())
    source = await town.offered()
    with pytest.raises(InvalidError) as refused:
        await town.file(
            attempt, "HELP_APPOINTMENT", answers={"need": "x"}, confirmed=True,
            appointment_at=MONDAY + timedelta(days=3),
        )  # fmt: skip
    assert refused.value.field == "slot"
    slot = (await town.free(attempt))[0]
    with pytest.raises(InvalidError):
        await town.file(attempt, "NO_HELP", slot=slot.id)
    with pytest.raises(InvalidError):
        await town.file(attempt, "HELP_APPOINTMENT", answers={"need": "x"}, confirmed=True, slot=town.world.ids.new())
    await town.office.change(source.id, 1, SourceWish(on=False), town.viewer)
    await town.file(
        attempt, "HELP_APPOINTMENT", answers={"need": "x"}, confirmed=True, appointment_at=MONDAY + timedelta(days=3)
    )


async def test_taken_back_it_never_was_and_the_time_is_still_held(town: Town) -> None:
    await town.offered()
    case, attempt = await town.talk("+31600000001")
    slot = (await town.free(attempt))[0]
    await town.book(attempt, slot.id)
    await town.service.undo(town.agent, attempt)
    assert (await town.booking(case))["state"] == "cancelled"
    assert await town.seats() == [(slot.id, 1, False)]
    assert (await town.told(case))[:2] == (None, "")
    assert await town.office.bookings(town.viewer) == []
    await town.book(attempt, slot.id)
    assert await town.seats() == [(slot.id, 1, True)]


async def test_moved_cancelled_kept_and_each_makes_the_result_anew(town: Town) -> None:
    await town.offered()
    case, attempt = await town.talk("+31600000001")
    one, two = (await town.free(attempt))[:2]
    await town.world.pool.execute(
        "insert into signal (id, client_id, delivery_id, case_id, client_ref, signal_ref, partner_type, signal_on,"
        " term_ends_at, plan_ends_at) select gen_random_uuid(), client_id, delivery_id, id, 'K-1', 'S-1', 'Huur',"
        " date '2026-03-01', term_ends_at, plan_ends_at from case_file where id = $1",
        case,
    )
    await town.book(attempt, one.id)
    version = (await town.told(case))[2]
    first = (await town.booking(case))["id"]
    moved = await town.office.move(first, two.id, town.viewer)
    assert (await town.office.move(first, two.id, town.viewer)).id == moved.id  # the same again
    assert (moved.starts_at, moved.state, moved.client_refs) == (two.starts_at, BookingState.BOOKED, ["K-1"])
    row = await town.booking(case)
    assert (row["root_id"], row["sequence"]) == (first, 1)
    assert await town.seats() == [(two.id, 1, True)]
    assert await town.told(case) == (two.starts_at.isoformat(), "booked", version + 1)
    with pytest.raises(NotYetError):
        await town.office.report(moved.id, BookingEvent.KEPT, town.viewer)
    town.world.now = two.starts_at + timedelta(minutes=5)
    for event, state in (
        (BookingEvent.MISSED, "no_show"),
        (BookingEvent.MISSED, "no_show"),
        (BookingEvent.KEPT, "kept"),
        (BookingEvent.REOPENED, "booked"),
    ):
        assert (await town.office.report(moved.id, event, town.viewer)).state == state
    assert await town.told(case) == (two.starts_at.isoformat(), "booked", version + 4)
    with pytest.raises(InvalidError):
        await town.office.cancel(moved.id, " ", town.viewer)
    cancelled = await town.office.cancel(moved.id, "ziek", town.viewer)
    assert (cancelled.state, cancelled.reason, cancelled.changed_by) == ("cancelled", "ziek", town.viewer.actor)
    assert await town.told(case) == (None, "cancelled", version + 5)
    assert await town.seats() == []
    with pytest.raises(IllegalTransitionError):
        await town.office.move(moved.id, one.id, town.viewer)
    actions = await town.world.pool.fetch("select action from audit_event where subject_kind = 'booking' order by id")
    assert [row["action"].partition(".")[2] for row in actions] == ["moved", "missed", "kept", "reopened", "cancelled"]


async def test_a_move_to_a_taken_time_leaves_everything_as_it_was(town: Town) -> None:
    await town.offered()
    case, attempt = await town.talk("+31600000001")
    _, other = await town.talk("+31600000002")
    one, two = (await town.free(attempt))[:2]
    await town.book(attempt, one.id)
    await town.book(other, two.id)
    before = await town.seats()
    with pytest.raises(SlotTakenError):
        await town.office.move((await town.booking(case))["id"], two.id, town.viewer)
    assert await town.seats() == before
    assert (await town.booking(case))["state"] == "booked"


async def test_one_appointment_a_resident(town: Town) -> None:
    await town.offered(seats=2)
    _, attempt = await town.talk("+31600000001")
    one, two = (await town.free(attempt))[:2]
    await town.book(attempt, one.id)
    again = AttemptId(town.world.ids.new())
    await town.world.pool.execute(
        "insert into attempt (id, direction, client_id, campaign_id, case_id, number_key, channel_id, state, live,"
        " claimed_at, joined_at, agent_id, verified, wrap_up_open, catalogue_version, machine_result) select $2, 'in',"
        " client_id, campaign_id, case_id, number_key, 'x', 'ended', false, claimed_at, claimed_at, agent_id, true,"
        " true, 1, 'ANSWERED' from attempt where id = $1",
        attempt,
        again,
    )
    with pytest.raises(BookedAlreadyError):
        await town.book(again, two.id)
    assert len(await town.seats()) == 1


async def test_a_pattern_that_changes_leaves_appointments_and_says_so(town: Town) -> None:
    source = await town.offered()
    case, attempt = await town.talk("+31600000001")
    slot = (await town.free(attempt))[0]
    await town.book(attempt, slot.id)
    tuesday = date(2026, 3, 3)
    changed = await town.office.change(source.id, 1, SourceWish(except_on=[tuesday]), town.viewer)
    assert changed.version == 2
    assert all(one.starts_at.date() != tuesday for one in await town.all())
    (found,) = await town.office.bookings(town.viewer, client=town.world.client)
    assert (found.case, found.state, found.withdrawn) == (case, BookingState.BOOKED, True)
    with pytest.raises(ChangedSinceError):
        await town.office.change(source.id, 1, SourceWish(seats=2), town.viewer)
    back = await town.office.change(source.id, 2, SourceWish(except_on=[]), town.viewer)
    assert back.coming == source.coming
    assert not (await town.office.bookings(town.viewer))[0].withdrawn


async def test_an_endless_pattern_grows_at_its_end(town: Town) -> None:
    source = await town.offered()
    assert await town.office.tend() == 0
    town.world.now += timedelta(days=7)
    assert await town.office.tend() == 1
    assert abs((await town.office.sources(town.world.client, town.viewer))[0].coming - source.coming) <= 6
    assert await town.office.tend() == 0


async def test_another_clients_are_not_there(town: Town) -> None:
    source = await town.offered()
    case, attempt = await town.talk("+31600000001")
    await town.book(attempt, (await town.free(attempt))[0].id)
    other = await town.world.add_client("leiden", "+31790000009", {})
    stranger = Viewer(actor="user:x", user=None, role="client", client=other)
    assert await town.office.bookings(stranger, client=town.world.client) == []
    with pytest.raises(NotFoundError):
        await town.office.cancel((await town.booking(case))["id"], "reden", stranger)
    with pytest.raises(NotFoundError):
        await town.office.change(source.id, 1, SourceWish(seats=2), stranger)
    with pytest.raises(NotFoundError):
        await town.office.sources(town.world.client, stranger)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"name": " "}, "name"),
        ({"place": "a\nb"}, "place"),
        ({"seats": 21}, "seats"),
        ({"weekdays": []}, "weekdays"),
        ({"begin": time(13)}, "end"),
        ({"minutes": 5}, "minutes"),
        ({"minutes": 240}, "minutes"),
        ({"until_on": date(2026, 1, 1)}, "until_on"),
    ],
)
async def test_what_cannot_be_offered_names_the_field(town: Town, wish: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        await town.offered(**wish)
    assert refused.value.field == field


async def test_meeting_and_source_are_told(town: Town) -> None:
    await town.offered(meeting=Meeting.PHONE)
    assert {one.meeting for one in await town.all()} == {Meeting.PHONE}
    with pytest.raises(ConflictError):
        await town.offered()
