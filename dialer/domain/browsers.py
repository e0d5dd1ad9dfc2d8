"""Which browser on which kind of machine, from a User-Agent header: enough for its owner to know it again, and no more.

The header itself is not kept: whole, it comes near to telling one person from another.
"""

from __future__ import annotations

from dataclasses import dataclass

# The first that fits: browsers name those that they are built on, too.
_BROWSERS = (
    ("Edg", "edge"), ("OPR/", "opera"), ("SamsungBrowser/", "samsung"), ("FxiOS/", "firefox"), ("Firefox/", "firefox"),
    ("CriOS/", "chrome"), ("Chrome/", "chrome"), ("Chromium/", "chrome"), ("Safari/", "safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Android", "android"), ("iPhone", "ios"), ("iPad", "ios"), ("Windows", "windows"), ("Mac OS X", "mac"),
    ("CrOS", "chromeos"), ("Linux", "linux"),
)  # fmt: skip
OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A browser and the kind of machine that it runs on."""

    browser: str = OTHER
    system: str = OTHER


def device_of(header: str) -> Device:
    """`OTHER` for what is not known; only names are looked for, so nothing of a header can get further."""
    return Device(
        browser=next((name for mark, name in _BROWSERS if mark in header), OTHER),
        system=next((name for mark, name in _SYSTEMS if mark in header), OTHER),
    )
