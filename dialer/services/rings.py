"""Calls that are hung up while they ring, each for a reason that the ledger keeps. Conversations go on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Sequence

from dialer.domain.call import CallState, Direction, Intent
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import CampaignId
from dialer.services.floor import Floor, LiveCall
from dialer.services.ports.clock import Clock
from dialer.services.ports.telephony import Telephony, TelephonyError
from dialer.services.tasks import Tasks

log = logging.getLogger(__name__)

_RINGS = frozenset({CallState.DIALING, CallState.RINGING})


class RingCutter:
    """The one hand that ends a ring of ours."""

    def __init__(self, floor: Floor, telephony: Telephony, clock: Clock, tasks: Tasks) -> None:
        self._floor = floor
        self._telephony = telephony
        self._clock = clock
        self._tasks = tasks

    def cancel(self, which: Callable[[LiveCall], bool]) -> None:
        """Everything in ring that is meant: a stop, a recall, a closed case."""
        for live in self._floor.calls():
            if live.call.direction is Direction.OUT and live.call.state in _RINGS and which(live):
                self._tasks.spawn("cut-ring", self._cut(live, Intent.CANCEL))

    def spare(self, campaign: CampaignId, calls: Sequence[Hashable]) -> None:
        """Rings of this campaign that are about to meet nobody. Another campaign's is that one's to cut."""
        chosen = frozenset(calls)
        for live in self._floor.in_flight(campaign) if chosen else ():
            if live.call.attempt in chosen and live.call.intent is Intent.NONE:
                self._tasks.spawn("cut-ring", self._cut(live, Intent.RING_CUT))

    def overdue(self, ring_seconds: Callable[[CampaignId], float | None]) -> None:
        """Rings that have lasted as long as their campaign lets them (None: it is not ours)."""
        now = self._clock.wall()
        for live in self._floor.calls():
            begun = live.call.ringing_at or live.call.dialed_at
            if begun is None or live.call.direction is not Direction.OUT or live.call.state not in _RINGS:
                continue
            longest = ring_seconds(live.info.campaign)
            if longest is not None and now - begun >= longest:
                self._tasks.spawn("ring-timeout", self._cut(live, Intent.RING_TIMEOUT))

    async def _cut(self, live: LiveCall, intent: Intent) -> None:
        try:
            live = self._floor.call(live.call.attempt)
        except NotFoundError:
            return
        if live.call.state not in _RINGS:
            return
        self._floor.amend(live, intent=intent)
        try:
            await self._telephony.hang_up(live.call.channel, 16)
        except TelephonyError as error:
            log.warning("ring not cut attempt=%s reason=%s", live.call.attempt, error)
