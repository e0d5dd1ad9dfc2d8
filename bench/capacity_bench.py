"""What 10 to 10,000 agents take: pools played with the real pacing code, and sums with what one of each costs.

    python -m bench capacity [--simulate 10,50 | all] [--write]

Prints the tables of docs/capacity.md from `bench/capacity.toml`; `--write` puts them there. `--simulate` plays these
sizes anew first (a thousand agents take some ten minutes) and says which figures differ from the file's: none should,
unless pacing has changed.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench.capacity import read, tables
from bench.capacity_pools import DAYS, played

PAGE = Path(__file__).parents[1] / "docs" / "capacity.md"
BEGIN, END = "<!-- printed by `python -m bench capacity` -->", "<!-- end of what is printed -->"
HEADS = (
    "### What a pool gives",
    "### What it takes",
    "### Call and agent on one node",
    "### The loop",
)


def printed() -> str:
    """The tables, each under its head."""
    found = tables(*read()).split("\n\n")
    return "\n\n".join(f"{head}\n{table}" for head, table in zip(HEADS, found, strict=True))


def on_page(text: str) -> str:
    """What stands between the marks of the page."""
    return text.partition(BEGIN)[2].partition(END)[0].strip()


def main() -> int:
    """1 when what is played differs from what is kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulate", default="", help=f"sizes of {','.join(map(str, DAYS))}, or all")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/capacity.md")
    arguments = parser.parse_args()
    print(f"{datetime.now(UTC):%d %B %Y %H:%M} UTC, load average {os.getloadavg()[0]:.1f}")
    _, pools = read()
    differ = False
    for size in DAYS if arguments.simulate == "all" else map(int, filter(None, arguments.simulate.split(","))):
        found, kept = asdict(played(size)), pools.get(size)
        same = kept is not None and found == asdict(kept)
        differ |= not same
        print(f"[pools.{size}]  # {'as kept' if same else 'DIFFERS from what is kept'}")
        print("\n".join(f"{name} = {value}" for name, value in found.items() if name != "agents"), flush=True)
    print(printed())
    if arguments.write:
        text = PAGE.read_text(encoding="utf-8")
        marked = re.escape(BEGIN) + ".*" + re.escape(END)
        PAGE.write_text(
            re.sub(marked, lambda _: f"{BEGIN}\n{printed()}\n{END}", text, flags=re.DOTALL), encoding="utf-8"
        )
    return int(differ)


if __name__ == "__main__":
    sys.exit(main())
