"""The client's own people over HTTP: the start page, the lists, marks, downloads, and nothing of another client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from dialer.intake.tables import FileTables
from dialer.services.access import OPERATIONS, PERMISSIONS, Permission, Role
from tests.integration.test_questions import with_keys
from tests.support.api import SPEC, Centre, Visitor, centre
from tests.support.rows import Rows

OPERATIONS_OF_CLIENTS = sorted(
    operation for operation, needed in OPERATIONS.items() if needed in (Permission.FOLLOW_UP, Permission.QUESTION)
)


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    def real(deps: Any) -> Any:
        return replace(deps, tables=cast(Any, FileTables()))

    async with centre(dsn, tmp_path / "spool", swap=real) as built:
        yield built


@pytest.fixture
async def rows(api: Centre) -> Rows:
    built = await with_keys(api, await api.client("zoetermeer"), "Maart")
    await _not_reached(api, built)
    return built


@pytest.fixture
async def town(api: Centre, rows: Rows) -> Visitor:
    return await api.person(Role.CLIENT, rows.client)


async def _not_reached(api: Centre, rows: Rows) -> None:
    await api.pool.execute("update campaign set state = 'running' where id = $1", rows.campaign)
    await api.pool.execute(
        "update case_file set state = 'not_reached', outcome = 'NOT_REACHED', closed_at = $2, plan_ends_at = $2,"
        " result_version = 1 where id = $1",
        rows.case,
        api.clock.now(),
    )


async def test_the_start_page_counts_what_waits(api: Centre, rows: Rows, town: Visitor) -> None:
    home = (await town("getClientHome")).json
    assert [(one["name"], one["state"], one["share"], one["promised"]) for one in home["campaigns"]] == [
        ("Maart", "running", 0.075, 0.55)
    ]
    assert {one["list"]: one["open"] for one in home["lists"]} == {"to_visit": 1, "appointment": 0, "decision": 0}
    assert home["questions"] == {"open": 0, "answered": 0, "unread": 0}
    assert (home["scripts_waiting"], home["knowledge_waiting"]) == (1, 1)
    other = await with_keys(api, await api.client("leiden"), "April")
    await _not_reached(api, other)
    assert (await town("getClientHome")).json["lists"] == home["lists"]


async def test_marked_over_http_and_taken_back(api: Centre, rows: Rows, town: Visitor) -> None:
    [line] = (await town("listFollowUps", query={"list": "to_visit"})).json["items"]
    tag = {"If-Match": f'"{line["version"]}"'}
    early = await town("markFollowUp", case=rows.case, json={"mark": "kept"}, headers=tag)
    assert (early.status, early.code) == (409, "not-on-list")
    old = await town("markFollowUp", case=rows.case, json={"mark": "letter"}, headers={"If-Match": '"9"'})
    assert (old.status, old.code) == (412, "changed-since")
    assert (await town("markFollowUp", case=rows.case, json={"mark": "letter"})).status == 428
    body = {"mark": "letter", "reason": "Tweede brief"}
    marked = await town("markFollowUp", case=rows.case, json=body, headers=tag)
    assert marked.json["line"]["done_at"] is not None
    assert marked.headers["ETag"] == f'"{line["version"] + 1}"'
    assert (await town("listFollowUps", query={"list": "to_visit"})).json["items"] == []
    done = (await town("listFollowUps", query={"list": "to_visit", "done": "true"})).json["items"]
    assert [one["mark"] for one in done] == ["letter"]
    undone = await town("undoFollowUp", case=rows.case)
    assert undone.json["line"]["done_at"] is None
    assert undone.json["marks"][0]["reason"] == "Tweede brief"
    assert (await town("undoFollowUp", case=rows.case)).code == "undo-too-late"


async def test_a_file_of_a_list_does_no_harm_and_is_audited(api: Centre, rows: Rows, town: Visitor) -> None:
    await api.pool.execute("update signal set client_ref = '=1+1' where case_id = $1", rows.case)
    answer = await town("downloadFollowUps", query={"list": "to_visit"})
    assert "'=1+1" in answer.raw.decode("utf-8-sig")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="te-bezoeken-2026-03-02.csv"'
    sheet = await town("downloadFollowUps", query={"list": "decision", "format": "xlsx"})
    assert sheet.raw[:2] == b"PK"
    looks = await api.pool.fetch("select client_id, detail::text from audit_event where action = 'follow_up.download'")
    assert [row["client_id"] for row in looks] == [rows.client] * 2


async def test_what_is_asked_for_wrongly_is_refused(town: Visitor) -> None:
    for query in ({}, {"list": "all"}, {"list": "to_visit", "order": "name"}, {"list": "to_visit", "cursor": "x"}):
        answer = await town("listFollowUps", query=query)
        assert (answer.status, answer.code) == (422, "invalid"), query


@pytest.mark.parametrize("operation", OPERATIONS_OF_CLIENTS)
async def test_another_clients_case_does_not_exist(api: Centre, rows: Rows, operation: str) -> None:
    stranger = await api.person(Role.CLIENT, (await with_keys(api, await api.client("leiden"), "April")).client)
    found = SPEC.operations[operation]
    headers = {"If-Match": '"1"'}
    body = {"markFollowUp": {"mark": "letter"}, "writeQuestion": {"text": "?"}, "readQuestion": {"number": 1}}
    if "{case}" in found.path:
        answer = await stranger(operation, case=rows.case, json=body.get(operation), headers=headers)
        assert (answer.status, answer.code) == (404, "not-found")
    else:  # lists: another client's campaign or reference narrows to nothing
        query = {
            "listFollowUps": {"list": "to_visit", "reference": "K-Maart"},
            "downloadFollowUps": {"list": "to_visit"},
        }
        answer = await stranger(operation, query=query.get(operation))
        assert answer.status == 200
        assert b"K-Maart" not in answer.raw
        assert str(rows.case).encode() not in answer.raw
    assert await api.pool.fetchval("select count(*) from follow_up_mark") == 0
    assert await api.pool.fetchval("select count(*) from question") == 0


async def test_lists_and_marks_are_the_clients_own(api: Centre, rows: Rows) -> None:
    assert {role for role in Role if Permission.FOLLOW_UP in PERMISSIONS[role]} == {Role.CLIENT}
    boss = await api.person(Role.SUPERVISOR)
    for operation in ("getClientHome", "listFollowUps"):
        assert (
            await boss(operation, query={"list": "to_visit"} if operation == "listFollowUps" else None)
        ).status == 403
