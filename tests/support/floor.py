"""The engine's services around a fake telephone system, for tests without a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from dialer.domain import call as calls
from dialer.domain.agent import AgentEvent
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ChannelId, ClientId, UserId
from dialer.schedule.windows import DEFAULT
from dialer.services.colleagues import ColleagueLine
from dialer.services.floor import CallInfo, Floor, LiveCall
from dialer.services.journal import Journal
from dialer.services.legs import Legs
from dialer.services.listening import Listening
from dialer.services.matching import Matcher
from dialer.services.ports.engine import EngineCampaign
from dialer.services.ports.ledger import CallEnd, CallFact, InboundCall
from dialer.services.ports.telephony import (
    CallerArrived,
    CallerChose,
    CallerReady,
    DialOrder,
    GivenBack,
    TelephonyEvent,
)
from dialer.services.rest import Rests
from dialer.services.serving import Serving
from dialer.services.tasks import Tasks
from dialer.services.tracker import Tracker
from dialer.services.transfers import TransferDesk
from tests.support.audit_lines import AuditLines
from tests.support.clock import CountingIds, FakeClock
from tests.support.fake_telephony import FakeTelephony
from tests.support.fake_transfers import KeptTargets

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CAMPAIGN = CampaignId(UUID(int=100))
CLIENT = ClientId(UUID(int=101))
ENGINE_CAMPAIGN = EngineCampaign(
    campaign=CAMPAIGN, client=CLIENT, state="running", calendar=DEFAULT, caller_id="+31790000000", sounds="town"
)


class KeptLedger:
    """Keeps what the journal writes."""

    def __init__(self) -> None:
        self.facts: list[CallFact] = []
        self.ends: list[CallEnd] = []
        self.callers: list[InboundCall] = []
        self.failures: list[Exception] = []

    async def append(self, facts: Sequence[CallFact]) -> None:
        self._fail()
        self.facts.extend(facts)

    async def end(self, *ended: CallEnd) -> None:
        self._fail()
        self.ends.extend(ended)

    async def inbound(self, call: InboundCall) -> None:
        self._fail()
        self.callers.append(call)

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)


class Centre:
    """Everything between the telephone system and the journal."""

    def __init__(self) -> None:
        self.clock = FakeClock(MONDAY)
        self.ids = CountingIds()
        self.telephony = FakeTelephony()
        self.ledger = KeptLedger()
        self.tasks = Tasks()
        self.floor = Floor()
        self.journal = Journal(self.ledger)  # type: ignore[arg-type]  # the journal uses three of its methods
        self.callers: list[CallerArrived | CallerReady | CallerChose | GivenBack] = []
        self.link: list[bool] = []
        self.rests = Rests(self.floor)
        self.team = Serving()
        self.matcher = Matcher(
            self.floor,
            self.telephony,
            self.clock,
            self.tasks,
            may_serve=lambda user, live: user not in self.strangers and self.team.may_serve(user, live.info.campaign),
            speaks=self.team.speaks,
            rests=self.rests,
            in_vain=lambda: self.vain.append(self.telephony.joins_sent),
        )
        self.vain: list[int] = []  # how many joins had been sent each time that one call's fail and fail
        self.strangers: set[UserId] = set()
        self.legs = Legs(
            self.floor,
            self.telephony,
            self.clock,
            self.tasks,
            new_id=lambda: str(self.ids.new().int % 1000),
            on_free=self.matcher.match,
        )
        self.tracker = Tracker(
            self.floor,
            self.journal,
            self.clock,
            on_caller=self.callers.append,
            on_link=self.link.append,
            on_waiting=self.matcher.match,
            on_leg=self.legs.changed,
            on_listener=lambda event: self.listening.handle(event),
            on_switch=self._switched,
        )
        self.audit = AuditLines()
        self.ears_lines: dict[UserId, str] = {}  # supervisors whose phone has a line
        self.ears_campaign: EngineCampaign | None = None
        self.serving = True
        self.listening = Listening(
            self.floor,
            self.telephony,
            self.journal,
            self.audit,
            self.clock,
            self.tasks,
            new_id=lambda: self.ids.new().hex[:12],
            campaign=lambda campaign: self.ears_campaign,
            device=self.ears_lines.get,
            serves=lambda: self.serving,
        )
        self.targets = KeptTargets()
        self.changed: list[UserId] = []
        self.transfers = TransferDesk(
            self.floor,
            self.telephony,
            self.journal,
            self.audit,
            self.clock,
            self.tasks,
            self.targets,
            new_id=lambda: self.ids.new().hex[:12],
            campaign=lambda campaign: ENGINE_CAMPAIGN,
            line=lambda campaign: "trunk",
            may_serve=lambda user, live: user not in self.strangers,
            name_of=lambda user: f"agent {user.int}",
            serves=lambda: self.serving,
            languages=lambda user: self.team.of(user).languages,
            others=lambda: self.colleagues.legs(),
            on_change=self.changed.append,
        )
        self.colleagues = ColleagueLine(
            self.floor,
            self.telephony,
            self.journal,
            self.audit,
            self.clock,
            self.tasks,
            new_id=self.ids.new,
            name_of=lambda user: f"agent {user.int}",
            serves=lambda: self.serving,
        )
        self.colleagues.on_change = self.changed.append
        self.telephony.sink = self.tracker.handle
        self.journal.start()
        self.telephony.connect()

    def _switched(self, event: TelephonyEvent) -> None:
        self.transfers.handle(event)
        self.colleagues.handle(event)

    async def close(self) -> None:
        await self.journal.stop()
        await self.tasks.stop()

    async def settle(self) -> None:
        """Let started joins, rings and journal writes happen."""
        while self.tasks.running:
            await self.tasks.idle()
        await self.journal.settled()

    def pass_time(self, seconds: float) -> None:
        self.clock.pass_time(seconds)
        self.telephony.pass_time(seconds)

    async def agent(self, number: int) -> UserId:
        """An agent on duty with a leg from which sound comes."""
        user = UserId(UUID(int=number))
        self.telephony.devices[f"a-{number}"] = "secret"
        self.floor.set_device(user, f"a-{number}", self.clock.wall())
        self.floor.act(user, AgentEvent.ON_DUTY, self.clock.wall())
        self.legs.ring(user)
        await self.settle()
        agent = self.floor.agent(user)
        self.floor.set_leg(user, self.clock.wall(), leg=agent.leg, channel=agent.leg_channel, hears=True)
        await self.settle()
        return user

    async def dial(
        self, agent: UserId | None = None, *, campaign: CampaignId = CAMPAIGN, language: str = ""
    ) -> AttemptId:
        """A dial that has left, for a reserved agent."""
        attempt = AttemptId(self.ids.new())
        if agent is not None:
            self.floor.act(agent, AgentEvent.RESERVE, self.clock.wall(), attempt=attempt)
        info = CallInfo(campaign=campaign, client=CLIENT, case=CaseId(UUID(int=7)), language=language)
        self.floor.add(LiveCall(calls.outbound(attempt, agent, self.clock.wall()), info))
        await self.telephony.dial(
            DialOrder(
                attempt=attempt,
                number="+31600000001",
                caller_id="+31790000000",
                ring_seconds=28,
                trunk="trunk",
                sounds="town",
            )
        )
        return attempt

    def caller(self, name: str) -> LiveCall:
        """A caller who has heard the greeting."""
        channel = self.telephony.call_in(name, "+31600000009", "+31790000000")
        call = calls.inbound(AttemptId(self.ids.new()), channel, self.clock.wall())
        info = CallInfo(campaign=CAMPAIGN, client=CLIENT, case=None, ready_at=self.clock.wall())
        live = LiveCall(call, info)
        self.floor.add(live)
        return live


def channel_of(attempt: AttemptId) -> ChannelId:
    return ChannelId(str(attempt))
