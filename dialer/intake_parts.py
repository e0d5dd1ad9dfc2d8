"""Builds what clients' lists come in with, and what of a list is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import asyncpg

from dialer.config import Settings
from dialer.intake.process import ChildReader
from dialer.schedule.model import Planner
from dialer.services.deliveries import DeliveryService
from dialer.services.drafts import Drafts
from dialer.services.intake import IntakeService
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.desk import EngineControl
from dialer.services.ports.vault import Vault
from dialer.services.visit_files import VisitFiles
from dialer.storage.bookings import PgBookings
from dialer.storage.catalogue import CatalogueStore
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


def intake_parts(
    pool: asyncpg.Pool,
    settings: Settings,
    *,
    vault: Vault,
    audit: AuditLog,
    catalogues: CatalogueStore,
    planner: Planner,
    clock: Clock,
    ids: Ids,
    engine: EngineControl | None = None,
) -> IntakeParts:
    """All of it, over one pool. `engine`: told of what is recalled; None: the running centre hears of it from the
    database itself."""
    store = DeliveryStore(pool)
    erasures = ErasureFile(Path(settings.service.erasures)) if settings.service.erasures else None
    deliveries = DeliveryService(
        store=store, vault=vault, audit=audit, clock=clock, ids=ids, engine=engine, erasures=erasures
    )
    visits = VisitFiles(
        visits=PgVisits(pool),
        bookings=PgBookings(pool, catalogues, planner),
        follow_ups=PgFollowUps(pool, catalogues, planner),
        clock=clock,
        ids=ids,
    )
    intake = IntakeService(
        store=store, reader=ChildReader(), vault=vault, audit=audit, clock=clock, ids=ids, demo=settings.service.demo,
        visits=visits,
    )  # fmt: skip
    return IntakeParts(
        intake=intake, deliveries=deliveries, drafts=Drafts(PgDrafts(pool), deliveries, clock), erasures=erasures
    )
