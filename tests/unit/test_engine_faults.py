"""Claims that come back late, attempts that nobody knows, and who may act at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from dialer.domain.agent import AgentEvent, AgentState
from dialer.domain.call import Direction, Intent
from dialer.domain.errors import UnavailableError
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ChannelId, ClientId, DeliveryId, PhoneId, UserId
from dialer.domain.skills import Abilities
from dialer.schedule.windows import Calendar
from dialer.services import claims as claims_module
from dialer.services import takeover as takeover_module
from dialer.services.centre import Centre
from dialer.services.centre_parts import CentrePorts, CentreSettings
from dialer.services.ownership import lease_name
from dialer.services.ports.desk import Filing
from dialer.services.ports.duty import DutyRecord
from dialer.services.ports.engine import BorrowedLine, EngineCampaign
from dialer.services.ports.ledger import Claim, ClaimOrder, Lease, LiveAttempt
from dialer.services.ports.telephony import DialOrder
from tests.support.audit_lines import AuditLines
from tests.support.city import until
from tests.support.clock import CalendarAt, CountingIds
from tests.support.fake_telephony import FakeTelephony
from tests.support.fake_transfers import KeptTargets
from tests.support.floor import CAMPAIGN, CLIENT, MONDAY, KeptLedger

USER = UserId(UUID(int=5))
CLIENT_NUMBER = "+31790000000"


class Ledger(KeptLedger):
    """Claims only when it is let; knows what the test puts in."""

    def __init__(self) -> None:
        super().__init__()
        self.let = asyncio.Event()
        self.claims = 0
        self.alive: list[LiveAttempt] = []
        self.elsewhere = False

    async def claim(self, order: ClaimOrder) -> Sequence[Claim]:
        self.claims += 1
        await self.let.wait()
        return [
            Claim(
                attempt=AttemptId(UUID(int=1000 + self.claims)),
                campaign=order.campaign,
                client=CLIENT,
                case=CaseId(UUID(int=7)),
                phone=PhoneId(UUID(int=8)),
                number="+31600000001",
                agent=order.agents[0],
                counted=True,
                seq=1,
                case_seq=1,
                reason={},
            )
        ]

    held_by_another: frozenset[str] = frozenset()
    """Names of leases of an owner who is gone, and whose term is not over."""

    async def take_lease(self, name: str, owner: str, seconds: float) -> Lease | None:
        held = Lease(name=name, owner=owner, epoch=1, expires_at=MONDAY + timedelta(seconds=seconds))
        return None if self.elsewhere or name in self.held_by_another else held

    async def drop_lease(self, name: str, owner: str) -> None:
        pass

    async def live(self, campaigns: Sequence[CampaignId], but: Collection[AttemptId] = ()) -> Sequence[LiveAttempt]:
        return [one for one in self.alive if one.attempt not in but]


class Store:
    """One running campaign, and those that the test adds."""

    assigned: Mapping[UserId, frozenset[CampaignId]] = {}
    passed: frozenset[UserId] = frozenset()
    able: Mapping[UserId, Abilities] = {}
    emergency = False
    foreign: frozenset[str] = frozenset()
    moved: Mapping[str, EngineCampaign] = {}
    lines: Sequence[BorrowedLine] = ()

    def __init__(self) -> None:
        first = EngineCampaign(
            campaign=CAMPAIGN,
            client=CLIENT,
            state="running",
            calendar=Calendar(),
            caller_id=CLIENT_NUMBER,
            sounds="stad",
        )
        self.running = [first]

    async def campaigns(self) -> Sequence[EngineCampaign]:
        return self.running

    async def assignments(self) -> Mapping[UserId, frozenset[CampaignId]]:
        return self.assigned

    async def overflow_lines(self) -> Sequence[BorrowedLine]:
        return self.lines

    async def line_elsewhere(self, dialed: str) -> EngineCampaign | None:
        return self.moved.get(dialed)

    async def numbers_elsewhere(self) -> frozenset[str]:
        return self.foreign

    async def stopped(self) -> bool:
        return self.emergency

    async def practised(self) -> frozenset[UserId]:
        return self.passed

    async def abilities(self) -> Mapping[UserId, Abilities]:
        return self.able

    async def appointments(self, *_: datetime) -> Sequence[tuple[CampaignId, datetime]]:
        return []

    async def deliveries_of(self, cases: Sequence[CaseId]) -> dict[CaseId, DeliveryId]:
        return {}


class Duty:
    """Who was on duty when the last owner ended."""

    def __init__(self) -> None:
        self.records: list[DutyRecord] = []

    async def load(self) -> Sequence[DutyRecord]:
        return self.records

    async def take(self, user: UserId) -> None:
        pass

    async def save(self, *_: object) -> None:
        pass


class Service:
    """A centre over fakes."""

    def __init__(self, ledger: Ledger | None = None) -> None:
        self.telephony, self.ledger, self.duty, self.store = FakeTelephony(), ledger or Ledger(), Duty(), Store()
        self.telephony.phones_send = True
        self.clock = CalendarAt(MONDAY)
        ports = CentrePorts(
            telephony=self.telephony,
            ledger=self.ledger,  # type: ignore[arg-type]
            store=self.store,  # type: ignore[arg-type]
            duty=self.duty,  # type: ignore[arg-type]
            outcomes=None,  # type: ignore[arg-type]
            clock=self.clock,
            ids=CountingIds(),
            audit=AuditLines(),
            transfer_targets=KeptTargets(),
        )
        self.centre = Centre(ports, CentreSettings(owner="a", sip_domain="127.0.0.1", sip_port=5060))
        self.telephony.sink = self.centre.handle

    async def start(self) -> None:
        await self.centre.start()
        self.telephony.connect()

    async def agent(self) -> None:
        floor, wall = self.centre.floor, CalendarAt(MONDAY).wall()
        self.telephony.devices["phone"] = "secret"
        floor.set_device(USER, "phone", wall)
        floor.act(USER, AgentEvent.ON_DUTY, wall)
        self.centre.legs.ring(USER)
        await until(lambda: floor.agent(USER).joinable)
        self.telephony.pass_time(1.0)  # fifty packets
        await until(lambda: floor.agent(USER).hears)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    made = Service()
    yield made
    await made.centre.stop()


async def test_a_late_claim_gives_its_agent_back_and_never_leaves(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims_module, "CLAIM_SECONDS", 0.05)
    await service.start()
    await service.agent()
    await until(lambda: service.ledger.claims == 1)
    await until(lambda: service.centre.floor.agent(USER).state is AgentState.AVAILABLE)
    service.centre.engine.wake()
    assert service.centre.engine.views()[0].reason == "database_away"
    service.ledger.let.set()
    await until(lambda: len(service.ledger.ends) == 1)
    assert service.ledger.ends[0].attempt == AttemptId(UUID(int=1001))
    assert not service.ledger.ends[0].counted
    assert all(order.attempt != AttemptId(UUID(int=1001)) for order in service.telephony.dialed)


async def test_who_has_not_practised_gets_no_calls_of_a_campaign_that_asks_for_it(service: Service) -> None:
    service.store.running[0] = replace(service.store.running[0], requires_practice=True)
    await service.start()
    await service.agent()
    engine = service.centre.engine
    assert not engine.may_serve(USER, CAMPAIGN)
    assert (facts := engine.facts(CAMPAIGN)) is not None
    assert (facts.on_duty, facts.unpractised) == (0, 1)
    engine.wake()
    assert service.ledger.claims == 0
    service.store.passed = frozenset({USER})
    service.centre.changed("campaign", str(USER))  # as the database tells it
    await until(lambda: service.ledger.claims == 1)
    assert (facts := engine.facts(CAMPAIGN)) is not None
    assert (facts.on_duty, facts.unpractised) == (1, 0)


async def test_a_resident_who_is_taken_back_while_he_is_claimed_is_not_called(service: Service) -> None:
    await service.start()
    await service.agent()
    await until(lambda: service.ledger.claims == 1)
    await service.centre.engine.case_changed(CaseId(UUID(int=7)))
    service.ledger.let.set()
    await until(lambda: bool(service.ledger.ends))
    assert not service.ledger.ends[0].counted
    assert service.telephony.dialed == []
    assert service.centre.floor.agent(USER).state in (AgentState.AVAILABLE, AgentState.RESERVED)


@pytest.mark.parametrize(
    ("change", "leaves"),
    [
        (("number", UUID(int=8)), False),
        (("number", UUID(int=9)), True),
        (("case_number", f"{UUID(int=7)}/{UUID(int=8)}"), False),
        (("case_number", f"{UUID(int=6)}/{UUID(int=8)}"), True),
    ],
)
async def test_a_number_that_is_blocked_or_closed_while_it_is_claimed_is_not_called(
    service: Service, change: tuple[str, object], leaves: bool
) -> None:
    await service.start()
    await service.agent()
    await until(lambda: service.ledger.claims == 1)
    service.centre.changed(change[0], str(change[1]))  # as the database tells it
    await asyncio.sleep(0)
    service.ledger.let.set()
    await until(lambda: bool(service.telephony.dialed if leaves else service.ledger.ends))
    assert bool(service.telephony.dialed) is leaves


async def test_whatever_is_called_off_between_the_order_and_the_line_never_rings(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered: list[DialOrder] = []

    async def slowly(order: DialOrder) -> None:
        ordered.append(order)

    monkeypatch.setattr(service.telephony, "dial", slowly)
    service.ledger.let.set()
    await service.start()
    await service.agent()
    await until(lambda: len(ordered) == 1)
    service.store.running[0] = replace(service.store.running[0], state="stopped")
    await service.centre.engine.campaign_changed(CAMPAIGN)
    await FakeTelephony.dial(service.telephony, ordered[0])  # the line is there now
    await until(lambda: bool(service.ledger.ends))
    assert not service.ledger.ends[0].counted
    assert len(ordered) == 1
    assert list(service.centre.floor.calls()) == []


async def test_nothing_leaves_while_an_emergency_stop_stands_and_what_rings_ends(service: Service) -> None:
    await service.start()
    await service.agent()
    service.ledger.let.set()
    await until(lambda: bool(service.telephony.dialed))
    [order] = service.telephony.dialed
    service.store.emergency = True
    service.centre.changed("emergency", str(USER))  # as the database tells it
    await until(lambda: bool(service.ledger.ends))
    assert service.ledger.ends[0].attempt == order.attempt
    assert not service.ledger.ends[0].counted
    engine = service.centre.engine
    claims = service.ledger.claims
    engine.wake()
    assert (engine.hold(CAMPAIGN), engine.hold_proof(CAMPAIGN)) == ("emergency_stop", "emergency_stop")
    assert engine.views()[0].reason == "emergency_stop"
    assert service.centre.desk.floor().stopped
    assert service.ledger.claims == claims
    service.store.emergency = False
    service.centre.changed("all", "")
    await until(lambda: service.ledger.claims > claims)
    assert not service.centre.desk.floor().stopped


async def test_a_call_that_was_claimed_before_the_stop_does_not_leave(service: Service) -> None:
    await service.start()
    await service.agent()
    await until(lambda: service.ledger.claims == 1)
    service.store.emergency = True
    await service.centre.engine.refresh()
    service.ledger.let.set()
    await until(lambda: bool(service.ledger.ends))
    assert service.telephony.dialed == []


async def test_calls_leave_over_the_line_of_our_epoch(service: Service) -> None:
    await service.start()
    await service.agent()
    service.ledger.let.set()
    await until(lambda: bool(service.telephony.dialed))
    assert service.telephony.dialed[0].trunk == f"{CAMPAIGN.hex}-1"
    assert service.telephony.lines == {f"{CAMPAIGN.hex}-1": "trunk"}
    assert service.telephony.marked == "a"


async def test_a_promise_of_less_than_two_seconds_goes_with_the_call(service: Service) -> None:
    service.store.running = [replace(one, person_within_seconds=1.2) for one in service.store.running]
    await service.start()
    await service.agent()
    service.ledger.let.set()
    await until(lambda: bool(service.telephony.dialed))
    assert service.telephony.dialed[0].safe_after == pytest.approx(1.0)
    (live,) = service.centre.floor.calls()
    assert live.call.person_within == 1.2


def held_by(service: Service) -> str:
    service.centre.engine.wake()
    return service.centre.engine.views()[0].reason


async def test_a_line_that_asterisk_took_and_lost_is_used_once_it_is_found_again(service: Service) -> None:
    """A take-over while Asterisk's disk is full: it says yes, and forgets."""
    telephony, ownership = service.telephony, service.centre.engine.ownership
    telephony.disk_has_room = False
    service.ledger.let.set()
    await service.start()
    await until(lambda: bool(telephony.lines))
    telephony.forget()
    for _ in range(2):
        await ownership.look()
        assert not ownership.keeps
        assert held_by(service) == "link_down"
        await ownership.open_lines()  # as whoever puts right does in between
        telephony.forget()
    await service.agent()
    assert telephony.dialed == []
    telephony.disk_has_room = True
    await ownership.look()
    assert ownership.keeps
    assert held_by(service) == "link_down", "told again, and not seen yet that it was kept"
    assert telephony.dialed == []
    await ownership.look()
    service.centre.engine.wake()
    await until(lambda: bool(telephony.dialed))
    assert telephony.dialed[0].trunk == f"{CAMPAIGN.hex}-1"


