"""`dialer contract`."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

import asyncpg

from dialer.cli.frame import client_named, database, write_new
from dialer.cli.settings import settings_of
from dialer.clock import SystemClock
from dialer.config import Settings
from dialer.domain.contract_end import ITEMS
from dialer.domain.errors import InvalidError
from dialer.papers.files import ReportFilesWriter
from dialer.security.master_key import parse_master_key
from dialer.security.vault import MasterVault, signer
from dialer.services.contract_end import CERTIFICATE, ContractEnd
from dialer.services.ports.people import CLI
from dialer.storage.contract_end import PgContractEnd
from dialer.storage.erasure_list import ErasureFile
from dialer.storage.logos import PgLogos
from dialer.storage.retention import PgRetention

_EXAMPLES = """examples:
  dialer contract left voorbeeldstad                       what must be done before the data may go
  dialer contract report voorbeeldstad eindrapport.pdf     reach against promise, help, appointments, cost
  dialer contract end voorbeeldstad certificaat.json --yes the delivery keys are destroyed, for good
  dialer contract verify certificaat.json                  whether this service made it, as it stands

After the end the client's number is answered by its after-care message (`dialer messages make` before it), and nothing
is kept of who calls.
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "contract",
        help="the end of a client's contract: hand-over, end report, destruction of the keys",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, what in (
        ("left", "what must be done first; status 1 while there is something"),
        ("report", "the end report, as PDF or spreadsheet"),
        ("end", "destroy the keys of every delivery, with a certificate"),
    ):
        action = actions.add_parser(name, help=what)
        action.add_argument("client", help="short name of the client")
        if name != "left":
            action.add_argument("file", type=Path, metavar="FILE", help="must not exist yet")
        if name == "end":
            action.add_argument("--yes", action="store_true", help="it is meant: no name can be read afterwards")
        if name == "report":
            action.add_argument("--english", action="store_true", help="in English; without: in Dutch")
    verify = actions.add_parser("verify", help="check a certificate; status 1 when it is none of ours, or was changed")
    verify.add_argument("file", type=Path, metavar="FILE")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_act(settings_of(arguments), arguments))


async def _act(settings: Settings, args: argparse.Namespace) -> int:
    async with database(settings) as pool:
        ends = _ends(settings, pool)
        if args.action == "verify":
            return _verify(ends, args.file)
        client = await client_named(pool, args.client)
        if args.action == "left":
            left = await ends.left(client.id)
            for item, count in left.items():
                print(f"{count:>6}  {ITEMS[item][1]}")
            print("ready: the data may go" if not left else "not yet")
            return 1 if left else 0
        if args.action == "report":
            language = "en" if args.english else "nl"
            format_ = args.file.suffix.lstrip(".").lower()
            content = await ends.report(client.id, client.name, format_, language)
        else:
            if not args.yes:
                raise InvalidError("this cannot be undone: say --yes", "--yes")
            if args.file.exists():
                raise InvalidError("it exists already", "FILE")
            certificate = await ends.end(client.id, client.name, CLI)
            content = json.dumps(certificate, ensure_ascii=False, indent=2).encode()
        await asyncio.to_thread(write_new, args.file, content)
        print(f"written: {args.file}")
        return 0


def _ends(settings: Settings, pool: asyncpg.Pool) -> ContractEnd:
    master, erasures = parse_master_key(settings.keys.master), settings.service.erasures
    return ContractEnd(
        store=PgContractEnd(pool),
        retention=PgRetention(pool),
        erasures=ErasureFile(Path(erasures)) if erasures else None,
        vault=MasterVault(master),
        logos=PgLogos(pool),
        writer=ReportFilesWriter(),
        sign=signer(master, CERTIFICATE),
        clock=SystemClock(),
    )


def _verify(ends: ContractEnd, path: Path) -> int:
    try:
        certificate = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InvalidError("no certificate can be read", "FILE") from None
    good = isinstance(certificate, dict) and ends.verify(certificate)
    print("genuine" if good else "NOT genuine: changed, or not made by this service")
    return 0 if good else 1
