"""To whom calls of a client may go, in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import ClientId
from dialer.domain.transfer import TargetKind
from dialer.domain.transfer_target import TransferTarget
from dialer.storage.pool import Record, store

SQL_OF = """
select id, client_id, kind, name, number, hours::text as hours, languages, position, active, protocol,
       version
  from transfer_target where client_id = $1 order by position, name, id
"""
SQL_FIND = """
select id, client_id, kind, name, number, hours::text as hours, languages, position, active, protocol,
       version
  from transfer_target where id = $1
"""
SQL_ADD = """
insert into transfer_target (id, client_id, kind, name, number, hours, languages, position, active, protocol)
values ($1, $2, $3, $4, $5, $6::text::jsonb, $7, $8, $9, $10)
"""
SQL_CHANGE = """
update transfer_target
   set kind = $3, name = $4, number = $5, hours = $6::text::jsonb, languages = $7, position = $8, active = $9,
       protocol = $10, version = version + 1
 where id = $1 and version = $2
returning id, client_id, kind, name, number, hours::text as hours, languages, position, active, protocol,
       version
"""


@store
class PgTransferTargets:
    """The port `TransferTargetStore`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def of(self, client: ClientId) -> Sequence[TransferTarget]:
        """All of a client's, in their order."""
        return [_target(row) for row in await self._pool.fetch(SQL_OF, client)]

    async def find(self, target: UUID) -> TransferTarget:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_FIND, target)
        if row is None:
            raise NotFoundError("no such target")
        return _target(row)

    async def add(self, target: TransferTarget) -> None:
        """Raises NotFoundError for a client that does not exist."""
        try:
            await self._pool.execute(SQL_ADD, target.id, target.client, *_values(target))
        except asyncpg.ForeignKeyViolationError:
            raise NotFoundError("no such client") from None

    async def change(self, target: TransferTarget) -> TransferTarget | None:
        """None: another version."""
        row = await self._pool.fetchrow(SQL_CHANGE, target.id, target.version, *_values(target))
        return None if row is None else _target(row)


def _values(target: TransferTarget) -> tuple[object, ...]:
    hours = json.dumps([[list(span) for span in day] for day in target.hours])
    return (
        target.kind.value, target.name, target.number, hours, list(target.languages), target.position, target.active,
        target.protocol,
    )  # fmt: skip


def _target(row: Record) -> TransferTarget:
    return TransferTarget(
        id=row["id"],
        client=ClientId(row["client_id"]),
        kind=TargetKind(row["kind"]),
        name=row["name"],
        number=row["number"],
        hours=tuple(tuple((start, end) for start, end in day) for day in json.loads(row["hours"])),
        languages=tuple(row["languages"]),
        position=row["position"],
        active=row["active"],
        protocol=row["protocol"],
        version=row["version"],
    )
