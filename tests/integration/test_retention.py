"""Data goes when a client's term is over: names and notes for good, figures and hashes stay. The clock is aged."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest

from dialer.cli import main
from dialer.cli.backup import write_backup
from dialer.cli.restore import read_backup
from dialer.config import Settings, load
from dialer.demo.postgres import binaries
from dialer.domain.billing import Tariff
from dialer.domain.ids import DeliveryId, ResidentId
from dialer.domain.retention import Waits
from dialer.intake.tables import table_bytes
from dialer.papers.files import ReportFilesWriter
from dialer.schedule.rotation import Rotation
from dialer.services.billing import Billing
from dialer.services.cases import CaseService
from dialer.services.export import ExportService
from dialer.services.ports.people import CLI
from dialer.services.recordings import Recordings
from dialer.services.residents import ResidentRights
from dialer.services.retention import Retention
from dialer.storage.billing import PgBilling
from dialer.storage.erasure_list import ErasureFile
from dialer.storage.exports import PostgresExports
from dialer.storage.logos import PgLogos
from dialer.storage.recordings import PgRecordings
from dialer.storage.residents import PgResidents
from dialer.storage.retention import PgRetention
from dialer.storage.steering import PostgresCases
from tests.support.exchange import Exchange, exchange
from tests.support.intake import VAULT, row

NOTE = "heeft hulp van zijn zus"


class DiedError(Exception):
    pass


class DiesOnce(PgRetention):
    """The process dies after the key is destroyed, before the boxes are taken away."""

    died = False

    async def clear(self, delivery: DeliveryId, at: datetime, actor: str) -> dict[str, int]:
        if not self.died:
            self.died = True
            raise DiedError
        return dict(await super().clear(delivery, at, actor))


@dataclass
class Desk:
    e: Exchange
    retention: Retention
    exports: ExportService
    cases: CaseService

    async def finish(self) -> DeliveryId:
        """Both cases of the list are done, with a note each; nothing is handed over yet."""
        await self.e.conversation("HELP_WANTED", note=NOTE)
        self.e.later(hours=2)
        await self.e.conversation("NO_HELP", note=NOTE)
        self.e.later(days=1)
        return DeliveryId(await self.e.w.one("select id from delivery order by id limit 1"))

    async def hand_over(self) -> datetime:
        run = await self.exports.create(self.e.w.campaign, "full", self.e.w.viewer)
        at = self.e.w.clock.now()
        await self.exports.confirm(run.id, self.e.w.viewer)
        return at

    async def boxes(self) -> dict[str, int]:
        tables = ("pii.resident", "pii.phone", "pii.signal", "pii.note", "pii.refused_row")
        found = {table: int(await self.e.w.one(f"select count(*) from {table}")) for table in tables}
        found["export_line"] = int(await self.e.w.one("select count(*) from export_line where sealed is not null"))
        return {table: count for table, count in found.items() if count}

    async def audit(self, action: str) -> list[dict[str, object]]:
        rows = await self.e.w.rows(
            "select detail::text as detail from audit_event where action = $1 order by id", action
        )
        return [json.loads(one["detail"]) for one in rows]


@pytest.fixture
async def desk(dsn: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with exchange(dsn, tmp_path) as e:
        w = e.w
        yield Desk(
            e=e,
            retention=Retention(
                store=PgRetention(w.pool), audit=w.audit, clock=w.clock, erasures=ErasureFile(tmp_path / "erasures")
            ),
            exports=ExportService(
                store=PostgresExports(w.pool), vault=VAULT, audit=w.audit, clock=w.clock, ids=w.world.ids
            ),
            cases=CaseService(PostgresCases(w.pool, w.world.catalogues, Rotation()), w.clock),
        )


async def test_ninety_days_after_the_last_hand_over_names_are_gone_and_figures_stay(desk: Desk) -> None:
    w = desk.e.w
    delivery = await desk.finish()
    handed = await desk.hand_over()
    before = await desk.boxes()
    assert before.keys() >= {"pii.resident", "pii.phone", "pii.signal", "pii.note", "export_line"}
    (line,) = await desk.retention.kept(w.client)
    assert (line.waits, line.ends_at) == ([], handed + timedelta(days=90))
    desk.e.later(days=89, hours=23)
    (early,) = await desk.retention.apply(None, CLI)
    assert early.empty
    assert await desk.boxes() == before
    desk.e.later(hours=2)
    (dry,) = await desk.retention.apply(None, CLI, dry=True)
    assert [one.delivery for one in dry.deliveries] == [delivery]
    assert await desk.boxes() == before
    assert await desk.audit("delivery.expire") == []
    (done,) = await desk.retention.apply(None, CLI)
    assert [one.delivery for one in done.deliveries] == [delivery]
    assert await desk.boxes() == {}
    assert await w.one("select wrapped_key from delivery where id = $1", delivery) is None
    # The receipt.
    assert await desk.audit("delivery.expire") == [{"days": 90}]
    (cleared,) = await desk.audit("delivery.expired")
    assert (cleared["pii.note"], cleared["pii.resident"]) == (2, 2)
    (applied,) = await desk.audit("retention.applied")
    assert (applied["deliveries"], applied["personal_days"]) == (1, 90)
    # What stays is pseudonymous.
    assert await w.one("select count(*) from case_file where outcome in ('HELP_WANTED', 'NO_HELP')") == 2
    assert await w.one("select count(*) from attempt where reached") == 2
    assert await w.one("select count(*) from case_phone where state = 'open'") == 0
    assert (await desk.retention.apply(None, CLI))[0].empty
    resident = ResidentId(await w.one("select resident_id from case_file order by id limit 1"))
    rights = ResidentRights(
        store=PgResidents(w.pool, w.world.ids),
        cases=desk.cases,
        erasures=None,
        sounds=Recordings(PgRecordings(w.pool), VAULT, w.audit, w.clock),
        vault=VAULT,
        audit=w.audit,
        clock=w.clock,
        ids=w.world.ids,
    )
    found = json.loads(await rights.file(resident, "verzoek van 3 maart", CLI))
    assert (found["persoonsgegevens"], found["telefoonnummers"]) == ([], [])
    assert NOTE not in json.dumps(found)
    assert len(found["belpogingen_en_gesprekken"]) == 1


async def test_a_client_has_its_own_term_and_another_list_is_not_touched(desk: Desk) -> None:
    w = desk.e.w
    await desk.finish()
    await desk.hand_over()
    await w.pool.execute("""update client set settings = '{"personal_days": 14}' where id = $1""", w.client)
    desk.e.later(days=13)
    await w.load(row(kenmerk="Z-9", **{"signaal-id": "S-90"}, achternaam="Bos", telefoon_1="0600000009"))
    desk.e.later(days=2)
    (done,) = await desk.retention.apply(w.client, CLI)
    assert len(done.deliveries) == 1
    assert await w.one("select count(*) from pii.resident") == 1
    assert await w.one("select count(*) from delivery where wrapped_key is not null") == 1
    assert (await desk.retention.kept(w.client))[0].waits == [Waits.CASES]


async def test_what_the_client_has_not_confirmed_and_what_is_unfinished_waits(desk: Desk) -> None:
    w = desk.e.w
    await desk.e.conversation("HELP_WANTED", note=NOTE)
    desk.e.later(days=200)
    (one,) = (await desk.retention.apply(None, CLI))[0].waiting
    assert one.waits == [Waits.CASES, Waits.HAND_OVER]
    await desk.cases.close_ended()
    await w.pool.execute(
        "insert into complaint (id, client_id, campaign_id, case_id, state, received_at, due_on, changed_at) "
        "select $1, client_id, campaign_id, id, 'received', $2, date '2027-01-01', $2 from case_file "
        "where outcome = 'HELP_WANTED'",
        w.world.ids.new(), w.clock.now(),
    )  # fmt: skip
    await desk.hand_over()
    desk.e.later(days=200)
    (one,) = (await desk.retention.apply(None, CLI))[0].waiting
    assert one.waits == [Waits.COMPLAINTS]
    assert (await desk.boxes())["pii.note"] == 1
    await w.pool.execute("update complaint set state = 'answered', changed_at = $1", w.clock.now())
    desk.e.later(days=89)
    assert (await desk.retention.apply(None, CLI))[0].deliveries == []
    desk.e.later(days=2)
    assert len((await desk.retention.apply(None, CLI))[0].deliveries) == 1
    assert await desk.boxes() == {}


async def test_a_corrected_result_must_be_handed_over_anew(desk: Desk) -> None:
    w = desk.e.w
    await desk.finish()
    await desk.hand_over()
    await w.pool.execute("update case_file set result_version = result_version + 1 where outcome = 'HELP_WANTED'")
    desk.e.later(days=91)
    (one,) = (await desk.retention.apply(None, CLI))[0].waiting
    assert one.kept.standing.not_handed_over == 1
    handed = await desk.hand_over()
    assert (await desk.retention.kept(w.client))[0].ends_at == handed + timedelta(days=90)


async def test_a_run_that_is_killed_is_finished_by_the_next(desk: Desk) -> None:
    w = desk.e.w
    delivery = await desk.finish()
    await desk.hand_over()
    desk.e.later(days=91)
    store = DiesOnce(w.pool)
    run = Retention(store=store, audit=w.audit, clock=w.clock)
    with pytest.raises(DiedError):
        await run.apply(None, CLI)
    assert await w.one("select wrapped_key from delivery where id = $1", delivery) is None
    assert (await desk.boxes())["pii.note"] == 2  # there still, and no key opens them
    await run.apply(None, CLI)
    assert await desk.boxes() == {}
    assert len(await desk.audit("delivery.expire")) == len(await desk.audit("delivery.expired")) == 1
    assert await store.expired_unfinished() == []
    assert not await store.expire(delivery, None, w.clock.now(), "cli")


async def test_each_night_once(desk: Desk) -> None:
    w = desk.e.w
    await desk.finish()
    await desk.hand_over()
    desk.e.later(days=91)
    noon = w.clock.now().replace(hour=12)
    w.clock.pass_time((noon - w.clock.now()).total_seconds())
    assert await desk.retention.tend() == 0
    desk.e.later(hours=14)  # 2 or 3 o'clock in Amsterdam
    assert await desk.retention.tend() == 1
    assert await desk.retention.tend() == 0
    assert len(await desk.audit("retention.applied")) == 1


async def test_nobody_of_an_expired_list_is_dialled_again(desk: Desk) -> None:
    w = desk.e.w
    await desk.finish()
    await desk.hand_over()
    desk.e.later(days=91)
    await desk.retention.apply(None, CLI)
    await w.pool.execute("update case_file set state = 'open', plan_ends_at = $1", w.clock.now() + timedelta(days=5))
    (number,) = await w.rows("select case_id, phone_id from case_phone limit 1")
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await w.pool.execute(
            "insert into attempt (id, direction, client_id, campaign_id, case_id, phone_id, number_key, channel_id, "
            "state, live, claimed_at, catalogue_version) select $1, 'out', p.client_id, $2, $3, p.id, p.number_key, "
            "'c', 'claimed', true, $5, 1 from phone p where p.id = $4",
            w.world.ids.new(), w.campaign, number["case_id"], number["phone_id"], w.clock.now(),
        )  # fmt: skip
    assert refused.value.constraint_name == "attempt_delivery_loaded"


async def test_who_wanted_no_calls_and_who_came_before_is_known_again(desk: Desk) -> None:
    w = desk.e.w
    await desk.e.conversation("OPT_OUT")
    desk.e.later(hours=2)
    await desk.e.conversation("NO_HELP")
    await desk.hand_over()
    desk.e.later(days=91)
    await desk.retention.apply(None, CLI)
    assert await desk.boxes() == {}
    opted = await w.one("select resident_id from case_file where outcome = 'OPT_OUT'")
    ref = await w.one("select client_ref from signal s join case_file f on f.id = s.case_id where f.resident_id = $1 "
                      "limit 1", opted)  # fmt: skip
    who = {"Z-1": row(), "Z-2": row(achternaam="Vos", telefoon_1="0600000002")}[ref]
    await w.load({**who, "kenmerk": "NEW", "signaal-id": "S-77", "signaaldatum": w.clock.now().strftime("%d-%m-%Y")})
    case = await desk.e.case_of("S-77")
    found = await w.rows("select state, state_reason, resident_id from case_file where id = $1", case)
    assert found == [{"state": "held", "state_reason": "opted_out", "resident_id": opted}]


async def test_callers_without_a_case_and_numbers_of_requests_go_by_age(desk: Desk) -> None:
    w = desk.e.w
    attempt = w.world.ids.new()
    at = w.clock.now()
    await w.pool.execute(
        "insert into attempt (id, direction, client_id, campaign_id, channel_id, state, live, claimed_at, "
        "catalogue_version) values ($1, 'in', $2, $3, 'c', 'ended', false, $4, 1)",
        attempt, w.client, w.campaign, at,
    )  # fmt: skip
    await w.pool.execute(
        "insert into pii.note (attempt_id, client_id, sealed, updated_at) values ($1, $2, 'x', $3)",
        attempt,
        w.client,
        at,
    )
    await w.pool.execute(
        "insert into callback_task (id, client_id, campaign_id, number_key, sealed_number, origin, state, "
        "requested_at, note) values ($1, $2, $3, 'k', 'n', 'closed', 'open', $4, 'na vijven')",
        w.world.ids.new(), w.client, w.campaign, at,
    )  # fmt: skip
    desk.e.later(days=89)
    assert not any((await desk.retention.apply(None, CLI))[0].loose.values())
    desk.e.later(days=2)
    dry = (await desk.retention.apply(None, CLI, dry=True))[0].loose
    assert (dry["pii.note"], dry["callback_task"]) == (1, 1)
    assert (await desk.retention.apply(None, CLI))[0].loose == dry
    assert await w.one("select count(*) from pii.note") == 0
    assert await w.rows("select sealed_number, state, note from callback_task") == [
        {"sealed_number": b"", "state": "cancelled", "note": ""}
    ]


async def test_references_on_bills_go_after_seven_years_and_nothing_is_billed_twice(desk: Desk) -> None:
    w = desk.e.w
    billing = Billing(
        store=PgBilling(w.pool), logos=PgLogos(w.pool), writer=ReportFilesWriter(), tables=table_bytes, audit=w.audit,
        clock=w.clock, ids=w.world.ids,
    )  # fmt: skip
    tariff = Tariff(valid_from=date(2026, 1, 1), price=Decimal("12.50"), vat_percent=Decimal(21))
    await billing.set_tariff(w.client, tariff, "overeenkomst", CLI)
    w.clock.pass_time((datetime(2026, 4, 1, 12, tzinfo=UTC) - w.clock.now()).total_seconds())
    await billing.close(w.client, date(2026, 3, 1), CLI)
    with pytest.raises(asyncpg.RestrictViolationError):
        await w.pool.execute("update bill_line set client_ref = '', signal_refs = '{}'")
    with pytest.raises(asyncpg.RestrictViolationError):
        await w.pool.execute("update bill_line set price = 1")
    desk.e.later(days=6 * 365)
    assert (await desk.retention.apply(None, CLI))[0].references == 0
    desk.e.later(days=370)
    assert (await desk.retention.apply(None, CLI, dry=True))[0].references == 2
    assert (await desk.retention.apply(None, CLI))[0].references == 2
    lines = await w.rows("select client_ref, signal_refs, price from bill_line")
    assert lines == [{"client_ref": "", "signal_refs": [], "price": Decimal("12.50")}] * 2
    draft = await billing.draft(w.client, date(2033, 3, 1), CLI)
    assert draft.totals.records == 0


def settings(dsn: str, erasures: Path) -> Settings:
    return load(
        {
            "DIALER_DATABASE_DSN": dsn,
            "DIALER_KEYS_MASTER": bytes(range(32)).hex(),
            "DIALER_ASTERISK_SECRET": "x",
            "DIALER_SERVICE_ERASURES": str(erasures),
        }
    )


async def test_a_back_up_that_comes_back_does_not_bring_the_names_back(
    desk: Desk, dsn: str, empty: str, tmp_path: Path
) -> None:
    file = tmp_path / "old.sealed"
    await desk.finish()
    await desk.hand_over()
    assert await write_backup(settings(dsn, tmp_path / "erasures"), file, binaries()) == 0
    desk.e.later(days=91)
    await desk.retention.apply(None, CLI)
    assert await read_backup(settings(empty, tmp_path / "erasures"), file, binaries()) == 0
    connection = await asyncpg.connect(empty)
    try:
        for table in ("pii.resident", "pii.note", "pii.phone"):
            assert await connection.fetchval(f"select count(*) from {table}") == 0
        assert await connection.fetchval("select wrapped_key from delivery") is None
        assert await connection.fetchval("select state from delivery") == "loaded"
    finally:
        await connection.close()


def test_the_commands_say_what_they_do(
    dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("DATABASE_DSN", dsn), ("KEYS_MASTER", "0" * 64), ("ASTERISK_SECRET", "x")):
        monkeypatch.setenv(f"DIALER_{name}", value)
    add = ["client", "add", "stad", "--name", "Stad", "--municipality", "Stad", "--neutral-name", "Het Punt"]
    assert main([*add, "--number", "+31790000001"]) == 0
    assert main(["privacy", "terms", "--client", "stad"]) == 0
    assert "nothing" in capsys.readouterr().out
    assert main(["privacy", "apply", "--dry-run"]) == 0
    assert "Stad: would go: 0 deliveries, 0 loose boxes, 0 bill lines" in capsys.readouterr().out
    assert main(["privacy", "apply", "--client", "stad"]) == 0
    assert "gone: 0 deliveries" in capsys.readouterr().out


async def test_a_receipt_that_never_comes_does_not_keep_data_for_ever(desk: Desk) -> None:
    w = desk.e.w
    delivery = await desk.finish()
    desk.e.later(days=362)
    (waits,) = (await desk.retention.apply(None, CLI))[0].waiting
    assert waits.waits == [Waits.HAND_OVER]
    await w.pool.execute("update client set settings = settings || '{\"unreceipted_days\": 730}'")
    desk.e.later(days=4)
    assert (await desk.retention.apply(None, CLI))[0].deliveries == [], "this client's contract waits longer"
    await w.pool.execute("update client set settings = settings - 'unreceipted_days'")
    (gone,) = (await desk.retention.apply(None, CLI))[0].deliveries
    assert (gone.delivery, gone.standing.never_receipted) == (delivery, 2)
    assert await desk.boxes() == {}
    assert [one["never_receipted"] for one in await desk.audit("delivery.expire")] == [2]
    assert await w.one("select count(*) from case_file where outcome is not null") == 2, "the results stay, of nobody"
