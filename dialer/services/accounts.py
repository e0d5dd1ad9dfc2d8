"""Signing in, sessions, users, tokens.

A session's secret is a random cookie value of which only the hash is stored. Signing in always makes a new secret and
ends the browser's former session, so that a planted one is worth nothing. The CSRF token is derived from the secret:
only the page that signed in, or asked over the same origin, can know it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from dialer.domain.browsers import Device
from dialer.domain.errors import ConflictError, DialerError, InvalidError, NotFoundError, UnavailableError
from dialer.domain.ids import ClientId, UserId
from dialer.services.access import PERMISSIONS, Permission, Principal, Role
from dialer.services.ports.accounts import AccountStore, OpenSession, Session, Stage, Token, User, UserChange
from dialer.services.ports.audit import AuditEntry, AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.vault import Passwords, Tokens
from dialer.services.throttle import SignInThrottle

T = TypeVar("T")

_WAITING_AT_MOST = 64  # sign-ins in the queue for a slow hash; more are told to come back
_SECRET_LENGTH = 200
UNKNOWN = Device()


class SignInRefusedError(DialerError):
    """Login and password do not fit. Says no more than that."""

    code = "sign-in-refused"


class NotSignedInError(DialerError):
    """No session or token, or one that is over."""

    code = "not-signed-in"


class HalfSignedInError(DialerError):
    """The password was right; a second factor is still asked for."""

    code = "second-factor-first"


class SessionLockedError(DialerError):
    """Nobody was at the screen for a while: the password opens it again."""

    code = "session-locked"


class ChangedSinceError(ConflictError):
    """Somebody changed it since it was read."""

    code = "changed-since"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """How long sessions live, and how many slow hashes run at once."""

    session: timedelta = timedelta(hours=12)
    idle: timedelta = timedelta(hours=2)
    half: timedelta = timedelta(minutes=15)  # to prove or set up a second factor
    lock: timedelta = timedelta(minutes=10)  # without a key or the mouse, after which the panel locks itself; 0: never
    hashes_at_once: int = 2


class Accounts:
    """Use cases of sign-in and administration."""

    def __init__(
        self,
        store: AccountStore,
        passwords: Passwords,
        tokens: Tokens,
        audit: AuditLog,
        clock: Clock,
        ids: Ids,
        settings: AccountSettings | None = None,
        *,
        asks: Callable[[User], Awaitable[Stage]] | None = None,
    ) -> None:
        """`asks`: what is asked of somebody beside the password; None: nothing."""
        self._asks = asks
        self._store = store
        self._passwords = passwords
        self._tokens = tokens
        self._audit = audit
        self._clock = clock
        self._ids = ids
        self._settings = settings or AccountSettings()
        self.throttle = SignInThrottle()
        self._hashing = asyncio.Semaphore(self._settings.hashes_at_once)
        self._waiting = 0
        self._decoy: str | None = None  # hash that nobody's password fits; for logins that do not exist
        self._watchers: dict[UUID, dict[int, Callable[[], None]]] = {}
        self._watch_count = 0

    # ---------------------------------------------------------------------------------------------- signing in
    async def sign_in(
        self, login: str, password: str, address: str, replaces: str | None, device: Device = UNKNOWN
    ) -> tuple[str, Principal]:
        """Open a session; returns its secret and who it is. `replaces`: the browser's present secret, if any.

        Raises SignInRefusedError, ThrottledError, UnavailableError.
        """
        login = login.strip().lower()
        self.throttle.take(login, address, self._clock.monotonic())
        try:
            found = await self._store.credentials(login)
            hashed = found.password_hash if found is not None else await self._decoy_hash()
            fits = await self._slowly(self._passwords.verify, hashed, password)
        except UnavailableError:  # our fault, not a guess
            self.throttle.give_back(login, address, self._clock.monotonic())
            raise
        if found is None or not fits or found.user.disabled:
            await self._audit.record(
                AuditEntry(
                    actor=f"user:{found.user.id}" if found is not None else "unknown",
                    action="session.refused",
                    subject_kind="user",
                    subject=str(found.user.id) if found is not None else "",
                )
            )
            raise SignInRefusedError("sign-in refused")
        self.throttle.give_back(login, address, self._clock.monotonic())
        if self._passwords.needs_rehash(found.password_hash):
            stronger = await self._slowly(self._passwords.hash, password)
            await self._store.rehash(found.user.id, found.password_hash, stronger)
        stage = Stage.OPEN if self._asks is None else await self._asks(found.user)
        return await self.open(found.user, replaces, device, stage)

    async def open(
        self, user: User, replaces: str | None, device: Device, stage: Stage = Stage.OPEN
    ) -> tuple[str, Principal]:
        """A session for somebody who has proved who he is; returns its secret. `replaces`: the browser's, if any."""
        now = self._clock.wall_utc()
        secret, token_hash = self._tokens.new()
        life = self._settings.session if stage is Stage.OPEN else self._settings.half
        session = Session(id=self._ids.new(), user=user, seen_at=now, expires_at=now + life, stage=stage, device=device)
        old = self._tokens.hash(replaces) if replaces is not None and _plausible(replaces) else None
        self._ended(await self._store.open_session(session, token_hash, old))
        principal = _person(session, secret)
        await self._log(principal, "session.open" if stage is Stage.OPEN else "session.half", "user", user.id)
        return secret, principal

    async def by_session(self, secret: str, *, locked: bool = False, half: bool = False) -> Principal:
        """Who holds this cookie; `locked`: also while the screen is; `half`: also before the second factor.

        Raises NotSignedInError, SessionLockedError, HalfSignedInError.
        """
        if not _plausible(secret):
            raise NotSignedInError("no session")
        now = self._clock.wall_utc()
        session = await self._store.session(self._tokens.hash(secret), now, now - self._settings.idle)
        if session is None:
            raise NotSignedInError("no session")
        if session.locked and not locked:
            raise SessionLockedError("the screen is locked")
        if session.stage is not Stage.OPEN and not half:
            raise HalfSignedInError("a second factor is asked for")
        if now - session.seen_at > timedelta(minutes=1):
            await self._store.touch_session(session.id, now)
        return _person(session, secret)

    async def by_token(self, secret: str) -> Principal:
        """Which machine holds this token. Raises NotSignedInError."""
        if not _plausible(secret):
            raise NotSignedInError("no token")
        token = await self._store.token(self._tokens.hash(secret), self._clock.wall_utc())
        if token is None:
            raise NotSignedInError("no token")
        role = Role(token.role)
        return Principal(
            credential=token.id,
            role=role,
            # A role that lost a permission since takes it from its tokens too.
            permissions=PERMISSIONS[role] & {Permission(scope) for scope in token.scopes if scope in _SCOPES},
            client=token.client,
            user=None,
            name=token.name,
            language="nl",
            expires_at=token.expires_at,
        )

    async def holds(self, principal: Principal) -> bool:
        """Whether the session or token still counts: for connections that stay open."""
        if principal.user is None:
            return await self._store.token_holds(principal.credential, self._clock.wall_utc())
        return await self.session_goes_on(principal.credential)

    async def session_goes_on(self, session: UUID) -> bool:
        """Whether that session is still open, whole and not locked."""
        now = self._clock.wall_utc()
        return await self._store.session_holds(session, now, now - self._settings.idle)

    async def sign_out(self, principal: Principal) -> None:
        """End this session. A token does not sign out: it is revoked."""
        if principal.user is None:
            raise InvalidError("a token does not sign out")
        await self._store.end_session(principal.credential, self._clock.wall_utc())
        self._ended([principal.credential])
        await self._log(principal, "session.close", "user", principal.user)

    @property
    def lock_after(self) -> timedelta:
        """After how long without a hand on it a panel locks itself; zero: never."""
        return self._settings.lock

    async def lock(self, principal: Principal) -> None:
        """Nobody is at the screen: live feed and phone of this session end, and it answers nothing until `unlock`."""
        if principal.user is None:
            raise InvalidError("a token has no screen")
        await self._store.lock_session(principal.credential, self._clock.wall_utc())
        self._ended([principal.credential])
        await self._log(principal, "session.lock", "user", principal.user)

    async def unlock(self, principal: Principal, password: str, address: str) -> Principal:
        """He is back. Raises SignInRefusedError, ThrottledError, UnavailableError."""
        if principal.user is None:
            raise InvalidError("a token has no screen")
        await self.own_password(principal, password, address)
        await self._store.unlock_session(principal.credential)
        await self._log(principal, "session.unlock", "user", principal.user)
        return replace(principal, locked=False)

    def watch(self, principal: Principal, on_end: Callable[[], None]) -> Callable[[], None]:
        """Have `on_end` called when this session or token is ended in this process; returns how to stop that."""
        self._watch_count += 1
        number = self._watch_count
        self._watchers.setdefault(principal.credential, {})[number] = on_end

        def unwatch() -> None:
            watchers = self._watchers.get(principal.credential, {})
            watchers.pop(number, None)
            if not watchers:
                self._watchers.pop(principal.credential, None)

        return unwatch

    async def own_password(self, principal: Principal, password: str, address: str) -> User:
        """Asks once more, before something that whoever finds the screen open must not do.

        Raises SignInRefusedError, ThrottledError, UnavailableError.
        """
        if principal.user is None:
            raise InvalidError("a token has no password")
        user = await self._own_password(principal.user, password, address)
        if user is None:
            await self._log(principal, "session.refused", "user", principal.user)
            raise SignInRefusedError("password does not fit")
        return user

    async def change_password(self, principal: Principal, current: str, new: str, address: str) -> None:
        """The user's own; other sessions end. Raises SignInRefusedError, ThrottledError."""
        if principal.user is None:
            raise InvalidError("a token has no password")
        user = await self.own_password(principal, current, address)
        await self._set_password(principal.actor, user, new, keep=principal.credential)

    # ---------------------------------------------------------------------------------------------- users
    async def user(self, user: UserId) -> User:
        """Raises NotFoundError."""
        found = await self._store.user(user)
        if found is None:
            raise NotFoundError("no such user")
        return found.user

    async def by_login(self, login: str) -> User | None:
        """By login."""
        found = await self._store.credentials(login)
        return None if found is None else found.user

    async def users(self, role: str | None, after: str, limit: int) -> Sequence[User]:
        """Up to `limit` users with a login after `after`, by login."""
        return await self._store.users(role, after, limit)

    async def add_user(
        self, actor: str, *, login: str, display_name: str, role: Role, client: ClientId | None, language: str,
        password: str
    ) -> User:  # fmt: skip
        """Raises ConflictError (login exists), InvalidError."""
        _check_client(role, client)
        _check_password(login, password)
        user = User(
            id=UserId(self._ids.new()),
            login=login,
            display_name=display_name,
            role=role,
            client=client,
            language=language,
            disabled=False,
            created_at=self._clock.wall_utc(),
            version=1,
        )
        await self._store.add_user(user, await self._slowly(self._passwords.hash, password))
        await self._record(actor, "user.add", "user", user.id, {"role": str(role)})
        return user

    async def change_user(self, actor: str, user: UserId, version: int, change: UserChange) -> User:
        """Raises NotFoundError, ChangedSinceError, InvalidError."""
        _check_client(Role(change.role), change.client)
        ended = await self._store.change_user(user, version, change, self._clock.wall_utc())
        if ended is None:
            await self.user(user)
            raise ChangedSinceError("changed since")
        self._ended(ended)
        detail = {"role": change.role, "disabled": change.disabled}
        await self._record(actor, "user.change", "user", user, detail)
        return await self.user(user)

    async def set_password(self, actor: str, user: UserId, password: str) -> None:
        """By an administrator: all the user's sessions end. Raises NotFoundError, InvalidError."""
        await self._set_password(actor, await self.user(user), password, keep=None)

    async def end_sessions(self, actor: str, user: UserId, keep: UUID | None = None) -> None:
        """Sign a user out everywhere, but in `keep`. Raises NotFoundError."""
        await self.user(user)
        self._ended(await self._store.end_sessions(user, self._clock.wall_utc(), keep))
        await self._record(actor, "session.end_all", "user", user)

    async def sessions(self, user: UserId) -> Sequence[OpenSession]:
        """Where somebody is signed in, the last used first."""
        now = self._clock.wall_utc()
        return await self._store.open_sessions(user, now, now - self._settings.idle)

    async def end_own(self, principal: Principal, session: UUID) -> None:
        """One of the user's own, its live feed and phone with it. Raises NotFoundError, InvalidError for a machine."""
        if principal.user is None:
            raise InvalidError("a token has no sessions")
        if not await self._store.end_session_of(principal.user, session, self._clock.wall_utc()):
            raise NotFoundError("no such session")
        self._ended([session])
        await self._record(principal.actor, "session.end", "session", session)

    # ---------------------------------------------------------------------------------------------- tokens
    async def tokens(self) -> Sequence[Token]:
        """All, the newest first."""
        return await self._store.tokens()

    async def add_token(
        self, actor: str, creator: UserId | None, *, name: str, role: Role, client: ClientId | None,
        scopes: Sequence[Permission], days: int
    ) -> tuple[Token, str]:  # fmt: skip
        """The token and its secret, which is shown once. Raises InvalidError."""
        _check_client(role, client)
        beyond = set(scopes) - PERMISSIONS[role]
        if beyond or not scopes:
            raise InvalidError("scopes must be permissions of the role", "scopes")
        if not 1 <= days <= 366:
            raise InvalidError("between 1 and 366 days", "days")
        now = self._clock.wall_utc()
        token = Token(
            id=self._ids.new(),
            name=name,
            role=role,
            client=client,
            scopes=sorted(scopes),
            created_at=now,
            expires_at=now + timedelta(days=days),
            revoked_at=None,
        )
        secret, token_hash = self._tokens.new()
        await self._store.add_token(token, token_hash, creator)
        await self._record(actor, "token.add", "token", token.id, {"role": str(role), "scopes": list(token.scopes)})
        return token, secret

    async def renew_token(
        self, actor: str, creator: UserId | None, *, token: UUID, overlap_hours: int, days: int
    ) -> tuple[Token, str]:
        """A new token that may do the same, and its secret, which is shown once. The old one ends after the overlap.

        Raises NotFoundError, InvalidError, ConflictError when the old one has ended or was renewed before.
        """
        if not 1 <= days <= 366:
            raise InvalidError("between 1 and 366 days", "days")
        if not 0 <= overlap_hours <= MOST_OVERLAP_HOURS:
            raise InvalidError(f"0 tot {MOST_OVERLAP_HOURS} uur", "overlap_hours")
        found = [one for one in await self._store.tokens() if one.id == token]
        if not found:
            raise NotFoundError("no such token")
        now = self._clock.wall_utc()
        made = replace(
            found[0], id=self._ids.new(), created_at=now, expires_at=now + timedelta(days=days), renewed=False
        )
        secret, token_hash = self._tokens.new()
        old_until = now + timedelta(hours=overlap_hours)
        if not await self._store.renew_token(token, made, token_hash, creator, old_until):
            raise ConflictError("this token has ended or was renewed before")
        if not overlap_hours:
            self._ended([token])
        detail = {"renewed_by": str(made.id), "old_until": old_until.isoformat()}
        await self._record(actor, "token.renew", "token", token, detail)
        return made, secret

    async def revoke_token(self, actor: str, token: UUID) -> None:
        """At once. Raises NotFoundError."""
        if not await self._store.revoke_token(token, self._clock.wall_utc()):
            raise NotFoundError("no such token")
        self._ended([token])
        await self._record(actor, "token.revoke", "token", token)

    # ---------------------------------------------------------------------------------------------- helpers
    async def _own_password(self, user: UserId, password: str, address: str) -> User | None:
        """The user, if this is his password. Raises NotFoundError, ThrottledError, UnavailableError."""
        found = await self._store.user(user)
        if found is None:
            raise NotFoundError("no such user")
        self.throttle.take(found.user.login, address, self._clock.monotonic())
        try:
            fits = await self._slowly(self._passwords.verify, found.password_hash, password)
        except UnavailableError:  # our fault, not a guess
            self.throttle.give_back(found.user.login, address, self._clock.monotonic())
            raise
        if not fits:
            return None
        self.throttle.give_back(found.user.login, address, self._clock.monotonic())
        return found.user

    async def _set_password(self, actor: str, user: User, password: str, keep: UUID | None) -> None:
        _check_password(user.login, password)
        hashed = await self._slowly(self._passwords.hash, password)
        self._ended(await self._store.set_password(user.id, hashed, keep, self._clock.wall_utc()))
        await self._record(actor, "user.password", "user", user.id)

    async def _slowly(self, work: Callable[..., T], *arguments: str) -> T:
        if self._waiting >= _WAITING_AT_MOST:
            raise UnavailableError("too many sign-ins at once")
        self._waiting += 1
        try:
            async with self._hashing:
                return await asyncio.to_thread(work, *arguments)
        finally:
            self._waiting -= 1

    async def _decoy_hash(self) -> str:
        if self._decoy is None:
            self._decoy = await self._slowly(self._passwords.hash, self._tokens.new()[0])
        return self._decoy

    def _ended(self, credentials: Sequence[UUID]) -> None:
        for credential in credentials:
            for on_end in list(self._watchers.get(credential, {}).values()):
                on_end()

    async def _log(self, principal: Principal, action: str, kind: str, subject: UUID) -> None:
        await self._record(principal.actor, action, kind, subject)

    async def _record(
        self, actor: str, action: str, kind: str, subject: UUID, detail: Mapping[str, object] | None = None
    ) -> None:
        await self._audit.record(
            AuditEntry(actor=actor, action=action, subject_kind=kind, subject=str(subject), detail=detail or {})
        )


