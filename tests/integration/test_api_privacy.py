"""Privacy over HTTP: what is held for administrators, residents for the privacy officer alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.services.access import Role
from tests.support.api import Centre, centre
from tests.support.rows import Rows, add_rows


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path / "spool") as built:
        yield built


@pytest.fixture
async def rows(api: Centre) -> Rows:
    return await add_rows(api.pool, await api.client("zoetermeer"), api.clock.now())


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.QUALITY, Role.MONITOR])
async def test_others_see_none_of_it(api: Centre, role: Role) -> None:
    person = await api.person(role)
    assert (await person("getPrivacyRegister")).status == 403
    assert (await person("listPrivacyRequests")).status == 403


async def test_an_administrator_sees_what_is_held_and_no_resident(api: Centre, rows: Rows) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    shown = await boss("getPrivacyRegister", query={"client": str(rows.client)})
    assert shown.json["unclassed"] == []
    (who,) = [one for one in shown.json["items"] if one["table"] == "pii.resident" and one["kind"] == "sealed"]
    assert who["columns"] == ["sealed"]
    assert "90 dagen" in who["term"]
    file = await boss("downloadPrivacyRegister", query={"format": "csv"})
    assert file.status == 200
    assert (await boss("listKeptDeliveries", client=rows.client)).json == {"items": []}  # its key is gone
    for operation in ("previewErasure", "openPrivacyRequest"):
        body = None if operation == "previewErasure" else {"kind": "file", "received_on": "2026-03-01", "reason": "x"}
        assert (await boss(operation, resident=rows.resident, json=body)).status == 403


async def test_the_privacy_officer_does_what_a_resident_asks(api: Centre, rows: Rows) -> None:
    officer = await api.person(Role.PRIVACY)
    found = await officer("findResidents", client=rows.client, json={"reference": "K-Maart", "purpose": "verzoek"})
    assert [one["id"] for one in found.json["items"]] == [str(rows.resident)]
    asked = await officer(
        "openPrivacyRequest",
        resident=rows.resident,
        json={"kind": "restrict", "received_on": "2026-03-01", "reason": "verzoek"},
    )
    assert (asked.status, asked.json["due_on"]) == (201, "2026-04-01")
    assert (await officer("previewErasure", resident=rows.resident)).status == 200
    request = asked.json["id"]
    assert (await officer("downloadResidentFile", privacy_request=request)).status == 409
    assert (await officer("downloadResidentFile", privacy_request=rows.privacy_request)).status == 200
    late = await officer(
        "movePrivacyRequest", privacy_request=request, headers={"If-Match": '"7"'}, json={"step": "refuse", "text": "x"}
    )
    assert late.status == 412
    moved = await officer(
        "movePrivacyRequest",
        privacy_request=request,
        headers={"If-Match": '"1"'},
        json={"step": "extend", "text": "veel werk"},
    )
    assert (moved.json["state"], moved.json["due_on"]) == ("extended", "2026-06-01")
    done = await officer("carryOutPrivacyRequest", privacy_request=request, headers={"If-Match": '"2"'}, json={})
    assert done.json["request"]["state"] == "done"
    again = await officer("carryOutPrivacyRequest", privacy_request=request, headers={"If-Match": '"3"'}, json={})
    assert (again.status, again.json["code"]) == (409, "illegal-transition")
    listed = await officer("listPrivacyRequests", query={"open": "false"})
    assert [one["id"] for one in listed.json["items"]] == [request]


async def test_what_is_left_before_a_contract_ends_and_its_report(api: Centre, rows: Rows) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    left = (await boss("getContractEnd", client=rows.client)).json
    assert {"cases", "requests"} <= {one["what"] for one in left["left"]}
    assert (left["ended_on"], left["after_care_until"]) == (None, None)
    assert (await boss("downloadEndReport", client=rows.client, query={"format": "xlsx"})).status == 200
    await api.pool.execute(
        "insert into client_end (client_id, ended_on, after_care_until, certificate, at) values ($1, '2026-03-02', "
        """'2026-09-02', '{"ended_on": "2026-03-02", "after_care_until": "2026-09-02"}', $2)""",
        rows.client, api.clock.now(),
    )  # fmt: skip
    ended = (await boss("getContractEnd", client=rows.client)).json
    assert (ended["ended_on"], ended["after_care_until"]) == ("2026-03-02", "2026-09-02")
    agent = await api.person(Role.AGENT)
    assert (await agent("getContractEnd", client=rows.client)).status == 403
