"""How fast the office's list of cases answers, filter by filter, among many.

    python -m bench cases [--cases 1000000] [--rounds 9] [--only week]

Fills a database of its own (four clients, twelve campaigns, sixty deliveries, every state, outcomes, appointments, each
case with a signal and an attempt), then asks for the first page of each filter, and of many a later one. Prints
milliseconds (median, worst). Asked: 300 at most. Status 1 when one took longer at the median.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from dialer.demo.postgres import EmbeddedPostgres
from dialer.demo.processes import Processes
from dialer.services.ports.office import CaseFilter, CaseLine
from dialer.services.scope import limited_to
from dialer.storage.migrate import migrate
from dialer.storage.office import PostgresOffice
from dialer.storage.pool import open_pool
from tests.support.world import World

GOAL = 300.0
PAGE = 51

# Ids in the order of making, as ours are. What is rare is rare: one case in fifty thousand is held.
SQL_FILL = (
    """
    insert into resident (id, client_id, match_key, created_at)
    select md5('r' || n)::uuid, (select id from client limit 1), decode(md5('m' || n), 'hex'), w.at
      from generate_series(1, $2::int) n, (select $1::timestamptz as at) w
    """,
    """
    insert into case_file (id, client_id, campaign_id, resident_id, delivery_id, state, state_reason, crisis, priority,
                           opened_at, term_ends_at, plan_ends_at, closed_at, next_at, appointment_at, outcome,
                           catalogue_version)
    select ('0198' || lpad(to_hex(n), 28, '0'))::uuid, p.client_id, p.campaign_id, md5('r' || n)::uuid, p.id, s.state,
           '', n % 53 = 0, 100, w.at - ($2::int - n) * interval '26 seconds',
           w.at + interval '28 days', w.at + (n % 28) * interval '1 day',
           case when s.state in ('open', 'held', 'no_number') then null else w.at end,
           case when s.state = 'open' then w.at + (n % 1000) * interval '1 minute' end,
           case when s.state = 'open' and n % 401 = 0 then w.at + (n % 9 - 1) * interval '1 day' end,
           case when s.state in ('reached', 'closed') then s.outcome
                when s.state = 'not_reached' then 'NOT_REACHED' end, 1
      from (select $1::timestamptz as at) w
      cross join generate_series(1, $2::int) n
      join lateral (select case when n % 50000 = 7 then 'held' when n % 10 < 4 then 'open'
                                when n % 10 < 6 then 'reached'
                                when n % 10 < 8 then 'not_reached' when n % 10 = 8 then 'closed' else 'no_number' end
                           as state,
                           case when n % 30011 = 0 then 'COMPLAINT' when n % 3 = 0 then 'PAID' else 'HELP_WANTED' end
                           as outcome) s on true
      join (select id, client_id, campaign_id, row_number() over (order by id) - 1 as place from delivery) p
        on p.place = n * 60 / ($2::int + 1)
    """,
    """
    insert into signal (id, client_id, delivery_id, case_id, client_ref, signal_ref, partner_type, signal_on,
                        term_ends_at, plan_ends_at)
    select md5('s' || f.id)::uuid, f.client_id, f.delivery_id, f.id, 'ZM-' || right(f.id::text, 8),
           'S-' || right(f.id::text, 8), 'energy', w.at::date, f.term_ends_at, f.plan_ends_at
      from case_file f, (select $1::timestamptz as at) w where $2::int > 0
    """,
    """
    insert into attempt (id, direction, client_id, campaign_id, case_id, phone_id, channel_id, state, live, counted,
                         seq, case_seq,
                         number_key, day, claimed_at, ended_at, outcome, outcome_at, catalogue_version)
    select md5('a' || f.id)::uuid, 'out', f.client_id, f.campaign_id, f.id,
           md5('p' || f.id)::uuid, 'x', 'ended', false, true, 1, 1,
           decode(md5('k' || f.id), 'hex'), (w.at - interval '3 days')::date, w.at - interval '3 days',
           w.at - interval '3 days', 'NO_ANSWER', w.at, 1
      from case_file f, (select $1::timestamptz as at) w where $2::int > 0
    """,
)


Look = Callable[[], Awaitable[Sequence[CaseLine]]]


async def _fill(world: World, cases: int) -> None:
    for number in range(3):
        await world.add_client(f"stad{number}", f"+3179000001{number}", {})
    clients = [row["id"] for row in await world.pool.fetch("select id from client order by id")]
    for client, number in product(clients, range(3)):
        campaign = await world.add_campaign(client, f"Belactie {number}a")
        for _ in range(5):
            await world.add_delivery(client, campaign)
    await world.pool.execute("delete from delivery where id = $1", world.delivery)
    async with world.pool.acquire() as connection:
        await connection.execute("set session_replication_role = replica")  # no guards: this is not dialled
        for statement in SQL_FILL:
            await connection.execute(statement, world.now, cases, timeout=1800)
        await connection.execute("set session_replication_role = default")
        await connection.execute("vacuum analyze", timeout=600)


def _filters(client: Any, campaign: Any, delivery: Any, missed: Any, newest: Any) -> dict[str, CaseFilter]:
    states = ("open", "held", "not_reached", "merged")
    week = missed - timedelta(days=7)
    outcomes = ("PAID", "COMPLAINT", "REFUSED")
    found = {
        "everything": {},
        "a client's": {"client": client},
        "a campaign's": {"campaign": campaign},
        "a delivery's": {"delivery": delivery},
        "in crisis": {"crisis": True},
        "a campaign's in crisis": {"campaign": campaign, "crisis": True},
        "reference": {"reference": "ZM-0007a120"},
        "reference, unknown": {"reference": "ZM-weg"},
        "of the last hour": {"opened_from": missed - timedelta(hours=1)},
        "before this year": {"opened_before": missed - timedelta(days=365)},
        "a client's open of one week": {
            "client": client,
            "state": "open",
            "opened_from": week,
            "opened_before": missed,
        },
        "a client's open of its last week": {
            "client": client,
            "state": "open",
            "opened_from": newest - timedelta(days=7),
            "opened_before": newest,
        },
        "a campaign's of one week": {"campaign": campaign, "opened_from": week, "opened_before": missed},
        "missed appointments": {"missed_before": missed},
        "a campaign's missed": {"campaign": campaign, "missed_before": missed},
        "a client's held": {"client": client, "state": "held"},
        "a client's in crisis, held": {"client": client, "state": "held", "crisis": True},
    }
    for state in states:
        found |= {f"state {state}": {"state": state}, f"a campaign's {state}": {"campaign": campaign, "state": state}}
    for outcome in outcomes:
        found |= {
            f"outcome {outcome}": {"outcome": outcome},
            f"a campaign's {outcome}": {"campaign": campaign, "outcome": outcome},
        }
    return {name: CaseFilter(**values) for name, values in found.items()}


async def _timed(what: str, rounds: int, work: Look) -> bool:
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        rows = len(await work())
        took.append(1000 * (time.perf_counter() - begun))
    took.sort()
    middle = took[len(took) // 2]
    late = "" if middle <= GOAL else "   too slow"
    print(f"{what:<44} {rows:>3} rows   p50 {middle:7.1f} ms   worst {took[-1]:7.1f} ms{late}", flush=True)
    return middle <= GOAL


async def _run(dsn: str, cases: int, rounds: int, only: str) -> bool:
    await migrate(dsn)
    pool = await open_pool(dsn, size=4)
    try:
        world = await World(pool).build(agents=0)
        begun = time.perf_counter()
        await _fill(world, cases)
        print(f"{cases:,} cases in {time.perf_counter() - begun:.0f} s", flush=True)
        office = PostgresOffice(pool)
        place = await pool.fetchrow("select client_id, campaign_id, id from delivery order by id offset 21 limit 1")
        middle = await pool.fetchrow(
            "select id, opened_at, plan_ends_at from case_file order by id offset $1 limit 1", cases // 2
        )
        assert place is not None
        assert middle is not None
        after, older = (middle["plan_ends_at"], middle["id"]), (middle["opened_at"], middle["id"])
        good = True
        newest = await pool.fetchval("select max(opened_at) from case_file where client_id = $1", place["client_id"])
        for name, which in _filters(place["client_id"], place["campaign_id"], place["id"], world.now, newest).items():
            if only not in name:
                continue
            looks: dict[str, Look] = {"": partial(office.cases, which, None, PAGE)}
            if not which.reference:
                looks[", later page"] = partial(office.cases, which, older, PAGE)
                if which.state in ("", "open") and not which.outcome:
                    looks[", by time left"] = partial(office.worklist, which, None, PAGE)
                    looks[", by time left, later"] = partial(office.worklist, which, after, PAGE)
            for what, look in looks.items():
                good &= await _timed(name + what, rounds, look)
                if which.client or which == CaseFilter(missed_before=which.missed_before):  # a client's own people
                    with limited_to(place["client_id"]):
                        good &= await _timed(name + what + ", its own view", rounds, look)
        return good
    finally:
        await pool.close()


def main() -> int:
    """Run on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", default="", help="filters whose name has this in it")
    arguments, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="cases-bench-") as folder:
        server = EmbeddedPostgres(Path(folder), Processes(Path(folder)))
        server.start()
        try:
            return 0 if asyncio.run(_run(server.dsn(), arguments.cases, arguments.rounds, arguments.only)) else 1
        finally:
            server.stop()


if __name__ == "__main__":
    raise SystemExit(main())
