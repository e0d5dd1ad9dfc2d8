"""Background work with a name, a held reference and a decided meaning of a crash."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar

from dialer.domain.errors import DialerError, UnavailableError
from dialer.services.ports.telephony import TelephonyError
from dialer.services.scope import unlimited

log = logging.getLogger(__name__)

T = TypeVar("T")

_AT_ONCE = 100  # of a small job's parts: about a millisecond's work


async def in_turns(parts: Iterable[T]) -> AsyncIterator[T]:
    """All `parts` in their order; now and then others have their turn first, and the world may be another."""
    for count, part in enumerate(parts, 1):
        yield part
        if count % _AT_ONCE == 0:
            await asyncio.sleep(0)


async def guarded(job: Callable[[], Awaitable[object]]) -> None:
    """A part of a beat that fails is said, and tried again at the next beat.

    Called only here: who is cancelled before his first step leaves no coroutine that nobody awaits.
    """
    try:
        await job()
    except (UnavailableError, TelephonyError, TimeoutError) as error:
        log.warning("not now reason=%s", type(error).__name__)
    except DialerError:
        log.exception("beat failed")


class Tasks:
    """Small jobs that nobody awaits. One that fails is logged and counted; the service goes on."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self.failed = 0

    def spawn(self, name: str, job: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a job."""
        task = asyncio.create_task(job, name=name, context=unlimited())
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    async def to_the_end(self, name: str, job: Coroutine[Any, Any, T]) -> T:
        """What `job` brings. Once begun it is brought to its end, whether or not whoever asked still waits.

        Raises what it raises. A refusal of ours (DialerError) is an answer, no failed job: also when nobody hears it.
        """
        task = self.spawn(name, _answered(job))
        task.add_done_callback(lambda _: job.close())  # stopped before its first step, Python would warn of it
        answer = await asyncio.shield(task)
        if isinstance(answer, DialerError):
            raise answer
        return answer

    @property
    def running(self) -> int:
        """Jobs that have not ended."""
        return len(self._running)

    async def idle(self) -> None:
        """Return once every job that runs now has ended."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def stop(self) -> None:
        """Cancel what still runs."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failed += 1
            log.error("task failed name=%s error=%s", task.get_name(), type(error).__name__, exc_info=error)


async def _answered(job: Coroutine[Any, Any, T]) -> T | DialerError:
    try:
        return await job
    except DialerError as error:
        return error
