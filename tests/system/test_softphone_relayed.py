"""The phone in the panel where no sound gets through to Asterisk: over coturn, by TCP, in both directions.

What is heard at the far end is `test_softphone.py`: from Asterisk on it is the same leg.
"""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from playwright.async_api import expect

from dialer.demo.processes import free_port
from tests.support.browser_phone import BrowserAgent, talking_browser
from tests.support.chromium import CHROMIUM
from tests.support.coturn import Coturn, program
from tests.support.day import Day
from tests.support.panel_stub import DIST
from tests.support.plant import Plant
from tests.system.test_softphone import one_resident

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(180),
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
    pytest.mark.skipif(program("turnserver") is None, reason="no coturn: `scripts/setup test` unpacks Debian's"),
]
SECRET = "of-the-relay-and-the-dialer"


def own_address() -> str:
    """Of this machine on the way out; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.connect(("192.0.2.99", 9))
        return str(line.getsockname()[0])


PAIR = """
async () => {
  const entries = [...(await window.connections.at(-1).getStats()).values()];
  const pair = entries.find((one) => one.type === "candidate-pair" && one.nominated && one.state === "succeeded");
  const ours = entries.find((one) => one.id === pair?.localCandidateId);
  return [ours?.candidateType, ours?.relayProtocol];
}
"""


async def test_the_leg_of_a_page_that_reaches_nothing_but_the_relay_stands_both_ways(
    plant: Plant, tmp_path: Path
) -> None:
    here = own_address()
    relay = Coturn(tmp_path, plant.processes, SECRET, at=here, peer=here)
    relay.start()
    try:
        async with Day(plant, one_resident(), agents=0, people=1) as day, talking_browser(tmp_path) as chromium:
            # The first address is of nobody: a page takes what answers.
            urls = f"turn:{here}:{free_port()}?transport=tcp turn:{here}:{relay.port}?transport=tcp"
            sound = {"DIALER_ASTERISK_MEDIA_ADDRESS": here}  # bound to no loopback, as on a machine of its own
            relayed = {"DIALER_RELAY_URLS": urls, "DIALER_RELAY_SECRET": SECRET}
            await day.open(env={**sound, **relayed})
            async with BrowserAgent(day, chromium, relayed=True) as agent:
                assert await agent.page.evaluate(PAIR) == ["relay", "tcp"]
                before = after = await agent.counters()
                async with asyncio.timeout(30):
                    while min(after[way] - before[way] for way in ("sent", "received")) < 100:
                        after = await agent.counters()
                # Two seconds without sound from it, and the service would have taken the leg for silent.
                await expect(agent.page.get_by_text("Telefoon klaar").first).to_be_visible()
    finally:
        plant.processes.stop("coturn")
