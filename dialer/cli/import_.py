"""`dialer import`: lists in, and what came of them."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from dialer.cli.settings import settings_of
from dialer.clock import SystemClock, SystemIds
from dialer.config import Settings
from dialer.domain.errors import InvalidError
from dialer.domain.ids import CampaignId, DeliveryId
from dialer.domain.intake_words import FILE_REASONS, word
from dialer.intake.tables import FORMATS, FileTables
from dialer.intake.template import template
from dialer.intake_parts import intake_parts
from dialer.schedule.planner.product import LearnedPlanner
from dialer.security.master_key import parse_master_key
from dialer.security.vault import MasterVault
from dialer.services.deliveries import DeliveryService
from dialer.services.intake import FIELDS_OF, IntakeService
from dialer.services.ports.export import Table
from dialer.services.ports.intake import FileRefusedError
from dialer.services.ports.people import CLI, Viewer
from dialer.storage.audit import PostgresAudit
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.pool import open_pool

EXAMPLES = """examples:
  dialer import --template list.xlsx
  dialer import list.csv --campaign "Vroegsignalering juni" --dry-run
  dialer import list.csv --campaign "Vroegsignalering juni" --refusals refused.csv
  dialer import vps.xlsx --campaign "Vroegsignalering juni" --map client_ref=Zaak --map surname=Naam --save-mapping vps
  dialer import vps.xlsx --campaign "Vroegsignalering juni" --mapping vps
  dialer import --to-enrich without-number.csv --campaign "Vroegsignalering juni"
  dialer import found.csv --campaign "Vroegsignalering juni" --numbers
  dialer import afspraken.csv --campaign "Vroegsignalering juni" --visits
  dialer import --list-mappings --campaign "Vroegsignalering juni"
  dialer import --list --campaign "Vroegsignalering juni"
  dialer import --recall 0198c0de-0000-7000-8000-000000000000 --reason "verkeerde maand"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportServices:
    """What this command works with."""

    intake: IntakeService
    deliveries: DeliveryService
    viewer: Viewer


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "import",
        help="load a list of signals, or numbers found later",
        description="Load a CSV, XLSX or JSON list. The same file twice changes nothing; what broke off goes on.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="CSV, XLSX or JSON")
    parser.add_argument("--campaign", metavar="NAME", help="name or id of the campaign")
    parser.add_argument("--client", default="", metavar="SLUG", help="where two clients have a campaign of that name")
    parser.add_argument("--dry-run", action="store_true", help="say what would happen, change nothing")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--numbers", action="store_true", help="the file has numbers by reference (enrichment)")
    kinds.add_argument("--visits", action="store_true", help="the file says who came to an appointment, by reference")
    columns = parser.add_mutually_exclusive_group()
    columns.add_argument("--mapping", metavar="NAME", help="a column mapping saved before")
    columns.add_argument("--map", action="append", metavar="FIELD=HEADER", help="which column holds a field; repeat it")
    parser.add_argument("--save-mapping", metavar="NAME", help="keep the columns as used, under this name")
    parser.add_argument("--refusals", type=Path, metavar="OUT", help="write the refused rows here, to correct them")
    parser.add_argument("--language", choices=("nl", "en"), default="nl", help="of reasons and headers (default nl)")
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--template", type=Path, metavar="OUT", help="write an empty list with an example row")
    other.add_argument("--to-enrich", type=Path, metavar="OUT", help="write the residents without a number")
    other.add_argument("--list", action="store_true", help="the campaign's deliveries")
    other.add_argument("--list-mappings", action="store_true", help="the client's saved column mappings")
    other.add_argument("--recall", type=UUID, metavar="DELIVERY", help="take a wrong delivery back; wants --reason")
    parser.add_argument("--reason", metavar="TEXT", help="why it is recalled; kept in the audit")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do what the arguments ask."""
    if args.template is not None:
        args.template.write_bytes(template(_format(args.template), args.language))
        print(f"written: {args.template}")
        return 0
    gc.set_threshold(50_000, 20, 100)  # a short life full of rows: looking for cycles would take a fifth of it
    return asyncio.run(_act(settings_of(args), args))


@contextlib.asynccontextmanager
async def _services(settings: Settings, language: str) -> AsyncIterator[ImportServices]:
    pool = await open_pool(settings.database.dsn, size=4)
    try:
        clock = SystemClock()
        lists = intake_parts(
            pool, settings, vault=MasterVault(parse_master_key(settings.keys.master)),
            audit=PostgresAudit(pool, clock.now), catalogues=CatalogueStore(pool), planner=LearnedPlanner(),
            clock=clock, ids=SystemIds(),
        )  # fmt: skip
        yield ImportServices(
            intake=lists.intake,
            deliveries=lists.deliveries,
            viewer=Viewer(actor=CLI.actor, user=None, role=CLI.role, client=None, language=language),
        )
    finally:
        await pool.close()


async def _act(settings: Settings, args: argparse.Namespace) -> int:
    async with _services(settings, args.language) as services:
        if args.recall is not None:
            return await _recall(services, args)
        if not args.campaign:
            raise InvalidError("say which campaign", "--campaign")
        campaign = await services.intake.find_campaign(args.campaign, args.client)
        if args.list:
            return await _list(services, campaign)
        if args.list_mappings:
            return await _list_mappings(services, campaign)
        if args.to_enrich is not None:
            table = await services.deliveries.to_enrich(campaign, services.viewer)
            return _write(table, args.to_enrich)
        if args.file is None:
            raise InvalidError("say which file", "FILE")
        try:
            return await _load(services, campaign, args)
        except FileRefusedError as refused:
            text = word(FILE_REASONS, refused.reason, args.language)
            raise FileRefusedError(refused.reason, f"{text} ({refused})", line=refused.line) from None


async def _load(services: ImportServices, campaign: CampaignId, args: argparse.Namespace) -> int:
    kind = "numbers" if args.numbers else "visits" if args.visits else "list"
    columns = await _columns(services, campaign, args, kind)
    if args.dry_run:
        preview = await services.intake.preview(campaign, args.file, services.viewer, kind=kind, columns=columns)
        print(f"dry run: {preview.format} {preview.encoding} {preview.delimiter!r}; nothing was changed")
        if preview.repeated:
            print("this file has been loaded already")
        _print_counts(preview.counts)
        for field, header in preview.columns.items():
            print(f"  {field:16} <- {header}")
        if preview.unused:
            print(f"  not used: {', '.join(preview.unused)}")
        for issue in preview.issues[:50]:
            print(f"  row {issue.row}, {issue.column}: {issue.text}{'' if issue.fatal else ' (row is taken)'}")
        return 0
    loaded = await services.intake.load(campaign, args.file, services.viewer, kind=kind, columns=columns)
    delivery = loaded.delivery
    print(f"delivery {delivery.delivery}: {'loaded before, nothing changed' if loaded.repeated else 'loaded'}")
    _print_counts(delivery.counts)
    if args.save_mapping:
        saved = await services.intake.save_mapping(
            delivery.client, args.save_mapping, loaded.columns, services.viewer, kind=kind
        )
        print(f"column mapping {saved.name}, version {saved.version}")
    if delivery.counts.get("refused"):
        if args.refusals is not None:
            return _write(await services.deliveries.refused_rows(delivery.delivery, services.viewer), args.refusals)
        for line in (await services.deliveries.refusals(delivery.delivery, services.viewer))[:50]:
            print(f"  row {line.row}, {line.column}: {line.text}{'' if line.fatal else ' (row is taken)'}")
    return 0


async def _columns(
    services: ImportServices, campaign: CampaignId, args: argparse.Namespace, kind: str
) -> Mapping[str, str] | None:
    if args.mapping:
        client = await services.intake.client_of(campaign, services.viewer)
        return (await services.intake.mapping(client, args.mapping, services.viewer)).columns
    if not args.map:
        return None
    known = FIELDS_OF[kind]
    columns = {}
    for pair in args.map:
        field, equals, header = pair.partition("=")
        if not equals or field not in known:
            raise InvalidError(f"FIELD=HEADER, where FIELD is one of {', '.join(known)}", "--map")
        columns[field] = header
    return columns


async def _list(services: ImportServices, campaign: CampaignId) -> int:
    for delivery in await services.deliveries.deliveries(campaign, services.viewer):
        counts = delivery.counts
        print(
            f"{delivery.delivery}  {delivery.received_at:%Y-%m-%d %H:%M}  {delivery.kind:8} {delivery.state:9} "
            f"rows {counts.get('rows', '-')}, cases {counts.get('cases', '-')}, refused {counts.get('refused', '-')}"
        )
    return 0


async def _list_mappings(services: ImportServices, campaign: CampaignId) -> int:
    client = await services.intake.client_of(campaign, services.viewer)
    for mapping in await services.intake.mappings(client, services.viewer):
        print(f"{mapping.name}  {mapping.kind}, version {mapping.version}")
        for field, header in mapping.columns.items():
            print(f"  {field:16} <- {header}")
    return 0


async def _recall(services: ImportServices, args: argparse.Namespace) -> int:
    if not args.reason:
        raise InvalidError("say why", "--reason")
    report = await services.deliveries.recall(DeliveryId(args.recall), args.reason, services.viewer)
    print(f"recalled: {report.cases} cases closed, personal data erased")
    print(f"called before that: {len(report.called)}")
    for line in report.called:
        print(f"  {line.at:%Y-%m-%d %H:%M} {line.direction:3} {', '.join(line.client_refs)} {line.outcome or '-'}")
    print(f"looks at their data: {len(report.seen)}")
    for look in report.seen:
        print(f"  {look.at:%Y-%m-%d %H:%M} {look.actor} {look.action} {look.subject_kind} {look.subject_id}")
    return 0


def _print_counts(counts: Mapping[str, object]) -> None:
    print("  " + ", ".join(f"{name} {count}" for name, count in counts.items()))


def _format(path: Path) -> str:
    found = path.suffix.lower().removeprefix(".")
    if found not in FORMATS:
        raise InvalidError("the file must end in .csv or .xlsx", str(path))
    return found


def _write(table: Table, path: Path) -> int:
    FileTables().write_file(table, _format(path), path)
    print(f"written: {path}")
    return 0
