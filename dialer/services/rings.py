"""Calls that are hung up while they ring, each for a reason that the ledger keeps. Conversations go on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Sequence

from dialer.domain.call import CallEvent, CallState, Intent
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import CampaignId
from dialer.services.floor import Floor, LiveCall
from dialer.services.ports.clock import Clock
from dialer.services.ports.telephony import Telephony, TelephonyError
from dialer.services.tasks import Tasks

log = logging.getLogger(__name__)

_RINGS = frozenset({CallState.DIALING, CallState.RINGING})

Which = Callable[[LiveCall], bool]

COMING = 3.0
"""Seconds for which a claim may still be on its way that was made before a call was called off."""


class RingCutter:
    """The one hand that ends a ring of ours."""

    def __init__(self, floor: Floor, telephony: Telephony, clock: Clock, tasks: Tasks) -> None:
        self._floor = floor
        self._telephony = telephony
        self._clock = clock
        self._tasks = tasks
        self._said: list[tuple[float, Which]] = []  # until when (monotonic seconds), and what was called off
        floor.listen(calls=self._call_changed)

    def cancel(self, which: Which, *, coming: bool = False) -> None:
        """Everything out that is meant and not answered: a stop, a recall, a closed case.

        What is claimed does not leave any more, or is hung up as soon as it has a line. `coming`: the same for what was
        claimed before and comes to the floor within three seconds.
        """
        if coming:
            now = self._clock.monotonic()
            self._said = [*((until, said) for until, said in self._said if until > now), (now + COMING, which)]
        for live in self._floor.calls():
            if live.call.direction.comes_in or not which(live):
                continue
            if live.call.state is CallState.CLAIMED:
                self._floor.amend(live, intent=Intent.CANCEL)
            elif live.call.state in _RINGS:
                self._tasks.spawn("cut-ring", self._cut(live, Intent.CANCEL))

    def called_off(self, live: LiveCall) -> bool:
        """Whether this call, which is about to leave, is not to."""
        now = self._clock.monotonic()
        return live.call.intent is Intent.CANCEL or any(until > now and which(live) for until, which in self._said)

    def _call_changed(self, live: LiveCall, event: CallEvent, at: float) -> None:
        del at
        if event in (CallEvent.DIALED, CallEvent.RANG) and live.call.intent is Intent.CANCEL:  # the order was out
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
            if begun is None or live.call.direction.comes_in or live.call.state not in _RINGS:
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
