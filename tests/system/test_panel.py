"""The built panel in a real Chromium, against the pretended service: what a person does, and what must never show."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.support import panel_people as people
from tests.support.chromium import CHROMIUM, sign_in
from tests.support.keyboard import hotkey, press, take_focus
from tests.support.panel_scenes_call import colleague_asks
from tests.support.panel_scenes_desk import not_called, password, rung_back, verify
from tests.support.panel_screens import SCENES
from tests.support.panel_stub import DIST, Stub, running
from tests.support.panel_watch import Watched, until

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.system,
    pytest.mark.skipif(not DIST.joinpath("index.html").exists(), reason="the panel is not built: npm run build"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
]

AXE = DIST.parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
AUDITED = (  # a scene of each kind of page; the others, some 170, in the night
    "sign-in-code",
    "account",
    "agent-phone",
    "agent-confirm",
    "agent-colleague-asks",
    "tour",
    "floor-stop-ask",
    "roster",
    "day",
    "client-to-visit",
    "campaign-settings-wrong",
    "case-recode",
    "report",
    "quality-reviewing",
    "privacy-found",
    "tokens-secret",
)
ARREARS = re.compile(r"100-250|50-100|energie|energy|zorgverz|health|openstaat", re.IGNORECASE)


@pytest_asyncio.fixture(loop_scope="session")
async def stub() -> AsyncIterator[Stub]:
    async with running() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def page(one_chromium: Browser, stub: Stub) -> AsyncIterator[Page]:
    context = await one_chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    opened = await context.new_page()
    watched = Watched(opened, stub.url)
    yield opened
    await context.close()
    assert watched.problems == []


async def text_of(page: Page) -> str:
    return await page.content()


async def test_wrong_password_lets_nobody_in_and_keeps_no_password(page: Page, stub: Stub) -> None:
    await page.goto(stub.url)
    await page.get_by_label("Gebruikersnaam").fill("noor")
    await page.get_by_label("Wachtwoord").fill("fout")
    await page.get_by_role("button", name="Inloggen").click()
    await expect(page.get_by_role("alert")).to_contain_text("klopt niet")
    await expect(page.get_by_label("Wachtwoord")).to_have_value("")
    await expect(page.get_by_role("navigation")).to_have_count(0)


async def test_an_agents_call_with_the_keyboard_alone(page: Page, stub: Stub) -> None:
    await page.goto(stub.url)
    await page.get_by_label("Gebruikersnaam").press_sequentially("noor")
    await page.keyboard.press("Tab")
    await page.keyboard.type(people.PASSWORD)
    await page.keyboard.press("Enter")
    await take_focus(page.get_by_role("button", name="In dienst", exact=True))
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("U bent beschikbaar")).to_be_visible()

    await stub.answered()
    await expect(page.get_by_role("heading", name="Opening")).to_be_visible()
    await page.keyboard.press("1")
    await page.keyboard.press("1")
    await expect(page.get_by_role("heading", name="Controle")).to_be_visible()
    await take_focus(page.get_by_label("Geboortedatum"))
    for typed, key in ("01021980", "Tab"), ("2711ab", "Tab"), ("12", "Enter"):
        await page.keyboard.type(typed)
        await page.keyboard.press(key)
    await expect(page.get_by_role("heading", name="Waarom wij bellen")).to_be_visible()
    await page.get_by_role("heading", name="Waarom wij bellen").click()  # out of the field: digits are keys again
    for key in "1", "3", "1", "2":
        await page.keyboard.press(key)
    await hotkey(page, "h")
    await expect(page.get_by_text("Gesprek voorbij")).to_be_visible()
    await expect(page.get_by_role("button", name="Vastleggen en klaar")).to_be_enabled()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Weet u het zeker?")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("U bent beschikbaar")).to_be_visible()
    (filing,) = stub.made("fileOutcome")
    assert (filing["outcome"], filing["answers"], filing["confirmed"]) == ("HELP_WANTED", {"need": "allowances"}, True)


async def test_this_is_a_scam_has_a_key_with_the_words_and_the_outcome(page: Page, stub: Stub) -> None:
    await sign_in(page, stub.url)
    await stub.duty(state="available", phone="ready")
    await stub.answered()
    await expect(page.get_by_role("heading", name="Opening")).to_be_visible()
    await hotkey(page, "u")
    await expect(page.get_by_text("Goed dat u oplet. U kunt zelf bellen naar de gemeente")).to_be_visible()
    await expect(page.get_by_role("button", name="Toch verder met het gesprek")).to_have_attribute(
        "aria-pressed", "true"
    )
    await page.get_by_role("button", name="Tolk nodig, in het").click()
    await page.get_by_role("option", name="Turks").click()
    await stub.duty(state="wrap_up", phone="ready", wrap_ups=[people.wrap_up()])
    await expect(page.get_by_text("Belt zelf terug").first).to_be_visible()
    await page.get_by_role("button", name="Vastleggen en klaar").click()
    await until(lambda: stub.made("fileOutcome"))
    (filed,) = stub.made("fileOutcome")
    assert (filed["outcome"], filed["answers"]["interpreter"]) == ("WILL_CALL", "tr")


async def test_the_last_filing_is_taken_back_as_it_was(page: Page, stub: Stub) -> None:
    await sign_in(page, stub.url)
    await stub.answered()
    await page.get_by_label("Notitie").fill("belt zelf")
    await page.get_by_role("button", name="Ophangen").click()
    await expect(page.get_by_role("radio", name="Iemand anders")).to_be_enabled()
    await page.get_by_role("radio", name="Iemand anders").check(force=True)
    await page.get_by_role("button", name="Vastleggen en klaar").click()
    await expect(page.get_by_text("Vastgelegd: Iemand anders.")).to_be_visible()
    await page.get_by_role("button", name="Ongedaan maken").click()
    await expect(page.get_by_label("Notitie")).to_have_value("belt zelf")
    await expect(page.get_by_role("radio", name="Iemand anders")).to_be_checked()
    await page.get_by_role("button", name="Vastleggen en klaar").click()
    await expect(page.get_by_text("U bent beschikbaar")).to_be_visible()
    assert [filing["note"] for filing in stub.made("fileOutcome")] == ["belt zelf", "belt zelf"]


async def test_two_digits_choose_an_outcome_and_letters_in_a_note_are_only_letters(page: Page, stub: Stub) -> None:
    await sign_in(page, stub.url)
    await stub.answered()
    await page.get_by_label("Notitie").press_sequentially("hv 31")
    assert stub.made("hangUp") == []
    await page.get_by_role("button", name="Ophangen").click()
    choice = page.get_by_role("radio", name="Iemand anders")
    await expect(choice).to_be_enabled()  # before that the digits are still the script's
    await expect(page.get_by_label("Notitie")).to_have_value("hv 31")
    await page.keyboard.press("3")
    await page.keyboard.press("2")
    await expect(choice).to_be_checked()
    await page.keyboard.press("Enter")
    await until(lambda: stub.made("fileOutcome"))
    assert stub.made("fileOutcome")[0]["outcome"] == "THIRD_PARTY"


async def test_who_wants_no_questions_afterwards_is_said_with_one_key(page: Page, stub: Stub) -> None:
    await sign_in(page, stub.url)
    stub.card["surveys"] = True
    await stub.answered()
    await expect(page.get_by_role("button", name="Ophangen")).to_have_count(
        1
    )  # nobody is asked who has not said who he is
    await verify(page)
    await expect(page.get_by_role("button", name="Ophangen, geen vragen")).to_be_visible()
    complaint = page.get_by_role("button", name="Klacht").or_(page.get_by_role("checkbox", name="Klacht")).first
    await press(complaint, "Space")
    await page.get_by_role("heading", name="Script").click()
    await hotkey(page, "e")
    await until(lambda: stub.made("hangUp"))
    assert stub.made("hangUp") == [{"flags": ["COMPLAINT"], "no_survey": True}]


async def test_nothing_about_arrears_before_the_identity_check(page: Page, stub: Stub) -> None:
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    bodies: list[str] = []

    async def keep(url: str, text: str) -> None:
        if "/outcomes" not in url and not url.endswith("/script"):  # the same for everybody
            bodies.append(text)

    async def read(response: object) -> None:
        url: str = response.url  # type: ignore[attr-defined]
        if "/api/" in url and "live" not in url:
            await keep(url, await response.text())  # type: ignore[attr-defined]

    page.on("response", read)
    await sign_in(page, stub.url)
    await stub.answered()
    await expect(page.get_by_role("heading", name="Opening")).to_be_visible()
    await verify(page, "2-2-1980")
    await expect(page.get_by_text("Nog 2 keer proberen")).to_be_visible()
    await expect(page.get_by_text("Dicht tot de identiteit klopt")).to_be_visible()
    assert not ARREARS.search(await page.locator("main").inner_text())
    assert not ARREARS.search("\n".join(frames + bodies))
    await verify(page)
    await expect(page.get_by_text("€ 100-250")).to_be_visible()


async def test_inbound_names_nobody_before_the_caller_does(page: Page, stub: Stub) -> None:
    await sign_in(page, stub.url)
    await stub.answered("in")
    await expect(page.get_by_text("Naam nog onbekend", exact=True)).to_be_visible()
    assert people.LONG_NAME not in await text_of(page)
    await page.get_by_label("Naam die u hoort").fill("van der Hoeven")
    await page.get_by_role("button", name="Zoeken").click()
    await page.locator("label", has_text=people.LONG_NAME).click()
    await verify(page)
    await expect(page.get_by_text("Eerder contact")).to_be_visible()
    (check,) = stub.made("verifyIdentity")
    assert check["case"] == people.CASE


async def test_whom_the_agent_sees_before_the_call_he_has_called_or_passes_on(page: Page, stub: Stub) -> None:
    stub.preview = people.preview(
        showing="resident", case=people.uid(71), campaign=people.uid(3), name=people.LONG_NAME,
        number="+31600000123", attempt_number=2, seconds_left=40.0,
    )  # fmt: skip
    await sign_in(page, stub.url)
    await stub.duty(state="available", phone="ready")
    await expect(page.get_by_text(people.LONG_NAME)).to_be_visible()
    assert not ARREARS.search(await text_of(page))
    await hotkey(page, "b")
    await until(lambda: stub.made("callPreview"))
    await expect(page.get_by_role("button", name="Bellen")).to_be_enabled()
    assert stub.made("callPreview") == [{"case": people.uid(71)}]
    await stub.duty(state="reserved", attempt=people.ATTEMPT, phone="ready")
    await expect(page.get_by_text("Er wordt nu iemand voor u gebeld")).to_be_visible()
    await expect(page.get_by_text(people.LONG_NAME)).to_be_hidden()

    await stub.duty(state="available", attempt=None, phone="ready")
    await page.get_by_text("Niet bellen").click()
    await expect(page.get_by_role("button", name="Overslaan")).to_be_disabled()
    await page.get_by_role("button", name="Waarom belt u niet?").click()
    await page.get_by_role("option", name="Ik ken deze inwoner").click()
    await page.get_by_role("button", name="Overslaan").click()
    await expect(page.get_by_text("Er is nu niemand om te bellen.")).to_be_visible()
    assert stub.made("skipPreview") == [{"case": people.uid(71), "reason": "acquainted"}]


async def test_a_request_is_taken_and_rung_back(page: Page, stub: Stub) -> None:
    await sign_in(page, stub.url)
    await page.get_by_role("link", name="Terugbellen").click()
    await expect(page.get_by_text("Zichtbaar als u terugbelt").first).to_be_visible()
    await expect(page.get_by_role("button", name="Bel nu")).to_have_count(0)
    await rung_back(stub, page)
    assert len(stub.made("dialCallback")) == 1
    await expect(page.get_by_text("Wij bellen terug op verzoek")).to_be_visible()
    await expect(page.get_by_text("Naam nog onbekend", exact=True)).to_be_visible()
    assert people.LONG_NAME not in await text_of(page)
    assert not ARREARS.search(await text_of(page))
    await page.get_by_label("Naam die u hoort").fill("van der Hoeven")
    await page.get_by_role("button", name="Zoeken").click()
    await page.locator("label", has_text=people.LONG_NAME).click()
    await verify(page)
    await expect(page.get_by_text("Eerder contact")).to_be_visible()
    (check,) = stub.made("verifyIdentity")
    assert check["case"] == people.CASE


async def test_a_request_that_is_not_dialled_says_why_and_can_be_tried_again(page: Page, stub: Stub) -> None:
    await sign_in(page, stub.url)
    await page.get_by_role("link", name="Terugbellen").click()
    await not_called(stub, page)
    await page.get_by_role("button", name="Bel nu").click()
    await page.wait_for_url("**/desk")
    assert len(stub.made("dialCallback")) == 2


async def test_a_reload_in_mid_call_brings_everything_back(page: Page, stub: Stub) -> None:
    await sign_in(page, stub.url)
    await stub.answered()
    await page.get_by_role("button", name="Ja, dat ben ik").click()
    await page.get_by_role("button", name="Ja", exact=True).click()
    await verify(page)
    await page.get_by_label("Notitie").fill("Belt liever in de avond.")
    await expect(page.get_by_text("Concept bewaard")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", name="Waarom wij bellen")).to_be_visible()
    await expect(page.get_by_label("Notitie")).to_have_value("Belt liever in de avond.")
    await expect(page.get_by_text("€ 100-250")).to_be_visible()


async def test_a_lost_link_is_shown_and_resumed_without_a_gap(page: Page, stub: Stub) -> None:
    await sign_in(page, stub.url)
    await stub.duty(state="available", phone="ready")
    await expect(page.get_by_text("U bent beschikbaar")).to_be_visible()
    await stub.drop()
    await expect(page.get_by_text("Geen verbinding.")).to_be_visible()
    await stub.duty(state="reserved", attempt=people.ATTEMPT)  # happens while nobody listens
    stub.accepts_sockets = True
    await expect(page.get_by_text("Er wordt nu iemand voor u gebeld")).to_be_visible()
    assert stub.resumed[-1] == ("1", "e1")


async def test_an_outcome_is_sent_again_until_it_is_kept_and_closing_warns(page: Page, stub: Stub) -> None:
    await sign_in(page, stub.url)
    await stub.answered()
    await page.get_by_role("button", name="Ophangen").click()
    stub.fail("fileOutcome", 503, times=3)
    await page.locator("label", has_text="Iemand anders").click()
    await page.get_by_role("button", name="Vastleggen en klaar").click()
    await expect(page.get_by_text("We sturen het opnieuw")).to_be_visible()
    warned: list[str] = []

    async def stay(dialog: object) -> None:
        warned.append(dialog.type)  # type: ignore[attr-defined]
        await dialog.dismiss()  # type: ignore[attr-defined]

    page.once("dialog", stay)
    await page.close(run_before_unload=True)
    await until(lambda: warned == ["beforeunload"])
    await expect(page.get_by_text("U bent beschikbaar")).to_be_visible()
    bodies = stub.made("fileOutcome")
    assert len(bodies) == 4
    assert all(body == bodies[0] for body in bodies)


async def test_an_ended_session_shows_the_log_in_and_nothing_else(page: Page, stub: Stub) -> None:
    await sign_in(page, stub.url)
    await stub.answered()
    await expect(page.get_by_text(people.LONG_NAME).first).to_be_visible()
    stub.signed_in = False
    await page.keyboard.press("h")  # whichever request finds out first
    await expect(page.get_by_text("Uw sessie is verlopen")).to_be_visible()
    assert people.LONG_NAME not in await text_of(page)


async def test_nothing_personal_stays_in_the_browser(page: Page, stub: Stub) -> None:
    await sign_in(page, stub.url)
    await stub.answered()
    await verify(page)
    await page.get_by_label("Notitie").fill("Een notitie")
    await page.get_by_role("button", name="Instellingen").click()
    await page.locator("label", has_text="Donker").click()
    stored = await page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.title, location.href])"
    )
    assert stored == (
        '[{"panel.looks":"{\\"language\\":\\"nl\\",\\"theme\\":\\"dark\\",\\"keys\\":true}"},{},"Dialer","'
        + f'{stub.url}/desk"]'
    )


async def test_escape_closes_a_dialog_after_a_refusal_pressed_with_the_mouse(page: Page, stub: Stub) -> None:
    await sign_in(page, stub.url)
    await password(stub, page)
    dialog = page.get_by_role("dialog", name="Wachtwoord wijzigen")
    await page.get_by_label("Huidig wachtwoord").fill("weer fout")
    await dialog.get_by_role("button", name="Wachtwoord wijzigen").click()
    await until(lambda: len(stub.made("changePassword")) == 2)
    await expect(page.get_by_text("Het huidige wachtwoord klopt niet.")).to_be_visible()
    await expect(dialog.get_by_role("button", name="Wachtwoord wijzigen")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


async def test_a_colleagues_call_is_answered_on_whatever_page_the_agent_is(page: Page, stub: Stub) -> None:
    await sign_in(page, stub.url)
    await stub.duty(state="available", phone="ready")
    await page.get_by_role("link", name="Terugbellen").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Terugbelverzoeken")
    await colleague_asks(stub, page)
    banner = page.get_by_role("region", name="Gesprek met een collega")
    await expect(banner.get_by_role("button", name="Opnemen")).to_be_visible()
    await hotkey(page, "k")
    await until(lambda: stub.made("moveColleagueCall") == [{"step": "accept"}])


async def test_my_own_password_is_changed_after_a_wrong_one(page: Page, stub: Stub) -> None:
    await sign_in(page, stub.url)
    await password(stub, page)
    await page.get_by_label("Huidig wachtwoord").fill(people.PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Uw wachtwoord is gewijzigd.")).to_be_visible()
    assert stub.made("changePassword")[-1] == {"current": people.PASSWORD, "new": "een-nieuw-wachtwoord"}


async def test_a_page_without_permission_is_not_shown(page: Page, stub: Stub) -> None:
    await sign_in(page, stub.url)
    await page.goto(stub.url + "/users")
    await expect(page.get_by_text("U heeft geen toegang")).to_be_visible()
    assert not any(request.operation == "listUsers" for request in stub.requests)


async def test_a_page_that_does_not_come_leaves_menu_and_call_alone(one_chromium: Browser, stub: Stub) -> None:
    context = await one_chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    page = await context.new_page()
    await sign_in(page, stub.url)
    await stub.answered()
    await page.get_by_label("Notitie").fill("belt zelf")
    await page.route("**/assets/callbacks-page*", lambda route: route.abort())
    await page.get_by_role("link", name="Terugbellen").click()
    await expect(page.get_by_text("Deze pagina kan nu niet worden geladen.")).to_be_visible()
    await page.get_by_role("link", name="Mijn werkplek").click()
    await expect(page.get_by_label("Notitie")).to_have_value("belt zelf")
    await expect(page.get_by_text(people.LONG_NAME).first).to_be_visible()
    await page.unroute("**/assets/callbacks-page*")
    await page.get_by_role("link", name="Terugbellen").click()
    reload = page.get_by_role("button", name="Scherm opnieuw laden")
    there = page.get_by_role("heading", name="Terugbelverzoeken", level=1)
    await expect(reload.or_(there)).to_be_visible()
    if await reload.is_visible():  # a browser may remember that it failed
        await reload.click()
    await expect(there).to_be_visible()
    await context.close()


async def test_an_agents_first_page_is_light(page: Page, stub: Stub) -> None:
    """Packed, as it comes over the line: log-in and desk, without the phone's library and the English words."""
    network = await page.context.new_cdp_session(page)
    await network.send("Network.enable")
    sizes: list[float] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    await sign_in(page, stub.url)
    await page.get_by_role("button", name="In dienst", exact=True).wait_for()
    await page.wait_for_load_state("networkidle")
    assert 150_000 < sum(sizes) < 300_000


