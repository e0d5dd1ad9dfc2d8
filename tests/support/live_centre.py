"""The whole engine on a real database and a real Asterisk, with real softphones as agents."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import asyncpg

from dialer.asterisk.link import LinkSettings
from dialer.asterisk.nodes import AsteriskNodes
from dialer.asterisk.telephony import AsteriskTelephony
from dialer.clock import SystemIds
from dialer.domain.agent import AgentState
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import AttemptId, CaseId, ClientId, UserId
from dialer.services.centre import Centre
from dialer.services.centre_parts import CentrePorts, CentreSettings
from dialer.services.ports.desk import Filing
from dialer.services.ports.engine import AskedCallback, CallbackRequest
from dialer.services.ports.recordings import RecordingSpool
from dialer.storage.audit import PostgresAudit
from dialer.storage.duty import PgDutyStore
from dialer.storage.engine import PgEngineStore
from dialer.storage.recordings import PgRecordings
from dialer.storage.surveys import PgSurveys
from dialer.storage.transfer_targets import PgTransferTargets
from tests.support.city import CLIENT, CLIENT_NUMBER, TelephoneCity
from tests.support.clock import CalendarAt
from tests.support.overdialing import Overdialing
from tests.support.softphone import Softphone, registered
from tests.support.world import World


class NoCallbacks:
    """Keeps what was asked for."""

    def __init__(self) -> None:
        self.opened: list[CallbackRequest] = []
        self.blocked: list[str] = []

    async def open(self, request: CallbackRequest) -> None:
        self.opened.append(request)

    async def block_number(self, client: ClientId, number: str, at: datetime, reason: str) -> None:
        self.blocked.append(number)

    async def caller_language(self, client: ClientId, number: str) -> str:
        return ""

    async def asked(self, callback: UUID) -> AskedCallback:
        raise NotFoundError("no such request")


class NoOutcomes:
    """Takes every filing, and gives it back."""

    async def file(self, user: UserId, attempt: AttemptId, filing: Filing) -> object:
        return None

    async def undo(self, user: UserId, attempt: AttemptId) -> None:
        return None


class LiveCentre:
    """One dialer process's engine inside the test's own loop."""

    def __init__(self, city: TelephoneCity, pool: asyncpg.Pool, now: datetime) -> None:
        self.city = city
        self.pool = pool
        self.clock = CalendarAt(now)
        self.world = World(pool, ids=SystemIds(), now=now)  # phones of earlier tests must stay strangers
        self.callbacks = NoCallbacks()
        self.phones: list[Softphone] = []
        self.spool: RecordingSpool | None = None

    async def start(self, *, agents: int = 1, owner: str = "test", times: int = 1, on_duty: bool = True) -> None:
        """`times`: residents who are dialled for each agent who is free."""
        await self.city.nobody_was_here()
        await self.world.build(agents=agents)
        if times > 1:
            self.world.ledger = self.world.make_ledger(Overdialing)
            assert isinstance(self.world.ledger, Overdialing)
            self.world.ledger.times, self.world.ledger.crowd = times, self.world.agents
            await self.pool.execute("update campaign set settings = '{\"lines\": 200}'")
        await self.world.ledger.drop_lease(f"campaign:{self.world.campaign}", self.world.owner)
        await self.pool.execute(
            "update client set slug = $2, inbound_number = $3 where id = $1", self.world.client, CLIENT, CLIENT_NUMBER
        )
        await self.resume(owner=owner)
        for user in self.world.agents if on_duty else ():
            await self.on_duty(user)

    async def resume(self, *, owner: str = "test") -> None:
        """Begin, as a process does that finds what an earlier one left."""
        self.telephony = self.make_telephony()
        ports = CentrePorts(
            telephony=self.telephony,
            ledger=self.world.ledger,
            store=PgEngineStore(self.pool, self.callbacks, trunk="trunk"),
            duty=PgDutyStore(self.pool),
            outcomes=NoOutcomes(),
            clock=self.clock,
            ids=SystemIds(),
            audit=PostgresAudit(self.pool, self.clock.now),
            transfer_targets=PgTransferTargets(self.pool),
            surveys=PgSurveys(self.pool),
            recordings=PgRecordings(self.pool),
            spool=self.spool,
        )
        settings = CentreSettings(owner=owner, sip_domain="127.0.0.1", sip_port=self.city.instance.sip_port)
        self.centre = Centre(ports, settings)
        await self.centre.start()
        self.telephony.start(self.centre.tracker.handle)
        await self.until(lambda: self.telephony.up and self.centre.takeover.serves())

    def make_telephony(self) -> AsteriskTelephony | AsteriskNodes:
        return self.node(self.city.instance.ami_port)

    def node(self, port: int) -> AsteriskTelephony:
        name, secret = self.city.ami_user
        return AsteriskTelephony(LinkSettings(port=port, username=name, secret=secret), self.clock)

    async def on_duty(self, user: UserId, sip_port: int = 0) -> Softphone:
        """Account, phone, duty: until the agent is free. `sip_port`: of the node with which it registers."""
        grant = await self.centre.desk.device(user)
        root = self.city.root
        assert root is not None
        folder, processes = self.city.data / "phones", self.city.processes
        phone = await registered(
            lambda: Softphone(grant.username, grant.secret, sip_port or grant.sip_port, folder, root, processes)
        )
        self.phones.append(phone)
        await self.centre.desk.on_duty(user)
        await self.until(lambda: self.centre.floor.agent(user).hears)
        return phone

    async def until(self, condition: Callable[[], bool], seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - the centre runs on; this only looks
                await asyncio.sleep(0.02)

    async def until_over(self) -> None:
        """Some call has ended by the ledger: one that is over within milliseconds shows nowhere else."""
        try:
            async with asyncio.timeout(30):
                while not await self.pool.fetchval("select count(*) from attempt where not live"):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        except TimeoutError:
            agents = [self.centre.floor.agent(user) for user in self.world.agents]
            runs = [(run.reason, run.busy, run.decision) for run in self.centre.engine._runs.values()]
            raise AssertionError(f"no call has ended: {runs}, {agents}") from None

    async def row(self, case: CaseId) -> asyncpg.Record:
        """The newest attempt of a case as the ledger has it."""
        await self.centre.journal.settled()
        row = await self.pool.fetchrow(
            "select * from attempt where case_id = $1 order by claimed_at desc limit 1", case
        )
        assert row is not None
        return row

    def state(self, user: UserId) -> AgentState:
        return self.centre.floor.agent(user).state

    async def kill(self) -> None:
        """The process is gone from one moment to the next: nothing is written, nothing is said."""
        await self.telephony.stop()
        for task in self.centre._loops:
            task.cancel()
        await self.centre.journal.stop(0)
        await self.centre.tasks.stop()

    async def stop(self) -> None:
        await self.centre.stop()
        await self.telephony.stop()
        for phone in self.phones:
            await asyncio.to_thread(phone.stop)
