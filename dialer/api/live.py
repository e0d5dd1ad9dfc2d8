"""The WebSocket: one reader of the live feed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging

from aiohttp import WSCloseCode, WSMsgType, web

from dialer.api.agents import own_view
from dialer.api.call import ApiCall, Handlers
from dialer.api.errors import ApiError
from dialer.api.guard import same_origin
from dialer.api.keys import ApiDeps
from dialer.domain.errors import DialerError
from dialer.services.access import Permission, Principal
from dialer.services.live import SlowReaderError, Subscription
from dialer.services.plain import encode
from dialer.services.ports.live import FLOOR, user_topic

log = logging.getLogger(__name__)

ENDED = 4401  # the session is over: do not come back with it
EXPIRED = -1  # ended by time; goes out as ENDED
TOO_SLOW = 4408  # come back at once with the last number
BAD_MESSAGE = 4400  # this socket takes no messages

_SEND_SECONDS = 10.0  # a peer that takes nothing for so long is gone
_CHECK_EVERY = 3  # heartbeats between two looks at the session, for those that were ended elsewhere

Ends = dict["asyncio.Future[int]", "asyncio.Task[object] | None"]
ENDS = web.AppKey("live-ends", Ends)
"""How to end each open socket (set its future to a close code), and the task that serves it."""


def topics_of(who: Principal) -> frozenset[str]:
    """What this reader may follow. Floor topics show every client's calls: never for a client's own people."""
    topics = set()
    if who.user is not None and Permission.DUTY in who.permissions:
        topics.add(user_topic(who.user))
    if Permission.FLOOR_READ in who.permissions and who.client is None:
        topics.add(FLOOR)
    return frozenset(topics)


async def open_live_feed(call: ApiCall) -> web.StreamResponse:
    """Upgrade, then send until somebody ends it."""
    # A browser sends the cookie with any page's WebSocket: the Origin is the only sign of whose page it is.
    if call.principal.user is not None and not same_origin(call.request, call.deps):
        raise ApiError("wrong-origin")
    own_view(call.deps, call.principal)  # where agents are not served (yet), their pages keep what they have
    socket = web.WebSocketResponse(heartbeat=20.0, max_msg_size=4096, compress=False)
    if not socket.can_prepare(call.request):
        raise ApiError("bad-request")
    await socket.prepare(call.request)
    over: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    ends = call.request.app[ENDS]
    ends[over] = asyncio.current_task()
    unwatch = call.deps.accounts.watchers.watch(call.principal.credential, lambda: _end(over, ENDED))
    reader = call.deps.feed.subscribe(topics_of(call.principal), call.query.get("after"), call.query.get("epoch"))
    tasks = [
        asyncio.create_task(_send(socket, reader, call), name="live-send"),
        asyncio.create_task(_listen(socket), name="live-listen"),
        asyncio.create_task(until_over(call.deps, call.principal, over), name="live-session"),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        first = next(task for task in tasks if task.done())
        # The listener must be gone before the close, or the close would not wait for the other side's answer.
        await _cancel([task for task in tasks if task is not first])
        await _close(socket, call.principal, first)
    finally:
        unwatch()
        reader.close()
        ends.pop(over, None)
        await _cancel(tasks)
    return socket


def _end(over: asyncio.Future[int], code: int) -> None:
    if not over.done():
        over.set_result(code)


async def _cancel(tasks: list[asyncio.Task[int]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def close_all(app: web.Application) -> None:
    """The service stops: tell every reader, so that it comes back to whoever is next."""
    ends = app[ENDS]
    serving = [task for task in ends.values() if task is not None]
    for over in tuple(ends):
        _end(over, WSCloseCode.GOING_AWAY)
    if serving:
        await asyncio.wait(serving, timeout=_SEND_SECONDS)


async def _send(socket: web.WebSocketResponse, reader: Subscription, call: ApiCall) -> int:
    """Hello, a snapshot unless the reader resumed, then everything new. Returns a close code."""
    deps, beat = call.deps, call.deps.settings.heartbeat_seconds
    seq = deps.feed.seq
    hello = {"type": "hello", "epoch": deps.feed.epoch, "seq": seq}
    opening: list[dict[str, object]] = [{**hello, "resumed": reader.resumed, "heartbeat_seconds": beat}]
    # The number up to which this reader has everything: a heartbeat repeats it, so that a gap would show.
    sent: int = call.query["after"] if reader.resumed else seq
    if not reader.resumed:
        # Taken now, while later messages wait in the queue: what they say again is newer, so nothing is missed.
        floor = deps.desk.floor() if FLOOR in reader.topics else None
        view = own_view(deps, call.principal)
        opening.append({"type": "snapshot", "seq": seq, "agent": view, "floor": floor})
    for message in opening:
        await _put(socket, encode(message))
    while True:
        try:
            # Nothing is lost when the time is up: `take` empties the queue only as it returns.
            async with asyncio.timeout(beat):
                batch = await reader.take()
        except TimeoutError:
            await _put(socket, f'{{"type":"heartbeat","seq":{sent}}}')
            continue
        except SlowReaderError:
            log.info("live reader too slow actor=%s", call.principal.actor)
            return TOO_SLOW
        for seq, text in batch:
            await _put(socket, text)
            sent = seq


async def _put(socket: web.WebSocketResponse, text: str) -> None:
    async with asyncio.timeout(_SEND_SECONDS):
        await socket.send_str(text)


async def _listen(socket: web.WebSocketResponse) -> int:
    """Wait for the end. Nothing is asked over this socket, so anything that comes is a fault."""
    async for message in socket:
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            return BAD_MESSAGE
    return WSCloseCode.OK


async def until_over(deps: ApiDeps, who: Principal, over: asyncio.Future[int]) -> int:
    """Return a close code when the session or token is over, wherever it was ended, or when `over` says so."""
    every = deps.settings.heartbeat_seconds * _CHECK_EVERY
    while True:
        left = (who.expires_at - deps.clock.wall_utc()).total_seconds()
        if left <= 0:
            return EXPIRED
        await asyncio.wait([over], timeout=min(every, left))
        if over.done():
            return over.result()
        try:
            if not await deps.accounts.holds(who):
                return EXPIRED if who.expires_at <= deps.clock.wall_utc() else ENDED
        except DialerError:  # the database is away: conversations go on, so do their screens
            log.info("live session not checked actor=%s", who.actor)


async def _close(socket: web.WebSocketResponse, who: Principal, first: asyncio.Task[int]) -> None:
    error = first.exception()
    if error is None:
        code = first.result()
    elif isinstance(error, ConnectionError | TimeoutError):
        code = WSCloseCode.GOING_AWAY
    else:
        log.error("live feed failed actor=%s error=%s", who.actor, type(error).__name__)
        code = WSCloseCode.INTERNAL_ERROR
    with contextlib.suppress(ConnectionError, TimeoutError):
        if code in (ENDED, EXPIRED) and not socket.closed:
            await _put(socket, json.dumps({"type": "ended", "reason": "expired" if code == EXPIRED else "signed_out"}))
            code = ENDED
        async with asyncio.timeout(_SEND_SECONDS):
            await socket.close(code=code)


HANDLERS: Handlers = {"openLiveFeed": open_live_feed}