def live(name: int, age: float) -> LiveAttempt:
    return LiveAttempt(
        attempt=AttemptId(UUID(int=name)),
        direction=Direction.OUT,
        campaign=CAMPAIGN,
        client=ClientId(CLIENT),
        case=CaseId(UUID(int=7)),
        channel=ChannelId(str(UUID(int=name))),
        state="claimed",
        agent=None,
        claimed_wall=CalendarAt(MONDAY).wall() - age,
        answered_wall=None,
        joined_wall=None,
        number="+31600000001",
    )


async def test_an_attempt_that_nobody_knows_is_found_and_ended(service: Service) -> None:
    await service.start()
    await until(lambda: service.centre.takeover.settled)
    service.ledger.alive = [live(1, age=60.0), live(2, age=5.0)]
    await service.centre.takeover.strays()
    await service.centre.takeover.put_right()
    await until(lambda: len(service.ledger.ends) == 1)
    (end,) = service.ledger.ends
    assert (end.attempt.int, end.result, end.counted) == (1, "FAILED", False)


async def test_who_stands_by_does_nothing_until_it_is_its_turn(service: Service) -> None:
    service.ledger.elsewhere = True
    await service.start()
    service.telephony.call_in("dialer-1", "+31600000009", CLIENT_NUMBER)
    await service.centre.slow_beat()
    assert service.ledger.callers == []
    assert service.telephony.lines == {}
    assert service.telephony.marked == ""
    service.ledger.elsewhere = False
    await until(lambda: bool(service.telephony.lines))
    service.telephony.call_in("dialer-2", "+31600000009", CLIENT_NUMBER)
    await until(lambda: len(service.ledger.callers) == 1)


