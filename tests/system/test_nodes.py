"""Two Asterisk nodes, real phones, a real carrier: what becomes of calls when one is lost, cut off or drained."""

from __future__ import annotations

import asyncio
import signal
import uuid
from collections.abc import AsyncIterator
from itertools import cycle

import pytest

from dialer.asterisk.nodes import AsteriskNodes
from dialer.clock import SystemClock
from dialer.domain.devices import browser_device
from dialer.domain.ids import ChannelId, UserId
from dialer.services.ports.telephony import (
    AgentLost,
    Ended,
    Joined,
    LegIdle,
    LegOrder,
    LinkDown,
    LinkUp,
    TelephonyError,
)
from tests.contract.test_telephony import RealStage, leg_of
from tests.support.city import DEVICE_SECRET, TelephoneCity, until
from tests.support.proxy import Proxy
from tests.support.raw_ami import RawAmi

pytestmark = pytest.mark.system


class TwoNodes(RealStage):
    """`dialer` always stands; `second` is reached through a proxy, and is killed and started."""

    def __init__(self, city: TelephoneCity, proxy: Proxy) -> None:
        self.proxy = proxy
        self.moved: list[str] = []
        super().__init__(city, cycle(range(60, 100)))

    def system(self) -> AsteriskNodes:
        nodes = {"dialer": self.node(self.city.instance.ami_port), "second": self.node(self.proxy.port)}
        self.whole = AsteriskNodes(nodes, SystemClock(), grace=4.0)
        self.whole.on_move = self.moved.append
        return self.whole

    async def leg_at(self, node: str) -> ChannelId:
        second = self.city.second_node().instance
        self.phones_at = self.city.instance.sip_port if node == "dialer" else second.sip_port
        leg = await leg_of(self)
        assert self.whole.where(leg) == (node, node)
        return leg

    async def call_near(self, leg: ChannelId) -> ChannelId:
        """Somebody who has answered, on the node of `leg`."""
        self.near = leg
        return ChannelId(str(await self.dial_somebody_who_answers()))

    async def in_talk(self, resident_at: str, agent_at: str) -> tuple[ChannelId, ChannelId]:
        """A resident and an agent on the nodes named, who talk."""
        leg = await self.leg_at(agent_at)
        channel = await self.call_near(leg if agent_at == resident_at else await self.leg_at(resident_at))
        await self.telephony.join(channel, leg, mark=False)
        await self.joined(channel, leg)
        assert self.whole.where(leg) == (agent_at, resident_at)
        return channel, leg

    async def joined(self, channel: ChannelId, leg: ChannelId) -> None:
        await self.wait_for(Joined, lambda event: event.channel == channel and event.leg == leg)

    async def kill_second(self) -> None:
        await asyncio.to_thread(self.city.second_node().stop, signal.SIGKILL)

    async def start_second(self) -> None:
        await asyncio.to_thread(self.city.second_again)

    def ended(self, channel: ChannelId) -> bool:
        return any(isinstance(event, Ended) and event.channel == channel for event in self.events)

    def idles(self, leg: ChannelId) -> int:
        return sum(isinstance(event, LegIdle) and event.leg == leg for event in self.events)

    async def in_state(self, state: str) -> None:
        await until(lambda: dict(self.whole.states())["second"] == state, 30, f"second is {state}")

    async def sent(self, node: str, channel: ChannelId) -> int:
        """RTP packets that a node has sent to whoever is at the far end."""
        port = self.city.instance.ami_port if node == "dialer" else self.city.second_node().instance.ami_port
        async with RawAmi(port, *self.city.ami_user) as ami:
            answer = await ami.action("Getvar", Channel=channel, Variable="CHANNEL(rtcp,txcount,audio)")
        return int(answer["Value"])


