"""One AMI connection at a time, kept up. The only module that imports panoramisk.

What panoramisk leaves open is closed here: values with CR or LF are refused; a lost connection fails every unanswered
action and re-sends none (an Originate sent twice would be a second call); every action has a deadline; a link that is
half open is found by pings whose answers are checked; a message is decoded whole, so a character may lie across two
TCP chunks; events reach one synchronous sink in order, and its exceptions stop here. What comes by the thousand
(events, the answers to `ask_each`) is read without panoramisk's messages, which cost ten times as much.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager
from panoramisk.message import Message

from dialer.services.ports.telephony import TelephonyError

log = logging.getLogger(__name__)

_driver = logging.getLogger(__name__ + ".driver")
_driver.disabled = True  # it quotes whole actions when it cannot send them: the log-in's secret, telephone numbers

Headers = Mapping[str, str]
Ask = Callable[[str, Mapping[str, str]], Awaitable[Sequence[Headers]]]
_END = b"\r\n\r\n"
_NEVER = 10**9
_LONGEST_MESSAGE = 1 << 20
_TURN = 0.004  # seconds of reading after which others may do something: a list of channels comes by the megabyte


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """Where the manager interface is, and how long it may stay silent. Times in seconds."""

    host: str = "127.0.0.1"
    port: int = 5038
    username: str
    secret: str = field(repr=False)
    action_deadline: float = 3.0
    ping_every: float = 1.0
    ping_deadline: float = 2.5
    retry_first: float = 0.2
    retry_most: float = 3.0
    tls: bool = False
    tls_ca: str = ""  # PEM file of the one authority that is believed; "": those that the machine believes

    def context(self) -> ssl.SSLContext | None:
        """For one connection; None: without TLS. The certificate must name `host`. Raises OSError, also ssl.SSLError.

        Read anew each time: a new authority counts from the next connection on.
        """
        if not self.tls:
            return None
        context = ssl.create_default_context(cafile=self.tls_ca or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


class _Asked:
    """Several actions of one kind, and their answers as far as they have come."""

    def __init__(self, name: str, keys: Sequence[str]) -> None:
        self.keys = keys
        self.future: asyncio.Future[Sequence[Headers | None]] = asyncio.get_running_loop().create_future()
        self._name = name
        self._answers: dict[str, Headers] = {}

    def answer(self, headers: Headers) -> None:
        """One answer; the last one ends the wait."""
        self._answers[headers["ActionID"]] = headers
        if len(self._answers) == len(self.keys) and not self.future.done():
            given = (self._answers[key] for key in self.keys)
            self.future.set_result([one if one.get("Response") == "Success" else None for one in given])

    def lost(self) -> None:
        """No answer comes any more."""
        if not self.future.done():
            self.future.set_exception(TelephonyError(f"{self._name}: link lost"))
            self.future.exception()  # nobody may be waiting any more


class _Protocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """Frames and decodes; the rest is panoramisk's."""

    def __init__(self, sink: Callable[[Headers], None], lost: Callable[[], None]) -> None:
        self._sink = sink
        self._lost = lost
        self.log = _driver
        self._buffer = bytearray()
        self._frames: deque[bytearray] = deque()  # what has come and was not taken yet
        self._greeted = False
        self.responses: dict[str, Action] = {}
        self.asked: dict[str, _Asked] = {}
        self.closed = False

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        if not self._greeted:
            end = buffer.find(b"\r\n")
            if end < 0:
                return
            self.version = buffer[:end].decode("ascii", "replace").rpartition("/")[2]
            del buffer[: end + 2]
            self._greeted = True
        *frames, rest = buffer.split(_END)
        self._buffer = rest
        if len(rest) > _LONGEST_MESSAGE:
            log.error("ami message too long bytes=%d", len(rest))
            self.transport.abort()
            return
        waited = bool(self._frames)
        self._frames.extend(frames)
        if not waited:
            self._work(_TURN)

    def _go_on(self) -> None:
        if self.closed:
            return
        self._work(_TURN)
        if not self._frames:
            self.transport.resume_reading()

    def _work(self, seconds: float) -> None:
        """Take what has come, in its order, for so long; the rest after what others have to do."""
        frames, until = self._frames, time.perf_counter() + seconds
        while frames:
            frame = frames.popleft()
            try:
                self._take(frame)
            except Exception:  # one bad message must not end the link
                log.exception("ami message not handled kind=%s", frame[:40].split(b"\r")[0].decode("ascii", "replace"))
            if frames and time.perf_counter() >= until:
                self.transport.pause_reading()
                asyncio.get_running_loop().call_soon(self._go_on)
                return

    def _take(self, frame: bytes | bytearray) -> None:
        if frame.startswith(b"Event: "):
            headers = _headers(frame)
            listed = self.responses.get(headers.get("ActionID", ""))
            if listed is None:
                self._sink(headers)
                return
            if listed.as_list and listed.responses:
                self._row(listed, headers)
                return
        if self.asked and frame.startswith(b"Response: "):
            headers = _headers(frame)
            asked = self.asked.pop(headers.get("ActionID", ""), None)
            if asked is not None:
                asked.answer(headers)
                return
        message = Message.from_line(frame.decode("utf-8", "replace").strip())
        if message is not None:
            self.handle_message(message)

    def _row(self, listed: Action, headers: Headers) -> None:
        """One of a list that was asked for. There may be thousands: panoramisk's own way takes four times as long."""
        listed.responses.append(headers)
        if headers["Event"].endswith("Complete"):
            self.responses.pop(listed.id, None)
            if not listed.future.done():
                listed.future.set_result(listed.responses)

    def handle_message(self, message: Message) -> None:
        action = self.responses.get(message.id) if message.id else None
        if action is not None:
            refused = message.response == "Error"  # a list that is refused has no last message to wait for
            if refused and not action.future.done():
                action.future.set_result(message)
            if refused or action.add_message(message):
                self.responses.pop(action.id, None)
        elif "event" in message:  # of a header that is repeated, the last, as in `_headers`
            self._sink({key: value[-1] if isinstance(value, list) else value for key, value in message.items()})

    def connection_lost(self, exc: object) -> None:
        """Also before the manager has taken this connection on: panoramisk would fail over the missing manager."""
        if self.closed:
            return
        self._work(float("inf"))  # told before the line broke
        self.close()
        if self.factory is None:
            self._lost()
        else:
            self.factory.connection_lost(exc)

    def close(self) -> None:
        """Fail what is unanswered; nothing is kept for another connection."""
        pending, self.responses = list(self.responses.values()), {}
        for action in pending:
            if not action.future.done():
                action.future.set_exception(TelephonyError(f"{action['action']}: link lost"))
                action.future.exception()  # nobody may be waiting any more
        asked, self.asked = set(self.asked.values()), {}
        for one in asked:
            one.lost()
        if not self.closed:
            self.closed = True
            self.transport.abort()


