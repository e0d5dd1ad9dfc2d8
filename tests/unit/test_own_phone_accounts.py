"""Accounts of agents' own phones from before: when these must be encrypted, or may not be, no old one is a way in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import UUID

import pytest

from dialer.asterisk.link import LinkSettings
from dialer.asterisk.telephony import AsteriskTelephony
from dialer.clock import SystemClock
from dialer.domain.devices import OwnPhones, browser_device, own_device
from dialer.domain.ids import UserId
from tests.support.ami_server import AmiServer
from tests.support.ami_server_calls import Fate

SECRET = "secret-nobody-may-read-0003"
ANNA = UserId(UUID(int=5))
OWN, BROWSER = own_device(ANNA), browser_device(ANNA)
ACCOUNT = "geheim-toestel-0003"


class Node:
    """One Asterisk's database."""

    def __init__(self, server: AmiServer, port: int, stack: AsyncExitStack) -> None:
        self._server, self._port, self._stack = server, port, stack

    def endpoints(self) -> set[str]:
        return set(self._server.calls.database.get("dyn/endpoint", {}))

    async def dialer(self, phones: OwnPhones) -> AsteriskTelephony:
        settings = LinkSettings(port=self._port, username="dialer", secret=SECRET)
        made = AsteriskTelephony(settings, SystemClock(), own_phones=phones)
        made.start(lambda _event: None)
        self._stack.push_async_callback(made.stop)
        assert await made.link.came_up(30.0)
        return made


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    async with AsyncExitStack() as stack:
        server = AmiServer(lambda number: Fate(answers_after=0.0), {"dialer": SECRET})
        port = await server.start()
        stack.push_async_callback(server.stop)
        yield Node(server, port, stack)


@pytest.mark.parametrize("phones", ["tls", "none"])
async def test_taking_the_turn_shuts_what_speaks_otherwise(node: Node, phones: OwnPhones) -> None:
    before = await node.dialer("udp")
    await before.mark_owner("before-1")
    await before.set_device(OWN, ACCOUNT)
    await before.set_device(BROWSER, ACCOUNT, browser=True)
    await before.open_line("abc-1", "trunk")
    assert node.endpoints() == {OWN, BROWSER, "abc-1"}
    now = await node.dialer(phones)
    await now.mark_owner("now-1")
    assert node.endpoints() == {BROWSER, "abc-1"}
    if phones == "tls":
        await now.set_device(OWN, ACCOUNT)
        await now.mark_owner("now-1")
        assert node.endpoints() == {BROWSER, "abc-1", f"{OWN}@tls+own"}
        await now.remove_device(OWN)
        assert node.endpoints() == {BROWSER, "abc-1"}


async def test_an_account_is_one_thing_at_a_time(node: Node) -> None:
    plain, safe = await node.dialer("udp"), await node.dialer("tls")
    await plain.set_device(OWN, ACCOUNT)
    await safe.set_device(OWN, ACCOUNT)
    assert node.endpoints() == {f"{OWN}@tls+own"}
    await plain.set_device(OWN, ACCOUNT)
    assert node.endpoints() == {OWN}
