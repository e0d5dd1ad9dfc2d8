"""Lists as JSON, read by a real child process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dialer.domain.intake import SignalRow
from dialer.intake.limits import Limits
from tests.integration.test_list_reader import read_file, refused, saved
from tests.support.intake import ROW, csv_bytes, row

SECOND = {**ROW, "kenmerk": "Z-2", "signaal-id": "S-2", "achternaam": "Vos"}


@pytest.mark.parametrize("bare", [True, False])
async def test_the_same_list_as_csv_and_as_json_is_the_same(tmp_path: Path, bare: bool) -> None:
    lines: object = [ROW, SECOND] if bare else {"maand": "maart", "signalen": [ROW, SECOND]}
    text = json.dumps(lines, ensure_ascii=False, indent=1)
    info, found = await read_file(saved(tmp_path, b"\xef\xbb\xbf " + text.encode(), "list.json"))
    assert (info.format, info.encoding, info.delimiter) == ("json", "", "")
    assert list(info.header) == list(ROW)
    csv = csv_bytes([row(), SECOND])
    _, expected = await read_file(saved(tmp_path, csv))
    assert [one.row for one in found] == [one.row for one in expected]
    assert all(isinstance(one.row, SignalRow) for one in found)


async def test_objects_become_columns_numbers_stay_as_written_and_yes_is_yes(tmp_path: Path) -> None:
    record = {key: value for key, value in ROW.items() if key not in ("postcode", "huisnummer", "bedrag", "crisis")}
    text = json.dumps([{**record, "adres": {"postcode": "2711 AB", "nummer": 12}, "crisis": True}])
    text = text.replace('"crisis": true', '"crisis": true, "bedrag": 310.50, "taal": null')
    columns = {
        "client_ref": "kenmerk", "partner_type": "vastelastenpartner", "signal_on": "signaaldatum",
        "surname": "achternaam", "birth_date": "geboortedatum", "postcode": "adres.postcode",
        "house_number": "adres.nummer", "crisis": "crisis", "amount": "bedrag",
    }  # fmt: skip
    info, [found] = await read_file(saved(tmp_path, text.encode(), "list.json"), columns=columns)
    assert {"adres.postcode", "adres.nummer"} <= set(info.header)
    assert isinstance(found.row, SignalRow), found.issues
    assert (found.row.crisis, found.row.amount_cents) == (True, 31050)


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ('[{"kenmerk": "Z-1"},\n {"kenmerk": }]', "json-broken", 2),
        ("[" * 100_000, "json-broken", None),
        ('[{"kenmerk": NaN}]', "json-broken", None),
        ('{"a": [], "b": []}', "json-shape", None),
        ('["Z-1"]', "json-shape", None),
        ('[{"kenmerk": "Z-1"}, {"kenmerk": ["Z-2"]}]', "json-shape", 2),
        ('[{"a": {"b": {"c": {"d": 1}}}}]', "json-shape", 1),
        ("[]", "empty", None),
    ],
)
async def test_what_is_no_list_is_refused_with_its_place(
    tmp_path: Path, text: str, reason: str, line: int | None
) -> None:
    error = await refused(saved(tmp_path, text.encode(), "list.json"))
    assert (error.reason, error.line) == (reason, line)


async def test_a_csv_with_its_headings_in_brackets_is_still_one(tmp_path: Path) -> None:
    text = csv_bytes([row()]).decode()
    head, _, rest = text.partition("\r\n")
    bracketed = ";".join(f"[{name}]" for name in head.split(";"))
    understood, _ = await read_file(saved(tmp_path, csv_bytes([row()]), "plain.csv"))
    columns = {field: f"[{title}]" for field, title in understood.columns.items()}
    info, [found] = await read_file(saved(tmp_path, f"{bracketed}\r\n{rest}".encode()), columns=columns)
    assert (info.format, info.header[0]) == ("csv", "[kenmerk]")
    assert isinstance(found.row, SignalRow), found.issues


async def test_bounds_hold(tmp_path: Path) -> None:
    small = Limits(rows=1, columns=2, file_bytes=400)
    two = saved(tmp_path, json.dumps([{"a": "1"}, {"a": "2"}]).encode(), "rows.json")
    assert (await refused(two, limits=small)).reason == "too-many-rows"
    wide = saved(tmp_path, json.dumps([{"a": "1", "b": "2", "c": "3"}]).encode(), "wide.json")
    assert (await refused(wide, limits=small)).reason == "too-many-columns"
    large = saved(tmp_path, json.dumps([{"a": "x" * 500}]).encode(), "large.json")
    assert (await refused(large, limits=small)).reason == "too-large"
    latin = saved(tmp_path, b'[{"achternaam": "\xe9"}]', "latin.json")
    assert (await refused(latin)).reason == "encoding"
