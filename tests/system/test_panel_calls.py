"""What somebody else at the telephone, and a client's word, do to a call: Chromium, the service, Asterisk, phones."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Response, WebSocket, expect

from dialer.demo.town_plan import special
from tests.support.browser_phone import OVER_THE_PEER, BrowserAgent, talking_browser
from tests.support.chromium import CHROMIUM, browser
from tests.support.day import Day, Resident
from tests.support.office import Office
from tests.support.panel_stub import DIST
from tests.support.plant import Plant
from tests.support.sip_peer import SipPeer
from tests.support.telling import telling
from tests.system.test_softphone import both_hear

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(240),
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
]

SECRET = re.compile(r"huur|310|50-|100-|250-|€|openstaat|1950|2711 ?AB", re.IGNORECASE)
"""What the list says of every resident of a `Day`: creditor, amount and its band; and what the check asks for."""
FOR_EVERYBODY = re.compile(r"/(outcomes|script|knowledge|session|practice)\b")
"""Answers that tell the same of whoever is on the line: the catalogue, the script's text, cards of rules."""


@pytest.fixture
async def chromium(tmp_path: Path) -> AsyncIterator[Browser]:
    async with talking_browser(tmp_path) as found:
        yield found


class Ears:
    """Everything that comes into a page."""

    def __init__(self, page: Page) -> None:
        self.told: list[str] = []
        self._reading: set[asyncio.Task[None]] = set()
        page.on("websocket", self._socket)
        page.on("response", self._answer)

    def _socket(self, socket: WebSocket) -> None:
        if "/live" in socket.url:
            socket.on("framereceived", lambda frame: self.told.append(f"live: {frame!r}"))

    def _answer(self, response: Response) -> None:
        if "/api/" in response.url and not FOR_EVERYBODY.search(response.url):
            reading = asyncio.create_task(self._read(response))
            self._reading.add(reading)
            reading.add_done_callback(self._reading.discard)

    async def _read(self, response: Response) -> None:
        self.told.append(f"{response.url}: {await response.text()}")

    async def secrets(self) -> list[str]:
        """What was told that must not be."""
        await asyncio.gather(*self._reading)
        return [line[:300] for line in self.told if SECRET.search(telling(line.partition(": ")[2]))]


async def test_whoever_picks_up_for_somebody_else_is_told_nothing(
    plant: Plant, chromium: Browser, peer: SipPeer
) -> None:
    """Page, answers, feed and log are searched until the outcome stands; the next call shows that the search finds."""
    async with Day(plant, [Resident(special("200", 43)), Resident(special("200", 44))], agents=0, people=1) as day:
        await day.open(env=OVER_THE_PEER)
        async with BrowserAgent(day, chromium) as agent:
            ears, page = Ears(agent.page), agent.page
            await page.reload()  # the feed's socket is listened to from its beginning
            await agent.ready()
            await day.run()
            await day.until_count("state = 'joined'", 1)
            await both_hear(agent, peer)
            await expect(page.get_by_role("heading", name="Opening")).to_be_visible()
            await expect(page.get_by_text("Dicht tot de identiteit klopt")).to_be_visible()
            await page.get_by_role("button", name="Nee, iemand anders").click()
            await expect(page.get_by_text("Dat bespreek ik alleen met")).to_be_visible()
            await nothing_shows(page)
            # The neighbour guesses: what he says wrong is said to be wrong, never what is right.
            await check(page, birth="2-2-1980", postcode="2711 AA", house="99")
            await expect(page.get_by_text("Klopt niet.", exact=False)).to_be_visible()
            await nothing_shows(page, typed=True)
            await page.get_by_role("button", name="Afronden: iemand anders").click()
            await page.get_by_role("button", name="Ophangen").click()
            await expect(page.get_by_text("Gesprek voorbij")).to_be_visible()
            await expect(page.get_by_role("radio", name="Iemand anders")).to_be_checked()
            await nothing_shows(page, typed=True)
            await page.get_by_role("button", name="Vastleggen en klaar").click()
            await day.until_count("outcome = 'THIRD_PARTY'", 1)
            assert await ears.secrets() == []
            assert not re.search(r"310,50|1950-|2711 ?A", telling(plant.processes.log_of("service").read_text()))
            row = await day.pool.fetchrow("select reached, verified from attempt where outcome = 'THIRD_PARTY'")
            assert (row["reached"], row["verified"]) == (False, False)

            # The same eyes and ears when the resident himself is there: they find what they look for.
            await day.until_count("state = 'joined'", 1, 60)
            await both_hear(agent, peer)
            name = await page.locator(".call-card__name").inner_text()
            place = 1 if name.endswith("Proefb") else 0
            await check(page, birth=f"{1 + 11 * place}-1-1950", postcode="2711 AB", house=str(place + 1))
            await expect(page.get_by_text("€ 250-500")).to_be_visible()
            assert await ears.secrets() != []
            await page.get_by_role("button", name="Ophangen").click()


