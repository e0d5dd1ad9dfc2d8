"""A small invented world in a real database: client, campaign, delivery, residents, numbers, agents."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from dialer.domain.causes import OUR_FAULT
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ClientId, DeliveryId, PhoneId, UserId, uuid7
from dialer.schedule.model import Planner
from dialer.schedule.rotation import Rotation
from dialer.services.ports.clock import Ids
from dialer.services.ports.ledger import CallEnd, Claim, ClaimOrder
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.leases import lease_name
from dialer.storage.ledger import PostgresLedger
from tests.support.checklist import waive_all

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Monday 2 March 2026, 10:00 in Amsterdam: open."""


class CountingIds:
    """Ids that are the same in every run."""

    def __init__(self) -> None:
        self._next = itertools.count(1)

    def new(self) -> UUID:
        number = next(self._next)
        return uuid7(1_700_000_000_000 + number, number.to_bytes(10, "big"))


def number_key(e164: str) -> bytes:
    """Stands in for the keyed hash."""
    return hashlib.sha256(e164.encode()).digest()


@dataclass(slots=True)
class World:
    """Builders over one pool. Calendar and wall time are the same."""

    pool: asyncpg.Pool
    ids: Ids = field(default_factory=CountingIds)
    numbers: dict[PhoneId, str] = field(default_factory=dict)
    now: datetime = MONDAY
    planner: Planner = field(default_factory=Rotation)
    client: ClientId = field(init=False)
    campaign: CampaignId = field(init=False)
    delivery: DeliveryId = field(init=False)
    agents: list[UserId] = field(init=False)
    catalogues: CatalogueStore = field(init=False)
    ledger: PostgresLedger = field(init=False)
    owner: str = "engine-1"
    key_of: Callable[[str], bytes] = number_key
    epoch: int = 0

    async def build(self, *, agents: int = 3, settings: Mapping[str, Any] | None = None) -> World:
        self.catalogues = CatalogueStore(self.pool)
        await self.catalogues.seed(self.now)
        self.client = await self.add_client("stad", "+31790000001", settings or {})
        self.campaign = await self.add_campaign(self.client, "Belactie")
        self.delivery = await self.add_delivery(self.client, self.campaign)
        self.agents = [await self.add_agent(f"agent{n}") for n in range(agents)]
        self.ledger = self.make_ledger()
        await self.take()
        return self

    def make_ledger(self, kind: type[PostgresLedger] = PostgresLedger) -> PostgresLedger:
        return kind(self.pool, self.ids, self.catalogues, self.planner, self.e164, self.key_of)

    async def e164(self, phones: Sequence[PhoneId]) -> Mapping[PhoneId, str]:
        return {phone: self.numbers[phone] for phone in phones if phone in self.numbers}

    async def take(self, owner: str | None = None) -> None:
        self.owner = owner or self.owner
        lease = await self.ledger.take_lease(lease_name(self.campaign), self.owner, 3600.0)
        assert lease is not None
        self.epoch = lease.epoch

    async def add_client(self, slug: str, number: str, settings: Mapping[str, Any]) -> ClientId:
        client = ClientId(self.ids.new())
        await self.pool.execute(
            "insert into client (id, slug, name, municipality, neutral_name, inbound_number, settings, wrapped_key, "
            "created_at) values ($1, $2, $2, $2, 'Het Servicepunt', $3, $4::text::jsonb, '', $5)",
            client,
            slug,
            number,
            json.dumps(settings),
            self.now,
        )
        await waive_all(self.pool, client, self.now)
        return client

    async def add_campaign(
        self, client: ClientId, name: str, *, state: str = "running", calendar: Mapping[str, Any] | None = None
    ) -> CampaignId:
        campaign = CampaignId(self.ids.new())
        await self.pool.execute(
            "insert into campaign (id, client_id, name, state, calendar, catalogue_version, created_at) "
            "values ($1, $2, $3, $4, $5::text::jsonb, 1, $6)",
            campaign,
            client,
            name,
            state,
            json.dumps(calendar or {}),
            self.now,
        )
        return campaign

    async def add_delivery(self, client: ClientId, campaign: CampaignId) -> DeliveryId:
        delivery = DeliveryId(self.ids.new())
        await self.pool.execute(
            "insert into delivery (id, client_id, campaign_id, content_hash, format, state, received_at, wrapped_key) "
            "values ($1, $2, $3, $4, 'csv', 'loaded', $5, '')",
            delivery,
            client,
            campaign,
            delivery.bytes,
            self.now,
        )
        return delivery

    async def add_agent(self, login: str) -> UserId:
        user = UserId(self.ids.new())
        await self.pool.execute(
            "insert into app_user (id, login, display_name, role, password_hash, created_at) "
            "values ($1, $2, $2, 'agent', '', $3)",
            user,
            login,
            self.now,
        )
        return user

    async def add_resident(self, client: ClientId | None = None, key: bytes | None = None) -> UUID:
        resident = self.ids.new()
        await self.pool.execute(
            "insert into resident (id, client_id, match_key, created_at) values ($1, $2, $3, $4)",
            resident,
            client or self.client,
            key or resident.bytes,
            self.now,
        )
        return resident

    async def add_phone(self, e164: str, client: ClientId | None = None) -> PhoneId:
        kind = "mobile" if e164.startswith("+316") else "fixed"
        phone = await self.pool.fetchval(
            "insert into phone (id, client_id, number_key, kind) values ($1, $2, $3, $4) "
            "on conflict (client_id, number_key) do update set kind = excluded.kind returning id",
            self.ids.new(),
            client or self.client,
            self.key_of(e164),
            kind,
        )
        self.numbers[PhoneId(phone)] = e164
        return PhoneId(phone)

    async def add_case(
        self,
        *e164: str,
        resident: UUID | None = None,
        campaign: CampaignId | None = None,
        crisis: bool = False,
        days: int = 21,
        state: str = "open",
        next_at: datetime | None = None,
    ) -> CaseId:
        case = CaseId(self.ids.new())
        await self.pool.execute(
            "insert into case_file (id, client_id, campaign_id, resident_id, delivery_id, state, crisis, priority, "
            "opened_at, term_ends_at, plan_ends_at, next_at, catalogue_version) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, 1)",
            case,
            self.client,
            campaign or self.campaign,
            resident or await self.add_resident(),
            self.delivery,
            state,
            crisis,
            10 if crisis else 100,
            self.now,
            self.now + timedelta(days=days),
            (next_at or self.now) if state == "open" else None,
        )
        for position, number in enumerate(e164, start=1):
            phone = await self.add_phone(number)
            await self.pool.execute(
                "insert into case_phone (case_id, phone_id, position) values ($1, $2, $3)", case, phone, position
            )
        return case

    def order(self, agents: int = 1, *, at: datetime | None = None, campaign: CampaignId | None = None) -> ClaimOrder:
        moment = at or self.now
        return ClaimOrder(
            campaign=campaign or self.campaign,
            owner=self.owner,
            epoch=self.epoch,
            agents=self.agents[:agents],
            at=moment,
            wall_at=moment,
        )

    async def claim(self, agents: int = 1, *, at: datetime | None = None) -> list[Claim]:
        return list(await self.ledger.claim(self.order(agents, at=at)))

    async def claim_one(self, *, at: datetime | None = None) -> Claim:
        claims = await self.claim(at=at)
        assert len(claims) == 1
        return claims[0]

    async def end(
        self,
        attempt: AttemptId,
        result: str | None,
        *,
        at: datetime | None = None,
        agent: UserId | None = None,
        wrap_up: bool = False,
        abandoned: bool = False,
    ) -> None:
        moment = at or self.now + timedelta(seconds=30)
        await self.ledger.end(
            CallEnd(
                attempt=attempt,
                at=moment,
                wall_at=moment,
                actor="asterisk",
                result=result,
                counted=result not in OUR_FAULT,
                abandoned=abandoned,
                cause=16,
                sip_code=0,
                ring_ms=12_000.0,
                talk_ms=None,
                wrap_up=wrap_up,
                agent=agent,
            )
        )

    async def case(self, case: CaseId) -> asyncpg.Record:
        row = await self.pool.fetchrow("select * from case_file where id = $1", case)
        assert row is not None
        return row

    async def attempt(self, attempt: AttemptId) -> asyncpg.Record:
        row = await self.pool.fetchrow("select * from attempt where id = $1", attempt)
        assert row is not None
        return row


class WorldClock:
    """Calendar and wall time of a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        return self._world.now

    def wall_utc(self) -> datetime:
        return self._world.now

    def wall(self) -> float:
        return self._world.now.timestamp()

    def monotonic(self) -> float:
        return self._world.now.timestamp()
