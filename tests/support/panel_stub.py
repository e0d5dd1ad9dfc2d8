"""The service as the panel sees it, with invented data and hands to push, break and heal it.

It serves the built panel with the real service's headers, and holds each of its answers against the API's description,
so that it cannot drift from it. Browser tests and the screenshots use it; the real service has tests of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from dialer.api import panel
from dialer.api.application import HEADERS
from dialer.api.spec import PREFIX, load
from dialer.services.access import PERMISSIONS, Role
from tests.support import panel_people as people

DIST = Path(__file__).resolve().parents[2] / "web" / "dist"
SPEC = load()
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
    agent: Json = field(default_factory=people.agent)
    floor: Json = field(default_factory=people.floor)
    card: Json = field(default_factory=people.card)
    dossier: Json = field(default_factory=people.dossier)
    drafts: dict[str, Json] = field(default_factory=dict)
    campaigns: list[Json] = field(default_factory=people.campaigns)
    deliveries: list[Json] = field(default_factory=people.deliveries)
    cases: list[Json] = field(default_factory=people.cases)
    callbacks: list[Json] = field(default_factory=people.callbacks)
    exports: list[Json] = field(default_factory=people.exports)
    users: list[Json] = field(default_factory=people.users)
    campaign_agents: list[str] = field(default_factory=lambda: [people.ME])
    may_start: bool = True
    verified: bool = False
    tries: int = 3
    requests: list[Request] = field(default_factory=list)
    failures: dict[str, Failure] = field(default_factory=dict)
    accepts_sockets: bool = True
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
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
            await socket.send_json(message)

    async def duty(self, **change: Any) -> None:
        """Change the agent's view and tell."""
        self.agent.update(since=time.time(), **change)
        await self.push("agent", self.agent)

    async def answered(self, direction: str = "out") -> None:
        """A call is joined to the agent."""
        self.verified = False
        self.card.update(direction=direction, verified=None)
        if direction == "in":
            self.card.update(name="", salutation="", attempt_number=None, case=None)
        await self.push("card", self.card)
        await self.duty(state="talking", attempt=people.ATTEMPT, direction=direction, phone="in_call")

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
        return {
            "user": user,
            "permissions": sorted(str(permission) for permission in PERMISSIONS[Role(self.role)]),
            "csrf_token": "csrf",
            "expires_at": iso(hours=8),
        }


def iso(**delta: float) -> str:
    """A time from now, RFC 3339."""
    return (datetime.now(UTC) + timedelta(**delta)).isoformat(timespec="seconds").replace("+00:00", "Z")


def valid(value: Any, *place: str) -> None:
    """Fail unless the description allows it."""
    error = next(SPEC.validator(*place).iter_errors(value), None)
    assert error is None, f"{'/'.join(place)}: {error.json_path} {error.message}" if error else ""


def page(items: list[Json]) -> Json:
    """One page with everything."""
    return {"items": items, "next": None}


class Refuse(Exception):
    """Answer with a problem."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass
class Asked:
    """A request, read."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any


Handler = Callable[[Stub, Asked], Any]


def _by_id(items: list[Json], identity: str) -> Json:
    found = next((item for item in items if item["id"] == identity), None)
    if found is None:
        raise Refuse(404, "not-found")
    return found


def _sign_in(stub: Stub, asked: Asked) -> Json:
    if asked.body["password"] != people.PASSWORD:
        raise Refuse(401, "sign-in-refused")
    stub.signed_in = True
    return stub.session()


def _sign_out(stub: Stub, _: Asked) -> None:
    stub.signed_in = False


def _duty(stub: Stub, asked: Asked) -> Json:
    busy = stub.agent["state"] in ("reserved", "talking", "wrap_up")
    duty = asked.body["duty"]
    if busy:
        stub.agent["wish"] = {"pause": "pause", "off": "off_duty"}.get(duty, "")
        return stub.agent
    states = {"on": "available", "pause": "paused", "resume": "available", "off": "off"}
    phone = "none" if duty == "off" else "ready"
    stub.agent.update(state=states[duty], since=time.time(), reason=asked.body.get("reason", ""), wish="", phone=phone)
    return stub.agent


