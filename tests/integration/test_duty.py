"""An agent's duty as stored: the present state, and each change once."""

from __future__ import annotations

from datetime import timedelta

from dialer.domain.agent import Agent, AgentState
from dialer.storage.duty import PgDutyStore
from dialer.storage.pool import open_pool
from tests.support.world import World


async def test_a_change_is_kept_once_however_often_it_is_written(dsn: str) -> None:
    pool = await open_pool(dsn, size=2)
    try:
        world = await World(pool).build(agents=1)
        store, user, now = PgDutyStore(pool), world.agents[0], world.now
        agent = Agent(user=user, state=AgentState.AVAILABLE, since=now.timestamp(), device="a-1")
        later = now + timedelta(seconds=5)
        paused = Agent(user=user, state=AgentState.PAUSED, since=later.timestamp(), reason="lunch", device="a-1")
        for _ in range(2):
            await store.save(AgentState.OFF, agent, now, now)
        await store.save(AgentState.AVAILABLE, agent, now, now)  # another device: no change of state
        await store.save(AgentState.AVAILABLE, paused, later, later)
        rows = await pool.fetch("select from_state, state, reason, wall_at from agent_event order by wall_at")
        assert [tuple(row) for row in rows] == [("off", "available", "", now), ("available", "paused", "lunch", later)]
        record = await store.find(user)
        assert (record.state, record.reason, record.since) == (AgentState.PAUSED, "lunch", later.timestamp())
    finally:
        await pool.close()
