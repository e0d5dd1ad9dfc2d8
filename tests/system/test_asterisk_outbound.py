"""What a resident hears and what AMI says, on a real Asterisk with a real peer."""

from __future__ import annotations

import asyncio
import time

import pytest

from dialer.asterisk.config import DIALPLAN_VARIABLE, drift
from dialer.demo.town_plan import special
from dialer.domain.call import PERSON_WITHIN, Intent
from dialer.domain.causes import dial_result
from tests.support.city import TelephoneCity, until
from tests.support.raw_ami import RawAmi, stamp
from tests.support.sip_answers import SipAnswers

pytestmark = pytest.mark.system


async def test_running_dialplan_is_ours(telephone_city: TelephoneCity) -> None:
    async with telephone_city.ami() as ami:
        answer = await ami.action("Getvar", Variable=DIALPLAN_VARIABLE)
        assert drift(answer["Value"]) is None


async def test_answered_and_bridged_joins_at_once(telephone_city: TelephoneCity) -> None:
    city = telephone_city
    async with city.ami() as ami:
        phone = await city.phone(ami, "out-join")
        leg = await city.leg(ami, phone.name)
        attempt = await city.dial(ami, special("200", 1))
        up = await city.joinable(ami, attempt)
        asked = time.time()
        await ami.action("Bridge", Channel1=up["Channel"], Channel2=leg["Channel"])
        entered = await ami.wait_for("BridgeEnter", Uniqueid=leg["Uniqueid"], BridgeTechnology="simple_bridge")
        assert stamp(entered) - asked < 0.2
        # No wait of the dialplan lives on: long after 1.8 s they still talk.
        await asyncio.sleep(2.5)  # the promise is that nothing happens in this time
        assert not ami.all_of("UserEvent", Uniqueid=attempt)
        assert not ami.all_of("Hangup", Uniqueid=attempt)
        await ami.action("Hangup", Channel=up["Channel"], Cause="16")
        await ami.wait_for(
            "BridgeEnter",
            Uniqueid=leg["Uniqueid"],
            where=lambda event: event["BridgeTechnology"] == "holding_bridge" and stamp(event) > stamp(entered),
        )
        phone.stop()


async def test_unjoined_resident_hears_the_safe_message_in_time(telephone_city: TelephoneCity) -> None:
    city = telephone_city
    async with city.ami() as ami, city.town_ami() as town:
        number = special("202", 2)
        attempt = await city.dial(ami, number)
        up = await city.answered(ami, attempt)
        started = await ami.wait_for("UserEvent", Uniqueid=attempt, UserEvent="MessageStarted")
        assert started["Kind"] == "safe"
        assert 1.79 <= stamp(started) - stamp(up) < 1.95
        # The far side's own word: when did sound reach its ear?
        there = (await town.wait_for("Newchannel", Exten=number))["Uniqueid"]
        picked_up = await town.wait_for("Newstate", Uniqueid=there, ChannelStateDesc="Up")
        heard = await town.wait_for("ChannelTalkingStart", Uniqueid=there)
        assert stamp(heard) - stamp(picked_up) < PERSON_WITHIN
        ended = await ami.wait_for("Hangup", Uniqueid=attempt)
        assert ended["Cause"] == "16"
        assert stamp(ended) - stamp(started) > 8  # all of it was said


