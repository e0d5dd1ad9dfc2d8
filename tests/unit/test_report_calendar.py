"""On which days reports are made by themselves, and of which days they are."""

from __future__ import annotations

from datetime import date

import pytest

from dialer.domain.errors import InvalidError
from dialer.domain.reports.calendar import MOST_MISSED, Every, Rhythm, check_rhythm, due

MONTHLY, WEEKLY = Rhythm(every=Every.MONTH, day=3), Rhythm(every=Every.WEEK, day=2)


def days(rhythm: Rhythm, after: date, until: date) -> list[tuple[date, date, date]]:
    return [(one.on, one.period.first, one.period.last) for one in due(rhythm, after, until)]


def test_monthly_it_is_of_the_month_before() -> None:
    assert days(MONTHLY, date(2026, 3, 2), date(2026, 3, 3)) == [
        (date(2026, 3, 3), date(2026, 2, 1), date(2026, 2, 28))
    ]
    assert days(MONTHLY, date(2026, 3, 3), date(2026, 4, 2)) == []
    assert days(MONTHLY, date(2025, 12, 31), date(2026, 1, 3)) == [
        (date(2026, 1, 3), date(2025, 12, 1), date(2025, 12, 31))
    ]


def test_weekly_it_is_of_the_week_before_from_monday() -> None:
    assert days(WEEKLY, date(2026, 3, 2), date(2026, 3, 10)) == [
        (date(2026, 3, 3), date(2026, 2, 23), date(2026, 3, 1)),
        (date(2026, 3, 10), date(2026, 3, 2), date(2026, 3, 8)),
    ]


def test_after_a_long_time_away_the_newest_are_made_up_for() -> None:
    found = due(WEEKLY, date(2020, 1, 1), date(2026, 3, 10))
    assert len(found) == MOST_MISSED
    assert found[-1].on == date(2026, 3, 10)
    assert [one.on for one in found] == sorted(one.on for one in found)


def test_a_day_that_some_months_do_not_have_is_refused() -> None:
    for rhythm in (MONTHLY, WEEKLY, Rhythm(every=Every.MONTH, day=28), Rhythm(every=Every.WEEK, day=7)):
        check_rhythm(rhythm)
    for wrong in (Rhythm(every=Every.MONTH, day=29), Rhythm(every=Every.WEEK, day=8), Rhythm(every=Every.WEEK, day=0)):
        with pytest.raises(InvalidError):
            check_rhythm(wrong)
