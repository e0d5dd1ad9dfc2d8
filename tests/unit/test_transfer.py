"""The table of a transfer, and what its words mean for whoever is on the line."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.domain.errors import IllegalTransitionError
from dialer.domain.ids import AttemptId, ChannelId, UserId
from dialer.domain.transfer import (
    LONGEST,
    TRANSITIONS,
    WISHES,
    Do,
    TargetKind,
    Transfer,
    TransferEnd,
    TransferEvent,
    TransferState,
    Way,
    advance,
)

E, S = TransferEvent, TransferState


def made(state: TransferState = S.HOLDING, way: Way = Way.WARM) -> Transfer:
    return Transfer(
        attempt=AttemptId(UUID(int=1)),
        agent=UserId(UUID(int=2)),
        leg=ChannelId("leg.1.1"),
        resident=ChannelId("r"),
        way=way,
        kind=TargetKind.DESK,
        name="Loket",
        target=UUID(int=3),
        channel=ChannelId("transfer.1.1"),
        state=state,
        since=0.0,
    )


def run(transfer: Transfer, *events: TransferEvent) -> tuple[Transfer, list[Do]]:
    done: list[Do] = []
    for at, event in enumerate(events, start=1):
        transfer, todo = advance(transfer, event, float(at))
        done += todo
    return transfer, done


@pytest.mark.parametrize(("state", "event"), list(product(S, E)))
def test_every_pair_is_in_the_table_or_refused_without_a_change(state: TransferState, event: TransferEvent) -> None:
    before = made(state)
    if event in TRANSITIONS[state]:
        after, todo = advance(before, event, 9.0)
        assert todo or after.state is not state or event in (E.AGENT_GONE, E.TARGET_GONE)
    else:
        with pytest.raises(IllegalTransitionError):
            advance(before, event, 9.0)


def test_warm_is_speak_first_three_together_leave() -> None:
    after, done = run(made(), E.HELD, E.ANSWERED, E.MET, E.GATHER, E.GATHERED, E.LEAVE, E.HANDED)
    assert (after.state, after.why) == (S.OVER, TransferEnd.HANDED_OVER)
    assert done == [Do.RING, Do.MEET, Do.GATHER, Do.LEAVE]


def test_blind_is_the_resident_with_the_target_as_soon_as_he_answers() -> None:
    after, done = run(made(way=Way.BLIND), E.HELD, E.ANSWERED, E.HANDED)
    assert (after.state, after.why, done) == (S.OVER, TransferEnd.HANDED_OVER, [Do.RING, Do.HAND, Do.LEAVE])


@pytest.mark.parametrize("event", [E.TARGET_GONE, E.LATE])
@pytest.mark.parametrize("way", list(Way))
def test_nobody_answers_and_the_resident_is_back_with_the_agent(event: TransferEvent, way: Way) -> None:
    after, done = run(made(way=way), E.HELD, event, E.JOINED)
    assert (after.state, after.why) == (S.OVER, TransferEnd.NOT_REACHED)
    assert done == [Do.RING, Do.REJOIN, Do.DROP]


def test_back_at_any_moment_before_the_resident_is_given() -> None:
    for state in set(S) - {S.OVER, S.LEAVING, S.RETURNING}:
        after, todo = advance(made(state), E.BACK, 1.0)
        assert after.state in (S.RETURNING, S.OVER), state
        assert Do.DROP in todo
        assert (Do.REJOIN in todo) is (state is not S.TOGETHER), "among three the resident is there already"


def test_the_agents_phone_dies_and_the_resident_is_never_left_in_the_music() -> None:
    for state in (S.HOLDING, S.RINGING, S.MEETING, S.ASKING, S.GATHERING):
        after, todo = advance(made(state), E.AGENT_GONE, 1.0)
        assert (after.state, todo) == (S.OVER, (Do.RELEASE, Do.DROP)), state
    assert run(made(S.TOGETHER), E.AGENT_GONE, E.HANDED)[0].why is TransferEnd.HANDED_OVER


def test_every_state_that_waits_for_the_telephone_system_has_an_end() -> None:
    assert set(LONGEST) == set(S) - {S.OVER, S.TOGETHER}
    for state in LONGEST:
        assert E.LATE in TRANSITIONS[state]
    assert made(S.TOGETHER).late == float("inf")


# -- what the resident hears ---------------------------------------------------------------------------------

WITH_AGENT, MUSIC, THREE, WITH_TARGET, RESCUE, GONE = "agent", "music", "three", "target", "rescue", "gone"
FACTS = {
    E.HELD: (WITH_AGENT, MUSIC),
    E.GATHERED: (MUSIC, THREE),
}


class Line:
    """Where the resident is, as the telephone system does what it is asked, or not, and lines die."""

    def __init__(self, way: Way) -> None:
        self.transfer = made(way=way)
        self.place = WITH_AGENT
        self.agent = self.target = True
        self.todo: list[Do] = []

    def tell(self, event: TransferEvent) -> None:
        try:
            self.transfer, todo = advance(self.transfer, event, 1.0)
        except IllegalTransitionError:
            return
        for one in todo:
            self.carry_out(one)

    def carry_out(self, one: Do) -> None:
        match one:
            case Do.RELEASE if self.place not in (GONE, WITH_TARGET):
                self.place = RESCUE
            case Do.REJOIN if self.place != GONE and self.agent:
                self.place = WITH_AGENT
                self.tell(E.JOINED)
            case Do.HAND if self.place == MUSIC and self.target:
                self.place = WITH_TARGET
                self.tell(E.HANDED)
            case Do.GATHER if self.place == MUSIC:
                self.place = THREE if self.agent else RESCUE
                self.tell(E.GATHERED if self.agent else E.LOST)
            case Do.LEAVE if self.place == THREE:
                self.place = WITH_TARGET
                self.tell(E.HANDED)
            case Do.DROP:
                self.target_dies()

    def target_dies(self) -> None:
        if not self.target:
            return
        self.target = False
        if self.place == THREE:
            self.place = WITH_AGENT if self.agent else RESCUE
            self.tell(E.JOINED if self.agent else E.LOST)
        elif self.place == WITH_TARGET:
            self.place = RESCUE
            self.tell(E.LOST)
        self.tell(E.TARGET_GONE)

    def agent_dies(self) -> None:
        if not self.agent:
            return
        self.agent = False
        if self.place == WITH_AGENT:
            self.place = RESCUE
            self.tell(E.LOST)
        elif self.place == THREE:
            self.place = WITH_TARGET if self.target else RESCUE
            self.tell(E.HANDED if self.target else E.LOST)
        self.tell(E.AGENT_GONE)


HAPPENS = st.sampled_from(["held", "answers", "meets", "gather", "leave", "back", "target dies", "agent dies", "late"])


@given(way=st.sampled_from(Way), story=st.lists(HAPPENS, max_size=25))
def test_whatever_dies_and_in_whatever_order_nobody_stays_in_the_music(way: Way, story: list[str]) -> None:
    line = Line(way)
    for happens in story:
        match happens:
            case "held" if line.place == WITH_AGENT and line.transfer.state is S.HOLDING:
                line.place = MUSIC
                line.tell(E.HELD)
            case "answers" if line.target:
                line.tell(E.ANSWERED)
            case "meets" if line.target and line.agent:
                line.tell(E.MET)
            case "gather" | "leave" | "back":
                line.tell(TransferEvent(happens))
            case "target dies":
                line.target_dies()
            case "agent dies":
                line.agent_dies()
            case "late":
                line.tell(E.LATE)
    for _ in range(6):  # nothing more happens: each state that waits comes to its end
        line.tell(E.LATE)
    assert line.transfer.state in (S.OVER, S.TOGETHER, S.LEAVING)
    assert line.place != MUSIC
    if line.place == WITH_AGENT:
        assert line.agent
    if line.transfer.state is S.OVER and line.transfer.why is TransferEnd.HANDED_OVER:
        assert line.place in (WITH_TARGET, RESCUE)


def test_wishes_are_what_an_agent_may_ask() -> None:
    assert {E.GATHER, E.LEAVE, E.BACK} == WISHES
    assert replace(made(), way=Way.BLIND).way is Way.BLIND
