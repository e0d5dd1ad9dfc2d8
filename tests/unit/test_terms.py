from __future__ import annotations

from datetime import UTC, date, datetime, time

from dialer.schedule.terms import TermPolicy, add_working_days, is_working_day, next_working_day, term_of
from dialer.schedule.windows import at_local

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def end_of(day: str) -> datetime:
    return at_local(date.fromordinal(date.fromisoformat(day).toordinal() + 1), time(0))


def test_working_days_skip_weekends_general_and_equated_days() -> None:
    assert is_working_day(date(2026, 3, 2))
    assert not is_working_day(date(2026, 4, 3))  # Good Friday
    assert not is_working_day(date(2026, 5, 15))  # by decree
    assert next_working_day(date(2026, 4, 3)) == date(2026, 4, 7)
    assert add_working_days(date(2026, 4, 1), 3) == date(2026, 4, 8)
    assert add_working_days(date(2026, 3, 2), 0) == date(2026, 3, 2)


def test_an_ordinary_term_is_four_weeks_and_planning_ends_a_week_before() -> None:
    term, plan = term_of(date(2026, 3, 2), False, MONDAY, TermPolicy())
    assert term == end_of("2026-03-30")
    assert plan == end_of("2026-03-23")


def test_a_term_that_ends_on_a_holiday_moves() -> None:
    term, _ = term_of(date(2026, 3, 9), False, MONDAY, TermPolicy())  # 6 April is Easter Monday
    assert term == end_of("2026-04-07")


def test_planning_ends_by_the_delivery_when_that_is_earlier() -> None:
    _, plan = term_of(date(2026, 3, 20), False, MONDAY, TermPolicy())  # dated ahead
    assert plan == end_of("2026-03-23")


def test_a_crisis_has_three_working_days() -> None:
    term, plan = term_of(date(2026, 3, 5), True, datetime(2026, 3, 5, 12, tzinfo=UTC), TermPolicy())  # a Thursday
    assert term == plan == end_of("2026-03-10")


def test_a_signal_that_came_too_late_is_still_called_for_a_while() -> None:
    term, plan = term_of(date(2026, 1, 5), False, MONDAY, TermPolicy())
    assert term < MONDAY
    assert plan == end_of("2026-03-04")
    crisis_term, crisis_plan = term_of(date(2026, 2, 20), True, MONDAY, TermPolicy())
    assert crisis_term < MONDAY
    assert crisis_plan == end_of("2026-03-04")