async def test_an_agent_who_was_reserved_for_nothing_is_free_after_a_restart(service: Service) -> None:
    service.duty.records = [
        DutyRecord(
            user=USER, name="A", state=AgentState.RESERVED, reason="", since=1.0, device="phone", attempt=None,
            wrap_ups=(),
        )
    ]  # fmt: skip
    await service.start()
    assert service.centre.floor.agent(USER).state is AgentState.AVAILABLE


@pytest.mark.parametrize("stored", [AgentState.AVAILABLE, AgentState.RESERVED])
async def test_a_call_that_still_rings_after_a_restart_keeps_its_agent(service: Service, stored: AgentState) -> None:
    """What was stored of the agent may be older than what was stored of the call."""
    ringing = replace(live(1, age=5.0), state="ringing", agent=USER)
    been: list[tuple[AgentState, AttemptId | None]] = []
    service.centre.floor.listen(agents=lambda _, after, __: been.append((after.state, after.attempt)))
    service.ledger.alive = [ringing]
    service.telephony.devices["phone"] = "secret"
    service.duty.records = [
        DutyRecord(
            user=USER, name="A", state=stored, reason="", since=1.0, device="phone", attempt=None, wrap_ups=(),
        )
    ]  # fmt: skip
    await service.start()
    await until(lambda: bool(service.ledger.ends))  # Asterisk knows nothing of it: it is over
    assert service.ledger.ends[0].attempt == ringing.attempt
    assert (AgentState.RESERVED, ringing.attempt) in been
    assert service.centre.floor.agent(USER).state is AgentState.AVAILABLE


