"""The clock of one process is put forth and back under it, by libfaketime; the machine's own clock stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.demo.town_plan import special
from tests.support.day import Day, Resident
from tests.support.plant import Plant
from tests.support.wrong_clock import LIBRARY, WrongClock

pytestmark = [
    pytest.mark.system,
    pytest.mark.nightly,
    pytest.mark.timeout(240),
    pytest.mark.skipif(LIBRARY is None, reason="no libfaketime on this machine (Debian package libfaketime)"),
]

HOUR = 3600


async def test_the_clock_is_put_forth_and_back(plant: Plant, tmp_path: Path) -> None:
    clock = WrongClock(tmp_path)
    # Two talk through it all; the others answer after a second, and talk for three.
    numbers = [Resident(special("200", place), crisis=True) for place in range(2)]
    numbers += [Resident(special("201", place)) for place in range(24)]
    async with Day(plant, numbers, agents=4, most_talk=240) as day:
        await day.open(env=clock.env)
        await day.serve("second")  # its clock is right
        await day.run()
        await day.until_count("state = 'joined'", 3)
        ended = 0
        for off in (HOUR, -HOUR, 2, -2, 0):
            clock.put(off)
            ended += 3
            await day.until_count("outcome is not null and not live", ended, 30)
            assert await day.owner() == "service", "nobody takes the turn of who renews it"
        assert await day.count("state = 'ended' and (abandoned or answered_at is null)") == 0, "everybody was spoken to"
        late = await day.pool.fetchval("select max(answer_to_agent_ms) from attempt")
        assert late < 1600, "no answer is an hour old"
        talking = [call for call in day.town_calls() if call.number.startswith("+316099200")]
        assert [call.ended for call in talking] == [None, None], "conversations go on"
        assert await day.doubled() == []

        clock.put(HOUR)
        await day.until_count("outcome is not null and not live", ended + 2, 30)
        await plant.kill("service")

        async def adopted() -> bool:
            calls = (await day.floor("second"))["calls"]
            return [call["state"] for call in calls].count("joined") >= 2

        await day.until(adopted, 5.0)
        assert await day.owner() == "second", "a lease of a wrong clock ends when others do"
        assert [call.ended for call in talking] == [None, None]
        assert await day.doubled() == []
