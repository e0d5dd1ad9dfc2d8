"""Ending the last owner's AMI session: the right one, and never in the way of a take-over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from dialer.asterisk.kick import Kicker
from dialer.asterisk.link import LinkSettings
from dialer.demo.processes import free_port
from dialer.services.ports.telephony import TelephonyError

SECRET = "s" * 24
TABLE = (
    "  Username         IP Address                    Start       Elapsed     FileDes   Perms",
    "  dialer-a         127.0.0.1                     1795579154  9           31        00000",
    "  dialer-b         127.0.0.1                     1795579154  9           32        00000",
    "  a-user-with-a-l  127.0.0.1                     1795579154  9           33        00000",
    "  dialer-a         127.0.0.1                     1795579155  8           34        00000",
    "4 users connected.",
)


@asynccontextmanager
async def asterisk(asked: list[str]) -> AsyncIterator[Kicker]:
    """One that knows the secret, the table and nothing else."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        while request := (await reader.readuntil(b"\r\n\r\n")).decode():
            asked.append(request)
            good = "Command: " in request or f"Secret: {SECRET}" in request
            lines = [f"Response: {'Success' if good else 'Error'}"]
            lines += [f"Output: {line}" for line in TABLE if "show connected" in request]
            writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    async def until_gone(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (EOFError, OSError):
            writer.transport.abort()
            over.set()

    over = asyncio.Event()
    server = await asyncio.start_server(until_gone, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        yield Kicker(LinkSettings(port=port, username="kick", secret=SECRET))
        await over.wait()
        await asyncio.sleep(0)  # its socket is closed in the next turn of the loop
    finally:
        server.close()


@pytest.mark.parametrize(
    ("user", "ended"),
    [("dialer-a", ["31", "34"]), ("a-user-with-a-long-name", ["33"]), ("dialer", []), ("nobody", [])],
)
async def test_the_sessions_of_that_user_are_ended_and_no_others(user: str, ended: list[str]) -> None:
    asked: list[str] = []
    async with asterisk(asked) as kicker:
        assert await kicker.end_sessions(user) == len(ended)
    kicked = [request.split("kick session ")[1].split()[0] for request in asked if "kick session" in request]
    assert kicked == ended


async def test_one_that_may_not_or_is_not_there_says_so() -> None:
    async with asterisk([]) as kicker:
        kicker._settings = LinkSettings(port=kicker._settings.port, username="kick", secret="wrong" * 5)
        with pytest.raises(TelephonyError, match="refused"):
            await kicker.end_sessions("dialer-a")
    gone = Kicker(LinkSettings(port=free_port(), username="kick", secret=SECRET))
    with pytest.raises(TelephonyError, match="not ended"):
        await gone.end_sessions("dialer-a")
