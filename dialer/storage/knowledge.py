"""Knowledge cards in PostgreSQL: versions and decisions are only added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import AttemptId, ClientId
from dialer.services.ports.knowledge import CardText, KnowledgeCard, ShownCard
from dialer.services.ports.scripts import Act
from dialer.storage.audit import record_audit
from dialer.storage.connection import Connection
from dialer.storage.pool import store

_CARD = """
select c.id, c.client_id, v.version, v.title, v.body, v.valid_from, v.valid_to, v.created_at,
       coalesce(u.display_name, '') as by, coalesce(d.decision, 'waiting') as state,
       coalesce(d.note, '') as decided_note,
       (select max(e.version) from knowledge_decision e where e.card_id = c.id and e.decision = 'approved') as shown
  from knowledge_card c
  join lateral (select * from knowledge_version where card_id = c.id order by version desc limit 1) v on true
  left join app_user u on u.id = v.created_by
  left join knowledge_decision d on d.card_id = c.id and d.version = v.version
"""
SQL_CARDS = f"{_CARD} where $1::uuid is null or c.client_id = $1 order by v.title, c.id"
SQL_CARD = f"{_CARD} where c.id = $1"
SQL_ADD = "insert into knowledge_card (id, client_id, created_at) values ($1, $2, $3)"
SQL_WRITE = """
insert into knowledge_version (card_id, version, title, body, valid_from, valid_to, created_at, created_by)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
SQL_LOCK = "select client_id from knowledge_card where id = $1 for no key update"
SQL_NEWEST = "select max(version) from knowledge_version where card_id = $1"
SQL_DECIDE = """
insert into knowledge_decision (card_id, version, decision, note, at, by_user) values ($1, $2, $3, $4, $5, $6)
on conflict do nothing returning version
"""
SQL_SHOWN = """
select c.id, v.title, v.body
  from attempt a
  join knowledge_card c on c.client_id = a.client_id
  join lateral (select v.* from knowledge_version v
                  join knowledge_decision d on d.card_id = v.card_id and d.version = v.version
                 where v.card_id = c.id and d.decision = 'approved' order by v.version desc limit 1) v on true
 where a.id = $1 and v.valid_from <= $2 and (v.valid_to is null or v.valid_to >= $2)
 order by v.title, c.id
"""


@store
class PgKnowledge:
    """`KnowledgeStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def cards(self, client: ClientId | None) -> Sequence[KnowledgeCard]:
        """See KnowledgeStore."""
        return [_card(row) for row in await self._pool.fetch(SQL_CARDS, client)]

    async def card(self, card: UUID) -> KnowledgeCard:
        """See KnowledgeStore."""
        row = await self._pool.fetchrow(SQL_CARD, card)
        if row is None:
            raise NotFoundError("no such card")
        return _card(row)

    async def add(self, card: UUID, client: ClientId, text: CardText, act: Act) -> None:
        """See KnowledgeStore."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(SQL_ADD, card, client, act.at)
                await _write(connection, card, client, 1, text, act)
        except asyncpg.ForeignKeyViolationError:
            raise NotFoundError("no such client") from None

    async def change(self, card: UUID, version: int, text: CardText, act: Act) -> bool:
        """See KnowledgeStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            client = await connection.fetchval(SQL_LOCK, card)
            if client is None:
                raise NotFoundError("no such card")
            if await connection.fetchval(SQL_NEWEST, card) != version:
                return False
            await _write(connection, card, client, version + 1, text, act)
            return True

    async def decide(self, card: UUID, version: int, decision: str, note: str, act: Act) -> bool:
        """See KnowledgeStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            client = await connection.fetchval(SQL_LOCK, card)
            if await connection.fetchval(SQL_NEWEST, card) != version:
                return False
            if await connection.fetchval(SQL_DECIDE, card, version, decision, note, act.at, act.user) is None:
                return False
            await _audit(connection, act, "knowledge.decide", card, client, version=version, decision=decision)
            return True

    async def shown(self, attempt: AttemptId, day: date) -> Sequence[ShownCard]:
        """See KnowledgeStore."""
        rows = await self._pool.fetch(SQL_SHOWN, attempt, day)
        return [ShownCard(id=row["id"], title=row["title"], text=row["body"]) for row in rows]


async def _write(connection: Connection, card: UUID, client: UUID, version: int, text: CardText, act: Act) -> None:
    await connection.execute(
        SQL_WRITE, card, version, text.title, text.text, text.valid_from, text.valid_to, act.at, act.user
    )
    await _audit(connection, act, "knowledge.write", card, client, version=version)


async def _audit(connection: Connection, act: Act, action: str, card: UUID, client: UUID, **detail: object) -> None:
    await record_audit(connection, act.at, act.actor, action, "knowledge", card, client, detail)


def _card(row: asyncpg.Record) -> KnowledgeCard:
    return KnowledgeCard(
        id=row["id"],
        client=ClientId(row["client_id"]),
        version=row["version"],
        title=row["title"],
        text=row["body"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        at=row["created_at"],
        by=row["by"],
        state=row["state"],
        decided_note=row["decided_note"],
        shown=row["shown"],
    )
