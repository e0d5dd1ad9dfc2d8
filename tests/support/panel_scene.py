"""What a scene is: hands that bring a page to the state that a picture shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

from tests.support.panel_stub import Stub

Scene = Callable[[Stub, Page], Awaitable[None]]


async def nothing(_: Stub, page: Page) -> None:
    await page.wait_for_load_state("networkidle")
    # Quiet is not yet drawn: a page that is fetched apart shows only that it is coming.
    await expect(page.get_by_role("heading", level=1)).to_be_attached()


def at(path: str, then: Scene = nothing) -> Scene:
    """Go to an address inside the panel, then `then`."""

    async def go(stub: Stub, page: Page) -> None:
        await page.goto(stub.url + path)
        await nothing(stub, page)
        await then(stub, page)

    return go


def while_it_loads(operation: str, path: str) -> Scene:
    """A page whose answer is still on its way: that of `operation`."""

    async def wait(stub: Stub, page: Page) -> None:
        stub.waits.add(operation)
        await page.goto(stub.url + path)
        await expect(page.get_by_role("heading", level=1)).to_be_attached()  # the page itself is there
        await expect(page.get_by_text("Even geduld").first).to_be_visible()

    return wait


async def link_lost(stub: Stub, page: Page) -> None:
    """The live feed is cut, on whatever page."""
    await expect(page.get_by_text("Even geduld")).to_have_count(0)
    await stub.drop()
    await expect(page.get_by_text("Geen verbinding.")).to_be_visible()
