"""Changed hours and planning are brought to a campaign's cases in the background, a few at a time.

The event loop has its turn between them, and a restart goes on where it stopped.
"""

from __future__ import annotations

import asyncio

from dialer.services import trial
from dialer.services.ports.campaigns import PlanChanges
from dialer.services.ports.clock import Clock

BREATH = 0.02
"""Seconds between two times, so that calls come first."""


class PlanChangeService:
    """Its only use is its job."""

    def __init__(self, changes: PlanChanges, clock: Clock) -> None:
        self._changes = changes
        self._clock = clock

    async def tend(self) -> int:
        """Job: bring what was changed to the cases; how many times a few were brought."""
        done = 0
        while await self._changes.bring(trial.FEW, self._clock.now()):
            done += 1
            await asyncio.sleep(BREATH)
        return done
