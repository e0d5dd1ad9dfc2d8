"""Two sites on one database: whose campaigns and numbers, and where an agent is on duty."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast

import asyncpg
import pytest

from dialer.domain.agent import Agent, AgentState
from dialer.services.ports.duty import DutyChange, ElsewhereError
from dialer.storage.duty import PgDutyStore
from dialer.storage.engine import PgEngineStore
from dialer.storage.fitting import PgFitting
from dialer.storage.pool import open_pool
from tests.support.world import World


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(dsn, size=4)
    yield pool
    await pool.close()


def engine(pool: asyncpg.Pool, site: str) -> PgEngineStore:
    return PgEngineStore(pool, cast(Any, None), trunk="trunk", site=site)


async def test_each_site_sees_its_own_clients_campaigns_only(pool: asyncpg.Pool) -> None:
    world = await World(pool).build()
    number = await pool.fetchval("select inbound_number from client")
    main, north = engine(pool, "main"), engine(pool, "noord")
    assert [one.campaign for one in await main.campaigns()] == [world.campaign]
    assert await north.campaigns() == []
    assert (await main.numbers_elsewhere(), await north.numbers_elsewhere()) == (frozenset(), frozenset({number}))
    await pool.execute("update client set site = 'noord'")
    assert await main.campaigns() == []
    assert [one.campaign for one in await north.campaigns()] == [world.campaign]
    assert (await main.numbers_elsewhere(), await north.numbers_elsewhere()) == (frozenset({number}), frozenset())
    assert [len(await one.figures(world.now)) for one in (main, north)] == [0, 1]
    plans = [PgFitting(pool, world.catalogues, world.planner, site) for site in ("main", "noord")]
    assert [len(await one.running()) for one in plans] == [0, 1]


async def test_whoever_moves_a_client_all_processes_are_told(pool: asyncpg.Pool) -> None:
    world = await World(pool).build()
    told: list[object] = []
    async with pool.acquire() as connection:
        await connection.add_listener("dialer", lambda *given: told.append(given[3]))
        await pool.execute("update client set site = 'noord'")
        await connection.execute("select 1")
        assert told == [f"campaign:{world.client}"]
        await pool.execute("update client set site = 'noord'")
        await connection.execute("select 1")
        assert len(told) == 1
        await connection.reset()


async def test_no_name_of_a_site_is_refused_by_the_database(pool: asyncpg.Pool) -> None:
    await World(pool).build()
    with pytest.raises(asyncpg.CheckViolationError):
        await pool.execute("update client set site = 'Noord'")


class Duty:
    """One agent as two sites store him."""

    def __init__(self, world: World) -> None:
        self.world, self.user = world, world.agents[0]
        self.main, self.north = (PgDutyStore(world.pool, site) for site in ("main", "noord"))

    async def save(self, store: PgDutyStore, before: AgentState, after: AgentState, device: str = "") -> None:
        now = self.world.now
        agent = Agent(user=self.user, state=after, since=now.timestamp(), device=device)
        await store.save([DutyChange(before=before, agent=agent, at=now, wall_at=now)])

    async def state(self) -> tuple[str, str | None]:
        row = await self.world.pool.fetchrow("select state, site from agent_duty where user_id = $1", self.user)
        assert row is not None
        return row["state"], row["site"]


@pytest.fixture
async def duty(pool: asyncpg.Pool) -> Duty:
    return Duty(await World(pool).build())


OFF, FREE, PAUSED = AgentState.OFF, AgentState.AVAILABLE, AgentState.PAUSED


async def test_an_agent_is_on_duty_at_one_site_at_a_time(duty: Duty) -> None:
    await duty.main.take(duty.user)
    with pytest.raises(ElsewhereError) as refused:
        await duty.north.take(duty.user)  # before a word of it was written
    assert refused.value.site == "main"
    await duty.save(duty.main, OFF, OFF, "a-1")  # his phone: he is neither off nor elsewhere by that
    await duty.save(duty.main, OFF, FREE)
    with pytest.raises(ElsewhereError):
        await duty.north.take(duty.user)
    await duty.main.take(duty.user)
    assert [len(await one.load()) for one in (duty.main, duty.north)] == [1, 0]
    assert (await duty.north.find(duty.user)).site == "main"
    await duty.save(duty.main, FREE, OFF)
    assert await duty.state() == ("off", None)
    await duty.north.take(duty.user)
    await duty.save(duty.north, OFF, PAUSED)
    assert await duty.state() == ("paused", "noord")


async def test_what_another_site_believes_of_him_is_not_stored(duty: Duty) -> None:
    await duty.north.take(duty.user)
    await duty.save(duty.north, OFF, FREE)
    await duty.save(duty.main, FREE, PAUSED)  # late, or wrong
    await duty.save(duty.main, FREE, OFF)
    assert await duty.state() == ("available", "noord")
    assert await duty.world.pool.fetchval("select count(*) from agent_event") == 1


async def test_who_was_taken_by_a_process_that_died_then_is_let_go_by_the_next(duty: Duty) -> None:
    await duty.main.take(duty.user)
    assert await duty.north.load() == []
    with pytest.raises(ElsewhereError):
        await duty.north.take(duty.user)
    await duty.main.load()
    await duty.north.take(duty.user)


async def test_who_came_on_before_there_were_sites_is_mains(duty: Duty) -> None:
    await duty.save(duty.main, OFF, FREE)
    await duty.world.pool.execute("update agent_duty set site = null")  # as an older release writes it
    with pytest.raises(ElsewhereError) as refused:
        await duty.north.take(duty.user)
    assert refused.value.site == "main"
    await duty.save(duty.north, FREE, PAUSED)
    assert (await duty.state())[0] == "available"
    assert len(await duty.main.load()) == 1
