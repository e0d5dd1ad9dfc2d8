"""The demo's pressed calendar: nights pass at once, and hours in which nobody is due.

It leaps only while no call is live, so no window, cap or pause is ever judged by a time that jumped during a call.
Pairs of wall and calendar time are kept for whoever audits the month afterwards.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Protocol

from dialer.clock import PressedClock
from dialer.domain.errors import UnavailableError
from dialer.services.centre import Centre

log = logging.getLogger(__name__)

_LOOK_EVERY = 0.5
_PAIR_EVERY = 5.0
_MARGIN = timedelta(seconds=30)


class CalendarStore(Protocol):
    """What the press needs to know."""

    async def next_due(self) -> datetime | None:
        """When the next open case of a running campaign is due; None: none is."""
        ...

    async def save_clock_pair(self, wall_at: datetime, calendar_at: datetime, speed: float) -> None:
        """Keep one pair."""
        ...


async def press(clock: PressedClock, centre: Centre, store: CalendarStore) -> None:
    """Run beside the service, for ever."""
    paired = 0.0
    while True:
        try:
            if clock.monotonic() - paired >= _PAIR_EVERY:
                paired = clock.monotonic()
                await store.save_clock_pair(clock.wall_utc(), clock.now(), clock.speed)
            if await _leap(clock, centre, store):
                await store.save_clock_pair(clock.wall_utc(), clock.now(), clock.speed)
        except UnavailableError:
            log.warning("calendar not looked at, the database is away")
        await asyncio.sleep(_LOOK_EVERY)


async def _leap(clock: PressedClock, centre: Centre, store: CalendarStore) -> bool:
    """Move to the next moment at which anything can happen; True when the calendar moved."""
    if not centre.engine.quiet or not centre.engine.ownership.owned():
        return False
    now = clock.now()
    due = await store.next_due()
    moments = [
        opening
        for campaign in centre.engine.campaigns()
        if campaign.state == "running" and (opening := campaign.calendar.next_open(max(now, due or now))) is not None
    ]
    if not moments or min(moments) - now < timedelta(seconds=clock.speed) + _MARGIN:
        return False
    return _jump(clock, centre, min(moments))


def _jump(clock: PressedClock, centre: Centre, to: datetime) -> bool:
    """Looked at once more: the question to the database took a while."""
    if not centre.engine.quiet:
        return False
    clock.leap(to)
    centre.engine.rested()
    return True
