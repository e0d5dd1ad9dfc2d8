"""The script's whole way in a real Chromium, on the real API and a real database: edited, approved, chosen, said."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from dialer.services.access import Role
from tests.support.api import PASSWORD, Centre, as_user, centre
from tests.support.chromium import CHROMIUM
from tests.support.keyboard import take_focus
from tests.support.panel_stub import DIST
from tests.support.panel_watch import Watched
from tests.support.rows import Rows, add_rows

AXE = DIST.parent / "node_modules" / "axe-core" / "axe.min.js"

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(400),
    pytest.mark.system,
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
]


class House:
    """The API with the panel, and people at their own browsers."""

    def __init__(self, api: Centre, one_chromium: Browser, rows: Rows) -> None:
        self.api, self.rows = api, rows
        self.url = str(api.server.make_url("")).rstrip("/")
        self._chromium = one_chromium
        self.watched: list[Watched] = []

    async def enter(self, login: str, path: str) -> Page:
        """Somebody signs in, in a browser of his own, and goes to an address."""
        context = await self._chromium.new_context(locale="nl-NL", reduced_motion="reduce")
        page = await context.new_page()
        self.watched.append(Watched(page, self.url))
        await page.goto(self.url)
        await page.get_by_label("Gebruikersnaam").fill(login)
        await page.get_by_label("Wachtwoord").fill(PASSWORD)
        await page.get_by_role("button", name="Inloggen").click()
        await expect(page.get_by_role("navigation")).to_be_visible()
        await page.goto(self.url + path)
        return page


@asynccontextmanager
async def house(dsn: str, tmp_path: Path, one_chromium: Browser) -> AsyncIterator[House]:
    async with centre(dsn, tmp_path / "spool", web_dist=DIST, heartbeat_seconds=10.0) as api:
        api.clock.at = datetime.now(UTC)  # a browser has the day of today
        await api.deps.scripts.seed()
        rows = await add_rows(api.pool, await api.client("zoetermeer"), api.clock.now())
        await api.person(Role.SUPERVISOR, login="mila")
        await api.person(Role.SUPERVISOR, login="sem")
        await api.person(Role.CLIENT, rows.client, login="gemeente")
        built = House(api, one_chromium, rows)
        yield built
        assert [watched.problems for watched in built.watched] == [[] for _ in built.watched]


async def _write(page: Page, said: str) -> None:
    await page.get_by_label("Wat de medewerker zegt – Nederlands").first.fill(said)
    await expect(page.get_by_role("status").filter(has_text="Alles is bewaard")).to_be_visible()


async def _publish(page: Page, note: str) -> None:
    await page.get_by_role("button", name="Versie maken").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Wat is er veranderd?").fill(note)
    await dialog.get_by_role("button", name="Versie maken").click()
    await expect(dialog).to_be_hidden()


async def _make(page: Page) -> None:
    await page.get_by_role("button", name="Opdrachtgever").click()
    await page.get_by_role("option", name="Zoetermeer").click()
    await page.get_by_role("textbox", name="Script").fill("Zoetermeer")
    await page.get_by_role("button", name="Script maken").click()
    await expect(page.get_by_role("heading", name="Zoetermeer")).to_be_visible()


async def test_from_a_supervisors_draft_to_what_an_agent_says(dsn: str, tmp_path: Path, one_chromium: Browser) -> None:
    async with house(dsn, tmp_path, one_chromium) as home:
        boss = await home.enter("mila", "/scripts")
        await _make(boss)
        await _write(boss, "Het gaat om {soort}.")
        await expect(boss.get_by_text("noemt de achterstand voordat de controle klopt").first).to_be_visible()
        await expect(boss.get_by_role("button", name="Versie maken")).to_be_disabled()
        await _write(boss, "Goed u te spreken.")
        await boss.reload()  # nothing typed is lost
        said = boss.get_by_label("Wat de medewerker zegt – Nederlands").first
        await expect(said).to_have_value("Goed u te spreken.")
        await _publish(boss, "nieuwe opening")
        await expect(boss.get_by_text("Wacht op goedkeuring")).to_be_visible()

        client = await home.enter("gemeente", "/scripts")
        await client.get_by_role("link", name="Zoetermeer").click()
        await expect(client.get_by_text("Goed u te spreken.").first).to_be_visible()
        await expect(client.get_by_role("button", name="Stap toevoegen")).to_have_count(0)
        await client.get_by_role("button", name="Goedkeuren", exact=True).click()
        await expect(client.get_by_text("Er is nu niets om goed te keuren.")).to_be_visible()

        await boss.goto(f"{home.url}/campaigns/{home.rows.campaign}")
        await boss.get_by_role("button", name=re.compile("Script voor nieuwe gesprekken")).click()
        await boss.get_by_role("option", name="Zoetermeer").click()
        await boss.get_by_role("button", name="Script kiezen").click()
        await expect(boss.get_by_text("Zoetermeer, versie 1")).to_be_visible()

        noor = await home.api.person(Role.AGENT, login="noor")
        home.api.desk.put(as_user(noor), state="talking", phone="in_call", direction="out", attempt=home.rows.attempt)
        agent = await home.enter("noor", "/desk")
        await expect(agent.get_by_text("Goed u te spreken.")).to_be_visible()

        await boss.goto(f"{home.url}/scripts")
        await boss.get_by_role("link", name="Zoetermeer").click()
        await _write(boss, "Fijn dat u er bent.")
        await _publish(boss, "warmer")
        await client.reload()
        await client.get_by_role("button", name="Goedkeuren", exact=True).click()
        await expect(client.get_by_text("Er is nu niets om goed te keuren.")).to_be_visible()

        await agent.keyboard.press("1")
        await expect(agent.get_by_text("Concept bewaard")).to_be_visible()
        await agent.reload()  # the running call keeps its version, and where it was
        await expect(agent.get_by_role("heading", name="Komt het gelegen?")).to_be_visible()
        await agent.get_by_role("button", name="Stap terug").click()
        await expect(agent.get_by_text("Goed u te spreken.")).to_be_visible()

        later = await add_rows(home.api.pool, await home.api.client("leiden"), home.api.clock.now())
        await home.api.pool.execute(
            "update attempt set campaign_id = $2, client_id = $3 where id = $1",
            later.attempt, home.rows.campaign, home.rows.client,
        )  # fmt: skip
        home.api.desk.put(as_user(noor), attempt=later.attempt)
        await agent.reload()
        await expect(agent.get_by_text("Fijn dat u er bent.")).to_be_visible()


async def test_two_supervisors_and_the_keyboard(dsn: str, tmp_path: Path, one_chromium: Browser) -> None:
    async with house(dsn, tmp_path, one_chromium) as home:
        mila = await home.enter("mila", "/scripts")
        await _make(mila)
        sem = await home.enter("sem", mila.url.removeprefix(home.url))
        await expect(sem.get_by_role("heading", name="Stap O1")).to_be_visible()
        await _write(mila, "Van Mila.")
        await sem.get_by_label("Wat de medewerker zegt – Nederlands").first.fill("Van Sem.")
        await expect(sem.get_by_text("Een collega heeft dit concept intussen gewijzigd.").first).to_be_visible()
        await sem.get_by_role("button", name="Dat van mijn collega").click()
        said = sem.get_by_label("Wat de medewerker zegt – Nederlands").first
        await expect(said).to_have_value("Van Mila.")

        await take_focus(sem.get_by_role("option", name=re.compile("^O1 ")))
        await sem.keyboard.press("ArrowDown")
        await expect(sem.get_by_role("heading", name="Stap O2")).to_be_visible()
        await take_focus(sem.get_by_role("button", name="Stap toevoegen"))
        await sem.keyboard.press("Enter")
        await expect(sem.get_by_role("heading", name="Stap S1")).to_be_visible()
        await expect(sem.get_by_text("Niemand komt ooit bij deze stap.").first).to_be_visible()

        trial = sem.get_by_role("region", name="Proefgesprek")
        await trial.get_by_role("button", name="Ja, dat ben ik").click()
        await expect(trial.get_by_role("heading", name="Komt het gelegen?")).to_be_visible()
        await trial.get_by_role("button", name="Controle klopt").click()
        await expect(trial.get_by_text("een rekening voor huur openstaat")).to_be_visible()


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: npm ci")
async def test_axe_finds_nothing_in_the_editor_and_at_the_clients(
    dsn: str, tmp_path: Path, one_chromium: Browser
) -> None:
    async with house(dsn, tmp_path, one_chromium) as home:
        boss = await home.enter("mila", "/scripts")
        await _make(boss)
        await _write(boss, "Dag.")
        await _publish(boss, "korter")
        await _write(boss, "Het gaat om {soort}.")
        client = await home.enter("gemeente", boss.url.removeprefix(home.url))
        await expect(client.get_by_role("button", name="Goedkeuren", exact=True)).to_be_visible()
        for page in (boss, client):
            await page.evaluate(AXE.read_text())
            found = await page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
            assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []


async def test_a_card_is_written_approved_and_found_from_the_keyboard(
    dsn: str, tmp_path: Path, one_chromium: Browser
) -> None:
    async with house(dsn, tmp_path, one_chromium) as home:
        boss = await home.enter("mila", "/knowledge")
        await boss.get_by_role("button", name="Nieuwe kaart").click()
        await boss.get_by_role("button", name="Opdrachtgever").click()
        await boss.get_by_role("option", name="Zoetermeer").click()
        await boss.get_by_label("Titel").fill("Kwijtschelding")
        await boss.get_by_label("Tekst", exact=True).fill("Bel 14 079 en kies 2.")
        await boss.get_by_role("button", name="Opslaan").click()
        await expect(boss.get_by_text("Bel 14 079 en kies 2.")).to_be_visible()

        noor = await home.api.person(Role.AGENT, login="noor")
        home.api.desk.put(as_user(noor), state="talking", phone="in_call", direction="out", attempt=home.rows.attempt)
        client = await home.enter("gemeente", "/knowledge")
        for title in ("Kwijtschelding", "Toeslagen"):
            await client.get_by_role("button", name=f"Goedkeuren: {title}", exact=True).click()
            await expect(client.get_by_role("button", name=f"Goedkeuren: {title}", exact=True)).to_be_hidden()

        agent = await home.enter("noor", "/desk")
        await expect(agent.get_by_text("Toeslagen")).to_be_visible()
        await expect(agent.get_by_text("Bel 14 079 en kies 2.")).to_be_hidden()
        await agent.keyboard.press("/")
        await agent.keyboard.type("kwijt")
        await expect(agent.get_by_text("Bel 14 079 en kies 2.")).to_be_visible()
        await expect(agent.get_by_text("Toeslagen")).to_be_hidden()
        for page in (boss, agent):
            await page.evaluate(AXE.read_text())
            found = await page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
            assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
