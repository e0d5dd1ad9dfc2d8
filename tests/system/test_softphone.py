"""The phone in the panel, for real: Chromium, the service, Asterisk, and a SIP phone as the resident.

Each says a tone of his own, and each must hear the other's: what counts is the sound at the far end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from dialer.demo.seed import CLIENT
from dialer.demo.town_plan import special
from tests.support.browser_phone import (
    MICROPHONE_HZ,
    OVER_THE_PEER,
    PURE,
    RESIDENT_HZ,
    BrowserAgent,
    longest_silence,
    share_of,
    talking_browser,
)
from tests.support.chromium import CHROMIUM
from tests.support.day import Day, Resident
from tests.support.keyboard import hotkey
from tests.support.panel_stub import DIST
from tests.support.person import AGAIN_SECONDS
from tests.support.plant import AMI_USER, Plant
from tests.support.raw_ami import RawAmi
from tests.support.sip_peer import SipPeer

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(180),
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
]


@pytest.fixture
async def chromium(tmp_path: Path) -> AsyncIterator[Browser]:
    async with talking_browser(tmp_path) as found:
        yield found


def one_resident() -> list[Resident]:
    return [Resident(special("200", 41))]


async def resident_hears_the_agent(peer: SipPeer, *, within: float = 30.0) -> None:
    async with asyncio.timeout(within):
        while share_of(peer.samples(0.4), MICROPHONE_HZ) < PURE:  # noqa: ASYNC110 - a file has no event
            await asyncio.sleep(0.1)


async def agent_hears_the_resident(agent: BrowserAgent, *, within: float = 30.0) -> None:
    heard = (0.0, 0.0)
    try:
        async with asyncio.timeout(within):
            while abs(heard[0] - RESIDENT_HZ) > 15 or heard[1] < -60:
                heard = await agent.hears()
    except TimeoutError:
        raise AssertionError(f"hears {heard}, {await agent.counters()}") from None


async def both_hear(agent: BrowserAgent, peer: SipPeer) -> None:
    await agent_hears_the_resident(agent)
    await resident_hears_the_agent(peer)


async def in_conversation(day: Day, agent: BrowserAgent, peer: SipPeer) -> None:
    await day.run()
    await day.until_count("state = 'joined'", 1)
    await both_hear(agent, peer)


async def test_a_call_out_is_heard_both_ways_and_held_muted_and_given_back(
    plant: Plant, chromium: Browser, peer: SipPeer
) -> None:
    async with Day(plant, one_resident(), agents=0, people=1) as day:
        await day.open(env=OVER_THE_PEER)
        async with BrowserAgent(day, chromium) as agent:
            before = await agent.counters()
            await in_conversation(day, agent, peer)
            after = await agent.counters()
            assert after["received"] > before["received"]
            assert after["sent"] > before["sent"]
            controls = agent.page.get_by_role("region", name="Bediening van de telefoon")
            await expect(controls.get_by_text("Verbinding goed")).to_be_visible()

            await controls.get_by_role("button", name="Microfoon uit").click()
            await expect(agent.page.get_by_text("De inwoner hoort u niet.")).to_be_visible()
            async with asyncio.timeout(30):
                while share_of(peer.samples(0.4), MICROPHONE_HZ) > 0.1:  # noqa: ASYNC110 - a file has no event
                    await asyncio.sleep(0.1)
            await agent_hears_the_resident(agent)
            await hotkey(agent.page, "m")
            await both_hear(agent, peer)

            await controls.get_by_role("button", name="Toetsen").click()
            five = agent.page.get_by_role("dialog", name="Toetsen").get_by_role("button", name="5")
            assert await peer.key_after(five.click) == "5"
            await agent.page.keyboard.press("Escape")

            await controls.get_by_role("button", name="In de wacht").click()
            await expect(agent.page.get_by_text("De inwoner hoort muziek.")).to_be_visible()
            await asyncio.sleep(2.0)  # what is heard in these two seconds is what is asked
            held = peer.samples(1.5)
            assert share_of(held, MICROPHONE_HZ) < 0.1
            assert longest_silence(held) < 1.0, "music"
            assert await day.count("state = 'joined'") == 1
            await controls.get_by_role("button", name="Terug uit de wacht").click()
            await both_hear(agent, peer)

            await agent.page.get_by_role("button", name="Ophangen").click()
            await expect(agent.page.get_by_text("Gesprek voorbij")).to_be_visible()
            await expect(agent.page.get_by_text("Telefoon klaar").first).to_be_visible()


async def test_a_reload_in_mid_call_music_and_the_same_two_again(
    plant: Plant, chromium: Browser, peer: SipPeer
) -> None:
    async with Day(plant, one_resident(), agents=0, people=1) as day:
        await day.open(env=OVER_THE_PEER)
        async with BrowserAgent(day, chromium) as agent:
            await in_conversation(day, agent, peer)
            leg = await leg_of(day)
            begun = len(peer.samples(3600))
            await agent.page.reload()
            await both_hear(agent, peer)
            assert await leg_of(day) != leg, "the old leg is over"
            assert await day.count("state = 'joined'") == 1
            assert await kinds(day) == ["agent_lost", "joined"]
            meanwhile = peer.samples(3600)[begun:]
            assert longest_silence(meanwhile) < 1.5, "never left in silence"


@pytest.mark.nightly
async def test_a_resident_who_rings_back_is_heard_both_ways(plant: Plant, chromium: Browser, peer: SipPeer) -> None:
    async with Day(plant, one_resident(), agents=0, people=1) as day:
        await day.open(env=OVER_THE_PEER)
        async with BrowserAgent(day, chromium) as agent:
            await in_conversation(day, agent, peer)  # after that nobody is left to be called
            await agent.page.get_by_role("button", name="Ophangen").click()
            await agent.page.locator("label", has_text="Iemand anders").click()
            await agent.page.get_by_role("button", name="Vastleggen en klaar").click()
            await expect(agent.page.get_by_text("U bent beschikbaar")).to_be_visible()
            await peer.command("dial", f"sip:{CLIENT.inbound_number}@127.0.0.1:{plant.instance.sip_port}")
            await day.until_count("direction = 'in' and state = 'joined'", 1, 30)
            await both_hear(agent, peer)
            await agent.page.get_by_role("button", name="Ophangen").click()
            await expect(agent.page.get_by_text("Gesprek voorbij")).to_be_visible()


@pytest.mark.nightly
async def test_the_service_dies_in_mid_call_and_they_talk_on(plant: Plant, chromium: Browser, peer: SipPeer) -> None:
    async with Day(plant, one_resident(), agents=0, people=1) as day:
        await day.open(env=OVER_THE_PEER)
        async with BrowserAgent(day, chromium) as agent:
            await in_conversation(day, agent, peer)
            leg = await leg_of(day)
            await plant.kill("service")
            await expect(agent.page.get_by_text("Geen verbinding.")).to_be_visible()
            await both_hear(agent, peer)
            await day.serve(env=OVER_THE_PEER)
            await expect(agent.page.get_by_text("Geen verbinding.")).to_be_hidden(timeout=1000 * AGAIN_SECONDS)
            await expect(agent.page.get_by_text("Geen verbinding met de centrale.")).to_be_hidden(
                timeout=1000 * AGAIN_SECONDS
            )
            await both_hear(agent, peer)
            assert await leg_of(day) == leg, "nobody was put on another line for it"
            assert await kinds(day) == []
            await agent.page.get_by_role("button", name="Ophangen").click()
            await expect(agent.page.get_by_text("Gesprek voorbij")).to_be_visible()
            await expect(agent.page.get_by_text("Telefoon klaar").first).to_be_visible()


@pytest.mark.nightly
async def test_the_network_of_the_page_drops_for_five_seconds(plant: Plant, chromium: Browser, peer: SipPeer) -> None:
    async with Day(plant, one_resident(), agents=0, people=1) as day:
        dialer = await day.open(env=OVER_THE_PEER)
        async with BrowserAgent(day, chromium) as agent:
            await in_conversation(day, agent, peer)
            leg = await leg_of(day)
            dialer.http.refuse = True
            dialer.http.cut()
            await asyncio.sleep(5.0)  # that long it drops
            await both_hear(agent, peer)
            dialer.http.refuse = False
            await expect(agent.page.get_by_text("Verbinding goed")).to_be_visible(timeout=1000 * AGAIN_SECONDS)
            await expect(agent.page.get_by_text("Geen verbinding")).to_have_count(0, timeout=1000 * AGAIN_SECONDS)
            assert await leg_of(day) == leg
            await agent.page.get_by_role("button", name="Ophangen").click()
            await expect(agent.page.get_by_text("Gesprek voorbij")).to_be_visible()


@pytest.mark.nightly
async def test_of_two_tabs_one_has_the_phone(plant: Plant, chromium: Browser) -> None:
    async with Day(plant, one_resident(), agents=0, people=1) as day:
        await day.open()
        async with BrowserAgent(day, chromium) as agent:
            second = await agent.second_tab()
            await expect(second.get_by_text("Uw telefoon staat in een ander tabblad.")).to_be_visible()
            await second.get_by_role("button", name="Hier gebruiken").click()
            await expect(second.get_by_text("Telefoon is verbonden.")).to_be_visible()
            await expect(agent.page.get_by_text("Uw telefoon staat in een ander tabblad.")).to_be_visible()
            await expect(second.get_by_text("Telefoon klaar").first).to_be_visible()
            await second.close()  # the first gets it back by itself
            await agent.ready()


@pytest.mark.nightly
async def test_a_microphone_that_is_refused_is_explained(plant: Plant, tmp_path: Path) -> None:
    async with Day(plant, one_resident(), agents=0, people=1) as day, talking_browser(tmp_path, allow=False) as browser:
        await day.open()
        async with BrowserAgent(day, browser, on_duty=False) as agent:
            await agent.page.get_by_role("button", name="Telefoon aanzetten").click()
            await expect(agent.page.get_by_text("De browser mag uw microfoon niet gebruiken.")).to_be_visible()
            await expect(agent.page.get_by_role("button", name="Opnieuw proberen")).to_be_visible()


async def kinds(day: Day) -> list[str]:
    """What happened to the conversation since it was first joined."""
    rows = await day.pool.fetch("select kind from attempt_event where kind in ('joined', 'agent_lost') order by id")
    return [str(row["kind"]) for row in rows][1:]


async def leg_of(day: Day) -> str:
    """Asterisk's channel of the agent's leg."""
    async with RawAmi(day.plant.instance.ami_port, AMI_USER, day.plant.ami_secret) as ami:
        rows = await ami.listing("CoreShowChannels")
    return ",".join(row["Uniqueid"] for row in rows if row.get("Uniqueid", "").startswith("leg."))
