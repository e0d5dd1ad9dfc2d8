"""What seals a text about one case: the keys of its client and of the delivery that it counts as."""

from __future__ import annotations

from dataclasses import dataclass, field

from dialer.domain.ids import ClientId, DeliveryId


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseKeys:
    """Both wrapped. `delivery_key` None: erased, nothing about the case can be sealed any more."""

    client: ClientId
    client_key: bytes = field(repr=False)
    delivery: DeliveryId
    delivery_key: bytes | None = field(repr=False)
