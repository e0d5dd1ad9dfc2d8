"""Regular reports brought to the client: by real mail and into a real folder, once, with receipts, or given up."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest

from dialer.domain.errors import ConflictError, InvalidError, NotFoundError
from dialer.domain.exchange import MOST_DEATHS
from dialer.domain.outlets import OutletKind
from dialer.domain.reports.calendar import Every, Rhythm
from dialer.exchange.carriers import PlaceCarrier
from dialer.exchange.folder import FolderOpener
from dialer.exchange.mail import MailPost
from dialer.exchange.mail import MailServer as Where
from dialer.intake.tables import FileTables
from dialer.papers.files import ReportFilesWriter
from dialer.services.export import ExportService
from dialer.services.ports.arrivals import Place
from dialer.services.ports.exchange import Receipt
from dialer.services.ports.outlets import Bundle, Carried, Carrier
from dialer.services.ports.report_deliveries import FileLetter, FilePost, ReportDelivery
from dialer.services.report_deliveries import ReportDeliveries
from dialer.services.report_files import ReportFiles
from dialer.services.report_schedules import ReportSchedules
from dialer.services.result_files import ResultFiles
from dialer.storage.audit import PostgresAudit
from dialer.storage.exports import PostgresExports
from dialer.storage.logos import PgLogos
from dialer.storage.outlets import PgOutlets
from dialer.storage.pool import open_pool
from dialer.storage.report_deliveries import PgReportDeliveries
from dialer.storage.report_schedules import PgReportSchedules
from tests.support.intake import VAULT
from tests.support.mail_server import MailServer, mail_server
from tests.support.report_desk import BOSS, DAY, Desk
from tests.support.world import MONDAY, World, WorldClock

MONTHLY = Rhythm(every=Every.MONTH, day=3)
TO = "rapporten@stad.example"


class Clockwork:
    """Everything that brings reports, over one database."""

    def __init__(self, desk: Desk, root: Path, mail: MailServer) -> None:
        self.desk, self.root, self.town = desk, root, mail
        self.pool = desk.world.pool
        self.clock = WorldClock(desk.world)
        self.audit = PostgresAudit(self.pool, self.clock.now)
        self.store = PgReportDeliveries(self.pool)
        self.schedules = ReportSchedules(PgReportSchedules(self.pool), VAULT, self.clock, desk.world.ids, mails=True)

    def post(self) -> MailPost:
        return MailPost(
            Where(host="127.0.0.1", port=self.town.port, mode="none", username="", password="",
                  sender="dialer@dienst.example")
        )  # fmt: skip

    def sender(self, mail: FilePost | None = None, carrier: Carrier | None = None) -> ReportDeliveries:
        outlets = PgOutlets(self.pool)
        carriers: Mapping[OutletKind, Carrier] = {
            OutletKind.FOLDER: carrier or PlaceCarrier(FolderOpener(self.root)),
        }
        ids = self.desk.world.ids
        exports = ExportService(
            store=PostgresExports(self.pool), vault=VAULT, audit=self.audit, clock=self.clock, ids=ids
        )
        files = ResultFiles(
            store=outlets, exports=exports, carriers=carriers, writer=FileTables(), vault=VAULT, clock=self.clock,
            ids=ids, owner="x",
        )  # fmt: skip
        reports = ReportFiles(
            reports=self.desk.reports, work=self.desk.operations, logos=PgLogos(self.pool), writer=ReportFilesWriter(),
            audit=self.audit, clock=self.clock,
        )  # fmt: skip
        return ReportDeliveries(
            store=self.store, files=reports, outlets=outlets, sender=files, carriers=carriers,
            mail=mail or self.post(), vault=VAULT, audit=self.audit, clock=self.clock, owner=str(ids.new()),
        )  # fmt: skip

    async def outlet(self) -> UUID:
        identity = self.desk.world.ids.new()
        (self.root / "stad").mkdir(exist_ok=True)
        await self.pool.execute(
            "insert into result_outlet (id, client_id, campaign_id, kind, name, state, place, created_at)"
            """ values ($1, $2, $3, 'folder', 'Map', 'on', '{"path": "stad"}', $4)""",
            identity, self.desk.world.client, self.desk.world.campaign, self.clock.now(),
        )  # fmt: skip
        return identity

    async def month(self) -> None:
        self.desk.world.now = MONDAY.replace(day=3, hour=6)
        assert await self.schedules.tend() == 1

    async def all(self) -> list[ReportDelivery]:
        return list(reversed(await self.sender().deliveries(BOSS, 50)))

    def there(self) -> list[Path]:
        return sorted((self.root / "stad").iterdir())


@pytest.fixture
async def c(dsn: str, tmp_path: Path) -> AsyncIterator[Clockwork]:
    pool = await open_pool(dsn, size=6)
    try:
        async with mail_server() as mail:
            world = await World(pool).build()
            await pool.execute("update client set wrapped_key = $1", VAULT.new_client_key(world.client))
            desk = Desk(world)
            await desk.case("mobile")
            yield Clockwork(desk, tmp_path, mail)
    finally:
        await pool.close()


async def test_by_mail_and_into_the_place_of_files_once_each_with_receipts(c: Clockwork) -> None:
    client = c.desk.world.client
    await c.schedules.add(client, None, MONTHLY, BOSS, mail_to=TO, outlet=await c.outlet())
    await c.month()
    one, two = c.sender(), c.sender()
    assert sum(await asyncio.gather(one.tend(), two.tend())) == 2
    assert await one.tend() == 0
    [letter] = c.town.came
    assert c.town.to == [[TO]]
    assert letter["Subject"] == "Rapport 01-02-2026 tot en met 28-02-2026"
    [attached] = list(letter.iter_attachments())
    content = cast(bytes, attached.get_content())
    assert content.startswith(b"%PDF")
    [path] = c.there()
    assert path.read_bytes().startswith(b"%PDF")
    receipts = {one.way.value: one for one in await c.all()}
    assert {way: (one.state, one.tries) for way, one in receipts.items()} == {
        "mail": ("confirmed", 1), "outlet": ("confirmed", 1),
    }  # fmt: skip
    assert receipts["mail"].content_hash == hashlib.sha256(content).digest()
    assert letter["Message-ID"] == f"<{receipts['mail'].id}@dienst.example>"
    stored = await c.pool.fetchval("select to_jsonb(s)::text from report_schedule s")
    assert TO not in stored
    [schedule] = await c.schedules.schedules(BOSS)
    assert c.schedules.recipient(schedule) == "r•••@stad.example"
    told = await c.pool.fetch("select actor from audit_event where action = 'report.file'")
    assert {row["actor"] for row in told} == {f"report_schedule:{schedule.id}"}


async def test_a_mail_leaves_small_counts_out_and_goes_for_whole_months_alone(c: Clockwork) -> None:
    client = c.desk.world.client
    with pytest.raises(InvalidError):
        await c.schedules.add(client, None, Rhythm(every=Every.WEEK, day=1), BOSS, mail_to=TO)
    for wrong in ("geen adres", "a@b", "a@b.example\nBcc: x@y.example"):
        with pytest.raises(InvalidError):
            await c.schedules.add(client, None, MONTHLY, BOSS, mail_to=wrong)
    with pytest.raises(NotFoundError):
        await c.schedules.add(client, None, MONTHLY, BOSS, outlet=c.desk.world.ids.new())
    await c.schedules.add(client, None, MONTHLY, BOSS, mail_to=TO, outlet=await c.outlet(), format_="xlsx")
    await c.month()
    wholes: list[bool] = []

    class Noting(ReportFiles):
        async def file(self, report: UUID, format_: str, viewer: object, *, whole: bool) -> bytes:
            wholes.append(whole)
            return b"x"

    sender = c.sender()
    sender._files = Noting.__new__(Noting)
    assert await sender.tend() == 2
    assert sorted(wholes) == [False, True]


async def test_not_taken_it_is_tried_again_then_given_up_and_sent_again_by_hand(c: Clockwork) -> None:
    await c.schedules.add(c.desk.world.client, None, MONTHLY, BOSS, mail_to=TO)
    await c.month()
    c.town.answers.extend(["451 later", "550 nee"])
    assert await c.sender().tend() == 0
    assert [(one.state, one.error) for one in await c.all()] == [("retry", "their_fault")]
    assert await c.sender().tend() == 0, "it rests first"
    c.desk.world.now += timedelta(minutes=1)
    assert await c.sender().tend() == 0
    [dead] = await c.all()
    assert (dead.state, dead.error, dead.done_at) == ("dead", "refused", None)
    assert await c.store.dead() == [(dead.schedule, 1)]  # what the alert counts
    c.desk.world.now += DAY
    assert await c.sender().tend() == 0
    await c.sender().resend(dead.id, BOSS)
    with pytest.raises(ConflictError):
        await c.sender().resend(dead.id, BOSS)
    assert await c.sender().tend() == 1
    assert await c.store.dead() == [(dead.schedule, 0)]
    assert {str(one["Message-ID"]) for one in c.town.came} == {f"<{dead.id}@dienst.example>"}


class Dying:
    """Brings it, and dies before anybody can write that down."""

    def __init__(self, carrier: Carrier | None, post: FilePost) -> None:
        self.carrier, self.post = carrier, post

    async def carry(self, place: Place, secret: str, bundle: Bundle) -> Carried:
        assert self.carrier is not None
        await self.carrier.carry(place, secret, bundle)
        raise asyncio.CancelledError

    async def try_out(self, place: Place, secret: str) -> Carried:
        raise AssertionError

    async def send_file(self, to: str, letter: FileLetter) -> Receipt:
        await self.post.send_file(to, letter)
        raise asyncio.CancelledError


async def test_killed_after_the_other_side_had_it_there_is_one_file_and_one_message_id(c: Clockwork) -> None:
    await c.schedules.add(c.desk.world.client, None, MONTHLY, BOSS, mail_to=TO, outlet=await c.outlet())
    await c.month()
    dying = Dying(PlaceCarrier(FolderOpener(c.root)), c.post())
    for _ in range(2):
        with pytest.raises(asyncio.CancelledError):
            await c.sender(mail=dying, carrier=dying).tend()
    assert {one.state for one in await c.all()} == {"sending"}
    assert await c.sender().tend() == 2
    assert [(one.state.value, one.tries > 1) for one in await c.all()] == [("confirmed", True)] * 2
    assert len(c.there()) == 1
    assert len({str(letter["Message-ID"]) for letter in c.town.came}) == 1


async def test_one_that_its_sender_dies_with_each_time_is_given_up_and_sent_again_by_hand(c: Clockwork) -> None:
    await c.schedules.add(c.desk.world.client, None, MONTHLY, BOSS, mail_to=TO)
    await c.month()
    dying = Dying(None, c.post())
    for _ in range(MOST_DEATHS):
        with pytest.raises(asyncio.CancelledError):
            await c.sender(mail=dying).tend()
    sent = len(c.town.came)
    assert await c.sender(mail=dying).tend() == 0, "it kills nobody any more"
    assert len(c.town.came) == sent == MOST_DEATHS
    [dead] = await c.all()
    assert (dead.state, dead.error) == ("dead", "died")
    assert await c.store.dead() == [(dead.schedule, 1)]
    await c.sender().resend(dead.id, BOSS)
    assert await c.sender().tend() == 1
    [there] = await c.all()
    assert (there.state, there.died) == ("confirmed", 0)
