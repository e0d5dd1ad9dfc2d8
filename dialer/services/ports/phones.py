"""Phones in agents' browsers, as the API needs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from dialer.domain.ids import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayGrant:
    """Who carries the sound where none gets through to Asterisk: addresses (`turn:`, `turns:`), and leave for hours."""

    urls: Sequence[str]
    username: str
    credential: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserGrant:
    """Account of a phone in a browser: made anew for each page that asks, gone when its session is."""

    username: str
    secret: str = field(repr=False)
    domain: str
    relay: RelayGrant | None = None


class Phones(Protocol):
    """`session`: the id of the session that asks (`Principal.credential`)."""

    async def grant(self, user: UserId, session: UUID, *, choose: bool) -> BrowserGrant:
        """An account with a new secret; the page that had one before loses its phone.

        `choose`: the agent asks for it. Without, who has chosen a phone of his own keeps it (OwnPhoneError).
        """
        ...

    async def grant_listener(self, user: UserId, session: UUID) -> BrowserGrant:
        """An account for a supervisor who listens in: no duty, no leg; it is rung for one call at a time."""
        ...

    def open(self, user: UserId, session: UUID) -> None:
        """The phone's line is there. Raises UnavailableError where the calls are another process's."""
        ...

    def registered(self, user: UserId) -> None:
        """Asterisk knows where the phone is: it can be rung."""
        ...

    def closed(self, user: UserId) -> None:
        """The phone's line is gone; it may come back."""
        ...

    def ended(self, user: UserId, session: UUID) -> None:
        """Signed out: the account goes, and the leg with it, if they are this session's."""
        ...
