"""The simulated telephone system says what the real one was recorded to say: the same events, with the same headers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.ami_server_calls import Calls, Fate

CAPTURES = Path(__file__).parents[1] / "replay" / "captures"
LEG = "leg.0192f0c0-0000-7000-8000-000000000001.1"
ATTEMPT = "2f96ed13-d2cb-4106-8313-562b2be7ebc0"

Message = dict[str, str]


def read(text: str) -> list[Message]:
    messages = [
        dict(line.partition(": ")[::2] for line in block.splitlines() if ":" in line)
        for block in text.replace("\r\n", "\n").split("\n\n")
        if block.strip()
    ]
    return [one for one in messages if "Event" in one and "Timestamp" in one]


def captured(name: str) -> list[Message]:
    return read((CAPTURES / name).read_text())


def of(messages: list[Message], uniqueid: str) -> list[str]:
    """What happened to one channel, in order: event, and what tells it from its like."""
    told = []
    for one in messages:
        if uniqueid in (one.get("Uniqueid"), one.get("DestUniqueid")):
            marks = [one.get(key, "") for key in ("ChannelState", "DialStatus", "UserEvent", "Kind", "Cause")]
            bridge = "holding" if one.get("BridgeTechnology") == "holding_bridge" else ""
            told.append(" ".join([one["Event"], *marks, bridge]).strip())
    return told


def order(uniqueid: str, channel: str, context: str) -> dict[str, list[str]]:
    words = {"Channel": channel, "ChannelId": uniqueid, "ActionID": uniqueid, "Account": uniqueid, "Context": context}
    return {key.lower(): [value] for key, value in words.items()}


class Played:
    """A call played on the simulator."""

    def __init__(self) -> None:
        self.wire = bytearray()
        self.calls = Calls(lambda number: Fate(answers_after=0.0), self.wire.extend)
        self.calls.database = {"dyn/endpoint": {"agent-1": "{}"}, "did": {"+31790000001": "stad"}}

    @property
    def messages(self) -> list[Message]:
        return read(self.wire.decode())

    async def until(self, event: str, uniqueid: str, **marks: str) -> None:
        async with asyncio.timeout(30):
            while not any(  # noqa: ASYNC110 - what goes over the wire is no event to await
                one["Event"] == event and one.get("Uniqueid") == uniqueid and marks.items() <= one.items()
                for one in self.messages
            ):
                await asyncio.sleep(0.001)


@pytest.fixture
async def joined() -> Played:
    """An agent's leg, a resident who answers, joined, and who hangs up."""
    played = Played()
    calls = played.calls
    calls.originate(order(LEG, "PJSIP/agent-1", "agent"))
    await played.until("BridgeEnter", LEG, BridgeTechnology="holding_bridge")
    calls.originate(order(ATTEMPT, "PJSIP/+31609920100@trunk", "resident"))
    await played.until("OriginateResponse", ATTEMPT)
    calls.join(calls.channels[ATTEMPT], calls.channels[LEG])
    calls.hang_up(calls.channels[ATTEMPT])
    await played.until("Hangup", ATTEMPT)
    calls.stop()
    return played


async def test_a_joined_call_goes_the_recorded_way(joined: Played) -> None:
    real = captured("outbound_joined_resident_hangs_up.ami")
    ours = joined.messages
    assert of(ours, ATTEMPT) == of(real, ATTEMPT)
    # Asterisk says these two in either order: they come from two threads.
    loose = {"OriginateResponse", "UserEvent 6   LegIdle"}
    assert sorted(of(ours, LEG)) == sorted(of(real, LEG))
    assert [e for e in of(ours, LEG) if e not in loose] == [e for e in of(real, LEG) if e not in loose]


async def test_every_event_has_the_headers_of_the_real_one(joined: Played) -> None:
    joined.calls.call_in("+31600000007", "+31790000001")
    real: dict[str, set[str]] = {}
    for name in ("outbound_joined_resident_hangs_up.ami", "inbound_queue_joined.ami"):
        for one in captured(name):
            real.setdefault(one["Event"] + one.get("UserEvent", ""), set()).update(one)
    seen = set()
    for one in joined.messages:
        kind = one["Event"] + one.get("UserEvent", "")
        seen.add(kind)
        assert set(one) == real[kind], kind
    assert {"Newchannel", "Hangup", "BridgeEnter", "UserEventLegIdle", "UserEventCallerArrived"} <= seen
    joined.calls.stop()


async def test_an_agent_lost_twice_is_told_as_recorded() -> None:
    real = captured("outbound_agent_lost_twice_then_rescue.ami")
    resident = next(one["Uniqueid"] for one in real if one["Event"] == "UserEvent" and one["UserEvent"] == "AgentLost")
    found = (one.get("Uniqueid", "") for one in real if one["Event"] == "BridgeEnter")
    legs = list(dict.fromkeys(one for one in found if one.startswith("leg.")))
    assert len(legs) == 2
    played = Played()
    calls = played.calls
    for leg in legs:
        calls.originate(order(leg, "PJSIP/agent-1", "agent"))
        await played.until("BridgeEnter", leg)
    calls.originate(order(resident, "PJSIP/+31609920100@trunk", "resident"))
    await played.until("OriginateResponse", resident)
    for leg in legs:
        calls.join(calls.channels[resident], calls.channels[leg])
        calls.phone_dies(leg)
    calls._final(calls.channels[resident], "rescue")
    calls.hang_up(calls.channels[resident])
    ours, recorded = of(played.messages, resident), of(real, resident)
    assert sorted(ours) == sorted(recorded)
    assert ours[ours.index("BridgeEnter 6") :] == recorded[recorded.index("BridgeEnter 6") :]
    calls.stop()
