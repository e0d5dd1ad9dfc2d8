"""The composition root: every object of the service is built here, once, by hand, and closed in reverse order."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import asyncpg
from aiohttp import web

from dialer.api.application import create_app
from dialer.api.files import clear_spool
from dialer.api.sip import move
from dialer.api_parts import Parts, api_deps
from dialer.asterisk.nodes import AsteriskNodes
from dialer.asterisk.telephony import AsteriskTelephony
from dialer.calendar_press import press
from dialer.call_parts import call_parts
from dialer.campaign_parts import campaign_parts
from dialer.clock import PressedClock, SystemClock
from dialer.config import Settings
from dialer.domain.devices import browser_user
from dialer.domain.errors import UnavailableError
from dialer.exchange_parts import exchange_parts
from dialer.figure_parts import count, figure_parts, figures_app
from dialer.ground_parts import ground_parts
from dialer.intake_parts import intake_parts
from dialer.jobs import Job, Jobs
from dialer.journals import PacingFiles
from dialer.planning_parts import planning_parts
from dialer.privacy_parts import privacy_parts
from dialer.quality_parts import quality_parts
from dialer.report_parts import report_parts
from dialer.rotation import Rotation, RotationGauges
from dialer.schedule.windows import local_date
from dialer.secret_parts import SecretUsers
from dialer.security.vault import signer
from dialer.services.audit_chain import AUDIT_ANCHOR, AuditChain
from dialer.services.centre import Centre
from dialer.services.contract_end import CERTIFICATE
from dialer.services.export import ExportService
from dialer.services.fitting import FittingService
from dialer.services.pauses import Pauses
from dialer.services.scripts import ScriptService
from dialer.sign_in_parts import provider_of, sign_in_parts
from dialer.storage.audit_chain import PgAuditChain
from dialer.storage.changes import listen
from dialer.storage.exports import PostgresExports
from dialer.storage.jobs import PgJobStore
from dialer.storage.pauses import PgPauses
from dialer.storage.scripts import PgScripts
from dialer.watch import Watch, WatchGauges
from dialer.wiring import background, listen_on, speed_of

log = logging.getLogger(__name__)

LOST_TURN = 75
"""Exit status of a process that another has taken over: to be started again, it then stands by."""
_END_SECONDS = 8.0
_FIGURES_EVERY = 15.0
_CLOSE_ENDED_EVERY = 60.0
_SWEEP_EVERY = 3600.0
_KEEP_PACING_EVERY = 60.0
_ERASE_EVERY = 86_400.0
_SEAL_EVERY = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What runs, for whoever started it."""

    port: int
    centre: Centre
    telephony: AsteriskTelephony | AsteriskNodes
    pool: asyncpg.Pool
    rotation: Rotation


async def serve(settings: Settings, read: Callable[[], Settings] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C, or until another process has taken over (then `LOST_TURN`).

    `read` reads the settings again: secrets that change are taken over while it runs, at once at a SIGHUP.
    Raises SettingsError, UnavailableError when it cannot begin.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, lambda: None)  # one that comes while it starts ends nothing: it reads anyway
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with running(settings, read) as service:
        loop.add_signal_handler(signal.SIGHUP, service.rotation.ask)
        log.info("service started port=%d", service.port)
        lost = service.centre.turn.lost
        waiting = [asyncio.create_task(event.wait()) for event in (stop, lost)]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        if lost.is_set():
            await service.telephony.stop()  # before all else: no order of ours may come after the new owner's
            # A driver that is cut off may wait for ever; what is unwritten is the new owner's to find.
            loop.call_later(_END_SECONDS, os._exit, LOST_TURN)
        log.info("service stops")
    return LOST_TURN if lost.is_set() else 0


