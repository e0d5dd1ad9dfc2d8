"""Rest holds new calls back; it leaves nobody on the line with nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from dialer.domain.agent import AgentEvent, AgentState
from dialer.domain.call import CallState
from dialer.domain.ids import UserId
from dialer.services.rest import CALLER_WAITS, Rest, RestRules, Rests
from tests.support.floor import Centre, channel_of


@pytest.fixture
async def centre() -> AsyncIterator[Centre]:
    built = Centre()
    yield built
    await built.close()
    assert built.tasks.failed == 0


async def finished(centre: Centre, user: UserId, *, talked: float = 30.0, crisis: bool = False) -> None:
    attempt = await centre.dial(user)
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    centre.pass_time(talked)
    centre.telephony.end(channel_of(attempt))
    await centre.settle()
    if crisis:
        centre.rests.shake(user)
    centre.floor.act(user, AgentEvent.FILED, centre.clock.wall())


def rest(centre: Centre, user: UserId) -> Rest:
    return centre.rests.of(centre.floor.agent(user), centre.clock.wall())


async def test_a_breath_counts_from_the_work_and_not_from_a_ring_that_came_to_nothing(centre: Centre) -> None:
    user = await centre.agent(1)
    assert rest(centre, user) is Rest.NONE, "who has just come has not talked yet"
    await finished(centre, user)
    assert rest(centre, user) is Rest.BREATH
    assert centre.rests.ends_in([centre.floor.agent(user)], centre.clock.wall()) == pytest.approx(3.0)
    centre.pass_time(2.9)
    attempt = await centre.dial(user)
    centre.telephony.end(channel_of(attempt), cause=19, sip_code=480)
    await centre.settle()
    assert rest(centre, user) is Rest.BREATH
    centre.pass_time(0.2)
    assert rest(centre, user) is Rest.NONE
    assert centre.rests.ends_in([centre.floor.agent(user)], centre.clock.wall()) is None


async def test_after_a_crisis_the_breath_is_longer_and_only_that_once(centre: Centre) -> None:
    user = await centre.agent(1)
    await finished(centre, user, crisis=True)
    centre.pass_time(59.0)
    assert rest(centre, user) is Rest.SHAKEN
    centre.pass_time(1.5)
    assert rest(centre, user) is Rest.NONE
    await finished(centre, user)
    centre.pass_time(3.5)
    assert rest(centre, user) is Rest.NONE


async def test_who_worked_his_share_of_the_hour_is_spared_our_calls_not_callers(centre: Centre) -> None:
    user = await centre.agent(1)
    await finished(centre, user, talked=3_400.0)
    centre.pass_time(4.0)
    agent, now = centre.floor.agent(user), centre.clock.wall()
    assert rest(centre, user) is Rest.HOUR
    assert not centre.rests.spares(agent, now)
    assert centre.rests.takes_caller(agent, 0.0, now)


async def test_a_clock_that_is_put_forth_ends_no_rest(centre: Centre) -> None:
    user = await centre.agent(1)
    await finished(centre, user)
    centre.clock.pass_time(3_600.0)
    centre.rests.shift(3_600.0)
    centre.floor.shift(3_600.0)
    assert rest(centre, user) is Rest.BREATH


@pytest.mark.parametrize("seconds", [3_600.0, -3_600.0])
async def test_a_clock_that_is_put_in_mid_call_makes_no_hour_of_work_of_it(centre: Centre, seconds: float) -> None:
    user = await centre.agent(1)
    attempt = await centre.dial(user)
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    centre.pass_time(30.0)
    centre.clock.pass_time(seconds)
    centre.rests.shift(seconds)
    centre.floor.shift(seconds)
    centre.pass_time(30.0)
    assert centre.rests.share(user, centre.clock.wall()) == pytest.approx(60.0 / 3_600.0, rel=0.05)
    centre.telephony.end(channel_of(attempt))
    await centre.settle()
    centre.pass_time(60.0)
    assert centre.rests.share(user, centre.clock.wall()) < 0.05


async def test_a_resident_who_answered_takes_whoever_is_free_the_rested_first(centre: Centre) -> None:
    shaken, breathing = await centre.agent(1), await centre.agent(2)
    await finished(centre, shaken, crisis=True)
    await finished(centre, breathing)
    first = await centre.dial()
    centre.telephony.answer(channel_of(first))
    await centre.settle()
    assert centre.floor.call(first).call.agent == breathing, "though the other has been idle for longer"
    second = await centre.dial()
    centre.telephony.answer(channel_of(second))
    await centre.settle()
    assert centre.floor.call(second).call.agent == shaken, "nobody is abandoned while an agent stands free"


async def test_a_caller_waits_out_a_breath_and_no_longer(centre: Centre) -> None:
    user = await centre.agent(1)
    await finished(centre, user)
    live = centre.caller("c1")
    centre.matcher.match()
    await centre.settle()
    assert centre.floor.call(live.call.attempt).call.state is CallState.WAITING
    assert centre.floor.agent(user).state is AgentState.AVAILABLE
    centre.pass_time(3.1)
    centre.matcher.match()
    await centre.settle()
    assert centre.floor.call(live.call.attempt).call.agent == user


async def test_a_caller_ends_a_long_breath_after_half_of_the_time_that_is_promised(centre: Centre) -> None:
    user = await centre.agent(1)
    await finished(centre, user, crisis=True)
    live = centre.caller("c1")
    centre.pass_time(CALLER_WAITS - 0.5)
    centre.matcher.match()
    await centre.settle()
    assert centre.floor.call(live.call.attempt).call.state is CallState.WAITING
    centre.pass_time(0.6)
    centre.matcher.match()
    await centre.settle()
    assert centre.floor.call(live.call.attempt).call.agent == user


async def test_a_caller_goes_to_who_has_rested_though_another_is_idle_for_longer(centre: Centre) -> None:
    tired, rested = await centre.agent(1), await centre.agent(2)
    await finished(centre, tired)
    live = centre.caller("c1")
    centre.matcher.match()
    await centre.settle()
    assert centre.floor.call(live.call.attempt).call.agent == rested


async def test_without_rules_nobody_rests(centre: Centre) -> None:
    bare = Rests(centre.floor, RestRules(breath=0.0, long_breath=0.0, occupancy=1.1))
    user = await centre.agent(1)
    await finished(centre, user, talked=4_000.0, crisis=True)
    assert bare.of(centre.floor.agent(user), centre.clock.wall()) is Rest.NONE
