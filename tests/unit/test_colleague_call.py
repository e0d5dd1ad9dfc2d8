"""Two agents' call as a table: what is possible, how it ends, how long it may last."""

from __future__ import annotations

from uuid import UUID

import pytest

from dialer.domain.colleague_call import (
    STEPS,
    TRANSITIONS,
    ColleagueCall,
    ColleagueEnd,
    ColleagueEvent,
    ColleagueState,
    advance,
)
from dialer.domain.errors import IllegalTransitionError
from dialer.domain.ids import ChannelId, UserId

ANNA, BEN = UserId(UUID(int=1)), UserId(UUID(int=2))
RINGING = ColleagueCall(
    id=UUID(int=9), caller=ANNA, caller_leg=ChannelId("leg.a"), colleague=BEN, colleague_leg=ChannelId("leg.b"),
    since=100.0,
)  # fmt: skip


def test_from_the_ring_to_the_goodbye() -> None:
    joining = advance(RINGING, ColleagueEvent.ACCEPT, 105.0)
    assert (joining.state, joining.since, joining.late) == (ColleagueState.JOINING, 105.0, 108.0)
    talking = advance(joining, ColleagueEvent.MET, 106.0)
    assert (talking.late, advance(talking, ColleagueEvent.MET, 107.0)) == (float("inf"), talking)
    over = advance(talking, ColleagueEvent.END, 200.0)
    assert (over.state, over.why) == (ColleagueState.OVER, ColleagueEnd.SPOKEN)
    assert (over.other(ANNA), over.other(BEN), over.users) == (BEN, ANNA, (ANNA, BEN))
    assert over.legs == {ANNA: ChannelId("leg.a"), BEN: ChannelId("leg.b")}


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (ColleagueEvent.REFUSE, ColleagueEnd.REFUSED),
        (ColleagueEvent.END, ColleagueEnd.CANCELLED),
        (ColleagueEvent.LATE, ColleagueEnd.NO_ANSWER),
        (ColleagueEvent.GONE, ColleagueEnd.PHONE_GONE),
        (ColleagueEvent.FAILED, ColleagueEnd.FAILED),
    ],
)
def test_a_ring_that_comes_to_nothing_says_why(event: ColleagueEvent, why: ColleagueEnd) -> None:
    assert RINGING.late == 125.0
    assert advance(RINGING, event, 110.0).why is why


def test_nobody_stays_in_any_state_when_a_leg_is_gone() -> None:
    assert all(ColleagueEvent.GONE in TRANSITIONS[state] for state in ColleagueState if STEPS.get(state))


def test_what_cannot_be_changes_nothing() -> None:
    with pytest.raises(IllegalTransitionError):
        advance(RINGING, ColleagueEvent.MET, 101.0)
