"""Calendars of clients over https. `exchange/` implements both ports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from dialer.services.ports.slots import FeedMark, SlotTime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAnswer:
    """What came. `fault` empty is well; `unchanged`: it is what `mark` told of, and there is no body."""

    fault: str = ""
    unchanged: bool = False
    body: bytes = field(repr=False, default=b"")
    mark: FeedMark = field(default_factory=FeedMark)
    patience: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedTimes:
    """What a calendar offers. `fault` empty is well."""

    fault: str = ""
    times: Sequence[SlotTime] = ()


class FeedFetcher(Protocol):
    """Fetches. Faults come back as answers."""

    async def __call__(self, url: str, mark: FeedMark) -> FeedAnswer:
        """The file at `url`, unless it is what `mark` tells of."""
        ...


class FeedReader(Protocol):
    """Reads, in a process of its own: a calendar is written by strangers."""

    async def __call__(self, body: bytes, minutes: int, at: datetime) -> FeedTimes:
        """The times after `at`; events are cut into pieces of `minutes`, 0: not."""
        ...
