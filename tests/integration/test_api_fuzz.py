"""Every operation with bodies and queries that are made of its own description and then spoiled: never a 5xx, never an
answer that the description does not know, never a hang; and a live feed that hears rubbish."""

from __future__ import annotations

import asyncio
import os
import random
import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from dialer.services.access import Role
from tests.contract.test_api_description import PLAIN
from tests.support.api import SPEC, Centre, Visitor, centre
from tests.support.rows import Rows, add_rows

URN = "urn:dialer:openapi"
ENDS = {"signOut", "lockSession", "changePassword", "signIn"}
"""After these the visitor is somebody else, or nobody."""
TEXTS = (
    "", " ", "a", "Jansen", "'; drop table app_user; --", "=cmd|' /C calc'!A0", "<script>alert(1)</script>", "\u202e",
    "é" * 50, "x" * 5000, "\u0000", "\ud800", "\U0001f600", "../../etc/passwd", "${jndi:ldap://x}", "%s%n", "nl",
    "2026-06-01", "+31612345678",
)  # fmt: skip
SENDABLE = tuple(text for text in TEXTS if text != "\ud800")
"""As text on a wire: half a character can stand in JSON only."""
ENDED = (
    aiohttp.WSMsgType.CLOSE,
    aiohttp.WSMsgType.CLOSED,
    aiohttp.WSMsgType.CLOSING,
    aiohttp.WSMsgType.ERROR,
)
NUMBERS = (0, 1, -1, 2, 7, 10, 2**31, 2**63, -(2**63), 1e308, 0.1, 1.5)


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


