"""Residents' cases, quality, reports, bills and privacy."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.support import panel_people as people
from tests.support import panel_quality as quality
from tests.support import panel_reports as reports
from tests.support.panel_scene import Scene, at, while_it_loads
from tests.support.panel_stub import Stub


async def merging(_: Stub, page: Page) -> None:
    """One was put together with it before, and another is found."""
    await page.get_by_label("Kenmerk van de andere zaak").fill("VS-1001")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="VS-1001 bij VS-1000 voegen").click()
    await page.get_by_role("dialog").get_by_label("Reden").fill("zelfde geboortedatum en adres")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="VS-1001 is hierbij gevoegd")).to_be_visible()
    await page.get_by_label("Kenmerk van de andere zaak").fill("VS-1004")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="VS-1004 bij VS-1000 voegen").scroll_into_view_if_needed()


async def recode(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Resultaat van").first.click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def empty(stub: Stub, page: Page) -> None:
    stub.cases = []
    await page.get_by_role("button", name="Zoeken").click()
    await expect(page.get_by_text("Geen zaken gevonden.")).to_be_visible()


async def failed(stub: Stub, page: Page) -> None:
    stub.fail("listCases", 503, times=99)
    await page.get_by_role("button", name="Zoeken").click()
    await expect(page.get_by_role("alert")).to_be_visible()


async def report_records(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="158 inwoners tonen. Bereikt: Totaal").click()
    await expect(page.get_by_role("dialog").get_by_role("link").first).to_be_visible()


async def ask_credit(_: Stub, page: Page) -> None:
    """About to take records of a bill back."""
    await page.get_by_label("Kenmerken").fill("Z-117, Z-118")
    await page.get_by_label("Reden", exact=True).fill("dubbel aangeleverd")
    await page.get_by_role("button", name="Maak creditnota").click()
    await page.get_by_role("dialog").wait_for()


async def find_resident(_: Stub, page: Page) -> None:
    """A resident was found; what he asks is written down."""
    await page.get_by_label("Kenmerk van de opdrachtgever").fill("Z-2026-0117")
    await page.get_by_label("Waarom zoekt u deze inwoner?").fill("brief van de inwoner, via de gemeente")
    await page.get_by_role("button", name="Zoek").click()
    await page.get_by_text("J. van der Berg").wait_for()


async def leak_notice(_: Stub, page: Page) -> None:
    """The draft of a notice, and a new leak that is written down."""
    await page.get_by_role("button", name="Bericht aan de opdrachtgever").first.click()
    await page.get_by_text("Onderwerp: melding van een datalek").wait_for()
    await page.get_by_role("button", name="Een datalek vastleggen").click()
    await page.get_by_role("button", name="Leg vast").wait_for()


async def look_erasure(_: Stub, page: Page) -> None:
    """What goes is seen before the question."""
    await page.get_by_role("button", name="Bekijk wat er weggaat").click()
    await page.get_by_role("button", name="Wis voor goed").click()
    await page.get_by_role("dialog").wait_for()


async def report_read(_: Stub, page: Page) -> None:
    await expect(page.get_by_role("heading", name="Wat de cijfers betekenen")).to_be_visible()


async def report_work(_: Stub, page: Page) -> None:
    await page.get_by_role("heading", name="Wat er in deze dagen gebeurde").scroll_into_view_if_needed()
    await expect(page.get_by_role("heading", name="Gesprekstijd en bezetting")).to_be_visible()


async def report_work_records(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="512 tonen. Resultaten per belpoging, Oproepen: geen gehoor").click()
    await expect(page.get_by_role("dialog").get_by_role("link").first).to_be_visible()


async def reviewing(_: Stub, page: Page) -> None:
    """Every point judged, another outcome wanted, and asked before it is kept."""
    for group in await page.get_by_role("radiogroup").all():
        await group.locator("label").first.click()
    await page.get_by_role("radiogroup", name="Klopt het gespreksresultaat").get_by_text("Nee").click()
    await page.get_by_role("button", name="Wat is het juiste gespreksresultaat?").click()
    await page.get_by_role("option").first.click()
    await page.get_by_label("Reden").fill("er is advies gegeven")
    await page.get_by_label("Coachpunt voor de medewerker").fill("Vat aan het einde samen.")


async def asked_to_keep(stub: Stub, page: Page) -> None:
    await reviewing(stub, page)
    await page.get_by_role("button", name="Vastleggen").click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def nothing_to_review(stub: Stub, page: Page) -> None:
    stub.fail("listSamples", 503)
    await page.reload()
    await expect(page.get_by_role("alert")).to_be_visible()


SCENES: dict[str, tuple[str, Scene]] = {
    "cases": ("supervisor", at("/cases")),
    "cases-empty": ("supervisor", at("/cases", empty)),
    "cases-error": ("supervisor", at("/cases", failed)),
    "case": ("supervisor", at(f"/cases/{people.CASE}")),
    "case-loading": ("supervisor", while_it_loads("getCase", f"/cases/{people.CASE}")),
    "case-recode": ("supervisor", at(f"/cases/{people.CASE}", recode)),
    "case-merge": ("supervisor", at(f"/cases/{people.CASE}", merging)),
    "quality": ("supervisor", at("/quality")),
    "quality-error": ("supervisor", at("/quality", nothing_to_review)),
    "quality-client": ("client", at("/quality")),
    "quality-reviewing": ("supervisor", at(f"/quality/{quality.SAMPLE}", reviewing)),
    "quality-keep": ("supervisor", at(f"/quality/{quality.SAMPLE}", asked_to_keep)),
    "quality-reviewed": ("supervisor", at(f"/quality/{quality.REVIEWED}")),
    "complaints": ("supervisor", at("/quality/complaints")),
    "complaint": ("supervisor", at(f"/quality/{people.uid(821)}/complaint")),
    "improvements": ("supervisor", at("/quality/improvements")),
    "quality-trends": ("supervisor", at("/quality/trends")),
    "quality-calibration": ("supervisor", at("/quality/calibration")),
    "quality-card": ("supervisor", at("/quality/card")),
    "my-reviews": ("agent", at("/reviews")),
    "reports": ("supervisor", at("/reports")),
    "bills": ("administrator", at("/bills")),
    "bills-client": ("client", at("/bills")),
    "bills-credit": ("administrator", at("/bills", ask_credit)),
    "privacy": ("privacy", at("/privacy")),
    "privacy-found": ("privacy", at("/privacy", find_resident)),
    "privacy-erase": ("privacy", at("/privacy", look_erasure)),
    "privacy-leaks": ("privacy", at("/privacy/leaks", leak_notice)),
    "privacy-register": ("administrator", at("/privacy")),
    "report": ("supervisor", at(f"/reports/{reports.REPORT}", report_read)),
    "report-records": ("supervisor", at(f"/reports/{reports.REPORT}", report_records)),
    "report-work": ("supervisor", at(f"/reports/{reports.REPORT}", report_work)),
    "report-work-records": ("supervisor", at(f"/reports/{reports.REPORT}", report_work_records)),
    "report-few": ("administrator", at(f"/reports/{reports.REPORT}", report_read)),
}
