"""Results out: what goes, once, and again when corrected."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import openpyxl
import pytest

from dialer.domain.errors import InvalidError, NotFoundError
from dialer.domain.ids import AttemptId, SignalId
from dialer.intake.tables import FileTables
from dialer.services.export import ExportService
from dialer.services.people import PeopleService
from dialer.services.ports.export import ExportRun
from dialer.services.ports.people import Viewer
from dialer.storage.exports import PostgresExports
from dialer.storage.people import PeopleRows
from tests.support.intake import VAULT, IntakeWorld, intake_world, row

SQL_ATTEMPT = """
insert into attempt (id, direction, client_id, campaign_id, case_id, phone_id, number_key, channel_id, state, live,
                     counted, seq, case_seq, day, claimed_at, dialed_at, outcome, reached, catalogue_version)
select $1, 'out', f.client_id, f.campaign_id, f.id, h.id, h.number_key, 'x', 'ended', false,
       true, $3, $3, $2::timestamptz::date, $2, $2, $4, $5, 1
  from signal s join case_file f on f.id = s.case_id
  join case_phone cp on cp.case_id = f.id and cp.position = 1 join phone h on h.id = cp.phone_id
 where s.signal_ref = $6
"""
SQL_RESULT = """
update case_file f set state = $2, outcome = $3, outcome_attempt = $4, result_version = f.result_version + 1
  from signal s where s.case_id = f.id and s.signal_ref = $1
