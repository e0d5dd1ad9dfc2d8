"""The daily sample: the same for the same seed, spread over agents and outcomes, the urgent first."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from dialer.domain.sample import Candidate, Reason, draw

ANNA, BRAM = UUID(int=1), UUID(int=2)


def records(
    agent: UUID, outcome: str, count: int, *, first: int, raised: frozenset[Reason] = frozenset()
) -> list[Candidate]:
    return [
        Candidate(attempt=UUID(int=first + number), agent=agent, outcome=outcome, raised=raised)
        for number in range(count)
    ]


def test_each_agent_gets_his_number_spread_over_his_outcomes() -> None:
    day = [
        *records(ANNA, "NO_HELP", 40, first=100),
        *records(ANNA, "HELP_WANTED", 1, first=200),
        *records(ANNA, "CALL_LATER", 1, first=300),
        *records(BRAM, "NO_HELP", 2, first=400),
    ]
    drawn = draw(day, "seed", 3)
    assert Counter(one.agent for one in drawn) == {ANNA: 3, BRAM: 2}
    assert {one.outcome for one in drawn if one.agent == ANNA} == {"NO_HELP", "HELP_WANTED", "CALL_LATER"}
    assert {one.reasons for one in drawn} == {(Reason.CHANCE,)}
    assert {one.priority for one in drawn} == {0}


def test_a_complaint_is_always_looked_at_and_beside_the_number() -> None:
    complaints = records(ANNA, "NO_HELP", 2, first=500, raised=frozenset({Reason.COMPLAINT, Reason.NEW_SCRIPT}))
    drawn = draw([*records(ANNA, "NO_HELP", 20, first=100), *complaints], "seed", 2)
    assert [one.attempt for one in drawn if one.priority == 2] == [one.attempt for one in complaints]
    assert drawn[-1].reasons == (Reason.COMPLAINT, Reason.NEW_SCRIPT), "the most urgent first"
    assert len(drawn) == 4


def test_a_new_agent_gets_twice_as_many() -> None:
    day = records(ANNA, "NO_HELP", 20, first=100, raised=frozenset({Reason.NEW_AGENT})) + records(
        BRAM, "NO_HELP", 20, first=200
    )
    drawn = draw(day, "seed", 3)
    assert Counter(one.agent for one in drawn) == {ANNA: 6, BRAM: 3}
    assert {one.priority for one in drawn if one.agent == ANNA} == {1}


def test_a_new_version_of_the_script_comes_forward_more_often() -> None:
    day = records(ANNA, "NO_HELP", 50, first=100, raised=frozenset({Reason.NEW_SCRIPT})) + records(
        ANNA, "NO_HELP", 50, first=200
    )
    fresh = sum(one.reasons[0] is Reason.NEW_SCRIPT for seed in range(200) for one in draw(day, f"seed {seed}", 4))
    assert 540 < fresh < 660  # three to one: 600 of 800


def test_chance_is_fair() -> None:
    day = records(ANNA, "NO_HELP", 10, first=100)
    times = Counter(one.attempt for seed in range(2000) for one in draw(day, f"seed {seed}", 1))
    assert all(140 < times[one.attempt] < 260 for one in day)  # 200 each


_candidates = st.lists(
    st.builds(
        Candidate,
        attempt=st.uuids(),
        agent=st.sampled_from([ANNA, BRAM]),
        outcome=st.sampled_from(["NO_HELP", "REFUSED", "VOICEMAIL"]),
        raised=st.sets(st.sampled_from([Reason.COMPLAINT, Reason.NEW_AGENT, Reason.NEW_SCRIPT])).map(frozenset),
    ),
    max_size=30,
    unique_by=lambda one: one.attempt,
)


@given(day=_candidates, seed=st.text(max_size=8), per_agent=st.integers(0, 5), order=st.randoms())
def test_drawn_again_it_is_the_same_in_whatever_order(day, seed, per_agent, order) -> None:  # type: ignore[no-untyped-def]
    drawn = draw(day, seed, per_agent)
    shuffled = list(day)
    order.shuffle(shuffled)
    assert draw(shuffled, seed, per_agent) == drawn
    assert len({one.attempt for one in drawn}) == len(drawn)
    assert {one.attempt for one in day if Reason.COMPLAINT in one.raised} <= {one.attempt for one in drawn}
