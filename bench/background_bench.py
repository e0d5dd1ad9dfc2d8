"""What the heavy work by the clock does to the event loop: learning anew, a report of reach, changed rules of outcomes.

    python -m bench background [--cases 20000]

Prints for each its seconds, the service's own CPU seconds, and how late a timer of the event loop fired meanwhile.
Bound: p99 of 20 ms, as for calls.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from dialer.demo.postgres import EmbeddedPostgres
from dialer.demo.processes import Processes
from dialer.schedule.planner.product import LearnedPlanner
from dialer.services.learning import LearningService
from dialer.services.outcome_rules import OutcomeRuleService
from dialer.services.reach import ReachService
from dialer.storage.learning import PgLearning
from dialer.storage.migrate import migrate
from dialer.storage.outcome_rules import PgOutcomeRules
from dialer.storage.pool import open_pool
from dialer.storage.reach import PgReach
from tests.support.clock import FakeClock
from tests.support.crowd import crowd
from tests.support.world import World

TICK = 0.005
BOUND = 20.0
APPLY_SECONDS = 30.0
STEPS = {"NO_ANSWER": {"kind": "pause", "pause_days": 3}}


class Lag:
    """How late a timer fires."""

    def __init__(self) -> None:
        self.late: list[float] = []

    async def watch(self) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(TICK)
            self.late.append(1000 * (time.perf_counter() - begun - TICK))


async def _measure(name: str, lag: Lag, work: Callable[[], Awaitable[object]]) -> bool:
    lag.late.clear()
    begun, own = time.perf_counter(), time.process_time()
    done = await work()
    took, own = time.perf_counter() - begun, time.process_time() - own
    late = sorted(lag.late)
    p50, p99 = late[len(late) // 2], late[int(len(late) * 0.99)]
    print(f"{name:<22} {took:7.1f} {own:7.1f} {p50:7.1f} {p99:7.1f} {late[-1]:7.1f}   {done}", flush=True)
    return p99 > BOUND


async def _run(dsn: str, cases: int) -> bool:
    await migrate(dsn)
    pool, lag = await open_pool(dsn, size=4), Lag()
    planner = LearnedPlanner()
    world = await World(pool, planner=planner).build(agents=1)
    await crowd(world, cases)
    clock = FakeClock(world.now)
    learning = LearningService(PgLearning(pool), planner, clock)
    reach = ReachService(PgReach(pool, world.catalogues, planner), planner, clock)
    rules = OutcomeRuleService(PgOutcomeRules(pool, world.catalogues, planner), world.catalogues, clock)

    async def report() -> str:
        return f"{(await reach.reckon(world.campaign)).report['open']} open cases"

    async def revise(*, dry_run: bool) -> str:
        done = await rules.revise(world.campaign, 1, STEPS, note="bench", actor="bench", user=None, dry_run=dry_run)
        return f"{'about ' if done.estimated else ''}{done.moved} plans move"

    async def bring() -> str:
        try:
            async with asyncio.timeout(APPLY_SECONDS):
                await rules.tend()
        except TimeoutError:
            pass  # as many as it takes to see what it does
        return f"{await pool.fetchval('select count(*) from case_file where catalogue_version = 2')} cases follow"

    async def learn() -> str:
        return f"{await learning.relearn()} attempts"

    ticking = asyncio.create_task(lag.watch())
    print(f"{'':<22} seconds own CPU     p50     p99     max   (lag of the event loop, ms)")
    try:
        missed = await _measure("nothing", lag, lambda: asyncio.sleep(3))
        for name, work in (
            ("learning anew", learn),
            ("a report of reach", report),
            ("trying other rules", lambda: revise(dry_run=True)),
            ("keeping them", lambda: revise(dry_run=False)),
            ("bringing them", bring),
        ):
            missed |= await _measure(name, lag, work)
    finally:
        ticking.cancel()
        await pool.close()
    return missed


def main() -> bool:
    """Run on a PostgreSQL of its own; True when a bound was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20_000)
    arguments, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="background-bench-") as folder:
        server = EmbeddedPostgres(Path(folder), Processes(Path(folder)))
        server.start()
        try:
            return asyncio.run(_run(server.dsn(), arguments.cases))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
