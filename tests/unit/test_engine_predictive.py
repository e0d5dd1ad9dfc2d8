"""The engine where more may ring than there are agents free: nobody has an agent of his own but who must."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable, Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from dialer.domain.agent import AgentEvent, AgentState
from dialer.domain.call import CallState, Intent
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ChannelId, PhoneId, UserId
from dialer.domain.skills import Abilities
from dialer.pacing.learned import Model, observe
from dialer.pacing.pool import Member, Share
from dialer.pacing.view import Decision, Dialled, Ended, Kind, PickedUp, RingEnded, TalkEnded
from dialer.services import pacemaker as pacemaker_module
from dialer.services.ports.ledger import Claim, ClaimOrder
from dialer.services.room import TrunkBounds
from tests.support.city import until
from tests.support.clock import CalendarAt
from tests.support.engine_service import Ledger, Service
from tests.support.floor import CAMPAIGN, CLIENT, MONDAY

AGENTS = [UserId(UUID(int=n)) for n in range(1, 21)]


class Loose(Ledger):
    """Gives what is asked for; the first `mandatory` of an order must have an agent of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.mandatory = 0
        self.orders: list[ClaimOrder] = []
        self._next = 0

    async def claim(self, order: ClaimOrder) -> Sequence[Claim]:
        self.orders.append(order)
        claims = []
        for place in range(order.most):
            self._next += 1
            own = place < self.mandatory or not order.unreserved
            claims.append(
                Claim(
                    attempt=AttemptId(UUID(int=5000 + self._next)),
                    campaign=order.campaign,
                    client=CLIENT,
                    case=CaseId(UUID(int=7000 + self._next)),
                    phone=PhoneId(UUID(int=8)),
                    number=f"+316000{self._next:05d}",
                    agent=order.agents[place] if own else None,
                    counted=True,
                    seq=1,
                    case_seq=1,
                    reason={},
                )
            )
        return claims


def seasoned() -> Model:
    """A model that has seen a day: three in ten pick up, after ten seconds or so; a talk lasts minutes."""
    model = Model()
    for call in range(400):
        at = 10.0 * call
        model = observe(model, Dialled(at))
        if call % 10 < 3:
            model = observe(model, PickedUp(at + 10, 8.0 + call % 5))
            model = observe(model, TalkEnded(at + 200, "a", 180.0, Kind.PERSON, 8.0))
        else:
            model = observe(model, RingEnded(at + 28, 28.0, Ended.NO_ANSWER))
    return model


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    made = Service(Loose())
    made.telephony.now = CalendarAt(MONDAY).wall()  # an answer is joined within 1.6 s of its stamp
    made.store.running[0] = replace(
        made.store.running[0], mode="predictive", lines=200, calls_per_second=100.0, abandoned_percent=3.0
    )
    made.centre.engine.pacemaker._models[CAMPAIGN] = seasoned()
    yield made
    await made.centre.stop()


async def on_duty(service: Service, users: Sequence[UserId]) -> None:
    floor, wall = service.centre.floor, CalendarAt(MONDAY).wall()
    for user in users:
        service.telephony.devices[f"a-{user.int}"] = "secret"
        floor.set_device(user, f"a-{user.int}", wall)
        floor.act(user, AgentEvent.ON_DUTY, wall - 10.0)  # has had a breath
        service.centre.legs.ring(user)
    await until(lambda: all(floor.agent(user).joinable for user in users))
    service.telephony.pass_time(1.0)
    await until(lambda: all(floor.agent(user).hears for user in users))


async def test_more_ring_than_are_free_and_each_answer_takes_whoever_is_free(service: Service) -> None:
    allowed: list[float] = []  # of each decision: a later one may allow nothing, where events come late
    service.centre.engine.pacemaker.listen(
        lambda decided: allowed.extend(share.decision.reasons.allowed for share in decided.shares.values())
    )
    await service.start()
    await on_duty(service, AGENTS)
    await until(lambda: len(service.telephony.dialed) > len(AGENTS))
    floor = service.centre.floor
    assert all(agent.state is AgentState.AVAILABLE for agent in floor.agents()), "nobody is reserved"
    assert all(live.call.agent is None for live in floor.calls())
    assert max(allowed) > 0.0
    assert service.centre.engine.run_of(CAMPAIGN).decision is not None
    first = ChannelId(str(service.telephony.dialed[0].attempt))
    service.telephony.now = CalendarAt(MONDAY).wall()
    service.telephony.answer(first)
    await until(lambda: floor.call(service.telephony.dialed[0].attempt).call.state is CallState.JOINED)
    joined = floor.call(service.telephony.dialed[0].attempt).call.agent
    assert joined is not None
    assert floor.agent(joined).state is AgentState.TALKING


