"""The end of a client's contract. `storage/` implements it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from dialer.domain.contract_end import EndFigures
from dialer.domain.ids import ClientId, DeliveryId
from dialer.services.ports.people import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedDelivery:
    """A delivery with its key, and a box of it to try the key on (None: it has none)."""

    delivery: DeliveryId
    client_key: bytes = field(repr=False)
    wrapped_key: bytes = field(repr=False)
    kind: str
    box: Box | None


class ContractEndStore(Protocol):
    """What is left, the figures, and the end."""

    async def left(self, client: ClientId, at: datetime) -> Mapping[str, int]:
        """How many there are of each of `domain.contract_end.ITEMS`."""
        ...

    async def figures(self, client: ClientId) -> Sequence[EndFigures]:
        """By campaign, then all together."""
        ...

    async def keyed(self, client: ClientId) -> Sequence[KeyedDelivery]:
        """Deliveries whose key is still there."""
        ...

    async def boxes(self, client: ClientId) -> int:
        """Sealed personal data of residents of this client that stands anywhere."""
        ...

    async def ended(self, client: ClientId) -> Mapping[str, object] | None:
        """The certificate; None: the contract is not ended."""
        ...

    async def end(
        self, client: ClientId, ended_on: date, until: date, certificate: Mapping[str, object], at: datetime, actor: str
    ) -> None:
        """Keep the certificate, with its line in the audit: one transaction. From then on callers get after-care."""
        ...