async def test_the_policy_stops_what_was_put_into_the_page(one_chromium: Browser, stub: Stub) -> None:
    """Inline script, handlers, styles, frames and other origins: each is refused, and nothing of it runs."""
    context = await one_chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    page = await context.new_page()
    await sign_in(page, stub.url)
    refused = await page.evaluate("""async () => {
      const refused = [];
      addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
      window.ran = [];
      const put = (html) => document.body.append(document.createRange().createContextualFragment(html));
      put('<script>ran.push("script")</script>');
      put('<button id="trap" onclick="ran.push(1)"></button>');
      document.getElementById("trap").click();
      put('<style>body { color: red }</style>');
      put('<img src="https://elders.example/a.png">');
      put('<iframe src="https://elders.example/"></iframe>');
      await fetch("https://elders.example/").catch(() => undefined);
      await new Promise((done) => setTimeout(done, 200));
      return [[...new Set(refused)].sort(), window.ran];
    }""")
    await context.close()
    kinds = ["connect-src", "frame-src", "img-src", "script-src-attr", "script-src-elem", "style-src-elem"]
    assert refused == [kinds, []]


def scenes() -> list[Any]:
    """Every scene, all but a few of them in the night only."""
    night = pytest.mark.nightly
    return [pytest.param(name, marks=() if name in AUDITED else night, id=name) for name in SCENES]


