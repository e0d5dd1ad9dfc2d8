"""Appointments that come due within half a minute: an agent each is kept for them, whichever campaign wants him."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from dialer.domain.ids import CampaignId
from dialer.services.ports.clock import Clock
from dialer.services.ports.engine import EngineStore

AHEAD = 30.0
"""Wall seconds that an agent is kept free before an appointment."""

_LOOK = 10.0  # wall seconds until the next look, at the latest
_FASTEST = 3600.0


class Appointments:
    """Looked up now and then, asked at any moment."""

    def __init__(self, store: EngineStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: Sequence[tuple[CampaignId, datetime]] = ()
        self._looked: tuple[datetime, float] | None = None
        self._speed = 1.0  # calendar seconds in a wall second: a demo presses them

    async def look(self) -> None:
        """Read what comes. Raises UnavailableError."""
        now, wall = self._clock.now(), self._clock.monotonic()
        if self._looked is not None and wall > self._looked[1]:
            passed = (now - self._looked[0]).total_seconds() / (wall - self._looked[1])
            self._speed = min(max(passed, 1.0), _FASTEST)
        self._looked = (now, wall)
        self._known = await self._store.appointments(now, now + self._ahead(AHEAD + _LOOK))

    def due(self, campaign: CampaignId) -> int:
        """How many of this campaign come due within half a minute. One that is due now is dialled, not waited for."""
        if not self._known:
            return 0
        now = self._clock.now()
        until = now + self._ahead(AHEAD)
        return sum(one == campaign and now < at <= until for one, at in self._known)

    def _ahead(self, seconds: float) -> timedelta:
        return timedelta(seconds=seconds * self._speed)