async def test_a_client_that_comes_while_we_run_can_be_rung_too(service: Service) -> None:
    await service.start()
    await until(lambda: service.telephony.clients == {CLIENT_NUMBER: "stad"})
    campaign = CampaignId(UUID(int=55))
    service.store.running.append(
        replace(service.store.running[0], campaign=campaign, caller_id="+31790000001", sounds="dorp")
    )
    await service.centre.engine.refresh()
    await service.centre.slow_beat()
    assert service.telephony.clients == {CLIENT_NUMBER: "stad", "+31790000001": "dorp"}
    service.telephony.disconnect()
    service.telephony.clients.clear()  # it may have lost what it was told
    service.telephony.connect()
    await until(lambda: len(service.telephony.clients) == 2)


async def refused(service: Service) -> bool:
    """Whether everything that an agent may ask is refused as something that passes; nothing of him changes."""
    desk, attempt, before = service.centre.desk, AttemptId(UUID(int=1)), service.centre.floor.agent(USER)
    asked = (
        lambda: desk.on_duty(USER),
        lambda: desk.off_duty(USER),
        lambda: desk.pause(USER, "lunch"),
        lambda: desk.resume(USER),
        lambda: desk.device(USER),
        lambda: desk.hang_up(USER, attempt),
        lambda: desk.voicemail(USER, attempt),
        lambda: desk.file(USER, attempt, Filing(outcome="THIRD_PARTY")),
        lambda: desk.undo(USER, attempt),
    )
    for ask in asked:
        with pytest.raises(UnavailableError):
            await ask()
    with pytest.raises(UnavailableError):
        desk.agent(USER)
    return service.centre.floor.agent(USER) == before


