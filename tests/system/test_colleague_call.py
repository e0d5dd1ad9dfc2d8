"""Two agents call each other on the real parts: who is bridged, who gets no calls, what a killed process leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from dialer.demo.town_plan import special
from dialer.domain.agent import AgentState, LegState
from dialer.domain.colleague_call import ColleagueEvent
from dialer.domain.ids import UserId
from dialer.services.ports.telephony import ChannelFact
from dialer.storage.pool import open_pool
from tests.support.city import TelephoneCity
from tests.support.live_centre import LiveCentre
from tests.support.world import MONDAY

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]


@pytest.fixture
async def live(telephone_city: TelephoneCity, dsn: str) -> AsyncIterator[LiveCentre]:
    pool = await open_pool(dsn)
    centre = LiveCentre(telephone_city, pool, MONDAY)
    yield centre
    await centre.stop()
    await pool.close()
    assert centre.centre.floor.illegal == 0
    assert centre.centre.journal.rejected == 0
    assert centre.centre.tasks.failed == 0


def state(live: LiveCentre, user: UserId) -> str:
    view = live.centre.colleagues.view_of(user)
    return "" if view is None else view.state


async def legs(live: LiveCentre, *users: UserId) -> list[ChannelFact]:
    facts = {fact.channel: fact for fact in await live.telephony.channels()}
    found = [live.centre.floor.agent(user).leg_channel for user in users]
    return [facts[leg] for leg in found if leg is not None]


async def ringing(live: LiveCentre) -> tuple[UserId, UserId]:
    """Anna has a pause after a crisis, Ben is free."""
    await live.start(agents=2)
    anna, ben = live.world.agents
    await live.until(lambda: all(live.centre.floor.agent(one).free for one in (anna, ben)))
    await live.centre.desk.pause(anna, "crisis")
    await live.centre.colleagues.call(anna, ben)
    async with asyncio.timeout(30):  # a person answers what he hears
        while [(fact.consults, fact.bridge) for fact in await legs(live, anna, ben)] != [(True, ""), (True, "")]:  # noqa: ASYNC110 - asked of Asterisk
            await asyncio.sleep(0.02)
    return anna, ben


async def talking(live: LiveCentre) -> tuple[UserId, UserId]:
    anna, ben = await ringing(live)
    await live.centre.colleagues.step(ben, ColleagueEvent.ACCEPT)
    await live.until(lambda: state(live, anna) == state(live, ben) == "talking")
    return anna, ben


async def test_it_rings_they_speak_and_neither_is_dialled_for(live: LiveCentre) -> None:
    anna, ben = await ringing(live)
    await live.until(lambda: not live.centre.tasks.running)
    rung = await legs(live, anna, ben)
    assert [(fact.consults, fact.bridge) for fact in rung] == [(True, ""), (True, "")], "both hear the ring tone"
    await live.centre.colleagues.step(ben, ColleagueEvent.ACCEPT)
    await live.until(lambda: state(live, anna) == state(live, ben) == "talking")
    one, other = await legs(live, anna, ben)
    assert one.bridge == other.bridge != ""
    heard = {fact.channel: 0 for fact in (one, other)} | dict(await live.telephony.packets_received([one.channel]))
    case = await live.world.add_case(special("202", 91))
    live.centre.somebody_free()
    # Sound goes on between them, and the reconciler's looks leave them alone.
    await live.centre.takeover.put_right()
    await live.centre.takeover.put_right()
    async with asyncio.timeout(30):  # a packet comes every 20 ms
        again = dict(heard)
        while again[one.channel] <= heard[one.channel]:
            await asyncio.sleep(0.05)
            again |= dict(await live.telephony.packets_received([one.channel]))
    assert state(live, anna) == "talking"
    assert await live.pool.fetchval("select count(*) from attempt where case_id = $1", case) == 0
    await live.centre.colleagues.step(anna, ColleagueEvent.END)
    await live.until(lambda: live.state(ben) is AgentState.TALKING, 30)
    assert live.state(anna) is AgentState.PAUSED
    await live.until(lambda: live.centre.floor.agent(anna).leg is LegState.IDLE)
    await live.centre.journal.settled()
    await live.until(lambda: not live.centre.tasks.running)
    actions = [row["action"] for row in await live.pool.fetch("select action from audit_event order by at, id")]
    assert actions == ["colleague.call", "colleague.end"]


async def test_one_phone_dies_and_the_other_takes_calls_again(live: LiveCentre) -> None:
    anna, ben = await talking(live)
    leg = live.centre.floor.agent(anna).leg_channel
    assert leg is not None
    await live.telephony.hang_up(leg)
    await live.until(lambda: state(live, ben) == "" and live.centre.floor.agent(ben).free)
    view = live.centre.colleagues.view_of(anna)
    assert view is not None
    assert view.why == "phone_gone"


async def test_killed_while_they_speak_and_they_talk_on(live: LiveCentre) -> None:
    anna, ben = await talking(live)
    await live.centre.journal.settled()
    before = [fact.bridge for fact in await legs(live, anna, ben)]
    await live.kill()
    await live.resume(owner="next")
    await live.until(lambda: state(live, anna) == state(live, ben) == "talking", 40)
    await live.centre.takeover.put_right()
    await live.centre.takeover.put_right()
    assert [fact.bridge for fact in await legs(live, anna, ben)] == before
    await live.centre.colleagues.step(ben, ColleagueEvent.END)
    await live.until(lambda: live.centre.floor.agent(ben).free, 30)


@pytest.mark.nightly
async def test_killed_while_it_rings_and_both_are_home_again(live: LiveCentre) -> None:
    anna, ben = await ringing(live)
    await live.until(lambda: not live.centre.tasks.running)
    await live.kill()
    await live.resume(owner="next")
    home = (LegState.IDLE, LegState.IDLE)
    await live.until(lambda: tuple(live.centre.floor.agent(one).leg for one in (anna, ben)) == home, 60)
    await live.until(lambda: live.centre.floor.agent(ben).free, 60)
