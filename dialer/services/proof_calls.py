"""Rings one of our own people as a resident of this campaign is rung: the same line, message, script and screens.

The call leaves as every call does, committed first and looked at once more at that instant, before the campaign begins
or while it runs. It goes to whoever is free; where nobody is, our own people hear the message that a resident would.
Nothing counts it: in the ledger it has a direction of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from dialer.domain.errors import IllegalTransitionError, NotFoundError, NotNowError, UnavailableError
from dialer.domain.ids import AttemptId, CampaignId, UserId
from dialer.domain.sites import CAMPAIGN_ELSEWHERE
from dialer.services.engine import Engine
from dialer.services.floor import Floor
from dialer.services.happenings import OF_HOLD
from dialer.services.ports.clock import Clock
from dialer.services.ports.engine import EngineStore
from dialer.services.ports.ledger import Claim, Ledger, ProofOrder, RuleForbidsError
from dialer.services.runs import Run
from dialer.services.tasks import Tasks

log = logging.getLogger(__name__)


class ProofRefusedError(NotNowError):
    """Nobody is rung now; `code` says why."""


_OF_RULE = {
    "proof_staff_phone": "not-staff",
    "proof_campaign": "campaign-not-running",
    "proof_resident": "staff-is-resident",
    "attempt_number_free": "number-in-call",
}
"""Guards of the database -> codes."""

PROOF_CODES = frozenset({*_OF_RULE.values(), "no-line-free"})
"""Every code of a refusal that a supervisor can read."""


class ProofCalls:
    """Rings staff phones at a supervisor's word."""

    def __init__(
        self,
        floor: Floor,
        engine: Engine,
        ledger: Ledger,
        store: EngineStore,
        clock: Clock,
        tasks: Tasks,
        *,
        owner: str,
        rings_us: Callable[[str], bool],
    ) -> None:
        """`rings_us`: a caller is on the line from this number."""
        self._floor = floor
        self._engine = engine
        self._ledger = ledger
        self._store = store
        self._clock = clock
        self._tasks = tasks
        self._owner = owner
        self._rings_us = rings_us

    async def call(self, campaign: CampaignId, phone: UUID, actor: str) -> AttemptId:
        """Ring it now. Raises NotFoundError, NotNowError, UnavailableError.

        What has begun is brought to its end, whether or not whoever asked still waits.
        """
        return await self._tasks.to_the_end("proof-call", self._call(campaign, phone, actor))

    async def _call(self, campaign: CampaignId, phone: UUID, actor: str) -> AttemptId:
        staff = await self._store.staff_number(phone)
        if self._engine.campaign(campaign) is None:
            await self._engine.refresh()  # made a moment ago
        known = self._engine.campaign(campaign)
        if known is None:
            raise NotNowError(CAMPAIGN_ELSEWHERE)
        if known.client != staff.client:
            raise NotFoundError("no such phone of this client")
        self._check(campaign, staff.number)
        run = self._engine.run_of(campaign)
        agent = self._engine.first_free(campaign)
        try:
            claiming = partial(self._claim, run, phone, staff.number, agent, actor)
            attempt = await self._engine.claims.by_hand(run, agent, "proof", claiming)
        except IllegalTransitionError:
            raise UnavailableError("the agent has just got a call") from None
        if attempt is None:
            code = "number-in-call" if self._rings_us(staff.number) else ""
            raise ProofRefusedError(code) if code else UnavailableError("the call did not leave")
        return attempt

    def _check(self, campaign: CampaignId, number: str) -> None:
        hold = self._engine.hold_proof(campaign)
        if hold == "campaign_stopped":
            raise ProofRefusedError("campaign-not-running")
        if hold in OF_HOLD:
            raise ProofRefusedError(OF_HOLD[hold])
        if hold:
            raise UnavailableError("a part that a call needs is not there")
        if self._rings_us(number):
            raise ProofRefusedError("number-in-call")

    async def _claim(self, run: Run, phone: UUID, number: str, agent: UserId | None, actor: str) -> Sequence[Claim]:
        order = ProofOrder(
            phone=phone,
            campaign=run.campaign.campaign,
            owner=self._owner,
            epoch=run.epoch,
            agent=agent,
            number=number,
            at=self._clock.now(),
            wall_at=self._clock.wall_utc(),
            actor=actor,
        )
        try:
            return [await self._ledger.claim_proof(order)]
        except RuleForbidsError as error:
            log.info("proof call forbidden phone=%s rule=%s", phone, error.rule)
            raise ProofRefusedError(_OF_RULE.get(error.rule, "conflict")) from None
