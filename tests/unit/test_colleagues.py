"""An agent calls a colleague, over a telephone system in memory: who hears whom, and who gets no calls meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from dialer.domain.agent import AgentEvent, AgentState, LegState
from dialer.domain.colleague_call import RING_SECONDS, ColleagueEvent
from dialer.domain.errors import UnavailableError
from dialer.domain.ids import UserId
from dialer.domain.pause_reasons import AFTER_CRISIS
from dialer.services.colleagues import ColleagueRefusedError
from tests.support.floor import Centre, channel_of


@pytest.fixture
async def centre() -> AsyncIterator[Centre]:
    built = Centre()
    yield built
    await built.close()


def free(centre: Centre) -> set[UserId]:
    return {agent.user for agent in centre.floor.free_agents()}


def told(centre: Centre, user: UserId) -> tuple[str, str, bool, str] | None:
    view = centre.colleagues.view_of(user)
    return None if view is None else (view.state, view.name, view.incoming, view.why)


async def ringing(centre: Centre) -> tuple[UserId, UserId]:
    """Anna is out of a crisis, Ben is free."""
    anna, ben = await centre.agent(1), await centre.agent(2)
    centre.floor.act(anna, AgentEvent.PAUSE, centre.clock.wall(), reason=AFTER_CRISIS)
    await centre.colleagues.call(anna, ben)
    await centre.settle()
    return anna, ben


async def talking(centre: Centre) -> tuple[UserId, UserId]:
    anna, ben = await ringing(centre)
    await centre.colleagues.step(ben, ColleagueEvent.ACCEPT)
    await centre.settle()
    assert told(centre, anna) == ("talking", "agent 2", False, "")
    return anna, ben


async def test_from_the_ring_to_the_goodbye_and_neither_gets_a_call(centre: Centre) -> None:
    anna, ben = await ringing(centre)
    assert told(centre, anna) == ("ringing", "agent 2", False, "")
    assert told(centre, ben) == ("ringing", "agent 1", True, "")
    assert free(centre) == set()
    caller = centre.caller("in-1")
    centre.matcher.match()
    await centre.settle()
    assert centre.telephony.joins_sent == 0, "a caller waits; the colleague is not his"
    await centre.colleagues.step(ben, ColleagueEvent.ACCEPT)
    await centre.settle()
    assert told(centre, ben) == ("talking", "agent 1", True, "")
    assert free(centre) == set()
    await centre.colleagues.step(ben, ColleagueEvent.END)
    await centre.settle()
    assert (told(centre, anna), told(centre, ben)) == (None, None)
    anna_now = centre.floor.agent(anna)
    assert (anna_now.state, anna_now.reason, anna_now.leg) == (AgentState.PAUSED, AFTER_CRISIS, LegState.IDLE)
    assert centre.floor.call(caller.call.attempt).call.agent == ben, "and then the caller is his"
    assert centre.audit.actions() == ["colleague.call", "colleague.end"]
    assert {anna, ben} <= set(centre.changed)


@pytest.mark.parametrize(
    ("who", "event", "why"),
    [("ben", ColleagueEvent.REFUSE, "refused"), ("anna", ColleagueEvent.END, None), ("ben", ColleagueEvent.END, None)],
)
async def test_a_ring_that_is_not_taken_and_both_are_home(
    centre: Centre, who: str, event: ColleagueEvent, why: str | None
) -> None:
    anna, ben = await ringing(centre)
    await centre.colleagues.step({"anna": anna, "ben": ben}[who], event)
    await centre.settle()
    assert free(centre) == {ben}
    assert told(centre, ben) is None
    shown = told(centre, anna)
    assert (None if shown is None else shown[3]) == why


async def test_nobody_answers(centre: Centre) -> None:
    anna, ben = await ringing(centre)
    centre.pass_time(RING_SECONDS - 1)
    centre.colleagues.keep()
    assert told(centre, anna) == ("ringing", "agent 2", False, "")
    centre.pass_time(1)
    centre.colleagues.keep()
    await centre.settle()
    assert told(centre, anna) == ("over", "agent 2", False, "no_answer")
    assert free(centre) == {ben}
    centre.pass_time(30)
    centre.colleagues.keep()
    assert told(centre, anna) is None, "it was said for long enough"


async def test_a_phone_dies_and_the_other_is_free_again(centre: Centre) -> None:
    anna, ben = await talking(centre)
    leg = centre.floor.agent(anna).leg_channel
    assert leg is not None
    centre.telephony.end(leg)
    await centre.settle()
    assert told(centre, anna) == ("over", "agent 2", False, "phone_gone")
    assert ben in free(centre)


async def test_one_of_them_goes_off_duty(centre: Centre) -> None:
    anna, ben = await talking(centre)
    centre.floor.act(anna, AgentEvent.OFF_DUTY, centre.clock.wall())
    await centre.settle()
    assert free(centre) == {ben}
    assert centre.floor.agent(anna).leg is LegState.IDLE


async def test_the_telephone_system_refuses(centre: Centre) -> None:
    anna, ben = await centre.agent(1), await centre.agent(2)
    centre.telephony.refuse_redirects = True
    await centre.colleagues.call(anna, ben)
    await centre.settle()
    assert told(centre, anna) == ("over", "agent 2", False, "failed")
    assert told(centre, ben) is None


async def test_whom_one_can_call(centre: Centre) -> None:
    anna, ben, cas, dirk = [await centre.agent(number) for number in range(1, 5)]
    centre.floor.act(ben, AgentEvent.PAUSE, centre.clock.wall(), reason="break")
    centre.floor.act(dirk, AgentEvent.OFF_DUTY, centre.clock.wall())
    assert [(one.name, one.state) for one in centre.colleagues.choices(anna)] == [
        ("agent 3", "available"),
        ("agent 2", "paused"),
    ]
    attempt = await centre.dial(cas)
    for whom in (cas, dirk, anna):
        with pytest.raises(ColleagueRefusedError) as refused:
            await centre.colleagues.call(anna, whom)
        assert refused.value.code == "colleague-busy"
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    with pytest.raises(ColleagueRefusedError) as talks:
        await centre.colleagues.call(cas, ben)
    assert talks.value.code == "colleague-not-now"
    assert centre.audit.actions() == []


async def test_only_who_is_called_accepts_and_nobody_else_ends_it(centre: Centre) -> None:
    anna, _ = await ringing(centre)
    stranger = await centre.agent(3)
    for user, event in (
        (anna, ColleagueEvent.ACCEPT),
        (anna, ColleagueEvent.REFUSE),
        (stranger, ColleagueEvent.END),
        (anna, ColleagueEvent.MET),
    ):
        with pytest.raises(ColleagueRefusedError):
            await centre.colleagues.step(user, event)
    assert told(centre, anna) == ("ringing", "agent 2", False, "")
    centre.serving = False
    with pytest.raises(UnavailableError):
        centre.colleagues.choices(anna)


async def test_a_process_that_finds_two_together_lets_them_talk_on(centre: Centre) -> None:
    anna, ben = await talking(centre)
    centre.colleagues._open.clear()  # as one that has just begun
    for _ in range(3):
        facts = await centre.telephony.channels()
        centre.colleagues.compare(facts)
        centre.transfers.compare(facts)
        await centre.settle()
    assert told(centre, anna) in (("talking", "agent 2", False, ""), ("talking", "agent 2", True, ""))
    await centre.colleagues.step(ben, ColleagueEvent.END)
    await centre.settle()
    assert ben in free(centre)


async def test_a_leg_that_rings_for_a_process_that_is_gone_goes_home(centre: Centre) -> None:
    _, ben = await ringing(centre)
    centre.colleagues._open.clear()
    for _ in range(2):
        facts = await centre.telephony.channels()
        centre.colleagues.compare(facts)
        centre.transfers.compare(facts)
        await centre.settle()
    assert ben in free(centre)
