"""A client with real keys, and the services that bring lists in and results out, over a real database."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from dialer.domain.ids import CampaignId, ClientId, DeliveryId, UserId
from dialer.intake.limits import Limits
from dialer.intake.process import ChildReader
from dialer.security.vault import MasterVault
from dialer.services.deliveries import DeliveryService
from dialer.services.intake import IntakeService, Loaded
from dialer.services.ports.people import Viewer
from dialer.storage.audit import PostgresAudit
from dialer.storage.deliveries import DeliveryStore
from tests.support.clock import FakeClock
from tests.support.world import MONDAY, World

VAULT = MasterVault(bytes(range(32)))
ROW: Mapping[str, str] = {
    "kenmerk": "Z-1",
    "signaal-id": "S-1",
    "vastelastenpartner": "Huur",
    "signaaldatum": "27-02-2026",
    "bedrag": "310,50",
    "crisis": "nee",
    "aanhef": "mevr",
    "voorletters": "J.",
    "tussenvoegsel": "van der",
    "achternaam": "Berg",
    "geboortedatum": "01-02-1970",
    "postcode": "2711 AB",
    "huisnummer": "12",
    "telefoon 1": "0600000001",
    "telefoon 2": "",
    "taal": "nl",
}
"""A good row; tests say what they change of it."""


def row(**changes: str) -> dict[str, str]:
    """`ROW` with changes; blanks of headers are written as `_`."""
    return {**ROW, **{key.replace("_", " "): value for key, value in changes.items()}}


def csv_bytes(rows: Iterable[Mapping[str, str]], *, delimiter: str = ";", encoding: str = "utf-8") -> bytes:
    """Rows as a CSV file."""
    rows = list(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


class EngineSpy:
    """EngineControl that notes what it was told, and what the database said at that moment."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self.recalled: list[tuple[DeliveryId, str]] = []

    async def campaign_changed(self, campaign: CampaignId) -> None: ...

    async def delivery_recalled(self, delivery: DeliveryId) -> None:
        self.recalled.append((delivery, await self._pool.fetchval("select state from delivery where id=$1", delivery)))

    async def case_changed(self, case: UUID) -> None: ...


@dataclass(slots=True)
class IntakeWorld:
    """Services over one database."""

    world: World
    folder: Path
    clock: FakeClock
    intake: IntakeService
    deliveries: DeliveryService
    engine: EngineSpy
    store: DeliveryStore
    audit: PostgresAudit
    viewer: Viewer
    files: int = field(default=0)

    @property
    def pool(self) -> asyncpg.Pool:
        return self.world.pool

    @property
    def campaign(self) -> CampaignId:
        return self.world.campaign

    @property
    def client(self) -> ClientId:
        return self.world.client

    def file(self, content: bytes, name: str = "list.csv") -> Path:
        self.files += 1
        path = self.folder / f"{self.files}-{name}"
        path.write_bytes(content)
        return path

    async def load(self, *rows: Mapping[str, str], **options: Any) -> Loaded:
        return await self.intake.load(self.campaign, self.file(csv_bytes(rows)), self.viewer, **options)

    async def one(self, sql: str, *args: object) -> Any:
        return await self.pool.fetchval(sql, *args)

    async def rows(self, sql: str, *args: object) -> Sequence[dict[str, Any]]:
        return [dict(record) for record in await self.pool.fetch(sql, *args)]

    def later(self, **delta: float) -> datetime:
        self.clock.pass_time(timedelta(**delta).total_seconds())
        self.world.now = self.clock.now()
        return self.clock.now()


@contextlib.asynccontextmanager
async def intake_world(
    dsn: str, folder: Path, *, limits: Limits | None = None, settings: Mapping[str, Any] | None = None
) -> AsyncIterator[IntakeWorld]:
    """Client `stad` with a key, a running campaign, an agent, and the services."""
    async with asyncpg.create_pool(dsn, min_size=2, max_size=6) as pool:
        world = await World(pool).build(settings=settings)
        await pool.execute(
            "update client set wrapped_key=$2 where id=$1", world.client, VAULT.new_client_key(world.client)
        )
        await pool.execute("delete from delivery where id = $1", world.delivery)
        clock = FakeClock(MONDAY)
        store = DeliveryStore(pool)
        audit = PostgresAudit(pool, clock.now)
        engine = EngineSpy(pool)
        user = UserId(world.agents[0])
        yield IntakeWorld(
            world=world,
            folder=folder,
            clock=clock,
            store=store,
            audit=audit,
            engine=engine,
            viewer=Viewer(actor=f"user:{user}", user=user, role="supervisor", client=None),
            intake=IntakeService(
                store=store, reader=ChildReader(limits), vault=VAULT, audit=audit, clock=clock, ids=world.ids, demo=True
            ),
            deliveries=DeliveryService(
                store=store, vault=VAULT, audit=audit, clock=clock, ids=world.ids, engine=engine
            ),
        )
