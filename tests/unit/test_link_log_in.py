"""The AMI connection that breaks while it logs in: at each step, on both event loops, and no socket is left behind."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import ssl
from collections.abc import Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
import uvloop
from panoramisk.manager import Manager

from dialer.asterisk.link import Headers, Link, LinkSettings
from tests.support.ami_server import AmiServer
from tests.support.ami_server_calls import Fate
from tests.support.certificates import Authority

GREETING = b"Asterisk Call Manager/9.0.0\r\n"
LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}
STEPS: dict[str, tuple[bytes | None, bytes | None, bool]] = {
    # what it says at first (None: nothing, and it is over), what to the log-in (None: over before it hears one),
    # whether it hangs up then; else it says no more
    "hangs up at once": (None, None, True),
    "half a greeting": (GREETING[:9], None, True),
    "greets and hangs up": (GREETING, None, True),
    "hears the log-in and hangs up": (GREETING, b"", True),
    "half an answer": (GREETING, b"Response: Succ", True),
    "refuses": (GREETING, b"Response: Error\r\nActionID: {id}\r\nMessage: Authentication failed\r\n\r\n", True),
    "refuses and stays": (GREETING, b"Response: Error\r\nActionID: {id}\r\n\r\n", False),
    "lets in and hangs up": (GREETING, b"Response: Success\r\nActionID: {id}\r\n\r\n", True),
    "says nothing": (b"", b"", False),
    "greets and says no more": (GREETING, b"", False),
}


class Server:
    """Breaks off each connection at the same step, by `how`: a goodbye or a reset."""

    def __init__(self, step: str, how: str) -> None:
        self._first, self._then, self._ends = STEPS[step]
        self._how = how
        self.arrivals = 0
        self.there = asyncio.Event()
        self._open: set[asyncio.Transport] = set()

    def came(self, transport: asyncio.Transport) -> None:
        self.arrivals += 1
        self._open.add(transport)
        self.there.set()
        if self._first is None:
            self._end(transport)
        elif self._first:
            transport.write(self._first)
            if self._then is None:
                self._end(transport)

    def heard(self, transport: asyncio.Transport, data: bytes) -> None:
        if self._then is not None and b"ActionID: " in data:
            asked = data.partition(b"ActionID: ")[2].split(b"\r\n")[0]
            transport.write(self._then.replace(b"{id}", asked))
            if self._ends:
                self._end(transport)

    def left(self, transport: asyncio.Transport) -> None:
        self._open.discard(transport)
        self.there.set()

    def _end(self, transport: asyncio.Transport) -> None:
        if self._how == "reset":
            transport.abort()
        else:
            transport.close()

    async def until(self, met: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not met():
                self.there.clear()
                await self.there.wait()

    @property
    def open(self) -> int:
        return len(self._open)

    @asynccontextmanager
    async def listening(self, context: ssl.SSLContext | None) -> Any:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Told(self), "127.0.0.1", 0, ssl=context)
        yield int(server.sockets[0].getsockname()[1])
        server.close()
        await server.wait_closed()


class _Told(asyncio.Protocol):
    def __init__(self, server: Server) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._server.came(self._transport)

    def data_received(self, data: bytes) -> None:
        self._server.heard(self._transport, data)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._server.left(self._transport)


def sockets() -> int:
    """That this process holds."""
    count = 0
    for one in Path("/proc/self/fd").iterdir():
        try:
            count += os.readlink(one).startswith("socket:")
        except FileNotFoundError:  # the listing's own
            continue
    return count


@contextmanager
def nothing_tidied() -> Iterator[None]:
    """The garbage collector closes nothing for us."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def played(loop: str, scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with nothing_tidied(), asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(scene())


def contexts(tls: bool, folder: Path) -> tuple[ssl.SSLContext | None, str]:
    if not tls:
        return None, ""
    authority = Authority(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority.issue("127.0.0.1"))
    return context, str(authority.file)


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_connection_that_dies_while_it_logs_in_leaves_no_socket(tls: bool, loop: str, tmp_path: Path) -> None:
    context, authority = contexts(tls, tmp_path)

    async def scene() -> None:
        before = sockets()
        for step, how in itertools.product(STEPS, ("goodbye", "reset")):
            server = Server(step, how)
            async with server.listening(context) as port:
                link = Link(_settings(port, authority), lambda _headers: None, lambda _up: None)
                link.start()
                await server.until(lambda: server.arrivals >= 3)  # noqa: B023 - within this turn
                await link.stop()
                await server.until(lambda: not server.open)  # noqa: B023
            await asyncio.sleep(0)  # what was closed in this turn is gone in the next
            assert sockets() == before, (step, how)

    played(loop, scene)


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_who_stops_in_the_middle_of_a_log_in_leaves_no_socket(tls: bool, loop: str, tmp_path: Path) -> None:
    context, authority = contexts(tls, tmp_path)

    async def scene() -> None:
        before = sockets()
        for step, turns in itertools.product(("says nothing", "greets and says no more"), range(0, 24, 3)):
            server = Server(step, "goodbye")
            async with server.listening(context) as port:
                link = Link(_settings(port, authority), lambda _headers: None, lambda _up: None)
                link.start()
                for _ in range(turns):
                    await asyncio.sleep(0)
                await link.stop()
                await server.until(lambda: not server.open)  # noqa: B023 - within this turn
            for _ in range(3):  # what was closed in this turn is gone in the next ones, an answer of TLS after it
                await asyncio.sleep(0)
            assert sockets() == before, (step, turns)

    played(loop, scene)


@pytest.mark.parametrize("loop", LOOPS)
def test_a_handshake_that_never_ends_leaves_no_socket(loop: str, tmp_path: Path) -> None:
    _context, authority = contexts(True, tmp_path)

    async def scene() -> None:
        before = sockets()
        server = Server("says nothing", "goodbye")
        async with server.listening(None) as port:
            link = Link(_settings(port, authority), lambda _headers: None, lambda _up: None)
            link.start()
            await server.until(lambda: server.arrivals >= 3)
            await link.stop()
            await server.until(lambda: not server.open)
        await asyncio.sleep(0)
        assert sockets() == before

    played(loop, scene)


async def test_who_was_refused_for_a_while_has_one_session_and_hears_each_event_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Panoramisk tries again by itself: with no pause at all here, in two seconds else."""
    monkeypatch.setitem(Manager.defaults, "reconnect_timeout", 0)
    vacant = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
    port = int(vacant.sockets[0].getsockname()[1])
    vacant.close()
    await vacant.wait_closed()
    events: list[Headers] = []
    pongs: list[float] = []
    link = Link(_settings(port, ""), events.append, lambda _up: None, lambda stamp, _lag: pongs.append(stamp))
    link.start()
    async with asyncio.timeout(20):
        while link.refusal != "ConnectionRefusedError":  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.001)
    server = AmiServer(lambda number: Fate(answers_after=0.0), {"dialer": "s"})
    await server.start(port)
    assert await link.came_up(30)
    async with asyncio.timeout(20):
        while len(pongs) < 5:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.001)
    assert len(server.sessions) == 1
    server._tell(b"Event: UserEvent\r\nNumber: 1\r\n\r\n")
    async with asyncio.timeout(20):
        while len(pongs) < 10:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.001)
    assert [event["Event"] for event in events].count("UserEvent") == 1
    await link.stop()
    await server.stop()


def _settings(port: int, authority: str) -> LinkSettings:
    return LinkSettings(
        port=port, username="dialer", secret="s", tls=bool(authority), tls_ca=authority,
        action_deadline=0.15, ping_every=0.01, retry_first=0.01, retry_most=0.01,
    )  # fmt: skip
