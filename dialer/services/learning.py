"""Keeps the planner's knowledge up to date: learns anew from the ledger, in a child process, and swaps the model.

Learned from scratch each time, from a window of recent attempts: a recoded outcome is learned as what it is now, and a
lost or damaged state mends itself with the next run. The event loop only hands batches on.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from dialer.domain.errors import InvalidError
from dialer.schedule.planner.product import LearnedPlanner
from dialer.schedule.windows import local_date
from dialer.services.child import ask
from dialer.services.ports.clock import Clock
from dialer.services.ports.learning import LearningStore, Told

log = logging.getLogger(__name__)

Batches = AsyncGenerator[Sequence[Told], None]
Train = Callable[[Batches], Awaitable[Mapping[str, Any] | None]]
"""What these attempts teach; None when there are none."""

WINDOW = timedelta(days=120)
MOST = 50_000
"""Attempts learned from: some 15 seconds of one core."""


async def in_child(batches: Batches) -> Mapping[str, Any] | None:
    """Learn in a process of its own, least urgent of all. Raises UnavailableError when it fails or takes too long."""
    state: Mapping[str, Any] | None = await ask("dialer.services.learning_child", batches)
    return state


class LearningService:
    """Loads what was learned at the start; learns anew once a calendar day, or takes over what another process learned.

    A run that fails leaves the model as it was.
    """

    def __init__(self, store: LearningStore, planner: LearnedPlanner, clock: Clock, run: Train = in_child) -> None:
        self._store = store
        self._planner = planner
        self._clock = clock
        self._run = run
        self._at: datetime | None = None  # of what the planner knows

    async def load(self) -> datetime | None:
        """Take over the kept state if it is another than ours; when it was learned. A damaged one is left."""
        kept = await self._store.load()
        if kept is None:
            return None
        if kept.at != self._at:
            try:
                self._planner.learned(kept.state)
            except InvalidError as error:
                log.warning("learned state not usable field=%s", error.field)
                return None
            self._at = kept.at
        return kept.at

    async def tend(self) -> int:
        """Job: the first call of a calendar day learns anew, the others see what a second process has learned.

        The number of attempts learned from; 0 when nothing was to be done."""
        at = await self.load()
        if at is not None and local_date(at) >= local_date(self._clock.now()):
            return 0
        return await self.relearn()

    async def relearn(self) -> int:
        """Learn from the recent attempts, keep it, use it; how many taught something. Raises UnavailableError."""
        now = self._clock.now()
        async with contextlib.aclosing(self._store.told(now - WINDOW, MOST)) as batches:
            state = await self._run(batches)
        if state is None:
            return 0
        self._planner.learned(state)
        await self._store.save(state, now)
        self._at = now
        return int(state["seen"])
