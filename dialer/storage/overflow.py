"""Lines of other teams' queues, in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from dialer.domain.errors import ConflictError, InvalidError, NotFoundError
from dialer.domain.ids import CampaignId, ClientId
from dialer.domain.overflow import OverflowLine
from dialer.storage.pool import Record, store

_COLUMNS = """
id, client_id, campaign_id, number, team, opening, back_number, hours::text as hours, after_own, most_waiting,
most_seconds, active, version
"""
SQL_OVERFLOW_OF = f"select {_COLUMNS} from overflow_line where client_id = $1 order by team, number"  # noqa: S608 - a constant of this file
SQL_OVERFLOW = f"select {_COLUMNS} from overflow_line where id = $1"  # noqa: S608 - a constant of this file
SQL_ADD_OVERFLOW = """
insert into overflow_line (id, client_id, campaign_id, number, team, opening, back_number, hours, after_own,
                           most_waiting, most_seconds, active)
values ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb, $9, $10, $11, $12)
"""
SQL_CHANGE_OVERFLOW = f"""
update overflow_line
   set campaign_id = $3, number = $4, team = $5, opening = $6, back_number = $7, hours = $8::text::jsonb,
       after_own = $9, most_waiting = $10, most_seconds = $11, active = $12, version = version + 1
 where id = $1 and version = $2
returning {_COLUMNS}
"""  # noqa: S608 - a constant of this file
SQL_BORROWED_SOUNDS = """
select c.slug, l.number from overflow_line l join client c on c.id = l.client_id where l.active
 order by c.slug, l.number
"""
_FIELD_OF = {
    "overflow_line_number_of_its_own": ("dit nummer is van een opdrachtgever zelf", "number"),
    "overflow_line_campaign_of_its_client": ("deze belactie is van een ander", "campaign"),
}


@store
class PgOverflowLines:
    """The port `OverflowStore`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def of(self, client: ClientId) -> Sequence[OverflowLine]:
        """All of a client's, by team."""
        return [overflow_line(row) for row in await self._pool.fetch(SQL_OVERFLOW_OF, client)]

    async def find(self, line: UUID) -> OverflowLine:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_OVERFLOW, line)
        if row is None:
            raise NotFoundError("no such line")
        return overflow_line(row)

    async def add(self, line: OverflowLine) -> None:
        """Raises NotFoundError for a client or campaign that does not exist, InvalidError, ConflictError."""
        await self._kept(SQL_ADD_OVERFLOW, line.id, line.client, *_values(line))

    async def change(self, line: OverflowLine) -> OverflowLine | None:
        """None: another version. Raises as `add`."""
        row = await self._kept(SQL_CHANGE_OVERFLOW, line.id, line.version, *_values(line))
        return None if row is None else overflow_line(row)

    async def _kept(self, sql: str, *values: object) -> Record | None:
        try:
            row: Record | None = await self._pool.fetchrow(sql, *values)
        except asyncpg.ForeignKeyViolationError:
            raise NotFoundError("no such client or campaign") from None
        except asyncpg.UniqueViolationError:
            raise ConflictError("this number is another line's") from None
        except asyncpg.CheckViolationError as error:
            if error.constraint_name not in _FIELD_OF:
                raise
            raise InvalidError(*_FIELD_OF[error.constraint_name]) from None
        return row


def _values(line: OverflowLine) -> tuple[object, ...]:
    hours = json.dumps([[list(span) for span in day] for day in line.hours])
    return (
        line.campaign, line.number, line.team, line.opening, line.back_number, hours, line.after_own, line.most_waiting,
        line.most_seconds, line.active,
    )  # fmt: skip


def overflow_line(row: Record) -> OverflowLine:
    """A row as the domain has it."""
    return OverflowLine(
        id=row["id"],
        client=ClientId(row["client_id"]),
        campaign=CampaignId(row["campaign_id"]),
        number=row["number"],
        team=row["team"],
        opening=row["opening"],
        back_number=row["back_number"],
        hours=tuple(tuple((start, end) for start, end in day) for day in json.loads(row["hours"])),
        after_own=row["after_own"],
        most_waiting=row["most_waiting"],
        most_seconds=row["most_seconds"],
        active=row["active"],
        version=row["version"],
    )