async def test_lost_agent_gives_music_another_agent_then_the_rescue_message(telephone_city: TelephoneCity) -> None:
    city = telephone_city
    async with city.ami() as ami, city.town_ami() as town:
        first, second = [await city.leg(ami, (await city.phone(ami, f"lost-{n}")).name) for n in (1, 2)]
        attempt = await city.dial(ami, special("202", 3))
        up = await city.joinable(ami, attempt)
        await ami.action("Bridge", Channel1=up["Channel"], Channel2=first["Channel"])
        await ami.wait_for("BridgeEnter", Uniqueid=first["Uniqueid"], BridgeTechnology="simple_bridge")
        await ami.action("Hangup", Channel=first["Channel"])
        lost = await ami.wait_for("UserEvent", Uniqueid=attempt, UserEvent="AgentLost")
        gone = await ami.wait_for("Hangup", Uniqueid=first["Uniqueid"])
        assert abs(stamp(lost) - stamp(gone)) < 0.1

        await ami.action("Bridge", Channel1=up["Channel"], Channel2=second["Channel"])
        await ami.wait_for("BridgeEnter", Uniqueid=second["Uniqueid"], BridgeTechnology="simple_bridge")
        await ami.action("Hangup", Channel=second["Channel"])
        await until(lambda: len(ami.all_of("UserEvent", Uniqueid=attempt, UserEvent="AgentLost")) == 2)
        lost_again = ami.all_of("UserEvent", Uniqueid=attempt, UserEvent="AgentLost")[1]

        rescue = await ami.wait_for("UserEvent", Uniqueid=attempt, UserEvent="MessageStarted")
        assert rescue["Kind"] == "rescue"
        assert 9.9 < stamp(rescue) - stamp(lost_again) < 10.5
        # Music was heard after the loss: sound came though no agent was there.
        heard = [stamp(event) for event in town.all_of("ChannelTalkingStart")]
        assert any(at < stamp(rescue) for at in heard)
        await ami.action("Hangup", Channel=up["Channel"])
        for n in (1, 2):
            city.processes.stop(f"phone-lost-{n}", seconds=0.2)


async def test_phone_that_dies_is_noticed_and_its_account_can_be_taken_away(telephone_city: TelephoneCity) -> None:
    city = telephone_city
    async with city.ami() as ami:
        phone = await city.phone(ami, "mortal")
        leg = await city.leg(ami, phone.name)
        await until_packets(ami, leg["Channel"])
        for kind in ("endpoint", "aor", "auth"):
            await ami.action("DBDel", Family=f"dyn/{kind}", Key=phone.name)
        await ami.action("Hangup", Channel=leg["Channel"])
        await ami.wait_for("Hangup", Uniqueid=leg["Uniqueid"])
        await ami.action(
            "Originate", Channel=f"PJSIP/{phone.name}", Context="agent", Exten="s", Priority="1", Async="true",
            ActionID="after-removal",
        )  # fmt: skip
        refused = await ami.wait_for("OriginateResponse", ActionID="after-removal")
        assert refused["Response"] == "Failure"
        phone.stop()


async def until_packets(ami: RawAmi, channel: str) -> None:
    """Wait until RTP from the phone is counted: the only proof that somebody can be heard."""
    async with asyncio.timeout(30):
        while True:
            answer = await ami.action("Getvar", Channel=channel, Variable="CHANNEL(rtcp,rxcount)")
            if int(answer.get("Value") or 0) > 10:
                return
            await asyncio.sleep(0.1)


# SIP code, rings first, Q.850 as AMI says it, result
TOWN_ROWS = [
    ("404", False, 1, "UNALLOCATED"),
    ("410", False, 22, "NUMBER_CHANGED"),
    ("484", False, 28, "INVALID_NUMBER"),
    ("486", False, 17, "BUSY"),
    ("486", True, 17, "BUSY"),
    ("408", False, 18, "FAILED"),
    ("408", True, 18, "NO_ANSWER"),
    ("480", False, 19, "NO_ANSWER"),
    ("480", True, 19, "NO_ANSWER"),
    ("603", False, 21, "REJECTED"),
    ("603", True, 21, "REJECTED"),
    ("403", False, 21, "FAILED"),
    ("403", True, 21, "REJECTED"),
    ("488", False, 58, "FAILED"),
    ("500", False, 38, "FAILED"),
    ("502", False, 27, "FAILED"),
    ("503", False, 34, "CONGESTION"),
]
ODD_ROWS = [
    ("600", False, 17, "BUSY"),
    ("604", False, 1, "UNALLOCATED"),
    ("485", False, 1, "UNALLOCATED"),
    ("401", False, 21, "FAILED"),
    ("407", False, 21, "FAILED"),
    ("420", False, 3, "FAILED"),
    ("501", False, 29, "FAILED"),
    ("504", False, 102, "FAILED"),
    ("606", False, 58, "FAILED"),
]


