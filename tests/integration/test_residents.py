"""A resident's rights: everything that is held is shown, and what is erased is gone, also after a back-up came back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from dialer.cli.backup import write_backup
from dialer.cli.resident import erase_again
from dialer.cli.restore import read_backup
from dialer.config import Settings, load
from dialer.demo.postgres import binaries
from dialer.domain.errors import ConflictError, InvalidError, NotFoundError, UnavailableError
from dialer.domain.ids import ClientId, ResidentId
from dialer.schedule.rotation import Rotation
from dialer.services.cases import CaseService
from dialer.services.ports.people import CLI, Viewer
from dialer.services.ports.residents import Erasure
from dialer.services.recordings import Recordings
from dialer.services.residents import ResidentRights
from dialer.storage.erasure_list import ErasureFile
from dialer.storage.recordings import PgRecordings
from dialer.storage.residents import PgResidents
from dialer.storage.steering import PostgresCases
from tests.support.exchange import Exchange, exchange
from tests.support.intake import VAULT, row
from tests.support.world import MONDAY

REFERENCE = """
select s.client_ref from signal s join case_file f on f.id = s.case_id where f.resident_id = $1 limit 1
"""
WHY = "verzoek van 3 maart"
NOTE = "heeft hulp van zijn zus"


def settings(dsn: str, erasures: Path) -> Settings:
    return load(
        {
            "DIALER_DATABASE_DSN": dsn,
            "DIALER_KEYS_MASTER": bytes(range(32)).hex(),
            "DIALER_ASTERISK_SECRET": "x",
            "DIALER_SERVICE_ERASURES": str(erasures),
        }
    )


@dataclass
class Desk:
    e: Exchange
    rights: ResidentRights
    erasures: ErasureFile

    async def resident(self, ref: str = "Z-1") -> ResidentId:
        return await self.rights.find(self.e.w.client, ref, CLI)

    async def count(self, sql: str, *args: object) -> int:
        return int(await self.e.w.one(f"select count(*) from {sql}", *args))

    async def whole(self) -> bytes:
        """Everything that the database holds, opened where it opens, as one text."""
        found = [await self.rights.file(ResidentId(one["id"]), WHY, CLI) for one in
                 await self.e.w.rows("select id from resident")]  # fmt: skip
        return b"\n".join(found)


@pytest.fixture
async def desk(dsn: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with exchange(dsn, tmp_path) as e:
        w = e.w
        erasures = ErasureFile(tmp_path / "erasures")
        yield Desk(
            e=e,
            erasures=erasures,
            rights=ResidentRights(
                store=PgResidents(w.pool, w.world.ids),
                cases=CaseService(PostgresCases(w.pool, w.world.catalogues, Rotation()), w.clock),
                erasures=erasures,
                sounds=Recordings(PgRecordings(w.pool), VAULT, w.audit, w.clock),
                vault=VAULT,
                audit=w.audit,
                clock=w.clock,
                ids=w.world.ids,
            ),
        )


async def test_the_file_has_all_that_is_held(desk: Desk) -> None:
    await desk.e.conversation("HELP_WANTED", note=NOTE)
    resident = ResidentId(await desk.e.w.one("select f.resident_id from case_file f where outcome = 'HELP_WANTED'"))
    found = json.loads(await desk.rights.file(resident, WHY, CLI))
    who = found["persoonsgegevens"][0]
    assert who["geboortedatum"] == "1970-02-01"
    assert len(found["signalen"]) in (1, 2)
    assert found["signalen"][0]["achterstand_in_euro"] == "310,50"
    assert found["telefoonnummers"][0]["inhoud"].startswith("+316")
    (call,) = found["belpogingen_en_gesprekken"]
    assert (call["inhoud"], call["resultaat"], call["antwoorden"]) == (NOTE, "hulpvraag", {"need": "budget"})
    assert call["richting"] == "wij belden"
    assert {seen["wat"] for seen in found["wie_keek_wanneer_waarom"]} >= {"overzicht van alle gegevens gemaakt"}
    assert [seen["waarom"] for seen in found["wie_keek_wanneer_waarom"] if "overzicht" in seen["wat"]] == [WHY]
    assert await desk.count("audit_event where action = 'resident.file' and purpose = $1", WHY) == 1


async def test_whose_and_why(desk: Desk) -> None:
    resident = await desk.resident()
    with pytest.raises(NotFoundError):
        await desk.resident("Z-99")
    with pytest.raises(InvalidError):
        await desk.rights.file(resident, " ", CLI)
    stranger = Viewer(actor="user:x", user=None, role="client", client=ClientId(desk.e.w.world.ids.new()))
    with pytest.raises(NotFoundError):
        await desk.rights.erase(resident, WHY, stranger)
    await desk.e.w.pool.execute("update signal set client_ref = 'Z-1'")
    with pytest.raises(InvalidError, match="several"):
        await desk.resident()


async def test_restricted_keeps_the_data_and_is_not_called(desk: Desk) -> None:
    resident = await desk.resident()
    assert await desk.rights.restrict(resident, WHY, CLI) == 1
    assert await desk.count("case_file where resident_id = $1 and state = 'withdrawn'", resident) == 1
    assert await desk.count("pii.resident where resident_id = $1", resident) == 1
    assert await desk.count("opt_out") == 0


async def test_erased_he_is_nowhere_and_his_neighbour_is(desk: Desk) -> None:
    w = desk.e.w
    await desk.e.conversation("HELP_WANTED", note=NOTE)
    resident = ResidentId(await w.one("select f.resident_id from case_file f where outcome = 'HELP_WANTED'"))
    ref = await w.one(REFERENCE, resident)
    other = await desk.resident("Z-2" if ref == "Z-1" else "Z-1")
    before = await desk.count("pii.resident where resident_id = $1", other)
    # A row of his that was refused in a later list, which takes him in too.
    await w.load(
        row(kenmerk=ref, **{"signaal-id": "S-8"}),
        row(kenmerk=ref, **{"signaal-id": "S-9"}, geboortedatum="31-02-1970"),
        row(kenmerk="Z-7", **{"signaal-id": "S-10"}, geboortedatum="31-02-1970", achternaam="Ander"),
    )
    refused = await desk.count("pii.refused_row where row_number > 0")
    gone = await desk.rights.erase(resident, WHY, CLI)
    assert gone["pii.note"] == 1
    assert gone["pii.resident"] >= 1
    assert await desk.count("pii.resident where resident_id = $1", resident) == 0
    for sql in (
        "pii.note n join attempt a on a.id = n.attempt_id join case_file f on f.id = a.case_id "
        "where f.resident_id = $1",
        "pii.signal p join signal s on s.id = p.signal_id join case_file f on f.id = s.case_id "
        "where f.resident_id = $1",
        "pii.phone p join case_phone c on c.phone_id = p.phone_id join case_file f on f.id = c.case_id "
        "where f.resident_id = $1",
        "case_file where resident_id = $1 and state in ('held','no_number','open')",
    ):
        assert await desk.count(sql, resident) == 0, sql
    assert gone["pii.refused_row"] == 1
    assert await desk.count("pii.refused_row where row_number > 0") == refused - 1
    assert await desk.count("pii.resident where resident_id = $1", other) == before
    found = json.loads(await desk.rights.file(resident, WHY, CLI))
    assert found["persoonsgegevens"] == found["telefoonnummers"] == []
    assert NOTE.encode() not in await desk.whole()
    assert [one.subject for one in desk.erasures.all()] == [resident]


async def test_who_wanted_no_calls_is_known_again_by_hash_alone(desk: Desk) -> None:
    resident = await desk.resident()
    assert await desk.rights.oppose(resident, WHY, CLI) == 1
    await desk.rights.erase(resident, WHY, CLI)
    assert await desk.count("pii.resident where resident_id = $1", resident) == 0
    desk.e.w.later(days=40)
    await desk.e.w.load(row(kenmerk="NEW", **{"signaal-id": "S-77"}))
    again = await desk.e.w.rows(
        "select state, state_reason, resident_id from case_file f where id = (select case_id from signal "
        "where signal_ref = 'S-77')"
    )
    assert again == [{"state": "held", "state_reason": "opted_out", "resident_id": resident}]


async def test_nobody_is_erased_in_a_call_nor_without_the_list(desk: Desk, tmp_path: Path) -> None:
    w = desk.e.w
    claim = await w.world.claim_one(at=w.clock.now())
    of_call = "select f.resident_id from case_file f join attempt a on a.case_id = f.id where a.id = $1"
    resident = ResidentId(await w.one(of_call, claim.attempt))
    with pytest.raises(ConflictError):
        await desk.rights.erase(resident, WHY, CLI)
    assert await desk.count("pii.resident where resident_id = $1", resident) == 1
    desk.rights._erasures = None
    with pytest.raises(InvalidError):
        await desk.rights.erase(resident, WHY, CLI)
    desk.rights._erasures = ErasureFile(tmp_path / "no" / "folder")
    with pytest.raises(UnavailableError):
        await desk.rights.erase(await desk.resident("Z-2"), WHY, CLI)
    assert await desk.count("pii.resident") == 2


def test_a_list_that_was_cut_off_takes_the_next_line_whole(tmp_path: Path) -> None:
    path = tmp_path / "erasures"
    one = Erasure(at=MONDAY, kind="resident", client=ClientId(VAULT_ID), subject=VAULT_ID)
    erasures = ErasureFile(path)
    erasures.add(one)
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open("a") as file:
        file.write('{"at": "2026-')  # a crash
    erasures.add(one)
    with pytest.raises(InvalidError, match="line 3"):
        erasures.all()
    path.write_text("\n".join(line for line in path.read_text().splitlines() if line.endswith("}")))
    assert erasures.all() == [one, one]
    with pytest.raises(InvalidError):
        ErasureFile(tmp_path / "none").all()


VAULT_ID = UUID(int=7)


async def test_a_back_up_that_comes_back_does_not_bring_him_back(
    desk: Desk, dsn: str, empty: str, tmp_path: Path
) -> None:
    w, file = desk.e.w, tmp_path / "old.sealed"
    resident = await desk.resident()
    assert await write_backup(settings(dsn, tmp_path / "erasures"), file, binaries()) == 0
    w.clock.pass_time(60)
    await desk.rights.erase(resident, WHY, CLI)
    other = await desk.resident("Z-2")
    assert await read_backup(settings(empty, tmp_path / "erasures"), file, binaries()) == 0
    connection = await asyncpg.connect(empty)
    try:
        for who, rows in ((resident, 0), (other, 1)):
            assert await connection.fetchval("select count(*) from pii.resident where resident_id = $1", who) == rows
        state = "select state from case_file where resident_id = $1"
        assert await connection.fetchval(state, resident) == "withdrawn"
        assert await connection.fetchval(state, other) == "open"
        # What came in after the erasure was not meant by it.
        await connection.execute("insert into pii.resident select $1, id, 'x' from delivery limit 1", resident)
        await connection.execute("update delivery set received_at = $1", w.clock.now() + timedelta(days=1))
        assert await erase_again(settings(empty, tmp_path / "erasures")) == 0
        assert await connection.fetchval("select count(*) from pii.resident where resident_id = $1", resident) == 1
    finally:
        await connection.close()


async def test_a_recalled_delivery_is_recalled_again(desk: Desk, dsn: str, empty: str, tmp_path: Path) -> None:
    w, file = desk.e.w, tmp_path / "old.sealed"
    assert await write_backup(settings(dsn, tmp_path / "erasures"), file, binaries()) == 0
    delivery = await w.one("select id from delivery")
    w.deliveries._erasures = desk.erasures
    await w.deliveries.recall(delivery, WHY, w.viewer)
    await w.deliveries.recall(delivery, WHY, w.viewer)
    assert len(desk.erasures.all()) == 1
    assert await read_backup(settings(empty, tmp_path / "erasures"), file, binaries()) == 0
    connection = await asyncpg.connect(empty)
    try:
        assert await connection.fetchval("select state from delivery") == "recalled"
        assert await connection.fetchval("select count(*) from pii.resident") == 0
    finally:
        await connection.close()
