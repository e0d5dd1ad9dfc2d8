"""One behaviour, three telephone systems: what the fake does in memory, and the simulated one over its manager
interface, the real Asterisk does too.

The tests below know only the port. What a person does at the far end (pick up, hang up, press a key) is the stage's.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from itertools import cycle
from typing import Any, Protocol, TypeVar

import pytest

from dialer.asterisk.link import LinkSettings
from dialer.asterisk.nodes import AsteriskNodes
from dialer.asterisk.telephony import AsteriskTelephony
from dialer.clock import SystemClock, SystemIds
from dialer.demo.town_plan import special
from dialer.domain.ids import AttemptId, ChannelId
from dialer.domain.listening import ListenMode
from dialer.services.ports.surveying import SurveyBegun, SurveyOrder
from dialer.services.ports.telephony import (
    AgentLost,
    Answered,
    CallerArrived,
    CallerChoice,
    CallerChose,
    CallerReady,
    CallerRoute,
    ChannelKind,
    Dialed,
    DialOrder,
    Ended,
    Hearing,
    Joined,
    LegIdle,
    LegOrder,
    LinkUp,
    ListenReady,
    MessageStarted,
    Refused,
    Route,
    Telephony,
    TelephonyError,
    TelephonyEvent,
    TellOrder,
    Told,
)
from tests.support.ami_server import AmiServer
from tests.support.ami_server_calls import Fate
from tests.support.city import CLIENT, CLIENT_NUMBER, DEVICE_SECRET, TelephoneCity, until
from tests.support.fake_telephony import FakeTelephony
from tests.support.softphone import Softphone, registered

pytestmark = pytest.mark.system

Kind = TypeVar("Kind")


class Stage(Protocol):
    """A telephone system with people around it."""

    telephony: Telephony
    events: list[TelephonyEvent]

    async def dial_somebody_who_answers(self, safe_after: float = 1.8) -> AttemptId: ...

    async def dial_somebody_busy(self) -> AttemptId: ...

    def somebody_who(self, does: str) -> str:
        """The number of somebody to whom a call may go: `answers` or is `busy`."""
        ...

    async def phone(self) -> str:
        """A registered softphone's device name."""
        ...

    async def phone_dies(self, leg: ChannelId) -> None: ...

    async def caller(self, *, presses: str = "") -> None:
        """Somebody rings the client's number."""
        ...

    async def time_passes(self, seconds: float) -> None: ...

    async def wait_for(self, kind: type[Kind], where: Callable[[Kind], bool] = ...) -> Kind: ...

    async def close(self) -> None: ...


class _Waiting:
    events: list[TelephonyEvent]

    async def wait_for(self, kind: type[Kind], where: Callable[[Kind], bool] = lambda event: True) -> Kind:
        def found() -> Kind | None:
            return next((e for e in self.events if isinstance(e, kind) and where(e)), None)

        await until(lambda: found() is not None, 30, kind.__name__)
        event = found()
        assert event is not None
        return event


class FakeStage(_Waiting):
    def __init__(self) -> None:
        self.events: list[TelephonyEvent] = []
        self.fake = FakeTelephony()
        self.telephony: Telephony = self.fake
        self.fake.sink = self.events.append
        self.fake.connect()

    def somebody_who(self, does: str) -> str:
        self.fake.refuse_targets = does == "busy"
        return "+31790000010"

    async def dial_somebody_who_answers(self, safe_after: float = 1.8) -> AttemptId:
        attempt = await _dial(self.telephony, "+31600000001", safe_after=safe_after)
        self.fake.ring(ChannelId(str(attempt)))
        self.fake.answer(ChannelId(str(attempt)))
        return attempt

    async def dial_somebody_busy(self) -> AttemptId:
        attempt = await _dial(self.telephony, "+31600000002")
        self.fake.end(ChannelId(str(attempt)), cause=17, sip_code=486)
        return attempt

    async def phone(self) -> str:
        device = f"a-{uuid.uuid4().hex[:8]}"
        await self.telephony.set_device(device, DEVICE_SECRET)
        return device

    async def phone_dies(self, leg: ChannelId) -> None:
        self.fake.end(leg)

    async def caller(self, *, presses: str = "") -> None:
        channel = self.fake.call_in(f"17.{len(self.events)}", "+31600000099", CLIENT_NUMBER)
        self.fake.greeted(channel)
        if presses:
            self.fake.press(channel, CallerChoice.CALL_BACK, CLIENT_NUMBER)

    async def time_passes(self, seconds: float) -> None:
        self.fake.pass_time(seconds)

    async def close(self) -> None:
        self.fake.disconnect()


