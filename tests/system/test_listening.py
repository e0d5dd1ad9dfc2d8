"""A supervisor listens, whispers and joins in, for real: three phones that each say a tone of their own, one Asterisk.

What counts is the sound at each far end: who hears whom, and who does not.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
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
    share_of,
    talking_browser,
)
from tests.support.chromium import CHROMIUM
from tests.support.day import Day, Resident
from tests.support.keyboard import hotkey
from tests.support.panel_stub import DIST
from tests.support.plant import AMI_USER, Plant
from tests.support.raw_ami import RawAmi
from tests.support.sip_peer import SipPeer

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(240),
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
]

SUPERVISOR_HZ = 1900
"""What the supervisor says."""
HEARD, UNHEARD = -45.0, -55.0
"""dB at a tone in a browser: above the first it is there, below the second it is not."""


@pytest.fixture
async def chromium(tmp_path: Path) -> AsyncIterator[Browser]:
    async with talking_browser(tmp_path) as found:
        yield found


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Browser]:
    async with talking_browser(tmp_path, tone_hz=SUPERVISOR_HZ) as found:
        yield found


async def until(look: Callable[[], Awaitable[bool]], what: str, within: float = 30.0) -> None:
    try:
        async with asyncio.timeout(within):
            while not await look():  # noqa: ASYNC110 - sound in a file and in a browser has no event
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(what) from None


async def hears(who: BrowserAgent, hertz: float, what: str) -> None:
    async def now() -> bool:
        return await who.loud_at(hertz) > HEARD

    await until(now, what)


async def share(peer: SipPeer, hertz: float, above: float, what: str) -> None:
    async def now() -> bool:
        return share_of(peer.samples(0.4), hertz) > above

    await until(now, what)


async def in_conversation(day: Day, agent: BrowserAgent, peer: SipPeer) -> None:
    await day.run()
    await day.until_count("state = 'joined'", 1)
    await hears(agent, RESIDENT_HZ, "the agent hears the resident")
    await share(peer, MICROPHONE_HZ, PURE, "the resident hears the agent")


async def begins_to_listen(boss: BrowserAgent) -> None:
    await boss.page.get_by_role("link", name="Werkvloer").click()
    await boss.page.get_by_role("button", name="Meeluisteren met het gesprek van").click()
    await boss.page.get_by_role("button", name="Waarom luistert u mee?").click()
    await boss.page.get_by_role("option", name="Coaching").click()
    await boss.page.get_by_role("button", name="Beginnen").click()


async def listeners(day: Day) -> list[str]:
    async with RawAmi(day.plant.instance.ami_port, AMI_USER, day.plant.ami_secret) as ami:
        rows = await ami.listing("CoreShowChannels")
    return [row["Uniqueid"] for row in rows if row.get("Uniqueid", "").startswith("listen.")]


async def nobody_listens(day: Day) -> None:
    async def none() -> bool:
        return await listeners(day) == []

    await until(none, "a supervisor's phone is still there", 40.0)


async def audited(day: Day) -> list[tuple[str, str, str | None]]:
    rows = await day.pool.fetch(
        "select action, purpose, coalesce(detail ->> 'mode', detail ->> 'why') as what"
        "  from audit_event where action like 'listen.%' order by at, id"
    )
    return [(row["action"], row["purpose"], row["what"]) for row in rows]


async def test_who_hears_whom_and_it_ends_with_the_call(
    plant: Plant, chromium: Browser, office: Browser, peer: SipPeer
) -> None:
    async with Day(plant, [Resident(special("200", 41))], agents=0, people=1) as day:
        await day.open(env=OVER_THE_PEER)
        async with (
            BrowserAgent(day, chromium) as agent,
            BrowserAgent(day, office, on_duty=False, who=day.logins.supervisor) as boss,
        ):
            await in_conversation(day, agent, peer)
            begun = len(peer.samples(3600))
            await begins_to_listen(boss)
            await expect(agent.page.get_by_text("gaat meeluisteren.")).to_be_visible()
            await expect(boss.page.get_by_text("U hoort het gesprek. Niemand hoort u.")).to_be_visible()
            await expect(agent.page.get_by_text("luistert mee.", exact=False)).to_be_visible()
            said = peer.samples(3600)[begun:]
            tenths = [share_of(said[at : at + 800], MICROPHONE_HZ) for at in range(0, len(said) - 800, 800)]
            assert sum(one < 0.5 for one in tenths) > 5, "a voice tells the resident"

            await hears(boss, MICROPHONE_HZ, "the supervisor hears the agent")
            await hears(boss, RESIDENT_HZ, "the supervisor hears the resident")
            assert await agent.loud_at(SUPERVISOR_HZ) < UNHEARD, "the agent hears the supervisor"
            assert share_of(peer.samples(1.0), SUPERVISOR_HZ) < 0.001, "the resident hears the supervisor"

            await hotkey(boss.page, "f")
            await expect(boss.page.get_by_text("Alleen de medewerker hoort u.")).to_be_visible()
            await hears(agent, SUPERVISOR_HZ, "the agent hears the whisper")
            await asyncio.sleep(1.0)  # what is heard in this second is what is asked
            assert share_of(peer.samples(1.0), SUPERVISOR_HZ) < 0.001, "the resident hears the whisper"
            await share(peer, MICROPHONE_HZ, PURE, "the resident still hears the agent")
            await hears(boss, RESIDENT_HZ, "the supervisor still hears the resident")

            await hotkey(boss.page, "m")
            await expect(boss.page.get_by_text("U praat mee.")).to_be_visible()
            await share(peer, SUPERVISOR_HZ, 0.1, "the resident hears the supervisor who joins in")
            await hears(agent, SUPERVISOR_HZ, "the agent hears the supervisor who joins in")
            await expect(agent.page.get_by_text("De inwoner hoort dat ook.")).to_be_visible()

            await hotkey(boss.page, "l")
            await expect(boss.page.get_by_text("U hoort het gesprek. Niemand hoort u.")).to_be_visible()
            await share(peer, MICROPHONE_HZ, PURE, "the resident hears the agent alone again")

            await agent.page.get_by_role("button", name="Ophangen").click()
            await expect(boss.page.get_by_text("U luistert niet meer mee")).to_be_visible()
            await nobody_listens(day)
            await expect(agent.page.get_by_text("Telefoon klaar").first).to_be_visible()
            modes = [("listen.mode", "coaching", mode) for mode in ("whisper", "barge", "listen")]
            end = ("listen.end", "coaching", "call_over")

            async def written_down() -> bool:
                return (await audited(day))[-1:] == [end]

            await day.until(written_down)
            begin, *others = await audited(day)
            assert begin[:2] == ("listen.start", "coaching")
            assert others == [*modes, end]


@pytest.mark.nightly
async def test_whoever_whispered_is_cut_when_the_service_comes_back_and_when_he_signs_out(
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
            await hotkey(boss.page, "f")
            await hears(agent, SUPERVISOR_HZ, "the agent hears the whisper")
            await plant.kill("service")
            await day.serve(env=OVER_THE_PEER)
            await nobody_listens(day)
            await share(peer, MICROPHONE_HZ, PURE, "agent and resident talk on")

            await expect(boss.page.get_by_role("button", name="Meeluisteren met het gesprek van")).to_be_visible(
                timeout=30_000
            )
            await begins_to_listen(boss)
            await expect(boss.page.get_by_text("U hoort het gesprek. Niemand hoort u.")).to_be_visible()
            await boss.page.get_by_role("button", name="Instellingen en uitloggen").click()
            await boss.page.get_by_role("button", name="Uitloggen", exact=True).click()
            await nobody_listens(day)
            await share(peer, MICROPHONE_HZ, PURE, "agent and resident talk on")
