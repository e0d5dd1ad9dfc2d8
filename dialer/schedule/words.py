"""What the rules and plans say, in the user's language. Codes and facts in, one line out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dialer.schedule.model import Hold
from dialer.schedule.windows import local

_HOLDS: Mapping[str, tuple[str, str]] = {
    "recalled": ("De levering is teruggeroepen.", "The delivery was recalled."),
    "opt_out": ("De inwoner wil niet meer gebeld worden.", "The resident wants no further calls."),
    "case_state": ("De zaak staat op: {state}{reason}.", "The case is: {state}{reason}."),
    "term_over": ("De beltermijn is voorbij.", "The time for calling is over."),
    "case_cap": (
        "De inwoner is {used} keer gebeld; het maximum is {cap}.",
        "The resident was called {used} times; the limit is {cap}.",
    ),
    "in_call": (
        "Er loopt een gesprek, of de nawerk is nog niet klaar.",
        "A call or its wrap-up is going on.",
    ),
    "paused": ("De inwoner belt zelf terug.", "The resident will call back."),
    "callback_open": ("Er staat een terugbelverzoek open.", "A callback request is open."),
    "appointment": ("Er is een terugbelafspraak.", "There is an appointment."),
    "carrier_fault": ("Het telefoonnetwerk gaf een storing.", "The telephone network had a fault."),
    "daily_cap": (
        "Vandaag is al {used} keer gebeld; het maximum is {cap} per dag.",
        "Called {used} times today; the limit is {cap} a day.",
    ),
    "least_pause": ("De inwoner is net gebeld.", "The resident was called just now."),
    "rest": (
        "Na het laatste resultaat ({outcome}) geldt een pauze.",
        "A pause holds after the last result ({outcome}).",
    ),
    "window": ("Het is buiten de beltijden.", "It is outside calling hours."),
    "no_number": ("Er is geen nummer om te bellen.", "There is no number to call."),
    "number_closed": ("Het nummer is afgesloten ({reason}).", "The number is closed ({reason})."),
    "number_blocked": ("Op dit nummer mag niet meer gebeld worden.", "This number may not be called."),
    "number_cap": (
        "Het nummer is {used} keer gebeld; het maximum is {cap}.",
        "The number was called {used} times; the limit is {cap}.",
    ),
    "number_live": ("Op dit nummer loopt al een gesprek.", "The number is in a call."),
    "number_rest": ("Dit nummer rust tot morgen.", "This number rests until tomorrow."),
    "shared_rest": (
        "Dit nummer is net gebeld voor iemand anders.",
        "This number was just called for somebody else.",
    ),
    "planned": ("De volgende poging is gepland.", "The next attempt is planned."),
    "nothing_planned": ("Er is geen volgende poging.", "There is no next attempt."),
    "chosen_later": (
        "Geen regel hield het bellen tegen. Er was een later moment gekozen.",
        "No rule held the call back. A later moment had been chosen.",
    ),
    "nothing_came": (
        "Geen regel hield het bellen tegen. Er kwam daarna geen poging.",
        "No rule held the call back. No attempt came after that.",
    ),
    "waits_for_language": (
        "De inwoner is aan de beurt. Niemand die de taal van de inwoner spreekt, is nu vrij.",
        "The resident is next in line. Nobody who speaks the resident's language is free now.",
    ),
    "waits_for_turn": ("De inwoner is aan de beurt.", "The resident is next in line."),
}

_STATES: Mapping[str, tuple[str, str]] = {
    "held": ("wacht op de opdrachtgever", "held for the client"),
    "no_number": ("geen nummer", "no number"),
    "open": ("open", "open"),
    "reached": ("bereikt", "reached"),
    "not_reached": ("niet bereikt", "not reached"),
    "closed": ("afgesloten", "closed"),
    "withdrawn": ("ingetrokken", "withdrawn"),
    "recalled": ("teruggeroepen", "recalled"),
    "merged": ("samengevoegd", "merged"),
}

HOLD_CODES = frozenset(_HOLDS)
"""Every code that has words."""

_DAYS_NL = ("ma", "di", "wo", "do", "vr", "za", "zo")
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_NL = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def state_word(state: str, language: str = "nl") -> str:
    """A case's state for screens."""
    return _STATES[state][language == "en"]


def moment(at: datetime, language: str = "nl") -> str:
    """`at` by the clock of Amsterdam, as the panel writes it: "do 12 nov, 18:00"."""
    clock = local(at)
    days, months = (_DAYS_EN, _MONTHS_EN) if language == "en" else (_DAYS_NL, _MONTHS_NL)
    return f"{days[clock.weekday()]} {clock.day} {months[clock.month - 1]}, {clock:%H:%M}"


def say(hold: Hold, language: str = "nl") -> str:
    """One line for a hold, with the time until which it lasts."""
    english = language == "en"
    facts: dict[str, Any] = dict(hold.facts)
    if hold.code == "case_state":
        facts["state"] = state_word(str(facts["state"]), language)
        facts["reason"] = f" ({facts['reason']})" if facts.get("reason") else ""
    text = _HOLDS[hold.code][english].format(**facts)
    if hold.until is None:
        return text
    return f"{text} {'Until' if english else 'Tot'} {moment(hold.until, language)}."
