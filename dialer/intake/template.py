"""Our own import template: one header, one invented row, and in the workbook a sheet that explains each column."""

from __future__ import annotations

import io

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from dialer.domain.errors import InvalidError
from dialer.domain.intake import FIELDS, REQUIRED
from dialer.domain.intake_words import FIELDS as WORDS
from dialer.domain.intake_words import word
from dialer.intake.tables import FileTables
from dialer.services.ports.export import Table

EXAMPLE = {
    "client_ref": "ZM-000123",
    "signal_ref": "S-2026-000456",
    "partner_type": "huur",
    "signal_on": "01-06-2026",
    "arisen_on": "15-04-2026",
    "amount": "310,50",
    "crisis": "nee",
    "warm_handover": "nee",
    "salutation": "mevr",
    "initials": "A.B.",
    "prefix": "van der",
    "surname": "Voorbeeld",
    "birth_date": "01-02-1970",
    "postcode": "2711AB",
    "house_number": "12",
    "house_addition": "A",
    "phone_1": "0600000123",
    "phone_2": "0790000123",
    "phone_3": "",
    "language": "nl",
    "brp_checked_on": "28-05-2026",
}
"""Nobody; the numbers are not issued."""

GUIDE: dict[str, tuple[str, str]] = {
    "client_ref": ("Uw kenmerk van de inwoner; het resultaat komt hiermee terug", "Your reference of the resident"),
    "signal_ref": (
        "Uw kenmerk van het signaal, uniek. Leeg: wij maken het uit kenmerk, partner en datum",
        "Your reference of the signal, unique. Empty: made of reference, partner and date",
    ),
    "partner_type": (
        "huur, energie, water, zorg, hypotheek, CAK, DUO, belasting, telecom of overig",
        "rent, energy, water, health, mortgage, CAK, DUO, tax, telecom or other",
    ),
    "signal_on": ("Datum van het signaal, dd-mm-jjjj; de wettelijke termijn loopt vanaf hier", "Date of the signal"),
    "arisen_on": ("Datum waarop de achterstand ontstond", "Date on which the arrears arose"),
    "amount": ("Bedrag in euro; medewerkers zien alleen een bandbreedte", "Euros; agents see a band only"),
    "crisis": (
        "ja bij dreigende ontruiming, afsluiting of royement (3 werkdagen)",
        "yes: eviction or cut-off threatens",
    ),
    "warm_handover": ("ja als u persoonlijke overdracht wilt", "yes: personal handover wanted"),
    "salutation": ("dhr of mevr; leeg als het niet bekend is", "dhr or mevr; empty when unknown"),
    "initials": ("Voorletters of voornaam", "Initials or first name"),
    "prefix": ("Tussenvoegsel, als het apart staat", "Prefix, when apart"),
    "surname": ("Achternaam", "Surname"),
    "birth_date": ("Geboortedatum, dd-mm-jjjj; voor de identiteitscontrole", "Birth date, for the identity check"),
    "postcode": ("Postcode, 1234AB", "Postcode, 1234AB"),
    "house_number": ("Huisnummer, met of zonder toevoeging", "House number, with or without addition"),
    "house_addition": ("Toevoeging, als die apart staat", "Addition, when apart"),
    "phone_1": (
        "Telefoonnummer; twee in een cel mag, met / ertussen",
        "Telephone number; two in a cell with / between",
    ),
    "phone_2": ("Tweede nummer", "Second number"),
    "phone_3": ("Derde nummer", "Third number"),
    "language": ("Taal waarin wij het beste kunnen bellen; leeg: Nederlands", "Language to call in; empty: Dutch"),
    "brp_checked_on": ("Datum waarop u de BRP hebt geraadpleegd", "Date on which you checked the BRP"),
}


def template(format_: str, language: str = "nl") -> bytes:
    """The template as `csv` or `xlsx`. Raises InvalidError for another format."""
    header = [word(WORDS, name, language) for name in FIELDS]
    example = [EXAMPLE[name] for name in FIELDS]
    if format_ == "csv":
        out = io.BytesIO()
        FileTables().write(Table(header=header, rows=[example]), "csv", out)
        return out.getvalue()
    if format_ != "xlsx":
        raise InvalidError("csv or xlsx", "format")
    return _workbook(header, example, language)


def _workbook(header: list[str], example: list[str], language: str) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "lijst"
    bold = Font(bold=True)
    for column, (title, value) in enumerate(zip(header, example, strict=True), start=1):
        sheet.cell(row=1, column=column, value=title).font = bold
        sheet.cell(row=2, column=column, value=value)
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = max(14, len(title) + 2)
        # As text from the first key on: a spreadsheet would eat the zero of a telephone number.
        for row in range(1, 1001):
            sheet.cell(row=row, column=column).number_format = "@"
    sheet.freeze_panes = "A2"
    guide = book.create_sheet("uitleg" if language != "en" else "guide")
    titles = ("kolom", "verplicht", "uitleg") if language != "en" else ("column", "required", "explanation")
    yes = "ja" if language != "en" else "yes"
    guide.append(titles)
    for name in FIELDS:
        guide.append((word(WORDS, name, language), yes if name in REQUIRED else "", word(GUIDE, name, language)))
    for cell in guide[1]:
        cell.font = bold
    for letter, width in zip("ABC", (20, 10, 90), strict=True):
        guide.column_dimensions[letter].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
