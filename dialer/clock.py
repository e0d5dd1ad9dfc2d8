"""Adapter for time and ids."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from asyncpg.pgproto import pgproto

from dialer.domain.ids import uuid7

_STEP = 0.5
"""Seconds by which the wall clock must leave the monotonic one at once to have been put by somebody."""


class SystemClock:
    """Calendar time is wall time."""

    on_step: Callable[[float], None] | None = None
    """Told by how much the wall clock has been put forth, before anybody has read it anew."""
    _apart: float | None = None  # the wall clock less the monotonic one

    def now(self) -> datetime:
        """Calendar time, aware, UTC."""
        return datetime.now(UTC)

    def wall(self) -> float:
        """Wall time in unix seconds."""
        now = time.time()
        before, self._apart = self._apart, now - time.monotonic()
        step = 0.0 if before is None else self._apart - before
        if abs(step) > _STEP and self.on_step is not None:
            self.on_step(step)
        return now

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
        """A fresh id, of the kind that comes out of the database too: as a key it costs a third of Python's own."""
        return pgproto.UUID(uuid7(time.time_ns() // 1_000_000, os.urandom(10)).bytes)