KEPT = """() => [document.title, {...localStorage}, {...sessionStorage}, document.cookie,
  location.pathname + location.search, window.notified ?? []]"""
WATCH_NOTIFICATIONS = """
window.notified = [];
window.Notification = class { constructor(...given) { window.notified.push(given); } };
"""


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: npm ci")
@pytest.mark.parametrize("name", scenes())
async def test_axe_finds_nothing_in_light_and_dark(one_chromium: Browser, name: str) -> None:
    """And in no scene does the browser keep, show or tell elsewhere anything of a person."""
    role, scene = SCENES[name]
    async with running(role) as stub:
        context = await one_chromium.new_context(locale="nl-NL", reduced_motion="reduce", color_scheme="light")
        await context.add_init_script(WATCH_NOTIFICATIONS)
        page = await context.new_page()
        watched = Watched(page, stub.url)
        await sign_in(page, stub.url)
        await scene(stub, page)
        title, local, session, cookies, address, notified = await page.evaluate(KEPT)
        assert (title, session, cookies, notified) == ("Dialer", {}, "", [])
        assert set(local) <= {"panel.looks"}
        assert re.fullmatch(r"(/[a-z-]+|/[0-9a-f-]{36})+", address), address
        assert watched.problems == []
        await page.evaluate(AXE.read_text(encoding="utf-8"))
        found = await page.evaluate(f"axe.run({{runOnly: {RULES}}})")
        await page.emulate_media(color_scheme="dark")
        dark = await page.evaluate("axe.run({runOnly: {type: 'rule', values: ['color-contrast']}})")
        await fits(page)
        await context.close()
    violations = found["violations"] + dark["violations"]
    assert [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in violations] == []


