"""What cases take on disk: a million of them, read from lists as `dialer import` reads them.

    python -m bench disk [--cases 1000000] [--clients 5]

Each client delivers one list, into a PostgreSQL of its own that commits to disk. Prints how long it took, and what
every table with its indexes holds, as bytes a case. What a call adds is told by `python -m bench load`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from bench.import_bench import AT, StillClock
from bench.table_sizes import sizes, told
from dialer.clock import SystemIds
from dialer.demo.people import generate
from dialer.demo.postgres import EmbeddedPostgres
from dialer.demo.processes import Processes
from dialer.domain.ids import CampaignId, ClientId
from dialer.intake.process import ChildReader
from dialer.security.vault import MasterVault
from dialer.services.intake import IntakeService
from dialer.services.ports.people import CLI
from dialer.storage.audit import PostgresAudit
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.deliveries import DeliveryStore
from dialer.storage.migrate import migrate
from dialer.storage.pool import open_pool

SHOWN = 12
"""Tables that are named; the rest is one line."""


async def _client(pool: asyncpg.Pool, vault: MasterVault, number: int) -> CampaignId:
    ids = SystemIds()
    client, campaign = ClientId(ids.new()), CampaignId(ids.new())
    await pool.execute(
        "insert into client (id, slug, name, municipality, neutral_name, inbound_number, wrapped_key, created_at) "
        "values ($1, $2, $2, $2, 'Het Servicepunt', $3, $4, $5)",
        client, f"bench{number}", f"+3179000000{number}", vault.new_client_key(client), AT,
    )  # fmt: skip
    await pool.execute(
        "insert into campaign (id, client_id, name, state, calendar, catalogue_version, created_at) "
        "values ($1, $2, 'Bench', 'paused', '{}', 1, $3)",
        campaign, client, AT,
    )  # fmt: skip
    return campaign


async def measure(dsn: str, folder: Path, cases: int, clients: int) -> None:
    """Load the lists and print."""
    await migrate(dsn)
    pool = await open_pool(dsn, size=4)
    try:
        await CatalogueStore(pool).seed(AT)
        vault, clock = MasterVault(bytes(range(32))), StillClock()
        intake = IntakeService(
            store=DeliveryStore(pool), reader=ChildReader(), vault=vault, audit=PostgresAudit(pool, clock.now),
            clock=clock, ids=SystemIds(), demo=True,
        )  # fmt: skip
        before = await sizes(pool)
        seconds = 0.0
        for number in range(clients):
            campaign = await _client(pool, vault, number)
            path = folder / "list.csv"
            path.write_bytes(generate(cases // clients, number, today=AT.date(), wrong=False))
            begun = time.perf_counter()
            await intake.load(campaign, path, CLI)
            seconds += time.perf_counter() - begun
            print(f"list {number + 1} of {clients} in", flush=True)
        await pool.execute("vacuum analyze", timeout=1800)
        kept = await pool.fetchval("select count(*) from case_file")
        print(f"{kept:,} cases in {seconds:.0f} s, {kept / seconds:,.0f} a second")
        for line in told(before, await sizes(pool), kept, "case", SHOWN):
            print(line)
    finally:
        await pool.close()


def main() -> int:
    """Run on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, default=5)
    arguments = parser.parse_args()
    if arguments.cases / arguments.clients > 200_000 or arguments.clients > 10:
        parser.error("a list holds at most 200,000 residents here, and there are ten clients at most")
    print(f"{datetime.now(UTC):%d %B %Y %H:%M} UTC, load average {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="disk-bench-") as name:
        folder = Path(name)
        server = EmbeddedPostgres(folder, Processes(folder))
        server.start()
        try:
            asyncio.run(measure(server.dsn(), folder, arguments.cases, arguments.clients))
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
