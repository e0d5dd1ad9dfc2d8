"""How a client wants its results in a file."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest

from dialer.domain.errors import InvalidError
from dialer.domain.outlets import SendPlan, check_plan, due_day, file_name
from dialer.domain.result_layout import (
    DATES,
    FIELDS,
    MOST_COLUMNS,
    Column,
    Encoding,
    FileFormat,
    Layout,
    check,
    guess,
    parse,
    row,
    to_json,
)
from dialer.intake.tables import FileTables
from dialer.services.ports.export import Table
from dialer.services.result_values import TITLES, own_layout, samples

AT = datetime(2026, 3, 2, 16, tzinfo=UTC)
TWO = Layout(columns=[Column(title="Zaak", field="client_ref"), Column(title="Contact", field="reached")])


def test_an_example_of_our_own_is_understood_whole() -> None:
    for language in (0, 1):
        titles = [TITLES[field][language] for field in FIELDS]
        assert [column.field for column in guess(titles)] == list(FIELDS)


def test_each_meaning_is_given_once_and_what_is_strange_stays_empty() -> None:
    found = guess(["Zaak-Nummer", "KENMERK", "Wijkteam", "Bereikt"])
    assert [(one.title, one.field) for one in found] == [
        ("Zaak-Nummer", "client_ref"), ("KENMERK", ""), ("Wijkteam", ""), ("Bereikt", "reached"),
    ]  # fmt: skip


def test_columns_dates_and_words_are_the_clients() -> None:
    layout = Layout(
        columns=[
            Column(title="Datum", field="talked_at"),
            Column(title="Signaal", field="signal_on"),
            Column(title="Wijk"),
            Column(title="Uitkomst", field="outcome_label"),
            Column(title="Contact", field="reached"),
            Column(title="Pogingen", field="attempt_count"),
            Column(title="Zaak", field="client_ref"),
        ],
        dates="jjjj-mm-dd",
        yes="J",
        no="N",
        words={"HELP_WANTED": "Wil hulp"},
    )
    first, second, _ = (row(check(layout), line) for line in samples())
    assert first == ["2026-03-05 19:12", "2026-03-02", "", "Wil hulp", "J", "2", "VOORBEELD-1"]
    assert second[:2] + second[3:5] == ["", "2026-03-02", "", "N"]
    assert row(replace(layout, times=False), samples()[0])[0] == "2026-03-05"
    for name, form in DATES.items():
        assert row(replace(layout, dates=name), samples()[0])[1] == date(2026, 3, 2).strftime(form)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"columns": []}, "columns"),
        ({"columns": [Column(title="x")]}, "columns"),
        ({"columns": [Column(title=str(n), field="note") for n in range(MOST_COLUMNS + 1)]}, "columns"),
        ({"columns": [Column(title=" ", field="note")]}, "columns/0/title"),
        ({"columns": [Column(title="a\nb", field="note")]}, "columns/0/title"),
        ({"columns": [Column(title="x", field="bsn")]}, "columns/0/field"),
        ({"columns": [Column(title="x", field="note"), Column(title="x")]}, "columns"),
        ({"delimiter": "a"}, "delimiter"),
        ({"dates": "mm-dd"}, "dates"),
        ({"yes": ""}, "yes"),
        ({"no": "ja"}, "no"),
        ({"words": {"help": "x"}}, "words"),
        ({"words": {"HELP": ""}}, "words"),
        ({"words": {f"A{n}": "x" for n in range(201)}}, "words"),
    ],
)
def test_what_cannot_be_a_file_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidError) as raised:
        check(replace(TWO, **change))
    assert raised.value.field == field


def test_a_layout_comes_back_as_it_was_kept() -> None:
    layout = replace(TWO, format=FileFormat.XLSX, encoding=Encoding.WINDOWS, words={"HELP_WANTED": "x"}, times=False)
    assert to_json(parse(json.loads(json.dumps(to_json(layout))))) == to_json(layout)
    assert parse({"columns": [{"title": "x", "field": "note"}]}).delimiter == ";"
    wrong: list[dict[str, Any]] = [{}, {"columns": [{}]}, {"columns": "x"}, {**to_json(TWO), "format": "pdf"}]
    for broken in wrong:
        with pytest.raises(InvalidError):
            parse(broken)


EVIL = Table(header=["=1+1", "b"], rows=[["=cmd|' /C calc'!A1", "a\r\nb"], ["@x", "€ ☃"]])


def test_no_cell_is_a_formula_and_the_same_lines_are_the_same_bytes() -> None:
    files = FileTables()
    for form in FileFormat:
        layout = replace(TWO, format=form, encoding=Encoding.WINDOWS, delimiter=",")
        made = files.write_layout(EVIL, layout, AT)
        assert made == files.write_layout(EVIL, layout, AT)
        if form is FileFormat.CSV:
            lines = list(csv.reader(io.StringIO(made.decode("cp1252"))))
            assert lines == [["'=1+1", "b"], ["'=cmd|' /C calc'!A1", "a / b"], ["'@x", "€ ?"]]
        elif form is FileFormat.XLSX:
            sheet = openpyxl.load_workbook(io.BytesIO(made)).active
            assert sheet is not None
            assert sheet["A2"].value == "'=cmd|' /C calc'!A1"
            assert sheet["A2"].data_type == "s"
        else:
            assert json.loads(made)[0]["b"] == "a\r\nb"


def test_our_own_layout_has_all_in_both_languages() -> None:
    for language in ("nl", "en"):
        layout = check(own_layout(language))
        assert len(row(layout, samples()[0])) == len(FIELDS)


def test_a_file_is_due_once_on_its_days_after_its_hour() -> None:
    plan = check_plan(SendPlan(weekdays=frozenset({0, 3}), at=time(17)))
    monday = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
    assert due_day(plan, monday, None) == date(2026, 3, 2)
    assert due_day(plan, monday - timedelta(minutes=1), None) is None
    assert due_day(plan, monday, date(2026, 3, 2)) is None
    assert due_day(plan, monday + timedelta(days=1), None) is None
    assert due_day(plan, monday + timedelta(days=3), date(2026, 3, 2)) == date(2026, 3, 5)
    assert due_day(SendPlan(), monday, None) is None
    with pytest.raises(InvalidError):
        check_plan(SendPlan(weekdays=frozenset({7})))


def test_names_are_plain() -> None:
    assert file_name("Voorjaar 2026 / é", date(2026, 3, 2), 7, "csv") == "resultaten-voorjaar-2026-20260302-0007.csv"
    assert file_name("../../etc", date(2026, 3, 2), 12345, "json") == "resultaten-etc-20260302-12345.json"
    assert file_name("中", date(2026, 3, 2), 1, "xlsx") == "resultaten-belactie-20260302-0001.xlsx"
