"""A day of the client's own people in a real Chromium, on the real API and a real database, by keyboard."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from dialer.schedule.rotation import Rotation
from dialer.services.access import Role
from dialer.services.cases import CaseService
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.pool import open_pool
from dialer.storage.steering import PostgresCases
from tests.integration.test_questions import with_keys
from tests.support.api import PASSWORD, Centre, centre
from tests.support.chromium import CHROMIUM
from tests.support.keyboard import opened, take_focus
from tests.support.panel_stub import DIST
from tests.support.panel_watch import Watched
from tests.support.rows import Rows

AXE = DIST.parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']"

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.system,
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: npm ci"),
]


@asynccontextmanager
async def town_hall(dsn: str, folder: Path) -> AsyncIterator[tuple[Centre, Rows, Rows]]:
    """Two residents of one client, and one of another: nobody was reached."""
    pool = await open_pool(dsn, size=2)

    def real(deps: Any) -> Any:
        return replace(deps, cases=CaseService(PostgresCases(pool, CatalogueStore(pool), Rotation()), deps.clock))

    async with centre(dsn, folder / "spool", swap=real, web_dist=DIST, heartbeat_seconds=10.0) as api:
        api.clock.at = datetime.now(UTC) - timedelta(minutes=5)  # a browser has the day of today
        await api.deps.scripts.seed()
        ours = await with_keys(api, await api.client("zoetermeer"), "Maart")
        theirs = await with_keys(api, await api.client("leiden"), "April")
        for rows in (ours, theirs):
            await api.pool.execute("update campaign set state = 'paused' where id = $1", rows.campaign)
            await api.pool.execute(
                "update case_file set state = 'not_reached', outcome = 'NOT_REACHED', closed_at = $2,"
                " plan_ends_at = $2, result_version = 1 where id = $1",
                rows.case, api.clock.now(),
            )  # fmt: skip
        await api.person(Role.CLIENT, ours.client, login="gea")
        await api.person(Role.SUPERVISOR, login="mila")
        yield api, ours, theirs
    await pool.close()


class Person:
    """Somebody at a browser of his own."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.watched = Watched(page, url)

    async def sign_in(self, login: str) -> None:
        await self.page.goto(self.url)
        await self.page.get_by_label("Gebruikersnaam").fill(login)
        await self.page.get_by_label("Wachtwoord").fill(PASSWORD)
        await self.page.keyboard.press("Enter")
        await expect(self.page.get_by_role("navigation", name="Hoofdmenu")).to_be_visible()

    async def press(self, role: Any, name: str | re.Pattern[str]) -> None:
        """By keyboard: what is pressed must take the focus."""
        target = self.page.get_by_role(role, name=name).first
        await take_focus(target)
        await self.page.keyboard.press("Enter")

    async def audit(self) -> None:
        await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = await self.page.evaluate(f"axe.run({{runOnly: {RULES}}})")
        assert [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in found["violations"]] == []


@asynccontextmanager
async def at_browser(chromium: Browser, url: str, login: str) -> AsyncIterator[Person]:
    context = await chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    person = Person(await context.new_page(), url)
    await person.sign_in(login)
    yield person
    await context.close()
    assert person.watched.problems == []


