"""A sealed value out of a row that has `client_id` and `client_key`."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from dialer.domain.ids import ClientId, DeliveryId
from dialer.services.ports.people import Box


def box_of(
    row: asyncpg.Record, *, owner: UUID, sealed: bytes, delivery: UUID | None = None, delivery_key: bytes | None = None
) -> Box:
    """`delivery` None: sealed under the client's own key."""
    return Box(
        owner=owner,
        client=ClientId(row["client_id"]),
        client_key=row["client_key"],
        delivery=None if delivery is None else DeliveryId(delivery),
        delivery_key=delivery_key,
        sealed=sealed,
    )
