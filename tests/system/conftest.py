"""What the tests of the panel and of its phone share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.support.browser_phone import RESIDENT_HZ
from tests.support.chromium import browser
from tests.support.plant import Plant
from tests.support.sip_peer import SipPeer

# Playwright gives a page five seconds. Here it waits for a telephone or a database on a machine that does ten things at
# once: only what never comes fails a test.
expect.set_options(timeout=40_000)


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with browser() as found:
        yield found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def one_chromium() -> AsyncIterator[Browser]:
    """One for all tests that only look at pages, each in a context of its own: its start costs more than most of them.

    They run in the session's event loop, where its line lives: `pytest.mark.asyncio(loop_scope="session")`.
    """
    async with browser() as found:
        yield found


@pytest.fixture
async def peer(plant: Plant) -> AsyncIterator[SipPeer]:
    """A resident who is a SIP phone of his own."""
    built = SipPeer(plant.peer_port, plant.data / "resident", plant.root, plant.processes, tone=RESIDENT_HZ)
    await asyncio.to_thread(built.start)
    yield built
    await asyncio.to_thread(built.stop)
