"""Keeps the planner's knowledge up to date: learns anew from the ledger, in a child process, and swaps the model.

Learned from scratch each time, from a window of recent attempts: a recoded outcome is learned as what it is now, and a
lost or damaged state mends itself with the next run.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from typing import Any

from dialer.domain.errors import InvalidError
from dialer.schedule.planner.product import LearnedPlanner
from dialer.schedule.planner.state import to_json, train
from dialer.schedule.planner.values import Record
from dialer.services.ports.clock import Clock
from dialer.services.ports.learning import LearningStore

log = logging.getLogger(__name__)

Train = Callable[[Sequence[Record]], Awaitable[Mapping[str, Any]]]

WINDOW = timedelta(days=120)
MOST = 50_000
"""Attempts learned from: some 15 seconds of one core."""


def trained(records: Sequence[Record]) -> dict[str, Any]:
    """The state that these records teach."""
    return to_json(train(records))


async def in_child(records: Sequence[Record]) -> Mapping[str, Any]:
    """`trained` in a process of its own, so that the event loop never waits for it."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return await asyncio.get_running_loop().run_in_executor(pool, trained, records)


class LearningService:
    """Loads what was learned at the start; learns anew when asked (a job, once a night)."""

    def __init__(self, store: LearningStore, planner: LearnedPlanner, clock: Clock, run: Train = in_child) -> None:
        self._store = store
        self._planner = planner
        self._clock = clock
        self._run = run

    async def load(self) -> None:
        """Take over the kept state. A damaged one is left: the planner then knows only its prior."""
        try:
            self._planner.learned(await self._store.load())
        except InvalidError as error:
            log.warning("learned state not usable field=%s", error.field)

    async def relearn(self) -> int:
        """Learn from the recent attempts, keep it, use it; the number of cases it came from."""
        now = self._clock.now()
        records = await self._store.records(now - WINDOW, MOST)
        if not records:
            return 0
        state = await self._run(records)
        await self._store.save(state, now)
        self._planner.learned(state)
        return len(records)
