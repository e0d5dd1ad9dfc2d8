"""`dialer backup` and `dialer restore`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dialer.cli.settings import settings_of
from dialer.config import Settings
from dialer.demo.postgres import binaries
from dialer.domain.errors import ConflictError, DialerError, InvalidError
from dialer.security.master_key import parse_master_key
from dialer.security.sealed_file import head_of, open_sealed, seal
from dialer.storage.backup import BackupError, Content, Moment, content_of, dump, load, must_be_empty
from dialer.storage.pool import translated

_PURPOSE = "backup"


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare both commands."""
    backup = subparsers.add_parser(
        "backup",
        help="write the whole database into one encrypted file",
        description="Of one moment, while the service works. Readable with the master key alone, which is not in it.",
        epilog="examples:\n  dialer backup /backups/dialer-2026-12-01.sealed\n"
        "  dialer backup --tools /usr/lib/postgresql/16/bin dialer.sealed   pg_dump as new as the server\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    backup.add_argument("file", type=Path, metavar="FILE", help="must not exist yet")
    restore = subparsers.add_parser(
        "restore",
        help="bring a back-up into an empty database",
        description="All or nothing; then the rows of each table are counted again. With --check nothing is changed.",
        epilog="examples:\n  dialer restore --check dialer.sealed\n"
        "  DIALER_DATABASE_DSN=postgresql://dialer@db/dialer_new dialer restore dialer.sealed\n\n"
        "Then `dialer migrate`, and recall again what was recalled after the back-up was made.\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument("--check", action="store_true", help="only read it to its end, and say what it holds")
    for parser in (backup, restore):
        parser.add_argument(
            "--tools", type=Path, metavar="FOLDER", help="of pg_dump and pg_restore, as new as the server"
        )
    backup.set_defaults(run=_backup)
    restore.set_defaults(run=_restore)


def _backup(arguments: argparse.Namespace) -> int:
    return asyncio.run(write_backup(settings_of(arguments), arguments.file, _tools(arguments.tools)))


async def write_backup(settings: Settings, file: Path, tools: Path | None) -> int:
    """Of this moment. Raises ConflictError when there is such a file, BackupError."""
    began = time.monotonic()
    moment = await translated(Moment.hold)(settings.database.dsn)
    try:
        pieces = dump(settings.database.dsn, tools, moment.snapshot)
        master = parse_master_key(settings.keys.master)
        size = await asyncio.to_thread(_keep, file, master, moment.content, pieces)
    finally:
        await moment.release()
    _say({**asdict(moment.content), "taken_at": moment.content.taken_at.isoformat()})
    print(f"{file}: {size:,} bytes in {time.monotonic() - began:.0f} s")
    return 0


def _keep(file: Path, master: bytes, content: Content, pieces: Iterable[bytes]) -> int:
    """Written beside its place first: a file under its name is whole. Returns its bytes."""
    if file.exists():
        raise ConflictError(f"{file} exists already")
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            head = json.dumps({**asdict(content), "taken_at": content.taken_at.isoformat()}).encode()
            seal(master, _PURPOSE, head, _told(pieces), target)
            target.flush()
            os.fsync(target.fileno())
        os.link(draft, file)  # fails when somebody was first
        return file.stat().st_size
    except FileExistsError:
        raise ConflictError(f"{file} exists already") from None
    except OSError as error:
        raise BackupError(f"{file}: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)


def _restore(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if arguments.check:
        return _check(settings, arguments.file)
    return asyncio.run(read_backup(settings, arguments.file, _tools(arguments.tools)))


def _check(settings: Settings, file: Path) -> int:
    head = _head(file)
    with file.open("rb") as source:
        for _ in _told(open_sealed(parse_master_key(settings.keys.master), _PURPOSE, source)):
            pass
    _say(head)
    print(f"{file}: whole")
    return 0


async def read_backup(settings: Settings, file: Path, tools: Path | None) -> int:
    """Into an empty database. Status 1 when a table does not have the rows that the back-up had.

    Raises ConflictError when it is not empty, SealError, BackupError; then it is as empty as before.
    """
    head = _head(file)
    await translated(must_be_empty)(settings.database.dsn)
    await asyncio.to_thread(_bring_in, file, parse_master_key(settings.keys.master), settings.database.dsn, tools)
    now = await translated(content_of)(settings.database.dsn)
    others = {table for table in {*now.rows, *head["rows"]} if now.rows.get(table) != head["rows"].get(table)}
    for table in sorted(others):
        print(f"{table}: {now.rows.get(table)} rows, {head['rows'].get(table)} in the back-up", file=sys.stderr)
    if others:
        return 1
    _say(head)
    print(f"{file}: restored, every table has its rows")
    return 0


def _bring_in(file: Path, master: bytes, dsn: str, tools: Path | None) -> None:
    with file.open("rb") as source:
        load(dsn, tools, _told(open_sealed(master, _PURPOSE, source)))


def _tools(named: Path | None) -> Path | None:
    """The folder that was named; else what the PATH has; else those of the embedded database, where it is installed."""
    if named is not None or shutil.which("pg_dump") is not None:
        return named
    with contextlib.suppress(DialerError):
        return binaries()
    return None


def _head(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as source:
            found: dict[str, Any] = json.loads(head_of(source))
    except OSError as error:
        raise InvalidError(f"{file}: {error.strerror}") from None
    return found


def _told(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """How far it is, for who looks on."""
    done, shown = 0, time.monotonic()
    for piece in pieces:
        yield piece
        done += len(piece)
        if sys.stderr.isatty() and time.monotonic() - shown > 0.5:
            shown = time.monotonic()
            print(f"\r{done / 1e6:,.0f} MB", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)


def _say(head: dict[str, Any]) -> None:
    rows, tables = sum(head["rows"].values()), len(head["rows"])
    print(
        f"{rows:,} rows in {tables} tables at {head['taken_at']}, PostgreSQL {head['server']}, {head['migrations'][-1]}"
    )
