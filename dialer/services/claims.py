"""Attempts are claimed and leave: a claim is waited for three seconds, and what comes of it later never leaves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from dialer.domain.agent import AgentEvent, AgentState
from dialer.domain.errors import DialerError, UnavailableError
from dialer.domain.ids import AttemptId, UserId
from dialer.services.departure import Departure
from dialer.services.floor import Floor
from dialer.services.ports.clock import Clock
from dialer.services.ports.ledger import Claim, LostLeaseError
from dialer.services.room import Room
from dialer.services.runs import Run
from dialer.services.tasks import Tasks
from dialer.services.tracker import Tracker

log = logging.getLogger(__name__)

CLAIM_SECONDS = 3.0
"""A claim that takes longer is given up: its agents are wanted elsewhere, and what it brings after all is withdrawn."""

Claiming = Callable[[], Awaitable[Sequence[Claim]]]
"""Asks for claims. Called by the task that waits: one that is cancelled before it begins has asked for nothing."""


class Claims:
    """Waits for claims; has a call leave at an agent's word."""

    def __init__(
        self, floor: Floor, tracker: Tracker, departure: Departure, room: Room, clock: Clock, tasks: Tasks
    ) -> None:
        self._floor = floor
        self._tracker = tracker
        self._departure = departure
        self._room = room
        self._clock = clock
        self._tasks = tasks

    async def in_time(self, run: Run, what: str, claiming: Claiming) -> Sequence[Claim]:
        """What was claimed. `what` names it in the log.

        Raises what the ledger raises; UnavailableError too when it is late, or another process has the campaign.
        """
        claim = self._tasks.spawn(what, self._answered(run, claiming))
        await asyncio.wait({claim}, timeout=CLAIM_SECONDS)
        if not claim.done():
            run.overdue += 1
            self._tasks.spawn(f"late-{what}", self._late(run, claim))
            log.warning("claim is late kind=%s campaign=%s", what, run.campaign.campaign)
            raise UnavailableError("the database does not answer")
        found = claim.result()
        if isinstance(found, DialerError):
            raise found
        return found

    async def by_hand(
        self, run: Run, user: UserId | None, what: str, claiming: Claiming, claimed: Callable[[], None] = lambda: None
    ) -> AttemptId | None:
        """One call at somebody's word, this agent reserved for it meanwhile; None: it did not leave.

        `claiming` brings one claim, or raises why there is none. `claimed` is called before it leaves. Raises
        IllegalTransitionError when he is not free, else as `in_time`.
        """
        if user is not None:
            self._floor.act(user, AgentEvent.RESERVE, self._clock.wall())
        try:
            claim = (await self.in_time(run, what, claiming))[0]
            claimed()
            self._departure.add(claim, None)
            # It leaves at once; the next ones wait for it, so that the rate holds.
            self._room.take(run.campaign, 1)
            return claim.attempt if await self._departure.dial(run, claim) else None
        finally:
            if user is not None:
                agent = self._floor.agent(user)
                if agent.state is AgentState.RESERVED and agent.attempt is None:
                    self._floor.try_act(user, AgentEvent.RELEASE, self._clock.wall())

    async def _answered(self, run: Run, claiming: Claiming) -> Sequence[Claim] | DialerError:
        try:
            return await claiming()
        except LostLeaseError:
            run.epoch = 0
            log.warning("lease lost campaign=%s", run.campaign.campaign)
            return UnavailableError("another process runs this campaign")
        except DialerError as error:
            return error

    async def _late(self, run: Run, claim: asyncio.Task[Sequence[Claim] | DialerError]) -> None:
        """What was claimed after its agent had been given back never leaves."""
        try:
            found = await claim
            for late in [] if isinstance(found, DialerError) else found:
                self._departure.add(replace(late, agent=None), None)
                self._tracker.withdraw(self._floor.call(late.attempt))
        finally:
            run.overdue -= 1
