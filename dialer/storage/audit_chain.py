"""The chain of the audit in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from dialer.domain.audit_chain import Anchor, AuditLine, covered
from dialer.services.ports.audit_chain import ChainView, SignedAnchor
from dialer.storage.connection import Connection
from dialer.storage.pool import Record, store

_AT_ONCE = 2_000

SQL_CHAIN = """
select l.position, l.event_id, l.digest, e.id is not null as there, e.at, e.actor, e.action, e.subject_kind,
       e.subject_id, coalesce(e.client_id::text, '') as client, e.purpose, e.detail::text as detail
  from audit_link l left join audit_event e on e.id = l.event_id
 order by l.position
"""
SQL_UNLINKED = """
select e.id from audit_event e where not exists (select 1 from audit_link l where l.event_id = e.id)
 order by 1 limit 100
"""
SQL_ANCHORS = "select position, digest, at, signature from audit_anchor order by position"
SQL_CHAIN_HEAD = "select position, digest from audit_link order by position desc limit 1"
SQL_KEEP_ANCHOR = """
insert into audit_anchor (position, digest, at, signature) values ($1, $2, $3, $4) on conflict do nothing
returning position
"""


@store
class PgAuditChain:
    """`ChainStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def look(self) -> AsyncIterator[ChainView]:
        """See ChainStore."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield _View(connection)

    async def head(self) -> Anchor | None:
        """See ChainStore."""
        row = await self._pool.fetchrow(SQL_CHAIN_HEAD)
        return None if row is None else Anchor(position=row["position"], digest=row["digest"])

    async def keep_anchor(self, anchor: SignedAnchor) -> bool:
        """See ChainStore."""
        row = (anchor.anchor.position, anchor.anchor.digest, anchor.at, anchor.signature)
        return await self._pool.fetchval(SQL_KEEP_ANCHOR, *row) is not None


class _View:
    """`ChainView` in a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def lines(self) -> AsyncIterator[AuditLine]:
        """See ChainView."""
        async for row in self._connection.cursor(SQL_CHAIN, prefetch=_AT_ONCE):
            yield _line(row)

    async def unlinked(self) -> Sequence[int]:
        """See ChainView."""
        return [row["id"] for row in await self._connection.fetch(SQL_UNLINKED)]

    async def anchors(self) -> Sequence[SignedAnchor]:
        """See ChainView."""
        return [
            SignedAnchor(
                anchor=Anchor(position=row["position"], digest=row["digest"]),
                at=row["at"],
                signature=row["signature"],
            )
            for row in await self._connection.fetch(SQL_ANCHORS)
        ]


def _line(row: Record) -> AuditLine:
    text = None
    if row["there"]:
        text = covered(
            event=row["event_id"], at=row["at"], actor=row["actor"], action=row["action"],
            subject_kind=row["subject_kind"], subject=row["subject_id"], client=row["client"], purpose=row["purpose"],
            detail=row["detail"],
        )  # fmt: skip
    return AuditLine(position=row["position"], event=row["event_id"], digest=row["digest"], text=text)
