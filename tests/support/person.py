"""An agent as people are: the built panel in a real Chromium, on the real service, and a softphone beside it."""

from __future__ import annotations

import asyncio
from types import TracebackType

from playwright.async_api import Browser, BrowserContext, Dialog, Page, expect

from dialer.demo.softphone import Softphone
from tests.support.day import Day

AGAIN_SECONDS = 40.0
"""Within this the page must have found the service again: its pauses grow to fifteen seconds."""


class Person:
    """One agent who is no robot. Use as a context; enters on duty, with a phone that is heard."""

    page: Page

    def __init__(self, day: Day, chromium: Browser, place: int = 0) -> None:
        self._day = day
        self._chromium = chromium
        self._login, self._password = day.person(place)
        plant = day.plant
        self.phone = Softphone(self._login, plant.data / "phones", plant.root, plant.processes, tone=500 + place)
        self._context: BrowserContext | None = None

    async def __aenter__(self) -> Person:
        self._context = await self._chromium.new_context(locale="nl-NL", reduced_motion="reduce")
        page = self.page = await self._context.new_page()
        await page.goto(self._day.base)
        await page.get_by_label("Gebruikersnaam").fill(self._login)
        await page.get_by_label("Wachtwoord").fill(self._password)
        await page.get_by_role("button", name="Inloggen").click()
        await expect(page.get_by_role("navigation")).to_be_visible()
        async with page.expect_response(lambda answer: answer.url.endswith("/agents/me/device")) as answering:
            await page.get_by_role("button", name="Account voor mijn telefoon tonen").click()
        grant = await (await answering.value).json()
        await expect(page.get_by_text(grant["username"])).to_be_visible()
        self._day.plant.processes.log_of(self.phone.process).unlink(missing_ok=True)
        port = int(grant["sip_port"])
        await asyncio.to_thread(self.phone.start, grant["username"], grant["secret"], grant["domain"], port)
        await page.get_by_role("button", name="In dienst", exact=True).click()
        await expect(page.get_by_text("Telefoon klaar").first).to_be_visible()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        assert self._context is not None
        await self._context.close()
        await asyncio.to_thread(self.phone.stop)

    async def hang_up(self) -> None:
        """End the conversation, and stand before the outcomes."""
        await self.page.get_by_role("button", name="Ophangen").click()
        await expect(self.page.get_by_text("Gesprek voorbij")).to_be_visible()

    async def file(self, outcome: str = "Iemand anders") -> None:
        """Choose the outcome and send it; says nothing of what becomes of it."""
        await self.page.locator("label", has_text=outcome).click()
        await self.page.get_by_role("button", name="Vastleggen en klaar").click()

    async def closing_warns(self) -> None:
        """Try to close the tab: the browser asks whether to, and the person stays."""
        warned: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def stay(dialog: Dialog) -> None:
            if not warned.done():
                warned.set_result(dialog.type)
            await dialog.dismiss()

        self.page.once("dialog", stay)
        await self.page.close(run_before_unload=True)
        async with asyncio.timeout(30):
            assert await warned == "beforeunload"

    async def filed(self, outcome: str = "Iemand anders") -> None:
        """The page says that the outcome is kept."""
        await expect(self.page.get_by_text(f"Vastgelegd: {outcome}.")).to_be_visible(timeout=1000 * AGAIN_SECONDS)
