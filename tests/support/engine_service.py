"""A whole centre over fakes: one running campaign, one agent, claims that come when the test lets them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from dialer.domain.agent import AgentEvent
from dialer.domain.ids import AttemptId, CampaignId, CaseId, DeliveryId, PhoneId, UserId
from dialer.domain.skills import Abilities
from dialer.schedule.windows import Calendar
from dialer.services.centre import Centre
from dialer.services.centre_parts import CentrePorts, CentreSettings
from dialer.services.ports.duty import DutyRecord
from dialer.services.ports.engine import BorrowedLine, EngineCampaign
from dialer.services.ports.ledger import Claim, ClaimOrder, Lease, LiveAttempt
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