@asynccontextmanager
async def running(settings: Settings, read: Callable[[], Settings] | None = None) -> AsyncIterator[Service]:
    """The service, open for as long as the context lasts. `read`: as in `serve`."""
    async with AsyncExitStack() as stack:
        spool = settings.http.spool or stack.enter_context(tempfile.TemporaryDirectory(prefix="dialer-upload-"))
        parts = await _built(stack, settings, Path(spool))
        ground, calls = parts.ground, parts.calls
        clock, pool, centre, telephony = ground.clock, ground.pool, calls.centre, calls.telephones.whole
        app = create_app(api_deps(settings, parts, Path(spool)))
        await centre.start()
        stack.push_async_callback(centre.stop)
        if isinstance(telephony, AsteriskNodes):
            telephony.on_move = partial(_move_phone, app)
        telephony.start(centre.handle)
        stack.push_async_callback(telephony.stop)
        users = SecretUsers(
            start=settings, dsn=settings.database.dsn, pool=pool, telephones=calls.telephones,
            standby=ground.standby, reports_dsn=settings.database.reports_dsn, mail=parts.exchange.mail,
            sms=parts.exchange.sms, relay=calls.relay,
        )  # fmt: skip
        rotation = Rotation(
            settings,
            read or (lambda: settings),
            users.rotating(),
            RotationGauges(parts.metrics.registry),
            clock.wall,
            clock.monotonic,
        )
        background(stack, rotation.run(), "rotation")
        changed = partial(_changed, centre, parts.pauses, parts.planning.fitting)
        background(stack, listen(lambda: users.dsn, changed), "changes")
        background(stack, parts.metrics.measure_lag(), "loop-lag")
        if calls.journals is not None:
            stack.push_async_callback(calls.journals.flush)
            background(stack, calls.journals.keep_writing(), "pacing-journal")
        if isinstance(clock, PressedClock):
            background(stack, press(clock, centre, ground.engine_store), "calendar")
        gauges = WatchGauges(parts.metrics.registry)
        watch = Watch(gauges, settings, pool, calls.telephones, now=clock.now, wall=clock.wall, spool=Path(spool))
        background(stack, ground.chores.run(), "chores")
        jobs = _jobs(parts, watch)
        jobs.start()
        stack.callback(jobs.stop)
        http = settings.http
        await listen_on(stack, figures_app(parts.metrics), http.metrics_host, http.metrics_port, "http.metrics_port")
        port = await listen_on(stack, app, http.host, http.port, "http.port")
        yield Service(port=port, centre=centre, telephony=telephony, pool=pool, rotation=rotation)


async def _built(stack: AsyncExitStack, settings: Settings, spool: Path) -> Parts:
    """Everything, built once, and nothing of it started. Raises SettingsError, UnavailableError."""
    ground = await ground_parts(stack, settings)
    pool, vault, audit, clock, ids = ground.pool, ground.vault, ground.audit, ground.clock, ground.ids
    catalogues, planner = ground.catalogues, ground.planner
    calls = call_parts(settings, ground)
    metrics = figure_parts(ground, calls)
    lists = intake_parts(
        pool, settings, vault=vault, audit=audit, catalogues=catalogues, planner=planner, clock=clock, ids=ids,
        engine=calls.centre.engine,
    )  # fmt: skip
    export_store = PostgresExports(pool)
    exports = ExportService(store=export_store, vault=vault, audit=audit, clock=clock, ids=ids)
    steering = campaign_parts(
        pool, settings, engine=calls.centre.engine, voices=ground.engine_store, telephony=calls.telephones.whole,
        catalogues=catalogues, planner=planner, clock=clock, ids=ids,
    )  # fmt: skip
    planning = planning_parts(
        pool, learning=ground.learning, trials=steering.trials, catalogues=catalogues, planner=planner, clock=clock,
        site=settings.service.site,
    )  # fmt: skip
    scripts = ScriptService(PgScripts(pool), catalogues, clock, ids)
    await scripts.seed()
    pauses = Pauses(PgPauses(pool), PgPauses(pool), clock, ids)
    await pauses.load()
    clear_spool(spool)
    exchange = exchange_parts(
        stack, settings, pool=pool, vault=vault, audit=audit, clock=clock, ids=ids, owner=ground.owner,
        metrics=metrics, intake=lists.intake, spool=spool, catalogues=catalogues, planner=planner, exports=exports,
    )  # fmt: skip
    reporting = await report_parts(
        pool, standby=ground.standby, exchange=exchange, labels=export_store.labels, vault=vault, audit=audit,
        clock=clock, ids=ids, owner=ground.owner, metrics=metrics,
    )  # fmt: skip
    privacy = privacy_parts(
        pool, cases=steering.cases, sounds=calls.recordings, erasures=lists.erasures, vault=vault,
        sign=signer(ground.master, CERTIFICATE), audit=audit, clock=clock, ids=ids,
    )  # fmt: skip
    quality = quality_parts(
        pool, outcomes=ground.outcomes, catalogues=catalogues, vault=vault, audit=audit, clock=clock, ids=ids
    )
    return Parts(
        ground=ground,
        calls=calls,
        metrics=metrics,
        lists=lists,
        exports=exports,
        export_store=export_store,
        steering=steering,
        planning=planning,
        exchange=exchange,
        reporting=reporting,
        privacy=privacy,
        quality=quality,
        signing_in=sign_in_parts(settings, pool, audit, clock, ids, provider_of(stack, settings, clock)),
        scripts=scripts,
        pauses=pauses,
    )


