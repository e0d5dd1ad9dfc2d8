"""Files that no spreadsheet executes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest

from dialer.domain.errors import InvalidError
from dialer.domain.intake import FIELDS, parse_signal_row
from dialer.intake.mapping import guess
from dialer.intake.tables import FileTables, safe_cell
from dialer.intake.template import GUIDE, template
from dialer.services.ports.export import Table

TABLE = Table(header=["kenmerk", "notitie"], rows=[["Z-1", "=cmd()|' /C calc'!A0"], ["+31600000001", 'a\r\nb;c"d']])


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("gewoon", "gewoon"),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'=1"),
        ("\r=1", "'=1"),
        ("\x00=1", "'=1"),
        ("  =1", "'=1"),
        ("＝1", "'＝1"),
        ("een\r\ntwee\u2028drie", "een / twee / drie"),
        ("nul\x00\x07byte\ud800", "nulbyte"),
        ("x" * 40_000, "x" * 32_767),
        ("", ""),
    ],
)
def test_safe_cell(text: str, safe: str) -> None:
    assert safe_cell(text) == safe


def test_csv_for_dutch_excel() -> None:
    out = io.BytesIO()
    FileTables().write(TABLE, "csv", out)
    data = out.getvalue()
    assert data.startswith(b"\xef\xbb\xbfkenmerk;notitie\r\n")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert rows[1:] == [["Z-1", "'=cmd()|' /C calc'!A0"], ["'+31600000001", 'a / b;c"d']]


def test_xlsx_has_text_only() -> None:
    out = io.BytesIO()
    FileTables().write(TABLE, "xlsx", out)
    sheet = openpyxl.load_workbook(out).worksheets[0]
    cells = [cell for line in sheet.iter_rows() for cell in line]
    assert "f" not in {cell.data_type for cell in cells}
    assert [cell.value for cell in cells][2:4] == ["Z-1", "'=cmd()|' /C calc'!A0"]


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_file_is_private_and_whole_or_not_there(tmp_path: Path, format_: str) -> None:
    path = tmp_path / f"out.{format_}"
    FileTables().write_file(TABLE, format_, path)
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()

    def breaking() -> list[list[str]]:
        raise OSError("disk full")

    class Rows:
        def __iter__(self) -> object:
            return iter(breaking())

    with pytest.raises(OSError, match="disk full"):
        FileTables().write_file(Table(header=["a"], rows=Rows()), format_, path)  # type: ignore[arg-type]
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_other_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidError):
        FileTables().write_file(TABLE, "pdf", tmp_path / "out.pdf")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InvalidError):
        template("pdf")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_template_s_own_example_is_a_good_row(language: str) -> None:
    from datetime import date

    text = template("csv", language).decode("utf-8-sig")
    header, example = csv.reader(io.StringIO(text), delimiter=";")
    assert guess(header) == dict(zip(FIELDS, header, strict=True))
    row, issues = parse_signal_row(dict(zip(FIELDS, example, strict=True)), today=date(2026, 6, 2), demo=True)
    assert row is not None
    assert list(issues) == []


def test_the_workbook_keeps_zeros_and_explains_each_column() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template("xlsx")))
    sheet = book["lijst"]
    assert sheet.cell(row=500, column=17).number_format == "@"
    guide = list(book["uitleg"].iter_rows(values_only=True))
    assert len(guide) == len(FIELDS) + 1
    assert set(GUIDE) == set(FIELDS)
    assert ("achternaam", "ja", "Achternaam") in guide
    assert "guide" in openpyxl.load_workbook(io.BytesIO(template("xlsx", "en"))).sheetnames
