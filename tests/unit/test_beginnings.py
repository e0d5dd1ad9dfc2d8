"""Whoever has answered is joined when the dialplan has begun."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from dialer.asterisk.beginnings import Beginnings
from dialer.asterisk.link import Headers
from dialer.domain.ids import ChannelId

RESIDENT = ChannelId(str(uuid.uuid4()))


def event(name: str, channel: str = RESIDENT, **more: str) -> Headers:
    account = channel if channel == RESIDENT else ""
    return {"Event": name, "Uniqueid": channel, "AccountCode": account, **more}


def answer(channel: str = RESIDENT) -> Headers:
    return event("Newstate", channel, ChannelState="6")


async def ready(beginnings: Beginnings, channel: ChannelId = RESIDENT) -> bool:
    """Whether a join would go out now."""
    waiting = asyncio.ensure_future(beginnings.begun(channel))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    done = waiting.done()
    waiting.cancel()
    return done


@pytest.mark.parametrize("end", ["Newexten", "Hangup"])
async def test_a_join_waits_for_the_first_step_or_the_end(end: str) -> None:
    beginnings = Beginnings()
    beginnings.see(answer())
    waiting = asyncio.ensure_future(beginnings.begun(RESIDENT))
    await asyncio.sleep(0)
    assert not waiting.done()
    beginnings.see(event("Newexten", "another"))
    await asyncio.sleep(0)
    assert not waiting.done()
    beginnings.see(event(end))
    await waiting
    assert await ready(beginnings)


async def test_the_link_lost_nothing_is_waited_for() -> None:
    beginnings = Beginnings()
    beginnings.see(answer())
    assert not await ready(beginnings)
    beginnings.forget()
    assert await ready(beginnings)


@pytest.mark.parametrize(
    "headers", [event("Newstate", ChannelState="5"), answer("leg.0192f0c0-0000-7000-8000-000000000001.1")]
)
async def test_nobody_else_is_waited_for(headers: Headers) -> None:
    beginnings = Beginnings()
    beginnings.see(headers)
    assert await ready(beginnings, ChannelId(headers["Uniqueid"]))


async def test_a_step_that_is_not_told_is_not_waited_for_long() -> None:
    beginnings = Beginnings()
    beginnings.see(answer())
    async with asyncio.timeout(2):
        await beginnings.begun(RESIDENT)
    assert await ready(beginnings)
