"""Bills: each callable record once, frozen, taken back by credit notes only, and proved by the client's references."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from openpyxl import load_workbook

from dialer.cli import main
from dialer.domain.billing import NoTariffError, Tariff
from dialer.domain.errors import ConflictError, InvalidError, NotFoundError
from dialer.domain.ids import ClientId
from dialer.intake.tables import table_bytes
from dialer.papers.files import ReportFilesWriter
from dialer.services.billing import Billing
from dialer.services.ports.people import CLI, Viewer
from dialer.services.tallies import Tallies
from dialer.storage.billing import PgBilling
from dialer.storage.logos import PgLogos
from dialer.storage.tallies import PgTallies
from tests.support.exchange import Exchange, exchange
from tests.support.intake import row

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
PRICE = Decimal("12.50")


@dataclass
class Desk:
    e: Exchange
    billing: Billing
    client: ClientId

    def on(self, day: date) -> None:
        """Noon of that day."""
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        self.e.w.clock.pass_time((at - self.e.w.clock.now()).total_seconds())

    async def tariff(self, price: str = "12.50", valid_from: date = date(2026, 1, 1)) -> None:
        tariff = Tariff(valid_from=valid_from, price=Decimal(price), vat_percent=Decimal(21))
        await self.billing.set_tariff(self.client, tariff, "overeenkomst", CLI)

    async def standing(self) -> list[tuple[str, int, str, str]]:
        rows = await self.e.w.rows("select number, records, net, gross from bill order by sequence")
        return [(one["number"], one["records"], str(one["net"]), str(one["gross"])) for one in rows]

    async def proof(self, bill: Any) -> list[dict[str, str]]:
        data, _ = await self.billing.file(bill, "csv", CLI)
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))


@pytest.fixture
async def desk(dsn: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with exchange(dsn, tmp_path) as e:
        w = e.w
        billing = Billing(
            store=PgBilling(w.pool), logos=PgLogos(w.pool), writer=ReportFilesWriter(), tables=table_bytes,
            audit=w.audit, clock=w.clock, ids=w.world.ids,
        )  # fmt: skip
        yield Desk(e=e, billing=billing, client=w.client)


async def test_a_month_is_closed_once_and_proved_by_the_clients_own_references(desk: Desk) -> None:
    await desk.tariff()
    draft = await desk.billing.draft(desk.client, MARCH, CLI)
    assert (draft.closable, draft.totals.records, draft.totals.net) == (False, 2, Decimal("25.00"))
    with pytest.raises(ConflictError):
        await desk.billing.close(desk.client, MARCH, CLI)
    desk.on(date(2026, 4, 1))
    (bill,) = await desk.billing.close(desk.client, MARCH, CLI)
    assert await desk.standing() == [("2026-03-stad-1", 2, "25.00", "30.25")]
    with pytest.raises(ConflictError):
        await desk.billing.close(desk.client, MARCH, CLI)
    proof = await desk.proof(bill)
    assert [(one["kenmerk"], one["signalen"], one["prijs_zonder_btw"]) for one in proof] == [
        ("Z-1", "S-1, S-2", "12,50"), ("Z-2", "S-3", "12,50"),
    ]  # fmt: skip
    assert sum(Decimal(one["prijs_zonder_btw"].replace(",", ".")) for one in proof) == Decimal("25.00")
    text = (await desk.billing.file(bill, "csv", CLI))[0].decode()
    assert "Berg" not in text
    assert "0600000" not in text
    pdf, number = await desk.billing.file(bill, "pdf", CLI)
    assert (pdf[:5], number) == (b"%PDF-", "2026-03-stad-1")
    book, _ = await desk.billing.file(bill, "xlsx", CLI)
    sheet: Any = load_workbook(io.BytesIO(book)).active
    assert sheet.max_row == 3
    for other in ("docx", ""):
        with pytest.raises(InvalidError):
            await desk.billing.file(bill, other, CLI)
    assert await desk.e.w.one("select count(*) from audit_event where action in ('bill.close', 'bill.file')") == 4 + 1


async def test_calls_and_their_length_change_nothing_and_a_second_delivery_is_another_record(desk: Desk) -> None:
    await desk.tariff()
    await desk.e.conversation("NO_HELP")
    desk.on(date(2026, 4, 1))
    await desk.billing.close(desk.client, MARCH, CLI)
    await desk.e.w.load(row(kenmerk="Z-1", **{"signaal-id": "S-40"}), row(kenmerk="Z-2", **{"signaal-id": "S-41"},
                        achternaam="Vos", telefoon_1="0600000002"))  # fmt: skip
    # Whom we spoke to has a new case, held to be looked at; the other's signal joined the case that is open.
    assert (await desk.billing.draft(desk.client, APRIL, CLI)).totals.records == 0
    await desk.e.w.pool.execute("update case_file set state = 'open' where state = 'held'")
    desk.on(date(2026, 5, 1))
    await desk.billing.close(desk.client, APRIL, CLI)
    assert [one[1] for one in await desk.standing()] == [2, 1]


async def test_who_has_no_number_costs_nothing_until_he_has_one_or_calls(desk: Desk) -> None:
    await desk.tariff()
    await desk.e.w.load(row(kenmerk="Z-9", **{"signaal-id": "S-90"}, achternaam="Stil", telefoon_1=""))
    assert (await desk.billing.draft(desk.client, MARCH, CLI)).totals.records == 2
    await desk.e.w.pool.execute("update case_file set state = 'reached', outcome = 'NO_HELP' where state = 'no_number'")
    await desk.e.w.pool.execute(
        "insert into attempt (id, direction, client_id, campaign_id, case_id, channel_id, state, live, claimed_at,"
        " joined_at, reached, catalogue_version) select $1, 'in', client_id, campaign_id, id, 'c', 'ended', false, $2,"
        " $2, true, 1 from case_file where state = 'reached'",
        desk.e.w.world.ids.new(), desk.e.w.clock.now(),
    )  # fmt: skip
    desk.on(date(2026, 4, 2))
    (bill,) = await desk.billing.close(desk.client, MARCH, CLI)
    assert [(one["kenmerk"], one["contact"], one["prijs_zonder_btw"]) for one in await desk.proof(bill)] == [
        ("Z-1", "wij belden", "12,50"), ("Z-2", "wij belden", "12,50"), ("Z-9", "inwoner belde", "12,50"),
    ]  # fmt: skip


async def test_what_turns_out_to_be_nobodys_to_call_is_not_billed_or_taken_back(desk: Desk) -> None:
    """Open for a while, then not callable by the client's own word: reports leave it out, and so does the bill."""
    await desk.tariff()
    settle = (
        "update case_file set state = 'closed', outcome = 'NOT_CALLABLE'"
        " where id = (select case_id from signal where client_ref = $1 limit 1)"
    )
    await desk.e.w.pool.execute(settle, "Z-1")
    assert (await desk.billing.draft(desk.client, MARCH, CLI)).totals.records == 1
    desk.on(date(2026, 4, 1))
    (bill,) = await desk.billing.close(desk.client, MARCH, CLI)
    assert [one["kenmerk"] for one in await desk.proof(bill)] == ["Z-2"]
    await desk.e.w.pool.execute(settle, "Z-2")
    desk.on(date(2026, 5, 1))
    await desk.billing.close(desk.client, APRIL, CLI)
    assert sum(one[1] for one in await desk.standing()) == 0, "taken back by a credit note"


