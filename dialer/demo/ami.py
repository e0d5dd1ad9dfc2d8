"""A small AMI session for the town: it sends without waiting and hands every event to one function."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from types import TracebackType

log = logging.getLogger(__name__)

OnEvent = Callable[[Mapping[str, str]], None]


class AmiSession:
    """One session; ends with the connection."""

    def __init__(self, port: int, user: str, secret: str, on_event: OnEvent, host: str = "127.0.0.1") -> None:
        self._address = (host, port)
        self._login = {"Username": user, "Secret": secret}
        self._on_event = on_event
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> AmiSession:
        reader, self._writer = await asyncio.open_connection(*self._address)
        await reader.readline()
        self.send("Login", self._login)
        self._task = asyncio.create_task(self._read(reader), name="town-ami")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._writer is not None
        assert self._task is not None
        self._writer.close()
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    def send(self, action: str, headers: Mapping[str, str], variables: Mapping[str, str] | None = None) -> None:
        """Send an action; what becomes of it is told by events. Raises ValueError on a value with a line break."""
        lines = [f"Action: {action}", *(f"{key}: {value}" for key, value in headers.items())]
        lines += [f"Variable: {key}={value}" for key, value in (variables or {}).items()]
        if any("\r" in line or "\n" in line for line in lines):
            raise ValueError("a line break in an AMI value")
        assert self._writer is not None
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    async def _read(self, reader: asyncio.StreamReader) -> None:
        message: dict[str, str] = {}
        while line := await reader.readline():
            text = line.decode(errors="replace").rstrip("\r\n")
            if text:
                key, _, value = text.partition(":")
                message[key] = value.lstrip()
            else:
                if "Event" in message:
                    self._on_event(message)
                message = {}
