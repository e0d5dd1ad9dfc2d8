"""The dialer dies, stands still, or has a second beside it: killed here, this happens."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter

import pytest

from dialer.demo.town_plan import special
from tests.support.plant import Day, Plant, Resident

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]


def talkers(n: int, start: int = 0) -> list[Resident]:
    """Residents who answer after a second and talk until hung up on."""
    return [Resident(special("200", start + place)) for place in range(n)]


async def test_killed_with_conversations_under_way(plant: Plant) -> None:
    async with Day(plant, talkers(6), agents=4, most_talk=10.0) as day:
        await day.open()
        await day.run()
        await day.until_count("state = 'joined'", 4)
        before = {call.number: call for call in day.town_calls() if call.answered}
        await plant.kill("service")
        killed = time.time()
        await asyncio.sleep(1.0)  # dead for a while: that is the fault
        await day.serve()
        await day.until_count("wrap_up_open or outcome is not null", 4, 40)
        calls = {call.number: call for call in day.town_calls()}
        for number in before:
            ended = calls[number].ended
            assert ended is None or ended > killed + 1.0, "a conversation ended with the dialer"
        await day.until_count("outcome is not null and not live", 6, 60)
        rung = Counter(call.number for call in day.town_calls())
        assert set(rung.values()) == {1}, rung
        assert await day.count("live") == 0
        assert await day.count("agent_id is null") == 0