def _jobs(parts: Parts, watch: Watch) -> Jobs:
    """All work by the clock."""
    ground, calls, clock = parts.ground, parts.calls, parts.ground.clock
    speed, store = speed_of(clock), PgJobStore(ground.pool)
    chain = AuditChain(PgAuditChain(ground.pool), signer(ground.master, AUDIT_ANCHOR), clock)
    figures = partial(count, ground.engine_store, parts.metrics, clock)
    return Jobs(
        [
            Job(name="watch", every=_FIGURES_EVERY, work=watch.look, own=True),
            Job(name="figures", every=_FIGURES_EVERY, work=figures, own=True),
            Job(name="close-ended", every=_CLOSE_ENDED_EVERY / speed, work=parts.steering.cases.close_ended),
            Job(name="audit-anchor", every=_SWEEP_EVERY, work=chain.tend),
            Job(name="finish-recalls", every=_CLOSE_ENDED_EVERY, work=parts.lists.deliveries.finish_recalls),
            Job(name="keep-pacing", every=_KEEP_PACING_EVERY, work=calls.centre.keep_learned, site=True),
            Job(name="erase-journals", every=_ERASE_EVERY, work=partial(_erase, calls.journals, clock), own=True),
            Job(name="recordings", every=_SEAL_EVERY, work=calls.keeper.tend, own=True),
            Job(name="recordings-after", every=_SEAL_EVERY, work=calls.keeper.look_after),
            *parts.exchange.jobs,
            *parts.planning.jobs(speed),
            *parts.reporting.jobs(speed),
            *parts.privacy.jobs(speed),
            *parts.quality.jobs(speed, parts.metrics),
            Job(name="sweep", every=_SWEEP_EVERY, work=lambda: store.sweep(clock.wall_utc())),
        ],
        store,
        clock.wall_utc,
        our_turn=calls.centre.turn.sure,
        for_all=ground.chores.ours,
    )


def _changed(centre: Centre, pauses: Pauses, fitting: FittingService, kind: str, subject: str) -> None:
    """What the database tells of changes, to whoever keeps what it is about in memory."""
    if kind in ("pause_reason", "all"):
        centre.tasks.spawn("pause-reasons", _read_anew(pauses))
    if kind in ("roster", "all"):
        fitting.roster_changed()
    centre.changed(kind, subject)


async def _read_anew(pauses: Pauses) -> None:
    try:
        await pauses.load()
    except UnavailableError:  # the next connection says "all" again
        log.warning("reasons of pauses not read, the database does not answer")


async def _erase(journals: PacingFiles | None, clock: SystemClock) -> int:
    return 0 if journals is None else await journals.erase(local_date(clock.now()))


def _move_phone(app: web.Application, device: str) -> None:
    user = browser_user(device)
    if user is not None:
        move(app, user)
