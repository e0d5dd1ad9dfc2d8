"""Lists in, over a real database and a real reader process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from dialer.clock import SystemIds
from dialer.domain.errors import ConflictError, NotFoundError
from dialer.domain.ids import SignalId
from dialer.intake.process import ChildReader
from dialer.schedule.rotation import Rotation
from dialer.services import sealed
from dialer.services.cases import CaseService
from dialer.services.intake import IntakeService
from dialer.services.ports.intake import FileRefusedError
from dialer.services.ports.people import CLI
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.deliveries import DeliveryStore
from dialer.storage.steering import PostgresCases
from tests.support.intake import VAULT, IntakeWorld, csv_bytes, intake_world, row


@pytest.fixture
async def w(dsn: str, tmp_path: Path) -> AsyncIterator[IntakeWorld]:
    async with intake_world(dsn, tmp_path) as world:
        yield world


async def states(w: IntakeWorld) -> list[str]:
    return [record["state"] for record in await w.rows("select state from case_file order by opened_at, id")]


async def test_one_row_becomes_one_case_and_nothing_personal_stands_in_the_clear(w: IntakeWorld) -> None:
    loaded = await w.load(row(telefoon_2="0790000002"))
    assert not loaded.repeated
    assert loaded.delivery.state == "loaded"
    assert loaded.delivery.counts["cases"] == loaded.delivery.counts["taken"] == 1
    case = (await w.rows("select * from case_file"))[0]
    assert (case["state"], case["crisis"], case["language"], case["next_at"]) == ("open", False, "nl", w.clock.now())
    assert case["term_ends_at"] == datetime(2026, 3, 27, 23, tzinfo=UTC)  # 27 February + 28 days, midnight after it
    phones = await w.rows(
        "select h.kind, h.number_key, cp.position, cp.delivery_id from case_phone cp "
        "join phone h on h.id = cp.phone_id order by position"
    )
    assert [phone["kind"] for phone in phones] == ["mobile", "fixed"]
    assert phones[0]["number_key"] == VAULT.number_key("+31600000001")
    dump = b""
    for table in ("resident", "case_file", "signal", "phone", "case_phone", "delivery", "audit_event"):
        dump += str(await w.rows(f"select * from {table}")).encode()
    for table in ("resident", "phone", "signal"):
        dump += b"".join(r["sealed"] for r in await w.rows(f"select sealed from pii.{table}"))
    for secret in (b"Berg", b"600000001", b"1970", b"2711", b"310"):
        assert secret not in dump


async def test_the_same_file_twice_changes_nothing(w: IntakeWorld) -> None:
    first = await w.load(row())
    before = await w.rows("select * from case_file")
    again = await w.load(row())
    assert again.repeated
    assert again.delivery.delivery == first.delivery.delivery
    assert await w.rows("select * from case_file") == before
    assert await w.one("select count(*) from signal") == 1


async def test_a_known_signal_in_another_file_is_skipped_and_said(w: IntakeWorld) -> None:
    await w.load(row())
    second = await w.load(row(), row(**{"signaal-id": "S-2"}))
    assert second.delivery.counts["skipped"] == 1
    assert second.delivery.counts["taken"] == 1
    lines = await w.deliveries.refusals(second.delivery.delivery, w.viewer)
    assert [(line.row, line.column, line.reason, line.fatal) for line in lines] == [
        (2, "signaal-id", "signal_known_already", False)
    ]
    assert await w.one("select count(*) from case_file") == 1


async def test_a_signal_twice_in_one_file(w: IntakeWorld) -> None:
    loaded = await w.load(row(), row())
    assert (loaded.delivery.counts["taken"], loaded.delivery.counts["skipped"]) == (1, 1)
    [line] = await w.deliveries.refusals(loaded.delivery.delivery, w.viewer)
    assert (line.row, line.reason) == (3, "signal_repeated_in_file")


async def test_signals_of_several_partners_become_one_case(w: IntakeWorld) -> None:
    await w.load(
        row(),
        row(
            **{"signaal-id": "S-2"}, vastelastenpartner="Zorg", crisis="ja", telefoon_1="0790000009", achternaam="BERG"
        ),
    )
    await w.load(row(**{"signaal-id": "S-3"}, vastelastenpartner="Water", telefoon_1="0600000005"))
    [case] = await w.rows("select * from case_file")
    assert case["crisis"]
    assert case["priority"] == 10
    assert await w.one("select count(*) from signal where case_id = $1", case["id"]) == 3
    assert await w.one("select count(*) from case_phone where case_id = $1", case["id"]) == 3
    assert await w.one("select count(*) from pii.resident") == 2  # once a delivery
    term = await w.one("select min(term_ends_at) from signal")
    assert case["term_ends_at"] == term


async def test_a_crisis_that_joins_moves_the_next_attempt_up(w: IntakeWorld) -> None:
    await w.load(row())
    await w.pool.execute("update case_file set next_at = $1", w.clock.now() + timedelta(days=3))
    now = w.later(hours=1)
    await w.load(row(**{"signaal-id": "S-2"}, crisis="ja"))
    assert await w.one("select next_at from case_file") == now


async def test_no_number_is_kept_apart_and_numbers_come_later(w: IntakeWorld) -> None:
    await w.load(
        row(telefoon_1="geen"), row(kenmerk="Z-2", **{"signaal-id": "S-2"}, achternaam="Vos", telefoon_1="112")
    )
    assert await states(w) == ["no_number", "no_number"]
    table = await w.deliveries.to_enrich(w.campaign, w.viewer)
    rows = [list(line) for line in table.rows]
    assert rows[0] == ["Z-1", "J.", "van der Berg", "01-02-1970", "2711AB", "12", "", "", "", ""]
    assert len(rows) == 2

    now = w.later(days=1)
    found = csv_bytes(
        [
            {"kenmerk": "Z-1", "telefoon": "0600000007", "bron": "Verrijker", "brondatum": "01-03-2026"},
            {"kenmerk": "Z-1", "telefoon": "0600000007 / 0790000007", "bron": "Verrijker", "brondatum": ""},
            {"kenmerk": "Z-9", "telefoon": "0600000008", "bron": "Verrijker", "brondatum": ""},
            {"kenmerk": "Z-2", "telefoon": "0900-1234", "bron": "Verrijker", "brondatum": ""},
        ]
    )
    loaded = await w.intake.load(w.campaign, w.file(found), w.viewer, kind="numbers")
    assert (loaded.delivery.counts["taken"], loaded.delivery.counts["refused"]) == (2, 2)
    assert await states(w) == ["open", "no_number"]
    assert await w.one("select next_at from case_file where state = 'open'") == now
    phones = await w.rows("select source, source_on from case_phone order by position")
    assert [phone["source"] for phone in phones] == ["Verrijker", "Verrijker"]
    assert str(phones[0]["source_on"]) == "2026-03-01"
    lines = await w.deliveries.refusals(loaded.delivery.delivery, w.viewer)
    assert [(line.row, line.reason) for line in lines] == [(4, "reference_not_found"), (5, "number_service")]


async def test_a_blocked_number_is_no_number(w: IntakeWorld) -> None:
    await w.load(row())
    await w.pool.execute("update phone set blocked_at = $1", w.clock.now())
    await w.pool.execute("update case_file set state = 'not_reached', closed_at = $1", w.clock.now())
    w.later(days=40)
    await w.load(row(**{"signaal-id": "S-2"}, signaaldatum="01-04-2026"))
    assert await states(w) == ["not_reached", "no_number"]


@pytest.mark.parametrize(
    ("state", "outcome", "days", "expected", "reason"),
    [
        ("not_reached", "NOT_REACHED", 1, "open", ""),
        ("reached", "NO_HELP", 30, "held", "spoken_recently"),
        ("reached", "NO_HELP", 100, "open", ""),
        ("reached", "HELP_WANTED", 200, "held", "in_help"),
        ("closed", "DECEASED", 200, "held", "deceased"),
    ],
)
async def test_a_new_month_opens_a_new_case(
    w: IntakeWorld, state: str, outcome: str, days: int, expected: str, reason: str
) -> None:
    await w.load(row())
    closed = w.clock.now()
    await w.pool.execute("update case_file set state = $1, outcome = $2, closed_at = $3", state, outcome, closed)
    now = w.later(days=days)
    await w.load(row(**{"signaal-id": "S-2"}, signaaldatum=f"{now:%d-%m-%Y}"))
    new = (await w.rows("select * from case_file where state_reason = $1 and state = $2", reason, expected))[0]
    assert await w.one("select count(*) from resident") == 1
    if expected == "open":
        rested = closed + timedelta(days=7)
        assert new["next_at"] == max(now, rested)
        assert new["paused_until"] == (rested if rested > now else None)
    else:
        assert new["next_at"] is None


async def test_who_opted_out_is_held(w: IntakeWorld) -> None:
    await w.load(row())
    await w.pool.execute("update case_file set state = 'closed', closed_at = $1", w.clock.now())
    await w.pool.execute(
        "insert into opt_out (id, client_id, match_key, at) "
        "select gen_random_uuid(), client_id, match_key, $1 from resident",
        w.clock.now(),
    )
    w.later(days=300)
    await w.load(row(**{"signaal-id": "S-2"}, signaaldatum="20-12-2026"))
    assert await w.one("select state_reason from case_file where state = 'held'") == "opted_out"


async def test_refused_rows_come_back_in_their_own_columns(w: IntakeWorld) -> None:
    loaded = await w.load(
        row(),
        row(kenmerk="Z-2", **{"signaal-id": "S-2"}, geboortedatum="31-02-1970", postcode="27 AB"),
        row(kenmerk="Z-3", **{"signaal-id": "S-3"}, achternaam="Robert'); DROP TABLE case_file;--"),
    )
    assert (loaded.delivery.counts["taken"], loaded.delivery.counts["refused"]) == (1, 2)
    table = await w.deliveries.refused_rows(loaded.delivery.delivery, w.viewer)
    rows = [dict(zip(table.header, line, strict=True)) for line in table.rows]
    assert rows[0]["kenmerk"] == "Z-2"
    assert rows[0]["geboortedatum"] == "31-02-1970"
    assert rows[0]["rij"] == "3"
    assert rows[0]["geweigerd omdat"] == (
        "geboortedatum: Dit is geen datum: gebruik dd-mm-jjjj; postcode: Dit is geen postcode: gebruik 1234AB"
    )
    assert rows[1]["achternaam"].startswith("Robert')")
    english = await w.deliveries.refused_rows(loaded.delivery.delivery, replace(w.viewer, language="en"))
    assert "Not a date" in str(list(english.rows))
    # Corrected and offered again: the extra columns are no hindrance.
    fixed = [dict(zip(table.header, line, strict=True)) for line in table.rows]
    fixed[0] |= {"geboortedatum": "28-02-1970", "postcode": "2711AB"}
    fixed[1] |= {"achternaam": "Tabel"}
    again = await w.load(*fixed)
    assert (again.delivery.counts["taken"], again.delivery.counts["refused"]) == (2, 0)
    audited = await w.one("select count(*) from audit_event where action = 'refusals.download'")
    assert audited == 2


async def test_remarks_say_which_number_was_dropped(w: IntakeWorld) -> None:
    loaded = await w.load(row(telefoon_2="+49 30 123456", bedrag="veel"))
    lines = await w.deliveries.refusals(loaded.delivery.delivery, w.viewer)
    assert [(line.column, line.reason, line.fatal) for line in lines] == [
        ("bedrag", "amount_unreadable", False),
        ("telefoon 2", "number_foreign", False),
    ]
    assert loaded.delivery.counts["remarks"] == 2


async def test_dry_run_changes_nothing_and_counts_as_the_load_will(w: IntakeWorld) -> None:
    await w.load(row(kenmerk="Z-0", **{"signaal-id": "S-0"}))
    rows = [
        row(**{"signaal-id": "S-0"}),  # known
        row(**{"signaal-id": "S-1"}),  # joins
        row(kenmerk="Z-2", **{"signaal-id": "S-2"}, achternaam="Vos", telefoon_1=""),
        row(kenmerk="Z-2", **{"signaal-id": "S-3"}, achternaam="Vos", telefoon_1=""),
        row(kenmerk="Z-3", **{"signaal-id": "S-4"}, achternaam="Bos", postcode="nee"),
        row(kenmerk="Z-4", **{"signaal-id": "S-5"}, achternaam="Mol", crisis="ja"),
    ]
    path = w.file(csv_bytes(rows))
    before = {t: await w.one(f"select count(*) from {t}") for t in ("delivery", "signal", "case_file", "resident")}
    preview = await w.intake.preview(w.campaign, path, w.viewer)
    assert {t: await w.one(f"select count(*) from {t}") for t in before} == before
    assert not preview.repeated
    assert preview.format == "csv"
    assert preview.delimiter == ";"
    assert preview.unused == []
    assert preview.reasons == {"signal_known_already": 1, "postcode_unreadable": 1}
    first = preview.rows[0].cells
    assert (first["surname"], first["phone_1"]) == ("van der Berg", "+31600000001")
    assert preview.rows[4].cells["postcode"] == "nee"  # refused: as it stood
    loaded = await w.intake.load(w.campaign, path, w.viewer)
    for key in ("rows", "taken", "refused", "skipped", "cases", "no_number", "open", "crisis"):
        assert preview.counts.get(key, 0) == loaded.delivery.counts.get(key, 0), key
    assert (await w.intake.preview(w.campaign, path, w.viewer)).repeated


async def test_who_only_runs_the_service_sees_masked_rows(w: IntakeWorld) -> None:
    admin = replace(w.viewer, role="administrator")
    preview = await w.intake.preview(w.campaign, w.file(csv_bytes([row(), row(postcode="x")])), admin)
    text = str([line.cells for line in preview.rows])
    for secret in ("Berg", "0600000001", "01-02", "2711"):
        assert secret not in text
    assert "••••••01" in text
    assert preview.rows[1].cells == {}


async def test_another_client_s_campaign_is_not_there(w: IntakeWorld) -> None:
    other = replace(w.viewer, role="client", client=await w.world.add_client("dorp", "+31790000002", {}))
    path = w.file(csv_bytes([row()]))
    with pytest.raises(NotFoundError):
        await w.intake.load(w.campaign, path, other)
    loaded = await w.intake.load(w.campaign, path, w.viewer)
    for call in (w.deliveries.refusals, w.deliveries.refused_rows, w.deliveries.delivery):
        with pytest.raises(NotFoundError):
            await call(loaded.delivery.delivery, other)
    with pytest.raises(NotFoundError):
        await w.deliveries.recall(loaded.delivery.delivery, "hoort niet", other)


async def test_mapping_learned_from_an_example_is_kept_in_versions(w: IntakeWorld) -> None:
    example = csv_bytes([{"Ref": "1", "Tel.": "", "Achternaam": "x", "Geboortedatum": ""}])
    headers = {"client_ref": "Ref", "partner_type": "P", "signal_on": "D", "surname": "N", "birth_date": "G"}
    headers |= {"postcode": "PC", "house_number": "HN", "phone_1": "T"}
    with pytest.raises(FileRefusedError, match="client_ref"):
        await w.intake.learn_mapping(w.client, "vps", w.file(example), w.viewer)
    first = await w.intake.save_mapping(w.client, "vps", headers, w.viewer)
    same = await w.intake.save_mapping(w.client, "vps", headers, w.viewer)
    assert (first.version, same.version) == (1, 1)
    second = await w.intake.save_mapping(w.client, "vps", {**headers, "amount": "B"}, w.viewer)
    assert second.version == 2
    assert (await w.intake.mapping(w.client, "vps", w.viewer)).columns["amount"] == "B"
    with pytest.raises(NotFoundError):
        await w.intake.mapping(w.client, "other", w.viewer)
    data = {
        "Ref": "1",
        "P": "huur",
        "D": "27-02-2026",
        "N": "Vos",
        "G": "01-02-1970",
        "PC": "2711AB",
        "HN": "1",
        "T": "",
    }
    loaded = await w.intake.load(w.campaign, w.file(csv_bytes([data])), w.viewer, columns=headers)
    assert loaded.delivery.counts["taken"] == 1
    guessed, unused = await w.intake.learn_mapping(w.client, "eigen", w.file(csv_bytes([{**row(), "Kleur": "x"}])), CLI)
    assert guessed.columns["phone_1"] == "telefoon 1"
    assert unused == ["Kleur"]


# --- things that go wrong on the way ------------------------------------------------------------------------------


class CutError(Exception):
    """The process is killed here."""


async def test_a_load_that_was_cut_off_goes_on_and_nothing_is_dialled_before(
    w: IntakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(kenmerk=f"Z-{n}", **{"signaal-id": f"S-{n}"}, achternaam="Q" + "x" * n) for n in range(1, 90)]
    rows = rows * 30  # several batches
    rows = [{**r, "signaal-id": f"S-{n}", "kenmerk": f"K-{n}"} for n, r in enumerate(rows)]
    path = w.file(csv_bytes(rows))
    planner = "dialer.services.intake._plan"
    real: Any = __import__("dialer.services.intake", fromlist=["_plan"])._plan
    calls = 0

    def dying(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise CutError
        return real(*args)

    monkeypatch.setattr(planner, dying)
    with pytest.raises(CutError):
        await w.intake.load(w.campaign, path, w.viewer)
    monkeypatch.setattr(planner, real)
    assert await w.one("select state from delivery") == "loading"
    stored = await w.one("select count(*) from signal")
    assert 0 < stored < len(rows)
    case = await w.one("select id from case_file limit 1")
    with pytest.raises(asyncpg.CheckViolationError, match="attempt_delivery_loaded"):
        await w.pool.execute(
            "insert into attempt (id, direction, client_id, campaign_id, case_id, phone_id, number_key, channel_id, "
            "state, live, claimed_at, catalogue_version) "
            "select gen_random_uuid(), 'out', f.client_id, f.campaign_id, f.id, h.id, h.number_key, 'x', "
            "'claimed', true, $2, 1 from case_file f join case_phone cp on cp.case_id = f.id join phone h "
            "on h.id = cp.phone_id where f.id = $1",
            case,
            w.clock.now(),
        )
    loaded = await w.intake.load(w.campaign, path, w.viewer)
    assert loaded.delivery.state == "loaded"
    assert loaded.delivery.counts["taken"] == len(rows)
    assert loaded.delivery.counts["cases"] == await w.one("select count(*) from case_file") == 89
    assert await w.one("select count(*) from signal") == len(rows)
    assert await w.one("select count(*) from delivery") == 1


async def test_two_loads_of_one_file_at_once(w: IntakeWorld, dsn: str) -> None:
    rows = [row(kenmerk=f"Z-{n}", **{"signaal-id": f"S-{n}"}, achternaam="Q" + "x" * n) for n in range(1, 90)]
    path = w.file(csv_bytes(rows))
    async with asyncpg.create_pool(dsn, min_size=1, max_size=4) as pool:
        elsewhere = IntakeService(
            store=DeliveryStore(pool),
            reader=ChildReader(),
            vault=VAULT,
            audit=w.audit,
            clock=w.clock,
            ids=SystemIds(),
            demo=True,
        )  # as another process has it
        results = await asyncio.gather(
            *(service.load(w.campaign, path, w.viewer) for service in (w.intake, elsewhere, w.intake)),
            return_exceptions=True,
        )
    for result in results:
        assert not isinstance(result, BaseException) or isinstance(result, ConflictError), result
    assert await w.one("select count(*) from signal") == 89
    assert await w.one("select count(*) from delivery where state = 'loaded'") == 1
    assert (await w.intake.load(w.campaign, path, w.viewer)).repeated


async def test_two_files_with_the_same_resident_at_once(w: IntakeWorld) -> None:
    files = [w.file(csv_bytes([row(**{"signaal-id": f"S-{n}"})])) for n in range(4)]
    await asyncio.gather(*(w.intake.load(w.campaign, path, w.viewer) for path in files))
    assert await w.one("select count(*) from case_file") == 1
    assert await w.one("select count(*) from signal") == 4


async def test_a_workbook_that_breaks_at_its_end_leaves_nothing_behind(
    w: IntakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dialer.intake.process import ChildStream

    real = ChildStream.batches

    async def breaking(self: ChildStream) -> AsyncIterator[Any]:
        async for batch in real(self):
            yield batch
        raise FileRefusedError("xlsx-broken", "row 3: the workbook cannot be read further", line=3)

    monkeypatch.setattr(ChildStream, "batches", breaking)
    with pytest.raises(FileRefusedError, match="row 3"):
        await w.load(row())
    assert await w.one("select count(*) from case_file where state <> 'recalled'") == 0
    assert await w.one("select count(*) from pii.resident") == 0
    monkeypatch.setattr(ChildStream, "batches", real)
    loaded = await w.load(row())
    assert (loaded.repeated, loaded.delivery.counts["cases"]) == (False, 1)


# --- recall and undo ----------------------------------------------------------------------------------------------


async def test_recall(w: IntakeWorld) -> None:
    wrong = await w.load(row(), row(kenmerk="Z-2", **{"signaal-id": "S-2"}, achternaam="Vos", telefoon_1="0600000002"))
    right = await w.load(row(**{"signaal-id": "S-9"}, signaaldatum="26-02-2026", telefoon_1="0600000001"))
    case = await w.one("select case_id from signal where signal_ref = 'S-2'")
    phone = await w.one("select phone_id from case_phone where case_id = $1", case)
    attempt = await w.one(
        "insert into attempt (id, direction, client_id, campaign_id, case_id, phone_id, number_key, channel_id, state, "
        "live, counted, seq, case_seq, day, claimed_at, dialed_at, outcome, catalogue_version) "
        "select gen_random_uuid(), 'out', f.client_id, f.campaign_id, f.id, h.id, h.number_key, 'x', 'ended', false, "
        "true, 1, 1, $3::timestamptz::date, $3, $3, 'NO_ANSWER', 1 from case_file f, phone h "
        "where f.id = $1 and h.id = $2 returning id",
        case,
        phone,
        w.clock.now(),
    )
    await w.pool.execute(
        "insert into audit_event (at, actor, action, subject_kind, subject_id) values ($1, 'user:x', 'card.read', "
        "'attempt', $2)",
        w.clock.now(),
        str(attempt),
    )
    report = await w.deliveries.recall(wrong.delivery.delivery, "verkeerde lijst", w.viewer)
    assert w.engine.recalled == [(wrong.delivery.delivery, "recalled")]  # told after the commit
    assert report.cases == 1  # the other lives on by its second signal
    assert [(line.attempt, line.client_refs, line.outcome) for line in report.called] == [
        (attempt, ["Z-2"], "NO_ANSWER")
    ]
    assert ("card.read", case) in [(line.action, line.case) for line in report.seen]
    kept = (await w.rows("select * from case_file where state = 'open'"))[0]
    assert kept["delivery_id"] == right.delivery.delivery
    assert kept["term_ends_at"] == datetime(2026, 3, 26, 23, tzinfo=UTC)
    assert await w.one("select count(*) from case_phone where case_id = $1 and state = 'open'", kept["id"]) == 1
    info = await w.store.delivery(wrong.delivery.delivery)
    assert (info.state, info.wrapped_key) == ("recalled", None)
    for table in ("resident", "phone", "signal", "refused_row"):
        assert await w.one(f"select count(*) from pii.{table} where delivery_id = $1", info.delivery) == 0
    assert await w.one("select purpose from audit_event where action = 'delivery.recall'") == "verkeerde lijst"
    # Twice is once, and the same file may be delivered again.
    again = await w.deliveries.recall(wrong.delivery.delivery, "nog eens", w.viewer)
    assert again.cases == 1
    assert await w.one("select count(*) from audit_event where action = 'delivery.recall'") == 1
    anew = await w.load(row(), row(kenmerk="Z-2", **{"signaal-id": "S-2"}, achternaam="Vos", telefoon_1="0600000002"))
    assert (anew.repeated, anew.delivery.counts["taken"]) == (False, 2)


async def test_a_recall_that_was_cut_short_is_finished_at_the_next_start(w: IntakeWorld) -> None:
    loaded = await w.load(row())
    await w.store.mark_recalled(loaded.delivery.delivery, w.clock.now(), None)
    assert await states(w) == ["open"]
    assert await w.deliveries.finish_recalls() == 1
    assert await states(w) == ["recalled"]
    assert await w.deliveries.finish_recalls() == 0


async def test_recall_of_numbers_takes_them_away_again(w: IntakeWorld) -> None:
    await w.load(row(telefoon_1=""))
    numbers = csv_bytes([{"kenmerk": "Z-1", "telefoon": "0600000007"}])
    loaded = await w.intake.load(w.campaign, w.file(numbers), w.viewer, kind="numbers")
    assert await states(w) == ["open"]
    await w.deliveries.recall(loaded.delivery.delivery, "verkeerd bestand", w.viewer)
    assert await states(w) == ["no_number"]
    assert await w.one("select count(*) from pii.phone") == 0


async def test_undo_merge_tells_two_people_apart_for_good(w: IntakeWorld) -> None:
    await w.load(
        row(voorletters="J."), row(kenmerk="Z-2", **{"signaal-id": "S-2"}, voorletters="K.", telefoon_1="0600000002")
    )
    signal = SignalId(await w.one("select id from signal where signal_ref = 'S-2'"))
    old = await w.one("select case_id from signal where id = $1", signal)
    new = await w.deliveries.undo_merge(signal, w.viewer)
    assert new != old
    moved = (await w.rows("select case_id, merged_from from signal where id = $1", signal))[0]
    assert (moved["case_id"], moved["merged_from"]) == (new, old)
    case = (await w.rows("select * from case_file where id = $1", new))[0]
    assert case["state"] == "open"
    box = (await w.rows("select * from pii.resident where resident_id = $1", case["resident_id"]))[0]
    info = await w.store.delivery(case["delivery_id"])
    sealer = VAULT.delivery(w.client, info.client_key, info.delivery, info.wrapped_key)
    who = sealed.resident_data(sealer.open(sealed.RESIDENT, case["resident_id"], box["sealed"]))
    assert who.full_name == "K. van der Berg"
    with pytest.raises(ConflictError):
        await w.deliveries.undo_merge(signal, w.viewer)
    # Next month both get signals again: each goes to its own case.
    await w.load(row(**{"signaal-id": "S-3"}), row(kenmerk="Z-2", **{"signaal-id": "S-4"}, voorletters="K."))
    assert await w.one("select case_id from signal where signal_ref = 'S-3'") == old
    assert await w.one("select case_id from signal where signal_ref = 'S-4'") == new


async def test_signals_of_either_spelling_join_the_case_that_is_kept(w: IntakeWorld) -> None:
    await w.load(row(), row(kenmerk="Z-2", **{"signaal-id": "S-2"}, achternaam="Berch", telefoon_1="0600000002"))
    kept, other = [await w.one("select case_id from signal where signal_ref = $1", ref) for ref in ("S-1", "S-2")]
    assert kept != other
    catalogues = CatalogueStore(w.pool)
    steer = CaseService(PostgresCases(w.pool, catalogues, Rotation()), w.clock)
    await steer.merge(kept, other, "zelfde persoon", "user:1")
    await w.load(  # one crisis, each in a row of its own spelling, with a number that is new to both
        row(**{"signaal-id": "S-3"}, telefoon_1="0600000007", crisis="ja"),
        row(kenmerk="Z-2", **{"signaal-id": "S-4"}, achternaam="Berch", telefoon_1="0600000007"),
    )
    assert await w.one("select count(*) from signal where case_id = $1", kept) == 4
    case = (await w.rows("select * from case_file where id = $1", kept))[0]
    assert case["crisis"]
    assert await w.one("select count(*) from case_phone where case_id = $1", kept) == 3
    assert await w.one("select count(*) from case_file") == 2
    await steer.unmerge(other, "toch twee", "user:1")  # what came meanwhile stays, and is taken out by itself
    assert await w.one("select case_id from signal where signal_ref = 'S-2'") == other
    late = SignalId(await w.one("select id from signal where signal_ref = 'S-4'"))
    assert await w.deliveries.undo_merge(late, w.viewer) not in (kept, other)


async def test_find_campaign(w: IntakeWorld) -> None:
    assert await w.intake.find_campaign("Belactie") == w.campaign
    assert await w.intake.find_campaign(str(w.campaign), "stad") == w.campaign
    with pytest.raises(NotFoundError):
        await w.intake.find_campaign("Onbekend")
    other = await w.world.add_client("dorp", "+31790000002", {})
    await w.world.add_campaign(other, "Belactie")
    with pytest.raises(ConflictError):
        await w.intake.find_campaign("Belactie")


async def test_a_household_s_number_in_both_lanes(w: IntakeWorld) -> None:
    """Residents who share numbers are written by two connections at once."""
    rows = [
        row(
            kenmerk=f"Z-{n}",
            **{"signaal-id": f"S-{n}"},
            achternaam="Q" + "x" * (n % 90),
            postcode=f"27{n // 90:02d}AB",
            telefoon_1=f"06000000{n % 7:02d} / 07900000{n % 5:02d}",
        )
        for n in range(1500)
    ]
    loaded = await w.load(*rows)
    assert loaded.delivery.counts["taken"] == 1500
    assert await w.one("select count(*) from phone") == 12
    assert await w.one("select count(*) from pii.phone") == 12
    assert await w.one("select count(*) from case_phone") == 3000


async def test_citizen_service_numbers_are_refused_unless_the_contract_says_so(w: IntakeWorld) -> None:
    titled = {**row(), "BSN": "111222333"}
    for attempt in (w.load(titled), w.intake.preview(w.campaign, w.file(csv_bytes([titled])), w.viewer)):
        with pytest.raises(FileRefusedError) as refused:
            await attempt
        assert refused.value.reason == "bsn"
    assert await w.one("select count(*) from delivery") == 0
    # Under another heading: eight references that pass the check are no accident.
    bsns = ("111222333", "123456782", "999996769", "100000009", "111111110")
    rows = [row(kenmerk=bsns[n % 5], **{"signaal-id": f"S-{n}"}) for n in range(9)]
    with pytest.raises(FileRefusedError) as refused:
        await w.load(*rows)
    assert refused.value.reason == "bsn"
    assert await w.one("select count(*) from pii.resident") == await w.one("select count(*) from signal") == 0
    await w.pool.execute("""update client set settings = '{"bsn_allowed": 1}'""")
    assert (await w.load(*rows)).delivery.counts["taken"] == 9
    assert (await w.load({**titled, "signaal-id": "S-99"})).delivery.counts["taken"] == 1
