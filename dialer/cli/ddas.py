"""`dialer ddas`: the municipality's delivery to the national exchange of early signals."""

from __future__ import annotations

import argparse
import asyncio
import os
from datetime import date
from pathlib import Path

from dialer.cli.settings import settings_of
from dialer.clock import SystemClock
from dialer.config import Settings
from dialer.domain.errors import InvalidError
from dialer.exchange.ddas import VERSIONS, complaints, document
from dialer.security.master_key import parse_master_key
from dialer.security.vault import MasterVault
from dialer.services.ddas import Ddas
from dialer.services.ports.people import CLI
from dialer.storage.audit import PostgresAudit
from dialer.storage.ddas import PgDdas
from dialer.storage.deliveries import DeliveryStore
from dialer.storage.pool import open_pool

EXAMPLES = """examples:
  dialer ddas --campaign "Belactie juni" --set version=1.2 municipality=0637 supplier=CODE organisation="Gemeente X"
  dialer ddas ddas.json --campaign "Belactie juni" --from 2026-06-01 --until 2026-06-30

The client's version and names are kept. The file holds the signals that were delivered in the period with their cases,
and is written only when it fits its version. It names postcode and house number, never a name or a citizen number.
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "ddas",
        help="write a delivery to the national exchange of early signals",
        description=f"Write DDAS JSON, versions {' and '.join(VERSIONS)}.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="the JSON file to write")
    parser.add_argument("--campaign", required=True, metavar="NAME", help="name or id of the campaign")
    parser.add_argument("--client", default="", metavar="SLUG", help="where two clients have a campaign of that name")
    parser.add_argument("--from", dest="begin", type=date.fromisoformat, metavar="DATE", help="first day, 2026-06-01")
    parser.add_argument("--until", dest="end", type=date.fromisoformat, metavar="DATE", help="last day, included")
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="the client's version and names")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do what the arguments ask."""
    return asyncio.run(_act(settings_of(args), args))


async def _act(settings: Settings, args: argparse.Namespace) -> int:
    pool = await open_pool(settings.database.dsn, size=2)
    try:
        clock, store = SystemClock(), PgDdas(pool)
        ddas = Ddas(
            store=store,
            document=document,
            complaints=complaints,
            versions=VERSIONS,
            vault=MasterVault(parse_master_key(settings.keys.master)),
            audit=PostgresAudit(pool, clock.now),
            clock=clock,
        )
        campaign = await DeliveryStore(pool).find_campaign(args.client, args.campaign)
        if args.set:
            changes = dict(_pair(text) for text in args.set)
            profile = await ddas.set_profile(await store.client_of(campaign), changes, CLI)
            print(f"DDAS {profile.version}: municipality {profile.municipality}, {profile.organisation}")
        if args.file is None:
            if not args.set:
                raise InvalidError("say which file to write, or what to set", "FILE")
            return 0
        if args.begin is None or args.end is None:
            raise InvalidError("say the period", "--from, --until")
        content, count = await ddas.delivery(campaign, args.begin, args.end, CLI)
        await asyncio.to_thread(_write, args.file, content)
        print(f"written: {args.file}, {count} signals")
        return 0
    finally:
        await pool.close()


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise InvalidError("must be KEY=VALUE", "--set")
    return key.strip(), value.strip()


def _write(path: Path, content: bytes) -> None:
    """With mode 0600, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