async def test_agents_are_served_by_who_knows_what_they_are_doing(service: Service) -> None:
    service.ledger.elsewhere = True
    service.duty.records = [
        DutyRecord(
            user=USER, name="A", state=AgentState.PAUSED, reason="lunch", since=1.0, device="phone", attempt=None,
            wrap_ups=(),
        )
    ]  # fmt: skip
    await service.start()
    assert await refused(service), "who stands by"
    service.ledger.elsewhere = False
    await until(lambda: bool(service.telephony.lines))
    assert service.centre.desk.agent(USER).state == "paused"
    service.centre.turn.lost.set()
    assert await refused(service), "whose turn is over"


async def test_until_the_campaigns_come_an_agent_in_conversation_is_left_as_he_is(service: Service) -> None:
    """Whose turn it is has the campaigns up to a second later: a last owner renewed one lease after the other."""
    talking = replace(live(1, age=5.0), state="joined", agent=USER)
    been: list[AgentState] = []
    service.centre.floor.listen(agents=lambda _, after, __: been.append(after.state))
    service.ledger.alive = [talking]
    service.ledger.held_by_another = frozenset({lease_name(CAMPAIGN)})
    service.duty.records = [
        DutyRecord(
            user=USER, name="A", state=AgentState.TALKING, reason="", since=1.0, device="phone",
            attempt=talking.attempt, wrap_ups=(),
        )
    ]  # fmt: skip
    await service.start()
    await service.centre.takeover.look_after()
    await service.centre.slow_beat()
    assert await refused(service)
    assert set(been) == {AgentState.TALKING}, "no wrap-up of a call that goes on"
    assert service.ledger.ends == []
    service.ledger.held_by_another = frozenset()
    await until(lambda: bool(service.telephony.lines))
    assert [one.call.attempt for one in service.centre.floor.calls()] in ([talking.attempt], [])
    await until(lambda: bool(service.ledger.ends))  # Asterisk knows nothing of it: it is over
    assert service.centre.desk.agent(USER).state == "wrap_up"


