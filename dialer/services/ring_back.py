"""An agent has a call-back request dialled whose number belongs to nobody we know, or to several.

The call leaves as every call does: committed first, over the campaign's own line, looked at once more at that instant.
It is bound to the agent who took the request, stands beside the seven attempts of a number, and nothing else is
different: windows, blocked numbers, "no phone", one call at a time for a number.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from dialer.domain.errors import IllegalTransitionError, NotNowError, UnavailableError
from dialer.domain.ids import AttemptId, UserId
from dialer.domain.sites import CAMPAIGN_ELSEWHERE
from dialer.services.engine import Engine
from dialer.services.floor import Floor
from dialer.services.happenings import OF_HOLD
from dialer.services.ports.clock import Clock
from dialer.services.ports.engine import AskedCallback, EngineStore
from dialer.services.ports.ledger import CallBackOrder, Claim, Ledger, RuleForbidsError
from dialer.services.runs import Run
from dialer.services.tasks import Tasks

log = logging.getLogger(__name__)


class CallBackRefusedError(NotNowError):
    """The request cannot be dialled now; `code` says why."""


_OF_RULE = {
    "window": "outside-window",
    "callback_without_case": "callback-has-case",
    "callback_claimed": "callback-not-yours",
    "callback_tries": "callback-tries",
    "attempt_campaign_running": "campaign-not-running",
    "attempt_window": "outside-window",
    "attempt_number_not_blocked": "number-blocked",
    "attempt_no_opt_out": "number-blocked",
    "attempt_number_free": "number-in-call",
}
"""Guards of the database -> codes."""


CALL_BACK_CODES = frozenset(
    {*_OF_RULE.values(), *OF_HOLD.values(), "number-not-callable", "agent-not-free", "callers-first"}
)
"""Every code of a refusal that an agent can read."""


class RingBack:
    """Dials one request at an agent's word."""

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

    async def call(self, callback: UUID, user: UserId) -> AttemptId:
        """Dial it for the agent who took it; asked again while it is out, the same attempt.

        Raises NotFoundError, NotNowError, UnavailableError. What has begun is brought to its end, whether or
        not whoever asked still waits.
        """
        return await self._tasks.to_the_end("ring-back", self._call(callback, user))

    async def _call(self, callback: UUID, user: UserId) -> AttemptId:
        asked = await self._store.asked_callback(callback)
        if asked.state != "claimed" or asked.claimed_by != user:
            raise CallBackRefusedError("callback-not-yours")
        for live in self._floor.calls():
            if live.info.callback == callback:
                return live.call.attempt
        self._check(asked, user)
        run = self._engine.run_of(asked.campaign)
        try:
            claiming = partial(self._claim, run, asked, user)
            attempt = await self._engine.claims.by_hand(run, user, "call-back", claiming)
        except IllegalTransitionError:
            raise CallBackRefusedError("agent-not-free") from None
        if attempt is None:
            code = "number-in-call" if self._rings_us(asked.number) else ""
            raise CallBackRefusedError(code) if code else UnavailableError("the call did not leave")
        return attempt

    def _check(self, asked: AskedCallback, user: UserId) -> None:
        """What needs no database, in the order in which an agent can do something about it."""
        if asked.case is not None:
            raise CallBackRefusedError("callback-has-case")
        if not asked.callable:
            raise CallBackRefusedError("number-not-callable")
        if self._engine.campaign(asked.campaign) is None:
            raise NotNowError(CAMPAIGN_ELSEWHERE)
        hold = self._engine.hold(asked.campaign)
        if hold.startswith("campaign_"):
            raise CallBackRefusedError("campaign-not-running")
        if hold in OF_HOLD:
            raise CallBackRefusedError(OF_HOLD[hold])
        if hold:
            raise UnavailableError("a part that a call needs is not there")
        if self._rings_us(asked.number):
            raise CallBackRefusedError("number-in-call")
        if not self._floor.agent(user).free or not self._engine.may_serve(user, asked.campaign):
            raise CallBackRefusedError("agent-not-free")
        if self._engine.spare_agents(asked.campaign) == 0:
            raise CallBackRefusedError("callers-first")

    async def _claim(self, run: Run, asked: AskedCallback, user: UserId) -> Sequence[Claim]:
        order = CallBackOrder(
            callback=asked.callback,
            campaign=asked.campaign,
            owner=self._owner,
            epoch=run.epoch,
            agent=user,
            number=asked.number,
            at=self._clock.now(),
            wall_at=self._clock.wall_utc(),
        )
        try:
            return [await self._ledger.claim_callback(order)]
        except RuleForbidsError as error:
            log.info("call-back forbidden callback=%s rule=%s", order.callback, error.rule)
            raise CallBackRefusedError(_OF_RULE.get(error.rule, "conflict")) from None
