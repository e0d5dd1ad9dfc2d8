"""What the roster does to the number of agents who are expected."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from dialer.domain.ids import UserId
from dialer.domain.roster import RosterDay, Shift
from dialer.schedule.planner.rooms import USUAL_WEEKS, Staffing, slot_of
from dialer.schedule.planner.roster import rostered

NOOR, BRAM, OTHER = (UserId(UUID(int=number)) for number in (1, 2, 9))
SHARES = {NOOR: 1.0, BRAM: 0.5}
MONDAY = date(2026, 3, 2)
NINE = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # nine o'clock in Amsterdam
WEEK = timedelta(weeks=1)
PRESENT = {
    NOOR: {slot_of(NINE): 4.0},
    BRAM: {slot_of(NINE): 2.0, slot_of(NINE + timedelta(days=1)): 2.0},
}
LEARNED = Staffing(
    usual=1.5, since=NINE - 4 * WEEK, until=NINE,
    present={slot_of(NINE): 6.0, slot_of(NINE + timedelta(days=1)): 2.0}, seconds=90.0, attempts=1,
)  # fmt: skip
MORNING = Shift(9 * 60, 12 * 60 + 15)


def _day(user: UserId, days: int = 0, *shifts: Shift, away: bool = False) -> RosterDay:
    return RosterDay(user=user, day=MONDAY + timedelta(days=days), shifts=shifts, away=away)


def test_a_week_that_is_planned_is_as_it_is_planned() -> None:
    found = rostered(LEARNED, SHARES, PRESENT, [_day(NOOR, 0, MORNING), _day(BRAM, 0, MORNING)])
    assert found.agents(NINE) == 1.5, "Bram works half for this campaign"
    assert found.agents(NINE + timedelta(hours=3)) == 0.75, "half of that half-hour"
    assert found.agents(NINE - timedelta(minutes=30)) == 0.0
    assert found.agents(NINE + timedelta(days=1)) == 0.0, "an empty day of a planned week"
    assert found.agents(NINE + WEEK) == LEARNED.agents(NINE + WEEK), "nobody has planned that one"
    assert found.attempts_each() == LEARNED.attempts_each()


def test_of_whom_nothing_is_planned_what_was_learned_stays() -> None:
    found = rostered(LEARNED, SHARES, PRESENT, [_day(NOOR, 0, MORNING)])
    usual = USUAL_WEEKS * 0.5
    assert found.agents(NINE) == pytest.approx(1.0 + (2.0 + usual) / (4 + USUAL_WEEKS))
    assert found.agents(NINE + timedelta(days=2)) == pytest.approx(usual / (4 + USUAL_WEEKS))


def test_who_is_away_is_not_there_whether_or_not_he_is_planned() -> None:
    away = [_day(NOOR, 0, MORNING, away=True), _day(NOOR, 1, MORNING), _day(BRAM, 0, away=True)]
    found = rostered(LEARNED, SHARES, PRESENT, away)
    usual = USUAL_WEEKS * 0.5 / (4 + USUAL_WEEKS)
    assert found.agents(NINE) == pytest.approx(usual)
    tuesday = found.agents(NINE + timedelta(days=1))
    assert tuesday == pytest.approx(1.0 + usual + 2.0 / (4 + USUAL_WEEKS)), "Bram is away on Monday only"


def test_a_roster_of_others_and_days_that_were_cleared_say_nothing() -> None:
    found = rostered(LEARNED, SHARES, PRESENT, [_day(OTHER, 0, MORNING), _day(NOOR)])
    assert found.weeks == {}
    assert found.agents(NINE) == LEARNED.agents(NINE)


def test_the_clocks_go_forward_and_shifts_stay_where_the_wall_has_them() -> None:
    sunday = date(2026, 3, 29)
    shift = RosterDay(user=NOOR, day=sunday, shifts=(Shift(60, 12 * 60),))
    found = rostered(LEARNED, SHARES, {}, [shift])
    others = USUAL_WEEKS * 0.5 / (4 + USUAL_WEEKS)
    assert found.agents(datetime(2026, 3, 29, 9, 30, tzinfo=UTC)) == pytest.approx(1.0 + others), "half past eleven"
    assert found.agents(datetime(2026, 3, 29, 10, 0, tzinfo=UTC)) == pytest.approx(others)
