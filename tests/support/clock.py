"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from dialer.clock import SystemClock
from dialer.domain.ids import uuid7


class FakeClock:
    """Calendar and wall move together; `wall` starts at the fake telephony's `now`."""

    def __init__(self, start: datetime, wall: float = 1_000_000.0) -> None:
        self._now = start
        self._wall = wall

    def now(self) -> datetime:
        return self._now

    def wall(self) -> float:
        return self._wall

    def wall_utc(self) -> datetime:
        return datetime.fromtimestamp(self._wall, UTC)

    def monotonic(self) -> float:
        return self._wall

    def pass_time(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._wall += seconds


class CountingIds:
    """Ids 1, 2, 3 ... as version 7 UUIDs."""

    def __init__(self) -> None:
        self._count = 0

    def new(self) -> UUID:
        self._count += 1
        return uuid7(self._count, bytes(10))


class CalendarAt(SystemClock):
    """The wall as it is; a calendar that begins at `start` and runs at the wall's pace."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._begun = self.monotonic()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic() - self._begun)

    def move(self, to: datetime) -> None:
        self._start = to
        self._begun = self.monotonic()
