"""How long a report of reach takes among many attempts.

    python -m bench reports [--attempts 1000000] [--rounds 5]

Fills the facts of reports in a database of its own (one client, a year of twelve campaigns, five attempts a case,
each case with a partner and a number, a tenth of the attempts corrected once), then counts a report of everything, one
of a month, and opens the records behind the reached. Prints seconds (median, worst) and the plan's heaviest steps.
Asked: 5 s at most for everything. Status 1 when it took longer at the median.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from dialer.demo.postgres import EmbeddedPostgres
from dialer.demo.processes import Processes
from dialer.domain.reports.definitions import NEWEST
from dialer.domain.reports.kpis import Period, earlier
from dialer.domain.reports.operations import OPERATIONS_NEWEST
from dialer.services.ports.operations import Cell
from dialer.services.ports.reports import Asked, Slice
from dialer.storage.migrate import migrate
from dialer.storage.operations import PgOperations
from dialer.storage.pool import open_pool
from dialer.storage.reports import SQL_REACH, PgReports, counted_of
from tests.support.world import World

GOAL = 5.0

# $1: the first day, $2: cases. Ids are made of numbers, so that the statements find each other's.
SQL_FILL = (
    """
    insert into report_case (era, sign, case_id, client_id, campaign_id, delivery_id, opened_at, state, outcome)
    select 1, v.sign, md5('k' || n)::uuid, d.client_id, d.campaign_id, d.id,
           $1::timestamptz + (n * 12 / ($2::int + 1)) * interval '30 days', v.state, v.outcome
      from generate_series(1, $2::int) n
      join (select id, client_id, campaign_id, row_number() over (order by id) - 1 as place from delivery) d
        on d.place = n * 12 / ($2::int + 1)
      cross join lateral (
        values (1, 1, 'open', null), (2, -1, 'open', null),
               (3, 1, case when n % 5 < 2 then 'reached' else 'not_reached' end,
                case when n % 5 < 2 then case when n % 3 = 0 then 'PAID' else 'HELP_WANTED' end else 'NOT_REACHED' end)
      ) v (step, sign, state, outcome)
     order by n, v.step
    """,
    """
    insert into report_mark (era, sign, case_id, dimension, value)
    select 1, 1, md5('k' || n)::uuid, v.dimension, v.value
      from generate_series(1, $2::int) n
      cross join lateral (
        values ('partner', (array['rent', 'energy', 'water', 'health'])[1 + n % 4]),
               ('number', case when n % 3 = 0 then 'fixed' else 'mobile' end)) v (dimension, value)
     where $1::timestamptz is not null
    """,
    """
    insert into report_attempt (era, sign, attempt_id, client_id, campaign_id, case_id, direction, at, joined_at,
                                counted, abandoned, reached, outcome)
    select 1, v.sign, md5('a' || n || '-' || t)::uuid, d.client_id, d.campaign_id, md5('k' || n)::uuid, 'out', w.at,
           case when v.reached then w.at end, true, false, v.reached, v.outcome
      from generate_series(1, $2::int) n
      join (select id, client_id, campaign_id, row_number() over (order by id) - 1 as place from delivery) d
        on d.place = n * 12 / ($2::int + 1)
      cross join generate_series(1, 5) t
      cross join lateral (
        select $1::timestamptz + (n * 12 / ($2::int + 1)) * interval '30 days' + t * interval '2 days' as at) w
      cross join lateral (
        select 1 as sign, t = 5 and n % 5 < 2 as reached, case when t = 5 then 'PAID' else 'NO_ANSWER' end as outcome
        union all
        select s.sign, t = 5 and n % 5 < 2, 'VOICEMAIL' from (values (1), (-1)) s (sign) where (n + t) % 10 = 0) v
    """,
)


async def _fill(world: World, cases: int) -> None:
    await world.pool.execute("delete from delivery where id = $1", world.delivery)
    for number in range(12):
        await world.add_delivery(world.client, await world.add_campaign(world.client, f"Maand {number}"))
    for statement in SQL_FILL:
        await world.pool.execute(statement, world.now, cases, timeout=1800)
    await world.pool.execute("vacuum analyze", timeout=600)


async def _ask(world: World, store: PgReports, days: int) -> UUID:
    report = world.ids.new()
    first = world.now.date()
    asked = Asked(
        id=report, client=world.client, campaign=None, definitions=NEWEST, operations=OPERATIONS_NEWEST,
        first_day=first, last_day=first + timedelta(days=days), at=world.now, by=None,
    )  # fmt: skip
    await store.ask(asked)
    return report


async def _timed(what: str, rounds: int, work: Callable[[], Awaitable[object]]) -> float:
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        await work()
        took.append(time.perf_counter() - begun)
    took.sort()
    middle = took[len(took) // 2]
    print(f"{what:<40} p50 {middle:6.2f} s   worst {took[-1]:6.2f} s", flush=True)
    return middle


def _steps(plan: Mapping[str, Any]) -> Sequence[tuple[float, str]]:
    inner = [step for part in plan.get("Plans", ()) for step in _steps(part)]
    own = plan["Actual Total Time"] * plan["Actual Loops"] - sum(
        part["Actual Total Time"] * part["Actual Loops"] for part in plan.get("Plans", ())
    )
    name = " ".join(str(plan[key]) for key in ("Node Type", "Relation Name", "Index Name", "CTE Name") if key in plan)
    return [*inner, (own, f"{name}, {plan['Actual Rows']:.0f} rows")]


async def _run(dsn: str, attempts: int, rounds: int) -> bool:
    await migrate(dsn)
    pool = await open_pool(dsn, size=4)
    try:
        world = await World(pool).build(agents=0)
        begun = time.perf_counter()
        await _fill(world, attempts // 5)
        facts = await pool.fetchval("select count(*) from report_attempt")
        print(f"{attempts:,} attempts, {facts:,} facts of them, in {time.perf_counter() - begun:.0f} s", flush=True)
        store = PgReports(pool)
        year, month = await _ask(world, store, 365), await _ask(world, store, 20)
        reached = (await store.reach(year)).total["reached"]
        print(
            f"reached: {reached:,} of {(await store.reach(year)).total['callable']:,}; in the month "
            f"{(await store.reach(month)).total['reached']:,}",
            flush=True,
        )
        whole = await _timed("a report of everything", rounds, lambda: store.reach(year))
        await _timed("a report of a month", rounds, lambda: store.reach(month))
        await _timed(
            "a page of the records behind a figure", rounds,
            lambda: store.records(year, Slice(measure="reached"), None, 50),
        )  # fmt: skip
        work, first = PgOperations(pool), world.now.date()
        thirty = Period(first=first + timedelta(days=300), last=first + timedelta(days=329))
        year_long = Period(first=first, last=first + timedelta(days=365))
        await _timed("the work of thirty days", rounds, lambda: work.count(year, [thirty]))
        await _timed(
            "the same beside three periods before", rounds, lambda: work.count(year, [*earlier(thirty, 3), thirty])
        )
        await _timed("the work of everything", rounds, lambda: work.count(year, [year_long]))
        await _timed(
            "a page of the calls behind a count", rounds,
            lambda: work.work_records(year, year_long, Cell(section="attempts", figure="calls", key=""), None, 50),
        )  # fmt: skip
        async with pool.acquire() as connection:
            asked = await counted_of(connection, year)
        text = await pool.fetchval(f"explain (analyze, format json) {SQL_REACH}", *asked, timeout=300)
        for took, step in sorted(_steps(json.loads(text)[0]["Plan"]), reverse=True)[:6]:
            print(f"  {took:8.0f} ms  {step}")
        return whole <= GOAL
    finally:
        await pool.close()


def main() -> int:
    """Run on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attempts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="reports-bench-") as folder:
        server = EmbeddedPostgres(Path(folder), Processes(Path(folder)))
        server.start()
        try:
            return 0 if asyncio.run(_run(server.dsn(), arguments.attempts, arguments.rounds)) else 1
        finally:
            server.stop()


if __name__ == "__main__":
    raise SystemExit(main())
