"""Asterisk, its AMI link, the carrier and the phones fail: broken here, this happens."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Sequence

import pytest

from dialer.demo.seed import CLIENT
from dialer.demo.town_plan import special
from tests.support.call_records import own_calls
from tests.support.city import until
from tests.support.day import Day, Resident
from tests.support.plant import AMI_USER, Plant
from tests.support.raw_ami import RawAmi

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]


async def test_asterisk_killed_in_mid_campaign(plant: Plant) -> None:
    numbers = [Resident(special("180", 0), crisis=True)] + [Resident(special("200", place)) for place in range(4)]
    async with Day(plant, numbers, agents=3) as day:
        await day.open()
        await day.run()
        await day.until_count("state = 'joined'", 2)
        await day.until_count("state = 'ringing'", 1)
        await plant.kill(plant.asterisk.name)
        await asyncio.to_thread(plant.asterisk.start)
        await day.until_count("not live", 3)
        assert await day.count("not live and counted and answered_at is null") == 0, "our fault is no attempt"
        await day.until_count("not live and counted and outcome is not null and agent_id is not null", 2, 30)
        await day.until_count("state = 'joined'", 2, 45)


async def test_the_ami_link_is_half_open(plant: Plant) -> None:
    numbers = [Resident(special("201", place)) for place in range(8)]
    async with Day(plant, numbers, agents=2) as day:
        dialer = await day.open()
        await day.run()
        await day.until_count("state = 'joined'", 1)
        dialer.ami.swallow = True
        began = time.time()

        async def noticed() -> bool:
            return not (await day.floor())["link_up"]

        await day.until(noticed, 5.0)
        calls = len(day.town_calls())
        await asyncio.sleep(4.0)  # the link stays half open: nothing may leave
        assert len(day.town_calls()) == calls
        assert all(call.began < began + 0.5 for call in day.town_calls())
        dialer.ami.swallow = False
        dialer.ami.cut()
        await day.until_count("outcome is not null and not live", 8, 90)
        assert await day.doubled() == []


@pytest.mark.nightly
async def test_events_dropped_doubled_and_late(plant: Plant) -> None:
    numbers = [Resident(special("201", place)) for place in range(8)]
    async with Day(plant, numbers, agents=2) as day:
        dialer = await day.open()
        draw = random.Random(4)

        def edit(message: bytes) -> Sequence[bytes]:
            if not message.startswith(b"Event: ") or b"ActionID" in message:
                return [message]
            return draw.choices([[message], [], [message, message]], [70, 15, 15])[0]

        dialer.ami.edit = edit
        dialer.ami.delay = 0.1
        await day.run()
        await day.until_count("outcome is not null", 3, 60)
        dialer.ami.edit, dialer.ami.delay = None, 0.0
        await day.until_count("outcome is not null and not live", 8, 90)

        async def settled() -> bool:
            return await day.count("live or wrap_up_open") == 0

        await day.until(settled, 30)
        await day.until_agents(lambda ready: ready == 2, 20)
        overlapping(day)


def overlapping(day: Day) -> None:
    """Nobody's phone rings twice at once."""
    by_number: dict[str, float] = {}
    for call in sorted(day.town_calls(), key=lambda call: call.began):
        assert call.began >= by_number.get(call.number, 0.0), f"{call.number} rang twice at once"
        by_number[call.number] = call.ended or time.time()


@pytest.mark.nightly
async def test_a_failure_is_reported_while_the_channel_lives(plant: Plant) -> None:
    async with Day(plant, [Resident(special("200", 1))], agents=1) as day:
        dialer = await day.open()

        def edit(message: bytes) -> Sequence[bytes]:
            lines = message.decode().split("\r\n")
            channel = next((line[10:] for line in lines if line.startswith("Uniqueid: ")), "")
            if lines[0] != "Event: Newchannel" or channel.startswith("leg."):
                return [message]
            forged = f"Event: OriginateResponse\r\nResponse: Failure\r\nReason: 0\r\nUniqueid: {channel}\r\n\r\n"
            return [message, forged.encode()]

        dialer.ami.edit = edit
        await day.run()
        await day.until_count("state = 'joined'", 1)
        assert await day.count() == 1


@pytest.mark.nightly
async def test_the_carrier_answers_503_to_all(plant: Plant) -> None:
    numbers = [Resident(special("503", place)) for place in range(20)]
    async with Day(plant, numbers, agents=2) as day:
        await day.open()
        await day.run()

        async def paused() -> bool:
            return await day.reason() == "trunk_faults"

        await day.until(paused, 30)
        assert await day.count("counted and not live") == 0, "no attempt burned"
        calls = len(day.town_calls())
        assert calls <= 5 + day.agents
        figures = await day.figures()
        assert figures[f'dialer_campaign_holding{{campaign="{day.campaign}",reason="trunk_faults"}}'] == 1, "the alert"
        await asyncio.sleep(3.0)  # the pause lasts 15 s
        assert len(day.town_calls()) == calls


