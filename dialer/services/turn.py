"""Whose turn it is: of several processes of one site, one runs the calls and the others stand by.

The turn is a lease. Whoever holds it marks Asterisk as well, so that an owner who can no longer reach the database
still learns that another has taken over. A process that stood still (stopped, swapped out) does nothing until the
database has told it that it is still its turn.
"""

from __future__ import annotations

import asyncio
import logging

from dialer.domain.errors import UnavailableError
from dialer.domain.sites import MAIN, turn_name
from dialer.services.ports.clock import Clock
from dialer.services.ports.ledger import Lease, Ledger
from dialer.services.ports.telephony import Telephony, TelephonyError

log = logging.getLogger(__name__)

LEASE_SECONDS = 3.0
"""Whoever is gone is taken over after this; the owner renews every second."""
STOOD_STILL = 1.5
"""Seconds without a beat after which a process may have slept through its own end. A beat comes every 0.2 s."""
ANSWER_WITHIN = 1.0
"""Seconds for the database to say whose turn it is, before the mark in the telephone system is looked at."""


class Turn:
    """One process's claim to run the calls of its site."""

    def __init__(self, ledger: Ledger, clock: Clock, owner: str, site: str = MAIN) -> None:
        self._name = turn_name(site)
        self._ledger = ledger
        self._clock = clock
        self._owner = owner
        self._renewed = 0.0  # monotonic, when the last renewal that succeeded was asked for
        self._beat = clock.monotonic()
        self._doubt = False
        self._epoch = 0
        self._asking: asyncio.Task[Lease | None] | None = None
        self._asked = 0.0  # monotonic
        self.held = False
        self.doubts = 0
        """How often this process stood still: what happened meanwhile must be looked up."""
        self.lost = asyncio.Event()
        """Set when another has taken over: this process must end."""

    def beat(self) -> None:
        """Said several times a second by a process that runs."""
        self._look()
        self._beat = self._clock.monotonic()

    def sure(self) -> bool:
        """True while this process may act: its turn, and it cannot have slept through losing it."""
        self._look()
        return self.held and not self._doubt and not self.lost.is_set()

    def _look(self) -> None:
        still = self._clock.monotonic() - self._beat
        if still > STOOD_STILL and self.held and not self._doubt:
            log.error("stood still, asks whose turn it is seconds=%.1f", still)
            self._doubt = True
            self.doubts += 1

    async def keep(self, telephony: Telephony) -> None:
        """Take or renew the turn. With the database away, the mark in the telephone system decides."""
        try:
            lease, asked = await self._ask()
        except UnavailableError:
            long_ago = self._clock.monotonic() - self._renewed > LEASE_SECONDS
            if self.held and long_ago and await self._marked_by_another(telephony):
                self._lose()
            raise
        if lease is None:
            if self.held:
                self._lose()
            return
        if self.held and self._epoch != lease.epoch:
            self._lose()  # it was another's in between, and what that one did is not known here
            return
        self._epoch = lease.epoch
        self._renewed = asked
        self.held = True
        if self._clock.monotonic() - asked <= STOOD_STILL:  # an older answer proves nothing: we may have slept over it
            self._beat = self._clock.monotonic()
            self._doubt = False

    async def _ask(self) -> tuple[Lease | None, float]:
        """The lease, and when it was asked for. A database that hangs is asked once, and counts as away meanwhile."""
        if self._asking is None:
            self._asked = self._clock.monotonic()
            renewal = self._ledger.take_lease(self._name, self._owner, LEASE_SECONDS)
            self._asking = asyncio.create_task(renewal, name="turn-lease")
        await asyncio.wait({self._asking}, timeout=ANSWER_WITHIN)
        if not self._asking.done():
            raise UnavailableError("the database does not answer")
        answered, self._asking = self._asking, None
        return answered.result(), self._asked

    async def mark(self, telephony: Telephony) -> None:
        """Write in the telephone system that it is ours. Raises TelephonyError, and UnavailableError when it is not.

        Who has not reached the database for a lease's term may have been taken over: another's mark then stands.
        """
        long_ago = self._clock.monotonic() - self._renewed > LEASE_SECONDS
        if long_ago and await telephony.owner() not in ("", self._owner):
            self._lose()
            raise UnavailableError("another process has taken over")
        await telephony.mark_owner(self._owner)

    async def drop(self) -> None:
        """Give the turn back at a clean stop."""
        if self._asking is not None:
            self._asking.cancel()
        if self.held and not self.lost.is_set():
            self.held = False
            await self._ledger.drop_lease(self._name, self._owner)

    async def _marked_by_another(self, telephony: Telephony) -> bool:
        try:
            return await telephony.owner() not in ("", self._owner)
        except TelephonyError:
            return False

    def _lose(self) -> None:
        log.error("another process has taken over owner=%s", self._owner)
        self.lost.set()
