"""A municipality's web server with a calendar: answers well, or as it is told."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//NL\r\n"


def event(begin: str, end: str, *more: str, uid: str = "a") -> str:
    """A VEVENT; `begin` and `end` with their parameters, as `;TZID=Europe/Amsterdam:20260309T100000`."""
    lines = [f"UID:{uid}", "DTSTAMP:20260101T000000Z", f"DTSTART{begin}", f"DTEND{end}", *more]
    return "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT", ""])


def calendar(*events: str) -> bytes:
    """The whole file."""
    return (HEAD + "".join(events) + "END:VCALENDAR\r\n").encode()


@dataclass
class FeedTown:
    """What it answers next: a status, or one of `hang`, `half`, `abort`, `page`, `endless`, `packed`; else the file."""

    url: str = ""
    body: bytes = field(default_factory=calendar)
    answers: deque[int | str] = field(default_factory=deque)
    asked: list[dict[str, str]] = field(default_factory=list)  # headers, names in lower case
    tags: bool = False  # answers 304 to who has it
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append({key.lower(): value for key, value in request.headers.items()})
        answer = self.answers.popleft() if self.answers else 200
        if isinstance(answer, str):
            return await self._trouble(answer, request)
        if answer != 200:
            headers = {302: {"Location": "http://127.0.0.1:1/"}, 503: {"Retry-After": "1800"}}.get(answer, {})
            return web.Response(status=answer, headers=headers)
        tag = f'"{hash(self.body)}"'
        if self.tags and request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        return web.Response(
            body=self.body,
            headers={"Content-Type": "text/calendar; charset=utf-8", **({"ETag": tag} if self.tags else {})},
        )

    async def _trouble(self, answer: str, request: web.Request) -> web.StreamResponse:
        if answer == "page":
            return web.Response(text="<html>Log in</html>", content_type="text/html")
        if answer == "packed":
            return web.Response(body=self.body, headers={"Content-Type": "text/calendar", "Content-Encoding": "gzip"})
        if answer == "abort":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        stream = web.StreamResponse(headers={"Content-Type": "text/calendar"})
        if answer == "half":
            stream.content_length = len(self.body)
        await stream.prepare(request)
        await stream.write(self.body[: len(self.body) // 2])
        if answer == "hang":
            await self.go.wait()
        if answer == "endless":
            try:
                while True:
                    await stream.write(b"X-MORE:" + b"a" * 65_536 + b"\r\n")
            except ConnectionError:
                return stream
        assert request.transport is not None
        request.transport.abort()
        return stream


@asynccontextmanager
async def feed_town() -> AsyncIterator[FeedTown]:
    """It runs on loopback."""
    held = FeedTown()
    app = web.Application()
    app.router.add_get("/geheim/agenda.ics", held.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    held.url = f"http://127.0.0.1:{runner.addresses[0][1]}/geheim/agenda.ics"
    try:
        yield held
    finally:
        held.go.set()
        await runner.cleanup()
