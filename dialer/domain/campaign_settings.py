"""What a campaign may set beside its calendar: one table for the form, the command line, the API and whoever checks.

A setting that is left out has its usual value; what is promised of reach has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dialer.domain.errors import InvalidError
from dialer.domain.recording import POLICIES
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
    "survey_percent": Number(
        low=0, high=100, usual=0, unit="percent",
        dutch="gesprekken waarna de inwoner twee vragen krijgt, met toetsen te beantwoorden",
        english="conversations after which the resident gets two questions, answered by keys",
    ),
    # Share of residents who stay on plain rotation, so that the report can say what planning brings.
    "hold_out_percent": Number(
        low=0, high=50, usual=0, unit="percent",
        dutch="inwoners die we ter vergelijking zonder planner bellen",
        english="residents called without the planner, for comparison",
    ),
}  # fmt: skip

SWITCHES = ("takes_inbound", "fair", "ring_cuts", "requires_practice")
"""Yes or no. Usually yes: `takes_inbound` and `fair` (nobody is given up before two day-parts and an evening or a
Saturday were tried). Usually no: `ring_cuts` (a ring about to meet nobody is hung up) and `requires_practice` (who has
not passed the practice gets no calls)."""

AGREEMENT = "hold_out_agreement"
"""Where the client's agreement to a hold-out is found: a letter, a minute, a reference. Without it there is none."""

ASKED = ("languages", "skills")
"""Lists of what an agent must have to serve the campaign; usually empty: see `domain.skills`."""

MODES = ("auto", "progressive", "predictive", "preview")
"""The first is usual."""

_REFERENCE = re.compile(r"[^\x00-\x1f\x7f]{3,80}")
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


def hold_out_share(settings: Mapping[str, Any]) -> float:
    """The share of residents who stay on plain rotation, 0 to 0.5: none without the client's agreement."""
    return campaign_number(settings, "hold_out_percent") / 100 if settings.get(AGREEMENT) else 0.0


def check_settings(settings: Mapping[str, Any]) -> None:
    """Refuse settings that the engine does not know or cannot follow. Raises InvalidError with the key."""
    asked_of(settings)
    for key, value in settings.items():
        where = f"settings.{key}"
        if key in CAMPAIGN_NUMBERS:
            _check_number(CAMPAIGN_NUMBERS[key], value, where)
        elif key in _FITS:
            fits, complaint = _FITS[key]
            if not fits(value):
                raise InvalidError(complaint, where)
        elif key not in ASKED:
            raise InvalidError("onbekende instelling", where)
    if campaign_number(settings, "hold_out_percent") > 0 and AGREEMENT not in settings:
        raise InvalidError("geef aan waar het akkoord van de opdrachtgever te vinden is", f"settings.{AGREEMENT}")


_FITS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "mode": (lambda value: value in MODES, "onbekende manier van bellen"),
    "recording": (lambda value: value in POLICIES, "off of on"),
    "trunk": (lambda value: isinstance(value, str) and bool(_TRUNK.fullmatch(value)), "geen naam van een lijnbundel"),
    AGREEMENT: (
        lambda value: isinstance(value, str) and bool(_REFERENCE.fullmatch(value.strip())),
        "een kenmerk heeft 3 tot en met 80 tekens",
    ),
    **{key: (lambda value: isinstance(value, bool), "geen ja of nee") for key in SWITCHES},
}
"""What a setting that is no number must be, and what is said when it is not."""


def _check_number(known: Number, value: object, where: str) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    fits = whole or (isinstance(value, float) and not known.whole)
    if not (fits and isinstance(value, int | float) and known.low <= value <= known.high):
        raise InvalidError(f"geen getal van {known.low} tot en met {known.high}", where)
