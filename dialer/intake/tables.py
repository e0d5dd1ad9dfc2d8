"""CSV and XLSX files that no spreadsheet will execute: the TableWriter port."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from dialer.domain.errors import InvalidError
from dialer.domain.result_layout import FileFormat, Layout
from dialer.services.ports.export import Table

FORMATS = ("csv", "xlsx")
_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # tabs and line ends are gone by then
_LINES = re.compile(r"\s*[\r\n\v\f\x85\u2028\u2029]+\s*")
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_MOST = 32_767
"""Characters that a cell of a spreadsheet holds."""


def safe_cell(text: str) -> str:
    """Text that stays text: one line, and an apostrophe before what a spreadsheet would take for a formula."""
    plain = _INVISIBLE.sub("", _LINES.sub(" / ", text.strip()).replace("\t", " ")).strip()
    if plain.startswith(_STARTS):
        plain = "'" + plain
    return plain[:_MOST]


class FileTables:
    """Writes tables. CSV: UTF-8 with BOM and semicolons, as Dutch Excel opens it."""

    def write(self, table: Table, format_: str, out: BinaryIO) -> None:
        """As `csv` or `xlsx`. Raises InvalidError for another format. Run it in a thread."""
        if format_ == "csv":
            _write_csv(table, out)
        elif format_ == "xlsx":
            _write_xlsx(table, out)
        else:
            raise InvalidError("csv or xlsx", "format")

    def write_file(self, table: Table, format_: str, path: Path) -> None:
        """The same to a file of mode 0600, whole or not at all: a crash leaves no half export under its name."""
        draft = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                self.write(table, format_, out)
                out.flush()
                os.fsync(out.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    def write_layout(self, table: Table, layout: Layout, at: datetime) -> bytes:
        """A client's own form: the same bytes each time for the same table. Run it in a thread."""
        out = io.BytesIO()
        if layout.format is FileFormat.JSON:
            objects = [dict(zip(table.header, row, strict=True)) for row in table.rows]
            out.write((json.dumps(objects, ensure_ascii=False, indent=1) + "\n").encode())
        elif layout.format is FileFormat.XLSX:
            _write_xlsx(table, out)
            return _steady(out.getvalue(), at)
        else:
            _write_csv(table, out, delimiter=layout.delimiter, encoding=layout.encoding.value)
        return out.getvalue()


def table_bytes(table: Table, format_: str) -> bytes:
    """A table as `csv` or `xlsx`, of which no cell is executed."""
    out = io.BytesIO()
    FileTables().write(table, format_, out)
    return out.getvalue()


def _steady(book: bytes, at: datetime) -> bytes:
    """The same workbook without the moment at which it was written."""
    stamp = f"{at:%Y-%m-%dT%H:%M:%SZ}".encode()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            body = before.read(name)
            if name == "docProps/core.xml":
                body = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, body)
            after.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _write_csv(table: Table, out: BinaryIO, *, delimiter: str = ";", encoding: str = "utf-8-sig") -> None:
    text = io.TextIOWrapper(out, encoding=encoding, errors="replace", newline="", write_through=True)
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([safe_cell(cell) for cell in table.header])
    for row in table.rows:
        writer.writerow([safe_cell(cell) for cell in row])
    text.flush()
    text.detach()


def _write_xlsx(table: Table, out: BinaryIO) -> None:
    rows = [[safe_cell(cell) for cell in row] for row in table.rows]  # whole, before a workbook is begun
    book = Workbook(write_only=True)
    sheet = book.create_sheet("lijst")
    sheet.freeze_panes = "A2"
    bold = Font(bold=True)
    titles = []
    for cell in table.header:
        title = WriteOnlyCell(sheet, value=safe_cell(cell))
        title.font = bold
        titles.append(title)
    sheet.append(titles)
    for row in rows:
        sheet.append(row)
    book.save(out)
