"""A record sent back with a question over HTTP: whose turn it is, who reads what, and what nobody ever keeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dialer.domain.ids import ClientId, DeliveryId
from dialer.domain.question import MOST_MESSAGES
from dialer.services.access import Role
from tests.support.api import Centre, Visitor, centre
from tests.support.intake import VAULT
from tests.support.rows import Rows, add_rows


async def with_keys(api: Centre, client: ClientId, name: str) -> Rows:
    """One of everything, with keys that open."""
    rows = await add_rows(api.pool, client, api.clock.now(), name)
    key = VAULT.new_client_key(client)
    await api.pool.execute("update client set wrapped_key = $2 where id = $1", client, key)
    delivery = VAULT.new_delivery_key(client, key, DeliveryId(rows.delivery))
    await api.pool.execute("update delivery set wrapped_key = $2 where id = $1", rows.delivery, delivery)
    return rows


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path / "spool") as built:
        yield built


@pytest.fixture
async def rows(api: Centre) -> Rows:
    return await with_keys(api, await api.client("zoetermeer"), "Maart")


@pytest.fixture
async def town(api: Centre, rows: Rows) -> Visitor:
    return await api.person(Role.CLIENT, rows.client, login="gea")


@pytest.fixture
async def boss(api: Centre) -> Visitor:
    return await api.person(Role.SUPERVISOR, login="mila")


async def _waits(visitor: Visitor, where: str = "getDay") -> tuple[int, int, int]:
    counts = (await visitor(where)).json["questions"]
    return counts["open"], counts["answered"], counts["unread"]


async def test_a_question_is_asked_answered_read_and_closed(
    api: Centre, rows: Rows, town: Visitor, boss: Visitor
) -> None:
    assert (await town("getQuestion", case=rows.case)).json == {"line": None, "messages": []}
    asked = await town("writeQuestion", case=rows.case, json={"text": "Klopt het nummer? \n Zij is verhuisd."})
    assert (asked.status, asked.json["line"]["state"], asked.json["line"]["unread"]) == (201, "open", 0)
    assert await _waits(boss) == (1, 0, 1)
    assert await _waits(town, "getClientHome") == (1, 0, 0)
    [line] = (await boss("listQuestions", query={"state": "open"})).json["items"]
    assert (line["case"], line["client_refs"], line["unread"], line["messages"]) == (
        str(rows.case),
        ["K-Maart"],
        1,
        1,
    )
    [message] = (await boss("getQuestion", case=rows.case)).json["messages"]
    assert (message["side"], message["by"], message["text"]) == (
        "client",
        "Gea",
        "Klopt het nummer? \n Zij is verhuisd.",
    )
    assert (await boss("readQuestion", case=rows.case, json={"number": 1})).status == 204
    assert await _waits(boss) == (1, 0, 0)  # read, and still to be answered

    api.clock.forward(hours=1)
    await boss("writeQuestion", case=rows.case, json={"text": "We hebben het nummer gesloten."})
    await boss("writeQuestion", case=rows.case, json={"text": "Komt er een nieuw nummer?"})
    assert await _waits(boss) == (0, 1, 0)
    assert await _waits(town, "getClientHome") == (0, 1, 1)
    thread = (await town("getQuestion", case=rows.case)).json
    assert thread["line"]["unread"] == 2
    assert [one["by"] for one in thread["messages"]] == ["Gea", "", ""]  # our people's names are not for clients
    await town("readQuestion", case=rows.case, json={"number": 3})
    await town("readQuestion", case=rows.case, json={"number": 1})  # never back
    assert await _waits(town, "getClientHome") == (0, 1, 0)

    closed = await town("closeQuestion", case=rows.case)
    assert closed.json["line"]["state"] == "closed"
    assert (await town("closeQuestion", case=rows.case)).status == 200  # twice is once
    assert (await boss("listQuestions", query={"state": "answered"})).json["items"] == []
    again = await town("writeQuestion", case=rows.case, json={"text": "Toch nog iets."})
    assert again.json["line"]["state"] == "open"
    actions = await api.pool.fetch("select action from audit_event where action like 'question.%' order by id")
    assert [row["action"] for row in actions if row["action"] != "question.read"] == [
        "question.write", "question.write", "question.write", "question.close", "question.write",
    ]  # fmt: skip


async def test_a_supervisor_may_ask_first(rows: Rows, town: Visitor, boss: Visitor) -> None:
    asked = await boss("writeQuestion", case=rows.case, json={"text": "Is dit signaal nog van kracht?"})
    assert asked.json["line"]["state"] == "answered"  # the client's turn
    assert await _waits(town, "getClientHome") == (0, 1, 1)


async def test_what_may_not_be_written(rows: Rows, town: Visitor) -> None:
    for text, code in (("   ", "invalid"), ("x" * 2001, "invalid"), ("BSN 111222333", "bsn")):
        answer = await town("writeQuestion", case=rows.case, json={"text": text})
        assert (answer.status, answer.code) == (422, code)
    assert (await town("getQuestion", case=rows.case)).json["line"] is None
    assert (await town("closeQuestion", case=rows.case)).status == 404


async def test_one_key_is_one_message_and_two_at_once_are_two(rows: Rows, town: Visitor, boss: Visitor) -> None:
    key = {"Idempotency-Key": "vraag-0001"}
    for _ in range(2):
        await town("writeQuestion", case=rows.case, json={"text": "Eenmaal"}, headers=key)
    await asyncio.gather(
        town("writeQuestion", case=rows.case, json={"text": "Van de gemeente"}),
        boss("writeQuestion", case=rows.case, json={"text": "Van ons"}),
    )
    messages = (await boss("getQuestion", case=rows.case)).json["messages"]
    assert [one["number"] for one in messages] == [1, 2, 3]


async def test_a_thread_is_full_at_last(api: Centre, rows: Rows, town: Visitor) -> None:
    await town("writeQuestion", case=rows.case, json={"text": "Een"})
    await api.pool.execute("update question set messages = $1", MOST_MESSAGES)
    answer = await town("writeQuestion", case=rows.case, json={"text": "Nog een"})
    assert (answer.status, answer.code) == (409, "thread-full")


async def test_nobody_else_sees_a_word_of_it(api: Centre, rows: Rows, town: Visitor, boss: Visitor) -> None:
    await town("writeQuestion", case=rows.case, json={"text": "Geheim van Zoetermeer"})
    other = await with_keys(api, await api.client("leiden"), "April")
    stranger = await api.person(Role.CLIENT, other.client)
    await stranger("writeQuestion", case=other.case, json={"text": "Van Leiden"})
    assert [one["case"] for one in (await stranger("listQuestions")).json["items"]] == [str(other.case)]
    assert len((await boss("listQuestions")).json["items"]) == 2
    for role in (Role.AGENT, Role.QUALITY, Role.ADMINISTRATOR, Role.MONITOR):
        visitor = await api.person(role)
        assert (await visitor("getQuestion", case=rows.case)).status == 403
        assert (await visitor("listQuestions")).status == 403
    for table in ("question", "question_message", "pii.question_text", "audit_event", "idempotency"):
        kept = await api.pool.fetch(f"select * from {table}")
        assert "Geheim" not in str([dict(row) for row in kept]), table


async def test_erased_words_are_gone_and_none_are_added(api: Centre, rows: Rows, town: Visitor) -> None:
    await town("writeQuestion", case=rows.case, json={"text": "Weg ermee"})
    await api.pool.execute("update delivery set state = 'recalled', wrapped_key = null where id = $1", rows.delivery)
    [message] = (await town("getQuestion", case=rows.case)).json["messages"]
    assert message["text"] is None
    answer = await town("writeQuestion", case=rows.case, json={"text": "Nog iets"})
    assert (answer.status, answer.code) == (410, "erased")


async def test_pages_of_questions(api: Centre, rows: Rows, boss: Visitor) -> None:
    cases = []
    for number in range(5):
        other = await with_keys(api, await api.client(f"stad{'abcde'[number]}"), f"N{number}")
        cases.append(other)
        api.clock.forward(minutes=1)
        await boss("writeQuestion", case=other.case, json={"text": "Vraag"})
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = (await boss("listQuestions", query=query)).json
        seen += [one["case"] for one in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert seen == [str(one.case) for one in reversed(cases)]
