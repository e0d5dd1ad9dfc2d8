"""A call that goes from one to another, on the same three telephone systems as `test_telephony`."""

from __future__ import annotations

import uuid

import pytest

from dialer.domain.ids import ChannelId
from dialer.domain.listening import ListenMode
from dialer.services.ports.switching import Gathered, HandedOver, Met, OnHold, TargetOrder, TargetReady
from dialer.services.ports.telephony import (
    AgentLost,
    ChannelFact,
    ChannelKind,
    Ended,
    Hearing,
    Joined,
    LegIdle,
    Refused,
    TelephonyError,
)
from tests.contract.test_telephony import Stage, leg_of, listener_of, numbers, stage
from tests.support.city import CLIENT_NUMBER, until

__all__ = ["numbers", "stage"]

pytestmark = pytest.mark.system


async def conversation(stage: Stage) -> tuple[ChannelId, ChannelId]:
    leg = await leg_of(stage)
    channel = ChannelId(str(await stage.dial_somebody_who_answers()))
    await stage.telephony.join(channel, leg, mark=False)
    await stage.wait_for(Joined, lambda event: event.channel == channel)
    return channel, leg


async def on_hold(stage: Stage) -> tuple[ChannelId, ChannelId]:
    channel, leg = await conversation(stage)
    await stage.telephony.hold(channel, leg)
    await stage.wait_for(OnHold, lambda event: event.channel == channel)
    return channel, leg


async def target_of(stage: Stage, channel: ChannelId, does: str = "answers") -> ChannelId:
    target = ChannelId(f"transfer.{uuid.uuid4().hex}.1")
    await stage.telephony.ring_target(
        TargetOrder(
            target=target,
            number=stage.somebody_who(does),
            caller_id=CLIENT_NUMBER,
            ring_seconds=20,
            trunk="trunk",
            near=channel,
        )
    )
    return target


async def asked(stage: Stage) -> tuple[ChannelId, ChannelId, ChannelId]:
    """A resident who hears music, his agent, and somebody to whom that agent speaks."""
    channel, leg = await on_hold(stage)
    target = await target_of(stage, channel)
    await stage.wait_for(TargetReady, lambda event: event.channel == target)
    await stage.telephony.join(target, leg, mark=False)
    await stage.wait_for(Met, lambda event: event.channels == {target, leg})
    return channel, leg, target


async def together(stage: Stage) -> tuple[ChannelId, ChannelId, ChannelId]:
    channel, leg, target = await asked(stage)
    await stage.telephony.gather(channel, leg)
    gathered = await stage.wait_for(Gathered, lambda event: event.channel == channel)
    assert gathered.others == {leg, target}
    return channel, leg, target


async def facts(stage: Stage) -> dict[ChannelId, ChannelFact]:
    return {fact.channel: fact for fact in await stage.telephony.channels()}


def idle_again(stage: Stage, leg: ChannelId, times: int = 2) -> bool:
    return sum(isinstance(event, LegIdle) and event.leg == leg for event in stage.events) >= times


async def test_on_hold_is_known_and_ends_with_the_same_agent(stage: Stage) -> None:
    channel, leg = await on_hold(stage)
    known = await facts(stage)
    assert (known[channel].on_hold, known[channel].talking_to, known[channel].message_started) == (True, None, False)
    assert (known[leg].consults, known[leg].holding) == (True, False)
    await stage.telephony.join(channel, leg, mark=True)
    await until(lambda: sum(isinstance(e, Joined) and e.channel == channel for e in stage.events) == 2)
    known = await facts(stage)
    assert (known[channel].on_hold, known[channel].talking_to) == (False, leg)
    assert not any(isinstance(event, AgentLost) for event in stage.events)


async def test_the_agent_speaks_with_the_target_alone_then_all_three_then_he_leaves(stage: Stage) -> None:
    channel, leg, target = await asked(stage)
    known = await facts(stage)
    assert (known[target].kind, known[channel].on_hold) == (ChannelKind.TARGET, True)
    assert (known[leg].consults, known[leg].holding, known[leg].talking_to) == (True, False, None)
    await stage.telephony.gather(channel, leg)
    await stage.wait_for(Gathered, lambda event: event.channel == channel)
    known = await facts(stage)
    assert (known[channel].talking_to, known[channel].target, known[channel].on_hold) == (leg, target, False)
    assert (known[leg].talking_to, known[leg].consults) == (channel, False)
    await stage.telephony.send_home(leg)
    over = await stage.wait_for(HandedOver, lambda event: event.channel == channel)
    assert over.target == target
    await until(lambda: idle_again(stage, leg))
    known = await facts(stage)
    assert (known[channel].target, known[channel].talking_to, known[leg].holding) == (target, None, True)
    await stage.telephony.hang_up(channel)
    await stage.wait_for(Ended, lambda event: event.channel == channel)
    await stage.wait_for(Ended, lambda event: event.channel == target)


async def test_the_target_leaves_three_and_two_talk_on(stage: Stage) -> None:
    channel, leg, target = await together(stage)
    await stage.telephony.hang_up(target)
    await stage.wait_for(Ended, lambda event: event.channel == target)
    joined = [event for event in stage.events if isinstance(event, Joined) and event.channel == channel]
    assert joined[-1].leg == leg
    known = await facts(stage)
    assert (known[channel].talking_to, known[channel].target) == (leg, None)
    assert not any(isinstance(event, AgentLost) for event in stage.events)


async def test_the_agents_phone_dies_among_three_and_the_resident_is_with_the_target(stage: Stage) -> None:
    channel, leg, target = await together(stage)
    await stage.phone_dies(leg)
    over = await stage.wait_for(HandedOver, lambda event: event.channel == channel)
    assert over.target == target
    await stage.wait_for(Ended, lambda event: event.channel == leg)
    assert (await facts(stage))[channel].target == target


