"""From a file to the first call: a real Chromium by keyboard alone, the real service, Asterisk and phones."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from dialer.demo.town_plan import special
from tests.auditor.checks import audit
from tests.auditor.evidence import Evidence, from_database, numbers_of, own_calls, town_calls
from tests.support.chromium import CHROMIUM
from tests.support.day import Day, Resident
from tests.support.keyboard import take_focus
from tests.support.panel_stub import DIST
from tests.support.panel_watch import Watched
from tests.support.plant import Plant
from tests.system.test_callbacks import Person

AXE = DIST.parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']"

pytestmark = [
    pytest.mark.timeout(500),
    pytest.mark.system,
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
]

TALKER, COLLEAGUE = special("200", 81), special("200", 82)
PATIENCE_MS = 60_000


class Hands:
    """A supervisor at the keyboard."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def press(self, role: Any, name: str | re.Pattern[str]) -> None:
        """Focus it and press Enter."""
        found = self.page.get_by_role(role, name=name).first
        await expect(found).to_be_enabled(timeout=PATIENCE_MS)
        await take_focus(found)
        await self.page.keyboard.press("Enter")

    async def write(self, label: str, text: str) -> None:
        field = self.page.get_by_label(label).first
        await take_focus(field)
        await field.fill("")
        await self.page.keyboard.type(text)

    async def choose(self, label: str, option: str) -> None:
        await self.press("button", re.compile(label))
        found = self.page.get_by_role("option", name=option, exact=True)
        await expect(found).to_be_visible()
        await take_focus(found)
        await self.page.keyboard.press("Enter")

    async def stands(self, step: str) -> None:
        """That step's heading has the focus, so a reader knows where he is; and axe finds nothing."""
        await expect(self.page.locator(".way-title", has_text=step)).to_be_focused(timeout=PATIENCE_MS)
        await self.page.evaluate(AXE.read_text())
        found = await self.page.evaluate(f"axe.run({{runOnly: {RULES}}})")
        assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []


async def _enter(day: Day, chromium: Browser) -> tuple[Hands, Watched]:
    context = await chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    watched = Watched(page, day.base)
    login, password = day.logins.supervisor
    await page.goto(day.base)
    await page.get_by_label("Gebruikersnaam").fill(login)
    await page.get_by_label("Wachtwoord").fill(password)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("navigation")).to_be_visible(timeout=PATIENCE_MS)
    await page.goto(f"{day.base}/campaigns")
    return Hands(page), watched


async def _list(hands: Hands, day: Day) -> None:
    """A file with one heading that nobody guesses; the column is chosen by hand."""
    strange = day.delivered().replace(b"kenmerk", b"ons eigen vakje", 1)
    page = hands.page
    await hands.stands("Lijst")
    button = page.get_by_role("button", name="Bestand kiezen")
    await take_focus(button)
    await expect(button).to_be_focused()
    async with page.expect_file_chooser() as choosing:
        await button.press("Enter")
    payload: FilePayload = {"name": "lijst.csv", "mimeType": "text/csv", "buffer": strange}
    await (await choosing.value).set_files(payload)
    await expect(page.get_by_text("Kies een kolom. Zonder dit")).to_have_count(1, timeout=PATIENCE_MS)
    missing = page.locator(".field", has=page.get_by_text("Kies een kolom. Zonder dit")).get_by_role("button")
    await take_focus(missing)
    await page.keyboard.press("Enter")
    await take_focus(page.get_by_role("option", name="ons eigen vakje", exact=True))
    await page.keyboard.press("Enter")
    await hands.press("button", "Definitief inlezen")
    await expect(page.get_by_text("De lijst is geladen.")).to_be_visible(timeout=PATIENCE_MS)


