"""The recording of a conversation: what may follow what, what is left in the spool, what a recording consists of."""

from __future__ import annotations

import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.domain.errors import IllegalTransitionError
from dialer.domain.ids import AttemptId, uuid7
from dialer.domain.recording import (
    PIECE,
    RATE,
    SETTLED_AFTER,
    SILENCE,
    TRANSITIONS,
    Left,
    Recording,
    RecordingEvent,
    RecordingState,
    advance,
    left_in_spool,
    pieces,
    stereo,
    wav_header,
)

ATTEMPT = AttemptId(uuid7(1, bytes(10)))
PARTS = st.lists(st.tuples(st.binary(max_size=60), st.binary(max_size=60)), max_size=4)


def test_every_pair_is_decided() -> None:
    for state, event in itertools.product(RecordingState, RecordingEvent):
        before = Recording(attempt=ATTEMPT, state=state, part=3, since=1.0)
        if event not in TRANSITIONS[state]:
            with pytest.raises(IllegalTransitionError):
                advance(before, event, 2.0)
            continue
        after = advance(before, event, 2.0)
        assert after.state is TRANSITIONS[state][event]
        assert after.since == (1.0 if after.state is state else 2.0)
        assert after.part == (4 if event is RecordingEvent.RESUME else 3)


@given(st.lists(st.sampled_from(RecordingEvent)))
def test_after_a_refusal_nothing_runs_any_more(events: list[RecordingEvent]) -> None:
    recording, refused = Recording(attempt=ATTEMPT, since=0.0), False
    for event in events:
        try:
            recording = advance(recording, event, 1.0)
        except IllegalTransitionError:
            continue
        refused = refused or event is RecordingEvent.REFUSE
        assert (recording.state is RecordingState.REFUSED) is refused


@given(st.sampled_from([None, "open", "kept", "refused", "lost"]), st.booleans(), st.floats(0, 10))
def test_what_is_in_the_spool_is_sealed_for_a_yes_alone(row: str | None, live: bool, still_for: float) -> None:
    found = left_in_spool(row, live=live, still_for=still_for)
    if row != "open":
        assert found is Left.DELETE, "without a yes that stands, it goes, also in mid-call"
    elif live or still_for < SETTLED_AFTER:
        assert found is Left.LEAVE
    else:
        assert found is Left.SEAL


@given(PARTS)
def test_each_side_comes_back_out_of_the_stereo(parts: list[tuple[bytes, bytes]]) -> None:
    sound = stereo(parts)
    left, right = sound[0::2], sound[1::2]
    assert len(left) == len(right)
    at = 0
    for received, sent in parts:
        if at:
            assert left[at : at + RATE] == right[at : at + RATE] == SILENCE * RATE
            at += RATE
        length = max(len(received), len(sent))
        assert left[at : at + length] == received + SILENCE * (length - len(received))
        assert right[at : at + length] == sent + SILENCE * (length - len(sent))
        at += length
    assert at == len(left)


@given(st.integers(0, 3 * PIECE))
def test_pieces_are_the_whole(size: int) -> None:
    found = list(pieces(b"\x01" * size))
    assert sum(map(len, found)) == size
    assert all(0 < len(one) <= PIECE for one in found)


def test_the_head_says_what_follows() -> None:
    sound = stereo([(b"\x10" * RATE, b"\x20" * RATE)])
    file = io.BytesIO(wav_header(len(sound)) + sound).getvalue()
    assert file[:4] == b"RIFF"
    assert int.from_bytes(file[4:8], "little") == len(file) - 8
    assert file[20:24] == b"\x06\x00\x02\x00", "A-law, two channels"
    assert int.from_bytes(file[file.index(b"fact") + 8 :][:4], "little") == RATE
    assert file[file.index(b"data") + 8 :] == sound
