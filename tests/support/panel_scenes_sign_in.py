"""Scenes of signing in, one's own account, and how an administrator sees who gets in."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.support import panel_access as access
from tests.support import panel_people as people
from tests.support.panel_scene import Scene, at
from tests.support.panel_stub import Stub


async def code_asked(stub: Stub, page: Page) -> None:
    stub.stage = "code"
    await page.reload()
    await page.get_by_label("Code", exact=True).fill("000000")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()


async def enrol(stub: Stub, page: Page) -> None:
    stub.stage = "enrol"
    await page.reload()
    await page.get_by_role("button", name="Instellen").click()
    await expect(page.get_by_role("img", name="QR-code voor uw app")).to_be_visible()


async def kept(stub: Stub, page: Page) -> None:
    await enrol(stub, page)
    await page.get_by_label("Code van zes cijfers uit de app").fill(access.code())
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Ik heb ze bewaard")).to_be_visible()


async def few_codes(stub: Stub, page: Page) -> None:
    stub.factor = access.factor(active=True) | {"recovery_left": 2}
    await page.reload()
    await page.get_by_label("Wachtwoord").fill("fout")
    await page.get_by_label("Code van uw app, of een herstelcode").fill(access.code())
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Het wachtwoord klopt niet.")).to_be_visible()


async def access_open(_: Stub, page: Page) -> None:
    await page.get_by_role("button", name=f"Toegang van {people.agent()['name']}").click()
    await page.get_by_role("button", name="Tweede stap weghalen").click()
    await expect(page.get_by_text("Weet u zeker dat u met deze persoon zelf spreekt?")).to_be_visible()


async def house(stub: Stub, page: Page) -> None:
    stub.sign_on, stub.linked = "Gemeente Voorbeeld", True
    await page.goto(stub.url + "/account?sign-on=linked")
    await expect(page.get_by_role("button", name="Koppeling weghalen")).to_be_visible()


async def sign_on_unknown(stub: Stub, page: Page) -> None:
    stub.sign_on, stub.signed_in = "Gemeente Voorbeeld", False
    await page.goto(stub.url + "/desk?sign-on=sign-on-unknown")
    await expect(page.get_by_role("alert")).to_be_visible()


async def linked_user(stub: Stub, page: Page) -> None:
    stub.others_linked = True
    await page.get_by_role("button", name=f"Toegang van {people.agent()['name']}").click()
    await expect(page.get_by_role("button", name="Koppeling weghalen")).to_be_visible()


SCENES: dict[str, tuple[str, Scene]] = {
    "sign-in-code": ("supervisor", code_asked),
    "sign-in-enrol": ("supervisor", enrol),
    "sign-in-codes-kept": ("supervisor", kept),
    "account": ("agent", at("/account")),
    "account-few-codes": ("agent", at("/account", few_codes)),
    "account-house": ("agent", house),
    "sign-in-house": ("agent", sign_on_unknown),
    "user-access-house": ("administrator", at("/users", linked_user)),
    "user-access": ("administrator", at("/users", access_open)),
}
