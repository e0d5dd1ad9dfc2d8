"""A page in a real Chromium that is watched: an error, a violation of the policy or a request elsewhere is a fault."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from playwright.async_api import Page


class Watched:
    """A page whose errors, policy violations and outside requests are collected; there must be none."""

    def __init__(self, page: Page, home: str) -> None:
        self.page = page
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("console", lambda line: self._line(line.type, line.text))
        page.on("request", lambda request: self._request(request.url, home))

    def _line(self, kind: str, text: str) -> None:
        # A refused request is logged by the browser itself and is part of some tests.
        if kind in ("error", "warning") and "Failed to load resource" not in text and "WebSocket" not in text:
            self.problems.append(f"{kind}: {text}")

    def _request(self, url: str, home: str) -> None:
        if not url.startswith((home, home.replace("http", "ws"), "blob:" + home)):
            self.problems.append(f"outside: {url}")


async def until(condition: Callable[[], object]) -> None:
    """Wait until `condition()` holds; the deadline makes a test fail, never the pace."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - what we look at has no event
            await asyncio.sleep(0.02)
