"""`dialer resident`: what a resident may ask, by way of the client."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from uuid import UUID

import asyncpg

from dialer.cli.frame import client_named, database, write_new
from dialer.cli.settings import settings_of
from dialer.clock import SystemClock, SystemIds
from dialer.config import Settings
from dialer.domain.errors import InvalidError, NotFoundError
from dialer.domain.ids import DeliveryId, ResidentId
from dialer.schedule.rotation import Rotation
from dialer.security.master_key import parse_master_key
from dialer.security.vault import MasterVault
from dialer.services.cases import CaseService
from dialer.services.deliveries import DeliveryService
from dialer.services.ports.people import CLI
from dialer.services.recordings import Recordings
from dialer.services.residents import ResidentRights
from dialer.services.retention import Retention
from dialer.storage.audit import PostgresAudit
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.deliveries import DeliveryStore
from dialer.storage.erasure_list import ErasureFile
from dialer.storage.recordings import PgRecordings
from dialer.storage.residents import PgResidents
from dialer.storage.retention import PgRetention
from dialer.storage.steering import PostgresCases

_EXAMPLES = """examples:
  dialer resident file voorbeeldstad Z-2026-0117 --why "verzoek om inzage, 3 december" inzage.json
  dialer resident restrict voorbeeldstad Z-2026-0117 --why "gegevens betwist, gemeente zoekt het uit"
  dialer resident object voorbeeldstad Z-2026-0117 --why "bezwaar van 3 december"
  dialer resident erase voorbeeldstad Z-2026-0117 --why "verzoek van 3 december, akkoord gemeente" --yes

The reference is the client's own. A wrong name, number or date is put right by the client's next list. `erase` is for
good; the list of who was erased (service.erasures) is applied again by `dialer restore`, or by `dialer resident again`.
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "resident",
        help="a resident's rights: the file, restriction, objection, erasure",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, what in (
        ("file", "all that is held of a resident, as JSON to hand over"),
        ("restrict", "no more calls in the open cases; the data stays"),
        ("object", "no more calls, in later lists either"),
        ("erase", "all that is held goes, for good"),
    ):
        action = actions.add_parser(name, help=what)
        action.add_argument("client", help="short name of the client")
        action.add_argument("reference", help="the client's own reference of the resident")
        action.add_argument("--resident", type=UUID, metavar="ID", help="where the reference is of several")
        action.add_argument("--why", required=True, metavar="TEXT", help="kept in the audit")
        if name == "file":
            action.add_argument("file", type=Path, metavar="FILE", help="must not exist yet")
        if name == "erase":
            action.add_argument("--yes", action="store_true", help="it is meant")
    actions.add_parser("again", help="erase once more who was erased, after a back-up was brought back")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_act(settings_of(arguments), arguments))


async def _act(settings: Settings, args: argparse.Namespace) -> int:
    if args.action == "again":
        return await erase_again(settings)
    if args.action == "erase" and not args.yes:
        raise InvalidError("this cannot be undone: say --yes", "--yes")
    async with database(settings) as pool:
        rights = _rights(settings, pool)
        client = (await client_named(pool, args.client)).id
        resident = ResidentId(args.resident) if args.resident else await rights.find(client, args.reference, CLI)
        if args.action == "file":
            content = await rights.file(resident, args.why, CLI)
            await asyncio.to_thread(write_new, args.file, content)
            print(f"written: {args.file}")
        elif args.action == "erase":
            gone = await rights.erase(resident, args.why, CLI)
            print("erased: " + ", ".join(f"{table} {count}" for table, count in gone.items() if count))
        else:
            does = rights.restrict if args.action == "restrict" else rights.oppose
            print(f"{await does(resident, args.why, CLI)} open cases withdrawn")
        return 0


def _rights(settings: Settings, pool: asyncpg.Pool) -> ResidentRights:
    clock = SystemClock()
    erasures = settings.service.erasures
    vault, audit = MasterVault(parse_master_key(settings.keys.master)), PostgresAudit(pool, clock.now)
    return ResidentRights(
        store=PgResidents(pool, SystemIds()),
        cases=CaseService(PostgresCases(pool, CatalogueStore(pool), Rotation()), clock),
        erasures=ErasureFile(Path(erasures)) if erasures else None,
        sounds=Recordings(PgRecordings(pool), vault, audit, SystemClock()),
        vault=vault,
        audit=audit,
        clock=clock,
        ids=SystemIds(),
    )


async def erase_again(settings: Settings) -> int:
    """Everything of the list: residents, and deliveries that were recalled. Raises InvalidError without a list."""
    if not settings.service.erasures:
        raise InvalidError("there is no list: set service.erasures", "service.erasures")
    lines = ErasureFile(Path(settings.service.erasures)).all()
    residents = deliveries = 0
    async with database(settings) as pool:
        clock, store, rights = SystemClock(), DeliveryStore(pool), _rights(settings, pool)
        lists = DeliveryService(
            store=store, vault=MasterVault(parse_master_key(settings.keys.master)),
            audit=PostgresAudit(pool, clock.now), clock=clock, ids=SystemIds(),
        )  # fmt: skip
        retention = Retention(store=PgRetention(pool), audit=PostgresAudit(pool, clock.now), clock=clock)
        for line in lines:
            if line.kind == "resident":
                residents += await rights.erase_again(line, CLI)
                continue
            if line.kind == "expiry":
                deliveries += await retention.expire_again(line, CLI)
                continue
            try:
                before = await store.delivery(DeliveryId(line.subject))
            except NotFoundError:
                continue
            if before.state != "recalled":
                await lists.recall(before.delivery, "recalled before the back-up was brought back", CLI)
                deliveries += 1
    print(f"erased again: {residents} residents, {deliveries} deliveries, of {len(lines)} in the list")
    return 0
