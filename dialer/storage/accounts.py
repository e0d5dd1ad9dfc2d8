"""Users, sessions and tokens in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from dialer.domain.errors import ConflictError, InvalidError, NotFoundError
from dialer.domain.ids import ClientId, UserId
from dialer.services.ports.accounts import Credentials, OpenSession, Session, Stage, Token, User, UserChange
from dialer.storage.pool import store

USER_COLUMNS = """
u.id, u.login, u.display_name, u.role, u.client_id, u.language, u.disabled_at, u.created_at, u.version
"""

SQL_CREDENTIALS = f"select {USER_COLUMNS}, u.password_hash from app_user u where u.login = $1"  # noqa: S608 - constants
SQL_USER = f"select {USER_COLUMNS}, u.password_hash from app_user u where u.id = $1"  # noqa: S608 - constants
SQL_USERS = f"""
select {USER_COLUMNS} from app_user u
where ($1::text is null or u.role = $1) and u.login > $2
order by u.login limit $3
"""  # noqa: S608 - constants
SQL_ADD_USER = """
insert into app_user (id, login, display_name, role, client_id, password_hash, language, created_at, version)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
SQL_LOCK_USER = "select role, client_id, disabled_at, version from app_user where id = $1 for update"
SQL_CHANGE_USER = """
update app_user set display_name = $2, role = $3, client_id = $4, language = $5,
  disabled_at = case when $6 then coalesce(disabled_at, $7) end, version = version + 1
where id = $1
"""
SQL_SET_PASSWORD = "update app_user set password_hash = $2 where id = $1"  # noqa: S105 - SQL
SQL_REHASH = "update app_user set password_hash = $3 where id = $1 and password_hash = $2"
SQL_OPEN_SESSION = """
insert into user_session (id, user_id, token_hash, created_at, seen_at, expires_at, stage, browser, system)
values ($1, $2, $3, $4, $4, $5, $6, $7, $8)
"""
SQL_SESSION = f"""
select s.id as session_id, s.seen_at, s.expires_at, s.locked_at, s.stage, {USER_COLUMNS}
from user_session s join app_user u on u.id = s.user_id
where s.token_hash = $1 and s.ended_at is null and s.expires_at > $2 and s.seen_at > $3 and u.disabled_at is null
"""  # noqa: S608 - constants
SQL_SESSION_HOLDS = """
select exists (
  select from user_session s join app_user u on u.id = s.user_id
  where s.id = $1 and s.ended_at is null and s.locked_at is null and s.stage = 'open' and s.expires_at > $2
    and s.seen_at > $3 and u.disabled_at is null)
"""
SQL_TOUCH_SESSION = "update user_session set seen_at = greatest(seen_at, $2) where id = $1"
SQL_LOCK_SESSION = "update user_session set locked_at = coalesce(locked_at, $2) where id = $1 and ended_at is null"
SQL_UNLOCK_SESSION = "update user_session set locked_at = null where id = $1 and ended_at is null"
SQL_OPEN_SESSIONS = """
select id, browser, system, created_at, seen_at, locked_at is not null as locked from user_session
where user_id = $1 and ended_at is null and stage = 'open' and expires_at > $2 and seen_at > $3
order by seen_at desc, id desc limit 100
"""
SQL_END_SESSION_OF = """
update user_session set ended_at = $3 where user_id = $1 and id = $2 and ended_at is null and expires_at > $3
"""
SQL_END_SESSION = "update user_session set ended_at = $2 where id = $1 and ended_at is null"
SQL_END_BY_HASH = "update user_session set ended_at = $2 where token_hash = $1 and ended_at is null returning id"
SQL_END_SESSIONS = """
update user_session set ended_at = $2
where user_id = $1 and ended_at is null and ($3::uuid is null or id <> $3) returning id
"""
SQL_ADD_TOKEN = """
insert into api_token (id, name, token_hash, role, scopes, client_id, created_by, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""  # noqa: S105 - SQL
# The old one first: two who renew it at once make one new one.
SQL_END_RENEWED = """
update api_token set expires_at = least(expires_at, $2), renewed_by = $3
 where id = $1 and renewed_by is null and revoked_at is null and expires_at > $4
