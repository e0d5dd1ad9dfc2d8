"""Signing on by way of somebody else who knows who it is: the house's own identity provider."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from dialer.domain.errors import DialerError, UnavailableError
from dialer.domain.ids import UserId
from dialer.services.ports.accounts import User


class SignOnAwayError(UnavailableError):
    """The provider does not answer, or not as one does."""

    code = "sign-on-away"


class SignOnRefusedError(DialerError):
    """What came back is not to be believed, or is nobody's. Says no more than that."""

    code = "sign-on-refused"


class SignOnUnknownError(DialerError):
    """The provider knows this person, we do not: nobody is linked to him."""

    code = "sign-on-unknown"


class Provider(Protocol):
    """One identity provider."""

    @property
    def issuer(self) -> str:
        """Its name, an address."""
        ...

    async def begin(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes. Raises SignOnAwayError."""
        ...

    async def finish(self, code: str, nonce: str, verifier: str) -> str:
        """The subject that has signed in there. Raises SignOnAwayError, SignOnRefusedError."""
        ...


class IdentityStore(Protocol):
    """Who is who there. One method is one transaction."""

    async def user_of(self, issuer: str, subject: str) -> User | None:
        """The user who is linked to this subject; None: nobody, or one who is disabled."""
        ...

    async def linked(self, user: UserId) -> bool:
        """Whether this user is linked to anybody."""
        ...

    async def link(self, user: UserId, issuer: str, subject: str, at: datetime) -> bool:
        """In the place of whom he was linked to. False: the subject is somebody else's already."""
        ...

    async def unlink(self, user: UserId) -> bool:
        """False: he was linked to nobody."""
        ...


class Tickets(Protocol):
    """What a browser carries to the provider and back: sealed, so that it can neither be read nor made."""

    def seal(self, content: bytes) -> str:
        """As a cookie's value."""
        ...

    def open(self, ticket: str) -> bytes:
        """Raises SealError."""
        ...
