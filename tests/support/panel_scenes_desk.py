"""An agent's desk, before, in and after a call."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.support import panel_people as people
from tests.support import panel_practice_screens as training
from tests.support.panel_scene import Scene, at, nothing
from tests.support.panel_stub import Stub


async def verify(page: Page, birth: str = "1-2-1980") -> None:
    """Fill in the identity check and send it."""
    await page.get_by_label("Geboortedatum").fill(birth)
    await page.get_by_label("Postcode").fill("2711 ab")
    await page.get_by_label("Huisnummer").fill("12")
    await page.get_by_role("button", name="Controleren").click()


async def roster_address(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Adres maken").click()
    await expect(page.get_by_text("Dit is het adres.")).to_be_visible()
    await page.get_by_text("Dit is het adres.").scroll_into_view_if_needed()


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


async def for_team(stub: Stub, page: Page) -> None:
    opening = "Goedemorgen, u spreekt met het Loket. Waarmee kan ik u helpen?"
    stub.card.update(number="", number_kind="", team="het Loket", opening=opening)
    await stub.answered("overflow")
    await expect(page.get_by_text("Goedemorgen, u spreekt met het Loket")).to_be_visible()


async def for_team_over(stub: Stub, page: Page) -> None:
    await for_team(stub, page)
    await stub.duty(state="wrap_up")
    await expect(page.get_by_role("radio", name="Geholpen voor het andere team")).to_be_visible()


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


async def no_callbacks(stub: Stub, page: Page) -> None:
    stub.callbacks.clear()
    await page.reload()
    await expect(page.get_by_text("Er staan geen terugbelverzoeken open.")).to_be_visible()


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


async def password(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Instellingen").click()
    await page.get_by_role("button", name="Wachtwoord wijzigen").click()
    await page.get_by_label("Huidig wachtwoord").fill("fout")
    await page.get_by_label("Nieuw wachtwoord", exact=True).fill("een-nieuw-wachtwoord")
    await page.get_by_label("nog een keer").fill("een-nieuw-wachtwoord")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Het huidige wachtwoord klopt niet.")).to_be_visible()


async def locked(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name="Instellingen").click()
    await page.get_by_role("button", name="Scherm vergrendelen").click()
    await expect(page.get_by_role("heading", name="Scherm vergrendeld")).to_be_visible()


SCENES: dict[str, tuple[str, Scene]] = {
    "agent-off": ("agent", nothing),
    "agent-roster-address": ("agent", roster_address),
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
    "agent-team": ("agent", for_team),
    "agent-team-over": ("agent", for_team_over),
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
    "agent-callbacks-none": ("agent", at("/callbacks", no_callbacks)),
    "agent-callbacks": ("agent", at("/callbacks", took_request)),
    "agent-callback-refused": ("agent", at("/callbacks", not_called)),
    "agent-rung-back": ("agent", at("/callbacks", rung_back)),
    "password": ("agent", password),
    "locked": ("agent", locked),
}
