"""The calendar at its edges, on a real Asterisk: the window's end during ringing, midnight, a clock put back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dialer.demo.town_plan import special
from dialer.domain.agent import AgentState
from dialer.storage.pool import open_pool
from tests.support.city import TelephoneCity
from tests.support.live_centre import LiveCentre
from tests.support.world import MONDAY

pytestmark = [pytest.mark.system, pytest.mark.nightly, pytest.mark.timeout(240)]

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
CLOSES = datetime(2026, 3, 2, 21, 0, tzinfo=AMSTERDAM)


@pytest.fixture
async def live(telephone_city: TelephoneCity, dsn: str) -> AsyncIterator[LiveCentre]:
    pool = await open_pool(dsn)
    centre = LiveCentre(telephone_city, pool, MONDAY)
    yield centre
    await centre.stop()
    await pool.close()


def reason(live: LiveCentre) -> str:
    live.centre.engine.rested()
    return live.centre.engine.views()[0].reason


async def test_what_rings_at_the_windows_end_is_answered_and_nothing_follows(live: LiveCentre) -> None:
    await live.start(agents=2)
    users = live.world.agents
    live.clock.move(CLOSES - timedelta(seconds=1.8))
    first = await live.world.add_case(special("204", 61))  # rings for two seconds: answers after the end
    live.centre.engine.rested()
    await live.until(lambda: any(live.state(user) is AgentState.TALKING for user in users))
    assert live.clock.now() >= CLOSES
    assert (await live.row(first))["claimed_at"] < CLOSES
    await live.world.add_case(special("201", 62))
    await live.until(lambda: reason(live) == "outside_window")
    await live.until(lambda: any(live.state(user) is AgentState.WRAP_UP for user in users))
    assert await live.pool.fetchval("select count(*) from attempt") == 1


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        (CLOSES - timedelta(seconds=2), True),
        (CLOSES, False),
        (datetime(2026, 3, 3, 0, 0, 1, tzinfo=AMSTERDAM), False),  # midnight
        (datetime(2026, 3, 29, 12, 0, tzinfo=AMSTERDAM), False),  # the Sunday on which the clock goes forward
        (datetime(2026, 3, 30, 8, 29, 50, tzinfo=AMSTERDAM), False),  # the first summer morning
        (datetime(2026, 3, 30, 8, 30, tzinfo=AMSTERDAM), True),
        (datetime(2026, 4, 27, 12, 0, tzinfo=AMSTERDAM), False),  # King's Day
        (datetime(2026, 10, 26, 20, 59, 50, tzinfo=AMSTERDAM), True),  # the first winter evening
    ],
)
async def test_a_dial_leaves_inside_the_windows_only(live: LiveCentre, moment: datetime, open_: bool) -> None:
    await live.start()
    live.clock.move(moment)
    await live.centre.tasks.idle()  # a claim of the hour before is over
    await live.world.add_case(special("201", 63), days=400)
    await live.until(lambda: (reason(live) == "outside_window") is not open_)
    if open_:
        await live.until(lambda: live.state(live.world.agents[0]) is AgentState.TALKING)
    assert await live.pool.fetchval("select count(*) from attempt") == int(open_)


async def test_a_calendar_put_back_calls_nobody_twice(live: LiveCentre) -> None:
    await live.start()
    (user,) = live.world.agents
    await live.world.add_case(special("486", 64))
    live.centre.engine.rested()
    await live.until(lambda: not live.centre.floor.agent(user).free)
    await live.until(lambda: live.centre.floor.agent(user).free)
    await live.centre.journal.settled()
    live.clock.move(MONDAY - timedelta(minutes=40))
    assert reason(live) != "outside_window"
    for _ in range(3):
        live.centre.engine.rested()
        await live.centre.tasks.idle()
    assert await live.pool.fetchval("select count(*) from attempt") == 1


async def test_the_list_runs_out(live: LiveCentre) -> None:
    await live.start()
    live.centre.engine.rested()
    await live.until(lambda: live.centre.engine.views()[0].reason == "nothing_due")
    assert live.state(live.world.agents[0]) is AgentState.AVAILABLE, "nobody stays reserved for nobody"
