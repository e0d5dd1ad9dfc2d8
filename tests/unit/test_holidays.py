from __future__ import annotations

from datetime import date

import holidays as library
import pytest

from dialer.schedule.holidays import DECREE_DAYS, GENERAL, Holiday, coming, easter, on

KNOWN = {
    2026: [
        "2026-01-01",
        "2026-04-06",
        "2026-04-27",
        "2026-05-05",
        "2026-05-14",
        "2026-05-25",
        "2026-12-25",
        "2026-12-26",
    ],
    2027: [
        "2027-01-01",
        "2027-03-29",
        "2027-04-27",
        "2027-05-05",
        "2027-05-06",
        "2027-05-17",
        "2027-12-25",
        "2027-12-26",
    ],
    2028: [
        "2028-01-01",
        "2028-04-17",
        "2028-04-27",
        "2028-05-05",
        "2028-05-25",
        "2028-06-05",
        "2028-12-25",
        "2028-12-26",
    ],
}


@pytest.mark.parametrize("year", KNOWN)
def test_the_general_holidays_of_known_years(year: int) -> None:
    days = [day for text in KNOWN[year] if (day := date.fromisoformat(text))]
    assert all(on(day) & GENERAL for day in days)


@pytest.mark.parametrize("year", range(2020, 2051))
def test_the_library_knows_the_same_days(year: int) -> None:
    theirs = set(library.country_holidays("NL", years=year, categories=("public", "optional")))
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    ours = {day for n in range(first, last + 1) if on(day := date.fromordinal(n)) - {Holiday.DECREE_DAY}}
    assert ours == theirs | {date(year, 5, 5)}


def test_kings_day_moves_to_saturday_when_it_falls_on_sunday() -> None:
    assert date(2025, 4, 27).weekday() == 6
    assert on(date(2025, 4, 26)) == {Holiday.KINGS_DAY}
    assert on(date(2025, 4, 27)) == frozenset()


def test_one_day_may_be_two_holidays() -> None:
    assert on(date(2016, 5, 5)) == {Holiday.ASCENSION, Holiday.LIBERATION_DAY}


def test_good_friday_and_decree_days_are_equated_not_general() -> None:
    assert on(date(2026, 4, 3)) == {Holiday.GOOD_FRIDAY}
    for day in DECREE_DAYS:
        assert not on(day) & GENERAL


@pytest.mark.parametrize(("year", "day"), [(2024, "2024-03-31"), (2026, "2026-04-05"), (2038, "2038-04-25")])
def test_easter(year: int, day: str) -> None:
    assert easter(year) == date.fromisoformat(day)


def test_what_comes_next_starts_today_and_ends_with_the_last_known_decree() -> None:
    found = dict(coming(date(2026, 12, 25)))
    assert list(found) == list(Holiday)
    assert found[Holiday.CHRISTMAS_DAY] == date(2026, 12, 25)
    assert found[Holiday.NEW_YEAR] == date(2027, 1, 1)
    assert found[Holiday.DECREE_DAY] == date(2027, 5, 7)
    assert dict(coming(date(2040, 1, 1)))[Holiday.DECREE_DAY] is None