class RealStage(_Waiting):
    def __init__(self, city: TelephoneCity, number: Iterator[int]) -> None:
        self.city = city
        self.events: list[TelephonyEvent] = []
        self._number = number
        self._phones: dict[str, Softphone] = {}
        self._of_leg: dict[ChannelId, str] = {}
        self.phones_at = city.instance.sip_port
        self.near: ChannelId | None = None
        self.asterisk = self.system()
        self.telephony: Telephony = self.asterisk
        self.asterisk.start(self.events.append)

    def system(self) -> AsteriskTelephony | AsteriskNodes:
        return self.node(self.city.instance.ami_port)

    def node(self, port: int) -> AsteriskTelephony:
        name, secret = self.city.ami_user
        return AsteriskTelephony(LinkSettings(port=port, username=name, secret=secret), SystemClock())

    def somebody_who(self, does: str) -> str:
        return special({"answers": "200", "busy": "486"}[does], next(self._number))

    async def dial_somebody_who_answers(self, safe_after: float = 1.8) -> AttemptId:
        attempt = await self.dial(special("200", next(self._number)), safe_after=safe_after)
        await self.wait_for(Answered, lambda event: event.channel == str(attempt))
        return attempt

    async def dial_somebody_busy(self) -> AttemptId:
        return await self.dial(special("486", next(self._number)))

    async def dial(self, number: str, **options: Any) -> AttemptId:
        return await _dial(self.telephony, number, near=self.near, **options)

    async def phone(self, device: str = "") -> str:
        device = device or f"a-{uuid.uuid4().hex[:8]}"
        await self.telephony.set_device(device, DEVICE_SECRET)
        city, root = self.city, self.city.root
        assert root is not None
        self._phones[device] = await registered(
            lambda: Softphone(device, DEVICE_SECRET, self.phones_at, city.data / "phones", root, city.processes)
        )
        return device

    async def phone_dies(self, leg: ChannelId) -> None:
        await self.telephony.hang_up(leg)

    async def caller(self, *, presses: str = "") -> None:
        await self.telephony.name_client(CLIENT_NUMBER, CLIENT)
        async with self.city.town_ami() as town:
            await self.city.call_in(town, "+31600000099", keys=presses, patience=9 if presses else 30)

    async def time_passes(self, seconds: float) -> None:
        """Real time passes by itself: whoever waits for an event waits long enough."""

    async def close(self) -> None:
        for fact in await self.telephony.channels():
            await self.telephony.hang_up(fact.channel)
        await self.asterisk.stop()
        for phone in self._phones.values():
            await asyncio.to_thread(phone.stop)


class NodesStage(RealStage):
    """Two nodes. Phones are with the second, everything else happens on the first: whoever meets is brought over."""

    def system(self) -> AsteriskNodes:
        second = self.city.second_node()
        self.phones_at = second.instance.sip_port
        nodes = {"dialer": self.node(self.city.instance.ami_port), "second": self.node(second.instance.ami_port)}
        return AsteriskNodes(nodes, SystemClock(), recording=frozenset(nodes))

    async def dial(self, number: str, **options: Any) -> AttemptId:
        """From the node of an agent with a phone at the first."""
        if self.near is None:
            second, self.phones_at = self.phones_at, self.city.instance.sip_port
            self.near = await leg_of(self)
            self.phones_at = second
        return await super().dial(number, **options)


