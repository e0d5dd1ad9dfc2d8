"""`dialer export`: results out."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from uuid import UUID

from dialer.cli.settings import settings_of
from dialer.clock import SystemClock, SystemIds
from dialer.config import Settings
from dialer.domain.errors import InvalidError
from dialer.intake.tables import FORMATS, FileTables
from dialer.security.master_key import parse_master_key
from dialer.security.vault import MasterVault
from dialer.services.export import ExportService
from dialer.services.ports.export import ExportRun
from dialer.services.ports.people import CLI, Viewer
from dialer.storage.audit import PostgresAudit
from dialer.storage.deliveries import DeliveryStore
from dialer.storage.exports import PostgresExports
from dialer.storage.pool import open_pool

EXAMPLES = """examples:
  dialer export results.csv --campaign "Vroegsignalering juni"          what is new since the last export
  dialer export all.xlsx --campaign "Vroegsignalering juni" --full      everything, as it stands now
  dialer export results.csv --campaign "Vroegsignalering juni" --no-confirm
  dialer export --confirm 0198c0de-0000-7000-8000-000000000000          the client has it
  dialer export again.csv --again 0198c0de-0000-7000-8000-000000000000  the same lines once more
  dialer export --list --campaign "Vroegsignalering juni"

An export counts as delivered once it is confirmed: with the file written, unless --no-confirm is given. A delta that
is not confirmed comes again with the same lines.
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "export",
        help="write results for the client",
        description="Write a line per signal: outcome, attempts with day-part, appointment, note. CSV or XLSX.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="ends in .csv or .xlsx")
    parser.add_argument("--campaign", metavar="NAME", help="name or id of the campaign")
    parser.add_argument("--client", default="", metavar="SLUG", help="where two clients have a campaign of that name")
    parser.add_argument("--full", action="store_true", help="everything, not only what is new")
    parser.add_argument("--no-confirm", action="store_true", help="the client has yet to receive it")
    parser.add_argument("--language", choices=("nl", "en"), default="nl", help="of headers and words (default nl)")
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--again", type=UUID, metavar="EXPORT", help="write an earlier export once more")
    other.add_argument("--confirm", type=UUID, metavar="EXPORT", help="the client has received it")
    other.add_argument("--list", action="store_true", help="the campaign's exports")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do what the arguments ask."""
    return asyncio.run(_act(settings_of(args), args))


async def _act(settings: Settings, args: argparse.Namespace) -> int:
    pool = await open_pool(settings.database.dsn, size=2)
    try:
        clock = SystemClock()
        exports = ExportService(
            store=PostgresExports(pool),
            vault=MasterVault(parse_master_key(settings.keys.master)),
            audit=PostgresAudit(pool, clock.now),
            clock=clock,
            ids=SystemIds(),
        )
        viewer = Viewer(actor=CLI.actor, user=None, role=CLI.role, client=None, language=args.language)
        if args.confirm is not None:
            print(_said(await exports.confirm(args.confirm, viewer)))
            return 0
        if args.again is not None:
            return await _write(exports, await exports.run(args.again, viewer), viewer, args)
        if not args.campaign:
            raise InvalidError("say which campaign", "--campaign")
        campaign = await DeliveryStore(pool).find_campaign(args.client, args.campaign)
        if args.list:
            for run in await exports.runs(campaign, viewer):
                print(_said(run))
            return 0
        _path(args)  # before anything is made
        made = await exports.create(campaign, "full" if args.full else "delta", viewer)
        return await _write(exports, made, viewer, args)
    finally:
        await pool.close()


async def _write(exports: ExportService, run: ExportRun, viewer: Viewer, args: argparse.Namespace) -> int:
    path = _path(args)
    table = await exports.table(run.id, viewer)
    FileTables().write_file(table, path.suffix.lower().removeprefix("."), path)
    if not args.no_confirm:  # only now: the file is whole and on disk
        run = await exports.confirm(run.id, viewer)
    print(_said(run))
    print(f"written: {path}")
    return 0


def _path(args: argparse.Namespace) -> Path:
    path: Path | None = args.file
    if path is None:
        raise InvalidError("say which file to write", "FILE")
    if path.suffix.lower().removeprefix(".") not in FORMATS:
        raise InvalidError("the file must end in .csv or .xlsx", "FILE")
    return path


def _said(run: ExportRun) -> str:
    state = f"confirmed {run.confirmed_at:%Y-%m-%d %H:%M}" if run.confirmed_at is not None else "not confirmed"
    return f"export {run.id}: {run.kind}, {run.lines} lines, made {run.created_at:%Y-%m-%d %H:%M}, {state}"
