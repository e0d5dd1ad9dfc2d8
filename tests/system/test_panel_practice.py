"""Practice, the tour and the supervisor's menu, in the built panel in a real Chromium, mostly by keyboard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from dialer.domain.practice import practice_set
from tests.support.chromium import CHROMIUM, sign_in
from tests.support.keyboard import opened, take_focus
from tests.support.panel_practice_screens import PATIENCE_MS, answered, begin, check, keys, says, tour_offered
from tests.support.panel_stub import DIST, Stub, running
from tests.support.panel_watch import Watched, until

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.system,
    pytest.mark.timeout(300),  # nine conversations in one test
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
]
SET = practice_set()
TITLES = {scenario.code: scenario.title.nl for scenario in SET.scenarios}


@pytest_asyncio.fixture(loop_scope="session")
async def stub() -> AsyncIterator[Stub]:
    async with running() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def page(one_chromium: Browser, stub: Stub) -> AsyncIterator[Page]:
    context = await one_chromium.new_context(
        locale="nl-NL", reduced_motion="reduce", viewport={"width": 1440, "height": 900}
    )
    opened = await context.new_page()
    watched = Watched(opened, stub.url)
    yield opened
    await context.close()
    assert watched.problems == []


@pytest_asyncio.fixture(loop_scope="session")
async def trainee(page: Page, stub: Stub) -> Page:
    """On the practice page."""
    await sign_in(page, stub.url)
    await take_focus(page.get_by_role("link", name="Oefenen"))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Gesprekken")).to_be_visible(timeout=PATIENCE_MS)
    return page


async def test_nothing_can_be_begun_before_all_of_it_is_there(page: Page, stub: Stub) -> None:
    await sign_in(page, stub.url)
    released = asyncio.Event()

    async def held(route: Route) -> None:
        await released.wait()
        await route.continue_()

    await page.route("**/outcomes", held)
    async with page.expect_response("**/agents/me/practice"), page.expect_response("**/v1/practice"):
        await page.get_by_role("link", name="Oefenen").click()
    await expect(page.get_by_text("Even geduld…")).to_be_visible(timeout=PATIENCE_MS)
    await expect(page.get_by_role("heading", name="Gesprekken")).not_to_be_visible()
    released.set()
    await begin(page, TITLES["wrong_number"])


async def _over(page: Page) -> None:
    await page.keyboard.press("h")
    await expect(page.get_by_text("Gesprek voorbij")).to_be_visible(timeout=PATIENCE_MS)
    await expect(page.get_by_role("button", name="Vastleggen en klaar")).to_be_visible(timeout=PATIENCE_MS)


async def _file(page: Page, *, second_key: bool = False) -> None:
    await take_focus(page.get_by_role("button", name="Vastleggen en klaar"))
    await page.keyboard.press("Enter")
    if second_key:
        await take_focus(page.get_by_role("button", name="Ja, vastleggen"))
        await page.keyboard.press("Enter")


async def _help(page: Page) -> None:
    await keys(page, "1", "y")
    await says(page, "Vraag maar.")
    await keys(page, "1")
    await check(page, "14-3-1968", "2712 AB", "14")
    await page.get_by_role("heading", name="Script").click()  # out of the field
    await says(page, "Het is eerlijk gezegd moeilijk.")
    await keys(page, "1", "1", "1", "1", "1", "4")
    await says(page, "Dank u wel. Dag!")
    await page.get_by_label("Notitie").fill("De bel is kapot.")
    await page.get_by_role("heading", name="Script").click()
    await _over(page)
    await expect(page.get_by_role("radio", name="13:30").first).to_be_enabled()
    await page.keyboard.press("b")  # the first one after noon
    await expect(page.get_by_role("radio", name="13:30").first).to_be_checked()
    await _file(page, second_key=True)


async def _third_party(page: Page) -> None:
    await keys(page, "2", "z", "1")
    await _over(page)
    await _file(page)


async def _fraud(page: Page) -> None:
    await keys(page, "1", "3", "x", "1")
    await _over(page)
    await _file(page)


async def _crisis(page: Page) -> None:
    await keys(page, "1", "1")
    await check(page, "9-7-1985", "2717 EF", "203")
    await page.get_by_role("heading", name="Script").click()
    await keys(page, "6", "y", "c")
    await expect(page.get_by_role("button", name="Crisisdienst (oefening)")).to_be_enabled()
    await keys(page, "c")
    await expect(page.get_by_role("button", name="Samen praten")).to_be_enabled()
    await keys(page, "p", "1", "2", "1", "6")
    await says(page, "Dank u wel. Dag!")
    await expect(page.get_by_role("button", name="Overdragen en weggaan")).to_be_enabled(timeout=PATIENCE_MS)
    await keys(page, "w")
    await expect(page.get_by_text("Gesprek voorbij")).to_be_visible(timeout=PATIENCE_MS)
    await page.get_by_role("button", name="Waar is hulp bij nodig?").click()
    await page.get_by_role("option", name="Anders").click()
    await _file(page, second_key=True)


async def _wrong_number(page: Page) -> None:
    await keys(page, "3", "x", "1")
    await _over(page)
    await _file(page)


async def _voicemail(page: Page) -> None:
    await says(page, "Piep.")
    await keys(page, "v")


async def _call_back(page: Page) -> None:
    await keys(page, "1", "2", "z", "1")
    await _over(page)
    tomorrow = datetime.now(ZoneInfo("Europe/Amsterdam")) + timedelta(days=1)
    await take_focus(page.get_by_role("group", name="Datum").get_by_role("spinbutton").first)
    await page.keyboard.type(f"{tomorrow:%d%m%Y}")
    await take_focus(page.get_by_role("group", name="Tijd").get_by_role("spinbutton").first)
    await page.keyboard.type("1500")
    await _file(page)


async def _no_phone(page: Page) -> None:
    await keys(page, "1", "y", "1")
    await check(page, "21-4-1957", "2713 NP", "120")
    await page.get_by_role("heading", name="Script").click()
    await keys(page, "1", "3", "1", "1", "1", "5")
    await _over(page)
    await expect(page.get_by_role("radio", name="09:30").first).to_be_enabled()
    await page.keyboard.press("a")
    await expect(page.get_by_text("Deze tijd is net vergeven.")).to_be_visible()
    await expect(page.get_by_role("radio", name="09:30")).to_have_count(0)
    await page.keyboard.press("a")
    await expect(page.get_by_role("radio", name="13:30").first).to_be_checked()
    await _file(page, second_key=True)


async def _aggression(page: Page) -> None:
    await keys(page, "1", "z", "4", "1")
    await page.locator("label", has_text="Agressie").click()
    await _over(page)
    await _file(page, second_key=True)


PLAYED: dict[str, Callable[[Page], Awaitable[None]]] = {
    "help": _help,
    "third_party": _third_party,
    "fraud": _fraud,
    "crisis": _crisis,
    "wrong_number": _wrong_number,
    "voicemail": _voicemail,
    "call_back": _call_back,
    "no_phone": _no_phone,
    "aggression": _aggression,
}


async def test_every_conversation_can_be_passed_and_nothing_of_it_leaves_the_page(trainee: Page, stub: Stub) -> None:
    assert list(PLAYED) == list(TITLES), "a conversation that nobody tried"
    for code, play in PLAYED.items():
        if code == "help":
            await begin(trainee, TITLES[code])
        else:
            await take_focus(trainee.get_by_role("button", name="Volgende gesprek"))
            await trainee.keyboard.press("Enter")
            await answered(trainee)
        await play(trainee)
        await expect(trainee.get_by_text("100% goed")).to_be_visible(timeout=PATIENCE_MS)
    await expect(trainee.get_by_text("U hebt de oefening gehaald.")).to_be_visible()
    assert stub.practice["passed_at"] is not None
    changed = [request.operation for request in stub.requests]
    assert set(changed) == {"signIn", "reportPractice"}
    assert changed.count("reportPractice") == len(PLAYED)


async def test_what_went_wrong_is_said_and_can_be_tried_again(trainee: Page, stub: Stub) -> None:
    await begin(trainee, TITLES["wrong_number"])
    await keys(trainee, "3", "y")
    await expect(trainee.get_by_text("Liever niet: U leest nooit gegevens voor")).to_be_visible()
    await keys(trainee, "1")
    await _over(trainee)
    await trainee.get_by_label("Notitie").fill("Nieuwe bewoner is ziek.")
    await _file(trainee)
    await expect(trainee.get_by_text("50% goed")).to_be_visible()
    for said in ("U vertelde iets voordat u wist wie u sprak", "Er staat iets in over gezondheid", "Op 2721 GH"):
        await expect(trainee.get_by_text(said)).to_be_visible()
    (kept,) = stub.practice["results"]
    assert (kept["passed"], kept["tries"]) == (False, 1)
    await trainee.get_by_role("button", name="Dit gesprek opnieuw").click()
    await answered(trainee)
    await _wrong_number(trainee)
    await expect(trainee.get_by_text("100% goed")).to_be_visible(timeout=PATIENCE_MS)
    await trainee.get_by_role("button", name="Alle gesprekken").click()
    await expect(trainee.get_by_text("1 van 9 gesprekken gehaald")).to_be_visible()


async def test_a_step_too_far_can_be_taken_back(trainee: Page) -> None:
    await begin(trainee, TITLES["third_party"])
    await keys(trainee, "1")
    await says(trainee, "De inwoner zegt niets.")
    await trainee.get_by_role("button", name="Stap terug").click()
    await says(trainee, "Nee, u spreekt met haar zoon.")
    await _third_party(trainee)
    await expect(trainee.get_by_text("100% goed")).to_be_visible(timeout=PATIENCE_MS)


async def test_a_score_that_did_not_arrive_is_sent_again(trainee: Page, stub: Stub) -> None:
    stub.fail("reportPractice", 503)
    await begin(trainee, TITLES["voicemail"])
    await _voicemail(trainee)
    await expect(trainee.get_by_text("De score is nog niet bewaard.")).to_be_visible()
    await trainee.get_by_role("button", name="Opnieuw proberen").click()
    await expect(trainee.get_by_text("100% goed")).to_be_visible(timeout=PATIENCE_MS)


async def test_who_is_on_duty_does_not_practise_and_a_real_call_is_told(trainee: Page, stub: Stub) -> None:
    await stub.duty(state="available", phone="ready")
    await expect(trainee.get_by_text("U bent in dienst")).to_be_visible()
    await expect(trainee.get_by_role("button", name="Begin: Voicemail")).to_be_disabled()
    await trainee.get_by_role("button", name="Uit dienst").click()
    await until(lambda: stub.agent["state"] == "off")
    await begin(trainee, TITLES["voicemail"])
    await stub.answered()
    await expect(trainee.get_by_text("Let op: er is een echt gesprek voor u.")).to_be_visible()
    await trainee.get_by_role("link", name="Naar mijn werkplek").click()
    await answered(trainee)
    await expect(trainee.get_by_text("Oefening:")).to_have_count(0)


async def test_a_campaign_that_waits_for_practice_is_named_on_the_desk(page: Page, stub: Stub) -> None:
    stub.practice["needed_by"] = ["Vroege hulp, zomer"]
    await sign_in(page, stub.url)
    await expect(page.get_by_text("U krijgt nog geen gesprekken van: Vroege hulp, zomer.")).to_be_visible()
    await page.get_by_role("link", name="Naar de oefening").click()
    await expect(page.get_by_role("heading", name="Oefenen")).to_be_visible()


async def test_the_tour_by_keyboard_and_again_from_the_menu(page: Page, stub: Stub) -> None:
    await sign_in(page, stub.url)
    await tour_offered(stub, page)
    await take_focus(page.get_by_role("button", name="Begin de rondleiding"))
    await page.keyboard.press("Enter")
    stops = ["In dienst en pauze", "Uw telefoon", "Gesprekken komen vanzelf", "Afronden", "Werken met toetsen"]
    for title in [*stops, "Eerst oefenen", "Hulp"]:
        await expect(page.get_by_role("region", name="Rondleiding").get_by_role("heading")).to_have_text(title)
        await expect(page.locator(".tour-lit"), title).to_have_count(0 if title == "Werken met toetsen" else 1)
        await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("region", name="Rondleiding")).to_have_count(0)
    await until(lambda: stub.practice["tour_seen"] is True)
    await page.reload()
    await expect(page.get_by_text("Klaar om te beginnen?")).to_be_visible()
    await expect(page.get_by_text("Bent u hier nieuw?")).to_have_count(0)
    await page.get_by_role("link", name="Terugbellen").click()
    await page.get_by_role("button", name="Noor Bakker").click()
    await page.get_by_role("button", name="Rondleiding").click()
    await expect(page.get_by_role("heading", name="In dienst en pauze")).to_be_visible()
    await stub.answered()  # a call goes first
    await expect(page.get_by_role("heading", name="Opening")).to_be_visible()
    await expect(page.get_by_role("region", name="Rondleiding")).to_have_count(0)


async def test_the_tour_can_be_skipped(page: Page, stub: Stub) -> None:
    await sign_in(page, stub.url)
    await tour_offered(stub, page)
    await page.get_by_role("button", name="Overslaan").click()
    await expect(page.get_by_text("Bent u hier nieuw?")).to_have_count(0)
    await until(lambda: stub.practice["tour_seen"] is True)


async def test_a_supervisors_menu_is_one_line_and_set_up_is_behind_one_button(one_chromium: Browser) -> None:
    async with running("supervisor") as stub:
        page = await one_chromium.new_page(viewport={"width": 1280, "height": 900}, locale="nl-NL")
        await sign_in(page, stub.url)
        menu = page.get_by_role("navigation", name="Hoofdmenu")
        await expect(menu.get_by_role("link", name="Afspraken")).to_have_count(1)
        tops = {await one.evaluate("node => node.offsetTop") for one in await menu.locator(".link").all()}
        assert len(tops) == 1, "more than one line"
        bar = await page.locator(".top").evaluate(
            "node => [...node.children].map((one) => one.getBoundingClientRect())"
        )
        assert max(one["top"] for one in bar) < min(one["bottom"] for one in bar), "one's own menu too"
        await take_focus(menu.get_by_role("button", name="Meer"))
        await keys(page, "Enter")
        await opened(page)
        await keys(page, "t", "Enter")
        await expect(page.get_by_role("heading", name="Team", level=1)).to_be_visible()
        await expect(page.get_by_role("row", name="Noor Jansen Gehaald op")).to_be_visible()
        await expect(menu.get_by_role("button", name="Meer : Team")).to_be_visible()
        await page.close()
