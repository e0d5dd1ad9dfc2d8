"""Pictures of every screen: `python -m tests.support.panel_screens FOLDER`. Needs a built panel and Chromium."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, expect

from tests.support import (
    panel_scenes_call,
    panel_scenes_campaigns,
    panel_scenes_clients,
    panel_scenes_desk,
    panel_scenes_floor,
    panel_scenes_records,
    panel_scenes_sign_in,
)
from tests.support.chromium import browser, sign_in
from tests.support.panel_scene import Scene
from tests.support.panel_stub import running

SUBJECTS = (
    panel_scenes_desk,
    panel_scenes_call,
    panel_scenes_floor,
    panel_scenes_campaigns,
    panel_scenes_clients,
    panel_scenes_records,
    panel_scenes_sign_in,
)
SCENES: dict[str, tuple[str, Scene]] = {name: scene for subject in SUBJECTS for name, scene in subject.SCENES.items()}
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
