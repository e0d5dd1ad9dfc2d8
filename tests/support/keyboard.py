"""Hands on a keyboard, in a real browser."""

from __future__ import annotations

from playwright.async_api import Locator, expect


async def take_focus(target: Locator) -> None:
    """What is pressed next is pressed there: a button that waits for its data refuses the focus without a word."""
    await expect(target).to_be_enabled()
    await target.focus()
    await expect(target).to_be_focused()
