"""Recorded AMI sessions of a real Asterisk, and what they mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.asterisk.translate import Translator
from dialer.domain.ids import ChannelId
from dialer.services.ports.telephony import Answered, CallerArrived, ChannelKind, Joined, LegIdle, Rang, TelephonyEvent

CAPTURES = Path(__file__).parent / "captures"


def replay(name: str) -> list[TelephonyEvent]:
    translator = Translator()
    events: list[TelephonyEvent] = []
    for block in (CAPTURES / f"{name}.ami").read_text().replace("\r\n", "\n").split("\n\n"):
        headers = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        events.extend(translator.feed(headers, 0.0))
    return events


def names(events: list[TelephonyEvent]) -> list[str]:
    """Kinds in order, each run of the same kind once."""
    found: list[str] = []
    for event in events:
        name = type(event).__name__
        if not found or found[-1] != name:
            found.append(name)
    return found


def test_a_resident_answers_is_joined_and_hangs_up() -> None:
    events = replay("outbound_joined_resident_hangs_up")
    assert names(events) == ["LegIdle", "Dialed", "Rang", "Answered", "Joined", "Ended", "LegIdle"]
    answered = next(event for event in events if isinstance(event, Answered))
    joined = next(event for event in events if isinstance(event, Joined))
    leg = next(event for event in events if isinstance(event, LegIdle))
    assert joined.channel == answered.channel
    assert joined.leg == leg.leg
    assert 0 < joined.at - answered.at < 0.1


def test_the_agents_leg_is_lost_twice_and_then_the_message_speaks() -> None:
    events = replay("outbound_agent_lost_twice_then_rescue")
    kinds = names(events)
    assert kinds.count("AgentLost") == 2
    assert kinds.count("Joined") == 2
    assert kinds.index("MessageStarted") > max(i for i, kind in enumerate(kinds) if kind == "AgentLost")


def test_a_caller_waits_and_is_joined() -> None:
    events = replay("inbound_queue_joined")
    caller = next(event for event in events if isinstance(event, CallerArrived))
    joined = next(event for event in events if isinstance(event, Joined))
    assert joined.channel == caller.channel
    kinds = names(events)
    assert kinds.index("CallerArrived") < kinds.index("CallerReady") < kinds.index("Joined")


def test_a_caller_presses_a_key_while_the_dialer_is_silent() -> None:
    kinds = names(replay("inbound_dialer_silent_call_back"))
    assert "CallerChose" in kinds
    assert kinds.index("MessageStarted") < kinds.index("CallerChose")


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"Event": "Registry"}, None),
        ({"Event": "Hangup", "Uniqueid": "nobody"}, None),
        ({"Event": "Newchannel", "Uniqueid": "17000.1"}, None),
        ({"Event": "UserEvent", "UserEvent": "CallerChose", "Choice": "=cmd()"}, None),
        ({"Event": "UserEvent", "UserEvent": "Other"}, None),
        ({"Event": "OriginateResponse", "Response": "Success", "Uniqueid": "x"}, None),
        ({"Event": "OriginateResponse", "Response": "Failure", "Uniqueid": "x", "Reason": "3"}, "Refused"),
        ({"Event": "OriginateResponse", "Response": "Failure", "Uniqueid": "x", "Reason": "?"}, "Refused"),
        ({"Event": "BridgeLeave", "BridgeUniqueid": "b"}, None),
        ({"Event": "BridgeEnter", "BridgeUniqueid": "b", "Uniqueid": "x"}, None),
        ({}, None),
    ],
)
def test_what_is_not_ours_means_nothing(headers: dict[str, str], kind: str | None) -> None:
    events = Translator().feed(headers, 5.0)
    assert [type(event).__name__ for event in events] == ([] if kind is None else [kind])


DIAL = "0192f0c0-0000-7000-8000-000000000001"
OTHER = ChannelId("0192f0c0-0000-7000-8000-000000000002")
LEG = ChannelId("leg.0192f0c0000070008000000000000001.1")


def test_a_failed_originate_proves_nothing_while_the_channel_lives() -> None:
    translator = Translator()
    translator.feed({"Event": "Newchannel", "Uniqueid": DIAL, "Timestamp": "1.5"}, 0.0)
    failure = {"Event": "OriginateResponse", "Response": "Failure", "Uniqueid": DIAL, "Reason": "0"}
    assert translator.feed(failure, 2.0) == []
    assert len(translator.feed({"Event": "Hangup", "Uniqueid": DIAL, "Cause": "17", "TechCause": "SIP 486"}, 3.0)) == 1
    assert len(translator.feed(failure, 4.0)) == 1


def test_183_is_early_media_and_a_bad_stamp_is_replaced_by_our_own_time() -> None:
    translator = Translator()
    translator.feed({"Event": "Newchannel", "Uniqueid": DIAL}, 0.0)
    progress = {"Event": "DialState", "DestUniqueid": DIAL, "DialStatus": "PROGRESS", "Timestamp": "soon"}
    (rang,) = translator.feed(progress, 7.0)
    assert isinstance(rang, Rang)
    assert (rang.early_media, rang.at) == (True, 7.0)
    assert translator.feed({**progress, "DialStatus": "PROCEEDING"}, 7.0) == []


def test_what_is_ours_is_known_by_its_id_though_its_beginning_was_missed() -> None:
    translator = Translator()
    translator.feed({"Event": "Newchannel", "Uniqueid": DIAL}, 0.0)
    translator.forget()
    assert not translator.alive(ChannelId(DIAL))
    (answered,) = translator.feed({"Event": "Newstate", "Uniqueid": DIAL, "ChannelState": "6"}, 1.0)
    assert isinstance(answered, Answered)
    caller = {"Event": "Hangup", "Uniqueid": "dialer-17.1", "AccountCode": "in-dialer-17.1"}
    assert [type(event).__name__ for event in translator.feed(caller, 2.0)] == ["Ended"]


def test_a_channel_that_asterisk_lists_is_known_with_its_bridge() -> None:
    translator = Translator()
    with translator.listing() as know:
        know(LEG, ChannelKind.AGENT, "b")
    (joined,) = translator.feed({"Event": "BridgeEnter", "BridgeUniqueid": "b", "Uniqueid": DIAL}, 1.0)
    assert isinstance(joined, Joined)
    assert joined.leg == LEG


def test_what_an_event_tells_while_a_list_is_read_is_the_newer_word() -> None:
    translator = Translator()
    translator.feed({"Event": "Newchannel", "Uniqueid": DIAL}, 0.0)
    with translator.listing() as know:
        translator.feed({"Event": "Hangup", "Uniqueid": DIAL, "Cause": "16"}, 1.0)
        translator.feed({"Event": "BridgeEnter", "BridgeUniqueid": "new", "Uniqueid": LEG}, 1.0)
        know(ChannelId(DIAL), ChannelKind.RESIDENT, "old")
        know(LEG, ChannelKind.AGENT, "old")
    assert not translator.alive(ChannelId(DIAL)), "who has hung up does not come back"
    assert translator.feed({"Event": "BridgeEnter", "BridgeUniqueid": "old", "Uniqueid": OTHER}, 2.0) == []
    (joined,) = translator.feed({"Event": "BridgeEnter", "BridgeUniqueid": "new", "Uniqueid": OTHER}, 2.0)
    assert isinstance(joined, Joined)
    assert (joined.channel, joined.leg) == (OTHER, LEG)


def test_who_stands_in_a_bridge_stands_in_no_other() -> None:
    translator = Translator()
    enter = {"Event": "BridgeEnter", "BridgeUniqueid": "a"}
    translator.feed({**enter, "Uniqueid": LEG}, 0.0)
    translator.feed({**enter, "Uniqueid": LEG, "BridgeUniqueid": "b"}, 1.0)  # its leaving was missed
    assert translator.feed({**enter, "Uniqueid": DIAL}, 2.0) == []
    translator.feed({"Event": "BridgeDestroy", "BridgeUniqueid": "b"}, 3.0)
    (joined,) = translator.feed({**enter, "Uniqueid": LEG}, 4.0)
    assert isinstance(joined, Joined)
