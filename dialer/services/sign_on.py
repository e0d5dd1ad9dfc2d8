"""Signing in by way of the house's own identity provider, and linking a user to a person there.

The browser carries a sealed ticket (state, nonce, PKCE verifier, until when, for what) to the provider and back. What
comes back counts only in the browser that left, within ten minutes. Nobody is found by name or mail address: a user
links himself, signed in with his password, and from then on the provider's `sub` is he.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass
from uuid import UUID

from dialer.domain.browsers import Device
from dialer.domain.errors import ConflictError, NotFoundError
from dialer.domain.ids import UserId
from dialer.services.access import Principal
from dialer.services.accounts import Accounts
from dialer.services.ports.audit import AuditEntry, AuditLog
from dialer.services.ports.clock import Clock
from dialer.services.ports.sign_on import (
    IdentityStore,
    Provider,
    SignOnAwayError,
    SignOnRefusedError,
    SignOnUnknownError,
    Tickets,
)
from dialer.services.ports.vault import SealError
from dialer.services.throttle import SignInThrottle

TICKET_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """Where the browser goes, and what it carries."""

    url: str
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """What the browser brings back; None and empty for what is not there."""

    code: str
    state: str
    issuer: str | None  # RFC 9207: a provider that says who it is must be ours
    error: str
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ticket:
    state: str
    nonce: str
    verifier: str
    until: float  # unix seconds
    session: str  # of whoever links himself; "": signing in
    user: str

    @property
    def content(self) -> bytes:
        return json.dumps([self.state, self.nonce, self.verifier, self.until, self.session, self.user]).encode()


class SignOn:
    """Use cases. Without a provider every one of them says that it is not there."""

    def __init__(
        self,
        provider: Provider | None,
        accounts: Accounts,
        store: IdentityStore,
        tickets: Tickets,
        audit: AuditLog,
        clock: Clock,
        *,
        name: str = "",
    ) -> None:
        """`name`: of the provider, as people call it."""
        self._provider = provider
        self._accounts = accounts
        self._store = store
        self._tickets = tickets
        self._audit = audit
        self._clock = clock
        self.name = name if provider is not None else None
        self.throttle = SignInThrottle()

    async def begin(self, address: str) -> Departure:
        """Sign in. Raises NotFoundError, ThrottledError, SignOnAwayError."""
        return await self._begin(address, "", "")

    async def begin_link(self, principal: Principal, password: str, address: str) -> Departure:
        """Link the one who is signed in. Raises SignInRefusedError, ThrottledError, NotFoundError, SignOnAwayError."""
        user = await self._accounts.own_password(principal, password, address)
        return await self._begin(address, str(principal.credential), str(user.id))

    async def finish(
        self, came: Return, replaces: str | None, device: Device, address: str
    ) -> tuple[str, Principal] | None:
        """A session for whom the provider vouches, with its secret; None: somebody linked himself.

        Raises SignOnRefusedError, SignOnUnknownError, SignOnAwayError, NotFoundError, ThrottledError, ConflictError.
        """
        provider = self._there()
        self._take(address)
        ticket = self._opened(came, provider)
        subject = await provider.finish(came.code, ticket.nonce, ticket.verifier)
        if ticket.session:
            await self._link(ticket, provider.issuer, subject)
            self._give_back(address)
            return None
        user = await self._store.user_of(provider.issuer, subject)
        if user is None:
            await self._record("unknown", "sign-on.unknown", "")
            raise SignOnUnknownError("nobody is linked")
        self._give_back(address)
        await self._record(f"user:{user.id}", "sign-on.in", str(user.id))
        return await self._accounts.open(user, replaces, device)

    @staticmethod
    def is_link(state: str) -> bool:
        """Whether this is what somebody left with who wanted to link himself: says where to go, and nothing else."""
        return state.startswith("link.")

    async def linked(self, user: UserId) -> bool:
        """Whether this user may come in that way."""
        return self._provider is not None and await self._store.linked(user)

    async def unlink(self, actor: str, user: UserId) -> None:
        """From now on only the password counts. Raises ConflictError."""
        if not await self._store.unlink(user):
            raise ConflictError("not linked")
        await self._record(actor, "sign-on.unlink", str(user))

    # ---------------------------------------------------------------------------------------------- helpers
    def _there(self) -> Provider:
        if self._provider is None:
            raise NotFoundError("no provider")
        return self._provider

    async def _begin(self, address: str, session: str, user: str) -> Departure:
        provider = self._there()
        self._take(address)
        ticket = _Ticket(
            state=("link." if session else "") + secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            until=self._clock.wall() + TICKET_SECONDS,
            session=session,
            user=user,
        )
        url = await provider.begin(ticket.state, ticket.nonce, ticket.verifier)
        self._give_back(address)
        return Departure(url=url, ticket=self._tickets.seal(ticket.content))

    def _opened(self, came: Return, provider: Provider) -> _Ticket:
        """What this browser left with. Raises SignOnRefusedError."""
        try:
            state, nonce, verifier, until, session, user = json.loads(self._tickets.open(came.ticket))
        except (SealError, ValueError):
            raise SignOnRefusedError("no ticket") from None
        ticket = _Ticket(state=state, nonce=nonce, verifier=verifier, until=until, session=session, user=user)
        if self._clock.wall() > ticket.until:
            raise SignOnRefusedError("too late")
        if not hmac.compare_digest(ticket.state.encode(), came.state.encode("utf-8", "replace")):
            raise SignOnRefusedError("another state")
        if came.issuer is not None and came.issuer != provider.issuer:
            raise SignOnRefusedError("another issuer")
        if came.error in ("temporarily_unavailable", "server_error"):
            raise SignOnAwayError("the provider says that it does not work")
        if came.error or not came.code:
            raise SignOnRefusedError("the provider refused")
        return ticket

    async def _link(self, ticket: _Ticket, issuer: str, subject: str) -> None:
        """Only while the session that asked for it goes on."""
        if not await self._accounts.session_goes_on(UUID(ticket.session)):
            raise SignOnRefusedError("the session that asked is over")
        user = UserId(UUID(ticket.user))
        if not await self._store.link(user, issuer, subject, self._clock.wall_utc()):
            raise ConflictError("linked to somebody else")
        await self._record(f"user:{user}", "sign-on.link", str(user))

    def _take(self, address: str) -> None:
        self.throttle.take(address, address, self._clock.monotonic())

    def _give_back(self, address: str) -> None:
        self.throttle.give_back(address, address, self._clock.monotonic())

    async def _record(self, actor: str, action: str, user: str) -> None:
        await self._audit.record(AuditEntry(actor=actor, action=action, subject_kind="user", subject=user))
