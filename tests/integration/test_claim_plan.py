"""The claim's plan on many rows: whatever waits for later is not even looked at."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest

from dialer.storage.claims import SQL_DUE, SQL_PRIORITIES
from dialer.storage.pool import open_pool
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


async def test_due_cases_come_from_the_index_in_order(world: World) -> None:
    plan = await explain(world, SQL_DUE, world.campaign, 100, world.now, [], 20)
    kinds = {node["Node Type"] for node in plan}
    assert "Sort" not in kinds
    assert "Seq Scan" not in kinds
    assert "case_file_due" in {node.get("Index Name") for node in plan}
    assert plan[0]["Actual Rows"] == 20
    assert plan[0]["Shared Hit Blocks"] + plan[0]["Shared Read Blocks"] < 500


async def test_what_waits_for_later_costs_nothing(world: World) -> None:
    yesterday = world.now - timedelta(days=1)
    plan = await explain(world, SQL_DUE, world.campaign, 100, yesterday, [], 20)
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
