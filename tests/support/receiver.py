"""A municipality's receiver of webhooks: checks what comes in, remembers ids, and is in trouble when told."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Receiver:
    """What came, in order: (headers, body)."""

    url: str = ""
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: deque[int | str] = field(default_factory=deque)  # a status, `hang` (until `go`), or `abort`
    go: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.came]

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.came]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.came.append(({key.lower(): value for key, value in request.headers.items()}, await request.read()))
        self.arrived.set()
        answer = self.answers.popleft() if self.answers else 204
        if answer == "hang":
            await self.go.wait()
            answer = 204
        if answer == "abort":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        assert isinstance(answer, int)
        return web.Response(status=answer, headers={"Location": "http://127.0.0.1:1/"} if answer == 302 else {})


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """It runs on loopback."""
    held = Receiver()
    app = web.Application()
    app.router.add_post("/results", held.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    held.url = f"http://127.0.0.1:{runner.addresses[0][1]}/results"
    try:
        yield held
    finally:
        held.go.set()
        await runner.cleanup()
