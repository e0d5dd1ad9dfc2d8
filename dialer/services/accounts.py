"""Signing in, sessions, users.

A session's secret is a random cookie value of which only the hash is stored. Signing in always makes a new secret and
ends the browser's former session, so that a planted one is worth nothing. The CSRF token is derived from the secret:
only the page that signed in, or asked over the same origin, can know it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from dialer.domain.browsers import Device
from dialer.domain.errors import ChangedSinceError, DialerError, InvalidError, NotFoundError, UnavailableError
from dialer.domain.ids import ClientId, UserId
from dialer.services.access import PERMISSIONS, Principal, Role
from dialer.services.credentials import EndWatchers, NotSignedInError, check_client, plausible
from dialer.services.machine_tokens import MachineTokens
from dialer.services.ports.accounts import AccountStore, OpenSession, Session, Stage, User, UserChange
from dialer.services.ports.audit import AuditEntry, AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.vault import Passwords, Tokens
from dialer.services.slow_hashes import SlowHashes
from dialer.services.throttle import SignInThrottle

UNKNOWN = Device()


class SignInRefusedError(DialerError):
    """Login and password do not fit. Says no more than that."""

    code = "sign-in-refused"


class HalfSignedInError(DialerError):
    """The password was right; a second factor is still asked for."""

    code = "second-factor-first"


class SessionLockedError(DialerError):
    """Nobody was at the screen for a while: the password opens it again."""

    code = "session-locked"


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
        self._hashes = SlowHashes(passwords, at_once=self._settings.hashes_at_once, new_secret=lambda: tokens.new()[0])
        self.watchers = EndWatchers()
        self.machines = MachineTokens(store, tokens, audit, clock, ids, self.watchers)

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
            hashed = found.password_hash if found is not None else await self._hashes.decoy()
            fits = await self._hashes.fits(hashed, password)
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
            stronger = await self._hashes.hash(password)
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
        old = self._tokens.hash(replaces) if replaces is not None and plausible(replaces) else None
        self.watchers.ended(await self._store.open_session(session, token_hash, old))
        principal = _person(session, secret)
        await self._log(principal, "session.open" if stage is Stage.OPEN else "session.half", "user", user.id)
        return secret, principal

    async def by_session(self, secret: str, *, locked: bool = False, half: bool = False) -> Principal:
        """Who holds this cookie; `locked`: also while the screen is; `half`: also before the second factor.

        Raises NotSignedInError, SessionLockedError, HalfSignedInError.
        """
        if not plausible(secret):
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
        self.watchers.ended([principal.credential])
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
        self.watchers.ended([principal.credential])
        await self._log(principal, "session.lock", "user", principal.user)

    async def unlock(self, principal: Principal, password: str, address: str) -> Principal:
        """He is back. Raises SignInRefusedError, ThrottledError, UnavailableError."""
        if principal.user is None:
            raise InvalidError("a token has no screen")
        await self.own_password(principal, password, address)
        await self._store.unlock_session(principal.credential)
        await self._log(principal, "session.unlock", "user", principal.user)
        return replace(principal, locked=False)

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
        check_client(role, client)
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
        await self._store.add_user(user, await self._hashes.hash(password))
        await self._record(actor, "user.add", "user", user.id, {"role": str(role)})
        return user

    async def change_user(self, actor: str, user: UserId, version: int, change: UserChange) -> User:
        """Raises NotFoundError, ChangedSinceError, InvalidError."""
        check_client(Role(change.role), change.client)
        ended = await self._store.change_user(user, version, change, self._clock.wall_utc())
        if ended is None:
            await self.user(user)
            raise ChangedSinceError("changed since")
        self.watchers.ended(ended)
        detail = {"role": change.role, "disabled": change.disabled}
        await self._record(actor, "user.change", "user", user, detail)
        return await self.user(user)

    async def set_password(self, actor: str, user: UserId, password: str) -> None:
        """By an administrator: all the user's sessions end. Raises NotFoundError, InvalidError."""
        await self._set_password(actor, await self.user(user), password, keep=None)

    async def end_sessions(self, actor: str, user: UserId, keep: UUID | None = None) -> None:
        """Sign a user out everywhere, but in `keep`. Raises NotFoundError."""
        await self.user(user)
        self.watchers.ended(await self._store.end_sessions(user, self._clock.wall_utc(), keep))
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
        self.watchers.ended([session])
        await self._record(principal.actor, "session.end", "session", session)

    # ---------------------------------------------------------------------------------------------- helpers
    async def _own_password(self, user: UserId, password: str, address: str) -> User | None:
        """The user, if this is his password. Raises NotFoundError, ThrottledError, UnavailableError."""
        found = await self._store.user(user)
        if found is None:
            raise NotFoundError("no such user")
        self.throttle.take(found.user.login, address, self._clock.monotonic())
        try:
            fits = await self._hashes.fits(found.password_hash, password)
        except UnavailableError:  # our fault, not a guess
            self.throttle.give_back(found.user.login, address, self._clock.monotonic())
            raise
        if not fits:
            return None
        self.throttle.give_back(found.user.login, address, self._clock.monotonic())
        return found.user

    async def _set_password(self, actor: str, user: User, password: str, keep: UUID | None) -> None:
        _check_password(user.login, password)
        hashed = await self._hashes.hash(password)
        self.watchers.ended(await self._store.set_password(user.id, hashed, keep, self._clock.wall_utc()))
        await self._record(actor, "user.password", "user", user.id)

    async def _log(self, principal: Principal, action: str, kind: str, subject: UUID) -> None:
        await self._record(principal.actor, action, kind, subject)

    async def _record(
        self, actor: str, action: str, kind: str, subject: UUID, detail: Mapping[str, object] | None = None
    ) -> None:
        await self._audit.record(
            AuditEntry(actor=actor, action=action, subject_kind=kind, subject=str(subject), detail=detail or {})
        )


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


def _check_password(login: str, password: str) -> None:
    if len(password) < 12:
        raise InvalidError("at least 12 characters", "password")
    if login in password.lower() or len(set(password)) < 5:
        raise InvalidError("too easy to guess", "password")
