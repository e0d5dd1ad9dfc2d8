"""From answer to both in one bridge, by Asterisk's own stamps: the whole service against a bare script.

Both run over the same Asterisk with the same 40 softphones that send sound, one after the other, several times. The
bare script does nothing but send `Bridge` on each answer; the service has committed the attempt before the dial,
reserves the agent, writes the ledger and tells the screens besides.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import sipp
from dialer.asterisk.config import AmiUser, AsteriskSettings, Instance, Trunk, device_objects, dialer_files
from dialer.asterisk.link import Headers, Link, LinkSettings
from dialer.asterisk.telephony import AsteriskTelephony
from dialer.clock import SystemIds
from dialer.demo.asterisk_install import ensure_asterisk
from dialer.demo.asterisk_server import AsteriskServer, asterisk_folders
from dialer.demo.postgres import EmbeddedPostgres
from dialer.demo.processes import Processes, free_port, free_range
from dialer.domain.agent import Agent, AgentEvent, AgentState
from dialer.domain.call import CallEvent
from dialer.domain.ids import UserId
from dialer.services.broadcast import Broadcast
from dialer.services.centre import Centre
from dialer.services.centre_parts import CentrePorts, CentreSettings
from dialer.services.desk import device_of
from dialer.services.floor import LiveCall
from dialer.services.live import LiveFeed
from dialer.storage.audit import PostgresAudit
from dialer.storage.duty import PgDutyStore
from dialer.storage.engine import PgEngineStore
from dialer.storage.migrate import migrate
from dialer.storage.pool import open_pool
from dialer.storage.transfer_targets import PgTransferTargets
from tests.support.clock import CalendarAt
from tests.support.live_centre import NoCallbacks, NoOutcomes
from tests.support.world import MONDAY, World

AGENTS = 40
RATE = 20.0
CALLS = 400
ROUNDS = 3
TALK_SECONDS = 1.0
SECRET = "bench-secret-of-twenty"


@dataclass
class Exchange:
    """Asterisk, residents and softphones for the bench."""

    data: Path
    processes: Processes
    server: AsteriskServer
    ami_port: int
    sip_port: int
    phones_port: int


def quantile(values: list[float], share: float) -> float:
    """The value below which `share` of the sorted values lie."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def start_exchange(data: Path, processes: Processes, *, talking: bool = False) -> Exchange:
    """`talking`: residents send sound."""
    root = ensure_asterisk(Path(__file__).parents[1] / ".state", print)
    if root is None:
        raise SystemExit("the bench needs the root file system of Asterisk: SIPp stands in it")
    low, _ = free_range(7000)
    ours, theirs, agents = (low, low + 999), (low + 1000, low + 3999), (low + 4000, low + 6999)
    residents = sipp.start("residents", data / "sipp", root, processes, sound=talking, rtp_ports=theirs)
    phones = sipp.start("phones", data / "sipp", root, processes, sound=True, rtp_ports=agents)
    sounds = data / "sounds"
    folder = data / "asterisk"
    instance = Instance(
        name="bench",
        folders=asterisk_folders(folder, sounds, root),
        sip_port=free_port(),
        ami_port=free_port(),
        rtp_ports=ours,
        ami_users=(AmiUser(name="dialer", secret=SECRET), AmiUser(name="bare", secret=SECRET)),
    )
    trunk = Trunk(name="trunk", host="127.0.0.1", port=residents)
    files = dialer_files(AsteriskSettings(instance=instance, trunks=(trunk,)))
    server = AsteriskServer(folder, instance, files, processes, root=root, sounds=sounds)
    server.start()
    return Exchange(data, processes, server, instance.ami_port, instance.sip_port, phones)


async def make_device(link: Link, device: str, phones_port: int, *, silence_seconds: int = 30) -> None:
    """An account whose phone stands still at SIPp's address instead of registering."""
    for family, key, value in device_objects(device, SECRET, silence_seconds=silence_seconds):
        options = json.loads(value)
        if family.endswith("aor"):
            options["contact"] = f"sip:{device}@127.0.0.1:{phones_port}"
        await link.send("DBPut", {"Family": family, "Key": key, "Val": json.dumps(options, separators=(",", ":"))})


