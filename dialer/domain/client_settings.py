"""What a client may set: caps, rests and terms, each a whole number with its bounds and its usual value.

One table for the form, the command line, the API and whoever reads a setting. The hard rules of the database read the
same keys (`attempt_guard`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dialer.domain.errors import InvalidError


@dataclass(frozen=True, slots=True)
class Setting:
    """A whole number of `unit` from `low` to `high`; `usual` where the client has set nothing."""

    topic: str  # attempts (and rests) | terms | pace | quality | keeping: what stands together in a form
    low: int
    high: int
    usual: int
    # attempts | records | minutes | hours | days | years | working_days | lines | calls_per_second | yes_no (1: yes)
    unit: str
    dutch: str
    english: str


CLIENT_SETTINGS: Mapping[str, Setting] = {
    "number_cap": Setting(
        "attempts", 1, 7, 7, "attempts", "pogingen per nummer en zaak",
        "attempts for a number and case",
    ),
    "case_cap": Setting("attempts", 1, 100, 12, "attempts", "pogingen per zaak", "attempts for a case"),
    "daily_cap": Setting(
        "attempts", 1, 10, 2, "attempts", "pogingen per inwoner en dag",
        "attempts for a resident and day",
    ),
    "least_pause_minutes": Setting(
        "attempts", 1, 10_080, 15, "minutes", "minste pauze tussen twee pogingen", "least pause between two attempts"
    ),
    "shared_rest_minutes": Setting(
        "attempts", 0, 10_080, 60, "minutes", "rust van een gedeeld nummer tussen twee inwoners",
        "rest of a shared number between two residents",
    ),
    "redial_within_minutes": Setting(
        "attempts", 1, 60, 10, "minutes", "opnieuw bellen na een verbroken lijn binnen",
        "redial after a cut-off line within"
    ),
    "callback_hold_hours": Setting(
        "attempts", 1, 168, 24, "hours", "niet zelf bellen terwijl een terugbelverzoek wacht",
        "no calls of our own while a call-back request waits",
    ),
    "rest_days": Setting(
        "attempts", 0, 365, 7, "days", "rust tussen een zaak zonder contact en de volgende",
        "rest between a case without contact and the next",
    ),
    "spoken_hold_days": Setting(
        "attempts", 0, 730, 90, "days", "na een gesprek beslist u zelf, zo lang",
        "after a conversation you decide, for so long"
    ),
    "term_days": Setting("terms", 7, 56, 28, "days", "termijn vanaf de signaaldatum", "term from the signal's date"),
    "crisis_working_days": Setting("terms", 1, 5, 3, "working_days", "termijn van een crisis", "term of a crisis"),
    "delivery_days": Setting(
        "terms", 7, 56, 28, "days", "langst bellen na de levering", "longest time of calling after the delivery"
    ),
    "lead_days": Setting(
        "terms", 0, 21, 7, "days", "niet bereikt is zo lang voor het einde van de termijn bij u",
        "not reached is with you so long before the term ends",
    ),
    "floor_working_days": Setting(
        "terms", 1, 10, 2, "working_days", "minste beltijd na een late levering",
        "least time of calling after a late delivery"
    ),
    # Of all campaigns of the client together; where nothing is set, more than there are.
    "lines": Setting(
        "pace", 1, 20_000, 20_000, "lines", "gesprekken tegelijk in alle belacties samen, hoogstens",
        "calls at a time in all campaigns together, at most",
    ),
    "calls_per_second": Setting(
        "pace", 1, 100, 100, "calls_per_second", "nieuwe oproepen per seconde in alle belacties samen, hoogstens",
        "new calls a second in all campaigns together, at most",
    ),
    "announce_listening": Setting(
        "quality", 0, 1, 1, "yes_no", "de inwoner hoort het als een collega meeluistert",
        "the resident is told when a colleague listens in",
    ),
    "sample_per_agent": Setting(
        "quality", 0, 50, 3, "records", "records per medewerker en dag in de steekproef",
        "records for an agent and day in the sample",
    ),
    "complaint_days": Setting(
        "quality", 7, 84, 42, "days", "een klacht wordt beantwoord binnen", "a complaint is answered within"
    ),
    "new_agent_days": Setting(
        "quality", 0, 365, 30, "days", "een medewerker is nieuw vanaf het eerste gesprek",
        "an agent is new from the first conversation",
    ),
    "new_script_days": Setting(
        "quality", 0, 90, 7, "days", "een versie van het script is nieuw", "a version of the script is new"
    ),
    "bsn_allowed": Setting(
        "keeping", 0, 1, 0, "yes_no", "het contract staat een BSN in lijsten en verslagen toe",
        "the contract allows citizen service numbers in lists and notes",
    ),
    "recording_days": Setting(
        "keeping", 1, 90, 30, "days", "opnames van gesprekken gaan weg na", "recordings of conversations go after"
    ),
    "personal_days": Setting(
        "keeping", 7, 730, 90, "days", "namen, nummers en verslagen gaan weg na de laatste overdracht, na",
        "names, numbers and notes go after the last hand-over, after",
    ),
    "unreceipted_days": Setting(
        "keeping", 30, 730, 365, "days", "een resultaat zonder ontvangstbevestiging houdt gegevens hoogstens vast tot",
        "a result without a receipt keeps data at most until",
    ),
    "billing_years": Setting(
        "keeping", 7, 20, 7, "years", "uw kenmerken op facturen gaan weg na", "your references on bills go after"
    ),
}  # fmt: skip


def setting(settings: Mapping[str, object], key: str) -> int:
    """The value in force of one setting. Raises InvalidError, naming the key, when what is stored is out of bounds."""
    known = CLIENT_SETTINGS[key]
    value = settings.get(key, known.usual)
    if not isinstance(value, int) or isinstance(value, bool) or not known.low <= value <= known.high:
        raise InvalidError(f"geen getal van {known.low} tot en met {known.high}", key)
    return value


def check_settings(settings: Mapping[str, object]) -> Mapping[str, int]:
    """`settings` when every key is known and every value in bounds, also together. Raises InvalidError with the key."""
    for key in settings:
        if key not in CLIENT_SETTINGS:
            raise InvalidError(f"er is geen instelling van die naam; er zijn: {', '.join(CLIENT_SETTINGS)}", key)
    checked = {key: setting(settings, key) for key in settings}
    if setting(settings, "lead_days") >= min(setting(settings, "term_days"), setting(settings, "delivery_days")):
        raise InvalidError("moet korter zijn dan de termijn en de beltijd na de levering", "lead_days")
    return checked


def in_force(settings: Mapping[str, object]) -> Mapping[str, int]:
    """Every setting's value, usual ones included."""
    return {key: setting(settings, key) for key in CLIENT_SETTINGS}
