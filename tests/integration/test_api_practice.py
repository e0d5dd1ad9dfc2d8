"""Practice over HTTP and in the database: what is kept, who sees it, whom it keeps from a campaign's calls."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.domain.practice import Scenario, practice_set
from dialer.services.access import Role
from dialer.storage.changes import listen
from dialer.storage.engine import SQL_PRACTISED
from tests.support.api import Answer, Centre, Visitor, as_user, centre
from tests.support.rows import add_rows

SET = practice_set()


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


async def report(agent: Visitor, scenario: Scenario, *, missed: str = "", version: int = SET.version) -> Answer:
    points = [{"point": point.value, "met": point.value != missed} for point in scenario.points]
    return await agent("reportPractice", json={"version": version, "scenario": scenario.code, "points": points})


async def test_an_agent_gets_the_set_and_nothing_of_anybody(api: Centre) -> None:
    agent = await api.person(Role.AGENT)
    shown = (await agent("getPractice")).json
    assert [one["code"] for one in shown["scenarios"]] == [one.code for one in SET.scenarios]
    assert {step["id"] for step in shown["script"]["steps"]} >= {line["at"] for line in shown["scenarios"][0]["lines"]}
    mine = (await agent("getMyPractice")).json
    assert mine == {"version": SET.version, "passed_at": None, "needed_by": [], "tour_seen": False, "results": []}


async def test_the_best_of_each_conversation_stays(api: Centre) -> None:
    agent = await api.person(Role.AGENT)
    help_ = SET.scenario("help")
    failed = (await report(agent, help_, missed="identity")).json
    assert (failed["score"], failed["passed"], failed["mine"]["results"][0]["tries"]) == (86, False, 1)
    assert (await report(agent, help_)).json["passed"] is True
    again = (await report(agent, help_, missed="note")).json
    assert (again["score"], again["passed"]) == (86, False), "this time"
    (kept,) = again["mine"]["results"]
    assert (kept["score"], kept["passed"], kept["tries"]) == (100, True, 3)


async def test_whoever_passed_all_has_passed_and_the_engine_hears_it(api: Centre, dsn: str) -> None:
    agent, boss = await api.person(Role.AGENT), await api.person(Role.SUPERVISOR)
    told: asyncio.Queue[str] = asyncio.Queue()
    hearing = asyncio.create_task(listen(dsn, lambda kind, _id: told.put_nowait(kind)))
    try:
        async with asyncio.timeout(30):
            assert await told.get() == "all"
        for scenario in SET.scenarios[:-1]:
            assert (await report(agent, scenario)).json["mine"]["passed_at"] is None
        before = (await boss("getTeamPractice")).json
        assert (before["of"], [one["done"] for one in before["agents"]]) == (
            len(SET.scenarios),
            [len(SET.scenarios) - 1],
        )
        assert (await report(agent, SET.scenarios[-1])).json["mine"]["passed_at"] is not None
        async with asyncio.timeout(30):
            assert await told.get() == "campaign"
    finally:
        hearing.cancel()
    (seen,) = (await boss("getTeamPractice")).json["agents"]
    assert (seen["user"], seen["passed_version"]) == (str(as_user(agent)), SET.version)
    assert set(seen) == {"user", "name", "passed_at", "passed_version", "done"}, "no score, no tries"
    assert [row["user_id"] for row in await api.pool.fetch(SQL_PRACTISED)] == [as_user(agent)]
    await report(agent, SET.scenarios[0], missed="outcome")
    (audited,) = await api.pool.fetch("select subject_id, detail from audit_event where action = 'practice.pass'")
    assert (audited["subject_id"], json.loads(audited["detail"])) == (str(as_user(agent)), {"set_version": SET.version})


async def test_a_set_that_is_not_there_any_more_is_refused(api: Centre) -> None:
    agent = await api.person(Role.AGENT)
    old = await report(agent, SET.scenarios[0], version=SET.version + 1)
    assert (old.status, old.code) == (409, "practice-changed")
    unknown = {"version": SET.version, "scenario": "wedding", "points": []}
    assert (await agent("reportPractice", json=unknown)).status == 422


async def test_who_must_practise_is_told_for_which_campaigns(api: Centre) -> None:
    agent, other = await api.person(Role.AGENT), await api.person(Role.AGENT)
    rows = await add_rows(api.pool, await api.client("stad"), api.clock.now())
    await api.pool.execute(
        "update campaign set settings = settings || '{\"requires_practice\": true}' where id = $1", rows.campaign
    )
    name = await api.pool.fetchval("select name from campaign where id = $1", rows.campaign)
    assert (await agent("getMyPractice")).json["needed_by"] == [name]
    await api.pool.execute("insert into campaign_agent values ($1, $2)", rows.campaign, as_user(other))
    assert (await other("getMyPractice")).json["needed_by"] == [name]
    await api.pool.execute("update campaign set state = 'stopped' where id = $1", rows.campaign)
    assert (await agent("getMyPractice")).json["needed_by"] == []


async def test_the_tour_is_remembered(api: Centre) -> None:
    agent, other = await api.person(Role.AGENT), await api.person(Role.AGENT)
    assert (await agent("seeTour")).status == 204
    assert (await agent("seeTour")).status == 204
    assert (await agent("getMyPractice")).json["tour_seen"] is True
    assert (await other("getMyPractice")).json["tour_seen"] is False


async def test_practice_is_counted_and_dialled_nowhere(api: Centre) -> None:
    """A whole set, judged by the live service, beside a campaign that runs: no other row of the database changes."""
    rows = await add_rows(api.pool, await api.client("zoetermeer"), api.clock.now())
    agent, boss = await api.person(Role.AGENT), await api.person(Role.SUPERVISOR)
    tables = [
        f"{one['schemaname']}.{one['tablename']}"
        for one in await api.pool.fetch(
            "select schemaname, tablename from pg_tables where schemaname in ('public', 'pii') order by 1, 2"
        )
    ]

    async def contents() -> dict[str, str]:
        return {
            table: await api.pool.fetchval(
                f"select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from {table} t"
            )
            for table in tables
        }

    before = await contents()
    for scenario in SET.scenarios:
        assert (await report(agent, scenario)).json["passed"] is True
    after = await contents()
    changed = {table for table in tables if before[table] != after[table]}
    of_practice = {"practice_result", "practice_pass", "audit_event", "audit_link"}
    assert changed == {f"public.{table}" for table in of_practice}
    for table in ("attempt", "attempt_event", "case_file", "callback_task", "outbox_message"):
        assert f"public.{table}" in tables
        assert f"public.{table}" not in changed
    assert (await boss("getFloor")).json["calls"] == []
    assert (await boss("getCase", case=rows.case)).status == 200
