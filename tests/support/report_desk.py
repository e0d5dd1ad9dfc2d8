"""Residents who are delivered, rung and spoken to by hand, for tests of reports on a real database."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from dialer.domain.ids import AttemptId, CampaignId, CaseId
from dialer.services.access import Role
from dialer.services.operations import OperationsReports
from dialer.services.ports.people import Viewer
from dialer.services.report_words import ReportShown
from dialer.services.reports import Reports
from dialer.storage.audit import PostgresAudit
from dialer.storage.exports import PostgresExports
from dialer.storage.kpis import PgKpis
from dialer.storage.operations import PgOperations
from dialer.storage.reports import PgReports
from tests.support.world import World, WorldClock

DAY = timedelta(days=1)
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
BOSS = Viewer(actor="user:boss", user=None, role=Role.SUPERVISOR, client=None, language="nl")


class Desk:
    """A world whose residents are delivered, rung and spoken to by hand."""

    def __init__(self, world: World) -> None:
        self.world = world
        clock = WorldClock(world)
        self.store = PgReports(world.pool)
        self.reports = Reports(store=self.store, audit=PostgresAudit(world.pool, clock.now), clock=clock, ids=world.ids)
        self.operations = OperationsReports(
            runs=self.store, store=PgOperations(world.pool), kpis=PgKpis(world.pool),
            labels=PostgresExports(world.pool).labels, audit=PostgresAudit(world.pool, clock.now), clock=clock,
        )  # fmt: skip
        self._numbers = iter(range(100, 1000))

    async def case(self, *kinds: str, partners: tuple[str, ...] = ("rent",), state: str = "open") -> CaseId:
        numbers = [f"+31{'6' if kind == 'mobile' else '79'}0000{next(self._numbers):04}"[:12] for kind in kinds]
        case = await self.world.add_case(*numbers, state=state)
        for partner in partners:
            await self.signal(case, partner)
        return case

    async def signal(self, case: CaseId, partner: str) -> UUID:
        signal = self.world.ids.new()
        await self.world.pool.execute(
            "insert into signal (id, client_id, delivery_id, case_id, client_ref, signal_ref, partner_type, signal_on, "
            "term_ends_at, plan_ends_at) values ($1, $2, $3, $4, $5, $5, $6, $7, $8, $8)",
            signal, self.world.client, self.world.delivery, case, str(signal), partner, self.world.now.date(),
            self.world.now + 21 * DAY,
        )  # fmt: skip
        return signal

    async def rung(self, case: CaseId, outcome: str, *, reached: bool = False, direction: str = "out") -> AttemptId:
        """A call that is over."""
        attempt = AttemptId(self.world.ids.new())
        phone = await self.world.pool.fetchval("select phone_id from case_phone where case_id = $1 limit 1", case)
        seq = await self.world.pool.fetchval("select count(*) + 1 from attempt where case_id = $1 and counted", case)
        out = direction == "out"
        await self.world.pool.execute(
            "insert into attempt (id, direction, client_id, campaign_id, case_id, phone_id, number_key, channel_id, "
            "state, live, counted, seq, case_seq, day, claimed_at, dialed_at, joined_at, catalogue_version) "
            "select $1, $2, client_id, campaign_id, id, $4, $5, $6, 'dialing', true, $7, $8, $8, $9, $10, $10, $11, 1 "
            "from case_file where id = $3",
            attempt, direction, case, phone, attempt.bytes if not out else await self._key(phone), str(attempt), out,
            seq if out else None, self.world.now.date() if out else None, self.world.now,
            self.world.now if reached else None,
        )  # fmt: skip
        await self.world.pool.execute(
            "update attempt set live = false, state = 'ended', outcome = $2, reached = $3 where id = $1",
            attempt, outcome, reached,
        )  # fmt: skip
        if reached:
            await self.settle(case, "reached", outcome)
        return attempt

    async def _key(self, phone: UUID) -> bytes:
        return bytes(await self.world.pool.fetchval("select number_key from phone where id = $1", phone))

    async def settle(self, case: CaseId, state: str, outcome: str | None) -> None:
        await self.world.pool.execute(
            "update case_file set state = $2, outcome = $3, closed_at = $4, next_at = null where id = $1",
            case, state, outcome, self.world.now,
        )  # fmt: skip

    async def ask(
        self, campaign: CampaignId | None = None, viewer: Viewer = BOSS, *, whole: bool = True
    ) -> ReportShown:
        return await self.reports.ask(self.world.client, campaign, FIRST, LAST, viewer, whole=whole)

    async def again(self, report: ReportShown) -> ReportShown:
        return await self.reports.show(report.id, BOSS, whole=True)

    async def _number(self, attempt: AttemptId, phone: UUID | None, direction: str) -> bytes | None:
        """Of another team's call there is none."""
        if direction == "overflow":
            return None
        return attempt.bytes if phone is None else await self._key(phone)

    async def call(
        self, direction: str, at: datetime, *, case: CaseId | None = None, counted: bool | None = None, **more: Any
    ) -> AttemptId:
        """A call that is over, with whatever columns."""
        attempt = AttemptId(self.world.ids.new())
        counted = direction == "out" if counted is None else counted
        phone = await self.world.pool.fetchval("select phone_id from case_phone where case_id = $1 limit 1", case)
        seq = await self.world.pool.fetchval("select count(*) + 1 from attempt where case_id = $1 and counted", case)
        columns = {
            "id": attempt, "direction": direction, "client_id": self.world.client, "campaign_id": self.world.campaign,
            "case_id": case, "phone_id": phone, "channel_id": str(attempt),
            "number_key": await self._number(attempt, phone, direction),
            "state": "ended", "live": False, "counted": counted, "claimed_at": at, "catalogue_version": 1,
            **({"seq": seq, "case_seq": seq, "day": at.date()} if counted else {}),
            **more,
        }  # fmt: skip
        places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
        await self.world.pool.execute(
            f"insert into attempt ({', '.join(columns)}) values ({places})", *columns.values()
        )  # fmt: skip
        return attempt
