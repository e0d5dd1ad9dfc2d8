"""What must hold of pacing for every state, model and history."""

from __future__ import annotations

import math
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.pacing.budget import lent
from dialer.pacing.learned import EARNED, Model, observe
from dialer.pacing.predictive import decide
from dialer.pacing.simulator.situations import situation
from dialer.pacing.simulator.trial import play
from dialer.pacing.view import (
    Abandoned,
    AgentView,
    Called,
    DayBegan,
    Dialled,
    Doing,
    Ended,
    Event,
    Joined,
    Kind,
    Left,
    Mode,
    PickedUp,
    RingEnded,
    RingView,
    Settings,
    State,
    TalkEnded,
    WrapUpEnded,
)

odd = st.floats(allow_nan=True, allow_infinity=True)
seconds = st.floats(min_value=0.0, max_value=600.0)
agents = st.lists(
    st.builds(
        AgentView,
        st.integers(),
        st.sampled_from(Doing),
        seconds,
        st.booleans(),
        st.none() | st.floats(min_value=0.0, max_value=40.0),
    ),
    max_size=30,
)
rings = st.lists(st.floats(min_value=560.0, max_value=600.0), max_size=30).map(
    lambda begun: [RingView(place, since) for place, since in enumerate(begun)]
)
states = st.builds(
    State,
    now=st.just(600.0),
    open=st.booleans(),
    agents=agents,
    rings=rings,
    answered_waiting=st.integers(0, 3),
    inbound_waiting=st.integers(0, 3),
    appointments_due=st.integers(0, 2),
    lines_free=st.integers(-1, 60),
    starts_allowed=st.none() | st.integers(-1, 20),
    records=st.none() | st.integers(-1, 40),
    closes_at=st.none() | st.floats(min_value=500.0, max_value=900.0),
    lag=st.sampled_from([0.0, 0.0, 3.0, math.nan]),
)
modes = st.builds(
    Settings,
    mode=st.sampled_from(Mode),
    ring_cuts=st.booleans(),
    breath=st.sampled_from([0.0, 3.0]),
    occupancy=st.sampled_from([0.85, 1.0]),
)
trusted = st.builds(
    lambda level, credit, log_theta, callers: replace(
        Model(), watched=500.0, dials=1000, level=level, credit=credit, log_theta=log_theta, callers=callers
    ),
    st.floats(0.2, 4.0),
    st.floats(-2.0, 4.0),
    st.floats(-6.0, -0.3),
    st.floats(0.0, 50.0),
)
numbers = odd | st.floats(min_value=0.0, max_value=50.0)
events = st.one_of(
    st.builds(Dialled, odd),
    st.builds(RingEnded, odd, numbers, st.sampled_from(Ended)),
    st.builds(PickedUp, odd, numbers),
    st.builds(Joined, odd),
    st.builds(Abandoned, odd, numbers),
    st.builds(TalkEnded, odd, st.integers(), numbers, st.sampled_from(Kind), numbers),
    st.builds(WrapUpEnded, odd, st.integers(), numbers, st.booleans()),
    st.builds(Called, odd),
    st.builds(Left, odd),
    st.builds(DayBegan, odd),
)


def most(state: State) -> int:
    bounds = [state.lines_free]
    bounds += [bound for bound in (state.starts_allowed, state.records) if bound is not None]
    shut = not state.open or not state.agents or (state.closes_at is not None and state.closes_at <= state.now)
    return 0 if shut else max(0, min(bounds))


@given(states, trusted, modes)
@settings(max_examples=200, deadline=None)
def test_a_bound_only_cuts_off_what_is_above_it(state: State, model: Model, chosen: Settings) -> None:
    """How many may start is searched for by halves: each bound finds the same risk where it ends."""
    free = replace(state, lines_free=40, starts_allowed=None, records=None)
    most = decide(free, model, chosen).start
    for bound in range(12):
        assert decide(replace(free, starts_allowed=bound), model, chosen).start == min(bound, most)


@given(states, trusted, modes)
@settings(max_examples=300, deadline=None)
def test_never_over_a_bound(state: State, model: Model, chosen: Settings) -> None:
    decision = decide(state, model, chosen)
    assert 0 <= decision.start <= most(state)
    assert set(decision.cancel) <= {ring.call for ring in state.rings}
    assert decision.cancel == () or chosen.ring_cuts
    assert chosen.mode is not Mode.PREVIEW or decision.start == 0


@given(states, trusted, modes)
@settings(max_examples=200, deadline=None)
def test_one_more_free_agent_never_means_fewer_calls(state: State, model: Model, chosen: Settings) -> None:
    more = replace(state, agents=[*state.agents, AgentView("more", Doing.IDLE, 590.0)])
    if state.agents:
        assert decide(more, model, chosen).start >= decide(state, model, chosen).start


