"""An agent's duty as stored: the present state, and each change once."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from dialer.domain.agent import Agent, AgentState
from dialer.domain.ids import UserId
from dialer.services.ports.duty import DutyChange
from dialer.storage.duty import PgDutyStore
from dialer.storage.pool import open_pool
from tests.support.world import World


def change(before: AgentState, agent: Agent, at: datetime) -> DutyChange:
    return DutyChange(before=before, agent=agent, at=at, wall_at=at)


async def test_changes_of_many_are_stored_all_or_none(dsn: str) -> None:
    pool = await open_pool(dsn, size=2)
    try:
        world = await World(pool).build(agents=2)
        store, now = PgDutyStore(pool), world.now
        known = [Agent(user=user, state=AgentState.AVAILABLE, since=now.timestamp()) for user in world.agents]
        unknown = Agent(user=UserId(UUID(int=3)), state=AgentState.AVAILABLE, since=now.timestamp())
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await store.save([change(AgentState.OFF, agent, now) for agent in (*known, unknown)])
        assert await store.load() == []
        await store.save([change(AgentState.OFF, agent, now) for agent in known])
        assert {record.user for record in await store.load()} == set(world.agents)
        assert await pool.fetchval("select count(*) from agent_event") == 2
    finally:
        await pool.close()


async def test_a_change_is_kept_once_however_often_it_is_written(dsn: str) -> None:
    pool = await open_pool(dsn, size=2)
    try:
        world = await World(pool).build(agents=1)
        store, user, now = PgDutyStore(pool), world.agents[0], world.now
        agent = Agent(user=user, state=AgentState.AVAILABLE, since=now.timestamp(), device="a-1")
        later = now + timedelta(seconds=5)
        paused = Agent(user=user, state=AgentState.PAUSED, since=later.timestamp(), reason="lunch", device="a-1")
        for _ in range(2):
            await store.save([change(AgentState.OFF, agent, now)])
        await store.save([change(AgentState.AVAILABLE, agent, now)])  # another device: no change of state
        await store.save([change(AgentState.AVAILABLE, paused, later)])
        rows = await pool.fetch("select from_state, state, reason, wall_at from agent_event order by wall_at")
        assert [tuple(row) for row in rows] == [("off", "available", "", now), ("available", "paused", "lunch", later)]
        record = await store.find(user)
        assert (record.state, record.reason, record.since) == (AgentState.PAUSED, "lunch", later.timestamp())
    finally:
        await pool.close()