async def test_from_a_file_to_the_first_call_with_the_keyboard(plant: Plant, chromium: Browser) -> None:
    async with Day(plant, [Resident(TALKER)], agents=0, people=1) as day:
        await day.serve()
        await day.pool.execute("delete from client_check")
        hands, watched = await _enter(day, chromium)
        page, began = hands.page, time.monotonic()
        await hands.write("Naam", "Najaar")
        await page.keyboard.press("Enter")
        await _list(hands, day)
        await hands.press("button", "Volgende")
        await hands.stands("Script")
        await hands.press("button", "Volgende")
        await hands.stands("Beltijden")
        await hands.write("Zaterdag", "17 tot 9")
        await hands.press("button", "Opslaan en verder")
        await expect(page.get_by_label("Zaterdag")).to_have_accessible_description(re.compile("niet op volgorde"))
        await hands.write("Zaterdag", "10-16")
        await hands.press("button", "Opslaan en verder")
        await hands.stands("Manier en belofte")
        await page.reload()  # left and come back: the hours are kept, and so is the place
        await hands.stands("Manier en belofte")
        await hands.write("Bereik dat de opdrachtgever is beloofd", "60")
        await hands.write("Eerste poging na een levering binnen", "0")
        await hands.press("button", "Opslaan en verder")
        await hands.stands("Checklist")
        for _ in range(5):
            await hands.press("button", re.compile("^Afvinken: "))
            await expect(page.get_by_label("Naam van wie tekende of testte")).to_be_focused()
            await page.keyboard.type("J. de Wit")
            await page.keyboard.press("Enter")
            await expect(page.get_by_label("Naam van wie tekende of testte")).to_have_count(0, timeout=PATIENCE_MS)
        await expect(page.get_by_text("Alles is er.")).to_be_visible(timeout=PATIENCE_MS)
        prepared = time.monotonic() - began
        agent = Person(day)
        await agent.start()
        try:
            await day.until(agent.free, 60)
            resumed = time.monotonic()
            await hands.press("button", "Volgende")
            await hands.stands("Proef")
            await _proof(hands, day, agent)
            await hands.press("button", "Volgende")
            await hands.stands("Start")
            await hands.press("button", "Belactie starten")
            await day.until_count("direction = 'out' and answered_at is not null", 1, 90)
            took = prepared + time.monotonic() - resumed
            print(f"from file to first call answered: {took:.1f} s")
            assert took < 300
            await day.until_count("direction = 'out' and joined_at is not null", 1, 60)
            await _finish(agent)
        finally:
            await agent.stop()
        assert watched.problems == []
        assert await _against(day) == []
        proof = await day.pool.fetchrow("select counted, reached, case_id from attempt where direction = 'proof'")
        assert tuple(proof) == (False, False, None)


async def _proof(hands: Hands, day: Day, agent: Person) -> None:
    """A colleague is rung over the real line, joined to the agent, marked, filed; and counts nowhere."""
    page = hands.page
    await hands.write("Naam", "Sem")
    await hands.write("Telefoonnummer", COLLEAGUE)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("eindigt op")).to_be_visible(timeout=PATIENCE_MS)

    async def known() -> bool:
        """The engine has taken the draft up, with a line of its own."""
        return bool(await day.pool.fetchval("select exists (select 1 from lease where name like 'campaign:%')"))

    await day.until(known)
    for _ in range(10):
        await hands.press("button", "Bel Sem")
        rings, waits = page.get_by_text("De telefoon gaat zo over."), page.get_by_role("alert")
        await expect(rings.or_(waits).first).to_be_visible(timeout=PATIENCE_MS)
        if await rings.count():
            break
    await day.until_count("direction = 'proof' and joined_at is not null", 1, 60)

    async def talking() -> bool:
        view = await agent.agent()
        return (view["state"], view["direction"]) == ("talking", "proof")

    await day.until(talking)
    await expect(page.get_by_text("gaat over of in gesprek")).to_be_visible(timeout=PATIENCE_MS)
    attempt = (await agent.agent())["attempt"]
    card = await agent.api("GET", f"/attempts/{attempt}/card")
    assert (card["direction"], card["name"], card["number"]) == ("proof", "Sem", COLLEAGUE)
    said = {"birth_date": "1980-01-01", "postcode": "2711AB", "house_number": "1"}
    assert (await agent.api("POST", f"/attempts/{attempt}/verify", said))["match"]
    script = await agent.api("GET", f"/attempts/{attempt}/script")
    assert script["name"] == "Standaardscript"
    await _finish(agent)
    await expect(page.get_by_text("gesproken", exact=True)).to_be_visible(timeout=PATIENCE_MS)


async def _finish(agent: Person) -> None:
    attempt = (await agent.agent())["attempt"]
    await agent.api("POST", f"/attempts/{attempt}/hang-up")
    await agent.api("PUT", f"/attempts/{attempt}/outcome", {"outcome": "NOT_VERIFIED"})


async def _against(day: Day) -> list[str]:
    await day.until_silent()
    evidence = Evidence(
        own=own_calls(day.plant.asterisk.cel, day.began),
        town=town_calls(day.plant.town.server.cel, day.began),
        table=[],
        acknowledged={},
        **await from_database(day.dsn(), numbers_of(day.delivered())),
    )
    assert any(attempt.direction == "proof" for attempt in evidence.attempts)
    return [found for found in audit(evidence).violations if not found.startswith("every_outcome_is_exported_once:")]
