"""The guards' own calendar (`window_open`, in the database) against the one in words: the same answer at every edge."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, time, timedelta

import asyncpg
import pytest

from dialer.schedule.windows import Calendar, at_local, parse, to_json

FIRST, LAST = date(2026, 1, 1), date(2031, 12, 31)
CALENDARS: dict[str, dict[str, object]] = {
    "usual": {},
    "switches": {
        "holidays": {"good_friday": True, "decree_day": True, "liberation_day": False, "kings_day": False},
        "early_closings": False,
    },
    "own": {
        "week": {"mon": [["08:30", "12:00"], ["13:00", "18:30"]], "sat": [], "sun": [["10:00", "11:00"]]},
        "exceptions": {"2026-05-04": [["09:00", "20:00"]], "2027-12-25": [["12:00", "13:00"]], "2028-02-29": []},
    },
    "night": {"week": {"sun": [["00:00", "01:30"], ["02:15", "02:45"], ["03:00", "23:59"]]}},
}
MOMENT = timedelta(microseconds=1)


@pytest.fixture
async def connection(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


def moments(calendar: Calendar) -> Iterator[datetime]:
    """Both sides of every edge that a day has or would have, and the hours in which the clocks change."""
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=number)
        edges = {time(8, 30), time(9), time(17), time(18, 30), time(21)}
        edges |= {clock for span in calendar.spans(day) for clock in (span.start, span.end)}
        for edge in edges:
            yield from (at_local(day, edge) - MOMENT, at_local(day, edge))
        if day.month in (3, 10) and day.weekday() == 6 and day.day > 24:
            midnight = datetime.combine(day, time(0), UTC)
            yield from (midnight + timedelta(minutes=minutes) for minutes in range(-60, 180, 5))


@pytest.mark.parametrize("name", CALENDARS)
@pytest.mark.parametrize("filled", [False, True], ids=["as written", "with all defaults"])
async def test_both_calendars_agree(connection: asyncpg.Connection, name: str, filled: bool) -> None:
    calendar = parse(CALENDARS[name])
    stored = json.dumps(to_json(calendar) if filled else CALENDARS[name])
    asked = list(moments(calendar))
    rows = await connection.fetch(
        "select window_open($1::text::jsonb, m) as open from unnest($2::timestamptz[]) with ordinality u (m, place) "
        "order by place",
        stored,
        asked,
    )
    apart = [at for at, row in zip(asked, rows, strict=True) if row["open"] is not calendar.is_open(at)]
    assert apart == []
    assert 0 < sum(row["open"] for row in rows) < len(rows)
