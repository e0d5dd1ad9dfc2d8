"""Workbooks as other programs write them, made by hand."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from xml.parsers import expat

import pytest

from dialer.intake.xlsx_parts import Rows, WorkbookError, open_workbook

WORKBOOK = (
    '<workbook xmlns="m" xmlns:r="r">{pr}<sheets>'
    '<sheet name="weg" sheetId="1" state="hidden" r:id="rId1"/><sheet name="lijst" sheetId="2" r:id="rId2"/>'
    "</sheets></workbook>"
)
RELATIONS = (
    '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/>'
    '<Relationship Id="rId2" Target="{target}"/></Relationships>'
)
STYLES = (
    '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd\\-mm\\-yyyy"/>'
    '<numFmt numFmtId="165" formatCode="&quot;dag&quot; 0.00_m;[Red]-0"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf/></cellXfs></styleSheet>'
)
SHARED = (
    "<sst><si><t>een</t></si><si><r><t>tw</t></r><r><t>ee</t></r><rPh><t>fonetisch</t></rPh></si><si><t/></si></sst>"
)


def archive(rows: str, *, pr: str = "", target: str = "worksheets/sheet2.xml", **parts: str) -> zipfile.ZipFile:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("xl/workbook.xml", parts.get("workbook", WORKBOOK.format(pr=pr)))
        made.writestr("xl/_rels/workbook.xml.rels", RELATIONS.format(target=target))
        if parts.get("styles", STYLES):
            made.writestr("xl/styles.xml", parts.get("styles", STYLES))
        if parts.get("shared", SHARED):
            made.writestr("xl/sharedStrings.xml", parts.get("shared", SHARED))
        made.writestr("xl/worksheets/sheet2.xml", f"<worksheet><sheetData>{rows}</sheetData></worksheet>")
    return zipfile.ZipFile(out)


def read(made: zipfile.ZipFile, *, columns: int = 100) -> list[tuple[int, list[str]]]:
    return list(Rows(open_workbook(made), columns, 50).read(made))


def test_kinds_of_cells() -> None:
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c>'
        '<c r="D1" t="inlineStr"><is><t>in</t><rPh><t>x</t></rPh></is></c><c r="E1" t="str"><f>A1</f><v>formule</v></c>'
        '<c r="F1" t="b"><v>1</v></c><c r="G1" t="b"><v>0</v></c><c r="H1" t="e"><v>#N/A</v></c>'
        '<c r="I1"><f>1+1</f></c>'
        '<c r="J1"><v>600000001</v></c><c r="K1"><v>310.5</v></c><c r="L1"><v>6.00000001E8</v></c></row>'
    )
    assert read(archive(rows)) == [
        (1, ["een", "twee", "", "in", "formule", "ja", "nee", "#N/A", "", "600000001", "310.50", "600000001"])
    ]


def test_dates_by_their_format() -> None:
    rows = (
        "<row>"
        + "".join(f'<c s="{style}"><v>25600</v></c>' for style in range(5))
        + '<c s="1"><v>25600.5</v></c></row>'
    )
    assert read(archive(rows)) == [(1, ["25600", "1970-02-01", "1970-02-01", "25600", "25600", "1970-02-01 12:00:00"])]
    old_mac = archive('<row><c s="1"><v>24138</v></c></row>', pr='<workbookPr date1904="1"/>')
    assert open_workbook(old_mac).epoch == date(1904, 1, 1)
    assert read(old_mac) == [(1, ["1970-02-01"])]


def test_gaps_missing_references_and_far_cells() -> None:
    rows = (
        '<row r="2"><c r="B2"><v>1</v></c><c><v>2</v></c><c r="XFD2"><v>3</v></c></row>'
        '<row><c><v>4</v></c></row><row r="9"/>'
    )
    assert read(archive(rows), columns=10) == [(2, ["", "1", "2"]), (3, ["4"]), (9, [])]


def test_prefixed_names_absolute_targets_and_nothing_but_rows() -> None:
    made = archive("", target="/xl/worksheets/sheet3.xml", styles="", shared="")
    assert made.fp is not None
    with zipfile.ZipFile(made.fp, "a") as more:
        more.writestr(
            "xl/worksheets/sheet3.xml",
            '<x:worksheet xmlns:x="m"><x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>hier</x:t></x:is>'
            "</x:c></x:row></x:sheetData></x:worksheet>",
        )
    assert read(zipfile.ZipFile(made.fp)) == [(1, ["hier"])]


def test_text_is_cut() -> None:
    assert read(archive(f'<row><c t="str"><v>{"x" * 80}</v></c></row>')) == [(1, ["x" * 50])]


def test_no_visible_sheet() -> None:
    assert open_workbook(archive("", workbook="<workbook><sheets/></workbook>")).sheet == ""


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ('<row r="2"/><row r="1"/>', WorkbookError),
        ('<row r="0"/>', WorkbookError),
        ('<row><c r="12"><v>1</v></c></row>', WorkbookError),
        ('<row><c t="s"><v>99</v></c></row>', IndexError),
        ('<row><c t="n"><v>veel</v></c></row>', ValueError),
        ('<row><c s="1"><v>1e300</v></c></row>', OverflowError),
        ("<row>", expat.ExpatError),
    ],
)
def test_nonsense_is_an_error(rows: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read(archive(rows))


@pytest.mark.parametrize("part", ["workbook", "styles", "shared"])
def test_no_document_types(part: str) -> None:
    doctype = '<!DOCTYPE x [<!ENTITY a "b">]>'
    whole = {"workbook": WORKBOOK.format(pr=""), "styles": STYLES, "shared": SHARED}[part]
    with pytest.raises(WorkbookError, match="document type"):
        open_workbook(archive("", **{part: doctype + whole}))
