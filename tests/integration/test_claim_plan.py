"""The claim's plan on many rows: whatever waits for later is not even looked at."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest

from dialer.domain.opening import HOLDS_OTHERS
from dialer.services.ports.office import CaseFilter
from dialer.services.scope import limited_to
from dialer.storage import cases
from dialer.storage.claims import SQL_DUE, SQL_PRIORITIES
from dialer.storage.office import SQL_CASE_LINES, PostgresOffice, which_cases
from dialer.storage.pool import open_pool, own_session
from tests.support.crowd import crowd
from tests.support.world import World


@pytest.fixture
async def world(dsn: str) -> AsyncIterator[World]:
    pool = await open_pool(dsn, size=4)
    try:
        world = await World(pool).build(agents=20)
        await crowd(world, 8_000)
        yield world
    finally:
        await pool.close()


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


async def explain(world: World, sql: str, *arguments: object) -> list[dict[str, Any]]:
    text = await world.pool.fetchval(f"explain (analyze, buffers, format json) {sql}", *arguments)
    return list(nodes(json.loads(text)[0]["Plan"]))


async def explain_generic(world: World, sql: str, *arguments: str) -> list[dict[str, Any]]:
    """As a statement runs that a connection has used often: planned once, for whatever values. `arguments` are SQL."""
    async with own_session(world.pool) as connection:
        await connection.execute("set plan_cache_mode = force_generic_plan")
        await connection.execute(f"prepare often as {sql}")
        text = await connection.fetchval(
            f"explain (analyze, buffers, format json) execute often ({', '.join(arguments)})"
        )
        await connection.execute("deallocate often")
        return list(nodes(json.loads(text)[0]["Plan"]))


def big(plan: list[dict[str, Any]]) -> set[str]:
    """Kinds of steps, but for the table of what agents look at right now: at most a row an agent, read once."""
    return {node["Node Type"] for node in plan if node.get("Relation Name") != "preview_hold"}


def blocks(plan: list[dict[str, Any]]) -> int:
    return int(plan[0]["Shared Hit Blocks"] + plan[0]["Shared Read Blocks"])


async def test_a_hundred_due_cases_come_in_order_by_the_plan_that_is_kept(world: World) -> None:
    moment = f"'{world.now.isoformat()}'::timestamptz"
    plan = await explain_generic(world, SQL_DUE, f"'{world.campaign}'::uuid", "100", moment, "'{}'::uuid[]", "100",
                                 "'{}'::text[]", moment)  # fmt: skip
    kinds = big(plan)
    assert not kinds & {"Sort", "Incremental Sort", "Seq Scan", "Bitmap Heap Scan", "Hash Join"}
    due = next(node for node in plan if node.get("Index Name") == "case_file_due")
    assert "next_at" in due["Index Cond"]
    assert due["Actual Rows"] == plan[0]["Actual Rows"] == 100
    assert blocks(plan) < 2000


async def test_what_decides_about_a_hundred_cases_is_looked_up_and_not_searched_for(world: World) -> None:
    found = await world.pool.fetch(SQL_DUE, world.campaign, 100, world.now, [], 100, [], world.now)
    ids = "array[" + ", ".join(f"'{row['id']}'::uuid" for row in found) + "]"
    since, today = f"'{(world.now - timedelta(days=7)).isoformat()}'::timestamptz", f"'{world.now.date()}'::date"
    holding = "array[" + ", ".join(f"'{code}'" for code in sorted(HOLDS_OTHERS)) + "]"
    asked: tuple[tuple[str, list[str], int], ...] = (
        (cases.SQL_CASES, [ids, holding], 1500),
        (cases.SQL_PHONES, [ids, since], 2500),
        (cases.SQL_ATTEMPTS, [ids], 800),
        (cases.SQL_ELSEWHERE, [ids, today], 800),
    )
    for sql, arguments, most in asked:
        plan = await explain_generic(world, sql, *arguments)
        read = {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"}
        assert not read & {"attempt", "case_file", "case_phone", "phone", "resident"}, sql
        assert blocks(plan) < most, sql


async def test_due_cases_come_from_the_index_in_order(world: World) -> None:
    plan = await explain(world, SQL_DUE, world.campaign, 100, world.now, [], 20, ["tr"], world.now - timedelta(days=3))
    kinds = big(plan)
    assert "Sort" not in kinds
    assert next(node for node in plan if node.get("Relation Name") == "preview_hold")["Actual Loops"] == 1
    assert "Seq Scan" not in kinds
    assert "case_file_due" in {node.get("Index Name") for node in plan}
    assert plan[0]["Actual Rows"] == 20
    assert plan[0]["Shared Hit Blocks"] + plan[0]["Shared Read Blocks"] < 500


async def test_what_waits_for_later_costs_nothing(world: World) -> None:
    yesterday = world.now - timedelta(days=1)
    plan = await explain(world, SQL_DUE, world.campaign, 100, yesterday, [], 20, [], yesterday)
    assert plan[0]["Actual Rows"] == 0
    assert plan[0]["Shared Hit Blocks"] + plan[0]["Shared Read Blocks"] < 20


async def test_the_priorities_in_use_are_found_by_skipping(world: World) -> None:
    plan = await explain(world, SQL_PRIORITIES, world.campaign)
    assert plan[0]["Actual Rows"] == 2
    assert plan[0]["Shared Hit Blocks"] + plan[0]["Shared Read Blocks"] < 60


async def test_a_claim_over_the_crowd_takes_the_crisis_first(world: World) -> None:
    claims = await world.claim(20)
    assert len(claims) == 20
    rows = await world.pool.fetch("select priority from case_file where id = any($1)", [c.case for c in claims])
    assert {row["priority"] for row in rows} == {10}


async def test_a_list_of_cases_is_read_in_the_order_in_which_it_is_shown(world: World) -> None:
    """Whoever asks, and when nothing matches: no walk over the cases of others, or of other weeks."""
    await world.add_client("elders", "+31790000199", {})
    empty = await world.pool.fetchval("select id from client where slug = 'elders'")
    week = {"opened_from": world.now - timedelta(days=400), "opened_before": world.now - timedelta(days=393)}
    for values in (
        {"client": empty, "state": "open"},
        {"client": world.client, "state": "open", **week},
        {"campaign": world.campaign, "outcome": "PAID", **week},
        {"client": empty, "state": "open", **week},
    ):
        for order in ("f.opened_at desc, f.id desc", "f.plan_ends_at, f.id"):
            if order.startswith("f.plan") and "campaign" in values:
                continue
            where = which_cases(CaseFilter(**values))
            if order.startswith("f.plan"):
                where.conditions.append("f.state in ('open', 'no_number')")
            query = where.query(SQL_CASE_LINES, order, 51)
            plan = await explain(world, query, *where.values)
            assert plan[0]["Actual Rows"] == 0, values
            assert blocks(plan) < 20, (values, order, plan)
    office = PostgresOffice(world.pool)
    with limited_to(empty):  # the database's own narrowing, without a client in the question
        assert await office.cases(CaseFilter(), None, 51) == []
