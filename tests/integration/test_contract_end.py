"""A contract ends: everything handed over, a report, the keys destroyed with a certificate, callers looked after."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from dialer.cli import main
from dialer.domain.billing import Tariff
from dialer.domain.contract_end import EndFigures, after_care_until
from dialer.domain.errors import ConflictError, InvalidError
from dialer.domain.ids import DeliveryId, ResidentId
from dialer.intake.tables import table_bytes
from dialer.papers.files import ReportFilesWriter
from dialer.security.vault import signer
from dialer.services.billing import Billing
from dialer.services.contract_end import CERTIFICATE, ContractEnd
from dialer.services.export import ExportService
from dialer.services.ports.people import CLI
from dialer.services.ports.vault import ErasedError
from dialer.storage.billing import PgBilling
from dialer.storage.contract_end import PgContractEnd
from dialer.storage.engine import PgEngineStore
from dialer.storage.erasure_list import ErasureFile
from dialer.storage.exports import PostgresExports
from dialer.storage.logos import PgLogos
from dialer.storage.retention import PgRetention
from tests.support.exchange import Exchange, exchange
from tests.support.intake import VAULT

NOTE = "heeft hulp van zijn zus"
TOWN = "Gemeente Voorbeeldstad"


class DiesError(Exception):
    pass


class DiesOnce(PgRetention):
    """The process dies after the key is destroyed, before the boxes are taken away."""

    died = False

    async def clear(self, delivery: DeliveryId, at: object, actor: str) -> dict[str, int]:
        if not self.died:
            self.died = True
            raise DiesError
        return dict(await super().clear(delivery, at, actor))  # type: ignore[arg-type]  # a time, as the port has it


@dataclass
class Desk:
    e: Exchange
    ends: ContractEnd
    folder: Path

    def made(self, retention: PgRetention) -> ContractEnd:
        w = self.e.w
        return ContractEnd(
            store=PgContractEnd(w.pool),
            retention=retention,
            erasures=ErasureFile(self.folder / "erasures"),
            vault=VAULT,
            logos=PgLogos(w.pool),
            writer=ReportFilesWriter(),
            sign=signer(bytes(range(32)), CERTIFICATE),
            clock=w.clock,
        )

    async def run_down(self) -> None:
        """Both cases are done and handed over, the month is billed, the campaign is stopped."""
        w = self.e.w
        await self.e.conversation("HELP_WANTED", note=NOTE)
        self.e.later(hours=2)
        await self.e.conversation("NO_HELP", note=NOTE)
        exports = ExportService(
            store=PostgresExports(w.pool), vault=VAULT, audit=w.audit, clock=w.clock, ids=w.world.ids
        )
        run = await exports.create(w.campaign, "full", w.viewer)
        await exports.confirm(run.id, w.viewer)
        billing = Billing(
            store=PgBilling(w.pool), logos=PgLogos(w.pool), writer=ReportFilesWriter(), tables=table_bytes,
            audit=w.audit, clock=w.clock, ids=w.world.ids,
        )  # fmt: skip
        tariff = Tariff(valid_from=date(2026, 1, 1), price=Decimal("12.50"), vat_percent=Decimal(21))
        await billing.set_tariff(w.client, tariff, "overeenkomst", CLI)
        self.e.later(days=40)
        assert (await self.ends.left(w.client))["bills"] == 2
        await billing.close(w.client, date(2026, 3, 1), CLI)
        await w.pool.execute("update campaign set state = 'stopped'")


@pytest.fixture
async def desk(dsn: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with exchange(dsn, tmp_path) as e:
        built = Desk(e=e, ends=None, folder=tmp_path)  # type: ignore[arg-type]  # made of itself, on the next line
        built.ends = built.made(PgRetention(e.w.pool))
        yield built


async def test_nothing_is_destroyed_while_something_is_left_to_do(desk: Desk) -> None:
    w = desk.e.w
    await desk.e.conversation("HELP_WANTED", note=NOTE)
    left = await desk.ends.left(w.client)
    assert (left["campaigns"], left["cases"], left["hand_over"]) == (1, 1, 1)
    await w.pool.execute(
        "insert into callback_task (id, client_id, campaign_id, number_key, sealed_number, origin, state, "
        "requested_at) values ($1, $2, $3, 'k', 'n', 'closed', 'open', $4)",
        w.world.ids.new(), w.client, w.campaign, w.clock.now(),
    )  # fmt: skip
    with pytest.raises(ConflictError, match="1 zaken die nog lopen, 1 resultaten"):
        await desk.ends.end(w.client, TOWN, CLI)
    assert (await desk.ends.left(w.client))["callbacks"] == 1
    assert await w.one("select count(*) from delivery where wrapped_key is not null") == 1
    assert await w.one("select count(*) from client_end") == 0


async def test_the_keys_are_destroyed_and_the_certificate_proves_it(desk: Desk) -> None:
    w = desk.e.w
    await desk.run_down()
    assert await desk.ends.left(w.client) == {}
    (row,) = await w.rows("select id, wrapped_key from delivery")
    client_key = await w.one("select wrapped_key from client")
    (box,) = await w.rows("select resident_id, sealed from pii.resident order by resident_id limit 1")
    sealer = VAULT.delivery(w.client, client_key, row["id"], row["wrapped_key"])
    assert b"Berg" in sealer.open("resident", box["resident_id"], box["sealed"]) or b"Vos" in sealer.open(
        "resident", box["resident_id"], box["sealed"]
    )
    certificate = await desk.ends.end(w.client, TOWN, CLI)
    (one,) = json.loads(json.dumps(certificate))["deliveries"]
    assert (one["delivery"], one["opened_before"], one["opens_after"]) == (str(row["id"]), True, False)
    assert one["boxes_deleted"] > 5
    # The box that was copied before does not open with what the database has now.
    key = await w.one("select wrapped_key from delivery")
    with pytest.raises(ErasedError):
        VAULT.delivery(w.client, client_key, row["id"], key)
    assert await PgContractEnd(w.pool).boxes(w.client) == 0
    assert desk.ends.verify(certificate)
    assert desk.ends.verify(json.loads(json.dumps(certificate)))
    assert not desk.ends.verify({**certificate, "sealed_boxes_left": 1})
    assert not desk.ends.verify({"signature": "x"})
    assert await desk.ends.end(w.client, TOWN, CLI) == json.loads(json.dumps(certificate))
    assert await w.one("select count(*) from audit_event where action = 'client.end'") == 1
    assert [str(line.subject) for line in ErasureFile(desk.folder / "erasures").all()] == [str(row["id"])]
    # What was done stays, without a name.
    assert await w.one("select count(*) from attempt where reached") == 2
    assert ResidentId(await w.one("select id from resident limit 1"))


async def test_an_end_that_is_cut_short_is_finished_by_the_next(desk: Desk) -> None:
    w = desk.e.w
    await desk.run_down()
    with pytest.raises(DiesError):
        await desk.made(DiesOnce(w.pool)).end(w.client, TOWN, CLI)
    assert await w.one("select count(*) from delivery where wrapped_key is not null") == 0
    assert await PgContractEnd(w.pool).boxes(w.client) > 0
    certificate = await desk.ends.end(w.client, TOWN, CLI)
    assert desk.ends.verify(certificate)
    assert await PgContractEnd(w.pool).boxes(w.client) == 0


async def test_the_end_report_has_reach_help_and_cost_and_nobodys_name(desk: Desk) -> None:
    w = desk.e.w
    await w.pool.execute("""update campaign set settings = settings || '{"promised_reach_percent": 55}'""")
    await desk.run_down()
    campaign, total = await PgContractEnd(w.pool).figures(w.client)
    assert (campaign.callable, campaign.reached, campaign.help_wanted, campaign.promised_percent) == (2, 2, 1, 55)
    assert (total.reach, total.billed, total.cost_per_reached) == (1.0, Decimal("25.00"), Decimal("12.50"))
    data = await desk.ends.report(w.client, TOWN, "xlsx", "nl")
    cells = [str(cell.value) for sheet in load_workbook(io.BytesIO(data)) for line in sheet for cell in line]
    assert "Hulpvraag" in cells
    assert "12,50" in cells
    assert not any("Berg" in cell or "Vos" in cell for cell in cells)
    assert (await desk.ends.report(w.client, TOWN, "pdf", "en")).startswith(b"%PDF")
    with pytest.raises(InvalidError):
        await desk.ends.report(w.client, TOWN, "doc", "nl")
    assert EndFigures(
        name="", callable=0, reached=0, promised_percent=None, help_wanted=0, appointments=0, kept=0, no_show=0,
        billed=Decimal(5),
    ).cost_per_reached is None  # fmt: skip


async def test_after_it_the_number_is_answered_by_after_care_for_six_months(desk: Desk) -> None:
    w = desk.e.w
    await desk.run_down()
    store = PgEngineStore(w.pool, None, trunk="trunk")  # type: ignore[arg-type]  # nobody asks for a call-back here
    (before,) = await store.campaigns()
    assert (before.after_care, before.sounds) == (False, "stad")
    certificate = await desk.ends.end(w.client, TOWN, CLI)
    (after,) = await store.campaigns()
    assert (after.after_care, after.sounds) == (True, "stad-nazorg")
    ended = date.fromisoformat(str(certificate["ended_on"]))
    assert await w.one("select after_care_until from client_end") == after_care_until(ended)
    assert after_care_until(date(2026, 8, 31)) == date(2027, 2, 28)


def test_the_commands(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("DATABASE_DSN", dsn), ("KEYS_MASTER", "0" * 64), ("ASTERISK_SECRET", "x")):
        monkeypatch.setenv(f"DIALER_{name}", value)
    add = ["client", "add", "stad", "--name", "Stad", "--municipality", "Stad", "--neutral-name", "Het Punt"]
    assert main([*add, "--number", "+31790000001"]) == 0
    assert main(["contract", "left", "stad"]) == 0
    assert "ready" in capsys.readouterr().out
    report, file = tmp_path / "eind.pdf", tmp_path / "certificaat.json"
    assert main(["contract", "report", "stad", str(report)]) == 0
    assert report.read_bytes().startswith(b"%PDF")
    assert main(["contract", "end", "stad", str(file)]) == 1
    assert main(["contract", "end", "stad", str(file), "--yes"]) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert main(["contract", "verify", str(file)]) == 0
    file.write_text(file.read_text().replace("Stad", "Dorp"))
    assert main(["contract", "verify", str(file)]) == 1
    assert main(["contract", "verify", str(report)]) == 1
