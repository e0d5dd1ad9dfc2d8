"""Reports in a real Chromium, on the real API and a real database: asked, opened to the records, taken as files."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.async_api import Browser, Page, expect

from dialer.services.access import Role
from tests.integration.test_questions import with_keys
from tests.support.api import Centre, centre
from tests.support.chromium import CHROMIUM
from tests.support.panel_stub import DIST
from tests.support.rows import Rows
from tests.system.test_client_people import AXE, Person, at_browser

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(400),
    pytest.mark.system,
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: npm ci"),
]


@asynccontextmanager
async def town(dsn: str, folder: Path) -> AsyncIterator[tuple[Centre, Rows, str]]:
    """A client with a resident whom nobody reached, a caller whom nobody answered, and five who were satisfied."""
    async with centre(dsn, folder / "spool", web_dist=DIST, heartbeat_seconds=10.0) as api:
        api.clock.at = datetime.now(UTC) - timedelta(minutes=5)  # a browser has the day of today
        await api.deps.scripts.seed()
        rows = await with_keys(api, await api.client("zoetermeer"), "Maart")
        await api.pool.execute("update campaign set state = 'paused' where id = $1", rows.campaign)
        for kto, nps in ((5, 10), (4, 9), (4, 8), (3, 6), (4, 9)):
            await api.pool.execute(
                "insert into report_survey (era, client_id, campaign_id, at, kto, nps) "
                "values (newest_report_era(), $1, $2, $3, $4, $5)",
                rows.client, rows.campaign, api.clock.now(), kto, nps,
            )  # fmt: skip
        await api.person(Role.SUPERVISOR, login="mila")
        await api.person(Role.ADMINISTRATOR, login="beheer")
        yield api, rows, str(api.server.make_url("")).rstrip("/")


async def asked(person: Person) -> Page:
    """A report of this month, asked with the keyboard."""
    await person.press("link", "Rapporten")
    await expect(person.page.get_by_role("heading", name="Rapporten", level=1)).to_be_visible()
    await person.press("button", "Maak rapport")
    await expect(person.page.get_by_role("heading", name="Rapport over bereik")).to_be_visible()
    await expect(person.page.get_by_role("heading", name="Tevredenheid")).to_be_visible()
    return person.page


async def saved(person: Person, name: str) -> bytes:
    async with person.page.expect_download() as begun:
        await person.press("button", name)
    file = await (await begun.value).path()
    return file.read_bytes()


async def test_a_supervisor_asks_opens_a_count_and_takes_the_report_along(
    dsn: str, tmp_path: Path, one_chromium: Browser
) -> None:
    async with town(dsn, tmp_path) as (api, rows, url), at_browser(one_chromium, url, "mila") as mila:
        page = await asked(mila)
        await expect(page.get_by_text(re.compile(r"Geteld op .*, met definities versie 1\."))).to_be_visible()
        await mila.audit()

        # A count of residents opens its cases, one of calls its calls; Escape closes both.
        await mila.press("button", re.compile(r"^1 inwoners tonen\. .*Geleverd"))
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_role("link", name=f"Zaak {str(rows.case)[-8:]}")).to_be_visible()
        await mila.audit()
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await mila.press("button", re.compile(r"^1 tonen\. Inwoners die ons bellen, Gesloten: Totaal"))
        await expect(page.get_by_role("dialog").get_by_text("Oproep aan ons")).to_be_visible()
        await page.keyboard.press("Escape")

        # Satisfaction is of nobody: five answers give a score, and nothing of them opens.
        satisfaction = page.get_by_role("group", name="Tevredenheid", exact=True)
        await expect(satisfaction.get_by_text("4,0").first).to_be_visible()
        await expect(satisfaction.get_by_text("40,0").first).to_be_visible()
        await expect(satisfaction.get_by_role("button")).to_have_count(0)

        book = load_workbook(BytesIO(await saved(mila, "Spreadsheet (XLSX)")))
        (sheet,) = [one for one in book.worksheets if one.title == "Tevredenheid"]
        assert [4.0, 40.0] in [[cell.value for cell in row[-2:]] for row in sheet.iter_rows()]
        assert (await saved(mila, "PDF")).startswith(b"%PDF-")
        actions = [row["action"] for row in await api.pool.fetch("select action from audit_event order by id")]
        assert {"report.ask", "report.read", "report.records", "report.file"} <= set(actions)

        # Back, and there it stands among the others; opened again it is the same.
        await mila.press("link", "Alle rapporten")
        await expect(page.get_by_role("heading", name="Eerder gevraagd")).to_be_visible()


async def test_who_sees_no_residents_opens_nothing(dsn: str, tmp_path: Path, one_chromium: Browser) -> None:
    async with town(dsn, tmp_path) as (_, _, url), at_browser(one_chromium, url, "beheer") as beheer:
        page = await asked(beheer)
        await expect(page.get_by_text("Aantallen onder de vijf staan er niet bij")).to_be_visible()
        await expect(page.get_by_text("U ziet geen inwoners. Aantallen zijn daarom afgerond op vijf.")).to_be_visible()
        await expect(page.get_by_role("button", name=re.compile("tonen"))).to_have_count(0)
        await beheer.audit()
        assert (await saved(beheer, "PDF")).startswith(b"%PDF-")
