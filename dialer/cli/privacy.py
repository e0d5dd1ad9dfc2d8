"""`dialer privacy`."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from dialer.cli.settings import settings_of
from dialer.config import Settings
from dialer.domain.errors import ConflictError, NotFoundError
from dialer.intake.tables import FileTables
from dialer.services.clients import Client
from dialer.services.register import Register, as_markdown, as_table
from dialer.storage.clients import PgClientStore
from dialer.storage.pool import open_pool
from dialer.storage.schema import PgSchema

_EXAMPLES = """examples:
  dialer privacy register                                  what is held, why, how long; to read
  dialer privacy register --client voorbeeldstad           with this client's own terms
  dialer privacy register --client voorbeeldstad --english register.csv
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "privacy",
        help="what personal data is held, why and how long",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    shown = actions.add_parser(
        "register", help="the register of what is held (Art. 30 GDPR), from the database as it is"
    )
    shown.add_argument("--client", metavar="SLUG", help="with the terms of this client; without: the usual ones")
    shown.add_argument("--english", action="store_true", help="in English; without: in Dutch")
    shown.add_argument(
        "file", type=Path, nargs="?", metavar="FILE", help="a .csv or .xlsx; without: text on the screen"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_register(settings_of(arguments), arguments))


async def _register(settings: Settings, args: argparse.Namespace) -> int:
    pool = await open_pool(settings.database.dsn, size=1)
    try:
        client = None if args.client is None else (await find_client(PgClientStore(pool), args.client)).id
        shown = await Register(PgSchema(pool)).show(client, english=args.english)
    finally:
        await pool.close()
    if args.file is None:
        print(as_markdown(shown.lines, english=args.english))
    else:
        table = as_table(shown.lines, english=args.english)
        await asyncio.to_thread(FileTables().write_file, table, args.file.suffix.lstrip(".").lower(), args.file)
        print(f"written: {args.file}")
    if shown.unclassed:
        raise ConflictError(f"not classed in dialer/domain/holdings.toml: {', '.join(shown.unclassed)}")
    return 0


async def find_client(store: PgClientStore, slug: str) -> Client:
    """By its short name. Raises NotFoundError."""
    found = next((one for one in await store.all() if one.slug == slug), None)
    if found is None:
        raise NotFoundError(f"there is no client {slug!r}: dialer client list")
    return found
