"""What is done on the pages of files before a picture is taken of them, or before axe looks at them."""

from __future__ import annotations

from playwright.async_api import FilePayload, Page, expect

from tests.support.panel_stub import Stub

EXAMPLE: FilePayload = {
    "name": "voorbeeld.csv", "mimeType": "text/csv", "buffer": b"Zaaknummer;Wijk;Bereikt;Consulent\r\n1;2;ja;x\r\n",
}  # fmt: skip


async def outlet_wrong(_: Stub, page: Page) -> None:
    """A place that is not filled in, and one that does not answer."""
    await page.get_by_role("button", name="Dagbestand proberen").click()
    await expect(page.get_by_text("Dagbestand: dit lukt niet.")).to_be_visible()
    panel = page.get_by_role("region", name="Plek toevoegen voor resultaten")
    await panel.get_by_label("Server", exact=True).fill("sftp://stad.example")
    await panel.get_by_role("button", name="Plek toevoegen voor resultaten").click()
    await expect(panel.get_by_text("Alleen de naam van de server")).to_be_visible()


async def outlet_secret(_: Stub, page: Page) -> None:
    """A place with an address, and the secret that is shown once."""
    panel = page.get_by_role("region", name="Plek toevoegen voor resultaten")
    await panel.get_by_role("button", name="Soort").click()
    await page.get_by_role("option", name="Ondertekend naar een webadres").click()
    await panel.get_by_role("button", name="Belactie").click()
    await page.get_by_role("option").first.click()
    await panel.get_by_label("Plek", exact=True).fill("Naar de stad")
    await panel.get_by_label("Adres", exact=True).fill("https://stad.example/resultaten")
    await panel.get_by_role("button", name="Indeling").click()
    await page.get_by_role("option", name="Weekbestand").click()
    await panel.get_by_text("Vr", exact=True).click()
    await panel.get_by_role("button", name="Plek toevoegen voor resultaten").click()
    await expect(page.get_by_text("whsec_")).to_be_visible()


async def layout_learned(_: Stub, page: Page) -> None:
    """An example that was read, with columns that are not understood."""
    await page.locator("input[type=file]").first.set_input_files(EXAMPLE)
    await expect(page.get_by_text("Wij begrijpen 2 van de 4 kolommen.")).to_be_visible()
    await expect(page.get_by_role("group", name="Zo ziet het bestand eruit").get_by_text("VOORBEELD-1")).to_be_visible()


async def layout_versions(_: Stub, page: Page) -> None:
    """A layout with its earlier versions."""
    panel = page.get_by_role("region", name="Indelingen van bestanden met resultaten")
    await panel.get_by_role("button", name="Weekbestand wijzigen").click()
    await expect(page.get_by_text("Kolommen erbij: Wijk.")).to_be_visible()
    await page.get_by_label("Kop van kolom 2").fill("Zaaknummer")
    await expect(page.get_by_text("Deze kop is er al.")).to_be_visible()


async def source_edit(_: Stub, page: Page) -> None:
    """A place where lists are fetched, with days that no month has."""
    sources = page.get_by_role("region", name="Bestanden die wij ophalen")
    await sources.get_by_role("button", name="Maandlijst wijzigen").click()
    panel = page.get_by_role("region", name="Maandlijst wijzigen")
    await expect(panel.get_by_label("Verwacht op dagen van de maand")).to_have_value("1")
    await panel.get_by_label("Verwacht op dagen van de maand").fill("1, 31")
    await expect(panel.get_by_text("Dagen van 1 tot en met 28")).to_be_visible()


async def ddas_wrong(_: Stub, page: Page) -> None:
    """Who the client is at the national exchange, not filled in."""
    panel = page.get_by_role("region", name="Landelijke uitwisseling (DDAS)")
    await panel.get_by_label("Gemeentecode").fill("63")
    await panel.get_by_role("button", name="DDAS-gegevens bewaren").click()
    await expect(panel.get_by_text("Vier cijfers, zoals 0637.")).to_be_visible()


async def nothing_sent(stub: Stub, page: Page) -> None:
    """No place yet."""
    stub.outlets.clear()
    stub.dispatches.clear()
    await page.reload()
    await expect(page.get_by_text("Er is nog geen plek voor bestanden.")).to_be_visible()


async def files_failed(stub: Stub, page: Page) -> None:
    """The service does not answer."""
    for operation in ("listOutlets", "listDispatches", "listResultProfiles"):
        stub.fail(operation, 503)
    await page.reload()
    await expect(page.get_by_text("Dit werkt nu even niet.").first).to_be_visible()
