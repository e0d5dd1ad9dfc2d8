"""Who may come in now, and when that was last looked at, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from dialer.domain.access_review import Access
from dialer.storage.audit import record_audit
from dialer.storage.pool import store

SQL_ACCESS = """
select 'person' as kind, u.login as name, u.role, coalesce(l.slug, '') as client, '{}'::text[] as scopes,
       u.created_at as since, (select max(s.seen_at) from user_session s where s.user_id = u.id) as seen_at,
       exists (select 1 from second_factor f where f.user_id = u.id and f.sealed is not null) as second_factor,
       null::timestamptz as ends_at, false as maker_gone
  from app_user u left join client l on l.id = u.client_id
 where u.disabled_at is null
union all
select 'token', t.name, t.role, coalesce(l.slug, ''), t.scopes, t.created_at, null, false, t.expires_at,
       coalesce(u.disabled_at is not null, false)
  from api_token t left join client l on l.id = t.client_id left join app_user u on u.id = t.created_by
 where t.revoked_at is null and t.expires_at > $1
 order by kind, role, name
"""
SQL_LAST_REVIEW = """
select at, actor from audit_event where action = 'access.reviewed' order by at desc, id desc limit 1
"""


@store
class PgAccessReview:
    """For the command alone."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def all(self, at: datetime) -> Sequence[Access]:
        """People who are not disabled, then tokens that hold at `at`, by role and name."""
        return [Access(**dict(row)) for row in await self._pool.fetch(SQL_ACCESS, at)]

    async def last(self) -> tuple[datetime, str] | None:
        """When it was last reviewed, and by whom."""
        row = await self._pool.fetchrow(SQL_LAST_REVIEW)
        return None if row is None else (row["at"], row["actor"])

    async def reviewed(self, at: datetime, actor: str, detail: Mapping[str, object]) -> None:
        """In the audit, where it can neither be changed nor taken out unseen."""
        await record_audit(self._pool, at, actor, "access.reviewed", "service", "access", None, detail)
