"""A real browser, and signing in with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.support import panel_people as people

CHROMIUM = "/usr/bin/chromium"
WITHOUT = "--disable-features=" + ",".join((
    # The list under the address bar is a page of its own, made with every window: nearly half of what a test costs.
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup",
    # What Playwright leaves out; of two lists the later one holds.
    "AimEnabled", "AvoidUnnecessaryBeforeUnloadCheckSync", "AvoidCorsURLLoaderRestartOnRedirect",
    "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay", "MediaRouter",
    "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch", "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
))  # fmt: skip


async def sign_in(page: Page, url: str, login: str = "noor") -> None:
    """Sign in as a person does."""
    await page.goto(url)
    await page.get_by_label("Gebruikersnaam").fill(login)
    await page.get_by_label("Wachtwoord").fill(people.PASSWORD)
    await page.get_by_role("button", name="Inloggen").click()
    await expect(page.get_by_role("navigation")).to_be_visible()


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a window."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", WITHOUT, "--use-fake-device-for-media-stream"]
        )
        try:
            yield chromium
        finally:
            await chromium.close()
