"""A tiny AMI client for tests, written apart from the service's own: what it sees is Asterisk's word, not ours."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

Message = dict[str, str]


class RawAmi:
    """One session. Keeps every event since the log-in in `events`, in order; `raw` is all that was received."""

    def __init__(self, port: int, user: str, secret: str, host: str = "127.0.0.1") -> None:
        self._address = (host, port)
        self._credentials = (user, secret)
        self._ids = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Message]] = {}
        self._lists: dict[str, list[Message]] = {}
        self._changed = asyncio.Condition()
        self.events: list[Message] = []
        self.raw = bytearray()
        self.closed = asyncio.Event()

    async def __aenter__(self) -> RawAmi:
        self._reader, self._writer = await asyncio.open_connection(*self._address)
        await self._reader.readline()
        self._task = asyncio.create_task(self._read(), name="raw-ami")
        user, secret = self._credentials
        answer = await self.action("Login", Username=user, Secret=secret)
        if answer["Response"] != "Success":
            await self.close()
            raise PermissionError(answer.get("Message", "refused"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        self._writer.close()
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def action(self, name: str, seconds: float = 30.0, **headers: str | list[str]) -> Message:
        """Send an action and return its response; a header given as a list is repeated."""
        key = headers.pop("ActionID", None) or f"t{next(self._ids)}"
        assert isinstance(key, str)
        lines = [f"Action: {name}", f"ActionID: {key}"]
        for header, value in headers.items():
            lines += [f"{header}: {one}" for one in (value if isinstance(value, list) else [value])]
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[key] = future
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        async with asyncio.timeout(seconds):
            return await future

    async def listing(self, name: str, seconds: float = 30.0, **headers: str) -> list[Message]:
        """Send an action that answers with a list and return its items; no item is an empty list."""
        key = f"t{next(self._ids)}"
        self._lists[key] = []
        answer = await self.action(name, seconds, ActionID=key, **headers)
        if answer["Response"] == "Success":
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(
                    lambda: any(item.get("EventList") == "Complete" for item in self._lists[key])
                )
        return [item for item in self._lists.pop(key) if item.get("EventList") != "Complete"]

    async def wait_for(
        self, event: str, seconds: float = 30.0, where: Callable[[Message], bool] | None = None, **headers: str
    ) -> Message:
        """The first event seen so far or soon that is `event` and has these header values."""

        def match(message: Message) -> bool:
            return (
                message.get("Event") == event
                and all(message.get(key) == value for key, value in headers.items())
                and (where is None or where(message))
            )

        def found() -> Message | None:
            return next((message for message in self.events if match(message)), None)

        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: found() is not None)
        except TimeoutError:
            seen = ", ".join(f"{e['Event']}/{e.get('UserEvent', '')}/{e.get('Uniqueid', '')}" for e in self.events)
            raise AssertionError(f"no {event} {headers} within {seconds} s; seen: {seen}") from None
        message = found()
        assert message is not None
        return message

    def all_of(self, event: str, **headers: str) -> list[Message]:
        return [
            message
            for message in self.events
            if message.get("Event") == event and all(message.get(key) == value for key, value in headers.items())
        ]

    async def nothing_left(self) -> None:
        """Every call is over, and what callers asked for, or answered, is nobody's to collect any more."""
        await self.action("Hangup", Channel="/.*/", Cause="16")
        async with asyncio.timeout(30):
            while await self.listing("CoreShowChannels"):  # noqa: ASYNC110 - no event tells of the last one
                await asyncio.sleep(0.02)
        for family in ("callback", "survey"):
            answer = await self.action("DBDelTree", Family=family)
            assert answer.get("Message") != "Permission denied", answer

    def save(self, path: Path) -> None:
        path.write_bytes(bytes(self.raw))

    async def _read(self) -> None:
        message: Message = {}
        try:
            while line := await self._reader.readline():
                self.raw += line
                text = line.decode().rstrip("\r\n")
                if text:
                    key, _, value = text.partition(": ")
                    name = key.rstrip(":")
                    message[name] = f"{message[name]}\n{value}" if name == "Output" and name in message else value
                elif message:
                    await self._take(message)
                    message = {}
        finally:
            self.closed.set()
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(ConnectionResetError("AMI closed"))

    async def _take(self, message: Message) -> None:
        key = message.get("ActionID", "")
        if "Response" in message and message.get("Event") != "OriginateResponse":
            future = self._waiting.pop(key, None)
            if future is not None and not future.done():
                future.set_result(message)
            return
        async with self._changed:
            if key in self._lists:
                self._lists[key].append(message)
            else:
                self.events.append(message)
            self._changed.notify_all()


def stamp(message: Mapping[str, str]) -> float:
    """Asterisk's own time of an event, unix seconds."""
    return float(message["Timestamp"])