class SimulatedStage(_Waiting):
    """The adapter over TCP, before a server that speaks AMI and rings nobody."""

    @classmethod
    async def open(cls) -> SimulatedStage:
        answers, busy = Fate(answers_after=0.05), Fate(rings_after=None, fails_after=0.05)
        fates = {"+31600000001": answers, "+31600000002": busy}
        server = AmiServer(lambda number: fates.get(number, Fate()), {"dialer": DEVICE_SECRET})
        return cls(server, await server.start())

    def __init__(self, server: AmiServer, port: int) -> None:
        self.server = server
        self.events: list[TelephonyEvent] = []
        self.asterisk = AsteriskTelephony(
            LinkSettings(port=port, username="dialer", secret=DEVICE_SECRET), SystemClock()
        )
        self.telephony: Telephony = self.asterisk
        self.asterisk.start(self.events.append)

    def somebody_who(self, does: str) -> str:
        return {"answers": "+31600000001", "busy": "+31600000002"}[does]

    async def dial_somebody_who_answers(self, safe_after: float = 1.8) -> AttemptId:
        attempt = await _dial(self.telephony, "+31600000001", safe_after=safe_after)
        await self.wait_for(Answered, lambda event: event.channel == str(attempt))
        return attempt

    async def dial_somebody_busy(self) -> AttemptId:
        return await _dial(self.telephony, "+31600000002")

    async def phone(self) -> str:
        device = f"a-{uuid.uuid4().hex[:8]}"
        await self.telephony.set_device(device, DEVICE_SECRET)
        return device

    async def phone_dies(self, leg: ChannelId) -> None:
        self.server.calls.phone_dies(leg)

    async def caller(self, *, presses: str = "") -> None:
        await self.telephony.name_client(CLIENT_NUMBER, CLIENT)
        self.server.calls.call_in("+31600000099", CLIENT_NUMBER, keys=presses)

    async def time_passes(self, seconds: float) -> None:
        """Real time passes by itself."""

    async def close(self) -> None:
        await self.asterisk.stop()
        await self.server.stop()


async def _dial(
    telephony: Telephony, number: str, *, trunk: str = "trunk", safe_after: float = 1.8, near: ChannelId | None = None
) -> AttemptId:
    attempt = AttemptId(SystemIds().new())
    await telephony.dial(
        DialOrder(
            attempt=attempt,
            number=number,
            caller_id=CLIENT_NUMBER,
            ring_seconds=20,
            trunk=trunk,
            sounds=CLIENT,
            safe_after=safe_after,
            near=near,
        )
    )
    return attempt


def _in_mode(mode: ListenMode, event: Hearing) -> bool:
    return event.mode is mode


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    """Numbers of the town that no other test rings; each test ends its calls."""
    return cycle(range(60, 100))


# The same over two Asterisks takes as long again, in the night: `test_nodes` of the system tests has talks by day.
@pytest.fixture(params=["fake", "simulated", "real", pytest.param("nodes", marks=pytest.mark.nightly)])
async def stage(request: pytest.FixtureRequest, numbers: Iterator[int]) -> AsyncIterator[Stage]:
    built: Stage
    if request.param in ("real", "nodes"):
        kind = RealStage if request.param == "real" else NodesStage
        city = request.getfixturevalue("telephone_city")
        built = kind(city, numbers)
        await city.nobody_was_here()
    else:
        built = FakeStage() if request.param == "fake" else await SimulatedStage.open()
    await until(lambda: sum(isinstance(event, LinkUp) for event in built.events) == (1 + (request.param == "nodes")))
    assert built.telephony.up
    yield built
    await built.close()


async def leg_of(stage: Stage) -> ChannelId:
    leg = ChannelId(f"leg.{uuid.uuid4().hex}.1")
    await stage.telephony.ring_agent(LegOrder(leg=leg, device=await stage.phone()))
    await stage.wait_for(LegIdle, lambda event: event.leg == leg)
    return leg


