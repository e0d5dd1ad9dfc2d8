"""Why now, why this number, what chance: the planner's facts in a resident's record, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BIN_WORDS = (
    ("vroeg in de ochtend", "early in the morning"),
    ("in de ochtend", "in the morning"),
    ("rond het middaguur", "around noon"),
    ("vroeg in de middag", "early in the afternoon"),
    ("in de middag", "in the afternoon"),
    ("laat in de middag", "late in the afternoon"),
    ("rond etenstijd", "around dinner time"),
    ("in de avond", "in the evening"),
    ("laat in de avond", "late in the evening"),
    ("op zaterdagochtend", "on Saturday morning"),
    ("rond het middaguur op zaterdag", "around noon on Saturday"),
    ("op zaterdagmiddag", "on Saturday afternoon"),
)
"""The bins of `week`, as people say them."""

_CODES: Mapping[str, tuple[str, str]] = {
    "best_chance": (
        "Nu is {part} de beste kans: {chance} op 100.",
        "The best chance now is {part}: {chance} in 100.",
    ),
    "fair": (
        "Er is nog te weinig op andere momenten geprobeerd; daarom nu {part} (kans {chance} op 100).",
        "Too few other moments were tried, so now {part} (chance {chance} in 100).",
    ),
    "busy": (
        "Het nummer was in gesprek: er is iemand. Daarom kort erna opnieuw.",
        "The number was busy: somebody is there. So again shortly after.",
    ),
    "held_out": (
        "Deze zaak hoort bij de vergelijkingsgroep: gewone rotatie over de dagdelen.",
        "This case is in the comparison group: plain rotation over the day-parts.",
    ),
}
CODES = frozenset(_CODES)
"""Every code that the planner gives beside those of the rotation."""


def sentences(why: Mapping[str, Any], language: str = "nl") -> list[str]:
    """The facts of a choice as short sentences, Dutch unless `language` is "en"."""
    english = language == "en"
    chance = round(100 * float(why.get("chance", 0.0)))
    part = BIN_WORDS[int(why.get("bin", 0))][english]
    said = [_CODES[str(why["code"])][english].format(part=part, chance=chance)]
    missed, here = int(why.get("missed", 0)), int(why.get("missed_here", 0))
    if missed:
        if english:
            said.append(f"Tried {missed} times without contact, {here} of them at this time of day.")
        else:
            said.append(f"Al {missed} keer gebeld zonder contact, waarvan {here} keer op dit deel van de dag.")
    if why.get("others"):
        usable = round(100 * float(why.get("usable", 0.0)))
        if english:
            said.append(f"This number is the most promising; the chance that it is right is {usable} in 100.")
        else:
            said.append(f"Dit nummer is het kansrijkst; de kans dat het klopt is {usable} op 100.")
    return said
