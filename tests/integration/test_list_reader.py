"""Files good and bad, read by a real child process."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import random
import resource
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dialer.domain.intake import SignalRow
from dialer.intake.child import read
from dialer.intake.limits import MIB, Limits
from dialer.intake.process import ChildReader
from dialer.services.ports.intake import FileRefusedError, ReadOrder, ReadRow, SourceInfo
from tests.support.intake import ROW, csv_bytes, row

TODAY = date(2026, 3, 2)


async def read_file(
    path: Path, *, limits: Limits | None = None, columns: Mapping[str, str] | None = None, kind: str = "list"
) -> tuple[SourceInfo, list[ReadRow]]:
    order = ReadOrder(path=path, kind=kind, columns=columns, today=TODAY, demo=True)
    rows: list[ReadRow] = []
    async with ChildReader(limits).open(order) as stream:
        async for batch in stream.batches():
            rows += batch
        return stream.info, rows


async def refused(path: Path, **options: Any) -> FileRefusedError:
    with pytest.raises(FileRefusedError) as caught:
        await read_file(path, **options)
    return caught.value


def saved(folder: Path, content: bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def workbook(folder: Path, lines: Sequence[Sequence[object]], **parts: bytes) -> Path:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for line in lines:
        sheet.append(list(line))
    path = folder / "list.xlsx"
    book.save(path)
    if parts:
        with zipfile.ZipFile(path, "a") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
    return path


# --- good files, in all their shapes --------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
async def test_delimiters_and_encodings(tmp_path: Path, delimiter: str, encoding: str) -> None:
    content = csv_bytes([row(achternaam="Bérg-Müller"), row(kenmerk="Z-2")], delimiter=delimiter, encoding=encoding)
    info, rows = await read_file(saved(tmp_path, content))
    assert (info.format, info.delimiter, info.encoding.replace("-sig", "")) == (
        "csv",
        delimiter,
        encoding.replace("-sig", ""),
    )
    assert [item.number for item in rows] == [2, 3]
    first = rows[0].row
    assert isinstance(first, SignalRow)
    assert first.surname == "van der Bérg-Müller"


async def test_one_accent_at_the_end_of_a_long_file_still_tells_the_encoding(tmp_path: Path) -> None:
    rows = [row(kenmerk=f"Z-{n}", **{"signaal-id": f"S-{n}"}) for n in range(20_000)]
    rows.append(row(kenmerk="Z-x", **{"signaal-id": "S-x"}, achternaam="Bérg"))
    _, found = await read_file(saved(tmp_path, csv_bytes(rows, encoding="cp1252")))
    assert len(found) == 20_001
    assert isinstance(found[-1].row, SignalRow)
    assert found[-1].row.surname == "van der Bérg"


async def test_sep_line_title_blank_lines_and_quotes(tmp_path: Path) -> None:
    body = csv_bytes([row(achternaam='Berg "Jr"'), row(huisnummer="12\nA", kenmerk="Z-2")]).decode()
    header, rest = body.split("\r\n", 1)
    content = f"sep=;\r\nExport van 2 maart\r\n\r\n{header}\r\n\r\n{rest}".encode()
    _, rows = await read_file(saved(tmp_path, content))
    assert [item.number for item in rows] == [6, 7]
    assert rows[0].issues[0].reason == "name_characters"
    second = rows[1].row
    assert isinstance(second, SignalRow)
    assert (second.house_number, second.house_addition) == (12, "A")


async def test_xlsx_with_real_dates_numbers_and_flags(tmp_path: Path) -> None:
    values: dict[str, object] = {
        **ROW,
        "geboortedatum": datetime(1970, 2, 1),  # noqa: DTZ001 - as a cell has it
        "signaaldatum": date(2026, 2, 27),
        "telefoon 1": 600000001,
        "telefoon 2": 790000002.0,
        "huisnummer": 12,
        "bedrag": 310.5,
        "crisis": True,
    }
    path = workbook(tmp_path, [["Export"], [], list(values), list(values.values()), [None] * 5])
    info, rows = await read_file(path)
    assert (info.format, info.encoding, info.delimiter) == ("xlsx", "", "")
    [item] = rows
    assert item.number == 4
    found = item.row
    assert isinstance(found, SignalRow)
    assert (found.birth_date, found.signal_on) == (date(1970, 2, 1), date(2026, 2, 27))
    assert [phone.e164 for phone in found.phones] == ["+31600000001", "+31790000002"]
    assert (found.house_number, found.amount_cents, found.crisis) == (12, 31050, True)


async def test_hidden_sheets_and_formulas_are_not_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    hidden = book.worksheets[0]
    hidden.append(["geheim"])
    hidden.sheet_state = "hidden"
    sheet = book.create_sheet("lijst")
    sheet.append(list(ROW))
    sheet.append([*list(ROW.values())[:-1], "=1+1"])
    path = tmp_path / "list.xlsx"
    book.save(path)
    _, rows = await read_file(path)
    assert isinstance(rows[0].row, SignalRow)
    assert rows[0].row.language == "nl"  # a formula without a stored value is an empty cell


# --- bad files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\r\n\r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x00\x01\x02\x03" * 100, "not-text"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n\x00\x00", "not-text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "old-excel"),
        (b"PK\x03\x04broken", "xlsx-broken"),
        (b"kenmerk;achternaam\r\nZ-1;Berg\r\n", "columns-missing"),
        (b"\x81\x8d;\x8f\r\n" + csv_bytes([row()]), "encoding"),
        (b"\xff\xfe" + b"a\x00" * 50 + b"\xd8", "encoding"),
    ],
)
async def test_refused_with_a_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    assert (await refused(saved(tmp_path, content))).reason == reason


async def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert (await refused(tmp_path / "none.csv")).reason == "unreadable"


async def test_broken_quotes_name_the_row(tmp_path: Path) -> None:
    lines = csv_bytes([row(kenmerk=f"Z-{n}", **{"signaal-id": f"S-{n}"}) for n in range(5)]).decode().split("\r\n")
    lines[3] = lines[3].replace("Berg", '"Be"rg')
    error = await refused(saved(tmp_path, "\r\n".join(lines).encode()))
    assert (error.reason, error.line) == ("csv-broken", 4)
    lines[3] = lines[3].replace('"Be"rg', '"Berg')
    error = await refused(saved(tmp_path, "\r\n".join(lines).encode()))
    assert (error.reason, error.line) == ("csv-broken", 4)
    assert "Be" not in str(error)


async def test_an_unquoted_delimiter_refuses_its_row_only(tmp_path: Path) -> None:
    lines = csv_bytes([row(kenmerk=f"Z-{n}", **{"signaal-id": f"S-{n}"}) for n in range(3)]).decode().split("\r\n")
    lines[2] = lines[2].replace("Berg", "Berg; Jr")
    _, rows = await read_file(saved(tmp_path, "\r\n".join(lines).encode()))
    assert [item.row is not None for item in rows] == [True, False, True]
    assert rows[1].issues[0].reason == "too_many_cells"
    assert "Berg" in rows[1].cells


async def test_limits(tmp_path: Path) -> None:
    rows = [row(kenmerk=f"Z-{n}", **{"signaal-id": f"S-{n}"}) for n in range(50)]
    path = saved(tmp_path, csv_bytes(rows))
    small = Limits()
    for limits, reason in (
        (replace(small, file_bytes=1000), "too-large"),
        (replace(small, rows=49), "too-many-rows"),
        (replace(small, columns=10), "too-many-columns"),
        (replace(small, wall_seconds=0.001), "too-heavy"),
    ):
        assert (await refused(path, limits=limits)).reason == reason
    book = workbook(tmp_path, [list(ROW), *([*line.values()] for line in rows)])
    assert (await refused(book, limits=replace(small, rows=49))).reason == "too-many-rows"
    assert (await refused(book, limits=replace(small, file_bytes=1000))).reason == "too-large"
    assert len((await read_file(path, limits=replace(small, rows=50)))[1]) == 50


def test_the_size_is_bounded_while_reading_too(tmp_path: Path) -> None:
    """A file that grows after its size was asked."""
    path = saved(tmp_path, csv_bytes([row()]) + b"x" * 5000)
    order = ReadOrder(path=path, kind="list", columns=None, today=TODAY, demo=True)
    with pytest.raises(FileRefusedError) as caught:
        list(read(order, replace(Limits(), file_bytes=2000)))
    assert caught.value.reason == "too-large"


def children_worked() -> float:
    """Seconds of the processor that ended children have had: it does not grow while others have it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def test_two_gigabytes_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.write(csv_bytes([row()]))
        file.truncate(2 * 1024 * MIB)  # sparse
    before = children_worked()
    assert (await refused(path)).reason == "too-large"
    assert children_worked() - before < 5
    # With a limit above it the child reads on, and stops at what is no text; its memory stays bounded meanwhile.
    limits = Limits(file_bytes=4096 * MIB, memory_bytes=256 * MIB)
    assert (await refused(path, limits=limits)).reason == "not-text"


