"""The week as the planner knows it: a dozen bins, and the calendar cut into half-hours of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from dialer.schedule.planner.values import Hours
from dialer.schedule.windows import local, local_date

HALF = timedelta(minutes=30)
WEEKDAY_CUTS = (10.0, 11.5, 13.0, 14.5, 16.0, 17.5, 19.0, 20.0)
WEEKEND_CUTS = (11.0, 13.5)
WEEKDAY_MIDDLES = (9.25, 10.75, 12.25, 13.75, 15.25, 16.75, 18.25, 19.5, 20.5)
WEEKEND_MIDDLES = (10.0, 12.25, 15.0)
WEEKDAY_BINS = len(WEEKDAY_MIDDLES)
BINS = WEEKDAY_BINS + len(WEEKEND_MIDDLES)


def bin_at(weekday: int, hour: float) -> int:
    """The bin of a local hour (17.5 is half past five); weekday 0 is Monday."""
    if weekday >= 5:
        return WEEKDAY_BINS + bisect_right(WEEKEND_CUTS, hour)
    return bisect_right(WEEKDAY_CUTS, hour)


def bin_of(at: datetime) -> int:
    """The bin of a moment. Raises ValueError for a naive time."""
    return _bin(_half(at))


def date_of(at: datetime) -> date:
    """The day of a moment. Raises ValueError for a naive time."""
    return _date(_half(at))


def _half(at: datetime) -> int:
    """Half-hours since 1970. Nothing of the calendar changes within one, so that a few thousand are all there are."""
    if at.tzinfo is None:
        raise ValueError("naive time")
    return int(at.timestamp() // 1800)


@lru_cache(maxsize=8192)
def _bin(half: int) -> int:
    clock = local(_begin(half))
    return bin_at(clock.weekday(), clock.hour + clock.minute / 60)


@lru_cache(maxsize=8192)
def _date(half: int) -> date:
    return local_date(_begin(half))


def _begin(half: int) -> datetime:
    return datetime.fromtimestamp(half * 1800, UTC)


@dataclass(frozen=True, slots=True)
class Half:
    """A half-hour, or what a window leaves of it; `end` is exclusive."""

    start: datetime
    end: datetime
    bin: int


@dataclass(frozen=True, slots=True)
class Day:
    """An open day."""

    day: date
    weekday: int
    start: datetime
    end: datetime
    bins: Mapping[int, tuple[Half, ...]]


class Grid:
    """Half-hours of the open days, made when first asked for. Never outside the windows."""

    def __init__(self, hours: Hours) -> None:
        self._hours = hours
        self._days: dict[date, Day | None] = {}

    def day(self, day: date) -> Day | None:
        """The half-hours of a day; None when it is closed."""
        if day not in self._days:
            self._days[day] = self._cut(day)
        return self._days[day]

    def _cut(self, day: date) -> Day | None:
        bins: dict[int, list[Half]] = {}
        windows = self._hours.windows(day)
        for window in windows:
            start = window.start
            while start < window.end:
                # Half-hours begin at :00 and :30 by the clock, whatever the window does.
                past = timedelta(minutes=local(start).minute % 30, seconds=start.second)
                end = min(start - past + HALF, window.end)
                place = bin_of(start)
                bins.setdefault(place, []).append(Half(start, end, place))
                start = end
        if not bins:
            return None
        found = {place: tuple(halves) for place, halves in bins.items()}
        return Day(day, day.weekday(), windows[0].start, windows[-1].end, found)
