"""Preview: the agent sees the next resident whom the rules allow, and has him called with one key, or passes him on.

The case is held while he looks, so that nobody else dials it. His page says every few seconds that he still looks; a
page that was closed, or a process that died, says nothing, and half a minute later the case is free again. No attempt
is counted before he has it called: the attempt then is claimed as every other is, by all rules once more.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from dialer.domain.errors import IllegalTransitionError, NotNowError, UnavailableError
from dialer.domain.ids import AttemptId, CaseId, UserId
from dialer.pacing.view import Mode
from dialer.services.engine import Engine
from dialer.services.floor import Floor
from dialer.services.happenings import OF_HOLD
from dialer.services.ports.clock import Clock
from dialer.services.ports.ledger import Claim, ClaimOrder, Ledger, LostLeaseError
from dialer.services.ports.people import Viewer
from dialer.services.ports.previews import Held, PreviewStore, PreviewView, Showing, SkipReason
from dialer.services.rest import Rests
from dialer.services.runs import Run
from dialer.services.tasks import Tasks

log = logging.getLogger(__name__)

HOLD_SECONDS = 30.0
"""A page that is silent for so long has been closed."""

SKIPS = 10
SKIPS_WITHIN = timedelta(hours=1)
"""Residents whom one agent may pass on. More says that something else is wrong."""

_REST_OF_DAY = timedelta(hours=12)
"""Whom he passed on he is not shown again for so long."""


class PreviewRefusedError(NotNowError):
    """Not now; `code` says why."""


PREVIEW_CODES = frozenset(
    {*OF_HOLD.values(), "campaign-not-running", "agent-not-free", "callers-first", "preview-gone", "preview-skips"}
)
"""Every code of a refusal that an agent can read."""


@dataclass(frozen=True, slots=True)
class _Shown:
    held: Held
    name: str


class Previews:
    """What each agent looks at. In memory only what is shown; whose it is stands in the database."""

    def __init__(
        self,
        floor: Floor,
        engine: Engine,
        ledger: Ledger,
        store: PreviewStore,
        rests: Rests,
        clock: Clock,
        tasks: Tasks,
        *,
        owner: str,
        name_of: Callable[[CaseId, Viewer], Awaitable[str]],
    ) -> None:
        """`name_of`: the resident's name, audited."""
        self._floor = floor
        self._engine = engine
        self._ledger = ledger
        self._store = store
        self._rests = rests
        self._clock = clock
        self._tasks = tasks
        self._owner = owner
        self._name_of = name_of
        self._shown: dict[UserId, _Shown] = {}
        self._over: set[UserId] = set()

    # -- looking ------------------------------------------------------------------------------------------

    async def look(self, user: UserId, viewer: Viewer, *, following: bool = False) -> PreviewView:
        """What he looks at, kept for him; else the next. `following`: go on after the time was over.

        Raises UnavailableError.
        """
        run = self._run(user)
        if run is None:
            await self._forget(user)
            return PreviewView(showing=Showing.OFF)
        if not self._floor.agent(user).free:
            await self._forget(user)
            return PreviewView(showing=Showing.BUSY)
        shown = self._shown.get(user)
        if shown is not None and shown.held.campaign == run.campaign.campaign:
            looked = await self._store.keep(user, shown.held.case, HOLD_SECONDS)
            if looked is not None:
                return await self._still(user, run, shown, looked)
        if user in self._over and not following:
            return PreviewView(showing=Showing.TIME_OVER)
        return await self._next(user, run, viewer)

    async def _still(self, user: UserId, run: Run, shown: _Shown, looked: float) -> PreviewView:
        limit = run.campaign.preview_seconds
        if limit and looked >= limit:
            await self._forget(user)
            self._over.add(user)
            return PreviewView(showing=Showing.TIME_OVER)
        return await self._view(user, run, shown, looked)

    async def _next(self, user: UserId, run: Run, viewer: Viewer) -> PreviewView:
        await self._forget(user)
        self._over.discard(user)
        if self._engine.hold(run.campaign.campaign):
            return PreviewView(showing=Showing.NOBODY)
        passed = await self._store.skipped(user, self._clock.now() - _REST_OF_DAY)
        try:
            held = await self._store.hold(self._order(run, user), [case for case, _ in passed], HOLD_SECONDS)
        except LostLeaseError:
            run.epoch = 0
            raise UnavailableError("another process runs this campaign") from None
        if held is None:
            return PreviewView(showing=Showing.NOBODY)
        shown = _Shown(held, await self._name_of(held.case, viewer))
        self._shown[user] = shown
        return await self._view(user, run, shown, 0.0)

    async def _view(self, user: UserId, run: Run, shown: _Shown, looked: float) -> PreviewView:
        self._rests.look(user, self._clock.wall() + HOLD_SECONDS)
        limit = run.campaign.preview_seconds
        return PreviewView(
            showing=Showing.RESIDENT,
            case=shown.held.case,
            campaign=shown.held.campaign,
            name=shown.name,
            number=shown.held.number,
            attempt_number=shown.held.attempt_number,
            seconds_left=max(0.0, limit - looked) if limit else None,
            skips_left=await self._skips_left(user),
        )

    def _run(self, user: UserId) -> Run | None:
        """His campaign in which agents call at their own word, the most urgent first."""
        runs = [
            self._engine.run_of(one.campaign)
            for one in self._engine.campaigns()
            if one.mode == Mode.PREVIEW and one.state == "running" and self._engine.may_serve(user, one.campaign)
        ]
        return min(runs, key=lambda run: (run.campaign.priority, str(run.campaign.campaign)), default=None)

    async def _skips_left(self, user: UserId) -> int:
        return max(0, SKIPS - len(await self._store.skipped(user, self._clock.now() - SKIPS_WITHIN)))

    async def _forget(self, user: UserId) -> None:
        self._rests.look(user, None)
        if self._shown.pop(user, None) is not None:
            await self._store.drop(user)

    def _order(self, run: Run, user: UserId, case: CaseId | None = None) -> ClaimOrder:
        return ClaimOrder(
            campaign=run.campaign.campaign,
            owner=self._owner,
            epoch=run.epoch,
            agents=[user],
            at=self._clock.now(),
            wall_at=self._clock.wall_utc(),
            case=case,
            speaks=self._engine.serving.languages([user]),
            spoken=self._engine.serving.spoken(run.campaign.campaign),
        )

    # -- skipping -----------------------------------------------------------------------------------------

    async def skip(self, user: UserId, case: CaseId, reason: SkipReason) -> None:
        """Pass this resident on to a colleague. Raises PreviewRefusedError."""
        if await self._skips_left(user) == 0:
            raise PreviewRefusedError("preview-skips")
        if not await self._store.skip(user, case, reason.value, self._clock.now()):
            raise PreviewRefusedError("preview-gone")
        self._shown.pop(user, None)
        self._rests.look(user, None)

    # -- calling ------------------------------------------------------------------------------------------

    async def call(self, user: UserId, case: CaseId) -> AttemptId:
        """Have him called, now. Begun is brought to its end, whether or not whoever asked still waits.

        Raises PreviewRefusedError, UnavailableError.
        """
        return await self._tasks.to_the_end("preview-call", self._call(user, case))

    async def _call(self, user: UserId, case: CaseId) -> AttemptId:
        for live in self._floor.calls():
            if live.info.case == case and live.call.agent == user:
                return live.call.attempt  # asked again while it is out
        shown = self._shown.get(user)
        if shown is None or shown.held.case != case:
            raise PreviewRefusedError("preview-gone")
        run = self._engine.run_of(shown.held.campaign)
        self._check(run, user)

        def begun() -> None:
            self._shown.pop(user, None)  # his page may have looked meanwhile, and found him busy
            self._rests.look(user, None)

        claiming = partial(self._claim, self._order(run, user, case))
        try:
            attempt = await self._engine.claims.by_hand(run, user, "preview", claiming, begun)
        except IllegalTransitionError:
            raise PreviewRefusedError("agent-not-free") from None
        if attempt is None:
            raise UnavailableError("the call did not leave")
        return attempt

    async def _claim(self, order: ClaimOrder) -> Sequence[Claim]:
        claims = await self._ledger.claim(order)
        if not claims:
            raise PreviewRefusedError("preview-gone")
        return claims

    def _check(self, run: Run, user: UserId) -> None:
        hold = self._engine.hold(run.campaign.campaign)
        if hold.startswith("campaign_"):
            raise PreviewRefusedError("campaign-not-running")
        if hold in OF_HOLD:
            raise PreviewRefusedError(OF_HOLD[hold])
        if hold:
            raise UnavailableError("a part that a call needs is not there")
        if not self._floor.agent(user).free:
            raise PreviewRefusedError("agent-not-free")
        others = [agent for agent in self._floor.free_agents() if agent.user != user]
        able = [agent for agent in others if self._engine.may_serve(agent.user, run.campaign.campaign)]
        if self._floor.inbound_waiting() > len(able):
            raise PreviewRefusedError("callers-first")
