"""An answered resident is joined at once, to the right agent, once; and nobody waits while an agent stands free."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from dialer.domain.agent import AgentEvent, AgentState, LegState
from dialer.domain.call import CallState
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import UserId
from dialer.domain.skills import Abilities
from dialer.services.matching import JOIN_DEADLINE
from dialer.services.ports.telephony import AgentLost
from dialer.services.serving import Known
from tests.support.floor import ENGINE_CAMPAIGN, Centre, channel_of


@pytest.fixture
async def centre() -> AsyncIterator[Centre]:
    built = Centre()
    yield built
    await built.close()
    assert built.tasks.failed == 0


async def test_the_reserved_agent_gets_the_resident_in_the_same_moment(centre: Centre) -> None:
    other, reserved = await centre.agent(1), await centre.agent(2)
    attempt = await centre.dial(reserved)
    centre.telephony.ring(channel_of(attempt))
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    live = centre.floor.call(attempt)
    assert (live.call.state, live.call.agent) == (CallState.JOINED, reserved)
    assert centre.floor.agent(reserved).state is AgentState.TALKING
    assert centre.floor.agent(other).state is AgentState.AVAILABLE
    assert [fact.kind for fact in centre.ledger.facts] == ["dialed", "rang", "answered", "joined"]
    assert centre.ledger.facts[-1].answer_to_agent_ms == 0.0


async def test_the_resident_hangs_up_and_wrap_up_begins(centre: Centre) -> None:
    user = await centre.agent(1)
    attempt = await centre.dial(user)
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    centre.pass_time(60)
    centre.telephony.end(channel_of(attempt))
    await centre.settle()
    agent = centre.floor.agent(user)
    assert (agent.state, agent.attempt, agent.leg) == (AgentState.WRAP_UP, attempt, LegState.IDLE)
    (end,) = centre.ledger.ends
    assert (end.result, end.wrap_up, end.agent, end.talk_ms) == (None, True, user, 60_000.0)
    with pytest.raises(NotFoundError):
        centre.floor.call(attempt)


async def test_no_answer_frees_the_agent_and_is_a_machine_result(centre: Centre) -> None:
    user = await centre.agent(1)
    attempt = await centre.dial(user)
    centre.telephony.ring(channel_of(attempt))
    centre.telephony.end(channel_of(attempt), cause=17, sip_code=486)
    await centre.settle()
    assert centre.floor.agent(user).state is AgentState.AVAILABLE
    (end,) = centre.ledger.ends
    assert (end.result, end.counted, end.wrap_up) == ("BUSY", True, False)


async def test_a_carrier_fault_is_not_one_of_the_seven(centre: Centre) -> None:
    attempt = await centre.dial(await centre.agent(1))
    centre.telephony.end(channel_of(attempt), cause=34, sip_code=503)
    await centre.settle()
    assert (centre.ledger.ends[0].result, centre.ledger.ends[0].counted) == ("CONGESTION", False)


async def test_with_nobody_free_the_message_speaks_and_the_call_counts_as_abandoned(centre: Centre) -> None:
    attempt = await centre.dial()
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    centre.pass_time(1.8)
    assert centre.floor.call(attempt).call.state is CallState.MESSAGE
    user = await centre.agent(1)
    centre.telephony.end(channel_of(attempt))
    await centre.settle()
    (end,) = centre.ledger.ends
    assert (end.result, end.abandoned) == ("ABANDONED", True)
    assert centre.floor.agent(user).state is AgentState.AVAILABLE, "nobody is joined into the message"


async def test_who_hangs_up_before_the_message_is_not_abandoned(centre: Centre) -> None:
    attempt = await centre.dial()
    centre.telephony.answer(channel_of(attempt))
    centre.pass_time(0.5)
    centre.telephony.end(channel_of(attempt))
    await centre.settle()
    assert (centre.ledger.ends[0].result, centre.ledger.ends[0].abandoned) == ("EARLY_HANGUP", False)


async def test_an_agent_who_comes_free_in_time_takes_the_waiting_resident(centre: Centre) -> None:
    attempt = await centre.dial()
    centre.telephony.answer(channel_of(attempt))
    centre.pass_time(1.0)
    user = await centre.agent(1)
    centre.matcher.match()
    await centre.settle()
    assert centre.floor.call(attempt).call.agent == user


async def test_where_joins_take_long_nobody_is_joined_who_might_hear_the_message_meanwhile(centre: Centre) -> None:
    async def answered_after(seconds: float, number: int) -> CallState:
        attempt = await centre.dial()
        centre.telephony.answer(channel_of(attempt))
        centre.pass_time(seconds)
        await centre.agent(number)
        centre.matcher.match()
        await centre.settle()
        return centre.floor.call(attempt).call.state

    centre.telephony.joins_take = 0.7
    assert await answered_after(0.0, 1) is CallState.JOINED
    centre.telephony.joins_take = 0.0
    assert await answered_after(1.2, 2) is CallState.ANSWERED, "it would be joined 1.9 s after the answer"
    assert await answered_after(0.9, 3) is CallState.JOINED, "soon enough even so"
    centre.pass_time(20)
    assert await answered_after(1.2, 4) is CallState.JOINED, "slowness is forgotten"


async def test_too_late_is_too_late(centre: Centre) -> None:
    attempt = await centre.dial()
    centre.telephony.answer(channel_of(attempt))
    centre.clock.pass_time(1.7)  # the message may begin any moment
    await centre.agent(1)
    centre.matcher.match()
    await centre.settle()
    assert centre.floor.call(attempt).call.state is CallState.ANSWERED


async def test_the_reserved_agents_leg_is_dead_so_another_free_agent_takes_over(centre: Centre) -> None:
    first, second = await centre.agent(1), await centre.agent(2)
    attempt = await centre.dial(first)
    leg = centre.floor.agent(first).leg_channel
    assert leg is not None
    centre.telephony.end(leg)
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    assert centre.floor.call(attempt).call.agent == second
    assert centre.floor.agent(first).state is AgentState.AVAILABLE


async def test_a_join_that_fails_gives_the_agent_back_and_another_is_tried(centre: Centre) -> None:
    first = await centre.agent(1)
    attempt = await centre.dial()
    centre.telephony.refuse_joins = True
    centre.telephony.answer(channel_of(attempt))
    centre.telephony.refuse_joins = False
    await centre.settle()
    assert centre.floor.call(attempt).call.agent == first


async def test_a_join_is_not_sent_twice_while_it_is_on_its_way(centre: Centre) -> None:
    await centre.agent(1)
    await centre.agent(2)
    sent = []

    async def never_seen(channel: object, leg: object, *, mark: bool) -> None:
        assert not mark, "just answered: no round trip more"
        sent.append((channel, leg))

    centre.telephony.join = never_seen  # type: ignore[method-assign]  # Asterisk said Success, no BridgeEnter came yet
    attempt = await centre.dial()
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    centre.matcher.match()
    await centre.settle()
    assert len(sent) == 1
    centre.clock.pass_time(JOIN_DEADLINE)
    centre.matcher.match()
    await centre.settle()
    assert len(sent) == 2
    assert sent[0] == sent[1], "the same agent is tried again, no second one is taken"


async def test_the_agents_leg_dies_in_mid_call_and_the_same_agent_returns(centre: Centre) -> None:
    user = await centre.agent(1)
    attempt = await centre.dial(user)
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    leg = centre.floor.agent(user).leg_channel
    assert leg is not None
    centre.telephony.end(leg)
    assert centre.floor.call(attempt).call.state is CallState.RESCUE
    await centre.settle()
    assert centre.floor.call(attempt).call.state is CallState.JOINED
    assert centre.floor.agent(user).state is AgentState.TALKING


async def test_the_agents_leg_dies_in_mid_call_and_another_agent_takes_over(centre: Centre) -> None:
    first = await centre.agent(1)
    attempt = await centre.dial(first)
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    second = await centre.agent(2)
    leg = centre.floor.agent(first).leg_channel
    assert leg is not None
    centre.telephony.end(leg)
    await centre.settle()
    live = centre.floor.call(attempt)
    assert (live.call.state, live.call.agent) == (CallState.JOINED, second)
    assert centre.floor.agent(first).state is AgentState.AVAILABLE
    assert centre.floor.agent(first).attempt is None


async def test_a_caller_goes_before_nobody_and_to_the_agent_longest_idle(centre: Centre) -> None:
    first = await centre.agent(1)
    centre.pass_time(5)
    await centre.agent(2)
    caller = centre.caller("in-1")
    centre.matcher.match()
    await centre.settle()
    assert centre.floor.call(caller.call.attempt).call.agent == first


async def test_callers_are_served_in_the_order_of_their_arrival(centre: Centre) -> None:
    callers = []
    for name in ("in-1", "in-2"):
        callers.append(centre.caller(name))
        centre.pass_time(1)
    user = await centre.agent(1)
    centre.matcher.match()
    await centre.settle()
    assert centre.floor.call(callers[0].call.attempt).call.agent == user
    assert centre.floor.call(callers[1].call.attempt).call.state is CallState.WAITING


async def test_an_agent_of_another_campaign_is_not_taken(centre: Centre) -> None:
    centre.strangers.add(await centre.agent(1))
    caller = centre.caller("in-1")
    centre.matcher.match()
    await centre.settle()
    assert centre.floor.call(caller.call.attempt).call.state is CallState.WAITING


async def test_a_silent_phone_is_not_free(centre: Centre) -> None:
    user = await centre.agent(1)
    agent = centre.floor.agent(user)
    centre.floor.set_leg(user, centre.clock.wall(), leg=agent.leg, channel=agent.leg_channel, hears=False)
    attempt = await centre.dial()
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    assert centre.floor.call(attempt).call.state is CallState.ANSWERED


async def test_events_out_of_order_change_nothing_and_are_counted(centre: Centre) -> None:
    attempt = await centre.dial()
    centre.telephony.answer(channel_of(attempt))
    centre.telephony.answer(channel_of(attempt))
    assert centre.floor.illegal == 1
    assert centre.floor.call(attempt).call.state is CallState.ANSWERED


async def test_going_off_duty_in_a_call_waits_for_the_wrap_up(centre: Centre) -> None:
    user = await centre.agent(1)
    attempt = await centre.dial(user)
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    centre.floor.act(user, AgentEvent.OFF_DUTY, centre.clock.wall())
    centre.telephony.end(channel_of(attempt))
    assert centre.floor.agent(user).state is AgentState.WRAP_UP
    centre.floor.act(user, AgentEvent.FILED, centre.clock.wall())
    assert centre.floor.agent(user).state is AgentState.OFF
    centre.legs.keep()
    await centre.settle()
    assert centre.floor.agent(user).leg is LegState.NONE


async def test_a_phone_that_is_not_there_yet_is_rung_again_soon(centre: Centre) -> None:
    user = await centre.agent(1)
    leg = centre.floor.agent(user).leg_channel
    assert leg is not None
    secret = centre.telephony.devices.pop("a-1")
    centre.telephony.end(leg)
    await centre.settle()
    centre.legs.ring(user)  # at somebody's word: nobody else rings meanwhile
    await centre.settle()
    assert centre.floor.agent(user).leg is LegState.NONE
    centre.telephony.devices["a-1"] = secret
    centre.legs.keep()
    await centre.settle()
    assert centre.floor.agent(user).leg is LegState.NONE, "not at once: it would be rung without end"
    centre.pass_time(8.0)
    centre.legs.keep()
    await centre.settle()
    assert centre.floor.agent(user).leg is LegState.IDLE


async def test_a_line_that_lost_an_agent_we_never_saw_is_rescued_first(centre: Centre) -> None:
    """The events of the join were missed; the line itself says that it is alone now."""
    attempt = await centre.dial()
    centre.telephony.answer(channel_of(attempt))
    centre.tracker.handle(AgentLost(at=centre.clock.wall(), channel=channel_of(attempt)))
    assert centre.floor.rescues() == [centre.floor.call(attempt)]
    user = await centre.agent(1)
    centre.matcher.match()
    await centre.settle()
    assert centre.floor.call(attempt).call.state is CallState.JOINED
    assert centre.floor.agent(user).state is AgentState.TALKING


async def test_nobody_is_joined_to_a_phone_that_fell_silent_while_it_rang(centre: Centre) -> None:
    silent = await centre.agent(1)
    attempt = await centre.dial(silent)
    agent = centre.floor.agent(silent)
    centre.floor.set_leg(silent, centre.clock.wall(), leg=agent.leg, channel=agent.leg_channel, hears=False)
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    assert centre.floor.call(attempt).call.state is CallState.ANSWERED
    other = await centre.agent(2)
    centre.matcher.match()
    await centre.settle()
    assert (centre.floor.call(attempt).call.state, centre.floor.call(attempt).call.agent) == (CallState.JOINED, other)
    assert centre.floor.agent(silent).state is AgentState.AVAILABLE


async def test_the_reserved_phone_is_joined_as_soon_as_sound_comes_back(centre: Centre) -> None:
    user = await centre.agent(1)
    attempt = await centre.dial(user)
    agent = centre.floor.agent(user)
    centre.floor.set_leg(user, centre.clock.wall(), leg=agent.leg, channel=agent.leg_channel, hears=False)
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    assert centre.floor.call(attempt).call.state is CallState.ANSWERED
    centre.floor.set_leg(user, centre.clock.wall(), leg=agent.leg, channel=agent.leg_channel, hears=True)
    centre.matcher.match()
    await centre.settle()
    assert centre.floor.call(attempt).call.state is CallState.JOINED


async def test_a_call_that_nobody_can_be_joined_to_is_not_tried_without_end(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its channel is gone and nobody told us: agent after agent was reserved for it, hundreds of times a second."""
    monkeypatch.setattr("dialer.services.matching._WAIT_FIRST", 0.001)
    monkeypatch.setattr("dialer.services.matching._WAIT_MOST", 3600.0)
    ann, ben = await centre.agent(1), await centre.agent(2)
    attempt = await centre.dial()
    centre.telephony.refuse_joins = True
    centre.telephony.answer(channel_of(attempt))
    async with asyncio.timeout(30):
        while len(centre.vain) < 5:  # noqa: ASYNC110 - counted outside of the loop
            await asyncio.sleep(0.001)
    monkeypatch.setattr("dialer.services.matching._WAIT_FIRST", 3600.0)  # from now on, seen from here, for ever
    async with asyncio.timeout(30):
        while len(centre.vain) < 6:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.001)
    assert centre.vain == [2, 3, 4, 5, 6, 7], "the second at once, then one after each wait"
    for _ in range(20):
        centre.matcher.match()  # whatever happens meanwhile
        await asyncio.sleep(0)
    assert centre.telephony.joins_sent == 7
    assert [centre.floor.agent(user).state for user in (ann, ben)] == [AgentState.AVAILABLE] * 2
    centre.telephony.refuse_joins = False
    next_one = await centre.dial()
    centre.telephony.answer(channel_of(next_one))
    await asyncio.sleep(0)
    assert centre.floor.call(next_one).call.state is CallState.JOINED, "others are served"
    centre.telephony.end(channel_of(attempt))
    assert not centre.matcher._waits


async def test_who_speaks_the_residents_language_goes_before_who_is_idle_longer(centre: Centre) -> None:
    idle, turkish = await centre.agent(1), await centre.agent(2)
    centre.team.read(Known(abilities={turkish: Abilities(languages=frozenset({"tr"}))}), [ENGINE_CAMPAIGN])

    async def joined(language: str) -> UserId | None:
        attempt = await centre.dial(language=language)
        centre.telephony.answer(channel_of(attempt))
        await centre.settle()
        return centre.floor.call(attempt).call.agent

    assert await joined("tr") == turkish
    assert await joined("tr") == idle, "rather he than nobody"


async def test_who_looks_at_somebody_else_is_asked_last_whatever_he_speaks(centre: Centre) -> None:
    other, arabic = await centre.agent(1), await centre.agent(2)
    centre.team.read(Known(abilities={arabic: Abilities(languages=frozenset({"ar"}))}), [ENGINE_CAMPAIGN])
    centre.rests.look(arabic, centre.clock.wall() + 60)
    attempt = await centre.dial(language="ar")
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    assert centre.floor.call(attempt).call.agent == other
