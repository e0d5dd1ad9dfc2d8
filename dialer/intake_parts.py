"""Builds what clients' lists come in with, and what of a list is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dialer.config import Settings
from dialer.ground_parts import GroundParts
from dialer.intake.process import ChildReader
from dialer.services.deliveries import DeliveryService
from dialer.services.drafts import Drafts
from dialer.services.engine import Engine
from dialer.services.intake import IntakeService
from dialer.services.visit_files import VisitFiles
from dialer.storage.bookings import PgBookings
from dialer.storage.deliveries import DeliveryStore
from dialer.storage.drafts import PgDrafts
from dialer.storage.erasure_list import ErasureFile
from dialer.storage.follow_up import PgFollowUps
from dialer.storage.visits import PgVisits


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeParts:
    """The services behind lists."""

    intake: IntakeService
    deliveries: DeliveryService
    drafts: Drafts
    erasures: ErasureFile | None  # whoever was erased, beside the database


def intake_parts(settings: Settings, ground: GroundParts, engine: Engine) -> IntakeParts:
    """All of it. `engine`: told of what is recalled."""
    pool, vault, audit, clock, ids = ground.pool, ground.vault, ground.audit, ground.clock, ground.ids
    store = DeliveryStore(pool)
    erasures = ErasureFile(Path(settings.service.erasures)) if settings.service.erasures else None
    deliveries = DeliveryService(
        store=store, vault=vault, audit=audit, clock=clock, ids=ids, engine=engine, erasures=erasures
    )
    return IntakeParts(
        intake=IntakeService(
            store=store,
            reader=ChildReader(),
            vault=vault,
            audit=audit,
            clock=clock,
            ids=ids,
            demo=settings.service.demo,
            visits=VisitFiles(
                visits=PgVisits(pool),
                bookings=PgBookings(pool, ground.catalogues, ground.planner),
                follow_ups=PgFollowUps(pool, ground.catalogues, ground.planner),
                clock=clock,
                ids=ids,
            ),
        ),
        deliveries=deliveries,
        drafts=Drafts(PgDrafts(pool), deliveries, clock),
        erasures=erasures,
    )