async def test_a_call_is_answered_joined_and_ended_from_our_side(stage: Stage) -> None:
    leg = await leg_of(stage)
    attempt = await stage.dial_somebody_who_answers()
    channel = ChannelId(str(attempt))
    await stage.wait_for(Dialed, lambda event: event.channel == channel)
    await stage.telephony.join(channel, leg, mark=False)
    joined = await stage.wait_for(Joined, lambda event: event.channel == channel)
    assert joined.leg == leg
    facts = {fact.channel: fact for fact in await stage.telephony.channels()}
    assert (facts[channel].kind, facts[channel].talking_to) == (ChannelKind.RESIDENT, leg)
    assert (facts[leg].kind, facts[leg].talking_to, facts[leg].holding) == (ChannelKind.AGENT, channel, False)
    await stage.telephony.hang_up(channel)
    await stage.wait_for(Ended, lambda event: event.channel == channel)
    await until(lambda: sum(isinstance(e, LegIdle) and e.leg == leg for e in stage.events) == 2)
    facts = {fact.channel: fact for fact in await stage.telephony.channels()}
    assert channel not in facts
    assert facts[leg].holding


async def test_a_survey_leaves_the_agent_free_and_keeps_what_was_pressed_until_it_is_fetched(stage: Stage) -> None:
    leg = await leg_of(stage)
    attempt = await stage.dial_somebody_who_answers()
    channel = ChannelId(str(attempt))
    await stage.wait_for(Dialed, lambda event: event.channel == channel)
    await stage.telephony.join(channel, leg, mark=False)
    await stage.wait_for(Joined, lambda event: event.channel == channel)
    await stage.telephony.begin_survey(SurveyOrder(channel=channel, attempt=attempt, sounds=CLIENT))
    await stage.wait_for(SurveyBegun, lambda event: event.channel == channel)
    await until(lambda: sum(isinstance(e, LegIdle) and e.leg == leg for e in stage.events) == 2)
    facts = {fact.channel: fact for fact in await stage.telephony.channels()}
    assert (facts[channel].surveyed, facts[channel].talking_to, facts[channel].message_started) == (True, None, False)
    assert facts[leg].holding
    assert not any(isinstance(e, AgentLost) and e.channel == channel for e in stage.events)
    (left,) = [one for one in await stage.telephony.collect_surveys() if one.attempt == attempt]
    assert left.kept == "**"
    await stage.telephony.end_survey(channel)
    await stage.wait_for(Ended, lambda event: event.channel == channel)
    await stage.telephony.end_survey(channel)  # over already
    assert attempt in {one.attempt for one in await stage.telephony.collect_surveys()}
    await stage.telephony.forget_survey(left)
    await stage.telephony.forget_survey(left)
    assert attempt not in {one.attempt for one in await stage.telephony.collect_surveys()}


async def listener_of(stage: Stage) -> ChannelId:
    channel = ChannelId(f"listen.{uuid.uuid4().hex}.{uuid.uuid4().hex}.1")
    await stage.telephony.ring_listener(channel, await stage.phone())
    await stage.wait_for(ListenReady, lambda event: event.channel == channel)
    return channel


async def test_a_supervisor_hears_a_call_once_it_was_told_changes_the_mode_and_ends_with_it(stage: Stage) -> None:
    listener, leg = await listener_of(stage), await leg_of(stage)
    attempt = await stage.dial_somebody_who_answers()
    channel = ChannelId(str(attempt))
    await stage.telephony.join(channel, leg, mark=False)
    await stage.wait_for(Joined, lambda event: event.channel == channel)
    facts = {fact.channel: fact for fact in await stage.telephony.channels()}
    assert (facts[listener].kind, facts[listener].bridge) == (ChannelKind.LISTENER, "")
    await stage.telephony.tell(TellOrder(listener=listener, channel=channel, sounds=CLIENT, message="listening"))
    told = await stage.wait_for(Told)
    assert (told.channel, told.heard) == (listener, True)
    for mode, target in ((ListenMode.LISTEN, channel), (ListenMode.WHISPER, leg), (ListenMode.BARGE, channel)):
        await stage.telephony.hear(listener, target, mode)
        heard = await stage.wait_for(Hearing, partial(_in_mode, mode))
        assert heard.channel == listener
    facts = {fact.channel: fact for fact in await stage.telephony.channels()}
    assert facts[channel].talking_to == leg, "nobody's conversation was touched"
    await stage.telephony.hang_up(channel)
    await stage.wait_for(Ended, lambda event: event.channel == listener)
    assert not any(isinstance(event, Ended) and event.channel == leg for event in stage.events)


