"""`dialer migrate`."""

from __future__ import annotations

import argparse
import asyncio

from dialer.cli.settings import settings_of
from dialer.clock import SystemClock
from dialer.config import Settings
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.migrate import migrate, pending, waiting_contracts
from dialer.storage.pool import open_pool, translated


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "migrate",
        help="bring the database up to date",
        description="Applies what is missing, each migration once and whole. Safe to run again, and while an earlier "
        "release dials: it only adds. What that one needed is taken away by --contract, when none of it runs.",
        epilog="examples:\n  dialer migrate\n  dialer migrate --check      status 1 when this release lacks something\n"
        "  dialer migrate --contract   after the last process of the release before has ended\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", action="store_true", help="change nothing, only say what is missing")
    parser.add_argument("--contract", action="store_true", help="take away what no running release needs any more")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_migrate(settings_of(arguments), check=arguments.check, contract=arguments.contract))


async def _migrate(settings: Settings, *, check: bool, contract: bool) -> int:
    if check:
        missing = await translated(pending)(settings.database.dsn)
        print("\n".join(missing) or "up to date")
        for name in await translated(waiting_contracts)(settings.database.dsn):
            print(f"{name} waits for --contract")
        return 1 if missing else 0
    done = await translated(migrate)(settings.database.dsn, contract=contract)
    pool = await open_pool(settings.database.dsn, size=2)
    try:
        await CatalogueStore(pool).seed(SystemClock().now())
    finally:
        await pool.close()
    print("\n".join(done) or "up to date")
    return 0
