"""How fast due cases become committed attempts, among many that wait for later, each with history.

    python -m bench.claim_bench [--cases 100000] [--batch 20] [--rounds 50]

Prints milliseconds of one claim (p50, p99), of closing a call (event, projection and the next plan in one transaction),
and of a claim when nothing is due. The wall clock of a busy machine shows here: run it on a quiet one.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from dialer.demo.postgres import EmbeddedPostgres
from dialer.demo.processes import Processes
from dialer.schedule.planner.product import LearnedPlanner
from dialer.storage.migrate import migrate
from dialer.storage.pool import open_pool
from tests.support.crowd import crowd
from tests.support.world import World


async def _timed(what: str, rounds: int, work: Callable[[], Awaitable[object]]) -> None:
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        await work()
        took.append(1000 * (time.perf_counter() - begun))
    took.sort()
    print(f"{what:<34} p50 {took[len(took) // 2]:6.1f} ms   p99 {took[int(len(took) * 0.99)]:6.1f} ms")


async def _run(dsn: str, cases: int, batch: int, rounds: int) -> None:
    await migrate(dsn)
    pool = await open_pool(dsn, size=4)
    try:
        world = await World(pool, planner=LearnedPlanner()).build(agents=batch)
        await crowd(world, cases)
        await world.claim(batch)  # the first one of a process plans its statements
        rounds = min(rounds, cases // 20 // batch)
        await _timed(f"claim {batch} of {cases:,}", rounds, lambda: world.claim(batch))
        live = iter(await world.ledger.live([world.campaign]))
        await _timed("close one call", rounds, lambda: world.end(next(live).attempt, "NO_ANSWER"))
        await pool.execute("update case_file set next_at = $1 where next_at <= $1", world.now + timedelta(days=1))
        await pool.execute("vacuum case_file")
        await _timed("claim when nothing is due", rounds, lambda: world.claim(batch))
    finally:
        await pool.close()


def main() -> None:
    """Run on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=50)
    arguments, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="claim-bench-") as folder:
        server = EmbeddedPostgres(Path(folder), Processes(Path(folder)))
        server.start()
        try:
            asyncio.run(_run(server.dsn(), arguments.cases, arguments.batch, arguments.rounds))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