def _verify(stub: Stub, asked: Asked) -> Json:
    if asked.body["birth_date"] == people.BIRTH_DATE and asked.body["postcode"] == people.POSTCODE:
        stub.verified = True
        stub.card.update(people.names(), verified=True)
        return {"match": True, "tries_left": stub.tries}
    stub.tries -= 1
    return {"match": False, "tries_left": stub.tries}


def _dossier(stub: Stub, _: Asked) -> Json:
    if not stub.verified:
        raise Refuse(403, "not-verified")
    return stub.dossier


def _hang_up(stub: Stub, asked: Asked) -> Json:
    stub.agent.update(
        state="wrap_up",
        since=time.time(),
        attempt=asked.path["attempt"],
        phone="ready",
        wrap_ups=[asked.path["attempt"]],
    )
    return stub.agent


def _filed(stub: Stub, asked: Asked) -> Json:
    stub.agent.update(
        state="available", since=time.time(), attempt=None, direction="", phone="ready",
        wrap_ups=[other for other in stub.agent["wrap_ups"] if other != asked.path["attempt"]],
    )  # fmt: skip
    return stub.agent


def _save_draft(stub: Stub, asked: Asked) -> None:
    stub.drafts[asked.path["attempt"]] = asked.body


def _campaign_state(stub: Stub, asked: Asked) -> Json:
    if asked.body["state"] == "running" and not stub.may_start:
        raise Refuse(409, "preflight")
    campaign = _by_id(stub.campaigns, asked.path["campaign"])
    campaign["state"] = asked.body["state"]
    return campaign


def _new_campaign(stub: Stub, asked: Asked) -> Json:
    campaign = {**people.campaigns()[0], **asked.body, "id": people.uid(77), "state": "draft"}
    stub.campaigns.insert(0, campaign)
    return campaign


def _cases(stub: Stub, asked: Asked) -> Json:
    state, reference = asked.query.get("state"), asked.query.get("reference")
    found = [case for case in stub.cases if state in (None, case["state"])]
    return page([case for case in found if reference is None or reference in case["client_refs"]])


def _claim(stub: Stub, asked: Asked) -> Json:
    callback = _by_id(stub.callbacks, asked.path["callback"])
    callback.update(state="claimed", number="+31790000147")
    return callback


def _close(stub: Stub, asked: Asked) -> Json:
    callback = _by_id(stub.callbacks, asked.path["callback"])
    callback.update(state=asked.body["result"], done_at=iso())
    return callback


def _withdraw(stub: Stub, asked: Asked) -> Json:
    case = _by_id(stub.cases, asked.path["case"])
    case.update(state="withdrawn", next_at=None)
    return case


def _recall(stub: Stub, asked: Asked) -> Json:
    _by_id(stub.deliveries, asked.path["delivery"]).update(state="recalled", recalled_at=iso())
    return {"delivery": asked.path["delivery"], "cases": 482, "called": [], "seen_by": []}


def _new_export(stub: Stub, asked: Asked) -> Json:
    export = {**people.exports()[0], "id": people.uid(78), "kind": asked.body["kind"], "confirmed_at": None}
    stub.exports.insert(0, export)
    return export


def _confirm(stub: Stub, asked: Asked) -> Json:
    export = _by_id(stub.exports, asked.path["export"])
    export["confirmed_at"] = iso()
    return export


def _new_user(stub: Stub, asked: Asked) -> Json:
    asked.body.pop("password")
    user = {**people.users()[0], **asked.body, "id": people.uid(79)}
    stub.users.append(user)
    return user


def _disable(stub: Stub, asked: Asked) -> Json:
    user = _by_id(stub.users, asked.path["user"])
    user.update(asked.body, version=user["version"] + 1)
    return user


