"""Somebody who works without a mouse and hears the page read out: Tab and keys alone, names as a screen reader says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.async_api import CDPSession, Page, expect

# What is told without being asked: text that changes inside a live region. A region that is off, or a timer, is silent.
_LISTEN = """() => {
  window.told = [];
  // What of `node` is read out when it changes: a status or an alert whole, of another region the part. Null: nothing.
  const heard = (node) => {
    const region = node.closest("[aria-live], [role=timer], [role=status], [role=alert], output");
    if (region === null || region.matches("[role=timer], [aria-live=off]")) return null;
    return region.matches("[role=status], [role=alert], output") ? region : node;
  };
  new MutationObserver((changes) => {
    const at = new Set();
    for (const change of changes) {
      const node = change.target.nodeType === Node.ELEMENT_NODE ? change.target : change.target.parentElement;
      const read = node !== null && node.isConnected ? heard(node) : null;
      if (read !== null) at.add(read);
    }
    // An alert is read out when it comes, with what is in it.
    for (const added of changes.flatMap((change) => [...change.addedNodes])) {
      if (added.nodeType !== Node.ELEMENT_NODE || !added.isConnected) continue;
      for (const alert of [added, ...added.querySelectorAll("*")]) if (alert.matches("[role=alert]")) at.add(alert);
    }
    for (const node of at) if (node.textContent.trim() !== "") window.told.push(node.textContent.trim());
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""

# A ring around what has the focus, or around the label or part that it stands in.
_MARKED = """() => {
  let node = document.activeElement;
  for (let up = 0; node !== null && up < 4; up += 1, node = node.parentElement) {
    const style = getComputedStyle(node);
    if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) return true;
    if (style.boxShadow !== "none" && up < 2) return true;
  }
  return false;
}"""


@dataclass(frozen=True, slots=True)
class Stop:
    """What has the focus, as a screen reader says it."""

    role: str
    name: str


class Reader:
    """Hands at the keyboard of `page`, and ears."""

    def __init__(self, page: Page, accessibility: CDPSession) -> None:
        self.page = page
        self._accessibility = accessibility

    @classmethod
    async def of(cls, page: Page) -> Reader:
        session = await page.context.new_cdp_session(page)
        await session.send("Accessibility.enable")
        return cls(page, session)

    async def listen(self) -> None:
        """From now on `told` has what is read out by itself; once a page."""
        await self.page.evaluate(_LISTEN)

    async def told(self) -> list[str]:
        """What was read out since the last time that was asked."""
        return list(await self.page.evaluate("window.told.splice(0)"))

    async def stop(self) -> Stop:
        """Where the focus is now."""
        found = await self._accessibility.send("Runtime.evaluate", {"expression": "document.activeElement"})
        which = {"objectId": found["result"]["objectId"], "fetchRelatives": False}
        tree: Any = await self._accessibility.send("Accessibility.getPartialAXTree", which)
        node = tree["nodes"][0]
        return Stop(node.get("role", {}).get("value", ""), node.get("name", {}).get("value", ""))

    async def tab_to(self, role: str, name: str | re.Pattern[str], *, most: int = 80, back: bool = False) -> None:
        """Tab until it has the focus. Each stop on the way must be named, and be seen to have the focus."""
        wanted = re.compile(re.escape(name)) if isinstance(name, str) else name
        passed: list[Stop] = []
        for _ in range(most):
            await self.page.keyboard.press("Shift+Tab" if back else "Tab")
            now = await self.stop()
            if await self.page.evaluate("document.activeElement === document.body"):
                continue  # out of the page and in again
            assert now.name.strip() != "", f"no name: {now}, after {passed[-3:]}"
            assert await self.page.evaluate(_MARKED), f"nobody sees the focus: {now}"
            if now.role == role and wanted.search(now.name):
                return
            passed.append(now)
        raise AssertionError(f"{role} {name!r} is not reached: {passed}")

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def type(self, text: str) -> None:
        await self.page.keyboard.type(text)

    async def see(self, text: str) -> None:
        await expect(self.page.get_by_text(text).first).to_be_visible()
