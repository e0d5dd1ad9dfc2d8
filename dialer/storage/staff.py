"""Telephones of our own people, and their proof calls, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from dialer.domain.errors import ConflictError, NotFoundError
from dialer.domain.ids import AttemptId, CampaignId, ClientId, UserId
from dialer.services.ports.staff import ProofLine, StaffPhone
from dialer.storage.audit import record_audit
from dialer.storage.pool import store

_PHONE = """
select p.id, p.client_id, p.label, p.number_key, p.sealed_number, l.wrapped_key
  from staff_phone p join client l on l.id = p.client_id
"""
SQL_CLIENT_KEY = "select wrapped_key from client where id = $1"
SQL_PHONES = f"{_PHONE} where p.client_id = $1 and p.removed_at is null order by p.label, p.id"
SQL_PHONE = f"{_PHONE} where p.id = $1 and p.removed_at is null"
SQL_IS_RESIDENT = """
select exists (select 1 from phone h join case_phone cp on cp.phone_id = h.id
                 join case_file f on f.id = cp.case_id and f.state in ('held', 'no_number', 'open')
                where h.number_key = $1)
"""
SQL_ADD = """
insert into staff_phone (id, client_id, label, number_key, sealed_number, created_at, created_by)
values ($1, $2, $3, $4, $5, $6, $7)
"""
SQL_REMOVE = """
update staff_phone set removed_at = $3 where id = $2 and client_id = $1 and removed_at is null returning label
"""
SQL_PROOFS = """
select a.id, a.staff_phone_id, p.label, a.claimed_at, a.agent_id, a.live, a.answered_at is not null as answered,
       a.joined_at is not null as talked, a.outcome
  from attempt a join staff_phone p on p.id = a.staff_phone_id
 where a.campaign_id = $1 and a.direction = 'proof'
 order by a.claimed_at desc, a.id desc limit $2
"""


class StaffIsResidentError(ConflictError):
    """The number is one of a resident who is to be called."""

    code = "staff-is-resident"


@store
class PgStaff:
    """`StaffStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def client_key(self, client: ClientId) -> bytes:
        """Raises NotFoundError."""
        found: bytes | None = await self._pool.fetchval(SQL_CLIENT_KEY, client)
        if found is None:
            raise NotFoundError("no such client")
        return found

    async def phones(self, client: ClientId) -> Sequence[StaffPhone]:
        """On the list now, by label."""
        return [_phone(row) for row in await self._pool.fetch(SQL_PHONES, client)]

    async def phone(self, phone: UUID) -> StaffPhone:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_PHONE, phone)
        if row is None:
            raise NotFoundError("no such phone")
        return _phone(row)

    async def add(self, phone: StaffPhone, by: UserId | None, at: datetime, actor: str) -> None:
        """Raises ConflictError."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(SQL_IS_RESIDENT, phone.number_key):
                raise StaffIsResidentError("a resident has this number")
            try:
                await connection.execute(
                    SQL_ADD, phone.id, phone.client, phone.label, phone.number_key, phone.sealed, at, by
                )
            except asyncpg.UniqueViolationError:
                raise ConflictError("this number is on the list already") from None
            await record_audit(
                connection, at, actor, "staff_phone.add", "staff_phone", phone.id, phone.client, {"label": phone.label}
            )

    async def remove(self, client: ClientId, phone: UUID, at: datetime, actor: str) -> None:
        """Raises NotFoundError."""
        async with self._pool.acquire() as connection, connection.transaction():
            label = await connection.fetchval(SQL_REMOVE, client, phone, at)
            if label is None:
                raise NotFoundError("no such phone")
            await record_audit(
                connection, at, actor, "staff_phone.remove", "staff_phone", phone, client, {"label": label}
            )

    async def proofs(self, campaign: CampaignId, most: int) -> Sequence[ProofLine]:
        """The newest first."""
        return [
            ProofLine(
                attempt=AttemptId(row["id"]),
                phone=row["staff_phone_id"],
                label=row["label"],
                at=row["claimed_at"],
                agent=None if row["agent_id"] is None else UserId(row["agent_id"]),
                live=row["live"],
                answered=row["answered"],
                talked=row["talked"],
                outcome=row["outcome"],
            )
            for row in await self._pool.fetch(SQL_PROOFS, campaign, most)
        ]


def _phone(row: asyncpg.Record) -> StaffPhone:
    return StaffPhone(
        id=row["id"],
        client=ClientId(row["client_id"]),
        label=row["label"],
        number_key=row["number_key"],
        sealed=row["sealed_number"],
        client_key=row["wrapped_key"],
    )
