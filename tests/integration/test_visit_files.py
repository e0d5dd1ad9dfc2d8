"""Who came to an appointment, told by the client in a file: tried first, once, with receipts and reasons."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from dialer.domain.arrivals import ArrivalState, Holds, SourceKind
from dialer.domain.bookings import BookingEvent
from dialer.domain.errors import ConflictError, UnavailableError
from dialer.domain.ids import CaseId
from dialer.exchange.folder import FolderOpener
from dialer.intake.process import ChildReader
from dialer.schedule.rotation import Rotation
from dialer.security.vault import MasterVault
from dialer.services.arrivals import Arrivals
from dialer.services.deliveries import DeliveryService
from dialer.services.intake import IntakeService, Loaded
from dialer.services.ports.people import Viewer
from dialer.services.ports.slots import BookingChange
from dialer.services.sources import Sources, SourceWish
from dialer.services.visit_files import VisitFiles
from dialer.storage.arrivals import PgArrivals
from dialer.storage.audit import PostgresAudit
from dialer.storage.bookings import PgBookings
from dialer.storage.deliveries import DeliveryStore
from dialer.storage.follow_up import PgFollowUps
from dialer.storage.pool import open_pool
from dialer.storage.visits import PgVisits
from tests.integration.test_bookings import Town
from tests.support.intake import csv_bytes
from tests.support.world import MONDAY, World


class Office(Town):
    """A town whose client sends files."""

    def __init__(self, world: World, vault: MasterVault, folder: Path) -> None:
        super().__init__(world, vault)
        self.folder = folder
        self.files = 0
        self.audit = PostgresAudit(world.pool, self.now)
        self.lists = DeliveryStore(world.pool)
        self.intake = self.service_with(self.bookings)

    def service_with(self, bookings: PgBookings) -> IntakeService:
        pool = self.world.pool
        return IntakeService(
            store=self.lists, reader=ChildReader(), vault=self.vault, audit=self.audit, clock=self,
            ids=self.world.ids, demo=True,
            visits=VisitFiles(
                visits=PgVisits(pool), bookings=bookings, clock=self, ids=self.world.ids,
                follow_ups=PgFollowUps(pool, self.world.catalogues, Rotation()),
            ),
        )  # fmt: skip

    def sent(self, *rows: Mapping[str, str]) -> Path:
        self.files += 1
        path = self.folder / f"{self.files}.csv"
        path.write_bytes(csv_bytes(rows))
        return path

    async def load(self, *rows: Mapping[str, str]) -> Loaded:
        return await self.intake.load(self.world.campaign, self.sent(*rows), self.viewer, kind="visits")

    async def agreed(self, number: str, reference: str, *, booked: bool = True) -> CaseId:
        """A resident with that reference who has an appointment."""
        case, attempt = await self.talk(number)
        await self.world.pool.execute(
            "insert into signal (id, client_id, delivery_id, case_id, client_ref, signal_ref, partner_type, signal_on,"
            " term_ends_at, plan_ends_at) select gen_random_uuid(), client_id, delivery_id, id, $2, 'S-' || id, 'rent',"
            " date '2026-03-01', term_ends_at, plan_ends_at from case_file where id = $1",
            case,
            reference,
        )
        if booked:
            await self.book(attempt, (await self.free(attempt))[0].id)
        else:
            await self.file(
                attempt, "HELP_APPOINTMENT", answers={"need": "x"}, confirmed=True,
                appointment_at=MONDAY + timedelta(days=1),
            )  # fmt: skip
        return case

    async def states(self, *cases: CaseId) -> list[str]:
        return [(await self.booking(case))["state"] for case in cases]

    async def refused(self, delivery: UUID) -> list[tuple[int, str]]:
        rows = await self.world.pool.fetch(
            "select row_number, reason from delivery_refusal where delivery_id = $1 order by 1, 2", delivery
        )
        return [(row["row_number"], row["reason"]) for row in rows]


@pytest.fixture
async def office(dsn: str, tmp_path: Path) -> AsyncIterator[Office]:
    pool = await open_pool(dsn, size=12)
    vault = MasterVault(b"k" * 32)
    try:
        world = await World(pool).build(agents=3)
        key = vault.new_client_key(world.client)
        await pool.execute("update client set wrapped_key = $1", key)
        delivery_key = vault.new_delivery_key(world.client, key, world.delivery)
        await pool.execute("update delivery set wrapped_key = $1", delivery_key)
        office = Office(world, vault, tmp_path)
        await office.offered()
        yield office
    finally:
        await pool.close()


def row(reference: str, came: str, day: str = "") -> dict[str, str]:
    return {"Kenmerk": reference, "Verschenen": came, "Afspraakdatum": day, "Opmerking": "van het loket"}


async def after(office: Office) -> None:
    office.world.now = MONDAY + timedelta(days=5)


async def test_tried_first_then_said_once_and_told_on(office: Office) -> None:
    came, stayed_away, to_come = [await office.agreed(f"+3160000000{n}", f"Z-{n}") for n in (1, 2, 3)]
    await after(office)
    rows = [
        row("Z-1", "ja"), row("Z-2", "niet verschenen"), row("Z-9", "ja"), row("Z-3", "misschien"), row("Z-1", "ja"),
    ]  # fmt: skip
    path = office.sent(*rows)
    preview = await office.intake.preview(office.world.campaign, path, office.viewer, kind="visits")
    counts = {"rows": 5, "taken": 2, "refused": 2, "skipped": 1, "kept": 1, "no_show": 1}
    assert {key: value for key, value in preview.counts.items() if value} == counts
    assert [(one.row, one.reason, one.fatal) for one in preview.issues] == [
        (4, "visit_not_found", True), (5, "not_kept_or_no_show", True), (6, "visit_repeated_in_file", False),
    ]  # fmt: skip
    assert preview.rows[1].cells == {"client_ref": "Z-2", "kept": "nee", "visit_on": ""}
    assert preview.unused == ["Opmerking"]
    assert await office.states(came, stayed_away, to_come) == ["booked"] * 3

    version = (await office.told(came))[2]
    loaded = await office.intake.load(office.world.campaign, path, office.viewer, kind="visits")
    assert {key: value for key, value in loaded.delivery.counts.items() if value} == counts
    assert await office.states(came, stayed_away, to_come) == ["kept", "no_show", "booked"]
    assert (await office.told(came))[1:] == ("kept", version + 1)  # the result goes out anew
    assert (await office.told(stayed_away))[1] == "no_show"
    assert await office.refused(loaded.delivery.delivery) == [
        (4, "visit_not_found"), (5, "not_kept_or_no_show"), (6, "visit_repeated_in_file"),
    ]  # fmt: skip
    table = await DeliveryService(
        store=office.lists, vault=office.vault, audit=office.audit, clock=office, ids=office.world.ids
    ).refused_rows(loaded.delivery.delivery, office.viewer)
    assert [cells[:3] for cells in table.rows] == [["Z-9", "ja", ""], ["Z-3", "misschien", ""]]
    said = await office.world.pool.fetch("select actor, detail::text from audit_event where action like 'booking.%'")
    assert {(one["actor"], str(loaded.delivery.delivery) in one["detail"]) for one in said} == {
        (office.viewer.actor, True)
    }

    again = await office.intake.load(office.world.campaign, path, office.viewer, kind="visits")
    assert again.repeated
    assert (await office.told(came))[2] == version + 1
    assert len(said) == await office.world.pool.fetchval(
        "select count(*) from audit_event where action in ('booking.kept', 'booking.missed')"
    )


async def test_agreed_without_a_time_that_is_offered_it_is_marked(office: Office) -> None:
    await office.world.pool.execute("update slot_source set offered = false")
    case = await office.agreed("+31600000001", "Z-1", booked=False)
    await after(office)
    loaded = await office.load(row("Z-1", "nee"))
    assert loaded.delivery.counts["no_show"] == 1
    marks = await office.world.pool.fetch("select mark, case_id from follow_up_mark")
    assert [(one["mark"], one["case_id"]) for one in marks] == [("no_show", case)]
    office.world.now += timedelta(minutes=1)
    same = await office.load(row("Z-1", "nee", "03-03-2026"))
    assert same.delivery.counts["skipped"] == 1
    other = await office.load(row("Z-1", "ja"))
    assert await office.refused(other.delivery.delivery) == [(2, "visit_said_otherwise")]


async def test_what_somebody_put_right_is_not_turned_round_by_a_file(office: Office) -> None:
    case = await office.agreed("+31600000001", "Z-1")
    await after(office)
    await office.office.report((await office.booking(case))["id"], BookingEvent.KEPT, office.viewer)
    loaded = await office.load(row("Z-1", "nee"))
    assert await office.refused(loaded.delivery.delivery) == [(2, "visit_said_otherwise")]
    assert await office.states(case) == ["kept"]


async def test_what_is_to_come_or_was_cancelled_is_refused(office: Office) -> None:
    to_come = await office.agreed("+31600000001", "Z-1")
    called_off = await office.agreed("+31600000002", "Z-2")
    await office.office.cancel((await office.booking(called_off))["id"], "ziek", office.viewer)
    loaded = await office.load(row("Z-1", "ja"), row("Z-2", "ja"))
    assert await office.refused(loaded.delivery.delivery) == [(2, "visit_to_come"), (3, "visit_cancelled")]
    assert await office.states(to_come, called_off) == ["booked", "cancelled"]


class Dying(PgBookings):
    """Dies at its third word."""

    def __init__(self, of: PgBookings) -> None:
        self.__dict__.update(of.__dict__)
        self.left = 2

    async def apply(self, change: BookingChange, detail: Mapping[str, object]) -> UUID:
        if not self.left:
            raise UnavailableError("the database went away")
        self.left -= 1
        return await super().apply(change, detail)


async def test_cut_off_in_the_middle_it_goes_on_and_says_nothing_twice(office: Office) -> None:
    cases = [await office.agreed(f"+3160000000{n}", f"Z-{n}") for n in range(1, 5)]
    await after(office)
    path = office.sent(*(row(f"Z-{n}", "ja") for n in range(1, 5)))
    with pytest.raises(UnavailableError):
        await office.service_with(Dying(office.bookings)).load(
            office.world.campaign, path, office.viewer, kind="visits"
        )
    assert await office.states(*cases) == ["kept", "kept", "booked", "booked"]
    loaded = await office.intake.load(office.world.campaign, path, office.viewer, kind="visits")
    assert (loaded.repeated, loaded.delivery.state) == (False, "loaded")
    assert (loaded.delivery.counts["taken"], loaded.delivery.counts.get("skipped", 0)) == (4, 0)
    assert await office.states(*cases) == ["kept"] * 4
    assert await office.world.pool.fetchval("select count(*) from audit_event where action = 'booking.kept'") == 4


async def test_two_who_send_the_same_file_at_once(office: Office) -> None:
    case = await office.agreed("+31600000001", "Z-1")
    await after(office)
    path = office.sent(row("Z-1", "ja"))
    other = office.service_with(office.bookings)
    done = await asyncio.gather(
        *(one.load(office.world.campaign, path, office.viewer, kind="visits") for one in (office.intake, other)),
        return_exceptions=True,
    )
    assert all(isinstance(one, ConflictError) or getattr(one, "delivery", None) for one in done), done
    assert await office.states(case) == ["kept"]
    assert await office.world.pool.fetchval("select count(*) from audit_event where action = 'booking.kept'") == 1
    assert await office.world.pool.fetchval("select count(*) from delivery where kind = 'visits'") == 1


async def test_another_clients_reference_is_not_found(office: Office) -> None:
    case = await office.agreed("+31600000001", "Z-1")
    await after(office)
    client = await office.world.add_client("elders", "+31790000002", {})
    campaign = await office.world.add_campaign(client, "Belactie elders")
    key = office.vault.new_client_key(client)
    await office.world.pool.execute("update client set wrapped_key = $2 where id = $1", client, key)
    viewer = Viewer(actor="token:x", user=None, role="client", client=client)
    loaded = await office.intake.load(campaign, office.sent(row("Z-1", "ja")), viewer, kind="visits")
    assert await office.refused(loaded.delivery.delivery) == [(2, "visit_not_found")]
    assert await office.states(case) == ["booked"]


async def test_it_is_not_recalled(office: Office) -> None:
    await office.agreed("+31600000001", "Z-1")
    await after(office)
    loaded = await office.load(row("Z-1", "ja"))
    service = DeliveryService(
        store=office.lists, vault=office.vault, audit=office.audit, clock=office, ids=office.world.ids
    )
    with pytest.raises(ConflictError):
        await service.recall(loaded.delivery.delivery, "verkeerd", office.viewer)
    assert (await office.lists.delivery(loaded.delivery.delivery)).state == "loaded"


async def test_from_a_watched_folder_with_a_receipt_and_quarantine(office: Office, tmp_path: Path) -> None:
    case = await office.agreed("+31600000001", "Z-1")
    await after(office)
    root, spool = tmp_path / "root", tmp_path / "spool"
    (root / "stad").mkdir(parents=True)
    spool.mkdir()
    store = PgArrivals(office.world.pool)
    arrivals = Arrivals(
        store, {SourceKind.FOLDER: FolderOpener(root)}, office.intake, office.vault, office, office.world.ids,
        owner="a", spool=spool,
    )  # fmt: skip
    sources = Sources(
        store=store, arrivals=arrivals, new_key=lambda: ("", ""), is_host_key=lambda _: True, vault=office.vault,
        audit=office.audit, clock=office, ids=office.world.ids,
    )  # fmt: skip
    wish: dict[str, Any] = {"name": "Afspraken", "path": "stad", "holds": Holds.VISITS}
    made = await sources.add(office.world.campaign, SourceKind.FOLDER, SourceWish(**wish), office.viewer)
    assert (await store.find(made.id)).holds is Holds.VISITS
    (root / "stad" / "maart.csv").write_bytes(csv_bytes([row("Z-1", "ja")]))
    (root / "stad" / "verkeerd.csv").write_bytes(csv_bytes([row("Z-8", "ja"), row("Z-9", "nee")]))
    for _ in range(2):
        await arrivals.tend()
    kept = {one.name: (one.state, one.reason) for one in await sources.receipts(office.viewer, None, 10)}
    assert kept == {
        "maart.csv": (ArrivalState.TAKEN, ""), "verkeerd.csv": (ArrivalState.QUARANTINED, "mostly-refused"),
    }  # fmt: skip
    assert await office.states(case) == ["kept"]
    assert (root / "stad" / "verwerkt" / "maart.csv").exists()
    assert (root / "stad" / "quarantaine" / "verkeerd.csv").exists()
