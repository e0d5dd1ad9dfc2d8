"""Signing on with a certified identity provider, in a real browser, against the real service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Route, expect

from dialer.services.access import Role
from tests.support.api import PASSWORD, Centre, centre
from tests.support.chromium import CHROMIUM
from tests.support.identity_provider import PACKAGES, connected, real
from tests.support.panel_stub import DIST

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
    pytest.mark.skipif(not PACKAGES.joinpath("node_modules").exists(), reason="scripts/setup test installs a provider"),
]


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path, web_dist=DIST) as built:
        yield built


@pytest.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    context = await chromium.new_context(locale="nl-NL", reduced_motion="reduce")

    async def local(route: Route) -> None:  # the provider's own pages ask for a font from elsewhere
        here = urlsplit(route.request.url).hostname in ("127.0.0.1", "localhost")
        await (route.continue_() if here else route.abort())

    await context.route("**/*", local)
    yield await context.new_page()
    await context.close()


async def at_the_provider(page: Page, who: str) -> None:
    """Its own pages: who, and whether we may know."""
    await page.locator("input[name=login]").fill(who)
    await page.locator("input[name=password]").fill("egal")
    await page.get_by_role("button", name="Sign-in").click()
    await page.get_by_role("button", name="Continue").click()


async def test_linked_once_then_in_without_our_password(page: Page, api: Centre) -> None:
    url = str(api.server.make_url("")).rstrip("/")
    back = f"{url}/api/v1/session/sign-on/back"
    await api.deps.accounts.add_user(
        "cli", login="anna", display_name="Anna", role=Role.ADMINISTRATOR, client=None, language="nl", password=PASSWORD
    )
    async with real(back) as (issuer, process), connected(issuer, back) as provider:
        api.deps.sign_on._provider, api.deps.sign_on.name = provider, "Gemeente Voorbeeld"
        button = page.get_by_role("button", name="Inloggen met Gemeente Voorbeeld")

        await page.goto(url)
        await button.click()
        await at_the_provider(page, "huis-anna")
        await expect(page.get_by_role("alert")).to_contain_text("nog niet gekoppeld")

        await page.get_by_label("Gebruikersnaam").fill("anna")
        await page.get_by_label("Wachtwoord").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("navigation")).to_be_visible()
        await page.goto(f"{url}/account")
        panel = page.get_by_role("region", name="Inloggen met Gemeente Voorbeeld")
        await panel.get_by_label("Wachtwoord").fill(PASSWORD)
        await panel.get_by_role("button", name="Koppelen").click()
        await expect(panel.get_by_role("button", name="Koppeling weghalen")).to_be_visible()

        await page.get_by_role("button", name="Instellingen").click()
        await page.get_by_role("button", name="Uitloggen", exact=True).click()
        await button.click()  # the provider still knows who it is
        await expect(page.get_by_role("navigation")).to_be_visible()
        await expect(page.get_by_role("button", name="Anna: Instellingen")).to_be_visible()
        actions = [row["action"] for row in await api.pool.fetch("select action from audit_event order by id")]
        assert [action for action in actions if action.startswith("sign-on")] == [
            "sign-on.unknown", "sign-on.link", "sign-on.in",
        ]  # fmt: skip

        await page.get_by_role("button", name="Instellingen").click()
        await page.get_by_role("button", name="Uitloggen", exact=True).click()
        await expect(button).to_be_visible()
        api.deps.sign_on._provider = provider
        async with asyncio.timeout(30):
            process.kill()
            await process.wait()
        provider._known = None  # an hour is over
        await button.click()
        await expect(page.get_by_role("alert")).to_contain_text("reageert niet")
        await page.get_by_label("Gebruikersnaam").fill("anna")
        await page.get_by_label("Wachtwoord").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("navigation")).to_be_visible()


@pytest.mark.nightly
async def test_a_provider_that_dies_on_the_way(page: Page, api: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    url = str(api.server.make_url("")).rstrip("/")
    back = f"{url}/api/v1/session/sign-on/back"
    async with real(back) as (issuer, process), connected(issuer, back) as provider:
        api.deps.sign_on._provider, api.deps.sign_on.name = provider, "Gemeente Voorbeeld"

        finish = provider.finish

        async def die(code: str, nonce: str, verifier: str) -> str:
            """It has sent the browser back, and is gone before we ask it for the token."""
            process.kill()
            await process.wait()
            return await finish(code, nonce, verifier)

        monkeypatch.setattr(provider, "finish", die)
        await page.goto(url)
        await page.get_by_role("button", name="Inloggen met Gemeente Voorbeeld").click()
        await at_the_provider(page, "huis-anna")
        await expect(page.get_by_role("alert")).to_contain_text("reageert niet")
        await expect(page.get_by_label("Wachtwoord")).to_be_visible()
