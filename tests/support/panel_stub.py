"""The service as the panel sees it, with invented data and hands to push, break and heal it.

It serves the built panel with the real service's headers, and holds each of its answers against the API's description,
so that it cannot drift from it. Browser tests and the screenshots use it; the real service has tests of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from dialer.api import panel
from dialer.api.application import HEADERS
from dialer.api.spec import PREFIX, load
from dialer.services.access import OPERATIONS, PERMISSIONS, WHILE_HALF, WHILE_LOCKED, Open, Role
from tests.support import panel_access as access
from tests.support import panel_bookings as bookings
from tests.support import panel_exchange as exchange
from tests.support import panel_lists as lists
from tests.support import panel_office as office
from tests.support import panel_outlets
from tests.support import panel_people as people
from tests.support import panel_practice as practice
from tests.support import panel_scripts as scripts
from tests.support import panel_team as team
from tests.support.panel_answer import Asked, RefusalError, iso
from tests.support.panel_answers import ANSWERS, FILES

DIST = Path(__file__).resolve().parents[2] / "web" / "dist"
SPEC = load()
OPEN = {operation for operation, needed in OPERATIONS.items() if needed is Open.PUBLIC}
Json = dict[str, Any]


@dataclass
class Failure:
    """What an operation answers instead, `times` times. Status 0: the connection is cut."""

    status: int
    code: str
    times: int


@dataclass
class Request:
    """A request that changed something."""

    operation: str
    body: Any
    headers: Mapping[str, str]


@dataclass
class Stub:
    """State of the pretended service."""

    role: str = "agent"
    signed_in: bool = False
    locked: bool = False
    stage: str = "open"  # what is still asked of whoever signs in
    factor: Json = field(default_factory=access.factor)
    others_factor: Json = field(default_factory=lambda: access.factor(active=True))
    sessions: list[Json] = field(default_factory=access.sessions)
    sign_on: str | None = None  # name of the identity provider
    linked: bool = False
    others_linked: bool = False
    sign_in_rules: list[Json] = field(default_factory=access.rules)
    lock_after: int | None = 600
    agent: Json = field(default_factory=people.agent)
    floor: Json = field(default_factory=people.floor)
    stop: Json | None = None
    card: Json = field(default_factory=people.card)
    preview: Json = field(default_factory=people.preview)
    dossier: Json = field(default_factory=people.dossier)
    script: Json = field(default_factory=scripts.served)
    drafts: dict[str, Json] = field(default_factory=dict)
    campaigns: list[Json] = field(default_factory=lists.campaigns)
    deliveries: list[Json] = field(default_factory=lists.deliveries)
    cases: list[Json] = field(default_factory=lists.cases)
    merges: list[Json] = field(default_factory=list)
    callbacks: list[Json] = field(default_factory=lists.callbacks)
    exports: list[Json] = field(default_factory=lists.exports)
    users: list[Json] = field(default_factory=people.users)
    campaign_agents: list[str] = field(default_factory=lambda: [people.ME])
    rules: Json = field(default_factory=lambda: {"version": 4, "steps": {}})
    client_settings: Json = field(default_factory=lambda: {"case_cap": 10, "daily_cap": 1})
    day: Json = field(default_factory=office.day)
    tokens: list[Json] = field(default_factory=office.tokens)
    channels: list[Json] = field(default_factory=exchange.channels)
    checklist: list[Json] = field(default_factory=office.checklist)
    pauses: list[Json] = field(default_factory=team.pause_reasons)
    skills: list[Json] = field(default_factory=team.skills)
    abilities: list[Json] = field(default_factory=lambda: team.abilities(people.floor()))
    roster: dict[tuple[str, str], Json] = field(default_factory=team.rostered)
    roster_feed: str | None = None  # when its address was made
    practice: Json = field(default_factory=practice.mine)
    slots: list[Json] = field(default_factory=bookings.slots)
    slot_sources: list[Json] = field(default_factory=bookings.sources)
    bookings: list[Json] = field(default_factory=bookings.bookings)
    ddas: Json = field(default_factory=exchange.ddas)
    sources: list[Json] = field(default_factory=exchange.sources)
    outlets: list[Json] = field(default_factory=panel_outlets.outlets)
    dispatches: list[Json] = field(default_factory=panel_outlets.dispatches)
    profiles: list[Json] = field(default_factory=panel_outlets.profiles)
    marks: dict[str, Json] = field(default_factory=dict)  # what the client's people said, by case
    agreed: list[Json] = field(default_factory=list)  # about reach, with the client
    written: list[str] = field(default_factory=list)  # in the thread of the case
    staff_phones: list[Json] = field(default_factory=office.staff_phones)
    proof_calls: list[Json] = field(default_factory=list)
    may_start: bool = True
    learned: bool = True  # pacing has seen calls
    past: Json = field(default_factory=dict)  # how `getDecisions` answers: `kept`, `none`
    verified: bool = False
    listener: Json | None = None  # who asked to listen in
    tries: int = 3
    requests: list[Request] = field(default_factory=list)
    failures: dict[str, Failure] = field(default_factory=dict)
    waits: set[str] = field(default_factory=set)  # operations that are not answered before the end
    over: asyncio.Event = field(default_factory=asyncio.Event)
    accepts_sockets: bool = True
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    phones: list[web.WebSocketResponse] = field(default_factory=list)
    resumed: list[tuple[str, str]] = field(default_factory=list)
    sent: list[tuple[int, Json]] = field(default_factory=list)  # everything pushed, with its number
    epoch: str = "e1"
    seq: int = 0
    url: str = ""

    # ---- hands ----
    def fail(self, operation: str, status: int, code: str = "unavailable", times: int = 1) -> None:
        """Let `operation` fail."""
        self.failures[operation] = Failure(status, code, times)

    async def push(self, kind: str, data: Json) -> None:
        """Send a message on the live feed; while nobody listens it waits for who resumes."""
        self.seq += 1
        message = {"type": kind, "seq": self.seq, "data": data}
        valid(message, "components", "schemas", "LiveMessage")
        self.sent.append((self.seq, json.loads(json.dumps(message))))
        for socket in list(self.sockets):
            with contextlib.suppress(ConnectionError):  # a page that has just been left
                await socket.send_json(message)

    async def duty(self, **change: Any) -> None:
        """Change the agent's view and tell."""
        self.agent.update(since=time.time(), **change)
        await self.push("agent", self.agent)

    async def answered(self, direction: str = "out") -> None:
        """A call is joined to the agent: `out`, `in`, or `call_back` for one that was asked for."""
        self.verified = False
        way, call_back = ("out", True) if direction == "call_back" else (direction, False)
        self.card.update(direction=way, call_back=call_back, verified=None)
        if direction != "out":
            self.card.update(name="", salutation="", attempt_number=None, case=None)
        await self.push("card", self.card)
        now = {"state": "talking", "phone": "in_call", "direction": way, "call_back": call_back}
        await self.duty(attempt=people.ATTEMPT, **now)

    async def drop(self) -> None:
        """Cut the live feed and let nobody in until `accepts_sockets` is set again."""
        self.accepts_sockets = False
        for socket in list(self.sockets):
            transport = socket._req.transport if socket._req is not None else None
            if transport is not None:
                transport.abort()

    def made(self, operation: str) -> list[Any]:
        """Bodies of the requests to this operation."""
        return [request.body for request in self.requests if request.operation == operation]

    # ---- answers ----
    def session(self) -> Json:
        user = next(user for user in self.users if user["role"] == self.role)
        whole = self.stage == "open"
        return {
            "user": user,
            "permissions": sorted(str(permission) for permission in PERMISSIONS[Role(self.role)]) if whole else [],
            "csrf_token": "csrf",
            "expires_at": iso(hours=8),
            "locked": self.locked,
            "lock_after_seconds": self.lock_after,
            "stage": self.stage,
        }


