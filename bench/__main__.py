"""`python -m bench [join|import ...]`: all of them when none is named."""

from __future__ import annotations

import importlib
import os
import platform
import sys

BENCHES = {
    "join": "bench.join_bench",
    "import": "bench.import_bench",
    "claim": "bench.claim_bench",
    "load": "bench.load_bench",
    "pacing": "bench.pacing_bench",
    "reach": "bench.reach_bench",
}


def _machine() -> str:
    with open("/proc/meminfo", encoding="ascii") as lines:
        kib = int(next(lines).split()[1])
    return f"{os.cpu_count()} cores, {kib / 2**20:.0f} GiB, Python {platform.python_version()}"


def main() -> int:
    wanted = sys.argv[1:] or list(BENCHES)
    unknown = [name for name in wanted if name not in BENCHES]
    if unknown:
        print(f"no such bench: {', '.join(unknown)}; there are: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    print(f"machine: {_machine()}")
    for name in wanted:
        print(f"\n== {name} ==", flush=True)
        importlib.import_module(BENCHES[name]).main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
