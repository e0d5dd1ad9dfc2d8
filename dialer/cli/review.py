"""`dialer review`: the periodic review of access rights, and its evidence."""

from __future__ import annotations

import argparse
import asyncio
import csv
import hashlib
import io
import re
import sys
from collections.abc import Sequence
from datetime import datetime

from dialer.cli.settings import settings_of
from dialer.clock import SystemClock
from dialer.config import Settings
from dialer.domain.access_review import Access, remarks
from dialer.domain.errors import InvalidError
from dialer.storage.access_review import PgAccessReview
from dialer.storage.pool import open_pool

_EXAMPLES = """examples:
  dialer review                          who may come in, and what somebody should look at
  dialer review --csv > toegang.csv      the same as a file
  dialer review --done m.devries         it was looked at: kept in the audit, with a digest of the list
"""
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_HEAD = ("kind", "name", "role", "client", "scopes", "since", "seen", "second factor", "ends", "look at")


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "review",
        help="who may come in, and that somebody looked at it",
        description="Every person and token that may come in now, with what a reviewer should look at.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--csv", action="store_true", help="as CSV")
    parser.add_argument("--done", metavar="LOGIN", help="who reviewed this very list: written in the audit")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.done is not None and not _LOGIN.fullmatch(arguments.done):
        raise InvalidError("a login: small letters, digits, dot, dash and underscore", "done")
    return asyncio.run(_review(settings_of(arguments), as_csv=arguments.csv, done=arguments.done))


async def _review(settings: Settings, *, as_csv: bool, done: str | None) -> int:
    pool = await open_pool(settings.database.dsn, size=1)
    try:
        rows, at = PgAccessReview(pool), SystemClock().now()
        found, last = await rows.all(at), await rows.last()
        text = _table(found, at)
        sys.stdout.write(text if as_csv else text.replace(";", "\t"))
        if done is not None:
            digest = hashlib.sha256(text.encode()).hexdigest()
            noted = sum(bool(remarks(one, at)) for one in found)
            await rows.reviewed(at, f"cli:{done}", {"entries": len(found), "remarked": noted, "sha256": digest})
            print(f"kept in the audit: {len(found)} entries, sha256 {digest}", file=sys.stderr)
        elif last is None:
            print("never reviewed", file=sys.stderr)
        else:
            print(f"last reviewed {last[0]:%Y-%m-%d} by {last[1]}", file=sys.stderr)
    finally:
        await pool.close()
    return 0


def _table(found: Sequence[Access], at: datetime) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(_HEAD)
    for one in found:
        writer.writerow(
            [
                one.kind, one.name, one.role, one.client, " ".join(one.scopes), _day(one.since), _day(one.seen_at),
                ("yes" if one.second_factor else "no") if one.kind == "person" else "", _day(one.ends_at),
                ", ".join(remarks(one, at)),
            ]
        )  # fmt: skip
    return out.getvalue()


def _day(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d}"
