"""The live feed over a real WebSocket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from dialer.api.live import BAD_MESSAGE, ENDED, TOO_SLOW
from dialer.services.access import Role
from dialer.services.live import LiveFeed, SlowReaderError
from dialer.services.ports.desk import AgentView
from dialer.services.ports.live import FLOOR, user_topic
from tests.support.api import SPEC, Centre, Visitor, as_user, centre


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


async def _next(socket: Any, kind: str | None = None) -> dict[str, Any]:
    """The next message, or the next of this kind; each must fit the description."""
    async with asyncio.timeout(30):
        while True:
            message = await socket.receive()
            assert message.type is aiohttp.WSMsgType.TEXT, f"closed with {socket.close_code}"
            value: dict[str, Any] = json.loads(message.data)
            errors = list(SPEC.validator("components", "schemas", "LiveMessage").iter_errors(value))
            assert not errors, errors[0].message
            if kind is None or value["type"] == kind:
                return value


async def _closed(socket: Any) -> int | None:
    async with asyncio.timeout(30):
        while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
    return int(socket.close_code)


def _view(api: Centre, visitor: Visitor, state: str = "available") -> AgentView:
    return api.desk.put(as_user(visitor), name="Anna", state=state)


async def test_begins_with_a_snapshot_then_says_what_changes(api: Centre) -> None:
    agent = await api.person(Role.AGENT)
    async with agent.live() as socket:
        assert (await _next(socket))["resumed"] is False
        snapshot = await _next(socket)
        assert (snapshot["agent"]["state"], snapshot["floor"]) == ("off", None)
        api.deps.feed.publish(user_topic(as_user(agent)), "agent", _view(api, agent))
        message = await _next(socket, "agent")
        assert (message["data"]["state"], message["seq"]) == ("available", 1)


async def test_each_role_hears_only_its_own(api: Centre) -> None:
    anna, bram = await api.person(Role.AGENT), await api.person(Role.AGENT)
    boss, feed = await api.person(Role.SUPERVISOR), api.deps.feed
    async with anna.live() as hers, boss.live() as theirs:
        await _next(hers, "snapshot")
        assert (await _next(theirs, "snapshot"))["floor"]["link_up"] is True
        feed.publish(user_topic(as_user(bram)), "agent", _view(api, bram))
        feed.publish(FLOOR, "agent", _view(api, bram))
        feed.publish(user_topic(as_user(anna)), "agent", _view(api, anna))
        assert (await _next(hers, "agent"))["data"]["user"] == str(as_user(anna))
        assert (await _next(theirs, "agent"))["data"]["user"] == str(as_user(bram))


@pytest.mark.parametrize("role", [Role.CLIENT])
async def test_who_may_not_follow(api: Centre, role: Role) -> None:
    visitor = await api.person(role, await api.client("zoetermeer"))
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await visitor.live()
    assert refused.value.status == 403
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await api.visitor().live()
    assert refused.value.status == 401


async def test_a_reader_who_comes_back_misses_nothing_and_hears_nothing_twice(api: Centre) -> None:
    agent, feed = await api.person(Role.AGENT), api.deps.feed
    topic = user_topic(as_user(agent))
    async with agent.live() as socket:
        await _next(socket, "snapshot")
        feed.publish(topic, "agent", _view(api, agent))
        seen = (await _next(socket, "agent"))["seq"]
    for state in ("paused", "available"):
        feed.publish(topic, "agent", _view(api, agent, state))
        feed.publish(FLOOR, "agent", _view(api, agent, state))
    async with agent.live(after=seen, epoch=feed.epoch) as socket:
        assert (await _next(socket))["resumed"] is True
        states = [(await _next(socket, "agent"))["data"]["state"] for _ in range(2)]
        assert states == ["paused", "available"]
        assert (await _next(socket))["type"] == "heartbeat"


@pytest.mark.parametrize("epoch", ["epoch-0", None])
async def test_another_life_of_the_service_begins_with_a_snapshot(api: Centre, epoch: str | None) -> None:
    agent = await api.person(Role.AGENT)
    query = {"after": 0} | ({"epoch": epoch} if epoch else {})
    async with agent.live(**query) as socket:
        assert (await _next(socket))["resumed"] is False
        await _next(socket, "snapshot")


async def test_too_long_away_begins_with_a_snapshot(api: Centre) -> None:
    agent, feed = await api.person(Role.AGENT), api.deps.feed
    for _ in range(60):  # the ring keeps 50
        feed.publish(FLOOR, "agent", _view(api, agent))
    async with agent.live(after=5, epoch=feed.epoch) as socket:
        assert (await _next(socket))["resumed"] is False
        assert (await _next(socket, "snapshot"))["seq"] == 60


async def test_heartbeats_name_the_last_number_sent(api: Centre) -> None:
    agent, feed = await api.person(Role.AGENT), api.deps.feed
    async with agent.live() as socket:
        await _next(socket, "snapshot")
        feed.publish(user_topic(as_user(agent)), "agent", _view(api, agent))
        feed.publish(FLOOR, "agent", _view(api, agent))  # not this reader's
        assert (await _next(socket, "heartbeat"))["seq"] == 1


async def test_signing_out_closes_the_socket(api: Centre) -> None:
    agent = await api.person(Role.AGENT)
    async with agent.live() as socket:
        await _next(socket, "snapshot")
        await agent("signOut")
        assert (await _next(socket, "ended"))["reason"] == "signed_out"
        assert await _closed(socket) == ENDED


async def test_a_session_that_ends_elsewhere_closes_the_socket(api: Centre) -> None:
    """Another process, or a hand in the database, cannot call us: we look."""
    agent = await api.person(Role.AGENT)
    async with agent.live() as socket:
        await _next(socket, "snapshot")
        await api.pool.execute("update app_user set disabled_at = $1", api.clock.now())
        assert await _closed(socket) == ENDED


async def test_an_expired_session_closes_the_socket(api: Centre) -> None:
    agent = await api.person(Role.AGENT)
    async with agent.live() as socket:
        await _next(socket, "snapshot")
        api.clock.forward(hours=13)
        assert (await _next(socket, "ended"))["reason"] == "expired"


async def test_a_revoked_token_closes_the_socket(api: Centre) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    made = await boss("createToken", json={"name": "bord", "role": "monitor", "scopes": ["live"], "days": 1})
    machine = api.visitor()
    machine.bearer = made.json["secret"]
    async with machine.live() as socket:
        assert (await _next(socket, "snapshot"))["agent"] is None
        await boss("revokeToken", token=made.json["token"]["id"])
        assert await _closed(socket) == ENDED


async def test_a_screen_outlives_the_database(api: Centre) -> None:
    """Conversations go on without it, so their screens must too."""
    agent, feed = await api.person(Role.AGENT), api.deps.feed
    async with agent.live() as socket:
        await _next(socket, "snapshot")
        await api.pool.close()
        for _ in range(5):  # longer than it takes to look at the session again
            await _next(socket, "heartbeat")
        feed.publish(user_topic(as_user(agent)), "agent", _view(api, agent))
        assert (await _next(socket, "agent"))["seq"] == 1


async def test_another_sites_page_gets_no_socket(api: Centre) -> None:
    agent = await api.person(Role.AGENT)
    for origin in ("https://boef.example", "null"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await agent.http.ws_connect("/api/v1/live", headers={"Origin": origin})
        assert refused.value.status == 403


@pytest.mark.parametrize("message", ["{}", "[" * 2000, '{"type":"subscribe","topic":"floor"}', "\x00"])
async def test_the_socket_takes_no_messages(api: Centre, message: str) -> None:
    agent = await api.person(Role.AGENT)
    async with agent.live() as socket:
        await _next(socket, "snapshot")
        await socket.send_str(message)
        assert await _closed(socket) == BAD_MESSAGE


async def test_a_huge_message_closes_the_socket(api: Centre) -> None:
    agent = await api.person(Role.AGENT)
    async with agent.live() as socket:
        await _next(socket, "snapshot")
        await socket.send_bytes(b"x" * 10_000)
        assert await _closed(socket) == 1009


async def test_a_plain_request_is_no_socket(api: Centre) -> None:
    agent = await api.person(Role.AGENT)
    assert (await agent("openLiveFeed")).status == 400
    assert (await agent("openLiveFeed", query={"after": "veel"})).status == 422


async def test_a_reader_who_falls_behind_is_dropped_and_may_resume(api: Centre) -> None:
    agent, feed = await api.person(Role.AGENT), api.deps.feed
    topic = user_topic(as_user(agent))
    async with agent.live() as socket:
        await _next(socket, "snapshot")
        for _ in range(20):  # in one breath: the reader has no chance to take any
            feed.publish(topic, "agent", _view(api, agent))
        assert await _closed(socket) == TOO_SLOW
    async with agent.live(after=15, epoch=feed.epoch) as socket:
        assert (await _next(socket))["resumed"] is True
        assert [(await _next(socket, "agent"))["seq"] for _ in range(5)] == [16, 17, 18, 19, 20]
    assert feed.readers <= 1


async def test_the_service_says_goodbye_when_it_stops(dsn: str, tmp_path: Path) -> None:
    async with centre(dsn, tmp_path) as api:
        agent = await api.person(Role.AGENT)
        socket = await agent.live()
        await _next(socket, "snapshot")
        stopping = asyncio.create_task(api.server.close())
        assert await _closed(socket) == 1001
        await stopping
        assert api.deps.feed.readers == 0


async def test_a_feed_without_readers_keeps_no_more_than_its_ring() -> None:
    feed = LiveFeed("e", history=5, backlog=2)
    for number in range(100):
        feed.publish("t", "x", {"number": number})
    assert feed.subscribe(frozenset({"t"}), 94, "e").resumed is False
    reader = feed.subscribe(frozenset({"t"}), 98, "e")
    assert [seq for seq, _ in await reader.take()] == [99, 100]
    assert feed.subscribe(frozenset({"t"}), 95, "e").resumed is False  # more than a reader may have waiting
    assert feed.subscribe(frozenset({"t"}), 101, "e").resumed is False  # a number that was never given
    for _ in range(3):
        feed.publish("t", "x", {})
    with pytest.raises(SlowReaderError):
        await reader.take()
