"""Reports that are made by the clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from dialer.domain.ids import CampaignId, ClientId
from dialer.domain.reports.calendar import Rhythm
from dialer.services.ports.reports import Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSchedule:
    """`done`: the Amsterdam date up to which its reports are made."""

    id: UUID
    client: ClientId
    client_name: str
    campaign: CampaignId | None  # None: all of the client
    campaign_name: str
    rhythm: Rhythm
    done: date
    format: str = "pdf"
    outlet: UUID | None = None
    client_key: bytes = field(repr=False, default=b"")
    sealed_to: bytes | None = field(repr=False, default=None)  # a mail address


@dataclass(frozen=True, slots=True, kw_only=True)
class Bringing:
    """Where reports of a schedule go by themselves; nowhere as it stands."""

    format: str = "pdf"
    outlet: UUID | None = None
    sealed_to: bytes | None = field(repr=False, default=None)


class ScheduleStore(Protocol):
    """What is to be made."""

    async def schedules(self, client: ClientId | None) -> Sequence[ReportSchedule]:
        """Those that are not ended, by client and campaign."""
        ...

    async def add(
        self, schedule: UUID, client: ClientId, campaign: CampaignId | None, rhythm: Rhythm, done: date, at: datetime,
        actor: str, bringing: Bringing,
    ) -> None:  # fmt: skip
        """Audited in the same transaction. Raises NotFoundError, also for an outlet that is not the client's;
        ConflictError when the same is there.
        """
        ...

    async def end(self, schedule: UUID, at: datetime, actor: str) -> None:
        """No more reports from now on; audited. Twice is once. Raises NotFoundError."""
        ...

    async def client_key(self, client: ClientId) -> bytes:
        """Wrapped. Raises NotFoundError."""
        ...

    async def make(self, schedule: UUID, asked: Asked, on: date, ids: Mapping[str, UUID]) -> bool:
        """Keep the report that is due `on`, once, with what brings it (`ids` by way). False: it is made, or the
        schedule is ended.
        """
        ...
