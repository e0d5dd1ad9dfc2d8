"""Whether what is told of a delivery agrees: the ledger, the facts of reports, and what the client confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from dialer.domain.ids import CampaignId, ClientId


class Told(StrEnum):
    """What does not agree with the ledger."""

    CASES = "cases"  # reports: where cases stand
    CALLS = "calls"  # reports: what came of calls
    APPOINTMENTS = "appointments"  # reports: what came of appointments
    BILL = "bill"  # a record is on no bill that was called, or on one that could not be
    EXPORT = "export"  # a confirmed export tells another result than the case has, at the same version


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Of one delivery: so many records are told otherwise than the ledger has them. `at`: since when it is known."""

    client: ClientId
    campaign: CampaignId
    campaign_name: str
    delivery: UUID
    received_at: datetime
    told: Told
    records: int
    at: datetime


class TallyStore(Protocol):
    """Compares in one snapshot, and keeps what differs until it does not."""

    async def compare(self, since: datetime, at: datetime) -> int:
        """Deliveries received since then. How many differences stand open now."""
        ...

    async def last(self) -> datetime | None:
        """When it was compared last."""
        ...

    async def open(self, client: ClientId | None) -> Sequence[Difference]:
        """What differs, the oldest first."""
        ...
