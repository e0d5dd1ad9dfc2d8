"""Results that their client has not confirmed. Pseudonymous. Times are calendar time, aware UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.domain.ids import CampaignId, CaseId, ClientId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenResult:
    """A result that stands, and of which no receipt is known."""

    case: CaseId
    campaign: CampaignId
    client_ref: str
    state: str
    outcome: str
    flags: Sequence[str]
    settled_at: datetime
    plan_ends_at: datetime
    stage: str  # none | sent | dead: on its way, or given up


class HandBackStore(Protocol):
    """Reads only."""

    async def open_results(self, client: ClientId | None, since: datetime, limit: int) -> Sequence[OpenResult]:
        """Results settled since then, the oldest first; of one client, or None: of all."""
        ...
