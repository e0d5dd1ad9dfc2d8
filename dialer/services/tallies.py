"""The nightly check that reports, exports and the ledger tell the same of each delivery."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

from dialer.domain.ids import ClientId
from dialer.schedule.windows import local_date
from dialer.services.ports.clock import Clock
from dialer.services.ports.tallies import Difference, TallyStore

log = logging.getLogger(__name__)

_LOOKS_BACK = timedelta(days=180)
"""Longer than a delivery is worked on and corrected."""
_NIGHT = timedelta(hours=3)
"""After midnight, when nobody is called."""


class Tallies:
    """Use cases, and the job."""

    def __init__(self, store: TallyStore, clock: Clock, tell: Callable[[Sequence[Difference]], None]) -> None:
        """`tell`: is given what stands open after each look, for the metrics."""
        self._store = store
        self._clock = clock
        self._tell = tell

    async def open(self, client: ClientId | None) -> Sequence[Difference]:
        """What differs now, as the last comparison found it."""
        return await self._store.open(client)

    async def tend(self) -> int:
        """Job: the first call of a night compares, the others only tell. How many deliveries differ."""
        now, last = self._clock.now(), await self._store.last()
        if last is None or local_date(last - _NIGHT) < local_date(now - _NIGHT):
            await self._store.compare(now - _LOOKS_BACK, now)
        found = await self._store.open(None)
        for one in found:
            log.error("figures differ delivery=%s told=%s records=%d", one.delivery, one.told, one.records)
        self._tell(found)
        return len({one.delivery for one in found})
