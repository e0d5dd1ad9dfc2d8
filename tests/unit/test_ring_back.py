"""An agent has a request dialled: what stands in the way, whom it is joined to, and what a crash leaves of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import pytest

from dialer.domain.agent import AgentEvent, AgentState
from dialer.domain.call import Direction
from dialer.domain.errors import DialerError, NotNowError, UnavailableError
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ChannelId, UserId
from dialer.metrics import Metrics
from dialer.schedule.windows import Calendar
from dialer.services import claims as module
from dialer.services.centre import Centre
from dialer.services.centre_parts import CentrePorts, CentreSettings
from dialer.services.ports.engine import AskedCallback, EngineCampaign
from dialer.services.ports.ledger import (
    CallBackOrder,
    Claim,
    ClaimOrder,
    LiveAttempt,
    LostLeaseError,
    ProofOrder,
    RuleForbidsError,
)
from dialer.services.ring_back import CallBackRefusedError
from tests.support.audit_lines import AuditLines
from tests.support.city import until
from tests.support.clock import CalendarAt, CountingIds
from tests.support.engine_service import CLIENT_NUMBER, USER, Duty
from tests.support.engine_service import Ledger as LedgerOfDials
from tests.support.engine_service import Store as StoreOfTown
from tests.support.fake_telephony import FakeTelephony
from tests.support.fake_transfers import KeptTargets
from tests.support.floor import CAMPAIGN, CLIENT, MONDAY

TASK, NUMBER, COLLEAGUE = UUID(int=70), "+31600000109", UserId(UUID(int=6))


class Ledger(LedgerOfDials):
    """Claims requests; nothing else is due."""

    def __init__(self) -> None:
        super().__init__()
        self.let.set()
        self.orders: list[CallBackOrder] = []
        self.failure: Exception | None = None
        self.answers = asyncio.Event()
        self.answers.set()

    async def claim(self, order: ClaimOrder) -> Sequence[Claim]:
        return []

    async def claim_callback(self, order: CallBackOrder) -> Claim:
        self.orders.append(order)
        await self.answers.wait()
        if self.failure is not None:
            raise self.failure
        return Claim(
            attempt=AttemptId(UUID(int=2000 + len(self.orders))),
            campaign=order.campaign,
            client=CLIENT,
            case=None,
            phone=None,
            number=order.number,
            agent=order.agent,
            counted=False,
            seq=0,
            case_seq=0,
            reason={},
            callback=order.callback,
        )

    async def claim_proof(self, order: ProofOrder) -> Claim:
        raise RuleForbidsError("proof_staff_phone")


class Store(StoreOfTown):
    """A running campaign, and one request that the agent took."""

    def __init__(self) -> None:
        self.asked = AskedCallback(
            callback=TASK,
            client=CLIENT,
            campaign=CAMPAIGN,
            case=None,
            number=NUMBER,
            callable=True,
            state="claimed",
            claimed_by=USER,
        )
        self.town = EngineCampaign(
            campaign=CAMPAIGN,
            client=CLIENT,
            state="running",
            calendar=Calendar(),
            caller_id=CLIENT_NUMBER,
            sounds="stad",
            ring_seconds=20.0,
            mode="preview",  # what the engine dials by itself is no matter here, and may just take the agent
        )
        self.asks = 0
        self.gone: DialerError | None = None

    async def campaigns(self) -> Sequence[EngineCampaign]:
        return [self.town]

    async def asked_callback(self, callback: UUID) -> AskedCallback:
        self.asks += 1
        if self.gone is not None:
            raise self.gone
        return self.asked


@dataclass
class Service:
    """A centre over fakes, in its window, with one free agent."""

    telephony: FakeTelephony
    ledger: Ledger
    store: Store
    clock: CalendarAt
    centre: Centre

    async def call(self, user: UserId = USER) -> AttemptId:
        return await self.centre.ring_back.call(TASK, user)

    async def refused(self) -> str:
        with pytest.raises(CallBackRefusedError) as caught:
            await self.call()
        return caught.value.code

    async def campaign(self, **changes: object) -> None:
        self.store.town = replace(self.store.town, **changes)  # type: ignore[arg-type]
        await self.centre.engine.refresh()

    async def agent(self, user: UserId, device: str) -> None:
        floor, wall = self.centre.floor, self.clock.wall()
        self.telephony.devices[device] = "secret"
        floor.set_device(user, device, wall)
        floor.act(user, AgentEvent.ON_DUTY, wall)
        self.centre.legs.ring(user)
        await until(lambda: floor.agent(user).joinable)
        self.telephony.pass_time(1.0)
        await until(lambda: floor.agent(user).hears)

    async def settled(self) -> None:
        while self.centre.tasks.running:
            await self.centre.tasks.idle()
        await self.centre.journal.settled()

    def state(self) -> AgentState:
        return self.centre.floor.agent(USER).state


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    telephony, ledger, store, clock = FakeTelephony(), Ledger(), Store(), CalendarAt(MONDAY)
    telephony.phones_send = True
    ports = CentrePorts(
        telephony=telephony,
        ledger=ledger,
        store=store,  # type: ignore[arg-type]
        duty=Duty(),  # type: ignore[arg-type]
        outcomes=None,  # type: ignore[arg-type]
        clock=clock,
        ids=CountingIds(),
        audit=AuditLines(),
        transfer_targets=KeptTargets(),
    )
    centre = Centre(ports, CentreSettings(owner="a", sip_domain="127.0.0.1", sip_port=5060))
    telephony.sink = centre.handle
    made = Service(telephony, ledger, store, clock, centre)
    await centre.start()
    telephony.connect()
    await made.agent(USER, "phone")
    await until(lambda: not centre.engine.hold(CAMPAIGN))
    yield made
    await centre.stop()


async def test_it_leaves_over_the_campaigns_line_from_the_clients_number_and_is_joined(service: Service) -> None:
    attempt = await service.call()
    [order] = service.telephony.dialed
    assert (order.attempt, order.number, order.caller_id, order.ring_seconds) == (attempt, NUMBER, CLIENT_NUMBER, 20.0)
    assert order.trunk == f"{CAMPAIGN.hex}-1"
    assert (service.ledger.orders[0].agent, service.ledger.orders[0].epoch) == (USER, 1)
    assert service.state() is AgentState.RESERVED
    view = service.centre.desk.call_view(service.centre.floor.call(attempt))
    assert (view.direction, view.call_back, view.case) == ("out", True, None)
    service.telephony.now = service.clock.wall()
    service.telephony.ring(ChannelId(str(attempt)))
    service.telephony.answer(ChannelId(str(attempt)))
    await service.settled()
    assert service.state() is AgentState.TALKING
    assert service.centre.desk.agent(USER).call_back


async def test_asked_twice_it_is_one_call(service: Service) -> None:
    first, second = await asyncio.gather(service.call(), service.call(), return_exceptions=True)
    attempt = await service.call()
    assert first == attempt
    assert isinstance(second, CallBackRefusedError)  # in the same instant: the agent is not free any more
    assert len(service.telephony.dialed) == len(service.ledger.orders) == 1


async def test_nobody_answers_and_it_is_no_counted_attempt(service: Service) -> None:
    metrics = Metrics()
    service.centre.floor.listen(calls=metrics._call)
    attempt = await service.call()
    channel = ChannelId(str(attempt))
    service.telephony.ring(channel)
    service.telephony.end(channel, cause=19, sip_code=480)
    await service.settled()
    [end] = service.ledger.ends
    assert (end.attempt, end.result, end.counted, end.wrap_up) == (attempt, "NO_ANSWER", False, False)
    assert service.state() is AgentState.AVAILABLE
    sample = metrics.registry.get_sample_value
    assert sample("dialer_calls_ended_total", {"direction": "call_back", "result": "NO_ANSWER"}) == 1
    assert sample("dialer_calls_ended_total", {"direction": "out", "result": "NO_ANSWER"}) is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": "open"}, "callback-not-yours"),
        ({"state": "done"}, "callback-not-yours"),
        ({"claimed_by": COLLEAGUE}, "callback-not-yours"),
        ({"case": CaseId(UUID(int=7))}, "callback-has-case"),
        ({"callable": False}, "number-not-callable"),
    ],
)
async def test_requests_that_are_not_dialled(service: Service, change: dict[str, object], code: str) -> None:
    service.store.asked = replace(service.store.asked, **change)  # type: ignore[arg-type]
    assert await service.refused() == code
    await _nothing_left(service)


@pytest.mark.parametrize("state", ["paused", "draining", "stopped"])
async def test_only_while_the_campaign_runs(service: Service, state: str) -> None:
    await service.campaign(state=state)
    assert await service.refused() == "campaign-not-running"
    await _nothing_left(service)


async def test_not_outside_the_window(service: Service) -> None:
    service.clock.move(MONDAY.replace(hour=20, minute=0))
    assert await service.refused() == "outside-window"
    await _nothing_left(service)


async def test_not_when_all_lines_are_in_use(service: Service) -> None:
    await service.campaign(lines=0)
    assert await service.refused() == "no-line-free"
    await _nothing_left(service)


async def test_not_while_the_carrier_is_ill(service: Service) -> None:
    run = service.centre.engine.run_of(CAMPAIGN)
    run.trunk.faults, run.rest_until = 5, service.clock.monotonic() + 15.0
    assert await service.refused() == "trunk-rests"
    await _nothing_left(service)


async def test_that_nothing_was_due_does_not_hold_it_back(service: Service) -> None:
    service.centre.engine.run_of(CAMPAIGN).rest_until = service.clock.monotonic() + 15.0
    assert await service.call()


async def test_not_without_the_link(service: Service) -> None:
    service.telephony.disconnect()
    with pytest.raises(UnavailableError):
        await service.call()
    await _nothing_left(service)


async def test_not_for_a_campaign_for_which_another_site_calls(service: Service) -> None:
    service.store.asked = replace(service.store.asked, campaign=CampaignId(UUID(int=1)))
    with pytest.raises(NotNowError) as refused:
        await service.call()
    assert refused.value.code == "campaign-elsewhere"
    assert service.ledger.orders == []


async def test_not_for_an_agent_who_is_not_free(service: Service) -> None:
    service.centre.floor.act(USER, AgentEvent.PAUSE, service.clock.wall())
    assert await service.refused() == "agent-not-free"
    assert service.ledger.orders == []


async def test_not_to_a_number_that_rings_us(service: Service) -> None:
    await service.agent(COLLEAGUE, "other")
    service.telephony.call_in("caller", NUMBER, CLIENT_NUMBER)
    assert await service.refused() == "number-in-call"
    await _nothing_left(service)


async def test_callers_go_first(service: Service) -> None:
    service.telephony.call_in("caller", "+31600000110", CLIENT_NUMBER)  # still hears the greeting
    assert await service.refused() == "callers-first"
    await service.agent(COLLEAGUE, "other")
    assert await service.call()


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("attempt_number_not_blocked", "number-blocked"),
        ("attempt_no_opt_out", "number-blocked"),
        ("attempt_number_free", "number-in-call"),
        ("callback_tries", "callback-tries"),
        ("callback_claimed", "callback-not-yours"),
        ("callback_without_case", "callback-has-case"),
        ("attempt_campaign_running", "campaign-not-running"),
        ("window", "outside-window"),
        ("callback_of_request", "conflict"),
    ],
)
async def test_what_the_database_forbids_gives_the_agent_back(service: Service, rule: str, code: str) -> None:
    service.ledger.failure = RuleForbidsError(rule)
    assert await service.refused() == code
    await _nothing_left(service)


@pytest.mark.parametrize("failure", [LostLeaseError(), UnavailableError("away")])
async def test_no_lease_or_no_database_gives_the_agent_back(service: Service, failure: Exception) -> None:
    service.ledger.failure = failure
    with pytest.raises(UnavailableError):
        await service.call()
    await _nothing_left(service)


async def test_a_late_claim_never_leaves(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CLAIM_SECONDS", 0.05)
    service.ledger.answers.clear()
    with pytest.raises(UnavailableError):
        await service.call()
    assert service.state() is AgentState.AVAILABLE
    service.ledger.answers.set()
    await service.settled()
    assert service.telephony.dialed == []
    [end] = service.ledger.ends
    assert not end.counted


async def test_who_rings_us_in_the_last_instant_is_not_rung(service: Service) -> None:
    service.ledger.answers.clear()
    await service.agent(COLLEAGUE, "other")
    asked = asyncio.create_task(service.call())
    await until(lambda: len(service.ledger.orders) == 1)
    service.telephony.call_in("caller", NUMBER, CLIENT_NUMBER)
    service.ledger.answers.set()
    with pytest.raises(CallBackRefusedError) as caught:
        await asked
    assert caught.value.code == "number-in-call"
    await service.settled()
    assert service.telephony.dialed == []
    assert [end.counted for end in service.ledger.ends] == [False]
    assert service.state() is AgentState.AVAILABLE


async def test_whoever_asked_may_go_away_meanwhile(service: Service) -> None:
    service.ledger.answers.clear()
    asked = asyncio.create_task(service.call())
    await until(lambda: len(service.ledger.orders) == 1)
    asked.cancel()
    service.ledger.answers.set()
    await service.settled()
    assert len(service.telephony.dialed) == 1
    assert service.state() is AgentState.RESERVED


@pytest.mark.parametrize("gone", [None, UnavailableError("away")])
async def test_what_a_crash_left_is_adopted_as_what_it_is(service: Service, gone: DialerError | None) -> None:
    """Between the commit and the order: no channel, so it is over, uncounted; its number is known if it can be read."""
    service.store.gone = gone
    left = LiveAttempt(
        attempt=AttemptId(UUID(int=3000)),
        direction=Direction.OUT,
        campaign=CAMPAIGN,
        client=CLIENT,
        case=None,
        channel=ChannelId(str(UUID(int=3000))),
        state="claimed",
        agent=USER,
        claimed_wall=service.clock.wall() - 60.0,
        answered_wall=None,
        joined_wall=None,
        number=None,
        callback=TASK,
    )
    service.ledger.alive = [left]
    await service.centre.takeover.strays()
    live = service.centre.floor.call(left.attempt)
    assert live.info.callback == TASK
    assert service.centre.engine.departure.number_of(left.attempt) == (NUMBER if gone is None else None)
    if gone is None:
        assert await service.call() == left.attempt  # asked again: that one, not another
    await service.centre.reconciler.put_right()
    await service.settled()
    [end] = service.ledger.ends
    assert (end.attempt, end.result, end.counted) == (left.attempt, "FAILED", False)


async def _nothing_left(service: Service) -> None:
    assert service.telephony.dialed == []
    await service.settled()
    assert service.ledger.ends == []
    assert service.state() is AgentState.AVAILABLE
