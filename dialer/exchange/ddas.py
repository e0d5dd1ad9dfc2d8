"""The national exchange of early signals (DDAS, VNG and CBS): the document of one municipality, in its version.

Versions name fields differently and refuse what they do not know, so each has a table of names here, and a schema of
our own that says what its specification says. A document that does not fit it does not leave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from dialer.domain.dayparts import DayPart, day_part
from dialer.domain.intake import PartnerType
from dialer.schedule.windows import local
from dialer.services.ddas import DdasProfile, DdasSignal

_NAMES: Mapping[str, Mapping[str, str]] = {
    "1.0": {
        "organisation": "aanleverende_organisatie",
        "taken_up": "datum_opgepakt",
        "postcode": "Postcode",
        "house_number": "Huisnummer",
        "house_addition": "Huisnummertoevoeging",
    },
    "1.2": {
        "organisation": "aanleverendeOrganisatie",
        "taken_up": "datumOpgepakt",
        "postcode": "postcode",
        "house_number": "huisnummer",
        "house_addition": "huisnummertoevoeging",
    },
}
VERSIONS = tuple(_NAMES)
_DECEASED, _MOVED = "Inwoner is overleden", "Persoon is geen inwoner (meer) in de gemeente"
_RESULTS = (
    "Niet opgepakt: herhaalde melding", "Niet opgepakt: onterecht signaal", "Niet opgepakt: andere reden", _DECEASED,
    _MOVED, "Inwoner al bekend bij schuldhulpverlening", "Inwoner heeft al een ander lopend traject",
    "Definitief geen contact kunnen krijgen", "Geen reactie na eerder contact",
    "Inwoner regelt het zelf/hoeft geen hulp vanuit vroegsignalering",
    "Inwoner heeft zelf al betaald/betalingsregeling getroffen", "(Budget)advies en/of quick fix",
    "Vervolghulp en/of verwijzing financieel", "Vervolghulp en/of verwijzing niet financieel",
)  # fmt: skip
"""Results that both versions know; each knows one or two more, which no outcome of ours means."""
_STATUS = {
    "1.0": ("Nog niet opgepakt", _DECEASED, _MOVED),
    "1.2": ("Nog niet opgepakt", "Opgepakt", _DECEASED, _MOVED),
}
_PARTNERS: Mapping[str, str] = {
    PartnerType.RENT: "Huur",
    PartnerType.ENERGY: "Energie",
    PartnerType.WATER: "Water",
    PartnerType.HEALTH: "Zorg",
    PartnerType.MORTGAGE: "Hypotheek",
    PartnerType.CAK: "CAK Zorgverzekeringen",
    PartnerType.DUO: "DUO",
    PartnerType.TAX: "Belastingdienst",
}
_OTHER = "Overige"


def document(
    profile: DdasProfile, begin: date, end: date, signals: Sequence[DdasSignal], now: datetime
) -> dict[str, object]:
    """One municipality's delivery over `begin` to `end`, both included. `now`: aware."""
    names = _NAMES[profile.version]
    cases: dict[object, list[DdasSignal]] = {}
    for signal in signals:
        cases.setdefault(signal.case, []).append(signal)
    organisation: dict[str, object] = {"naam": profile.organisation}
    if profile.kvk:
        organisation["kvk-nummer"] = profile.kvk
    return {
        "startdatumLevering": begin.isoformat(),
        "einddatumLevering": end.isoformat(),
        "aanleverdatumEnTijd": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "codeGegevensleverancier": profile.supplier,
        "leveringen": [
            {
                "teller": 1,
                "gemeentecode": profile.municipality,
                names["organisation"]: organisation,
                "vroegsignalen": [_signal(signal, profile.version, names) for signal in signals],
                "vroegsignaalzaken": [_case(one, names) for one in cases.values()],
            }
        ],
    }


