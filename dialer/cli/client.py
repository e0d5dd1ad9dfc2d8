"""`dialer client`."""

from __future__ import annotations

import argparse
import asyncio
from datetime import date

from dialer.cli.settings import settings_of
from dialer.clock import SystemClock, SystemIds
from dialer.config import Settings
from dialer.domain.checklist import ITEMS
from dialer.domain.client_settings import CLIENT_SETTINGS, setting
from dialer.domain.errors import InvalidError, NotFoundError
from dialer.schedule.windows import local_date
from dialer.security.master_key import parse_master_key
from dialer.security.vault import MasterVault
from dialer.services.checklist import Checklist
from dialer.services.clients import Client, ClientChange, Clients, NewClient
from dialer.services.ports.audit import AuditEntry
from dialer.services.ports.people import CLI
from dialer.storage.audit import PostgresAudit
from dialer.storage.checklist import PgChecklist
from dialer.storage.clients import PgClientStore
from dialer.storage.pool import open_pool

_EXAMPLES = """\
examples:
  dialer client add voorbeeldstad --name "Gemeente Voorbeeldstad" --municipality Voorbeeldstad \\
      --neutral-name "het Contactteam" --number +31790000000
  dialer client list
  dialer client show voorbeeldstad
  dialer client set voorbeeldstad case_cap=10 rest_days=14
  dialer client set voorbeeldstad case_cap=usual --neutral-name "het Gespreksteam"
  dialer client check voorbeeldstad processing_agreement --name "J. de Wit" --on 2026-05-01
  dialer client check voorbeeldstad results --waive "first month by hand, agreed on 3 May"
  dialer client check voorbeeldstad results --take-back
"""
_UNITS = {"working_days": "working days"}


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
    show = actions.add_parser("show", help="a client's names, caps, rests and terms")
    show.add_argument("slug")
    change = actions.add_parser("set", help="change a client's names, caps, rests and terms")
    change.add_argument("slug")
    change.add_argument("pairs", nargs="*", metavar="KEY=VALUE", help="a whole number, or `usual`")
    change.add_argument("--name", default="")
    change.add_argument("--municipality", default="")
    change.add_argument("--neutral-name", default="", help="then make the messages anew: dialer messages make")
    check = actions.add_parser("check", help="tick an item of the checklist that blocks going live")
    check.add_argument("slug")
    check.add_argument("item", choices=tuple(ITEMS))
    how = check.add_mutually_exclusive_group(required=True)
    how.add_argument("--name", default="", help="who signed or tested")
    how.add_argument("--waive", default="", metavar="REASON", help="do without it")
    how.add_argument("--take-back", action="store_true", help="neither ticked nor waived any more")
    check.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="the day it stands for; today if left out")
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
        if arguments.action == "list":
            for client in await clients.all():
                print(f"{client.slug:<24} {client.inbound_number}  {client.name}")
            return 0
        client = await _find(clients, arguments.slug)
        if arguments.action == "check":
            await _check(Checklist(PgChecklist(pool), SystemClock()), client, arguments)
            return 0
        if arguments.action == "set":
            change = ClientChange(
                name=arguments.name,
                municipality=arguments.municipality,
                neutral_name=arguments.neutral_name,
                settings=dict(_pair(pair) for pair in arguments.pairs),
            )
            client = await clients.change(client.id, client.version, change)
            await PostgresAudit(pool, SystemClock().now).record(
                AuditEntry(
                    actor=CLI.actor,
                    action="client.change",
                    subject_kind="client",
                    subject=str(client.id),
                    client=client.id,
                    detail={"version": client.version, **change.settings},
                )
            )
        _print(client)
        return 0
    finally:
        await pool.close()


async def _check(checklist: Checklist, client: Client, arguments: argparse.Namespace) -> None:
    item, actor = arguments.item, CLI.actor
    if arguments.take_back:
        await checklist.take_back(client.id, item, actor=actor)
    elif arguments.waive:
        await checklist.waive(client.id, item, arguments.waive, user=None, actor=actor)
    else:
        on = arguments.on or local_date(SystemClock().now())
        await checklist.tick(client.id, item, on, arguments.name, user=None, actor=actor)


async def _find(clients: Clients, slug: str) -> Client:
    found = next((client for client in await clients.all() if client.slug == slug), None)
    if found is None:
        raise NotFoundError(f"there is no client {slug!r}: dialer client list")
    return found


def _pair(text: str) -> tuple[str, int | None]:
    key, equals, value = text.partition("=")
    if equals and value == "usual":
        return key, None
    if not equals or not value.isdecimal():
        raise InvalidError("KEY=VALUE, where VALUE is a whole number or `usual`", text)
    return key, int(value)


def _print(client: Client) -> None:
    print(f"{client.slug}  {client.inbound_number}  {client.name} ({client.municipality})")
    print(f"  heard as {client.neutral_name!r}")
    for key, known in CLIENT_SETTINGS.items():
        value, unit = setting(client.settings, key), _UNITS.get(known.unit, known.unit)
        note = f"usual {known.usual}" if key in client.settings else "usual"
        print(f"  {key:22} {value:>6} {unit:13} {note:10} {known.low} to {known.high}: {known.english}")
