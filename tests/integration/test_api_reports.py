"""Reports over HTTP: who may ask, see and open what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dialer.services.access import Role
from tests.support.api import Centre, Visitor, centre
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
