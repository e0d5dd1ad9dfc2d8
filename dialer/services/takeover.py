"""Our turn: what an earlier owner left, or what happened while nobody looked, is known before anything new is dialled.

First the agents as they were stored, then the campaigns with their live calls, then what the telephone system's
channels say. The last is done again after each moment in which events may have been missed, and now and then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from uuid import UUID

from dialer.domain.errors import DialerError
from dialer.domain.ids import AttemptId, CampaignId
from dialer.services.answered_numbers import AnsweredNumbers
from dialer.services.centre_parts import CentrePorts
from dialer.services.desk import AgentDesk
from dialer.services.engine import Engine
from dialer.services.floor import Floor
from dialer.services.inbound import Inbound
from dialer.services.journal import Journal
from dialer.services.legs import Legs
from dialer.services.reconcile import Reconciler
from dialer.services.recorder import Recorder
from dialer.services.surveys import Surveys
from dialer.services.tasks import Tasks, guarded
from dialer.services.turn import LEASE_SECONDS, Turn

log = logging.getLogger(__name__)

_PUT_RIGHT_EVERY = 15.0
_TELL_SECONDS = 3.0
_STRAYS_WITHIN = 5.0
_LEASES_END = LEASE_SECONDS + 1.0
"""Seconds within which the campaigns of an owner who died are free; whoever has them then is alive, and keeps them."""
_STRAY_AFTER = 30.0
"""An attempt that the ledger calls live and nobody here knows is a stray after this: longer than any claim takes."""


class Takeover:
    """Takes over, and keeps what is taken over true."""

    def __init__(
        self,
        ports: CentrePorts,
        turn: Turn,
        floor: Floor,
        journal: Journal,
        engine: Engine,
        reconciler: Reconciler,
        tasks: Tasks,
        *,
        desk: AgentDesk,
        inbound: Inbound,
        legs: Legs,
        recorder: Recorder,
        surveys: Surveys,
        on_free: Callable[[], None],
        site: str,
    ) -> None:
        """`on_free`: told when the floor has been put right, for agents may be free and callers wait."""
        self._ports = ports
        self._turn = turn
        self._floor = floor
        self._journal = journal
        self._engine = engine
        self._reconciler = reconciler
        self._tasks = tasks
        self._desk = desk
        self._inbound = inbound
        self._legs = legs
        self._recorder = recorder
        self._surveys = surveys
        self._on_free = on_free
        self._site = site
        self.numbers = AnsweredNumbers(ports.telephony, ports.store, engine.campaigns, engine.borrowed_lines)
        self._adopted: set[CampaignId] = set()
        self._doubts = 0
        self._caught_up = False  # the channels have been read since events were last missed
        self._begun_at = 0.0  # monotonic
        self._knows = False  # what was before us has been compared with the channels at least once
        self._since_put_right = 0.0  # seconds
        self.begun = False
        """What was before us has been read."""
        self.settled = False
        """The floor has been put right since the link came up."""
        self.whole = False
        """All campaigns came to us. Until then an agent may be in a conversation that the floor does not know."""

    @property
    def acts(self) -> bool:
        """It is our turn, and we know of what was before."""
        return self.begun and self._turn.sure()

    def serves(self) -> bool:
        """Agents are answered by who knows what they do. Asterisk gets a moment to tell it; without it, they go on."""
        if not self.whole or self._turn.lost.is_set():
            return False
        return self._knows or self._ports.clock.monotonic() - self._begun_at > _TELL_SECONDS

    async def look_after(self) -> None:
        """While it is our turn: own the campaigns, and know what happened while nobody looked."""
        if not self._turn.sure():
            return
        if not self.begun:
            await self._begin()
            self.begun, self._begun_at = True, self._ports.clock.monotonic()
        await self._own()
        passed = self._ports.clock.monotonic() - self._begun_at
        self.whole = self.whole or self._engine.ownership.whole or passed > _LEASES_END
        if self._turn.doubts != self._doubts:  # what happened while we stood still was thrown away
            self._doubts = self._turn.doubts
            self._caught_up = False
        await self._catch_up()

    def link(self, up: bool) -> None:
        """The telephone system is there, or gone."""
        self.settled = False
        self._caught_up = False
        self._engine.ownership.lines_lost()
        if up and self.acts:
            self._tasks.spawn("link-up", guarded(self._catch_up))

    def put_right_soon(self) -> None:
        """Something is not as we know it: compare at the next look."""
        self._since_put_right = _PUT_RIGHT_EVERY

    async def look(self, passed: float) -> None:
        """Now and then, `passed` seconds after the last time; only while the telephone system is there."""
        if not self.whole:
            return
        await guarded(self.numbers.tend)
        await guarded(self._inbound.collect)
        await guarded(self._surveys.collect)
        self._since_put_right += passed
        if self._since_put_right >= _PUT_RIGHT_EVERY or not self.settled:
            self._since_put_right = 0.0
            await guarded(self.strays)
            await guarded(self.put_right)
            await guarded(self._recorder.adopt)

    async def put_right(self) -> None:
        """Compare the floor with the channels; dial on once they agree."""
        if await self._reconciler.put_right():
            await self._engine.ownership.open_lines()
            self.settled = True
            self._legs.keep()
            self._on_free()

    async def strays(self) -> None:
        """Attempts that were committed and whose owner never learnt of it: a reply that got lost on its way to us."""
        async with asyncio.timeout(_STRAYS_WITHIN):
            known = {live.call.attempt for live in self._floor.calls()}
            await self._journal.settled()
            await self._adopt(self._engine.ownership.owned(), older=_STRAY_AFTER, but=known)

    async def _begin(self) -> None:
        """Agents as they were stored. Their calls are adopted with the campaigns."""
        await self._engine.refresh()
        for record in await self._ports.duty.load():
            self._desk.remember(record)
            self._reconciler.restore_agents([record])
        log.info("our turn site=%s", self._site)

    async def _own(self) -> None:
        """Renew leases; adopt the live calls of campaigns that became ours."""
        taken = [one for one in await self._engine.ownership.keep_leases() if one not in self._adopted]
        if taken:
            await self._adopt(taken)
            await self._recall_learned(taken)
            self._adopted.update(taken)
            self._caught_up = False
        self._adopted &= set(self._engine.ownership.owned())

    async def _recall_learned(self, campaigns: Sequence[CampaignId]) -> None:
        """What pacing knew of campaigns that became ours, whoever had them."""
        if self._ports.pacing is not None:
            for campaign, state in (await self._ports.pacing.load()).items():
                if campaign in campaigns:
                    self._engine.pacemaker.recall(campaign, state)

    async def _catch_up(self) -> None:
        """Once after each moment in which events may have been missed."""
        if self._caught_up or not self.whole or not self._ports.telephony.up:
            return
        self._caught_up = True
        try:
            await self._read_all()
        except BaseException:
            self._caught_up = False
            raise
        self._knows = True

    async def _read_all(self) -> None:
        """What happened meanwhile is read from the channels, before anything new is dialled."""
        await self._turn.mark(self._ports.telephony)
        await self.put_right()
        await guarded(self._recorder.adopt)
        self.numbers.forget()
        await guarded(self.numbers.tend)
        await self._ports.telephony.alive()
        await self._inbound.collect()
        await guarded(self._surveys.collect)

    async def _adopt(
        self, campaigns: Sequence[CampaignId], *, older: float = 0.0, but: Collection[AttemptId] = ()
    ) -> None:
        for record in await self._reconciler.adopt(campaigns, older=older, but=but):
            number = record.number
            if number is None and record.callback is not None:
                number = await self._number_asked(record.callback)
            if number is not None and not record.direction.comes_in:
                self._engine.departure.know_number(record.attempt, number)
            elif number is not None:
                self._inbound.know(record.attempt, number)

    async def _number_asked(self, callback: UUID) -> str | None:
        """A number on no list: the request alone knows it. Adopting does not fail for it."""
        try:
            return (await self._ports.store.asked_callback(callback)).number
        except DialerError as error:
            log.warning("number of a call-back not read callback=%s reason=%s", callback, error.code)
            return None