"""


@dataclass
class Out:
    """Services, and a hand that plays the ledger."""

    w: IntakeWorld
    exports: ExportService
    people: PeopleService
    tries: int = 0

    async def tried(
        self, signal: str, outcome: str, at: datetime, *, reached: bool = False, state: str = "open"
    ) -> UUID:
        self.tries += 1
        attempt = self.w.world.ids.new()
        await self.w.pool.execute(SQL_ATTEMPT, attempt, at, self.tries, outcome, reached, signal)
        await self.w.pool.execute(SQL_RESULT, signal, state, outcome, attempt)
        return attempt

    async def note(self, attempt: UUID, text: str) -> None:
        box = await self.people.seal_note(AttemptId(attempt), text)
        await self.w.pool.execute(
            "insert into pii.note (attempt_id, client_id, delivery_id, sealed, updated_at) values ($1, $2, $3, $4, $5) "
            "on conflict (attempt_id) do update set sealed = excluded.sealed",
            attempt,
            box.client,
            box.delivery,
            box.sealed,
            self.w.clock.now(),
        )

    async def delta(self) -> ExportRun:
        self.w.later(minutes=1)
        return await self.exports.create(self.w.campaign, "delta", self.w.viewer)

    async def lines(self, run: ExportRun, viewer: Viewer | None = None) -> list[dict[str, str]]:
        table = await self.exports.table(run.id, viewer or self.w.viewer)
        return [dict(zip(table.header, line, strict=True)) for line in table.rows]


@pytest.fixture
async def o(dsn: str, tmp_path: Path) -> AsyncIterator[Out]:
    async with intake_world(dsn, tmp_path) as w:
        people = PeopleService(
            store=PeopleRows(w.pool), vault=VAULT, audit=w.audit, clock=w.clock, ledger=w.world.ledger
        )
        exports = ExportService(
            store=PostgresExports(w.pool), vault=VAULT, audit=w.audit, clock=w.clock, ids=w.world.ids
        )
        await w.load(
            row(),
            row(**{"signaal-id": "S-2"}, vastelastenpartner="Zorg"),
            row(kenmerk="Z-2", **{"signaal-id": "S-3"}, achternaam="Vos", telefoon_1="0600000002"),
        )
        yield Out(w, exports, people)


async def test_nothing_yet_is_no_delta_but_stands_in_the_full_one(o: Out) -> None:
    run = await o.delta()
    assert run.lines == 0
    full = await o.exports.create(o.w.campaign, "full", o.w.viewer)
    lines = await o.lines(full)
    assert [(line["kenmerk"], line["status"], line["levering"]) for line in lines] == [
        ("Z-1", "loopt", "nieuw"),
        ("Z-1", "loopt", "nieuw"),
        ("Z-2", "loopt", "nieuw"),
    ]


async def test_a_line_per_signal_with_attempts_day_parts_and_note(o: Out) -> None:
    await o.tried("S-1", "NO_ANSWER", datetime(2026, 3, 2, 10, 59, tzinfo=UTC))
    await o.tried("S-1", "BUSY", datetime(2026, 3, 3, 11, 0, tzinfo=UTC))
    attempt = await o.tried(
        "S-1", "HELP_APPOINTMENT", datetime(2026, 3, 4, 17, 0, tzinfo=UTC), reached=True, state="reached"
    )
    await o.w.pool.execute(
        "update attempt set facts = $2::text::jsonb where id = $1",
        attempt,
        json.dumps({"appointment_at": "2026-03-10T09:30:00+00:00"}),
    )
    await o.note(attempt, "=cmd()|' /C calc'!A0\r\nbelt liever 's avonds")
    lines = await o.lines(await o.delta())
    assert [line["signaal-id"] for line in lines] == ["S-1", "S-2"]
    line = lines[0]
    assert (line["resultaatcode"], line["bereikt"], line["status"]) == ("HELP_APPOINTMENT", "ja", "bereikt")
    assert line["DDAS-resultaat"] == "Vervolghulp en/of verwijzing financieel"
    assert (line["datum gesprek"], line["dagdeel gesprek"]) == ("04-03-2026 18:00", "Avond")
    assert line["aantal belpogingen"] == "3"
    assert line["belpogingen"].split(" | ")[:2] == [
        "02-03-2026 Ochtend, nummer 1: geen gehoor",
        "03-03-2026 Middag, nummer 1: bezet",
    ]
    assert line["afspraak"] == "10-03-2026 10:30"
    assert line["notitie"].startswith("=cmd()")  # made harmless by the writer, below
    english = (await o.lines((await o.exports.runs(o.w.campaign, o.w.viewer))[0], replace(o.w.viewer, language="en")))[
        0
    ]
    assert english["attempts"].startswith("02-03-2026 Morning, number 1: ")


async def test_a_delta_is_repeated_until_it_is_confirmed(o: Out) -> None:
    attempt = await o.tried("S-3", "NO_ANSWER", datetime(2026, 3, 2, 10, 0, tzinfo=UTC))
    await o.note(attempt, "eerste")
    run = await o.delta()
    before = await o.lines(run)
    await o.tried("S-3", "BUSY", datetime(2026, 3, 2, 14, 0, tzinfo=UTC))
    await o.tried("S-1", "BUSY", datetime(2026, 3, 2, 14, 0, tzinfo=UTC))
    await o.note(attempt, "verbeterd")
    again = await o.delta()
    assert again.id == run.id
    assert await o.lines(again) == before  # the note too
    confirmed = await o.exports.confirm(run.id, o.w.viewer)
    assert confirmed.confirmed_at == o.w.clock.now()
    o.w.later(minutes=1)
    assert (await o.exports.confirm(run.id, o.w.viewer)).confirmed_at == confirmed.confirmed_at
    following = await o.delta()
    assert following.id != run.id
    assert [(line["signaal-id"], line["levering"]) for line in await o.lines(following)] == [
        ("S-1", "nieuw"),
        ("S-2", "nieuw"),
        ("S-3", "vervanging"),
    ]
    await o.exports.confirm(following.id, o.w.viewer)
    assert (await o.delta()).lines == 0
    assert await o.lines(run) == before


async def test_a_corrected_outcome_goes_out_once_more(o: Out) -> None:
    attempt = await o.tried("S-3", "NO_HELP", datetime(2026, 3, 2, 10, 0, tzinfo=UTC), reached=True, state="reached")
    await o.exports.confirm((await o.delta()).id, o.w.viewer)
    await o.w.pool.execute(SQL_RESULT, "S-3", "reached", "HELP_WANTED", attempt)
    run = await o.delta()
    [line] = await o.lines(run)
    assert (line["levering"], line["resultaatcode"]) == ("vervanging", "HELP_WANTED")
    await o.exports.confirm(run.id, o.w.viewer)
    assert (await o.delta()).lines == 0
    full = await o.exports.create(o.w.campaign, "full", o.w.viewer)
    assert [line["levering"] for line in await o.lines(full)] == ["nieuw", "nieuw", "ongewijzigd"]


async def test_an_undone_merge_replaces_what_was_said_of_the_signal(o: Out) -> None:
    await o.tried("S-1", "NO_HELP", datetime(2026, 3, 2, 10, 0, tzinfo=UTC), reached=True)
    await o.exports.confirm((await o.delta()).id, o.w.viewer)
    signal = SignalId(await o.w.one("select id from signal where signal_ref = 'S-2'"))
    await o.w.deliveries.undo_merge(signal, o.w.viewer)
    [line] = await o.lines(await o.delta())
    assert (line["signaal-id"], line["levering"], line["resultaatcode"]) == ("S-2", "vervanging", "")


async def test_recalled_signals_do_not_go_out_and_erased_notes_stay_empty(o: Out) -> None:
    attempt = await o.tried("S-3", "NO_ANSWER", datetime(2026, 3, 2, 10, 0, tzinfo=UTC))
    await o.note(attempt, "geheim")
    run = await o.delta()
    assert (await o.lines(run))[0]["notitie"] == "geheim"
    await o.w.deliveries.recall(await o.w.one("select id from delivery"), "fout", o.w.viewer)
    assert (await o.lines(run))[0]["notitie"] == ""
    await o.exports.confirm(run.id, o.w.viewer)
    assert (await o.exports.create(o.w.campaign, "full", o.w.viewer)).lines == 0


async def test_two_deltas_at_once_are_one(o: Out) -> None:
    await o.tried("S-3", "NO_ANSWER", datetime(2026, 3, 2, 10, 0, tzinfo=UTC))
    runs = await asyncio.gather(*(o.exports.create(o.w.campaign, "delta", o.w.viewer) for _ in range(4)))
    assert len({run.id for run in runs}) == 1
    assert await o.w.one("select count(*) from export_line") == 1


async def test_nothing_personal_in_the_stored_lines(o: Out) -> None:
    attempt = await o.tried("S-3", "NO_ANSWER", datetime(2026, 3, 2, 10, 0, tzinfo=UTC))
    await o.note(attempt, "Vosgeheim")
    await o.delta()
    dump = str(await o.w.rows("select * from export_line"))
    for secret in ("Vos", "600000002", "2711"):
        assert secret not in dump


async def test_scope_and_audit(o: Out) -> None:
    run = await o.delta()
    stranger = replace(o.w.viewer, role="client", client=await o.w.world.add_client("dorp", "+31790000002", {}))
    for call in (
        o.exports.create(o.w.campaign, "full", stranger),
        o.exports.table(run.id, stranger),
        o.exports.confirm(run.id, stranger),
        o.exports.runs(o.w.campaign, stranger),
        o.exports.run(UUID(int=1), o.w.viewer),
    ):
        with pytest.raises(NotFoundError):
            await call
    with pytest.raises(InvalidError):
        await o.exports.create(o.w.campaign, "half", o.w.viewer)
    await o.lines(run)
    await o.exports.confirm(run.id, o.w.viewer)
    actions = {record["action"] for record in await o.w.rows("select action from audit_event")}
    assert {"export.create", "export.download", "export.confirm"} <= actions


async def test_a_note_does_no_harm_in_either_format(o: Out) -> None:
    attempt = await o.tried("S-3", "NO_ANSWER", datetime(2026, 3, 2, 10, 0, tzinfo=UTC))
    await o.note(attempt, "=cmd()\r\n<b>x</b>")
    table = await o.exports.table((await o.delta()).id, o.w.viewer)
    for format_ in ("csv", "xlsx"):
        out = io.BytesIO()
        FileTables().write(table, format_, out)
        if format_ == "csv":
            [line] = csv.DictReader(io.StringIO(out.getvalue().decode("utf-8-sig")), delimiter=";")
        else:
            titles, values = openpyxl.load_workbook(out).worksheets[0].iter_rows()
            line = {str(title.value): str(cell.value) for title, cell in zip(titles, values, strict=True)}
        assert line["notitie"] == "'=cmd() / <b>x</b>"
