"""`dialer client`."""

from __future__ import annotations

import argparse
import asyncio

from dialer.cli.settings import settings_of
from dialer.clock import SystemClock, SystemIds
from dialer.config import Settings
from dialer.security.master_key import parse_master_key
from dialer.security.vault import MasterVault
from dialer.services.clients import Clients, NewClient
from dialer.storage.clients import PgClientStore
from dialer.storage.pool import open_pool

_EXAMPLES = """\
examples:
  dialer client add voorbeeldstad --name "Gemeente Voorbeeldstad" --municipality Voorbeeldstad \\
      --neutral-name "het Contactteam" --number +31790000000
  dialer client list
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "client",
        help="the municipalities we work for",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="a new client, with a key of its own")
    add.add_argument("slug", help="short name: small letters, digits, dashes")
    add.add_argument("--name", required=True)
    add.add_argument("--municipality", required=True)
    add.add_argument("--neutral-name", required=True, help="what residents hear; never tells the trade")
    add.add_argument("--number", required=True, help="shown as caller id, and answered")
    actions.add_parser("list", help="all clients")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_act(settings_of(arguments), arguments))


async def _act(settings: Settings, arguments: argparse.Namespace) -> int:
    pool = await open_pool(settings.database.dsn, size=2)
    try:
        vault = MasterVault(parse_master_key(settings.keys.master))
        clients = Clients(PgClientStore(pool), vault, SystemClock(), SystemIds(), demo=settings.service.demo)
        if arguments.action == "add":
            new = NewClient(
                slug=arguments.slug,
                name=arguments.name,
                municipality=arguments.municipality,
                neutral_name=arguments.neutral_name,
                inbound_number=arguments.number,
            )
            print(f"{(await clients.add(new)).id}")
            return 0
        for client in await clients.all():
            print(f"{client.slug:<24} {client.inbound_number}  {client.name}")
        return 0
    finally:
        await pool.close()
