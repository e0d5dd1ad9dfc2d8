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


def sealed_box(row: asyncpg.Record, owner: UUID) -> Box:
    """Of a row that also has `sealed`, `delivery_id` and `delivery_key`."""
    return box_of(row, owner=owner, sealed=row["sealed"], delivery=row["delivery_id"], delivery_key=row["delivery_key"])


def sealed_box_if_any(row: asyncpg.Record, owner: UUID) -> Box | None:
    """As `sealed_box`; None: nothing was written, or it was erased."""
    return None if row["sealed"] is None else sealed_box(row, owner)


def named_box(row: asyncpg.Record, name: str, owner: UUID) -> Box | None:
    """One of several in a row: `<name>`, `<name>_delivery` and `<name>_key`; None: not written, or erased."""
    if row[name] is None:
        return None
    return box_of(row, owner=owner, sealed=row[name], delivery=row[f"{name}_delivery"], delivery_key=row[f"{name}_key"])
