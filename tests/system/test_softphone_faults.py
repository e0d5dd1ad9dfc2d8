"""The phone in the panel while its network or its browser goes: the resident hears music, then the same voice again."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import psutil
import pytest
from playwright.async_api import expect

from dialer.demo.town_plan import special
from tests.support.browser_phone import (
    MICROPHONE_HZ,
    OVER_THE_PEER,
    PURE,
    BrowserAgent,
    longest_silence,
    share_of,
    talking_browser,
)
from tests.support.cable import Cable, why_no_cable
from tests.support.chromium import CHROMIUM
from tests.support.day import Day, Resident
from tests.support.panel_stub import DIST
from tests.support.plant import Plant
from tests.support.proxy import Proxy
from tests.support.sip_peer import SipPeer

pytestmark = [
    pytest.mark.system,
    pytest.mark.nightly,
    pytest.mark.timeout(180),
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
]


async def resident_hears(peer: SipPeer, *, agent: bool, within: float) -> None:
    """The resident hears the agent's tone (again), or music instead."""

    def so() -> bool:
        now = peer.samples(0.5)
        share = share_of(now, MICROPHONE_HZ)
        return share > PURE if agent else share < 0.1 and any(abs(sample) > 0.01 for sample in now)

    async with asyncio.timeout(within):
        while not so():  # noqa: ASYNC110 - a file has no event
            await asyncio.sleep(0.1)


async def in_conversation(day: Day, peer: SipPeer) -> None:
    await day.run()
    await day.until_count("state = 'joined'", 1)
    await resident_hears(peer, agent=True, within=6.0)


@pytest.mark.skipif(bool(why_no_cable()), reason=why_no_cable() or "-")
async def test_the_whole_network_drops_for_five_seconds_sound_and_line_alike(
    plant: Plant, peer: SipPeer, tmp_path: Path
) -> None:
    """The browser stands at the far end of a cable that is pulled: neither its line nor its sound gets through."""
    with Cable() as cable:
        env = OVER_THE_PEER | {"DIALER_ASTERISK_MEDIA_ADDRESS": cable.outside}
        async with Day(plant, [Resident(special("200", 42))], agents=0, people=1) as day:
            dialer = await day.open(env=env)
            way = await Proxy(dialer.port, at=cable.outside).start()
            origin = f"http://{cable.outside}:{way.port}"
            try:
                async with (
                    talking_browser(tmp_path, cable=cable, origin=origin) as browser,
                    BrowserAgent(day, browser, base=origin) as agent,
                ):
                    await in_conversation(day, peer)
                    begun = len(peer.samples(3600))
                    cable.pull_inside()
                    await asyncio.sleep(5.0)  # that long it drops
                    cable.plug_inside()
                    await resident_hears(peer, agent=True, within=12.0)
                    assert await day.count("state = 'joined'") == 1
                    # Four seconds and two looks until the leg is given up, then music.
                    assert longest_silence(peer.samples(3600)[begun:]) < 6.0
                    await expect(agent.page.get_by_text("Verbinding goed").first).to_be_visible(timeout=20_000)
                    await expect(agent.page.get_by_text("Geen verbinding")).to_have_count(0, timeout=40_000)
                    await agent.page.get_by_role("button", name="Ophangen").click()
                    await expect(agent.page.get_by_text("Gesprek voorbij")).to_be_visible()
                    await agent.ready()
            finally:
                await way.stop()


async def test_a_browser_that_is_killed_leaves_music_and_another_one_takes_over(
    plant: Plant, peer: SipPeer, tmp_path: Path
) -> None:
    async with Day(plant, [Resident(special("200", 43))], agents=0, people=1) as day:
        await day.open(env=OVER_THE_PEER)
        before = {process.pid for process in psutil.Process().children(recursive=True)}
        async with talking_browser(tmp_path) as browser:
            young = (one for one in psutil.Process().children(recursive=True) if one.pid not in before)
            own = [one for one in young if "chromium" in one.name()]
            agent = BrowserAgent(day, browser)
            await agent.__aenter__()
            await in_conversation(day, peer)
            begun = len(peer.samples(3600))
            assert own
            for one in own:
                if one.is_running():
                    one.send_signal(signal.SIGKILL)
            await resident_hears(peer, agent=False, within=8.0)
        async with talking_browser(tmp_path) as another, BrowserAgent(day, another, on_duty=False) as agent:
            await expect(
                agent.page.get_by_text("Telefoon is verbonden.").or_(agent.page.get_by_text("Telefoon verbonden")).first
            ).to_be_visible(timeout=15_000)
            await resident_hears(peer, agent=True, within=8.0)
            assert await day.count("state = 'joined'") == 1
            assert longest_silence(peer.samples(3600)[begun:]) < 4.0, "its line ended with it: nobody waits for that"
