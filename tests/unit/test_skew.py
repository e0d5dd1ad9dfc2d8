"""Stamps of a telephone system whose clock is not ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.asterisk.skew import Skew


def test_clocks_that_agree_leave_the_stamps_alone() -> None:
    skew = Skew()
    assert skew.ahead(10.0, 1_000_010.0) == 0.0, "nothing known yet"
    skew.pong(10.0, 1_000_010.0, 1_000_009.2, 2.0)
    assert skew.ahead(11.0, 1_000_011.0) == 0.0


@pytest.mark.parametrize("off", [3600.0, -3600.0, 2.0, -2.0])
def test_our_clock_is_put_and_their_stamps_follow_at_once(off: float) -> None:
    skew = Skew()
    skew.pong(10.0, 1_000_010.0, 1_000_010.0, 0.0)
    assert skew.ahead(11.0, 1_000_011.0 + off) == pytest.approx(off)


@pytest.mark.parametrize("off", [3600.0, -3600.0, 2.0, -2.0])
def test_their_clock_is_put_and_the_next_ping_tells(off: float) -> None:
    skew = Skew()
    skew.pong(10.0, 1_000_010.0, 1_000_010.0, 0.0)
    skew.pong(11.0, 1_000_011.0, 1_000_011.0 + off, 0.01)
    assert skew.ahead(11.0, 1_000_011.0) == pytest.approx(-off, abs=0.011)


@given(
    off=st.floats(-7200, 7200),
    pings=st.lists(st.tuples(st.floats(0, 2.5), st.floats(0, 1)), min_size=1, max_size=20),
)
def test_it_is_never_wrong_by_more_than_the_shortest_round_trip(off: float, pings: list[tuple[float, float]]) -> None:
    skew, monotonic = Skew(), 100.0
    for lag, share in pings:
        monotonic += 1.0 + lag
        skew.pong(monotonic, monotonic + 1e6 + off, monotonic - lag * share + 1e6, lag)
    found = skew.ahead(monotonic, monotonic + 1e6 + off)
    shortest = min(lag for lag, _ in pings)
    assert abs(found - off) <= max(shortest, 0.05) + 1e-6
