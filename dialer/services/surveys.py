"""Two questions after a conversation: who is asked, and what he pressed.

The agent's hang-up leads there, so that his wrap-up begins as ever: the telephone system asks by itself, and keeps each
key until it is fetched here. Whatever fails, the call ends as it would have without.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection

from dialer.domain.call import CallState, Direction
from dialer.domain.errors import InvalidError, UnavailableError
from dialer.domain.ids import AttemptId, CampaignId
from dialer.domain.survey import NEVER_AFTER, Answers, drawn, read_answers
from dialer.services.floor import Floor, LiveCall
from dialer.services.ports.clock import Clock
from dialer.services.ports.engine import EngineCampaign
from dialer.services.ports.surveying import SurveyOrder
from dialer.services.ports.surveys import SurveyStore
from dialer.services.ports.telephony import Telephony, TelephonyError
from dialer.services.tasks import Tasks

log = logging.getLogger(__name__)

_DECIDE_SECONDS = 1.0
"""The agent waits for this: a database that takes longer asks nobody."""


class Surveys:
    """The surveys of this process. Without a store nobody is asked."""

    def __init__(
        self,
        floor: Floor,
        telephony: Telephony,
        store: SurveyStore | None,
        clock: Clock,
        tasks: Tasks,
        *,
        campaign: Callable[[CampaignId], EngineCampaign | None],
    ) -> None:
        self._floor = floor
        self._telephony = telephony
        self._store = store
        self._clock = clock
        self._tasks = tasks
        self._campaign = campaign
        self.unfetched = 0
        """Surveys that are over and whose keys still lie in the telephone system, as last looked at."""
        self.not_understood = 0
        """Surveys whose keys nobody could read, and that count as unanswered, since the start."""

    async def begin(self, live: LiveCall, flags: Collection[str], *, unwanted: bool) -> bool:
        """In the place of a hang-up. False: nobody is asked, and the call is to be ended.

        `flags`: what the agent has marked so far; `unwanted`: the resident asked not to be asked.
        """
        if self._store is None:
            return False
        try:
            async with asyncio.timeout(_DECIDE_SECONDS):
                if unwanted:
                    await self._store.opt_out(live.call.attempt, self._clock.now())
                    return False
                if not self._in_draw(live, flags):
                    return False
                percent = self._percent(live)
                if not await self._store.ask(live.call.attempt, percent, self._clock.now()):
                    return False
        except (UnavailableError, TimeoutError):
            log.warning("no survey, the database does not answer attempt=%s", live.call.attempt)
            return False
        return await self._ordered(live)

    async def _ordered(self, live: LiveCall) -> bool:
        campaign = self._campaign(live.info.campaign)
        sounds = "" if campaign is None else campaign.sounds
        order = SurveyOrder(channel=live.call.channel, attempt=live.call.attempt, sounds=sounds)
        try:
            await self._telephony.begin_survey(order)
        except TelephonyError as error:
            log.warning("no survey attempt=%s reason=%s", live.call.attempt, error)
            self._tasks.spawn("unask", self._unask(live.call.attempt))
            return False
        return True

    def _in_draw(self, live: LiveCall, flags: Collection[str]) -> bool:
        """All that can be told without asking anybody. With a supervisor on the line nobody presses anything."""
        return (
            live.call.state is CallState.JOINED
            and live.call.direction in (Direction.IN, Direction.OUT)
            and live.info.listener is None
            and not NEVER_AFTER.intersection(flags)
            and drawn(live.info.campaign, live.call.attempt, self._percent(live))
        )

    def _percent(self, live: LiveCall) -> float:
        campaign = self._campaign(live.info.campaign)
        return 0.0 if campaign is None else campaign.survey_percent

    def filed(self, attempt: AttemptId, flags: Collection[str]) -> None:
        """The agent has filed. Whoever turns out to be in a crisis is asked no further."""
        live = self._floor.live(attempt)
        if live is not None and live.call.state is CallState.SURVEY and NEVER_AFTER.intersection(flags):
            self._tasks.spawn("survey-over", self._over(live))

    async def _over(self, live: LiveCall) -> None:
        try:
            await self._telephony.end_survey(live.call.channel)
        except TelephonyError as error:
            log.warning("survey goes on attempt=%s reason=%s", live.call.attempt, error)

    async def _unask(self, attempt: AttemptId) -> None:
        """Should this fail as well, it is never settled: nothing of it is kept by the telephone system."""
        if self._store is not None:
            try:
                await self._store.unask(attempt)
            except UnavailableError:
                log.warning("survey that was never heard stays noted attempt=%s", attempt)

    async def collect(self) -> None:
        """Fetch what was pressed in surveys that are over. Raises UnavailableError, TelephonyError."""
        if self._store is None:
            return
        over = [left for left in await self._telephony.collect_surveys() if self._floor.live(left.attempt) is None]
        self.unfetched = len(over)
        for left in over:
            try:
                answers = read_answers(left.kept)
            except InvalidError:
                self.not_understood += 1
                log.error("survey not understood attempt=%s", left.attempt)
                answers = Answers()
            if answers.opted_out:
                await self._store.opt_out(left.attempt, self._clock.now())
            await self._store.answered(left.attempt, answers, self._clock.now())
            await self._telephony.forget_survey(left)
            self.unfetched -= 1
        await self._store.settle(self._clock.now(), [live.call.attempt for live in self._floor.calls()])