class _Connection(Manager):  # type: ignore[misc]  # panoramisk has no types
    """A manager for one TCP connection; the link decides when there is another."""

    def __init__(self, lost: Callable[[], None], **config: object) -> None:
        super().__init__(**config)
        self._lost = lost

    async def open(self) -> None:
        """Connect and send the log-in. Raises OSError; whoever is cancelled here leaves no socket behind.

        Panoramisk's own connects in a task that outlives who asked for it, and where it is refused once more two
        seconds later, for nobody: a second session that would tell every event twice.
        """
        opened = asyncio.get_running_loop().create_future()
        opened.set_result(
            await asyncio.get_running_loop().create_connection(
                self.config["protocol_factory"], self.config["host"], self.config["port"], ssl=self.config["ssl"]
            )
        )
        self.connection_made(opened)

    def connection_lost(self, _exc: object) -> None:
        self._connected = False
        if self.pinger:
            self.pinger.cancel()
        self._lost()

    def login(self, future: asyncio.Future[Message]) -> bool:
        """Panoramisk's would raise out of a callback when the link drops during log-in."""
        if future.cancelled() or future.exception() is not None:
            return False
        return bool(super().login(future))


class Link:
    """The connection as the adapter sees it."""

    def __init__(
        self,
        settings: LinkSettings,
        on_event: Callable[[Headers], None],
        on_state: Callable[[bool], None],
        on_pong: Callable[[float, float], None] = lambda _stamp, _lag: None,
        admit: Callable[[Ask], Awaitable[None]] | None = None,
    ) -> None:
        """`on_event` gets each event's headers, `on_state` True when the link comes up.

        `admit`: asks what it must know of who answers, and raises TelephonyError where it is not to be used.

        `on_pong`: at each ping's answer, Asterisk's own time (unix seconds) and the seconds since it was asked.
        """
        self._settings = settings
        self._on_event = on_event
        self._on_state = on_state
        self._on_pong = on_pong
        self._admit = admit
        self._connection: _Connection | None = None
        self._lost = asyncio.Event()
        self._came_up = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._batches = 0
        self.up = False
        self.lag = 0.0
        """Round trip of the last ping in seconds."""
        self.refusal = ""
        """Why the last try to connect failed."""

    def renew(self, settings: LinkSettings) -> None:
        """Use these from the next connection on; one that is up stays."""
        self._settings = settings

    def start(self) -> None:
        """Begin to connect; comes up by itself."""
        self._keeper = asyncio.create_task(self._keep(), name="ami-link")

    async def came_up(self, seconds: float) -> bool:
        """Wait until the link is up, for at most `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._came_up.wait()
        except TimeoutError:
            return False
        return self.up

    def hang_up(self) -> None:
        """End this connection; the next one is looked at anew. From here on nothing is sent over it."""
        self.up = False
        self._lost.set()

    async def stop(self) -> None:
        """Close the connection for good."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        self._drop()

    async def send(self, name: str, headers: Mapping[str, str | Sequence[str]], *, deadline: float = 0.0) -> Headers:
        """Send one action and wait for its response.

        Raises TelephonyError when the link is down, the action is refused, or no answer comes in time.
        """
        answer: Headers = await self._send(name, headers, as_list=False, deadline=deadline)
        return answer

    async def ask(self, name: str, headers: Mapping[str, str]) -> Sequence[Headers]:
        """Send one action whose answer is a list of events, without its first and last message."""
        return await self._list(name, headers)

    async def _list(self, name: str, headers: Mapping[str, str], *, early: bool = False) -> Sequence[Headers]:
        answers: Sequence[Headers] = await self._send(name, headers, as_list=True, deadline=0.0, early=early)
        return answers[1:-1]

    async def ask_each(
        self, name: str, rows: Sequence[Mapping[str, str]], *, deadline: float = 0.0
    ) -> Sequence[Headers | None]:
        """Send one action for each of `rows`, all at once; the answers in their order, None for one that was refused.

        Raises TelephonyError when the link is down or goes down, or an answer does not come in time.
        """
        connection = self._connection
        if connection is None or connection.protocol is None or not self.up:
            raise TelephonyError(f"{name}: link is down")
        if not rows:
            return []
        protocol: _Protocol = connection.protocol
        self._batches += 1
        asked = _Asked(name, [f"each-{self._batches}-{place}" for place in range(len(rows))])
        lines = [
            "".join(f"{key}: {value}\r\n" for key, value in (("Action", name), ("ActionID", key), *checked.items()))
            for key, checked in zip(asked.keys, map(_checked, rows), strict=True)
        ]
        protocol.asked |= dict.fromkeys(asked.keys, asked)
        try:
            protocol.transport.write("".join(f"{one}\r\n" for one in lines).encode())
            async with asyncio.timeout(deadline or self._settings.action_deadline):
                return await asked.future
        except TimeoutError:
            raise TelephonyError(f"{name}: no answer") from None
        finally:
            for key in asked.keys:
                protocol.asked.pop(key, None)

    async def _send(
        self,
        name: str,
        headers: Mapping[str, str | Sequence[str]],
        *,
        as_list: bool,
        deadline: float,
        early: bool = False,
    ) -> Message:
        """`early`: before the link is up, by whoever admits it."""
        connection = self._connection
        if connection is None or not (self.up or early):
            raise TelephonyError(f"{name}: link is down")
        action = Action({"Action": name, **_checked(headers)})
        future = connection.send_action(action, as_list=as_list)
        try:
            # Not `wait_for`: until Python 3.12 it swallows a cancellation that comes together with the answer, and
            # whoever stops the link would wait for ever.
            async with asyncio.timeout(deadline or self._settings.action_deadline):
                answer = await future
        except TimeoutError:
            if connection.protocol is not None:
                connection.protocol.responses.pop(action.id, None)
            raise TelephonyError(f"{name}: no answer") from None
        first = answer[0] if isinstance(answer, list) else answer
        if not first.success:
            raise TelephonyError(f"{name}: {first.message or first.response}")
        return answer

    async def _keep(self) -> None:
        wait = self._settings.retry_first
        while True:
            self._lost = asyncio.Event()
            try:
                await self._connect()
                if self._admit is not None:
                    await self._admit(partial(self._list, early=True))
            except (OSError, TelephonyError, TimeoutError) as error:
                before, self.refusal = self.refusal, _reason(error)
                log.log(
                    logging.WARNING if self.refusal == before else logging.ERROR,
                    "ami not connected reason=%s",
                    self.refusal,
                )
                self._drop()
                await asyncio.sleep(wait)
                wait = min(wait * 2, self._settings.retry_most)
                continue
            wait = self._settings.retry_first
            log.info("ami link up")
            self.up = True
            self._came_up.set()
            self._on_state(True)
            try:
                await self._watch()
            finally:
                self._drop()
                log.warning("ami link down")
                self._on_state(False)

    async def _connect(self) -> None:
        settings = self._settings
        lost = self._lost
        connection = _Connection(
            lost.set,
            loop=asyncio.get_running_loop(),
            host=settings.host,
            port=settings.port,
            ssl=settings.context(),
            username=settings.username,
            secret=settings.secret,
            protocol_factory=lambda: _Protocol(self._event, lost.set),
            ping_delay=_NEVER,
            ping_interval=_NEVER,
            log=_driver,
        )
        self._connection = connection
        async with asyncio.timeout(settings.action_deadline):
            await connection.open()
            answer = await _unless(lost, connection.authenticated_future)
        if not answer.success:
            raise TelephonyError("log-in refused")

    async def _watch(self) -> None:
        """Return when the connection is lost or does not answer a ping in time."""
        loop = asyncio.get_running_loop()
        while not self._lost.is_set():
            sent = loop.time()
            try:
                answer = await self._send("Ping", {}, as_list=False, deadline=self._settings.ping_deadline)
            except TelephonyError:
                log.warning("ami ping not answered")
                return
            self.lag = loop.time() - sent
            stamp = answer.get("Timestamp", "")
            if stamp.replace(".", "", 1).isdigit():
                self._on_pong(float(stamp), self.lag)
            try:
                async with asyncio.timeout(self._settings.ping_every):
                    await self._lost.wait()
            except TimeoutError:
                continue

    def _drop(self) -> None:
        self.up = False
        self._came_up.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            if connection.pinger is not None:
                connection.pinger.cancel()
            connection.close()

    def _event(self, headers: Headers) -> None:
        if headers.get("Event") == "Shutdown":
            self._lost.set()
        self._on_event(headers)