async def test_a_recalled_list_is_taken_back_at_the_next_close_at_its_own_price(desk: Desk) -> None:
    await desk.tariff()
    desk.on(date(2026, 4, 1))
    (bill,) = await desk.billing.close(desk.client, MARCH, CLI)
    await desk.tariff("20.00", APRIL)
    delivery = await desk.e.w.one("select id from delivery")
    await desk.e.w.deliveries.recall(delivery, "verkeerde maand", desk.e.w.viewer)
    assert (await desk.billing.draft(desk.client, APRIL, CLI)).credited == 2
    desk.on(date(2026, 5, 1))
    made = await desk.billing.close(desk.client, APRIL, CLI)
    assert await desk.standing() == [
        ("2026-03-stad-1", 2, "25.00", "30.25"), ("2026-04-stad-2", 0, "0.00", "0.00"),
        ("2026-04-stad-3", -2, "-25.00", "-30.25"),
    ]  # fmt: skip
    note = await desk.billing.bill(made[1], CLI)
    assert (note.credits, note.credits_number) == (bill, "2026-03-stad-1")
    desk.on(date(2026, 6, 1))
    assert len(await desk.billing.close(desk.client, MAY, CLI)) == 1, "taken back once"


async def test_a_credit_note_by_reference_and_of_the_rest(desk: Desk) -> None:
    await desk.tariff()
    desk.on(date(2026, 4, 1))
    (bill,) = await desk.billing.close(desk.client, MARCH, CLI)
    for references, reason in ((["Z-8"], "fout"), ([], "fout"), (["Z-1"], " ")):
        with pytest.raises(InvalidError):
            await desk.billing.credit(bill, references, reason, CLI)
    note = await desk.billing.credit(bill, ["Z-1"], "dubbel aangeleverd", CLI)
    assert [(one["kenmerk"], one["boeking"], one["prijs_zonder_btw"]) for one in await desk.proof(note)] == [
        ("Z-1", "gecrediteerd", "12,50")
    ]
    with pytest.raises(InvalidError):
        await desk.billing.credit(bill, ["Z-1"], "nog eens", CLI)
    with pytest.raises(ConflictError):
        await desk.billing.credit(note, None, "terug", CLI)
    await desk.billing.credit(bill, None, "alles", CLI)
    assert [one[2] for one in await desk.standing()] == ["25.00", "-12.50", "-12.50"]
    assert (await desk.billing.file(note, "pdf", CLI))[0][:5] == b"%PDF-"
    # What was taken back and is callable still is billed anew, once.
    desk.on(date(2026, 5, 1))
    await desk.billing.close(desk.client, APRIL, CLI)
    assert (await desk.standing())[-1][1] == 2