@given(states, trusted, modes)
@settings(max_examples=200, deadline=None)
def test_one_more_caller_never_means_more_calls(state: State, model: Model, chosen: Settings) -> None:
    more = replace(state, inbound_waiting=state.inbound_waiting + 1)
    assert decide(more, model, chosen).start <= decide(state, model, chosen).start


@given(states, trusted)
@settings(max_examples=200, deadline=None)
def test_overdrawn_means_one_reserved_agent_a_call(state: State, model: Model) -> None:
    start = decide(state, replace(model, credit=-0.1 - lent(len(state.agents)))).start
    free = sum(agent.doing is Doing.IDLE and not agent.pausing for agent in state.agents)
    free -= state.answered_waiting + state.inbound_waiting + state.appointments_due
    assert start <= max(0, free - len(state.rings))


@given(st.lists(events, max_size=60), states, modes)
@settings(max_examples=200, deadline=None)
def test_whatever_is_told_breaks_nothing(told: list[Event], state: State, chosen: Settings) -> None:
    model = Model()
    for event in told:
        model = observe(model, event)
    model = replace(model, watched=500.0)
    decision = decide(state, model, chosen)
    assert 0 <= decision.start <= most(state)
    assert all(math.isfinite(each) for each in decision.reasons if isinstance(each, float))


@given(states, trusted, modes, odd)
@settings(max_examples=200, deadline=None)
def test_a_clock_that_jumps_breaks_nothing(state: State, model: Model, chosen: Settings, now: float) -> None:
    moved = replace(state, now=now, closes_at=None)
    assert 0 <= decide(moved, model, chosen).start <= most(moved)


@given(states, trusted, modes)
@settings(max_examples=100, deadline=None)
def test_the_same_gives_the_same(state: State, model: Model, chosen: Settings) -> None:
    assert decide(state, model, chosen) == decide(state, model, chosen)


@given(states, trusted)
@settings(max_examples=200, deadline=None)
def test_never_bolder_after_an_abandonment(state: State, model: Model) -> None:
    after = observe(model, Abandoned(600.0, 9.0))
    for cuts in (False, True):
        chosen = Settings(ring_cuts=cuts)
        assert decide(state, after, chosen).start <= decide(state, model, chosen).start


@given(
    st.integers(1, 8),
    st.lists(st.tuples(st.floats(0.0, 1.0), st.booleans()), min_size=60, max_size=200),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_what_is_overdrawn_was_in_the_air(team: int, lots: list[tuple[float, bool]], cuts: bool) -> None:
    """Residents answer whenever it hurts; agents come free one at a time.

    Overdrawn is at most what rang without an agent of its own at the last start, and nothing is added until it is paid.
    """
    chosen = Settings(ring_cuts=cuts)
    model = replace(Model(), watched=500.0, dials=500, credit=1.0, log_theta=math.log(0.15))
    rings: list[RingView] = []
    busy: list[float] = []
    uncovered, number, now = 0, 0, 0.0
    for share, release in lots:
        now += 4.0
        if release and busy:
            begun = busy.pop(0)
            model = observe(model, TalkEnded(now, 0, now - begun, Kind.PERSON, 8.0))
        for _ in range(min(int(share * (len(rings) + 1)), len(rings))):
            ring = rings.pop(0)
            model = observe(model, PickedUp(now, now - ring.since))
            if len(busy) < team:
                busy.append(now)
            else:
                model = observe(model, Abandoned(now, now - ring.since))
        who = [AgentView(place, Doing.TALKING, since, ring=8.0) for place, since in enumerate(busy)]
        who += [AgentView(place, Doing.IDLE, 0.0) for place in range(len(busy), team)]
        decision = decide(State(now=now, agents=who, rings=list(rings), lines_free=40), model, chosen)
        for call in decision.cancel:
            ring = next(each for each in rings if each.call == call)
            rings.remove(ring)
            model = observe(model, RingEnded(now, now - ring.since, Ended.CUT))
        overdrawn = -(model.credit + lent(team))
        free = team - len(busy)
        if overdrawn > 0.0:
            assert decision.start <= max(0, free - len(rings))
            assert overdrawn <= uncovered
        for _ in range(decision.start):
            number += 1
            rings.append(RingView(number, now))
        if overdrawn <= 0.0:
            uncovered = max(0, len(rings) - free)


def test_on_days_like_those_it_learned_from_the_share_is_kept() -> None:
    """Eight agents, two days: no more abandoned than the target allows with 95% certainty (Poisson)."""
    days = play(situation("ordinary", 8, 2, hours=4.0), "ours", 11)
    answered, abandoned = sum(day.answered for day in days), sum(day.abandoned for day in days)
    assert answered > 300
    mean = 0.01 * answered
    assert abandoned <= mean + 1.645 * math.sqrt(mean)
    assert EARNED < 1.0
