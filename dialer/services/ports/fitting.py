"""What is planned against what can be dialled: read, and planned anew where it does not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.domain.ids import CampaignId, CaseId
from dialer.schedule.planner.rooms import Staffing


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A running campaign whose attempts are to fit the time of its agents."""

    campaign: CampaignId
    hold_out: float  # share of its cases that stay on rotation, for comparison
    at_once: bool  # first attempts are not planned: they are due as soon as the list is in


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A page of cases that are due, and where the next page begins."""

    cases: Sequence[CaseId]
    after: tuple[datetime, CaseId] | None  # None: this was the last


class FittingStore(Protocol):
    """Cases, agents' duty and attempts."""

    async def running(self) -> Sequence[Fitted]:
        """Campaigns that are dialling."""
        ...

    async def staffing(self, campaign: CampaignId, since: datetime, until: datetime) -> Staffing:
        """Who was on duty, and how long attempts took, from `since` to `until` (calendar time)."""
        ...

    async def planned(self, campaign: CampaignId, since: datetime) -> Mapping[datetime, int]:
        """Attempts planned for each half-hour (by its beginning, UTC) from that of `since` on."""
        ...

    async def late(
        self, fitted: Fitted, now: datetime, due_since: datetime, after: tuple[datetime, CaseId] | None, most: int
    ) -> Late:
        """Ordinary cases that are due since before `due_since`, and first attempts that nobody has planned yet.

        Neither crises nor what a resident or an outcome asked for: these go first anyway."""
        ...

    async def replan(self, which: Sequence[CaseId], now: datetime) -> Sequence[datetime]:
        """Plan these anew; the moments planned. Who is in a call by now, or planned for later, stays as he is."""
        ...