async def _result_of(city: TelephoneCity, number: str, trunk: str) -> tuple[int, int, str]:
    async with city.ami() as ami:
        attempt = await city.dial(ami, number, trunk=trunk)
        ended = await ami.wait_for("Hangup", Uniqueid=attempt)
        rang = bool(ami.all_of("Newstate", Uniqueid=attempt, ChannelStateDesc="Ringing"))
        cause, code = int(ended["Cause"]), int(ended.get("TechCause") or 0)
        return cause, code, dial_result(intent=Intent.NONE, rang=rang, cause=cause, sip_code=code)


@pytest.mark.parametrize(("code", "rings", "cause", "result"), TOWN_ROWS)
async def test_each_row_of_the_cause_table(
    telephone_city: TelephoneCity, code: str, rings: bool, cause: int, result: str
) -> None:
    number = special(code, 7, after_ringing=rings)
    assert await _result_of(telephone_city, number, "trunk") == (cause, int(code), result)


@pytest.mark.parametrize(("code", "rings", "cause", "result"), ODD_ROWS)
async def test_rows_that_no_asterisk_answers_with(
    telephone_city: TelephoneCity, code: str, rings: bool, cause: int, result: str
) -> None:
    loop = asyncio.get_running_loop()
    transport, peer = await loop.create_datagram_endpoint(SipAnswers, local_addr=("127.0.0.1", telephone_city.odd_port))
    try:
        number = f"+31609{8 if rings else 9}{code}00"
        assert await _result_of(telephone_city, number, "odd") == (cause, int(code), result)
        assert int(code) in peer.sent
    finally:
        transport.close()


async def test_announcement_before_the_answer_counts_as_ringing_and_not_as_an_answer(
    telephone_city: TelephoneCity,
) -> None:
    async with telephone_city.ami() as ami:
        attempt = await telephone_city.dial(ami, special("184", 1))
        await ami.wait_for("DialState", DestUniqueid=attempt, DialStatus="PROGRESS")
        ended = await ami.wait_for("Hangup", Uniqueid=attempt)
        assert (ended["Cause"], ended["TechCause"]) == ("19", "480")
        assert not ami.all_of("Newstate", Uniqueid=attempt, ChannelStateDesc="Up")


async def test_our_own_ring_timeout_tells_itself_by_reason_3(telephone_city: TelephoneCity) -> None:
    async with telephone_city.ami() as ami:
        attempt = await telephone_city.dial(ami, special("180", 1), ring=1.5)
        response = await ami.wait_for("OriginateResponse", ActionID=attempt)
        assert (response["Response"], response["Reason"]) == ("Failure", "3")


async def test_cel_holds_the_attempt_and_no_number(telephone_city: TelephoneCity) -> None:
    city = telephone_city
    async with city.ami() as ami:
        attempt = await city.dial(ami, special("203", 9))
        await ami.wait_for("Hangup", Uniqueid=attempt)
        cel = city.server.cel
        await until(lambda: f'"CHAN_END","{attempt}"' in cel.read_text())
        assert f'"ANSWER","{attempt}"' in cel.read_text()
        assert "+316" not in cel.read_text()
        logged = (city.data / "asterisk" / "log" / "asterisk.log").read_text()
        assert "+316" not in logged


async def test_what_can_run_commands_is_loaded_only_where_conversations_are_recorded(
    telephone_city: TelephoneCity,
) -> None:
    second = telephone_city.second_node()
    async with RawAmi(second.instance.ami_port, *telephone_city.ami_user) as ami:
        assert (await ami.action("ModuleCheck", Module="app_mixmonitor"))["Response"] == "Error"
        assert (await ami.action("ModuleCheck", Module="app_chanspy"))["Response"] == "Success"


async def test_ami_user_may_not_run_commands_nor_reach_a_shell(telephone_city: TelephoneCity) -> None:
    async with telephone_city.ami() as ami:
        assert (await ami.action("Command", Command="core show uptime"))["Response"] == "Error"
        for module in ("app_system", "func_shell", "func_env", "app_originate"):
            assert (await ami.action("ModuleCheck", Module=module))["Response"] == "Error"
        read = await ami.action("Getvar", Variable="SHELL(echo inside)")
        assert "inside" not in read.get("Value", "")
        put = await ami.action("UpdateConfig", SrcFilename="manager.conf", DstFilename="manager.conf")
        assert put["Message"] == "Permission denied"
