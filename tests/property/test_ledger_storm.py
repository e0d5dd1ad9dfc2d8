"""A seeded storm over a real database: several claimers, shared numbers, two campaigns, everything that can end a plan.

The audit at the end shares no code with the rules: it reads the attempts and counts.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from dialer.domain.errors import ConflictError, DialerError, InvalidError
from dialer.domain.ids import AttemptId, CampaignId, CaseId
from dialer.schedule.rotation import Rotation
from dialer.security.vault import MasterVault
from dialer.services.cases import CaseService
from dialer.services.outcomes import OutcomeService
from dialer.services.ports.desk import Filing
from dialer.services.ports.ledger import CallFact, ClaimOrder, LostLeaseError
from dialer.storage.filings import PostgresOutcomes
from dialer.storage.leases import lease_name
from dialer.storage.ledger import PostgresLedger
from dialer.storage.pool import open_pool
from dialer.storage.steering import PostgresCases
from tests.support.world import World, WorldClock

START = datetime(2026, 3, 26, 8, 0, tzinfo=UTC)  # the clocks change on the 29th, Easter is on 5 April
NETWORK = ["NO_ANSWER", "BUSY", "REJECTED", "EARLY_HANGUP", "ABANDONED", "CONGESTION", "FAILED", "UNALLOCATED", "FAX"]
NETWORK += ["NO_ANSWER"] * 10 + ["BUSY"] * 4
AGENT = ["VOICEMAIL", "THIRD_PARTY", "WRONG_PERSON", "NOT_VERIFIED", "CALL_LATER", "NO_HELP", "REFUSED", "OPT_OUT"]
AGENT += ["WILL_CALL", "NUMBER_BLOCKED", "CUT_OFF", "DECEASED", "VOICEMAIL", "VOICEMAIL"]


class Storm:
    """One seeded run."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = random.Random(seed)
        clock = WorldClock(world)
        outcomes = PostgresOutcomes(world.pool, world.ids, world.catalogues, Rotation())
        self.outcomes = OutcomeService(outcomes, world.catalogues, MasterVault(b"k" * 32), clock)
        self.cases = CaseService(PostgresCases(world.pool, world.catalogues, Rotation()), clock)
        self.ledgers: list[PostgresLedger] = [world.ledger, world.make_ledger(), world.make_ledger()]
        self.campaigns: list[CampaignId] = []
        self.epochs: dict[CampaignId, int] = {}
        self.withdrawn: dict[CaseId, datetime] = {}

    async def build(self) -> None:
        world = self.world
        second = await world.add_campaign(world.client, "Tweede")
        self.campaigns = [world.campaign, second]
        for campaign in self.campaigns:
            lease = await world.ledger.take_lease(lease_name(campaign), world.owner, 10**7)
            assert lease is not None
            self.epochs[campaign] = lease.epoch
        for number in range(30):
            resident = await world.add_resident()
            # Households share numbers; a few residents have a case in both campaigns.
            numbers = [f"+3160000{number // 2:04d}", f"+31790001{number:03d}"][: 1 + number % 2]
            crisis = number % 5 == 0
            await world.add_case(*numbers, resident=resident, crisis=crisis, days=3 if crisis else 12)
            if number % 3 == 0:
                await world.add_case(*numbers, resident=resident, campaign=second, days=12)

    async def claim(self, ledger: PostgresLedger) -> None:
        campaign = self.random.choice(self.campaigns)
        order = ClaimOrder(
            campaign=campaign,
            owner=self.world.owner,
            epoch=self.epochs[campaign] - (self.random.random() < 0.05),
            agents=self.world.agents[: self.random.randint(1, 3)],
            at=self.world.now,
            wall_at=self.world.now,
        )
        try:
            await ledger.claim(order)
        except LostLeaseError:
            assert order.epoch != self.epochs[campaign]

    async def finish(self, attempt: AttemptId) -> None:
        now, world = self.world.now, self.world
        if self.random.random() < 0.75:
            result = self.random.choice(NETWORK)
            await world.end(attempt, result, at=now, abandoned=result == "ABANDONED")
            return
        agent = self.random.choice(world.agents)
        facts = [("joined", {}), ("verified", {"match": self.random.random() < 0.5})]
        await world.ledger.append(
            [
                CallFact(
                    attempt=attempt, kind=kind, at=now, wall_at=now, actor="asterisk", state="joined", agent=agent,
                    data=data,
                )
                for kind, data in facts
            ]
        )  # fmt: skip
        await world.end(attempt, None, at=now, agent=agent, wrap_up=True)
        await self.file(attempt)

    async def file(self, attempt: AttemptId) -> None:
        row = await self.world.attempt(attempt)
        code = self.random.choice(AGENT)
        later = self.world.now + timedelta(hours=self.random.choice([1, 5, 24, 49]))
        filing = Filing(outcome=code, confirmed=True, appointment_at=later if code == "CALL_LATER" else None)
        try:
            await self.outcomes.file(row["agent_id"], attempt, filing)
        except InvalidError:  # not verified, or an hour outside the window: the agent marks it otherwise
            await self.outcomes.file(row["agent_id"], attempt, Filing(outcome="VOICEMAIL"))

    async def correct(self) -> None:
        attempt = await self.world.pool.fetchval(
            "select id from attempt where not live and facts ? 'filed_by' order by md5(id::text || $1) limit 1",
            str(self.random.random()),
        )
        if attempt is None:
            return
        supervisor = self.world.agents[0]
        if self.random.random() < 0.5:
            await self.outcomes.recode(supervisor, attempt, self.random.choice(AGENT[:4]), "controle")
        else:
            try:
                await self.outcomes.undo(supervisor, attempt, supervisor=True)
            except ConflictError:
                return
            if (await self.world.attempt(attempt))["wrap_up_open"]:
                await self.file(attempt)

    async def withdraw(self) -> None:
        case = await self.world.pool.fetchval(
            "select id from case_file where state = 'open' order by md5(id::text || $1) limit 1",
            str(self.random.random()),
        )
        if case is not None:
            await self.cases.withdraw(case, "ingetrokken", "user:1")
            self.withdrawn[CaseId(case)] = self.world.now

    async def step(self) -> None:
        self.world.now += timedelta(minutes=self.random.choice([1, 3, 20, 90, 240, 500]))
        await asyncio.gather(*(self.claim(ledger) for ledger in self.ledgers))
        rows = await self.world.pool.fetch("select id from attempt where live order by id")
        self.world.now += timedelta(seconds=self.random.randint(5, 200))
        for attempt in [AttemptId(row["id"]) for row in rows]:
            if self.random.random() < 0.8:
                await self.finish(attempt)
        chance = self.random.random()
        if chance < 0.15:
            await self.correct()
        elif chance < 0.17:
            await self.withdraw()
        elif chance < 0.3:
            await self.cases.close_ended()


