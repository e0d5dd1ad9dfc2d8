"""How fast due cases become committed attempts, among many that wait for later, each with history.

    python -m bench.claim_bench [--cases 100000] [--batch 20] [--rounds 50]

Prints milliseconds (p50, p99) of finding and locking the next hundred that are due, which is the database's part of a
claim; of a whole claim (rules, numbers, attempts, commit); of closing a call (event, projection and the next plan in
one transaction), alone and ten together; of counting the attempts that are planned, half-hour by half-hour (every
two minutes in the background); and of a claim when nothing is due. The wall clock of a busy machine shows
here: run it on a quiet one. Asked: the next hundred of a million (`--cases 1000000`) in less than 5 ms at p99.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from dialer.demo.postgres import EmbeddedPostgres
from dialer.demo.processes import Processes
from dialer.schedule.planner.product import LearnedPlanner
from dialer.services.ports.ledger import CallEnd, LiveAttempt
from dialer.storage.claims import SQL_DUE, SQL_PRIORITIES
from dialer.storage.fitting import PgFitting
from dialer.storage.migrate import migrate
from dialer.storage.pool import open_pool
from tests.support.crowd import crowd
from tests.support.world import World

_NEVER = datetime.max.replace(tzinfo=UTC)  # nobody waits for an agent who speaks his language


async def _timed(what: str, rounds: int, work: Callable[[], Awaitable[object]]) -> None:
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        await work()
        took.append(1000 * (time.perf_counter() - begun))
    _told(what, took)


def _told(what: str, took: list[float]) -> None:
    took.sort()
    print(f"{what:<34} p50 {took[len(took) // 2]:6.1f} ms   p99 {took[int(len(took) * 0.99)]:6.1f} ms", flush=True)


async def _found(world: World, wanted: int, rounds: int) -> None:
    """Find and lock what is due, and let it go again: what the database does before the first rule is asked."""
    took = []
    async with world.pool.acquire() as connection:
        for _ in range(rounds):
            transaction = connection.transaction()
            await transaction.start()
            begun = time.perf_counter()
            found: list[object] = []
            for row in await connection.fetch(SQL_PRIORITIES, world.campaign):
                if len(found) < wanted:
                    left = wanted - len(found)
                    due = await connection.fetch(
                        SQL_DUE, world.campaign, row["priority"], world.now, [], left, [], _NEVER
                    )
                    found += [case["id"] for case in due]
            took.append(1000 * (time.perf_counter() - begun))
            await transaction.rollback()
            if len(found) != wanted:
                raise SystemExit(f"only {len(found)} were due")
    _told(f"find and lock the next {wanted}", took)


def _ends(world: World, live: Iterable[LiveAttempt]) -> list[CallEnd]:
    at = world.now + timedelta(seconds=30)
    return [
        CallEnd(
            attempt=one.attempt, at=at, wall_at=at, actor="asterisk", result="NO_ANSWER", counted=True,
            abandoned=False, cause=16, sip_code=0, ring_ms=12_000.0, talk_ms=None, wrap_up=False, agent=None,
        )
        for one in live
    ]  # fmt: skip


async def _run(dsn: str, cases: int, batch: int, rounds: int) -> None:
    await migrate(dsn)
    pool = await open_pool(dsn, size=4)
    try:
        world = await World(pool, planner=LearnedPlanner()).build(agents=batch)
        await crowd(world, cases)
        await world.claim(batch)  # the first one of a process plans its statements
        rounds = min(rounds, cases // 20 // batch)
        await _found(world, 100, 4 * rounds)
        await _timed(f"claim {batch} of {cases:,}", rounds, lambda: world.claim(batch))
        live = iter(await world.ledger.live([world.campaign]))
        await _timed("close one call", rounds, lambda: world.end(next(live).attempt, "NO_ANSWER"))
        await _timed("close ten calls together", rounds // 2, lambda: world.ledger.end(*_ends(world, islice(live, 10))))
        fitting = PgFitting(pool, world.catalogues, world.planner)
        await pool.execute('update case_file set next_reason = \'{"code": "best_chance"}\'', timeout=1800)
        await pool.execute("vacuum analyze case_file", timeout=1800)
        await _timed("count what is planned", 5, lambda: fitting.planned(world.campaign, world.now))
        tomorrow = world.now + timedelta(days=1)
        await pool.execute("update case_file set next_at = $1 where next_at <= $1", tomorrow, timeout=1800)
        await pool.execute("vacuum case_file", timeout=1800)
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
