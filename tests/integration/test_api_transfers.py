"""Transfers and their targets over HTTP: who may, what is kept, what is audited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from dialer.services.access import Role
from tests.support.api import Centre, centre
from tests.support.fake_colleagues import MILA, FakeColleagues
from tests.support.fake_transfers import DESK, FakeTransfers

NEW = {"kind": "interpreter", "name": "Tolkenlijn", "number": "079 000 00 10", "languages": ["ar"]}


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


async def test_a_supervisor_keeps_the_list_and_each_change_is_audited(api: Centre) -> None:
    client = await api.client("zoetermeer")
    boss = await api.person(Role.SUPERVISOR)
    made = await boss("createTransferTarget", client=client, json=NEW)
    assert made.status == 201, made.raw
    row = made.json
    assert (row["number"], row["hours"][0], row["hours"][6]) == ("+31790000010", [["09:00", "17:00"]], [])
    changed = await boss(
        "updateTransferTarget", transfer_target=row["id"], json={"active": False}, headers={"If-Match": '"1"'}
    )
    assert (changed.status, changed.json["active"], changed.json["version"]) == (200, False, 2)
    late = await boss(
        "updateTransferTarget", transfer_target=row["id"], json={"active": True}, headers={"If-Match": '"1"'}
    )
    assert late.status == 412, late.raw
    listed = await boss("listTransferTargets", client=client)
    assert [one["name"] for one in listed.json["items"]] == ["Tolkenlijn"]
    actions = await api.pool.fetch(
        "select action from audit_event where action like 'transfer_target.%' order by at, id"
    )
    assert [one["action"] for one in actions] == ["transfer_target.add", "transfer_target.change"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "0900 12345"),
        ("number", "+49 30 1234567"),
        ("number", "0612345678; Action: Hangup"),
        ("languages", ["xx", "ar", "AR"]),
        ("hours", [[["17:00", "09:00"]], [], [], [], [], [], []]),
        ("protocol", "Bel 112"),
    ],
)
async def test_what_cannot_be_rung_or_read_is_refused(api: Centre, field: str, value: object) -> None:
    client = await api.client("zoetermeer")
    boss = await api.person(Role.SUPERVISOR)
    answer = await boss("createTransferTarget", client=client, json={**NEW, field: value})
    assert answer.status in (400, 422), answer.raw
    assert await api.pool.fetchval("select count(*) from transfer_target") == 0


async def test_an_agent_gives_a_call_away_and_never_sees_a_number(api: Centre) -> None:
    agent = await api.person(Role.AGENT)
    transfers = api.deps.transfers
    assert isinstance(transfers, FakeTransfers)
    attempt = uuid4()
    shown = await agent("getTransferChoices", attempt=attempt)
    assert b"+31" not in shown.raw
    begun = await agent("startTransfer", attempt=attempt, json={"way": "warm", "target": str(DESK)})
    assert (begun.status, begun.json["state"]) == (201, "holding")
    moved = await agent("moveTransfer", attempt=attempt, json={"step": "gather"})
    assert moved.json["state"] == "gathering"
    wrong = await agent("moveTransfer", attempt=attempt, json={"step": "handed"})
    assert wrong.status in (400, 422)
    transfers.refusal = "transfer-closed"
    refused = await agent("startTransfer", attempt=attempt, json={"way": "blind", "colleague": str(UUID(int=9))})
    assert (refused.status, refused.code) == (409, "transfer-closed")


async def test_an_agent_calls_a_colleague_and_nobody_else_may(api: Centre) -> None:
    agent = await api.person(Role.AGENT)
    colleagues = api.deps.colleagues
    assert isinstance(colleagues, FakeColleagues)
    listed = await agent("listColleagues")
    assert [(one["name"], one["state"]) for one in listed.json["items"]] == [("Mila", "available")]
    rung = await agent("callColleague", json={"colleague": str(MILA)})
    assert (rung.status, rung.json["state"]) == (201, "ringing")
    assert (await agent("moveColleagueCall", json={"step": "end"})).json["why"] == "cancelled"
    assert (await agent("moveColleagueCall", json={"step": "met"})).status in (400, 422)  # a fact is nobody's wish
    colleagues.refusal = "colleague-busy"
    refused = await agent("callColleague", json={"colleague": str(MILA)})
    assert (refused.status, refused.code) == (409, "colleague-busy")
    visitor = await api.person(Role.MONITOR)
    assert (await visitor("callColleague", json={"colleague": str(MILA)})).status == 403


async def test_who_asks_for_a_colleague_is_seen(api: Centre) -> None:
    agent = await api.person(Role.AGENT)
    assert (await agent("askHelp")).json["help_since"] is not None
    assert await api.pool.fetchval("select count(*) from audit_event where action = 'help.ask'") == 1
