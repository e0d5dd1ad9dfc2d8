"""The parts of a workbook that a list needs, streamed through expat: three times as fast as a library that knows all of
a workbook, and no bigger than what it reads. Namespaces are dropped; a document type (entities) is refused.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from xml.parsers import expat

_CHUNK = 64 * 1024
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_STYLES = "xl/styles.xml"
_SHARED = "xl/sharedStrings.xml"
_BUILTIN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_DATE_LETTER = re.compile(r"[dmyhs]", re.IGNORECASE)
_EPOCH_1900, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_DIGITS = "0123456789"

Attributes = Mapping[str, str]


class WorkbookError(Exception):
    """The workbook is not what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbook:
    """What is known before the first row."""

    sheet: str  # part of the first visible sheet; empty when there is none
    epoch: date
    date_styles: frozenset[str]  # indexes of cell formats that show dates
    strings: list[str]


def open_workbook(archive: zipfile.ZipFile) -> Workbook:
    """Read everything but the rows."""
    sheets: list[str] = []
    epoch = [_EPOCH_1900]

    def seen(name: str, attributes: Attributes) -> None:
        if name == "workbookPr" and attributes.get("date1904", "0") in ("1", "true"):
            epoch[0] = _EPOCH_1904
        elif name == "sheet" and attributes.get("state", "visible") == "visible":
            sheets.append(next((value for key, value in attributes.items() if key.endswith(":id")), ""))

    _scan(archive, _WORKBOOK, seen)
    targets: dict[str, str] = {}
    _scan(
        archive,
        _RELATIONS,
        lambda _, attributes: targets.update({attributes.get("Id", ""): attributes.get("Target", "")}),
    )
    sheet = ""
    if sheets:
        target = targets.get(sheets[0], "")
        sheet = target.removeprefix("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
    return Workbook(sheet=sheet, epoch=epoch[0], date_styles=_date_styles(archive), strings=_strings(archive))


def _date_styles(archive: zipfile.ZipFile) -> frozenset[str]:
    formats: dict[str, str] = {}
    found: list[str] = []
    state = {"in": False, "count": 0}

    def seen(name: str, attributes: Attributes) -> None:
        if name == "numFmt":
            formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            state["in"] = name == "cellXfs"
        elif name == "xf" and state["in"]:
            if _is_date(attributes.get("numFmtId", "0"), formats):
                found.append(str(state["count"]))
            state["count"] += 1

    if _STYLES in archive.namelist():
        _scan(archive, _STYLES, seen)
    return frozenset(found)


def _is_date(number: str, formats: Mapping[str, str]) -> bool:
    code = formats.get(number)
    if code is not None:
        return _DATE_LETTER.search(_NOT_FORMAT.sub("", code.split(";")[0])) is not None
    return number.isdigit() and int(number) in _BUILTIN_DATES


def _strings(archive: zipfile.ZipFile) -> list[str]:
    """The shared strings; phonetic readings left out."""
    found: list[str] = []
    pieces: list[str] = []
    state = {"text": False, "phonetic": False}

    def started(name: str, _: Attributes) -> None:
        if name == "si":
            pieces.clear()
        elif name == "rPh":
            state["phonetic"] = True
        elif name == "t":
            state["text"] = not state["phonetic"]

    def ended(name: str) -> None:
        if name == "t":
            state["text"] = False
        elif name == "rPh":
            state["phonetic"] = False
        elif name == "si":
            found.append("".join(pieces))

    if _SHARED in archive.namelist():
        _scan(archive, _SHARED, started, ended, lambda data: pieces.append(data) if state["text"] else None)
    return found


def _scan(
    archive: zipfile.ZipFile,
    part: str,
    started: Callable[[str, Attributes], None],
    ended: Callable[[str], None] | None = None,
    text: Callable[[str], object] | None = None,
) -> None:
    for _ in _stream(archive, part, started, ended, text):
        pass


def _stream(
    archive: zipfile.ZipFile,
    part: str,
    started: Callable[[str, Attributes], None],
    ended: Callable[[str], None] | None,
    text: Callable[[str], object] | None,
) -> Iterator[None]:
    """Parse a part, stopping after each chunk."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    local: dict[str, str] = {}

    def plain(name: str) -> str:
        known = local.get(name)
        if known is None:
            known = local[name] = name.rpartition(":")[2]
        return known

    def forbidden(*_: object) -> None:
        raise WorkbookError("a document type")

    parser.StartElementHandler = lambda name, attributes: started(plain(name), attributes)
    if ended is not None:
        finish = ended
        parser.EndElementHandler = lambda name: finish(plain(name))
    if text is not None:
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = forbidden
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
        yield


class Rows:
    """Rows of a sheet as text: (number as a spreadsheet counts, cells)."""

    def __init__(self, book: Workbook, columns: int, characters: int) -> None:
        """Cells beyond `columns` are left out, text beyond `characters` is cut."""
        self._book = book
        self._columns = columns
        self._characters = characters
        self._letters: dict[str, int] = {}
        self._ready: list[tuple[int, list[str]]] = []
        self._number = 0
        self._row: list[str] = []
        self._column = 0
        self._type = ""
        self._style = ""
        self._pieces: list[str] = []
        self._collecting = False

    def read(self, archive: zipfile.ZipFile) -> Iterator[tuple[int, list[str]]]:
        """In the order of the file, which is that of the numbers."""
        for _ in _stream(archive, self._book.sheet, self._started, self._ended, self._text):
            yield from self._ready
            self._ready.clear()

    def _started(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            reference = attributes.get("r")
            self._column = self._place(reference) if reference else self._column + 1
            self._type = attributes.get("t", "n")
            self._style = attributes.get("s", "")
            self._pieces = []
        elif name == "v" or name == "t":
            self._collecting = True
        elif name == "rPh":
            self._type = ""  # a phonetic reading follows the text it belongs to
        elif name == "row":
            number = int(attributes.get("r") or self._number + 1)
            if number <= self._number:
                raise WorkbookError("rows out of order")
            self._number = number
            self._row = []
            self._column = -1

    def _text(self, data: str) -> None:
        if self._collecting and self._type:
            self._pieces.append(data)

    def _ended(self, name: str) -> None:
        if name == "v" or name == "t":
            self._collecting = False
        elif name == "c":
            if self._pieces and self._column < self._columns:
                value = self._value("".join(self._pieces))
                row = self._row
                while len(row) < self._column:
                    row.append("")
                row[self._column :] = [value[: self._characters]]
        elif name == "row":
            self._ready.append((self._number, self._row))

    def _place(self, reference: str) -> int:
        letters = reference.rstrip(_DIGITS)
        known = self._letters.get(letters)
        if known is None:
            known = 0
            for letter in letters[:4]:
                known = known * 26 + ord(letter) - 64
            known = self._letters[letters] = known - 1
            if known < 0:
                raise WorkbookError("a cell without a column")
        return known

    def _value(self, text: str) -> str:
        kind = self._type
        if kind == "s":
            return self._book.strings[int(text)]
        if kind == "n":
            if self._style in self._book.date_styles:
                return _moment(float(text), self._book.epoch)
            return _number(text)
        if kind == "b":
            return "ja" if text.strip() in ("1", "true") else "nee"
        return text  # inlineStr, str (a formula's), e, d


def _moment(serial: float, epoch: date) -> str:
    """A date; with its time when it has one."""
    seconds = round(serial * 86_400)
    if seconds % 86_400 == 0:
        return (epoch + timedelta(days=seconds // 86_400)).isoformat()
    midnight = datetime(epoch.year, epoch.month, epoch.day)  # noqa: DTZ001 - a spreadsheet's time has no zone
    return (midnight + timedelta(seconds=seconds)).isoformat(sep=" ")


def _number(text: str) -> str:
    if text.isdigit():
        return text
    value = float(text)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.2f}"
