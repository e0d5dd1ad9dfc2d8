"""Whose the work by the clock is that the whole centre has once: of all sites' processes one does it.

It is a lease of its own. Only a process whose turn it is takes it, so one that stood still does none of it until the
database has told it that it is still its turn.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from dialer.domain.errors import UnavailableError
from dialer.services.ports.clock import Clock
from dialer.services.ports.ledger import Ledger
from dialer.services.turn import LEASE_SECONDS

log = logging.getLogger(__name__)

NAME = "chores"
_SECOND = 1.0


class Chores:
    """One process's claim to them."""

    def __init__(self, ledger: Ledger, clock: Clock, owner: str, our_turn: Callable[[], bool]) -> None:
        """`our_turn`: this process runs its site's calls, and knows it."""
        self._ledger = ledger
        self._clock = clock
        self._owner = owner
        self._our_turn = our_turn
        self._until = 0.0  # monotonic

    def ours(self) -> bool:
        """True while this process does the whole centre's work."""
        return self._our_turn() and self._clock.monotonic() < self._until

    async def keep(self) -> None:
        """Take or renew it. Raises UnavailableError; what was taken then runs out by itself."""
        if not self._our_turn():
            return
        asked = self._clock.monotonic()
        lease = await self._ledger.take_lease(NAME, self._owner, LEASE_SECONDS)
        self._until = 0.0 if lease is None else asked + LEASE_SECONDS

    async def run(self) -> None:
        """Keep it, until cancelled."""
        while True:
            try:
                await self.keep()
            except UnavailableError:
                log.warning("nobody can say whose the chores are, the database does not answer")
            await asyncio.sleep(_SECOND)

    async def drop(self) -> None:
        """Give it back at a clean stop. Raises UnavailableError."""
        if self._until:
            self._until = 0.0
            await self._ledger.drop_lease(NAME, self._owner)
