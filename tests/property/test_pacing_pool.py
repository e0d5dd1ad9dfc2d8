"""Campaigns that share agents: nobody is promised twice, who goes first takes first, whatever the floor looks like."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import hypothesis.strategies as st
from hypothesis import given, settings

from dialer.pacing.learned import Model, observe
from dialer.pacing.pool import Member, decide_together
from dialer.pacing.predictive import decide
from dialer.pacing.view import (
    AgentView,
    Called,
    Doing,
    Ended,
    Kind,
    Mode,
    PickedUp,
    RingEnded,
    RingView,
    Settings,
    State,
    TalkEnded,
)

NOW = 100_000.0


def seasoned() -> Model:
    model = Model()
    for call in range(300):
        at = 10.0 * call
        if call % 10 < 3:
            model = observe(model, PickedUp(at + 10, 8.0 + call % 5))
            model = observe(model, TalkEnded(at + 200, "a", 180.0, Kind.PERSON, 8.0))
        else:
            model = observe(model, RingEnded(at + 28, 28.0, Ended.NO_ANSWER))
    return model


SEASONED = seasoned()


def agent(name: int, doing: Doing = Doing.IDLE, age: float = 60.0) -> AgentView:
    return AgentView(name, doing, NOW - age)


def member(name: str, agents: list[AgentView], mode: Mode = Mode.PROGRESSIVE, **more: object) -> Member:
    about = {key: more.pop(key) for key in ("priority", "served", "pending", "asks", "soon", "model") if key in more}
    # Values by name, of whatever type the field has: the type checker can't see which is which.
    state = State(**{"now": NOW, "agents": agents, "lines_free": 50, **more})  # type: ignore[arg-type]
    known = {"model": SEASONED, **about}
    return Member(campaign=name, state=state, settings=Settings(mode=mode), **known)  # type: ignore[arg-type]


members = st.builds(
    lambda places, modes, rings, priorities, waiting, pending, idle: [
        member(
            f"c{k}",
            [agent(n, Doing.IDLE if n in idle else Doing.TALKING) for n in sorted(team)],
            modes[k],
            rings=[RingView((k, r), NOW - 3.0 * r) for r in range(rings[k])],
            priority=priorities[k],
            inbound_waiting=waiting[k],
            pending=pending[k],
        )
        for k, team in enumerate(places)
    ],
    st.lists(st.sets(st.integers(0, 5), max_size=6), min_size=2, max_size=3),
    st.tuples(*[st.sampled_from([Mode.PROGRESSIVE, Mode.AUTO, Mode.PREDICTIVE])] * 3),
    st.tuples(*[st.integers(0, 4)] * 3),
    st.tuples(*[st.integers(1, 9)] * 3),
    st.tuples(*[st.integers(0, 2)] * 3),
    st.tuples(*[st.integers(0, 2)] * 3),
    st.sets(st.integers(0, 5)),
)


@settings(deadline=None)
@given(pool=members)
def test_nobody_is_promised_twice(pool: list[Member]) -> None:
    shares = decide_together(pool)
    promised = Counter(name for share in shares.values() for name in share.agents)
    assert all(times == 1 for times in promised.values())
    for one in pool:
        share = shares[one.campaign]
        free = {each.agent for each in one.state.agents if each.doing is Doing.IDLE}
        assert set(share.agents) <= free, "only who is free, and serves this campaign"
        if share.decision.reasons.mode == "progressive":
            assert len(share.agents) == share.decision.start
        assert share.decision == decide(share.state, one.model, one.settings), "as its journal replays it"


@settings(deadline=None)
@given(pool=members, lines=st.integers(0, 6))
def test_together_they_keep_within_the_lines(pool: list[Member], lines: int) -> None:
    pool = [replace(one, state=replace(one.state, lines_free=lines)) for one in pool]
    assert sum(share.decision.start for share in decide_together(pool).values()) <= lines


@settings(deadline=None)
@given(idle=st.integers(0, 3), waiting=st.integers(0, 3), due=st.integers(0, 2), rings=st.integers(0, 4))
def test_two_progressive_campaigns_never_start_more_than_three_agents_can_take(
    idle: int, waiting: int, due: int, rings: int
) -> None:
    team = [agent(n, Doing.IDLE if n < idle else Doing.TALKING) for n in range(3)]
    ringing = [RingView(r, NOW - 5.0) for r in range(rings)]
    shares = decide_together(
        [
            member("a", team, inbound_waiting=waiting, rings=ringing),
            member("b", team, appointments_due=due),
        ]
    )
    started = sum(share.decision.start for share in shares.values())
    assert started == max(0, idle - waiting - due - rings), "callers and appointments of either come first for both"


def test_the_urgent_goes_first_and_the_other_takes_what_is_left() -> None:
    team = [agent(n) for n in range(3)]
    first = decide_together([member("low", team, priority=6, served=-9.0), member("high", team, priority=2)])
    assert (first["high"].decision.start, first["low"].decision.start) == (3, 0)
    assert first["high"].agents == (0, 1, 2)
    short = decide_together([member("low", team, priority=6), member("high", team, priority=2, records=1)])
    assert (short["high"].decision.start, short["low"].decision.start) == (1, 2)
    assert short["low"].agents == (1, 2)


def test_among_equals_whoever_has_waited_longest() -> None:
    team = [agent(n) for n in range(2)]
    shares = decide_together([member("a", team, served=20.0), member("b", team, served=10.0)])
    assert (shares["a"].decision.start, shares["b"].decision.start) == (0, 2)


def test_calls_of_another_that_ring_for_anybody_count_but_for_those_its_own_agents_take() -> None:
    shared, own = agent(1), agent(2)
    ringing = [RingView("x", NOW - 4.0)]
    other = member("other", [shared, own], Mode.PREDICTIVE, rings=ringing, asks=False)
    assert decide_together([other, member("a", [shared])])["a"].decision.start == 1, "the other's own agent takes it"
    busy = member("other", [shared, own._replace(doing=Doing.TALKING)], Mode.PREDICTIVE, rings=ringing, asks=False)
    assert decide_together([busy, member("a", [shared])])["a"].decision.start == 0


def test_calls_that_are_on_their_way_count_for_whoever_shares_the_agents() -> None:
    team = [agent(n) for n in range(3)]
    shares = decide_together([member("a", team, Mode.PREDICTIVE, pending=2, asks=False), member("b", team)])
    assert list(shares) == ["b"]
    assert shares["b"].decision.start == 1
    alone = decide_together([member("a", team, pending=2)])
    assert alone["a"].decision.start == 1


def test_who_comes_after_waits_while_the_urgent_ones_calls_are_on_their_way() -> None:
    team = [agent(n) for n in range(3)]
    high = member("high", team, priority=2, asks=False, soon=True)
    assert decide_together([high, member("low", team)]) == {}
    assert decide_together([high, member("equal", team, priority=2)])["equal"].decision.start == 3
    assert decide_together([high, member("apart", [agent(9)])])["apart"].decision.start == 1


def test_campaigns_without_a_common_agent_do_not_hold_each_other_up() -> None:
    left, right = [agent(1), agent(2)], [agent(3)]
    shares = decide_together([member("a", left, inbound_waiting=2), member("b", right)])
    assert (shares["a"].decision.start, shares["b"].decision.start) == (0, 1)


def test_what_predicts_starts_no_more_beside_another_than_alone() -> None:
    team = [agent(n) for n in range(12)]
    alone = decide_together([member("a", team, Mode.PREDICTIVE)])["a"].decision
    both = decide_together([member("a", team, Mode.PREDICTIVE), member("b", team, Mode.PREDICTIVE, served=1.0)])
    assert alone.start > 12
    assert both["a"].decision == alone
    assert both["b"].decision.start <= 1, "the first took what the promise allows"


def test_an_agent_is_kept_for_each_caller_who_is_sure_to_come_meanwhile() -> None:
    busy = SEASONED
    for call in range(400):  # one every two seconds
        busy = observe(busy, Called(NOW - 800.0 + 2.0 * call))
    team = [agent(n) for n in range(10)]
    kept = decide_together([member("a", team, model=busy)])["a"]
    assert kept.decision.start == len(kept.agents) == 10 - 2
