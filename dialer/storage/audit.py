"""The audit in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

import asyncpg

from dialer.services.ports.audit import AuditEntry
from dialer.storage.pool import store

SQL_RECORD_AUDIT = """
insert into audit_event (at, actor, action, subject_kind, subject_id, client_id, purpose, detail)
values ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb)
"""


@store
class PostgresAudit:
    """`AuditLog` on a pool. `now` gives calendar time, as the ledger has it."""

    def __init__(self, pool: asyncpg.Pool, now: Callable[[], datetime]) -> None:
        self._pool = pool
        self._now = now

    async def record(self, entry: AuditEntry) -> None:
        """Stored when it returns."""
        await self._pool.execute(
            SQL_RECORD_AUDIT,
            self._now(),
            entry.actor,
            entry.action,
            entry.subject_kind,
            entry.subject,
            entry.client,
            entry.purpose,
            json.dumps(dict(entry.detail)),
        )