@pytest.mark.nightly
async def test_fifty_answer_at_once(plant: Plant) -> None:
    began = time.time()
    async with RawAmi(plant.instance.ami_port, AMI_USER, plant.ami_secret) as ami:
        for place in range(50):
            attempt = f"00000000-0000-7000-8000-0000000005{place:02d}"
            await ami.action(
                "Originate", ActionID=attempt, Channel=f"PJSIP/{special('201', place)}@trunk", Context="resident",
                Exten="s", Priority="1", Account=attempt, ChannelId=attempt, Async="true",
                CallerID=f"<{CLIENT.inbound_number}>", Variable=f"DIALER_SOUNDS={CLIENT.slug}",
            )  # fmt: skip
        await until(lambda: sum(c.message is not None for c in own_calls(plant.asterisk.cel, began).values()) == 50)
    for call in own_calls(plant.asterisk.cel, began).values():
        assert call.answered is not None
        assert call.message is not None
        assert call.message - call.answered <= 2.0


@pytest.mark.nightly
async def test_a_phone_falls_silent(plant: Plant) -> None:
    async with Day(plant, [Resident(special("200", 2))], agents=1) as day:
        await day.open()
        phone = next(name for name in plant.processes._children if name.startswith("phone-"))
        plant.signal(phone, signal.SIGSTOP)

        async def silent() -> bool:
            return [agent["phone"] for agent in (await day.floor())["agents"]] == ["silent"]

        await day.until(silent, 6.0)
        await day.run()

        async def held() -> bool:
            return await day.reason() == "agents"

        await day.until(held, 5.0)
        assert day.town_calls() == []
        plant.signal(phone, signal.SIGCONT)
        await day.until_count("state = 'joined'", 1, 20)


async def line_silent(day: Day) -> bool:
    """Whether the one agent is told that no sound comes from the resident."""
    (agent,) = (await day.floor())["agents"]
    return bool(agent["line_silent"])


async def test_no_sound_comes_from_a_residents_line(plant: Plant) -> None:
    """The carrier connects the call and brings no packet: one-way audio from the other side."""
    async with Day(plant, [Resident(special("205", 0))], agents=1) as day:
        await day.open()
        await day.run()
        await day.until_count("state = 'joined'", 1)
        await day.until(lambda: line_silent(day), 9.0)
        figures = await day.figures()
        assert (figures["dialer_residents_silent"], figures["dialer_residents_fell_silent_total"]) == (1, 1)
        assert figures["dialer_agents_silent"] == 0, "the agent is heard"
        assert await day.count("state = 'joined'") == 1, "a warning: the call goes on"


@pytest.mark.nightly
async def test_the_sound_of_a_resident_stops_in_mid_call_and_comes_back(plant: Plant) -> None:
    async with Day(plant, [Resident(special("200", 3))], agents=1) as day:
        await day.open()
        await day.run()
        await day.until_count("state = 'joined'", 1)

        await asyncio.sleep(7.0)  # longer than it takes to say so: there is sound
        assert not await line_silent(day)
        plant.signal(plant.town.server.name, signal.SIGSTOP)
        await day.until(lambda: line_silent(day), 9.0)
        assert await day.count("state = 'joined'") == 1
        plant.signal(plant.town.server.name, signal.SIGCONT)

        async def heard() -> bool:
            return not await line_silent(day)

        await day.until(heard, 6.0)
        figures = await day.figures()
        assert (figures["dialer_residents_silent"], figures["dialer_residents_fell_silent_total"]) == (0, 1)
        assert await day.count("state = 'joined'") == 1


@pytest.mark.nightly
async def test_from_three_agents_to_none_while_it_rings(plant: Plant) -> None:
    numbers = [Resident(special("200", place)) for place in range(3)]
    async with Day(plant, numbers, agents=3) as day:
        await day.open()
        await day.run()
        await until(lambda: len(day.town_calls()) == 3, what="three ring")
        for name in [name for name in plant.processes._children if name.startswith("phone-")]:
            plant.signal(name, signal.SIGKILL)
        async with RawAmi(plant.instance.ami_port, AMI_USER, plant.ami_secret) as ami:
            await ami.action("Hangup", Channel="/^PJSIP/a-.*/", Cause="16")
        await until(lambda: sum(call.message is not None for call in day.own_calls().values()) == 3, 5.0, "messages")
        for call in day.own_calls().values():
            assert call.answered is not None
            assert call.message is not None
            assert call.joined is None
            assert call.message - call.answered <= 2.0
        await day.until_count("abandoned and not live", 3, 30)
