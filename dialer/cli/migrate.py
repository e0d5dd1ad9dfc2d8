"""`dialer migrate`."""

from __future__ import annotations

import argparse
import asyncio

from dialer.cli.settings import settings_of
from dialer.clock import SystemClock
from dialer.config import Settings
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.migrate import migrate, pending
from dialer.storage.pool import open_pool, translated


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "migrate",
        help="bring the database up to date",
        description="Applies what is missing, each migration once and whole. Safe to run again.",
        epilog="examples:\n  dialer migrate\n  dialer migrate --check   (status 1 when something is missing)\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", action="store_true", help="change nothing, only say what is missing")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_migrate(settings_of(arguments), check=arguments.check))


async def _migrate(settings: Settings, *, check: bool) -> int:
    if check:
        missing = await translated(pending)(settings.database.dsn)
        print("\n".join(missing) or "up to date")
        return 1 if missing else 0
    done = await translated(migrate)(settings.database.dsn)
    pool = await open_pool(settings.database.dsn, size=2)
    try:
        await CatalogueStore(pool).seed(SystemClock().now())
    finally:
        await pool.close()
    print("\n".join(done) or "up to date")
    return 0
