"""What pacing has learned, for whoever wants to look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dialer.domain.errors import InvalidError
from dialer.domain.ids import CampaignId
from dialer.pacing import stored
from dialer.pacing.learned_curves import Learned, learned
from dialer.services.ports.pacing import PacingMemory


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptModel:
    """A campaign's model as it was kept last, at most a minute ago while the campaign runs."""

    at: datetime  # UTC
    learned: Learned


class PacingModels:
    """Reads what is kept: the same in every process, whoever runs the campaign."""

    def __init__(self, memory: PacingMemory) -> None:
        self._memory = memory

    async def of(self, campaign: CampaignId) -> KeptModel | None:
        """None: nothing was kept yet, or by another release, whose model is not used either."""
        kept = await self._memory.find(campaign)
        if kept is None:
            return None
        try:
            return KeptModel(at=kept.at, learned=learned(stored.load(kept.state)))
        except InvalidError:
            return None