async def test_who_must_have_an_agent_gets_one_and_only_he(service: Service) -> None:
    assert isinstance(service.ledger, Loose)
    service.ledger.mandatory = 2
    await service.start()
    await on_duty(service, AGENTS)
    await until(lambda: len(service.telephony.dialed) > len(AGENTS))
    floor = service.centre.floor
    own = [live for live in floor.calls() if live.call.agent is not None]
    assert 2 <= len(own) <= 2 * len(service.ledger.orders)
    for live in own:
        assert live.call.agent is not None
        kept = floor.agent(live.call.agent)
        assert (kept.state, kept.attempt) == (AgentState.RESERVED, live.call.attempt)
    reserved = [agent for agent in floor.agents() if agent.state is AgentState.RESERVED]
    assert len(reserved) == len(own)


async def test_whoever_speaks_more_than_dutch_is_named_so_that_residents_need_not_wait(service: Service) -> None:
    assert isinstance(service.ledger, Loose)
    turkish = frozenset({"tr"})
    service.store.able = {AGENTS[-1]: Abilities(languages=turkish)}
    await service.start()
    await on_duty(service, AGENTS)
    orders = service.ledger.orders
    await until(lambda: any(AGENTS[-1] in order.agents for order in orders))
    for order in orders:
        assert order.spoken == turkish
        assert order.speaks == {user: turkish for user in order.agents if user == AGENTS[-1]}
        assert len([user for user in order.agents if user != AGENTS[-1]]) <= order.most


async def test_an_agent_taken_meanwhile_is_not_promised(service: Service) -> None:
    """Between the claim's order and its answer the named agent was joined to a caller."""
    assert isinstance(service.ledger, Loose)
    service.ledger.mandatory = 1
    await service.start()
    await on_duty(service, AGENTS[:1])
    engine, floor = service.centre.engine, service.centre.floor
    await until(lambda: any(live.call.agent is not None for live in floor.calls()))
    (taken,) = [live.call.attempt for live in floor.calls() if live.call.agent is not None]
    run = engine.run_of(CAMPAIGN)
    claims = await service.ledger.claim(
        ClaimOrder(campaign=CAMPAIGN, owner="a", epoch=1, agents=AGENTS[:1], at=MONDAY, wall_at=MONDAY, unreserved=1)
    )
    assert engine.departure.begin(claims[0], None, reserve=True) is False
    await until(lambda: [end.attempt for end in service.ledger.ends][-1:] == [claims[0].attempt])
    assert not service.ledger.ends[-1].counted
    assert floor.agent(AGENTS[0]).attempt == taken
    assert run.campaign.mode == "predictive"


