"""A client with a list, an agent who files outcomes in the ledger, and the outbox over it all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from dialer.domain.exchange import ChannelKind
from dialer.domain.ids import AttemptId, CaseId
from dialer.exchange.guarded import GuardedHttp, Reach, check_url
from dialer.exchange.klantinteracties import FIELDS, KlantinteractiesCourier
from dialer.exchange.webhook import WebhookCourier
from dialer.schedule.rotation import Rotation
from dialer.services.channels import ChannelService, ChannelWish
from dialer.services.outbox import Outbox
from dialer.services.outcomes import OutcomeService
from dialer.services.ports.desk import Filing
from dialer.services.ports.exchange import Courier
from dialer.services.ports.ledger import CallFact
from dialer.storage.channels import PgChannels
from dialer.storage.filings import PostgresOutcomes
from dialer.storage.outbox import PgOutbox
from tests.support.intake import VAULT, IntakeWorld, intake_world, row
from tests.support.register import TOKEN

DEMO = Reach(demo=True)


@dataclass
class Exchange:
    """Hands over the whole."""

    w: IntakeWorld
    outcomes: OutcomeService
    channels: ChannelService
    store: PgOutbox
    couriers: Mapping[ChannelKind, Courier]

    def sender(self, owner: str = "dialer-1") -> Outbox:
        return Outbox(self.store, self.couriers, VAULT, self.w.clock, owner)

    async def channel(self, kind: ChannelKind, url: str = "", **settings: str) -> tuple[UUID, str]:
        secret = TOKEN if kind is ChannelKind.KLANTINTERACTIES else None
        wish = ChannelWish(name=f"Kanaal {kind}", url=url, settings=settings, secret=secret)
        made, shown = await self.channels.add(self.w.client, kind, wish, self.w.viewer)
        return made.id, shown

    async def conversation(self, outcome: str = "HELP_WANTED", **more: object) -> AttemptId:
        """The next case is called, joined, verified, and filed."""
        world, agent = self.w.world, self.w.world.agents[0]
        world.now = self.w.clock.now()
        claim = await world.claim_one(at=world.now)
        at = self.w.later(minutes=5)
        await world.ledger.append(
            [
                CallFact(attempt=claim.attempt, kind=kind, at=at, wall_at=at, actor="asterisk", state="joined",
                         agent=agent, data=data)
                for kind, data in (("dialed", {}), ("joined", {}), ("verified", {"match": True}))
            ]
        )  # fmt: skip
        await world.end(claim.attempt, None, at=at, agent=agent, wrap_up=True)
        await self.file(claim.attempt, outcome, **more)
        return claim.attempt

    async def file(self, attempt: AttemptId, outcome: str, **more: object) -> None:
        filing: dict[str, object] = {"confirmed": True, **more}
        if outcome == "HELP_WANTED":
            filing.setdefault("answers", {"need": "budget"})
        await self.outcomes.file(self.w.world.agents[0], attempt, Filing(outcome=outcome, **filing))  # type: ignore[arg-type]  # each test names its fields

    async def case_of(self, signal: str) -> CaseId:
        return CaseId(await self.w.one("select case_id from signal where signal_ref = $1", signal))

    async def states(self) -> list[tuple[str, str]]:
        return [
            (found["state"], found["kind"])
            for found in await self.w.rows("select state, kind from outbox_message order by seq")
        ]

    def later(self, **delta: float) -> datetime:
        return self.w.later(**delta)


@asynccontextmanager
async def exchange(dsn: str, folder: Path, *, seconds: float = 5.0) -> AsyncIterator[Exchange]:
    """One case with two signals (S-1, S-2) and one with one (S-3). `seconds`: how long an answer may take."""
    async with intake_world(dsn, folder) as w:
        catalogues = w.world.catalogues
        http = GuardedHttp(DEMO, seconds=seconds)
        couriers: Mapping[ChannelKind, Courier] = {
            ChannelKind.WEBHOOK: WebhookCourier(http, lambda: w.clock.now().timestamp()),
            ChannelKind.KLANTINTERACTIES: KlantinteractiesCourier(http),
        }
        store = PgOutbox(w.pool)
        w.world.key_of = VAULT.number_key
        w.world.ledger = w.world.make_ledger()
        channels = ChannelService(
            channels=PgChannels(w.pool),
            outbox=store,
            couriers=couriers,
            fields={ChannelKind.KLANTINTERACTIES: FIELDS},
            may_call=lambda url: check_url(url, DEMO),
            vault=VAULT,
            audit=w.audit,
            clock=w.clock,
            ids=w.world.ids,
        )
        outcomes = OutcomeService(
            PostgresOutcomes(w.pool, w.world.ids, catalogues, Rotation()), catalogues, VAULT, w.clock
        )
        await w.load(
            row(),
            row(**{"signaal-id": "S-2"}, vastelastenpartner="Zorg"),
            row(kenmerk="Z-2", **{"signaal-id": "S-3"}, achternaam="Vos", telefoon_1="0600000002"),
        )
        for phone in await w.rows("select id, number_key from phone"):
            w.world.numbers[phone["id"]] = "+31600000001"
        try:
            yield Exchange(w, outcomes, channels, store, couriers)
        finally:
            await http.close()


UNDO = timedelta(minutes=15)
