"""The audit in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

import asyncpg

from dialer.services.ports.audit import AuditEntry
from dialer.storage.connection import Connection
from dialer.storage.pool import store

SQL_RECORD_AUDIT = """
insert into audit_event (at, actor, action, subject_kind, subject_id, client_id, purpose, detail)
values ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb)
"""


async def record_audit(
    connection: Connection | asyncpg.Pool,
    at: datetime,
    actor: str,
    action: str,
    subject_kind: str,
    subject: UUID | str,
    client: UUID | None,
    detail: Mapping[str, object] | None = None,
    *,
    purpose: str = "",
) -> None:
    """An entry that is kept or lost together with what it tells of: in the caller's transaction.

    `client` None: of no client, or of all. `detail` goes through JSON and holds no personal data.
    """
    await connection.execute(
        SQL_RECORD_AUDIT, at, actor, action, subject_kind, str(subject), client, purpose, json.dumps(detail or {})
    )


@store
class PostgresAudit:
    """`AuditLog` on a pool. `now` gives calendar time, as the ledger has it."""

    def __init__(self, pool: asyncpg.Pool, now: Callable[[], datetime]) -> None:
        self._pool = pool
        self._now = now

    async def record(self, entry: AuditEntry) -> None:
        """Stored when it returns."""
        await record_audit(
            self._pool, self._now(), entry.actor, entry.action, entry.subject_kind, entry.subject, entry.client,
            dict(entry.detail), purpose=entry.purpose,
        )  # fmt: skip
