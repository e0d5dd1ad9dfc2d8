"""An agent's hands on the recording of his call, with a telephone system and a database that fail at each line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from dialer.domain.errors import ForbiddenError, NotFoundError, UnavailableError
from dialer.domain.ids import AttemptId, UserId, uuid7
from dialer.domain.recording import RecordingState
from dialer.services.ports.engine import EngineCampaign
from dialer.services.ports.recordings import Standing
from dialer.services.recorder import RECORDING_CODES, Recorder, RecordingRefusedError
from tests.support.floor import ENGINE_CAMPAIGN, Centre, channel_of

STRANGER = UserId(uuid7(77, bytes(10)))


@dataclass
class Rows:
    """The part of the store that a recorder asks."""

    state: dict[AttemptId, str] = field(default_factory=dict)
    away: bool = False
    says: str = ""
    filed: bool = False

    async def agreed(self, attempt: AttemptId, user: UserId, at: datetime) -> str:
        self._reach()
        if self.says:
            return self.says
        if self.state.setdefault(attempt, "open") != "open":
            return "recording-refused"
        return ""

    async def refuse(self, attempt: AttemptId, user: UserId, at: datetime) -> bool:
        self._reach()
        if self.filed:
            return False
        self.state[attempt] = "refused"
        return True

    async def standing(self, attempts: Sequence[AttemptId]) -> Mapping[AttemptId, Standing]:
        self._reach()
        return {one: Standing(state=self.state[one], live=True) for one in attempts if one in self.state}

    def _reach(self) -> None:
        if self.away:
            raise UnavailableError("away")


@dataclass
class Memory:
    """A spool without files: what Asterisk would have written, by the hand of the test."""

    wrong: str = ""
    free: int = 1 << 30
    comes: bool = True
    parts: dict[AttemptId, int] = field(default_factory=dict)
    deleted: list[AttemptId] = field(default_factory=list)

    def trouble(self) -> str:
        return self.wrong

    def room(self) -> int:
        return self.free

    def places(self, attempt: AttemptId, part: int) -> tuple[str, str]:
        self.parts[attempt] = part
        return f"/m/{attempt}.{part}.in.alaw", f"/m/{attempt}.{part}.out.alaw"

    def arrived(self, attempt: AttemptId, part: int) -> bool:
        return self.comes

    def last_part(self, attempt: AttemptId) -> int:
        return self.parts.get(attempt, 0)

    def delete(self, attempt: AttemptId) -> None:
        self.deleted.append(attempt)
        self.parts.pop(attempt, None)


@dataclass
class Desk:
    centre: Centre
    rows: Rows
    memory: Memory
    recorder: Recorder
    campaign: list[EngineCampaign | None]
    alone: list[bool]

    async def talking(self) -> tuple[UserId, AttemptId]:
        user = await self.centre.agent(1)
        attempt = await self.centre.dial(user)
        self.centre.telephony.answer(channel_of(attempt))
        await self.centre.settle()
        return user, attempt

    def state(self, attempt: AttemptId) -> RecordingState | None:
        found = self.centre.floor.call(attempt).info.recording
        return None if found is None else found.state

    def recorded(self, attempt: AttemptId) -> bool:
        return channel_of(attempt) in self.centre.telephony.recorded


def make(centre: Centre, rows: Rows | None, memory: Memory | None, desk: list[Desk] | None = None) -> Desk:
    campaign: list[EngineCampaign | None] = [replace(ENGINE_CAMPAIGN, recording="on")]
    alone = [True]
    recorder = Recorder(
        centre.floor,
        centre.telephony,
        rows,  # type: ignore[arg-type]  # what a recorder asks of it
        memory,  # type: ignore[arg-type]
        centre.clock,
        centre.tasks,
        campaign=lambda _: campaign[0],
        alone=lambda _: alone[0],
        serves=lambda: centre.serving,
    )
    return Desk(centre, rows or Rows(), memory or Memory(), recorder, campaign, alone)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    centre = Centre()
    yield make(centre, Rows(), Memory())
    await centre.close()
    assert centre.tasks.failed == 0


async def refused(job: object, code: str) -> None:
    with pytest.raises(RecordingRefusedError) as error:
        await job  # type: ignore[misc]  # any coroutine
    assert error.value.code == code
    assert code in RECORDING_CODES


async def test_a_yes_stands_in_the_database_before_anything_is_recorded(desk: Desk) -> None:
    user, attempt = await desk.talking()
    desk.rows.away = True
    with pytest.raises(UnavailableError):
        await desk.recorder.agreed(user, attempt)
    assert not desk.recorded(attempt)
    assert desk.state(attempt) is None
    desk.rows.away = False
    assert (await desk.recorder.agreed(user, attempt)).state is RecordingState.STARTING
    await desk.centre.settle()
    assert desk.state(attempt) is RecordingState.RUNNING
    assert desk.centre.telephony.recorded[channel_of(attempt)][0].endswith(".1.in.alaw")
    assert (await desk.recorder.agreed(user, attempt)).state is RecordingState.RUNNING, "pressed twice is once"
    assert (await desk.recorder.resume(user, attempt)).part == 1


async def test_when_nobody_is_recorded(desk: Desk) -> None:
    user, attempt = await desk.talking()
    with pytest.raises(ForbiddenError):
        await desk.recorder.agreed(STRANGER, attempt)
    with pytest.raises(NotFoundError):
        await desk.recorder.agreed(user, AttemptId(STRANGER))
    for job in (desk.recorder.pause, desk.recorder.resume):
        await refused(job(user, attempt), "recording-not-running")
    desk.alone[0] = False
    await refused(desk.recorder.agreed(user, attempt), "recording-not-alone")
    desk.alone[0] = True
    for campaign in (None, ENGINE_CAMPAIGN):
        desk.campaign[0] = campaign
        await refused(desk.recorder.agreed(user, attempt), "recording-off")
    desk.campaign[0] = replace(ENGINE_CAMPAIGN, recording="on")
    desk.memory.wrong = "is on a disk"
    await refused(desk.recorder.agreed(user, attempt), "recording-no-place")
    desk.memory.wrong, desk.memory.free = "", 1 << 20
    await refused(desk.recorder.agreed(user, attempt), "recording-no-room")
    desk.memory.free, desk.rows.says = 1 << 30, "recording-crisis"
    await refused(desk.recorder.agreed(user, attempt), "recording-crisis")
    desk.centre.serving = False
    with pytest.raises(UnavailableError):
        await desk.recorder.agreed(user, attempt)
    desk.centre.serving = True
    assert not desk.recorded(attempt)
    assert desk.rows.state == {}
    nowhere = make(desk.centre, None, None)
    await refused(nowhere.recorder.agreed(user, attempt), "recording-no-place")
    await nowhere.recorder.adopt()


async def test_a_refusal_deletes_whatever_answers(desk: Desk) -> None:
    user, attempt = await desk.talking()
    await desk.recorder.agreed(user, attempt)
    await desk.centre.settle()
    desk.centre.telephony.up, desk.rows.away = False, True
    with pytest.raises(ForbiddenError):
        await desk.recorder.refuse(STRANGER, attempt)
    assert desk.memory.deleted == []
    await desk.recorder.refuse(user, attempt)
    assert attempt in desk.memory.deleted, "what lies in memory is gone, whoever is away"
    assert desk.state(attempt) is RecordingState.REFUSED
    desk.recorder.keep()
    await desk.centre.settle()
    assert desk.rows.state[attempt] == "open"
    desk.centre.telephony.up, desk.rows.away = True, False
    desk.recorder.keep()
    await desk.centre.settle()
    assert not desk.recorded(attempt)
    assert desk.rows.state[attempt] == "refused"
    for job in (desk.recorder.agreed, desk.recorder.resume):
        await refused(job(user, attempt), "recording-refused")
    desk.recorder.keep()
    assert desk.centre.tasks.running == 0, "nothing is owed any more"


async def test_refused_before_anything_and_after_the_call(desk: Desk) -> None:
    user, attempt = await desk.talking()
    await desk.recorder.refuse(user, attempt)
    await refused(desk.recorder.agreed(user, attempt), "recording-refused")
    desk.centre.telephony.end(channel_of(attempt))
    await desk.centre.settle()
    await desk.recorder.refuse(user, attempt)
    desk.rows.away = True
    with pytest.raises(UnavailableError):
        await desk.recorder.refuse(user, attempt)
    desk.rows.away, desk.rows.filed = False, True
    with pytest.raises(ForbiddenError):
        await desk.recorder.refuse(user, attempt)


async def test_a_pause_that_cannot_be_is_said(desk: Desk) -> None:
    user, attempt = await desk.talking()
    await desk.recorder.agreed(user, attempt)
    await desk.centre.settle()
    desk.centre.telephony.up = False
    with pytest.raises(UnavailableError):
        await desk.recorder.pause(user, attempt)
    assert desk.state(attempt) is RecordingState.RUNNING, "the agent sees that it goes on"
    desk.centre.telephony.up = True
    assert (await desk.recorder.pause(user, attempt)).state is RecordingState.PAUSED
    assert not desk.recorded(attempt)
    assert (await desk.recorder.pause(user, attempt)).state is RecordingState.PAUSED
    assert (await desk.recorder.agreed(user, attempt)).state is RecordingState.PAUSED
    assert (await desk.recorder.resume(user, attempt)).part == 2
    await desk.centre.settle()
    assert desk.state(attempt) is RecordingState.RUNNING
    assert desk.recorded(attempt)


async def test_no_sound_is_told_and_may_be_tried_again(desk: Desk) -> None:
    user, attempt = await desk.talking()
    desk.centre.telephony.refuse_recording = True
    assert (await desk.recorder.agreed(user, attempt)).state is RecordingState.FAILED
    desk.recorder.keep()
    await desk.centre.settle()
    desk.centre.telephony.refuse_recording, desk.memory.comes = False, False
    desk.recorder._clock = _Hurries(desk.centre.clock)  # type: ignore[assignment]
    assert (await desk.recorder.resume(user, attempt)).state is RecordingState.STARTING
    await desk.centre.settle()
    assert desk.state(attempt) is RecordingState.FAILED
    assert not desk.recorded(attempt), "what brings nothing is asked for no longer"
    assert desk.recorder.failed == 2


class _Hurries:
    """A clock whose seconds go by as soon as they are asked for."""

    def __init__(self, clock: object) -> None:
        self._clock = clock
        self._at = 0.0

    def monotonic(self) -> float:
        self._at += 2.0
        return self._at

    def __getattr__(self, name: str) -> object:
        return getattr(self._clock, name)


async def test_it_pauses_when_others_are_heard_and_ends_with_the_call(desk: Desk) -> None:
    user, attempt = await desk.talking()
    await desk.recorder.agreed(user, attempt)
    await desk.centre.settle()
    leg = desk.centre.floor.agent(user).leg_channel
    assert leg is not None
    await desk.centre.telephony.hold(channel_of(attempt), leg)
    await desk.centre.settle()
    assert desk.state(attempt) is RecordingState.PAUSED
    assert not desk.recorded(attempt)
    await refused(desk.recorder.resume(user, attempt), "recording-no-conversation")
    desk.centre.telephony.end(channel_of(attempt))
    await desk.centre.settle()
    desk.recorder.keep()
    assert desk.centre.tasks.running == 0


async def test_the_next_process_stops_what_nobody_could_pause(desk: Desk) -> None:
    user, attempt = await desk.talking()
    channel = channel_of(attempt)
    desk.rows.state[attempt] = "open"
    desk.memory.parts[attempt] = 3
    desk.centre.telephony.recorded[channel] = ("in", "out")
    desk.rows.away = True
    with pytest.raises(UnavailableError):
        await desk.recorder.adopt()
    desk.rows.away = False
    await desk.recorder.adopt()
    assert desk.state(attempt) is RecordingState.PAUSED
    assert not desk.recorded(attempt)
    assert (await desk.recorder.resume(user, attempt)).part == 4, "what is there is not written over"
    await desk.centre.settle()
    await desk.recorder.adopt()
    assert desk.recorded(attempt), "what is known goes on"


async def test_a_refusal_outlives_the_process(desk: Desk) -> None:
    user, attempt = await desk.talking()
    desk.rows.state[attempt] = "refused"
    await desk.recorder.adopt()
    assert desk.state(attempt) is RecordingState.REFUSED
    await refused(desk.recorder.agreed(user, attempt), "recording-refused")
