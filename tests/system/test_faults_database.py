"""PostgreSQL stands still or dies: no new calls, conversations go on, nothing that was acknowledged is lost."""

from __future__ import annotations

import asyncio
import signal
import time

import pytest

from dialer.demo.town_plan import special
from tests.support.day import Day, Resident
from tests.support.plant import Plant

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

AWAY = 12.0


@pytest.mark.parametrize(
    ("how", "seconds"),
    [
        ("stop", AWAY),
        pytest.param("kill", AWAY, marks=pytest.mark.nightly),
        pytest.param("stop", 30.0, marks=pytest.mark.nightly),
        pytest.param("kill", 30.0, marks=pytest.mark.nightly),
    ],
)
async def test_the_database_is_away(plant: Plant, how: str, seconds: float) -> None:
    # Two talk on through it all, one hangs up in the middle of it, others are still to be called.
    numbers = [Resident(special("200", place), crisis=True) for place in range(2)]
    numbers += [Resident(special("201", place)) for place in range(6)]
    async with Day(plant, numbers, agents=3, most_talk=seconds + 8) as day:
        await day.open()
        await day.run()
        await day.until_count("state = 'joined'", 3)
        if how == "stop":
            plant.signal("postgres", signal.SIGSTOP)
        else:
            await plant.kill("postgres")
        await asyncio.sleep(2.0)  # what was committed may still leave
        calls, began = len(day.town_calls()), time.time()
        await asyncio.sleep(seconds)  # away for so long: that is the fault
        assert len(day.town_calls()) == calls, "no new calls"
        talking = [call for call in day.town_calls() if call.number.startswith("+316099200")]
        assert [call.ended for call in talking] == [None, None], "conversations go on"
        assert not await day.ready(), "the load balancer is told"
        assert time.time() - began < seconds + 10
        if how == "stop":
            plant.signal("postgres", signal.SIGCONT)
        else:
            await plant.start_postgres()
        await day.connect()
        await day.until_count("outcome is not null and not live and not wrap_up_open", 8, 120)
        await day.run("draining")
        await day.until_empty()
        assert await day.doubled() == []
        await day.until_acknowledged("agent_id is not null and joined_at is not null")
        late = await day.pool.fetchval(
            "select count(*) from (select id, wall_at, lag(wall_at) over (partition by attempt_id order by revision) "
            "as before from attempt_event where actor = 'asterisk') e where wall_at < before - interval '0.2 s'"
        )
        assert late == 0, "the journal catches up in order"
