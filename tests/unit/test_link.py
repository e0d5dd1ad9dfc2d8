"""The AMI connection against servers that behave badly."""

from __future__ import annotations

import asyncio
import logging
import time

import pytest

from dialer.asterisk.link import Link, LinkSettings

SECRET = "secret-nobody-may-read-0001"


async def test_a_server_that_hangs_up_at_once_costs_no_wait_and_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    arrivals: list[float] = []

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrivals.append(time.monotonic())
        writer.transport.abort()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    settings = LinkSettings(
        port=server.sockets[0].getsockname()[1],
        username="dialer",
        secret=SECRET,
        retry_first=0.01,
        retry_most=0.01,
    )
    link = Link(settings, lambda headers: None, lambda up: None)
    with caplog.at_level(logging.DEBUG):
        link.start()
        try:
            async with asyncio.timeout(settings.action_deadline):
                while len(arrivals) < 5:  # noqa: ASYNC110 - the server has no event to await
                    await asyncio.sleep(0.01)
        finally:
            await link.stop()
            server.close()
    assert arrivals[4] - arrivals[0] < settings.action_deadline, "it does not wait for an answer that never comes"
    assert SECRET not in caplog.text
