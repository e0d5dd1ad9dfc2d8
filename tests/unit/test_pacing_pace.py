"""An agent's own pace: only as far as it is known, and never a name or a figure that outlives the day."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.pacing.learned import Model, observe
from dialer.pacing.pace import Paces, pace, wrapped_up
from dialer.pacing.predictive import decide
from dialer.pacing.view import AgentView, Doing, Ended, Mode, PickedUp, RingEnded, Settings, State, WrapUpEnded

NOW = 10_000.0


def team(slow: float, wraps: int = 40) -> Paces:
    paces = Paces()
    for _ in range(wraps):
        for agent in ("a", "b", "c"):
            paces = wrapped_up(paces, agent, 40.0, 120.0)
        paces = wrapped_up(paces, "slow", 40.0 * slow, 120.0)
    return paces


def test_who_takes_twice_as_long_is_known_after_some_wrap_ups_and_not_after_one() -> None:
    assert pace(team(2.0, wraps=1), "slow") is None
    found = pace(team(2.0), "slow")
    assert found is not None
    assert 1.4 < found < 2.0
    assert pace(team(2.0), "a") is None, "like the team's"
    quick = pace(team(0.25), "slow")
    assert quick is not None
    assert quick < 0.6
    assert pace(team(2.0), "nobody") is None


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_what_makes_no_sense_changes_nothing(seconds: float) -> None:
    paces = wrapped_up(team(1.0, wraps=12), "a", seconds, None)
    found = pace(paces, "a")
    assert found is None or 0.1 < found < 4.0


def test_one_screen_that_was_forgotten_says_little() -> None:
    assert pace(wrapped_up(team(1.0), "a", 3_000.0, 120.0), "a") is None


def seasoned() -> Model:
    model = Model()
    for call in range(300):
        at = 10.0 * call
        if call % 10 < 3:
            model = observe(model, PickedUp(at + 10, 8.0 + call % 5))
        else:
            model = observe(model, RingEnded(at + 28, 28.0, Ended.NO_ANSWER))
        model = observe(model, WrapUpEnded(at, "a", 30.0 + call % 20, True, 100.0))
    return model


def starts(own: float | None, agents: int = 30) -> int:
    wrapping = [AgentView(n, Doing.WRAP_UP, NOW - 25.0, talked=100.0, pace=own) for n in range(agents)]
    state = State(now=NOW, agents=wrapping, lines_free=90)
    return decide(state, seasoned(), Settings(mode=Mode.PREDICTIVE)).start


def test_a_slow_team_is_counted_on_later_and_a_quick_one_sooner() -> None:
    assert starts(2.5) < starts(None)
    assert starts(0.6) >= starts(None)
    assert starts(1.0) == starts(None) > 0


@pytest.mark.parametrize("own", [0.0, -1.0, math.nan, math.inf, 1e-9])
def test_a_pace_that_is_no_number_harms_nobody(own: float) -> None:
    many = starts(own)
    assert 0 <= many <= 90