async def test_a_ring_about_to_meet_nobody_is_hung_up_only_where_the_campaign_says_so(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which ring that is, and whether the budget of cuts allows it, is the pacer's word (`test_pacing_predictive`)."""

    def decided(members: Sequence[Member]) -> dict[Hashable, Share]:
        return {
            one.campaign: Share(
                one.state, Decision(cancel=(one.state.rings[0].call,) if one.settings.ring_cuts else ()), ()
            )
            for one in members
            if one.state.rings
        }

    await service.start()
    await on_duty(service, AGENTS)
    await until(lambda: len(service.telephony.dialed) > len(AGENTS))
    floor, engine = service.centre.floor, service.centre.engine
    await until(lambda: engine.run_of(CAMPAIGN).busy is False)
    monkeypatch.setattr(pacemaker_module, "decide_together", decided)
    engine.wake()
    assert not any(live.call.intent is Intent.RING_CUT for live in floor.calls()), "off by default"
    first = floor.in_flight(CAMPAIGN)[0].call.attempt
    service.store.running[0] = replace(service.store.running[0], ring_cuts=True)
    await engine.refresh()
    await until(lambda: any(end.attempt == first for end in service.ledger.ends))
    cut = next(end for end in service.ledger.ends if end.attempt == first)
    assert (cut.ring_cut, cut.result, cut.counted) == (True, "NO_ANSWER", True), "a missed call is an attempt"
    assert engine.pacemaker.model(CAMPAIGN).cuts >= 1, "and spends the budget of cuts"


async def test_an_answer_that_crosses_our_hanging_up_is_the_answer_that_it_is(service: Service) -> None:
    await service.start()
    await on_duty(service, AGENTS)
    await until(lambda: len(service.telephony.dialed) > len(AGENTS))
    floor = service.centre.floor
    live = floor.call(service.telephony.dialed[0].attempt)
    floor.amend(live, intent=Intent.RING_CUT)
    service.telephony.now = CalendarAt(MONDAY).wall()
    service.telephony.answer(live.call.channel)
    service.telephony.end(live.call.channel, cause=16)
    await until(lambda: any(end.attempt == live.call.attempt for end in service.ledger.ends))
    (end,) = [end for end in service.ledger.ends if end.attempt == live.call.attempt]
    assert not end.ring_cut
    assert end.result in ("EARLY_HANGUP", None)


async def test_two_campaigns_with_the_same_agents_never_ring_for_more_than_are_free(service: Service) -> None:
    other = CampaignId(UUID(int=200))
    first = replace(service.store.running[0], mode="progressive")
    service.store.running = [first, replace(first, campaign=other, priority=2)]
    await service.start()
    await on_duty(service, AGENTS[:3])
    await until(lambda: len(service.telephony.dialed) >= 3)
    floor = service.centre.floor
    for _ in range(3):
        service.centre.engine.wake()
    assert len(floor.in_flight(other)) == 3, "it has priority"
    assert floor.in_flight(CAMPAIGN) == []
    assert {agent.state for agent in floor.agents()} == {AgentState.RESERVED}
    await until(lambda: bool(service.centre.engine.views()[0].reason))


@pytest.mark.parametrize(
    ("bounds", "trunk", "reason"),
    [
        ({"client_lines": 5}, TrunkBounds(), "client_lines"),
        ({}, TrunkBounds(lines=5), "trunk_lines"),
        ({"lines": 5}, TrunkBounds(), "lines"),
    ],
)
async def test_two_campaigns_never_take_more_lines_than_there_are(
    service: Service, bounds: dict[str, int], trunk: TrunkBounds, reason: str
) -> None:
    """They share no agent, so each is decided on for itself."""
    other = CampaignId(UUID(int=200))
    service.centre.engine.room._trunk = trunk
    first = replace(service.store.running[0], mode="progressive", **bounds)  # type: ignore[arg-type]  # lines only
    service.store.running = [first] if reason == "lines" else [first, replace(first, campaign=other)]
    service.store.assigned = {user: frozenset({(CAMPAIGN, other)[place % 2]}) for place, user in enumerate(AGENTS)}
    if reason == "lines":
        service.store.assigned = {}
    await service.start()
    await on_duty(service, AGENTS)
    await until(lambda: len(service.telephony.dialed) == 5)
    for _ in range(5):
        service.centre.engine.wake()
        await asyncio.sleep(0)
    assert service.centre.floor.lines() == 5
    await until(lambda: reason in {view.reason for view in service.centre.engine.views()})
    await until(lambda: service.centre.engine.hold(CAMPAIGN) == reason)


async def test_switching_to_progressive_is_live(service: Service) -> None:
    await service.start()
    await on_duty(service, AGENTS[:4])
    await until(lambda: len(service.telephony.dialed) > 4)
    before = len(service.telephony.dialed)
    service.store.running[0] = replace(service.store.running[0], mode="progressive")
    await service.centre.engine.refresh()
    for order in list(service.telephony.dialed):
        service.telephony.end(ChannelId(str(order.attempt)), cause=19, sip_code=480)
    await until(lambda: len(service.telephony.dialed) >= before + 4)
    floor = service.centre.floor
    assert all(live.call.agent is not None for live in floor.calls())
    assert len(floor.in_flight(CAMPAIGN)) <= 4
