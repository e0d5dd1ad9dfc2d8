"""The checklist of a client: where ticks are kept, and how items stand for a campaign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from dialer.domain.checklist import CheckState
from dialer.domain.ids import CampaignId, ClientId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """An item as it stands for one campaign."""

    item: str
    state: CheckState
    tickable: bool
    on: date | None = None
    name: str = ""
    reason: str = ""
    by: str = ""  # display name of who ticked or waived
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """An item that is ticked (`name`) or waived (`reason`)."""

    client: ClientId
    item: str
    state: CheckState
    on: date
    name: str
    reason: str
    by: UserId | None
    at: datetime
    actor: str


class ChecklistStore(Protocol):
    """One method is one transaction; each change is audited with its actor."""

    async def of_campaign(self, campaign: CampaignId) -> Sequence[CheckRow]:
        """Every item. Raises NotFoundError."""
        ...

    async def keep(self, tick: Tick) -> None:
        """In place of what stood there. Raises NotFoundError for the client."""
        ...

    async def forget(self, client: ClientId, item: str, at: datetime, actor: str) -> bool:
        """Take a tick or a waiver back; False: there was none."""
        ...
