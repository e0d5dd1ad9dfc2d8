"""A paper as a workbook: a sheet for each table, numbers as numbers, charts, and nothing that is executed."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from dialer.domain.reports.operations import Plot, Unit
from dialer.intake.tables import safe_cell
from dialer.services.ports.report_files import Cell, Paper, PaperTable

_FORMATS = {Unit.COUNT: "#,##0", Unit.SHARE: "0.0%", Unit.SECONDS: "0.0", Unit.SCORE: "0.0"}
_BOLD = Font(bold=True)
_NAME = 31  # characters that the name of a sheet may have
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def book_of(paper: Paper) -> bytes:
    """The file."""
    book = Workbook()
    first = book.worksheets[0]
    first.title = _name(paper.title, [])
    for text in (paper.title, paper.about, *paper.lines):
        first.append([safe_cell(text)])
    first["A1"].font = Font(bold=True, size=14)
    first.append([])
    first.append([safe_cell(paper.words_title)])
    heading: Any = first.cell(row=first.max_row, column=1)
    heading.font = _BOLD
    for figure, means in paper.words:
        first.append([safe_cell(figure), safe_cell(means)])
    first.column_dimensions["A"].width = 48
    first.column_dimensions["B"].width = 110
    names = [first.title]
    for table in paper.tables:
        sheet = book.create_sheet(_name(table.title, names))
        names.append(sheet.title)
        _fill(sheet, table)
    book.properties.creator = safe_cell(paper.title)
    book.properties.created = paper.at.replace(tzinfo=None)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _name(title: str, taken: Sequence[str]) -> str:
    """A sheet's name: short, without what it may not have, and no other's."""
    plain = safe_cell(title).translate(_FORBIDDEN).strip()[:_NAME].strip() or "-"
    name, n = plain, 2
    while name.lower() in {one.lower() for one in taken}:
        name, n = f"{plain[: _NAME - 3]} {n}", n + 1
    return name


def _fill(sheet: Worksheet, table: PaperTable) -> None:
    _line(sheet, [table.title], [None])
    sheet["A1"].font = Font(bold=True, size=12)
    _line(sheet, [table.note], [None])
    _line(sheet, list(table.head), [None] * len(table.head), bold=True)
    begin = sheet.max_row
    for row in table.rows:
        _line(sheet, row, table.units)
    end = sheet.max_row
    if table.total is not None:
        _line(sheet, table.total, table.units, bold=True)
    sheet.freeze_panes = f"B{begin + 1}"
    sheet.column_dimensions["A"].width = 34
    for column in range(2, len(table.head) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 20
    if table.rows and table.plot is not Plot.NONE:
        _chart(sheet, table, begin, end)


def _line(sheet: Worksheet, cells: Sequence[Cell], units: Sequence[Unit | None], *, bold: bool = False) -> None:
    row = sheet.max_row + 1 if sheet["A1"].value is not None else 1
    for column, (value, unit) in enumerate(zip(cells, units, strict=True), start=1):
        cell: Any = sheet.cell(row=row, column=column)
        if isinstance(value, str):
            cell.value = safe_cell(value)
            cell.data_type = "s"  # text, whatever it begins with
        elif value is not None:
            cell.value = value
            cell.number_format = _FORMATS[unit] if unit is not None else "General"
        if bold:
            cell.font = _BOLD
        if column > 1:
            cell.alignment = Alignment(horizontal="right")


def _chart(sheet: Worksheet, table: PaperTable, begin: int, end: int) -> None:
    column = table.plotted + 1
    letter = get_column_letter(column)
    if table.plot is Plot.HEAT:
        scale: Any = ColorScaleRule  # its stub says no types
        sheet.conditional_formatting.add(
            f"{letter}{begin + 1}:{letter}{end}",
            scale(start_type="min", start_color="FFFFFF", end_type="max", end_color="5AA5B8"),
        )
        return
    chart: Any = LineChart() if table.plot is Plot.LINE else BarChart()
    if table.plot is Plot.BARS:
        chart.type = "bar"
        chart.y_axis.delete = False
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.title = table.head[table.plotted]
    chart.legend = None
    chart.y_axis.number_format = "0%"
    chart.add_data(Reference(sheet, min_col=column, min_row=begin + 1, max_row=end))
    chart.set_categories(Reference(sheet, min_col=1, min_row=begin + 1, max_row=end))
    chart.height, chart.width = 8, 16
    sheet.add_chart(chart, f"{get_column_letter(len(table.head) + 2)}{begin}")