@pytest.fixture
async def two(telephone_city: TelephoneCity) -> AsyncIterator[TwoNodes]:
    proxy = await Proxy(telephone_city.second_node().instance.ami_port).start()
    built = TwoNodes(telephone_city, proxy)
    await built.in_state("up")
    await until(lambda: dict(built.whole.states())["dialer"] == "up")
    yield built
    proxy.refuse = False
    await built.start_second()
    await built.in_state("up")
    await built.close()
    await proxy.stop()


async def test_sound_flows_both_ways_between_two_nodes(two: TwoNodes) -> None:
    channel, leg = await two.in_talk("dialer", "second")
    before = await two.sent("dialer", channel), await two.sent("second", leg)
    async with asyncio.timeout(30):
        while True:
            now = await two.sent("dialer", channel), await two.sent("second", leg)
            if now[0] - before[0] >= 50 and now[1] - before[1] >= 50:  # a second of talk, each way
                break
    counted = await two.telephony.packets_received([leg, channel])
    assert min(counted.values()) > 0, "each where its phone is"
    assert two.whole.brought == 1


async def test_the_agents_node_dies_and_the_resident_is_rescued_on_his_own(two: TwoNodes) -> None:
    channel, leg = await two.in_talk("dialer", "second")
    another = await two.leg_at("dialer")
    await two.kill_second()
    await two.wait_for(AgentLost, lambda event: event.channel == channel)
    await two.telephony.join(channel, another, mark=True)
    await two.joined(channel, another)
    await until(lambda: two.ended(leg))
    facts = {fact.channel: fact for fact in await two.telephony.channels()}
    assert facts[channel].talking_to == another
    assert leg not in facts
    assert two.telephony.up
    assert not any(isinstance(event, LinkDown) for event in two.events), "one of two is no outage"


@pytest.mark.nightly
async def test_the_residents_node_dies_and_his_agent_is_free_at_once(two: TwoNodes) -> None:
    channel, leg = await two.in_talk("second", "dialer")
    before = two.idles(leg)
    await two.kill_second()
    await until(lambda: two.idles(leg) > before)
    await until(lambda: two.ended(channel))
    assert not two.ended(leg)
    call = await two.call_near(leg)
    await two.telephony.join(call, leg, mark=False)
    await two.joined(call, leg)


async def test_a_node_that_is_cut_off_keeps_its_talks_and_is_believed_when_it_is_back(two: TwoNodes) -> None:
    two.whole._grace = 120.0  # it is back before it is given up, however slow the machine
    channel, leg = await two.in_talk("second", "second")
    waiting = await two.leg_at("second")
    two.proxy.swallow = True  # nobody refuses, nobody answers
    await two.in_state("in doubt")
    assert two.ended(waiting), "nobody is joined to a leg of which nothing is known"
    assert not two.ended(channel)
    with pytest.raises(TelephonyError, match="second"):
        await two.telephony.channels()
    with pytest.raises(TelephonyError):
        await two.telephony.hang_up(channel)
    two.proxy.swallow = False
    two.proxy.cut()
    await two.in_state("up")
    facts = {fact.channel: fact for fact in await two.telephony.channels()}
    assert facts[channel].talking_to == leg
    assert not two.ended(channel)
    # The leg that was given up is sent away: its agent has been rung anew.
    await until(lambda: two.whole.where(waiting) is None)
    assert sum(isinstance(event, LinkUp) for event in two.events) == 3


@pytest.mark.nightly
async def test_a_node_silent_for_too_long_is_given_up_and_its_talks_are_not_cut_when_it_is_back(
    two: TwoNodes,
) -> None:
    channel, leg = await two.in_talk("second", "second")
    two.proxy.swallow = True
    await two.in_state("down")
    assert two.ended(channel)
    assert two.ended(leg)
    assert [fact for fact in await two.telephony.channels() if fact.channel in (channel, leg)] == []
    two.proxy.swallow = False
    two.proxy.cut()
    await two.in_state("up")
    facts = {fact.channel: fact for fact in await two.telephony.channels()}
    assert facts[channel].talking_to == leg, "two people talk on, whatever we believed"
    await two.telephony.hang_up(channel)
    await until(lambda: two.whole.where(leg) is None)


