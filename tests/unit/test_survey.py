"""Two questions after a conversation: who is in the draw, what the keys mean, and that nothing waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import pytest

from dialer.domain.agent import AgentState
from dialer.domain.call import CallState, Direction
from dialer.domain.errors import InvalidError, UnavailableError
from dialer.domain.ids import AttemptId, ChannelId, UserId, uuid7
from dialer.domain.listening import Listener, ListenPurpose
from dialer.domain.survey import Answers, drawn, read_answers
from dialer.services.floor import LiveCall
from dialer.services.ports.engine import EngineCampaign
from dialer.services.reconcile import Reconciler
from dialer.services.surveys import Surveys
from tests.support.floor import ENGINE_CAMPAIGN, Centre, channel_of


def test_the_draw_is_the_same_each_time_and_as_large_as_was_asked() -> None:
    campaign = UUID(int=7)
    attempts = [uuid7(n, bytes(10)) for n in range(4000)]
    for percent in (0.0, 100.0):
        assert {drawn(campaign, one, percent) for one in attempts} == {percent == 100.0}
    found = [drawn(campaign, one, 25) for one in attempts]
    assert found == [drawn(campaign, one, 25) for one in attempts]
    assert 0.22 < sum(found) / len(found) < 0.28
    more = [drawn(campaign, one, 50) for one in attempts]
    assert all(later for earlier, later in zip(found, more, strict=True) if earlier), "a larger draw has the smaller"
    assert found != [drawn(UUID(int=8), one, 25) for one in attempts], "each campaign draws for itself"


def test_keys_as_the_dialplan_keeps_them() -> None:
    assert read_answers("**") == Answers()
    assert read_answers("4**") == Answers(kto=4)
    assert read_answers("5*10*end") == Answers(kto=5, nps=10)
    assert read_answers("1*0*") == Answers(kto=1, nps=0)
    assert read_answers("**no") == Answers(opted_out=True)
    for wrong in ("", "4", "6**", "0**", "4*11*", "a**", "4*-1*", "4*5*6*7", "٤**"):
        with pytest.raises(InvalidError):
            read_answers(wrong)


@dataclass
class Kept:
    """Surveys in memory."""

    asked: list[AttemptId] = field(default_factory=list)
    refuses: bool = False
    away: bool = False
    hangs: bool = False
    opted: list[AttemptId] = field(default_factory=list)
    answers: dict[AttemptId, Answers] = field(default_factory=dict)
    settled: list[list[AttemptId]] = field(default_factory=list)

    async def ask(self, attempt: AttemptId, percent: float, at: datetime) -> bool:
        await self._reach()
        self.asked += [] if self.refuses else [attempt]
        return not self.refuses

    async def unask(self, attempt: AttemptId) -> None:
        await self._reach()
        self.asked.remove(attempt)

    async def opt_out(self, attempt: AttemptId, at: datetime) -> None:
        await self._reach()
        self.opted.append(attempt)

    async def answered(self, attempt: AttemptId, answers: Answers, at: datetime) -> None:
        await self._reach()
        self.answers[attempt] = answers

    async def settle(self, at: datetime, under_way: Collection[AttemptId]) -> int:
        await self._reach()
        self.settled.append(list(under_way))
        return 0

    async def _reach(self) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.away:
            raise UnavailableError("away")


@dataclass
class Desk:
    centre: Centre
    kept: Kept
    surveys: Surveys
    campaign: list[EngineCampaign | None]

    async def talking(self, number: int = 1) -> tuple[UserId, LiveCall]:
        user = await self.centre.agent(number)
        attempt = await self.centre.dial(user)
        self.centre.telephony.answer(channel_of(attempt))
        await self.centre.settle()
        return user, self.centre.floor.call(attempt)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    centre, kept = Centre(), Kept()
    campaign: list[EngineCampaign | None] = [replace(ENGINE_CAMPAIGN, survey_percent=100.0)]
    surveys = Surveys(
        centre.floor, centre.telephony, kept, centre.clock, centre.tasks, campaign=lambda _: campaign[0]
    )  # fmt: skip
    yield Desk(centre, kept, surveys, campaign)
    await centre.close()
    assert centre.tasks.failed == 0


async def test_wrap_up_begins_with_the_survey_and_the_call_ends_without_the_agent(desk: Desk) -> None:
    user, live = await desk.talking()
    desk.centre.pass_time(30)
    over = desk.centre.floor.when_over(live.call.attempt)
    assert await desk.surveys.begin(live, (), unwanted=False)
    await desk.centre.settle()
    assert over.done()
    assert desk.centre.floor.when_over(live.call.attempt).done()
    agent = desk.centre.floor.agent(user)
    assert (agent.state, agent.attempt) == (AgentState.WRAP_UP, live.call.attempt)
    now = desk.centre.floor.call(live.call.attempt)
    assert (now.call.state, now.call.agent, now.info.settles) == (CallState.SURVEY, None, user)
    assert desk.centre.ledger.facts[-1].kind == "surveyed"
    assert desk.centre.ledger.facts[-1].agent == user
    await desk.surveys.collect()
    assert desk.kept.answers == {}, "it is under way"
    assert desk.kept.settled == [[live.call.attempt]]
    desk.centre.telephony.kept[live.call.attempt] = "3**"
    desk.centre.pass_time(20)
    desk.centre.telephony.end(channel_of(live.call.attempt))
    await desk.centre.settle()
    (end,) = desk.centre.ledger.ends
    assert (end.talk_ms, end.agent, end.wrap_up, end.result) == (30_000.0, user, True, None)
    await desk.surveys.collect()
    assert desk.kept.answers == {live.call.attempt: Answers(kto=3)}
    assert desk.centre.telephony.kept == {}


async def test_who_is_not_asked(desk: Desk) -> None:
    _, live = await desk.talking()
    proof = LiveCall(replace(live.call, direction=Direction.PROOF), live.info)
    silent = LiveCall(replace(live.call, state=CallState.RESCUE), live.info)
    for one in (proof, silent):
        assert not await desk.surveys.begin(one, (), unwanted=False)
    for flag in ("CRISIS", "COMPLAINT", "AGGRESSION"):
        assert not await desk.surveys.begin(live, ["VULNERABLE", flag], unwanted=False)
    desk.campaign[0] = ENGINE_CAMPAIGN
    assert not await desk.surveys.begin(live, (), unwanted=False), "off unless it is asked for"
    desk.campaign[0] = None
    assert not await desk.surveys.begin(live, (), unwanted=False)
    assert desk.kept.asked == []
    desk.campaign[0] = replace(ENGINE_CAMPAIGN, survey_percent=100.0)
    desk.kept.refuses = True
    assert not await desk.surveys.begin(live, (), unwanted=False), "the store knows who is not to be asked"
    assert not await desk.surveys.begin(live, (), unwanted=True)
    assert desk.kept.opted == [live.call.attempt]
    nowhere = Surveys(
        desk.centre.floor, desk.centre.telephony, None, desk.centre.clock, desk.centre.tasks, campaign=lambda _: None
    )  # fmt: skip
    assert not await nowhere.begin(live, (), unwanted=True)
    await nowhere.collect()
    assert desk.centre.telephony.surveys == []


async def test_nobody_is_asked_while_a_supervisor_hears(desk: Desk) -> None:
    _, live = await desk.talking()
    listener = Listener(
        user=UserId(uuid7(99, bytes(10))),
        name="Susan",
        attempt=live.call.attempt,
        channel=ChannelId("listen.1"),
        purpose=ListenPurpose.QUALITY,
        since=desk.centre.clock.wall(),
    )
    desk.centre.floor.set_listener(live.call.attempt, listener)
    assert not await desk.surveys.begin(desk.centre.floor.call(live.call.attempt), (), unwanted=False)


async def test_a_database_that_is_away_or_hangs_asks_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _, live = await desk.talking()
    desk.kept.away = True
    assert not await desk.surveys.begin(live, (), unwanted=False)
    desk.kept.away, desk.kept.hangs = False, True
    monkeypatch.setattr("dialer.services.surveys._DECIDE_SECONDS", 0.01)
    assert not await desk.surveys.begin(live, (), unwanted=False)
    assert desk.centre.telephony.surveys == []


async def test_a_telephone_system_that_refuses_leaves_nothing_noted(desk: Desk) -> None:
    _, live = await desk.talking()
    desk.centre.telephony.refuse_redirects = True
    assert not await desk.surveys.begin(live, (), unwanted=False)
    await desk.centre.settle()
    assert desk.kept.asked == []
    desk.kept.hangs = False

    async def away(attempt: AttemptId) -> None:
        raise UnavailableError("away")

    desk.kept.unask = away  # type: ignore[method-assign]
    assert not await desk.surveys.begin(live, (), unwanted=False)
    await desk.centre.settle()


async def test_whoever_turns_out_to_be_in_a_crisis_is_asked_no_further(desk: Desk) -> None:
    _, live = await desk.talking()
    await desk.surveys.begin(live, (), unwanted=False)
    desk.surveys.filed(live.call.attempt, ["VULNERABLE"])
    await desk.centre.settle()
    assert desk.centre.floor.live(live.call.attempt) is not None
    desk.surveys.filed(live.call.attempt, ["CRISIS"])
    await desk.centre.settle()
    assert desk.centre.floor.live(live.call.attempt) is None
    desk.surveys.filed(live.call.attempt, ["CRISIS"])
    _, again = await desk.talking(2)
    await desk.surveys.begin(again, (), unwanted=False)
    desk.centre.telephony.disconnect()
    desk.surveys.filed(again.call.attempt, ["CRISIS"])
    await desk.centre.settle()


async def test_what_is_kept_is_fetched_once_it_is_over_and_never_lost(desk: Desk) -> None:
    one, two, three = (AttemptId(uuid7(n, bytes(10))) for n in (1, 2, 3))
    desk.centre.telephony.kept = {one: "5*9*end", two: "**no", three: "??"}
    desk.kept.away = True
    with pytest.raises(UnavailableError):
        await desk.surveys.collect()
    assert len(desk.centre.telephony.kept) == 3
    assert (desk.surveys.unfetched, desk.surveys.not_understood) == (3, 0)
    desk.kept.away = False
    await desk.surveys.collect()
    assert (desk.surveys.unfetched, desk.surveys.not_understood) == (0, 1)
    assert desk.kept.answers == {one: Answers(kto=5, nps=9), two: Answers(opted_out=True), three: Answers()}
    assert desk.kept.opted == [two]
    assert desk.centre.telephony.kept == {}


async def test_begun_while_nobody_looked_it_is_found(desk: Desk) -> None:
    user, live = await desk.talking()
    sink, desk.centre.telephony.sink = desk.centre.telephony.sink, lambda event: None
    await desk.surveys.begin(live, (), unwanted=False)
    desk.centre.telephony.sink = sink
    facts = {fact.channel: fact for fact in await desk.centre.telephony.channels()}
    assert facts[ChannelId(str(live.call.attempt))].surveyed
    reconciler = Reconciler(
        desk.centre.floor,
        desk.centre.tracker,
        desk.centre.telephony,
        desk.centre.ledger,  # type: ignore[arg-type]  # not asked here
        desk.centre.clock,
        listeners=desk.centre.listening.compare,
        person_within=lambda _: 2.0,
    )
    await reconciler.put_right()
    assert desk.centre.floor.call(live.call.attempt).call.state is CallState.SURVEY
    assert desk.centre.floor.agent(user).state is AgentState.WRAP_UP
