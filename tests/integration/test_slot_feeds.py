"""A client's calendar of free times: read over real HTTP, with every fault, into a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from dialer.domain.bookings import Meeting, SlotKind
from dialer.domain.errors import ConflictError, InvalidError, NotFoundError
from dialer.domain.feeds import FeedFault
from dialer.exchange.feeds import ChildFeedReader, HttpFeeds
from dialer.exchange.guarded import GuardedHttp, Reach, check_url
from dialer.schedule.windows import local
from dialer.security.vault import MasterVault
from dialer.services.ports.people import Viewer
from dialer.services.ports.slots import FeedMark, SlotSource
from dialer.services.slot_feeds import SlotFeeds
from dialer.services.slots import SlotService, SourceWish
from dialer.storage.audit import PostgresAudit
from dialer.storage.notices import PgNotices
from dialer.storage.pool import open_pool
from tests.integration.test_bookings import Town
from tests.support.feed_server import FeedTown, calendar, event, feed_town
from tests.support.world import World

DEMO = Reach(demo=True)
TEN = event(";TZID=Europe/Amsterdam:20260309T100000", ";TZID=Europe/Amsterdam:20260309T110000", uid="ten")
TWO = event(";TZID=Europe/Amsterdam:20260309T140000", ";TZID=Europe/Amsterdam:20260309T150000", uid="two")


class Readers(Town):
    """A town whose clients have calendars."""

    def __init__(self, world: World, vault: MasterVault, http: GuardedHttp, reach: Reach = DEMO) -> None:
        super().__init__(world, vault)
        audit = PostgresAudit(world.pool, self.now)
        self.office = SlotService(
            slots=self.slots, bookings=self.bookings, notices=PgNotices(world.pool),
            may_call=lambda url: check_url(url, reach), vault=vault, audit=audit, clock=self, ids=world.ids,
        )  # fmt: skip
        self.feeds = SlotFeeds(
            slots=self.slots, fetch=HttpFeeds(http), read=ChildFeedReader(), vault=vault, audit=audit, clock=self
        )

    async def feed(self, url: str, minutes: int = 0) -> SlotSource:
        wish = SourceWish(name="Agenda", place="Stadhuis", meeting=Meeting.OFFICE, url=url, minutes=minutes)
        return await self.office.add(self.world.client, SlotKind.FEED, wish, self.viewer)

    async def look(self, source: SlotSource) -> SlotSource:
        return await self.feeds.look(source.id, self.viewer)

    async def begins(self) -> list[str]:
        return [f"{local(one.starts_at):%d %H:%M}" for one in await self.all()]

    def later(self, **delta: float) -> None:
        self.world.now += timedelta(**delta)


@pytest.fixture
async def http() -> AsyncIterator[GuardedHttp]:
    held = GuardedHttp(DEMO, seconds=4.0)
    yield held
    await held.close()


@pytest.fixture
async def town(dsn: str, http: GuardedHttp) -> AsyncIterator[Readers]:
    pool = await open_pool(dsn, size=8)
    vault = MasterVault(b"k" * 32)
    try:
        world = await World(pool).build(agents=2)
        key = vault.new_client_key(world.client)
        await pool.execute("update client set wrapped_key = $1", key)
        await pool.execute(
            "update delivery set wrapped_key = $1", vault.new_delivery_key(world.client, key, world.delivery)
        )
        yield Readers(world, vault, http)
    finally:
        await pool.close()


@pytest.fixture
async def server() -> AsyncIterator[FeedTown]:
    async with feed_town() as held:
        yield held


async def test_a_calendar_is_read_by_itself_and_again_a_quarter_later(town: Readers, server: FeedTown) -> None:
    server.body = calendar(TEN, TWO)
    source = await town.feed(server.url)
    assert source.looked_at is None
    assert await town.feeds.tend() == 1
    assert await town.begins() == ["09 10:00", "09 14:00"]
    assert await town.feeds.tend() == 0
    town.later(minutes=15)
    server.body = calendar(TWO)
    assert await town.feeds.tend() == 1
    assert await town.begins() == ["09 14:00"]
    stored = await town.slots.source(source.id, town.now())
    assert (stored.last_error, stored.failures, stored.last_ok_at) == ("", 0, town.now())
    assert stored.next_look_at == town.now() + timedelta(minutes=15)


async def test_the_address_is_sealed_and_told_to_nobody(town: Readers, server: FeedTown) -> None:
    source = await town.feed(server.url)
    stored = await town.world.pool.fetchrow("select to_jsonb(o)::text as text from slot_source o")
    assert stored is not None
    assert "geheim" not in stored["text"]
    assert "geheim" not in repr(source)
    told = await town.world.pool.fetch("select detail::text as text from audit_event")
    assert told
    assert not [row for row in told if "geheim" in row["text"]]


async def test_events_are_cut_into_appointments(town: Readers, server: FeedTown) -> None:
    server.body = calendar(event(":20260309T080000Z", ":20260309T100000Z"))
    await town.look(await town.feed(server.url, minutes=45))
    assert await town.begins() == ["09 09:00", "09 09:45"]


async def test_what_has_not_changed_is_not_read_again_until_half_a_day_is_over(town: Readers, server: FeedTown) -> None:
    server.tags = True
    weekly = event(":20260309T080000Z", ":20260309T090000Z", "RRULE:FREQ=WEEKLY")
    server.body = calendar(weekly)
    source = await town.look(await town.feed(server.url))
    tag = source.mark.etag
    assert tag
    before = source.coming
    assert (await town.look(source)).last_error == ""
    assert server.asked[-1]["if-none-match"] == tag
    town.later(days=15)
    again = await town.look(source)
    assert "if-none-match" not in server.asked[-1]  # rules without an end go on at their end
    assert again.coming in (before, before - 1, before + 1)
    changed = await town.office.change(source.id, source.version, SourceWish(minutes=30), town.viewer)
    await town.look(changed)
    assert "if-none-match" not in server.asked[-1]  # other times come out of the same file


async def test_a_time_that_is_gone_is_offered_no_more_unless_somebody_has_it(town: Readers, server: FeedTown) -> None:
    server.body = calendar(TEN, TWO)
    source = await town.look(await town.feed(server.url))
    case, attempt = await town.talk("+31600000001")
    await town.book(attempt, (await town.free(attempt))[0].id)
    server.body = calendar()
    await town.look(source)
    assert await town.begins() == []
    assert (await town.booking(case))["state"] == "booked"
    (booked,) = await town.office.bookings(town.viewer, case=case)
    assert booked.withdrawn
    assert await town.feeds.withdrawn(town.world.client) == 1
    server.body = calendar(TEN)
    await town.look(source)
    assert await town.feeds.withdrawn(None) == 0
    (booked,) = await town.office.bookings(town.viewer, case=case)
    assert not booked.withdrawn
    (back,) = await town.all()
    assert back.free == 0  # never a second time


MANY = calendar(*[event(":20260309T080000Z", ":20260309T090000Z", uid=str(n)) for n in range(5001)])
FAULTS: list[tuple[int | str, str]] = [
    ("page", "not_a_calendar"),
    ("packed", "not_a_calendar"),
    ("half", "cut_off"),
    ("abort", "cut_off"),
    ("endless", "too_large"),
    ("hang", "slow"),
    (302, "moved"),
    (401, "sign_in"),
    (404, "refused"),
    (429, "busy"),
    (503, "their_fault"),
    (304, "answer"),
]


async def test_a_look_that_fails_changes_nothing(town: Readers, server: FeedTown) -> None:
    server.body = calendar(TEN)
    source = await town.look(await town.feed(server.url))
    for answer, fault in FAULTS:
        server.answers.extend([answer] * (2 if answer == "abort" else 1))  # a line that was kept open is tried again
        failed = await town.look(source)
        assert (answer, failed.last_error, failed.failures, failed.coming) == (answer, fault, 1, 1)
        assert failed.last_ok_at == town.now()
        pause = timedelta(minutes=30 if answer == 503 else 2)  # it asked for so long
        assert failed.next_look_at == town.now() + pause
        server.answers.clear()
        source = await town.look(source)
        assert source.failures == 0


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", FeedFault.NOT_A_CALENDAR),
        (calendar(TEN)[:-20], FeedFault.NOT_A_CALENDAR),
        (calendar(TEN) + calendar(TWO), FeedFault.NOT_A_CALENDAR),
        (calendar(event(":gisteren", ":20260309T090000Z")), FeedFault.NOT_A_CALENDAR),
        (
            calendar(*[event(":20260309T080000Z", ":20260309T090000Z", uid=str(n)) for n in range(5001)]),
            FeedFault.TOO_MANY,
        ),
        (calendar(event(":20260309T080000Z", ":20260309T081000Z", "RRULE:FREQ=MINUTELY")), FeedFault.TOO_HEAVY),
        (calendar(event(":20260309T080000Z", ":20260309T081000Z", "RRULE:FREQ=SECONDLY")), FeedFault.TOO_HEAVY),
        (calendar(event(":20260309T080000Z", ":20260309T090000Z", "RRULE:FREQ=HOURLY")), FeedFault.TOO_MANY),
    ],
    ids=["nothing", "half", "two", "nonsense", "many", "minutes", "seconds", "hours"],
)
async def test_a_calendar_that_asks_too_much_is_refused_by_a_bounded_process(body: bytes, fault: FeedFault) -> None:
    read = ChildFeedReader(cpu=2, memory=256 * 1024 * 1024)
    found = await read(body, 0, datetime(2026, 3, 2, 8, tzinfo=UTC))
    assert found.fault in ((fault, FeedFault.TOO_MANY) if fault is FeedFault.TOO_HEAVY else (fault,))
    assert found.times == ()


async def test_a_reader_that_does_not_come_back_is_given_up() -> None:
    read = ChildFeedReader(wall=0.001)
    assert (await read(calendar(TEN), 0, datetime(2026, 3, 2, 8, tzinfo=UTC))).fault == "too_heavy"


async def read_times(body: bytes, minutes: int = 0, at: datetime = datetime(2026, 3, 2, 8, tzinfo=UTC)) -> list[str]:
    found = await ChildFeedReader()(body, minutes, at)
    assert not found.fault
    return [f"{local(one.window.start):%d-%m %H:%M}" for one in found.times]


async def test_both_nights_of_the_clocks_come_out_right() -> None:
    spring = event(
        ";TZID=Europe/Amsterdam:20260327T100000", ";TZID=Europe/Amsterdam:20260327T110000", "RRULE:FREQ=DAILY;COUNT=4"
    )
    assert await read_times(calendar(spring)) == ["27-03 10:00", "28-03 10:00", "29-03 10:00", "30-03 10:00"]
    autumn = event(":20261024T100000", ":20261024T110000", "RRULE:FREQ=DAILY;COUNT=3")  # no zone: Amsterdam's
    at = datetime(2026, 10, 1, tzinfo=UTC)
    assert await read_times(calendar(autumn), at=at) == ["24-10 10:00", "25-10 10:00", "26-10 10:00"]
    fixed = event(":20261024T080000Z", ":20261024T090000Z", "RRULE:FREQ=DAILY;COUNT=3")
    assert await read_times(calendar(fixed), at=at) == ["24-10 10:00", "25-10 09:00", "26-10 09:00"]
    skipped = event(":20260329T023000", ":20260329T033000")
    assert await read_times(calendar(skipped)) == []


async def test_what_is_no_time_to_offer_is_left_out() -> None:
    day = event(";VALUE=DATE:20260310", ";VALUE=DATE:20260311", uid="day")
    off = event(":20260310T090000Z", ":20260310T100000Z", "STATUS:CANCELLED", uid="off")
    past = event(":20260301T090000Z", ":20260301T100000Z", uid="past")
    far = event(":20280301T090000Z", ":20280301T100000Z", uid="far")
    short = event(":20260310T090000Z", ":20260310T090500Z", uid="short")
    long = event(":20260310T000000Z", ":20260310T120000Z", uid="long")
    assert await read_times(calendar(day, off, past, far, short, long, TEN)) == ["09-03 10:00"]
    exception = event(
        ":20260309T090000Z", ":20260309T100000Z", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260310T090000Z", uid="r"
    )
    moved = event(":20260311T130000Z", ":20260311T140000Z", "RECURRENCE-ID:20260311T090000Z", uid="r")
    assert await read_times(calendar(exception, moved)) == ["09-03 10:00", "11-03 14:00"]


async def test_a_calendar_that_is_named_anew_at_each_look_keeps_its_times(town: Readers, server: FeedTown) -> None:
    server.body = calendar(TEN, TEN.replace("UID:ten", "UID:other"))
    source = await town.look(await town.feed(server.url))
    assert await town.begins() == ["09 10:00", "09 10:00"]
    before = {one.id for one in await town.all()}
    server.body = server.body.replace(b"UID:ten", b"UID:new")
    await town.look(source)
    assert {one.id for one in await town.all()} == before


async def test_addresses_inside_our_own_network_are_refused(town: Readers) -> None:
    for url in (
        "ftp://example.nl/x.ics",
        "https://10.0.0.1/x.ics",
        "https://user:pw@example.nl/x",
        "https://[fd00::1]/",
    ):
        with pytest.raises(InvalidError):
            await town.feed(url)
    strict = GuardedHttp(Reach())
    try:
        answer = await HttpFeeds(strict)("https://localhost/x.ics", FeedMark())
        assert answer.fault == "address"  # the name is no address; where it leads is looked at when it is called
    finally:
        await strict.close()


async def test_webcal_is_https(town: Readers) -> None:
    source = await town.feed("webcal://agenda.example.nl/x.ics")
    assert source.has_url


async def test_a_feed_that_is_changed_while_it_is_read_offers_nothing_of_the_old_one(
    town: Readers, server: FeedTown
) -> None:
    server.body = calendar(TEN)
    source = await town.feed(server.url)
    stale = await town.slots.source(source.id, town.now())
    await town.office.change(source.id, source.version, SourceWish(minutes=30), town.viewer)
    await town.feeds._look(stale)
    assert await town.begins() == []
    assert (await town.slots.source(source.id, town.now())).looked_at is None


async def test_a_day_of_silence_is_said(town: Readers, server: FeedTown) -> None:
    source = await town.feed(server.url)
    server.answers.extend([503] * 3)
    await town.look(source)
    assert await town.feeds.silent(None) == []
    town.later(hours=25)
    (silent,) = await town.feeds.silent(town.world.client)
    assert (silent.source, silent.name) == (source.id, "Agenda")
    await town.look(source)
    await town.look(source)
    assert (await town.look(source)).last_error == ""
    assert await town.feeds.silent(None) == []


async def test_only_a_calendar_can_be_read(town: Readers) -> None:
    own = await town.offered()
    with pytest.raises(ConflictError):
        await town.look(own)
    other = Viewer(actor="user:x", user=None, role="client", client=town.world.client)
    with pytest.raises(NotFoundError):
        await town.feeds.look(UUID(int=9), other)


async def test_who_reads_it_already_is_not_disturbed(town: Readers, server: FeedTown) -> None:
    source = await town.feed(server.url)
    town.feeds._busy.add(source.id)
    with pytest.raises(ConflictError):
        await town.look(source)
    assert await town.feeds.tend() == 1
    assert server.asked == []


async def test_a_secret_that_does_not_open_is_said(town: Readers, server: FeedTown) -> None:
    source = await town.feed(server.url)
    await town.world.pool.execute("update slot_source set sealed_url = '\\x00' where id = $1", source.id)
    assert (await town.look(source)).last_error == "secret"