async def test_who_wants_no_motion_sees_none(one_chromium: Browser) -> None:
    """The mark that beats while somebody is rung stands still; for others it beats."""
    moving = "document.getAnimations().filter((one) => one.playState === 'running').length"
    wishes: tuple[tuple[Literal["reduce", "no-preference"], bool], ...] = (("reduce", False), ("no-preference", True))
    for wish, beats in wishes:
        async with running("agent") as stub:
            context = await one_chromium.new_context(locale="nl-NL", reduced_motion=wish)
            page = await context.new_page()
            await sign_in(page, stub.url)
            await SCENES["agent-reserved"][1](stub, page)
            assert (await page.evaluate(moving) > 0) is beats
            await context.close()


async def fits(page: Page) -> None:
    """At 200 % of a window of 1440 points nothing has to be scrolled sideways, but tables in their own frame."""
    usual = page.viewport_size
    assert usual is not None
    if await page.locator(".popover").count():
        return  # a menu belongs to the button that it was opened from, which stands elsewhere in a narrow window
    await page.set_viewport_size({"width": 720, "height": 450})
    over = await page.evaluate("""() => [...document.querySelectorAll("body *")]
      .filter((node) => node.getBoundingClientRect().right > innerWidth + 1 && node.checkVisibility()
        && !node.closest("[class*=scroll], [class*=table], .visually-hidden, svg"))
      .map((node) => node.outerHTML.slice(0, 120))""")
    wide = await page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
    await page.set_viewport_size(usual)
    assert wide <= 0, over[:3]


