"""Who works when: times, days, weeks that are copied, files that are read."""

from datetime import date, time, timedelta
from uuid import UUID

import pytest

from dialer.domain.errors import InvalidError
from dialer.domain.ids import UserId
from dialer.domain.roster import (
    MOST_ROWS,
    MOST_SHIFTS,
    RosterDay,
    RowFault,
    Shift,
    check_day,
    copied,
    monday_of,
    parse_clock,
    parse_shift,
    read_file,
    share_of,
    show_shift,
)

ONE, TWO = UserId(UUID(int=1)), UserId(UUID(int=2))
USERS = {"noor": ONE, "bram": TWO}
MONDAY = date(2026, 3, 2)
MORNING, EVENING = Shift(9 * 60, 13 * 60), Shift(17 * 60, 21 * 60)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("9", 540), (" 9:30 ", 570), ("09.30", 570), ("9h30", 570), ("24:00", 1440), ("0:00", 0)],
)
def test_times_as_people_write_them(text: str, minutes: int) -> None:
    assert parse_clock(text) == minutes


@pytest.mark.parametrize("text", ["", "25:00", "24:01", "9:60", "negen", "9:3", "-1", "09:00-13:00"])
def test_what_is_no_time(text: str) -> None:
    assert parse_clock(text) is None


def test_a_shift_is_stored_as_text() -> None:
    assert parse_shift("9:00-13:00") == MORNING
    assert show_shift(MORNING) == "09:00-13:00"
    for wrong in ("13:00-9:00", "9:00", "9:00-9:00", "a-b"):
        with pytest.raises(InvalidError):
            parse_shift(wrong)


def test_a_day_is_in_order_and_without_overlap() -> None:
    assert check_day(RosterDay(user=ONE, day=MONDAY, shifts=[EVENING, MORNING])).shifts == (MORNING, EVENING)
    many = [Shift(place * 60, place * 60 + 30) for place in range(MOST_SHIFTS + 1)]
    for wrong in ([MORNING, Shift(12 * 60, 14 * 60)], [Shift(600, 600)], [Shift(-60, 60)], [Shift(0, 1441)], many):
        with pytest.raises(InvalidError):
            check_day(RosterDay(user=ONE, day=MONDAY, shifts=wrong))


def test_who_is_away_works_no_shift() -> None:
    away = RosterDay(user=ONE, day=MONDAY, shifts=[MORNING], away=True)
    assert (away.kept, away.works) == (True, ())
    assert RosterDay(user=ONE, day=MONDAY, shifts=[MORNING]).works == [MORNING]
    assert not RosterDay(user=ONE, day=MONDAY).kept


def test_a_week_is_copied_where_nothing_is_kept() -> None:
    week, other = MONDAY, MONDAY + timedelta(days=14)
    days = [
        RosterDay(user=ONE, day=week, shifts=[MORNING], version=3),
        RosterDay(user=ONE, day=week + timedelta(days=1), shifts=[EVENING], away=True),
        RosterDay(user=TWO, day=week, shifts=[MORNING]),
        RosterDay(user=TWO, day=week + timedelta(days=4), away=True),
    ]
    there = [
        RosterDay(user=TWO, day=other, shifts=[EVENING], version=1),
        RosterDay(user=ONE, day=other, version=7),  # was cleared
    ]
    assert copied(days, [other], there) == [
        RosterDay(user=ONE, day=other, shifts=[MORNING], version=7),
        RosterDay(user=ONE, day=other + timedelta(days=1), shifts=[EVENING]),
    ]
    assert len(copied(days, [other, other + timedelta(days=7)], there)) == 5
    assert monday_of(MONDAY + timedelta(days=6)) == MONDAY


@pytest.mark.parametrize(
    ("at", "share"), [(time(8, 30), 0.0), (time(9), 1.0), (time(12, 30), 1.0), (time(13), 0.5), (time(13, 30), 0.0)]
)
def test_a_half_hour_is_covered_in_part(at: time, share: float) -> None:
    assert share_of([Shift(9 * 60, 13 * 60 + 15)], at) == share


def test_a_file_has_a_row_for_each_shift() -> None:
    text = (
        "\ufeffInlognaam;Naam;Datum;Van;Tot;Afwezig\r\n"
        "Noor;N. Bakker;02-03-2026;17:00;21:00;\r\n"
        "noor;N. Bakker;2026-03-02;9;13;nee\r\n"
        "\r\n"
        "bram;;3-3-2026;;;ja\r\n"
    )
    found = read_file(text, USERS)
    assert found.faults == []
    assert found.days == [
        RosterDay(user=ONE, day=MONDAY, shifts=(MORNING, EVENING)),
        RosterDay(user=TWO, day=MONDAY + timedelta(days=1), away=True),
    ]
    assert read_file("login,date,from,until\nnoor,2026-03-02,9,13", USERS).days[0].shifts == (MORNING,)
    assert read_file("login\tdate\tfrom\tuntil\nnoor\t2026-03-02\t9\t13", USERS).days[0].shifts == (MORNING,)


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("piet;2026-03-02;9;13;", "login", "unknown"),
        ("noor;;9;13;", "day", "missing"),
        ("noor;gisteren;9;13;", "day", "format"),
        ("noor;2026-03-02;9;13;misschien", "away", "format"),
        ("noor;2026-03-02;;13;", "start", "missing"),
        ("noor;2026-03-02;9;laat;", "end", "format"),
        ("noor;2026-03-02;13;9;", "end", "order"),
        ("noor;2026-03-02", "start", "missing"),
        ("bram;2026-03-02;10;14;", "start", "overlap"),
        ("bram;2026-03-02;;;ja", "day", "twice"),
        ("noor;2026-03-03;9;13;", "day", "twice"),
    ],
)
def test_what_is_wrong_with_a_row_is_told_by_row_and_column(row: str, column: str, code: str) -> None:
    text = f"login;datum;van;tot;afwezig\nbram;2026-03-02;9;13;\nnoor;2026-03-03;;;ja\n{row}"
    assert read_file(text, USERS).faults == [RowFault(row=4, column=column, code=code)]


@pytest.mark.parametrize(
    ("text", "field"),
    [("", "login"), ("login;datum;van", "end"), ("datum;van;tot", "login"), ("a\n" * (MOST_ROWS + 1), "csv")],
)
def test_a_file_that_cannot_be_read_is_refused(text: str, field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        read_file(text, USERS)
    assert refused.value.field == field