returning id
"""
_TOKEN = "id, name, role, client_id, scopes, created_at, expires_at, revoked_at, renewed_by is not null as renewed"  # noqa: S105 - SQL
SQL_TOKEN = f"""
select {_TOKEN} from api_token where token_hash = $1 and expires_at > $2 and revoked_at is null
"""  # noqa: S608 - constants
SQL_TOKEN_HOLDS = "select exists (select from api_token where id = $1 and expires_at > $2 and revoked_at is null)"  # noqa: S105 - SQL
SQL_TOKENS = f"select {_TOKEN} from api_token order by created_at desc, id desc limit 1000"  # noqa: S608 - constants
SQL_REVOKE_TOKEN = "update api_token set revoked_at = coalesce(revoked_at, $2) where id = $1 returning id"  # noqa: S105 - SQL


@store
class PostgresAccounts:
    """`AccountStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def credentials(self, login: str) -> Credentials | None:
        """By login, disabled ones too."""
        return _credentials(await self._pool.fetchrow(SQL_CREDENTIALS, login))

    async def user(self, user: UserId) -> Credentials | None:
        """By id."""
        return _credentials(await self._pool.fetchrow(SQL_USER, user))

    async def users(self, role: str | None, after: str, limit: int) -> Sequence[User]:
        """A page by login."""
        return [user_of_row(row) for row in await self._pool.fetch(SQL_USERS, role, after, limit)]

    async def add_user(self, user: User, password_hash: str) -> None:
        """Raises ConflictError, InvalidError."""
        try:
            await self._pool.execute(
                SQL_ADD_USER,
                user.id,
                user.login,
                user.display_name,
                user.role,
                user.client,
                password_hash,
                user.language,
                user.created_at,
                user.version,
            )
        except asyncpg.UniqueViolationError:
            raise ConflictError("login exists") from None
        except asyncpg.ForeignKeyViolationError:
            raise InvalidError("no such client", "client") from None
        except asyncpg.CheckViolationError:
            raise InvalidError("login or role is not possible", "login") from None

    async def change_user(self, user: UserId, version: int, change: UserChange, at: datetime) -> Sequence[UUID] | None:
        """Sessions ended; None: another version."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(SQL_LOCK_USER, user)
            if row is None or row["version"] != version:
                return None
            try:
                await connection.execute(
                    SQL_CHANGE_USER,
                    user,
                    change.display_name,
                    change.role,
                    change.client,
                    change.language,
                    change.disabled,
                    at,
                )
            except asyncpg.ForeignKeyViolationError:
                raise InvalidError("no such client", "client") from None
            same = (row["role"], row["client_id"], row["disabled_at"] is not None)
            if same == (change.role, change.client, change.disabled):
                return []
            return [ended["id"] for ended in await connection.fetch(SQL_END_SESSIONS, user, at, None)]

    async def set_password(self, user: UserId, password_hash: str, keep: UUID | None, at: datetime) -> Sequence[UUID]:
        """Sessions ended."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.execute(SQL_SET_PASSWORD, user, password_hash) != "UPDATE 1":
                raise NotFoundError("no such user")
            return [ended["id"] for ended in await connection.fetch(SQL_END_SESSIONS, user, at, keep)]

    async def rehash(self, user: UserId, before: str, after: str) -> None:
        """The same password at today's cost."""
        await self._pool.execute(SQL_REHASH, user, before, after)

    async def open_session(self, session: Session, token_hash: bytes, replaces: bytes | None) -> Sequence[UUID]:
        """Sessions ended."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                SQL_OPEN_SESSION,
                session.id,
                session.user.id,
                token_hash,
                session.seen_at,
                session.expires_at,
                session.stage,
                session.device.browser,
                session.device.system,
            )
            if replaces is None:
                return []
            return [row["id"] for row in await connection.fetch(SQL_END_BY_HASH, replaces, session.seen_at)]

    async def session(self, token_hash: bytes, at: datetime, seen_after: datetime) -> Session | None:
        """The open session of an enabled user."""
        row = await self._pool.fetchrow(SQL_SESSION, token_hash, at, seen_after)
        if row is None:
            return None
        return Session(
            id=row["session_id"],
            user=user_of_row(row),
            seen_at=row["seen_at"],
            expires_at=row["expires_at"],
            locked=row["locked_at"] is not None,
            stage=Stage(row["stage"]),
        )

    async def session_holds(self, session: UUID, at: datetime, seen_after: datetime) -> bool:
        """Whether it is still open, whole and not locked."""
        return bool(await self._pool.fetchval(SQL_SESSION_HOLDS, session, at, seen_after))

    async def touch_session(self, session: UUID, at: datetime) -> None:
        """It was seen now."""
        await self._pool.execute(SQL_TOUCH_SESSION, session, at)

    async def lock_session(self, session: UUID, at: datetime) -> None:
        """Nobody is at the screen."""
        await self._pool.execute(SQL_LOCK_SESSION, session, at)

    async def unlock_session(self, session: UUID) -> None:
        """He is back."""
        await self._pool.execute(SQL_UNLOCK_SESSION, session)

    async def end_session(self, session: UUID, at: datetime) -> None:
        """End one."""
        await self._pool.execute(SQL_END_SESSION, session, at)

    async def open_sessions(self, user: UserId, at: datetime, seen_after: datetime) -> Sequence[OpenSession]:
        """The last used first."""
        return [OpenSession(**row) for row in await self._pool.fetch(SQL_OPEN_SESSIONS, user, at, seen_after)]

    async def end_session_of(self, user: UserId, session: UUID, at: datetime) -> bool:
        """One of his."""
        return bool(await self._pool.execute(SQL_END_SESSION_OF, user, session, at) == "UPDATE 1")

    async def end_sessions(self, user: UserId, at: datetime, keep: UUID | None = None) -> Sequence[UUID]:
        """End all of a user's but one."""
        return [row["id"] for row in await self._pool.fetch(SQL_END_SESSIONS, user, at, keep)]

    async def add_token(self, token: Token, token_hash: bytes, created_by: UserId | None) -> None:
        """Raises InvalidError."""
        try:
            await self._pool.execute(
                SQL_ADD_TOKEN,
                token.id,
                token.name,
                token_hash,
                token.role,
                list(token.scopes),
                token.client,
                created_by,
                token.created_at,
                token.expires_at,
            )
        except asyncpg.ForeignKeyViolationError:
            raise InvalidError("no such client", "client") from None

    async def renew_token(
        self, old: UUID, token: Token, token_hash: bytes, created_by: UserId | None, old_until: datetime
    ) -> bool:
        """In one transaction."""
        async with self._pool.acquire() as connection, connection.transaction():
            ended = await connection.fetchval(SQL_END_RENEWED, old, old_until, token.id, token.created_at)
            if ended is None:
                return False
            await connection.execute(
                SQL_ADD_TOKEN, token.id, token.name, token_hash, token.role, list(token.scopes), token.client,
                created_by, token.created_at, token.expires_at,
            )  # fmt: skip
        return True

    async def token(self, token_hash: bytes, at: datetime) -> Token | None:
        """Neither expired nor revoked."""
        row = await self._pool.fetchrow(SQL_TOKEN, token_hash, at)
        return None if row is None else _token(row)

    async def token_holds(self, token: UUID, at: datetime) -> bool:
        """Whether it still counts."""
        return bool(await self._pool.fetchval(SQL_TOKEN_HOLDS, token, at))

    async def tokens(self) -> Sequence[Token]:
        """All, the newest first."""
        return [_token(row) for row in await self._pool.fetch(SQL_TOKENS)]

    async def revoke_token(self, token: UUID, at: datetime) -> bool:
        """False when there is none."""
        return await self._pool.fetchval(SQL_REVOKE_TOKEN, token, at) is not None


def user_of_row(row: asyncpg.Record) -> User:
    """Of a row with `USER_COLUMNS`."""
    return User(
        id=UserId(row["id"]),
        login=row["login"],
        display_name=row["display_name"],
        role=row["role"],
        client=None if row["client_id"] is None else ClientId(row["client_id"]),
        language=row["language"],
        disabled=row["disabled_at"] is not None,
        created_at=row["created_at"],
        version=row["version"],
    )


def _credentials(row: asyncpg.Record | None) -> Credentials | None:
    return None if row is None else Credentials(user=user_of_row(row), password_hash=row["password_hash"])


def _token(row: asyncpg.Record) -> Token:
    return Token(
        id=row["id"],
        name=row["name"],
        role=row["role"],
        client=None if row["client_id"] is None else ClientId(row["client_id"]),
        scopes=row["scopes"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        renewed=row["renewed"],
    )