async def test_another_teams_call_shows_whom_we_answer_for_and_asks_nothing_of_the_caller(
    page: Page, stub: Stub
) -> None:
    await sign_in(page, stub.url)
    opening = "Goedemorgen, u spreekt met het Loket."
    stub.card.update(number="", number_kind="", team="het Loket", opening=opening)
    await stub.answered("overflow")
    await expect(page.get_by_text(opening)).to_be_visible()
    await expect(page.get_by_label("Geboortedatum")).to_have_count(0)
    await expect(page.get_by_label("Notitie")).to_have_count(0)
    await expect(page.get_by_role("button", name="Doorverbinden")).to_be_visible()
    await page.keyboard.press("v")
    await stub.duty(state="wrap_up")
    await expect(page.get_by_role("radio", name="Geholpen voor het andere team")).to_be_enabled()
    await expect(page.get_by_role("radio", name="Geen hulp")).to_have_count(0)
    await page.get_by_role("heading", name="Uitkomst", exact=True).click()
    await page.keyboard.press("6")
    await page.keyboard.press("2")
    await expect(page.get_by_role("radio", name="Belt het andere team zelf terug")).to_be_checked()
    await page.keyboard.press("Enter")
    await until(lambda: stub.made("fileOutcome"))
    filed = stub.made("fileOutcome")[0]
    assert (filed["outcome"], filed.get("note", "")) == ("TEAM_RETURNED", "")
    assert stub.made("voicemail") == [], "there is no machine to report"
