"""SIP over a WebSocket on the panel's own origin, for the phone in the panel.

Asterisk's own WebSocket listens on loopback and knows accounts only. This one stands before it: it asks for a session
that may take calls, or listen to them, and for the panel's origin, bounds what comes in, ends with the session, and
tells when the phone can be rung. What is said is passed on unread, but for Asterisk's answer to a registration.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import WSCloseCode, WSMsgType, web

from dialer.api.cookies import session_secret
from dialer.api.errors import ApiError
from dialer.api.guard import same_origin
from dialer.api.keys import DEPS, WHO, ApiDeps
from dialer.api.live import ENDED, ENDS, EXPIRED, Ends, until_over
from dialer.domain.errors import ForbiddenError, UnavailableError
from dialer.domain.ids import UserId
from dialer.services.access import Permission, Principal
from dialer.services.credentials import NotSignedInError

log = logging.getLogger(__name__)

PATH = "/sip"
TAKEN = 4409  # another page has the phone now: do not come back by yourself
TOO_MUCH = 4429  # more than a phone says
LINE_DOWN = 4503  # the telephone system is away: come back

_MESSAGE_BYTES = 32 * 1024  # an answer with its session description takes 3 kB
_BURST = 60.0
_A_SECOND = 15.0
_FORGET_SECONDS = 1.0
"""For Asterisk to close a line whose session is over; the account is erased then at the latest."""
_CONNECT_SECONDS = 5.0
_HEARTBEAT = 20.0
_REGISTERED = re.compile(
    r"SIP/2\.0 200 .*?^CSeq: *[0-9]+ REGISTER\r?$.*?^Contact:", re.DOTALL | re.MULTILINE | re.IGNORECASE
)

CLIENT = web.AppKey("sip-client", aiohttp.ClientSession)
LINES = web.AppKey("sip-lines", dict)
"""user -> the future that ends his line."""


class Bucket:
    """So many messages at once, so many a second after that."""

    def __init__(self, now: float, *, burst: float = _BURST, a_second: float = _A_SECOND) -> None:
        self._burst, self._a_second = burst, a_second
        self._left, self._at = burst, now

    def take(self, now: float) -> bool:
        """Whether one more is allowed. `now` is in monotonic seconds."""
        self._left = min(self._burst, self._left + (now - self._at) * self._a_second)
        self._at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


def is_registration(message: str) -> bool:
    """Whether Asterisk says that it knows now where the phone is."""
    return message.startswith("SIP/2.0 200 ") and _REGISTERED.match(message) is not None


def move(app: web.Application, user: UserId) -> None:
    """End the line of this agent's phone: it comes back at once, and is led to whichever Asterisk takes it then."""
    _end(app[LINES].get(user), LINE_DOWN)


def mount(app: web.Application) -> None:
    """Serve the line."""
    app[LINES] = {}
    app.cleanup_ctx.append(_client)
    app.router.add_get(PATH, _serve, name="sip")


async def _client(app: web.Application) -> AsyncIterator[None]:
    async with aiohttp.ClientSession() as client:
        app[CLIENT] = client
        yield