async def try_login(settings: LinkSettings) -> None:
    """Whether Asterisk lets this user in, over a connection that lasts for a moment. Raises TelephonyError."""
    link = Link(replace(settings, retry_first=settings.action_deadline), lambda _event: None, lambda _up: None)
    link.start()
    try:
        if not await link.came_up(settings.action_deadline):
            raise TelephonyError(f"no log-in: {link.refusal or 'no answer'}")
    finally:
        await link.stop()


def _reason(error: Exception) -> str:
    """For log and doctor: our own words, of others' errors the kind alone."""
    return str(error) if isinstance(error, TelephonyError) else type(error).__name__


async def _unless(lost: asyncio.Event, answer: asyncio.Future[Message]) -> Message:
    """The answer. Raises TelephonyError as soon as the connection is lost: an answer then never comes."""
    gone = asyncio.create_task(lost.wait(), name="ami-lost")
    try:
        await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
    if not answer.done():
        raise TelephonyError("link lost during log-in")
    return answer.result()


def _headers(frame: bytes | bytearray) -> Headers:
    """A message's headers, as they are written. Of a header that is repeated, the last."""
    headers = {}
    for line in frame.decode("utf-8", "replace").split("\r\n"):
        key, mark, value = line.partition(": ")
        if mark:
            headers[key] = value
    return headers


def _checked(headers: Mapping[str, str | Sequence[str]]) -> dict[str, str | list[str]]:
    """Refuse what would end a line early and start an action of its own."""
    checked: dict[str, str | list[str]] = {}
    for key, value in headers.items():
        values = [value] if isinstance(value, str) else list(value)
        if any(mark in text for text in (key, *values) for mark in "\r\n\0"):
            raise TelephonyError(f"{key}: a value must stay on one line")
        checked[key] = value if isinstance(value, str) else values
    return checked
