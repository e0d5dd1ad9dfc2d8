"""Scorecards: each client's own, or the shipped one, in versions that never change."""

from __future__ import annotations

from collections.abc import Sequence

from dialer.domain.errors import ChangedSinceError
from dialer.domain.ids import ClientId, UserId
from dialer.domain.scorecard import Criterion, check_card
from dialer.services.ports.clock import Clock
from dialer.services.ports.people import Viewer
from dialer.services.ports.quality import Scorecard, ScorecardStore
from dialer.services.viewing import check_scope


class Scorecards:
    """Use cases."""

    def __init__(self, store: ScorecardStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def card(self, client: ClientId, viewer: Viewer) -> Scorecard:
        """What the next record is scored by. Raises NotFoundError."""
        check_scope(viewer, client)
        return await self._store.card(client)

    async def save(
        self, client: ClientId, version: int, criteria: Sequence[Criterion], user: UserId, viewer: Viewer
    ) -> Scorecard:
        """A new version for what is scored from now on. Raises NotFoundError, InvalidError, ChangedSinceError."""
        check_scope(viewer, client)
        checked = check_card(criteria)
        if not await self._store.save(client, version, checked, self._clock.now(), user, viewer.actor):
            raise ChangedSinceError("iemand anders heeft het formulier gewijzigd")
        return await self._store.card(client)
