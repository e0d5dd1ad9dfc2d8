"""How a client wants its results in a file: which columns, under which names, and in which words. Pure.

A layout is data of the client, kept in versions. A column without a field is the client's own and stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from dialer.domain.errors import InvalidError

Value = str | int | bool | date | datetime | None
"""What stands in a column: local clock times, of Amsterdam."""


class FileFormat(StrEnum):
    """What the file is."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"  # a list of objects


class Encoding(StrEnum):
    """Of a CSV."""

    UTF8_BOM = "utf-8-sig"  # as Dutch Excel opens it
    UTF8 = "utf-8"
    WINDOWS = "cp1252"  # what it does not know becomes a question mark


FIELDS: Sequence[str] = (
    "client_ref", "signal_ref", "partner_type", "signal_on", "crisis", "status", "outcome", "outcome_label", "ddas",
    "reached", "talked_at", "talked_part", "attempt_count", "attempts", "appointment_at", "appointment_status",
    "closed_numbers", "note", "follow_up", "action",
)  # fmt: skip
"""In the order of our own file."""
DATES: Mapping[str, str] = {
    "dd-mm-jjjj": "%d-%m-%Y",
    "dd/mm/jjjj": "%d/%m/%Y",
    "jjjj-mm-dd": "%Y-%m-%d",
    "jjjjmmdd": "%Y%m%d",
}
DELIMITERS = frozenset({";", ",", "\t", "|"})
MOST_COLUMNS = 100
_TITLE, _WORD, _WORDS = 100, 100, 200
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
_KNOWN: Mapping[str, Sequence[str]] = {
    "client_ref": ("kenmerk", "zaaknummer", "referentie", "client reference", "dossiernummer"),
    "signal_ref": ("signaal-id", "signaalid", "signaalnummer", "signal id"),
    "partner_type": ("vastelastenpartner", "partner", "partner type", "soort partner"),
    "signal_on": ("signaaldatum", "datum signaal", "signal date"),
    "crisis": ("crisis", "spoed"),
    "status": ("status",),
    "outcome": ("resultaatcode", "code resultaat", "outcome code", "uitkomstcode"),
    "outcome_label": ("resultaat", "uitkomst", "outcome"),
    "ddas": ("ddas-resultaat", "ddas", "ddas result"),
    "reached": ("bereikt", "reached", "contact gelegd"),
    "talked_at": ("datum gesprek", "gespreksdatum", "datum contact", "conversation date"),
    "talked_part": ("dagdeel gesprek", "dagdeel", "conversation day-part"),
    "attempt_count": ("aantal belpogingen", "aantal pogingen", "number of attempts"),
    "attempts": ("belpogingen", "pogingen", "attempts"),
    "appointment_at": ("afspraak", "datum afspraak", "appointment"),
    "appointment_status": ("afspraakstatus", "status afspraak", "appointment status"),
    "closed_numbers": ("afgesloten nummers", "closed numbers"),
    "note": ("notitie", "opmerking", "toelichting", "note"),
    "follow_up": ("opvolging", "follow-up"),
    "action": ("levering", "soort regel", "action"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`field` empty: the client's own column, which stays empty."""

    title: str
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The whole. `words`: the client's word for an outcome's code; `dates`: a key of DATES."""

    columns: Sequence[Column]
    format: FileFormat = FileFormat.CSV
    delimiter: str = ";"
    encoding: Encoding = Encoding.UTF8_BOM
    dates: str = "dd-mm-jjjj"
    times: bool = True  # whether moments are told with their hour
    yes: str = "ja"
    no: str = "nee"
    words: Mapping[str, str] = field(default_factory=dict)


def check(layout: Layout) -> Layout:
    """The layout, if a file can be made of it. Raises InvalidError with the field to mend."""
    titles = [column.title for column in layout.columns]
    if not any(column.field for column in layout.columns) or len(titles) > MOST_COLUMNS:
        raise InvalidError(f"1 tot {MOST_COLUMNS} kolommen, waarvan er een iets vertelt", "columns")
    for number, column in enumerate(layout.columns):
        if not _plain(column.title, _TITLE):
            raise InvalidError(f"1 tot {_TITLE} gewone tekens", f"columns/{number}/title")
        if column.field and column.field not in FIELDS:
            raise InvalidError("dit gegeven is er niet", f"columns/{number}/field")
    if len(set(titles)) != len(titles):
        raise InvalidError("elke kolom een eigen naam", "columns")
    if layout.delimiter not in DELIMITERS:
        raise InvalidError("een puntkomma, komma, tab of rechte streep", "delimiter")
    if layout.dates not in DATES:
        raise InvalidError("kies een schrijfwijze", "dates")
    for key, word in (("yes", layout.yes), ("no", layout.no)):
        if not _plain(word, _WORD):
            raise InvalidError(f"1 tot {_WORD} gewone tekens", key)
    if layout.yes == layout.no:
        raise InvalidError("een ander woord dan bij ja", "no")
    if len(layout.words) > _WORDS or not all(_CODE.fullmatch(c) and _plain(w, _WORD) for c, w in layout.words.items()):
        raise InvalidError(f"1 tot {_WORD} gewone tekens bij elke uitkomst", "words")
    return layout


def _plain(text: str, most: int) -> bool:
    return bool(text.strip()) and len(text) <= most and text.isprintable()


def row(layout: Layout, values: Mapping[str, Value]) -> list[str]:
    """The cells of one line. `values` has each of FIELDS."""
    return [_cell(layout, column.field, values) for column in layout.columns]


def _cell(layout: Layout, name: str, values: Mapping[str, Value]) -> str:
    if not name:
        return ""
    value = values[name]
    if name == "outcome_label":
        return layout.words.get(str(values["outcome"]), str(value))
    if isinstance(value, bool):
        return layout.yes if value else layout.no
    if isinstance(value, datetime):
        return value.strftime(DATES[layout.dates] + (" %H:%M" if layout.times else ""))
    if isinstance(value, date):
        return value.strftime(DATES[layout.dates])
    return "" if value is None else str(value)


def guess(titles: Sequence[str]) -> list[Column]:
    """Columns as an example file has them, with what their names seem to mean; each meaning is given once."""
    means = {_even(name): field for field, names in _KNOWN.items() for name in names}
    given: set[str] = set()
    found: list[Column] = []
    for title in titles:
        name = means.get(_even(title), "")
        found.append(Column(title=title, field="" if name in given else name))
        given.add(name)
    return found


def _even(text: str) -> str:
    return re.sub(r"[\s_\-./]+", "", text).casefold()


def to_json(layout: Layout) -> dict[str, Any]:
    """As it is kept, and told."""
    return {
        "columns": [{"title": column.title, "field": column.field} for column in layout.columns],
        "format": layout.format.value,
        "delimiter": layout.delimiter,
        "encoding": layout.encoding.value,
        "dates": layout.dates,
        "times": layout.times,
        "yes": layout.yes,
        "no": layout.no,
        "words": dict(layout.words),
    }


def parse(data: Mapping[str, Any]) -> Layout:
    """The reverse of `to_json`; what is left out is the usual. Raises InvalidError."""
    try:
        known = {key: data[key] for key in ("delimiter", "dates", "times", "yes", "no", "words") if key in data}
        return check(
            Layout(
                columns=[Column(title=one["title"], field=one.get("field", "")) for one in data["columns"]],
                format=FileFormat(data.get("format", FileFormat.CSV)),
                encoding=Encoding(data.get("encoding", Encoding.UTF8_BOM)),
                **known,
            )
        )
    except (KeyError, TypeError, ValueError):
        raise InvalidError("deze indeling is niet begrepen", "columns") from None
