"""What a client must have before a campaign of it goes live, item by item.

Whether an item is so is a fact where the database can tell (`campaign_checks`); else somebody ticks it, with the day
and the name it stands for. An administrator may let an item go for a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class CheckState(StrEnum):
    """How an item stands."""

    OPEN = "open"
    FACT = "fact"  # our own data say so
    TICKED = "ticked"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item, in words: (Dutch, English)."""

    wanted: tuple[str, str]
    missing: tuple[str, str]  # what to do about it


ITEMS: Mapping[str, Item] = {
    "processing_agreement": Item(
        wanted=("de verwerkersovereenkomst is getekend", "the processing agreement is signed"),
        missing=(
            "vink af dat de verwerkersovereenkomst is getekend, met datum en naam",
            "tick that the processing agreement is signed, with date and name",
        ),
    ),
    "retention": Item(
        wanted=("de bewaartermijnen zijn afgesproken", "the terms of keeping data are agreed"),
        missing=(
            "vink af dat de bewaartermijnen zijn afgesproken, met datum en naam",
            "tick that the terms of keeping data are agreed, with date and name",
        ),
    ),
    "script": Item(
        wanted=("de opdrachtgever heeft het script goedgekeurd", "the client has approved the script"),
        missing=(
            "laat de opdrachtgever het script goedkeuren",
            "have the client approve the script",
        ),
    ),
    "number": Item(
        wanted=("wie het getoonde nummer belt, komt bij ons uit", "who rings the number shown reaches us"),
        missing=(
            "bel het getoonde nummer, of vink af dat het bij ons uitkomt",
            "ring the number shown, or tick that it reaches us",
        ),
    ),
    "opening_hours": Item(
        wanted=("de beltijden zijn met de opdrachtgever afgesproken", "the calling hours are agreed with the client"),
        missing=(
            "stel de beltijden in, of vink af dat de gebruikelijke zijn afgesproken",
            "set the calling hours, or tick that the usual ones are agreed",
        ),
    ),
    "promise": Item(
        wanted=("het beloofde bereik is ingevuld", "the promised reach is entered"),
        missing=("vul het bereik in dat de opdrachtgever is beloofd", "enter the reach that the client was promised"),
    ),
    "results": Item(
        wanted=("de resultaten komen bij de opdrachtgever aan", "results arrive at the client"),
        missing=(
            "probeer een weg voor de resultaten uit, of vink af dat ze aankomen",
            "try a way for the results, or tick that they arrive",
        ),
    ),
}  # fmt: skip
"""Key -> words, in the order of the screens. The keys are those of the database."""
