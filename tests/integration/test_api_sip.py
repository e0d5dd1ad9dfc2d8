"""The line of the phone in the panel, over real WebSockets; Asterisk's end is played here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

from dialer.api.live import ENDED
from dialer.api.sip import LINE_DOWN, PATH, TAKEN, TOO_MUCH, Bucket, is_registration
from dialer.services.access import Role
from tests.support.api import Centre, Visitor, as_user, centre

REGISTERED = (
    "SIP/2.0 200 OK\r\nVia: SIP/2.0/WS x.invalid\r\nCSeq: 2 REGISTER\r\n"
    "Contact: <sip:w@127.0.0.1:1;transport=ws>;expires=59\r\nContent-Length: 0\r\n\r\n"
)


class Exchange:
    """Asterisk's WebSocket: keeps what comes, says what it is told to."""

    def __init__(self) -> None:
        self.got: asyncio.Queue[str] = asyncio.Queue()
        self.sockets: list[web.WebSocketResponse] = []
        app = web.Application()
        app.router.add_get("/ws", self._serve)
        self.server = TestServer(app)

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("sip",))
        await socket.prepare(request)
        self.sockets.append(socket)
        async for message in socket:
            assert message.type is WSMsgType.TEXT
            self.got.put_nowait(message.data)
        self.got.put_nowait("closed")
        return socket


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    built = Exchange()
    await built.server.start_server()
    yield built
    await built.server.close()


@pytest.fixture
async def api(dsn: str, tmp_path: Path, exchange: Exchange) -> AsyncIterator[Centre]:
    gateway = str(exchange.server.make_url("/ws"))
    async with centre(dsn, tmp_path, sip_gateway=lambda _user: gateway) as built:
        yield built


def line(visitor: Visitor, **change: Any) -> Any:
    """As the panel's page opens it."""
    origin = str(visitor.http.make_url("/")).rstrip("/")
    return visitor.http.ws_connect(PATH, **{"protocols": ("sip",), "origin": origin, **change})


async def said(exchange: Exchange) -> str:
    async with asyncio.timeout(30):
        return await exchange.got.get()


async def close_code(socket: Any) -> int | None:
    async with asyncio.timeout(30):
        while not (await socket.receive()).type.name.startswith("CLOS"):
            pass
    return int(socket.close_code)


async def until(api: Centre, what: tuple[object, ...]) -> None:
    async with asyncio.timeout(30):
        while what not in api.phones.asked:  # noqa: ASYNC110 - a list has no event
            await asyncio.sleep(0.01)


async def test_passes_on_both_ways_and_tells_when_the_phone_can_be_rung(api: Centre, exchange: Exchange) -> None:
    agent = await api.person(Role.AGENT)
    async with line(agent) as socket:
        assert socket.protocol == "sip"
        await socket.send_str("REGISTER sip:127.0.0.1 SIP/2.0\r\n\r\n")
        assert (await said(exchange)).startswith("REGISTER ")
        await exchange.sockets[0].send_str("SIP/2.0 401 Unauthorized\r\nCSeq: 1 REGISTER\r\n\r\n")
        assert (await socket.receive()).data.startswith("SIP/2.0 401 ")
        assert ("registered", as_user(agent)) not in api.phones.asked
        await exchange.sockets[0].send_str(REGISTERED)
        assert (await socket.receive()).data == REGISTERED
        await until(api, ("registered", as_user(agent)))
    assert await said(exchange) == "closed"
    await until(api, ("closed", as_user(agent)))


async def test_signing_out_ends_the_line_and_the_account(api: Centre, exchange: Exchange) -> None:
    agent = await api.person(Role.AGENT)
    async with line(agent) as socket:
        assert (await agent("signOut")).status == 204
        assert await close_code(socket) == ENDED
    assert await said(exchange) == "closed"
    await until(api, ("ended", as_user(agent)))


async def test_a_session_that_is_ended_elsewhere_takes_its_line_with_it(api: Centre, exchange: Exchange) -> None:
    agent = await api.person(Role.AGENT, login="anna")
    elsewhere = api.visitor()
    await elsewhere.sign_in("anna")
    this = (await agent("listMySessions")).json["this"]
    async with line(agent) as socket:
        assert (await elsewhere("endMySession", session=this)).status == 204
        assert await close_code(socket) == ENDED
    assert await said(exchange) == "closed"
    await until(api, ("ended", as_user(agent)))