async def test_nothing_is_heard_of_a_call_that_is_over(stage: Stage) -> None:
    listener = await listener_of(stage)
    await stage.telephony.hear(listener, ChannelId(str(SystemIds().new())), ListenMode.LISTEN)
    await stage.wait_for(Ended, lambda event: event.channel == listener)


async def test_busy_ends_with_its_cause(stage: Stage) -> None:
    attempt = await stage.dial_somebody_busy()
    ended = await stage.wait_for(Ended, lambda event: event.channel == str(attempt))
    assert (ended.cause, ended.sip_code) == (17, 486)


async def test_nobody_comes_so_the_message_speaks(stage: Stage) -> None:
    attempt = await stage.dial_somebody_who_answers()
    await stage.time_passes(1.8)
    message = await stage.wait_for(MessageStarted, lambda event: event.channel == str(attempt))
    assert message.kind == "safe"
    facts = {fact.channel: fact for fact in await stage.telephony.channels()}
    assert facts[ChannelId(str(attempt))].message_started


async def test_the_message_speaks_as_soon_as_was_promised(stage: Stage) -> None:
    attempt = await stage.dial_somebody_who_answers(safe_after=0.8)
    await stage.time_passes(0.8)
    message = await stage.wait_for(MessageStarted, lambda event: event.channel == str(attempt))
    answered = await stage.wait_for(Answered, lambda event: event.channel == str(attempt))
    assert 0.75 <= message.at - answered.at < 1.6  # by Asterisk's own stamps


async def test_the_agents_leg_dies_and_the_resident_stays(stage: Stage) -> None:
    # Both stand before anybody is called: to start and register a second phone takes a loaded machine seconds, and the
    # resident hears music for ten; after that the rescue message has begun, and nobody is joined any more.
    leg, another = await leg_of(stage), await leg_of(stage)
    attempt = await stage.dial_somebody_who_answers()
    channel = ChannelId(str(attempt))
    await stage.telephony.join(channel, leg, mark=False)
    await stage.wait_for(Joined, lambda event: event.channel == channel)
    await stage.phone_dies(leg)
    await stage.wait_for(AgentLost, lambda event: event.channel == channel)
    assert channel in {fact.channel for fact in await stage.telephony.channels()}
    await stage.telephony.join(channel, another, mark=True)
    await stage.wait_for(Joined, lambda event: event.leg == another)


async def test_a_caller_arrives_hears_the_greeting_and_is_joined(stage: Stage) -> None:
    leg = await leg_of(stage)
    await stage.caller()
    arrived = await stage.wait_for(CallerArrived)
    assert (arrived.number, arrived.dialed) == ("+31600000099", CLIENT_NUMBER)
    await stage.telephony.route_caller(CallerRoute(channel=arrived.channel, route=Route.QUEUE, sounds=CLIENT))
    await stage.wait_for(CallerReady, lambda event: event.channel == arrived.channel)
    await stage.telephony.join(arrived.channel, leg, mark=True)
    await stage.wait_for(Joined, lambda event: event.channel == arrived.channel)
    facts = {fact.channel: fact for fact in await stage.telephony.channels()}
    assert facts[arrived.channel].kind is ChannelKind.CALLER


