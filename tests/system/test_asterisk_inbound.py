"""Calls on a client's number, with and without a dialer that looks after them."""

from __future__ import annotations

import asyncio
import time
from functools import partial

import pytest

from tests.support.city import CLIENT_NUMBER, TelephoneCity
from tests.support.raw_ami import Message, RawAmi, stamp

pytestmark = pytest.mark.system


@pytest.fixture(autouse=True)
async def _no_dialer_was_ever_seen(telephone_city: TelephoneCity) -> None:
    await telephone_city.nobody_was_here()


async def _arrived(ami: RawAmi, resident: str) -> Message:
    return await ami.wait_for("UserEvent", UserEvent="CallerArrived", Number=resident)


async def _kept(ami: RawAmi, resident: str) -> dict[str, str]:
    """Requests that Asterisk keeps of this caller: wish -> unix seconds."""
    rows = await ami.listing("DBGetTree", Family="callback")
    found = {}
    for row in rows:
        number, dialed, wish = row["Key"].removeprefix("/callback/").split("*")
        if number == resident:
            assert dialed == CLIENT_NUMBER
            found[wish] = row["Val"]
    return found


async def _set(ami: RawAmi, channel: str, **values: str) -> None:
    for name, value in values.items():
        assert (await ami.action("Setvar", Channel=channel, Variable=name, Value=value))["Response"] == "Success"


async def _join(ami: RawAmi, caller: Message, leg: Message) -> None:
    """As the dialer does it: marked, then bridged."""
    await _set(ami, caller["Uniqueid"], DIALER_JOINED="1")
    await ami.action("Bridge", Channel1=caller["Channel"], Channel2=leg["Channel"])
    await ami.wait_for("BridgeEnter", Uniqueid=leg["Uniqueid"], BridgeTechnology="simple_bridge")


async def test_caller_is_greeted_queued_and_joined(telephone_city: TelephoneCity) -> None:
    city, resident = telephone_city, "+31600000101"
    async with city.ami() as ami, city.town_ami() as town:
        await city.name_client(ami)
        phone = await city.phone(ami, "in-join")
        leg = await city.leg(ami, phone.name)
        await city.call_in(town, resident)
        caller = await _arrived(ami, resident)
        assert (caller["Dialed"], caller["AccountCode"]) == (CLIENT_NUMBER, f"in-{caller['Uniqueid']}")
        await _set(ami, caller["Uniqueid"], DIALER_ROUTE="queue", DIALER_POSITION="3", DIALER_WAIT_MIN="2")
        ready = await ami.wait_for("UserEvent", Uniqueid=caller["Uniqueid"], UserEvent="CallerReady")
        assert stamp(ready) - stamp(caller) > 2  # the greeting was said
        await _join(ami, caller, leg)
        await ami.wait_for("BridgeEnter", Uniqueid=caller["Uniqueid"], BridgeTechnology="simple_bridge")
        # The agent's phone dies: the caller is not dropped.
        await ami.action("Hangup", Channel=leg["Channel"])
        await ami.wait_for("UserEvent", Uniqueid=caller["Uniqueid"], UserEvent="AgentLost")
        assert not ami.all_of("Hangup", Uniqueid=caller["Uniqueid"])
        await ami.action("Hangup", Channel=caller["Channel"])
        await ami.wait_for("Hangup", Uniqueid=caller["Uniqueid"])
        phone.stop()
        assert (await _kept(ami, resident)).keys() == {"missed"}, "no dialer has looked after him"


@pytest.mark.nightly
async def test_caller_whom_nobody_takes_waits_on_after_the_first_round(telephone_city: TelephoneCity) -> None:
    city, resident = telephone_city, "+31600000119"
    async with city.ami() as ami, city.town_ami() as town:
        await city.name_client(ami)
        await city.call_in(town, resident, patience=120)
        caller = await _arrived(ami, resident)
        await _set(ami, caller["Uniqueid"], DIALER_ROUTE="queue", DIALER_POSITION="1")
        await ami.wait_for("UserEvent", Uniqueid=caller["Uniqueid"], UserEvent="CallerReady")
        with pytest.raises(AssertionError, match="no UserEvent"):  # a round of offer and music takes some 35 s
            await ami.wait_for("UserEvent", 55, Uniqueid=caller["Uniqueid"], UserEvent="AgentLost")
        phone = await city.phone(ami, "in-waited")
        await _join(ami, caller, await city.leg(ami, phone.name))
        await ami.wait_for("BridgeEnter", Uniqueid=caller["Uniqueid"], BridgeTechnology="simple_bridge")
        await ami.action("Hangup", Channel=caller["Channel"])
        await ami.wait_for("Hangup", Uniqueid=caller["Uniqueid"])
        phone.stop()


