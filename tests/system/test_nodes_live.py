"""The main job over two nodes: claimed, dialled, joined, written down, while one of them is killed."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator

import pytest

from dialer.asterisk.nodes import AsteriskNodes
from dialer.demo.town_plan import special
from dialer.domain.agent import AgentState
from dialer.domain.ids import AttemptId, UserId
from dialer.services.ports.desk import Filing
from dialer.storage.pool import open_pool
from tests.support.call_records import town_calls
from tests.support.city import CLIENT_NUMBER, TelephoneCity
from tests.support.live_centre import LiveCentre
from tests.support.world import MONDAY

pytestmark = pytest.mark.system


class OverTwoNodes(LiveCentre):
    def make_telephony(self) -> AsteriskNodes:
        self.second = self.city.second_node()
        nodes = {
            "dialer": self.node(self.city.instance.ami_port),
            "second": self.node(self.second.instance.ami_port),
        }
        self.nodes = AsteriskNodes(nodes, self.clock, grace=4.0)
        return self.nodes

    async def begin(self, *at: str) -> list[UserId]:
        """An agent on duty for each node named, his phone registered there."""
        await self.start(agents=len(at), on_duty=False)
        await self.until(lambda: set(self.nodes.states().values()) == {"up"})
        for user, node in zip(self.world.agents, at, strict=True):
            await self.on_duty(user, self.port(node))
            assert self.place(user) == (node, node)
        return self.world.agents

    def port(self, node: str) -> int:
        return self.city.instance.sip_port if node == "dialer" else self.second.instance.sip_port

    def place(self, user: UserId) -> tuple[str, str] | None:
        leg = self.centre.floor.agent(user).leg_channel
        return None if leg is None else self.nodes.where(leg)

    def node_of_call(self, user: UserId) -> str:
        attempt = self.centre.floor.agent(user).attempt
        assert attempt is not None
        where = self.nodes.where(self.centre.floor.call(attempt).call.channel)
        assert where is not None
        return where[0]

    async def filed(self, user: UserId, attempt: AttemptId) -> None:
        """The wrap-up is over; the agent is free as soon as his phone is."""
        await self.centre.desk.file(user, attempt, Filing(outcome="VOICEMAIL"))
        await self.until(lambda: self.state(user) is AgentState.AVAILABLE)

    async def talking(self, user: UserId) -> None:
        await self.until(lambda: self.state(user) is AgentState.TALKING)


@pytest.fixture
async def live(telephone_city: TelephoneCity, dsn: str) -> AsyncIterator[OverTwoNodes]:
    pool = await open_pool(dsn)
    centre = OverTwoNodes(telephone_city, pool, MONDAY)
    yield centre
    await asyncio.to_thread(telephone_city.second_again)
    await centre.until(lambda: set(centre.nodes.states().values()) == {"up"} and centre.centre.takeover.serves(), 30)
    await centre.stop()
    await pool.close()
    assert centre.centre.floor.illegal == 0
    assert centre.centre.journal.rejected == 0
    assert centre.centre.tasks.failed == 0


@pytest.mark.nightly
async def test_each_call_leaves_from_the_node_of_its_agent(live: OverTwoNodes) -> None:
    users = await live.begin("dialer", "second")
    for number in (51, 52):
        await live.world.add_case(special("200", number))
    live.centre.somebody_free()
    for user, node in zip(users, ("dialer", "second"), strict=True):
        await live.talking(user)
        assert live.node_of_call(user) == node
    assert live.nodes.brought == 0


async def test_a_node_dies_the_other_goes_on_and_nobody_is_called_twice(live: OverTwoNodes) -> None:
    here, there = await live.begin("dialer", "second")
    began = time.time()
    cases = [await live.world.add_case(special("200", number)) for number in (53, 54)]
    live.centre.somebody_free()
    await live.talking(here)
    await live.talking(there)
    lost, kept = live.centre.floor.agent(there).attempt, live.centre.floor.agent(here).attempt
    await asyncio.to_thread(live.second.stop, signal.SIGKILL)
    await live.until(lambda: live.state(there) is AgentState.WRAP_UP)
    assert live.centre.floor.agent(here).attempt == kept, "who talks on the other node notices nothing"
    rows = {row["id"]: row for row in [await live.row(case) for case in cases]}
    assert lost is not None
    assert kept is not None
    assert (rows[lost]["live"], rows[kept]["live"]) == (False, True)
    # His phone comes back on the node that is left, and he gets a call there.
    assert live.centre.floor.agent(there).leg_channel is None or live.place(there) is None
    await asyncio.to_thread(live.phones.pop().stop)
    await live.on_duty(there, live.port("dialer"))
    await live.filed(there, lost)
    assert live.place(there) == ("dialer", "dialer")
    third = await live.world.add_case(special("200", 55))
    live.centre.somebody_free()
    await live.talking(there)
    assert live.node_of_call(there) == "dialer"
    assert (await live.row(third))["live"]
    rang = [call.number for call in town_calls(live.city.town.server.cel, began)]
    assert sorted(rang) == [special("200", number) for number in (53, 54, 55)]


@pytest.mark.nightly
async def test_a_caller_on_one_node_has_an_agent_on_the_other(live: OverTwoNodes) -> None:
    (user,) = await live.begin("second")
    async with live.city.town_ami() as town:
        await live.city.call_in(town, "+31600000098", CLIENT_NUMBER)
        await live.talking(user)
    assert live.node_of_call(user) == "dialer"
    assert live.place(user) == ("second", "dialer")
    assert live.nodes.brought == 1
    attempt = live.centre.floor.agent(user).attempt
    assert attempt is not None
    await live.centre.desk.hang_up(user, attempt)
    await live.until(lambda: live.place(user) == ("second", "second"))
