"""The composition root: every object of the service is built here, once, by hand, and closed in reverse order."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import asyncpg
from aiohttp import web

from dialer.api.application import create_app
from dialer.api.files import clear_spool
from dialer.api.keys import ApiDeps
from dialer.api.sip import move
from dialer.asterisk.nodes import AsteriskNodes
from dialer.asterisk.telephony import AsteriskTelephony
from dialer.calendar_press import press
from dialer.campaign_parts import campaign_parts
from dialer.clock import PressedClock, SystemClock, SystemIds
from dialer.config import Settings, SettingsError
from dialer.domain.devices import browser_user
from dialer.domain.errors import UnavailableError
from dialer.domain.ids import AttemptId, CampaignId, PhoneId, UserId
from dialer.exchange_parts import exchange_parts
from dialer.intake.process import ChildReader
from dialer.intake.tables import FileTables
from dialer.intake.template import template
from dialer.jobs import Job, Jobs
from dialer.journals import PacingFiles
from dialer.metrics import Metrics
from dialer.node_parts import telephones_of
from dialer.planning_parts import planning_parts
from dialer.privacy_parts import privacy_parts
from dialer.quality_parts import quality_parts
from dialer.report_parts import report_parts
from dialer.rotation import Rotation, RotationGauges
from dialer.schedule.planner.product import LearnedPlanner
from dialer.schedule.windows import local_date
from dialer.secret_parts import SecretUsers
from dialer.security.master_key import parse_master_key
from dialer.security.secrets import RandomTokens
from dialer.security.vault import MasterVault, signer
from dialer.services.audit_chain import AUDIT_ANCHOR, AuditChain
from dialer.services.broadcast import Broadcast
from dialer.services.callbacks import CallbackService
from dialer.services.centre import Centre
from dialer.services.centre_parts import CentrePorts, CentreSettings
from dialer.services.checklist import Checklist
from dialer.services.chores import Chores
from dialer.services.clients import Clients
from dialer.services.contract_end import CERTIFICATE
from dialer.services.deliveries import DeliveryService
from dialer.services.drafts import Drafts
from dialer.services.emergency import EmergencyStop
from dialer.services.export import ExportService
from dialer.services.fitting import FittingService
from dialer.services.follow_up import FollowUps
from dialer.services.intake import IntakeService
from dialer.services.knowledge import KnowledgeService
from dialer.services.learning import LearningService
from dialer.services.live import LiveFeed
from dialer.services.outcomes import OutcomeService
from dialer.services.overflow_lines import OverflowLines
from dialer.services.pacing_models import PacingModels
from dialer.services.past_decisions import PastDecisions
from dialer.services.pauses import Pauses
from dialer.services.people import PeopleService
from dialer.services.ports.office import APPOINTMENT_GRACE
from dialer.services.ports.people import Viewer
from dialer.services.practice import PracticeService
from dialer.services.previews import Previews
from dialer.services.questions import Questions
from dialer.services.recordings import RecordingKeeper, Recordings
from dialer.services.roster import Roster
from dialer.services.roster_feeds import RosterFeeds
from dialer.services.scripts import ScriptService
from dialer.services.skills import Skills
from dialer.services.staff import StaffService
from dialer.services.transfer_targets import TransferTargets
from dialer.services.turn import Turn
from dialer.services.visit_files import VisitFiles
from dialer.sign_in_parts import provider_of, sign_in_parts
from dialer.spool import FolderSpool
from dialer.storage.audit import PostgresAudit
from dialer.storage.audit_chain import PgAuditChain
from dialer.storage.bookings import PgBookings
from dialer.storage.callbacks import PostgresCallbacks
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.changes import listen
from dialer.storage.checklist import PgChecklist
from dialer.storage.claims import Claimer
from dialer.storage.clients import PgClientStore
from dialer.storage.connecting import only_standbys
from dialer.storage.day import PgDayBook
from dialer.storage.deliveries import DeliveryStore
from dialer.storage.drafts import PgDrafts
from dialer.storage.duty import PgDutyStore
from dialer.storage.emergency import PgEmergency
from dialer.storage.engine import PgEngineStore
from dialer.storage.erasure_list import ErasureFile
from dialer.storage.exports import PostgresExports
from dialer.storage.filings import PostgresOutcomes
from dialer.storage.follow_up import PgFollowUps
from dialer.storage.idempotency import PostgresIdempotency
from dialer.storage.jobs import PgJobStore
from dialer.storage.knowledge import PgKnowledge
from dialer.storage.learning import PgLearning
from dialer.storage.ledger import PostgresLedger
from dialer.storage.migrate import pending
from dialer.storage.office import PostgresOffice
from dialer.storage.overflow import PgOverflowLines
from dialer.storage.ownership import PostgresOwnership
from dialer.storage.pacing import PgPacing
from dialer.storage.pauses import PgPauses
from dialer.storage.people import PeopleRows
from dialer.storage.pool import open_pool, translated
from dialer.storage.practice import PgPractice
from dialer.storage.previews import PgPreviews
from dialer.storage.questions import PgQuestions
from dialer.storage.reading import CONNECTIONS
from dialer.storage.recordings import PgRecordings
from dialer.storage.roster import PgRoster
from dialer.storage.roster_feeds import PgRosterFeeds
from dialer.storage.scripts import PgScripts
from dialer.storage.skills import PgSkills
from dialer.storage.staff import PgStaff
from dialer.storage.surveys import PgSurveys
from dialer.storage.transfer_targets import PgTransferTargets
from dialer.storage.visits import PgVisits
from dialer.watch import Watch, WatchGauges
from dialer.wiring import (
    api_settings,
    background,
    clock_of,
    listen_on,
    relay_of,
    rest_of,
    speed_of,
    trunk_of,
)

log = logging.getLogger(__name__)

LOST_TURN = 75
"""Exit status of a process that another has taken over: to be started again, it then stands by."""
_CLOSE_SECONDS = 3.0
_END_SECONDS = 8.0
_FIGURES_EVERY = 15.0
_CLOSE_ENDED_EVERY = 60.0
_SWEEP_EVERY = 3600.0
_KEEP_PACING_EVERY = 60.0
_ERASE_EVERY = 86_400.0
_SEAL_EVERY = 2.0
_TOLD_WITHIN = timedelta(seconds=2)


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
    clock, ids, site = clock_of(settings), SystemIds(), settings.service.site
    master = parse_master_key(settings.keys.master)
    vault = MasterVault(master)
    missing_migrations = await translated(pending)(settings.database.dsn)
    if missing_migrations:
        raise SettingsError(f"the database lacks {', '.join(missing_migrations)}: run `dialer migrate`")
    async with AsyncExitStack() as stack:
        pool = await open_pool(settings.database.dsn, size=settings.database.pool)
        stack.push_async_callback(_close_pool, pool)
        catalogues, planner = CatalogueStore(pool), LearnedPlanner()
        await catalogues.seed(clock.now())
        learning = LearningService(PgLearning(pool), planner, clock)
        await learning.load()
        audit = PostgresAudit(pool, clock.now)
        audit_chain = AuditChain(PgAuditChain(pool), signer(master, AUDIT_ANCHOR), clock)

        async def numbers(phones: Sequence[PhoneId]) -> Mapping[PhoneId, str]:
            return await people.numbers(phones)  # people and ledger need each other

        ledger = PostgresLedger(pool, ids, catalogues, planner, numbers, vault.number_key)
        people = PeopleService(store=PeopleRows(pool), vault=vault, audit=audit, clock=clock, ledger=ledger)
        callbacks = CallbackService(
            PostgresCallbacks(pool, catalogues, planner), vault, clock, ids, demo=settings.service.demo
        )
        outcomes = OutcomeService(PostgresOutcomes(pool, ids, catalogues, planner), catalogues, vault, clock)
        staff = StaffService(PgStaff(pool), vault, clock, ids, demo=settings.service.demo)
        engine_store = PgEngineStore(pool, callbacks, trunk=settings.asterisk.trunk, staff=staff, site=site)
        owner = f"{settings.service.name or socket.gethostname()}-{ids.new().hex[-8:]}"  # never twice the same
        turn = Turn(ledger, clock, owner, site)
        chores = Chores(ledger, clock, owner, turn.sure)
        transfer_targets = PgTransferTargets(pool)
        telephones = telephones_of(settings, clock, turn.sure)
        telephony = telephones.whole
        recordings = PgRecordings(pool)
        recording_spool = FolderSpool(Path(settings.asterisk.recordings)) if settings.asterisk.recordings else None
        recordings_played = Recordings(recordings, vault, audit, clock)
        recording_keeper = RecordingKeeper(recordings, recording_spool, vault, clock)
        journals = PacingFiles(Path(settings.service.journal)) if settings.service.journal else None
        relay = relay_of(settings, clock)
        centre = Centre(
            CentrePorts(
                telephony=telephony,
                ledger=ledger,
                store=engine_store,
                duty=PgDutyStore(pool, site),
                outcomes=outcomes,
                clock=clock,
                ids=ids,
                audit=audit,
                transfer_targets=transfer_targets,
                surveys=PgSurveys(pool),
                recordings=recordings,
                spool=recording_spool,
                pacing=PgPacing(pool),
                journal=None if journals is None else journals.write,
            ),
            CentreSettings(
                owner=owner,
                site=site,
                sip_domain=settings.asterisk.sip_domain,
                sip_port=settings.asterisk.sip_port,
                journal_lanes=max(1, settings.database.pool // 4),
                rest=rest_of(settings),
                trunk=trunk_of(settings),
                relay=(lambda _device: None) if relay is None else relay.grant,
            ),
            turn,
        )
        clock.on_step = centre.clock_put
        feed = LiveFeed(str(ids.new()))

        async def card_of(user: UserId, attempt: AttemptId) -> object:
            viewer = Viewer(actor=f"user:{user}", user=user, role="agent", client=None, attempt=attempt)
            return await people.card(attempt, viewer)

        broadcast = Broadcast(centre.floor, centre.desk, feed, centre.tasks, card_of, settled=centre.journal.settled)
        centre.on_second = broadcast.look
        centre.messages.on_change = broadcast.agent_changed
        centre.transfers.on_change = broadcast.agent_changed
        centre.colleagues.on_change = broadcast.agent_changed
        metrics = Metrics()
        metrics.watch(
            centre.floor,
            centre.journal,
            telephony,
            centre.engine,
            inside=partial(_inside, centre, clock),
            wall=clock.wall,
            ami_round_trip_seconds=telephones.lag,
            turn=lambda: float(centre.turn.sure()),
            chores=lambda: float(chores.ours()),
            emergency_stop=lambda: float(centre.engine.stopped),
            asterisk_keeps=lambda: float(centre.engine.ownership.keeps),
            calls_barred=telephones.barred,
            recordings_failed=lambda: float(centre.recorder.failed),
            overflow_not_given_back=lambda: float(centre.inbound.overflow.not_given_back),
            surveys_not_understood=lambda: float(centre.surveys.not_understood),
            surveys_unfetched=lambda: float(centre.surveys.unfetched),
            recordings_late=lambda: float(recording_keeper.late_ones),
            ami_unknown_events=telephones.unknown_events,
            database_connections=lambda: pool.get_size(),
            database_connections_idle=lambda: pool.get_idle_size(),
            live_readers=lambda: feed.readers,
        )
        deliveries = DeliveryStore(pool)
        intake = IntakeService(
            store=deliveries,
            reader=ChildReader(),
            vault=vault,
            audit=audit,
            clock=clock,
            ids=ids,
            demo=settings.service.demo,
            visits=VisitFiles(
                visits=PgVisits(pool),
                bookings=PgBookings(pool, catalogues, planner),
                follow_ups=PgFollowUps(pool, catalogues, planner),
                clock=clock,
                ids=ids,
            ),
        )
        erasure_list = ErasureFile(Path(settings.service.erasures)) if settings.service.erasures else None
        delivery_service = DeliveryService(
            store=deliveries, vault=vault, audit=audit, clock=clock, ids=ids, engine=centre.engine,
            erasures=erasure_list,
        )  # fmt: skip
        client_store, export_store = PgClientStore(pool), PostgresExports(pool)
        steering = campaign_parts(
            pool, settings, engine=centre.engine, voices=engine_store, telephony=telephony, catalogues=catalogues,
            planner=planner, clock=clock, ids=ids,
        )  # fmt: skip
        planning = planning_parts(
            pool, learning=learning, trials=steering.trials, catalogues=catalogues, planner=planner, clock=clock,
            site=site,
        )  # fmt: skip
        scripts = ScriptService(PgScripts(pool), catalogues, clock, ids)
        await scripts.seed()
        pauses = Pauses(PgPauses(pool), PgPauses(pool), clock, ids)
        await pauses.load()
        standby = await _standby(stack, settings)
        previews = Previews(
            centre.floor,
            centre.engine,
            ledger,
            PgPreviews(pool, Claimer(ids, catalogues, planner, numbers)),
            centre.rests,
            clock,
            centre.tasks,
            owner=owner,
            name_of=people.preview_name,
        )
        watch_gauges = WatchGauges(metrics.registry)
        spool = settings.http.spool or stack.enter_context(tempfile.TemporaryDirectory(prefix="dialer-upload-"))
        clear_spool(Path(spool))
        exports = ExportService(store=export_store, vault=vault, audit=audit, clock=clock, ids=ids)
        exchange = exchange_parts(
            stack, settings, pool=pool, vault=vault, audit=audit, clock=clock, ids=ids, owner=owner, metrics=metrics,
            intake=intake, spool=Path(spool), catalogues=catalogues, planner=planner,
            exports=exports,
        )  # fmt: skip
        reporting = await report_parts(
            pool, standby=standby, exchange=exchange, labels=export_store.labels, vault=vault, audit=audit,
            clock=clock, ids=ids, owner=owner, metrics=metrics,
        )  # fmt: skip
        privacy = privacy_parts(
            pool, cases=steering.cases, sounds=recordings_played, erasures=erasure_list, vault=vault,
            sign=signer(master, CERTIFICATE), audit=audit, clock=clock, ids=ids,
        )  # fmt: skip
        quality = quality_parts(
            pool, outcomes=outcomes, catalogues=catalogues, vault=vault, audit=audit, clock=clock, ids=ids
        )
        signing_in = sign_in_parts(settings, pool, audit, clock, ids, provider_of(stack, settings, clock))
        app = create_app(
            ApiDeps(
                settings=api_settings(settings, Path(spool), telephones.gateway),
                clock=clock,
                accounts=signing_in.accounts,
                factors=signing_in.factors,
                second_step=signing_in.second_step,
                sign_on=signing_in.sign_on,
                audit=audit,
                idempotency=PostgresIdempotency(pool),
                ownership=PostgresOwnership(pool),
                feed=feed,
                desk=centre.desk,
                phones=centre.phones,
                ears=centre.listening,
                recorder=centre.recorder,
                recordings=recordings_played,
                transfers=centre.transfers,
                colleagues=centre.colleagues,
                transfer_targets=TransferTargets(transfer_targets, ids, demo=settings.service.demo),
                overflow_lines=OverflowLines(PgOverflowLines(pool), ids, demo=settings.service.demo),
                messages=centre.messages,
                pauses=pauses,
                practice=PracticeService(PgPractice(pool), clock),
                skills=Skills(PgSkills(pool), clock, ids),
                roster=Roster(PgRoster(pool), clock),
                roster_feeds=RosterFeeds(PgRosterFeeds(pool), PgRoster(pool), RandomTokens(), clock),
                engine=centre.engine,
                office=PostgresOffice(pool),
                day=PgDayBook(pool),
                clients=Clients(client_store, vault, clock, ids, demo=settings.service.demo),
                checklist=Checklist(PgChecklist(pool), clock),
                intake=intake,
                deliveries=delivery_service,
                drafts=Drafts(PgDrafts(pool), delivery_service, clock),
                tables=FileTables(),
                template=template,
                people=people,
                exports=exports,
                channels=exchange.channels,
                hand_back=exchange.hand_back,
                outlets=exchange.outlets,
                secrets=exchange.secrets,
                ddas=exchange.ddas,
                sources=exchange.sources,
                slots=exchange.slots,
                call_slots=exchange.call_slots,
                feeds=exchange.feeds,
                wrap_ups=outcomes,
                campaigns=steering.campaigns,
                catalogues=catalogues,
                cases=steering.cases,
                follow_ups=FollowUps(
                    store=PgFollowUps(pool, catalogues, planner),
                    labels=export_store.labels,
                    vault=vault,
                    audit=audit,
                    clock=clock,
                    ids=ids,
                ),
                questions=Questions(store=PgQuestions(pool), vault=vault, audit=audit, clock=clock, ids=ids),
                reviews=quality.reviews,
                scorecards=quality.scorecards,
                quality_trends=quality.trends,
                complaints=quality.complaints,
                improvements=quality.improvements,
                callbacks=callbacks,
                reach=planning.reach,
                reports=reporting.reports,
                operations=reporting.operations,
                report_schedules=reporting.schedules,
                billing=reporting.billing,
                register=privacy.register,
                contract_end=privacy.contract_end,
                incidents=privacy.incidents,
                retention=privacy.retention,
                privacy_requests=privacy.requests,
                tallies=reporting.tallies,
                report_files=reporting.files,
                report_deliveries=reporting.deliveries,
                decisions=PastDecisions(journals, engine_store),
                pacing_models=PacingModels(PgPacing(pool)),
                outcome_rules=planning.outcome_rules,
                ring_back=centre.ring_back,
                staff=staff,
                proof_calls=centre.proof_calls,
                previews=previews,
                scripts=scripts,
                knowledge=KnowledgeService(PgKnowledge(pool), clock, ids),
                emergency=EmergencyStop(PgEmergency(pool), clock, ids, centre.engine.refresh),
                served=metrics.served,
                ready=lambda: {"database": centre.journal.healthy, "telephony": telephony.up},
            )
        )
        await centre.start()
        stack.push_async_callback(centre.stop)
        if isinstance(telephony, AsteriskNodes):
            telephony.on_move = partial(_move_phone, app)
        telephony.start(centre.handle)
        stack.push_async_callback(telephony.stop)
        users = SecretUsers(
            start=settings, dsn=settings.database.dsn, pool=pool, telephones=telephones,
            standby=standby, reports_dsn=settings.database.reports_dsn, mail=exchange.mail, sms=exchange.sms,
            relay=relay,
        )  # fmt: skip
        rotation = Rotation(
            settings,
            read or (lambda: settings),
            users.rotating(),
            RotationGauges(metrics.registry),
            clock.wall,
            clock.monotonic,
        )
        background(stack, rotation.run(), "rotation")
        background(stack, listen(lambda: users.dsn, partial(_changed, centre, pauses, planning.fitting)), "changes")
        background(stack, metrics.measure_lag(), "loop-lag")
        if journals is not None:
            stack.push_async_callback(journals.flush)
            background(stack, journals.keep_writing(), "pacing-journal")
        if isinstance(clock, PressedClock):
            background(stack, press(clock, centre, engine_store), "calendar")
        watch = Watch(watch_gauges, settings, pool, telephones, now=clock.now, wall=clock.wall, spool=Path(spool))
        jobs = Jobs(
            [
                Job(name="watch", every=_FIGURES_EVERY, work=watch.look, own=True),
                Job(name="figures", every=_FIGURES_EVERY, work=partial(_count, engine_store, metrics, clock), own=True),
                Job(name="close-ended", every=_CLOSE_ENDED_EVERY / speed_of(clock), work=steering.cases.close_ended),
                Job(name="audit-anchor", every=_SWEEP_EVERY, work=audit_chain.tend),
                Job(name="finish-recalls", every=_CLOSE_ENDED_EVERY, work=delivery_service.finish_recalls),
                Job(name="keep-pacing", every=_KEEP_PACING_EVERY, work=centre.keep_learned, site=True),
                Job(name="erase-journals", every=_ERASE_EVERY, work=partial(_erase, journals, clock), own=True),
                Job(name="recordings", every=_SEAL_EVERY, work=recording_keeper.tend, own=True),
                Job(name="recordings-after", every=_SEAL_EVERY, work=recording_keeper.look_after),
                *exchange.jobs,
                *planning.jobs(speed_of(clock)),
                *reporting.jobs(speed_of(clock)),
                *privacy.jobs(speed_of(clock)),
                *quality.jobs(speed_of(clock), metrics),
                Job(name="sweep", every=_SWEEP_EVERY, work=lambda: job_store.sweep(clock.wall_utc())),
            ],
            job_store := PgJobStore(pool),
            clock.wall_utc,
            our_turn=centre.turn.sure,
            for_all=chores.ours,
        )
        background(stack, chores.run(), "chores")
        jobs.start()
        stack.callback(jobs.stop)
        http = settings.http
        figures = web.Application()
        figures.router.add_get("/metrics", partial(_metrics, metrics))
        await listen_on(stack, figures, http.metrics_host, http.metrics_port, "http.metrics_port")
        port = await listen_on(stack, app, http.host, http.port, "http.port")
        yield Service(port=port, centre=centre, telephony=telephony, pool=pool, rotation=rotation)


def _changed(centre: Centre, pauses: Pauses, fitting: FittingService, kind: str, subject: str) -> None:
    """What the database tells of changes, to whoever keeps what it is about in memory."""
    if kind in ("pause_reason", "all"):
        centre.tasks.spawn("pause-reasons", _read_anew(pauses))
    if kind in ("roster", "all"):
        fitting.roster_changed()
    centre.changed(kind, subject)


def _inside(centre: Centre, clock: SystemClock, campaign: CampaignId) -> bool:
    """Whether a dial of this campaign may have left just now: it is told of a moment later."""
    known, now = centre.engine.campaign(campaign), clock.now()
    speed = clock.speed if isinstance(clock, PressedClock) else 1.0
    return known is None or known.runs_on(now) or known.runs_on(now - _TOLD_WITHIN * speed)


async def _read_anew(pauses: Pauses) -> None:
    try:
        await pauses.load()
    except UnavailableError:  # the next connection says "all" again
        log.warning("reasons of pauses not read, the database does not answer")


async def _erase(journals: PacingFiles | None, clock: SystemClock) -> int:
    return 0 if journals is None else await journals.erase(local_date(clock.now()))


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


def _move_phone(app: web.Application, device: str) -> None:
    user = browser_user(device)
    if user is not None:
        move(app, user)


async def _metrics(metrics: Metrics, _request: web.Request) -> web.Response:
    return web.Response(body=metrics.render(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


async def _count(store: PgEngineStore, metrics: Metrics, clock: SystemClock) -> int:
    figures = await store.figures(clock.now() - APPOINTMENT_GRACE)
    for one in figures:
        label = str(one.campaign)
        metrics.open_cases.labels(label).set(one.open_cases)
        metrics.attempts_left.labels(label).set(one.attempts_left)
        metrics.reach.labels(label).set(one.reached / one.callable if one.callable else 0.0)
        metrics.missed_appointments.labels(label).set(one.missed)
    return len(figures)
