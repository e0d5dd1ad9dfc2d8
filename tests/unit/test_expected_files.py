"""When a client's file is expected, and whether it came; which names are files to take."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from dialer.domain.arrivals import is_list
from dialer.schedule.arrivals import Expectation, due_moments, missing_since

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WEEKLY = Expectation(weekdays=frozenset({0}), by=time(10))


def test_a_day_that_is_no_working_day_moves_on() -> None:
    easter = Expectation(weekdays=frozenset({0}), by=time(10))
    moments = list(due_moments(easter, datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 4, 14, tzinfo=UTC)))
    assert [one.date().isoformat() for one in moments] == ["2026-04-07", "2026-04-13"]  # Easter Monday is the 6th
    monthly = Expectation(month_days=frozenset({1}), by=time(10))
    moments = list(due_moments(monthly, datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 4, 14, tzinfo=UTC)))
    assert [one.date().isoformat() for one in moments] == ["2026-02-02", "2026-03-02", "2026-04-01"]


def test_a_late_file_stands_for_its_own_turn_only() -> None:
    since, due = MONDAY - timedelta(days=8), MONDAY.replace(hour=9)
    assert missing_since(WEEKLY, since, [], due - timedelta(minutes=1)) == due - timedelta(days=7)
    late = due - timedelta(days=5)
    assert missing_since(WEEKLY, since, [late], due - timedelta(minutes=1)) is None
    assert missing_since(WEEKLY, since, [late], due) == due
    assert missing_since(WEEKLY, since, [late, due - timedelta(days=1)], due) is None
    assert missing_since(Expectation(), since, [], due) is None


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("maart.csv", True),
        ("Maart.XLSX", True),
        ("maart.json", True),
        ("maart.csv.ontvangst.json", False),
        (".maart.csv", False),
        ("~maart.xlsx", False),
        ("maart.csv.part", False),
        ("a" * 147 + ".csv", False),
    ],
)
def test_which_files_are_lists(name: str, taken: bool) -> None:
    assert is_list(name) is taken
