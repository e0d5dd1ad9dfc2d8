"""Which column of a file holds which field: guessed from the headers that Dutch lists use, or given."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from dialer.domain.intake import FIELDS, NUMBERS_FIELDS, NUMBERS_REQUIRED, PHONE_FIELDS, REQUIRED
from dialer.domain.visits import VISIT_FIELDS, VISIT_REQUIRED
from dialer.services.ports.intake import FileRefusedError

HEADER_SEARCH = 10
"""Rows at the top in which the header is looked for: exports of offices begin with a title or a date."""
_LEAST_KNOWN = 3

_SYNONYMS: Mapping[str, str] = {
    "client_ref": "clientref clientreference kenmerk referentie zaaknummer dossiernummer clientnummer klantnummer "
    "clientid inwonernummer referentiegemeente kenmerkgemeente reference",
    "signal_ref": "signalref signalid signaalid signaalnummer signaalkenmerk signaalreferentie meldingid meldingnummer "
    "idsignaal signaal meldingsnummer",
    "partner_type": "partnertype vastelastenpartner typepartner signaalpartner soortpartner partner soortachterstand "
    "schuldeiser typeachterstand signaalpartnertype soort type",
    "signal_on": "signalon signaldate signaaldatum datumsignaal meldingsdatum datummelding datum ontvangstdatum",
    "arisen_on": "arisenon ontstaansdatum datumontstaan achterstandsinds ontstaanop datumachterstand",
    "amount": "amount bedrag achterstand openstaandbedrag schuldbedrag bedragachterstand hoogteachterstand",
    "crisis": "crisis crisissignaal spoed dreigend dreigendesituatie afsluiting",
    "warm_handover": "warmhandover warmeoverdracht warmoverdracht",
    "salutation": "salutation aanhef geslacht geslachtsaanduiding gender titel",
    "initials": "initials voorletters initialen voornaam voornamen roepnaam firstname",
    "prefix": "prefix tussenvoegsel tussenvoegsels voorvoegsel voorvoegsels",
    "surname": "surname achternaam naam geslachtsnaam lastname familienaam",
    "birth_date": "birthdate geboortedatum gebdatum dateofbirth geboren",
    "postcode": "postcode postalcode zipcode pc",
    "house_number": "housenumber huisnummer huisnr nummer nr hnr",
    "house_addition": "houseaddition huisnummertoevoeging toevoeging huisletter huisnrtoevoeging toev",
    "language": "language taal voertaal spreektaal",
    "brp_checked_on": "brpcheckedon brpcontrole brpcontroleop brpdatum brpcheck brpcheckop brpgecontroleerd "
    "brpgecontroleerdop",
    "source": "source bron herkomst",
    "kept": "kept doorgegaan verschenen gekomen nagekomen afspraakstatus afspraaknagekomen opkomst aanwezig attended "
    "status",
    "visit_on": "visiton visitdate afspraakdatum datumafspraak afspraak afspraakop appointmentdate",
    "source_on": "sourceon sourcedate brondatum datumbron datumnummer gevondenop",
}
_PHONE = re.compile(
    r"(?:phone|telefoon|telefoonnummer|tel|telnr|telnummer|mobiel|mobielnummer|gsm|mobile|vast|vastnummer)"
)
_PHONE_TAIL = re.compile(r"(?:nummer|nr|prive|thuis|werk|mobiel|vast)*\d?")
_FIELD_OF = {word: field for field, words in _SYNONYMS.items() for word in words.split()}


KINDS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "list": (FIELDS, REQUIRED),
    "numbers": (NUMBERS_FIELDS, NUMBERS_REQUIRED),
    "visits": (VISIT_FIELDS, VISIT_REQUIRED),
}


def plain_header(header: str) -> str:
    """Letters and digits only, without accents or case."""
    folded = unicodedata.normalize("NFKD", header.casefold())
    return "".join(c for c in folded if c.isascii() and c.isalnum())


def fields_of(kind: str) -> tuple[Sequence[str], Sequence[str]]:
    """(all fields, required fields) of a kind of file: `list`, `numbers` or `visits`."""
    return KINDS[kind]


def guess(header: Sequence[str], kind: str = "list") -> dict[str, str]:
    """Field -> header, for the headers that are understood. The first of two rivals wins; phones go in order."""
    known, _ = fields_of(kind)
    found: dict[str, str] = {}
    phones = iter(PHONE_FIELDS)
    for title in header:
        plain = plain_header(title)
        match = _PHONE.match(plain)
        is_phone = match is not None and _PHONE_TAIL.fullmatch(plain, match.end())
        field = next(phones, None) if is_phone else _FIELD_OF.get(plain)
        if field in known and field is not None:
            found.setdefault(field, title)
    return found


def unique_titles(cells: Sequence[str]) -> list[str]:
    """Headers made distinct: an empty one gets its column's letter, a repeated one a number."""
    seen: dict[str, int] = {}
    titles = []
    for place, cell in enumerate(cells):
        title = " ".join(cell.split()) or f"kolom {_letter(place)}"
        seen[title] = seen.get(title, 0) + 1
        titles.append(title if seen[title] == 1 else f"{title} ({seen[title]})")
    return titles


def _letter(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def find_header(rows: Sequence[Sequence[str]], kind: str, columns: Mapping[str, str] | None) -> int:
    """Place of the header among the first rows: where most columns are recognised, else the first that is not empty."""
    best, best_score = -1, 0
    for place, row in enumerate(rows[:HEADER_SEARCH]):
        titles = unique_titles(row)
        score = len(set(columns.values()) & set(titles)) if columns else len(guess(titles, kind))
        if score > best_score:
            best, best_score = place, score
    least = 1 if columns or kind != "list" else _LEAST_KNOWN
    if best_score >= least:
        return best
    return next((place for place, row in enumerate(rows) if any(cell.strip() for cell in row)), -1)


def resolve(header: Sequence[str], kind: str, columns: Mapping[str, str] | None) -> dict[str, str]:
    """The mapping to use. Raises FileRefusedError when a mapped column or a required field is not there."""
    known, required = fields_of(kind)
    if columns is None:
        used = guess(header, kind)
    else:
        used = dict(columns)
        strange = sorted(set(used) - set(known))
        if strange:
            raise FileRefusedError("mapping-field", f"unknown fields in the mapping: {', '.join(strange)}")
        gone = sorted(set(used.values()) - set(header))
        if gone:
            raise FileRefusedError(
                "mapping-column", f"columns of the mapping that the file lacks: {', '.join(gone)}", headings=header
            )
    missing = [field for field in required if field not in used]
    if missing:
        words = f"no column found for: {', '.join(missing)}"
        raise FileRefusedError("columns-missing", words, headings=header, columns=used)
    return used
