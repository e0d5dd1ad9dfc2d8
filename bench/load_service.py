"""The service of the load bench, in a process of its own: `dialer serve` with 1,000 agents' hands inside.

    python -m bench.load_service FILE

FILE holds the settings as JSON. Prints one JSON object a sample, and a last one with the figures. The soak test runs
it too, before a real Asterisk: the agents' phones then stand at one address instead of registering, and agents hang up.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import os
import random
import signal
import sys
import time
import tracemalloc
from array import array
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import psutil
import uvloop
from asyncpg.pgproto import pgproto

import dialer.app
from dialer.asterisk.config import device_objects
from dialer.asterisk.telephony import AsteriskTelephony
from dialer.cli.serve import calm_collector
from dialer.config import Asterisk, Database, Http, Keys, Rest, Service, Settings
from dialer.domain.agent import Agent, AgentState
from dialer.domain.call import CallEvent, CallState, Direction
from dialer.domain.errors import DialerError, UnavailableError
from dialer.domain.ids import UserId
from dialer.domain.sites import MAIN
from dialer.services.floor import LiveCall
from dialer.services.pacemaker import Decided
from dialer.services.ports.desk import DeviceGrant, Filing
from tests.support.overdialing import Overdialing

_LOOK_EVERY = 0.01
_SAMPLE_EVERY = 5.0
_WRAP_UP = (1.0, 3.0)


def _floats() -> array[float]:
    return array("f")


@dataclass
class Seen:
    """What the bench counts, in few bytes: it lives in the process whose memory is looked at. Times in milliseconds."""

    lags: array[float] = field(default_factory=_floats)
    joins: array[float] = field(default_factory=_floats)
    backlog: array[float] = field(default_factory=_floats)
    live: array[float] = field(default_factory=_floats)
    mb: array[float] = field(default_factory=_floats)
    dials: int = 0
    ends: int = 0
    messages: int = 0
    filed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    on: bool = False

    def reset(self) -> None:
        fresh = Seen(on=True)
        self.__dict__.update(fresh.__dict__)


def quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if len(values) else 0.0


class Agents:
    """A thousand pairs of hands."""

    def __init__(self, service: dialer.app.Service, seen: Seen, data: dict[str, Any]) -> None:
        self._centre = service.centre
        assert isinstance(service.telephony, AsteriskTelephony), "one node"
        self._link = service.telephony.link
        self._phones: int | None = data.get("phones_port")
        self._talk: float | None = data.get("talk")
        self._wrap_up: tuple[float, float] = tuple(data.get("wrap_up", _WRAP_UP))
        self._seen = seen
        self._random = random.Random(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._centre.floor.listen(calls=self._call, agents=self._agent)

    async def begin(self, users: Sequence[UserId]) -> None:
        at_once = asyncio.Semaphore(16)

        async def one(user: UserId) -> None:
            async with at_once:
                while True:
                    try:
                        grant = await self._centre.desk.device(user)
                        if self._phones is not None:
                            await self._settle(grant, self._phones)
                        await self._centre.desk.on_duty(user)
                    except UnavailableError:  # it does not run the calls yet
                        await asyncio.sleep(0.1)
                    else:
                        return

        await asyncio.gather(*map(one, users))

    async def _settle(self, grant: DeviceGrant, port: int) -> None:
        """The phone stands at an address and need not register."""
        for family, key, value in device_objects(grant.username, grant.secret):
            options = json.loads(value)
            if family.endswith("aor"):
                options["contact"] = f"sip:{grant.username}@127.0.0.1:{port}"
            await self._link.send("DBPut", {"Family": family, "Key": key, "Val": json.dumps(options)})

    async def end(self, users: Sequence[UserId]) -> None:
        """Everybody goes home, and everything that was on the lines is gone."""
        for user in users:
            await self._centre.desk.off_duty(user)
        async with asyncio.timeout(120):
            floor = self._centre.floor
            while floor.lines() or any(agent.leg_channel is not None for agent in floor.agents()):  # noqa: ASYNC110 - seen from outside
                await asyncio.sleep(0.1)

    async def _hang_up(self, live: LiveCall, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if live.call.agent is not None:
            with contextlib.suppress(DialerError):  # the resident was quicker
                await self._centre.desk.hang_up(live.call.agent, live.call.attempt)

    def _spawn(self, job: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _call(self, live: LiveCall, event: CallEvent, _at: float) -> None:
        seen = self._seen
        if event is CallEvent.DIALED:
            seen.dials += 1
        elif event is CallEvent.JOINED and live.call.answer_to_agent is not None:
            if live.call.direction is Direction.OUT:
                seen.joins.append(1000 * live.call.answer_to_agent)
            if self._talk is not None:
                self._spawn(self._hang_up(live, self._talk))
        elif live.call.state is CallState.MESSAGE:
            seen.messages += 1
        if not live.call.live:
            seen.ends += 1

    def _agent(self, before: Agent, after: Agent, _at: float) -> None:
        if after.state is AgentState.WRAP_UP and before.state is not AgentState.WRAP_UP:
            self._spawn(self._file(after))

    async def _file(self, agent: Agent) -> None:
        await asyncio.sleep(self._random.uniform(*self._wrap_up))
        while agent.attempt is not None:
            try:
                await self._centre.desk.file(agent.user, agent.attempt, Filing(outcome="WILL_CALL"))
            except DialerError as error:
                self._seen.refused[f"{error.code}: {error}"] += 1
                await asyncio.sleep(1.0)
            else:
                self._seen.filed += 1
                return


def settings_of(data: dict[str, Any]) -> Settings:
    return Settings(
        database=Database(dsn=data["dsn"]),
        asterisk=Asterisk(port=data["ami_port"], secret=data["secret"]),
        http=Http(port=0, metrics_port=0, secure_cookies=False),
        keys=Keys(master=data["master"]),
        rest=Rest() if data.get("rests", True) else Rest(breath=0.0, long_breath=0.0, occupancy=1.0),
        service=Service(
            name="bench",
            site=data.get("site", MAIN),
            demo=True,
            log_level="warning",
            calendar_start=data["calendar"],
            calendar_speed=data.get("speed", 1.0),
        ),
    )


class Collections:
    """How long Python's garbage collector held everything up."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._began = 0.0
        gc.callbacks.append(self._told)

    def _told(self, phase: str, _info: object) -> None:
        if phase == "start":
            self._began = time.perf_counter()
        else:
            self.longest = max(self.longest, 1000 * (time.perf_counter() - self._began))