async def test_a_second_page_takes_the_line_over(api: Centre, exchange: Exchange) -> None:
    agent = await api.person(Role.AGENT)
    async with line(agent) as first, line(agent) as second:
        assert await close_code(first) == TAKEN
        await second.send_str("OPTIONS sip:a SIP/2.0\r\n\r\n")
        assert {await said(exchange), await said(exchange)} == {"closed", "OPTIONS sip:a SIP/2.0\r\n\r\n"}
    await until(api, ("closed", as_user(agent)))


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"origin": "https://elders.example"}, 403),
        ({"origin": None}, 403),
        ({"protocols": ()}, 400),
        ({"protocols": ("ocpp",)}, 400),
        ({"headers": {"Cookie": "session=anders"}}, 401),
    ],
)
async def test_who_gets_no_line(api: Centre, exchange: Exchange, change: dict[str, Any], status: int) -> None:
    agent = await api.person(Role.AGENT)
    if "headers" in change:
        agent.http.session.cookie_jar.clear()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await line(agent, **change)
    assert refused.value.status == status
    assert exchange.sockets == []


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.MONITOR])
async def test_only_those_who_take_calls_or_listen_in_have_a_phone(api: Centre, exchange: Exchange, role: Role) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await line(await api.person(role))
    assert refused.value.status == 403
    assert exchange.sockets == []


async def test_what_is_too_much_or_no_sip_ends_the_line(api: Centre, exchange: Exchange) -> None:
    agent = await api.person(Role.AGENT)
    async with line(agent) as socket:  # the tests' clock stands still: nothing drains
        for _ in range(100):
            await socket.send_str("OPTIONS sip:a SIP/2.0\r\n\r\n")
        assert await close_code(socket) == TOO_MUCH
    async with line(agent) as socket:
        await socket.send_str("x" * 40_000)
        assert await close_code(socket) == 1009
    async with line(agent) as socket:
        await socket.send_bytes(b"x")
        assert await close_code(socket) == 1003


async def test_asterisk_that_goes_or_is_away(api: Centre, exchange: Exchange) -> None:
    agent = await api.person(Role.AGENT)
    async with line(agent) as socket:
        async with asyncio.timeout(30):
            while not exchange.sockets:  # noqa: ASYNC110 - a list has no event
                await asyncio.sleep(0.01)
        await exchange.sockets[0].close()
        assert await close_code(socket) == LINE_DOWN
    await exchange.server.close()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await line(agent)
    assert refused.value.status == 503
    opened, closed = (api.phones.asked.count((what, as_user(agent))) for what in ("open", "closed"))
    assert opened == closed


async def test_a_process_that_does_not_run_the_calls_has_no_line(api: Centre, exchange: Exchange) -> None:
    api.phones.away = True
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await line(await api.person(Role.AGENT))
    assert refused.value.status == 503
    assert api.phones.asked == []
    assert exchange.sockets == []


async def test_an_account_for_the_page(api: Centre) -> None:
    agent = await api.person(Role.AGENT)
    assert (await agent("grantMySoftphone", json={"choose": False})).json["secret"] == "geheim"
    api.phones.own.add(as_user(agent))
    assert (await agent("grantMySoftphone", json={"choose": False})).code == "own-phone"
    assert (await agent("grantMySoftphone", json={"choose": True})).status == 200
    boss = await api.person(Role.SUPERVISOR)
    assert (await boss("grantMySoftphone", json={"choose": True})).status == 403


def test_a_bucket_fills_and_drains() -> None:
    bucket = Bucket(0.0, burst=3, a_second=2)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(0.5), bucket.take(0.5)] == [True, False]
    assert [bucket.take(100.0) for _ in range(4)] == [True, True, True, False]


def test_what_says_that_a_phone_is_there() -> None:
    assert is_registration(REGISTERED)
    assert not is_registration(REGISTERED.replace("200 OK", "401 No"))
    assert not is_registration(REGISTERED.replace("REGISTER", "INVITE"))
    assert not is_registration(REGISTERED.replace("Contact:", "X-Contact:"))  # unregistered: nobody is there any more
