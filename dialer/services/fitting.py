"""Fits the plan to the agents who are there.

The planner chooses each resident's best half-hour; this tells it which half-hours are full, plans first attempts when a
list has come in, and plans anew what was not dialled in its half-hour because agents were too few: at the next good
moment, instead of first thing in the morning when nobody is at home.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from dialer.domain.ids import CampaignId
from dialer.schedule.planner.holdout import held_out
from dialer.schedule.planner.product import LearnedPlanner
from dialer.schedule.planner.rooms import Rooms, Staffing
from dialer.services.ports.clock import Clock
from dialer.services.ports.fitting import Fitted, FittingStore

log = logging.getLogger(__name__)

WEEKS_BACK = timedelta(weeks=4)
LATE = timedelta(minutes=30)
"""A case that is due for longer than this has missed its half-hour."""
STAFF_EVERY = timedelta(hours=1)
COUNT_EVERY = timedelta(minutes=2)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
PAGE, FEW, PAGES = 200, 25, 20
BREATH = 0.01
"""Seconds between two transactions: background work gives way."""


@dataclass(slots=True)
class _Known:
    """What is known of a campaign, and since when."""

    staffing: Staffing
    staffed_at: datetime
    rooms: Rooms = field(default_factory=Rooms)
    counted_at: datetime | None = None


class FittingService:
    """Tends the rooms of one process's planner."""

    def __init__(self, store: FittingStore, planner: LearnedPlanner, clock: Clock) -> None:
        self._store = store
        self._planner = planner
        self._clock = clock
        self._known: dict[CampaignId, _Known] = {}

    def roster_changed(self) -> None:
        """Who is there is read anew with the next look, not within the hour."""
        for known in self._known.values():
            known.staffed_at = _LONG_AGO

    async def tend(self) -> int:
        """Job: bring capacity and counts up to date, plan anew what does not fit; how many cases were planned."""
        running = await self._store.running()
        for campaign in self._known.keys() - {fitted.campaign for fitted in running}:
            del self._known[campaign]
            self._planner.rooms.pop(str(campaign), None)
        return sum([await self._fit(fitted) for fitted in running])

    async def _fit(self, fitted: Fitted) -> int:
        known = await self._up_to_date(fitted.campaign)
        now, after, moved = self._clock.now(), None, 0
        for _ in range(PAGES):
            page = await self._store.late(fitted, now, now - LATE, after, PAGE)
            # Who is held out stays due, and goes before those planned for later: the comparison never favours us.
            ours = [case for case in page.cases if not held_out(str(case), fitted.hold_out)]
            for start in range(0, len(ours), FEW):
                for at in await self._store.replan(ours[start : start + FEW], self._clock.now()):
                    known.rooms.book(at)
                    moved += 1
                await asyncio.sleep(BREATH)
            if (after := page.after) is None:
                break
        if moved:
            log.info("planned anew campaign=%s cases=%d", fitted.campaign, moved)
        return moved

    async def _up_to_date(self, campaign: CampaignId) -> _Known:
        now, known = self._clock.now(), self._known.get(campaign)
        if known is None or now - known.staffed_at >= STAFF_EVERY or now < known.staffed_at:
            staffing = await self._store.staffing(campaign, now - WEEKS_BACK, now)
            known = _Known(staffing, now)
            self._known[campaign] = known
        if known.counted_at is None or now - known.counted_at >= COUNT_EVERY or now < known.counted_at:
            planned = await self._store.planned(campaign, now)
            known.rooms = Rooms(capacity=known.staffing.capacity, planned=Counter(planned))
            known.counted_at = now
            self._planner.rooms[str(campaign)] = known.rooms
        return known
