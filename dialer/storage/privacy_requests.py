"""Requests of residents about their data, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import ClientId, ResidentId
from dialer.domain.privacy_request import WAITING, RequestKind, RequestState
from dialer.services.ports.privacy_requests import NewRequest, PrivacyRequest, RequestMove
from dialer.storage.pool import store

SQL_REQUESTS = """
select q.id, q.client_id, l.name as client_name, q.resident_id, q.kind, q.state, q.received_on, q.due_on, q.reason,
       q.answer, q.opened_at, coalesce(o.display_name, '') as opened_by, q.settled_at,
       coalesce(s.display_name, '') as settled_by, q.version
  from privacy_request q
  join client l on l.id = q.client_id
  left join app_user o on o.id = q.opened_by
  left join app_user s on s.id = q.settled_by
"""
SQL_LIST_REQUESTS = f"""
{SQL_REQUESTS}
 where ($1::uuid is null or q.client_id = $1) and ($2::uuid is null or q.resident_id = $2)
   and ($3::boolean is null or (q.state = any($4::text[])) = $3)
 order by q.state = any($4::text[]) desc, case when q.state = any($4::text[]) then q.due_on end,
          q.opened_at desc, q.id
 limit $5
"""
SQL_ONE_REQUEST = f"{SQL_REQUESTS} where q.id = $1"
SQL_ADD_REQUEST = """
insert into privacy_request (id, client_id, resident_id, kind, state, received_on, due_on, reason, opened_at, opened_by)
select $1, r.client_id, r.id, $3, $4, $5, $6, $7, $8, $9 from resident r where r.id = $2
"""
SQL_MOVE_REQUEST = """
update privacy_request
   set state = $3, answer = $4, due_on = coalesce($5, due_on), settled_at = $6,
       settled_by = case when $6::timestamptz is null then settled_by else $7 end, version = version + 1
 where id = $1 and version = $2
"""


@store
class PgPrivacyRequests:
    """`PrivacyRequestStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def all(
        self, client: ClientId | None, resident: ResidentId | None, *, is_open: bool | None, limit: int
    ) -> Sequence[PrivacyRequest]:
        """See PrivacyRequestStore."""
        rows = await self._pool.fetch(SQL_LIST_REQUESTS, client, resident, is_open, sorted(WAITING), limit)
        return [_request(row) for row in rows]

    async def request(self, request: UUID) -> PrivacyRequest:
        """See PrivacyRequestStore."""
        row = await self._pool.fetchrow(SQL_ONE_REQUEST, request)
        if row is None:
            raise NotFoundError("no such request")
        return _request(row)

    async def add(self, new: NewRequest) -> None:
        """See PrivacyRequestStore."""
        status = await self._pool.execute(
            SQL_ADD_REQUEST,
            new.id,
            new.resident,
            new.kind.value,
            RequestState.OPEN.value,
            new.received_on,
            new.due_on,
            new.reason,
            new.at,
            new.by,
        )
        if not status.endswith(" 1"):
            raise NotFoundError("no such resident")

    async def move(self, move: RequestMove) -> bool:
        """See PrivacyRequestStore."""
        status = await self._pool.execute(
            SQL_MOVE_REQUEST,
            move.request,
            move.version,
            move.state.value,
            move.answer,
            move.due_on,
            move.settled_at,
            move.by,
        )
        return status.endswith(" 1")


def _request(row: asyncpg.Record) -> PrivacyRequest:
    return PrivacyRequest(
        id=row["id"],
        client=ClientId(row["client_id"]),
        client_name=row["client_name"],
        resident=ResidentId(row["resident_id"]),
        kind=RequestKind(row["kind"]),
        state=RequestState(row["state"]),
        received_on=row["received_on"],
        due_on=row["due_on"],
        reason=row["reason"],
        answer=row["answer"],
        opened_at=row["opened_at"],
        opened_by=row["opened_by"],
        settled_at=row["settled_at"],
        settled_by=row["settled_by"],
        version=row["version"],
    )
