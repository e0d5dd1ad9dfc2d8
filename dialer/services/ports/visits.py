"""Appointments that a client's file may be about. Times are calendar time, aware UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from dialer.domain.ids import CampaignId, ClientId
from dialer.domain.visits import Visit


class VisitStore(Protocol):
    """Looks them up."""

    async def visits(
        self, client: ClientId, campaign: CampaignId, references: Sequence[str]
    ) -> Mapping[str, Sequence[Visit]]:
        """By the client's reference: each appointment of its cases in this campaign, moved ones apart; by time."""
        ...
