"""Bills over HTTP: the administrator keeps them, a client sees its own, others nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialer.services.access import Role
from tests.support.api import Centre, centre
from tests.support.rows import Rows, add_rows

TARIFF = {"valid_from": "2026-04-01", "price": "12.50", "vat_percent": "21", "note": "art. 6"}


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path / "spool") as built:
        yield built


@pytest.fixture
async def rows(api: Centre) -> Rows:
    return await add_rows(api.pool, await api.client("zoetermeer"), api.clock.now())


async def test_who_may_what(api: Centre, rows: Rows) -> None:
    for role in (Role.AGENT, Role.SUPERVISOR, Role.QUALITY, Role.MONITOR):
        assert (await (await api.person(role))("listBills")).status == 403
    theirs = await api.person(Role.CLIENT, rows.client)
    assert [one["id"] for one in (await theirs("listBills")).json["items"]] == [str(rows.bill)]
    assert (await theirs("listTariffs", client=rows.client)).json["items"][0]["price"] == "12.50"
    for operation, body in (
        ("setTariff", TARIFF),
        ("closeMonth", {"month": "2026-03-01"}),
        ("indexTariff", {"year": 2027, "before": "100", "after": "103.1", "source": "CPI"}),
    ):
        assert (await theirs(operation, client=rows.client, json=body)).status == 403
    assert (await theirs("creditBill", bill=rows.bill, json={"references": None, "reason": "x"})).status == 403
    stranger = await api.person(Role.CLIENT, await api.client("delft"))
    assert (await stranger("listBills", query={"client": str(rows.client)})).json == {"items": []}
    assert (await stranger("downloadBill", bill=rows.bill)).status == 404
    assert (await stranger("listTariffs", client=rows.client)).status == 404
    assert (await stranger("getBillDraft", client=rows.client, query={"month": "2026-03-01"})).status == 404


async def test_tariffs_and_their_index(api: Centre, rows: Rows) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    made = await boss("setTariff", client=rows.client, json=TARIFF)
    assert (made.status, made.json["items"][0]["note"]) == (201, "art. 6")
    bare = {key: value for key, value in TARIFF.items() if key != "note"} | {"valid_from": "2026-03-31"}
    made = await boss("setTariff", client=rows.client, json=bare)
    assert made.status == 201, "without a note"
    assert [one["note"] for one in made.json["items"] if one["valid_from"] == "2026-03-31"] == [""]
    lacks = await boss("setTariff", client=rows.client, json={"note": "x"})
    assert [one["field"] for one in lacks.json["errors"]] == ["/valid_from", "/price", "/vat_percent"]
    index = {"year": 2027, "before": "126.34", "after": "130.51", "source": "CBS CPI oktober"}
    made = await boss("indexTariff", client=rows.client, json=index)
    newest = made.json["items"][0]
    assert (newest["valid_from"], newest["price"], newest["index"]["exact"]) == ("2027-01-01", "12.91", "12.912577")
    for field, value in (("price", "12.505"), ("price", "0"), ("vat_percent", "101"), ("price", "-1"), ("price", 12.5)):
        assert (await boss("setTariff", client=rows.client, json={**TARIFF, field: value})).status == 422
    for field, value in (("before", "0"), ("source", " "), ("year", 1999)):
        assert (await boss("indexTariff", client=rows.client, json={**index, field: value})).status == 422
    billed = await boss("setTariff", client=rows.client, json={**TARIFF, "valid_from": "2026-02-01"})
    assert (billed.status, billed.code) == (409, "billed-already")
    assert (await boss("setTariff", client=api.new_id(), json=TARIFF)).status == 404


async def test_a_month_its_files_and_its_credit_note(api: Centre, rows: Rows) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    month = {"month": "2026-03-01"}
    draft = await boss("getBillDraft", client=rows.client, query=month)
    assert (draft.json["closable"], draft.json["gross"]) == (False, "0.00")
    early = await boss("closeMonth", client=rows.client, json=month)
    assert (early.status, early.code) == (409, "month-open")
    api.clock.at = datetime(2026, 4, 1, 12, tzinfo=UTC)
    boss = await api.person(Role.ADMINISTRATOR)
    closed = await boss("closeMonth", client=rows.client, json=month, headers={"Idempotency-Key": "close-march-0001"})
    again = await boss("closeMonth", client=rows.client, json=month, headers={"Idempotency-Key": "close-march-0001"})
    assert (closed.status, again.json) == (201, closed.json)
    twice = await boss("closeMonth", client=rows.client, json=month)
    assert (twice.status, twice.code) == (409, "month-closed")
    assert (await boss("closeMonth", client=rows.client, json={"month": "2026-02-02"})).status == 422
    for format_, begin in (("pdf", b"%PDF-"), ("csv", "\ufeffkenmerk".encode()), ("xlsx", b"PK")):
        file = await boss("downloadBill", bill=rows.bill, query={"format": format_})
        assert file.raw.startswith(begin)
    wrong = await boss("creditBill", bill=rows.bill, json={"references": ["Z-9"], "reason": "dubbel"})
    assert wrong.status == 422
    made = await boss("creditBill", bill=rows.bill, json={"references": ["Z-1"], "reason": "dubbel"})
    assert (made.status, made.json["gross"], made.json["records"]) == (201, "-15.13", -1)
    assert made.json["credits"] == str(rows.bill)
    back = await boss("creditBill", bill=made.json["id"], json={"references": None, "reason": "terug"})
    assert (back.status, back.code) == (409, "billed-already")


async def test_without_a_tariff_for_the_day_nothing_is_closed(api: Centre) -> None:
    client = await api.client("delft")
    rows = await add_rows(api.pool, client, api.clock.now())
    await api.pool.execute("delete from tariff")
    await api.pool.execute("update case_file set state = 'open'")
    async with api.pool.acquire() as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute("delete from bill_line")
    boss = await api.person(Role.ADMINISTRATOR)
    answer = await boss("getBillDraft", client=rows.client, query={"month": "2026-03-01"})
    assert (answer.status, answer.code) == (409, "no-tariff")
