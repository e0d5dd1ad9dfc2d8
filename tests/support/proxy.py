"""A TCP proxy that a test breaks: it swallows, cuts, delays, mutes, or edits what passes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

Edit = Callable[[bytes], Sequence[bytes]]
"""One AMI message from the server (with its empty line) to what arrives instead: nothing, it, or it several times."""

_END = b"\r\n\r\n"


class Proxy:
    """One port in front of another, on loopback unless said otherwise."""

    def __init__(self, target: int, *, to: str = "127.0.0.1", at: str = "127.0.0.1") -> None:
        self._target = target
        self._to = to
        self._at = at
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.swallow = False  # connections stand, nothing comes through: half open
        self.refuse = False  # new connections are closed at once
        self.mute = False  # what is sent arrives, its answer does not
        self.delay = 0.0  # seconds, each way
        self.edit: Edit | None = None
        self.accepted = 0

    async def start(self) -> Proxy:
        self._server = await asyncio.start_server(self._accept, self._at, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def lead(self, target: int) -> None:
        """To another port, from the next connection on."""
        self._target = target

    def cut(self) -> None:
        """End every connection that stands."""
        for writer in list(self._writers):
            if writer.transport is not None:
                writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuse:
            writer.transport.abort()
            return
        self.accepted += 1
        try:
            far_reader, far_writer = await asyncio.open_connection(self._to, self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        for source, sink, edited in ((reader, far_writer, False), (far_reader, writer, True)):
            task = asyncio.create_task(self._pump(source, sink, edited), name="proxy")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, edited: bool) -> None:
        rest = b""
        with contextlib.suppress(OSError, asyncio.CancelledError):
            while data := await source.read(65536):
                if self.swallow or (self.mute and edited):
                    continue
                if self.delay:
                    await asyncio.sleep(self.delay)
                if edited and self.edit is not None:
                    data, rest = self._edited(rest + data, self.edit)
                elif rest:
                    data, rest = rest + data, b""
                sink.write(data)
                await sink.drain()
        sink.transport.abort()
        self._writers.discard(sink)

    @staticmethod
    def _edited(data: bytes, edit: Edit) -> tuple[bytes, bytes]:
        *frames, rest = data.split(_END)
        return b"".join(part for frame in frames for part in edit(frame + _END)), rest
