"""A resident's file in words that a resident reads (Art. 12 GDPR): names of what is held, and what codes mean. Pure.

What has no word here stands as it is kept: nothing that is held is left out because nobody has named it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialer.domain.intake_words import PARTNERS

_NAMES: Mapping[str, str] = {
    "surname": "achternaam",
    "initials": "voorletters",
    "salutation": "aanhef",
    "birth_date": "geboortedatum",
    "house_number": "huisnummer",
    "house_addition": "toevoeging",
    "brp_checked_on": "gecontroleerd_in_bevolkingsregister_op",
    "amount_cents": "achterstand_in_euro",
    "arisen_on": "achterstand_sinds",
}
_CODES: Mapping[str, Mapping[str, str]] = {
    "salutation": {"v": "mevrouw", "m": "de heer", "": ""},
    "soort": {
        "mobile": "mobiel",
        "fixed": "vast",
        "new": "nieuw",
        "correction": "verbetering",
        "withdrawal": "ingetrokken",
    },
    "vastelastenpartner": {key: words[0] for key, words in PARTNERS.items()},
    "richting": {"out": "wij belden", "in": "de inwoner belde"},
    "stand": {
        "open": "loopt",
        "no_number": "geen nummer om te bellen",
        "held": "wacht op een besluit van de gemeente",
        "reached": "gesproken",
        "not_reached": "niet bereikt",
        "closed": "gesloten",
        "withdrawn": "ingetrokken",
        "recalled": "teruggehaald door de gemeente",
        "merged": "samengevoegd met een andere zaak",
        "kept": "bewaard",
        "refused": "geweigerd",
        "lost": "verloren gegaan",
    },
    "wie": {
        "user": "een medewerker",
        "engine": "het systeem",
        "cli": "een beheerder",
        "token": "een systeem van de gemeente",
    },
    "wat": {
        "card.read": "gegevens bekeken voor een gesprek",
        "identity.try": "nagegaan wie er aan de lijn was",
        "dossier.read": "eerdere gesprekken bekeken",
        "case.read": "zaak bekeken",
        "recording.play": "opname van een gesprek beluisterd",
        "recording.delete": "opname van een gesprek gewist",
        "resident.find": "opgezocht voor een verzoek van de inwoner",
        "resident.file": "overzicht van alle gegevens gemaakt",
        "resident.restrict": "bellen gestopt op verzoek",
        "resident.oppose": "bezwaar tegen bellen vastgelegd",
        "resident.correct": "gegevens verbeterd",
        "privacy_request.open": "verzoek van de inwoner vastgelegd",
    },
}


def in_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """A part of the file; only values that are codes change, and amounts."""
    return {_NAMES.get(key, key): _word(key, value) for key, value in row.items()}


def _word(key: str, value: Any) -> Any:
    if key == "amount_cents" and isinstance(value, int):
        return f"{value // 100},{value % 100:02d}"
    return _CODES.get(key, {}).get(value, value) if isinstance(value, str) else value
