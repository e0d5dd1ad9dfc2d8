"""`python -m tests.auditor`: audit a run from its folder of evidence; status 1 when anything speaks against it."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

from tests.auditor import evidence as read
from tests.auditor.checks import Report, audit


def collect(
    *,
    dialer_cel: Path,
    town_cel: Path,
    dsn: str,
    delivered: Path,
    exported: Path,
    acknowledged: Path,
    since: float,
    outages: list[tuple[float, float]],
) -> read.Evidence:
    """Read everything."""
    found = asyncio.run(read.from_database(dsn, read.numbers_of(delivered.read_bytes())))
    return read.Evidence(
        own=read.own_calls(dialer_cel, since),
        town=read.town_calls(town_cel, since),
        table=read.exported_signals(exported.read_bytes()),
        acknowledged=json.loads(acknowledged.read_text()),
        outages=outages,
        **found,
    )


def tell(report: Report) -> None:
    """Print the counts and what was found."""
    for name, count in report.counts.items():
        print(f"  {name:<28} {count:g}")
    for violation in report.violations:
        print(f"  AGAINST  {violation}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.auditor", description=__doc__)
    for name in ("--dialer-cel", "--town-cel", "--delivered", "--exported", "--acknowledged"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--dsn", required=True, help="read-only access is enough")
    parser.add_argument("--since", type=float, default=0.0, help="unix seconds; earlier calls are not looked at")
    parser.add_argument("--outages", type=Path, help="JSON: pairs of unix seconds in which Asterisk was dead")
    given = vars(parser.parse_args())
    outages = given.pop("outages")
    pairs = json.loads(outages.read_text()) if outages is not None else []
    report = audit(collect(outages=[(a, b) for a, b in pairs], **given))
    tell(report)
    print("clean" if not report.violations else f"{len(report.violations)} violations")
    return 1 if report.violations else 0


if __name__ == "__main__":
    raise SystemExit(main())
