"""Words for what lists hold and why something was refused, Dutch (B1) and English."""

from __future__ import annotations

from collections.abc import Mapping

from dialer.domain.intake import PartnerType, Reason
from dialer.domain.numbers import NumberReason

REASONS: Mapping[str, tuple[str, str]] = {
    Reason.MISSING: ("Dit veld is leeg, maar moet gevuld zijn", "This field is empty but required"),
    Reason.TOO_LONG: ("De tekst is te lang", "The text is too long"),
    Reason.NAME_CHARACTERS: ("Er staan tekens in die niet in een naam horen", "Holds characters that no name has"),
    Reason.REFERENCE: (
        "Een kenmerk heeft alleen letters, cijfers en . _ : / # + - (hoogstens 64)",
        "A reference has letters, digits and . _ : / # + - only (64 at most)",
    ),
    Reason.PARTNER: (
        "Onbekende partner: gebruik huur, energie, water, zorg, hypotheek, CAK, DUO, belasting, telecom of overig",
        "Unknown partner: use rent, energy, water, health, mortgage, CAK, DUO, tax, telecom or other",
    ),
    Reason.DATE: ("Dit is geen datum: gebruik dd-mm-jjjj", "Not a date: use dd-mm-yyyy"),
    Reason.DATE_FUTURE: ("De datum ligt in de toekomst", "The date lies in the future"),
    Reason.DATE_OLD: ("Het signaal is ouder dan een jaar", "The signal is older than a year"),
    Reason.BIRTH_DATE: ("Deze geboortedatum kan niet kloppen", "This birth date cannot be right"),
    Reason.MINOR: ("De inwoner is jonger dan 18 jaar", "The resident is younger than 18"),
    Reason.COMPANY: (
        "Dit lijkt een bedrijf; wij bellen alleen inwoners",
        "Looks like a company; we call residents only",
    ),
    Reason.POSTCODE: ("Dit is geen postcode: gebruik 1234AB", "Not a postcode: use 1234AB"),
    Reason.HOUSE_NUMBER: ("Dit is geen huisnummer", "Not a house number"),
    Reason.FLAG: ("Vul ja of nee in", "Fill in yes or no"),
    Reason.AMOUNT: ("Het bedrag is niet leesbaar en is weggelaten", "The amount is unreadable and was left out"),
    Reason.LANGUAGE: ("De taal is niet bekend; er staat nu Nederlands", "Language unknown; set to Dutch"),
    Reason.REPEATED: ("Dit signaal staat vaker in het bestand", "This signal occurs more than once in the file"),
    Reason.KNOWN: ("Dit signaal was al geleverd en is overgeslagen", "This signal was delivered before; skipped"),
    Reason.NOT_FOUND: ("Er loopt geen zaak met dit kenmerk", "No running case has this reference"),
    Reason.COLUMNS: (
        "Er zijn meer cellen dan kolommen; zet tekst met een scheidingsteken tussen aanhalingstekens",
        "More cells than columns; put text with a delimiter in quotes",
    ),
    Reason.CAME: (
        "Vul in of de inwoner kwam: ja of nee, doorgegaan of niet verschenen",
        "Say whether the resident came: yes or no, kept or no-show",
    ),
    Reason.NO_VISIT: (
        "Er is geen afspraak bij dit kenmerk (op deze dag)",
        "No appointment of this reference (that day)",
    ),
    Reason.VISIT_CANCELLED: ("Deze afspraak was afgezegd", "This appointment was cancelled"),
    Reason.VISIT_TO_COME: ("Deze afspraak moet nog komen", "This appointment is still to come"),
    Reason.VISIT_SEVERAL: (
        "Bij dit kenmerk zijn meer afspraken: zet de datum erbij",
        "This reference has several appointments: add the date",
    ),
    Reason.VISIT_OTHERWISE: (
        "Over deze afspraak is al iets anders gezegd: wijzig het op Afspraken",
        "Something else was said of this appointment: change it under Appointments",
    ),
    Reason.VISIT_REPEATED: ("Deze afspraak staat vaker in het bestand", "This appointment occurs more than once"),
    NumberReason.UNREADABLE: ("Dit is geen telefoonnummer", "Not a telephone number"),
    NumberReason.TOO_SHORT: ("Het nummer heeft te weinig cijfers", "The number has too few digits"),
    NumberReason.TOO_LONG: ("Het nummer heeft te veel cijfers", "The number has too many digits"),
    NumberReason.FOREIGN: ("Buitenlandse nummers bellen wij niet", "Foreign numbers are not called"),
    NumberReason.SERVICE: ("Dit is een alarm- of servicenummer", "An emergency or service number"),
    NumberReason.RANGE: ("Deze nummerreeks bellen wij niet", "This number range is not called"),
    NumberReason.UNKNOWN_AREA: ("Dit netnummer bestaat niet", "This area code does not exist"),
    NumberReason.TEST: ("Dit is een verzonnen nummer (060)", "An invented number (060)"),
}

