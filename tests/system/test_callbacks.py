"""A caller who asks to be rung back, from the key to the conversation."""

from __future__ import annotations

import asyncio
import time

import pytest

from dialer.asterisk.logs import erase
from dialer.demo.seed import CLIENT
from dialer.demo.town_plan import special
from tests.support.city import until
from tests.support.plant import Day, Plant, Resident

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

TALKER, CALLER = special("200", 71), special("201", 71)

SQL_RUNG_BACK = """
select a.joined_at is not null as joined, a.outcome, e.data -> 'reason' ->> 'code' as reason,
       a.case_id = t.case_id as same
  from callback_task t
  join attempt a on a.number_key = t.number_key and a.direction = 'out'
  join attempt_event e on e.attempt_id = a.id and e.kind = 'claimed'
"""


async def test_a_caller_who_presses_one_is_rung_back_next(plant: Plant) -> None:
    residents = [Resident(TALKER, crisis=True), Resident(CALLER)]
    async with Day(plant, residents, agents=1, most_talk=25.0) as day:
        await day.open()
        stop = asyncio.Event()
        living = asyncio.create_task(plant.town.live(stop))
        try:
            await until(lambda: plant.town.listens, what="the town listens")
            await day.run()
            await day.until_count("direction = 'out' and state = 'joined'", 1)  # the only agent is busy
            assert erase(plant.data / "asterisk", time.time(), 30) == 0  # what is written until now is set aside
            plant.town.ring(CALLER, CLIENT.inbound_number, patience=12, talks=0, keys="1")

            async def asked() -> bool:
                return await day.pool.fetchval("select origin from callback_task where case_id is not null") == "queue"

            await day.until(asked, 25)
            await day.until_count("direction = 'out' and outcome is not null", 2, 70)
        finally:
            stop.set()
            await living
        (call,) = await day.pool.fetch(SQL_RUNG_BACK)
        assert (call["joined"], call["reason"], call["same"]) == (True, "call_back", True)
        assert sum(own.joined is not None for own in day.own_calls().values()) == 1, "events go on in a new file"
        assert [c.number for c in day.town_calls()] == [TALKER, CALLER]
