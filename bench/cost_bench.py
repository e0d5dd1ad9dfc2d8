"""What an agent, a call and a conversation cost the real Asterisk, in processor time and memory.

    python -m bench cost [--agents 60] [--talks 60] [--calls 300] [--seconds 20]

Asterisk as the dialer configures it; softphones and residents are SIPp processes that send G.711 sound over loopback
all the time. Measured one upon another: Asterisk alone, `--agents` standing legs in the holding bridge, `--talks`
conversations beside them, then `--calls` calls that are answered, joined to nobody and hung up. Differences over the
number are the costs; the processor time is that of the process, whatever else the machine does meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.join_bench import SECRET, Exchange, make_device, start_exchange, until
from dialer.asterisk.link import Headers, Link, LinkSettings
from dialer.demo.processes import Processes

CALLS_A_SECOND = 10.0
_SETTLES = 13.0
"""Seconds until a conversation that did not come about is gone: ten of music, then the message."""


@dataclass
class Usage:
    """Processor seconds and resident bytes of Asterisk at one moment."""

    at: float
    cpu: float
    memory: int


@dataclass
class Board:
    """What Asterisk told."""

    idle: set[str] = field(default_factory=set)
    up: set[str] = field(default_factory=set)
    talking: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)

    def take(self, event: Headers) -> None:
        channel = event.get("Uniqueid", "")
        match event.get("Event"):
            case "BridgeEnter" if event.get("BridgeTechnology") == "holding_bridge":
                self.idle.add(channel)
            case "BridgeEnter":
                self.talking.add(channel)
            case "Newstate" if event.get("ChannelState") == "6":
                self.up.add(channel)
            case "Hangup":
                self.ended.add(channel)


class Meter:
    """Reads one process."""

    def __init__(self, pid: int) -> None:
        root = psutil.Process(pid)
        named = [one for one in (root, *root.children(recursive=True)) if one.name() == "asterisk"]
        self._process = named[0]

    def read(self) -> Usage:
        return Usage(time.monotonic(), sum(self._process.cpu_times()[:2]), self._process.memory_info().rss)

    async def share(self, seconds: float) -> tuple[float, int]:
        """Processor share (of one core) over `seconds`, and memory at their end."""
        begun = self.read()
        await asyncio.sleep(seconds)
        ended = self.read()
        return (ended.cpu - begun.cpu) / (ended.at - begun.at), ended.memory


async def originate(link: Link, channel: str, name: str, context: str) -> None:
    headers: Mapping[str, str] = {
        "Channel": channel, "ChannelId": name, "ActionID": name, "Account": name, "Context": context, "Exten": "s",
        "Priority": "1", "CallerID": "<+31790000001>", "Timeout": "30000", "Async": "true",
    }  # fmt: skip
    await link.send("Originate", headers)


async def measure(exchange: Exchange, arguments: argparse.Namespace) -> dict[str, float]:
    board = Board()
    link = Link(LinkSettings(port=exchange.ami_port, username="bare", secret=SECRET), board.take, lambda _up: None)
    link.start()
    await until(lambda: link.up)
    meter = Meter(exchange.processes.pid_of(exchange.server.name))
    seconds = arguments.seconds
    alone, memory_alone = await meter.share(seconds)

    legs = [f"leg.cost.{number}" for number in range(arguments.agents)]
    for number, leg in enumerate(legs):
        await make_device(link, f"cost-{number}", exchange.phones_port, silence_seconds=3600)
        await originate(link, f"PJSIP/cost-{number}", leg, "agent")
    await until(lambda: board.idle.issuperset(legs))
    await asyncio.sleep(3)
    standing, memory_standing = await meter.share(seconds)

    talks = [f"talk-{number}" for number in range(min(arguments.talks, arguments.agents))]
    for number, (talk, leg) in enumerate(zip(talks, legs, strict=False)):
        await originate(link, f"PJSIP/+316000{number:05d}@trunk", talk, "resident")
        await until(lambda talk=talk: talk in board.up)  # type: ignore[misc]  # a default binds this turn's value
        await link.send("Bridge", {"Channel1": talk, "Channel2": leg, "Tone": "no"})
    await until(lambda: board.talking.issuperset(talks))
    await asyncio.sleep(_SETTLES)
    talks = [talk for talk in talks if talk not in board.ended]
    talking, memory_talking = await meter.share(seconds)
    if board.ended.intersection(talks) or not talks:
        raise SystemExit("conversations broke off: the machine has too much else to do")
    for talk in talks:
        await link.send("Hangup", {"Channel": talk})
    await until(lambda: board.ended.issuperset(talks))
    await asyncio.sleep(3)
    quiet, _ = await meter.share(seconds / 2)

    calls = [f"call-{number}" for number in range(arguments.calls)]
    before, began = meter.read(), time.monotonic()
    for number, call in enumerate(calls):
        await originate(link, f"PJSIP/+316001{number:05d}@trunk", call, "resident")
        if number >= 5:
            await until(lambda call=calls[number - 5]: call in board.up)  # type: ignore[misc]  # a default binds this turn's value
            await link.send("Hangup", {"Channel": calls[number - 5]})
        await asyncio.sleep(max(0.0, began + (number + 1) / CALLS_A_SECOND - time.monotonic()))
    for call in calls[-5:]:
        await until(lambda call=call: call in board.up)  # type: ignore[misc]  # a default binds this turn's value
        await link.send("Hangup", {"Channel": call})
    await until(lambda: board.ended.issuperset(calls))
    after = meter.read()
    for leg in legs:
        await link.send("Hangup", {"Channel": leg})
    await until(lambda: board.ended.issuperset(legs))
    await link.stop()
    return {
        "talks": len(talks),
        "alone": alone,
        "memory alone": memory_alone,
        "agent": (standing - alone) / len(legs),
        "agent memory": (memory_standing - memory_alone) / len(legs),
        "talk": (talking - standing) / len(talks),
        "talk memory": (memory_talking - memory_standing) / len(talks),
        "call": (after.cpu - before.cpu - quiet * (after.at - before.at)) / len(calls),
        "call memory": (after.memory - memory_talking) / len(calls),
    }


def main(words: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agents", type=int, default=60)
    parser.add_argument("--talks", type=int, default=60)
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=20.0)
    arguments, _ = parser.parse_known_args(sys.argv[1:] if words is None else words)
    with tempfile.TemporaryDirectory(prefix="cost-bench-") as folder:
        data = Path(folder)
        processes = Processes(data)
        try:
            exchange = start_exchange(data, processes, talking=True)
            cost = asyncio.run(measure(exchange, arguments))
        finally:
            processes.stop_all()
    print(f"{arguments.agents} agents, {cost['talks']} conversations, {arguments.calls} calls")
    print(f"Asterisk alone: {cost['alone']:.1%} of a core, {cost['memory alone'] / 2**20:.0f} MB")
    print(f"{'':<28}{'CPU':>22}{'memory':>12}")
    rows = (("an idle agent", "agent", "% of a core"), ("a conversation, beside it", "talk", "% of a core"))
    for words_, key, unit in rows:
        print(f"{words_:<28}{100 * cost[key]:>10.2f} {unit:<11}{cost[key + ' memory'] / 1024:>9.0f} kB")
    print(
        f"{'a call, begin to end':<28}{1000 * cost['call']:>10.1f} {'ms':<11}{cost['call memory'] / 1024:>9.1f} kB kept"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