FIELDS: Mapping[str, tuple[str, str]] = {
    "client_ref": ("kenmerk", "client reference"),
    "signal_ref": ("signaal-id", "signal id"),
    "partner_type": ("vastelastenpartner", "partner type"),
    "signal_on": ("signaaldatum", "signal date"),
    "arisen_on": ("ontstaansdatum", "arisen on"),
    "amount": ("bedrag", "amount"),
    "crisis": ("crisis", "crisis"),
    "warm_handover": ("warme overdracht", "warm handover"),
    "salutation": ("aanhef", "salutation"),
    "initials": ("voorletters", "initials"),
    "prefix": ("tussenvoegsel", "prefix"),
    "surname": ("achternaam", "surname"),
    "birth_date": ("geboortedatum", "birth date"),
    "postcode": ("postcode", "postcode"),
    "house_number": ("huisnummer", "house number"),
    "house_addition": ("toevoeging", "house addition"),
    "phone_1": ("telefoon 1", "phone 1"),
    "phone_2": ("telefoon 2", "phone 2"),
    "phone_3": ("telefoon 3", "phone 3"),
    "language": ("taal", "language"),
    "brp_checked_on": ("brp-controle op", "brp checked on"),
    "source": ("bron", "source"),
    "source_on": ("brondatum", "source date"),
    "kept": ("doorgegaan", "kept"),
    "visit_on": ("afspraakdatum", "appointment date"),
    "": ("rij", "row"),
}

PARTNERS: Mapping[str, tuple[str, str]] = {
    PartnerType.RENT: ("huur", "rent"),
    PartnerType.ENERGY: ("energie", "energy"),
    PartnerType.WATER: ("water", "water"),
    PartnerType.HEALTH: ("zorgverzekering", "health insurance"),
    PartnerType.MORTGAGE: ("hypotheek", "mortgage"),
    PartnerType.CAK: ("CAK", "CAK"),
    PartnerType.DUO: ("DUO", "DUO"),
    PartnerType.TAX: ("belasting", "tax"),
    PartnerType.TELECOM: ("telecom", "telecom"),
    PartnerType.OTHER: ("overig", "other"),
}

FILE_REASONS: Mapping[str, tuple[str, str]] = {
    "too-large": ("Het bestand is te groot", "The file is too large"),
    "too-heavy": ("Het bestand kost te veel geheugen of tijd", "The file takes too much memory or time"),
    "too-many-rows": ("Het bestand heeft te veel rijen", "The file has too many rows"),
    "too-many-columns": ("Het bestand heeft te veel kolommen", "The file has too many columns"),
    "not-text": ("Dit is geen CSV-, XLSX- of JSON-bestand", "No CSV, XLSX or JSON file"),
    "empty": ("Het bestand is leeg", "The file is empty"),
    "json-broken": ("Het bestand is geen geldige JSON", "The file is not valid JSON"),
    "json-shape": (
        "Het bestand is geen lijst van regels in JSON",
        "The file is no list of records in JSON",
    ),
    "csv-broken": ("De aanhalingstekens in het bestand kloppen niet", "The quotes in the file do not match"),
    "encoding": ("De tekens zijn niet leesbaar (geen UTF-8 of Windows-1252)", "Neither UTF-8 nor Windows-1252"),
    "xlsx-broken": ("Het Excel-bestand is beschadigd", "The Excel file is damaged"),
    "zip-bomb": ("Het Excel-bestand is uitgepakt veel te groot", "The Excel file is far too large when unpacked"),
    "not-a-workbook": ("Dit is geen Excel-bestand", "Not an Excel file"),
    "no-sheet": ("Het Excel-bestand heeft geen zichtbaar blad", "The Excel file has no visible sheet"),
    "old-excel": (
        "Dit is een oud of beveiligd Excel-bestand: bewaar het als XLSX zonder wachtwoord",
        "An old or protected Excel file: save it as XLSX without password",
    ),
    "bsn": (
        "In het bestand staan burgerservicenummers: haal die kolom eruit en gebruik uw eigen kenmerk",
        "The file holds citizen service numbers: take that column out, and use a reference of your own",
    ),
    "unreadable": ("Het bestand is niet te openen", "The file cannot be opened"),
    "columns-missing": ("Verplichte kolommen ontbreken", "Required columns are missing"),
    "mapping-field": ("De kolomindeling noemt een onbekend veld", "The mapping names an unknown field"),
    "mapping-column": ("Het bestand mist kolommen van de indeling", "The file lacks columns of the mapping"),
}


def word(table: Mapping[str, tuple[str, str]], key: str, language: str = "nl") -> str:
    """The word for a key; an unknown key stands for itself."""
    pair = table.get(key)
    if pair is None:
        return key
    return pair[1] if language == "en" else pair[0]
