"""A supervisor's floor, day, team and roster."""

from __future__ import annotations

from playwright.async_api import FilePayload, Page, expect

from tests.support import panel_people as people
from tests.support.panel_scene import Scene, at, link_lost, nothing
from tests.support.panel_stub import Stub


async def own_figures(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Cijfers van vandaag van Sem de Jong").click()
    await expect(page.get_by_role("dialog").get_by_text("Afspraken gemaakt")).to_be_visible()


async def quiet_day(stub: Stub, page: Page) -> None:
    nothing = ("late", "dead", "dead_files", "dead_reports", "withdrawn", "crisis", "to_report", "exports")
    quiet = {**dict.fromkeys(nothing, 0), "missing": [], "silent": []}
    none = {"open": 0, "answered": 0, "unread": 0}
    stub.day.update(
        appointments=[],
        appointments_total=0,
        campaigns=[],
        wrap_ups=[],
        exchange=quiet,
        questions=none,
        complaints={"open": 0, "late": 0},
        differences=0,
    )
    await page.reload()
    await expect(page.get_by_text("Er is niets dat nu aandacht vraagt.")).to_be_visible()


async def still_there(stub: Stub, page: Page) -> None:
    stub.lock_after = 8  # asked after half of it
    await page.reload()
    await expect(page.get_by_role("alertdialog", name="Bent u er nog?")).to_be_visible()


async def handbook_search(stub: Stub, page: Page) -> None:
    await page.get_by_label("Zoek in het handboek").fill("crisis werkvloer")
    await expect(page.get_by_role("heading", level=2)).to_have_count(2)


async def at_call(stub: Stub, mode: str, *, hears: bool = True) -> None:
    """The signed-in supervisor at the call of Sem, as the feed tells it."""
    call = {**stub.floor["calls"][0], "listener": people.listener(mode, hears=hears)}
    await stub.push("call", call)


async def ask_to_listen(stub: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Meeluisteren met het gesprek van Sem de Jong").click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def listening(stub: Stub, page: Page, *, mode: str = "listen") -> None:
    await page.context.grant_permissions(["microphone"], origin=stub.url)
    await ask_to_listen(stub, page)
    await page.get_by_role("button", name="Waarom luistert u mee?").click()
    await page.get_by_role("option", name="Coaching").click()
    await page.get_by_role("button", name="Beginnen").click()
    await expect(page.get_by_text("Even geduld.")).to_be_visible()
    await at_call(stub, mode)
    await expect(page.get_by_text("Even geduld.")).to_be_hidden()


async def barging(stub: Stub, page: Page) -> None:
    await listening(stub, page, mode="barge")


async def listened_no_more(stub: Stub, page: Page) -> None:
    await listening(stub, page)
    await stub.push("call", {**stub.floor["calls"][0], "state": "ended"})
    await expect(page.get_by_text("U luistert niet meer mee")).to_be_visible()


async def ask_message(stub: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Bericht aan Sem de Jong").click()
    await page.get_by_role("dialog").get_by_label("Bericht").fill("Kom na dit gesprek even langs?")


async def ask_stop(stub: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Noodstop").click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def stopped(stub: Stub, page: Page) -> None:
    await ask_stop(stub, page)
    await page.get_by_role("dialog").get_by_label("Waarom?").fill("verkeerde lijst")
    await page.get_by_role("dialog").get_by_role("button", name="Noodstop").click()
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await stub.push("floor", stub.floor)
    await expect(page.get_by_text("verkeerde lijst")).to_be_visible()


async def ask_pause(stub: Stub, page: Page) -> None:
    await stub.push("agent", {**stub.floor["agents"][1], "unread": 1})
    await page.get_by_role("button", name="Pauze geven").first.click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def pause_asked(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Lunch wijzigen").click()
    await page.get_by_label("Hoogstens (minuten)").fill("900")
    await expect(page.get_by_text("Een heel getal van 1 tot 480")).to_be_visible()


async def abilities_open(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Talen en vaardigheden van Fatima el Idrissi").click()
    await expect(page.get_by_role("dialog").get_by_text("Crisisgesprekken")).to_be_visible()


async def skill_asked(stub: Stub, page: Page) -> None:
    stub.fail("updateSkill", 409, "skill-asked")
    await page.get_by_role("button", name="Ondernemers opbergen").click()
    await expect(page.get_by_role("alert")).to_be_visible()


async def roster_typed(_: Stub, page: Page) -> None:
    cells = page.get_by_role("row", name="Lotte Visser").get_by_role("textbox")
    await cells.nth(5).fill("a")
    await cells.nth(6).fill("12-10")
    await expect(page.get_by_text("2 dagen zijn nog niet opgeslagen.")).to_be_visible()


async def roster_file(_: Stub, page: Page) -> None:
    rows = "inlognaam;datum;van;tot;afwezig\nnoor;2-3-2026;9;13;\nsem;3-3-2026;13;9;\npiet;3-3-2026;9;13;"
    file: FilePayload = {"name": "rooster.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    await page.locator("input[type=file]").set_input_files(file)
    await expect(page.get_by_text("Regel 3, tot")).to_be_visible()


async def roster_failed(stub: Stub, page: Page) -> None:
    stub.fail("getRoster", 503)
    await page.reload()
    await expect(page.get_by_role("alert")).to_be_visible()


SCENES: dict[str, tuple[str, Scene]] = {
    "floor": ("supervisor", nothing),
    "floor-offline": ("supervisor", link_lost),
    "floor-stop-ask": ("supervisor", ask_stop),
    "floor-stopped": ("supervisor", stopped),
    "floor-message": ("supervisor", ask_message),
    "floor-force": ("supervisor", ask_pause),
    "floor-listen-ask": ("supervisor", ask_to_listen),
    "floor-listening": ("supervisor", listening),
    "floor-barging": ("supervisor", barging),
    "floor-listened": ("supervisor", listened_no_more),
    "day": ("supervisor", at("/day")),
    "day-quiet": ("supervisor", at("/day", quiet_day)),
    "questions": ("supervisor", at("/questions")),
    "floor-figures": ("supervisor", at("/floor", own_figures)),
    "still-there": ("supervisor", still_there),
    "handbook": ("agent", at("/handbook")),
    "handbook-search": ("supervisor", at("/handbook", handbook_search)),
    "users": ("administrator", at("/users")),
    "team": ("supervisor", at("/team")),
    "team-pause": ("supervisor", at("/team", pause_asked)),
    "team-abilities": ("supervisor", at("/team", abilities_open)),
    "team-skill-asked": ("supervisor", at("/team", skill_asked)),
    "roster": ("supervisor", at("/team/roster", roster_typed)),
    "roster-file": ("supervisor", at("/team/roster", roster_file)),
    "roster-error": ("supervisor", at("/team/roster", roster_failed)),
}