async def test_a_key_is_told_and_kept_until_it_is_forgotten(stage: Stage) -> None:
    await stage.caller(presses="1")
    arrived = await stage.wait_for(CallerArrived)
    await stage.telephony.route_caller(CallerRoute(channel=arrived.channel, route=Route.CLOSED, sounds=CLIENT))
    chose = await stage.wait_for(CallerChose)
    assert chose.choice is CallerChoice.CALL_BACK
    (left,) = [c for c in await stage.telephony.collect_callbacks() if c.number == "+31600000099"]
    assert (left.dialed, left.wish) == (CLIENT_NUMBER, "call_back")
    await stage.telephony.forget_callback(left)
    assert left.number not in {c.number for c in await stage.telephony.collect_callbacks()}


async def test_a_dial_over_a_line_that_a_later_owner_shut_is_refused(stage: Stage) -> None:
    name = uuid.uuid4().hex
    await stage.telephony.open_line(f"{name}-1", "trunk")
    await stage.telephony.open_line(f"{name}-2", "trunk")
    await stage.telephony.open_line(f"{name}-2", "trunk")  # twice is once
    late = await _dial(stage.telephony, special("486", 50), trunk=f"{name}-1")
    await stage.wait_for(Refused, lambda e: e.channel == ChannelId(str(late)))
    good = await _dial(stage.telephony, special("486", 51), trunk=f"{name}-2")
    await stage.wait_for(Dialed, lambda e: e.channel == ChannelId(str(good)))
    assert not any(isinstance(e, Dialed) and e.channel == ChannelId(str(late)) for e in stage.events)


async def test_a_line_is_there_from_its_opening_until_a_later_owner_shuts_it(stage: Stage) -> None:
    name = uuid.uuid4().hex
    assert not await stage.telephony.has_line(f"{name}-1")
    await stage.telephony.open_line(f"{name}-1", "trunk")
    assert await stage.telephony.has_line(f"{name}-1")
    await stage.telephony.open_line(f"{name}-2", "trunk")
    assert not await stage.telephony.has_line(f"{name}-1")


async def test_a_telephone_system_with_room_keeps_what_it_is_told(stage: Stage) -> None:
    assert [await stage.telephony.keeps() for _ in range(3)] == [True, True, True]


async def test_whoever_runs_the_calls_says_so(stage: Stage) -> None:
    await stage.telephony.mark_owner("machine.example-0a1b")
    assert await stage.telephony.owner() == "machine.example-0a1b"


async def test_sound_from_a_leg_is_counted(stage: Stage) -> None:
    leg = await leg_of(stage)
    gone = ChannelId("leg.nobody.1")
    counted = await stage.telephony.packets_received([leg, gone])
    assert set(counted) == {leg}
    before = counted[leg]
    for _ in range(300):
        await stage.time_passes(1.0)
        if (await stage.telephony.packets_received([leg]))[leg] > before:
            return
        await asyncio.sleep(0.1)
    pytest.fail("no packet was counted")


async def test_what_is_gone_can_be_hung_up_but_not_joined(stage: Stage) -> None:
    gone = ChannelId(str(SystemIds().new()))
    await stage.telephony.hang_up(gone)
    with pytest.raises(TelephonyError):
        await stage.telephony.join(gone, ChannelId("leg.nobody.1"), mark=True)


async def test_a_phone_that_nobody_has_is_refused(stage: Stage) -> None:
    leg = ChannelId(f"leg.{uuid.uuid4().hex}.1")
    try:
        await stage.telephony.ring_agent(LegOrder(leg=leg, device="a-nobody"))
    except TelephonyError:
        return
    await stage.wait_for(Refused, lambda event: event.channel == leg)


@pytest.mark.parametrize("value", ["+316\r\nAction: Hangup", "0600000001", "+31600000001@other", "${SHELL(id)}", ""])
async def test_a_number_of_another_form_never_gets_to_asterisk(
    telephone_city: TelephoneCity, numbers: Iterator[int], value: str
) -> None:
    stage = RealStage(telephone_city, numbers)
    await stage.wait_for(LinkUp)
    with pytest.raises(TelephonyError):
        await _dial(stage.telephony, value)
    await stage.close()
