"""A resident's line without sound is said to the agent, and taken back; nothing else comes of it."""

import math
from collections.abc import AsyncIterator

import pytest

from dialer.domain.call import CallState
from dialer.domain.ids import AttemptId
from dialer.services.floor import LiveCall
from dialer.services.lines import LOOK_EVERY, SILENT_AFTER, Lines
from tests.support.floor import Centre, channel_of

TOLD_AT = math.ceil(SILENT_AFTER / LOOK_EVERY)
"""The look without a new packet at which an agent is told."""


@pytest.fixture
async def centre() -> AsyncIterator[Centre]:
    built = Centre()
    yield built
    await built.close()
    assert built.tasks.failed == 0


class Ear:
    """Every look at the lines, and what was told."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.lines = Lines(centre.floor, centre.telephony, centre.clock)
        self.told: list[bool] = []
        centre.floor.listen(sound=self._told)

    def _told(self, live: LiveCall) -> None:
        self.told.append(live.info.silent)

    async def listen(self, looks: int, *, sound: bool) -> None:
        """Time goes by, with or without packets from everybody."""
        for _ in range(looks):
            self.centre.clock.pass_time(LOOK_EVERY)
            if sound:
                self.centre.telephony.pass_time(LOOK_EVERY)
            await self.lines.listen()


async def conversation(centre: Centre) -> AttemptId:
    attempt = await centre.dial(await centre.agent(1))
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    assert centre.floor.call(attempt).call.state is CallState.JOINED
    return attempt


@pytest.mark.parametrize("heard_first", [0, 30])
async def test_a_line_without_sound_is_told_once_and_taken_back(centre: Centre, heard_first: int) -> None:
    """From the answer on, or in mid-call."""
    attempt, ear = await conversation(centre), Ear(centre)
    await ear.listen(heard_first, sound=True)
    await ear.listen(TOLD_AT, sound=False)
    assert ear.told == ([True] if heard_first else []), "five seconds, counted from the first look or the last packet"
    await ear.listen(20, sound=False)
    assert ear.told == [True]
    live = centre.floor.call(attempt)
    assert live.info.silent
    assert live.call.state is CallState.JOINED, "no call ends by it"
    await ear.listen(1, sound=True)
    assert ear.told == [True, False]
    await ear.listen(20, sound=True)
    assert ear.told == [True, False]


async def test_pauses_shorter_than_five_seconds_are_speech(centre: Centre) -> None:
    await conversation(centre)
    ear = Ear(centre)
    for _ in range(10):
        await ear.listen(1, sound=True)
        await ear.listen(TOLD_AT - 1, sound=False)
    assert ear.told == []


async def test_nobody_is_told_while_the_link_is_away(centre: Centre) -> None:
    """Nobody looked, so nobody knows: the sound may have come all the time."""
    await conversation(centre)
    ear = Ear(centre)
    await ear.listen(2, sound=True)
    centre.telephony.disconnect()
    await ear.listen(30, sound=False)
    centre.telephony.connect()
    await ear.listen(1, sound=True)
    assert ear.told == []


async def test_only_conversations_are_listened_to(centre: Centre) -> None:
    """A call that rings, a message, a rescue: nobody is there to be told."""
    attempt, ear = await conversation(centre), Ear(centre)
    ringing = await centre.dial()
    leg = centre.floor.agents()[0].leg_channel
    assert leg is not None
    centre.telephony.devices.clear()  # nor does his phone come back at once
    centre.telephony.end(leg)
    await centre.settle()
    assert centre.floor.call(attempt).call.state is CallState.RESCUE
    await ear.listen(20, sound=False)
    assert ear.told == []
    assert not centre.floor.call(ringing).info.silent
