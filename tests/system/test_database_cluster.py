"""PostgreSQL under Patroni and etcd, on three hosts: its primary dies or is cut off while residents are called."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from dialer.config import variable
from dialer.demo.town_plan import special
from tests.support.cluster import Cluster, why_no_cluster
from tests.support.day import Day, Resident
from tests.support.lan import Lan
from tests.support.plant import Plant

pytestmark = [
    pytest.mark.system,
    pytest.mark.nightly,
    pytest.mark.timeout(600),
    pytest.mark.skipif(bool(why_no_cluster()), reason=why_no_cluster() or "-"),
]


@pytest.fixture
def cluster(plant: Plant) -> Iterator[Cluster]:
    """In place of the plant's one server, for this test."""
    with Lan(3) as lan:
        built = Cluster(plant.data, plant.processes, lan)
        built.start()
        own, plant.postgres = plant.postgres, built  # type: ignore[assignment]
        try:
            yield built
        finally:
            plant.postgres = own
            built.stop()


@pytest.mark.parametrize(("how", "within"), [("kill", 30.0), ("cut", 60.0)])
async def test_the_primary_is_gone_while_residents_are_called(
    plant: Plant, cluster: Cluster, how: str, within: float
) -> None:
    """Nothing that was acknowledged is lost, nobody is called twice, and calling goes on."""
    numbers = [Resident(special("201", place)) for place in range(100)]
    async with Day(plant, numbers, agents=4, most_talk=6.0) as day:
        await day.open(env={variable("database", "dsn"): day.dsn()})
        await day.run()
        await day.until_count("outcome is not null and not live", 8, 60)
        primary = await asyncio.to_thread(cluster.leader)
        assert primary is not None
        await asyncio.to_thread(cluster.kill if how == "kill" else lambda host: host.pull(), primary)
        gone = time.time()

        async def called_again() -> bool:
            """A call that was claimed since: what was committed before may still leave for a moment."""
            return any(call.began > gone + 3.0 for call in day.town_calls())

        await day.until(called_again, within)
        took = min(call.began for call in day.town_calls() if call.began > gone + 3.0) - gone
        print(f"\n{how}: calling went on after {took:.1f} s")
        assert await asyncio.to_thread(cluster.leader) not in (None, primary)
        if how == "kill":
            await asyncio.to_thread(cluster.again, primary)
        else:
            primary.plug()
        await day.connect()
        await day.until_count("outcome is not null and not live and not wrap_up_open", 30, 120)
        await day.run("draining")
        await day.until_empty()
        assert await day.doubled() == []
        filed = {attempt: code for robot in day.robots for attempt, code in robot.filed.items()}
        rows = await day.pool.fetch(
            "select id, outcome from attempt where agent_id is not null and joined_at is not null"
        )
        known = {str(row["id"]): row["outcome"] for row in rows}
        assert {attempt: known.get(attempt) for attempt in filed} == filed
        await asyncio.to_thread(cluster.until, cluster.whole, 90.0)