ANSWERS: Mapping[str, Handler] = {
    "signIn": _sign_in,
    "getSession": lambda stub, _: stub.session(),
    "signOut": _sign_out,
    "getMyView": lambda stub, _: stub.agent,
    "setMyDuty": _duty,
    "grantMyDevice": lambda _, __: people.device(),
    "setAgentDuty": lambda stub, asked: {**stub.agent, "user": asked.path["user"]},
    "getCard": lambda stub, _: stub.card,
    "findCandidates": lambda _, __: {"items": people.candidates()},
    "verifyIdentity": _verify,
    "getDossier": _dossier,
    "hangUp": _hang_up,
    "markVoicemail": _filed,
    "fileOutcome": _filed,
    "getDraft": lambda stub, asked: stub.drafts.get(asked.path["attempt"], {}),
    "saveDraft": _save_draft,
    "getFloor": lambda stub, _: stub.floor,
    "listCampaigns": lambda stub, _: page(stub.campaigns),
    "createCampaign": _new_campaign,
    "getCampaign": lambda stub, asked: _by_id(stub.campaigns, asked.path["campaign"]),
    "setCampaignState": _campaign_state,
    "getCampaignAgents": lambda stub, _: {"users": stub.campaign_agents},
    "setCampaignAgents": lambda _, asked: {"users": asked.body["users"]},
    "getPreflight": lambda stub, _: people.preflight(stub.may_start),
    "placeTestCall": lambda _, __: None,
    "whyCampaign": lambda stub, asked: people.why(_by_id(stub.campaigns, asked.path["campaign"])["state"]),
    "listOutcomes": lambda _, __: {"version": 1, "items": people.outcomes()},
    "listDeliveries": lambda stub, _: page(stub.deliveries),
    "uploadDelivery": lambda _, asked: people.intake(asked.query.get("dry_run") == "true"),
    "recallDelivery": _recall,
    "listCases": _cases,
    "getCase": lambda stub, asked: people.case_detail(_by_id(stub.cases, asked.path["case"])),
    "whyCase": lambda _, __: people.why_case(),
    "withdrawCase": _withdraw,
    "listExports": lambda stub, _: page(stub.exports),
    "createExport": _new_export,
    "confirmExport": _confirm,
    "listCallbacks": lambda stub, asked: page(
        [item for item in stub.callbacks if item["state"] == asked.query.get("state", "open")]
    ),
    "claimCallback": _claim,
    "closeCallback": _close,
    "listClients": lambda _, __: {"items": people.clients()},
    "listUsers": lambda stub, asked: page(
        [user for user in stub.users if asked.query.get("role") in (None, user["role"])]
    ),
    "createUser": _new_user,
    "updateUser": _disable,
    "setUserPassword": lambda _, __: None,
}

FILES: Mapping[str, bytes] = {"downloadExport": b"a;b\r\n1;2\r\n", "getImportTemplate": b"x"}


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
    if operation != "signIn" and not stub.signed_in:
        return _problem(401, "not-signed-in")
    if request.method != "GET" and operation != "signIn" and request.headers.get("X-CSRF-Token") != "csrf":
        return _problem(403, "csrf")
    if operation in FILES:
        return web.Response(body=FILES[operation], content_type="text/csv")
    try:
        answer = ANSWERS[operation](stub, Asked(request.match_info, request.query, body))
    except Refuse as refused:
        return _problem(refused.status, refused.code)
    return _checked(operation, answer)


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
        async for message in socket:
            if message.type is WSMsgType.ERROR:
                break
    finally:
        stub.sockets.remove(socket)
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
        route = PREFIX + operation.path
        if operation.id == "openLiveFeed":
            app.router.add_get(route, lambda request: _live(stub, request))
        elif operation.id in ANSWERS or operation.id in FILES:
            handler = lambda request, name=operation.id: _answer(stub, name, request)  # noqa: E731
            app.router.add_route(operation.method, route, handler)
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
        for socket in list(stub.sockets):
            with contextlib.suppress(ConnectionError, asyncio.TimeoutError):
                await socket.close()
        await runner.cleanup()
