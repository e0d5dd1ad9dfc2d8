"""A proxy before two nodes: callers and phones are spread, and go past a node that is dead or taken out."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.demo.asterisk_server import enter_root
from dialer.services.ports.telephony import CallerArrived, Joined
from tests.contract.test_telephony import leg_of
from tests.support.city import CLIENT, CLIENT_NUMBER, TelephoneCity, until
from tests.support.edge import PROGRAM, Edge
from tests.support.proxy import Proxy
from tests.system.test_nodes import TwoNodes

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not PROGRAM.exists(), reason="Kamailio is not there: scripts/setup test"),
]


class Edged(TwoNodes):
    """Callers come, and phones register, through the edge."""

    edge: Edge

    async def callers(self, count: int) -> Counter[str]:
        """So many, one after the other, each for a moment; how many each node got. All of them must be answered."""
        before = len(self.events)
        root = self.city.root
        assert root is not None
        words = ["-s", "0790000001", "-i", "127.0.0.1", "-m", str(count), "-r", "20", "-timeout", "60s"]
        command = enter_root(
            root,
            (self.edge.caller.parent,),
            ["/usr/bin/sipp", "-sf", str(self.edge.caller), *words, f"127.0.0.1:{self.edge.port}"],
        )
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await process.communicate()
        assert process.returncode == 0, said[-1500:].decode(errors="replace")

        def arrived() -> list[str]:
            return [event.channel for event in self.events[before:] if isinstance(event, CallerArrived)]

        await until(lambda: len(arrived()) >= count, what="every caller is told of")  # a moment after he has rung off
        assert len(arrived()) == count
        return Counter("second" if channel.startswith("second") else "dialer" for channel in arrived())


@pytest.fixture
async def edged(telephone_city: TelephoneCity, tmp_path: Path) -> AsyncIterator[Edged]:
    city = telephone_city
    proxy = await Proxy(city.second_node().instance.ami_port).start()
    edge = Edge(tmp_path / "edge", city.edge_port, [city.instance.sip_port, city.second_port], city.processes)
    await asyncio.to_thread(edge.start)
    built = Edged(city, proxy)
    built.edge = edge
    await until(lambda: set(built.whole.states().values()) == {"up"})
    await built.telephony.name_client(CLIENT_NUMBER, CLIENT)
    yield built
    await built.start_second()
    await built.in_state("up")
    await built.close()
    await proxy.stop()
    edge.stop()


async def test_callers_are_spread_and_none_is_lost_with_a_node(edged: Edged) -> None:
    assert await edged.callers(20) == {"dialer": 10, "second": 10}
    edged.edge.take_out(edged.city.second_port)
    assert await edged.callers(10) == {"dialer": 10}
    edged.edge.put_in(edged.city.second_port)
    assert await edged.callers(10) == {"dialer": 5, "second": 5}
    await edged.kill_second()
    assert await edged.callers(10) == {"dialer": 10}, "also those who came before anybody knew"
    await until(lambda: "IP" in edged.edge.states())
    await edged.start_second()
    await until(lambda: edged.edge.states() == ["AP", "AP"])


@pytest.mark.nightly
async def test_a_phone_registers_and_is_rung_through_it(edged: Edged) -> None:
    edged.phones_at = edged.edge.port
    leg = await leg_of(edged)
    channel = await edged.call_near(leg)
    await edged.telephony.join(channel, leg, mark=False)
    await edged.wait_for(Joined, lambda event: event.channel == channel)
    counted = await edged.telephony.packets_received([leg])
    async with asyncio.timeout(10):
        while True:
            if (await edged.telephony.packets_received([leg]))[leg] > counted[leg]:
                break


@pytest.mark.nightly
@pytest.mark.parametrize("method", ["SUBSCRIBE", "MESSAGE", "BYE", "OPTIONS"])
async def test_whoever_asks_for_anything_else_reaches_no_node(edged: Edged, method: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.settimeout(0.5)
        own = stranger.getsockname()[1]
        lines = (
            f"{method} sip:0790000001@127.0.0.1 SIP/2.0", f"Via: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bK1",
            "From: <sip:a@b>;tag=1", "To: <sip:0790000001@127.0.0.1>", "Call-ID: 1", f"CSeq: 1 {method}",
            "Route: <sip:127.0.0.1:5060;lr>", "Max-Forwards: 70", "Content-Length: 0",
        )  # fmt: skip
        stranger.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), ("127.0.0.1", edged.edge.port))
        try:
            answer = stranger.recv(4096).split(b"\r\n")[0]
        except TimeoutError:
            answer = b""
    assert answer in ((b"SIP/2.0 200 Here",) if method == "OPTIONS" else (b"",))
    assert list(await edged.telephony.channels()) == []
