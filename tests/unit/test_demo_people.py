"""The invented list."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date

from dialer.demo.people import HEADER, generate, number
from dialer.domain.intake import FIELDS, parse_signal_row
from dialer.domain.numbers import parse_number
from dialer.intake.mapping import guess

TODAY = date(2026, 6, 1)


def rows(n: int, seed: int, **options: bool) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(generate(n, seed, today=TODAY, **options).decode()), delimiter=";"))


def test_the_same_seed_gives_the_same_list() -> None:
    assert generate(40, 1, today=TODAY) == generate(40, 1, today=TODAY) != generate(40, 2, today=TODAY)


def test_every_row_without_a_fault_is_taken_and_every_header_understood() -> None:
    columns = guess(HEADER)
    assert set(columns.values()) == set(HEADER)
    assert set(columns) < set(FIELDS)
    for line in rows(300, 1, wrong=False):
        row, issues = parse_signal_row({field: line[title] for field, title in columns.items()}, today=TODAY, demo=True)
        assert row is not None, issues
        assert list(issues) == []


def test_some_rows_are_wrong_and_are_refused() -> None:
    columns = guess(HEADER)
    refused = [
        line
        for line in rows(500, 1)
        if parse_signal_row({f: line[t] for f, t in columns.items()}, today=TODAY, demo=True)[0] is None
    ]
    assert 3 <= len(refused) <= 25


def test_the_mix() -> None:
    lines = rows(2000, 5, wrong=False)
    partners = Counter(line["vastelastenpartner"] for line in lines)
    assert 0.33 < partners["Zorg"] / len(lines) < 0.47
    without = sum(not line["telefoon 1"] for line in lines) / len(lines)
    assert 0.05 < without < 0.12
    assert len({line["kenmerk"] for line in lines}) == 2000
    assert len({line["signaal-id"] for line in lines}) == len(lines)


def test_numbers_are_fictional_unique_and_not_the_town_s_special_ones() -> None:
    numbers = [number("mobile", place) for place in range(5000)] + [number("fixed", place) for place in range(5000)]
    assert len(set(numbers)) == len(numbers)
    assert all(text.startswith(("+3160", "+31790")) and not text.startswith("+31609") for text in numbers)
    assert all(not isinstance(parse_number(text, demo=True), str) for text in numbers)
