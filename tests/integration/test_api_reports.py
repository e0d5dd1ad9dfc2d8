"""Reports over HTTP: who may ask, see and open what."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from dialer.services.access import Role
from tests.support.api import Centre, Visitor, centre
from tests.support.pictures import png
from tests.support.rows import Rows, add_rows

MONTH = {"first_day": "2026-03-01", "last_day": "2026-03-31"}


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path / "spool") as built:
        yield built


@pytest.fixture
async def rows(api: Centre) -> Rows:
    return await add_rows(api.pool, await api.client("zoetermeer"), api.clock.now())


async def _ask(who: Visitor, **more: Any) -> Any:
    return await who("askReport", json={**MONTH, **more})


async def test_each_role_sees_what_is_its_own(api: Centre, rows: Rows) -> None:
    other = await add_rows(api.pool, await api.client("delft"), api.clock.now(), "April")
    for role in (Role.AGENT, Role.MONITOR):
        assert (await _ask(await api.person(role), client=str(rows.client))).status == 403
    for role in (Role.SUPERVISOR, Role.QUALITY, Role.ADMINISTRATOR):
        who = await api.person(role)
        assert (await _ask(who)).status == 422, "of whom?"
        made = await _ask(who, client=str(rows.client), campaign=str(rows.campaign))
        assert made.status == 201
        assert made.json["whole"] is (role is not Role.ADMINISTRATOR)
        assert made.json["total"]["counts"]["delivered"] == (None if role is Role.ADMINISTRATOR else 1)
        assert (await who("getReport", report=made.json["id"])).json == made.json
        assert {one["id"] for one in (await who("listReports")).json["items"]} >= {made.json["id"], str(other.report)}
        opened = await who("listReportRecords", report=made.json["id"], query={"measure": "delivered"})
        assert opened.status == (403 if role is Role.ADMINISTRATOR else 200)
        if role is not Role.ADMINISTRATOR:
            assert [one["case"] for one in opened.json["items"]] == [str(rows.case)]
        week = await _ask(who, client=str(rows.client), last_day="2026-03-08")
        assert week.status == (422 if role is Role.ADMINISTRATOR else 201)


async def test_a_client_sees_itself_alone(api: Centre, rows: Rows) -> None:
    other = await add_rows(api.pool, await api.client("delft"), api.clock.now(), "April")
    theirs = await api.person(Role.CLIENT, rows.client)
    made = await _ask(theirs)
    assert (made.status, made.json["client"], made.json["campaign"]) == (201, str(rows.client), None)
    assert (await _ask(theirs, client=str(other.client))).status == 404
    assert (await _ask(theirs, campaign=str(other.campaign))).status == 404
    assert (await theirs("getReport", report=other.report)).status == 404
    assert (await theirs("listReportRecords", report=other.report, query={"measure": "net"})).status == 404
    assert (await theirs("listAdjustments", campaign=other.campaign)).status == 404
    assert str(other.report) not in [one["id"] for one in (await theirs("listReports")).json["items"]]
    assert (await theirs("addAdjustment", campaign=rows.campaign, json={})).status == 403
    assert (await theirs("listExpectedReach")).json == {"items": []}  # its campaign has not begun


async def test_what_was_agreed_is_written_down_once_and_stays(api: Centre, rows: Rows) -> None:
    boss, theirs = await api.person(Role.SUPERVISOR, login="anna"), await api.person(Role.CLIENT, rows.client)
    said = {"agreed_on": "2026-03-01", "agreed_with": "teamleider", "agreed": "Ook op zaterdag"}
    key = {"Idempotency-Key": "afspraak-1"}
    first = await boss("addAdjustment", campaign=rows.campaign, json=said, headers=key)
    assert first.status == 201
    assert (await boss("addAdjustment", campaign=rows.campaign, json=said, headers=key)).json == first.json
    (line,) = (await boss("listAdjustments", campaign=rows.campaign)).json["items"]
    assert {name: line[name] for name in (*said, "by")} == {**said, "by": "Anna"}
    (shown,) = (await theirs("listAdjustments", campaign=rows.campaign)).json["items"]
    assert shown["by"] == ""
    future = await boss("addAdjustment", campaign=rows.campaign, json={**said, "agreed_on": "2026-03-09"})
    assert future.status == 422
    await api.pool.execute("update campaign set state = 'running' where id = $1", rows.campaign)
    (now,) = (await theirs("listExpectedReach")).json["items"]
    assert (now["campaign"], now["verdict"]) == (str(rows.campaign), "unknown")


async def test_the_work_of_a_report_and_what_is_agreed_for_it(api: Centre, rows: Rows) -> None:
    other = await add_rows(api.pool, await api.client("delft"), api.clock.now(), "April")
    theirs, boss = await api.person(Role.CLIENT, rows.client), await api.person(Role.SUPERVISOR)
    admin, agent = await api.person(Role.ADMINISTRATOR), await api.person(Role.AGENT)
    report = (await _ask(boss, client=str(rows.client))).json["id"]
    for who, whole in ((theirs, True), (boss, True), (admin, False)):
        shown = await who("getReportOperations", report=report)
        assert (shown.status, shown.json["whole"]) == (200, whole)
        team = next(one for one in shown.json["sections"] if one["key"] == "team")
        assert ("occupancy" in [one["key"] for one in team["figures"]]) is (who is not theirs)
        results = next(one for one in shown.json["sections"] if one["key"] == "results")
        assert results["total"]["values"]["cases"] == (1 if whole else 0)
    assert (await agent("getReportOperations", report=report)).status == 403
    assert (await theirs("getReportOperations", report=other.report)).status == 404
    figure = {"section": "results", "figure": "cases"}
    opened = await theirs("listOperationRecords", report=report, query=figure)
    assert [(one["kind"], one["case"]) for one in opened.json["items"]] == [("case", str(rows.case))]
    assert (await admin("listOperationRecords", report=report, query=figure)).status == 403
    assert (await theirs("listOperationRecords", report=other.report, query=figure)).status == 404
    wrong = await boss("listOperationRecords", report=report, query={"section": "schuld", "figure": "cases"})
    assert wrong.status == 422
    agreed = {"kpis": {"service_level": {"target": 0.9, "band": 0.02}}}
    assert (await boss("agreeKpis", client=rows.client, json=agreed)).status == 403
    kept = await admin("agreeKpis", client=rows.client, json=agreed)
    assert kept.status == 200
    for who in (theirs, boss):
        assert (await who("getKpis", client=rows.client)).json == kept.json
    assert [one["key"] for one in kept.json["items"] if not one["usual"]] == ["service_level"]
    assert (await theirs("getKpis", client=other.client)).status == 404
    refused = await admin("agreeKpis", client=rows.client, json={"kpis": {"lost": {"target": 2, "band": 0}}})
    assert refused.status == 422
    earlier = await boss("getReportOperations", report=report)
    assert all(one["usual"] for one in earlier.json["kpis"]), "a report keeps what was agreed in its time"


async def test_a_report_as_a_file_for_who_may_see_it_with_the_clients_logo(api: Centre, rows: Rows) -> None:
    theirs, admin = await api.person(Role.CLIENT, rows.client), await api.person(Role.ADMINISTRATOR)
    boss, agent = await api.person(Role.SUPERVISOR), await api.person(Role.AGENT)
    report = (await _ask(boss, client=str(rows.client))).json["id"]
    logo = {"png": base64.b64encode(png()).decode()}
    assert (await boss("setClientLogo", client=rows.client, json=logo)).status == 403
    assert (await admin("setClientLogo", client=rows.client, json={"png": "geen"})).status == 422
    assert (await theirs("getClientLogo", client=rows.client)).json == {"logo": False}
    plain = await theirs("downloadReport", report=report, query={"format": "pdf"})
    assert (await admin("setClientLogo", client=rows.client, json=logo)).json == {"logo": True}
    for who in (theirs, boss, admin):
        pdf = await who("downloadReport", report=report, query={"format": "pdf"})
        assert (pdf.status, pdf.raw[:5]) == (200, b"%PDF-")
        assert (b"/Subtype /Image" in pdf.raw, b"/Subtype /Image" in plain.raw) == (True, False)
    book = load_workbook(BytesIO((await theirs("downloadReport", report=report)).raw))
    results = [[cell.value for cell in row] for row in book["Resultaten per inwoner"].iter_rows()]
    assert results[-1] == ["Totaal", 1, 1]
    team = [cell.value for cell in book["Gesprekstijd en bezetting"][3]]
    assert "Bezettingsgraad" not in team
    coarse = load_workbook(BytesIO((await admin("downloadReport", report=report)).raw))
    assert [[cell.value for cell in row] for row in coarse["Resultaten per inwoner"].iter_rows()][-1][1] == 0
    assert (await agent("downloadReport", report=report)).status == 403
    other = await add_rows(api.pool, await api.client("delft"), api.clock.now(), "April")
    assert (await theirs("downloadReport", report=other.report)).status == 404
    assert (await theirs("getClientLogo", client=other.client)).status == 404
    assert (await admin("setClientLogo", client=rows.client, json={"png": None})).json == {"logo": False}
    told = await api.pool.fetch(
        "select action, detail::text from audit_event where action in ('report.file', 'client.logo') order by id"
    )
    assert [row["action"] for row in told].count("report.file") == 6
    assert told[-1]["detail"] == '{"bytes": 0}'
