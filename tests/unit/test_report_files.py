"""Reports as files: numbers are numbers, nothing is executed, the same paper gives the same PDF."""

from __future__ import annotations

import base64
import zipfile
from dataclasses import replace
from io import BytesIO
from uuid import UUID

import pytest
from openpyxl import load_workbook

from dialer.domain.errors import InvalidError
from dialer.domain.reports.operations import OPERATIONS_NEWEST, Plot, Unit, operations
from dialer.papers.files import ReportFilesWriter
from dialer.services.operation_words import OperationsShown, kpis_shown, periods_shown, sections_shown
from dialer.services.ports.report_files import Paper, PaperTable
from dialer.services.report_files import LOGO_BYTES, figure_text, paper_of, read_logo
from tests.support.panel_reports import found_of_a_month
from tests.support.pictures import png
from tests.support.report_paper import reach_shown, run_of
from tests.support.world import MONDAY

WRITER = ReportFilesWriter()


def shown(*, whole: bool = True, ours: bool = True) -> OperationsShown:
    known = operations(OPERATIONS_NEWEST)
    found = found_of_a_month()
    return OperationsShown(
        report=UUID(int=1), definitions=OPERATIONS_NEWEST, whole=whole,
        kpis=kpis_shown(known, found, [found, {}], {}, "nl", whole=whole),
        earlier=periods_shown([run_of(month).period for month in (1, 2)]),
        sections=sections_shown(known, found, {}, "nl", ours=ours),
    )  # fmt: skip


def paper(logo: bytes | None = None, language: str = "nl") -> Paper:
    return paper_of(reach_shown(), shown(), logo, language)


def test_a_workbook_holds_what_the_page_says_as_numbers() -> None:
    data = WRITER.write(paper(), "xlsx")
    book = load_workbook(BytesIO(data))
    assert book.sheetnames[0] == "Rapport Stad"
    names = [sheet.title for sheet in book.worksheets]
    assert len(names) == len(set(names)) == 2 + 4 + len(operations(OPERATIONS_NEWEST).sections)
    sheet = book["Inwoners die ons bellen"]
    head = [cell.value for cell in sheet[3]]
    last = dict(zip(head, list(sheet.iter_rows())[-1], strict=True))
    assert (last["Bellers"].value, last["Bellers"].number_format) == (200, "#,##0")
    assert last["Bereikbaarheid"].value == pytest.approx(150 / 195)
    assert last["Bereikbaarheid"].number_format == "0.0%"
    charts = [name for name in zipfile.ZipFile(BytesIO(data)).namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) >= 8
    assert book["Wanneer inwoners opnemen"].conditional_formatting
    kpis = [[cell.value for cell in row] for row in book["Afspraken over kwaliteit"].iter_rows(min_row=4)]
    (level,) = [row for row in kpis if row[0] == "Bereikbaarheid"]
    assert level[1:] == ["76,9%", None, "76,9%", "minstens 80,0% (± 5,0%)", "binnen de marge"]


def test_nothing_in_a_workbook_is_executed() -> None:
    table = PaperTable(
        title="=1+1", note="@x", head=["=cmd|' /C calc'!A0", "n"], units=[None, Unit.COUNT],
        rows=[["=HYPERLINK(\"http://x\")", 1.0], ["+31", None], ["-1", 2.0]], total=["=SUM(A1:A9)", 3.0],
    )  # fmt: skip
    names = replace(table, title="=1+1"), replace(table, title="Een heel lange titel / van [een] blad: ja?")
    data = WRITER.write(replace(paper(), title="=A1", about="=B1", tables=[table, *names]), "xlsx")
    for sheet in load_workbook(BytesIO(data)).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert not str(cell.value or "").startswith(("=", "+", "@")), cell.value


def test_the_same_paper_is_the_same_pdf_with_or_without_a_logo() -> None:
    first = WRITER.write(paper(), "pdf")
    assert first.startswith(b"%PDF-")
    assert WRITER.write(paper(), "pdf") == first
    with_logo = WRITER.write(paper(png()), "pdf")
    assert b"/Subtype /Image" in with_logo
    assert b"/Subtype /Image" not in first
    assert WRITER.write(paper(language="en"), "pdf") != first
    with pytest.raises(InvalidError):
        WRITER.write(paper(), "docx")


def test_a_pdf_of_nothing_and_of_strange_letters_is_written_all_the_same() -> None:
    base = paper()
    empty = [replace(table, rows=[], keys=[], total=None) for table in base.tables]
    holes = [
        PaperTable(
            title="Gaten – Łódź", note="", head=["w", "deel"], units=[None, Unit.SHARE],
            rows=[["40", None], ["41", 0.0], ["42", 0.5]], plot=plot, plotted=1,
        )
        for plot in (Plot.LINE, Plot.BARS)
    ]  # fmt: skip
    heat = PaperTable(
        title="Uren", note="", head=["u", "deel"], units=[None, Unit.SHARE], rows=[["maandag 9 uur", None]],
        total=["Totaal", None], plot=Plot.HEAT, plotted=1, keys=["1-09"],
    )  # fmt: skip
    for tables in (empty, holes, [heat]):
        assert WRITER.write(replace(base, tables=tables), "pdf").startswith(b"%PDF-")
        WRITER.write(replace(base, tables=tables), "xlsx")


def test_figures_are_written_as_the_reader_writes_them() -> None:
    assert figure_text(Unit.COUNT, 12345, 0) == "12.345"
    assert figure_text(Unit.COUNT, 12345, 1) == "12,345"
    assert figure_text(Unit.SHARE, 0.4567, 0) == "45,7%"
    assert figure_text(Unit.SECONDS, 1.25, 1) == "1.2 s"
    assert figure_text(Unit.SCORE, -12.34, 0) == "-12,3"
    assert figure_text(Unit.SHARE, None, 0) is None


def test_a_logo_is_a_png_of_a_modest_size() -> None:
    assert read_logo(base64.b64encode(png()).decode()) == png()
    wrong = (
        "geen base64!", base64.b64encode(b"GIF89a" + bytes(40)).decode(), base64.b64encode(png()[:20]).decode(),
        base64.b64encode(png() + bytes(LOGO_BYTES)).decode(), base64.b64encode(png(2001, 1)).decode(),
    )  # fmt: skip
    for text in wrong:
        with pytest.raises(InvalidError) as refused:
            read_logo(text)
        assert refused.value.field == "png"


def test_it_says_for_whom_it_is_not_whole() -> None:
    found = paper_of(replace(reach_shown(), whole=False), shown(whole=False, ours=False), None, "nl")
    assert any("afgerond op vijf" in line for line in found.lines)
    assert found.at == MONDAY
