"""Sites: who serves each, and moving a client from one to another while the service works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.domain.errors import ConflictError
from dialer.domain.ids import ClientId
from dialer.domain.sites import check_site
from dialer.services.ports.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A site that has clients, or had a dialer."""

    name: str
    owner: str  # of the process that runs its calls now; "" nobody does
    clients: Sequence[str]  # short names
    running: int  # campaigns that want to call
    on_duty: int  # agents


class InCallError(ConflictError):
    """The client has calls in progress, or work of a moment."""

    def __init__(self, live: int) -> None:
        super().__init__(f"{live} of its calls are in progress: pause its campaigns and wait until they are over")
        self.live = live


class SiteStore(Protocol):
    """One method is one transaction."""

    async def all(self) -> Sequence[Site]:
        """Every site, by name."""
        ...

    async def move(self, client: ClientId, site: str, at: datetime, actor: str) -> str:
        """Its site before. From the commit on no process of that site can claim a call of this client.

        Nothing is changed where it is there already. Raises NotFoundError, InCallError.
        """
        ...


class Sites:
    """Use cases."""

    def __init__(self, store: SiteStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def all(self) -> Sequence[Site]:
        """Every site, by name."""
        return await self._store.all()

    async def move(self, client: ClientId, site: str, *, unserved: bool, actor: str) -> str:
        """Its site before. `unserved`: also to one that no dialer serves yet.

        Raises InvalidError for no name of a site, ConflictError for a site that nobody serves, InCallError,
        NotFoundError.
        """
        check_site(site)
        if not unserved and not any(one.name == site and one.owner for one in await self._store.all()):
            raise ConflictError(f"nobody serves site {site}: start its dialer first, or say that it is meant")
        return await self._store.move(client, site, self._clock.now(), actor)
