"""Hands on a keyboard, in a real browser."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect


async def take_focus(target: Locator) -> None:
    """What is pressed next is pressed there: a button that waits for its data refuses the focus without a word."""
    await expect(target).to_be_enabled()
    await target.focus()
    await expect(target).to_be_focused()


async def press(target: Locator, key: str = "Enter") -> None:
    """As `target.press`, which does not wait until a button may be pressed: the key would be nobody's."""
    await take_focus(target)
    await target.page.keyboard.press(key)


async def hotkey(page: Page, key: str) -> None:
    """A button's own key, once the button may be pressed: before that, the key is nobody's."""
    await expect(page.locator(f"button[aria-keyshortcuts='{key.upper()}']:enabled").first).to_be_visible()
    await page.keyboard.press(key)


async def opened(page: Page) -> None:
    """What is pressed next is pressed in the list or menu that was opened: its focus comes a moment after it."""
    await expect(page.locator("[role=option]:focus, [role=listbox]:focus, [role=menuitem]:focus")).to_have_count(1)
