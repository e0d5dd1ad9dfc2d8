"""A warm transfer between two agents in real browsers: what the resident hears at every step, and whose call it is."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from dialer.demo.town_plan import special
from tests.support.browser_phone import (
    MICROPHONE_HZ,
    OVER_THE_PEER,
    PURE,
    RESIDENT_HZ,
    BrowserAgent,
    longest_silence,
    talking_browser,
)
from tests.support.chromium import CHROMIUM
from tests.support.day import Day, Resident
from tests.support.keyboard import hotkey
from tests.support.panel_stub import DIST
from tests.support.plant import Plant
from tests.support.sip_peer import SipPeer
from tests.system.test_listening import begins_to_listen, hears, in_conversation, share

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(400),
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
]

COLLEAGUE_HZ = 1900
LONGEST_GAP = 2.0
"""Seconds without a sound that a resident may have to hear in all of it: as long as he may wait for a person."""


@pytest.fixture
async def chromium(tmp_path: Path) -> AsyncIterator[Browser]:
    async with talking_browser(tmp_path) as found:
        yield found


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Browser]:
    async with talking_browser(tmp_path, tone_hz=COLLEAGUE_HZ) as found:
        yield found


async def test_warm_to_a_colleague_the_resident_always_hears_something(
    plant: Plant, chromium: Browser, office: Browser, peer: SipPeer
) -> None:
    async with Day(plant, [Resident(special("200", 41))], agents=0, people=2) as day:
        await day.open(env=OVER_THE_PEER)
        async with BrowserAgent(day, chromium) as agent:
            await in_conversation(day, agent, peer)
            begun = len(peer.samples(3600))
            async with BrowserAgent(day, office, place=1) as colleague:
                await hotkey(agent.page, "d")
                await agent.page.get_by_role("button", name=re.compile("Eerst overleggen: ")).click(timeout=30_000)
                await expect(agent.page.get_by_text("De inwoner hoort muziek. U praat met")).to_be_visible()
                await expect(colleague.page.get_by_text("verbindt een gesprek met u door")).to_be_visible()
                await hears(agent, COLLEAGUE_HZ, "the agent hears the colleague")
                await hears(colleague, MICROPHONE_HZ, "the colleague hears the agent")
                assert await agent.loud_at(RESIDENT_HZ) < -55.0, "the agent still hears the resident"
                await share(peer, MICROPHONE_HZ, -1.0, "the resident's line brings sound")

                await hotkey(agent.page, "p")
                await expect(agent.page.get_by_text("U praat samen met de inwoner en")).to_be_visible()
                await share(peer, COLLEAGUE_HZ, 0.1, "the resident hears the colleague")
                await share(peer, MICROPHONE_HZ, 0.1, "the resident hears the agent")
                await hears(colleague, RESIDENT_HZ, "the colleague hears the resident")

                await hotkey(agent.page, "w")
                await share(peer, COLLEAGUE_HZ, PURE, "the resident hears the colleague alone")
                await expect(agent.page.get_by_text("Beschikbaar").first).to_be_visible()
                await expect(colleague.page.get_by_role("button", name="Ophangen")).to_be_visible()
                assert longest_silence(peer.samples(3600)[begun:]) < LONGEST_GAP

                await colleague.page.get_by_role("button", name="Ophangen").click()
                await expect(colleague.page.get_by_text("Gesprek voorbij")).to_be_visible()
                await day.until_count("not live", 1)
                rows = await day.pool.fetch(
                    "select u.login, a.wrap_up_open from attempt a join app_user u on u.id = a.agent_id"
                )
                assert [(row["login"], row["wrap_up_open"]) for row in rows] == [(day.person(1)[0], True)]


@pytest.mark.nightly
async def test_a_supervisor_who_talks_with_them_takes_the_call_over(
    plant: Plant, chromium: Browser, office: Browser, peer: SipPeer
) -> None:
    async with Day(plant, [Resident(special("200", 41))], agents=0, people=1) as day:
        await day.open(env=OVER_THE_PEER)
        async with (
            BrowserAgent(day, chromium) as agent,
            BrowserAgent(day, office, on_duty=False, who=day.logins.supervisor) as boss,
        ):
            await in_conversation(day, agent, peer)
            await begins_to_listen(boss)
            await expect(boss.page.get_by_text("U hoort het gesprek. Niemand hoort u.")).to_be_visible()
            await hotkey(boss.page, "m")
            await share(peer, COLLEAGUE_HZ, 0.1, "the resident hears the supervisor who joins in")
            begun = len(peer.samples(3600))
            await hotkey(boss.page, "o")
            await expect(boss.page.get_by_text("U hebt het gesprek overgenomen.", exact=False)).to_be_visible()
            await share(peer, COLLEAGUE_HZ, PURE, "the resident hears the supervisor alone")
            await hears(boss, RESIDENT_HZ, "the supervisor hears the resident")
            assert await boss.loud_at(MICROPHONE_HZ) < -55.0, "the supervisor still hears the agent"
            await expect(agent.page.get_by_text("Gesprek voorbij")).to_be_visible()
            assert longest_silence(peer.samples(3600)[begun:]) < LONGEST_GAP
            await hotkey(boss.page, "s")
            await day.until_count("not live", 1)
            rows = await day.pool.fetch(
                "select u.login, a.wrap_up_open from attempt a join app_user u on u.id = a.agent_id"
            )
            assert [(row["login"], row["wrap_up_open"]) for row in rows] == [(day.person()[0], True)]
