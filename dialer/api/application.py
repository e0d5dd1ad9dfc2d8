"""Builds the HTTP application: routes out of the description, a guard before each, one place for faults and headers."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler as WebHandler
from aiohttp.typedefs import Middleware

from dialer.api import (
    admin,
    agents,
    attempts,
    bills,
    callbacks,
    campaigns,
    cases,
    channels,
    checklist,
    complaints,
    day,
    ddas,
    decisions,
    deliveries,
    docs,
    ears,
    emergency,
    exports,
    follow_ups,
    incidents,
    knowledge,
    live,
    outlets,
    overflow,
    panel,
    practice,
    previews,
    privacy,
    proofs,
    quality,
    questions,
    recordings,
    reports,
    roster,
    scripts,
    second_factor,
    session,
    sign_on,
    sip,
    skills,
    slots,
    sources,
    team,
    transfers,
)
from dialer.api.call import Handler
from dialer.api.errors import language_of, problem, problem_of
from dialer.api.guard import guarded
from dialer.api.keys import DEPS, WHO, ApiDeps
from dialer.api.spec import PREFIX, Spec, load
from dialer.domain.errors import DialerError
from dialer.services.access import OPERATIONS, Principal

log = logging.getLogger(__name__)

_CODES = {400: "bad-request", 403: "forbidden", 404: "not-found", 405: "method-not-allowed", 413: "too-large"}

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
}


def create_app(deps: ApiDeps) -> web.Application:
    """The application. Raises RuntimeError when description, permissions and handlers do not fit each other."""
    spec = load()
    app = web.Application(middlewares=[_faults(deps)], client_max_size=deps.settings.upload_bytes)
    app[DEPS] = deps
    app[live.ENDS] = {}
    app.on_shutdown.append(live.close_all)
    app.on_response_prepare.append(_headers(deps))
    add_routes(app, spec, handlers(spec), deps)
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/readyz", _readyz)
    sip.mount(app)
    panel.mount(app, deps.settings.web_dist)
    return app


def handlers(spec: Spec) -> Mapping[str, Handler]:
    """operationId -> handler, of all resources."""
    found: dict[str, Handler] = {}
    people = (session, sign_on, second_factor, agents, team, practice, skills, roster)
    work = (previews, attempts, ears, recordings, transfers, overflow, scripts, knowledge, live)
    office = (day, emergency, campaigns, checklist, decisions, deliveries, cases, exports, slots, admin, proofs)
    exchange = (channels, sources, outlets, ddas, bills, privacy, incidents)
    for module in (*people, *work, callbacks, *office, *exchange, follow_ups, questions, quality, complaints, reports):
        found.update(module.HANDLERS)
    found.update(docs.handlers(spec))
    return found


def add_routes(app: web.Application, spec: Spec, found: Mapping[str, Handler], deps: ApiDeps) -> None:
    """One route for each operation of the description, no more and no less."""
    problems = sorted(set(spec.operations) ^ set(found)) + sorted(set(spec.operations) ^ set(OPERATIONS))
    if problems:
        raise RuntimeError(f"description, permissions and handlers do not fit: {', '.join(problems)}")
    for operation in spec.operations.values():
        if operation.permission != OPERATIONS[operation.id]:
            raise RuntimeError(f"{operation.id}: the description names another permission")
        handler = guarded(operation, found[operation.id], deps)
        app.router.add_route(operation.method, PREFIX + operation.path, handler, name=operation.id)


def _faults(deps: ApiDeps) -> Middleware:
    @web.middleware
    async def faults(request: web.Request, handler: WebHandler) -> web.StreamResponse:
        began = deps.clock.monotonic()
        try:
            response = await handler(request)
        except DialerError as error:
            response = problem_of(error, language_of(request))
        except web.HTTPException as error:
            if error.status < 400:
                raise
            response = problem(_CODES.get(error.status, "bad-request"), language_of(request))
            if hdrs.ALLOW in error.headers:
                response.headers[hdrs.ALLOW] = error.headers[hdrs.ALLOW]
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001 - the last net before the reader
            # Where it happened, without the error's text: a driver's message may quote a resident's data.
            where = " < ".join(
                f"{frame.name}:{frame.lineno}" for frame in reversed(traceback.extract_tb(error.__traceback__))
            )
            log.error(
                "request failed operation=%s error=%s at=%s", _operation(request), type(error).__name__, where[:800]
            )
            response = problem("error", language_of(request))
        seconds = deps.clock.monotonic() - began
        _access(request, response, seconds)
        if response.status != 101:  # a WebSocket lasts as long as somebody looks
            deps.served(_operation(request), response.status, seconds)
        return response

    return faults


def _operation(request: web.Request) -> str:
    route = request.match_info.route
    return route.name or "none"


def _access(request: web.Request, response: web.StreamResponse, seconds: float) -> None:
    """One line a request: the operation's name, never the path or query, which may hold a reference."""
    who: Principal | None = request.get(WHO)
    log.info(
        "request operation=%s method=%s status=%d ms=%.1f actor=%s",
        _operation(request),
        request.method,
        response.status,
        seconds * 1000,
        "-" if who is None else who.actor,
    )


def _headers(deps: ApiDeps) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    async def add(_: web.Request, response: web.StreamResponse) -> None:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.popall(hdrs.SERVER, None)
        if deps.settings.secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")

    return add


async def _healthz(_: web.Request) -> web.Response:
    """The process lives."""
    return web.json_response({"ok": True}, headers={"Cache-Control": "no-store"})


async def _readyz(request: web.Request) -> web.Response:
    """The parts work: for whoever sends traffic here."""
    parts = request.app[DEPS].ready()
    ok = all(parts.values())
    return web.json_response({"ok": ok, **parts}, status=200 if ok else 503, headers={"Cache-Control": "no-store"})