@pytest.mark.nightly
async def test_a_node_that_was_away_learns_who_may_register(two: TwoNodes) -> None:
    await two.kill_second()
    await two.in_state("down")
    made, gone = "a-made-meanwhile", "a-gone-meanwhile"
    await two.telephony.set_device(made, DEVICE_SECRET)
    await two.telephony.name_client("+31790000002", "andere-klant")
    await two.start_second()
    await two.in_state("up")
    first, second = await asyncio.gather(*(node.accounts() for node in two.whole.nodes.values()))
    assert ("dyn/auth", made) in second
    assert {key: value for key, value in first.items() if key[0] != "dyn/endpoint"} == {
        key: value for key, value in second.items() if key[0] != "dyn/endpoint"
    }
    await two.telephony.set_device(gone, DEVICE_SECRET)
    await two.kill_second()
    await two.in_state("down")
    await two.telephony.remove_device(gone)
    await two.telephony.remove_device(made)
    await two.start_second()
    await two.in_state("up")
    assert not {("dyn/auth", made), ("dyn/endpoint", gone)} & (await two.whole.nodes["second"].accounts()).keys()


async def test_a_drained_node_gets_nothing_new_and_loses_what_waits(two: TwoNodes) -> None:
    channel, leg = await two.in_talk("second", "second")
    with pytest.raises(TelephonyError):
        two.whole.drain(frozenset({"second", "dialer"}))
    with pytest.raises(TelephonyError):
        two.whole.drain(frozenset({"third"}))
    two.whole.drain(frozenset({"second"}))
    here = await two.leg_at("dialer")
    call = await two.call_near(leg)  # his agent is there, and still
    assert two.whole.where(call) == ("dialer", "dialer")
    await two.telephony.join(call, here, mark=False)
    await two.joined(call, here)
    assert not two.ended(channel), "who talks, talks on"
    phone = browser_device(UserId(uuid.uuid4()))
    assert two.whole.node_for(phone) == "dialer"
    two.whole.drain(frozenset())
    assert {two.whole.node_for(f"phone-{number}") for number in range(20)} == {"dialer", "second"}


async def test_a_phone_in_a_browser_is_moved_off_a_drained_node_once_its_talk_is_over(two: TwoNodes) -> None:
    """The real phone stands for one in a browser: what tells them apart is the account's name."""
    device = browser_device(UserId(uuid.uuid4()))
    two.phones_at = two.city.second_node().instance.sip_port
    await two.phone(device)
    leg = ChannelId("leg.5d0e0a2c9d9d4a58a3b6b7d3a3a7b001.1")
    await two.telephony.ring_agent(LegOrder(leg=leg, device=device))
    await two.wait_for(LegIdle, lambda event: event.leg == leg)
    channel = await two.call_near(leg)
    await two.telephony.join(channel, leg, mark=False)
    await two.joined(channel, leg)
    two.whole.drain(frozenset({"second"}))
    assert two.moved == []
    await two.telephony.hang_up(channel)
    await until(lambda: two.ended(leg))
    await until(lambda: two.moved == [device])
    with pytest.raises(TelephonyError, match="drained"):
        await two.telephony.ring_agent(LegOrder(leg=ChannelId("leg.5d0e0a2c9d9d4a58a3b6b7d3a3a7b001.2"), device=device))
    two.whole.drain(frozenset())


async def test_nothing_is_recorded_where_nobody_could_delete_it(two: TwoNodes) -> None:
    channel, _ = await two.in_talk("second", "dialer")
    with pytest.raises(TelephonyError, match="another machine"):
        await two.telephony.begin_recording(channel, "/memory/a.in.alaw", "/memory/a.out.alaw")
