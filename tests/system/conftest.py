"""What the tests of the panel and of its phone share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.support.browser_phone import RESIDENT_HZ
from tests.support.chromium import browser
from tests.support.plant import Plant
from tests.support.sip_peer import SipPeer


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with browser() as found:
        yield found


@pytest.fixture
async def peer(plant: Plant) -> AsyncIterator[SipPeer]:
    """A resident who is a SIP phone of his own."""
    built = SipPeer(plant.peer_port, plant.data / "resident", plant.root, plant.processes, tone=RESIDENT_HZ)
    await asyncio.to_thread(built.start)
    yield built
    await asyncio.to_thread(built.stop)
