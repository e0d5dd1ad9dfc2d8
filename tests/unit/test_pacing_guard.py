"""Surprise, rest and budgets."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest

from dialer.pacing.budget import KAPPA, Left, accepted, cut_bound, left, lent, spare
from dialer.pacing.curves import exposures
from dialer.pacing.guard import CALM, Surprise, surprise
from dialer.pacing.learned import Model, observe, within
from dialer.pacing.predictive import decide
from dialer.pacing.stored import dump, load
from dialer.pacing.view import (
    FOR_PEOPLE,
    Abandoned,
    AgentView,
    Called,
    Doing,
    Ended,
    Held,
    Kind,
    PickedUp,
    RingEnded,
    RingView,
    Settings,
    State,
    TalkEnded,
    WrapUpEnded,
)
from dialer.pacing.view import Left as Away

NOW = 5000.0
MODEL = replace(Model(), watched=900.0, dials=5000, credit=2.0, told_at=NOW)
TEAM = [AgentView(place, Doing.IDLE, NOW - 60.0) for place in range(8)]
STATE = State(now=NOW, agents=TEAM, rings=[RingView(1, NOW - 26.0)], lines_free=40)


def test_an_ordinary_moment_is_no_surprise() -> None:
    assert surprise(STATE, MODEL) is None


@pytest.mark.parametrize(
    ("state", "what"),
    [
        (replace(STATE, lag=0.6), Surprise.LAG),
        (replace(STATE, lag=math.nan), Surprise.LAG),
        (replace(STATE, now=math.nan), Surprise.CLOCK),
        (replace(STATE, rings=[RingView(1, NOW + 30.0)]), Surprise.CLOCK),
        (replace(STATE, rings=[RingView(1, NOW - 3600.0)]), Surprise.CLOCK),
        (replace(STATE, agents=[*TEAM, AgentView(9, Doing.TALKING, NOW + 90.0)]), Surprise.CLOCK),
        (replace(STATE, agents=[*TEAM, AgentView(9, Doing.TALKING, math.nan)]), Surprise.CLOCK),
    ],
)
def test_surprises_of_a_moment(state: State, what: Surprise) -> None:
    assert surprise(state, MODEL) is what
    decision = decide(state, MODEL)
    assert (decision.reasons.mode, decision.reasons.surprise) == ("progressive", what)
    assert decision.start <= len(state.agents) - len(state.rings)


def test_a_clock_that_goes_back_is_remembered_for_a_minute() -> None:
    model = observe(MODEL, Called(NOW - 600.0))
    then = [agent._replace(since=NOW - 700.0) for agent in TEAM]
    for after, what in ((1.0, Surprise.CLOCK), (CALM + 1.0, None)):
        assert surprise(State(now=NOW - 600.0 + after, agents=then), model) is what
    assert surprise(STATE, observe(MODEL, Called(NOW - 1.0))) is None, "events may come a little out of order"


def test_answers_that_jump_are_a_surprise_until_the_level_has_followed() -> None:
    model, seen = MODEL, []
    for number in range(150):
        model = observe(model, PickedUp(NOW + number, 9.0))
        seen.append(surprise(replace(STATE, now=NOW + number, rings=()), model))
    assert Surprise.ANSWERS in seen[:12]
    usual = MODEL
    for number in range(200):
        event = PickedUp(NOW + number, 9.0) if number % 4 == 0 else RingEnded(NOW + number, 27.0, Ended.NO_ANSWER)
        usual = observe(usual, event)
        assert surprise(replace(STATE, now=NOW + number, rings=()), usual) is None


def test_hundreds_of_calls_are_not_judged_by_a_dozen() -> None:
    """A quarter is answered, as the model expects: among thousands of dozens some look odd."""
    draw, model = random.Random(3), replace(MODEL, level_at=NOW)
    share = exposures(MODEL.rings_used)[27]
    for place in range(12_000):
        at = NOW + place / 100.0
        answered = draw.random() < share
        model = observe(model, PickedUp(at, 10.0) if answered else RingEnded(at, 27.0, Ended.NO_ANSWER))
        assert surprise(State(now=at, agents=TEAM), model) is None


def test_those_who_answer_first_of_many_just_dialled_are_no_surprise() -> None:
    model = replace(MODEL, level_at=NOW)
    rings = [RingView(place, NOW) for place in range(600)]
    answered = round(600 * exposures(model.rings_used)[8])
    seen = set()
    for place in range(answered):
        at = NOW + 7.0 + place / answered
        model = observe(model, PickedUp(at, 8.0))
        alone = State(now=at, agents=TEAM)
        seen.add(surprise(alone, model))
        assert surprise(replace(alone, rings=rings[place + 1 :]), model) is None
    assert Surprise.ANSWERS in seen, "were these all the calls"


@pytest.mark.parametrize("age", [0.02, 0.3, 11.9])
def test_nearly_everybody_picks_up_at_the_same_second_and_it_is_no_surprise_for_long(age: float) -> None:
    """A town of tests, not of people. Once it is known, calls are foreseen as everywhere."""
    model, draw = replace(MODEL, level_at=NOW), random.Random(5)
    for place in range(400):
        at = NOW + 4.0 * place
        event = PickedUp(at, age) if draw.random() < 0.9 else RingEnded(at, 27.0, Ended.NO_ANSWER)
        model = observe(model, event)
        if place > 60:
            assert surprise(State(now=at, agents=TEAM), model) is None, place


def test_agents_who_leave_at_once_are_a_surprise() -> None:
    one = observe(MODEL, Away(NOW))
    two = observe(one, WrapUpEnded(NOW, 3, 60.0, False, 100.0))
    assert surprise(STATE, one) is None
    assert surprise(STATE, two) is Surprise.LEAVING
    assert surprise(replace(STATE, now=NOW + 90.0, rings=()), two) is None
    many = [AgentView(place, Doing.IDLE, NOW - 60.0) for place in range(40)]
    assert surprise(replace(STATE, agents=many), two) is None, "two of forty"
    assert surprise(replace(STATE, now=NOW - 10.0), replace(MODEL, leavers=9.0, leavers_at=NOW)) is None
    back = observe(replace(two, leavers_at=math.inf), Away(NOW))
    assert back.leavers == 1.0


# -- rest ---------------------------------------------------------------------------------------------------

REST = Settings(**FOR_PEOPLE)  # type: ignore[arg-type]  # floats all


@pytest.mark.parametrize(
    ("agent", "free"),
    [
        (AgentView(1, Doing.IDLE, NOW - 2.9), False),
        (AgentView(1, Doing.IDLE, NOW - 3.1), True),
        (AgentView(1, Doing.IDLE, NOW - 3.1, shaken=True), False),
        (AgentView(1, Doing.IDLE, NOW - 61.0, shaken=True), True),
        (AgentView(1, Doing.IDLE, NOW - 30.0, worked=0.84), True),
        (AgentView(1, Doing.IDLE, NOW - 30.0, worked=0.85), False),
    ],
)
def test_whoever_rests_gets_no_call(agent: AgentView, free: bool) -> None:
    decision = decide(State(now=NOW, agents=[agent], lines_free=5), MODEL, REST)
    assert decision.start == int(free)
    assert free or decision.reasons.held is Held.BREATH


def test_without_a_ceiling_nobody_rests() -> None:
    tired = AgentView(1, Doing.IDLE, NOW, worked=0.999)
    assert decide(State(now=NOW, agents=[tired], lines_free=5), MODEL).start >= 1


# -- budgets ------------------------------------------------------------------------------------------------


def test_a_large_team_is_lent_more() -> None:
    assert 0.5 < lent(1) < lent(8) < lent(40) == lent(150) == 3.0


def test_cuts_that_are_not_allowed_are_not_left() -> None:
    assert left(MODEL, Settings(), 8)[1:] == (0.0, 0.0)
    rest = left(replace(MODEL, cuts=20, early_cuts=10), Settings(ring_cuts=True), 8)
    assert 80.0 < rest.early < 100.0 < rest.cuts < 240.0


def test_cuts_are_spent_evenly() -> None:
    bounds = [cut_bound(Left(1.0, early, 99.0)) for early in (-90.0, 0.0, 4.0, 12.0, 900.0)]
    assert bounds == sorted(bounds, reverse=True)
    assert (bounds[0], bounds[-1]) == (KAPPA[1], KAPPA[0])


def risk(rest: Left, agents: int = 8, over: int = 0) -> float:
    return accepted(MODEL, rest, agents, over)


def test_less_is_accepted_when_less_is_left() -> None:
    plenty = risk(Left(5.0, 50.0, 50.0))
    assert plenty > risk(Left(0.2, 50.0, 50.0)) > risk(Left(-1.0, 50.0, 50.0)) > 0.0
    assert plenty > risk(Left(5.0, 2.0, 50.0)) > risk(Left(5.0, 0.0, 50.0))
    assert risk(Left(5.0, 3.0, 50.0), over=0) > risk(Left(5.0, 3.0, 50.0), over=4)


def test_callers_are_felt_most_by_teams_of_eight_to_fifteen() -> None:
    kept = {agents: spare(0.5 * agents, agents) for agents in (1, 2, 8, 15, 150)}
    assert kept[1] == 0.0
    assert kept[8] == kept[15] > max(kept[2], kept[150])
    assert spare(1e9, 8) == 0.5
    assert spare(9.0, 0) == 0.0


@pytest.mark.parametrize(
    ("hours", "minutes", "held"), [(24.0, 10, False), (1.0, 10, True), (1.0, 130, False), (4.0, 130, True)]
)
def test_the_promise_holds_over_its_window_too(hours: float, minutes: int, held: bool) -> None:
    """Three of sixty got nobody a while ago: much for an hour, little for a long campaign in credit."""
    model = MODEL
    for place in range(60):
        at = NOW - 60.0 * minutes + place
        model = observe(model, TalkEnded(at, 1, 200.0, Kind.PERSON, 9.0) if place % 20 else Abandoned(at))
    model = replace(model, credit=5.0, told_at=NOW, jumped_at=-math.inf, day_answered=4000)
    decision = decide(STATE, model, Settings(window=hours))
    assert (decision.reasons.held is Held.BUDGET) == held
    assert held == (decision.reasons.mode == "progressive")


def test_hours_that_are_over_are_forgotten() -> None:
    model = Model()
    for hour in (0, 1, 5, 30):
        model = observe(model, Abandoned(3600.0 * hour + 10.0))
        assert within(model, 3600.0 * hour + 20.0, 1.0) == (1, 1)
    assert within(model, 3600.0 * 30 + 20.0, 24.0) == (1, 1), "a day later only the last"
    assert within(model, 3600.0 * 30 + 20.0, 24.0) == within(load(dump(model)), 3600.0 * 30 + 20.0, 24.0)
    early = observe(observe(Model(), Abandoned(50.0)), Abandoned(3600.0 * 3))
    assert within(early, 3600.0 * 3 + 5.0, 4.0) == (2, 2)
    assert within(early, 3600.0 * 3 + 5.0, 3.0) == (1, 1)
    assert within(early, math.nan, 4.0) == (0, 0)
    assert within(observe(early, Abandoned(-7200.0)), -7200.0, 4.0) == (1, 1), "the clock went back"
    assert within(observe(early, Abandoned(-3600.0 * 40)), -3600.0 * 40, 4.0) == (1, 1), "and far back"
    assert observe(early, Abandoned(math.nan)).hour_abandoned == early.hour_abandoned


def test_an_hour_without_answers_shows_nothing_of_the_day_before() -> None:
    model = Model()
    for hour in (10, 11, 12, 24 + 10):
        model = observe(model, Abandoned(3600.0 * hour + 10.0))
    assert within(model, 3600.0 * (24 + 12) + 20.0, 4.0) == (1, 1), "nobody answered at 11 and 12 today"


def test_an_answer_that_is_told_late_forgets_nothing() -> None:
    model = Model()
    for at in (3600.0 * 5 - 20.0, 3600.0 * 5 + 0.5, 3600.0 * 5 - 0.5):
        model = observe(model, Abandoned(at))
    assert within(model, 3600.0 * 5 + 1.0, 1.0) == (1, 1)
    assert within(model, 3600.0 * 5 + 1.0, 2.0) == (3, 3)


def test_with_callers_about_the_last_agent_is_not_dialled_away() -> None:
    state = replace(STATE, agents=[*TEAM[:2], *[AgentView(9 + k, Doing.TALKING, NOW - 200.0) for k in range(6)]])
    quiet = decide(state, replace(MODEL, callers=0.0))
    busy = decide(state, replace(MODEL, callers=12.0, callers_at=NOW))
    assert quiet.start >= busy.start
    assert busy.reasons.risk > quiet.reasons.risk
