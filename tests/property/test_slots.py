"""Times out of a week's pattern: never double, never over each other, never on a holiday, right on both DST days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.domain.bookings import TRANSITIONS, BookingEvent, BookingState, advance
from dialer.domain.errors import IllegalTransitionError, InvalidError
from dialer.schedule import holidays
from dialer.schedule.slots import AHEAD, MOST_SLOTS, Pattern, check, parse, times, to_json
from dialer.schedule.windows import at_local, local

DAYS = st.dates(date(2025, 1, 1), date(2029, 12, 31))
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0, fold=0))


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    begin, end = sorted((draw(CLOCKS), draw(CLOCKS)))
    first = draw(DAYS)
    pattern = Pattern(
        weekdays=draw(st.frozensets(st.integers(0, 6), min_size=1)),
        begin=begin,
        end=end,
        minutes=draw(st.integers(10, 480)),
        from_on=first,
        until_on=draw(st.none() | st.integers(0, 400).map(lambda days: first + timedelta(days=days))),
        except_on=draw(st.frozensets(DAYS, max_size=5)),
    )
    try:
        return check(pattern)
    except InvalidError:
        return Pattern(weekdays=frozenset(range(7)), begin=time(1), end=time(4), minutes=30, from_on=first)


@given(patterns(), st.datetimes(datetime(2025, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds the zone
def test_times_are_in_order_apart_and_inside_the_pattern(pattern: Pattern, at: datetime) -> None:
    found = times(pattern, at)
    assert len(found) <= MOST_SLOTS
    for before, after in pairwise(found):
        assert before.end <= after.start
    for window in found:
        begin = local(window.start)
        assert at < window.start <= at + AHEAD + timedelta(days=1)
        assert window.end - window.start == timedelta(minutes=pattern.minutes)
        # As moments: on the night on which two o'clock does not exist, what ends at two ends at three by the clock.
        assert at_local(begin.date(), pattern.begin) <= window.start
        assert window.end <= at_local(begin.date(), pattern.end)
        assert begin.weekday() in pattern.weekdays
        assert begin.date() not in pattern.except_on
        assert not holidays.on(begin.date()) & holidays.GENERAL
        assert pattern.from_on <= begin.date()
        assert pattern.until_on is None or begin.date() <= pattern.until_on


@given(patterns())
def test_a_pattern_comes_back_as_it_was_kept(pattern: Pattern) -> None:
    assert parse(to_json(pattern)) == pattern


@given(patterns(), DAYS, st.integers(0, 200))
def test_looking_later_offers_the_same_times(pattern: Pattern, day: date, later: int) -> None:
    """A look at another moment names each time the same: nothing that is offered moves."""
    at = datetime.combine(day, time(), UTC)
    first, second = times(pattern, at), times(pattern, at + timedelta(hours=later))
    if len(first) < MOST_SLOTS:
        known = {window for window in second if window.start <= at + AHEAD - timedelta(days=1)}
        assert known <= set(first)


@pytest.mark.parametrize(
    ("day", "offered"),
    [
        (date(2026, 3, 29), ["01:00", "01:30", "03:00", "03:30"]),  # two o'clock does not exist
        (date(2026, 10, 25), ["01:00", "01:30", "02:00", "03:00", "03:30"]),  # half past two lasts until three twice
        (date(2026, 10, 18), ["01:00", "01:30", "02:00", "02:30", "03:00", "03:30"]),
    ],
)
def test_nights_on_which_the_clocks_change(day: date, offered: list[str]) -> None:
    pattern = Pattern(
        weekdays=frozenset({6}), begin=time(1), end=time(4), minutes=30, from_on=day, until_on=day
    )  # fmt: skip
    found = times(pattern, datetime.combine(day, time(), UTC) - timedelta(days=1))
    assert [f"{local(window.start):%H:%M}" for window in found] == offered


@given(st.lists(st.sampled_from(list(BookingEvent)), max_size=8))
def test_an_appointment_that_is_over_stays_over(events: list[BookingEvent]) -> None:
    state = BookingState.BOOKED
    for event in events:
        if event in TRANSITIONS[state]:
            state = advance(state, event)
        else:
            with pytest.raises(IllegalTransitionError):
                advance(state, event)
    if state in (BookingState.MOVED, BookingState.CANCELLED):
        assert not TRANSITIONS[state]


def test_a_pattern_that_was_not_understood() -> None:
    with pytest.raises(InvalidError):
        parse({"weekdays": [1], "begin": "x"})
    with pytest.raises(InvalidError):
        check(
            Pattern(
                weekdays=frozenset({1}), begin=time(9), end=time(10), minutes=30, from_on=date(2026, 1, 1),
                except_on=frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(201)),
            )
        )  # fmt: skip
