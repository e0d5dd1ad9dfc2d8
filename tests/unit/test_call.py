from itertools import product
from uuid import UUID

import pytest

from dialer.domain.call import (
    JOIN_BEFORE,
    LIVE,
    PERSON_WITHIN,
    TRANSITIONS,
    Call,
    CallEvent,
    CallState,
    Direction,
    advance,
    inbound,
    outbound,
)
from dialer.domain.causes import machine_result
from dialer.domain.errors import IllegalTransitionError
from dialer.domain.ids import AttemptId, ChannelId, UserId

ATTEMPT = AttemptId(UUID(int=1))
AGENT = UserId(UUID(int=2))


def walk(*events: CallEvent, call: Call | None = None) -> Call:
    call = call or outbound(ATTEMPT, AGENT, 0.0)
    for at, event in enumerate(events, start=1):
        call = advance(call, event, float(at))
    return call


@pytest.mark.parametrize(("state", "event"), list(product(CallState, CallEvent)))
def test_every_state_and_event_either_moves_by_the_table_or_raises_and_changes_nothing(
    state: CallState, event: CallEvent
) -> None:
    call = Call(attempt=ATTEMPT, direction=Direction.OUT, channel=ChannelId("c"), state=state, claimed_at=0.0)
    if event in TRANSITIONS[state]:
        assert advance(call, event, 1.0).state is TRANSITIONS[state][event]
    else:
        with pytest.raises(IllegalTransitionError) as caught:
            advance(call, event, 1.0)
        assert (caught.value.state, caught.value.event) == (state, event)
        assert call.state is state


def test_from_every_live_state_the_end_can_be_reached_at_once() -> None:
    for state in LIVE:
        assert CallEvent.ENDED in TRANSITIONS[state]
    assert TRANSITIONS[CallState.ENDED] == {}


def test_a_message_is_final_but_for_a_join_that_was_on_its_way() -> None:
    assert set(TRANSITIONS[CallState.MESSAGE]) == {CallEvent.JOINED, CallEvent.MESSAGE_STARTED, CallEvent.ENDED}
    call = walk(CallEvent.ANSWERED, CallEvent.MESSAGE_STARTED, CallEvent.JOINED)
    assert (call.state, call.joined_at, call.message_at) == (CallState.JOINED, 3, None)
    assert machine_result(advance(call, CallEvent.ENDED, 60.0)) == "", "a conversation: the agent says what it came to"


def test_a_message_after_a_message_keeps_when_the_first_began() -> None:
    call = walk(CallEvent.ANSWERED, CallEvent.MESSAGE_STARTED, CallEvent.MESSAGE_STARTED)
    assert (call.state, call.message_at) == (CallState.MESSAGE, 2)


def test_a_whole_conversation_keeps_its_times() -> None:
    call = walk(CallEvent.DIALED, CallEvent.RANG, CallEvent.RANG, CallEvent.ANSWERED, CallEvent.JOINED, CallEvent.ENDED)
    assert (call.dialed_at, call.ringing_at, call.answered_at, call.joined_at, call.ended_at) == (1, 2, 4, 5, 6)
    assert call.answer_to_agent == 1.0
    assert call.talked
    assert call.rang
    assert not call.live


def test_joined_again_after_a_lost_leg_keeps_the_first_join() -> None:
    call = walk(CallEvent.ANSWERED, CallEvent.JOINED, CallEvent.AGENT_LOST)
    assert call.lost_at == 3
    again = advance(call, CallEvent.JOINED, 9.0)
    assert (again.joined_at, again.lost_at) == (2, None)


def test_a_campaign_may_promise_less_than_two_seconds() -> None:
    call = walk(CallEvent.ANSWERED, call=outbound(ATTEMPT, AGENT, 0.0, person_within=1.2))
    assert call.may_join(1.79)
    assert not call.may_join(1.81)
    assert machine_result(advance(call, CallEvent.ENDED, 2.19, cause=16)) == "EARLY_HANGUP"
    assert machine_result(advance(call, CallEvent.ENDED, 2.21, cause=16)) == "ABANDONED"


def test_early_media_counts_as_ringing_but_is_no_180() -> None:
    call = advance(walk(CallEvent.DIALED), CallEvent.RANG, 2.0, early_media=True)
    assert call.ringing_at is None
    assert call.rang
    assert not walk(CallEvent.DIALED).rang


def test_nobody_is_joined_after_the_message_may_have_begun() -> None:
    call = walk(CallEvent.ANSWERED)
    assert call.may_join(1.0 + PERSON_WITHIN - JOIN_BEFORE)
    assert not call.may_join(1.01 + PERSON_WITHIN - JOIN_BEFORE)
    assert not walk(CallEvent.DIALED).may_join(1.0)
    message = walk(CallEvent.ANSWERED, CallEvent.MESSAGE_STARTED)
    assert message.message_at == 2
    assert not message.may_join(2.0)
    lost = walk(CallEvent.ANSWERED, CallEvent.JOINED, CallEvent.AGENT_LOST)
    assert lost.may_join(1000.0)


def test_a_caller_waits_from_the_start_and_has_no_dial() -> None:
    call = inbound(ATTEMPT, ChannelId("x"), 5.0)
    assert call.state is CallState.WAITING
    assert call.may_join(1000.0)
    assert advance(call, CallEvent.JOINED, 8.0).answer_to_agent == 3.0


def test_a_refused_dial_never_was() -> None:
    call = walk(CallEvent.REFUSED)
    assert call.refused
    assert call.answer_to_agent is None


def test_the_end_keeps_what_the_carrier_said() -> None:
    call = advance(walk(CallEvent.DIALED), CallEvent.ENDED, 3.0, cause=17, sip_code=486)
    assert (call.cause, call.sip_code) == (17, 486)


def test_by_another_clock_a_call_is_as_long_under_way() -> None:
    call = walk(CallEvent.DIALED, CallEvent.ANSWERED, CallEvent.JOINED)
    later = call.shifted(3600.0)
    assert (later.claimed_at, later.dialed_at, later.answered_at, later.joined_at) == (3600, 3601, 3602, 3603)
    assert (later.ringing_at, later.ended_at) == (None, None)
    assert later.answer_to_agent == call.answer_to_agent
    assert later.shifted(-3600.0) == call