def meant(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference leads to."""
    while "$ref" in schema:
        node: Any = SPEC.document
        for part in schema["$ref"].removeprefix(URN).removeprefix("#/").split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            node = node[int(name)] if isinstance(node, list) else node[name]
        schema = node
    return schema


class Maker:
    """Values by schema; now and then ones that are none."""

    def __init__(self, lot: random.Random, ids: list[str], spoil: float) -> None:
        self._lot, self._ids, self._spoil = lot, ids, spoil

    def value(self, schema: Mapping[str, Any], depth: int = 0) -> Any:
        lot = self._lot
        if depth > 8:
            return None
        if lot.random() < self._spoil:
            return lot.choice([None, [], {}, True, lot.choice(TEXTS), lot.choice(NUMBERS), [[[]]], {"a": {"b": []}}])
        schema = meant(schema)
        for joined in ("oneOf", "anyOf"):
            if joined in schema:
                return self.value(lot.choice(schema[joined]), depth + 1)
        if "allOf" in schema:
            merged: dict[str, Any] = {}
            for part in schema["allOf"]:
                made = self.value(part, depth + 1)
                merged |= made if isinstance(made, dict) else {}
            return merged
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return lot.choice(schema["enum"])
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = lot.choice(kind)
        return self._of(kind, schema, depth)

    def _of(self, kind: str | None, schema: Mapping[str, Any], depth: int) -> Any:
        lot = self._lot
        if kind == "object" or (kind is None and "properties" in schema):
            needed = set(schema.get("required", ()))
            made = {
                name: self.value(part, depth + 1)
                for name, part in schema.get("properties", {}).items()
                if name in needed or lot.random() < 0.6
            }
            extra = schema.get("additionalProperties")
            if isinstance(extra, dict):
                made |= {lot.choice(TEXTS)[:40] or "k": self.value(extra, depth + 1) for _ in range(lot.randrange(3))}
            if lot.random() < self._spoil:
                made[lot.choice(["__proto__", "", "id", "client_id", "role"])] = lot.choice(TEXTS)
            return made
        if kind == "array":
            least = schema.get("minItems", 0)
            return [self.value(schema.get("items", {}), depth + 1) for _ in range(least + lot.randrange(3))]
        if kind == "integer":
            return lot.randrange(int(schema.get("minimum", 0)), int(schema.get("maximum", 100)) + 1)
        if kind == "number":
            return lot.choice([schema.get("minimum", 0), schema.get("maximum", 1.5), 0.5])
        if kind == "boolean":
            return lot.random() < 0.5
        if kind == "null":
            return None
        return self._text(schema)

    def _text(self, schema: Mapping[str, Any]) -> str:
        lot, form = self._lot, schema.get("format")
        if form == "uuid":
            return lot.choice([*self._ids, str(uuid4())])
        moment = datetime(2026, 6, 1, 8, tzinfo=UTC) + timedelta(hours=lot.randrange(-5000, 5000))
        if form == "date":
            return moment.date().isoformat()
        if form == "date-time":
            return moment.isoformat()
        known = {"^\\d{2}:\\d{2}$": "09:30"}.get(schema.get("pattern", ""))
        text = known or lot.choice(TEXTS)
        least, most = schema.get("minLength", 0), schema.get("maxLength", 5000)
        return text.ljust(least, "x")[:most]


async def one(visitor: Visitor, rows: Rows, lot: random.Random, operation: str) -> int:
    """A request; its status. Whether the answer fits the description says the visitor."""
    found = SPEC.operations[operation]
    names = re.findall(r"{(\w+)}", found.path)
    known = {name: str(value) for name, value in {**rows.path(), "client": rows.client}.items()}
    maker = Maker(lot, list(known.values()), lot.choice([0.0, 0.0, 0.05, 0.3]))
    sent: dict[str, Any] = {
        name: known.get(name, str(rows.client)) if lot.random() < 0.9 else str(uuid4()) for name in names
    }
    node = SPEC.document["paths"][found.path][found.method.lower()]
    for parameter in found.query:
        if parameter.required or lot.random() < 0.4:
            made = maker.value(parameter.validator.schema)  # type: ignore[arg-type]  # a schema is a mapping here
            sent.setdefault("query", {})[parameter.name] = str(made).encode("utf-8", "ignore").decode()[:300]
    content = SPEC.resolve(node["requestBody"])[0].get("content", {}) if "requestBody" in node else {}
    if "application/json" in content:
        sent["json"] = maker.value(content["application/json"]["schema"])
    headers = {}
    if found.if_match:
        headers["If-Match"] = lot.choice(['"1"', '"2"', "x", '"0"'])
    if found.idempotency_key is not None:
        headers["Idempotency-Key"] = lot.choice([str(uuid4()), "x"])
    async with asyncio.timeout(20):
        return (await visitor(operation, headers=headers, **sent)).status


async def walk(api: Centre, seeds: range) -> dict[int, int]:
    """Every operation once a seed, by somebody who may do most of it. How often which status came."""
    client = await api.client("zoetermeer")
    rows = await add_rows(api.pool, client, api.clock.now())
    told: dict[int, int] = {}
    for seed in seeds:
        lot = random.Random(seed)
        role = (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.CLIENT, Role.QUALITY, Role.PRIVACY, Role.AGENT)[seed % 6]
        visitor = await api.person(role, client if role is Role.CLIENT else None)
        for operation in sorted(SPEC.operations):
            if operation in PLAIN | ENDS:
                continue
            try:
                status = await one(visitor, rows, lot, operation)
            except (AssertionError, TimeoutError, aiohttp.ClientError) as error:
                raise AssertionError(f"{operation}, seed {seed}: {error}") from error
            told[status] = told.get(status, 0) + 1
            assert status < 500 or status == 503, f"{operation}, seed {seed}: {status}"
    return told


KEPT = (4,)
"""Seeds that once broke something."""


async def test_no_request_breaks_the_service(api: Centre) -> None:
    seeds = int(os.environ.get("DIALER_FUZZ", "6"))
    told = await walk(api, range(seeds))
    assert told.get(200, 0) + told.get(201, 0) + told.get(204, 0) > 20, told
    assert told.get(422, 0) + told.get(400, 0) > 20, told
    answer = await api.visitor()("getSession")
    assert answer.status == 401, "it lives"


async def test_what_once_broke_it(api: Centre) -> None:
    for seed in KEPT:
        await walk(api, range(seed, seed + 1))


@pytest.mark.nightly
@pytest.mark.timeout(3000)
async def test_no_request_breaks_the_service_for_long(api: Centre) -> None:
    await walk(api, range(1000, 1150))


async def test_a_live_feed_hears_rubbish_and_ends_alone(api: Centre) -> None:
    lot = random.Random(7)
    person = await api.person(Role.AGENT)
    before = api.deps.feed.readers
    for _ in range(40):
        async with person.live() as socket:
            for _ in range(lot.randrange(1, 4)):
                if lot.random() < 0.5:
                    await socket.send_str(lot.choice([*SENDABLE, "[" * 900, '{"type":1}', "null"]))
                else:
                    await socket.send_bytes(lot.randbytes(lot.randrange(0, 4000)))
            async with asyncio.timeout(30):
                while (await socket.receive()).type not in ENDED:
                    pass
    async with asyncio.timeout(30):
        while api.deps.feed.readers > before:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.02)
    async with person.live() as socket:
        assert (await socket.receive_json(timeout=30))["type"]
