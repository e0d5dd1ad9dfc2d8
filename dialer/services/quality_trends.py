"""What reviews add up to: trends of agents and the team, and how far our scores lie from the client's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dialer.domain.calibration import Calibration, Pair, calibrate
from dialer.domain.ids import ClientId
from dialer.schedule.windows import local_date
from dialer.services.ports.clock import Clock
from dialer.services.ports.people import Viewer
from dialer.services.ports.quality import TrendLine, TrendStore
from dialer.services.viewing import check_scope

WEEKS = 12
"""So far back trends and calibration look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationShown:
    """The pairs and what they come to, since a Monday."""

    since: date
    summary: Calibration
    pairs: Sequence[Pair]


class QualityTrends:
    """Use cases."""

    def __init__(self, store: TrendStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def trends(self, client: ClientId | None) -> Sequence[TrendLine]:
        """By week, of one client's records or of all: for our own people only."""
        return await self._store.trends(client, self._since())

    async def calibration(self, client: ClientId, viewer: Viewer) -> CalibrationShown:
        """Raises NotFoundError for another client's."""
        check_scope(viewer, client)
        since = self._since()
        pairs = await self._store.pairs(client, since)
        return CalibrationShown(since=since, summary=calibrate(pairs), pairs=pairs)

    def _since(self) -> date:
        today = local_date(self._clock.now())
        return today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
