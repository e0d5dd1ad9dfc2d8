"""Builds what everything else stands on: the database, its ledger, whom a case is about, and whose turn it is."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import asyncpg

from dialer.clock import SystemClock, SystemIds
from dialer.config import Settings, SettingsError
from dialer.domain.ids import PhoneId
from dialer.schedule.planner.product import LearnedPlanner
from dialer.security.master_key import parse_master_key
from dialer.security.vault import MasterVault
from dialer.services.callbacks import CallbackService
from dialer.services.chores import Chores
from dialer.services.learning import LearningService
from dialer.services.outcomes import OutcomeService
from dialer.services.people import PeopleService
from dialer.services.staff import StaffService
from dialer.services.turn import Turn
from dialer.storage.audit import PostgresAudit
from dialer.storage.callbacks import PostgresCallbacks
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.claims import Claimer
from dialer.storage.connecting import only_standbys
from dialer.storage.engine import PgEngineStore
from dialer.storage.filings import PostgresOutcomes
from dialer.storage.learning import PgLearning
from dialer.storage.ledger import PostgresLedger
from dialer.storage.migrate import pending
from dialer.storage.people import PeopleRows
from dialer.storage.pool import open_pool, translated
from dialer.storage.reading import CONNECTIONS
from dialer.storage.staff import PgStaff
from dialer.wiring import clock_of

_CLOSE_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundParts:
    """What nearly every other part is given."""

    clock: SystemClock
    ids: SystemIds
    master: bytes
    vault: MasterVault
    pool: asyncpg.Pool
    standby: asyncpg.Pool | None  # counts reports
    audit: PostgresAudit
    catalogues: CatalogueStore
    planner: LearnedPlanner
    learning: LearningService
    ledger: PostgresLedger
    people: PeopleService
    callbacks: CallbackService
    outcomes: OutcomeService
    staff: StaffService
    engine_store: PgEngineStore
    claimer: Claimer
    owner: str
    turn: Turn
    chores: Chores


async def ground_parts(stack: AsyncExitStack, settings: Settings) -> GroundParts:
    """All of it, closed with the stack. Raises SettingsError, UnavailableError."""
    clock, ids, site = clock_of(settings), SystemIds(), settings.service.site
    master = parse_master_key(settings.keys.master)
    vault = MasterVault(master)
    missing_migrations = await translated(pending)(settings.database.dsn)
    if missing_migrations:
        raise SettingsError(f"the database lacks {', '.join(missing_migrations)}: run `dialer migrate`")
    pool = await open_pool(settings.database.dsn, size=settings.database.pool)
    stack.push_async_callback(_close_pool, pool)
    standby = await _standby(stack, settings)
    catalogues, planner = CatalogueStore(pool), LearnedPlanner()
    await catalogues.seed(clock.now())
    learning = LearningService(PgLearning(pool), planner, clock)
    await learning.load()
    audit = PostgresAudit(pool, clock.now)

    async def numbers(phones: Sequence[PhoneId]) -> Mapping[PhoneId, str]:
        return await people.numbers(phones)  # people and ledger need each other

    ledger = PostgresLedger(pool, ids, catalogues, planner, numbers, vault.number_key)
    people = PeopleService(store=PeopleRows(pool), vault=vault, audit=audit, clock=clock, ledger=ledger)
    demo = settings.service.demo
    callbacks = CallbackService(PostgresCallbacks(pool, catalogues, planner), vault, clock, ids, demo=demo)
    staff = StaffService(PgStaff(pool), vault, clock, ids, demo=demo)
    owner = f"{settings.service.name or socket.gethostname()}-{ids.new().hex[-8:]}"  # never twice the same
    turn = Turn(ledger, clock, owner, site)
    return GroundParts(
        clock=clock,
        ids=ids,
        master=master,
        vault=vault,
        pool=pool,
        standby=standby,
        audit=audit,
        catalogues=catalogues,
        planner=planner,
        learning=learning,
        ledger=ledger,
        people=people,
        callbacks=callbacks,
        outcomes=OutcomeService(PostgresOutcomes(pool, ids, catalogues, planner), catalogues, vault, clock),
        staff=staff,
        engine_store=PgEngineStore(pool, callbacks, trunk=settings.asterisk.trunk, staff=staff, site=site),
        claimer=Claimer(ids, catalogues, planner, numbers),
        owner=owner,
        turn=turn,
        chores=Chores(ledger, clock, owner, turn.sure),
    )


async def _close_pool(pool: asyncpg.Pool) -> None:
    """Politely, unless the database does not answer: an end must not wait for it."""
    closing = asyncio.create_task(pool.close(), name="close-pool")
    await asyncio.wait({closing}, timeout=_CLOSE_SECONDS)
    if not closing.done():
        pool.terminate()
        await asyncio.gather(closing, return_exceptions=True)


async def _standby(stack: AsyncExitStack, settings: Settings) -> asyncpg.Pool | None:
    """Connections to whoever counts reports, away or not; None where none is named."""
    if not settings.database.reports_dsn:
        return None
    pool = await open_pool(only_standbys(settings.database.reports_dsn), size=CONNECTIONS, reads_only=True)
    stack.push_async_callback(_close_pool, pool)
    return pool