def _signal(signal: DdasSignal, version: str, names: Mapping[str, str]) -> dict[str, object]:
    person: dict[str, object] = {
        names["postcode"]: signal.postcode.replace(" ", ""),
        names["house_number"]: str(signal.house_number),
    }
    if signal.house_addition:
        person[names["house_addition"]] = signal.house_addition
    found: dict[str, object] = {
        "ID": signal.signal_ref,
        "crisissignaal": signal.crisis,
        "warmeOverdracht": signal.warm_handover,
        "signaaldatum": signal.signal_on.isoformat(),
        "signaalpartner": {"type": _PARTNERS.get(signal.partner_type, _OTHER)},
        "client": person,
    }
    if signal.amount_cents is not None:
        found["bedrag"] = (signal.amount_cents + 50) // 100
    if signal.arisen_on is not None:
        found["ontstaansdatum"] = signal.arisen_on.isoformat()
    status = signal.result if signal.result in (_DECEASED, _MOVED) else ""
    if not status:
        status = "Opgepakt" if _dials(signal) else "Nog niet opgepakt"
    if status in _STATUS[version]:  # what a version has no word for is left out
        found["status"] = status
    return found


def _case(signals: Sequence[DdasSignal], names: Mapping[str, str]) -> dict[str, object]:
    first = signals[0]
    dials = _dials(first)
    found: dict[str, object] = {
        "matchingsdatum": local(first.opened_at).date().isoformat(),
        "vroegsignalen": [{"ID": one.signal_ref} for one in signals],
        "contactpogingen": [
            {
                "soort": "Telefoon",
                "bereikt": bool(attempt["reached"]),
                "datum": at.date().isoformat(),
                "dagdeel": day_part(at.time()).value,
            }
            for at, attempt in dials
        ],
    }
    if first.result:
        found["resultaat"] = first.result
    if dials:
        found[names["taken_up"]] = dials[0][0].date().isoformat()
    return found


def _dials(signal: DdasSignal) -> list[tuple[datetime, Mapping[str, Any]]]:
    """Attempts that count, by local time; a resident who rang us and was spoken to is one too."""
    return [
        (local(datetime.fromisoformat(attempt["at"])), attempt)
        for attempt in signal.attempts
        if (attempt["direction"] == "out" and attempt["counted"]) or attempt["reached"]
    ]


def complaints(found: object, version: str) -> list[str]:
    """What the version's schema has against a document: where and which rule, never a value."""
    validator = Draft202012Validator(_schema(version), format_checker=FormatChecker())
    return [f"{error.json_path}: {error.validator}" for error in validator.iter_errors(found)]


def _closed(required: Sequence[str], **fields: object) -> dict[str, object]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {name.replace("__", "-"): schema for name, schema in fields.items()},
    }


def _schema(version: str) -> dict[str, object]:
    names = _NAMES[version]
    text, day, truth = {"type": "string"}, {"type": "string", "format": "date"}, {"type": "boolean"}
    partners = sorted({*_PARTNERS.values(), "CAK Eigen bijdrage", "Dienst Toeslagen", _OTHER})
    person = _closed(
        [names["postcode"], names["house_number"]],
        **{names[key]: text for key in ("postcode", "house_number", "house_addition")},
    )
    signal = _closed(
        ["ID", "client", "signaalpartner"],
        ID=text, crisissignaal=truth, warmeOverdracht=truth, bedrag={"type": "integer"}, ontstaansdatum=day,
        signaaldatum=day, status={"enum": list(_STATUS[version])}, client=person,
        signaalpartner=_closed([], type={"enum": partners}),
    )  # fmt: skip
    attempt = _closed(
        [], soort={"const": "Telefoon"}, bereikt=truth, datum=day, dagdeel={"enum": [part.value for part in DayPart]}
    )
    case = _closed(
        ["vroegsignalen"],
        resultaat={"enum": list(_RESULTS)},
        matchingsdatum=day,
        vroegsignalen={"type": "array", "minItems": 1, "uniqueItems": True, "items": _closed(["ID"], ID=text)},
        contactpogingen={"type": "array", "items": attempt},
        **{names["taken_up"]: day},
    )
    delivery = _closed(
        ["teller", "gemeentecode", names["organisation"]],
        teller={"type": "integer"},
        gemeentecode={"type": "string", "pattern": "^[0-9]{4}$"},
        vroegsignalen={"type": "array", "items": signal},
        vroegsignaalzaken={"type": "array", "items": case},
        **{names["organisation"]: _closed(["naam"], naam=text, kvk__nummer=text)},
    )
    return _closed(
        ["startdatumLevering", "einddatumLevering", "aanleverdatumEnTijd", "codeGegevensleverancier"],
        startdatumLevering=day,
        einddatumLevering=day,
        aanleverdatumEnTijd={"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$"},
        codeGegevensleverancier=text,
        leveringen={"type": "array", "minItems": 1, "uniqueItems": True, "items": delivery},
    )
