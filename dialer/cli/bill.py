"""`dialer bill`."""

from __future__ import annotations

import argparse
import asyncio
import os
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import asyncpg

from dialer.cli.settings import settings_of
from dialer.clock import SystemClock, SystemIds
from dialer.config import Settings
from dialer.domain.billing import Tariff, Totals
from dialer.domain.errors import InvalidError, NotFoundError
from dialer.domain.ids import ClientId
from dialer.intake.tables import table_bytes
from dialer.papers.files import ReportFilesWriter
from dialer.services.billing import FORMATS, Billing
from dialer.services.ports.billing import Bill
from dialer.services.ports.people import CLI
from dialer.storage.audit import PostgresAudit
from dialer.storage.billing import PgBilling
from dialer.storage.clients import PgClientStore
from dialer.storage.logos import PgLogos
from dialer.storage.pool import open_pool

_EXAMPLES = """examples:
  dialer bill tariff voorbeeldstad --from 2026-05-01 --price 12.50 --vat 21 --note "overeenkomst art. 6"
  dialer bill index voorbeeldstad 2027 --before 126.34 --after 130.51 --source "CBS CPI, oktober 2025 en 2026"
  dialer bill draft voorbeeldstad 2026-05
  dialer bill close voorbeeldstad 2026-05
  dialer bill list voorbeeldstad
  dialer bill file 2026-05-voorbeeldstad-1 factuur.pdf      the bill; .csv or .xlsx: its proof list
  dialer bill credit 2026-05-voorbeeldstad-1 --reference Z-117 Z-118 --why "dubbel aangeleverd"

A month is closed by itself on the first day after it, for clients that have a tariff. A closed month never changes:
what was wrong is taken back by a credit note.
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "bill",
        help="tariffs, closed months, credit notes",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    tariff = actions.add_parser("tariff", help="what a callable record costs from a day on; no price: all of them")
    tariff.add_argument("client")
    tariff.add_argument("--from", dest="begin", type=date.fromisoformat, metavar="DATE")
    tariff.add_argument("--price", metavar="EUROS", help="without VAT, whole cents")
    tariff.add_argument("--vat", default="21", metavar="PERCENT")
    tariff.add_argument("--note", default="", metavar="TEXT")
    index = actions.add_parser("index", help="the tariff of 1 January, by an index")
    index.add_argument("client")
    index.add_argument("year", type=int)
    index.add_argument("--before", required=True, metavar="FIGURE", help="figure of the old price")
    index.add_argument("--after", required=True, metavar="FIGURE")
    index.add_argument("--source", required=True, metavar="TEXT", help="which index, of which month")
    for name, what in (("draft", "what a month would cost now"), ("close", "freeze a month that is over")):
        action = actions.add_parser(name, help=what)
        action.add_argument("client")
        action.add_argument("month", metavar="YYYY-MM")
    listed = actions.add_parser("list", help="bills and credit notes")
    listed.add_argument("client", nargs="?", default="")
    written = actions.add_parser("file", help="a bill as .pdf, its proof list as .csv or .xlsx")
    written.add_argument("number")
    written.add_argument("file", type=Path, metavar="FILE")
    credit = actions.add_parser("credit", help="take records of a bill back")
    credit.add_argument("number")
    credit.add_argument("--reference", nargs="+", metavar="REF", help="the client's references; left out: all")
    credit.add_argument("--why", required=True, metavar="TEXT")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_act(settings_of(arguments), arguments))


async def _act(settings: Settings, args: argparse.Namespace) -> int:
    pool = await open_pool(settings.database.dsn, size=2)
    try:
        clock = SystemClock()
        billing = Billing(
            store=PgBilling(pool),
            logos=PgLogos(pool),
            writer=ReportFilesWriter(),
            tables=table_bytes,
            audit=PostgresAudit(pool, clock.now),
            clock=clock,
            ids=SystemIds(),
        )
        await _ACTIONS[args.action](billing, pool, args)
        return 0
    finally:
        await pool.close()


async def _tariff(billing: Billing, pool: asyncpg.Pool, args: argparse.Namespace) -> None:
    client = await _client(pool, args.client)
    if args.price is not None:
        if args.begin is None:
            raise InvalidError("say from which day", "--from")
        price, vat = _decimal(args.price, "--price"), _decimal(args.vat, "--vat")
        wanted = Tariff(valid_from=args.begin, price=price, vat_percent=vat)
        await billing.set_tariff(client, wanted, args.note, CLI)
    for line in await billing.tariffs(client, CLI):
        index = line.index
        how = "" if index is None else f"  {index.source}: {index.before} to {index.after}, exactly {index.exact}"
        print(
            f"from {line.tariff.valid_from}  EUR {line.tariff.price}  VAT {line.tariff.vat_percent}%  {line.note}{how}"
        )


async def _index(billing: Billing, pool: asyncpg.Pool, args: argparse.Namespace) -> None:
    client = await _client(pool, args.client)
    before, after = _decimal(args.before, "--before"), _decimal(args.after, "--after")
    line = await billing.index(client, args.year, before, after, args.source, CLI)
    assert line.index is not None
    print(f"from {line.tariff.valid_from}: EUR {line.index.exact}, rounded to EUR {line.tariff.price}")


async def _draft(billing: Billing, pool: asyncpg.Pool, args: argparse.Namespace) -> None:
    draft = await billing.draft(await _client(pool, args.client), _month(args.month), CLI)
    _print_totals(draft.totals)
    if draft.credited:
        print(f"and {draft.credited} records of earlier bills would be taken back")


async def _close(billing: Billing, pool: asyncpg.Pool, args: argparse.Namespace) -> None:
    for made in await billing.close(await _client(pool, args.client), _month(args.month), CLI):
        _print(await billing.bill(made, CLI))


async def _list(billing: Billing, pool: asyncpg.Pool, args: argparse.Namespace) -> None:
    client = await _client(pool, args.client) if args.client else None
    for bill in await billing.bills(client, CLI):
        _print(bill)


async def _file(billing: Billing, _pool: asyncpg.Pool, args: argparse.Namespace) -> None:
    format_ = args.file.suffix.lower().removeprefix(".")
    if format_ not in FORMATS:
        raise InvalidError("the file must end in .pdf, .csv or .xlsx", str(args.file))
    content, _ = await billing.file((await _bill(billing, args.number)).id, format_, CLI)
    await asyncio.to_thread(_write, args.file, content)
    print(f"written: {args.file}")


async def _credit(billing: Billing, _pool: asyncpg.Pool, args: argparse.Namespace) -> None:
    made = await billing.credit((await _bill(billing, args.number)).id, args.reference, args.why, CLI)
    _print(await billing.bill(made, CLI))


_ACTIONS = {
    "tariff": _tariff, "index": _index, "draft": _draft, "close": _close, "list": _list, "file": _file,
    "credit": _credit,
}  # fmt: skip


async def _client(pool: asyncpg.Pool, slug: str) -> ClientId:
    for client in await PgClientStore(pool).all():
        if client.slug == slug:
            return client.id
    raise NotFoundError(f"there is no client {slug!r}: dialer client list")


async def _bill(billing: Billing, number: str) -> Bill:
    for bill in await billing.bills(None, CLI):
        if bill.number == number:
            return bill
    raise NotFoundError(f"there is no bill {number!r}: dialer bill list")


def _decimal(text: str, field: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise InvalidError("a number, with a point", field)
    return value


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise InvalidError("a month like 2026-05", "month") from None


def _print(bill: Bill) -> None:
    credit = f"  credit of {bill.credits_number}: {bill.reason}" if bill.credits is not None else ""
    print(f"{bill.number:32} {bill.records:>6} records  EUR {bill.net:>10}  with VAT {bill.gross:>10}{credit}")


def _print_totals(total: Totals) -> None:
    for rate in total.rates:
        print(f"{rate.records} records at EUR {rate.price}: EUR {rate.net}")
    for percent, amount in total.vat.items():
        print(f"VAT {percent}%: EUR {amount}")
    print(f"{total.records} records, EUR {total.net}, with VAT EUR {total.gross}")


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
