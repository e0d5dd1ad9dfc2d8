"""Jobs that outlive whoever asked for them."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from dialer.domain.errors import NotNowError
from dialer.services.tasks import Tasks


async def test_what_has_begun_ends_though_nobody_waits_any_more() -> None:
    tasks, go, ended = Tasks(), asyncio.Event(), asyncio.Event()

    async def job() -> None:
        await go.wait()
        ended.set()

    waiting = asyncio.create_task(tasks.to_the_end("job", job()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go.set()
    await tasks.idle()
    assert ended.is_set()


async def test_a_refusal_is_an_answer_and_no_failed_job() -> None:
    tasks = Tasks()

    async def refused() -> None:
        raise NotNowError("agent-not-free")

    with pytest.raises(NotNowError) as error:
        await tasks.to_the_end("job", refused())
    assert (error.value.code, tasks.failed) == ("agent-not-free", 0)


async def test_a_bug_is_raised_and_counted() -> None:
    tasks = Tasks()

    async def bug() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await tasks.to_the_end("job", bug())
    assert tasks.failed == 1


async def test_a_job_that_is_stopped_before_its_first_step_is_closed() -> None:
    """Else Python warns of a coroutine that nobody awaited, at some later moment."""
    tasks, begun = Tasks(), asyncio.Event()

    async def work() -> None:
        begun.set()

    job = work()
    waiting = asyncio.create_task(tasks.to_the_end("job", job))
    await asyncio.sleep(0)
    assert tasks.running == 1
    await tasks.stop()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not begun.is_set()
    assert inspect.getcoroutinestate(job) == inspect.CORO_CLOSED
