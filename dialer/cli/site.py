"""`dialer site`."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import replace

import asyncpg

from dialer.cli.frame import client_named, database
from dialer.cli.settings import settings_of
from dialer.clock import SystemClock
from dialer.config import Settings
from dialer.domain.errors import ConflictError, UnavailableError
from dialer.node_parts import telephones_of
from dialer.services.ports.people import CLI
from dialer.services.ports.telephony import TelephonyError
from dialer.services.sites import Sites
from dialer.storage.audit import record_audit
from dialer.storage.leases import turns
from dialer.storage.sites import PgSites

_ASTERISK_SECONDS = 5.0

_EXAMPLES = """\
examples:
  dialer site list                            who serves which site, and whose clients they are
  dialer site move voorbeeldstad noord        its calls are made, and its callers answered, at the other site
  dialer site take                            the Asterisk of these settings becomes that of DIALER_SERVICE_SITE

Move a client while none of its calls is in progress: pause its campaigns, wait, move, start them. The carrier must
bring its number to the other site's Asterisk; its messages must be there (`dialer messages make`).

Take an Asterisk over from another site once that site's dialers no longer have it in their settings and no call is on
it. Accounts, numbers and lines of the other site go out of it; what callers left there is kept.
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
    actions.add_parser("take", help="make the Asterisk of these settings that of this site")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_act(settings_of(arguments), arguments))


async def _act(settings: Settings, arguments: argparse.Namespace) -> int:
    async with database(settings) as pool:
        if arguments.action == "take":
            await _take(settings, pool)
            return 0
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


async def _take(settings: Settings, pool: asyncpg.Pool) -> None:
    """Raises ConflictError while another site works with it, UnavailableError when it does not answer."""
    site, clock = settings.service.site, SystemClock()
    anybodys = replace(settings, service=replace(settings.service, site=""))
    for name, node in telephones_of(anybodys, clock, lambda: True).nodes.items():
        node.start(lambda _event: None)
        try:
            if not await node.link.came_up(_ASTERISK_SECONDS):
                raise UnavailableError(f"Asterisk {name}: no log-in over AMI: {node.link.refusal or 'no answer'}")
            before = await node.site()
            if before == site:
                print(f"{name}: {site} already")
                continue
            if before and await node.owner() in (await turns(pool)).values():
                raise ConflictError(
                    f"Asterisk {name}: site {before} works with it: take it out of its dialers' settings first"
                )
            live = len(await node.channels())
            if live:
                raise ConflictError(f"Asterisk {name}: {live} channels are on it: wait until they are over")
            detail = {"before": before, "site": site}
            # Before anything is done: what breaks off stands in the audit too.
            await record_audit(pool, clock.now(), CLI.actor, "asterisk.take", "node", name, None, detail)
            if before:
                await node.empty()
            await node.mark_site(site)
            print(f"{name}: {site}" + (f", was {before}" if before else ""))
        except TelephonyError as error:
            raise UnavailableError(f"Asterisk {name}: {error}") from error
        finally:
            await node.stop()
