"""Time and identity. Nothing else in the service reads a clock or draws an id."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID


class Clock(Protocol):
    """Two kinds of time.

    *Calendar time* decides windows, caps and plans; a demo may press it. *Wall time* measures rings, talks and the two
    seconds, and nothing scales it.
    """

    def now(self) -> datetime:
        """Calendar time, aware, UTC."""
        ...

    def wall(self) -> float:
        """Wall time in unix seconds, comparable with Asterisk's stamps."""
        ...

    def wall_utc(self) -> datetime:
        """Wall time as an aware UTC datetime: leases, log stamps, expiry of sessions."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow, for deadlines."""
        ...


class Ids(Protocol):
    """Source of new identifiers."""

    def new(self) -> UUID:
        """A fresh version 7 UUID."""
        ...
