"""How fast the panel is, in a real Chromium on the whole service, with many other panels connected.

    python -m bench panel [--calls 60] [--panels 50] [--readers 200]

Prints three things: the time from a resident's answer, by Asterisk's own stamp, to the card painted in the agent's
browser (asked: p99 under 100 ms with 50 panels connected), and of it each stage: until Asterisk has joined both, until
a bare socket has the card, until the page reads it, until it stands in the page, until it is on the screen;
the time from a supervisor's or agent's deed to its event at every one of 200 screens (asked: p99 under 50 ms),
the request that did it included; and what the browser loads for the agent's first page, packed as it came over the line
(asked: less than 300 kB).

A machine that has other work makes all of it late. So beside each figure stands how late a process was that does
nothing but sleep for five milliseconds, over and over, in that time: what the machine alone adds to every turn that
somebody waits for, of which an answer has about six.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from playwright.async_api import Browser, CDPSession, Page, expect

from dialer.demo.town_plan import special
from tests.support.call_records import OwnCall
from tests.support.chromium import CHROMIUM, browser
from tests.support.day import Day, Resident
from tests.support.panel_stub import DIST
from tests.support.person import Person
from tests.support.plant import Plant

NAME_PAINTED = """() => {
  window.painted = [];
  let shown = "", told = 0;
  const now = () => performance.timeOrigin + performance.now();
  const read = Object.getOwnPropertyDescriptor(MessageEvent.prototype, "data");
  Object.defineProperty(MessageEvent.prototype, "data", { ...read, get() {
    const data = read.get.call(this);
    if (typeof data === "string" && /"type": ?"card"/.test(data)) told = now();
    return data;
  } });
  const look = () => {
    const name = document.querySelector(".call-card__name")?.textContent ?? "";
    const known = name.includes("Proef") ? name : "";
    if (known === shown) return;
    shown = known;
    // The frame in which it stands is on the screen when the next one begins.
    const drawn = now();
    if (known !== "") requestAnimationFrame(() => setTimeout(() => window.painted.push([told, drawn, now()]), 0));
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


@dataclass(slots=True)
class Reader:
    """A panel without a screen: a session and its live feed."""

    http: aiohttp.ClientSession
    csrf: str
    socket: aiohttp.ClientWebSocketResponse
    heard: float | None = None  # when the deed that is waited for was told
    cards: list[float] = field(default_factory=list)  # when cards came (unix seconds)

    async def listen(self, user: str, since: Callable[[], float]) -> None:
        """Note when the first news of `user` comes that is younger than `since()` (unix seconds)."""
        async for message in self.socket:
            now, wall, told = time.perf_counter(), time.time(), json.loads(message.data)
            if told["type"] == "card":
                self.cards.append(wall)
            if told["type"] == "agent" and told["data"]["user"] == user and told["data"]["since"] >= since():
                self.heard = self.heard or now


@asynccontextmanager
async def _reader(day: Day, login: str, password: str) -> AsyncIterator[Reader]:
    jar = aiohttp.CookieJar(unsafe=True)
    headers = {"Origin": day.base}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(cookie_jar=jar, headers=headers, connector=connector) as http:
        async with http.post(f"{day.base}/api/v1/session", json={"login": login, "password": password}) as answer:
            csrf = (await answer.json())["csrf_token"]
        async with http.ws_connect(f"{day.base}/api/v1/live") as socket:
            yield Reader(http, csrf, socket)


_SLEEPER = """
import sys, time
while True:
    begun = time.perf_counter()
    time.sleep(0.005)
    print(1000 * (time.perf_counter() - begun - 0.005), flush=True)
"""


@asynccontextmanager
async def _beside() -> AsyncIterator[None]:
    """Says, at the end, how late somebody was who only sleeps, and what else there was to do."""
    sleeper = await asyncio.create_subprocess_exec(sys.executable, "-c", _SLEEPER, stdout=asyncio.subprocess.PIPE)
    assert sleeper.stdout is not None
    late: list[float] = []

    async def listen(lines: asyncio.StreamReader) -> None:
        late.extend([float(line) async for line in lines])

    listening = asyncio.create_task(listen(sleeper.stdout))
    try:
        yield
    finally:
        sleeper.kill()
        await asyncio.gather(sleeper.wait(), listening)
    told("  beside it: who only sleeps, late by", late, f"load average {os.getloadavg()[0]:.1f}")


def told(what: str, took: list[float], asked: str) -> None:
    took.sort()
    p50, p90, p99 = (took[min(int(len(took) * part), len(took) - 1)] for part in (0.5, 0.9, 0.99))
    shares = f"p50 {p50:6.1f}   p90 {p90:6.1f}   p99 {p99:6.1f}   max {took[-1]:6.1f} ms"
    print(f"{what:<44} {shares}   n={len(took):<5} {asked}", flush=True)


async def _cards(day: Day, person: Person, beside: Reader, calls: int) -> None:
    """Answer after answer, until so many cards have been painted. `beside`: the same agent's feed without a browser."""
    page = person.page
    await page.evaluate(NAME_PAINTED)
    await day.run()
    for _ in range(calls):
        await expect(page.locator(".call-card__name", has_text="Proef")).to_be_visible(timeout=60_000)
        await person.hang_up()
        await person.file()
    painted: list[tuple[float, float, float]] = (await page.evaluate("window.painted"))[:calls]
    served = sorted((call for call in day.own_calls().values() if call.answered and call.joined), key=_answered)
    stages = [
        (1000 * _answered(call), 1000 * (call.joined or 0.0), 1000 * came, *seen)
        for call, came, seen in zip(served, beside.cards, painted, strict=False)
    ]
    told("answer to card painted", [stage[-1] - stage[0] for stage in stages], "asked p99 < 100")
    names = (
        "until Asterisk has joined both", "until a bare socket has the card", "until the page reads it",
        "until it stands in the page", "until it is on the screen",
    )  # fmt: skip
    for place, name in enumerate(names):
        # Two sockets get the same message in either order: a page may read it before the bare one does.
        told(f"  of it: {name}", [stage[place + 1] - stage[place] for stage in stages], "")


def _answered(call: OwnCall) -> float:
    return call.answered or 0.0


async def _events(day: Day, count: int, rounds: int = 30) -> None:
    """An agent goes on duty and off; every screen that may see it hears of it."""
    login, password = day.person(1)
    async with AsyncExitStack() as stack:
        actor = await stack.enter_async_context(_reader(day, login, password))
        async with actor.http.get(f"{day.base}/api/v1/session") as answer:
            user = str((await answer.json())["user"]["id"])
        supervisor = await stack.enter_async_context(_reader(day, *day.logins.supervisor))
        readers = [supervisor]
        for _ in range(count - 1):  # one session, many screens: what a wallboard and a room of supervisors are
            socket = await stack.enter_async_context(supervisor.http.ws_connect(f"{day.base}/api/v1/live"))
            readers.append(Reader(supervisor.http, supervisor.csrf, socket))
        wall = 0.0
        listening = [asyncio.create_task(reader.listen(user, lambda: wall)) for reader in readers]
        took: list[float] = []
        for place in range(rounds):
            for reader in readers:
                reader.heard = None
            wall, begun = time.time(), time.perf_counter()
            body, headers = {"duty": ("on", "off")[place % 2]}, {"X-CSRF-Token": actor.csrf}
            async with actor.http.put(f"{day.base}/api/v1/agents/me/duty", json=body, headers=headers) as answer:
                assert answer.status == 200, await answer.text()
            async with asyncio.timeout(10):
                while any(reader.heard is None for reader in readers):  # noqa: ASYNC110 - of two hundred sockets
                    await asyncio.sleep(0.005)
            took += [1000 * (reader.heard - begun) for reader in readers if reader.heard is not None]
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, *(reader.socket.close() for reader in readers), return_exceptions=True)
    told(f"deed to event at {count} screens", took, "asked p99 < 50")


async def _first_load(day: Day, chromium: Browser) -> None:
    """Bytes over the line until an agent who has just logged in sees his page."""
    context = await chromium.new_context(locale="nl-NL")
    page: Page = await context.new_page()
    network: CDPSession = await context.new_cdp_session(page)
    await network.send("Network.enable")
    sizes: list[float] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    await page.goto(day.base)
    login, password = day.person(2)
    await page.get_by_label("Gebruikersnaam").fill(login)
    await page.get_by_label("Wachtwoord").fill(password)
    await page.get_by_role("button", name="Inloggen").click()
    await page.get_by_role("button", name="In dienst", exact=True).wait_for()
    await page.wait_for_load_state("networkidle")
    await context.close()
    print(f"{'first load of the agent page':<44} {sum(sizes) / 1000:.0f} kB in {len(sizes)} answers   asked < 300 kB")


async def _run(plant: Plant, calls: int, panels: int, readers: int) -> None:
    rows = [Resident(special("200", place)) for place in range(calls + 5)]
    async with browser() as chromium, AsyncExitStack() as stack:
        day = await stack.enter_async_context(Day(plant, rows, agents=0, people=panels, direct=True))
        await day.open()
        await _first_load(day, chromium)
        async with _beside():
            await _events(day, readers)
        others = [await stack.enter_async_context(_reader(day, *day.person(place))) for place in range(3, panels)]
        drains = [asyncio.create_task(other.listen("", time.time)) for other in others]
        person = await stack.enter_async_context(Person(day, chromium))
        beside = await stack.enter_async_context(_reader(day, *day.person(0)))
        drains.append(asyncio.create_task(beside.listen("", time.time)))
        print(f"panels connected: {len(others) + 1}", flush=True)
        async with _beside():
            await _cards(day, person, beside, calls)
        for drain in drains:
            drain.cancel()
        await asyncio.gather(*drains, *(other.socket.close() for other in others), return_exceptions=True)


def main() -> int:
    """Everything of its own in a passing folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=60, help="cards to be painted, at most 95 (default: 60)")
    parser.add_argument("--panels", type=int, default=50, help="panels connected (default: 50)")
    parser.add_argument("--readers", type=int, default=200, help="screens that hear an event (default: 200)")
    options = parser.parse_args()
    if not DIST.joinpath("index.html").exists() or not Path(CHROMIUM).exists():
        print("the built panel (scripts/web build) and Chromium are needed")
        return 1
    with tempfile.TemporaryDirectory(prefix="panel-bench-") as folder:
        plant = Plant(Path(folder))
        try:
            plant.start()
            asyncio.run(_run(plant, min(options.calls, 95), max(options.panels, 4), options.readers))
        finally:
            plant.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
