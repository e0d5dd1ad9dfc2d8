"""`dialer privacy`."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

import asyncpg

from dialer.cli.frame import client_named, database
from dialer.cli.settings import settings_of
from dialer.clock import SystemClock
from dialer.config import Settings
from dialer.domain.errors import ConflictError
from dialer.domain.retention import Waits
from dialer.intake.tables import FileTables
from dialer.schedule.windows import local_date
from dialer.services.ports.people import CLI
from dialer.services.register import Register, as_markdown, as_table
from dialer.services.retention import KeptLine, Retention
from dialer.storage.audit import PostgresAudit
from dialer.storage.erasure_list import ErasureFile
from dialer.storage.retention import PgRetention
from dialer.storage.schema import PgSchema

_EXAMPLES = """examples:
  dialer privacy register                                  what is held, why, how long; to read
  dialer privacy register --client voorbeeldstad           with this client's own terms
  dialer privacy register --client voorbeeldstad --english register.csv
  dialer privacy terms --client voorbeeldstad              what is still there, until when, and what it waits for
  dialer privacy apply --dry-run                           what would go now, for every client
  dialer privacy apply --client voorbeeldstad              the same, for good; each night it goes by itself
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "privacy",
        help="what personal data is held, why and how long; and its end",
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
    terms = actions.add_parser("terms", help="deliveries whose personal data is still there, and when it goes")
    terms.add_argument("--client", metavar="SLUG", required=True)
    apply = actions.add_parser("apply", help="take away the data whose term is over; each night it is done by itself")
    apply.add_argument("--client", metavar="SLUG", help="of this client; without: of all")
    apply.add_argument("--dry-run", action="store_true", help="say what would go, change nothing")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    does = {"register": _register, "terms": _terms, "apply": _apply}[arguments.action]
    return asyncio.run(does(settings_of(arguments), arguments))


async def _terms(settings: Settings, args: argparse.Namespace) -> int:
    async with database(settings) as pool:
        client = await client_named(pool, args.client)
        lines = await _retention(settings, pool).kept(client.id)
    for one in lines:
        until = f"until {local_date(one.ends_at)}" if one.ends_at else f"waits for {_waits(one)}"
        print(f"{one.kept.delivery}  {local_date(one.kept.standing.received_at)}  {one.kept.campaign_name}: {until}")
    if not lines:
        print("nothing: no delivery of this client has personal data any more")
    return 0


async def _apply(settings: Settings, args: argparse.Namespace) -> int:
    async with database(settings) as pool:
        client = None if args.client is None else (await client_named(pool, args.client)).id
        done = await _retention(settings, pool).apply(client, CLI, dry=args.dry_run)
    word = "would go" if args.dry_run else "gone"
    for one in done:
        loose = sum(one.loose.values())
        print(f"{one.name}: {word}: {len(one.deliveries)} deliveries, {loose} loose boxes, {one.references} bill lines")
        for kept in one.deliveries:
            print(f"  {word}: {kept.delivery}  {local_date(kept.standing.received_at)}  {kept.campaign_name}")
        for line in one.waiting:
            print(f"  waits: {line.kept.delivery}  {line.kept.campaign_name}: {_waits(line)}")
    return 0


def _retention(settings: Settings, pool: asyncpg.Pool) -> Retention:
    clock, erasures = SystemClock(), settings.service.erasures
    return Retention(
        store=PgRetention(pool),
        audit=PostgresAudit(pool, clock.now),
        clock=clock,
        erasures=ErasureFile(Path(erasures)) if erasures else None,
    )


def _waits(line: KeptLine) -> str:
    standing = line.kept.standing
    counts = {
        Waits.CASES: (standing.open_cases, "open cases"),
        Waits.HAND_OVER: (standing.not_handed_over, "results that the client has not confirmed"),
        Waits.COMPLAINTS: (standing.open_complaints, "complaints without an answer"),
    }
    return ", ".join(f"{counts[what][0]} {counts[what][1]}" for what in line.waits)


async def _register(settings: Settings, args: argparse.Namespace) -> int:
    async with database(settings) as pool:
        client = None if args.client is None else (await client_named(pool, args.client)).id
        shown = await Register(PgSchema(pool)).show(client, english=args.english)
    if args.file is None:
        print(as_markdown(shown.lines, english=args.english))
    else:
        table = as_table(shown.lines, english=args.english)
        await asyncio.to_thread(FileTables().write_file, table, args.file.suffix.lstrip(".").lower(), args.file)
        print(f"written: {args.file}")
    if shown.unclassed:
        raise ConflictError(f"not classed in dialer/domain/holdings.toml: {', '.join(shown.unclassed)}")
    return 0
