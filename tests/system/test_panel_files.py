"""Results as files, from a client's example to its receipt, in a real Chromium on the real API and a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from dialer.domain.outlets import OutletKind, file_name
from dialer.exchange.carriers import PlaceCarrier
from dialer.exchange.folder import FolderOpener
from dialer.exchange.sftp import is_host_key, new_key
from dialer.intake.tables import FileTables
from dialer.services.access import Role
from dialer.services.export import ExportService
from dialer.services.outlets import OutletService
from dialer.services.ports.outlets import Carrier
from dialer.services.result_files import ResultFiles
from dialer.storage.exports import PostgresExports
from dialer.storage.outlets import PgOutlets
from tests.support import panel_people as people
from tests.support.api import Centre, centre
from tests.support.chromium import CHROMIUM, sign_in
from tests.support.exchange import Exchange, exchange
from tests.support.intake import VAULT
from tests.support.keyboard import press
from tests.support.panel_files import EXAMPLE, ddas_wrong, outlet_secret, source_edit
from tests.support.panel_stub import DIST, Stub, running
from tests.support.panel_watch import Watched, until
from tests.system.test_client_people import at_browser

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(400),
    pytest.mark.system,
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
]
FILES = f"/clients/{people.CLIENT}/files"


@asynccontextmanager
async def town(dsn: str, folder: Path) -> AsyncIterator[tuple[Exchange, Centre, ResultFiles]]:
    """A client with a list, an administrator `beheer`, a supervisor `mila`, and a folder that files go to."""
    async with exchange(dsn, folder) as x:
        store, audit, ids = PgOutlets(x.w.pool), x.w.audit, x.w.world.ids
        carriers: Mapping[OutletKind, Carrier] = {OutletKind.FOLDER: PlaceCarrier(FolderOpener(folder / "uit"))}
        sender = ResultFiles(
            store=store, carriers=carriers, writer=FileTables(), vault=VAULT, clock=x.w.clock, ids=ids,
            owner="dialer-1",
            exports=ExportService(
                store=PostgresExports(x.w.pool), vault=VAULT, audit=audit, clock=x.w.clock, ids=ids
            ),
        )  # fmt: skip
        outlets = OutletService(
            store=store, files=sender, carriers=carriers, new_key=new_key, is_host_key=is_host_key,
            may_call=lambda url: url.startswith("https://"), vault=VAULT, audit=audit, clock=x.w.clock, ids=ids,
        )  # fmt: skip

        def real(deps: Any) -> Any:
            return replace(deps, outlets=outlets)

        async with centre(dsn, folder / "spool", swap=real, web_dist=DIST, heartbeat_seconds=10.0) as api:
            await api.person(Role.ADMINISTRATOR, login="beheer")
            await api.person(Role.SUPERVISOR, login="mila")
            yield x, api, sender


async def choose(page: Page, label: str, option: str) -> None:
    """In a list that opens."""
    await page.get_by_role("button", name=label).click()
    await page.get_by_role("option", name=option, exact=True).click()


async def test_from_an_example_to_a_receipt_to_a_file_that_was_given_up(
    dsn: str, tmp_path: Path, one_chromium: Browser
) -> None:
    async with town(dsn, tmp_path) as (x, api, sender):
        url = str(api.server.make_url("")).rstrip("/")
        there = tmp_path / "uit" / "resultaten"
        async with at_browser(one_chromium, url, "beheer") as beheer:
            page = beheer.page
            await page.goto(f"{url}/clients/{x.w.client}/files")
            await expect(page.get_by_text("Er gaan nog geen bestanden naar deze opdrachtgever.")).to_be_visible()
            await page.locator("input[type=file]").set_input_files(EXAMPLE)
            await expect(page.get_by_text("Wij begrijpen 2 van de 4 kolommen.")).to_be_visible()
            await page.get_by_label("Naam van de indeling").fill("Weekbestand")
            await choose(page, "Wat er in kolom 4 staat", "Resultaatcode")
            await press(page.get_by_role("button", name="Kolom 4 omhoog"))
            await page.get_by_label("Woord voor ja").fill("J")
            line = page.get_by_role("group", name="Zo ziet het bestand eruit").get_by_role("row").nth(1)
            await expect(line).to_have_text("VOORBEELD-1HELP_WANTEDJ")
            await page.get_by_role("button", name="Indeling bewaren").click()
            await expect(page.get_by_text("Bewaard: Weekbestand, versie 1.")).to_be_visible()
            panel = page.get_by_role("region", name="Plek toevoegen voor resultaten")
            await panel.get_by_role("button", name="Soort").click()
            await page.get_by_role("option", name="Map op onze server").click()
            await panel.get_by_label("Plek", exact=True).fill("Naar de stad")
            await panel.get_by_label("Map", exact=True).fill("resultaten")
            await panel.get_by_role("button", name="Indeling").click()
            await page.get_by_role("option", name="Weekbestand").click()
            await panel.get_by_role("button", name="Plek toevoegen voor resultaten").click()
            await page.get_by_role("button", name="Naar de stad proberen").click()
            await expect(page.get_by_text("Naar de stad: dit lukt niet. De map is er niet")).to_be_visible()
            there.mkdir(parents=True)
            await page.get_by_role("button", name="Naar de stad proberen").click()
            await expect(page.get_by_text("Naar de stad: de weg is open.")).to_be_visible()
            await page.goto(f"{url}/exports")
            await expect(page.get_by_text("U heeft geen toegang tot deze pagina.")).to_be_visible()
        async with at_browser(one_chromium, url, "mila") as mila:
            page = mila.page
            await page.goto(f"{url}/exports")
            await expect(page.get_by_text("Er is nog geen bestand verstuurd.")).to_be_visible()
            send = page.get_by_role("button", name="Nu versturen naar Naar de stad")
            await send.click()
            await expect(page.get_by_text("Er is niets nieuws voor Naar de stad.")).to_be_visible()
            await x.conversation()
            await send.click()
            await expect(page.get_by_text("Naar de stad heeft het bestand ontvangen: 2 regels.")).to_be_visible()
            (file,) = there.iterdir()
            assert file.read_text("utf-8").splitlines() == [
                "Zaaknummer;Wijk;Consulent;Bereikt",
                "Z-1;;HELP_WANTED;J",
                "Z-1;;HELP_WANTED;J",
            ]
            await page.get_by_text("Ontvangstbewijs").click()
            await expect(page.get_by_text("poging 1. SHA-256")).to_be_visible()
            async with page.expect_download() as begun:
                await page.get_by_role("button", name=f"{file.name} downloaden").click()
            had = await (await begun.value).path()
            assert (had.read_bytes(), (await begun.value).suggested_filename) == (file.read_bytes(), file.name)
            # The next name is taken by somebody else's file: ours is given up until that one is gone.
            campaign = await x.w.one("select name from campaign where client_id = $1", x.w.client)
            taken = there / file_name(campaign, x.w.clock.now().date(), 2, "csv")
            taken.write_bytes(b"theirs")
            await x.w.pool.execute("update case_file set result_version = result_version + 1 where result_version > 0")
            await send.click()
            await expect(page.get_by_text("Er staat al een ander bestand met deze naam.").first).to_be_visible()
            await expect(page.get_by_text("Opgegeven", exact=True)).to_be_visible()
            await expect(page.get_by_text("waarvan 2 verbeterd")).to_be_visible()
            await send.click()
            await expect(page.get_by_text("Stuur dat eerst opnieuw.")).to_be_visible()
            taken.unlink()
            await press(page.get_by_role("button", name=f"{taken.name} opnieuw sturen"))
            await expect(page.get_by_text("Opgegeven", exact=True)).to_have_count(0)
            assert await sender.tend() == 1  # what is on its way waits for no day
            await press(page.get_by_role("button", name="Vernieuwen"))
            await expect(page.get_by_text("Ontvangen ma 2 mrt")).to_have_count(2)
            assert taken.read_text("utf-8").splitlines()[1] == "Z-1;;HELP_WANTED;J"


@asynccontextmanager
async def files_page(one_chromium: Browser, role: str) -> AsyncIterator[tuple[Stub, Page]]:
    """On the pretended service."""
    async with running(role) as stub:
        context = await one_chromium.new_context(locale="nl-NL", reduced_motion="reduce")
        page = await context.new_page()
        watched = Watched(page, stub.url)
        await sign_in(page, stub.url)
        await page.goto(stub.url + FILES)
        yield stub, page
        await context.close()
        assert watched.problems == []


async def test_a_secret_is_shown_once_and_a_place_is_changed_and_turned_off(one_chromium: Browser) -> None:
    async with files_page(one_chromium, "administrator") as (stub, page):
        await outlet_secret(stub, page)
        await page.get_by_role("button", name="Ik heb hem bewaard").click()
        await expect(page.get_by_text("whsec_")).to_have_count(0)
        assert "whsec_" not in await page.content()
        (made,) = stub.made("createOutlet")
        assert made == {
            "kind": "push", "name": "Naar de stad", "path": "https://stad.example/resultaten", "weekdays": [4],
            "at": "17:00", "profile": "Weekbestand",
        }  # fmt: skip
        await press(page.get_by_role("button", name="Weekbestand wijzigen").first)
        panel = page.get_by_role("region", name="Weekbestand wijzigen")
        await panel.get_by_label("Server", exact=True).fill("elders.example")
        await panel.get_by_role("button", name="Bewaren").click()
        await expect(panel.get_by_text("Elke server heeft een eigen sleutel.")).to_be_visible()
        assert stub.made("updateOutlet") == []
        await panel.get_by_label("Sleutel van de server").fill("ssh-ed25519 AAAAelders")
        await panel.get_by_role("button", name="Bewaren").click()
        await until(lambda: stub.made("updateOutlet"))
        assert stub.made("updateOutlet") == [{"host": "elders.example", "host_key": "ssh-ed25519 AAAAelders"}]
        await expect(panel).to_have_count(0)  # it is read anew, and can be pressed again
        await press(page.get_by_role("button", name="Naar de stad uitzetten"))
        await press(page.get_by_role("dialog").get_by_role("button", name="Uitzetten"))
        await expect(page.get_by_role("button", name="Naar de stad aanzetten")).to_be_visible()
        assert stub.made("updateOutlet")[-1] == {"state": "off"}


async def test_an_earlier_version_of_a_layout_is_had_back_with_the_keyboard(one_chromium: Browser) -> None:
    async with files_page(one_chromium, "administrator") as (stub, page):
        layouts = page.get_by_role("region", name="Indelingen van bestanden met resultaten")
        await press(layouts.get_by_role("button", name="Weekbestand wijzigen"))
        await expect(page.get_by_text("Kolommen erbij: Wijk. Ander soort bestand")).to_be_visible()
        await press(page.get_by_role("button", name="Versie 1 terughalen"))
        await expect(page.get_by_label("Kop van kolom 2")).to_have_value("Bereikt")
        await press(page.get_by_role("button", name="Indeling bewaren"))
        await expect(page.get_by_text("Bewaard: Weekbestand, versie 3.")).to_be_visible()
        assert [column["title"] for column in stub.profiles[0]["layout"]["columns"]] == [
            "Zaaknummer", "Bereikt", "Uitkomst",
        ]  # fmt: skip


async def test_a_place_where_lists_are_fetched_is_changed_stopped_and_another_made(one_chromium: Browser) -> None:
    async with files_page(one_chromium, "administrator") as (stub, page):
        await page.get_by_role("link", name="Lijsten die wij ophalen").click()
        await source_edit(stub, page)
        panel = page.get_by_role("region", name="Maandlijst wijzigen")
        await press(panel.get_by_role("button", name="Bewaren"))
        assert stub.made("updateSource") == []  # no month has these days
        await panel.get_by_label("Verwacht op dagen van de maand").fill("1, 15")
        await panel.get_by_role("button", name="Kolommen").click()
        await page.get_by_role("option", name="VPS-export").click()
        await press(panel.get_by_role("button", name="Bewaren"))
        await until(lambda: stub.made("updateSource"))
        assert stub.made("updateSource") == [{"month_days": [1, 15], "mapping_name": "VPS-export"}]
        await expect(panel).to_have_count(0)
        await press(page.get_by_role("button", name="Niet meer kijken bij Weeklijst"))
        await expect(page.get_by_role("button", name="Weer kijken bij Weeklijst")).to_be_visible()
        new = page.get_by_role("region", name="Plek toevoegen", exact=True)
        await new.get_by_role("button", name="Soort").click()
        await page.get_by_role("option", name="Map op onze server").click()
        await new.get_by_role("button", name="Belactie").click()
        await page.get_by_role("option").first.click()
        await new.get_by_label("Plek", exact=True).fill("Dagmap")
        await new.get_by_label("Map", exact=True).fill("/stad")
        await new.get_by_role("button", name="Plek toevoegen").click()
        await expect(new.get_by_text("zonder / vooraan")).to_be_visible()
        await new.get_by_label("Map", exact=True).fill("stad")
        await new.get_by_role("button", name="Plek toevoegen").click()
        await expect(page.get_by_role("button", name="Dagmap wijzigen")).to_be_visible()
        assert stub.made("createSource") == [
            {
                "kind": "folder",
                "name": "Dagmap",
                "path": "stad",
                "weekdays": [],
                "month_days": [],
                "holds": "list",
                "mapping_name": "",
            }
        ]


async def test_who_a_client_is_at_the_national_exchange_and_its_file(one_chromium: Browser) -> None:
    async with files_page(one_chromium, "administrator") as (stub, page):
        await page.get_by_role("link", name="Landelijke uitwisseling").click()
        await ddas_wrong(stub, page)
        assert stub.made("setDdasProfile") == []
        panel = page.get_by_role("region", name="Landelijke uitwisseling (DDAS)")
        await panel.get_by_label("Gemeentecode").fill("0637")
        await panel.get_by_label("Code van de leverancier").fill("LEV")
        await panel.get_by_label("Naam van de organisatie").fill("Voorbeeldstad")
        await panel.get_by_role("button", name="Versie van de standaard").click()
        await page.get_by_role("option", name="1.2").click()
        await press(panel.get_by_role("button", name="DDAS-gegevens bewaren"))
        await expect(panel.get_by_text("Opgeslagen.")).to_be_visible()
        assert stub.made("setDdasProfile") == [
            {"version": "1.2", "municipality": "0637", "supplier": "LEV", "organisation": "Voorbeeldstad", "kvk": ""}
        ]
        stub.role = "supervisor"
        await page.goto(f"{stub.url}/exports")
        file = page.get_by_role("region", name="Landelijke uitwisseling (DDAS)")
        await file.get_by_role("button", name="Belactie").click()
        await page.get_by_role("option").first.click()
        async with page.expect_download() as begun:
            await file.get_by_role("button", name="DDAS-bestand maken").click()
        assert (await begun.value).suggested_filename.startswith("ddas-")
        stub.fail("downloadDdas", 422, code="invalid")
        await file.get_by_role("button", name="DDAS-bestand maken").click()
        await expect(file.get_by_role("alert")).to_be_visible()


async def test_who_may_not_change_places_reads_them(one_chromium: Browser) -> None:
    async with files_page(one_chromium, "supervisor") as (_, page):
        await expect(page.get_by_text("Dagbestand")).to_be_visible()
        for name in ("Proberen", "Wijzigen", "Uitzetten", "Indeling bewaren", "Bestand kiezen"):
            await expect(page.get_by_role("button", name=name)).to_have_count(0)
        await press(page.get_by_role("button", name="Weekbestand bekijken"))
        await expect(page.get_by_role("group", name="Zo ziet het bestand eruit").get_by_text("ja")).to_be_visible()
