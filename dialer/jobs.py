"""Work by the clock. APScheduler wakes, nothing more: whether a job is due, and what it does, stands elsewhere.

Jobs run by wall time. A late one still runs (no grace time), two that were missed run once, and one that is under way
is not begun again. Each leaves its last success or error in `job_run`. Of several processes on one database, one does
them, and of each site's processes one does what is about its calls. Who stands by does only what is about itself.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`every` seconds, `work` is done; it returns what it did, in a word, for the log."""

    name: str
    every: float
    work: Callable[[], Awaitable[object]]
    own: bool = False  # about this process (its figures, its files): done by those who stand by too
    site: bool = False  # about one site's calls: done by whoever runs them, at each site


class JobLog(Protocol):
    """Keeps how jobs went."""

    async def ran(self, name: str, at: datetime, error: str) -> None:
        """`error` empty: it went well."""
        ...


class Jobs:
    """Runs jobs until stopped."""

    def __init__(
        self,
        jobs: Sequence[Job],
        record: JobLog,
        now: Callable[[], datetime],
        *,
        our_turn: Callable[[], bool],
        for_all: Callable[[], bool],
    ) -> None:
        """`our_turn`: this process runs its site's calls; `for_all`: it does what all sites have done once."""
        self._for_all = for_all
        self._record = record
        self._our_turn = our_turn
        self._now = now
        self._scheduler = AsyncIOScheduler(
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}, timezone="UTC"
        )
        for job in jobs:
            self._scheduler.add_job(self._run, "interval", seconds=job.every, args=(job,), id=job.name)

    def start(self) -> None:
        """Begin to wake."""
        self._scheduler.start()

    def stop(self) -> None:
        """Wake no more; what runs ends by itself or with the loop."""
        self._scheduler.shutdown(wait=False)

    async def _run(self, job: Job) -> None:
        if not (job.own or (self._our_turn() if job.site else self._for_all())):
            return
        error = ""
        try:
            done = await job.work()
            log.log(logging.INFO if done else logging.DEBUG, "job ran name=%s done=%s", job.name, done)
        except Exception as failure:  # one job's failure is its own
            error = type(failure).__name__
            log.exception("job failed name=%s", job.name)
        try:
            await self._record.ran(job.name, self._now(), error)
        except Exception:  # the next run records again
            log.exception("job not recorded name=%s", job.name)