async def test_the_day_of_the_clients_people(dsn: str, tmp_path: Path, chromium: Browser) -> None:
    async with town_hall(dsn, tmp_path) as (api, ours, theirs):
        url = str(api.server.make_url("")).rstrip("/")
        async with at_browser(chromium, url, "gea") as gea, at_browser(chromium, url, "mila") as mila:
            page = gea.page
            await expect(page.get_by_role("heading", name="Overzicht")).to_be_visible()
            await expect(page.get_by_role("link", name="1 Te bezoeken")).to_be_visible()
            await expect(page.get_by_text("Leiden")).to_have_count(0)
            await gea.audit()

            # To visit: marked by keyboard, taken back, marked again.
            await gea.press("link", "1 Te bezoeken")
            await expect(page.get_by_role("link", name="K-Maart")).to_be_visible()
            await expect(page.get_by_text("K-April")).to_have_count(0)
            await gea.audit()
            await gea.press("button", "Vastleggen: K-Maart")
            await gea.press("button", re.compile("Uitkomst"))
            await opened(page)
            await page.keyboard.press("b")  # the list finds what begins so
            await page.keyboard.press("Enter")
            await take_focus(page.get_by_label("Toelichting"))
            await page.keyboard.type("Gesproken aan de deur")
            await gea.audit()
            await page.keyboard.press("Enter")
            await expect(page.get_by_text("Niemand om te bezoeken.")).to_be_visible()
            assert await api.pool.fetchval("select mark from follow_up_mark") == "spoken"
            await gea.press("button", re.compile("^Terugdraaien"))
            await expect(page.get_by_role("link", name="K-Maart")).to_be_visible()

            # A question, answered by a supervisor, read by both.
            await gea.press("link", "K-Maart")
            await take_focus(page.get_by_label("Uw bericht aan ons"))
            await page.keyboard.type("Bsn 111222333")
            await expect(page.get_by_text("Dit lijkt op een BSN")).to_be_visible()
            await page.get_by_label("Uw bericht aan ons").fill("Is het nummer nagekeken?")
            await gea.audit()
            await gea.press("button", "Versturen")
            await expect(page.get_by_text("Wacht op belteam")).to_be_visible()

            await mila.page.goto(url + "/day")
            await expect(mila.page.get_by_text("1 vraag van een opdrachtgever wacht op antwoord")).to_be_visible()
            await mila.press("link", "Vragen")
            await mila.press("link", "K-Maart")
            await expect(mila.page.get_by_text("Is het nummer nagekeken?")).to_be_visible()
            await mila.page.get_by_label("Uw bericht aan de opdrachtgever").fill("Ja, het is van iemand anders.")
            await mila.press("button", "Versturen")
            await expect(mila.page.get_by_text("Wacht op opdrachtgever")).to_be_visible()
            await mila.audit()

            await page.goto(url + "/home")
            await expect(page.get_by_text("1 met nieuw bericht")).to_be_visible()
            await page.goto(f"{url}/cases/{ours.case}")
            await expect(page.get_by_text("Ja, het is van iemand anders.")).to_be_visible()
            await expect(page.get_by_text("Het belteam")).to_be_visible()
            await until_read(api, ours)

            # Withdrawn with a reason and a second key, and told to the engine; released again it is a new act.
            await gea.press("button", "Intrekken")
            await page.get_by_role("dialog").get_by_label("Reden").fill("hulp is geregeld")
            await gea.audit()
            await page.keyboard.press("Enter")
            await expect(page.get_by_text("Ingetrokken").first).to_be_visible()
            assert ("case", ours.case) in api.engine.told
            await gea.press("button", "Vrijgeven om te bellen")
            await page.get_by_role("dialog").get_by_label("Reden").fill("toch bellen")
            await page.keyboard.press("Enter")
            await expect(page.get_by_text("Ingetrokken")).to_have_count(0)
            acts = await api.pool.fetch(
                "select action, purpose from audit_event where action in ('case.withdraw', 'case.release') order by id"
            )
            assert [tuple(act) for act in acts] == [
                ("case.withdraw", "hulp is geregeld"),
                ("case.release", "toch bellen"),
            ]

            # Another client's case is not there, by any address.
            await page.goto(f"{url}/cases/{theirs.case}")
            await expect(page.get_by_text("Dit bestaat niet (meer).").first).to_be_visible()
            kept = await page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
            assert "K-Maart" not in kept
            assert "nummer" not in kept


async def until_read(api: Centre, rows: Rows) -> None:
    """Both sides have read the thread to its end."""

    async def read() -> bool:
        row = await api.pool.fetchrow("select client_read, office_read, messages from question")
        assert row is not None
        return bool(row["client_read"] == row["office_read"] == row["messages"] == 2)

    for _ in range(600):
        if await read():
            return
        await api.pool.execute("select pg_sleep(0.05)")
    raise AssertionError(f"not read: {rows.case}")
