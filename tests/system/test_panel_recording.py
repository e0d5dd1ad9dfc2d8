"""Recording in the panel: asked after the check, with the keyboard alone; played with a reason, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.support import panel_quality as quality
from tests.support.chromium import CHROMIUM, sign_in
from tests.support.keyboard import take_focus
from tests.support.panel_scenes_desk import verify
from tests.support.panel_stub import DIST, Stub, running
from tests.support.panel_watch import Watched, until

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.system,
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
]

AXE = DIST.parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]


@pytest_asyncio.fixture(loop_scope="session")
async def page(one_chromium: Browser) -> AsyncIterator[Page]:
    context = await one_chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    yield await context.new_page()
    await context.close()


async def accessible(page: Page) -> None:
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate(f"axe.run({{runOnly: {RULES}}})")
    assert [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in found["violations"]] == []


async def press(page: Page, key: str, stub: Stub, wishes: list[str]) -> None:
    """A key on the desk, once nothing has the focus that takes letters itself."""
    await page.get_by_role("heading", name="Opname").click()
    await page.keyboard.press(key)
    await until(lambda: [one["wish"] for one in stub.made("setRecording")] == wishes)


async def test_asked_after_the_check_and_led_by_two_keys(page: Page) -> None:
    async with running() as stub:
        watched = Watched(page, stub.url)
        await sign_in(page, stub.url)
        stub.card["records"] = True
        await stub.answered()
        await expect(page.get_by_label("Geboortedatum")).to_be_visible()
        await expect(page.get_by_role("heading", name="Opname")).to_have_count(0)
        await verify(page)
        await expect(page.get_by_text("Wij nemen dit gesprek graag op")).to_be_visible()
        await accessible(page)
        await press(page, "r", stub, ["agreed"])
        await expect(page.get_by_text("Opname loopt")).to_be_visible()
        await press(page, "r", stub, ["agreed", "pause"])
        await expect(page.get_by_text("Opname staat stil")).to_be_visible()
        await press(page, "r", stub, ["agreed", "pause", "resume"])
        await expect(page.get_by_text("Opname loopt")).to_be_visible()
        await accessible(page)
        await press(page, "t", stub, ["agreed", "pause", "resume", "refuse"])
        await expect(page.get_by_text("Niet opgenomen")).to_be_visible()
        await expect(page.get_by_role("button", name="Verder opnemen")).to_have_count(0)
        assert watched.problems == []


async def test_a_campaign_that_records_nothing_asks_nothing(page: Page) -> None:
    async with running() as stub:
        await sign_in(page, stub.url)
        await stub.answered()
        await verify(page)
        await expect(page.get_by_text("Eerder contact")).to_be_visible()
        await expect(page.get_by_role("heading", name="Opname")).to_have_count(0)


async def test_what_stands_in_the_way_is_said(page: Page) -> None:
    async with running() as stub:
        await sign_in(page, stub.url)
        stub.card["records"] = True
        await stub.answered()
        await verify(page)
        stub.fail("setRecording", 409, "recording-crisis")
        await take_focus(page.get_by_role("button", name="Inwoner vindt het goed"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Bij een crisis nemen we niet op.")).to_be_visible()


async def test_played_with_a_reason_by_the_keyboard_in_this_page_alone(page: Page) -> None:
    async with running("supervisor") as stub:
        watched = Watched(page, stub.url)
        await sign_in(page, stub.url)
        await page.goto(f"{stub.url}/quality/{quality.SAMPLE}")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/recording") else None)
        page.on("request", lambda request: asked.append(request.url) if "/recording?" in request.url else None)
        await expect(page.get_by_role("heading", name="Opname van het gesprek")).to_be_visible()
        assert asked == [], "nothing is fetched before the reason is given"
        await take_focus(page.get_by_role("button", name="Waarom luistert u?"))
        await page.keyboard.press("Enter")
        await take_focus(page.get_by_role("option", name="Klacht"))
        await page.keyboard.press("Enter")
        await take_focus(page.get_by_role("button", name="Beluisteren"))
        await page.keyboard.press("Enter")
        player = page.locator("audio")
        await expect(player).to_be_visible()
        assert [url.partition("?")[2] for url in asked] == ["purpose=complaint"]
        await expect(player).not_to_have_js_property("currentTime", 0)
        assert 1.9 < await player.evaluate("node => node.duration") < 2.1
        assert (await player.get_attribute("src") or "").startswith("blob:")
        await take_focus(player)
        await accessible(page)
        await page.get_by_role("link", name="Werkvloer").click()
        await expect(player).to_have_count(0)
        assert watched.problems == []


@pytest.mark.parametrize("role", ["supervisor", "quality"])
async def test_deleted_with_a_reason_by_who_may(page: Page, role: str) -> None:
    async with running(role) as stub:
        await sign_in(page, stub.url)
        await page.goto(f"{stub.url}/quality/{quality.SAMPLE}")
        await expect(page.get_by_role("heading", name="Opname van het gesprek")).to_be_visible()
        delete = page.get_by_role("button", name="Opname wissen")
        if role == "quality":
            await expect(delete).to_have_count(0)
            return
        await take_focus(delete)
        await page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_text("voor altijd weg")).to_be_visible()
        await accessible(page)
        await take_focus(dialog.get_by_role("button", name="Waarom wist u de opname?"))
        await page.keyboard.press("Enter")
        await take_focus(page.get_by_role("option", name="Er is iets geheims te horen"))
        await page.keyboard.press("Enter")
        async with page.expect_request(lambda request: request.method == "DELETE") as asked:
            await take_focus(dialog.get_by_role("button", name="Opname wissen"))
            await page.keyboard.press("Enter")
        assert (await asked.value).url.endswith("/recording?reason=secret")
        await expect(page.get_by_text("De opname is gewist.")).to_be_visible()
        await expect(page.get_by_role("button", name="Beluisteren")).to_have_count(0)
