"""What a painted card costs in the browser alone: real Chromium pages on a pretended service, without a telephone.

    python -m bench pages [--pages 50] [--cards 100]

So many agents' desks stand open, each in a context of its own as on so many machines, and here all on this one. Cards
come to one page after another. Of each two things are printed: the time from the page's reading of the card to the
screen, and the processor time that the page's own thread spent on it. First with one page open, then with all: the
difference is what the others' pages cost, which in a call centre stand on other machines.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from playwright.async_api import Browser, CDPSession, Page, expect

from bench.panel_bench import NAME_PAINTED, told
from tests.support import panel_people as people
from tests.support.chromium import CHROMIUM, browser, sign_in
from tests.support.panel_stub import DIST, Stub, running

_SECONDS = 30.0


@dataclass(slots=True)
class Desk:
    """One agent's page, and the service that it believes to have."""

    stub: Stub
    page: Page
    costs: CDPSession

    async def cpu(self) -> float:
        """Milliseconds that the page's main thread has worked so far."""
        found = await self.costs.send("Performance.getMetrics")
        return 1000.0 * cast(float, next(one["value"] for one in found["metrics"] if one["name"] == "ThreadTime"))

    async def card(self) -> tuple[float, float, float]:
        """Reserve, join and wait for the screen; milliseconds to the page, to the screen, and of the main thread."""
        await self.stub.duty(state="reserved", attempt=people.ATTEMPT, phone="ready", direction="out")
        await expect(self.page.get_by_text("Er wordt nu iemand voor u gebeld")).to_be_visible()
        await self.page.evaluate("(window.next = new Promise((done) => { window.painted.push = done; }), null)")
        before = await self.cpu()
        await self.stub.answered()
        async with asyncio.timeout(_SECONDS):
            read, drawn, seen = cast(tuple[float, float, float], await self.page.evaluate("window.next"))
        spent = await self.cpu() - before
        await self.stub.duty(state="available", attempt=None, phone="ready", direction="")
        await expect(self.page.get_by_text("U bent beschikbaar")).to_be_visible()
        return drawn - read, seen - read, spent


async def _open(chromium: Browser, stack: AsyncExitStack) -> Desk:
    stub = await stack.enter_async_context(running("agent"))
    context = await chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    stack.push_async_callback(context.close)
    page = await context.new_page()
    await sign_in(page, stub.url)
    await stub.duty(state="available", phone="ready")
    costs = await context.new_cdp_session(page)
    await costs.send("Performance.enable", {"timeDomain": "threadTicks"})
    await page.evaluate(NAME_PAINTED.replace('includes("Proef")', f'includes("{people.LONG_NAME}")'))
    return Desk(stub, page, costs)


async def _measure(what: str, desks: list[Desk], cards: int) -> None:
    took = [await desks[place % len(desks)].card() for place in range(cards)]
    print(f"{what}   load average {os.getloadavg()[0]:.1f}")
    told("  read until it stands in the page", [one[0] for one in took], "")
    told("  read until it is on the screen", [one[1] for one in took], "")
    told("  work of the page's main thread", [one[2] for one in took], "")


async def _run(pages: int, cards: int) -> None:
    async with browser() as chromium, AsyncExitStack() as stack:
        desks = [await _open(chromium, stack)]
        await _measure("one page", desks, cards)
        while len(desks) < pages:
            desks.append(await _open(chromium, stack))
        await _measure(f"{pages} pages", desks, cards)


def main() -> int:
    """Nothing is kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=50, help="desks that are open (default: 50)")
    parser.add_argument("--cards", type=int, default=100, help="cards of each measure (default: 100)")
    options = parser.parse_args()
    if not DIST.joinpath("index.html").exists() or not Path(CHROMIUM).exists():
        print("the built panel (scripts/web build) and Chromium are needed")
        return 1
    asyncio.run(_run(options.pages, options.cards))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
