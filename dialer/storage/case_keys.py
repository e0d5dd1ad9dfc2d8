"""The keys that seal a text about a case."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import ClientId, DeliveryId
from dialer.services.ports.case_keys import CaseKeys
from dialer.storage.connection import Connection

SQL_CASE_KEYS = """
select f.client_id, l.wrapped_key as client_key, f.delivery_id, d.wrapped_key as delivery_key
  from case_file f join client l on l.id = f.client_id join delivery d on d.id = f.delivery_id
 where f.id = $1
"""


async def case_keys(connection: Connection | asyncpg.Pool, case: UUID) -> CaseKeys:
    """Raises NotFoundError."""
    row = await connection.fetchrow(SQL_CASE_KEYS, case)
    if row is None:
        raise NotFoundError("no such case")
    return CaseKeys(
        client=ClientId(row["client_id"]),
        client_key=row["client_key"],
        delivery=DeliveryId(row["delivery_id"]),
        delivery_key=row["delivery_key"],
    )
