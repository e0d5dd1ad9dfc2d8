from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.pacing.model import Decision, Limit, Snapshot
from dialer.pacing.progressive import decide

PLENTY = Snapshot(now=0.0, open=True, free_agents=4, in_ring=1, lines_free=30, starts_allowed=10)

small = st.integers(min_value=-3, max_value=60)
snapshots = st.builds(
    Snapshot,
    now=st.floats(allow_nan=True, allow_infinity=True),
    open=st.booleans(),
    free_agents=small,
    in_ring=small,
    inbound_waiting=small,
    appointments_due=small,
    lines_free=small,
    starts_allowed=small,
    due=st.none() | small,
)


@pytest.mark.parametrize(
    ("change", "start", "limit"),
    [
        ({}, 4, Limit.AGENTS),
        ({"open": False}, 0, Limit.WINDOW),
        ({"free_agents": 0}, 0, Limit.AGENTS),
        ({"inbound_waiting": 3}, 1, Limit.INBOUND),
        ({"inbound_waiting": 9}, 0, Limit.INBOUND),
        ({"appointments_due": 1}, 3, Limit.APPOINTMENTS),
        ({"inbound_waiting": 1, "appointments_due": 1}, 2, Limit.APPOINTMENTS),
        ({"lines_free": 2}, 2, Limit.LINES),
        ({"starts_allowed": 1}, 1, Limit.RATE),
        ({"due": 0}, 0, Limit.LIST),
    ],
)
def test_what_limits(change: dict[str, int], start: int, limit: Limit) -> None:
    decision = decide(replace(PLENTY, **change))  # type: ignore[arg-type]
    assert (decision.start, decision.limit) == (start, limit)


def test_a_decision_says_itself_in_one_line() -> None:
    decision = decide(PLENTY)
    assert decision.line() == "4 vrij, 1 gaan over, 0 wachten: start 4; er is geen medewerker vrij"
    assert decision.line("en") == "4 free, 1 in ring, 0 waiting: start 4; no agent is free"
    assert Decision.hold(Limit.STATE).line() == "start 0: de belactie belt nu niet"
    assert {limit for limit in Limit if Decision.hold(limit).line("en")} == set(Limit)


@given(snapshots)
def test_never_more_than_anything_allows(snapshot: Snapshot) -> None:
    decision = decide(snapshot)
    assert decision == decide(snapshot)
    assert decision.start >= 0
    if not snapshot.open:
        assert decision.start == 0
    assert decision.start <= max(0, snapshot.free_agents)
    assert decision.start <= max(0, snapshot.lines_free)
    assert decision.start <= max(0, snapshot.starts_allowed)
    assert snapshot.due is None or decision.start <= max(0, snapshot.due)
    spare = max(0, snapshot.free_agents) - max(0, snapshot.inbound_waiting) - max(0, snapshot.appointments_due)
    assert decision.start <= max(0, spare)


@given(snapshots, st.integers(min_value=1, max_value=5))
def test_more_free_agents_never_fewer_calls_more_callers_never_more(snapshot: Snapshot, more: int) -> None:
    start = decide(snapshot).start
    assert decide(replace(snapshot, free_agents=snapshot.free_agents + more)).start >= start
    assert decide(replace(snapshot, inbound_waiting=snapshot.inbound_waiting + more)).start <= start
