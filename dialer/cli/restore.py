"""`dialer restore`."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from dialer.cli.backup import PURPOSE, add_tools, say, told, tools_of
from dialer.cli.resident import erase_again
from dialer.cli.settings import settings_of
from dialer.config import Settings
from dialer.domain.errors import InvalidError
from dialer.security.master_key import parse_master_key
from dialer.security.sealed_file import head_of, open_sealed
from dialer.services.ports.vault import SealError
from dialer.storage.backup import content_of, load, must_be_empty
from dialer.storage.migrate import migrate
from dialer.storage.pool import translated


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "restore",
        help="bring a back-up into an empty database",
        description="All or nothing; then the rows of each table are counted again. With --check nothing is changed.",
        epilog="examples:\n  dialer restore --check dialer.sealed\n"
        "  DIALER_DATABASE_DSN=postgresql://dialer@db/dialer_new dialer restore dialer.sealed\n\n"
        "Who was erased, and what was recalled, after the back-up was made is erased again, by the list of\n"
        "service.erasures. Then `dialer migrate`.\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--check", action="store_true", help="only read it to its end, and say what it holds")
    add_tools(parser)
    parser.set_defaults(run=_restore)


def _restore(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if arguments.check:
        return _check(settings, arguments.file)
    return asyncio.run(read_backup(settings, arguments.file, arguments.tools))


def _check(settings: Settings, file: Path) -> int:
    head = _head(file)
    with file.open("rb") as source:
        for _ in told(open_sealed(parse_master_key(settings.keys.master), PURPOSE, source)):
            pass
    say(head)
    print(f"{file}: whole")
    return 0


async def read_backup(settings: Settings, file: Path, tools: Path | None) -> int:
    """Into an empty database. Status 1 when a table does not have the rows that the back-up had.

    Raises ConflictError when it is not empty, SealError, BackupError; then it is as empty as before.
    """
    head = _head(file)
    server = await translated(must_be_empty)(settings.database.dsn)
    tools = await asyncio.to_thread(tools_of, tools, server)
    await asyncio.to_thread(_bring_in, file, parse_master_key(settings.keys.master), settings.database.dsn, tools)
    now = await translated(content_of)(settings.database.dsn)
    others = {table for table in {*now.rows, *head["rows"]} if now.rows.get(table) != head["rows"].get(table)}
    for table in sorted(others):
        print(f"{table}: {now.rows.get(table)} rows, {head['rows'].get(table)} in the back-up", file=sys.stderr)
    if others:
        return 1
    say(head)
    print(f"{file}: restored, every table has its rows")
    return await _erased_again(settings)


async def _erased_again(settings: Settings) -> int:
    """Whoever was erased since is erased once more. Status 1 when that has to be done by hand yet."""
    if not settings.service.erasures:
        print("no erasure list (service.erasures): who was erased after the back-up is back", file=sys.stderr)
        return 0
    await translated(migrate)(settings.database.dsn)
    if await asyncio.to_thread(Path(settings.service.erasures).exists):
        return await erase_again(settings)
    print(f"{settings.service.erasures}: not there, so nobody was erased again: dialer resident again", file=sys.stderr)
    return 1


def _bring_in(file: Path, master: bytes, dsn: str, tools: Path | None) -> None:
    with file.open("rb") as source:
        load(dsn, tools, told(open_sealed(master, PURPOSE, source)))


def _head(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as source:
            found: dict[str, Any] = json.loads(head_of(source))
    except OSError as error:
        raise InvalidError(f"{file}: {error.strerror}") from None
    except ValueError:
        raise SealError("the beginning of the file is damaged") from None
    return found
