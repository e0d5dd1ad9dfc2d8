"""What a campaign may set beside its calendar: one table for the form, the command line, the API and whoever checks.

A setting that is left out has its usual value; what is promised of reach has none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dialer.domain.errors import InvalidError
from dialer.domain.skills import Abilities, check_asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number of `unit` from `low` to `high`. `usual` None: not set."""

    whole: bool = False
    low: float
    high: float
    usual: float | None
    unit: str  # seconds | lines | calls_per_second | percent | hours | days | place | points
    dutch: str
    english: str


CAMPAIGN_NUMBERS: Mapping[str, Number] = {
    # Ring time never under 20 s: a shorter ring is a nuisance, and a missed call all the same.
    "ring_seconds": Number(
        low=20, high=60, usual=28, unit="seconds", dutch="hoe lang de telefoon overgaat", english="how long it rings"
    ),
    "lines": Number(
        whole=True, low=1, high=2000, usual=30, unit="lines",
        dutch="gesprekken tegelijk, hoogstens", english="calls at a time, at most",
    ),
    "calls_per_second": Number(
        low=0.1, high=100, usual=5, unit="calls_per_second",
        dutch="nieuwe oproepen per seconde, hoogstens", english="new calls a second, at most",
    ),
    "abandoned_percent": Number(
        low=0.1, high=3, usual=1, unit="percent",
        dutch="inwoners die opnemen terwijl niemand vrij is, hoogstens",
        english="residents who answer while nobody is free, at most",
    ),
    "abandoned_hours": Number(
        whole=True, low=1, high=24, usual=24, unit="hours",
        dutch="over hoeveel uur die grens wordt gemeten",
        english="hours over which that bound is measured",
    ),
    # Never more than two seconds; the dialplan's message comes in time for whatever is asked.
    "person_within_seconds": Number(
        low=1, high=2, usual=2, unit="seconds",
        dutch="wie opneemt hoort iemand binnen",
        english="who answers hears a person within",
    ),
    "preview_seconds": Number(
        low=0, high=600, usual=0, unit="seconds",
        dutch="hoe lang een medewerker een inwoner bekijkt voor het bellen, hoogstens",
        english="how long an agent looks at a resident before the call, at most",
    ),
    "priority": Number(
        whole=True, low=1, high=9, usual=5, unit="place",
        dutch="voorrang bij dezelfde medewerkers, 1 gaat voor 9",
        english="priority among campaigns with the same agents, 1 before 9",
    ),
    # The first attempt comes at its best moment within this; 0: at once, whatever the hour.
    "first_attempt_hours": Number(
        low=0, high=72, usual=24, unit="hours",
        dutch="eerste poging na een levering binnen", english="first attempt after a delivery within",
    ),
    "promised_reach_percent": Number(
        low=1, high=100, usual=None, unit="percent",
        dutch="bereik dat de opdrachtgever is beloofd", english="reach that the client was promised",
    ),
    "reach_band_points": Number(
        low=1, high=50, usual=10, unit="points",
        dutch="hoeveel het verwachte bereik van de belofte mag afwijken",
        english="how far expected reach may be off the promise",
    ),
    # Somebody else calls after that: whom nobody reaches in any language is worse off.
    "language_wait_days": Number(
        whole=True, low=0, high=28, usual=3, unit="days",
        dutch="zo lang na de levering wacht een inwoner op een medewerker die de taal spreekt, hoogstens",
        english="a resident waits for an agent who speaks the language, after the delivery, at most",
    ),
    # Share of residents who stay on plain rotation, so that the report can say what planning brings.
    "hold_out_percent": Number(
        low=0, high=50, usual=0, unit="percent",
        dutch="inwoners die we ter vergelijking zonder planner bellen",
        english="residents called without the planner, for comparison",
    ),
}  # fmt: skip

SWITCHES = ("takes_inbound", "ring_cuts", "requires_practice")
"""Yes or no. Usually yes: `takes_inbound`. Usually no: `ring_cuts` (a ring about to meet nobody is hung up) and
`requires_practice` (who has not passed the practice gets no calls)."""

ASKED = ("languages", "skills")
"""Lists of what an agent must have to serve the campaign; usually empty: see `domain.skills`."""

MODES = ("auto", "progressive", "predictive", "preview")
"""The first is usual."""

_TRUNK = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def campaign_number(settings: Mapping[str, Any], key: str) -> float:
    """The number in force: what is set, or what is usual. Raises KeyError for one that has no usual value."""
    usual = CAMPAIGN_NUMBERS[key].usual
    if usual is None:
        raise KeyError(key)
    return float(settings.get(key, usual))


def asked_of(settings: Mapping[str, Any]) -> Abilities:
    """What the campaign asks of its agents. Raises InvalidError with the key."""
    return check_asked(settings.get("languages", ()), settings.get("skills", ()), "settings.")


def check_settings(settings: Mapping[str, Any]) -> None:
    """Refuse settings that the engine does not know or cannot follow. Raises InvalidError with the key."""
    asked_of(settings)
    for key, value in settings.items():
        where = f"settings.{key}"
        if key in CAMPAIGN_NUMBERS:
            _check_number(CAMPAIGN_NUMBERS[key], value, where)
        elif key == "mode":
            if value not in MODES:
                raise InvalidError("onbekende manier van bellen", where)
        elif key in SWITCHES:
            if not isinstance(value, bool):
                raise InvalidError("geen ja of nee", where)
        elif key in ASKED:
            continue
        elif key == "trunk":
            if not isinstance(value, str) or not _TRUNK.fullmatch(value):
                raise InvalidError("geen naam van een lijnbundel", where)
        else:
            raise InvalidError("onbekende instelling", where)


def _check_number(known: Number, value: object, where: str) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    fits = whole or (isinstance(value, float) and not known.whole)
    if not (fits and isinstance(value, int | float) and known.low <= value <= known.high):
        raise InvalidError(f"geen getal van {known.low} tot en met {known.high}", where)
