"""A client's own people, and what the office keeps about clients: targets, files, systems."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.support import panel_files as files
from tests.support import panel_people as people
from tests.support.panel_scene import Scene, at
from tests.support.panel_stub import Stub


async def target_open(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Wijzigen: Klantcontactcentrum").click()
    dialog = page.get_by_role("dialog")
    await dialog.locator("label", has_text="De werkdagen verschillen").click()
    await dialog.get_by_label("Woensdag").fill("9-12, 13-17")
    await dialog.get_by_label("Vrijdag").fill("17-9")
    await expect(dialog.get_by_text("Schrijf het zo")).to_be_visible()


async def line_open(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Wijzigen: het Loket").click()
    await expect(page.get_by_role("dialog").get_by_label("Nummer waarop het team ons belt")).to_be_disabled()


async def client_wrong(_: Stub, page: Page) -> None:
    await page.get_by_label("Pogingen per zaak").fill("0")
    await page.get_by_label("Niet bereikt is").fill("28")
    await page.get_by_role("button", name="Opslaan").click()
    await expect(page.get_by_text("Een heel getal van 1 tot en met 100.")).to_be_visible()


async def mapping_open(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Bekijken en wijzigen: VPS-export").click()
    await expect(page.get_by_label("Kenmerk", exact=True)).to_have_value("kenmerk")


async def channel_edit(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Verbinding van Contactregister testen").click()
    await expect(page.get_by_text("De verbinding werkt niet.")).to_be_visible()
    await page.get_by_role("button", name="Contactregister wijzigen").click()
    await expect(page.get_by_text("Hoe onze velden daar heten")).to_be_visible()


async def channel_secret(_: Stub, page: Page) -> None:
    await page.get_by_label("Koppeling", exact=True).fill("Nieuw zaaksysteem")
    panel = page.get_by_role("region", name="Systeem koppelen")
    await panel.get_by_role("button", name="Opdrachtgever").click()
    await page.get_by_role("option").first.click()
    await page.get_by_label("Adres").fill("https://zaak.voorbeeldstad.example/in")
    await page.get_by_role("button", name="Systeem koppelen").click()
    await expect(page.get_by_text("Met dit geheim controleert")).to_be_visible()


async def by_hand(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Tonen").first.click()
    await expect(page.get_by_text("Belt liever na 17 uur.")).to_be_visible()


async def secret(_: Stub, page: Page) -> None:
    await page.get_by_label("Naam van het systeem").fill("Dashboard")
    await page.get_by_role("button", name="Waarvoor").click()
    await page.get_by_role("option", name="Cijfers").click()
    await page.get_by_role("button", name="Sleutel maken").click()
    await expect(page.get_by_text("daarna nooit meer")).to_be_visible()


async def marking(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Vastleggen: VS-2026-1200").click()
    await page.get_by_role("dialog").get_by_role("button", name="Uitkomst").click()
    await page.get_by_role("option", name="Geen actie nodig").click()
    await page.get_by_role("dialog").get_by_label("Toelichting").fill("BSN 111222333")
    await expect(page.get_by_text("Dit lijkt op een BSN")).to_be_visible()


async def marked(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Niet verschenen: VS-2026-1200").click()
    await expect(page.get_by_role("status").filter(has_text="VS-2026-1200")).to_be_visible()


async def no_decisions(stub: Stub, page: Page) -> None:
    for number in range(3):
        stub.marks[people.CASE if number == 0 else people.uid(700 + number)] = {}
    await page.reload()
    await expect(page.get_by_text("Er wacht niets op uw besluit.")).to_be_visible()


async def lists_failed(stub: Stub, page: Page) -> None:
    stub.fail("listFollowUps", 503, times=99)
    await page.reload()
    await expect(page.get_by_role("alert")).to_be_visible()


SCENES: dict[str, tuple[str, Scene]] = {
    "client-home": ("client", at("/home")),
    "client-to-visit": ("client", at("/follow-up/to-visit")),
    "client-marking": ("client", at("/follow-up/to-visit", marking)),
    "client-appointments": ("client", at("/follow-up/appointments", marked)),
    "client-decisions": ("client", at("/follow-up/decisions")),
    "client-decisions-none": ("client", at("/follow-up/decisions", no_decisions)),
    "client-lists-error": ("client", at("/follow-up/to-visit", lists_failed)),
    "client-case": ("client", at(f"/cases/{people.CASE}")),
    "clients": ("supervisor", at("/clients")),
    "client": ("administrator", at(f"/clients/{people.CLIENT}", client_wrong)),
    "client-target": ("supervisor", at(f"/clients/{people.CLIENT}", target_open)),
    "client-line": ("supervisor", at(f"/clients/{people.CLIENT}", line_open)),
    "client-mapping": ("supervisor", at(f"/clients/{people.CLIENT}", mapping_open)),
    "client-files": ("administrator", at(f"/clients/{people.CLIENT}/files", files.outlet_wrong)),
    "client-files-secret": ("administrator", at(f"/clients/{people.CLIENT}/files", files.outlet_secret)),
    "client-files-error": ("administrator", at(f"/clients/{people.CLIENT}/files", files.files_failed)),
    "client-sources": ("administrator", at(f"/clients/{people.CLIENT}/files-in", files.source_edit)),
    "client-ddas": ("administrator", at(f"/clients/{people.CLIENT}/files-ddas", files.ddas_wrong)),
    "layout-learned": ("administrator", at(f"/clients/{people.CLIENT}/files", files.layout_learned)),
    "layout-versions": ("administrator", at(f"/clients/{people.CLIENT}/files", files.layout_versions)),
    "exports": ("supervisor", at("/exports")),
    "exports-no-files": ("supervisor", at("/exports", files.nothing_sent)),
    "tokens": ("administrator", at("/tokens")),
    "channels-edit": ("administrator", at("/tokens", channel_edit)),
    "channels-secret": ("administrator", at("/tokens", channel_secret)),
    "exports-by-hand": ("supervisor", at("/exports", by_hand)),
    "tokens-secret": ("administrator", at("/tokens", secret)),
}
