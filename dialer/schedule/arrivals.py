"""When a client's file is expected, and whether it came. Pure; UTC in and out, days are Amsterdam's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from dialer.schedule.terms import next_working_day
from dialer.schedule.windows import at_local, local_date

_LOOK_BACK = timedelta(days=70)
"""Two of the rarest turns, months, and a holiday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """Days on which a file is expected, and until what time. None at all: nothing is expected."""

    weekdays: frozenset[int] = frozenset()  # 0 is Monday
    month_days: frozenset[int] = frozenset()  # 1 to 28
    by: time = time(10)


def due_moments(expected: Expectation, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Moments in (begin, end] by which a file is due; a day that is no working day moves to the next one."""
    day, last = local_date(begin) - timedelta(days=7), local_date(end)
    seen = begin
    while day <= last:
        if day.weekday() in expected.weekdays or day.day in expected.month_days:
            moment = at_local(next_working_day(day), expected.by)
            if seen < moment <= end:
                seen = moment
                yield moment
        day += timedelta(days=1)


def missing_since(
    expected: Expectation, since: datetime, arrivals: Sequence[datetime], now: datetime
) -> datetime | None:
    """The latest moment by which a file should have come and has not; None: all is well.

    `since`: from when it is expected; `arrivals`: when files came, in any order. A file belongs to the nearest moment:
    one that comes a little late does not stand for the next one too.
    """
    moments = list(due_moments(expected, max(since, now - _LOOK_BACK), now))
    if not moments:
        return None
    last = moments[-1]
    turn = since if len(moments) == 1 else moments[-2] + (last - moments[-2]) / 2
    return None if any(turn < came <= now for came in arrivals) else last