async def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - looks at the centre from outside
            await asyncio.sleep(0.02)


# -- the bare script ---------------------------------------------------------------------------------------


@dataclass
class Bare:
    """Originate, and `Bridge` on each answer; nothing is kept."""

    link: Link
    legs: list[str] = field(default_factory=list)
    free: list[str] = field(default_factory=list)
    answered: dict[str, float] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    taken: dict[str, str] = field(default_factory=dict)
    tasks: set[asyncio.Task[object]] = field(default_factory=set)
    ended: int = 0

    def on_event(self, event: Headers) -> None:
        channel = event.get("Uniqueid", "")
        match event.get("Event"):
            case "BridgeEnter" if channel in self.legs and event["BridgeTechnology"] == "holding_bridge":
                self.free.append(channel)
            case "Newstate" if event["ChannelState"] == "6" and channel.startswith("bare-") and self.free:
                self.answered[channel] = float(event["Timestamp"])
                leg = self.free.pop(0)
                self.spawn(self.link.send("Bridge", {"Channel1": channel, "Channel2": leg, "Tone": "no"}))
            case "BridgeEnter" if channel in self.answered or channel in self.legs:
                members = self.taken.setdefault(event["BridgeUniqueid"], "")
                other = members or channel
                self.taken[event["BridgeUniqueid"]] = other
                if other != channel:
                    dial = channel if channel in self.answered else other
                    self.times.append(float(event["Timestamp"]) - self.answered.pop(dial))
                    self.spawn(self.end(dial))
            case "Hangup" if channel.startswith("bare-"):
                self.ended += 1

    def spawn(self, job: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(job)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def end(self, channel: str) -> None:
        await asyncio.sleep(TALK_SECONDS)
        await self.link.send("Hangup", {"Channel": channel})


async def run_bare(exchange: Exchange, turn: int) -> list[float]:
    bare: Bare
    link = Link(
        LinkSettings(port=exchange.ami_port, username="bare", secret=SECRET),
        lambda event: bare.on_event(event),
        lambda _up: None,
    )
    bare = Bare(link)
    link.start()
    await until(lambda: link.up)
    for number in range(AGENTS):
        device = f"bare-{number}"
        await make_device(link, device, exchange.phones_port)
        leg = f"leg.{turn}.{number}"
        bare.legs.append(leg)
        await link.send("Originate", _originate(f"PJSIP/{device}", leg, "agent"))
    await until(lambda: len(bare.free) == AGENTS)
    began = time.monotonic()
    for number in range(CALLS):
        channel = f"bare-{turn}-{number}"
        bare.spawn(link.send("Originate", _originate(f"PJSIP/+316000{number:05d}@trunk", channel, "resident")))
        await asyncio.sleep(max(0.0, began + (number + 1) / RATE - time.monotonic()))
    await until(lambda: bare.ended == CALLS)
    for leg in bare.legs:
        await link.send("Hangup", {"Channel": leg})
    await link.stop()
    return bare.times


def _originate(channel: str, name: str, context: str) -> dict[str, str]:
    return {
        "Channel": channel, "ChannelId": name, "ActionID": name, "Account": name, "Context": context, "Exten": "s",
        "Priority": "1", "CallerID": "<+31790000001>", "Timeout": "30000", "Async": "true",
    }  # fmt: skip


# -- the service -------------------------------------------------------------------------------------------


async def run_ours(exchange: Exchange, database: EmbeddedPostgres, turn: int) -> list[float]:
    dsn = await _database(database, f"bench_{turn}")
    pool = await open_pool(dsn)
    clock = CalendarAt(MONDAY)
    world = World(pool, ids=SystemIds(), now=MONDAY)
    await world.build(agents=AGENTS)
    await world.ledger.drop_lease(f"campaign:{world.campaign}", world.owner)
    await pool.execute(
        "update campaign set settings = $1::text::jsonb", json.dumps({"lines": 500, "calls_per_second": RATE})
    )
    for number in range(CALLS):
        await world.add_case(f"+316000{number:05d}")
    telephony = AsteriskTelephony(LinkSettings(port=exchange.ami_port, username="dialer", secret=SECRET), clock)
    ports = CentrePorts(
        telephony=telephony,
        ledger=world.ledger,
        store=PgEngineStore(pool, NoCallbacks(), trunk="trunk"),
        duty=PgDutyStore(pool),
        outcomes=NoOutcomes(),
        clock=clock,
        ids=SystemIds(),
        audit=PostgresAudit(pool, clock.now),
        transfer_targets=PgTransferTargets(pool),
    )
    centre = Centre(ports, CentreSettings(owner="bench", sip_domain="127.0.0.1", sip_port=exchange.sip_port))
    feed = LiveFeed("bench")

    async def card(_user: UserId, attempt: object) -> object:
        return {"attempt": str(attempt)}

    Broadcast(centre.floor, centre.desk, feed, centre.tasks, card, settled=centre.journal.settled)
    times: list[float] = []
    ended: list[LiveCall] = []

    def called(live: LiveCall, event: CallEvent, _at: float) -> None:
        if event is CallEvent.JOINED and live.call.answer_to_agent is not None and live.call.agent is not None:
            times.append(live.call.answer_to_agent)
            centre.tasks.spawn("talk", _talk(centre, live))
        elif not live.call.live:
            ended.append(live)

    def agent_changed(before: Agent, after: Agent, at: float) -> None:
        if after.state is AgentState.WRAP_UP and before.state is not AgentState.WRAP_UP:
            asyncio.get_running_loop().call_soon(centre.floor.try_act, after.user, AgentEvent.FILED, at)

    centre.floor.listen(calls=called, agents=agent_changed)
    await pool.execute("update campaign set state = 'paused'")
    await centre.start()
    telephony.start(centre.tracker.handle)
    await until(lambda: telephony.up)
    for user in world.agents:
        await make_device(telephony.link, device_of(user), exchange.phones_port)
        await centre.desk.on_duty(user)
    await until(lambda: len(centre.floor.free_agents()) == AGENTS)
    await pool.execute("update campaign set state = 'running'")
    await centre.engine.refresh()
    await until(lambda: len(ended) >= CALLS, 120)
    for user in world.agents:
        await centre.desk.off_duty(user)
    await until(lambda: all(agent.leg_channel is None for agent in centre.floor.agents()))
    await centre.stop()
    await telephony.stop()
    await pool.close()
    return times


async def _talk(centre: Centre, live: LiveCall) -> None:
    await asyncio.sleep(TALK_SECONDS)
    if live.call.agent is not None:
        await centre.desk.hang_up(live.call.agent, live.call.attempt)


async def _database(server: EmbeddedPostgres, name: str) -> str:
    import asyncpg

    connection = await asyncpg.connect(server.dsn())
    await connection.execute(f"create database {name}")
    await connection.close()
    await migrate(server.dsn(name))
    return server.dsn(name)


# -- both --------------------------------------------------------------------------------------------------


async def run() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        data = Path(folder)
        processes = Processes(data)
        database = EmbeddedPostgres(data, processes)
        try:
            database.start()
            exchange = start_exchange(data, processes)
            rows: dict[str, list[float]] = {"bare": [], "ours": []}
            for turn in range(ROUNDS):
                rows["bare"] += await run_bare(exchange, turn)
                rows["ours"] += await run_ours(exchange, database, turn)
        finally:
            processes.stop_all()
    print(f"{AGENTS} agents, {RATE:.0f} calls a second, {ROUNDS} rounds of {CALLS} calls each, milliseconds")
    print(f"{'':8}{'joined':>8}{'p50':>8}{'p99':>8}{'max':>8}")
    for name, values in rows.items():
        shown = [1000 * value for value in (quantile(values, 0.5), quantile(values, 0.99), max(values))]
        print(f"{name:8}{len(values):>8}" + "".join(f"{value:>8.2f}" for value in shown))
    extra = 1000 * (quantile(rows["ours"], 0.99) - quantile(rows["bare"], 0.99))
    print(f"p99 above the bare script: {extra:+.2f} ms (asked: at most +5)")


def main() -> None:
    asyncio.run(run())