@pytest.fixture
async def world(dsn: str) -> AsyncIterator[World]:
    pool = await open_pool(dsn, size=8)
    try:
        yield await World(pool, now=START).build()
    finally:
        await pool.close()


@pytest.mark.parametrize("seed", range(4))
async def test_no_rule_is_broken_whatever_happens(world: World, seed: int) -> None:
    storm = Storm(world, seed)
    vault = MasterVault(b"k" * 32)
    key = vault.new_client_key(world.client)
    await world.pool.execute("update client set wrapped_key = $1", key)
    await storm.build()
    for _ in range(150):
        try:
            await storm.step()
        except DialerError as error:
            raise AssertionError(f"seed {seed}: {error!r}") from error
    await audit(world, storm)


AUDIT = {
    "an eighth on a number": (
        "select case_id, phone_id from attempt where counted group by 1, 2 having count(*) > 7 or max(seq) > 7"
    ),
    "more than the cap of a case": "select case_id from attempt where counted group by 1 having count(*) > 12",
    "three a day": """
        select f.resident_id, (a.claimed_at at time zone 'Europe/Amsterdam')::date
          from attempt a join case_file f on f.id = a.case_id
         where a.counted and not a.exempt_daily group by 1, 2 having count(*) > 2""",
    "outside the window": """
        select id from (
          select id, extract(isodow from t) as day, t::time as clock, t::date as date
            from (select id, claimed_at at time zone 'Europe/Amsterdam' as t from attempt where direction = 'out') x) y
         where day = 7 or date in ('2026-04-06', '2026-04-27')
            or (day < 6 and (clock < '08:30' or clock >= '21:00'))
            or (day = 6 and (clock < '09:00' or clock >= '17:00'))""",
    "two calls on one number at once": """
        select a.id from attempt a join attempt b on a.number_key = b.number_key and a.id < b.id
         where tstzrange(a.claimed_at, a.ended_at, '[)') && tstzrange(b.claimed_at, b.ended_at, '[)')""",
    "b right after a": """
        select a.id from attempt a join attempt b on a.number_key = b.number_key and a.case_id <> b.case_id
         where a.counted and b.claimed_at > a.claimed_at and b.claimed_at < a.claimed_at + interval '60 minutes'""",
    "sooner than the least pause": """
        select a.id from attempt a
          join attempt b on a.case_id = b.case_id and b.claimed_at > a.claimed_at
               and b.claimed_at < a.claimed_at + interval '15 minutes'
         where a.counted and b.counted and not b.exempt_daily""",
    "after the end of planning": """
        select a.id from attempt a join case_file f on f.id = a.case_id where a.claimed_at >= f.plan_ends_at""",
    "a gap or a double in the numbering": """
        select case_id from attempt where counted group by case_id, phone_id
        having max(seq) <> count(*) and bool_and(outcome not in ('FAILED', 'CONGESTION'))""",
    "an event without its projection": """
        select a.id from attempt a join attempt_event e on e.attempt_id = a.id group by a.id
        having max(e.revision) <> max(a.revision) or count(*) <> max(a.revision)""",
    "an open case that nothing will ever wake": """
        select f.id from case_file f where f.state = 'open' and f.next_at is null
           and not exists (select 1 from attempt a where a.case_id = f.id and (a.live or a.wrap_up_open))""",
    "a case planned for after its end": """
        select id from case_file where state = 'open' and next_at >= plan_ends_at + interval '2 days'""",
    "a closed number that is dialled next": """
        select f.id from case_file f join case_phone c on c.case_id = f.id and c.phone_id = f.next_phone_id
         where f.state = 'open' and f.next_at is not null and c.state = 'closed'""",
}


async def audit(world: World, storm: Storm) -> None:
    for fault, query in AUDIT.items():
        assert await world.pool.fetch(query) == [], fault
    for case, at in storm.withdrawn.items():
        late = await world.pool.fetchval(
            "select count(*) from attempt where case_id = $1 and claimed_at > $2", case, at
        )
        assert late == 0, "dialled after the withdrawal"
    # Whoever opted out, and did not take it back, was not dialled afterwards: nor in the other campaign.
    late = await world.pool.fetch(
        "select a.id from opt_out o join resident r on r.match_key = o.match_key "
        "join case_file f on f.resident_id = r.id join attempt a on a.case_id = f.id "
        "where a.claimed_at > o.at and (o.lifted_at is null or a.claimed_at < o.lifted_at)"
    )
    assert late == []
    assert await world.pool.fetchval("select count(*) from attempt") > 100
