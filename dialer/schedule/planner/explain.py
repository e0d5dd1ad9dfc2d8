"""Why then, why this number, what chance: the facts of a resident's next attempt, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dialer.schedule.words import moment

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

_PARTS: Mapping[str, tuple[str, str]] = {
    "morning": ("in de ochtend", "in the morning"),
    "noon": ("rond het middaguur", "around noon"),
    "afternoon": ("in de middag", "in the afternoon"),
    "dusk": ("rond etenstijd", "around dinner time"),
    "evening": ("in de avond", "in the evening"),
    "saturday": ("op zaterdag", "on Saturday"),
}
"""The day-parts of the rotation."""

_CODES: Mapping[str, tuple[str, str]] = {
    "best_chance": (
        "{Part} is de kans het grootst dat we de inwoner spreken: {chance}.",
        "{Part} the chance of speaking with the resident is highest: {chance}.",
    ),
    "fair": (
        "Er is nog te weinig op andere momenten gebeld. Daarom nu {part}; de kans is {chance}.",
        "Too few other moments were tried. So this time {part}; the chance is {chance}.",
    ),
    "busy": (
        "Het nummer was in gesprek: er is iemand. Daarom kort erna opnieuw.",
        "The number was busy: somebody is there. So again shortly after.",
    ),
}
CODES = frozenset(_CODES)
"""Every code that the planner gives beside those of the rotation."""

_PLAIN: Mapping[str, tuple[str, str]] = {
    "": ("Dit is de eerste poging: zo snel als het kan.", "This is the first attempt: as soon as possible."),
    "first": ("Dit is de eerste poging: zo snel als het kan.", "This is the first attempt: as soon as possible."),
    "other_slot": (
        "We bellen steeds op een ander moment van de dag en de week. Nu {part}.",
        "Each attempt is at another time of the day and week. This time {part}.",
    ),
    "last_chance": (
        "Er is weinig tijd over: we bellen zodra het weer mag.",
        "Little time is left: the call is made as soon as it is allowed again.",
    ),
    "retry_after": (
        "Het laatste resultaat vraagt om snel opnieuw te bellen.",
        "The last result asks for another call soon.",
    ),
    "next_number": (
        "Het vorige nummer leverde niets op. Daarom nu een ander nummer.",
        "The number before led nowhere. So now another number.",
    ),
    "redial": ("De lijn werd verbroken. Daarom meteen opnieuw.", "The line was cut off. So again at once."),
    "appointment": ("Dit is met de inwoner afgesproken.", "This was agreed with the resident."),
    "carrier_fault": (
        "Het telefoonnetwerk gaf een storing. Daarom later opnieuw.",
        "The telephone network had a fault. So again later.",
    ),
    "call_back": ("De inwoner vroeg om teruggebeld te worden.", "The resident asked to be called back."),
    "recalled": ("De levering wordt teruggeroepen.", "The delivery is being recalled."),
}
PLAIN_CODES = frozenset(_PLAIN)
"""The codes of rotation and settlement; empty: nothing was planned yet, the case is new."""

_HELD_OUT = (
    "Deze zaak hoort bij de vergelijkingsgroep: gewone rotatie, zonder voorspelling.",
    "This case is in the comparison group: plain rotation, nothing predicted.",
)


def in_hundred(chance: float, language: str = "nl") -> str:
    """A chance as people say it: "14 op 100"."""
    few = "minder dan 1" if language != "en" else "less than 1"
    count = few if chance < 0.005 else str(round(100 * chance))
    return f"{count} {'in' if language == 'en' else 'op'} 100"


def sentences(why: Mapping[str, Any], language: str = "nl") -> list[str]:
    """The facts of a choice as short sentences, Dutch unless `language` is "en"."""
    english = language == "en"
    code = str(why.get("code", ""))
    if code not in _CODES:
        part = _PARTS[str(why["part"])][english] if "part" in why else ""
        plain = [_PLAIN[code][english].format(part=part)]
        return [*plain, _HELD_OUT[english]] if why.get("held_out") else plain
    part = BIN_WORDS[int(why.get("bin", 0))][english]
    chance = in_hundred(float(why.get("chance", 0.0)), language)
    said = [_CODES[code][english].format(part=part, Part=part[0].upper() + part[1:], chance=chance)]
    missed, here = int(why.get("missed", 0)), int(why.get("missed_here", 0))
    if missed:
        if english:
            said.append(f"Times called without contact: {missed}, of which at this time of day: {here}.")
        else:
            said.append(f"Er is al {missed} keer gebeld zonder contact, waarvan {here} keer op dit deel van de dag.")
    if why.get("others"):
        usable = in_hundred(float(why.get("usable", 0.0)), language)
        if english:
            said.append(f"This is the most promising number. The chance that it is right: {usable}.")
        else:
            said.append(f"Dit is het nummer met de beste kans. De kans dat het nummer klopt: {usable}.")
    return said


def planned(at: datetime, number: int | None, now: datetime, language: str = "nl") -> str:
    """When the next attempt is, and on which number of the case's list (from 1; None: whichever comes first)."""
    english, when = language == "en", moment(at, language)
    if at <= now:
        said = f"Due since {when}" if english else f"Aan de beurt sinds {when}"
    else:
        said = f"Next attempt: {when}" if english else f"Volgende poging: {when}"
    if number is None:
        return f"{said}."
    return f"{said}, on number {number}." if english else f"{said}, op nummer {number}."
