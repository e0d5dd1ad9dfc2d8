from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from dialer.domain.errors import InvalidError
from dialer.schedule.holidays import Holiday
from dialer.schedule.windows import DEFAULT, Calendar, Span, at_local, local, local_date, parse, to_json

CLOSED = parse({"week": {key: [] for key in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}})


def ams(text: str) -> datetime:
    day, clock = text.split(" ")
    return at_local(date.fromisoformat(day), time.fromisoformat(clock))


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-03-02 08:29:59", False),  # Monday
        ("2026-03-02 08:30", True),
        ("2026-03-02 20:59:59", True),
        ("2026-03-02 21:00", False),  # strictly before the end
        ("2026-03-07 09:00", True),  # Saturday
        ("2026-03-07 17:00", False),
        ("2026-03-08 12:00", False),  # Sunday
        ("2026-04-06 12:00", False),  # Easter Monday
        ("2026-04-03 12:00", True),  # Good Friday: people work
        ("2026-05-04 18:29", True),  # Remembrance Day
        ("2026-05-04 18:30", False),
        ("2026-05-05 12:00", False),
        ("2026-12-24 18:30", False),
        ("2026-12-05 16:59", True),  # a Saturday that closes at 17:00 anyway
        ("2026-12-25 12:00", False),
    ],
)
def test_the_usual_hours(at: str, is_open: bool) -> None:
    assert DEFAULT.is_open(ams(at)) is is_open


def test_next_open_is_now_or_the_next_opening() -> None:
    assert DEFAULT.next_open(ams("2026-03-02 10:00")) == ams("2026-03-02 10:00")
    assert DEFAULT.next_open(ams("2026-03-02 21:00")) == ams("2026-03-03 08:30")
    assert DEFAULT.next_open(ams("2026-03-07 17:00")) == ams("2026-03-09 08:30")
    assert DEFAULT.next_open(ams("2026-04-04 17:00")) == ams("2026-04-07 08:30")  # over Easter
    assert CLOSED.next_open(ams("2026-03-02 10:00")) is None


def test_when_the_open_window_closes() -> None:
    assert DEFAULT.closes(ams("2026-03-02 10:00")) == ams("2026-03-02 21:00")
    assert DEFAULT.closes(ams("2026-03-02 22:00")) is None


def test_the_window_of_a_date() -> None:
    window = DEFAULT.window(date(2026, 3, 2))
    assert window is not None
    assert (window.start, window.end) == (ams("2026-03-02 08:30"), ams("2026-03-02 21:00"))
    assert DEFAULT.window(date(2026, 3, 8)) is None


def test_both_dst_days_keep_the_clock_on_the_wall() -> None:
    sunday = parse({"week": {"sun": [["01:00", "12:00"]]}})
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    (window,) = sunday.windows(spring)
    assert window.end - window.start == timedelta(hours=10)
    (window,) = sunday.windows(autumn)
    assert window.end - window.start == timedelta(hours=12)
    # The working days around them start at 08:30 by the clock: 07:30 UTC in winter, 06:30 in summer.
    assert DEFAULT.windows(date(2026, 3, 27))[0].start == datetime(2026, 3, 27, 7, 30, tzinfo=UTC)
    assert DEFAULT.windows(date(2026, 3, 30))[0].start == datetime(2026, 3, 30, 6, 30, tzinfo=UTC)
    assert DEFAULT.windows(date(2026, 10, 26))[0].start == datetime(2026, 10, 26, 7, 30, tzinfo=UTC)


def test_a_window_that_dst_swallows_is_no_window() -> None:
    night = parse({"week": {"sun": [["02:50", "03:10"]]}})  # clocks jump from 02:00 to 03:00
    assert night.windows(date(2026, 3, 29)) == ()
    assert len(night.windows(date(2026, 4, 12))) == 1


def test_an_exception_overrules_week_and_holiday() -> None:
    calendar = parse({"exceptions": {"2026-04-06": [["10:00", "12:00"], ["13:00", "15:00"]], "2026-03-02": []}})
    assert not calendar.is_open(ams("2026-03-02 10:00"))
    assert calendar.is_open(ams("2026-04-06 11:00"))
    assert not calendar.is_open(ams("2026-04-06 12:30"))
    assert len(calendar.windows(date(2026, 4, 6))) == 2


def test_switches_close_and_open_holidays() -> None:
    calendar = parse({"holidays": {"good_friday": True, "liberation_day": False}, "early_closings": False})
    assert not calendar.is_open(ams("2026-04-03 12:00"))
    assert calendar.is_open(ams("2026-05-05 12:00"))
    assert calendar.is_open(ams("2026-05-04 20:00"))


def test_an_early_closing_before_the_opening_closes_the_day() -> None:
    calendar = Calendar(early={(3, 2): time(8)})
    assert calendar.windows(date(2026, 3, 2)) == ()


def test_upcoming_stops_at_its_end() -> None:
    found = list(DEFAULT.upcoming(ams("2026-03-02 21:00"), ams("2026-03-04 08:30")))
    assert [w.start for w in found] == [ams("2026-03-03 08:30")]


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        local(datetime(2026, 3, 2, 10))  # noqa: DTZ001 - refused for just that
    assert local_date(datetime(2026, 3, 2, 23, 30, tzinfo=UTC)) == date(2026, 3, 3)


def test_a_calendar_survives_its_json() -> None:
    calendar = parse(
        {
            "week": {"sat": [["10:00", "12:00"]], "sun": []},
            "exceptions": {"2026-12-31": [["08:30", "16:00"]]},
            "holidays": {Holiday.GOOD_FRIDAY.value: True},
            "early_closings": False,
        }
    )
    assert parse(to_json(calendar)) == calendar
    assert parse(to_json(DEFAULT)) == DEFAULT
    assert calendar.spans(date(2026, 12, 31)) == (Span(time(8, 30), time(16)),)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"weeks": {}}, "calendar.weeks"),
    ({"week": {"maandag": []}}, "calendar.week.maandag"),
    ({"week": []}, "calendar.week"),
    ({"week": {"mon": "08:30-21:00"}}, "calendar.week.mon"),
    ({"week": {"mon": ["08:30"]}}, "calendar.week.mon"),
    ({"week": {"mon": [["08:30", "8"]]}}, "calendar.week.mon"),
    ({"week": {"mon": [["08:30", 21]]}}, "calendar.week.mon"),
    ({"week": {"mon": [["08:30", "21:00:30"]]}}, "calendar.week.mon"),
    ({"week": {"mon": [["08:30", "21:00+01:00"]]}}, "calendar.week.mon"),
    ({"week": {"mon": [["21:00", "08:30"]]}}, "calendar.week.mon"),
    ({"week": {"mon": [["08:30", "12:00"], ["11:00", "13:00"]]}}, "calendar.week.mon"),
    ({"exceptions": {"1 mei": []}}, "calendar.exceptions.1 mei"),
    ({"holidays": {"moederdag": True}}, "calendar.holidays.moederdag"),
    ({"holidays": {"good_friday": "ja"}}, "calendar.holidays.good_friday"),
    ({"early_closings": 1}, "calendar.early_closings"),
]


@pytest.mark.parametrize(("data", "field"), BAD)
def test_a_bad_calendar_names_the_field(data: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidError) as caught:
        parse(data)
    assert caught.value.field == field