async def test_a_huge_line_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "line.csv"
    with path.open("wb") as file:
        file.write(csv_bytes([row()]))
        for _ in range(100):
            file.write(b"x" * MIB)
    error = await refused(path, limits=Limits(memory_bytes=512 * MIB))
    assert error.reason in ("csv-broken", "too-heavy")


async def test_zip_bombs(tmp_path: Path) -> None:
    bomb = workbook(tmp_path, [list(ROW), list(ROW.values())])
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/x.bin", bytes(300 * MIB))
    assert (await refused(bomb)).reason == "zip-bomb"
    assert (await refused(bomb, limits=Limits(unpacked_bytes=100 * MIB))).reason == "zip-bomb"
    many = workbook(tmp_path, [list(ROW)])
    with zipfile.ZipFile(many, "a") as archive:
        for number in range(600):
            archive.writestr(f"xl/x/{number}", b"")
    assert (await refused(many)).reason == "zip-bomb"


async def test_a_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    path = workbook(tmp_path, [list(ROW), list(ROW.values())])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"</sheetData>", b"<row/>" * (50 * MIB // 6) + b"</sheetData>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        real = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    data = bytearray(bytes(data).replace(struct.pack("<L", real), struct.pack("<L", 2000)))
    path.write_bytes(data)
    error = await refused(path, limits=Limits(memory_bytes=512 * MIB))
    assert error.reason == "xlsx-broken"


async def test_entities_are_not_expanded(tmp_path: Path) -> None:
    path = workbook(tmp_path, [list(ROW), list(ROW.values())])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))
    head = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">' + laughs + b"]>"
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b"<dimension", b"<x>&l11;</x><dimension")
    parts["xl/worksheets/sheet1.xml"] = head + sheet[sheet.index(b"<worksheet") :]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert (await refused(path)).reason == "xlsx-broken"


