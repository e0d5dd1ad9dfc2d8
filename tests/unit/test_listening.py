"""A supervisor's ear on a call: what is told first, what is heard, and every way in which it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest

from dialer.domain.agent import AgentState
from dialer.domain.call import CallState
from dialer.domain.errors import IllegalTransitionError, NotFoundError, UnavailableError
from dialer.domain.ids import AttemptId, ChannelId, ClientId, UserId
from dialer.domain.listening import (
    TRANSITIONS,
    Listener,
    ListenEvent,
    ListenMode,
    ListenPurpose,
    ListenState,
    advance,
)
from dialer.schedule.windows import Calendar
from dialer.services.listening import LISTEN_CODES, ListenRefusedError
from dialer.services.ports.ears import Supervisor, listener_view
from dialer.services.ports.engine import EngineCampaign
from dialer.services.reconcile import Reconciler
from tests.support.floor import CAMPAIGN, CLIENT, Centre, channel_of

SUSAN = Supervisor(user=UserId(UUID(int=90)), name="S. Smit", client=None)
OTHER = Supervisor(user=UserId(UUID(int=91)), name="O. Otten", client=None)
LISTEN, WHISPER, BARGE, TAKE_OVER = ListenMode


@pytest.fixture
async def centre() -> AsyncIterator[Centre]:
    made = Centre()
    for supervisor in (SUSAN, OTHER):
        made.ears_lines[supervisor.user] = f"w-{supervisor.user.hex}"
        made.telephony.devices[f"w-{supervisor.user.hex}"] = "secret"
    yield made
    await made.close()


async def conversation(centre: Centre, number: int = 1) -> AttemptId:
    user = await centre.agent(number)
    attempt = await centre.dial(user)
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    assert centre.floor.call(attempt).call.state is CallState.JOINED
    return attempt


def seen(centre: Centre, attempt: AttemptId) -> Listener | None:
    return centre.floor.call(attempt).info.listener


async def listen(centre: Centre, attempt: AttemptId, who: Supervisor = SUSAN) -> ChannelId:
    listener = await centre.listening.start(who, attempt, ListenPurpose.COACHING)
    await centre.settle()
    return listener.channel


async def refusal(centre: Centre, attempt: AttemptId, who: Supervisor = SUSAN) -> str:
    with pytest.raises(ListenRefusedError) as refused:
        await centre.listening.start(who, attempt, ListenPurpose.QUALITY)
    assert refused.value.code in LISTEN_CODES
    return refused.value.code


async def channels(centre: Centre) -> set[ChannelId]:
    return {fact.channel for fact in await centre.telephony.channels()}


async def test_agent_audit_resident_and_only_then_the_ear(centre: Centre) -> None:
    attempt = await conversation(centre)
    centre.telephony.tells = False
    asked = await centre.listening.start(SUSAN, attempt, ListenPurpose.COMPLAINT)
    assert seen(centre, attempt) == asked, "the agent sees it before any phone rings"
    (line,) = centre.audit.lines
    assert (line.actor, line.action, line.subject, line.purpose, line.client) == (
        f"user:{SUSAN.user}", "listen.start", str(attempt), "complaint", CLIENT,
    )  # fmt: skip
    await centre.settle()
    (order,) = centre.telephony.told
    assert (order.channel, order.message) == (channel_of(attempt), "listening")
    assert centre.telephony.heard == [], "not a sound before the resident knows"
    centre.telephony.say_told(asked.channel)
    await centre.settle()
    assert centre.telephony.heard == [(asked.channel, channel_of(attempt), LISTEN)]
    now = seen(centre, attempt)
    assert now is not None
    view = listener_view(now)
    assert (view.name, view.mode, view.purpose, view.hears) == ("S. Smit", "listen", "complaint", True)
    fact = next(fact for fact in centre.ledger.facts if fact.kind == "listened")
    assert (fact.actor, fact.data) == (f"user:{SUSAN.user}", {"mode": "listen", "purpose": "complaint"})


async def test_a_client_who_does_not_want_it_said_hears_nothing_said(centre: Centre) -> None:
    attempt = await conversation(centre)
    centre.ears_campaign = EngineCampaign(
        campaign=CAMPAIGN,
        client=CLIENT,
        state="running",
        calendar=Calendar(week=()),
        caller_id="+31790000000",
        sounds="town",
        announce_listening=False,
    )
    await listen(centre, attempt)
    assert centre.telephony.told == []
    assert len(centre.telephony.heard) == 1
    centre.ears_campaign = replace(centre.ears_campaign, announce_listening=True)
    await centre.listening.stop(SUSAN, attempt)
    await listen(centre, attempt)
    assert [order.sounds for order in centre.telephony.told] == ["town"]


async def test_whisper_goes_to_the_agents_leg_and_back_without_another_ring(centre: Centre) -> None:
    attempt = await conversation(centre)
    channel = await listen(centre, attempt)
    leg = centre.floor.agent(UserId(UUID(int=1))).leg_channel
    for mode in (WHISPER, BARGE, LISTEN):
        await centre.listening.turn(SUSAN, attempt, mode)
        await centre.settle()
    resident = channel_of(attempt)
    assert centre.telephony.heard == [
        (channel, resident, LISTEN), (channel, leg, WHISPER), (channel, resident, BARGE), (channel, resident, LISTEN),
    ]  # fmt: skip
    assert len(centre.telephony.told) == 1
    assert centre.audit.actions() == ["listen.start", "listen.mode", "listen.mode", "listen.mode"]
    assert [line.detail["mode"] for line in centre.audit.lines[1:]] == ["whisper", "barge", "listen"]


async def test_it_ends_with_the_call_in_a_whisper_too(centre: Centre) -> None:
    attempt = await conversation(centre)
    channel = await listen(centre, attempt)
    await centre.listening.turn(SUSAN, attempt, WHISPER)
    await centre.settle()
    centre.telephony.end(channel_of(attempt))
    await centre.settle()
    assert channel not in await channels(centre), "the agent's leg lives on, the supervisor's phone does not"
    assert centre.audit.lines[-1].action == "listen.end"
    assert centre.audit.lines[-1].detail == {"why": "call_over"}


async def test_it_ends_when_the_agents_leg_dies_and_when_the_supervisor_has_enough(centre: Centre) -> None:
    attempt = await conversation(centre)
    channel = await listen(centre, attempt)
    leg = centre.floor.agent(UserId(UUID(int=1))).leg_channel
    assert leg is not None
    centre.telephony.end(leg)
    assert seen(centre, attempt) is None
    await centre.settle()
    assert channel not in await channels(centre)
    assert seen(centre, attempt) is None

    second = await conversation(centre, 2)
    channel = await listen(centre, second)
    await centre.listening.stop(SUSAN, second)
    await centre.listening.stop(SUSAN, second)
    await centre.settle()
    assert channel not in await channels(centre)
    assert seen(centre, second) is None
    assert centre.audit.lines[-1].detail == {"why": "stopped"}
    kinds = [fact.kind for fact in centre.ledger.facts if fact.attempt == second and fact.kind.startswith("listen")]
    assert kinds == ["listened", "listening_over"]


async def test_a_page_that_is_gone_hears_nothing_any_more(centre: Centre) -> None:
    attempt = await conversation(centre)
    channel = await listen(centre, attempt)
    del centre.ears_lines[SUSAN.user]
    centre.listening.phone_gone(SUSAN.user)
    await centre.settle()
    assert channel not in await channels(centre)
    assert centre.audit.lines[-1].detail == {"why": "phone_gone"}
    assert await refusal(centre, attempt) == "listen-no-phone"


async def test_a_resident_who_could_not_be_told_is_not_heard(centre: Centre) -> None:
    attempt = await conversation(centre)
    centre.telephony.tells = False
    channel = await listen(centre, attempt)
    centre.telephony.say_told(channel, heard=False)
    await centre.settle()
    assert centre.telephony.heard == []
    assert seen(centre, attempt) is None
    assert centre.audit.lines[-1].detail == {"why": "not_told"}


async def test_words_that_never_come_end_it(centre: Centre) -> None:
    attempt = await conversation(centre)
    centre.telephony.tells = False
    await listen(centre, attempt)
    centre.pass_time(19)
    centre.listening.keep()
    assert seen(centre, attempt) is not None
    centre.pass_time(2)
    centre.listening.keep()
    await centre.settle()
    assert seen(centre, attempt) is None
    assert centre.audit.lines[-1].detail == {"why": "not_told"}


async def test_an_order_that_fails_ends_it(centre: Centre) -> None:
    attempt = await conversation(centre)
    centre.telephony.refuse_hearing = True
    await listen(centre, attempt)
    assert seen(centre, attempt) is None
    assert centre.audit.lines[-1].detail == {"why": "failed"}
    del centre.telephony.devices[f"w-{SUSAN.user.hex}"]
    await listen(centre, attempt)
    assert seen(centre, attempt) is None


async def test_nobody_listens_unaudited(centre: Centre) -> None:
    attempt = await conversation(centre)
    centre.audit.away = True
    with pytest.raises(UnavailableError):
        await centre.listening.start(SUSAN, attempt, ListenPurpose.COACHING)
    assert seen(centre, attempt) is None
    centre.audit.away = False
    await centre.settle()
    channel = await listen(centre, attempt)
    centre.audit.away = True
    with pytest.raises(UnavailableError):
        await centre.listening.turn(SUSAN, attempt, BARGE)
    assert [mode for _, _, mode in centre.telephony.heard] == [LISTEN]
    assert channel in await channels(centre)
    centre.audit.away = False


async def test_who_may_not(centre: Centre) -> None:
    attempt = await conversation(centre)
    stranger = replace(SUSAN, client=ClientId(UUID(int=1)))
    with pytest.raises(NotFoundError):
        await centre.listening.start(stranger, attempt, ListenPurpose.QUALITY)
    await listen(centre, attempt)
    assert await refusal(centre, attempt) == "listen-taken"
    assert await refusal(centre, attempt, OTHER) == "listen-taken"
    second = await conversation(centre, 2)
    assert await refusal(centre, second) == "listen-elsewhere"
    with pytest.raises(NotFoundError):
        await centre.listening.turn(OTHER, attempt, WHISPER)
    ringing = await centre.dial(await centre.agent(3))
    assert await refusal(centre, ringing, OTHER) == "listen-no-conversation"
    with pytest.raises(NotFoundError):
        await centre.listening.start(OTHER, AttemptId(UUID(int=5)), ListenPurpose.QUALITY)
    centre.serving = False
    with pytest.raises(UnavailableError):
        await centre.listening.stop(SUSAN, attempt)


async def test_another_mode_waits_until_something_is_heard(centre: Centre) -> None:
    attempt = await conversation(centre)
    centre.telephony.tells = False
    await listen(centre, attempt)
    with pytest.raises(ListenRefusedError) as refused:
        await centre.listening.turn(SUSAN, attempt, BARGE)
    assert refused.value.code == "listen-not-yet"


async def test_what_a_process_before_us_left_is_hung_up_and_written_down(centre: Centre) -> None:
    attempt = await conversation(centre)
    left = ChannelId(f"listen.{OTHER.user.hex}.{attempt.hex}.00abcd")
    centre.telephony.devices["w-left"] = "secret"
    await centre.telephony.ring_listener(left, "w-left")
    mine = await listen(centre, attempt)
    put_right = Reconciler(
        centre.floor,
        centre.tracker,
        centre.telephony,
        centre.ledger,  # type: ignore[arg-type]  # not asked here
        centre.clock,
        listeners=centre.listening.compare,
        person_within=lambda _: 2.0,
    )
    assert await put_right.put_right()
    await centre.settle()
    assert left not in await channels(centre)
    assert mine in await channels(centre)
    entry = centre.audit.lines[-1]
    assert (entry.action, entry.subject, entry.detail) == ("listen.end", str(attempt), {"why": "restart"})


async def test_one_that_is_gone_without_a_word_ends_at_the_second_look(centre: Centre) -> None:
    attempt = await conversation(centre)
    await listen(centre, attempt)
    centre.listening.compare([])
    assert seen(centre, attempt) is not None, "its own event may be on the way"
    centre.listening.compare([])
    assert seen(centre, attempt) is None
    await centre.settle()


def test_the_table_leads_to_the_end_from_everywhere_and_tells_before_it_hears() -> None:
    for state, events in TRANSITIONS.items():
        if state is not ListenState.ENDED:
            assert events[ListenEvent.END] is ListenState.ENDED
    into_hearing = {
        state for state, events in TRANSITIONS.items() for to in events.values() if to is ListenState.HEARING
    }
    assert into_hearing == {ListenState.TURNING, ListenState.HEARING}
    fresh = Listener(
        user=SUSAN.user,
        name="",
        attempt=AttemptId(UUID(int=1)),
        channel=ChannelId("listen.a.b.c"),
        purpose=ListenPurpose.HELP,
        since=0.0,
    )
    with pytest.raises(IllegalTransitionError):
        advance(fresh, ListenEvent.HEARD, 1.0, mode=BARGE)


async def talks_with_them(centre: Centre) -> tuple[AttemptId, UserId, ChannelId]:
    attempt = await conversation(centre)
    agent = centre.floor.call(attempt).call.agent
    assert agent is not None
    ear = await listen(centre, attempt)
    await centre.listening.turn(SUSAN, attempt, BARGE)
    await centre.settle()
    return attempt, agent, ear


async def test_who_talks_with_them_takes_the_call_over_and_the_agent_files_its_outcome(centre: Centre) -> None:
    attempt, agent, ear = await talks_with_them(centre)
    await centre.listening.turn(SUSAN, attempt, TAKE_OVER)
    await centre.settle()
    live = centre.floor.call(attempt)
    assert (live.call.state, live.info.target, live.info.settles) == (CallState.HANDED, ear, agent)
    assert centre.floor.agent(agent).state is AgentState.WRAP_UP
    now = seen(centre, attempt)
    assert now is not None
    assert (now.mode, now.state) == (TAKE_OVER, ListenState.HEARING)
    taken = next(line for line in centre.audit.lines if line.detail.get("mode") == "take_over")
    assert (taken.action, taken.purpose) == ("listen.mode", "coaching")
    await centre.listening.stop(SUSAN, attempt)
    await centre.settle()
    assert centre.floor.live(attempt) is None, "who has a call and stops hangs up"
    assert centre.ledger.ends[0].agent == agent


async def test_only_who_talks_with_them_already_takes_over_and_nobody_goes_back(centre: Centre) -> None:
    attempt = await conversation(centre)
    await listen(centre, attempt)
    with pytest.raises(ListenRefusedError) as early:
        await centre.listening.turn(SUSAN, attempt, TAKE_OVER)
    assert early.value.code == "listen-not-yet"
    await centre.listening.turn(SUSAN, attempt, BARGE)
    await centre.settle()
    await centre.listening.turn(SUSAN, attempt, TAKE_OVER)
    await centre.settle()
    with pytest.raises(ListenRefusedError):
        await centre.listening.turn(SUSAN, attempt, LISTEN)


async def test_the_page_of_who_took_over_is_gone_and_another_agent_has_the_resident(centre: Centre) -> None:
    attempt, agent, ear = await talks_with_them(centre)
    await centre.listening.turn(SUSAN, attempt, TAKE_OVER)
    await centre.settle()
    helper = await centre.agent(2)
    centre.listening.phone_gone(SUSAN.user)
    await centre.settle()
    live = centre.floor.call(attempt)
    assert (live.call.state, live.call.agent, live.info.settles) == (CallState.JOINED, helper, agent)
    assert ear not in await channels(centre)


async def test_a_take_over_that_is_refused_leaves_agent_and_resident_together(centre: Centre) -> None:
    attempt, agent, ear = await talks_with_them(centre)
    centre.telephony.refuse_joins = True
    await centre.listening.turn(SUSAN, attempt, TAKE_OVER)
    await centre.settle()
    live = centre.floor.call(attempt)
    assert (live.call.state, live.call.agent) == (CallState.JOINED, agent)
    assert ear not in await channels(centre)


async def test_a_process_that_knows_nothing_of_a_take_over_leaves_them_and_rescues_the_resident_afterwards(
    centre: Centre,
) -> None:
    attempt, agent, ear = await talks_with_them(centre)
    await centre.listening.turn(SUSAN, attempt, TAKE_OVER)
    await centre.settle()
    centre.listening._listeners.clear()  # as after a restart
    live = centre.floor.call(attempt)
    centre.floor.amend(live, info=replace(live.info, target=None, listener=None))
    looks = Reconciler(
        centre.floor,
        centre.tracker,
        centre.telephony,
        None,  # type: ignore[arg-type]  # nothing is adopted
        centre.clock,
        listeners=centre.listening.compare,
        transfers=centre.transfers.compare,
        person_within=lambda _: 2.0,
    )
    for _ in range(2):
        assert await looks.put_right()
        await centre.settle()
    assert ear in await channels(centre), "they talk on"
    helper = await centre.agent(2)
    centre.telephony.end(ear)
    await centre.settle()
    live = centre.floor.call(attempt)
    assert (live.call.state, live.call.agent, live.info.settles) == (CallState.JOINED, helper, agent)
