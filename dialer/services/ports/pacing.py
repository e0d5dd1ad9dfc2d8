"""What pacing has learned, from day to day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from dialer.domain.ids import CampaignId


class PacingMemory(Protocol):
    """One model a campaign, as plain data: counts, nothing of a person."""

    async def load(self) -> Mapping[CampaignId, Mapping[str, Any]]:
        """Every campaign's, as kept last."""
        ...

    async def save(self, campaign: CampaignId, state: Mapping[str, Any], at: datetime) -> None:
        """Keep this one in place of the last."""
        ...
