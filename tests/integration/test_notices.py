"""What residents are told of their appointments: over real SMTP and real HTTP, in order, once, and then forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from dialer.domain.errors import ConflictError, InvalidError
from dialer.domain.exchange import MOST_DEATHS, Fault
from dialer.domain.ids import AttemptId, CaseId
from dialer.domain.notices import Via, address_of
from dialer.exchange.guarded import GuardedHttp, Reach
from dialer.exchange.mail import MailPost, MailServer
from dialer.exchange.sms import SmsPost
from dialer.services.notices import KEPT, BookingNotices
from dialer.services.ports.exchange import Receipt
from dialer.services.ports.notices import Letter, Post
from dialer.storage.notices import PgNotices
from tests.integration.test_bookings import Town, town
from tests.support.mail_server import PASSWORD, USER, certificate, mail_server
from tests.support.receiver import receiver

__all__ = ["town"]  # a fixture
TO, SENDER = "inwoner@voorbeeld.example", "afspraken@dialer.example"
SECOND_THOUGHTS = timedelta(minutes=15)


def smtp(port: int, **more: object) -> MailPost:
    fields: dict[str, object] = {"host": "localhost", "mode": "none", "username": "", "password": "", "sender": SENDER}
    return MailPost(MailServer(port=port, **{**fields, **more}), seconds=10.0)  # type: ignore[arg-type]  # fields by name


def sender(town: Town, posts: Mapping[Via, Post], owner: str = "dialer-1") -> BookingNotices:
    return BookingNotices(PgNotices(town.world.pool), posts, town.vault, town, owner=owner, organizer=SENDER)


async def booked(town: Town, via: str = "email", to: str = TO) -> tuple[CaseId, AttemptId, UUID]:
    """A resident with an appointment who wants to be told, and it is time to."""
    if not await town.office.sources(town.world.client, town.viewer):
        await town.offered()
    case, attempt = await town.talk("+31600000001")
    slot = (await town.free(attempt))[0]
    await town.file(
        attempt, "HELP_APPOINTMENT", answers={"need": "x"}, confirmed=True, slot=slot.id, confirm_by=via, confirm_to=to
    )
    return case, attempt, (await town.booking(case))["id"]


async def states(town: Town) -> list[tuple[str, str]]:
    rows = await town.world.pool.fetch("select kind, state from booking_notice order by seq")
    return [(row["kind"], row["state"]) for row in rows]


@pytest.fixture
async def http() -> AsyncIterator[GuardedHttp]:
    held = GuardedHttp(Reach(demo=True), seconds=4.0)
    yield held
    await held.close()


async def test_confirmed_moved_and_cancelled_by_mail_in_order_with_one_event_for_the_diary(town: Town) -> None:
    async with mail_server() as server:
        letters = sender(town, {Via.EMAIL: smtp(server.port)})
        case, _, first = await booked(town)
        assert await letters.tend() == 0  # its agent may still take it back
        town.world.now += SECOND_THOUGHTS
        assert (await letters.tend(), await letters.tend()) == (1, 0)
        later = (await town.all())[-1]
        moved = await town.office.move(first, later.id, town.viewer)
        await town.office.cancel(moved.id, "ziek", town.viewer)
        assert await letters.tend() == 1  # that it moved, nobody needs to hear any more
    assert await states(town) == [("confirm", "confirmed"), ("move", "superseded"), ("cancel", "confirmed")]
    told, off = server.came
    assert server.to == [[TO], [TO]]
    assert told["Subject"] == "Afspraak met de gemeente"
    assert str(told["From"]) == f"Het Servicepunt <{SENDER}>"
    text = told.get_body().get_content()  # type: ignore[union-attr]  # None would fail the test
    assert "dinsdag 3 maart 2026 om 10.00 uur" in text
    assert "Stadhuis, kamer 1" in text
    (calendar,) = told.iter_attachments()
    assert (calendar.get_content_type(), calendar.get_param("method")) == ("text/calendar", "REQUEST")
    (gone,) = off.iter_attachments()
    assert gone.get_param("method") == "CANCEL"
    one, two = (_event(part.get_content()) for part in (calendar, gone))
    assert one["UID"] == two["UID"] == str(first)
    assert int(one["SEQUENCE"]) < int(two["SEQUENCE"])
    assert (one["DTSTART"], two["STATUS"], one["ATTENDEE;RSVP=FALSE"]) == (
        "20260303T090000Z", "CANCELLED", f"mailto:{TO}",
    )  # fmt: skip
    everything = "".join(str(mail) for mail in server.came).lower()
    assert not any(word in everything for word in ("schuld", "betalingsachterstand", "vroegsignalering", "hulp"))
    assert (await town.office.bookings(town.viewer, case=case))[-1].notice == "sent"


def _event(text: str | bytes) -> dict[str, str]:
    plain = text.decode() if isinstance(text, bytes) else text
    lines = plain.replace("\r\n", "\n").replace("\n ", "").splitlines()
    return {name: value for name, _, value in (line.partition(":") for line in lines)}


async def test_without_consent_nobody_is_told_and_nothing_is_kept(town: Town) -> None:
    await town.offered()
    case, attempt = await town.talk("+31600000001")
    await town.book(attempt, (await town.free(attempt))[0].id)
    await town.office.cancel((await town.booking(case))["id"], "ziek", town.viewer)
    assert await states(town) == []
    assert await town.world.pool.fetchval("select count(*) from pii.booking_contact") == 0


async def test_the_address_stands_in_its_box_alone_and_goes_a_week_afterwards(town: Town) -> None:
    _, attempt, _ = await booked(town)
    row = await town.world.pool.fetchrow("select * from pii.booking_contact")
    assert row is not None
    assert TO.encode() not in row["sealed"]
    for table in ("attempt_event", "attempt", "audit_event", "booking_notice"):
        assert not await town.world.pool.fetchval(
            f"select exists (select 1 from {table} t where t::text like $1)", f"%{TO}%"
        )
    letters = sender(town, {})
    assert await letters.forget() == 0
    town.world.now += timedelta(days=2) + KEPT
    assert await letters.forget() == 1
    assert await town.world.pool.fetchval("select count(*) from pii.booking_contact") == 0
    assert await letters.tend() == 0
    assert await states(town) == [("confirm", "skipped")]
    assert attempt is not None


async def test_taken_back_before_it_was_told_nothing_is_said(town: Town) -> None:
    async with mail_server() as server:
        _, attempt, _ = await booked(town)
        await town.service.undo(town.agent, attempt)
        town.world.now += SECOND_THOUGHTS
        assert await sender(town, {Via.EMAIL: smtp(server.port)}).tend() == 0
        assert server.came == []
    assert [state for _, state in await states(town)] == ["superseded", "skipped"]


async def test_a_recalled_list_tells_nobody_any_more(town: Town) -> None:
    async with mail_server() as server:
        await booked(town)
        await town.world.pool.execute("update delivery set state = 'recalled', wrapped_key = null")
        town.world.now += SECOND_THOUGHTS
        assert await sender(town, {Via.EMAIL: smtp(server.port)}).tend() == 0
        assert server.came == []
    assert await states(town) == [("confirm", "skipped")]


@pytest.mark.parametrize(
    ("answer", "state", "fault"),
    [
        ("451 later", "retry", "their_fault"),
        ("abort", "retry", "cut_off"),
        ("550 no such mailbox", "dead", "refused"),
        ("554 spam", "dead", "refused"),
    ],
)
async def test_a_mail_server_in_trouble(town: Town, answer: str, state: str, fault: str) -> None:
    async with mail_server() as server:
        letters = sender(town, {Via.EMAIL: smtp(server.port)})
        case, _, booking = await booked(town)
        town.world.now += SECOND_THOUGHTS
        server.answers.append(answer)
        assert await letters.tend() == 0
        row = await town.world.pool.fetchrow("select state, error from booking_notice")
        assert row is not None
        assert (row["state"], row["error"]) == (state, fault)
        if state == "dead":
            assert (await town.office.bookings(town.viewer, case=case))[0].notice == "failed"
            await town.office.resend(booking, town.viewer)
            with pytest.raises(ConflictError):
                await town.office.resend(booking, town.viewer)
        town.world.now += timedelta(minutes=1)
        assert await letters.tend() == 1
    assert len({mail["Message-ID"] for mail in server.came}) == 1


async def test_a_mail_server_that_is_away_is_tried_for_a_day_and_then_given_up(town: Town) -> None:
    async with mail_server() as server:
        port = server.port
    await booked(town)
    await town.world.pool.execute(
        "update slot set starts_at = starts_at + interval '20 days', ends_at = ends_at + interval '20 days'"
    )
    letters = sender(town, {Via.EMAIL: smtp(port)})
    for _ in range(12):
        town.world.now += timedelta(hours=9)
        assert await letters.tend() == 0
    assert await states(town) == [("confirm", "dead")]
    assert await town.world.pool.fetchval("select error from booking_notice") == "unreachable"


async def test_with_starttls_and_a_password(town: Town, tmp_path: Path) -> None:
    inside, outside = certificate(tmp_path)
    letter = Letter(id=UUID(int=1), sender='A "B"', subject="x", text="y", method="REQUEST", calendar="BEGIN")
    async with mail_server(inside) as server:
        good = MailServer(
            host="localhost", port=server.port, mode="starttls", username=USER, password=PASSWORD, sender=SENDER
        )
        assert await MailPost(good, tls=outside).send(TO, letter) == Receipt()
        wrong = MailServer(
            host="localhost", port=server.port, mode="starttls", username=USER, password="x", sender=SENDER
        )
        assert await MailPost(wrong, tls=outside).send(TO, letter) == Receipt(fault=Fault.SIGN_IN)
        assert await MailPost(good).send(TO, letter) == Receipt(fault=Fault.TLS)  # somebody else's certificate
        assert len(server.came) == 1
    async with mail_server() as plain:
        bare = MailServer(
            host="localhost", port=plain.port, mode="starttls", username=USER, password=PASSWORD, sender=SENDER
        )
        assert await MailPost(bare, tls=outside).send(TO, letter) == Receipt(fault=Fault.ANSWER)
        assert plain.came == []  # nothing goes unencrypted where it may not
    assert PASSWORD not in repr(good)


async def test_by_text_message_with_the_notice_as_key(town: Town, http: GuardedHttp) -> None:
    async with receiver() as gateway:
        letters = sender(town, {Via.SMS: SmsPost(http, gateway.url, "sleutel", "Gemeente")})
        await booked(town, "sms", "06 0000 0001")
        town.world.now += SECOND_THOUGHTS
        gateway.answers.extend([429, 500, "abort", "hang"])
        for _ in range(4):
            assert await letters.tend() == 0
            town.world.now += timedelta(minutes=10)
        gateway.go.set()
        assert await letters.tend() == 1
    assert {body["to"] for body in gateway.bodies} == {"+31600000001"}
    assert "dinsdag 3 maart 2026 om 10.00 uur" in gateway.bodies[-1]["text"]
    keys = {headers["idempotency-key"] for headers, _ in gateway.came}
    assert len(keys) == 1
    assert {headers["authorization"] for headers, _ in gateway.came} == {"Bearer sleutel"}
    assert await states(town) == [("confirm", "confirmed")]


async def test_who_died_in_mid_sending_is_followed_by_another_who_sends_the_same(town: Town) -> None:
    class Hanging:
        def __init__(self) -> None:
            self.letters: list[Letter] = []
            self.begun = asyncio.Event()

        async def send(self, to: str, letter: Letter) -> Receipt:
            self.letters.append(letter)
            self.begun.set()
            await asyncio.Event().wait()
            return Receipt()

    await booked(town)
    town.world.now += SECOND_THOUGHTS
    hanging = Hanging()
    task = asyncio.create_task(sender(town, {Via.EMAIL: hanging}).tend(), name="first")
    await hanging.begun.wait()
    assert await sender(town, {Via.EMAIL: hanging}, "dialer-2").tend() == 0  # one at a time
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await town.world.pool.execute("update lease set expires_at = clock_timestamp() where name = 'booking-notices'")
    async with mail_server() as server:
        assert await sender(town, {Via.EMAIL: smtp(server.port)}, "dialer-2").tend() == 1
        (mail,) = server.came
    assert mail["Message-ID"] == f"<{hanging.letters[0].id}@dialer.example>"
    assert await states(town) == [("confirm", "confirmed")]


@pytest.mark.parametrize(
    ("via", "text"),
    [
        ("email", "a@b"),
        ("email", "a b@c.nl"),
        ("email", "a@c.nl\r\nBcc: x@y.nl"),
        ("email", "a@c.nl, x@y.nl"),
        ("email", "é@c.nl"),
        ("email", "a..b@c.nl"),
        ("email", "x" * 250 + "@c.nl"),
        ("sms", "079 0000001"),
        ("sms", "+4915112345678"),
        ("sms", "0600"),
    ],
)
async def test_what_is_no_address(town: Town, via: str, text: str) -> None:
    with pytest.raises(InvalidError):
        address_of(Via(via), text)
    with pytest.raises(InvalidError) as refused:
        await booked(town, via, text)
    assert refused.value.field == "confirm_to"
    assert await town.seats() == []


async def test_a_notice_its_sender_dies_with_is_given_up_and_sent_again_by_hand(town: Town) -> None:
    class Dying:
        sent = 0

        async def send(self, to: str, letter: Letter) -> Receipt:
            self.sent += 1
            raise asyncio.CancelledError

    _, _, booking = await booked(town)
    town.world.now += SECOND_THOUGHTS
    dying, store = Dying(), PgNotices(town.world.pool)
    for _ in range(MOST_DEATHS):
        with pytest.raises(asyncio.CancelledError):
            await sender(town, {Via.EMAIL: dying}).tend()
    assert await sender(town, {Via.EMAIL: dying}).tend() == 0, "it kills nobody any more"
    assert dying.sent == MOST_DEATHS
    assert await states(town) == [("confirm", "dead")]
    assert await store.dead() == [(town.world.client, 1)]
    assert await store.resend(booking, town.world.now)
    async with mail_server() as server:
        assert await sender(town, {Via.EMAIL: smtp(server.port)}).tend() == 1
    assert await states(town) == [("confirm", "confirmed")]
    assert await store.dead() == [(town.world.client, 0)]