async def test_caller_whose_agent_dies_at_any_step_says_so(telephone_city: TelephoneCity) -> None:
    """Joined while greeted, and at the very moment of the loss: each time the line says that the agent is lost."""
    city, resident = telephone_city, "+31600000120"
    async with city.ami() as ami, city.town_ami() as town:
        await city.name_client(ami)
        # A phone for each leg: one that is rung while its other call is being ended may not hear the ring.
        phones = [await city.phone(ami, f"in-steps-{place}") for place in range(4)]
        leg = await city.leg(ami, phones[0].name)
        await city.call_in(town, resident, patience=60)
        caller = await _arrived(ami, resident)
        await _set(ami, caller["Uniqueid"], DIALER_ROUTE="queue")
        await ami.wait_for("Newstate", Uniqueid=caller["Uniqueid"], ChannelStateDesc="Up")
        for losses in range(1, 4):
            await _join(ami, caller, leg)
            spare = await city.leg(ami, phones[losses].name)
            await ami.action("Hangup", Channel=leg["Channel"])
            await ami.wait_for("UserEvent", where=lambda _, n=losses: len(_lost(ami, caller)) >= n)  # type: ignore[misc]  # a default binds this turn's value
            leg = spare
        await ami.action("Hangup", Channel=caller["Channel"])
        for phone in phones:
            phone.stop()


def _lost(ami: RawAmi, caller: Message) -> list[Message]:
    return [
        event for event in ami.all_of("UserEvent", Uniqueid=caller["Uniqueid"]) if event["UserEvent"] == "AgentLost"
    ]


@pytest.mark.parametrize("moment", ["announcement", "music"])
async def test_caller_lost_by_an_agent_who_came_during(telephone_city: TelephoneCity, moment: str) -> None:
    city, resident = telephone_city, f"+3160000011{len(moment) % 10}"
    async with city.ami() as ami, city.town_ami() as town:
        await city.name_client(ami)
        phone = await city.phone(ami, f"in-{moment}")
        leg = await city.leg(ami, phone.name)
        await city.call_in(town, resident, patience=60)
        caller = await _arrived(ami, resident)
        await _set(ami, caller["Uniqueid"], DIALER_ROUTE="queue", DIALER_POSITION="0")
        await ami.wait_for("UserEvent", Uniqueid=caller["Uniqueid"], UserEvent="CallerReady")
        wanted = {"announcement": "BackGround", "music": "WaitExten"}[moment]
        async with asyncio.timeout(30):
            while not any(  # noqa: ASYNC110 - no event tells which step a channel is at
                item["Uniqueid"] == caller["Uniqueid"] and item["Application"] == wanted
                for item in await ami.listing("CoreShowChannels")
            ):
                await asyncio.sleep(0.1)
        await _join(ami, caller, leg)
        await ami.action("Hangup", Channel=leg["Channel"])
        await ami.wait_for("UserEvent", Uniqueid=caller["Uniqueid"], UserEvent="AgentLost")
        await ami.action("Hangup", Channel=caller["Channel"])
        phone.stop()


async def test_key_1_in_the_queue_keeps_the_place(telephone_city: TelephoneCity) -> None:
    city, resident = telephone_city, "+31600000102"
    async with city.ami() as ami, city.town_ami() as town:
        await city.name_client(ami)
        await city.call_in(town, resident, patience=4, keys="1")
        caller = await _arrived(ami, resident)
        await _set(ami, caller["Uniqueid"], DIALER_ROUTE="queue", DIALER_POSITION="1", DIALER_WAIT_MIN="1")
        chose = await ami.wait_for("UserEvent", Uniqueid=caller["Uniqueid"], UserEvent="CallerChose")
        assert chose["Choice"] == "call_back"
        said = await ami.wait_for("UserEvent", Uniqueid=caller["Uniqueid"], UserEvent="MessageStarted")
        assert said["Kind"] == "callback"
        await ami.wait_for("Hangup", Uniqueid=caller["Uniqueid"])
        assert abs(int((await _kept(ami, resident))["call_back"]) - time.time()) < 60


async def test_key_9_after_the_closed_message_blocks_the_number(telephone_city: TelephoneCity) -> None:
    city, resident = telephone_city, "+31600000103"
    async with city.ami() as ami, city.town_ami() as town:
        await city.name_client(ami)
        await city.call_in(town, resident, patience=4, keys="9")
        caller = await _arrived(ami, resident)
        await _set(ami, caller["Uniqueid"], DIALER_ROUTE="closed")
        closed = await ami.wait_for("UserEvent", Uniqueid=caller["Uniqueid"], UserEvent="MessageStarted")
        assert closed["Kind"] == "closed"
        chose = await ami.wait_for("UserEvent", Uniqueid=caller["Uniqueid"], UserEvent="CallerChose")
        assert chose["Choice"] == "block_number"
        await ami.wait_for("UserEvent", Uniqueid=caller["Uniqueid"], UserEvent="MessageStarted", Kind="blocked")
        assert set(await _kept(ami, resident)) == {"block_number"}
        await ami.action("Hangup", Channel=caller["Channel"])