async def check(page: Page, *, birth: str, postcode: str, house: str) -> None:
    await page.get_by_label("Geboortedatum").fill(birth)
    await page.get_by_label("Postcode").fill(postcode)
    await page.get_by_label("Huisnummer").fill(house)
    await page.get_by_role("button", name="Controleren").click()


async def nothing_shows(page: Page, *, typed: bool = False) -> None:
    """`typed`: what the agent has typed himself may stand in its fields."""
    shown = await page.content()
    found = SECRET.findall(telling(re.sub(r'value="[^"]*"', "", shown) if typed else shown))
    assert found == []


async def test_a_withdrawn_resident_is_not_dialled_and_what_rings_is_cut(plant: Plant) -> None:
    """By the client's own person in the browser: the one before his dial, the other while his telephone rings."""
    spared, rung = special("200", 45), special("180", 45)
    settings = {"ring_seconds": 45, "calls_per_second": 10, "first_attempt_hours": 0}
    async with Day(plant, [Resident(spared), Resident(rung)], agents=1, settings=settings) as day:
        await day.open()
        async with browser() as quiet, at_the_client(day, quiet) as page:
            await withdraw(day, page, "ZM-00000", "hulp is geregeld")
            await page.goto(f"{day.base}/cases/{await case_of(day, 'ZM-00001')}")
            await day.run()
            await day.until_count("live and state = 'ringing'", 1)
            await withdraw(day, page, "ZM-00001", "is verhuisd")
            await day.until_count("not live", 1, 20)

            async def nobody_left() -> bool:
                return await day.reason() == "nothing_due"

            await day.until(nobody_left)
            await day.until_silent()
            (call,) = day.town_calls()
            assert (call.number, call.answered) == (rung, None)
            assert call.ended is not None
            assert await day.count() == 1
            states = await day.pool.fetch("select state from case_file")
            assert [row["state"] for row in states] == ["withdrawn", "withdrawn"]


@asynccontextmanager
async def at_the_client(day: Day, browser: Browser) -> AsyncIterator[Page]:
    """Somebody of the municipality, signed in."""
    office = Office(day.base, *day.logins.administrator)
    await office.sign_in()
    try:
        client = (await office("GET", "/clients"))["items"][0]["id"]
        password = secrets.token_urlsafe(12)
        who = {"login": "gea", "display_name": "Gea", "role": "client", "client": client, "password": password}
        await office("POST", "/users", who)
    finally:
        await office.close()
    context = await browser.new_context(locale="nl-NL", reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(day.base)
    await page.get_by_label("Gebruikersnaam").fill("gea")
    await page.get_by_label("Wachtwoord").fill(password)
    await page.get_by_role("button", name="Inloggen").click()
    await expect(page.get_by_role("heading", name="Overzicht")).to_be_visible()
    yield page
    await context.close()


async def case_of(day: Day, reference: str) -> str:
    return str(await day.pool.fetchval("select case_id from signal where client_ref = $1", reference))


async def withdraw(day: Day, page: Page, reference: str, reason: str) -> None:
    """As on the resident's page: a reason, and a second key."""
    address = f"{day.base}/cases/{await case_of(day, reference)}"
    if page.url != address:
        await page.goto(address)
    await page.get_by_role("button", name="Intrekken").click()
    await page.get_by_role("dialog").get_by_label("Reden").fill(reason)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Ingetrokken").first).to_be_visible()
