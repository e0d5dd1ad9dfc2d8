"""How fast a list comes in: 100,000 residents as CSV and as XLSX, into a PostgreSQL of its own.

    python -m bench.import_bench [--rows 100000] [--formats csv,xlsx] [--seed 1] [--json]

Prints seconds, rows a second and the peak of memory (this process and the reader's child), and says whether the bounds
hold: CSV in 20 s, XLSX in 45 s. Exit code 1 when one does not.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import csv
import gc
import io
import json
import os
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import openpyxl
import psutil

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

AT = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
BOUNDS = {"csv": 20.0, "xlsx": 45.0}  # seconds for 100,000 rows


class StillClock:
    """The list's day; wall time is not asked for here."""

    def now(self) -> datetime:
        return AT

    def wall(self) -> float:
        return time.time()

    def wall_utc(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


def make_file(folder: Path, kind: str, rows: int, seed: int) -> Path:
    """A list of about `rows` rows (some residents have two)."""
    content = generate(rows * 100 // 117, seed, today=AT.date())
    path = folder / f"list.{kind}"
    if kind == "csv":
        path.write_bytes(content)
        return path
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("lijst")
    for line in csv.reader(io.StringIO(content.decode()), delimiter=";"):
        sheet.append(line)
    book.save(path)
    return path


async def world(dsn: str, vault: MasterVault) -> tuple[asyncpg.Pool, CampaignId]:
    """A client and a campaign in a fresh database."""
    await migrate(dsn)
    pool = await open_pool(dsn, size=4)
    await CatalogueStore(pool).seed(AT)
    ids = SystemIds()
    client, campaign = ClientId(ids.new()), CampaignId(ids.new())
    await pool.execute(
        "insert into client (id, slug, name, municipality, neutral_name, inbound_number, wrapped_key, created_at) "
        "values ($1, 'bench', 'Bench', 'Bench', 'Het Servicepunt', '+31790000000', $2, $3)",
        client,
        vault.new_client_key(client),
        AT,
    )
    await pool.execute(
        "insert into campaign (id, client_id, name, state, calendar, catalogue_version, created_at) "
        "values ($1, $2, 'Bench', 'paused', '{}', 1, $3)",
        campaign,
        client,
        AT,
    )
    return pool, campaign


def children_cpu() -> float:
    """Processor seconds of children that have ended: the reader."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def database_seconds(server: EmbeddedPostgres) -> float:
    """Processor seconds of the database's processes now alive: what else the machine does is not in it."""
    total = 0.0
    for process in psutil.process_iter(["name", "cmdline"]):
        with contextlib.suppress(psutil.Error):
            if process.info["name"] == "postgres" and _is_of(process, server.port):
                total += sum(process.cpu_times()[:2])
    return total


def _is_of(process: psutil.Process, port: int) -> bool:
    return any(one is not None and str(port) in one.cmdline() for one in (process, process.parent()))


async def one(server: EmbeddedPostgres, folder: Path, kind: str, rows: int, seed: int) -> dict[str, object]:
    """Load one file into a fresh database."""
    vault = MasterVault(bytes(range(32)))
    admin = await asyncpg.connect(server.dsn())
    await admin.execute(f"create database bench_{kind}")
    await admin.close()
    pool, campaign = await world(server.dsn(f"bench_{kind}"), vault)
    path = make_file(folder, kind, rows, seed)
    clock = StillClock()
    service = IntakeService(
        store=DeliveryStore(pool),
        reader=ChildReader(),
        vault=vault,
        audit=PostgresAudit(pool, clock.now),
        clock=clock,
        ids=SystemIds(),
        demo=True,
    )
    lag = 0.0

    async def watch() -> None:
        nonlocal lag
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.01)
            lag = max(lag, time.perf_counter() - before - 0.01)

    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cpu, reader_cpu, database_cpu = time.process_time(), children_cpu(), database_seconds(server)
    watcher = asyncio.create_task(watch())
    started = time.perf_counter()
    loaded = await service.load(campaign, path, CLI)
    seconds = time.perf_counter() - started
    watcher.cancel()
    count = int(str(loaded.delivery.counts["rows"]))
    result = {
        "format": kind,
        "file_mb": round(path.stat().st_size / 1e6, 1),
        "rows": count,
        "cases": loaded.delivery.counts["cases"],
        "seconds": round(seconds, 1),
        "rows_per_second": round(count / seconds),
        "bound_seconds": round(BOUNDS[kind] * max(count, 1) / 100_000, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "reader_cpu_seconds": round(children_cpu() - reader_cpu, 1),
        "database_cpu_seconds": round(database_seconds(server) - database_cpu, 1),
        "load_average": os.getloadavg()[0],
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "memory_before_mb": round(base / 1024),
        "reader_memory_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
        "loop_lag_max_ms": round(lag * 1000),
        "ok": seconds <= BOUNDS[kind] * max(count / 100_000, 0.05),
    }
    await pool.close()
    return result


_COLUMNS = (
    ("", "format", 6),
    ("MB", "file_mb", 6),
    ("rows", "rows", 8),
    ("cases", "cases", 8),
    ("seconds", "seconds", 8),
    ("bound", "bound_seconds", 6),
    ("rows/s", "rows_per_second", 7),
    ("CPU s: service", "cpu_seconds", 15),
    ("reader", "reader_cpu_seconds", 7),
    ("database", "database_cpu_seconds", 9),
    ("peak MB: service", "memory_mb", 17),
    ("reader", "reader_memory_mb", 7),
    ("loop lag max ms", "loop_lag_max_ms", 16),
)


def _print(result: dict[str, object], as_json: bool) -> None:
    if as_json:
        print(json.dumps(result), flush=True)
        return
    if result["format"] == "csv":
        print("".join(f"{title:>{width}}" for title, _, width in _COLUMNS))
    print(
        "".join(f"{result[key]!s:>{width}}" for _, key, width in _COLUMNS), "" if result["ok"] else "MISSED", flush=True
    )


def main(words: list[str] | None = None) -> int:
    """Measure each format in turn."""
    gc.set_threshold(50_000, 20, 100)  # as `dialer import` does
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--formats", default="csv,xlsx")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one JSON object a format")
    args = parser.parse_args(sys.argv[1:] if words is None else words)
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = EmbeddedPostgres(folder / "postgres", Processes(folder), fast=True)
        server.start()
        try:
            for kind in args.formats.split(","):
                results.append(asyncio.run(one(server, folder, kind, args.rows, args.seed)))
                _print(results[-1], args.json)
        finally:
            server.stop()
    return 0 if all(result["ok"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
