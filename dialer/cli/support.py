"""`dialer support-bundle`."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from dialer.bundle import make_bundle
from dialer.cli.settings import settings_of, start_logging
from dialer.domain.errors import ConflictError, InvalidError


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "support-bundle",
        help="what somebody who helps from afar needs, without personal data and secrets",
        description="Versions, settings that are no secret, doctor's verdicts, metrics, the database's sizes, jobs and "
        "leases, and the service's own log lines without anything that could be a person's. Look into it before you "
        "send it: it is text.",
        epilog="example:\n  journalctl -u dialer -o cat --since -1h > /tmp/dialer.log\n"
        "  dialer support-bundle dialer.zip --log /tmp/dialer.log\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="a ZIP file; must not exist yet")
    parser.add_argument("--log", type=Path, action="append", default=[], metavar="FILE", help="may be repeated")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    start_logging("critical")
    try:
        parts = asyncio.run(make_bundle(settings_of(arguments), arguments.file, arguments.log))
    except FileExistsError:
        raise ConflictError(f"{arguments.file} exists already") from None
    except OSError as error:
        raise InvalidError(f"cannot be written: {error.strerror}", str(arguments.file)) from None
    print(f"{arguments.file}: {', '.join(parts)}")
    return 0
