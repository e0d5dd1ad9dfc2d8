"""Signing in in two steps, with the keyboard alone, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.support import panel_access as access
from tests.support import panel_people as people
from tests.support.chromium import CHROMIUM, sign_in
from tests.support.keyboard import take_focus
from tests.support.panel_stub import DIST, running

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


async def password(page: Page, url: str) -> None:
    await page.goto(url)
    await expect(page.get_by_label("Gebruikersnaam")).to_be_focused()
    await page.keyboard.type("mila")
    await page.keyboard.press("Tab")
    await page.keyboard.type(people.PASSWORD)
    await page.keyboard.press("Enter")


async def test_a_code_after_the_password(page: Page) -> None:
    async with running("supervisor") as stub:
        stub.stage = "code"
        await password(page, stub.url)
        field = page.get_by_label("Code", exact=True)
        await expect(field).to_be_focused()
        assert await page.locator("nav, header").count() == 0, "nothing of the work is there yet"
        await page.keyboard.type("000000")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("Deze code klopt niet of is al gebruikt.")
        await expect(field).to_have_value("")
        await take_focus(field)
        await page.keyboard.type(access.code())
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("navigation")).to_be_visible()


async def test_an_app_is_set_up_on_the_way_in(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    async with running("supervisor") as stub:
        stub.stage = "enrol"
        await password(page, stub.url)
        await expect(page.get_by_role("button", name="Instellen")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("img", name="QR-code voor uw app")).to_be_visible()
        await expect(page.get_by_label("Code van zes cijfers uit de app")).to_be_focused()
        await page.keyboard.type(access.code())
        await page.keyboard.press("Enter")
        kept = page.get_by_role("button", name="Ik heb ze bewaard")
        await expect(kept).to_be_focused()
        assert await page.get_by_role("list", name="Herstelcodes").get_by_role("listitem").count() == 10
        assert await page.locator("nav, header").count() == 0, "the codes are kept first"
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("navigation")).to_be_visible()
        assert access.RECOVERY[0] not in await page.content()
        assert all(url.startswith((stub.url, stub.url.replace("http", "ws"), "data:")) for url in asked), (
            "no third party"
        )


async def test_ones_own_is_set_up_from_the_menu(page: Page) -> None:
    async with running("agent") as stub:
        await sign_in(page, stub.url)
        await page.get_by_role("button", name="Instellingen").click()
        await page.get_by_role("button", name="Mijn account").click()
        await page.get_by_label("Wachtwoord").fill("geraden")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Het wachtwoord klopt niet.")).to_be_visible()
        await page.get_by_label("Wachtwoord").fill(people.PASSWORD)
        await page.keyboard.press("Enter")
        await page.get_by_label("Code van zes cijfers uit de app").fill(access.code())
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Ik heb ze bewaard").click()
        await expect(page.get_by_text("U heeft nog 10 herstelcodes.")).to_be_visible()
        await expect(page.get_by_label("Code van uw app, of een herstelcode")).to_be_visible()


async def test_other_devices_are_signed_out_from_the_list(page: Page) -> None:
    async with running("agent") as stub:
        await sign_in(page, stub.url)
        await page.goto(stub.url + "/account")
        rows = page.get_by_role("group", name="Waar u bent ingelogd").get_by_role("row")
        await expect(rows).to_have_count(4)
        await expect(rows.nth(1)).to_contain_text("Chrome op Windows")
        await expect(rows.nth(1)).to_contain_text("Dit apparaat")
        assert await rows.nth(1).get_by_role("button").count() == 0, "this one signs out by the menu"
        await take_focus(page.get_by_role("button", name="Safari op een Mac uitloggen"))
        await page.keyboard.press("Enter")
        await expect(rows).to_have_count(3)
        await take_focus(page.get_by_role("button", name="Op alle andere apparaten uitloggen"))
        await page.keyboard.press("Enter")
        await page.get_by_role("dialog").get_by_role("button", name="Op alle andere apparaten uitloggen").click()
        await expect(rows).to_have_count(2)


async def test_an_administrator_takes_one_away_and_says_which_roles_need_one(page: Page) -> None:
    async with running("administrator") as stub:
        await sign_in(page, stub.url)
        await page.goto(stub.url + "/users")
        name = people.agent()["name"]
        await page.get_by_role("button", name=f"Toegang van {name}").click()
        await page.get_by_role("button", name="Tweede stap weghalen").click()
        ask = page.get_by_role("dialog", name="Tweede stap weghalen")
        await expect(ask.get_by_role("button", name="Tweede stap weghalen")).to_be_disabled()
        await ask.get_by_role("button", name="Waarom?").click()
        await page.get_by_role("option", name="Telefoon kwijt of kapot").click()
        await ask.get_by_role("button", name="Tweede stap weghalen").click()
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await expect(page.get_by_role("button", name=f"Toegang van {name}")).to_be_focused()
        assert stub.made("resetSecondFactor") == [{"reason": "lost"}]
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog").get_by_text("Niet ingesteld")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await take_focus(page.get_by_role("switch", name="Medewerker"))
        await page.keyboard.press("Space")
        await expect(page.get_by_role("switch", name="Medewerker")).to_be_checked()
        assert stub.made("setSignInRule") == [{"role": "agent", "second_factor": "required"}]
