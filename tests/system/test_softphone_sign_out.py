"""Signing out ends the phone in the page: Chromium, the service, Asterisk, and a SIP phone as the resident."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, WebSocket, expect

from tests.support.browser_phone import OVER_THE_PEER, PURE, RESIDENT_HZ, BrowserAgent, longest_silence, talking_browser
from tests.support.chromium import CHROMIUM
from tests.support.day import Day
from tests.support.panel_stub import DIST
from tests.support.plant import AMI_USER, Plant
from tests.support.raw_ami import RawAmi
from tests.support.sip_asker import bindings
from tests.support.sip_peer import SipPeer
from tests.system.test_listening import hears, share
from tests.system.test_softphone import in_conversation, one_resident

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(240),
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
]

COLLEAGUE_HZ = 900


@pytest.fixture
async def chromium(tmp_path: Path) -> AsyncIterator[Browser]:
    async with talking_browser(tmp_path) as found:
        yield found


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Browser]:
    async with talking_browser(tmp_path, tone_hz=COLLEAGUE_HZ) as found:
        yield found


async def test_signing_out_in_mid_call_ends_the_phone_and_a_colleague_has_the_resident(
    plant: Plant, chromium: Browser, office: Browser, peer: SipPeer
) -> None:
    """The account is known to Asterisk before, with the page's phone, and to nobody afterwards."""
    async with Day(plant, one_resident(), agents=0, people=2) as day:
        await day.open(env=OVER_THE_PEER)
        async with BrowserAgent(day, chromium) as agent:
            page, lines = agent.page, open_lines(agent.page)
            async with page.expect_response(lambda answer: answer.url.endswith("/agents/me/softphone")) as asked:
                await page.reload()
            account = await (await asked.value).json()
            await agent.ready()
            asking = plant.instance.http_port, account["username"], account["secret"], account["domain"]
            code, places = await bindings(*asking)
            assert (code, len(places)) == (200, 1)
            assert len(lines) == 2, "the feed, and the phone's line"
            await in_conversation(day, agent, peer)
            async with BrowserAgent(day, office, place=1) as colleague:
                begun = len(peer.samples(3600))
                await page.get_by_role("button", name="Instellingen en uitloggen").click()
                await page.get_by_role("button", name="Uitloggen", exact=True).click()
                await expect(page.get_by_text("U bent in gesprek.")).to_be_visible()
                assert await day.count("state = 'joined'") == 1, "one press ends nobody's conversation"
                await page.get_by_role("button", name="Toch uitloggen").click()
                await expect(page.get_by_label("Gebruikersnaam")).to_be_visible()

                await share(peer, COLLEAGUE_HZ, PURE, "the resident hears a colleague")
                await hears(colleague, RESIDENT_HZ, "the colleague hears the resident")
                assert longest_silence(peer.samples(3600)[begun:]) < 1.5, "music until then"

                code, _ = await bindings(*asking)
                assert code in (401, 403), "name and secret open nothing any more"
                async with RawAmi(plant.instance.ami_port, AMI_USER, plant.ami_secret) as ami:

                    async def forgotten() -> bool:
                        contacts = await ami.listing("PJSIPShowContacts")
                        return not [row for row in contacts if account["username"] in str(row)]

                    await day.until(forgotten)

                async def closed() -> bool:
                    return lines == []  # feed and line

                await day.until(closed)
                assert await page.evaluate("window.connections.every((one) => one.connectionState === 'closed')")

                await page.get_by_label("Gebruikersnaam").fill(day.person()[0])
                await page.get_by_label("Wachtwoord").fill(day.person()[1])
                await page.get_by_role("button", name="Inloggen").click()
                await expect(page.get_by_text("Telefoon is verbonden.")).to_be_visible(timeout=45_000)
                await expect(page.get_by_role("button", name="In dienst", exact=True)).to_be_visible()
                await colleague.page.get_by_role("button", name="Ophangen").click()


def open_lines(page: Page) -> list[str]:
    """Addresses of the page's open WebSockets, kept up to date; of those that are opened from now on."""
    found: list[str] = []

    def opened(socket: WebSocket) -> None:
        found.append(socket.url)
        socket.on("close", lambda _: found.remove(socket.url))

    page.on("websocket", opened)
    return found