async def test_whoever_keeps_a_campaign_is_not_waited_for_longer_than_a_lease(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeover_module, "_LEASES_END", -1.0)
    service.ledger.held_by_another = frozenset({lease_name(CAMPAIGN)})
    await service.start()
    await service.centre.takeover.look_after()
    await until(lambda: service.centre.takeover.serves())
    assert service.centre.desk.agent(USER).state == "off"


async def test_without_asterisk_agents_are_served_after_a_moment(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await service.centre.start()
    assert await refused(service), "a call that went on may be over: Asterisk has not told yet"
    monkeypatch.setattr(takeover_module, "_TELL_SECONDS", -1.0)
    assert service.centre.desk.agent(USER).state == "off"


@pytest.mark.parametrize("off", [3600.0, -3600.0])
async def test_a_clock_that_is_put_forth_or_back_cuts_no_ring(
    service: Service, off: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.clock.on_step = service.centre.clock_put
    service.telephony.now = service.clock.wall()
    await service.start()
    await service.agent()
    service.ledger.let.set()
    await until(lambda: bool(service.telephony.dialed))
    attempt = service.telephony.dialed[0].attempt
    await until(lambda: service.centre.floor.call(attempt).call.dialed_at is not None)
    began = service.centre.floor.call(attempt).call.claimed_at
    since = service.centre.floor.agent(USER).since
    true = time.time
    monkeypatch.setattr("dialer.clock.time.time", lambda: true() + off)
    service.centre.engine.cut_overdue()
    await service.centre.tasks.idle()
    live = service.centre.floor.call(attempt).call
    assert live.intent is Intent.NONE, "nobody hung up"
    assert abs(live.claimed_at - began - off) < 0.1
    assert abs(service.centre.floor.agent(USER).since - since - off) < 0.1


async def test_who_lacks_what_a_campaign_asks_for_gets_its_calls_as_soon_as_he_has_it(service: Service) -> None:
    asked = Abilities(languages=frozenset({"tr"}))
    service.store.running = [replace(service.store.running[0], asks=asked)]
    await service.start()
    await service.agent()
    engine = service.centre.engine
    engine.wake()
    assert (engine.staffed(CAMPAIGN), engine.first_free(CAMPAIGN), service.ledger.claims) == (0, None, 0)
    facts = engine.facts(CAMPAIGN)
    assert facts is not None
    assert (facts.on_duty, facts.free_agents) == (0, 0)
    service.store.able = {USER: asked}
    service.centre.changed("ability", str(USER))
    await until(lambda: service.ledger.claims == 1)
    assert service.centre.desk.view(USER).languages == ["tr"]
    facts = engine.facts(CAMPAIGN)
    assert facts is not None
    assert facts.waited_for == {"tr"}, "he is reserved: nobody free speaks it"
    service.ledger.let.set()


async def test_a_number_that_moved_to_another_site_is_not_answered_here_any_more(service: Service) -> None:
    await service.start()
    await until(lambda: CLIENT_NUMBER in service.telephony.clients)
    service.store.running, service.store.foreign = [], frozenset({CLIENT_NUMBER})
    await service.centre.engine.refresh()
    assert service.centre.engine.line(CLIENT_NUMBER) is None
    await service.centre.slow_beat()
    assert CLIENT_NUMBER not in service.telephony.clients
    service.telephony.disconnect()
    service.telephony.clients[CLIENT_NUMBER] = "stad"  # it has lost what it was told
    service.telephony.connect()
    await until(lambda: CLIENT_NUMBER not in service.telephony.clients)


async def test_a_number_that_comes_back_is_named_again(service: Service) -> None:
    await service.start()
    running, service.store.running, service.store.foreign = service.store.running, [], frozenset({CLIENT_NUMBER})
    await service.centre.engine.refresh()
    await until(lambda: CLIENT_NUMBER not in service.telephony.clients)
    await service.centre.slow_beat()
    service.store.running, service.store.foreign = running, frozenset()
    await service.centre.engine.refresh()
    await service.centre.slow_beat()
    assert service.telephony.clients[CLIENT_NUMBER] == "stad"