def valid(value: Any, *place: str) -> None:
    """Fail unless the description allows it."""
    error = next(SPEC.validator(*place).iter_errors(value), None)
    assert error is None, f"{'/'.join(place)}: {error.json_path} {error.message}" if error else ""


async def _answer(stub: Stub, operation: str, request: web.Request) -> web.StreamResponse:
    found = SPEC.operations[operation]
    body = None
    if request.content_type == "application/json" and request.can_read_body:
        body = await request.json()
        if found.body is not None:
            assert found.body.is_valid(body), f"{operation}: {body}"
    elif request.can_read_body:
        body = (await request.read())[:200]
    if request.method != "GET":
        stub.requests.append(Request(operation, body, request.headers))
    failure = stub.failures.get(operation)
    if failure is not None and failure.times > 0:
        failure.times -= 1
        if failure.status == 0:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return _problem(failure.status, failure.code)
    if operation not in OPEN and not stub.signed_in:
        return _problem(401, "not-signed-in")
    if (held := _held_back(stub, operation)) is not None:
        return held
    if request.method != "GET" and operation not in OPEN and request.headers.get("X-CSRF-Token") != "csrf":
        return _problem(403, "csrf")
    if operation in FILES:
        kind = "audio/wav" if operation == "playRecording" else "text/csv"
        return web.Response(body=FILES[operation], content_type=kind)
    try:
        answer = ANSWERS[operation](stub, Asked(request.match_info, request.query, body))
    except RefusalError as refused:
        return _problem(refused.status, refused.code)
    return _checked(operation, answer)


