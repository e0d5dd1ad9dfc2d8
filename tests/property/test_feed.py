"""Times out of a client's calendar: in order, of the length that was asked, each named once, the same at each look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.domain.feeds import LOOK_EVERY, FeedFault, next_look, silent_since
from dialer.schedule.feed import TooManyTimesError, offered
from dialer.schedule.slots import AHEAD, LEAST_MINUTES, MOST_MINUTES, MOST_SLOTS
from dialer.schedule.windows import Window

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTES = st.sampled_from([0, 5, 10, 45, 60, 480, 500])


@st.composite
def events(draw: st.DrawFn) -> Window:
    begin = AT + timedelta(minutes=draw(st.integers(-2000, 400_000)))
    return Window(begin, begin + timedelta(minutes=draw(st.integers(-10, 1600))))


@given(st.lists(events(), max_size=25), MINUTES)
def test_times_are_in_order_of_one_length_and_inside_an_event(found: list[Window], minutes: int) -> None:
    times = offered(found, minutes, AT)
    assert [window for _, window in times] == sorted(window for _, window in times)
    assert len({key for key, _ in times}) == len(times)
    for key, window in times:
        assert key.startswith(window.start.isoformat())
        assert AT < window.start <= AT + AHEAD
        length = window.end - window.start
        assert timedelta(minutes=LEAST_MINUTES) <= length <= timedelta(minutes=MOST_MINUTES)
        assert minutes == 0 or length == timedelta(minutes=minutes)
        assert any(event.start <= window.start and window.end <= event.end for event in found)


@given(st.lists(events(), max_size=15), MINUTES, st.randoms(use_true_random=False))
def test_the_order_of_the_file_changes_nothing(found: list[Window], minutes: int, lot: object) -> None:
    shuffled = list(found)
    lot.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis draws a random.Random
    assert offered(found, minutes, AT) == offered(shuffled, minutes, AT)


def test_two_at_one_time_are_two_times_and_keep_their_names() -> None:
    hour = Window(AT + timedelta(hours=1), AT + timedelta(hours=2))
    once, twice = offered([hour], 0, AT), offered([hour, hour], 0, AT)
    assert twice[0] == once[0]
    assert [key for key, _ in twice] == [once[0][0], once[0][0] + "/2"]


def test_more_than_a_source_may_offer() -> None:
    hour = Window(AT + timedelta(hours=1), AT + timedelta(hours=2))
    assert len(offered([hour] * MOST_SLOTS, 0, AT)) == MOST_SLOTS
    with pytest.raises(TooManyTimesError):
        offered([hour] * (MOST_SLOTS + 1), 0, AT)


@given(st.integers(0, 50), st.none() | st.integers(0, 100_000))
def test_pauses_grow_and_a_servers_wish_is_bounded(failures: int, asked: int | None) -> None:
    wish = None if asked is None else timedelta(seconds=asked)
    due = next_look(failures, AT, wish)
    assert timedelta(minutes=2) <= due - AT <= timedelta(hours=1)
    if failures:
        assert due <= next_look(failures + 1, AT, wish)
    else:
        assert next_look(0, AT) == AT + LOOK_EVERY


def test_silence_counts_from_the_last_answer_or_from_the_beginning() -> None:
    day = timedelta(days=1)
    assert silent_since(None, AT, AT + day - timedelta(seconds=1)) is None
    assert silent_since(None, AT, AT + day) == AT
    assert silent_since(AT + day, AT, AT + 1.5 * day) is None
    assert silent_since(AT + day, AT, AT + 2 * day) == AT + day
    assert FeedFault("too_many") is FeedFault.TOO_MANY
