"""`dialer targets`."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from typing import Any

from dialer.cli.settings import settings_of
from dialer.clock import SystemClock, SystemIds
from dialer.config import Settings
from dialer.domain.errors import InvalidError, NotFoundError
from dialer.domain.ids import ClientId
from dialer.domain.transfer_target import KINDS, TransferTarget
from dialer.schedule.windows import DAYS
from dialer.services.ports.audit import AuditEntry
from dialer.services.ports.people import CLI
from dialer.services.transfer_targets import TransferTargets
from dialer.storage.audit import PostgresAudit
from dialer.storage.clients import PgClientStore
from dialer.storage.pool import open_pool
from dialer.storage.transfer_targets import PgTransferTargets

_EXAMPLES = """\
examples:
  dialer targets list voorbeeldstad
  dialer targets add voorbeeldstad desk "Loket Geldzaken" 0790000051
  dialer targets add voorbeeldstad interpreter Tolkenlijn 0790000052 --languages ar,tr
  dialer targets add voorbeeldstad crisis Crisisdienst 0790000053 \\
      --hours mon-sun=00:00-23:59 --protocol steps.txt
  dialer targets set voorbeeldstad "Loket Geldzaken" --hours mon-fri=9:00-12:00,13:00-17:00 --hours sat=
  dialer targets retire voorbeeldstad Tolkenlijn
  dialer targets use voorbeeldstad Tolkenlijn
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "targets",
        help="to whom agents may transfer a client's calls",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="all of a client's").add_argument("client", help="its short name")
    add = actions.add_parser("add", help="one more; workdays 9 to 17 unless --hours says otherwise")
    add.add_argument("client")
    add.add_argument("kind", choices=[kind.value for kind in KINDS])
    add.add_argument("name", help="as agents see it")
    add.add_argument("number", help="the only one that is rung; agents never see it")
    change = actions.add_parser("set", help="change one; what is left out stays")
    change.add_argument("client")
    change.add_argument("name", help="as it is called now")
    change.add_argument("--name", dest="new_name", metavar="NAME")
    change.add_argument("--number")
    change.add_argument("--kind", choices=[kind.value for kind in KINDS])
    for one in (add, change):
        one.add_argument(
            "--hours", action="append", default=[], metavar="DAYS=HOURS", help="mon-fri=9:00-17:00, or sat= for closed"
        )
        one.add_argument("--languages", metavar="LIST", help="of an interpreter: ar,tr")
        one.add_argument(
            "--protocol", type=argparse.FileType("r", encoding="utf-8"), metavar="FILE", help="of a crisis desk"
        )
    for action, words in (("retire", "agents no longer see it"), ("use", "agents see it again")):
        one = actions.add_parser(action, help=words)
        one.add_argument("client")
        one.add_argument("name")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_act(settings_of(arguments), arguments))


async def _act(settings: Settings, arguments: argparse.Namespace) -> int:
    pool = await open_pool(settings.database.dsn, size=2)
    try:
        clients = await PgClientStore(pool).all()
        client = next((one.id for one in clients if one.slug == arguments.client), None)
        if client is None:
            raise NotFoundError(f"there is no client {arguments.client!r}: dialer client list")
        targets = TransferTargets(PgTransferTargets(pool), SystemIds(), demo=settings.service.demo)
        if arguments.action == "list":
            for target in await targets.of(client):
                _print(target)
            return 0
        action, changed, target = await _change(targets, client, arguments)
        await PostgresAudit(pool, SystemClock().now).record(
            AuditEntry(
                actor=CLI.actor,
                action=action,
                subject_kind="transfer_target",
                subject=str(target.id),
                client=client,
                detail={"changed": sorted(changed)},
            )
        )
        _print(target)
        return 0
    finally:
        await pool.close()


async def _change(
    targets: TransferTargets, client: ClientId, arguments: argparse.Namespace
) -> tuple[str, Sequence[str], TransferTarget]:
    known = await targets.of(client)
    if arguments.action == "add":
        wish = _wish(arguments, name=arguments.name, number=arguments.number, kind=arguments.kind)
        wish.setdefault("position", len(known))
        return "transfer_target.add", list(wish), await targets.add(client, wish)
    target = _named(known, arguments.name)
    if arguments.action == "set":
        wish = _wish(arguments, target, name=arguments.new_name, number=arguments.number, kind=arguments.kind)
    else:
        wish = {"active": arguments.action == "use"}
    if not wish:
        raise InvalidError("nothing to change: dialer targets set --help", "")
    return "transfer_target.change", list(wish), await targets.change(target.id, target.version, wish)


def _wish(arguments: argparse.Namespace, before: TransferTarget | None = None, **given: str | None) -> dict[str, Any]:
    wish: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if arguments.languages is not None:
        wish["languages"] = [code for code in arguments.languages.split(",") if code]
    if arguments.protocol is not None:
        with arguments.protocol as file:
            wish["protocol"] = file.read()
    if arguments.hours:
        week = [["09:00-17:00"]] * 5 + [[], []] if before is None else [_written(day) for day in before.hours]
        wish["hours"] = [[span.split("-") for span in day] for day in _week(week, arguments.hours)]
    return wish


def _written(day: Sequence[tuple[str, str]]) -> list[str]:
    return [f"{start}-{end}" for start, end in day]


def _week(week: list[list[str]], changes: Sequence[str]) -> list[list[str]]:
    """The week with `mon-fri=9:00-12:00,13:00-17:00` and the like filled in. Raises InvalidError."""
    week = list(week)
    for change in changes:
        days, equals, hours = change.partition("=")
        first, _, last = days.partition("-")
        if not equals or first not in DAYS or (last or first) not in DAYS:
            raise InvalidError("DAYS=HOURS, as mon-fri=9:00-17:00", change)
        spans = [_padded(span) for span in hours.split(",") if span]
        for place in range(DAYS.index(first), DAYS.index(last or first) + 1):
            week[place] = spans
    return week


def _padded(span: str) -> str:
    start, _, end = span.strip().partition("-")
    return f"{start.strip().zfill(5)}-{end.strip().zfill(5)}"


def _named(known: Sequence[TransferTarget], name: str) -> TransferTarget:
    found = [one for one in known if one.name == name or str(one.id) == name]
    if len(found) > 1:
        ids = ", ".join(str(one.id) for one in found)
        raise InvalidError(f"more than one is called so; give its id: {ids}", "name")
    if not found:
        raise NotFoundError(f"nobody is called {name!r}: dialer targets list")
    return found[0]


def _print(target: TransferTarget) -> None:
    hours = "; ".join(
        f"{day} {', '.join(_written(spans))}" for day, spans in zip(DAYS, target.hours, strict=True) if spans
    )
    words = [target.kind.value.ljust(11), target.number, target.name, f"({hours or 'never open'})"]
    words += [f"[{','.join(target.languages)}]"] if target.languages else []
    words += [] if target.active else ["retired"]
    print(" ".join(words))
