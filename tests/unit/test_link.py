"""The AMI connection against servers that behave badly."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from dialer.asterisk.link import Headers, Link, LinkSettings
from dialer.services.ports.telephony import TelephonyError
from tests.support.ami_server import AmiServer
from tests.support.ami_server_calls import Fate

SECRET = "secret-nobody-may-read-0001"


async def test_a_server_that_hangs_up_at_once_costs_no_wait_and_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    arrivals: list[float] = []

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrivals.append(time.monotonic())
        writer.transport.abort()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    settings = LinkSettings(
        port=server.sockets[0].getsockname()[1],
        username="dialer",
        secret=SECRET,
        retry_first=0.01,
        retry_most=0.01,
    )
    link = Link(settings, lambda headers: None, lambda up: None)
    with caplog.at_level(logging.DEBUG):
        link.start()
        try:
            async with asyncio.timeout(settings.action_deadline):
                while len(arrivals) < 5:  # noqa: ASYNC110 - the server has no event to await
                    await asyncio.sleep(0.01)
        finally:
            await link.stop()
            server.close()
    assert arrivals[4] - arrivals[0] < settings.action_deadline, "it does not wait for an answer that never comes"
    assert SECRET not in caplog.text


async def test_it_stops_also_when_a_ping_is_answered_at_that_very_moment() -> None:
    stopping: list[asyncio.Task[None]] = []
    left = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/9.0.0\r\n")
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):  # the link hung up
            while asked := await reader.readuntil(b"\r\n\r\n"):
                headers = dict(line.split(": ", 1) for line in asked.decode().strip().split("\r\n"))
                answer = f"Response: Success\r\nActionID: {headers['ActionID']}\r\n\r\n"
                # The event comes in one piece with the answer to the ping, so both are taken in one step of the loop.
                writer.write((answer + "Event: Alarm\r\n\r\n" * (headers["Action"] == "Ping")).encode())
        writer.close()
        left.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    settings = LinkSettings(port=server.sockets[0].getsockname()[1], username="dialer", secret=SECRET)

    def stop(_headers: Headers) -> None:
        if not stopping:
            stopping.append(asyncio.create_task(link.stop()))

    link = Link(settings, stop, lambda up: None)
    link.start()
    assert await link.came_up(30.0)
    async with asyncio.timeout(30):
        while not stopping:  # noqa: ASYNC110 - the list has no event to await
            await asyncio.sleep(0.01)
        await stopping[0]
        await left.wait()
    assert not link.up
    server.close()


class Linked:
    """A link that is up, to a server of ours."""

    def __init__(self, server: AmiServer, port: int) -> None:
        self.server = server
        self.events: list[Headers] = []
        settings = LinkSettings(port=port, username="dialer", secret=SECRET, action_deadline=2.0)
        self.states: list[bool] = []
        self.link = Link(settings, self.events.append, self.states.append)


@pytest.fixture
async def linked() -> AsyncIterator[Linked]:
    server = AmiServer(lambda number: Fate(answers_after=0.0), {"dialer": SECRET})
    made = Linked(server, await server.start())
    made.link.start()
    assert await made.link.came_up(30.0)
    yield made
    await made.link.stop()
    await server.stop()


async def test_many_are_asked_at_once_and_answered_in_their_order(linked: Linked) -> None:
    linked.server.calls.globals |= {"A": "1", "C": "3"}
    rows = [{"Variable": "C"}, {"Channel": "nobody", "Variable": "A"}, {"Variable": "A"}]
    answers = await linked.link.ask_each("Getvar", rows)
    assert [None if one is None else one["Value"] for one in answers] == ["3", None, "1"]
    assert await linked.link.ask_each("Getvar", []) == []


async def test_who_asks_many_learns_that_the_link_is_lost(linked: Linked) -> None:
    for session in linked.server.sessions:
        session.data_received = lambda data: None  # type: ignore[method-assign]  # hears nothing any more
    asking = asyncio.ensure_future(linked.link.ask_each("Getvar", [{"Variable": "A"}]))
    await asyncio.sleep(0)
    for session in list(linked.server.sessions):
        session.close()
    with pytest.raises(TelephonyError, match="link"):
        await asking


async def test_who_asks_many_waits_no_longer_than_told(linked: Linked) -> None:
    for session in linked.server.sessions:
        session.data_received = lambda data: None  # type: ignore[method-assign]
    with pytest.raises(TelephonyError, match="no answer"):
        await linked.link.ask_each("Getvar", [{"Variable": "A"}], deadline=0.01)


async def test_a_value_asked_for_stays_on_its_line(linked: Linked) -> None:
    with pytest.raises(TelephonyError, match="one line"):
        await linked.link.ask_each("Getvar", [{"Variable": "A"}, {"Variable": "A\r\nAction: Logoff"}])
    assert await linked.link.ask_each("Getvar", [{"Variable": "A"}])


async def test_an_event_is_read_as_it_is_written_in_any_pieces(linked: Linked) -> None:
    text = "Event: UserEvent\r\nTimestamp: 1.5\r\nAccountCode: \r\nNaam: Zoë: een\r\n\r\n".encode()
    (session,) = linked.server.sessions
    before = len(linked.events)
    for place in range(len(text)):
        session.offer(text[place : place + 1])
        await asyncio.sleep(0)
    async with asyncio.timeout(30):
        while len(linked.events) == before:  # noqa: ASYNC110 - it comes over a socket
            await asyncio.sleep(0.001)
    event = linked.events[-1]
    assert event == {"Event": "UserEvent", "Timestamp": "1.5", "AccountCode": "", "Naam": "Zoë: een"}


async def test_a_list_that_is_refused_is_not_waited_for(linked: Linked) -> None:
    with pytest.raises(TelephonyError, match="unknown command"):
        await linked.link.ask("Nonsense", {})


EVENT = "Event: UserEvent\r\nNumber: {}\r\n\r\n"


async def test_thousands_of_events_at_once_are_taken_in_their_order_and_let_others_have_their_turn(
    linked: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialer.asterisk.link._TURN", 0.0)  # each event is a turn
    turns: list[int] = []

    def turn() -> None:
        turns.append(len(linked.events))
        loop.call_soon(turn)

    loop = asyncio.get_running_loop()
    (session,) = linked.server.sessions
    before = len(linked.events)
    loop.call_soon(turn)
    for place in range(0, 3000, 1000):
        session.offer("".join(map(EVENT.format, range(place, place + 1000))).encode())
    async with asyncio.timeout(20):
        while len(linked.events) < before + 3000:  # noqa: ASYNC110 - it comes over a socket
            await asyncio.sleep(0)
    monkeypatch.undo()
    assert [event["Number"] for event in linked.events[before:]] == list(map(str, range(3000)))
    assert max(after - one for one, after in pairwise(turns)) <= 4
    assert await linked.link.ask_each("Getvar", [{"Variable": "A"}]), "it reads on"


async def test_what_was_told_before_the_line_broke_is_taken(linked: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dialer.asterisk.link._TURN", 0.0)
    (session,) = linked.server.sessions
    before = len(linked.events)
    session.offer("".join(map(EVENT.format, range(500))).encode())
    async with asyncio.timeout(20):
        while len(linked.events) == before:  # noqa: ASYNC110 - it comes over a socket
            await asyncio.sleep(0)
        session.close()
        while False not in linked.states:  # noqa: ASYNC110 - it is up again within a millisecond
            await asyncio.sleep(0.001)
    told = [event["Number"] for event in linked.events[before:] if event["Event"] == "UserEvent"]
    assert told == [str(number) for number in range(500)]
