"""The office's pages in a real Chromium, against the pretended service: by keyboard, tried before they are kept."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.support import panel_people as people
from tests.support.chromium import CHROMIUM, sign_in
from tests.support.keyboard import take_focus
from tests.support.panel_scenes_clients import by_hand, channel_secret, secret
from tests.support.panel_scenes_desk import talking
from tests.support.panel_stub import DIST, Stub, running
from tests.support.panel_watch import Watched, until

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.system,
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
]


@asynccontextmanager
async def office(one_chromium: Browser, path: str, role: str = "supervisor") -> AsyncIterator[tuple[Stub, Page]]:
    """Signed in, at an address of the office."""
    async with running(role) as stub:
        context = await one_chromium.new_context(locale="nl-NL", reduced_motion="reduce")
        page = await context.new_page()
        watched = Watched(page, stub.url)
        await sign_in(page, stub.url)
        await page.goto(stub.url + path)
        yield stub, page
        await context.close()
        assert watched.problems == []


async def test_settings_are_tried_and_kept_with_the_keyboard_alone(one_chromium: Browser) -> None:
    async with office(one_chromium, f"/campaigns/{people.CAMPAIGN}") as (stub, page):
        await take_focus(page.get_by_role("link", name="Instellingen", exact=True))
        await page.keyboard.press("Enter")
        await take_focus(page.get_by_label("Zondag"))
        await page.keyboard.type("12 tot 11")
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Zondag")).to_have_accessible_description(re.compile("niet op volgorde"))
        assert stub.made("tryCampaignChange") == []
        for key in "Backspace", "Backspace":
            await page.keyboard.press(key)
        await page.keyboard.type("16")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Verplaatst de volgende poging van 132 inwoners.")).to_be_visible()
        assert stub.made("updateCampaign") == []
        await take_focus(page.get_by_role("button", name="Opslaan"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Opgeslagen.")).to_be_visible()
        await expect(page.get_by_label("Zondag")).to_have_value("12:00-16:00")
        (kept,) = stub.made("updateCampaign")
        assert kept == stub.made("tryCampaignChange")[0]
        assert kept["calendar"]["week"] == {
            "sat": [["10:00", "13:00"], ["14:00", "17:00"]],
            "sun": [["12:00", "16:00"]],
        }
        assert kept["settings"] == {"lines": 12, "mode": "predictive", "promised_reach_percent": 60}
        assert stub.requests[-1].headers["If-Match"] == '"3"'


async def test_a_rule_is_changed_tried_and_brought_in_with_the_keyboard(one_chromium: Browser) -> None:
    async with office(one_chromium, f"/campaigns/{people.CAMPAIGN}/rules") as (stub, page):
        await take_focus(page.get_by_role("button", name="Wijzigen: bezet"))
        await page.keyboard.press("Enter")
        step = page.get_by_role("button", name=re.compile("Volgende stap"))
        await expect(step).to_be_focused()
        await page.keyboard.press("Tab")
        await expect(page.get_by_label("Na (minuten)")).to_be_focused()
        await page.keyboard.type("40")
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Na (minuten)")).to_have_accessible_description(re.compile("niet groter"))
        await page.keyboard.press("Tab")
        await page.keyboard.type("60")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Gewijzigd", exact=True)).to_be_visible()
        await take_focus(page.get_by_role("button", name="Kijk wat dit doet"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Sluit 4 zaken")).to_be_visible()
        await take_focus(page.get_by_role("button", name="Invoeren"))
        await page.keyboard.press("Enter")
        await page.get_by_role("dialog").get_by_label("Reden").press_sequentially("minder druk")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Ingevoerd.")).to_be_visible()
        await expect(page.get_by_text("na 40 tot 60 minuten").first).to_be_visible()
        tried, kept = stub.made("changeOutcomeRules")
        busy = {"kind": "retry_after", "minutes": [40, 60], "times": 3, "then": "other_slot"}
        assert tried == {"version": 4, "steps": {"BUSY": busy}}
        assert kept == {**tried, "note": "minder druk"}


async def test_earlier_rules_are_had_back_after_a_try(one_chromium: Browser) -> None:
    async with office(one_chromium, f"/campaigns/{people.CAMPAIGN}/rules") as (stub, page):
        await page.get_by_role("button", name="Terug naar deze versie: 1").click()
        await expect(page.get_by_text("Gewijzigd", exact=True)).to_have_count(2)
        await page.get_by_role("button", name="Kijk wat dit doet").click()
        await expect(page.get_by_text("Er is nog niets veranderd.")).to_be_visible()
        (tried,) = stub.made("changeOutcomeRules")
        assert tried["steps"] == {"NO_ANSWER": {"kind": "other_day"}, "VOICEMAIL": {"kind": "pause", "pause_days": 2}}


async def test_a_clients_caps_are_changed_with_the_keyboard_and_emptied_is_usual(one_chromium: Browser) -> None:
    async with office(one_chromium, "/clients", "administrator") as (stub, page):
        await take_focus(page.get_by_role("link", name="Gemeente Voorbeeldstad"))
        await page.keyboard.press("Enter")
        cap = page.get_by_label("Pogingen per zaak")
        await expect(cap).to_have_value("10")
        await take_focus(cap)
        await page.keyboard.press("Control+A")
        await page.keyboard.type("101")
        await page.keyboard.press("Enter")
        await expect(cap).to_have_accessible_description(re.compile("1 tot en met 100"))
        assert stub.made("updateClient") == []
        await page.keyboard.press("Control+A")
        await page.keyboard.press("Delete")
        await page.get_by_label("Termijn vanaf de signaaldatum").fill("21")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Opgeslagen.")).to_be_visible()
        assert stub.made("updateClient") == [{"settings": {"case_cap": None, "term_days": 21}}]


async def test_a_mapping_is_changed_and_another_learned(one_chromium: Browser) -> None:
    async with office(one_chromium, f"/clients/{people.CLIENT}") as (stub, page):
        await expect(page.get_by_label("Pogingen per zaak")).to_be_disabled()  # a supervisor reads
        await page.get_by_role("button", name="Bekijken en wijzigen: VPS-export").click()
        await page.get_by_label("Postcode", exact=True).fill("")
        await expect(page.get_by_role("button", name="Opslaan")).to_be_disabled()
        for name in ("Vastelastenpartner", "Signaaldatum", "Geboortedatum", "Huisnummer", "Postcode"):
            await page.get_by_label(name, exact=True).fill(f"Kop {name}")
        await page.get_by_role("button", name="Opslaan").click()
        await until(lambda: stub.made("saveMapping"))
        (saved,) = stub.made("saveMapping")
        assert saved["columns"]["postcode"] == "Kop Postcode"
        await page.get_by_label("Naam van de indeling").fill("Waterbedrijf")
        await expect(page.get_by_role("button", name="Bestand kiezen")).to_be_enabled()  # the other one is kept
        file: FilePayload = {"name": "w.csv", "mimeType": "text/csv", "buffer": b"kenmerk;achternaam\r\n"}
        await page.locator("input[type=file]").set_input_files(file)
        await until(lambda: stub.made("learnMapping"))


async def test_a_supervisor_mends_a_case_with_a_reason_each_time(one_chromium: Browser) -> None:
    async with office(one_chromium, f"/cases/{people.CASE}") as (stub, page):
        dialog = page.get_by_role("dialog")
        await page.get_by_role("button", name="Blokkade van nummer 2 opheffen").click()
        await expect(dialog.get_by_role("button", name="Blokkade opheffen")).to_be_disabled()
        await dialog.get_by_label("Reden").fill("belde zelf")
        await page.keyboard.press("Enter")
        await expect(dialog).to_have_count(0)
        await page.get_by_role("button", name="Signaal ZV-10021 eruit halen").click()
        await dialog.get_by_role("button", name="Eruit halen").click()
        await expect(dialog).to_have_count(0)
        await page.get_by_role("button", name="Resultaat van").first.click()
        await dialog.get_by_label("Reden").fill("verkeerde toets")
        await expect(dialog.get_by_role("button", name="Corrigeren")).to_be_disabled()
        await dialog.get_by_role("button", name="Juiste resultaat").click()
        await page.get_by_role("option", name="Iemand anders").click()
        await dialog.get_by_role("button", name="Corrigeren").click()
        await expect(dialog).to_have_count(0)
        assert stub.made("unblockPhone") == [{"reason": "belde zelf"}]
        assert stub.made("undoMerge") == [{"signal": people.uid(701)}]
        assert [body["reason"] for body in stub.made("recodeOutcome")] == ["verkeerde toets"]


async def test_two_cases_of_one_person_are_put_together_and_apart_by_keyboard(one_chromium: Browser) -> None:
    async with office(one_chromium, f"/cases/{people.CASE}") as (stub, page):
        panel, dialog = page.get_by_role("region", name="Zelfde persoon, twee zaken"), page.get_by_role("dialog")
        await panel.get_by_label("Kenmerk van de andere zaak").fill("VS-9999")
        await page.keyboard.press("Enter")
        await expect(panel.get_by_role("status")).to_have_text("Geen andere zaak met kenmerk VS-9999 in deze belactie.")
        await panel.get_by_label("Kenmerk van de andere zaak").fill("VS-1001")
        await page.keyboard.press("Enter")
        await take_focus(panel.get_by_role("button", name="VS-1001 bij VS-1000 voegen"))
        await page.keyboard.press("Enter")
        await dialog.get_by_label("Reden").fill("zelfde geboortedatum en adres")
        await page.keyboard.press("Enter")
        await expect(panel.get_by_role("link", name="VS-1001 is hierbij gevoegd")).to_be_visible()
        await expect(panel.get_by_role("list", name="Gevonden zaken")).to_have_count(0)
        assert stub.made("mergeCases") == [{"other": people.uid(301), "reason": "zelfde geboortedatum en adres"}]
        await take_focus(panel.get_by_role("button", name="Samenvoegen van VS-1001 ongedaan maken"))
        await page.keyboard.press("Enter")
        await dialog.get_by_label("Reden").fill("toch twee personen")
        await page.keyboard.press("Enter")
        await expect(panel.get_by_role("link", name="VS-1001 is hierbij gevoegd")).to_have_count(0)
        assert stub.made("unmergeCase") == [{"reason": "toch twee personen"}]


async def test_the_day_begins_with_what_asks_for_a_hand(one_chromium: Browser) -> None:
    async with office(one_chromium, "/day") as (_, page):
        attention = page.get_by_role("region", name="Vraagt aandacht").get_by_role("listitem")
        await expect(attention.first).to_contain_text("1 gemiste afspraak")
        await expect(attention.nth(1)).to_contain_text("De cijfers van een levering kloppen niet met elkaar")
        await expect(attention.nth(2)).to_contain_text("1 afspraak staat op een tijd die de opdrachtgever niet meer")
        await expect(attention.nth(3)).to_contain_text("2 resultaten hadden al bij de opdrachtgever moeten zijn")
        await expect(attention.nth(4)).to_contain_text("1 klacht is te laat")
        await expect(attention.nth(5)).to_contain_text("2 keer crisis")
        await expect(attention.nth(6)).to_contain_text("1,4% van wie opnam kreeg vandaag niemand")
        await expect(attention.filter(has_text="Weeklijst: het bestand van")).to_have_count(1)
        await expect(attention.filter(has_text=re.compile("vra(ag|gen)", re.IGNORECASE))).to_have_count(1)
        await expect(attention.filter(has_text="1 bestand met resultaten is opgegeven")).to_have_count(1)
        await expect(attention.filter(has_text="2 klachten wachten op antwoord")).to_have_count(1)
        await expect(attention).to_have_count(16)
        await take_focus(page.get_by_role("link", name=re.compile("Bekijken")).first)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/cases/{people.uid(300)}")


async def test_the_days_close_has_a_line_for_everything_and_where_to_go(one_chromium: Browser) -> None:
    async with office(one_chromium, "/day") as (_, page):
        close = page.get_by_role("region", name="De dag afsluiten").get_by_role("listitem")
        await expect(close).to_have_count(7)
        await expect(close.nth(0)).to_contain_text("1 crisismelding is nog niet bij de opdrachtgever")
        await expect(close.nth(3)).to_contain_text("2 gesprekken zijn nog niet afgerond")
        await expect(close.nth(6)).to_contain_text("Noor Bakker")
        await take_focus(close.nth(2).get_by_role("link", name="Openen bij Terugbellen"))
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/callbacks")


async def test_figures_of_one_agent_are_opened_from_the_floor_by_who_coaches(one_chromium: Browser) -> None:
    async with office(one_chromium, "/floor") as (stub, page):
        await take_focus(page.get_by_role("button", name="Cijfers van vandaag van Sem de Jong"))
        assert stub.made("getAgentDay") == []  # nobody is looked at without a hand
        await page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Cijfers van vandaag van Sem de Jong")
        await expect(dialog.get_by_role("definition").first).to_have_text("23")
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await expect(page.get_by_role("button", name="Cijfers van vandaag van Sem de Jong")).to_be_focused()


async def test_a_key_is_shown_once_and_revoked_with_the_keyboard(one_chromium: Browser) -> None:
    async with office(one_chromium, "/tokens", "administrator") as (stub, page):
        await secret(stub, page)
        await expect(page.get_by_text("dlr_4kq8m2")).to_be_visible()
        await take_focus(page.get_by_role("button", name="Ik heb hem bewaard"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("dlr_4kq8m2")).to_have_count(0)
        assert "dlr_4kq8m2" not in await page.content()
        (made,) = stub.made("createToken")
        assert (made["role"], made["client"], made["scopes"]) == ("monitor", None, ["floor.read", "live"])
        await take_focus(page.get_by_role("button", name="Sleutel van Dashboard intrekken"))
        await page.keyboard.press("Enter")
        await take_focus(page.get_by_role("dialog").get_by_role("button", name="Intrekken"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Ingetrokken", exact=True)).to_have_count(2)


async def test_a_system_is_connected_and_its_secret_shown_once(one_chromium: Browser) -> None:
    async with office(one_chromium, "/tokens", "administrator") as (stub, page):
        await channel_secret(stub, page)
        await expect(page.get_by_text("whsec_")).to_be_visible()
        await page.get_by_role("button", name="Ik heb hem bewaard").click()
        await expect(page.get_by_text("whsec_")).to_have_count(0)
        assert "whsec_" not in await page.content()
        (made,) = stub.made("createChannel")
        assert made == {"kind": "webhook", "name": "Nieuw zaaksysteem", "url": "https://zaak.voorbeeldstad.example/in"}
        await page.get_by_role("button", name="Verbinding van Contactregister testen").click()
        await expect(
            page.get_by_text("De verbinding werkt niet. Het systeem neemt onze sleutel niet aan.")
        ).to_be_visible()


async def test_what_did_not_arrive_is_sent_again_and_the_rest_typed_over(one_chromium: Browser) -> None:
    async with office(one_chromium, "/exports") as (stub, page):
        await expect(page.get_by_text("1 resultaat is te laat")).to_be_visible()
        await page.get_by_role("button", name="Opnieuw sturen", exact=True).first.click()
        await by_hand(stub, page)
        await expect(page.get_by_role("button", name="Overgenomen")).to_be_disabled()
        await page.get_by_label("Nummer in het systeem").fill("ZAAK-17")
        await page.get_by_role("button", name="Overgenomen").click()
        await expect(page.get_by_text("Belt liever na 17 uur.")).to_have_count(0)
        assert len(stub.made("resendMessage")) == 1
        assert stub.made("messageEntered") == [{"reference": "ZAAK-17"}]


async def test_a_supervisor_starts_and_withdraws(one_chromium: Browser) -> None:
    async with running("supervisor") as stub:
        context = await one_chromium.new_context(locale="nl-NL", reduced_motion="reduce")
        page = await context.new_page()
        watched = Watched(page, stub.url)
        await sign_in(page, stub.url, "mila")
        await expect(page.get_by_role("heading", name="Werkvloer")).to_be_visible()
        await page.get_by_role("link", name="Belacties").click()
        await page.get_by_role("link", name="Vroege hulp, zomer").click()
        await page.get_by_role("button", name="Starten").click()
        await expect(page.get_by_text("Loopt", exact=True)).to_be_visible()
        assert stub.made("setCampaignState") == [{"state": "running"}]

        await page.get_by_role("link", name="Zaken").click()
        await page.get_by_role("link", name="VS-1001").click()
        await page.get_by_role("button", name="Intrekken").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_role("button", name="Intrekken")).to_be_disabled()
        await dialog.get_by_label("Reden").fill("verzoek opdrachtgever")
        await dialog.get_by_role("button", name="Intrekken").click()
        await expect(page.get_by_text("Ingetrokken", exact=True)).to_be_visible()
        assert stub.made("withdrawCase") == [{"reason": "verzoek opdrachtgever"}]
        await context.close()
        assert watched.problems == []


async def test_settings_that_somebody_else_changed_are_not_overwritten(one_chromium: Browser) -> None:
    async with office(one_chromium, f"/campaigns/{people.CAMPAIGN}/settings") as (stub, page):
        await page.get_by_label("Naam").fill("Winter")
        await page.get_by_role("button", name="Kijk wat dit doet").click()
        stub.fail("updateCampaign", 412, code="changed-since")
        await page.get_by_role("button", name="Opslaan").click()
        await expect(page.get_by_role("alert")).to_contain_text("intussen gewijzigd")
        await expect(page.get_by_label("Naam")).to_have_value("Winter")


async def test_why_so_many_calls_then_is_asked_with_the_keyboard_alone(one_chromium: Browser) -> None:
    async with office(one_chromium, f"/campaigns/{people.CAMPAIGN}") as (stub, page):
        await take_focus(page.get_by_role("link", name="Waarom toen?"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("cell", name="14:27:07")).to_be_visible()
        await expect(page.get_by_text("Vanzelf: meer als dat veilig kan")).to_be_visible()
        await expect(page.get_by_text("9 keer gekeken, tot 14:27:04")).to_be_visible()
        minute = page.get_by_role("group", name="Vanaf").get_by_role("spinbutton").last
        await take_focus(minute)
        await page.keyboard.type("32")
        await take_focus(page.get_by_role("button", name="Laat zien"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("cell", name="14:32:07")).to_be_visible()
        stub.past = {"none": True}
        await take_focus(page.get_by_role("button", name="Laat zien"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("In deze minuten is er niets besloten")).to_be_visible()


async def test_the_handbook_is_opened_from_the_menu_searched_and_read_for_others(one_chromium: Browser) -> None:
    async with office(one_chromium, "/day") as (_, page):
        await take_focus(page.get_by_role("button", name=re.compile("Instellingen en uitloggen")))
        await page.keyboard.press("Enter")
        await take_focus(page.get_by_role("button", name="Handboek"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1, name="Handboek")).to_be_visible()
        await expect(page.get_by_role("dialog")).to_have_count(0)
        chapters = page.get_by_role("navigation", name="Hoofdstukken").get_by_role("link")
        await expect(chapters.first).to_have_text("Begin en einde van de dag")
        await expect(page.get_by_text("Open Vandaag.")).to_be_visible()
        search = page.get_by_label("Zoek in het handboek")
        await search.fill("fluisteren")
        await expect(chapters).to_have_text(["Meeluisteren"])
        await search.fill("zeppelin")
        await expect(page.get_by_text("Niets gevonden.")).to_be_visible()
        await search.fill("")
        await page.get_by_role("radio", name="Medewerker").check(force=True)
        await expect(chapters.first).to_have_text("Uw eerste dag")


async def test_the_handbook_names_every_key_of_a_call(one_chromium: Browser) -> None:
    async with running("agent") as stub:
        page = await one_chromium.new_page(locale="nl-NL", reduced_motion="reduce")
        await sign_in(page, stub.url)
        await talking(stub, page)
        shown = await page.locator("[aria-keyshortcuts]").evaluate_all(
            "all => all.map(one => one.getAttribute('aria-keyshortcuts'))"
        )
        await page.goto(stub.url + "/handbook")
        await expect(page.get_by_role("heading", name="Toetsen")).to_be_visible()
        named = await page.locator(".handbook__keys dt").all_inner_texts()
        assert {"H", "V", "D", "C", "1"} <= set(shown), "assistive technology is told of each key"
        assert {key for key in shown if not key.isdigit()} <= set(named)
        await page.close()


async def test_a_reason_of_pauses_is_made_moved_and_archived_with_the_keyboard(one_chromium: Browser) -> None:
    async with office(one_chromium, "/team") as (stub, page):
        await take_focus(page.get_by_role("button", name="Nieuwe reden"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Nederlands")).to_be_focused()
        await page.keyboard.type("Gebed")
        await page.keyboard.press("Tab")
        await page.keyboard.type("Prayer")
        await take_focus(page.get_by_label("Hoogstens (minuten)"))
        await page.keyboard.type("900")
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Hoogstens (minuten)")).to_have_accessible_description(re.compile("1 tot 480"))
        for key in "Backspace", "Backspace", "Enter":
            await page.keyboard.press(key)
        await expect(page.get_by_role("dialog")).to_be_hidden()
        assert stub.made("createPauseReason") == [
            {"dutch": "Gebed", "english": "Prayer", "counts_as": "paid", "most_minutes": 9}
        ]
        await take_focus(page.get_by_role("button", name="Gebed omhoog"))
        await page.keyboard.press("Enter")
        await until(lambda: [one["code"] for one in stub.pauses][-2:] == ["prayer", "crisis"])
        await take_focus(page.get_by_role("button", name="Lunch opbergen"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Lunch opbergen")).to_have_count(0)
        await expect(page.get_by_role("button", name="Anders opbergen")).to_have_count(0)
        await take_focus(page.get_by_role("button", name="Opgeborgen redenen tonen (1)"))
        await page.keyboard.press("Enter")
        await take_focus(page.get_by_role("button", name="Lunch weer gebruiken"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Lunch opbergen")).to_be_visible()


async def test_an_agents_menu_has_what_supervisors_made_of_it(one_chromium: Browser) -> None:
    async with office(one_chromium, "/desk", role="agent") as (stub, page):
        await stub.duty(state="available", phone="ready")
        stub.pauses[0].update(dutch="Gebed", code="prayer")  # meanwhile: the page was open already
        await take_focus(page.get_by_role("button", name="Pauze", exact=True))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("menuitem", name="Gebed")).to_be_focused()
        await expect(page.get_by_role("menuitem", name="Na een crisis")).to_have_count(0)
        await page.keyboard.press("Enter")
        await until(lambda: stub.made("setMyDuty") == [{"duty": "pause", "reason": "prayer"}])


async def test_what_an_agent_can_do_is_given_and_asked_for_with_the_keyboard(one_chromium: Browser) -> None:
    async with office(one_chromium, "/team") as (stub, page):
        await take_focus(page.get_by_role("button", name="Talen en vaardigheden van Noor Bakker"))
        await page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        for name in "Turks", "Ondernemers":
            await take_focus(dialog.get_by_role("checkbox", name=name))
            await page.keyboard.press("Space")
        await take_focus(dialog.get_by_role("button", name="Opslaan"))
        await page.keyboard.press("Enter")
        await expect(dialog).to_be_hidden()
        assert stub.made("setAbilities") == [{"languages": ["tr"], "skills": ["entrepreneurs"]}]
        await expect(page.get_by_role("row", name="Noor Bakker")).to_contain_text("TurksOndernemers")

        await page.get_by_role("link", name="Belacties").click()
        await page.get_by_role("link", name="Vroege hulp, najaar").click()
        await page.get_by_role("link", name="Instellingen").click()
        await take_focus(page.get_by_role("checkbox", name="Ondernemers"))
        await page.keyboard.press("Space")
        await page.get_by_role("button", name="Kijk wat dit doet").click()
        await until(lambda: stub.made("tryCampaignChange"))
        assert stub.made("tryCampaignChange")[0]["settings"]["skills"] == ["entrepreneurs"]


async def test_a_week_of_the_roster_is_typed_copied_and_read_from_a_file(one_chromium: Browser) -> None:
    async with office(one_chromium, "/team/roster") as (stub, page):
        row = page.get_by_role("row", name="Wilhelmina").get_by_role("textbox")
        await take_focus(row.nth(0))
        await page.keyboard.type("9-12:30")
        await page.keyboard.press("Tab")
        await page.keyboard.type("a")
        await page.keyboard.press("ArrowUp")
        above = page.get_by_role("row", name="Aylin Yılmaz").get_by_role("textbox").nth(1)
        await expect(above).to_be_focused()
        await page.keyboard.type("13-9")
        await expect(above).to_have_accessible_description(re.compile("op volgorde"))
        await expect(page.get_by_role("button", name="Opslaan")).to_be_disabled()
        await expect(page.get_by_role("button", name="Week later")).to_be_disabled()
        await page.keyboard.press("Control+A")
        await page.keyboard.type("13-17")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("3 dagen zijn opgeslagen.")).to_be_visible()
        ((saved,),) = [[body["days"] for body in stub.made("saveRoster")]]
        kept = [(day["shifts"], day["away"], day["version"]) for day in saved]
        assert kept == [(["09:00-12:30"], False, 0), ([], True, 0), (["13:00-17:00"], False, 0)]

        await page.get_by_label("Naar hoeveel weken erna?").fill("2")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("24 dagen zijn opgeslagen.")).to_be_visible()
        await page.get_by_role("button", name="Week later").click()
        await expect(page.get_by_role("heading", level=2, name=re.compile(r"^Week \d+:"))).to_be_visible()

        csv = "login;date;from;until\nnoor;2-3-2026;9;13"
        file: FilePayload = {"name": "rooster.csv", "mimeType": "text/csv", "buffer": csv.encode()}
        await page.locator("input[type=file]").set_input_files(file)
        await page.get_by_role("button", name="Overnemen").click()
        await until(lambda: len(stub.made("importRoster")) == 2)
        assert stub.made("importRoster") == [{"csv": csv}] * 2


async def test_an_agent_sees_when_he_works_while_he_is_off_duty(one_chromium: Browser) -> None:
    async with office(one_chromium, "/desk", "agent") as (_, page):
        mine = page.get_by_role("region", name="Mijn rooster")
        await expect(mine.get_by_role("listitem").first).to_contain_text("9-13, 17-21")


async def test_who_is_planned_and_not_there_is_told(one_chromium: Browser) -> None:
    async with office(one_chromium, "/floor") as (_, page):
        await expect(page.get_by_text("Ingepland, maar niet aanwezig: Youssef Amrani.")).to_be_visible()
        await page.get_by_role("link", name="Vandaag").click()
        rows = page.get_by_role("group", name="Rooster van vandaag").get_by_role("row")
        await expect(rows.nth(1)).to_contain_text("Nog niet aanwezig")
        await expect(rows.filter(has_text="Noor Bakker")).to_contain_text("9-13, 17-21")
