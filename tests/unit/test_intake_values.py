"""Single cells of a list."""

from __future__ import annotations

from datetime import date

import pytest

from dialer.domain.dayparts import DayPart, day_part
from dialer.domain.intake_values import (
    clean,
    is_name,
    parse_amount,
    parse_date,
    parse_flag,
    parse_house,
    parse_language,
    parse_postcode,
    parse_reference,
    parse_salutation,
)

BORN = date(1970, 2, 1)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("", ""),
        ("Jan", "Jan"),
        ("  Jan  de   Boer ", "Jan de Boer"),
        ("Jan\r\nAction: Originate", "Jan Action: Originate"),
        ("Jan\u200b\ufeff\u202eBoer", "JanBoer"),
        ("Jan\u00a0Boer\t", "Jan Boer"),
        ("Jose\u0301", "José"),
        ("\x00\x1b[31m", "[31m"),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1970-02-01", BORN),
        ("1970-02-01T00:00:00", BORN),
        ("1970-02-01 00:00:00.000", BORN),
        ("01-02-1970", BORN),
        ("1-2-1970", BORN),
        ("1/2/1970", BORN),
        ("1.2.1970", BORN),
        ("01 02 1970", BORN),
        ("01-02-1970 00:00", BORN),
        ("1 februari 1970", BORN),
        ("1-feb-1970", BORN),
        ("1 feb. 1970", BORN),
        ("19700201", BORN),
        ("01021970", BORN),
        ("1021970", BORN),  # its zero was eaten
        ("25600", BORN),  # a spreadsheet's serial
        ("29-02-2000", date(2000, 2, 29)),
        ("29-02-1970", None),
        ("00-00-1970", None),
        ("1970-13-01", None),
        ("1-2-70", None),
        ("1 foo 1970", None),
        ("99999999", None),
        ("1970-02-01T10:00:00", None),
        ("gisteren", None),
        ("", None),
    ],
)
def test_dates(text: str, day: date | None) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("75", 7500),
        ("75.00", 7500),
        ("75,5", 7550),
        ("€ 75,-", 7500),
        ("€75,--", 7500),
        ("EUR 75", 7500),
        ("1.234,56", 123456),
        ("1,234.56", 123456),
        ("1 234,56", 123456),
        ("1.234", 123400),
        ("1234567", 123456700 if 123456700 <= 100_000_000 else None),
        ("75.0000000001", 7500),
        ("99999999.123456", None),
        ("-75", None),
        ("veel", None),
        ("1e5", None),
        ("=75", None),
        ("", None),
    ],
)
def test_amounts(text: str, cents: int | None) -> None:
    assert parse_amount(text) == cents


@pytest.mark.parametrize(
    ("text", "flag"),
    [("ja", True), ("J", True), ("WAAR", True), ("1", True), ("x", True), ("nee", False), ("", False), ("?", None)],
)
def test_flags(text: str, flag: bool | None) -> None:
    assert parse_flag(text) is flag


@pytest.mark.parametrize(
    ("text", "postcode"),
    [("2711AB", "2711AB"), ("2711 ab", "2711AB"), ("0711AB", None), ("2711", None), ("2711ABC", None), ("", None)],
)
def test_postcodes(text: str, postcode: str | None) -> None:
    assert parse_postcode(text) == postcode


@pytest.mark.parametrize(
    ("text", "house"),
    [
        ("12", (12, "")),
        ("12.0", (12, "")),
        ("12a", (12, "a")),
        ("12 A", (12, "A")),
        ("12-2", (12, "2")),
        ("12/bis", (12, "bis")),
        ("0", None),
        ("a12", None),
        ("123456", None),
        ("12 <b>", None),
        ("", None),
    ],
)
def test_houses(text: str, house: tuple[int, str] | None) -> None:
    assert parse_house(text) == house


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("Z-1", True),
        ("2026/06:#12+a_b.c", True),
        ("Z 1", True),
        ("a" * 64, True),
        ("a" * 65, False),
        ("-1", False),
        ("=1", False),
        ("Z;1", False),
        ("Z'1", False),
        ("Zé", False),
        ("", False),
    ],
)
def test_references(text: str, fine: bool) -> None:
    assert (parse_reference(text) == text) is fine
    assert fine or parse_reference(text) is None


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("van der Berg-O'Neill", True),
        ("Öztürk", True),
        ("Нестеренко", True),
        ("n\u0303", True),
        ("Jr. (2e)", True),
        ("<b>Jan</b>", False),
        ("x; drop table", False),
        ("=cmd()", False),
        ("Jan: Originate", False),
        ('"', False),
    ],
)
def test_names(text: str, fine: bool) -> None:
    assert is_name(text) is fine


def test_salutations_and_languages() -> None:
    assert [parse_salutation(text) for text in ("Dhr.", "mevrouw", "X", "")] == ["m", "v", "", ""]
    assert [parse_language(text) for text in ("Turks", "NL", "klingon")] == ["tr", "nl", None]


@pytest.mark.parametrize(
    ("clock", "part"),
    [
        ("08:30", DayPart.MORNING),
        ("11:59", DayPart.MORNING),
        ("12:00", DayPart.AFTERNOON),
        ("17:59", DayPart.AFTERNOON),
        ("18:00", DayPart.EVENING),
        ("20:59", DayPart.EVENING),
    ],
)
def test_day_parts(clock: str, part: DayPart) -> None:
    from datetime import time

    assert day_part(time.fromisoformat(clock)) is part
