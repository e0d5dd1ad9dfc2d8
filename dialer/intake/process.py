"""The ListReader port: each file is read in a child process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import dialer
from dialer.domain.errors import UnavailableError
from dialer.intake.limits import Limits
from dialer.intake.wire import HEAD, MAX_FRAME, info_from_wire, order_to_wire, row_from_wire, unframe
from dialer.services.ports.intake import FileRefusedError, ReadOrder, ReadRow, SourceInfo

_PACKAGE_ROOT = Path(dialer.__file__).resolve().parent.parent


class ChildReader:
    """Reads lists in child processes bounded by `limits`."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()

    @contextlib.asynccontextmanager
    async def open(self, order: ReadOrder) -> AsyncIterator[ChildStream]:
        """Start the child and wait for the file's info. Raises FileRefusedError."""
        if await asyncio.to_thread(_size, order.path) > self._limits.file_bytes:
            raise FileRefusedError("too-large", f"the file is larger than {self._limits.file_bytes >> 20} MB")
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # no module of the present folder
            "-m",
            "dialer.intake.child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # a traceback would show cells
            limit=1 << 20,
            # Not our environment: it may hold the master key and passwords.
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(_PACKAGE_ROOT), "PYTHONUTF8": "1"},
            start_new_session=True,  # Ctrl-C at the terminal is for us to answer
        )
        try:
            assert child.stdin is not None
            request = {"order": order_to_wire(order), "limits": dataclasses.asdict(self._limits)}
            with contextlib.suppress(ConnectionError):
                child.stdin.write(json.dumps(request).encode())
                await child.stdin.drain()
            child.stdin.close()
            deadline = asyncio.get_running_loop().time() + self._limits.wall_seconds
            stream = ChildStream(child, order.kind, deadline)
            await stream.start()
            yield stream
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        raise FileRefusedError("unreadable", "the file cannot be opened") from None


class ChildStream:
    """A file being read by a child."""

    def __init__(self, child: asyncio.subprocess.Process, kind: str, deadline: float) -> None:
        self._child = child
        self._kind = kind
        self._deadline = deadline
        self._info: SourceInfo | None = None

    @property
    def info(self) -> SourceInfo:
        """What the file is."""
        assert self._info is not None
        return self._info

    async def start(self) -> None:
        """Wait for the info."""
        self._info = info_from_wire((await self._message())["info"])

    async def batches(self) -> AsyncIterator[Sequence[ReadRow]]:
        """Rows in order."""
        while "rows" in (message := await self._message()):
            yield await asyncio.to_thread(_rows, self._kind, message["rows"])

    async def _message(self) -> dict[str, Any]:
        out = self._child.stdout
        assert out is not None
        try:
            async with asyncio.timeout_at(self._deadline):
                length = int.from_bytes(await out.readexactly(HEAD), "big")
                if length > MAX_FRAME:
                    raise UnavailableError("the reader sent nonsense")
                body = await out.readexactly(length)
        except TimeoutError:
            raise FileRefusedError("too-heavy", "the file takes longer to read than a list may") from None
        except asyncio.IncompleteReadError:
            # Killed by one of its own bounds (memory, processor time), or from outside.
            await self._child.wait()
            raise FileRefusedError("too-heavy", "the reader of the file was stopped: it took too much") from None
        message = await asyncio.to_thread(unframe, body)
        if "refused" in message:
            reason, text, line, headings, columns = message["refused"]
            raise FileRefusedError(reason, text, line=line, headings=headings, columns=columns)
        return message


def _rows(kind: str, data: Sequence[Sequence[Any]]) -> list[ReadRow]:
    return [row_from_wire(kind, row) for row in data]