async def _serve(request: web.Request) -> web.StreamResponse:
    deps = request.app[DEPS]
    who, user = await _who(request, deps)
    offered = [part.strip() for part in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
    socket = web.WebSocketResponse(
        protocols=("sip",), heartbeat=_HEARTBEAT, max_msg_size=_MESSAGE_BYTES, compress=False
    )
    if "sip" not in offered or not socket.can_prepare(request):
        raise ApiError("bad-request")
    deps.phones.open(user, who.credential)
    try:
        async with _asterisk(request, deps, user) as asterisk:
            await socket.prepare(request)
            await _carry(request, deps, who, user, socket, asterisk)
    finally:
        deps.phones.closed(user)
    return socket


async def _who(request: web.Request, deps: ApiDeps) -> tuple[Principal, UserId]:
    """Who is signed in, on the panel's own page. Raises DialerErrors."""
    secret = session_secret(request, deps.settings)
    if secret is None:
        raise NotSignedInError("no session")
    who = await deps.accounts.by_session(secret)
    request[WHO] = who
    # A browser sends the cookie with any page's WebSocket: the Origin is the only sign of whose page it is.
    if request.headers.get("Origin") is None or not same_origin(request, deps):
        raise ApiError("wrong-origin")
    if who.user is None or who.permissions.isdisjoint({Permission.DUTY, Permission.LISTEN}):
        raise ForbiddenError("neither takes calls nor listens")
    return who, who.user


@contextlib.asynccontextmanager
async def _asterisk(
    request: web.Request, deps: ApiDeps, user: UserId
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    address = deps.settings.sip_gateway(user)
    if not address:
        raise UnavailableError("no phones in browsers here")
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            asterisk = await request.app[CLIENT].ws_connect(
                address, protocols=("sip",), max_msg_size=_MESSAGE_BYTES, ssl=deps.settings.sip_tls() or True
            )
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("no line to asterisk reason=%s", type(error).__name__)
        raise UnavailableError("the telephone system does not answer") from error
    try:
        yield asterisk
    finally:
        with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with asyncio.timeout(_CONNECT_SECONDS):
                await asterisk.close()


async def _carry(
    request: web.Request,
    deps: ApiDeps,
    who: Principal,
    user: UserId,
    socket: web.WebSocketResponse,
    asterisk: aiohttp.ClientWebSocketResponse,
) -> None:
    """Pass on both ways until either side, the session or another page ends it."""
    over: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    lines: dict[UserId, asyncio.Future[int]] = request.app[LINES]
    ends: Ends = request.app[ENDS]
    _end(lines.get(user), TAKEN)
    lines[user] = over
    ends[over] = asyncio.current_task()
    unwatch = deps.accounts.watchers.watch(who.credential, lambda: _end(over, ENDED))
    tasks = [
        asyncio.create_task(_from_browser(deps, socket, asterisk), name="sip-from-browser"),
        asyncio.create_task(_to_browser(deps, user, socket, asterisk), name="sip-to-browser"),
        asyncio.create_task(until_over(deps, who, over), name="sip-session"),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        first = next(task for task in tasks if task.done())
        await _cancel([task for task in tasks if task is not first])
        code = _code_of(first)
        if code in (ENDED, EXPIRED):
            # Asterisk forgets where a phone was when its line closes, but only while it still knows the account.
            with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
                async with asyncio.timeout(_FORGET_SECONDS):
                    await asterisk.close()
            deps.phones.ended(user, who.credential)
            code = ENDED
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(_CONNECT_SECONDS):
                await socket.close(code=code)
    finally:
        unwatch()
        ends.pop(over, None)
        if lines.get(user) is over:
            del lines[user]
        await _cancel(tasks)


async def _from_browser(deps: ApiDeps, socket: web.WebSocketResponse, asterisk: aiohttp.ClientWebSocketResponse) -> int:
    bucket = Bucket(deps.clock.monotonic())
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            return WSCloseCode.UNSUPPORTED_DATA
        if not bucket.take(deps.clock.monotonic()):
            return TOO_MUCH
        await asterisk.send_str(message.data)
    return WSCloseCode.OK


async def _to_browser(
    deps: ApiDeps, user: UserId, socket: web.WebSocketResponse, asterisk: aiohttp.ClientWebSocketResponse
) -> int:
    async for message in asterisk:
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            break
        text = message.data if message.type is WSMsgType.TEXT else message.data.decode("utf-8", "replace")
        await socket.send_str(text)
        if is_registration(text):
            deps.phones.registered(user)
    return LINE_DOWN


def _code_of(task: asyncio.Task[int]) -> int:
    error = task.exception()
    if error is None:
        return task.result()
    if not isinstance(error, ConnectionError | TimeoutError | aiohttp.ClientError):
        log.error("line of a phone failed error=%s", type(error).__name__)
    return LINE_DOWN


def _end(over: asyncio.Future[int] | None, code: int) -> None:
    if over is not None and not over.done():
        over.set_result(code)


async def _cancel(tasks: list[asyncio.Task[int]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
