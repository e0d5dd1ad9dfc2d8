"""Campaigns: from a file to the first call, their rules, script and decisions."""

from __future__ import annotations

from playwright.async_api import FilePayload, Page, expect

from tests.support import panel_office as office
from tests.support import panel_people as people
from tests.support import panel_scripts as scripts
from tests.support.panel_scene import Scene, at, while_it_loads
from tests.support.panel_stub import Stub


async def move_booking(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Verzetten").last.click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def no_campaigns(stub: Stub, page: Page) -> None:
    stub.campaigns.clear()
    await page.reload()
    await expect(page.get_by_text("Er zijn nog geen belacties.")).to_be_visible()


async def no_deliveries(stub: Stub, page: Page) -> None:
    stub.deliveries.clear()
    await page.reload()
    await expect(page.get_by_text("Er zijn nog geen leveringen.")).to_be_visible()


async def blocked(stub: Stub, page: Page) -> None:
    stub.may_start = False
    await page.get_by_role("button", name="Vernieuwen").first.click()
    await expect(page.get_by_text("kan nog niet starten")).to_be_visible()


async def stop(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Stoppen").click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def settings_tried(_: Stub, page: Page) -> None:
    await page.get_by_label("Zondag").fill("12-16")
    await page.get_by_role("button", name="Kijk wat dit doet").click()
    await expect(page.get_by_text("Verplaatst de volgende poging van 132 inwoners.")).to_be_visible()


async def settings_wrong(_: Stub, page: Page) -> None:
    await page.get_by_label("Maandag").fill("vroeg")
    await page.get_by_label("Gesprekken tegelijk").fill("2,5")
    await page.get_by_role("button", name="Dag toevoegen").click()
    await page.get_by_role("button", name="Kijk wat dit doet").click()
    await expect(page.get_by_role("alert")).to_be_visible()


async def rules_tried(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Wijzigen: bezet").click()
    await page.get_by_label("Hoe vaak").fill("2")
    await page.get_by_role("button", name="Overnemen").click()
    await page.get_by_role("button", name="Kijk wat dit doet").click()
    await expect(page.get_by_text("Verplaatst de volgende poging van 132 inwoners.")).to_be_visible()


async def script_step(_: Stub, page: Page) -> None:
    await page.get_by_role("option", name="O2 Komt het gelegen?").click()
    await expect(page.get_by_role("heading", name="Stap O2")).to_be_visible()


async def script_asked(_: Stub, page: Page) -> None:
    await expect(page.get_by_role("button", name="Goedkeuren", exact=True)).to_be_visible()


async def rules_wrong(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Wijzigen: bezet").click()
    await page.get_by_label("Na (minuten)").fill("40")
    await page.get_by_role("button", name="Overnemen").click()
    await expect(page.get_by_text("het eerste niet groter")).to_be_visible()


async def learned_seen(_: Stub, page: Page) -> None:
    await expect(page.get_by_role("img", name="Wanneer er wordt opgenomen")).to_be_visible()


async def learned_none(stub: Stub, page: Page) -> None:
    stub.learned = False
    await page.reload()
    await expect(page.get_by_text("Er is nog niets geleerd")).to_be_visible()


async def decisions_none(stub: Stub, page: Page) -> None:
    stub.past = {"none": True}
    await page.get_by_role("button", name="Laat zien").click()
    await expect(page.get_by_text("In deze minuten is er niets besloten")).to_be_visible()


async def decisions_not_kept(stub: Stub, page: Page) -> None:
    stub.past = {"kept": False}
    await page.get_by_role("button", name="Laat zien").click()
    await expect(page.get_by_text("Van deze dag is niets bewaard.")).to_be_visible()


async def decisions_failed(stub: Stub, page: Page) -> None:
    stub.fail("getDecisions", 503, times=99)
    await page.get_by_role("button", name="Laat zien").click()
    await expect(page.get_by_role("alert")).to_be_visible()


async def preview(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Belactie").click()
    await page.get_by_role("option").first.click()
    file: FilePayload = {"name": "lijst.csv", "mimeType": "text/csv", "buffer": b"kenmerk;achternaam\r\n1;2\r\n"}
    await page.locator("input[type=file]").set_input_files(file)
    await page.get_by_role("button", name="Proef inlezen").click()
    await expect(page.get_by_text("Eerste rijen")).to_be_visible()


async def chose_file(stub: Stub, page: Page) -> None:
    stub.deliveries.clear()
    await page.reload()
    payload: FilePayload = {"name": "lijst.csv", "mimeType": "text/csv", "buffer": b"a;b"}
    await page.locator("input[type=file]").set_input_files(payload)
    await expect(page.get_by_role("heading", name="Welke kolom is wat?")).to_be_visible()


async def ticking(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Afvinken: ").first.click()
    await page.get_by_label("Naam van wie tekende of testte").fill("J. de Wit")


async def rang_colleague(stub: Stub, page: Page) -> None:
    stub.proof_calls.append(office.proof_call(people.uid(871), "Sem van den Berg", talked=False))
    await page.get_by_role("button", name="Bel Noor Bakker").click()
    await expect(page.get_by_text("De telefoon gaat zo over.")).to_be_visible()


WIZARD = f"/campaigns/{people.uid(102)}"

SCENES: dict[str, tuple[str, Scene]] = {
    "campaigns-none": ("supervisor", at("/campaigns", no_campaigns)),
    "campaigns-loading": ("supervisor", while_it_loads("listCampaigns", "/campaigns")),
    "campaigns": ("supervisor", at("/campaigns")),
    "wizard-list": ("supervisor", at(f"{WIZARD}/start-file", chose_file)),
    "wizard-hours": ("supervisor", at(f"{WIZARD}/start-windows")),
    "wizard-mode": ("supervisor", at(f"{WIZARD}/start-mode")),
    "wizard-checklist": ("supervisor", at(f"{WIZARD}/start-checklist", ticking)),
    "wizard-proof": ("supervisor", at(f"{WIZARD}/start-proof", rang_colleague)),
    "wizard-start": ("supervisor", at(f"{WIZARD}/start-start")),
    "campaign": ("supervisor", at(f"/campaigns/{people.CAMPAIGN}")),
    "campaign-blocked": ("supervisor", at(f"/campaigns/{people.uid(102)}", blocked)),
    "campaign-stop": ("supervisor", at(f"/campaigns/{people.CAMPAIGN}", stop)),
    "campaign-settings": ("supervisor", at(f"/campaigns/{people.CAMPAIGN}/settings", settings_tried)),
    "campaign-settings-wrong": ("supervisor", at(f"/campaigns/{people.CAMPAIGN}/settings", settings_wrong)),
    "rules": ("supervisor", at(f"/campaigns/{people.CAMPAIGN}/rules", rules_tried)),
    "rules-wrong": ("supervisor", at(f"/campaigns/{people.CAMPAIGN}/rules", rules_wrong)),
    "bookings": ("supervisor", at("/bookings")),
    "bookings-move": ("supervisor", at("/bookings", move_booking)),
    "knowledge": ("supervisor", at("/knowledge")),
    "scripts": ("supervisor", at("/scripts")),
    "script-editor": ("supervisor", at(f"/scripts/{scripts.OWN}", script_step)),
    "script-approve": ("client", at(f"/scripts/{scripts.OWN}", script_asked)),
    "learned": ("supervisor", at(f"/campaigns/{people.CAMPAIGN}/learned", learned_seen)),
    "learned-none": ("supervisor", at(f"/campaigns/{people.CAMPAIGN}/learned", learned_none)),
    "decisions": ("supervisor", at(f"/campaigns/{people.CAMPAIGN}/decisions")),
    "decisions-none": ("supervisor", at(f"/campaigns/{people.CAMPAIGN}/decisions", decisions_none)),
    "decisions-not-kept": ("supervisor", at(f"/campaigns/{people.CAMPAIGN}/decisions", decisions_not_kept)),
    "decisions-error": ("supervisor", at(f"/campaigns/{people.CAMPAIGN}/decisions", decisions_failed)),
    "deliveries-none": ("supervisor", at("/deliveries", no_deliveries)),
    "deliveries": ("supervisor", at("/deliveries")),
    "deliveries-preview": ("supervisor", at("/deliveries", preview)),
}
