"""What the pacer sees of the floor, and what it is told."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import pytest

from dialer import __version__
from dialer.domain.agent import Agent, AgentEvent, AgentState
from dialer.domain.call import Intent
from dialer.domain.ids import CampaignId, ChannelId, ClientId, UserId
from dialer.pacing.curves import exposure
from dialer.pacing.journal import replay
from dialer.pacing.learned import Model, observe
from dialer.pacing.stored import dump
from dialer.pacing.view import Decision, Doing, Ended, Event, PickedUp, RingEnded
from dialer.schedule.windows import AMSTERDAM, Calendar
from dialer.services import pacemaker as module
from dialer.services.busy_hours import BusyHours
from dialer.services.happenings import in_words, part_of
from dialer.services.pacemaker import Ask, Pacemaker
from dialer.services.ports.engine import EngineCampaign
from tests.support.floor import CAMPAIGN, CLIENT, Centre, channel_of


@pytest.fixture
async def centre() -> AsyncIterator[Centre]:
    built = Centre()
    yield built
    await built.close()


@pytest.fixture
def pacer(centre: Centre) -> Pacemaker:
    return Pacemaker(
        centre.floor,
        centre.clock,
        may_serve=lambda user, campaign: user not in centre.strangers,
        rests=centre.rests,
    )


def campaign(mode: str) -> EngineCampaign:
    return EngineCampaign(
        campaign=CAMPAIGN, client=CLIENT, state="running", calendar=Calendar(), caller_id="+31790000000", sounds="town",
        mode=mode,
    )  # fmt: skip


def ask(mode: str = "auto", *, lines: int = 9, starts: int = 3) -> Ask:
    return Ask(campaign=campaign(mode), lines_free=lines, starts_allowed=starts)


def decided(pacer: Pacemaker, mode: str = "auto", lines: int = 20) -> Decision:
    return pacer.decide([ask(mode, lines=lines, starts=20)])[CAMPAIGN].decision


async def test_an_agent_and_the_call_kept_for_him_are_out_of_the_pacers_hands(centre: Centre, pacer: Pacemaker) -> None:
    kept, idle, stranger = await centre.agent(1), await centre.agent(2), await centre.agent(3)
    centre.strangers.add(stranger)
    await centre.dial(kept)
    loose = await centre.dial()
    state = pacer.state(ask())
    assert {agent.agent: agent.doing for agent in state.agents} == {kept: Doing.PAUSED, idle: Doing.IDLE}
    assert [ring.call for ring in state.rings] == [loose]
    assert (state.answered_waiting, state.inbound_waiting, state.lines_free, state.starts_allowed) == (0, 0, 9, 3)


async def test_an_answer_waits_with_its_agent_still_counted(centre: Centre, pacer: Pacemaker) -> None:
    user = await centre.agent(1)
    attempt = await centre.dial()
    centre.telephony.refuse_joins = True
    centre.telephony.answer(channel_of(attempt))
    state = pacer.state(ask())  # the join is on its way
    assert (state.rings, state.answered_waiting) == ([], 1)
    assert [(agent.agent, agent.doing) for agent in state.agents] == [(user, Doing.IDLE)]


async def test_a_conversation_and_its_wrap_up_are_learned(centre: Centre, pacer: Pacemaker) -> None:
    user = await centre.agent(1)
    attempt = await centre.dial(user)
    centre.pass_time(8.0)
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    centre.pass_time(60.0)
    talking = pacer.state(ask()).agents[0]
    assert talking.doing is Doing.TALKING
    assert talking.ring == pytest.approx(8.0)
    centre.telephony.end(channel_of(attempt))
    await centre.settle()
    centre.pass_time(20.0)
    wrapping = pacer.state(ask()).agents[0]
    assert wrapping.doing is Doing.WRAP_UP
    assert wrapping.talked == pytest.approx(60.0)
    before = pacer.model(CAMPAIGN)
    assert (before.answered, before.abandoned) == (1, 0)
    centre.floor.act(user, AgentEvent.FILED, centre.clock.wall())
    after = pacer.model(CAMPAIGN)
    assert after.stayed > before.stayed
    assert after.spells > before.spells or after.wraps != before.wraps


async def test_whoever_meets_nobody_costs_the_budget(centre: Centre, pacer: Pacemaker) -> None:
    attempt = await centre.dial()
    centre.telephony.answer(channel_of(attempt))
    centre.pass_time(2.0)
    await centre.settle()
    model = pacer.model(CAMPAIGN)
    assert (model.abandoned, model.credit < Model().credit) == (1, True)
    centre.telephony.end(channel_of(attempt))
    await centre.settle()
    assert pacer.model(CAMPAIGN).abandoned == 1, "counted once"


@pytest.mark.parametrize(
    ("cause", "sip_code", "rings", "how"),
    [(19, 480, True, Ended.NO_ANSWER), (17, 486, True, Ended.BUSY), (34, 503, False, Ended.CARRIER),
     (1, 404, False, Ended.CARRIER), (21, 603, True, Ended.NO_ANSWER)],
)  # fmt: skip
async def test_how_a_ring_ended(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, cause: int, sip_code: int, rings: bool, how: Ended
) -> None:
    told: list[object] = []

    def observed(model: Model, event: Event) -> Model:
        told.append(event)
        return observe(model, event)

    monkeypatch.setattr(module, "observe", observed)
    Pacemaker(centre.floor, centre.clock, may_serve=lambda user, campaign: True, rests=centre.rests)
    attempt = await centre.dial()
    if rings:
        centre.telephony.ring(channel_of(attempt))
    centre.pass_time(12.0)
    centre.telephony.end(channel_of(attempt), cause=cause, sip_code=sip_code)
    ended = [event for event in told if isinstance(event, RingEnded)]
    assert [event.how for event in ended] == [how]
    assert ended[0].age == pytest.approx(12.0)


async def test_our_own_cut_and_a_dial_that_never_left(centre: Centre, pacer: Pacemaker) -> None:
    cut = centre.floor.call(await centre.dial())
    centre.floor.amend(cut, intent=Intent.CANCEL)
    centre.telephony.end(ChannelId(cut.call.channel))
    assert (pacer.model(CAMPAIGN).cuts, pacer.model(CAMPAIGN).dials) == (1, 1)


async def test_what_was_learned_goes_and_comes_as_plain_data(centre: Centre, pacer: Pacemaker) -> None:
    attempt = await centre.dial()
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    kept = pacer.learned()
    assert set(kept) == {CAMPAIGN}
    assert pacer.learned() == {}, "nothing is new since"
    other = Pacemaker(centre.floor, centre.clock, may_serve=lambda user, campaign: True, rests=centre.rests)
    other.recall(CAMPAIGN, kept[CAMPAIGN])
    assert other.model(CAMPAIGN) == pacer.model(CAMPAIGN)
    other.recall(CAMPAIGN, {"version": -1})
    assert other.model(CAMPAIGN) == pacer.model(CAMPAIGN), "what cannot be read leaves what is known"


async def finished(centre: Centre, user: UserId, *, crisis: bool = False) -> None:
    """A conversation and its wrap-up are behind this agent."""
    attempt = await centre.dial(user)
    centre.telephony.answer(channel_of(attempt))
    await centre.settle()
    centre.telephony.end(channel_of(attempt))
    await centre.settle()
    if crisis:
        centre.rests.shake(user)
    centre.floor.act(user, AgentEvent.FILED, centre.clock.wall())


async def ended(centre: Centre) -> None:
    for live in centre.floor.calls():
        centre.telephony.end(live.call.channel, cause=19, sip_code=480)
    await centre.settle()


async def test_without_evidence_it_is_one_call_for_each_free_agent(centre: Centre, pacer: Pacemaker) -> None:
    for number in (1, 2, 3):
        await finished(centre, await centre.agent(number))
    assert decided(pacer).start == 0, "three seconds of rest"
    centre.pass_time(2.0)
    await centre.dial(UserId(UUID(int=1)))
    await ended(centre)
    centre.pass_time(1.5)  # a ring that came to nothing was no work: the rest goes on beside it
    decision = in_words(decided(pacer), inbound_waiting=0)
    assert (decision.start, decision.facts["free_agents"]) == (3, 3)
    centre.caller("c1")
    pacer.caller(CAMPAIGN, centre.clock.wall())
    centre.telephony.refuse_joins = True
    held = decided(pacer)
    assert held.start == 2, "callers go first"


def journalled(centre: Centre, lines: list[str]) -> Pacemaker:
    return Pacemaker(
        centre.floor,
        centre.clock,
        may_serve=lambda user, campaign: True,
        rests=centre.rests,
        written=lambda campaign, day, more: lines.extend(more),
    )


async def test_every_decision_can_be_made_again_from_the_journal(centre: Centre) -> None:
    lines: list[str] = []
    pacer = journalled(centre, lines)
    users = [await centre.agent(number) for number in (1, 2, 3, 4)]
    centre.pass_time(10.0)
    for step in range(40):
        decided(pacer, "auto" if step < 25 else "predictive")
        attempt = await centre.dial()
        centre.pass_time(7.0)
        if step % 3 == 0:
            centre.telephony.answer(channel_of(attempt))
            await centre.settle()
            centre.pass_time(30.0)
        centre.telephony.end(channel_of(attempt), cause=19, sip_code=480)
        await centre.settle()
        for user in users:
            centre.floor.try_act(user, AgentEvent.FILED, centre.clock.wall())
        if step == 30:
            centre.floor.act(users[0], AgentEvent.PAUSE, centre.clock.wall(), reason="pauze")
    again = journalled(centre, lines)  # another process goes on in the same file
    decided(again, lines=7)
    outcomes = list(replay(lines, __version__))
    assert len(outcomes) == 41
    assert all(outcome.same for outcome in outcomes)
    named = [str(user) for user in users]
    assert not any(name in line for name in named for line in lines), "it says nothing about anybody"


async def test_the_part_of_the_day_is_told_and_written_down(centre: Centre) -> None:
    lines: list[str] = []
    pacer = journalled(centre, lines)
    await centre.agent(1)
    for hours, part in ((0.0, 0), (3.0, 1), (6.0, 2)):  # from 10:00 in Amsterdam
        centre.clock.pass_time(3600.0 * hours)
        decided(pacer)
        attempt = await centre.dial()
        centre.pass_time(20.0)
        centre.telephony.end(channel_of(attempt), cause=19, sip_code=480)
        await centre.settle()
        assert pacer.model(CAMPAIGN).part == part
        assert pacer.model(CAMPAIGN).part_expected[part] > 0.0
    assert sum('"PartBegan"' in line for line in lines) == 3
    assert all(outcome.same for outcome in replay(lines, __version__))


@pytest.mark.parametrize(
    ("hour", "day", "part"), [(9, 23, 0), (12, 23, 1), (17, 23, 1), (18, 23, 2), (20, 23, 2), (10, 28, 3), (16, 28, 3)]
)
def test_parts_of_the_day_and_saturday(hour: int, day: int, part: int) -> None:
    assert part_of(datetime(2026, 11, day, hour, 30, tzinfo=AMSTERDAM)) == part


async def test_a_new_campaign_knows_what_its_client_taught_before(centre: Centre) -> None:
    old, new, foreign = (CampaignId(UUID(int=number)) for number in (301, 302, 303))
    other = ClientId(UUID(int=9))
    pacer = Pacemaker(
        centre.floor,
        centre.clock,
        may_serve=lambda user, campaign: True,
        rests=centre.rests,
        client_of={old: CLIENT, new: CLIENT, foreign: other}.get,
    )
    taught = Model()
    for place in range(200):
        taught = observe(taught, PickedUp(10.0 * place, 6.0))
    assert pacer.model(new) == Model()
    pacer.recall(old, dump(taught))
    assert exposure(pacer.model(new).rings_used, 27.0) > 2.0 * exposure(Model().rings_used, 27.0)
    assert pacer.model(new).watched < taught.watched
    assert pacer.model(foreign) == Model()
    assert pacer.model(old) == taught
    assert new not in pacer.learned(), "it has learned nothing itself yet"


def test_the_last_hours_work_is_counted_and_older_forgotten() -> None:
    busy = BusyHours()
    user = UserId(UUID(int=1))
    idle, talking = Agent(user=user), Agent(user=user, state=AgentState.TALKING)
    wrapping = Agent(user=user, state=AgentState.WRAP_UP)
    busy.changed(idle, talking, 1_000.0)
    busy.changed(talking, wrapping, 1_600.0)
    assert busy.share(user, 1_920.0) == pytest.approx(920 / 3540), "59 minutes are over, the present one has begun"
    busy.changed(wrapping, idle, 2_800.0)
    assert busy.share(user, 4_020.0) == pytest.approx(1_800 / 3540)
    assert busy.share(user, 6_060.0) == pytest.approx(280 / 3540)
    assert busy.share(user, 4_050.0) <= 1.0, "a clock that is put back breaks nothing"
    assert busy.share(user, 10_000.0) == 0.0
    assert busy.share(UserId(UUID(int=2)), 10_000.0) == 0.0


def test_a_busy_agents_hour_takes_no_more_room_than_a_quiet_ones() -> None:
    busy, user = BusyHours(), UserId(UUID(int=1))
    idle, talking = Agent(user=user), Agent(user=user, state=AgentState.TALKING)
    busy.changed(idle, talking, 0.0)
    busy.changed(talking, idle, 20.0)
    hour = busy._hours[user]
    before = sys.getsizeof(hour._minutes)
    for call in range(1, 500):
        busy.changed(idle, talking, 60.0 * call)
        busy.changed(talking, idle, 60.0 * call + 20.0)
        assert sys.getsizeof(hour._minutes) <= before
    assert busy.share(user, 60.0 * 500) == pytest.approx(1 / 3)


def test_an_hour_of_work_without_a_pause_is_a_whole_hour() -> None:
    busy, user = BusyHours(), UserId(UUID(int=1))
    idle, talking = Agent(user=user), Agent(user=user, state=AgentState.TALKING)
    busy.changed(idle, talking, 100.0)
    assert busy.share(user, 9_000.0) == 1.0
    busy.changed(talking, idle, 9_030.0)
    assert busy.share(user, 9_030.0) == pytest.approx(1.0)
    assert busy.share(user, 9_030.0 + 1_800.0) == pytest.approx(0.5, abs=0.01)
