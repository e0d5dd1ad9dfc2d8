"""Builds what Prometheus reads of the service, and what fills it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from aiohttp import web

from dialer.call_parts import CallParts
from dialer.clock import PressedClock, SystemClock
from dialer.domain.ids import CampaignId
from dialer.ground_parts import GroundParts
from dialer.metrics import Metrics
from dialer.services.engine import Engine
from dialer.services.ports.office import APPOINTMENT_GRACE
from dialer.storage.engine import PgEngineStore

_TOLD_WITHIN = timedelta(seconds=2)


def figure_parts(ground: GroundParts, calls: CallParts) -> Metrics:
    """The metrics, with their eyes on the floor and everything that stands around it."""
    centre, telephones, pool = calls.centre, calls.telephones, ground.pool
    metrics = Metrics()
    metrics.watch(
        centre.floor,
        centre.journal,
        telephones.whole,
        centre.engine,
        inside=partial(inside, centre.engine, ground.clock),
        wall=ground.clock.wall,
        ami_round_trip_seconds=telephones.lag,
        turn=lambda: float(centre.turn.sure()),
        chores=lambda: float(ground.chores.ours()),
        emergency_stop=lambda: float(centre.engine.stopped),
        asterisk_keeps=lambda: float(centre.engine.ownership.keeps),
        calls_barred=telephones.barred,
        recordings_failed=lambda: float(centre.recorder.failed),
        overflow_not_given_back=lambda: float(centre.inbound.overflow.not_given_back),
        surveys_not_understood=lambda: float(centre.surveys.not_understood),
        surveys_unfetched=lambda: float(centre.surveys.unfetched),
        recordings_late=lambda: float(calls.keeper.late_ones),
        ami_unknown_events=telephones.unknown_events,
        database_connections=lambda: pool.get_size(),
        database_connections_idle=lambda: pool.get_idle_size(),
        live_readers=lambda: calls.feed.readers,
    )
    return metrics


def figures_app(metrics: Metrics) -> web.Application:
    """What Prometheus asks, on a port of its own."""

    async def show(_request: web.Request) -> web.Response:
        return web.Response(body=metrics.render(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    app = web.Application()
    app.router.add_get("/metrics", show)
    return app


async def count(store: PgEngineStore, metrics: Metrics, clock: SystemClock) -> int:
    """Count anew what the database alone knows of campaigns. Returns of how many."""
    figures = await store.figures(clock.now() - APPOINTMENT_GRACE)
    for one in figures:
        label = str(one.campaign)
        metrics.open_cases.labels(label).set(one.open_cases)
        metrics.attempts_left.labels(label).set(one.attempts_left)
        metrics.reach.labels(label).set(one.reached / one.callable if one.callable else 0.0)
        metrics.missed_appointments.labels(label).set(one.missed)
    return len(figures)


def inside(engine: Engine, clock: SystemClock, campaign: CampaignId) -> bool:
    """Whether a dial of this campaign may have left just now: it is told of a moment later."""
    known, now = engine.campaign(campaign), clock.now()
    speed = clock.speed if isinstance(clock, PressedClock) else 1.0
    return known is None or known.runs_on(now) or known.runs_on(now - _TOLD_WITHIN * speed)