async def test_the_resident_leaves_three_and_nobody_else_is_cut(stage: Stage) -> None:
    channel, leg, _target = await together(stage)
    await stage.telephony.hang_up(channel)
    await stage.wait_for(Ended, lambda event: event.channel == channel)
    assert leg in await facts(stage)


async def test_straight_from_the_music_to_the_target(stage: Stage) -> None:
    channel, leg = await on_hold(stage)
    target = await target_of(stage, channel)
    await stage.wait_for(TargetReady, lambda event: event.channel == target)
    await stage.telephony.join(channel, target, mark=True)
    await stage.wait_for(HandedOver, lambda event: event.channel == channel)
    await stage.telephony.send_home(leg)
    await until(lambda: idle_again(stage, leg))


async def test_from_the_talk_with_the_target_to_the_resident_without_three(stage: Stage) -> None:
    channel, leg, target = await asked(stage)
    await stage.telephony.join(channel, target, mark=True)
    await stage.wait_for(HandedOver, lambda event: event.channel == channel)
    await stage.telephony.send_home(leg)
    await until(lambda: idle_again(stage, leg))
    assert (await facts(stage))[channel].target == target


async def test_the_target_ends_and_the_resident_hears_music_again(stage: Stage) -> None:
    another = await leg_of(stage)  # before: the music lasts ten seconds, and a busy machine starts a phone in as many
    channel, leg, target = await together(stage)
    await stage.telephony.send_home(leg)
    await stage.wait_for(HandedOver, lambda event: event.channel == channel)
    await stage.telephony.hang_up(target)
    await stage.wait_for(AgentLost, lambda event: event.channel == channel)
    await stage.telephony.join(channel, another, mark=True)
    await stage.wait_for(Joined, lambda event: event.leg == another)


async def test_a_busy_target_says_so_and_the_music_plays_on(stage: Stage) -> None:
    channel, leg = await on_hold(stage)
    target = await target_of(stage, channel, "busy")
    await until(lambda: any(isinstance(e, Ended | Refused) and e.channel == target for e in stage.events))
    assert (await facts(stage))[channel].on_hold
    await stage.telephony.join(channel, leg, mark=True)
    await until(lambda: sum(isinstance(e, Joined) and e.channel == channel for e in stage.events) == 2)


async def test_whoever_is_released_is_rescued_by_another(stage: Stage) -> None:
    another = await leg_of(stage)
    channel, _leg = await on_hold(stage)
    await stage.telephony.release(channel)
    await stage.wait_for(AgentLost, lambda event: event.channel == channel)
    await stage.telephony.join(channel, another, mark=True)
    await stage.wait_for(Joined, lambda event: event.leg == another)


async def test_to_a_colleague_who_stays_when_the_agent_leaves(stage: Stage) -> None:
    colleague = await leg_of(stage)  # before: a busy machine takes its time to start a phone
    channel, leg = await on_hold(stage)
    await stage.telephony.join(colleague, leg, mark=False)
    await stage.wait_for(Met, lambda event: event.channels == {colleague, leg})
    known = await facts(stage)
    assert (known[colleague].consults, known[leg].consults) == (True, True)
    assert (known[colleague].holding, known[leg].holding) == (False, False)
    await stage.telephony.gather(channel, leg)
    await stage.wait_for(Gathered, lambda event: event.channel == channel)
    await stage.telephony.send_home(leg)
    await stage.wait_for(Joined, lambda event: event.channel == channel and event.leg == colleague)
    await until(lambda: idle_again(stage, leg))
    known = await facts(stage)
    assert (known[channel].talking_to, known[leg].holding) == (colleague, True)


async def test_an_agent_takes_the_place_of_another_in_a_conversation(stage: Stage) -> None:
    channel, leg = await conversation(stage)
    another = await leg_of(stage)
    await stage.telephony.join(channel, another, mark=True)
    await stage.wait_for(Joined, lambda event: event.leg == another)
    await stage.telephony.send_home(leg)
    await until(lambda: idle_again(stage, leg))
    assert (await facts(stage))[channel].talking_to == another
    assert not any(isinstance(event, AgentLost) for event in stage.events)


async def test_a_supervisor_takes_the_agents_place_and_the_call_ends_with_him(stage: Stage) -> None:
    channel, leg = await conversation(stage)
    listener = await listener_of(stage)
    await stage.telephony.hear(listener, channel, ListenMode.BARGE)
    await stage.wait_for(Hearing, lambda event: event.channel == listener)
    await stage.telephony.join(channel, listener, mark=True)
    over = await stage.wait_for(HandedOver, lambda event: event.channel == channel)
    assert over.target == listener
    await stage.telephony.send_home(leg)
    await until(lambda: idle_again(stage, leg))
    assert (await facts(stage))[channel].target == listener
    assert not any(isinstance(event, AgentLost | Ended) for event in stage.events)
    await stage.telephony.hang_up(listener)
    await stage.wait_for(AgentLost, lambda event: event.channel == channel)


@pytest.mark.parametrize("target", ["leg.1.1", "transfer.\r\nAction: Hangup"])
async def test_only_a_target_is_rung_as_one(stage: Stage, target: str) -> None:
    order = TargetOrder(
        target=ChannelId(target), number="+31790000010", caller_id=CLIENT_NUMBER, ring_seconds=20, trunk="trunk"
    )
    if hasattr(stage, "fake"):
        pytest.skip("the fake dials nobody")
    with pytest.raises(TelephonyError):
        await stage.telephony.ring_target(order)
