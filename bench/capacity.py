"""What a number of agents takes: measured costs of one, what a pool gives in the simulator, and sums. Pure.

Costs and pools stand in `capacity.toml` with where they were measured; `docs/capacity.md` says the formulae and shows
what `tables` gives.
"""

from __future__ import annotations

import itertools
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dialer.pacing.simulator.scenario import Scenario
from dialer.pacing.simulator.trial import text_table

FILE = Path(__file__).with_suffix(".toml")
SIZES = (10, 100, 1_000, 10_000)
MOST = 1_000
"""Agents of one service: more than the load bench has tried is not planned."""
NODE = 200
"""Agents of one Asterisk: a core of it (below), and what a lost node interrupts."""
LAG_ASKED = 0.020
HEADROOM = 0.5
"""Share of a core that a plan uses: the rest is for hours that are not the mean, and for a machine that is slow."""
DAYS, HOURS = 21, 8.0
"""Of a month's calling."""
RTP = 8 * 50 * (160 + 12 + 10 + 8 + 20 + 18)
"""Bits a second of one direction: fifty packets of G.711 with RTP, SRTP's tag, UDP, IP and Ethernet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Of one, as measured: seconds or a share of a core, bytes of memory or disk."""

    asterisk_agent: float
    asterisk_talk: float
    asterisk_call: float
    asterisk_memory: float
    asterisk_agent_memory: float
    asterisk_talk_memory: float
    service_agent: float
    service_call: float
    service_memory: float
    service_agent_memory: float
    database_call: float
    case_bytes: float
    call_bytes: float
    calls_a_case: float
    turn: float  # the loop's mean residual turn: E[S^2] / 2E[S], seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """What the simulator gave for so many agents who serve each other's calls."""

    agents: int
    hours: float
    occupancy: float
    abandonment: float
    conversations: float
    calls: float
    ringing: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What so many agents take."""

    agents: int
    services: int
    pool: float  # agents of one service
    calls: float  # started a second, in all
    talks: float
    nodes: int
    asterisk_cores: float
    asterisk_memory: float
    service_busy: float  # share of one core, each
    lag: float  # p99 of the loop, seconds
    service_memory: float
    database_cores: float
    month_calls: float
    month_bytes: float
    bits: float  # a second, one direction, agents and carrier together
    sockets: int


def read(file: Path = FILE) -> tuple[Costs, Mapping[int, Pool]]:
    """What was measured."""
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    pools = {int(agents): Pool(agents=int(agents), **one) for agents, one in data["pools"].items()}
    return Costs(**data["costs"]), dict(sorted(pools.items()))


def at(pools: Mapping[int, Pool], agents: float, figure: str) -> float:
    """A figure of a pool, between two sizes that were played along the logarithm of the size; outside as at the end."""
    sizes = list(pools)
    if agents <= sizes[0]:
        return float(getattr(pools[sizes[0]], figure))
    for low, high in itertools.pairwise(sizes):
        if agents <= high:
            share = math.log(agents / low) / math.log(high / low)
            before, after = getattr(pools[low], figure), getattr(pools[high], figure)
            return float(before + share * (after - before))
    return float(getattr(pools[sizes[-1]], figure))


def each_calls(pools: Mapping[int, Pool], agents: float) -> float:
    """Calls started a second for one agent of a pool of so many."""
    return at(pools, agents, "conversations") * at(pools, agents, "ringing") / 3600


def talking(pools: Mapping[int, Pool], agents: float) -> float:
    """Share of the agents who talk; the rest of the occupancy is wrap-up."""
    usual = Scenario()
    talk = usual.talk * (1 - usual.third_party) + usual.third_talk * usual.third_party
    after = usual.wrap_up * (1 - usual.third_party) + usual.third_wrap_up * usual.third_party
    return at(pools, agents, "occupancy") / 100 * talk / (talk + after)


def busy(costs: Costs, agents: float, calls: float) -> float:
    """Share of the one core that a service's loop has."""
    return costs.service_agent * agents + costs.service_call * calls


def lag(costs: Costs, load: float) -> float:
    """p99 of what a timer waits for the loop, seconds; infinite from a whole core on.

    One server, Poisson arrivals, any length of turn (M/G/1): P(W > t) = load * exp(-(1 - load) t / turn), Kingman's
    approximation of the tail, with `turn` fitted to what the load bench measured.
    """
    if load >= 1.0:
        return math.inf
    return max(0.0, costs.turn / (1.0 - load) * math.log(100.0 * load)) if load > 0 else 0.0


def fits(costs: Costs, pools: Mapping[int, Pool], agents: float) -> bool:
    """Whether one service carries so many: tried so far, within half a core, and quick enough."""
    load = busy(costs, agents, agents * each_calls(pools, agents))
    return agents <= MOST and load <= HEADROOM and lag(costs, load) < LAG_ASKED


