"""The dialer dies, stands still, or has a second beside it: killed here, this happens."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
import uuid

import pytest

from dialer.asterisk.link import LinkSettings
from dialer.asterisk.telephony import AsteriskTelephony
from dialer.clock import SystemClock
from dialer.demo.seed import CLIENT
from dialer.demo.town_plan import special
from dialer.domain.ids import AttemptId
from dialer.services.ports.telephony import DialOrder, Refused, TelephonyEvent
from dialer.services.turn import LEASE_SECONDS
from tests.support.cable import Cable, why_no_cable
from tests.support.call_records import own_calls, town_calls
from tests.support.city import until
from tests.support.day import Day, Resident
from tests.support.plant import AMI_USER, PROJECT, Plant

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

TAKEN_OVER_WITHIN = 5.0


def talkers(n: int, start: int = 0) -> list[Resident]:
    """Residents who answer after a second and talk until hung up on."""
    return [Resident(special("200", start + place)) for place in range(n)]


@pytest.mark.parametrize("agents", [4, pytest.param(20, marks=pytest.mark.nightly)])
async def test_killed_with_conversations_under_way(plant: Plant, agents: int) -> None:
    async with Day(plant, talkers(agents + 2), agents=agents, most_talk=10.0 + 1.5 * agents) as day:
        await day.open()
        await day.run()
        await day.until_count("state = 'joined'", agents, 40)
        before = {call.number for call in day.town_calls() if call.answered and call.ended is None}
        await plant.kill("service")
        killed = time.time()
        await asyncio.sleep(1.0)  # dead for a while: that is the fault
        await day.serve()
        await day.until_count("outcome is not null and not live", agents + 2, 80 + 3 * agents)
        await day.run("draining")
        await day.until_empty()
        calls = {call.number: call for call in day.town_calls()}
        for number in before:
            ended = calls[number].ended
            assert ended is None or ended > killed + 1.0, "a conversation ended with the dialer"
        assert await day.doubled() == []
        assert await day.count("agent_id is null or not counted") == 0
        await day.until_acknowledged("true")


async def test_stopped_while_residents_answer_and_woken_after_a_take_over(plant: Plant) -> None:
    # They ring for two seconds, and all at once: time to stop it while they do.
    late = [Resident(special("200", place, after_ringing=True)) for place in range(6)]
    settings = {"ring_seconds": 20, "calls_per_second": 100, "first_attempt_hours": 0}
    async with Day(plant, late, agents=3, settings=settings) as day:
        await day.open()
        second = await day.serve("second")
        assert await day.ami_sessions(AMI_USER) == 1
        second.database.refuse = True  # as quick as it is, it would be there before the messages
        second.database.cut()
        await day.run()
        await until(lambda: len(day.town_calls()) == 3, what="three ring")
        plant.signal("service", signal.SIGSTOP)
        stopped = time.time()
        await until(lambda: sum(call.message is not None for call in day.own_calls().values()) == 3, what="messages")
        for call in day.own_calls().values():
            assert call.answered is not None
            assert call.joined is None
            assert call.message is not None
            assert call.message - call.answered <= 2.0
        second.database.refuse = False

        async def taken_over() -> bool:
            return await day.owner() == "second"

        await day.until(taken_over, TAKEN_OVER_WITHIN)
        assert time.time() - stopped < LEASE_SECONDS + TAKEN_OVER_WITHIN

        async def kicked() -> bool:
            return await day.ami_sessions(AMI_USER) == 0

        await day.until(kicked)
        plant.signal("service", signal.SIGCONT)
        first = plant.processes._children["service"]
        await until(lambda: first.poll() is not None, what="the woken one ends")
        assert first.returncode == 75
        await day.until_count("state = 'joined'", 3, 30)
        assert await day.doubled() == []
        await day.until_count("abandoned", 3)
        assert await day.count("abandoned") == 3
        assert (await day.floor(second.name))["link_up"]


@pytest.mark.parametrize(
    "how",
    [
        "kill",
        *(pytest.param(how, marks=pytest.mark.nightly) for how in ("cut", "cut off from the database", "network")),
    ],
)
async def test_a_second_dialer_takes_over_and_adopts_the_conversations(plant: Plant, how: str) -> None:
    if how == "network" and (why := why_no_cable()):
        pytest.skip(why)
    with Cable() if how == "network" else contextlib.nullcontext() as cable:
        await taken_over_and_adopted(plant, how, cable)


async def taken_over_and_adopted(plant: Plant, how: str, cable: Cable | None) -> None:
    async with Day(plant, talkers(4), agents=2) as day:
        first = await day.open(cable=cable)
        await day.serve("second")
        assert (await day.floor("second"))["link_up"] is False, "who stands by does nothing"
        await day.run()
        await day.until_count("state = 'joined'", 2)
        began = time.time()
        process = plant.processes._children["service"]  # a killed one is forgotten there
        if how == "kill":
            await plant.kill("service")
        elif how == "cut":
            first.ami.swallow = first.database.swallow = True
        elif cable is not None:
            cable.pull()
        else:
            first.database.swallow = True

        async def adopted() -> bool:
            calls = (await day.floor("second"))["calls"]
            return [call["state"] for call in calls] == ["joined", "joined"]

        await day.until(adopted, TAKEN_OVER_WITHIN)
        assert await day.owner() == "second"
        if how == "cut":
            first.ami.swallow = first.database.swallow = False
            first.ami.cut()
            first.database.cut()
        if cable is not None:
            cable.plug()
        await until(lambda: process.poll() is not None, what="the one whose turn is over ends")
        assert all(call.ended is None for call in day.town_calls()), "conversations go on"
        assert await day.doubled() == []
        assert time.time() - began < 30


@pytest.mark.nightly
async def test_a_dial_over_the_line_of_an_earlier_owner_makes_no_call(plant: Plant) -> None:
    events: list[TelephonyEvent] = []
    link = LinkSettings(port=plant.instance.ami_port, username=AMI_USER, secret=plant.ami_secret)
    telephony = AsteriskTelephony(link, SystemClock())
    telephony.start(events.append)
    began = time.time()
    try:
        await until(lambda: telephony.up)
        name = uuid.uuid4().hex
        await telephony.open_line(f"{name}-9", "trunk")
        await telephony.open_line(f"{name}-10", "trunk")
        await telephony.open_line("a" * 32 + "-1", "trunk")

        def order(epoch: int, number: str) -> DialOrder:
            return DialOrder(
                attempt=AttemptId(uuid.uuid4()),
                number=number,
                caller_id=CLIENT.inbound_number,
                ring_seconds=20,
                trunk=f"{name}-{epoch}",
                sounds=CLIENT.slug,
            )

        late, now = order(9, special("201", 90)), order(10, special("201", 91))
        await telephony.dial(late)
        await telephony.dial(now)
        await until(lambda: any(isinstance(e, Refused) and e.channel == str(late.attempt) for e in events))
        await until(lambda: bool(own_calls(plant.asterisk.cel, began).get(str(now.attempt))))
        await until(lambda: any(call.answered for call in town_calls(plant.town.server.cel, began)))
        assert [call.number for call in town_calls(plant.town.server.cel, began)] == [now.number]
        assert str(late.attempt) not in own_calls(plant.asterisk.cel, began)
    finally:
        await telephony.stop()


@pytest.mark.nightly
async def test_an_emergency_stop_ends_all_ringing_and_outlasts_the_dialer(plant: Plant) -> None:
    """By shell, while three telephones ring; then the dialer is killed and comes back; then it is lifted."""
    numbers = [Resident(special("180", place)) for place in range(12)]
    async with Day(plant, numbers, agents=3) as day:
        await day.open()
        await day.run()
        await until(lambda: len(day.town_calls()) == 3, what="three ring")
        began = time.time()
        await stop_by_shell(day, "--reason", "proef")
        await until(lambda: all(call.ended is not None for call in day.town_calls()), 10.0, "silence")
        last = max(call.ended or 0.0 for call in day.town_calls())
        stopped = (await day.pool.fetchval("select set_at from emergency_stop")).timestamp()
        assert last - stopped < 1.0, f"stopped {stopped - began:.1f} s after the shell began"
        assert await day.reason() == "emergency_stop"
        assert (await day.floor())["stopped"]
        assert await day.count("counted") == 0, "nobody's attempts are used up"
        calls = len(day.town_calls())
        await plant.kill("service")
        await day.serve()
        await day.until_agents(lambda ready: ready == 3, 40)

        async def held() -> bool:
            return await day.reason() == "emergency_stop"

        await day.until(held, 20)
        assert len(day.town_calls()) == calls
        await stop_by_shell(day, "--lift")
        await until(lambda: len(day.town_calls()) > calls, 30.0, "it goes on")


async def stop_by_shell(day: Day, *words: str) -> None:
    env = {"DIALER_DATABASE_DSN": day.dsn(), "DIALER_KEYS_MASTER": day.plant.master_key, "DIALER_ASTERISK_SECRET": "x"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dialer", "stop", *words, env={"PATH": os.environ["PATH"], **env}, cwd=PROJECT
    )
    assert await process.wait() == 0


@pytest.mark.nightly
async def test_a_caller_who_waits_when_the_dialer_dies_is_rung_back(plant: Plant) -> None:
    async with Day(plant, talkers(1), agents=1) as day:
        await day.open()
        await day.run()
        await day.until_count("state = 'joined'", 1)
        stop = asyncio.Event()
        living = asyncio.create_task(plant.town.live(stop))
        await until(lambda: plant.town.listens)
        plant.town.ring("+31600000321", CLIENT.inbound_number, patience=9, talks=1)
        await day.until_count("direction = 'in' and state = 'waiting'", 1)
        await plant.kill("service")
        await until(lambda: callers_gone(plant, day.began) == 1, 20.0, "the caller gives up")
        await day.serve()

        async def task() -> bool:
            return bool(await day.pool.fetchval("select count(*) from callback_task where state = 'open'"))

        await day.until(task, 20)
        assert await day.pool.fetchval("select count(*) from callback_task") == 1
        stop.set()
        await living


def callers_gone(plant: Plant, since: float) -> int:
    """Callers whose line is closed, by Asterisk's own record."""
    lines = plant.asterisk.cel.read_text().splitlines()
    return sum('"CHAN_END","in-' in line and float(line.split('"')[1]) > since for line in lines)
