"""Where somebody is signed in, and how that is ended: at once, with all that stays open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import WSMsgType

from dialer.api.live import ENDED
from dialer.services.access import Role
from tests.support.api import PASSWORD, Centre, Visitor, as_user, centre

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0"


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


async def signed_in(api: Centre, login: str, agent: str) -> Visitor:
    visitor = api.visitor()
    answer = await visitor("signIn", json={"login": login, "password": PASSWORD}, headers={"User-Agent": agent})
    visitor.csrf = answer.json["csrf_token"]
    return visitor


async def test_a_person_sees_his_own_and_which_one_this_is(api: Centre) -> None:
    first = await api.person(Role.AGENT, login="anna")
    await api.person(Role.AGENT, login="bram")
    api.clock.forward(minutes=10)
    edge = await signed_in(api, "anna", EDGE)
    api.clock.forward(minutes=10)
    firefox = await signed_in(api, "anna", FIREFOX)
    api.clock.forward(minutes=5)
    await edge("getMyView")
    told = (await firefox("listMySessions")).json
    assert [(line["browser"], line["system"]) for line in told["items"]] == [
        ("firefox", "linux"), ("edge", "windows"), ("other", "other"),
    ]  # fmt: skip
    assert told["this"] == told["items"][0]["id"]
    assert told["items"][1]["seen_at"] > told["items"][1]["created_at"]
    stored = [dict(row) for row in await api.pool.fetch("select * from user_session")]
    assert not any("Gecko" in str(row) or "141.0" in str(row) for row in stored), "names only, not the whole header"
    api.clock.forward(hours=2, minutes=1)
    assert (await first("listMySessions")).status == 401
    again = await signed_in(api, "anna", EDGE)
    assert len((await again("listMySessions")).json["items"]) == 1, "those that are over by idleness are not shown"


async def test_another_one_is_ended_at_once_with_its_live_feed(api: Centre) -> None:
    here, there = await api.person(Role.AGENT, login="anna"), await signed_in(api, "anna", EDGE)
    other = (await there("listMySessions")).json["this"]
    async with there.live() as feed:
        assert (await here("endMySession", session=other)).status == 204
        while (told := await feed.receive()).type is WSMsgType.TEXT:
            pass
        assert feed.close_code == ENDED, told
    assert (await there("getSession")).status == 401
    assert (await here("endMySession", session=other)).status == 404, "once"
    assert (await here("getSession")).status == 200
    rows = await api.pool.fetch("select actor, action from audit_event where action = 'session.end'")
    assert [row["actor"] for row in rows] == [f"user:{as_user(here)}"]


async def test_nobody_ends_anothers(api: Centre) -> None:
    anna, boss = await api.person(Role.AGENT, login="anna"), await api.person(Role.ADMINISTRATOR)
    session = (await anna("listMySessions")).json["this"]
    assert (await boss("endMySession", session=session)).status == 404
    assert (await anna("getSession")).status == 200


async def test_all_others_at_once(api: Centre) -> None:
    here = await api.person(Role.AGENT, login="anna")
    others = [await signed_in(api, "anna", EDGE) for _ in range(3)]
    bram = await api.person(Role.AGENT, login="bram")
    assert (await here("endMyOtherSessions")).status == 204
    assert [(await other("getSession")).status for other in others] == [401] * 3
    assert (await here("getSession")).status == 200
    assert (await bram("getSession")).status == 200


async def test_an_administrator_sees_and_ends_all_of_a_user(api: Centre) -> None:
    boss, anna = await api.person(Role.ADMINISTRATOR), await api.person(Role.AGENT, login="anna")
    await signed_in(api, "anna", EDGE)
    told = (await boss("getUserAccess", user=as_user(anna))).json["sessions"]
    assert [line["browser"] for line in told] == ["edge", "other"]
    async with anna.live() as feed:
        assert (await boss("endUserSessions", user=as_user(anna))).status == 204
        while (await feed.receive()).type is WSMsgType.TEXT:
            pass
        assert feed.close_code == ENDED
    assert (await boss("getUserAccess", user=as_user(anna))).json["sessions"] == []


async def test_a_new_password_ends_the_others_with_their_feeds(api: Centre) -> None:
    here, there = await api.person(Role.AGENT, login="anna"), await signed_in(api, "anna", EDGE)
    async with there.live() as feed:
        body = {"current": PASSWORD, "new": "nieuw-wachtwoord-22"}
        assert (await here("changePassword", json=body)).status == 204
        while (await feed.receive()).type is WSMsgType.TEXT:
            pass
        assert feed.close_code == ENDED
    assert len((await here("listMySessions")).json["items"]) == 1


async def test_machines_have_none(api: Centre) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    made = await boss("createToken", json={"name": "x", "role": "monitor", "scopes": ["floor.read"], "days": 7})
    machine = api.visitor()
    machine.bearer = made.json["secret"]
    for operation in ("listMySessions", "endMyOtherSessions"):
        assert (await machine(operation)).status == 422
    assert (await machine("endMySession", session=made.json["token"]["id"])).status == 422
