"""Whom a claim takes where residents speak other languages: they wait for who speaks theirs, and not without end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.domain.ids import CaseId, UserId
from dialer.services.ports.ledger import ClaimOrder
from dialer.storage.pool import open_pool
from tests.support.world import World

TURKISH = frozenset({"tr"})


@pytest.fixture
async def world(dsn: str) -> AsyncIterator[World]:
    pool = await open_pool(dsn, size=4)
    try:
        yield await World(pool).build(agents=3)
    finally:
        await pool.close()


async def _cases(world: World, languages: Sequence[str], **columns: object) -> list[CaseId]:
    """Due one after the other, in this order."""
    found = []
    for place, language in enumerate(languages):
        case = await world.add_case(f"+3160000{len(world.numbers):04d}")
        at = world.now - timedelta(minutes=len(languages) - place)
        await world.pool.execute("update case_file set language = $2, next_at = $3 where id = $1", case, language, at)
        for column, value in columns.items():
            await world.pool.execute(f"update case_file set {column} = $2 where id = $1", case, value)
        found.append(case)
    return found


def _order(world: World, agents: Sequence[UserId], *, unreserved: int = 0, speaks: UserId | None = None) -> ClaimOrder:
    """The first agent of the world speaks Turkish; `speaks`: he is named too."""
    ayse = world.agents[0]
    return replace(
        world.order(),
        agents=list(agents),
        unreserved=unreserved,
        speaks={user: TURKISH for user in agents if user == ayse},
        spoken=TURKISH,
    )


async def test_who_speaks_it_gets_them_and_the_others_take_whom_they_understand(world: World) -> None:
    ayse, bram, cem = world.agents
    first, second, dutch, arabic = await _cases(world, ["tr", "tr", "nl", "ar"])
    claims = {claim.case: claim.agent for claim in await world.ledger.claim(_order(world, [bram, ayse, cem]))}
    assert claims[first] == ayse
    assert set(claims) == {first, dutch, arabic}, "one speaks Turkish: one Turkish resident; Arabic nobody speaks"
    assert {claims[dutch], claims[arabic]} == {bram, cem}
    assert [claim.case for claim in await world.ledger.claim(_order(world, [bram, cem]))] == []
    (last,) = await world.ledger.claim(_order(world, [ayse]))
    assert (last.case, last.language, last.agent) == (second, "tr", ayse)


async def test_many_who_wait_stand_in_nobodys_way(world: World) -> None:
    await _cases(world, ["tr"] * 40)
    dutch = await _cases(world, ["nl", "nl"])
    _, bram, cem = world.agents
    assert {claim.case for claim in await world.ledger.claim(_order(world, [bram, cem]))} == set(dutch)


async def test_a_call_for_anybody_is_never_a_resident_who_waits_without_his_agent(world: World) -> None:
    ayse, bram, _ = world.agents
    turkish = await _cases(world, ["tr", "tr"])
    dutch = await _cases(world, ["nl", "nl", "nl"])
    without = await world.ledger.claim(_order(world, [bram], unreserved=2))
    assert {claim.case for claim in without} == set(dutch[:2])
    assert {claim.agent for claim in without} == {None}
    more = {claim.case: claim.agent for claim in await world.ledger.claim(_order(world, [bram, ayse], unreserved=3))}
    assert more == {turkish[0]: ayse, dutch[2]: None}


async def test_the_wait_ends_some_days_after_the_delivery_and_the_speaker_is_still_preferred(world: World) -> None:
    ayse, bram, _ = world.agents
    (turkish,) = await _cases(world, ["tr"])
    assert await world.ledger.claim(_order(world, [bram])) == []
    await world.pool.execute("update campaign set settings = '{\"language_wait_days\": 0}'")
    (claim,) = await world.ledger.claim(_order(world, [bram]))
    assert (claim.case, claim.agent) == (turkish, bram)
    dutch, other = await _cases(world, ["nl", "tr"])
    claims = {claim.case: claim.agent for claim in await world.ledger.claim(_order(world, [ayse, bram]))}
    assert claims == {dutch: bram, other: ayse}


@pytest.mark.parametrize("column", ["crisis", "needs_reserved", "preferred_agent"])
async def test_a_crisis_and_what_was_agreed_do_not_wait(world: World, column: str) -> None:
    _, bram, _ = world.agents
    (case,) = await _cases(world, ["tr"], **{column: bram if column == "preferred_agent" else True})
    (claim,) = await world.ledger.claim(_order(world, [bram], unreserved=1))
    assert claim.case == case


async def test_whose_agent_is_wanted_keeps_him(world: World) -> None:
    """The one who speaks it is the one with whom somebody has an appointment."""
    ayse, bram, _ = world.agents
    (agreed,) = await _cases(world, ["nl"], preferred_agent=ayse, needs_reserved=True)
    await _cases(world, ["tr"])
    claims = {claim.case: claim.agent for claim in await world.ledger.claim(_order(world, [ayse, bram]))}
    assert claims == {agreed: ayse}


async def test_a_look_before_the_call_shows_whom_the_agent_understands(world: World) -> None:
    ayse, bram, _ = world.agents
    turkish, dutch = await _cases(world, ["tr", "nl"])
    claimer = world.ledger._claimer
    async with world.pool.acquire() as connection, connection.transaction():
        seen = [await claimer.look(connection, _order(world, [user]), []) for user in (bram, ayse)]
    assert [held.case for held in seen if held is not None] == [dutch, turkish]
