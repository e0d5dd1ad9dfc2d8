"""`dialer site`."""

from __future__ import annotations

import argparse
import asyncio

from dialer.cli.frame import client_named, database
from dialer.cli.settings import settings_of
from dialer.clock import SystemClock
from dialer.config import Settings
from dialer.services.ports.people import CLI
from dialer.services.sites import Sites
from dialer.storage.sites import PgSites

_EXAMPLES = """\
examples:
  dialer site list                            who serves which site, and whose clients they are
  dialer site move voorbeeldstad noord        its calls are made, and its callers answered, at the other site

Move a client while none of its calls is in progress: pause its campaigns, wait, move, start them. The carrier must
bring its number to the other site's Asterisk; its messages must be there (`dialer messages make`).
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "site",
        help="the parts of a divided centre, and moving a client between them",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="all sites")
    move = actions.add_parser("move", help="let another site call for a client")
    move.add_argument("client", help="short name of the client")
    move.add_argument("site")
    move.add_argument("--unserved", action="store_true", help="also where no dialer serves that site yet")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_act(settings_of(arguments), arguments))


async def _act(settings: Settings, arguments: argparse.Namespace) -> int:
    async with database(settings) as pool:
        sites = Sites(PgSites(pool), SystemClock())
        if arguments.action == "move":
            client = await client_named(pool, arguments.client)
            before = await sites.move(client.id, arguments.site, unserved=arguments.unserved, actor=CLI.actor)
            print(f"{client.slug}: {arguments.site}" + ("" if before == arguments.site else f", was {before}"))
            return 0
        for site in await sites.all():
            served = site.owner or "nobody"
            print(
                f"{site.name:<16} {served:<32} {site.running:>3} running {site.on_duty:>5} on duty  "
                + ", ".join(site.clients)
            )
    return 0