async def test_the_index_of_a_year(desk: Desk) -> None:
    with pytest.raises(NoTariffError):
        await desk.billing.index(desk.client, 2027, Decimal("126.34"), Decimal("130.51"), "CBS CPI oktober", CLI)
    await desk.tariff()
    with pytest.raises(InvalidError):
        await desk.billing.index(desk.client, 2027, Decimal("126.34"), Decimal("130.51"), " ", CLI)
    line = await desk.billing.index(desk.client, 2027, Decimal("126.34"), Decimal("130.51"), "CBS CPI oktober", CLI)
    assert (line.tariff.valid_from, line.tariff.price) == (date(2027, 1, 1), Decimal("12.91"))
    kept = (await desk.billing.tariffs(desk.client, CLI))[0]
    assert kept.index is not None
    assert (kept.index.exact, kept.index.source) == (Decimal("12.912577"), "CBS CPI oktober")
    # Entered again, with the final figure: from the same old price, not from the one just made.
    line = await desk.billing.index(desk.client, 2027, Decimal("126.34"), Decimal("131.00"), "CBS CPI definitief", CLI)
    assert line.tariff.price == Decimal("12.96")
    desk.on(date(2027, 1, 5))
    await desk.e.w.load(row(kenmerk="Z-5", **{"signaal-id": "S-50"}, signaaldatum="04-01-2027", achternaam="Later",
                            telefoon_1="0600000005"))  # fmt: skip
    desk.on(date(2027, 2, 1))
    (bill,) = await desk.billing.close(desk.client, date(2027, 1, 1), CLI)
    assert [one["prijs_zonder_btw"] for one in await desk.proof(bill)] == ["12,50", "12,50", "12,96"]
    with pytest.raises(ConflictError):
        await desk.tariff("9.00", date(2026, 6, 1))


