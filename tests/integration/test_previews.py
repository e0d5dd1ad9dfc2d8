"""A case that an agent looks at is nobody else's, for as long as he looks, and no attempt before he has it called."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from dialer.services.ports.previews import Held
from dialer.storage.claims import Claimer
from dialer.storage.pool import open_pool
from dialer.storage.previews import PgPreviews
from tests.support.world import World


@pytest.fixture
async def world(dsn: str) -> AsyncIterator[World]:
    pool = await open_pool(dsn, size=6)
    try:
        yield await World(pool).build(agents=3)
    finally:
        await pool.close()


@pytest.fixture
def previews(world: World) -> PgPreviews:
    return PgPreviews(world.pool, Claimer(world.ids, world.catalogues, world.planner, world.e164))


async def hold(world: World, previews: PgPreviews, agent: int = 0, seconds: float = 30.0) -> Held | None:
    order = replace(world.order(1), agents=[world.agents[agent]])
    passed = await previews.skipped(world.agents[agent], world.now.replace(year=2000))
    return await previews.hold(order, [case for case, _ in passed], seconds)


async def attempts(world: World) -> int:
    count: int = await world.pool.fetchval("select count(*) from attempt")
    return count


async def test_who_is_looked_at_is_nobody_elses_and_nothing_is_counted(world: World, previews: PgPreviews) -> None:
    case = await world.add_case("+31600000101")
    held = await hold(world, previews)
    assert held is not None
    assert (held.case, held.number, held.attempt_number) == (case, "+31600000101", 1)
    assert await hold(world, previews, agent=1) is None, "not a colleague's"
    assert await world.claim(2) == [], "nor the dialler's"
    assert await attempts(world) == 0
    assert (await world.case(case))["next_at"] is not None


async def test_two_who_look_at_once_see_different_residents(world: World, previews: PgPreviews) -> None:
    cases = {await world.add_case(f"+3160000011{n}") for n in range(3)}
    found = await asyncio.gather(*(hold(world, previews, agent) for agent in range(3)))
    assert {one.case for one in found if one is not None} == cases


async def test_a_page_that_is_silent_gives_the_case_back_by_itself(world: World, previews: PgPreviews) -> None:
    case, user = await world.add_case("+31600000120"), world.agents[0]
    await hold(world, previews)
    looked = await previews.keep(user, case, 30.0)
    assert looked is not None
    assert looked >= 0.0
    assert await previews.keep(world.agents[1], case, 30.0) is None
    await world.pool.execute("update preview_hold set expires_at = clock_timestamp() - interval '1 second'")
    assert await previews.keep(user, case, 30.0) is None
    held = await hold(world, previews, agent=1)
    assert held is not None, "the hold that ran out is in nobody's way"
    assert await previews.skip(user, case, "other", world.now) is False, "it is another's now"
    assert await world.ledger.claim(replace(world.order(1), case=case)) == []
    assert await attempts(world) == 0


async def test_his_word_makes_the_attempt_and_ends_the_hold(world: World, previews: PgPreviews) -> None:
    await world.add_case("+31600000130", crisis=True)
    case = await world.add_case("+31600000131")
    urgent, mine = await hold(world, previews, agent=1), await hold(world, previews)
    assert urgent is not None
    assert mine is not None
    assert mine.case == case
    (claim,) = await world.ledger.claim(replace(world.order(1), case=case))
    assert (claim.case, claim.agent, claim.seq) == (case, world.agents[0], 1)
    assert await world.pool.fetchval("select count(*) from preview_hold") == 1, "the colleague's stands"
    assert await world.ledger.claim(replace(world.order(1), case=case)) == [], "twice is once"
    assert await attempts(world) == 1


async def test_a_rule_that_changed_meanwhile_holds(world: World, previews: PgPreviews) -> None:
    case = await world.add_case("+31600000140")
    await hold(world, previews)
    await world.pool.execute("update phone set blocked_at = $1, blocked_reason = 'wens'", world.now)
    assert await world.ledger.claim(replace(world.order(1), case=case)) == []
    assert await attempts(world) == 0


async def test_whom_he_passed_on_a_colleague_sees(world: World, previews: PgPreviews) -> None:
    first, second = await world.add_case("+31600000150"), await world.add_case("+31600000151")
    held = await hold(world, previews)
    assert held is not None
    assert await previews.skip(world.agents[0], held.case, "acquainted", world.now)
    after = await hold(world, previews)
    assert after is not None
    assert {held.case, after.case} == {first, second}
    other = await hold(world, previews, agent=1)
    assert other is not None
    assert other.case == held.case
    row = await world.pool.fetchrow("select user_id, reason from preview_skip")
    assert row is not None
    assert (row["user_id"], row["reason"]) == (world.agents[0], "acquainted")


async def test_looking_at_the_next_gives_the_one_before_back(world: World, previews: PgPreviews) -> None:
    await world.add_case("+31600000160")
    first = await hold(world, previews)
    again = await hold(world, previews)
    assert first is not None
    assert again is not None
    assert again.case == first.case
    await previews.drop(world.agents[0])
    assert await world.pool.fetchval("select count(*) from preview_hold") == 0
