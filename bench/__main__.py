"""`python -m bench [join|import ...]`: all of them when none is named. One alone may have options, like
`load --minutes 10`; `load --help` lists them."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from itertools import takewhile

BENCHES = {
    "join": "bench.join_bench",
    "import": "bench.import_bench",
    "claim": "bench.claim_bench",
    "cases": "bench.cases_bench",
    "load": "bench.load_bench",
    "cost": "bench.cost_bench",
    "pacing": "bench.pacing_bench",
    "pacer": "bench.pacer_bench",
    "reach": "bench.reach_bench",
    "reports": "bench.reports_bench",
    "background": "bench.background_bench",
    "panel": "bench.panel_bench",
    "pages": "bench.pages_bench",
    "disk": "bench.disk_bench",
    "capacity": "bench.capacity_bench",
    "nodes": "bench.nodes_bench",
    "sites": "bench.sites_bench",
}


def _machine() -> str:
    with open("/proc/meminfo", encoding="ascii") as lines:
        kib = int(next(lines).split()[1])
    return f"{os.cpu_count()} cores, {kib / 2**20:.0f} GiB, Python {platform.python_version()}"


def main() -> int:
    words = sys.argv[1:]
    wanted = list(takewhile(lambda word: not word.startswith("-"), words))
    options = words[len(wanted) :]
    if options and len(wanted) != 1:
        print("options go to one bench: name it first", file=sys.stderr)
        return 2
    wanted = wanted or list(BENCHES)
    unknown = [name for name in wanted if name not in BENCHES]
    if unknown:
        print(f"no such bench: {', '.join(unknown)}; there are: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    print(f"machine: {_machine()}")
    missed = False
    for name in wanted:
        print(f"\n== {name} ==", flush=True)
        sys.argv = [f"python -m bench {name}", *options]
        missed |= bool(importlib.import_module(BENCHES[name]).main())
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
