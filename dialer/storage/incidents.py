"""The register of data leaks in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import ClientId, UserId
from dialer.domain.incident import DataKind, Incident, IncidentKind, IncidentState
from dialer.services.ports.incidents import IncidentChange, IncidentLine
from dialer.storage.pool import store

SQL_INCIDENTS = """
select i.id, i.client_id, l.name as client_name, i.state, i.discovered_at, i.kind, i.data, i.residents, i.what,
       i.consequences, i.measures, i.opened_at, coalesce(u.display_name, '') as opened_by, i.told_at, i.closed_at,
       i.lesson, i.version
  from incident i join client l on l.id = i.client_id left join app_user u on u.id = i.opened_by
 where ($1::uuid is null or i.client_id = $1) and ($2::uuid is null or i.id = $2)
 order by i.state = 'closed', i.discovered_at desc, i.id
"""
SQL_ADD_INCIDENT = """
insert into incident (id, client_id, state, discovered_at, kind, data, residents, what, consequences, measures,
                      opened_at, opened_by)
select $1, l.id, 'open', $3, $4, $5, $6, $7, $8, $9, $10, $11 from client l where l.id = $2
"""
SQL_LEARN = """
update incident set discovered_at = $3, kind = $4, data = $5, residents = $6, what = $7, consequences = $8,
                    measures = $9, version = version + 1
 where id = $1 and version = $2
"""
SQL_MOVE_INCIDENT = """
update incident set state = $3, told_at = coalesce($4, told_at), closed_at = coalesce($5, closed_at),
                    lesson = coalesce($6, lesson), version = version + 1
 where id = $1 and version = $2
"""


@store
class PgIncidents:
    """`IncidentStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def all(self, client: ClientId | None) -> Sequence[IncidentLine]:
        """See IncidentStore."""
        return [_line(row) for row in await self._pool.fetch(SQL_INCIDENTS, client, None)]

    async def incident(self, incident: UUID) -> IncidentLine:
        """See IncidentStore."""
        row = await self._pool.fetchrow(SQL_INCIDENTS, None, incident)
        if row is None:
            raise NotFoundError("no such incident")
        return _line(row)

    async def add(self, incident: UUID, client: ClientId, known: Incident, at: datetime, by: UserId) -> None:
        """See IncidentStore."""
        status = await self._pool.execute(SQL_ADD_INCIDENT, incident, client, *_known(known), at, by)
        if not status.endswith(" 1"):
            raise NotFoundError("no such client")

    async def learn(self, incident: UUID, version: int, known: Incident) -> bool:
        """See IncidentStore."""
        return (await self._pool.execute(SQL_LEARN, incident, version, *_known(known))).endswith(" 1")

    async def move(self, change: IncidentChange) -> bool:
        """See IncidentStore."""
        status = await self._pool.execute(
            SQL_MOVE_INCIDENT,
            change.incident,
            change.version,
            change.state.value,
            change.told_at,
            change.closed_at,
            change.lesson,
        )
        return status.endswith(" 1")


def _known(known: Incident) -> tuple[object, ...]:
    return (
        known.discovered_at,
        known.kind.value,
        [one.value for one in known.data],
        known.residents,
        known.what,
        known.consequences,
        known.measures,
    )


def _line(row: asyncpg.Record) -> IncidentLine:
    return IncidentLine(
        id=row["id"],
        client=ClientId(row["client_id"]),
        client_name=row["client_name"],
        state=IncidentState(row["state"]),
        known=Incident(
            discovered_at=row["discovered_at"],
            kind=IncidentKind(row["kind"]),
            data=[DataKind(one) for one in row["data"]],
            residents=row["residents"],
            what=row["what"],
            consequences=row["consequences"],
            measures=row["measures"],
        ),
        opened_at=row["opened_at"],
        opened_by=row["opened_by"],
        told_at=row["told_at"],
        closed_at=row["closed_at"],
        lesson=row["lesson"],
        version=row["version"],
    )