def _is_new(earlier: set[str], event: Message) -> bool:
    return event["Uniqueid"] not in earlier


async def test_dialer_silent_three_calls_with_a_key_are_one_request(telephone_city: TelephoneCity) -> None:
    city, resident = telephone_city, "+31600000104"
    async with city.ami() as ami, city.town_ami() as town:
        await city.name_client(ami)
        pressed: list[Message] = []
        for _ in range(3):
            await city.call_in(town, resident, patience=7, keys="111")
            earlier = {event["Uniqueid"] for event in pressed}
            chose = await ami.wait_for(
                "UserEvent",
                where=partial(_is_new, earlier),
                UserEvent="CallerChose",
            )
            pressed.append(chose)
            sorry = await ami.wait_for("UserEvent", Uniqueid=chose["Uniqueid"], UserEvent="MessageStarted")
            ready = await ami.wait_for("UserEvent", Uniqueid=chose["Uniqueid"], UserEvent="CallerReady")
            assert sorry["Kind"] == "sorry"
            assert 1.9 < stamp(sorry) - stamp(ready) < 2.3
            await ami.action("Hangup", Channel=chose["Channel"])
            await ami.wait_for("Hangup", Uniqueid=chose["Uniqueid"])
        kept = await _kept(ami, resident)
        assert set(kept) == {"call_back"}
        assert abs(int(kept["call_back"]) - stamp(pressed[0])) <= 1  # the first press keeps its place


async def test_dialer_silent_and_no_key_is_kept_as_missed(telephone_city: TelephoneCity) -> None:
    city, resident = telephone_city, "+31600000105"
    async with city.ami() as ami, city.town_ami() as town:
        await city.name_client(ami)
        there = await city.call_in(town, resident)
        caller = await _arrived(ami, resident)
        await town.action("Hangup", Channel=there)  # gives up during the greeting
        await ami.wait_for("Hangup", Uniqueid=caller["Uniqueid"])
        assert set(await _kept(ami, resident)) == {"missed"}


async def test_dialer_that_dies_leaves_nobody_in_the_queue(telephone_city: TelephoneCity) -> None:
    city, resident = telephone_city, "+31600000106"
    async with city.ami() as ami, city.town_ami() as town:
        await city.name_client(ami)
        try:
            await ami.action("Setvar", Variable="DIALER_SEEN", Value=str(int(time.time()) - 60))
            await city.call_in(town, resident)
            caller = await _arrived(ami, resident)
            await _set(ami, caller["Uniqueid"], DIALER_ROUTE="queue")
            said = await ami.wait_for("UserEvent", Uniqueid=caller["Uniqueid"], UserEvent="MessageStarted")
            assert said["Kind"] == "sorry"
            await ami.action("Hangup", Channel=caller["Channel"])
            await ami.wait_for("Hangup", Uniqueid=caller["Uniqueid"])
            assert set(await _kept(ami, resident)) == {"missed"}
        finally:
            await ami.action("Setvar", Variable="DIALER_SEEN", Value="")


async def test_unknown_and_malformed_numbers_are_refused(telephone_city: TelephoneCity) -> None:
    city = telephone_city
    async with city.ami() as ami, city.town_ami() as town:
        for number in ("+31790009999", "s", "112", "callback"):
            channel = await city.call_in(town, "+31600000107", number)
            ended = await town.wait_for("Hangup", Uniqueid=channel)
            assert ended["TechCause"] == "404"
        assert not ami.all_of("UserEvent")


async def test_withheld_number_is_empty_and_cannot_be_rung_back(telephone_city: TelephoneCity) -> None:
    city = telephone_city
    async with city.ami() as ami, city.town_ami() as town:
        await city.name_client(ami)
        await city.call_in(town, "", patience=7, keys="1")
        caller = await _arrived(ami, "")
        await ami.wait_for("UserEvent", Uniqueid=caller["Uniqueid"], UserEvent="CallerChose")
        await ami.wait_for("UserEvent", Uniqueid=caller["Uniqueid"], UserEvent="MessageStarted", Kind="callback")
        assert await _kept(ami, "") == {}
        await ami.action("Hangup", Channel=caller["Channel"])


async def test_staff_test_call_plays_and_ends(telephone_city: TelephoneCity) -> None:
    city = telephone_city
    async with city.ami() as ami, city.town_ami() as town:
        number = "+31609920299"
        attempt = await city.dial(ami, number, context="testcall")
        there = await town.wait_for("Newchannel", Exten=number)
        assert there["CallerIDNum"] == CLIENT_NUMBER  # what the staff member's screen shows
        await town.wait_for("ChannelTalkingStart", Uniqueid=there["Uniqueid"])
        await ami.action("Hangup", Channel=attempt)
