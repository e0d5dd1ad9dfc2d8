"""The one way out: a committed attempt is put on the floor, looked at once more at that instant, and ordered."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from dialer.domain import call as calls
from dialer.domain.agent import AgentEvent
from dialer.domain.call import CallEvent, CallState, Direction
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import AttemptId, CampaignId, DeliveryId
from dialer.services.floor import CallInfo, Floor, LiveCall
from dialer.services.ports.clock import Clock
from dialer.services.ports.ledger import Claim
from dialer.services.ports.telephony import DialOrder, Telephony, TelephonyError
from dialer.services.runs import Run
from dialer.services.tracker import Tracker

log = logging.getLogger(__name__)


class Departure:
    """Lets calls leave, and knows the numbers of those that are out."""

    def __init__(
        self,
        floor: Floor,
        tracker: Tracker,
        telephony: Telephony,
        clock: Clock,
        *,
        rings_us: Callable[[str], bool],
        called_off: Callable[[LiveCall], bool],
        person_within: Callable[[CampaignId], float],
    ) -> None:
        """`rings_us`: a caller is on the line from this number; `called_off`: this call is not to leave any more.

        `person_within`: what a campaign promises who answers, in seconds.
        """
        self._person_within = person_within
        self._called_off = called_off
        self._floor = floor
        self._tracker = tracker
        self._telephony = telephony
        self._clock = clock
        self._rings_us = rings_us
        self._numbers: dict[AttemptId, str] = {}
        floor.listen(calls=self._call_changed)

    def add(self, claim: Claim, delivery: DeliveryId | None) -> None:
        """The claimed attempt begins: on the floor, with its reserved agent."""
        at = self._clock.wall()
        info = CallInfo(
            campaign=claim.campaign,
            client=claim.client,
            case=claim.case,
            phone=claim.phone,
            delivery=delivery,
            seq=claim.seq,
            reserved=claim.agent,
            callback=claim.callback,
            language=claim.language,
        )
        within = self._person_within(claim.campaign)
        direction = Direction.PROOF if claim.proof else Direction.OUT
        self._floor.add(LiveCall(calls.outbound(claim.attempt, claim.agent, at, within, direction), info))
        if claim.agent is not None:
            agent = self._floor.agent(claim.agent)
            self._floor.put(agent, replace(agent, attempt=claim.attempt), at)
        self._numbers[claim.attempt] = claim.number

    def begin(self, claim: Claim, delivery: DeliveryId | None, *, reserve: bool) -> bool:
        """As `add`; with `reserve` its agent is reserved now. False: he is not free, and it does not leave."""
        user = claim.agent if reserve else None
        at = self._clock.wall()
        got = user is None or (self._floor.agent(user).free and self._floor.try_act(user, AgentEvent.RESERVE, at))
        self.add(claim if got else replace(claim, agent=None), delivery)
        if not got:
            self._tracker.withdraw(self._floor.call(claim.attempt))
        return got

    async def dial(self, run: Run, claim: Claim) -> bool:
        """The one place from which a call leaves. False: it did not, and is over."""
        live = self._floor.call(claim.attempt)
        campaign = run.campaign
        if self._called_off(live) or not self._may_leave(run, claim, self._clock.now()):
            self._tracker.withdraw(live)
            return False
        order = DialOrder(
            attempt=claim.attempt,
            number=claim.number,
            caller_id=campaign.caller_id,
            ring_seconds=campaign.ring_seconds,
            trunk=run.line,
            sounds=campaign.sounds,
            safe_after=live.call.person_within - calls.SAFE_BEFORE,
            near=None if claim.agent is None else self._floor.agent(claim.agent).leg_channel,
        )
        try:
            await self._telephony.dial(order)
        except TelephonyError as error:
            log.warning("dial not placed attempt=%s reason=%s", claim.attempt, error)
            return await self._settle_unsure(claim.attempt)
        return True

    def _may_leave(self, run: Run, claim: Claim, now: datetime) -> bool:
        campaign = run.campaign
        # Our own people are rung before the campaign begins, and have agreed to the hour.
        permitted = (
            campaign.state != "stopped" if claim.proof else campaign.state == "running" and campaign.runs_on(now)
        )
        return bool(run.line) and permitted and self._telephony.up and not self._rings_us(claim.number)

    async def _settle_unsure(self, attempt: AttemptId) -> bool:
        """The order failed or had no answer: only the list of channels tells whether a call is out. False: none is."""
        try:
            present = {fact.channel for fact in await self._telephony.channels()}
        except TelephonyError:
            return True  # the link is down: reconciling at its return decides
        try:
            live = self._floor.call(attempt)
        except NotFoundError:
            return True  # it has been out, and is over
        if live.call.channel in present or live.call.state is not CallState.CLAIMED:
            return True
        self._tracker.vanished(live)
        return False

    # -- numbers ------------------------------------------------------------------------------------------

    def know_number(self, attempt: AttemptId, number: str) -> None:
        """An attempt that an earlier owner dialled goes to this number."""
        self._numbers[attempt] = number

    def number_of(self, attempt: AttemptId) -> str | None:
        """The number a live attempt was dialled on."""
        return self._numbers.get(attempt)

    def _call_changed(self, live: LiveCall, event: CallEvent, at: float) -> None:
        del event, at
        if not live.call.live:
            self._numbers.pop(live.call.attempt, None)
