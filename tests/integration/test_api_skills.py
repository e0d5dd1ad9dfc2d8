"""Skills and who has them, over HTTP and in the database: who may, what is kept, what is told to the calls."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from dialer.domain.ids import UserId
from dialer.domain.skills import MOST
from dialer.services.access import Role
from dialer.storage.changes import listen
from tests.support.api import Centre, Visitor, as_user, centre

CRISIS = {"dutch": "Crisisgesprekken", "english": "Crisis talks"}


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


@pytest.fixture
async def boss(api: Centre) -> Visitor:
    return await api.person(Role.SUPERVISOR)


async def _set(boss: Visitor, user: UserId, version: int, languages: list[str], skills: list[str]) -> int:
    body = {"languages": languages, "skills": skills}
    return (await boss("setAbilities", user=user, json=body, headers={"If-Match": f'"{version}"'})).status


async def test_a_supervisor_keeps_skills_and_who_has_them(api: Centre, boss: Visitor) -> None:
    ayse = as_user(await api.person(Role.AGENT, login="ayse"))
    assert (await boss("listSkills")).json["items"] == []
    made = await boss("createSkill", json=CRISIS)
    assert (made.status, made.json["code"], made.json["version"]) == (201, "crisis_talks", 1), made.raw
    (row,) = (await boss("listAbilities")).json["items"]
    assert (row["user"], row["languages"], row["skills"], row["version"]) == (str(ayse), [], [], 0)

    kept = await boss(
        "setAbilities",
        user=ayse,
        json={"languages": ["tr", "nl"], "skills": ["crisis_talks"]},
        headers={"If-Match": '"0"'},
    )
    assert (kept.status, kept.json["languages"], kept.json["skills"]) == (200, ["tr"], ["crisis_talks"]), kept.raw
    assert kept.headers["ETag"] == '"1"'
    assert (await boss("listAbilities")).json["items"] == [kept.json]
    assert await _set(boss, ayse, 0, [], []) == 412, "somebody else was first"
    assert await _set(boss, ayse, 1, ["de"], []) == 200
    assert (await boss("listAbilities")).json["items"][0]["languages"] == ["de"]

    told = await api.pool.fetch("select action, detail from audit_event where action ~ '^skill|abilities' order by id")
    assert [one["action"] for one in told] == ["skill.add", "user.abilities", "user.abilities"]
    assert json.loads(told[1]["detail"]) == {"languages": ["tr"], "skills": ["crisis_talks"]}


async def test_what_cannot_be_kept_is_refused(api: Centre, boss: Visitor) -> None:
    ayse = as_user(await api.person(Role.AGENT, login="ayse"))
    assert await _set(boss, ayse, 0, ["xx"], []) == 422
    assert await _set(boss, ayse, 0, [], ["unheard_of"]) == 422
    assert await _set(boss, ayse, 3, [], []) == 412
    assert await _set(boss, as_user(boss), 0, [], []) == 404, "not an agent"
    assert await _set(boss, UserId(UUID(int=9)), 0, [], []) == 404
    for wrong in ({"dutch": " "}, {"english": ""}, {"more": 1}):
        assert (await boss("createSkill", json={**CRISIS, **wrong})).status == 422
    for number in range(MOST):
        assert (await boss("createSkill", json={"dutch": f"Vak {number}", "english": "Trade"})).status == 201
    assert (await boss("createSkill", json=CRISIS)).status == 422, "a list that can be read"
    assert await api.pool.fetchval("select count(*) from agent_ability") == 0


async def test_an_archived_skill_stays_with_who_has_it_and_is_given_to_nobody_else(api: Centre, boss: Visitor) -> None:
    ayse = as_user(await api.person(Role.AGENT, login="ayse"))
    bram = as_user(await api.person(Role.AGENT, login="bram"))
    skill = (await boss("createSkill", json=CRISIS)).json
    assert await _set(boss, ayse, 0, [], ["crisis_talks"]) == 200
    gone = await boss("updateSkill", skill=skill["id"], json={"archived": True}, headers={"If-Match": '"1"'})
    assert (gone.status, gone.json["archived"], gone.json["version"]) == (200, True, 2)
    assert await _set(boss, ayse, 1, ["tr"], ["crisis_talks"]) == 200
    assert await _set(boss, bram, 0, [], ["crisis_talks"]) == 422
    late = await boss("updateSkill", skill=skill["id"], json={"dutch": "Crisis"}, headers={"If-Match": '"1"'})
    assert late.status == 412
    unknown = await boss("updateSkill", skill=UUID(int=1), json={"dutch": "Crisis"}, headers={"If-Match": '"1"'})
    assert unknown.status == 404


async def test_whoever_has_no_business_with_it_is_refused(api: Centre, boss: Visitor) -> None:
    agent, quality = await api.person(Role.AGENT), await api.person(Role.QUALITY)
    assert (await agent("listAbilities")).status == 403
    assert (await agent("createSkill", json=CRISIS)).status == 403
    assert (await quality("listAbilities")).status == 200
    assert await _set(quality, as_user(agent), 0, ["tr"], []) == 403


async def test_the_calls_are_told_of_a_change(api: Centre, boss: Visitor, dsn: str) -> None:
    ayse = as_user(await api.person(Role.AGENT, login="ayse"))
    heard: asyncio.Queue[str] = asyncio.Queue()
    listening = asyncio.create_task(listen(dsn, lambda kind, _: heard.put_nowait(kind)))
    try:
        async with asyncio.timeout(20):
            assert await heard.get() == "all"
            assert await _set(boss, ayse, 0, ["tr"], []) == 200
            assert await heard.get() == "ability"
    finally:
        listening.cancel()
