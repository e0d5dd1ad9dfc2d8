"""Transfers over a telephone system in memory: who hears whom, whose wrap-up it is, and what happens when lines die."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from dialer.domain.agent import AgentState, LegState
from dialer.domain.call import CallState
from dialer.domain.errors import ForbiddenError, NotFoundError, UnavailableError
from dialer.domain.ids import AttemptId, ChannelId, ClientId, UserId
from dialer.domain.skills import Abilities
from dialer.domain.transfer import LONGEST, TargetKind, TransferEvent, TransferState, Way
from dialer.domain.transfer_target import TransferTarget
from dialer.schedule.windows import local
from dialer.services.serving import Known
from dialer.services.transfers import TransferRefusedError, calendar
from tests.support.floor import CLIENT, ENGINE_CAMPAIGN, Centre, channel_of

DESK, SHUT, OTHERS, GONE = UUID(int=801), UUID(int=802), UUID(int=803), UUID(int=804)
ALWAYS = [[("00:00", "23:59")]] * 7


def target(row: UUID, **change: object) -> TransferTarget:
    one = TransferTarget(id=row, client=CLIENT, kind=TargetKind.DESK, name="Loket", number="+31790000010", hours=ALWAYS)
    return replace(one, **change)  # type: ignore[arg-type]  # fields by name


@pytest.fixture
async def centre() -> AsyncIterator[Centre]:
    built = Centre()
    for one in (
        target(DESK),
        target(SHUT, hours=[[]] * 7),
        target(OTHERS, client=ClientId(UUID(int=5))),
        target(GONE, active=False),
    ):
        await built.targets.add(one)
    yield built
    await built.close()


async def talking(centre: Centre) -> tuple[UserId, AttemptId]:
    agent = await centre.agent(1)
    attempt = await centre.dial(agent)
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    assert centre.floor.call(attempt).call.state is CallState.JOINED
    return agent, attempt


async def begun(centre: Centre, way: Way = Way.WARM, colleague: UserId | None = None) -> tuple[UserId, AttemptId]:
    agent, attempt = await talking(centre)
    row = None if colleague is not None else DESK
    await centre.transfers.start(agent, attempt, way, target=row, colleague=colleague)
    await centre.settle()
    return agent, attempt


async def step(centre: Centre, agent: UserId, attempt: AttemptId, event: TransferEvent) -> None:
    await centre.transfers.step(agent, attempt, event)
    await centre.settle()


def state_of(centre: Centre, user: UserId) -> AgentState:
    return centre.floor.agent(user).state


async def bridge_of(centre: Centre, attempt: AttemptId) -> tuple[ChannelId | None, ChannelId | None, bool]:
    fact = {one.channel: one for one in await centre.telephony.channels()}[channel_of(attempt)]
    return fact.talking_to, fact.target, fact.on_hold


async def test_warm_to_a_desk_and_the_agent_files_at_once(centre: Centre) -> None:
    agent, attempt = await begun(centre)
    view = centre.transfers.view_of(agent)
    assert view is not None
    assert (view.state, view.name, view.incoming) == ("asking", "Loket", False)
    assert (await bridge_of(centre, attempt))[2], "the resident hears music"
    assert centre.telephony.targets[0].caller_id == "+31790000000", "the municipality's own number is all that is told"
    await step(centre, agent, attempt, TransferEvent.GATHER)
    assert centre.floor.call(attempt).call.state is CallState.JOINED
    await step(centre, agent, attempt, TransferEvent.LEAVE)
    live = centre.floor.call(attempt)
    assert (live.call.state, live.call.agent, live.info.settles) == (CallState.HANDED, None, agent)
    assert (state_of(centre, agent), centre.floor.agent(agent).attempt) == (AgentState.WRAP_UP, attempt)
    assert centre.floor.agent(agent).leg is LegState.IDLE
    await centre.journal.settled()
    handed = next(fact for fact in centre.ledger.facts if fact.kind == "handed")
    assert handed.agent == agent, "the attempt stays his, in the ledger too"
    centre.telephony.end(channel_of(attempt))
    await centre.settle()
    assert (centre.ledger.ends[0].agent, centre.ledger.ends[0].wrap_up) == (agent, True)
    assert centre.audit.actions() == ["transfer.start", "transfer.end"]


async def test_the_desk_says_goodbye_and_the_call_is_over(centre: Centre) -> None:
    agent, attempt = await begun(centre)
    await step(centre, agent, attempt, TransferEvent.LEAVE)
    target_channel = centre.floor.call(attempt).info.target
    assert target_channel is not None
    centre.telephony.end(target_channel, cause=16)
    await centre.settle()
    assert centre.floor.live(attempt) is None
    assert state_of(centre, agent) is AgentState.WRAP_UP


async def test_the_desks_line_breaks_and_another_agent_has_the_resident_whose_outcome_stays_the_firsts(
    centre: Centre,
) -> None:
    agent, attempt = await begun(centre)
    await step(centre, agent, attempt, TransferEvent.LEAVE)
    helper = await centre.agent(2)
    line = centre.floor.call(attempt).info.target
    assert line is not None
    centre.telephony.end(line, cause=38)
    await centre.settle()
    live = centre.floor.call(attempt)
    assert (live.call.state, live.call.agent) == (CallState.JOINED, helper)
    centre.telephony.end(channel_of(attempt))
    await centre.settle()
    assert state_of(centre, helper) is AgentState.AVAILABLE
    assert state_of(centre, agent) is AgentState.WRAP_UP
    assert centre.ledger.ends[0].agent == agent


async def test_blind_and_nobody_answers(centre: Centre) -> None:
    centre.telephony.targets_answer = False
    agent, attempt = await begun(centre, Way.BLIND)
    centre.pass_time(LONGEST[TransferState.RINGING])
    centre.transfers.keep()
    await centre.settle()
    live = centre.floor.call(attempt)
    assert (live.call.state, live.call.agent, state_of(centre, agent)) == (CallState.JOINED, agent, AgentState.TALKING)
    view = centre.transfers.view_of(agent)
    assert view is not None
    assert (view.state, view.why) == ("over", "not_reached")
    assert not [one for one in await centre.telephony.channels() if one.channel.startswith("transfer.")]


async def test_blind_and_busy(centre: Centre) -> None:
    centre.telephony.refuse_targets = True
    agent, attempt = await begun(centre, Way.BLIND)
    assert centre.floor.call(attempt).call.state is CallState.JOINED
    assert state_of(centre, agent) is AgentState.TALKING


async def test_blind_and_answered(centre: Centre) -> None:
    agent, attempt = await begun(centre, Way.BLIND)
    assert centre.floor.call(attempt).call.state is CallState.HANDED
    assert (state_of(centre, agent), centre.floor.agent(agent).leg) == (AgentState.WRAP_UP, LegState.IDLE)


async def test_back_from_the_target(centre: Centre) -> None:
    agent, attempt = await begun(centre)
    await step(centre, agent, attempt, TransferEvent.BACK)
    assert (await bridge_of(centre, attempt))[0] == centre.floor.agent(agent).leg_channel
    assert state_of(centre, agent) is AgentState.TALKING
    assert not [one for one in await centre.telephony.channels() if one.channel.startswith("transfer.")]


async def test_who_speaks_the_residents_language_is_the_first_to_be_chosen(centre: Centre) -> None:
    agent = await centre.agent(1)
    attempt = await centre.dial(agent, language="tr")
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    idle, turkish = await centre.agent(2), await centre.agent(3)
    centre.team.read(Known(abilities={turkish: Abilities(languages=frozenset({"tr", "de"}))}), [ENGINE_CAMPAIGN])
    choices = await centre.transfers.choices(agent, attempt)
    assert [(one.user, one.languages) for one in choices.colleagues] == [(turkish, ["de", "tr"]), (idle, [])]


async def test_to_a_colleague_who_then_files(centre: Centre) -> None:
    colleague = await centre.agent(2)
    centre.strangers = {colleague}  # else the call itself would be his
    agent, attempt = await talking(centre)
    with pytest.raises(TransferRefusedError) as refused:
        await centre.transfers.start(agent, attempt, Way.WARM, target=None, colleague=colleague)
    assert refused.value.code == "transfer-not-free"
    centre.strangers = set()
    choices = await centre.transfers.choices(agent, attempt)
    assert [one.user for one in choices.colleagues] == [colleague]
    await centre.transfers.start(agent, attempt, Way.WARM, target=None, colleague=colleague)
    await centre.settle()
    incoming = centre.transfers.view_of(colleague)
    assert incoming is not None
    assert (incoming.incoming, incoming.name, incoming.state) == (True, "agent 1", "asking")
    assert (state_of(centre, colleague), centre.floor.agent(colleague).leg) == (AgentState.RESERVED, LegState.IN_CALL)
    await step(centre, agent, attempt, TransferEvent.GATHER)
    await step(centre, agent, attempt, TransferEvent.LEAVE)
    live = centre.floor.call(attempt)
    assert (live.call.state, live.call.agent) == (CallState.JOINED, colleague)
    assert (state_of(centre, agent), state_of(centre, colleague)) == (AgentState.AVAILABLE, AgentState.TALKING)
    centre.telephony.end(channel_of(attempt))
    await centre.settle()
    assert state_of(centre, colleague) is AgentState.WRAP_UP
    assert centre.ledger.ends[0].agent == colleague


async def test_a_colleague_is_free_again_when_the_resident_comes_back(centre: Centre) -> None:
    agent, attempt = await talking(centre)
    colleague = await centre.agent(2)
    await centre.transfers.start(agent, attempt, Way.WARM, target=None, colleague=colleague)
    await centre.settle()
    await step(centre, agent, attempt, TransferEvent.BACK)
    assert (state_of(centre, colleague), centre.floor.agent(colleague).leg) == (AgentState.AVAILABLE, LegState.IDLE)
    assert (state_of(centre, agent), centre.floor.call(attempt).call.agent) == (AgentState.TALKING, agent)


async def test_the_agents_phone_dies_while_he_asks_and_another_has_the_resident(centre: Centre) -> None:
    agent, attempt = await begun(centre)
    helper = await centre.agent(2)
    leg = centre.floor.agent(agent).leg_channel
    assert leg is not None
    centre.telephony.end(leg)
    await centre.settle()
    live = centre.floor.call(attempt)
    assert live.call.state is CallState.JOINED
    assert live.call.agent in (agent, helper)
    assert not [one for one in await centre.telephony.channels() if one.channel.startswith("transfer.")]


async def test_the_resident_hangs_up_in_the_music_and_the_target_is_let_go(centre: Centre) -> None:
    agent, attempt = await begun(centre)
    centre.telephony.end(channel_of(attempt))
    await centre.settle()
    assert not [one for one in await centre.telephony.channels() if one.channel.startswith("transfer.")]
    assert state_of(centre, agent) is AgentState.WRAP_UP
    assert centre.transfers.view_of(agent) is None


async def test_the_target_dies_among_three(centre: Centre) -> None:
    agent, attempt = await begun(centre)
    await step(centre, agent, attempt, TransferEvent.GATHER)
    centre.telephony.end(centre.telephony.targets[0].target)
    await centre.settle()
    live = centre.floor.call(attempt)
    assert (live.call.state, live.call.agent, state_of(centre, agent)) == (CallState.JOINED, agent, AgentState.TALKING)
    view = centre.transfers.view_of(agent)
    assert view is not None
    assert view.why == "target_left"


async def test_only_the_clients_own_numbers_are_ever_rung(centre: Centre) -> None:
    agent, attempt = await talking(centre)
    for row, error in ((OTHERS, NotFoundError), (GONE, NotFoundError), (UUID(int=999), NotFoundError)):
        with pytest.raises(error):
            await centre.transfers.start(agent, attempt, Way.WARM, target=row, colleague=None)
    with pytest.raises(TransferRefusedError) as closed:
        await centre.transfers.start(agent, attempt, Way.WARM, target=SHUT, colleague=None)
    assert closed.value.code == "transfer-closed"
    assert not centre.telephony.targets
    choices = await centre.transfers.choices(agent, attempt)
    assert [(one.id, one.open) for one in choices.targets] == [(DESK, True), (SHUT, False)]


async def test_an_agent_reads_until_when_it_is_open_or_closed(centre: Centre) -> None:
    agent, attempt = await talking(centre)
    now = local(centre.clock.now())
    later = (now + timedelta(hours=1)).strftime("%H:00")
    closes = [[("00:00", later)]] * 7
    shown = UUID(int=811)
    await centre.targets.add(target(shown, hours=closes))
    choices = {one.id: one for one in (await centre.transfers.choices(agent, attempt)).targets}
    until = choices[shown].closes_at
    assert until is not None
    assert (local(until).strftime("%H:%M"), choices[shown].opens_at) == (later, None)
    assert (choices[SHUT].closes_at, choices[SHUT].opens_at) == (None, None)
    tomorrow = [[] if day == now.weekday() else [("08:00", "09:00")] for day in range(7)]
    await centre.targets.change(replace(centre.targets.rows[shown], hours=tomorrow))
    shut = next(one for one in (await centre.transfers.choices(agent, attempt)).targets if one.id == shown)
    assert shut.opens_at is not None
    assert (shut.open, local(shut.opens_at).strftime("%H:%M")) == (False, "08:00")
    assert shut.opens_at > centre.clock.now()


def test_an_office_is_closed_at_christmas_and_a_crisis_desk_is_not() -> None:
    christmas = datetime(2026, 12, 25, 11, tzinfo=UTC)  # a Friday
    assert not calendar(target(DESK)).is_open(christmas)
    assert calendar(target(DESK, kind=TargetKind.CRISIS)).is_open(christmas)


async def test_nobody_in_danger_is_given_away_without_a_word(centre: Centre) -> None:
    agent, attempt = await talking(centre)
    row = UUID(int=810)
    await centre.targets.add(target(row, kind=TargetKind.CRISIS))
    with pytest.raises(TransferRefusedError) as refused:
        await centre.transfers.start(agent, attempt, Way.BLIND, target=row, colleague=None)
    assert refused.value.code == "transfer-not-now"
    await centre.transfers.start(agent, attempt, Way.WARM, target=row, colleague=None)
    await centre.settle()
    assert centre.telephony.targets[0].number == "+31790000010"


async def test_one_at_a_time_and_only_in_a_conversation_of_ones_own(centre: Centre) -> None:
    agent, attempt = await begun(centre)
    with pytest.raises(TransferRefusedError) as twice:
        await centre.transfers.start(agent, attempt, Way.WARM, target=DESK, colleague=None)
    assert twice.value.code == "transfer-under-way"
    with pytest.raises(ForbiddenError):
        await centre.transfers.start(UserId(UUID(int=77)), attempt, Way.WARM, target=DESK, colleague=None)
    with pytest.raises(NotFoundError):
        await centre.transfers.step(UserId(UUID(int=77)), attempt, TransferEvent.LEAVE)
    with pytest.raises(NotFoundError):
        await centre.transfers.step(agent, attempt, TransferEvent.HANDED)  # a fact is nobody's wish
    centre.serving = False
    with pytest.raises(UnavailableError):
        await centre.transfers.choices(agent, attempt)


async def test_the_telephone_system_refuses_the_music_and_they_talk_on(centre: Centre) -> None:
    centre.telephony.refuse_redirects = True
    agent, attempt = await begun(centre)
    live = centre.floor.call(attempt)
    assert (live.call.state, live.call.agent) == (CallState.JOINED, agent)
    assert not centre.telephony.targets


async def test_a_target_that_answers_too_late_is_hung_up(centre: Centre) -> None:
    centre.telephony.targets_answer = False
    agent, attempt = await begun(centre)
    late = centre.telephony.targets[0].target
    centre.telephony.connect()
    await step(centre, agent, attempt, TransferEvent.BACK)
    centre.telephony._channels[late] = next(iter(centre.telephony._channels.values()))
    centre.telephony.target_answers(late)
    await centre.settle()
    assert late not in {one.channel for one in await centre.telephony.channels()}


async def test_a_process_that_knows_nothing_of_it_gives_the_resident_back(centre: Centre) -> None:
    agent, attempt = await begun(centre)
    centre.transfers._open.clear()  # as after a restart
    for _ in range(2):  # an event may just be arriving: acted on at the second look
        centre.transfers.compare(await centre.telephony.channels())
        await centre.settle()
    live = centre.floor.call(attempt)
    assert (live.call.state, live.call.agent) == (CallState.JOINED, agent)
    assert not [one for one in await centre.telephony.channels() if one.channel.startswith("transfer.")]


async def test_who_was_given_away_is_left_alone_by_a_process_that_knows_nothing_of_it(centre: Centre) -> None:
    agent, attempt = await begun(centre)
    await step(centre, agent, attempt, TransferEvent.LEAVE)
    before = await bridge_of(centre, attempt)
    for _ in range(3):
        centre.transfers.compare(await centre.telephony.channels())
        await centre.settle()
    assert await bridge_of(centre, attempt) == before
