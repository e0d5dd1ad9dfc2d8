"""`dialer doctor`."""

from __future__ import annotations

import argparse
import asyncio

from dialer.cli.settings import settings_of, start_logging
from dialer.doctor import examine


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "doctor",
        help="look at everything the service needs, and say how to mend it",
        description="Checks keys, database, Asterisk, trunk, messages, clocks, disk. Status 1 when something is wrong.",
        epilog="example:\n  dialer --config /etc/dialer/dialer.toml doctor\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    start_logging("critical")  # what fails is a finding, with how to mend it
    findings = asyncio.run(examine(settings_of(arguments)))
    for finding in findings:
        print(f"{'ok  ' if finding.ok else 'FAIL'} {finding.name}: {finding.detail}")
        if not finding.ok and finding.mend:
            print(f"     -> {finding.mend}")
    return 0 if all(finding.ok for finding in findings) else 1