def need(costs: Costs, pools: Mapping[int, Pool], agents: int) -> Need:
    """The sums."""
    services = next(many for many in range(1, agents + 1) if fits(costs, pools, agents / many))
    pool = agents / services
    calls = agents * each_calls(pools, pool)
    talks = agents * talking(pools, pool)
    load = busy(costs, pool, calls / services)
    nodes = math.ceil(pool / NODE) * services
    month = calls * 3600 * HOURS * DAYS
    return Need(
        agents=agents,
        services=services,
        pool=pool,
        calls=calls,
        talks=talks,
        nodes=nodes,
        asterisk_cores=costs.asterisk_agent * agents + costs.asterisk_talk * talks + costs.asterisk_call * calls,
        asterisk_memory=costs.asterisk_memory * nodes
        + costs.asterisk_agent_memory * agents
        + costs.asterisk_talk_memory * talks,
        service_busy=load,
        lag=lag(costs, load),
        service_memory=costs.service_memory + costs.service_agent_memory * pool,
        database_cores=costs.database_call * calls,
        month_calls=month,
        month_bytes=month * (costs.call_bytes + costs.case_bytes / costs.calls_a_case),
        bits=RTP * (agents + talks),
        sockets=2 * agents,
    )


def tables(costs: Costs, pools: Mapping[int, Pool]) -> str:
    """All that the page shows, as Markdown."""
    return "\n\n".join(
        text_table(table)
        for table in (_pools(pools), _needs([need(costs, pools, size) for size in SIZES]), _apart(pools), _loop(costs))
    )


def _pools(pools: Mapping[int, Pool]) -> list[list[str]]:
    rows = [["one pool of", "occupancy", "abandoned", "conversations an hour each", "calls a second", "hours played"]]
    rows += [
        [
            f"{one.agents:,}", f"{one.occupancy:.1f} %", f"{one.abandonment:.2f} %", f"{one.conversations:.2f}",
            f"{one.calls:.2f}", f"{one.hours:g}",
        ]
        for one in pools.values()
    ]  # fmt: skip
    return rows


def _needs(found: Sequence[Need]) -> list[list[str]]:
    lines = {
        "services (installations), each its own clients": [f"{one.services}" for one in found],
        "calls started a second": [f"{one.calls:.1f}" for one in found],
        "in conversation": [f"{one.talks:,.0f}" for one in found],
        "a service: share of its core": [f"{one.service_busy:.1%}" for one in found],
        "its loop's lag, p99": [f"{1000 * one.lag:.1f} ms" for one in found],
        "its memory": [f"{one.service_memory / 1e6:.0f} MB" for one in found],
        "Asterisk nodes": [f"{one.nodes}" for one in found],
        "cores of Asterisk, used": [f"{one.asterisk_cores:.1f}" for one in found],
        "cores of Asterisk, to buy": [f"{_cores(one.asterisk_cores, one.nodes)}" for one in found],
        "memory of Asterisk": [f"{one.asterisk_memory / 1e9:.1f} GB" for one in found],
        "cores of PostgreSQL, used": [f"{one.database_cores:.2f}" for one in found],
        "cores of PostgreSQL, to buy": [f"{_cores(one.database_cores, one.services)}" for one in found],
        "calls a month": [f"{one.month_calls / 1e6:.2f} million" for one in found],
        "database grows a month": [f"{one.month_bytes / 1e9:.1f} GB" for one in found],
        "a year, indexes with it": [f"{12 * one.month_bytes / 1e9:,.0f} GB" for one in found],
        "sound, each direction": [f"{one.bits / 1e6:,.0f} Mbit/s" for one in found],
        "WebSockets of browsers": [f"{one.sockets:,}" for one in found],
    }
    return [["agents", *(f"{one.agents:,}" for one in found)], *([name, *cells] for name, cells in lines.items())]


def _cores(used: float, machines: int) -> int:
    return machines * max(1, math.ceil(used / machines / HEADROOM))


def _apart(pools: Mapping[int, Pool]) -> list[list[str]]:
    """A call and its agent on the same node, against one pool over all nodes."""
    rows = [["agents", "nodes", "one pool", "a pool for each node", "occupancy lost", "agents that this is"]]
    for agents, node in ((100, 10), (100, 50), (200, 50), (200, 100), (400, 200), (1_000, 200), (1_000, 100)):
        if agents > max(pools):
            continue  # nobody has played it
        together, alone = at(pools, agents, "occupancy"), at(pools, node, "occupancy")
        lost = together - alone
        rows.append(
            [
                f"{agents:,}", f"{agents // node} of {node}", f"{together:.1f} %", f"{alone:.1f} %",
                f"{lost:.1f} points", f"{agents * lost / together:.0f}",
            ]
        )  # fmt: skip
    return rows


def _loop(costs: Costs) -> list[list[str]]:
    rows = [["share of the loop's core", "lag p99", "calls a second with 1,000 agents"]]
    for load in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
        calls = (load - costs.service_agent * 1_000) / costs.service_call
        rows.append([f"{load:.0%}", f"{1000 * lag(costs, load):.1f} ms", f"{max(0.0, calls):.0f}"])
    return rows
