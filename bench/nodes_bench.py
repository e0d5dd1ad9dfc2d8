"""From the resident's answer to both in one bridge: agent and resident on one node, and on two.

Two real Asterisks with a real phone for each agent, whose legs stand all the time, and residents who pick up at once.
The calls of both kinds take turns, so each meets the same machine; by Asterisk's own stamps.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import uuid
from pathlib import Path
from typing import Any, TypeVar

from bench.join_bench import quantile
from dialer.asterisk.link import LinkSettings
from dialer.asterisk.nodes import AsteriskNodes
from dialer.asterisk.telephony import AsteriskTelephony
from dialer.clock import SystemClock, SystemIds
from dialer.demo.town_plan import special
from dialer.domain.ids import AttemptId, ChannelId
from dialer.services.ports.telephony import Answered, DialOrder, Ended, Joined, LegIdle, LegOrder, TelephonyEvent
from tests.support.city import CLIENT, CLIENT_NUMBER, DEVICE_SECRET, TelephoneCity, until
from tests.support.softphone import Softphone, registered

Kind = TypeVar("Kind")


class _Floor:
    """Two nodes, legs on both, and what they told."""

    def __init__(self, city: TelephoneCity) -> None:
        self.city = city
        self.events: list[TelephonyEvent] = []
        name, secret = city.ami_user
        ports = {"dialer": city.instance.ami_port, "second": city.second_node().instance.ami_port}
        self.sip = {"dialer": city.instance.sip_port, "second": city.second_port}
        nodes = {
            node: AsteriskTelephony(LinkSettings(port=port, username=name, secret=secret), SystemClock())
            for node, port in ports.items()
        }
        self.nodes = AsteriskNodes(nodes, SystemClock())
        self._news = asyncio.Event()
        self.nodes.start(self._hear)
        self.legs: dict[str, ChannelId] = {}

    async def told(self, kind: type[Kind], **what: Any) -> Kind:
        def found() -> Kind | None:
            for event in reversed(self.events):
                if isinstance(event, kind) and all(getattr(event, key) == value for key, value in what.items()):
                    return event
            return None

        async with asyncio.timeout(20):
            while (event := found()) is None:
                self._news.clear()
                await self._news.wait()
        return event

    def _hear(self, event: TelephonyEvent) -> None:
        self.events.append(event)
        self._news.set()

    async def agent(self, node: str) -> None:
        device, city, root = f"a-{uuid.uuid4().hex[:8]}", self.city, self.city.root
        assert root is not None
        await self.nodes.set_device(device, DEVICE_SECRET)
        folder = city.data / "phones"
        await registered(lambda: Softphone(device, DEVICE_SECRET, self.sip[node], folder, root, city.processes))
        leg = ChannelId(f"leg.{uuid.uuid4().hex}.1")
        await self.nodes.ring_agent(LegOrder(leg=leg, device=device))
        await self.told(LegIdle, leg=leg)
        self.legs[node] = leg

    async def call(self, number: int, agent: str) -> float:
        """Milliseconds from the answer to the bridge; the resident is on the first node."""
        self.events.clear()
        attempt = AttemptId(SystemIds().new())
        channel, leg = ChannelId(str(attempt)), self.legs[agent]
        await self.nodes.dial(
            DialOrder(
                attempt=attempt, number=special("200", number % 100), caller_id=CLIENT_NUMBER, ring_seconds=20,
                trunk="trunk", sounds=CLIENT, near=self.legs["dialer"],
            )
        )  # fmt: skip
        answered = await self.told(Answered, channel=channel)
        await self.nodes.join(channel, leg, mark=False)
        joined = await self.told(Joined, channel=channel)
        await self.nodes.hang_up(channel)
        await self.told(Ended, channel=channel)
        await self.told(LegIdle, leg=leg)
        return 1000 * (joined.at - answered.at)


async def _measure(data: Path, calls: int) -> dict[str, list[float]]:
    city = TelephoneCity(data, Path(__file__).parents[1] / ".state")
    try:
        await asyncio.to_thread(city.start)
        floor = _Floor(city)
        await until(lambda: set(floor.nodes.states().values()) == {"up"})
        for node in ("dialer", "second"):
            await floor.agent(node)
        took: dict[str, list[float]] = {"dialer": [], "second": []}
        for number in range(calls):
            for node, values in took.items():
                values.append(await floor.call(number, node))
        await floor.nodes.stop()
        return took
    finally:
        await asyncio.to_thread(city.stop)


def main() -> int:
    """Print both, and what the second node costs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=100, help="of each kind (default: %(default)s)")
    calls = parser.parse_args().calls
    with tempfile.TemporaryDirectory() as folder:
        took = asyncio.run(_measure(Path(folder), calls))
    print(f"load average {os.getloadavg()[0]:.1f}; {calls} calls of each kind, by turns")
    print("| agent and resident | p50 | p90 | p99 | longest |")
    print("| --- | --- | --- | --- | --- |")
    for node, name in (("dialer", "on one node"), ("second", "on two nodes")):
        values = took[node]
        shown = " | ".join(f"{quantile(values, share):.1f} ms" for share in (0.5, 0.9, 0.99, 1.0))
        print(f"| {name} | {shown} |")
    more = quantile(took["second"], 0.5) - quantile(took["dialer"], 0.5)
    print(f"the second node costs {more:.1f} ms at the median; a resident hears a person within 2,000 ms")
    return 0
