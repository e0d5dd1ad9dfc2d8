"""The screen locks when nobody is at it: asked first, paused before, and nothing of the work left on the page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.support import panel_people as people
from tests.support.chromium import CHROMIUM, sign_in
from tests.support.panel_stub import DIST, running
from tests.support.panel_watch import until

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.system,
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
]


@pytest_asyncio.fixture(loop_scope="session")
async def page(one_chromium: Browser) -> AsyncIterator[Page]:
    context = await one_chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    yield await context.new_page()
    await context.close()


async def test_an_agent_who_left_is_asked_paused_and_locked_out(page: Page) -> None:
    async with running("agent") as stub:
        stub.agent["state"] = "available"
        await page.clock.install()
        await sign_in(page, stub.url)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await page.clock.run_for(545_000)
        asked = page.get_by_role("alertdialog", name="Bent u er nog?")
        await expect(asked).to_be_visible()
        await page.keyboard.press("Shift")  # any key is an answer
        await expect(asked).to_have_count(0)
        await page.clock.run_for(601_000)
        await expect(page.get_by_role("heading", name="Scherm vergrendeld")).to_be_visible()
        await until(lambda: stub.locked)
        assert stub.made("setMyDuty")[-1]["duty"] == "pause", "off the queue before the screen is locked"
        assert await page.locator("nav, header").count() == 0
        assert people.agent()["name"] in await page.inner_text("main"), "whose screen it is"
        await page.reload()
        await page.get_by_label("Wachtwoord").fill("geraden")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Het wachtwoord klopt niet.")).to_be_visible()
        await page.get_by_label("Wachtwoord").fill(people.PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("navigation")).to_be_visible()
        assert not stub.locked


async def test_a_conversation_is_never_locked(page: Page) -> None:
    async with running("agent") as stub:
        stub.agent |= {"state": "talking", "attempt": people.ATTEMPT, "direction": "out"}
        await page.clock.install()
        await sign_in(page, stub.url)
        await expect(page.get_by_role("navigation")).to_be_visible()
        await page.clock.run_for(1_800_000)
        assert not stub.locked
        await page.get_by_role("button", name="Instellingen").click()
        await expect(page.get_by_role("button", name="Scherm vergrendelen")).to_be_disabled()


async def test_a_supervisor_locks_by_hand_in_all_tabs(page: Page) -> None:
    async with running("supervisor") as stub:
        await sign_in(page, stub.url)
        other = await page.context.new_page()
        await other.goto(stub.url + "/floor")
        await expect(other.get_by_role("heading", level=1)).to_be_visible()
        await page.get_by_role("button", name="Instellingen").click()
        await page.get_by_role("button", name="Scherm vergrendelen").click()
        await expect(page.get_by_role("heading", name="Scherm vergrendeld")).to_be_visible()
        await until(lambda: stub.locked)
        await other.get_by_role("link", name="Vandaag").click()
        await expect(other.get_by_role("heading", name="Scherm vergrendeld")).to_be_visible()
        await page.get_by_role("button", name="Uitloggen").click()
        await expect(page.get_by_role("heading", name="Inloggen")).to_be_visible()
