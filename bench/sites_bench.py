"""What a second site is worth: the same agents and calls in one process, and divided over two on one database.

    python -m bench sites [--agents 200] [--rate 20] [--minutes 1]

Both are the service that `dialer serve` runs, each before a stand-in for Asterisk of its own
(`tests/support/ami_server.py`), with one real PostgreSQL. Told for each process: calls a second, share of a core,
event-loop lag; and what the database took.
On a machine with few cores the processes, the stand-ins and the database wait for each other: compare shares of a core.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil

from bench.load_bench import RAMP, RING_SECONDS, Cpu, fill, started
from bench.load_town import CLIENT_NUMBER
from dialer.demo.postgres import EmbeddedPostgres
from dialer.demo.processes import Processes, free_port
from dialer.domain.sites import MAIN
from dialer.storage.pool import open_pool

_LIMIT = 1.05  # of a rate some is lost by the quarter second
_NUMBERS = {MAIN: CLIENT_NUMBER, "noord": "+31790000002"}
"""By site, its client's."""


def measure(folder: Path, sites: Sequence[str], arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """The figures of each site's process, all at work at the same time on one database."""
    master, processes = secrets.token_bytes(32), Processes(folder)
    database = EmbeddedPostgres(folder, processes)
    database.start()
    agents, rate = arguments.agents // len(sites), arguments.rate / len(sites)
    settings = {
        "lines": 20_000,
        "calls_per_second": _LIMIT * rate,
        "mode": "predictive",
        "ring_seconds": RING_SECONDS,
        "first_attempt_hours": 0,
    }
    residents = int(1.1 * rate * (60 * arguments.minutes + RAMP + 60)) + 500
    with ExitStack() as stack:
        stack.callback(database.stop)
        begun: list[subprocess.Popen[str]] = []
        users = {
            site: asyncio.run(
                fill(database.dsn(), master, agents, residents, settings, site=site, number=_NUMBERS[site])
            )
            for site in sites
        }
        for site in sites:
            port, secret = free_port(), secrets.token_urlsafe(16)
            town = subprocess.Popen(
                [sys.executable, "-m", "bench.load_town", str(port), secret, "1", "0"], stdin=subprocess.PIPE
            )
            stack.callback(_end, town)
            begun.append(
                started(
                    folder / f"{site}.json",
                    dsn=database.dsn(),
                    ami_port=port,
                    secret=secret,
                    master=base64.b64encode(master).decode(),
                    users=users[site],
                    times=1,
                    minutes=arguments.minutes,
                    site=site,
                )
            )
        server = processes.pid_of("postgres")
        with ThreadPoolExecutor(len(begun)) as listeners:
            figures = list(listeners.map(lambda service: _figures(service, Cpu(psutil.Process(server))), begun))
        doubled = asyncio.run(_doubled(database.dsn()))
        if doubled:
            raise SystemExit(f"{doubled} calls that no site should have made")
        return figures


def _figures(service: subprocess.Popen[str], database: Cpu) -> dict[str, Any]:
    """Its last line; with it what the database took from this process's first sample on."""
    assert service.stdout is not None
    used: list[float] = []
    figures: dict[str, Any] = {}
    for line in service.stdout:
        told = json.loads(line)
        used.append(database.read())
        if told["step"] == "figures":
            figures = told
    if service.wait() != 0 or not figures:
        raise SystemExit("a service failed")
    return figures | {"database": (used[-1] - used[1]) / max(1.0, figures["seconds"])}


async def _doubled(dsn: str) -> int:
    """Cases that were claimed twice: each is due once in so short a time."""
    pool = await open_pool(dsn, size=1)
    try:
        rows = await pool.fetch(
            "select case_id from attempt where direction = 'out' group by case_id having count(*) > 1"
        )
        return len(rows)
    finally:
        await pool.close()


def _end(town: subprocess.Popen[bytes]) -> None:
    assert town.stdin is not None
    town.stdin.close()
    town.wait(30)


def main(words: list[str] | None = None) -> int:
    """Print a row a process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agents", type=int, default=200, help="of all sites together")
    parser.add_argument("--rate", type=float, default=20.0, help="calls started a second, of all together")
    parser.add_argument("--minutes", type=float, default=1.0)
    arguments, _ = parser.parse_known_args(sys.argv[1:] if words is None else words)
    print("| sites | process | calls a second | share of a core | loop lag p50 / p99 | PostgreSQL |")
    print("| --- | --- | --- | --- | --- | --- |")
    for sites in ([MAIN], list(_NUMBERS)):
        with tempfile.TemporaryDirectory(prefix="sites-bench-") as folder:
            for site, told in zip(sites, measure(Path(folder), sites, arguments), strict=True):
                print(
                    f"| {len(sites)} | {site} | {told['dials']:.1f} | {told['cpu']:.1%} | "
                    f"{told['lag'][0]:.1f} / {told['lag'][1]:.0f} ms | {told['database']:.1%} |",
                    flush=True,
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