async def test_two_who_close_at_once_make_one_bill_and_a_crash_makes_none(desk: Desk) -> None:
    await desk.tariff()
    desk.on(date(2026, 4, 1))
    store = PgBilling(desk.e.w.pool)

    def crash(_books: object) -> Any:
        raise RuntimeError("the process dies here")

    with pytest.raises(RuntimeError):
        await store.reckon(desk.client, desk.e.w.clock.now(), crash, at=desk.e.w.clock.now(), actor="cli")
    assert await desk.standing() == []
    done = await asyncio.gather(
        *(desk.billing.close(desk.client, MARCH, CLI) for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["MonthClosedError", "MonthClosedError", "list"]
    assert len(await desk.standing()) == 1
    assert await desk.billing.tend() == 0


async def test_the_job_closes_last_month_of_who_has_a_tariff(desk: Desk) -> None:
    desk.on(date(2026, 4, 1))
    assert await desk.billing.tend() == 0
    await desk.tariff("12.50", date(2026, 3, 20))
    assert await desk.billing.tend() == 0, "delivered before the first tariff: somebody has to say the price"
    await desk.tariff()
    assert await desk.billing.tend() == 1
    assert await desk.billing.tend() == 0


async def test_a_bill_never_changes_and_another_client_has_none(desk: Desk) -> None:
    await desk.tariff()
    desk.on(date(2026, 4, 1))
    (bill,) = await desk.billing.close(desk.client, MARCH, CLI)
    for table in ("bill", "bill_line"):
        for sql in (f"update {table} set records = 0", f"delete from {table}"):
            if "records" in sql and table == "bill_line":
                continue
            with pytest.raises(asyncpg.RestrictViolationError):
                await desk.e.w.pool.execute(sql)
    stranger = Viewer(actor="user:x", user=None, role="client", client=ClientId(desk.e.w.world.ids.new()))
    assert await desk.billing.bills(desk.client, stranger) == []
    for asked in (desk.billing.bill(bill, stranger), desk.billing.tariffs(desk.client, stranger)):
        with pytest.raises(NotFoundError):
            await asked


async def test_the_nightly_comparison_has_the_bill_too(desk: Desk) -> None:
    w = desk.e.w
    tallies = Tallies(PgTallies(w.pool), w.clock, lambda _found: None)
    await desk.tariff()
    await desk.e.conversation("NO_HELP")
    desk.on(date(2026, 4, 1))
    await desk.billing.close(desk.client, MARCH, CLI)
    assert await tallies.tend() == 0
    async with w.pool.acquire() as connection, connection.transaction():  # as somebody who rules the database
        await connection.execute("set local session_replication_role = replica")
        await connection.execute("delete from bill_line where case_id = (select case_id from attempt limit 1)")
    desk.on(date(2026, 4, 2))
    await tallies.tend()
    assert [(one.told.value, one.records) for one in await tallies.open(None)] == [("bill", 1)]


def test_the_command(
    dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("DATABASE_DSN", dsn), ("KEYS_MASTER", "ab" * 32), ("ASTERISK_SECRET", "x")):
        monkeypatch.setenv(f"DIALER_{name}", value)

    def said(*words: str) -> str:
        assert main(list(words)) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    said("client", "add", "stad", "--name", "Stad", "--municipality", "Stad", "--neutral-name", "X", "--number",
         "+31790000009")  # fmt: skip
    said("bill", "tariff", "stad", "--from", "2026-01-01", "--price", "12.50", "--note", "art. 6")
    assert said("bill", "index", "stad", "2027", "--before", "126.34", "--after", "130.51", "--source", "CPI") == (
        "from 2027-01-01: EUR 12.912577, rounded to EUR 12.91\n"
    )
    assert "from 2026-01-01  EUR 12.50  VAT 21.00%  art. 6" in said("bill", "tariff", "stad")
    assert "0 records, EUR 0.00" in said("bill", "draft", "stad", "2026-03")
    assert "2026-03-stad-1" in said("bill", "close", "stad", "2026-03")
    assert "2026-03-stad-1" in said("bill", "list")
    for name in ("bill.pdf", "bill.csv"):
        said("bill", "file", "2026-03-stad-1", str(tmp_path / name))
    assert (tmp_path / "bill.pdf").read_bytes()[:5] == b"%PDF-"
    for wrong in (["draft", "stad", "maart"], ["file", "x", "y.pdf"], ["file", "2026-03-stad-1", "x.doc"],
                  ["tariff", "stad", "--price", "1"], ["tariff", "stad", "--price", "een", "--from", "2026-01-01"],
                  ["list", "dorp"], ["credit", "2026-03-stad-1", "--why", "fout"]):  # fmt: skip
        assert main(["bill", *wrong]) == 1