MOST_OVERLAP_HOURS = 720
"""A month that an old secret stays valid beside its new one: longer is no renewal."""
_SCOPES = frozenset(str(permission) for permission in Permission)


def csrf_token(secret: str) -> str:
    """The CSRF token of a session, derived from its secret (one way)."""
    digest = hmac.new(secret.encode(), b"dialer csrf", hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _person(session: Session, secret: str) -> Principal:
    user = session.user
    role = Role(user.role)
    return Principal(
        credential=session.id,
        role=role,
        permissions=PERMISSIONS[role] if session.stage is Stage.OPEN else frozenset(),
        client=user.client,
        user=user.id,
        name=user.display_name,
        language=user.language,
        expires_at=session.expires_at,
        csrf=csrf_token(secret),
        locked=session.locked,
        stage=session.stage,
    )


def _plausible(secret: str) -> bool:
    return 0 < len(secret) <= _SECRET_LENGTH and secret.isascii()


def _check_client(role: Role, client: ClientId | None) -> None:
    if (role is Role.CLIENT) != (client is not None):
        raise InvalidError("role client, and only that role, needs a client", "client")


def _check_password(login: str, password: str) -> None:
    if len(password) < 12:
        raise InvalidError("at least 12 characters", "password")
    if login in password.lower() or len(set(password)) < 5:
        raise InvalidError("too easy to guess", "password")
