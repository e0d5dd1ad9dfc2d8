"""Dutch public holidays, by rule.

Algemene termijnenwet art. 3 names the general holidays; Good Friday is put on a par (lid 2), and by decree single days
beside it: on those terms move on, but people work. The `holidays` library is only a cross-check in the tests: its Dutch
default lacks 5 May in most years and closes Good Friday.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache


class Holiday(StrEnum):
    """A holiday, or a day that terms treat as one."""

    NEW_YEAR = "new_year"
    GOOD_FRIDAY = "good_friday"
    EASTER_SUNDAY = "easter_sunday"
    EASTER_MONDAY = "easter_monday"
    KINGS_DAY = "kings_day"
    LIBERATION_DAY = "liberation_day"
    ASCENSION = "ascension"
    WHIT_SUNDAY = "whit_sunday"
    WHIT_MONDAY = "whit_monday"
    CHRISTMAS_DAY = "christmas_day"
    BOXING_DAY = "boxing_day"
    DECREE_DAY = "decree_day"  # equated by royal decree


EQUATED = frozenset({Holiday.GOOD_FRIDAY, Holiday.DECREE_DAY})
"""Terms move past these days, but people work: closing the telephone on them is a switch, off by default."""

GENERAL = frozenset(Holiday) - EQUATED
"""The general holidays: no calls by default."""

DECREE_DAYS = frozenset(
    {date(2026, 1, 2), date(2026, 5, 15), date(2027, 5, 7), date(2028, 4, 28), date(2028, 5, 26)},
)


def easter(year: int) -> date:
    """Easter Sunday (Gregorian computus; Meeus/Jones/Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _of_year(year: int) -> Iterator[tuple[date, Holiday]]:
    sunday = easter(year)
    kings_day = date(year, 4, 27)
    if kings_day.weekday() == 6:
        kings_day = date(year, 4, 26)
    yield from ((day, Holiday.DECREE_DAY) for day in DECREE_DAYS if day.year == year)
    yield sunday - timedelta(days=2), Holiday.GOOD_FRIDAY
    yield sunday, Holiday.EASTER_SUNDAY
    yield sunday + timedelta(days=1), Holiday.EASTER_MONDAY
    yield sunday + timedelta(days=39), Holiday.ASCENSION
    yield sunday + timedelta(days=49), Holiday.WHIT_SUNDAY
    yield sunday + timedelta(days=50), Holiday.WHIT_MONDAY
    yield date(year, 1, 1), Holiday.NEW_YEAR
    yield kings_day, Holiday.KINGS_DAY
    yield date(year, 5, 5), Holiday.LIBERATION_DAY
    yield date(year, 12, 25), Holiday.CHRISTMAS_DAY
    yield date(year, 12, 26), Holiday.BOXING_DAY


@lru_cache(maxsize=64)
def of_year(year: int) -> dict[date, frozenset[Holiday]]:
    """Every holiday of `year`; one date may carry two. Callers must not change the mapping."""
    found: dict[date, frozenset[Holiday]] = {}
    for day, holiday in _of_year(year):
        found[day] = found.get(day, frozenset()) | {holiday}
    return found


def on(day: date) -> frozenset[Holiday]:
    """The holidays that fall on `day`; mostly none."""
    return of_year(day.year).get(day, frozenset())


def coming(today: date) -> list[tuple[Holiday, date | None]]:
    """When each holiday falls next, today included; None when no later decree is known."""
    following: dict[Holiday, date] = {}
    for year in (today.year + 1, today.year):
        for day, found in sorted(of_year(year).items(), reverse=True):
            if day >= today:
                following.update(dict.fromkeys(found, day))
    return [(holiday, following.get(holiday)) for holiday in Holiday]