async def test_damaged_workbooks(tmp_path: Path) -> None:
    rows = [list(ROW), *([*row(kenmerk=f"Z-{n}").values()] for n in range(200))]
    whole = workbook(tmp_path, rows).read_bytes()
    rng = random.Random(1)
    for size in (30, len(whole) // 2, len(whole) - 10):
        assert (await refused(saved(tmp_path, whole[:size], "cut.xlsx"))).reason == "xlsx-broken"
    for _ in range(8):
        data = bytearray(whole)
        for _ in range(20):
            data[rng.randrange(4, len(data))] ^= 1 << rng.randrange(8)
        reason = ""
        try:
            await read_file(saved(tmp_path, bytes(data), "hurt.xlsx"))
        except FileRefusedError as error:
            reason = error.reason
        assert reason in ("", "xlsx-broken", "zip-bomb", "not-a-workbook", "columns-missing", "empty", "no-sheet")
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert (await refused(saved(tmp_path, other.getvalue(), "letter.xlsx"))).reason == "not-a-workbook"


async def test_far_away_cells_cost_nothing(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(ROW))
    sheet.append(list(ROW.values()))
    sheet["XFD3"] = "x"
    path = tmp_path / "wide.xlsx"
    book.save(path)
    _, rows = await read_file(path)
    assert [item.number for item in rows] == [2]
    sheet["A1048576"] = "x"
    book.save(path)
    assert (await refused(path)).reason == "too-many-rows"


@pytest.mark.parametrize(
    "attack",
    [
        "Robert'); DROP TABLE case_file;--",
        "<script>alert(1)</script>",
        "=cmd()|' /C calc'!A0",
        "Jan\r\nAction: Originate\r\nChannel: PJSIP/1",
        "\x00\x1b[2J",
        "${jndi:ldap://x}",
        "../../etc/passwd",
        "😀" * 3,
        "x" * 3000,
    ],
)
async def test_attacks_in_every_field_are_refused_or_harmless(tmp_path: Path, attack: str) -> None:
    rows = [{**row(kenmerk=f"Z-{n}", **{"signaal-id": f"S-{n}"}), name: attack} for n, name in enumerate(ROW)]
    content = csv_bytes(rows, encoding="utf-8") if attack.isascii() else csv_bytes(rows, encoding="utf-16")
    if "\x00" in attack:
        content = content.replace(b"\x00", b"")
    _, found = await read_file(saved(tmp_path, content))
    assert len(found) == len(rows)
    for item in found:
        if isinstance(item.row, SignalRow):
            for value in (
                item.row.surname,
                item.row.initials,
                item.row.client_ref,
                item.row.signal_ref,
                item.row.language,
            ):
                assert not set(value) & set('<>;=$|\r\n\x00\x1b"')
        else:
            assert item.issues


async def test_a_hundred_thousand_odd_lines_do_not_break_the_reader(tmp_path: Path) -> None:
    rng = random.Random(7)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(list(ROW))
    for _ in range(3000):
        writer.writerow(["".join(rng.choices('aé;"\n0123-+/ =<', k=rng.randrange(12))) for _ in ROW])
    _, rows = await read_file(saved(tmp_path, out.getvalue().encode()))
    assert all(item.row is not None or item.issues for item in rows)


async def test_the_child_has_none_of_our_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIALER_KEYS_MASTER", "secret")
    seen: dict[str, str] = {}
    real = asyncio.create_subprocess_exec

    async def spy(*args: Any, **kwargs: Any) -> Any:
        seen.update(kwargs["env"])
        return await real(*args, **kwargs)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", spy)
    await read_file(saved(tmp_path, csv_bytes([row()])))
    assert set(seen) == {"PATH", "PYTHONPATH", "PYTHONUTF8"}


async def test_leaving_early_ends_the_child(tmp_path: Path) -> None:
    rows = [row(kenmerk=f"Z-{n}", **{"signaal-id": f"S-{n}"}) for n in range(20_000)]
    order = ReadOrder(path=saved(tmp_path, csv_bytes(rows)), kind="list", columns=None, today=TODAY, demo=True)
    async with ChildReader().open(order) as stream:
        await anext(stream.batches())
        child = stream._child
        os.kill(child.pid, 0)
    assert child.returncode is not None


async def test_a_child_that_is_killed_is_a_refusal_not_a_hang(tmp_path: Path) -> None:
    rows = [row(kenmerk=f"Z-{n}", **{"signaal-id": f"S-{n}"}) for n in range(20_000)]
    order = ReadOrder(path=saved(tmp_path, csv_bytes(rows)), kind="list", columns=None, today=TODAY, demo=True)
    async with ChildReader().open(order) as stream:
        stream._child.kill()
        with pytest.raises(FileRefusedError) as caught:
            async for _ in stream.batches():
                pass
    assert caught.value.reason == "too-heavy"
