"""What pacing has learned, from day to day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from dialer.domain.ids import CampaignId

T = TypeVar("T")


class KeptState(NamedTuple):
    """A model as plain data, and when it was kept (UTC)."""

    at: datetime
    state: Mapping[str, Any]


class PacingMemory(Protocol):
    """One model a campaign, as plain data: counts, nothing of a person."""

    async def load(self) -> Mapping[CampaignId, Mapping[str, Any]]:
        """Every campaign's, as kept last."""
        ...

    async def find(self, campaign: CampaignId) -> KeptState | None:
        """One campaign's, as kept last; None: nothing was kept yet."""
        ...

    async def save(self, campaign: CampaignId, state: Mapping[str, Any], at: datetime) -> None:
        """Keep this one in place of the last."""
        ...


class DecisionJournals(Protocol):
    """The decisions of past days, a journal a campaign and day."""

    async def read(self, campaign: CampaignId, day: date, reader: Callable[[Iterable[str]], T]) -> T | None:
        """What `reader` makes of the lines, beside the event loop; None: no journal of that day was kept."""
        ...


class ClockPair(NamedTuple):
    """How calendar and wall time belonged together at one moment of a pressed calendar."""

    wall_at: datetime
    calendar_at: datetime
    speed: float  # calendar seconds in a wall second, from there on


class ClockPairs(Protocol):
    """Kept while a calendar is pressed (the demo); otherwise there are none."""

    async def clock_pairs(self, since: datetime, until: datetime) -> Sequence[ClockPair]:
        """The last before `since` and those up to `until`, calendar time, the first first."""
        ...
