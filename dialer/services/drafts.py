"""A draft campaign that is thrown away: its lists are recalled first, so that their keys are gone whatever follows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from dialer.domain.ids import CampaignId, DeliveryId
from dialer.services.ports.clock import Clock
from dialer.services.ports.people import Viewer

_REASON = "concept weggegooid"


class DraftStore(Protocol):
    """Where drafts are."""

    async def deliveries(self, campaign: CampaignId) -> Sequence[DeliveryId]:
        """Of a draft. Raises NotFoundError, ConflictError when it is none any more."""
        ...

    async def discard(self, campaign: CampaignId, at: datetime, actor: str) -> bool:
        """True: nothing of it is left. False: something that stays refers to it, and it is stopped."""
        ...


class Recalls(Protocol):
    """Takes lists back."""

    async def recall(self, delivery: DeliveryId, reason: str, viewer: Viewer) -> object:
        """May be repeated."""
        ...


class Drafts:
    """Throws drafts away. Cut short at any line, it is done again whole."""

    def __init__(self, store: DraftStore, recalls: Recalls, clock: Clock) -> None:
        self._store = store
        self._recalls = recalls
        self._clock = clock

    async def discard(self, campaign: CampaignId, viewer: Viewer) -> bool:
        """True: nothing is left. False: it had proof calls or the like; its lists are gone and it is stopped.

        Raises NotFoundError, ConflictError when it is no draft any more.
        """
        for delivery in await self._store.deliveries(campaign):
            await self._recalls.recall(delivery, _REASON, viewer)
        return await self._store.discard(campaign, self._clock.now(), viewer.actor)
