"""What single cells of a list mean: dates, amounts, yes and no, names. Each parser returns the value, or None when the
text means nothing; the caller knows whether that refuses the row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

MAX_NAME = 100
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?")
_DMY = re.compile(r"(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{4})(?: 0?0:00(?::00)?)?")
_DAY_MONTH_NAME = re.compile(r"(\d{1,2})[ -]([a-z]{3,9})\.?[ -](\d{4})")
_DIGITS_8 = re.compile(r"\d{7,8}")
_SERIAL = re.compile(r"[2-6]\d{4}")
_EXCEL_EPOCH = date(1899, 12, 30)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januari january",
            "feb februari february",
            "mrt mar maart march",
            "apr april",
            "mei may",
            "jun juni june",
            "jul juli july",
            "aug augustus august",
            "sep sept september",
            "okt oct oktober october",
            "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_YES = frozenset({"ja", "j", "yes", "y", "true", "waar", "1", "x"})
_NO = frozenset({"nee", "n", "no", "false", "onwaar", "0", "", "-"})
_AMOUNT = re.compile(r"(\d{1,3}(?:[.,' ]\d{3})*|\d+)(?:[.,](\d{1,2}|-{1,2}))?")
_FRACTION = re.compile(r"\d+\.\d{3,}")  # 75.000000001: a spreadsheet's binary fraction
_MAX_CENTS = 100_000_000
_POSTCODE = re.compile(r"([1-9]\d{3}) ?([A-Z]{2})")
_HOUSE = re.compile(r"(\d{1,5})(?:\.0)?(?:(?:\s*[-/ ]\s*(?=\w)|(?=[A-Za-z]))([A-Za-z0-9][A-Za-z0-9 ./-]{0,11}))?")
_REFERENCE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._:/#+-]{0,62}[A-Za-z0-9])?")
_PLAIN_NAME = re.compile(r"[A-Za-z .'-]*")
_NAME_EXTRA = frozenset(" '’`´.-‐‑–,()/&")
_SALUTATION = {
    **dict.fromkeys(("m", "man", "mr", "dhr", "de heer", "heer", "male", "mannelijk"), "m"),
    **dict.fromkeys(("v", "f", "vrouw", "mw", "mevr", "mevrouw", "mrs", "ms", "female", "vrouwelijk"), "v"),
}
_LANGUAGES: Mapping[str, str] = {
    code: code for code in ("nl", "en", "de", "fr", "es", "pt", "it", "pl", "ro", "bg", "hu", "ru", "uk", "tr", "ar")
} | {
    **{code: code for code in ("fa", "so", "ti", "am", "ku", "zh", "ps", "ur", "el", "pap", "ber")},
    "nederlands": "nl",
    "dutch": "nl",
    "engels": "en",
    "english": "en",
    "duits": "de",
    "frans": "fr",
    "spaans": "es",
    "portugees": "pt",
    "italiaans": "it",
    "pools": "pl",
    "roemeens": "ro",
    "bulgaars": "bg",
    "hongaars": "hu",
    "russisch": "ru",
    "oekraïens": "uk",
    "oekraiens": "uk",
    "turks": "tr",
    "turkish": "tr",
    "arabisch": "ar",
    "arabic": "ar",
    "farsi": "fa",
    "perzisch": "fa",
    "somalisch": "so",
    "tigrinya": "ti",
    "amhaars": "am",
    "koerdisch": "ku",
    "chinees": "zh",
    "papiaments": "pap",
    "berbers": "ber",
}
LANGUAGES = frozenset(_LANGUAGES.values())
"""Codes of the languages that a list may name."""


def clean(text: str) -> str:
    """One line of visible text: control and invisible characters gone, blanks single. A list's CR and LF end here."""
    if not text:
        return text
    if text.isascii() and text.isprintable():
        return " ".join(text.split()) if "  " in text or text[0] == " " or text[-1] == " " else text
    kept = (" " if c.isspace() or unicodedata.category(c) == "Cc" else c for c in unicodedata.normalize("NFC", text))
    return " ".join("".join(c for c in kept if unicodedata.category(c)[0] != "C").split())


@lru_cache(maxsize=8192)
def parse_date(text: str) -> date | None:
    """A date as Dutch lists write it: ISO, day-month-year, a month's name, without separators, a sheet's serial."""
    iso = _ISO.fullmatch(text)
    if iso:
        return _date(iso[1], iso[2], iso[3])
    dutch = _DMY.fullmatch(text)
    if dutch:
        return _date(dutch[3], dutch[2], dutch[1])
    named = _DAY_MONTH_NAME.fullmatch(text.lower())
    if named and named[2] in _MONTHS:
        return _date(named[3], _MONTHS[named[2]], named[1])
    if _DIGITS_8.fullmatch(text):
        if len(text) == 8 and text[:2] in ("19", "20") and text[4:6] <= "12":
            return _date(text[:4], text[4:6], text[6:])
        padded = text.zfill(8)
        return _date(padded[4:], padded[2:4], padded[:2])
    if _SERIAL.fullmatch(text):
        return _EXCEL_EPOCH + timedelta(days=int(text))
    return None


def _date(year: str, month: str | int, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def parse_flag(text: str) -> bool | None:
    """Yes or no; an empty cell is no."""
    low = text.lower()
    if low in _NO:
        return False
    return True if low in _YES else None


def parse_amount(text: str) -> int | None:
    """Cents, from `1.234,56`, `€ 75,-`, `75.00`."""
    plain = text.replace("€", "").removeprefix("EUR").strip()
    if _FRACTION.fullmatch(plain) and len(plain.partition(".")[2]) != 3:
        cents = round(Decimal(plain) * 100)
        return cents if cents <= _MAX_CENTS else None
    match = _AMOUNT.fullmatch(plain)
    if not match:
        return None
    whole = int(re.sub(r"\D", "", match[1]))
    fraction = (match[2] or "").replace("-", "")
    cents = whole * 100 + int(fraction.ljust(2, "0") or "0")
    return cents if cents <= _MAX_CENTS else None


def parse_postcode(text: str) -> str | None:
    """`1234AB`."""
    match = _POSTCODE.fullmatch(text.upper())
    return match[1] + match[2] if match else None


def parse_house(text: str) -> tuple[int, str] | None:
    """Number and addition, from `12`, `12a`, `12-2`."""
    match = _HOUSE.fullmatch(text)
    if not match or not int(match[1]):
        return None
    return int(match[1]), (match[2] or "").strip()


def parse_reference(text: str) -> str | None:
    """A client's reference: up to 64 letters, digits and a few marks; nothing that another system could execute."""
    return text if _REFERENCE.fullmatch(text) else None


def is_name(text: str) -> bool:
    """Whether this can be a person's name: letters of any script, digits, blanks and the marks that names have."""
    return _PLAIN_NAME.fullmatch(text) is not None or all(
        c.isalnum() or c in _NAME_EXTRA or unicodedata.combining(c) for c in text
    )


def parse_salutation(text: str) -> str:
    """`m`, `v`, or empty when unknown."""
    return _SALUTATION.get(text.lower().rstrip("."), "")


def parse_language(text: str) -> str | None:
    """ISO code of a spoken language."""
    return _LANGUAGES.get(text.lower())
