"""Recording of a conversation: when it may run, as a table, and what a recording consists of. Pure.

Off unless the campaign says otherwise. Nothing is recorded before the resident has said who he is and that it is all
right; a refusal is final for the conversation. Sound is A-law at 8,000 samples a second, as it came over the line:
the resident left, the agent right.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dialer.domain.errors import IllegalTransitionError
from dialer.domain.ids import AttemptId

POLICIES = ("off", "on")
"""Of a campaign; the first is usual."""

NEVER_OF = frozenset({"CRISIS"})
"""Flags of a filing after which the recording does not stay."""

NOBODY_OF_OURS = frozenset({"THIRD_PARTY", "WRONG_PERSON", "NOT_VERIFIED"})
"""Outcomes by which whoever was recorded turns out to be somebody else: it does not stay."""

RATE = 8000
"""Samples a second, of a byte each."""
SILENCE = b"\xd5"
"""Of A-law."""
GAP_SECONDS = 1
"""Of silence between two parts: here it was paused."""
PIECE = 1 << 20
"""Bytes of sound that are sealed and sent at a time."""
SETTLED_AFTER = 2.0
"""Seconds without a change after which a file of a call that is over is whole."""
LEAST_ROOM = 32 << 20
"""Bytes that must be free in the spool before a recording begins: half an hour of one conversation."""


class PlayPurpose(StrEnum):
    """Why somebody hears a recording: asked each time, in the audit."""

    QUALITY = "quality"
    COACHING = "coaching"
    COMPLAINT = "complaint"
    RESIDENT = "resident"  # the resident asks to hear it (Art. 15)


class DeleteReason(StrEnum):
    """Why somebody deletes a recording before its term: asked each time, in the audit."""

    RESIDENT = "resident"  # the resident wants it gone
    NEVER = "never"  # it should not have been made: somebody else, no clear yes
    SECRET = "secret"  # noqa: S105 - the name of a reason: it has what nobody should keep: a card's number, a password
    DONE = "done"  # what it was kept for is over


class RecordingState(StrEnum):
    """Where it stands, while the call lives."""

    STARTING = "starting"  # the resident agreed; the telephone system has the order
    RUNNING = "running"
    PAUSED = "paused"
    REFUSED = "refused"  # stopped and deleted; does not come back in this call
    FAILED = "failed"  # the telephone system or the spool did not do it; may be tried again


class RecordingEvent(StrEnum):
    """What can happen."""

    RUNS = "runs"  # sound arrives in the spool
    PAUSE = "pause"  # by the agent, or because others are heard: hold, a transfer, another agent
    RESUME = "resume"
    REFUSE = "refuse"
    FAIL = "fail"


_S, _E = RecordingState, RecordingEvent
TRANSITIONS: Mapping[RecordingState, Mapping[RecordingEvent, RecordingState]] = {
    _S.STARTING: {_E.RUNS: _S.RUNNING, _E.PAUSE: _S.PAUSED, _E.REFUSE: _S.REFUSED, _E.FAIL: _S.FAILED},
    _S.RUNNING: {_E.PAUSE: _S.PAUSED, _E.REFUSE: _S.REFUSED, _E.FAIL: _S.FAILED},
    _S.PAUSED: {_E.PAUSE: _S.PAUSED, _E.RESUME: _S.STARTING, _E.REFUSE: _S.REFUSED},
    _S.FAILED: {_E.PAUSE: _S.FAILED, _E.RESUME: _S.STARTING, _E.REFUSE: _S.REFUSED},
    _S.REFUSED: {_E.PAUSE: _S.REFUSED, _E.REFUSE: _S.REFUSED},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A snapshot of a live call's recording."""

    attempt: AttemptId
    state: RecordingState = RecordingState.STARTING
    part: int = 1  # each time it goes on a new one begins
    since: float  # of the state, unix seconds


def advance(recording: Recording, event: RecordingEvent, at: float) -> Recording:
    """The recording after `event` at `at` (unix seconds).

    Raises IllegalTransitionError, and changes nothing, when the event cannot happen in the present state.
    """
    try:
        state = TRANSITIONS[recording.state][event]
    except KeyError:
        raise IllegalTransitionError("recording", recording.state, event) from None
    part = recording.part + 1 if event is RecordingEvent.RESUME else recording.part
    since = recording.since if state is recording.state else at
    return replace(recording, state=state, part=part, since=since)


class Left(StrEnum):
    """What becomes of a call's files in the spool."""

    LEAVE = "leave"
    SEAL = "seal"
    DELETE = "delete"


def left_in_spool(row: str | None, *, live: bool, still_for: float) -> Left:
    """What to do with the files of a call, whoever wrote them and whatever died since.

    `row`: what the database says of its recording (`open`, `kept`, `refused`, `lost`; None: nothing, so nobody agreed);
    `live`: the call goes on; `still_for`: seconds since the last change of a file.
    """
    if row != "open":
        return Left.DELETE
    if live or still_for < SETTLED_AFTER:
        return Left.LEAVE
    return Left.SEAL


def stereo(parts: Sequence[tuple[bytes, bytes]]) -> bytes:
    """What was received and what was sent, part by part, as one sound: left and right by turns.

    The shorter side of a part is filled up with silence, and between parts there is silence.
    """
    sound = bytearray()
    for received, sent in parts:
        if sound:
            sound += SILENCE * (2 * RATE * GAP_SECONDS)
        length = max(len(received), len(sent))
        both = bytearray(SILENCE * (2 * length))
        both[0 : 2 * len(received) : 2] = received
        both[1 : 2 * len(sent) : 2] = sent
        sound += both
    return bytes(sound)


def pieces(sound: bytes) -> Iterator[bytes]:
    """The sound in what is sealed at a time."""
    for at in range(0, len(sound), PIECE):
        yield sound[at : at + PIECE]


def wav_header(size: int) -> bytes:
    """The head of a WAV file of so many bytes of stereo A-law, to be put before it."""
    form = struct.pack("<HHIIHHH", 6, 2, RATE, 2 * RATE, 2, 8, 0)
    fact = struct.pack("<I", size // 2)
    body = b"WAVE" + _chunk(b"fmt ", form) + _chunk(b"fact", fact) + b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", len(body) + size + size % 2) + body


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content