class Growth:
    """Which lines of code hold more at the end than after a third of the time."""

    def __init__(self, seconds: float) -> None:
        tracemalloc.start(1)
        self._at = seconds / 3
        self._before: tracemalloc.Snapshot | None = None

    def look(self, second: float) -> None:
        """Take the first look when it is time."""
        if self._before is None and second >= self._at:
            gc.collect()
            self._before = tracemalloc.take_snapshot()

    def tell(self) -> None:
        """Print what has grown, the most first."""
        gc.collect()
        after = tracemalloc.take_snapshot()
        if self._before is not None:
            for line in after.compare_to(self._before, "lineno")[:25]:
                print(line, file=sys.stderr)


def thirds(values: Sequence[float]) -> tuple[float, float]:
    """The middle value of the second and of the last third: what has warmed up, and whether it grows."""
    part = max(1, len(values) // 3)
    return quantile(values[part : 2 * part] or values, 0.5), quantile(values[-part:], 0.5)


async def watch(service: dialer.app.Service, seen: Seen) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _LOOK_EVERY
        await asyncio.sleep(_LOOK_EVERY)
        seen.lags.append(1000 * max(0.0, loop.time() - due))
        seen.backlog.append(len(service.centre.journal))


def say(**figures: object) -> None:
    print(json.dumps(figures), flush=True)


async def run(data: dict[str, Any]) -> None:
    users = [UserId(pgproto.UUID(user)) for user in data["users"]]  # as a session gives them
    Overdialing.times, Overdialing.crowd = data["times"], users
    vars(dialer.app)["PostgresLedger"] = Overdialing
    seen, process = Seen(), psutil.Process()
    async with dialer.app.running(settings_of(data)) as service:
        floor = service.centre.floor
        agents = Agents(service, seen, data)
        async with asyncio.timeout(60):
            while not service.telephony.up:  # noqa: ASYNC110 - seen from outside
                await asyncio.sleep(0.05)
        began = time.monotonic()
        await agents.begin(users)
        async with asyncio.timeout(120):
            while sum(agent.hears for agent in floor.agents()) < len(users):  # noqa: ASYNC110 - seen from outside
                await asyncio.sleep(0.1)
        say(step="on duty", seconds=round(time.monotonic() - began, 1), agents=len(users))
        await service.pool.execute("update campaign set state = 'running'")
        await asyncio.sleep(data["ramp"])
        if data.get("profile"):
            await profiled(float(data["profile"]))
            return
        seen.reset()
        collections = Collections()
        decisions: Counter[str] = Counter()

        def decided(round_: Decided) -> None:
            for share in round_.shares.values():
                why = share.decision.reasons
                decisions[" ".join(filter(None, (why.mode, why.held, why.surprise)))] += 1

        service.centre.engine.pacemaker.listen(decided)
        watcher = asyncio.create_task(watch(service, seen))
        growth = Growth(60 * data["minutes"]) if data.get("growth") else None
        began, cpu, rss = time.monotonic(), time.process_time(), process.memory_info().rss
        first = rss
        while time.monotonic() - began < 60 * data["minutes"]:
            await asyncio.sleep(_SAMPLE_EVERY)
            rss = process.memory_info().rss
            channels = floor.lines() + sum(agent.leg_channel is not None for agent in floor.agents())
            seen.live.append(channels)
            seen.mb.append(rss / 2**20)
            if growth is not None:
                growth.look(time.monotonic() - began)
            say(
                step="sample", second=round(time.monotonic() - began), channels=channels, mb=rss >> 20,
                backlog=seen.backlog[-1], lag99=round(quantile(seen.lags[-500:], 0.99), 1), dials=seen.dials,
                free=len(floor.free_agents()), held=held_back(service), messages=seen.messages, files=process.num_fds(),
                connections=service.pool.get_size(), tasks=len(asyncio.all_tasks()),
            )  # fmt: skip
        watcher.cancel()
        if growth is not None:
            growth.tell()
        if data.get("goes_home"):
            await agents.end(users)
        seconds = time.monotonic() - began
        say(
            step="figures",
            seconds=round(seconds, 1),
            lag=[quantile(seen.lags, 0.5), quantile(seen.lags, 0.99), max(seen.lags)],
            join=[quantile(seen.joins, 0.5), quantile(seen.joins, 0.99), max(seen.joins, default=0.0)],
            joined=len(seen.joins),
            cpu=(time.process_time() - cpu) / seconds,
            mb=[first / 2**20, *thirds(seen.mb), rss / 2**20],
            backlog=[quantile(seen.backlog, 0.5), quantile(seen.backlog, 0.99), max(seen.backlog)],
            channels=[int(min(seen.live)), int(max(seen.live))],
            dials=seen.dials / seconds,
            ends=seen.ends / seconds,
            filed=seen.filed / seconds,
            refused=dict(seen.refused.most_common(5)),
            gc=collections.longest,
            messages=seen.messages,
            illegal=floor.illegal,
            decisions={why: count / seconds for why, count in decisions.most_common()},
            rejected=service.centre.journal.rejected,
            tasks_failed=service.centre.tasks.failed,
        )


def held_back(service: dialer.app.Service) -> str:
    """What held the next call back, in each campaign's last decision."""
    decisions = [service.centre.engine.run_of(view.campaign).decision for view in service.centre.engine.views()]
    return ", ".join(str(dict(decision.facts)) for decision in decisions if decision is not None).replace(" ", "")


async def profiled(seconds: float) -> None:
    """Where the processor's time goes, by a look every five milliseconds of it: a tracer would slow everything down."""
    here: Counter[str] = Counter()
    below: Counter[str] = Counter()

    def look(_signal: int, frame: FrameType | None) -> None:
        stack = []
        while frame is not None:
            stack.append(f"{Path(frame.f_code.co_filename).name}:{frame.f_code.co_name}")
            frame = frame.f_back
        if stack:
            here[stack[0]] += 1
            below.update(set(stack))

    signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, 0.005, 0.005)
    await asyncio.sleep(seconds)
    signal.setitimer(signal.ITIMER_PROF, 0.0)
    total = max(1, sum(here.values()))
    print(f"{total * 0.005 / seconds:.0%} of a core", file=sys.stderr)
    for title, counts, most in (("in it", here, 35), ("in it and what it calls", below, 60)):
        print(f"\n{title}:", file=sys.stderr)
        for name, times in counts.most_common(most):
            print(f"{times / total:6.1%} {name}", file=sys.stderr)


def main() -> None:
    data = json.loads(Path(sys.argv[1]).read_text())
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    calm_collector()
    if data.get("core") is not None:
        os.sched_setaffinity(0, {data["core"]})
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(data))


if __name__ == "__main__":
    main()