def _held_back(stub: Stub, operation: str) -> web.Response | None:
    if stub.locked and operation not in OPEN | WHILE_LOCKED:
        return _problem(423, "session-locked")
    if stub.stage != "open" and operation not in OPEN | WHILE_HALF:
        return _problem(403, "second-factor-first")
    return None


async def _in_time(stub: Stub, operation: str, request: web.Request) -> web.StreamResponse:
    if operation in stub.waits:
        await stub.over.wait()
    return await _answer(stub, operation, request)


def _checked(operation: str, answer: Any) -> web.Response:
    found = SPEC.operations[operation]
    place = ("paths", found.path, found.method.lower(), "responses")
    responses = SPEC.document["paths"][found.path][found.method.lower()]["responses"]
    status = next(key for key in ("200", "201", "202", "204") if key in responses)
    if answer is None:
        return web.Response(status=int(status))
    _, where = SPEC.resolve(responses[status], *place, status)
    valid(answer, *where, "content", "application/json", "schema")
    return web.json_response(answer, status=int(status), headers={"Cache-Control": "no-store"})


def _problem(status: int, code: str) -> web.Response:
    body = {"type": "about:blank", "title": code, "status": status, "code": code}
    return web.Response(status=status, body=json.dumps(body).encode(), content_type="application/problem+json")


async def _live(stub: Stub, request: web.Request) -> web.StreamResponse:
    if not stub.accepts_sockets or not stub.signed_in:
        raise web.HTTPServiceUnavailable
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    after, epoch = request.query.get("after"), request.query.get("epoch")
    resumed = after is not None and epoch == stub.epoch
    if after is not None and epoch is not None:
        stub.resumed.append((after, epoch))
    await socket.send_json(
        {"type": "hello", "epoch": stub.epoch, "seq": stub.seq, "resumed": resumed, "heartbeat_seconds": 10}
    )
    if resumed and after is not None:
        for number, message in stub.sent:
            if number > int(after):
                await socket.send_json(message)
    else:
        agent = stub.agent if stub.role == "agent" else None
        floor = None if stub.role == "agent" else stub.floor
        await socket.send_json({"type": "snapshot", "seq": stub.seq, "agent": agent, "floor": floor})
    stub.sockets.append(socket)
    try:
        async for incoming in socket:
            if incoming.type is WSMsgType.ERROR:
                break
    finally:
        stub.sockets.remove(socket)
    return socket


async def _sip(stub: Stub, request: web.Request) -> web.StreamResponse:
    """The phone's line: every registration is taken, and nobody ever rings."""
    if not stub.accepts_sockets or not stub.signed_in:
        raise web.HTTPServiceUnavailable
    socket = web.WebSocketResponse(protocols=("sip",))
    await socket.prepare(request)
    stub.phones.append(socket)
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT and message.data.startswith("REGISTER "):
                kept = ("Via:", "From:", "To:", "Call-ID:", "CSeq:", "Contact:")
                lines = [line for line in message.data.split("\r\n") if line.startswith(kept)]
                await socket.send_str("\r\n".join(["SIP/2.0 200 OK", *lines, "Content-Length: 0", "", ""]))
    finally:
        stub.phones.remove(socket)
    return socket


async def _headers(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


@asynccontextmanager
async def running(role: str = "agent", dist: Path = DIST) -> AsyncIterator[Stub]:
    """The stub on a port of its own on loopback; `stub.url` is where."""
    stub = Stub(role=role)
    app = web.Application(client_max_size=50 * 2**20)
    app.on_response_prepare.append(_headers)
    for operation in SPEC.operations.values():
        if operation.id == "openLiveFeed":
            app.router.add_get(PREFIX + operation.path, partial(_live, stub))
        elif operation.id in ANSWERS or operation.id in FILES:
            app.router.add_route(operation.method, PREFIX + operation.path, partial(_in_time, stub, operation.id))
    app.router.add_get("/sip", partial(_sip, stub))
    panel.mount(app, dist)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = runner.addresses[0]
    stub.url = f"http://127.0.0.1:{address[1]}"
    try:
        yield stub
    finally:
        stub.over.set()
        for socket in [*stub.sockets, *stub.phones]:
            with contextlib.suppress(ConnectionError, asyncio.TimeoutError):
                await socket.close()
        await runner.cleanup()
