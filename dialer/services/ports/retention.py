"""Data whose term is over. `storage/` implements it. Times are calendar time, UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from dialer.domain.ids import CampaignId, ClientId, DeliveryId
from dialer.domain.retention import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A delivery whose data is still there."""

    delivery: DeliveryId
    client: ClientId
    campaign: CampaignId
    campaign_name: str
    kind: str
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A client and its settings as stored."""

    client: ClientId
    name: str
    settings: Mapping[str, object] = field(default_factory=dict)


class RetentionStore(Protocol):
    """Whose term is over, and its end."""

    async def clients(self) -> Sequence[Terms]:
        """All, by name."""
        ...

    async def kept(self, client: ClientId, received_until: datetime, at: datetime) -> Sequence[Kept]:
        """Deliveries of a client with a key, received until then; `at`: now. The oldest first."""
        ...

    async def expire(self, delivery: DeliveryId, days: int | None, at: datetime, actor: str) -> bool:
        """Destroy its key, and say so in the audit: one transaction, in which the term of so many days is looked at
        once more (None: whatever the term). False: something of it is needed after all, or its key was gone.
        """
        ...

    async def expired_unfinished(self) -> Sequence[DeliveryId]:
        """Keys that were destroyed and whose boxes may stand there still."""
        ...

    async def clear(self, delivery: DeliveryId, at: datetime, actor: str) -> Mapping[str, int]:
        """Take away the boxes that no key opens any more; rows by table, in the audit too. May be repeated."""
        ...

    async def loose(self, client: ClientId, until: datetime, *, dry: bool) -> Mapping[str, int]:
        """What is sealed with the client's own key and belongs to no delivery: rows that went (`dry`: would go)."""
        ...

    async def recordings(self, client: ClientId, until: datetime, *, dry: bool) -> int:
        """Recordings agreed to (or refused) until then, and rows whose sound a restored back-up did not have: how many
        went (`dry`: would go). With their keys and their sound."""
        ...

    async def references(self, client: ClientId, until: date, *, dry: bool) -> int:
        """The client's references on lines of bills from before that day: lines blanked (`dry`: to be)."""
        ...
