"""Hands for the practice page: an agent who trains, by keyboard."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.support import panel_practice as practice
from tests.support.panel_stub import Stub

PATIENCE_MS = 40_000
"""On a machine that has much to do."""


async def begin(page: Page, title: str) -> None:
    """Choose a conversation, and wait until the resident has answered."""
    await page.get_by_role("button", name=f": {title}").last.click()
    await answered(page)


async def answered(page: Page) -> None:
    """The resident has answered, and the script is there."""
    await expect(page.get_by_role("heading", name="Opening")).to_be_visible(timeout=PATIENCE_MS)


async def says(page: Page, text: str) -> None:
    """Wait until the resident says so."""
    await expect(page.get_by_role("region", name="U hoort")).to_contain_text(text, timeout=PATIENCE_MS)


async def keys(page: Page, *pressed: str) -> None:
    """One key after the other."""
    for key in pressed:
        await page.keyboard.press(key)


async def check(page: Page, birth: str, postcode: str, house: str) -> None:
    """The identity check, with what the resident said."""
    await page.get_by_label("Geboortedatum").fill(birth)
    await page.get_by_label("Postcode").fill(postcode)
    await page.get_by_label("Huisnummer").fill(house)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Klopt. U kunt het gesprek voeren.")).to_be_visible(timeout=PATIENCE_MS)


async def asked(_: Stub, page: Page) -> None:
    """A question of the resident stands open."""
    await begin(page, "Wil hulp")
    await keys(page, "1")
    await says(page, "Waar gaat het dan over?")


async def astray(_: Stub, page: Page) -> None:
    """The agent told too much, then chose what was not said."""
    await asked(_, page)
    await keys(page, "x", "3")
    await says(page, "De inwoner zegt niets.")


async def judged(stub: Stub, page: Page) -> None:
    """A conversation that went wrong in some ways."""
    stub.practice["results"] = practice.passed("third_party", "fraud")
    await page.reload()
    await begin(page, "Verkeerd nummer")
    await keys(page, "3", "y", "1", "h")
    await page.locator("label", has_text="Iemand anders").click()
    await page.get_by_label("Notitie").fill("Nieuwe bewoner is ziek.")
    await page.get_by_role("button", name="Vastleggen en klaar").click()
    await expect(page.get_by_text("Nog niet gehaald")).to_be_visible(timeout=PATIENCE_MS)


async def on_duty(stub: Stub, page: Page) -> None:
    """Whoever may be given a call does not practise."""
    await stub.duty(state="available", phone="ready")
    await expect(page.get_by_text("U bent in dienst")).to_be_visible(timeout=PATIENCE_MS)


async def tour_offered(stub: Stub, page: Page) -> None:
    """The desk of somebody new."""
    stub.practice["tour_seen"] = False
    await page.reload()
    await expect(page.get_by_text("Bent u hier nieuw?")).to_be_visible(timeout=PATIENCE_MS)


async def tour(stub: Stub, page: Page) -> None:
    """Its second stop."""
    await tour_offered(stub, page)
    await page.get_by_role("button", name="Begin de rondleiding").click()
    await keys(page, "ArrowRight")
    await expect(page.get_by_role("heading", name="Uw telefoon")).to_be_visible(timeout=PATIENCE_MS)


async def needed(stub: Stub, page: Page) -> None:
    """A campaign waits for this agent."""
    stub.practice["needed_by"] = ["Vroege hulp, zomer"]
    await page.reload()
    await expect(page.get_by_text("U krijgt nog geen gesprekken van: Vroege hulp, zomer.")).to_be_visible(
        timeout=PATIENCE_MS
    )


async def setup_menu(_: Stub, page: Page) -> None:
    """A supervisor's menu, with what is set up now and then open."""
    await page.get_by_role("button", name="Meer").click()
    await expect(page.get_by_role("menuitem", name="Team")).to_be_visible(timeout=PATIENCE_MS)
