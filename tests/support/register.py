"""A contact register made from the Klantinteracties specification: each request is held against it, and kept.

`faults` come first: what the next requests meet instead, as recorded from servers in trouble.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from aiohttp import web
from jsonschema import Draft202012Validator, FormatChecker

TOKEN = "geheime-sleutel-van-het-register"
BASE = "/klantinteracties/api/v1"
FAULTS = ("401", "429", "500", "slow", "half", "lost")
"""`half`: the answer breaks off; `lost`: done over there, and the line goes before a word of it."""


@cache
def document() -> dict[str, Any]:
    return dict(yaml.safe_load((Path(__file__).parent / "klantinteracties.yaml").read_text(encoding="utf-8")))


def _as_request(schema: Any) -> Any:
    """OpenAPI 3.0's schema as JSON Schema for what is sent: nobody sends what is read only, null where nullable."""
    if isinstance(schema, list):
        return [_as_request(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _as_request(value) for key, value in schema.items() if key not in ("readOnly", "nullable")}
    properties = schema.get("properties")
    if isinstance(properties, dict):
        read = {name for name, one in properties.items() if isinstance(one, dict) and one.get("readOnly")}
        found["properties"] = {name: one for name, one in found["properties"].items() if name not in read}
        found["required"] = [name for name in schema.get("required", []) if name not in read]
        found.setdefault("additionalProperties", False)  # a field that there is not is a mistake of ours
    if schema.get("nullable"):
        return {"anyOf": [found, {"type": "null"}]}
    return found


@cache
def _requests() -> dict[str, Any]:
    schemas = document()["components"]["schemas"]
    return {"components": {"schemas": {name: _as_request(one) for name, one in schemas.items()}}}


def complaints(operation: Mapping[str, Any], body: object) -> list[str]:
    """What the specification has against this body."""
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    validator = Draft202012Validator({**_requests(), **_as_request(schema)}, format_checker=FormatChecker())
    return [f"{error.json_path} {error.message}" for error in validator.iter_errors(body)]


@dataclass
class Register:
    """What it holds, and what was asked of it."""

    url: str = ""
    held: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {"klantcontacten": [], "onderwerpobjecten": [], "internetaken": [], "betrokkenen": []}
    )
    asked: list[tuple[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    faults: deque[str] = field(default_factory=deque)
    slow: float = 30.0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix(BASE)
        self.asked.append((request.method, path))
        fault = self.faults.popleft() if self.faults else ""
        if fault == "slow":
            await asyncio.sleep(self.slow)
        if fault in ("429", "500"):
            headers = {"Retry-After": "120"} if fault == "429" else {}
            return web.json_response({"code": "error", "status": int(fault)}, status=int(fault), headers=headers)
        if fault == "401" or request.headers.get("Authorization") != f"Token {TOKEN}":
            return web.json_response({"code": "not_authenticated", "status": 401}, status=401)
        status, answer = await self._answer(request, path)
        if fault == "lost":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if fault == "half":
            raw = json.dumps(answer).encode()
            response = web.StreamResponse(status=status, headers={"Content-Length": str(len(raw))})
            await response.prepare(request)
            await response.write(raw[: len(raw) // 2])
            assert request.transport is not None
            request.transport.close()
            return response
        return web.json_response(answer, status=status)

    async def _answer(self, request: web.Request, path: str) -> tuple[int, dict[str, Any]]:
        parts = path.strip("/").split("/")
        pattern = f"/{parts[0]}" + ("/{uuid}" if len(parts) == 2 else "")
        operation = document()["paths"].get(pattern, {}).get(request.method.lower())
        if operation is None:
            self.refused.append(f"{request.method} {path}")
            return 404, {"code": "not_found", "status": 404}
        if request.method == "GET":
            known = {one["name"] for one in operation.get("parameters", [])}
            strange = sorted(set(request.query) - known)
            if strange:
                self.refused.append(f"{path}: {strange}")
                return 400, {"code": "unknown-parameters", "status": 400}
            found = [one for one in self.held[parts[0]] if _fits(one, request.query)]
            return 200, {"count": len(found), "next": None, "previous": None, "results": found}
        body = await request.json()
        wrong = complaints(operation, body)
        if wrong:
            self.refused += wrong
            return 400, {"code": "invalid", "status": 400}
        if request.method == "PATCH":
            one = next(one for one in self.held[parts[0]] if one["uuid"] == parts[1])
            one.update(body)
            return 200, one
        if parts[0] == "maak-klantcontact":
            return 201, self._contact(body)
        return 201, self._add(parts[0], body)

    def _contact(self, body: Mapping[str, Any]) -> dict[str, Any]:
        contact = self._add("klantcontacten", body["klantcontact"])
        made: dict[str, Any] = {"klantcontact": contact}
        for key, kind, link in (
            ("betrokkene", "betrokkenen", "hadKlantcontact"), ("onderwerpobject", "onderwerpobjecten", "klantcontact"),
        ):  # fmt: skip
            if key in body:
                made[key] = self._add(kind, {**body[key], link: {"uuid": contact["uuid"]}})
        return made

    def _add(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        identity = str(uuid4())
        one = {**body, "uuid": identity, "url": f"{self.url}/{kind}/{identity}"}
        self.held[kind].append(one)
        return one


def _fits(one: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    for key in ("referentienummer", "nummer"):
        if key in query and one.get(key) != query[key]:
            return False
    if "klantcontact__uuid" in query and one["klantcontact"]["uuid"] != query["klantcontact__uuid"]:
        return False
    wanted = query.get("onderwerpobjectidentificatorObjectId")
    return wanted is None or one["onderwerpobjectidentificator"]["objectId"] == wanted


@asynccontextmanager
async def register() -> AsyncIterator[Register]:
    """It runs on loopback."""
    held = Register()
    app = web.Application()
    app.router.add_route("*", BASE + "/{rest:.*}", held.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    held.url = f"http://127.0.0.1:{runner.addresses[0][1]}{BASE}"
    try:
        yield held
    finally:
        await runner.cleanup()
