"""Our own people are rung as residents are: what stands in the way, whom they are joined to, and what never counts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import pytest

from dialer.domain.agent import AgentEvent, AgentState
from dialer.domain.call import Direction
from dialer.domain.errors import NotFoundError, NotNowError, UnavailableError
from dialer.domain.ids import AttemptId, CampaignId, ChannelId, ClientId, UserId
from dialer.metrics import Metrics
from dialer.services.centre import Centre
from dialer.services.centre_parts import CentrePorts, CentreSettings
from dialer.services.ports.engine import EngineCampaign, StaffNumber
from dialer.services.ports.ledger import Claim, ClaimOrder, LiveAttempt, ProofOrder, RuleForbidsError
from dialer.services.proof_calls import ProofRefusedError
from tests.support.audit_lines import AuditLines
from tests.support.city import until
from tests.support.clock import CalendarAt, CountingIds
from tests.support.engine_service import CLIENT_NUMBER, USER, Duty
from tests.support.engine_service import Ledger as LedgerOfDials
from tests.support.engine_service import Store as StoreOfTown
from tests.support.fake_telephony import FakeTelephony
from tests.support.fake_transfers import KeptTargets
from tests.support.floor import CAMPAIGN, CLIENT, MONDAY

PHONE, NUMBER = UUID(int=80), "+31790000180"


class Ledger(LedgerOfDials):
    """Claims proof calls; nothing else is due."""

    def __init__(self) -> None:
        super().__init__()
        self.let.set()
        self.proofs: list[ProofOrder] = []
        self.rule = ""

    async def claim(self, order: ClaimOrder) -> Sequence[Claim]:
        return []

    async def claim_proof(self, order: ProofOrder) -> Claim:
        self.proofs.append(order)
        if self.rule:
            raise RuleForbidsError(self.rule)
        return Claim(
            attempt=AttemptId(UUID(int=3000 + len(self.proofs))),
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
            proof=True,
        )


class Store(StoreOfTown):
    """A campaign that has not begun, and one staff phone."""

    def __init__(self) -> None:
        super().__init__()
        self.town: EngineCampaign | None = replace(self.running[0], state="draft", ring_seconds=20.0)
        self.client = CLIENT

    async def campaigns(self) -> Sequence[EngineCampaign]:
        return [] if self.town is None else [self.town]

    async def staff_number(self, phone: UUID) -> StaffNumber:
        if phone != PHONE:
            raise NotFoundError("no such phone")
        return StaffNumber(client=self.client, number=NUMBER)


@dataclass
class Service:
    """A centre over fakes, on a Sunday, with a free agent."""

    telephony: FakeTelephony
    ledger: Ledger
    store: Store
    clock: CalendarAt
    centre: Centre

    async def call(self, phone: UUID = PHONE) -> AttemptId:
        return await self.centre.proof_calls.call(CAMPAIGN, phone, "user:boss")

    async def refused(self) -> str:
        with pytest.raises(ProofRefusedError) as caught:
            await self.call()
        return caught.value.code

    async def campaign(self, **changes: object) -> None:
        assert self.store.town is not None
        self.store.town = replace(self.store.town, **changes)  # type: ignore[arg-type]  # fields by name
        await self.centre.engine.refresh()

    async def agent(self, user: UserId = USER) -> None:
        floor, wall = self.centre.floor, self.clock.wall()
        self.telephony.devices["phone"] = "secret"
        floor.set_device(user, "phone", wall)
        floor.act(user, AgentEvent.ON_DUTY, wall)
        self.centre.legs.ring(user)
        await until(lambda: floor.agent(user).joinable)
        self.telephony.pass_time(1.0)
        await until(lambda: floor.agent(user).hears)

    def answer(self, attempt: AttemptId) -> None:
        self.telephony.now = self.clock.wall()
        self.telephony.ring(ChannelId(str(attempt)))
        self.telephony.answer(ChannelId(str(attempt)))

    async def settled(self) -> None:
        while self.centre.tasks.running:
            await self.centre.tasks.idle()
        await self.centre.journal.settled()

    def state(self) -> AgentState:
        return self.centre.floor.agent(USER).state


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    sunday = MONDAY.replace(day=MONDAY.day - 1)
    telephony, ledger, store, clock = FakeTelephony(), Ledger(), Store(), CalendarAt(sunday)
    telephony.phones_send = True
    ports = CentrePorts(
        telephony=telephony,
        ledger=ledger,  # type: ignore[arg-type]  # what it asks of it
        store=store,  # type: ignore[arg-type]  # what it asks of it
        duty=Duty(),  # type: ignore[arg-type]  # what it asks of it
        outcomes=None,  # type: ignore[arg-type]  # none is filed
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
    await until(lambda: not centre.engine.hold_proof(CAMPAIGN))
    yield made
    await centre.stop()


async def test_before_the_campaign_begins_it_leaves_as_a_residents_call_would_and_is_joined(service: Service) -> None:
    await service.agent()
    attempt = await service.call()
    [order] = service.telephony.dialed
    assert (order.number, order.caller_id, order.sounds, order.ring_seconds) == (NUMBER, CLIENT_NUMBER, "stad", 20.0)
    assert order.trunk == f"{CAMPAIGN.hex}-1"
    assert (service.ledger.proofs[0].agent, service.ledger.proofs[0].actor) == (USER, "user:boss")
    assert service.centre.desk.call_view(service.centre.floor.call(attempt)).direction == "proof"
    service.answer(attempt)
    await service.settled()
    assert service.state() is AgentState.TALKING
    assert service.centre.desk.agent(USER).direction == "proof"


async def test_with_nobody_free_our_own_people_hear_the_message(service: Service) -> None:
    attempt = await service.call()
    assert service.ledger.proofs[0].agent is None
    service.answer(attempt)
    service.telephony.pass_time(2.0)
    service.telephony.end(ChannelId(str(attempt)), cause=16)
    await service.settled()
    [end] = service.ledger.ends
    assert (end.attempt, end.abandoned, end.counted, end.wrap_up) == (attempt, False, False, False)


async def test_nothing_learns_from_it_or_counts_it(service: Service) -> None:
    metrics = Metrics()
    service.centre.floor.listen(calls=metrics._call)
    before = service.centre.engine.pacemaker.model(CAMPAIGN)
    await service.agent()
    attempt = await service.call()
    service.answer(attempt)
    await service.settled()
    service.telephony.end(ChannelId(str(attempt)), cause=16)
    await service.settled()
    service.centre.floor.act(USER, AgentEvent.FILED, service.clock.wall())
    assert service.centre.engine.pacemaker.model(CAMPAIGN) == before
    [end] = service.ledger.ends
    assert (end.counted, end.abandoned, end.wrap_up, end.result) == (False, False, True, None)
    assert b"dialer_dials_total{" not in metrics.render()
    assert metrics.registry.get_sample_value("dialer_calls_answered_total") in (0, None)


async def test_a_draft_is_on_no_screen_and_answers_no_caller(service: Service) -> None:
    assert service.centre.engine.views() == []
    assert service.centre.engine.line(CLIENT_NUMBER) is None
    await service.campaign(state="running")
    assert [view.campaign for view in service.centre.engine.views()] == [CAMPAIGN]
    assert service.centre.engine.line(CLIENT_NUMBER) is not None


@pytest.mark.parametrize("state", ["running", "paused", "draining"])
async def test_also_while_it_runs_or_rests(service: Service, state: str) -> None:
    await service.campaign(state=state)
    await service.call()
    assert len(service.telephony.dialed) == 1


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("proof_staff_phone", "not-staff"),
        ("proof_resident", "staff-is-resident"),
        ("attempt_number_free", "number-in-call"),
        ("anything", "conflict"),
    ],
)
async def test_what_the_database_forbids_never_leaves(service: Service, rule: str, code: str) -> None:
    await service.agent()
    service.ledger.rule = rule
    assert await service.refused() == code
    await service.settled()
    assert service.telephony.dialed == []
    assert service.state() is AgentState.AVAILABLE


async def test_it_is_refused_when_the_campaign_was_stopped_or_the_phone_is_anothers(service: Service) -> None:
    await service.campaign(state="stopped")
    assert await service.refused() == "campaign-not-running"
    await service.campaign(state="draft")
    with pytest.raises(NotFoundError):
        await service.call(UUID(int=81))
    service.store.client = ClientId(UUID(int=99))
    with pytest.raises(NotFoundError):
        await service.call()
    assert service.ledger.proofs == []


async def test_all_lines_are_in_use(service: Service) -> None:
    await service.campaign(lines=1)
    await service.call()
    assert await service.refused() == "no-line-free"


async def test_a_part_is_not_there(service: Service) -> None:
    service.telephony.disconnect()
    with pytest.raises(UnavailableError):
        await service.call()


async def test_after_a_restart_it_is_taken_over_with_its_agent(service: Service) -> None:
    """The process died while it rang: the next one knows that it is a proof call, and keeps the agent for it."""
    await service.agent()
    attempt = AttemptId(UUID(int=3999))
    service.ledger.alive = [
        LiveAttempt(
            attempt=attempt, direction=Direction.PROOF, campaign=CAMPAIGN, client=CLIENT, case=None,
            channel=ChannelId(str(attempt)), state="claimed", agent=USER, claimed_wall=service.clock.wall(),
            answered_wall=None, joined_wall=None, number=None,
        )
    ]  # fmt: skip
    [taken] = await service.centre.reconciler.adopt([CampaignId(CAMPAIGN)])
    assert taken.direction is Direction.PROOF
    assert service.centre.floor.call(attempt).call.direction is Direction.PROOF
    assert service.state() is AgentState.RESERVED


async def test_stopping_the_campaign_cuts_it_while_it_rings(service: Service) -> None:
    attempt = await service.call()
    service.telephony.ring(ChannelId(str(attempt)))
    await service.campaign(state="stopped")
    await service.settled()
    [end] = service.ledger.ends
    assert end.counted is False


async def test_it_is_refused_where_another_site_calls_for_the_client(service: Service) -> None:
    service.store.town = None
    await service.centre.engine.refresh()
    with pytest.raises(NotNowError) as refused:
        await service.call()
    assert refused.value.code == "campaign-elsewhere"
    assert service.ledger.proofs == []
