"""Pictures of every screen: `python -m tests.support.panel_screens FOLDER`. Needs a built panel and Chromium."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.support import panel_files as files
from tests.support import panel_office as office
from tests.support import panel_people as people
from tests.support import panel_practice_screens as training
from tests.support import panel_quality as quality
from tests.support import panel_reports as reports
from tests.support import panel_scripts as scripts
from tests.support import panel_transfers as transfers
from tests.support.chromium import browser, sign_in
from tests.support.panel_stub import Stub, running

Scene = Callable[[Stub, Page], Awaitable[None]]


async def verify(page: Page, birth: str = "1-2-1980") -> None:
    """Fill in the identity check and send it."""
    await page.get_by_label("Geboortedatum").fill(birth)
    await page.get_by_label("Postcode").fill("2711 ab")
    await page.get_by_label("Huisnummer").fill("12")
    await page.get_by_role("button", name="Controleren").click()


async def available(stub: Stub, page: Page) -> None:
    await stub.duty(state="available", phone="ready")
    await expect(page.get_by_text("U bent beschikbaar")).to_be_visible()


async def silent(stub: Stub, page: Page) -> None:
    await stub.duty(state="available", phone="silent", wish="", wrap_ups=[people.wrap_up(people.uid(501))])
    await page.get_by_role("button", name="Account voor mijn telefoon tonen").click()
    await expect(page.get_by_text("agent-7f3a")).to_be_visible()


async def phone_refused(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Telefoon aanzetten").click()
    await expect(page.get_by_text("De browser mag uw microfoon niet gebruiken.")).to_be_visible()


async def phone_on(stub: Stub, page: Page) -> None:
    await page.context.grant_permissions(["microphone"], origin=stub.url)
    await page.get_by_role("button", name="Telefoon aanzetten").click()
    await expect(page.get_by_text("Telefoon is verbonden.")).to_be_visible()


async def phone_away(stub: Stub, page: Page) -> None:
    await phone_on(stub, page)
    stub.accepts_sockets = False
    for socket in list(stub.phones):
        await socket.close()
    await expect(page.get_by_text("Geen verbinding met de centrale.")).to_be_visible()


async def phone_elsewhere(stub: Stub, page: Page) -> None:
    await phone_on(stub, page)
    for socket in list(stub.phones):
        await socket.close(code=4409)
    await expect(page.get_by_text("op een andere plek in gebruik")).to_be_visible()


async def before_the_call(stub: Stub, page: Page) -> None:
    stub.preview = people.preview(
        showing="resident", case=people.uid(71), campaign=people.uid(3), name=people.LONG_NAME,
        number="+31600000123", attempt_number=2, seconds_left=40.0,
    )  # fmt: skip
    await available_now(stub, page)
    await expect(page.get_by_text(people.LONG_NAME)).to_be_visible()
    await page.get_by_text("Niet bellen").click()


async def preview_over(stub: Stub, page: Page) -> None:
    stub.preview = people.preview(showing="time_over")
    await available_now(stub, page)
    await expect(page.get_by_role("button", name="Volgende tonen")).to_be_visible()


async def preview_nobody(stub: Stub, page: Page) -> None:
    stub.preview = people.preview(showing="nobody")
    await available_now(stub, page)
    await expect(page.get_by_text("Er is nu niemand om te bellen.")).to_be_visible()


async def available_now(stub: Stub, page: Page) -> None:
    await stub.duty(state="available", phone="ready")
    await expect(page.get_by_text("Uw volgende gesprek")).to_be_visible()


async def reserved(stub: Stub, page: Page) -> None:
    await stub.duty(state="reserved", attempt=people.ATTEMPT, phone="ready")
    await expect(page.get_by_text("Er wordt nu iemand voor u gebeld")).to_be_visible()


async def paused(stub: Stub, page: Page) -> None:
    await stub.duty(state="paused", reason="lunch", phone="ready", attempt=None)
    await expect(page.get_by_text("U heeft pauze")).to_be_visible()


async def talking(stub: Stub, page: Page) -> None:
    await stub.answered()
    await expect(page.get_by_text(people.LONG_NAME).first).to_be_visible()
    await expect(page.get_by_role("heading", name="Opening")).to_be_visible()


async def no_match(stub: Stub, page: Page) -> None:
    await talking(stub, page)
    await verify(page, "2-2-1980")
    await expect(page.get_by_text("Klopt niet. Nog 2 keer proberen.")).to_be_visible()


async def verified(stub: Stub, page: Page) -> None:
    await talking(stub, page)
    await verify(page)
    await expect(page.get_by_text("Eerder contact")).to_be_visible()


async def may_ask(stub: Stub, page: Page) -> None:
    stub.card["surveys"] = True
    await verified(stub, page)
    await expect(page.get_by_role("button", name="Ophangen, geen vragen")).to_be_visible()


async def inbound(stub: Stub, page: Page) -> None:
    await stub.answered("in")
    await page.get_by_label("Naam die u hoort").fill("van der Hoeven")
    await page.get_by_role("button", name="Zoeken").click()
    await expect(page.get_by_text("Karel de Vries")).to_be_visible()


async def took_request(stub: Stub, page: Page) -> None:
    await stub.duty(state="available", phone="ready")
    await page.get_by_role("button", name="Ik bel terug").nth(1).click()
    await expect(page.get_by_role("button", name="Bel nu")).to_be_visible()


async def not_called(stub: Stub, page: Page) -> None:
    await took_request(stub, page)
    stub.fail("dialCallback", 409, code="callers-first")
    await page.get_by_role("button", name="Bel nu").click()
    await expect(page.get_by_text("Er wacht een beller. Die gaat voor.")).to_be_visible()


async def rung_back(stub: Stub, page: Page) -> None:
    await took_request(stub, page)
    await page.get_by_role("button", name="Bel nu").click()
    await page.wait_for_url("**/desk")
    await stub.duty(state="reserved", attempt=people.ATTEMPT, direction="out", call_back=True)
    await expect(page.get_by_text("Er wordt nu iemand voor u gebeld")).to_be_visible()
    await stub.answered("call_back")
    await expect(page.get_by_role("heading", name="Wij bellen terug", exact=True)).to_be_visible()


async def wrap_up(stub: Stub, page: Page) -> None:
    await verified(stub, page)
    await stub.duty(state="wrap_up", phone="ready", wrap_ups=[people.wrap_up()])
    await page.locator("label", has_text="Terugbelafspraak").click()
    await page.get_by_label("Notitie").fill("Wil na werktijd gebeld worden.")
    await expect(page.get_by_text("Concept bewaard")).to_be_visible()


async def slots(stub: Stub, page: Page) -> None:
    await wrap_up(stub, page)
    await page.locator("label", has_text="Hulpvraag met afspraak").click()
    await expect(page.get_by_text("Kies een tijd met de inwoner")).to_be_visible()
    await page.keyboard.press("d")
    await expect(page.get_by_role("radio", checked=True).nth(1)).to_be_attached()


async def slot_confirmed(stub: Stub, page: Page) -> None:
    await slots(stub, page)
    await page.get_by_role("button", name="Bevestiging sturen").click()
    await page.get_by_role("option", name="Per e-mail").click()
    await page.get_by_label("E-mailadres").fill("w.jansen@voorbeeld.example")
    await page.get_by_role("button", name="Vastleggen en klaar").click()
    await expect(page.get_by_text("vraag of het mag")).to_be_visible()


async def slot_taken(stub: Stub, page: Page) -> None:
    await slots(stub, page)
    stub.fail("holdSlot", 409, "slot-taken")
    stub.slots = stub.slots[1:]
    await page.keyboard.press("a")
    await expect(page.get_by_text("net vergeven")).to_be_visible()


async def target_open(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Wijzigen: Klantcontactcentrum").click()
    dialog = page.get_by_role("dialog")
    await dialog.locator("label", has_text="De werkdagen verschillen").click()
    await dialog.get_by_label("Woensdag").fill("9-12, 13-17")
    await dialog.get_by_label("Vrijdag").fill("17-9")
    await expect(dialog.get_by_text("Schrijf het zo")).to_be_visible()


async def move_booking(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Verzetten").last.click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def confirm(stub: Stub, page: Page) -> None:
    await wrap_up(stub, page)
    await page.locator("label", has_text="Betaald of regeling").click()
    await page.get_by_role("button", name="Vastleggen en klaar").click()
    await expect(page.get_by_text("Weet u het zeker?")).to_be_visible()


async def filed(stub: Stub, page: Page) -> None:
    await wrap_up(stub, page)
    await page.locator("label", has_text="Iemand anders").click()
    await page.get_by_role("button", name="Vastleggen en klaar").click()
    await expect(page.get_by_role("button", name="Ongedaan maken")).to_be_visible()


async def resending(stub: Stub, page: Page) -> None:
    await wrap_up(stub, page)
    stub.fail("fileOutcome", 503, times=99)
    await page.locator("label", has_text="Iemand anders").click()
    await page.get_by_role("button", name="Vastleggen en klaar").click()
    await expect(page.get_by_text("We sturen het opnieuw")).to_be_visible()


async def offline(stub: Stub, page: Page) -> None:
    await verified(stub, page)
    await stub.drop()
    await expect(page.get_by_text("Geen verbinding.")).to_be_visible()


async def menu(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Instellingen").click()
    await expect(page.get_by_role("button", name="Uitloggen", exact=True)).to_be_visible()


async def nothing(_: Stub, page: Page) -> None:
    await page.wait_for_load_state("networkidle")
    # Quiet is not yet drawn: a page that is fetched apart shows only that it is coming.
    await expect(page.get_by_role("heading", level=1)).to_be_attached()


def at(path: str, then: Scene = nothing) -> Scene:
    """Go to an address inside the panel, then `then`."""

    async def go(stub: Stub, page: Page) -> None:
        await page.goto(stub.url + path)
        await nothing(stub, page)
        await then(stub, page)

    return go


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


async def client_wrong(_: Stub, page: Page) -> None:
    await page.get_by_label("Pogingen per zaak").fill("0")
    await page.get_by_label("Niet bereikt is").fill("28")
    await page.get_by_role("button", name="Opslaan").click()
    await expect(page.get_by_text("Een heel getal van 1 tot en met 100.")).to_be_visible()


async def mapping_open(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Bekijken en wijzigen: VPS-export").click()
    await expect(page.get_by_label("Kenmerk", exact=True)).to_have_value("kenmerk")


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


async def own_figures(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Cijfers van vandaag van Sem de Jong").click()
    await expect(page.get_by_role("dialog").get_by_text("Afspraken gemaakt")).to_be_visible()


async def recode(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Resultaat van").first.click()
    await expect(page.get_by_role("dialog")).to_be_visible()


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


async def password(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Instellingen").click()
    await page.get_by_role("button", name="Wachtwoord wijzigen").click()
    await page.get_by_label("Huidig wachtwoord").fill("fout")
    await page.get_by_label("Nieuw wachtwoord", exact=True).fill("een-nieuw-wachtwoord")
    await page.get_by_label("nog een keer").fill("een-nieuw-wachtwoord")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Het huidige wachtwoord klopt niet.")).to_be_visible()


async def still_there(stub: Stub, page: Page) -> None:
    stub.lock_after = 8  # asked after half of it
    await page.reload()
    await expect(page.get_by_role("alertdialog", name="Bent u er nog?")).to_be_visible()


async def locked(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Instellingen").click()
    await page.get_by_role("button", name="Scherm vergrendelen").click()
    await expect(page.get_by_role("heading", name="Scherm vergrendeld")).to_be_visible()


async def preview(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Belactie").click()
    await page.get_by_role("option").first.click()
    file: FilePayload = {"name": "lijst.csv", "mimeType": "text/csv", "buffer": b"kenmerk;achternaam\r\n1;2\r\n"}
    await page.locator("input[type=file]").set_input_files(file)
    await page.get_by_role("button", name="Proef inlezen").click()
    await expect(page.get_by_text("Eerste rijen")).to_be_visible()


async def empty(stub: Stub, page: Page) -> None:
    stub.cases = []
    await page.get_by_role("button", name="Zoeken").click()
    await expect(page.get_by_text("Geen zaken gevonden.")).to_be_visible()


async def failed(stub: Stub, page: Page) -> None:
    stub.fail("listCases", 503, times=99)
    await page.get_by_role("button", name="Zoeken").click()
    await expect(page.get_by_role("alert")).to_be_visible()


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


async def listened_to(stub: Stub, page: Page) -> None:
    await talking(stub, page)
    await stub.duty(listener=people.listener("listen", hears=True))
    await expect(page.get_by_text("Mila Smit luistert mee.")).to_be_visible()


async def whispered_to(stub: Stub, page: Page) -> None:
    await talking(stub, page)
    await stub.duty(listener=people.listener("whisper", hears=True))
    await expect(page.get_by_text("De inwoner hoort dat niet.")).to_be_visible()


async def message_read(stub: Stub, page: Page) -> None:
    await talking(stub, page)
    words = {"id": people.uid(801), "text": "Fijn gesprek. Kom na dit gesprek even langs?", "sender": "Mila Smit"}
    await stub.duty(unread=1, messages=[{**words, "at": 1.0}])
    await expect(page.get_by_text("Kom na dit gesprek even langs?")).to_be_visible()


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


async def transferring(stub: Stub, page: Page) -> None:
    await talking(stub, page)
    await page.keyboard.press("d")
    await expect(page.get_by_text("Tolkenlijn")).to_be_visible()


async def transfer_asking(stub: Stub, page: Page) -> None:
    await talking(stub, page)
    await stub.duty(transfer=transfers.transfer("asking"))
    await expect(page.get_by_text("U praat met Klantcontactcentrum.")).to_be_visible()


async def transfer_back(stub: Stub, page: Page) -> None:
    await talking(stub, page)
    await stub.duty(transfer=transfers.transfer("over", why="not_reached"))
    await expect(page.get_by_text("nam niet op.")).to_be_visible()


async def transfer_incoming(stub: Stub, page: Page) -> None:
    await reserved(stub, page)
    await stub.duty(transfer=transfers.transfer("asking", kind="colleague", name="Sem de Jong", incoming=True))
    await expect(page.get_by_text("verbindt een gesprek met u door")).to_be_visible()


async def doubt(stub: Stub, page: Page) -> None:
    await talking(stub, page)
    await page.keyboard.press("u")
    await expect(page.get_by_text("Goed dat u oplet.")).to_be_visible()


async def crisis(stub: Stub, page: Page) -> None:
    await talking(stub, page)
    await page.keyboard.press("c")
    await expect(page.get_by_role("button", name="Bel Crisisdienst")).to_be_visible()


async def colleagues(stub: Stub, page: Page) -> None:
    await stub.duty(state="paused", reason="crisis", phone="ready")
    await expect(page.get_by_role("button", name="Vraag een collega")).to_be_visible()
    await page.keyboard.press("k")
    await expect(page.get_by_role("button", name="Bellen: Sem de Jong")).to_be_visible()


async def colleague_asks(stub: Stub, page: Page) -> None:
    await stub.duty(state="available", phone="in_call", colleague_call=people.colleague_call("ringing", incoming=True))
    await expect(page.get_by_text("Sem de Jong belt u.")).to_be_visible()


async def colleague_talks(stub: Stub, page: Page) -> None:
    await stub.duty(state="paused", reason="crisis", phone="in_call", colleague_call=people.colleague_call("talking"))
    await expect(page.get_by_text("U praat met Sem de Jong.")).to_be_visible()


async def after_crisis(stub: Stub, page: Page) -> None:
    await stub.duty(state="paused", reason="crisis")
    await expect(page.get_by_text("Dat was een zwaar gesprek.")).to_be_visible()


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


async def rehearsing(stub: Stub, page: Page) -> None:
    stub.card.update(direction="proof", case=None, salutation="", name="Sem van den Berg", attempt_number=None)
    await stub.push("card", stub.card)
    await stub.duty(state="talking", phone="in_call", direction="proof", attempt=people.ATTEMPT)
    await expect(page.get_by_text("Proef: u spreekt een collega.")).to_be_visible()


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


WIZARD = f"/campaigns/{people.uid(102)}"

SCENES: dict[str, tuple[str, Scene]] = {
    "agent-off": ("agent", nothing),
    "agent-available": ("agent", available),
    "agent-silent-phone": ("agent", silent),
    "agent-phone": ("agent", phone_on),
    "agent-phone-refused": ("agent", phone_refused),
    "agent-phone-away": ("agent", phone_away),
    "agent-phone-elsewhere": ("agent", phone_elsewhere),
    "agent-preview": ("agent", before_the_call),
    "agent-preview-over": ("agent", preview_over),
    "agent-preview-nobody": ("agent", preview_nobody),
    "agent-reserved": ("agent", reserved),
    "agent-paused": ("agent", paused),
    "agent-talking": ("agent", talking),
    "agent-doubt": ("agent", doubt),
    "agent-listened-to": ("agent", listened_to),
    "agent-whispered-to": ("agent", whispered_to),
    "agent-message": ("agent", message_read),
    "agent-transfer": ("agent", transferring),
    "agent-transfer-asking": ("agent", transfer_asking),
    "agent-transfer-back": ("agent", transfer_back),
    "agent-transfer-incoming": ("agent", transfer_incoming),
    "agent-crisis": ("agent", crisis),
    "agent-after-crisis": ("agent", after_crisis),
    "agent-colleagues": ("agent", colleagues),
    "agent-colleague-asks": ("agent", colleague_asks),
    "agent-colleague-talks": ("agent", colleague_talks),
    "agent-no-match": ("agent", no_match),
    "agent-verified": ("agent", verified),
    "agent-survey": ("agent", may_ask),
    "agent-inbound": ("agent", inbound),
    "agent-wrap-up": ("agent", wrap_up),
    "agent-slots": ("agent", slots),
    "agent-slot-taken": ("agent", slot_taken),
    "agent-slot-confirmed": ("agent", slot_confirmed),
    "agent-confirm": ("agent", confirm),
    "agent-filed": ("agent", filed),
    "agent-resending": ("agent", resending),
    "agent-offline": ("agent", offline),
    "agent-menu": ("agent", menu),
    "practice": ("agent", at("/practice")),
    "practice-on-duty": ("agent", at("/practice", training.on_duty)),
    "practice-asked": ("agent", at("/practice", training.asked)),
    "practice-astray": ("agent", at("/practice", training.astray)),
    "practice-judged": ("agent", at("/practice", training.judged)),
    "tour-offered": ("agent", training.tour_offered),
    "tour": ("agent", training.tour),
    "practice-needed": ("agent", training.needed),
    "menu-setup": ("supervisor", training.setup_menu),
    "agent-callbacks": ("agent", at("/callbacks", took_request)),
    "agent-callback-refused": ("agent", at("/callbacks", not_called)),
    "agent-rung-back": ("agent", at("/callbacks", rung_back)),
    "floor": ("supervisor", nothing),
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
    "client-home": ("client", at("/home")),
    "client-to-visit": ("client", at("/follow-up/to-visit")),
    "client-marking": ("client", at("/follow-up/to-visit", marking)),
    "client-appointments": ("client", at("/follow-up/appointments", marked)),
    "client-decisions": ("client", at("/follow-up/decisions")),
    "client-decisions-none": ("client", at("/follow-up/decisions", no_decisions)),
    "client-lists-error": ("client", at("/follow-up/to-visit", lists_failed)),
    "client-case": ("client", at(f"/cases/{people.CASE}")),
    "questions": ("supervisor", at("/questions")),
    "campaigns": ("supervisor", at("/campaigns")),
    "agent-proof": ("agent", rehearsing),
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
    "deliveries": ("supervisor", at("/deliveries")),
    "deliveries-preview": ("supervisor", at("/deliveries", preview)),
    "floor-figures": ("supervisor", at("/floor", own_figures)),
    "cases": ("supervisor", at("/cases")),
    "cases-empty": ("supervisor", at("/cases", empty)),
    "cases-error": ("supervisor", at("/cases", failed)),
    "case": ("supervisor", at(f"/cases/{people.CASE}")),
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
    "clients": ("supervisor", at("/clients")),
    "client": ("administrator", at(f"/clients/{people.CLIENT}", client_wrong)),
    "client-target": ("supervisor", at(f"/clients/{people.CLIENT}", target_open)),
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
    "password": ("agent", password),
    "still-there": ("supervisor", still_there),
    "locked": ("agent", locked),
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
WIDE = {"width": 1440, "height": 900}
# The same screens in the dark, and as a window of 1440 points shows them at 200%.
ALSO_DARK = ("client-home", "client-to-visit", "agent-verified", "agent-wrap-up", "floor", "campaign")
ALSO_ZOOMED = ("client-home", "client-to-visit", "agent-verified", "agent-wrap-up", "floor", "cases", "deliveries")


async def shoot(chromium: Browser, folder: Path, name: str, look: str = "") -> None:
    """One picture of one scene."""
    role, scene = SCENES[name]
    size = {"width": 720, "height": 450} if look == "zoomed" else WIDE
    async with running(role) as stub:
        context = await chromium.new_context(
            viewport=size,  # type: ignore[arg-type]
            device_scale_factor=2 if look == "zoomed" else 1,
            color_scheme="dark" if look == "dark" else "light",
            reduced_motion="reduce",
            locale="nl-NL",
        )
        page = await context.new_page()
        await sign_in(page, stub.url)
        await scene(stub, page)
        await page.screenshot(path=folder / f"{name}{'-' + look if look else ''}.png", full_page=True)
        await context.close()


async def login(chromium: Browser, folder: Path) -> None:
    """The first screen, after a wrong password."""
    async with running() as stub:
        page = await chromium.new_page(viewport=WIDE, reduced_motion="reduce")  # type: ignore[arg-type]
        await page.goto(stub.url)
        await page.get_by_label("Gebruikersnaam").fill("noor")
        await page.get_by_label("Wachtwoord").fill("fout")
        await page.get_by_role("button", name="Inloggen").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await page.screenshot(path=folder / "login.png")
        await page.close()


def shrink(folder: Path) -> None:
    """Pictures of a screen need few colours: a fifth of the bytes, for those that are kept beside the documents."""
    for path in folder.glob("*.png"):
        with Image.open(path) as picture:
            small = picture.convert("RGB").quantize(48, dither=Image.Dither.NONE)
        small.save(path, optimize=True)


async def main(folder: Path, only: list[str]) -> None:
    async with browser() as chromium:
        if not only:
            await login(chromium, folder)
        for name in only or SCENES:
            await shoot(chromium, folder, name)
            if name in ALSO_DARK:
                await shoot(chromium, folder, name, "dark")
            if name in ALSO_ZOOMED:
                await shoot(chromium, folder, name, "zoomed")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=f"only these: {', '.join(SCENES)}")
    parser.add_argument("--small", action="store_true", help="few colours, as docs/screens/states has them")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(arguments.folder, arguments.scenes))
    if arguments.small:
        shrink(arguments.folder)
