"""Stores and secrets behind sign-in. Times are wall time (aware UTC): sessions and tokens end by the wall clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from dialer.domain.browsers import Device
from dialer.domain.ids import ClientId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A member of staff or of a client, without the password."""

    id: UserId
    login: str
    display_name: str
    role: str
    client: ClientId | None
    language: str
    disabled: bool
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A user with the hash to verify against."""

    user: User
    password_hash: str = field(repr=False)


class Stage(StrEnum):
    """What is still asked of a session before it may do anything."""

    OPEN = "open"  # nothing
    CODE = "code"  # a code of the authenticator app
    ENROL = "enrol"  # setting one up


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An open session and its user."""

    id: UUID
    user: User
    seen_at: datetime
    expires_at: datetime
    locked: bool = False
    stage: Stage = Stage.OPEN
    device: Device = field(default_factory=Device)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """Where somebody is signed in, as he is shown it. `seen_at` is exact to a minute."""

    id: UUID
    browser: str
    system: str
    created_at: datetime
    seen_at: datetime
    locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A machine's token, without the secret."""

    id: UUID
    name: str
    role: str
    client: ClientId | None
    scopes: Sequence[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    renewed: bool = False  # another one took its place: it ends after the overlap


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChange:
    """What a user becomes: the whole of what can be changed."""

    display_name: str
    role: str
    client: ClientId | None
    language: str
    disabled: bool


class AccountStore(Protocol):
    """Users, sessions and tokens. One method is one transaction."""

    async def credentials(self, login: str) -> Credentials | None:
        """By login, disabled ones too."""
        ...

    async def user(self, user: UserId) -> Credentials | None:
        """By id."""
        ...

    async def users(self, role: str | None, after: str, limit: int) -> Sequence[User]:
        """Up to `limit` users with a login after `after`, by login."""
        ...

    async def add_user(self, user: User, password_hash: str) -> None:
        """Raises ConflictError when the login exists, InvalidError when the client does not."""
        ...

    async def change_user(self, user: UserId, version: int, change: UserChange, at: datetime) -> Sequence[UUID] | None:
        """Returns the sessions that it ended (role, client or `disabled` changed); None: it has another version now."""
        ...

    async def set_password(self, user: UserId, password_hash: str, keep: UUID | None, at: datetime) -> Sequence[UUID]:
        """Ends all sessions but `keep` and returns them. Raises NotFoundError."""
        ...

    async def rehash(self, user: UserId, before: str, after: str) -> None:
        """The same password at today's cost; nothing when it was changed meanwhile."""
        ...

    async def open_session(self, session: Session, token_hash: bytes, replaces: bytes | None) -> Sequence[UUID]:
        """Opens it, and ends the one whose token hash is `replaces`; returns what ended."""
        ...

    async def session(self, token_hash: bytes, at: datetime, seen_after: datetime) -> Session | None:
        """The open session of an enabled user, seen since `seen_after`."""
        ...

    async def session_holds(self, session: UUID, at: datetime, seen_after: datetime) -> bool:
        """Whether that session is still open, whole and not locked."""
        ...

    async def touch_session(self, session: UUID, at: datetime) -> None:
        """It was seen now."""
        ...

    async def lock_session(self, session: UUID, at: datetime) -> None:
        """Nobody is at the screen."""
        ...

    async def unlock_session(self, session: UUID) -> None:
        """He is back."""
        ...

    async def end_session(self, session: UUID, at: datetime) -> None:
        """End one; ended already is no error."""
        ...

    async def open_sessions(self, user: UserId, at: datetime, seen_after: datetime) -> Sequence[OpenSession]:
        """Whole ones that hold, the last used first."""
        ...

    async def end_session_of(self, user: UserId, session: UUID, at: datetime) -> bool:
        """End one of a user's. False: he has none like it, or it had ended."""
        ...

    async def end_sessions(self, user: UserId, at: datetime, keep: UUID | None = None) -> Sequence[UUID]:
        """End all of a user's but `keep`; returns them."""
        ...

    async def add_token(self, token: Token, token_hash: bytes, created_by: UserId | None) -> None:
        """Raises InvalidError when the client does not exist."""
        ...

    async def renew_token(
        self, old: UUID, token: Token, token_hash: bytes, created_by: UserId | None, old_until: datetime
    ) -> bool:
        """`token` takes the place of `old`, which ends at `old_until` or when it would have ended anyway.

        False: the old one does not count any more, or was renewed before.
        """
        ...

    async def token(self, token_hash: bytes, at: datetime) -> Token | None:
        """A token that is neither expired nor revoked."""
        ...

    async def token_holds(self, token: UUID, at: datetime) -> bool:
        """Whether that token still counts."""
        ...

    async def tokens(self) -> Sequence[Token]:
        """All, the newest first."""
        ...

    async def revoke_token(self, token: UUID, at: datetime) -> bool:
        """False when there is none; revoked already is no error."""
        ...
