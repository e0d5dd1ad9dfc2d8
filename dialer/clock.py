"""Adapter for time and ids."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

from dialer.domain.ids import uuid7


class SystemClock:
    """Calendar time is wall time."""

    def now(self) -> datetime:
        """Calendar time, aware, UTC."""
        return datetime.now(UTC)

    def wall(self) -> float:
        """Wall time in unix seconds."""
        return time.time()

    def wall_utc(self) -> datetime:
        """Wall time as an aware UTC datetime."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return time.monotonic()


class PressedClock(SystemClock):
    """A calendar that runs `speed` times as fast as the wall, from `start` on: the demo's month in minutes.

    Only the calendar is pressed. `leap` moves it forward, over a night in which nobody may be called.
    """

    def __init__(self, start: datetime, speed: float) -> None:
        if speed <= 0:
            raise ValueError("speed must be above zero")
        self.speed = speed
        self._calendar = start.astimezone(UTC)
        self._anchor = time.monotonic()

    def now(self) -> datetime:
        """Calendar time, aware, UTC."""
        return self._calendar + timedelta(seconds=(time.monotonic() - self._anchor) * self.speed)

    def leap(self, to: datetime) -> None:
        """Move the calendar to `to`; a moment that has passed is no move."""
        if to > self.now():
            self._calendar = to.astimezone(UTC)
            self._anchor = time.monotonic()


class SystemIds:
    """Version 7 UUIDs from the system's clock and entropy."""

    def new(self) -> UUID:
        """A fresh id."""
        return uuid7(time.time_ns() // 1_000_000, os.urandom(10))
