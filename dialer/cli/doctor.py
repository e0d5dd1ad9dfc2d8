"""`dialer doctor`."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

from dialer.cli.settings import settings_of, start_logging
from dialer.config import Settings
from dialer.doctor import Finding, examine


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "doctor",
        help="look at everything the service needs, and say how to mend it",
        description="Checks keys, database, Asterisk, trunk, messages, clocks, disk. Status 1 when something is wrong.",
        epilog="examples:\n  dialer --config /etc/dialer/dialer.toml doctor\n"
        "  dialer doctor --watch 10   look every ten seconds, say what changes, until Ctrl-C\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--watch",
        type=_seconds,
        nargs="?",
        const=15.0,
        metavar="SECONDS",
        help="look again and again and say what changes (default: every 15 s)",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    start_logging("critical")  # what fails is a finding, with how to mend it
    settings = settings_of(arguments)
    if arguments.watch is None:
        findings = asyncio.run(examine(settings))
        for finding in findings:
            _say(finding)
        return 0 if all(finding.ok for finding in findings) else 1
    return _watch(settings, arguments.watch)


def _watch(settings: Settings, seconds: float) -> int:
    before: Mapping[str, Finding] = {}
    try:
        while True:
            before = changes(before, asyncio.run(examine(settings)), _stamped)
            time.sleep(seconds)
    except KeyboardInterrupt:
        print()
        return 0 if all(finding.ok for finding in before.values()) else 1


def changes(
    before: Mapping[str, Finding], findings: Sequence[Finding], say: Callable[[Finding], None]
) -> Mapping[str, Finding]:
    """Say what is new, or came to another verdict; a detail that moves (a clock, a disk) is no change."""
    now = {finding.name: finding for finding in findings}
    for name, finding in now.items():
        if name not in before or before[name].ok is not finding.ok:
            say(finding)
    # What hangs on a part that is gone is not seen any more: it is said again when it is back.
    return now


def _stamped(finding: Finding) -> None:
    print(time.strftime("%H:%M:%S "), end="")
    _say(finding)


def _say(finding: Finding) -> None:
    print(f"{'ok  ' if finding.ok else 'FAIL'} {finding.name}: {finding.detail}", flush=True)
    if not finding.ok and finding.mend:
        print(f"     -> {finding.mend}", flush=True)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 1 <= seconds <= 3600:
        raise argparse.ArgumentTypeError("from 1 to 3600 seconds")
    return seconds
