from itertools import product
from uuid import UUID

import pytest

from dialer.domain.agent import TRANSITIONS, WISHES, Agent, AgentEvent, AgentState, LegState, advance
from dialer.domain.errors import IllegalTransitionError
from dialer.domain.ids import AttemptId, ChannelId, UserId

USER = UserId(UUID(int=1))
ATTEMPT = AttemptId(UUID(int=2))


def walk(*events: AgentEvent) -> Agent:
    agent = Agent(user=USER)
    for at, event in enumerate(events, start=1):
        agent = advance(agent, event, float(at), attempt=ATTEMPT, reason="lunch")
    return agent


BUSY = (AgentState.RESERVED, AgentState.TALKING, AgentState.WRAP_UP)


@pytest.mark.parametrize(("state", "event"), list(product(AgentState, AgentEvent)))
def test_every_state_and_event_either_moves_by_the_table_or_raises(state: AgentState, event: AgentEvent) -> None:
    agent = Agent(user=USER, state=state, attempt=ATTEMPT)
    if event in TRANSITIONS[state]:
        assert advance(agent, event, 1.0).state is TRANSITIONS[state][event]
    else:
        with pytest.raises(IllegalTransitionError):
            advance(agent, event, 1.0)
        assert agent.state is state


@pytest.mark.parametrize(("state", "event"), list(product(BUSY, sorted(WISHES))))
def test_a_wish_in_a_call_changes_nothing_but_the_wish(state: AgentState, event: AgentEvent) -> None:
    agent = Agent(user=USER, state=state, since=0.5, attempt=ATTEMPT)
    after = advance(agent, event, 1.0, reason="lunch")
    assert (after.state, after.since, after.attempt) == (state, 0.5, ATTEMPT)
    assert after.wish is (None if event is AgentEvent.RESUME else event)


E = AgentEvent


def test_a_pause_asked_for_in_a_call_comes_after_the_wrap_up() -> None:
    agent = walk(E.ON_DUTY, E.RESERVE, E.JOINED, E.PAUSE, E.CALL_OVER)
    assert agent.state is AgentState.WRAP_UP
    agent = advance(agent, E.FILED, 9.0)
    assert (agent.state, agent.reason, agent.since) == (AgentState.PAUSED, "lunch", 9.0)
    assert (agent.wish, agent.wish_reason, agent.attempt) == (None, "", None)


def test_going_off_asked_for_in_a_call_comes_after_the_wrap_up() -> None:
    agent = walk(E.ON_DUTY, E.RESERVE, E.OFF_DUTY, E.RELEASE)
    assert agent.state is AgentState.OFF
    assert agent.attempt is None


def test_a_wish_can_be_taken_back() -> None:
    assert walk(E.ON_DUTY, E.RESERVE, E.PAUSE, E.RESUME, E.RELEASE).state is AgentState.AVAILABLE


def test_the_wrap_up_keeps_its_call_until_it_is_filed() -> None:
    agent = walk(E.ON_DUTY, E.RESERVE, E.JOINED, E.CALL_OVER)
    assert agent.attempt == ATTEMPT
    assert advance(agent, E.FILED, 9.0).attempt is None


def test_an_unfinished_wrap_up_comes_back() -> None:
    assert walk(E.ON_DUTY, E.PAUSE, E.WRAP_UP_BACK).attempt == ATTEMPT


def test_free_needs_duty_a_leg_and_sound() -> None:
    on = walk(E.ON_DUTY)
    assert not on.free
    leg = Agent(user=USER, state=AgentState.AVAILABLE, leg=LegState.IDLE, leg_channel=ChannelId("leg.x.1"))
    assert leg.joinable
    assert not leg.free
    heard = Agent(user=USER, state=AgentState.AVAILABLE, leg=LegState.IDLE, leg_channel=ChannelId("l"), hears=True)
    assert heard.free


def test_a_pause_has_its_reason_and_a_resume_none() -> None:
    assert walk(E.ON_DUTY, E.PAUSE).reason == "lunch"
    assert walk(E.ON_DUTY, E.PAUSE, E.RESUME).reason == ""
