"""An agent's whole day without a mouse and without eyes: by Tab and keys alone, with names as a screen reader says
them, and live regions that tell of a call and are quiet otherwise."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.support import panel_people as people
from tests.support import panel_transfers as transfers
from tests.support.chromium import CHROMIUM, sign_in
from tests.support.keyboard import hotkey, opened
from tests.support.panel_reader import Reader, Stop
from tests.support.panel_stub import DIST, Stub, running
from tests.support.panel_watch import Watched, until

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.system,
    pytest.mark.timeout(120),
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
]


@pytest_asyncio.fixture(loop_scope="session")
async def stub() -> AsyncIterator[Stub]:
    async with running() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def page(one_chromium: Browser, stub: Stub) -> AsyncIterator[Page]:
    context = await one_chromium.new_context(locale="nl-NL", reduced_motion="reduce", permissions=["microphone"])
    opened = await context.new_page()
    watched = Watched(opened, stub.url)
    yield opened
    await context.close()
    assert watched.problems == []


async def test_an_agents_day_by_keyboard_and_by_ear(page: Page, stub: Stub) -> None:
    reader = await Reader.of(page)
    await page.goto(stub.url)
    await expect(page.get_by_role("button", name="Inloggen")).to_be_visible()

    # Signing in.
    assert await reader.stop() == Stop("textbox", "Gebruikersnaam")
    await reader.type("noor")
    await reader.tab_to("textbox", "Wachtwoord", most=2)
    await reader.type(people.PASSWORD)
    await reader.press("Enter")
    await expect(page.get_by_role("navigation", name="Hoofdmenu")).to_be_visible()
    await reader.listen()

    # Past the menu in one step, then on duty.
    await page.evaluate("document.activeElement.blur()")
    await reader.tab_to("link", "Naar de inhoud", most=1)
    await reader.press("Enter")
    await expect(page.locator("#content")).to_be_focused()
    await reader.tab_to("button", re.compile("^In dienst$"))
    await reader.press("Enter")
    await reader.see("U bent beschikbaar")
    await until_told(reader, "Beschikbaar")

    # A call: who it is is told, once; seconds that pass are not.
    await stub.answered()
    await expect(page.get_by_role("heading", name="Opening")).to_be_visible()
    told = await until_told(reader, f"Verbonden met mevrouw {people.LONG_NAME}.")
    assert sum(people.LONG_NAME in line for line in told) == 1, told
    clock = page.get_by_role("timer").first
    begun = await clock.inner_text()
    await expect(clock).not_to_have_text(begun)
    await expect(clock).not_to_have_text(await clock.inner_text())
    assert await reader.told() == [], "a call in which nothing happens is told of again and again"

    # The script by its digits; each step is read out.
    await reader.press("1")
    await until_told(reader, "Komt het gelegen?")
    await reader.press("1")
    await expect(page.get_by_role("heading", name="Controle")).to_be_visible()

    # The identity check: a wrong answer is told, then a right one.
    await reader.tab_to("textbox", "Geboortedatum")
    await reader.type("02021980")
    await reader.tab_to("textbox", "Postcode", most=2)
    await reader.type("2711ab")
    await reader.tab_to("textbox", "Huisnummer", most=2)
    await reader.type("12")
    await reader.press("Enter")
    await until_told(reader, "Klopt niet. Nog 2 keer proberen.")
    await reader.tab_to("textbox", "Geboortedatum", back=True)
    await reader.press("Control+a")
    await reader.type("01021980")
    await reader.press("Enter")
    await expect(page.get_by_role("heading", name="Waarom wij bellen")).to_be_visible()

    # A note in its field, where digits are only digits; out of it they are answers again.
    await reader.tab_to("textbox", "Notitie")
    await reader.type("Belt liever na 18 uur.")
    await reader.tab_to("button", re.compile("Ophangen"), back=True)
    await reader.press("1", "3", "1", "2")
    await hotkey(page, "h")
    await reader.see("Gesprek voorbij")
    await until_told(reader, "De verbinding is voorbij. Leg het resultaat vast.")

    # The outcome stands already; it asks for a second key.
    await expect(page.get_by_role("button", name="Vastleggen en klaar")).to_be_enabled()
    await reader.press("Enter")
    await reader.see("Weet u het zeker?")
    await reader.press("Enter")
    await reader.see("U bent beschikbaar")
    await until_told(reader, "Uw resultaat is bewaard.")
    (filing,) = stub.made("fileOutcome")
    assert (filing["outcome"], filing["note"], filing["confirmed"]) == ("HELP_WANTED", "Belt liever na 18 uur.", True)

    # A pause, from a menu.
    await reader.tab_to("button", re.compile("Pauze"))
    await reader.press("Enter")
    await expect(page.get_by_role("menu")).to_be_visible()
    await opened(page)
    assert (await reader.stop()).role == "menuitem"
    await reader.press("ArrowDown", "Enter")
    await until(lambda: [body["duty"] for body in stub.made("setMyDuty")][1:] == ["pause"])
    await until_told(reader, "Pauze")

    # Somebody asked to be rung back; then the end of the day.
    await reader.tab_to("link", "Terugbellen")
    await reader.press("Enter")
    await expect(page.get_by_role("heading", name="Terugbelverzoeken", level=1)).to_be_visible()
    await reader.tab_to("link", "Mijn werkplek", back=True)
    await reader.press("Enter")
    await reader.tab_to("button", re.compile("^Uit dienst$"))
    await reader.press("Enter")
    await until_told(reader, "Niet in dienst")
    await reader.tab_to("button", "Instellingen en uitloggen", back=True)
    await reader.press("Enter")
    await reader.tab_to("button", re.compile("^Uitloggen$"))
    await reader.press("Enter")
    await expect(page.get_by_role("button", name="Inloggen")).to_be_visible()


async def test_the_hard_part_of_the_day_by_keyboard_and_by_ear(page: Page, stub: Stub) -> None:
    """The headset, a doubt, a warm transfer, a crisis, and a filing taken back."""
    await sign_in(page, stub.url)
    reader = await Reader.of(page)
    await reader.listen()

    # The headset before duty: each device and the sound to hear is reached and named.
    await reader.see("Telefoon is verbonden.")
    for part in ("Microfoon", "Headset of luidspreker"):
        await reader.tab_to("button", part)
    await reader.tab_to("slider", "Volume")
    await reader.tab_to("button", "Geluid testen")
    await reader.press("Enter")

    # "This is a scam": the words to say are read out; he goes on after all.
    await stub.answered()
    await expect(page.get_by_role("heading", name="Opening")).to_be_visible()
    await hotkey(page, "u")
    await until_told(reader, "Goed dat u oplet.")
    await hotkey(page, "u")

    # Warm, to a desk: asked first, and back again.
    await hotkey(page, "d")
    await reader.tab_to("button", "Eerst overleggen: Klantcontactcentrum")
    await reader.press("Enter")
    await until(lambda: [body["way"] for body in stub.made("startTransfer")] == ["warm"])
    await stub.duty(transfer=transfers.transfer("asking"))
    await until_told(reader, "De inwoner hoort muziek. U praat met Klantcontactcentrum.")
    await hotkey(page, "b")
    await until(lambda: [body["step"] for body in stub.made("moveTransfer")] == ["back"])
    await stub.duty(transfer=transfers.transfer("over", why="back"))
    await until_told(reader, "U bent weer met de inwoner in gesprek.")

    # A crisis: the first key reads the steps out, the second rings the desk and marks the wrap-up.
    await hotkey(page, "c")
    await until_told(reader, "Blijf rustig.")
    await expect(page.get_by_role("button", name="Bel Crisisdienst")).to_be_visible()
    await hotkey(page, "c")
    await until(lambda: len(stub.made("startTransfer")) == 2)
    assert stub.made("startTransfer")[1] == {"way": "warm", "target": people.uid(84)}
    await stub.duty(transfer=transfers.transfer("asking", kind="crisis", name="Crisisdienst"))
    await until_told(reader, "U praat met Crisisdienst.")
    await stub.duty(transfer=transfers.transfer("over", why="back"))
    await until_told(reader, "U bent weer met de inwoner in gesprek.")
    await hotkey(page, "h")
    await until_told(reader, "De verbinding is voorbij. Leg het resultaat vast.")
    await expect(page.get_by_role("checkbox", name="Crisis")).to_be_checked()

    # Filed by two digits, taken back, and filed again as it was.
    await expect(page.get_by_role("radio", name="Iemand anders")).to_be_enabled()
    await reader.press("3", "2", "Enter")
    await until_told(reader, "Uw resultaat is bewaard.")
    await reader.tab_to("button", "Ongedaan maken")
    await reader.press("Enter")
    await until_told(reader, "De verbinding is voorbij. Leg het resultaat vast.")
    await expect(page.get_by_role("radio", name="Iemand anders")).to_be_checked()
    await expect(page.get_by_role("button", name="Vastleggen en klaar")).to_be_enabled()
    await reader.press("Enter")
    await until(lambda: len(stub.made("fileOutcome")) == 2)
    filed = [(body["outcome"], body["flags"]) for body in stub.made("fileOutcome")]
    assert filed == [("THIRD_PARTY", ["CRISIS"])] * 2

    # Signing out in a call asks first, and is told why.
    await stub.answered()
    await expect(page.get_by_role("heading", name="Opening")).to_be_visible()
    await page.evaluate("document.activeElement.blur()")
    await reader.tab_to("button", "Instellingen en uitloggen")
    await reader.press("Enter")
    await reader.tab_to("button", re.compile("^Uitloggen$"))
    await reader.press("Enter")
    await until_told(reader, "U bent in gesprek.")
    assert await reader.stop() == Stop("button", "Toch uitloggen"), "the same button keeps the focus"
    assert stub.made("signOut") == []
    await reader.press("Enter")
    await expect(page.get_by_role("button", name="Inloggen")).to_be_visible()


async def until_told(reader: Reader, text: str) -> list[str]:
    """Wait until it is read out; everything that was, so far."""
    heard: list[str] = []

    async def so() -> bool:
        heard.extend(await reader.told())
        return any(text in line for line in heard)

    for _ in range(800):
        if await so():
            return heard
        await reader.page.wait_for_timeout(50)
    raise AssertionError(f"{text!r} is not told: {heard}")
