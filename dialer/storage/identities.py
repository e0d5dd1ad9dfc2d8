"""Who of the users is who at the identity provider, in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from dialer.domain.ids import UserId
from dialer.services.ports.accounts import User
from dialer.storage.accounts import USER_COLUMNS, user_of_row
from dialer.storage.pool import store

SQL_USER_OF = f"""
select {USER_COLUMNS} from user_identity i join app_user u on u.id = i.user_id
where i.issuer = $1 and i.subject = $2 and u.disabled_at is null
"""  # noqa: S608 - constants
SQL_LINKED = "select exists (select from user_identity where user_id = $1)"
SQL_LINK = """
insert into user_identity (user_id, issuer, subject, linked_at) values ($1, $2, $3, $4)
on conflict (user_id) do update
  set issuer = excluded.issuer, subject = excluded.subject, linked_at = excluded.linked_at
"""
SQL_UNLINK = "delete from user_identity where user_id = $1"


@store
class PgIdentities:
    """`IdentityStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def user_of(self, issuer: str, subject: str) -> User | None:
        """None: nobody, or one who is disabled."""
        row = await self._pool.fetchrow(SQL_USER_OF, issuer, subject)
        return None if row is None else user_of_row(row)

    async def linked(self, user: UserId) -> bool:
        """To anybody."""
        return bool(await self._pool.fetchval(SQL_LINKED, user))

    async def link(self, user: UserId, issuer: str, subject: str, at: datetime) -> bool:
        """False: somebody else's already."""
        try:
            await self._pool.execute(SQL_LINK, user, issuer, subject, at)
        except asyncpg.UniqueViolationError:
            return False
        return True

    async def unlink(self, user: UserId) -> bool:
        """False: to nobody."""
        return bool(await self._pool.execute(SQL_UNLINK, user) == "DELETE 1")
