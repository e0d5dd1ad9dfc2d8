"""`dialer backup`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dialer.cli.settings import settings_of
from dialer.clock import SystemClock
from dialer.config import Settings
from dialer.demo.postgres import binaries
from dialer.demo.processes import StartError
from dialer.domain.errors import ConflictError, DialerError
from dialer.security.master_key import parse_master_key
from dialer.security.sealed_file import seal
from dialer.storage.backup import BackupError, Content, Moment, choose_tools, dump, keep_result, major_of
from dialer.storage.pool import translated

PURPOSE = "backup"
"""What the file's key is derived for."""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "backup",
        help="write the whole database into one encrypted file",
        description="Of one moment, while the service works. Readable with the master key alone, which is not in it.",
        epilog="examples:\n  dialer backup /backups/dialer-2026-12-01.sealed\n"
        "  dialer backup --tools /usr/lib/postgresql/16/bin dialer.sealed   another pg_dump than is found\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="must not exist yet")
    add_tools(parser)
    parser.set_defaults(run=_backup)


def add_tools(parser: argparse.ArgumentParser) -> None:
    """Where PostgreSQL's own programs are."""
    parser.add_argument(
        "--tools", type=Path, metavar="FOLDER", help="of pg_dump and pg_restore (default: found, as new as the server)"
    )


def _backup(arguments: argparse.Namespace) -> int:
    return asyncio.run(write_backup(settings_of(arguments), arguments.file, arguments.tools))


async def write_backup(settings: Settings, file: Path, tools: Path | None) -> int:
    """Of this moment. `tools`: the folder that was named, if any.

    Raises ConflictError when there is such a file, BackupError.
    """
    began = time.monotonic()
    moment = await translated(Moment.hold)(settings.database.dsn)
    try:
        chosen = await asyncio.to_thread(tools_of, tools, moment.content.server)
        pieces = dump(settings.database.dsn, chosen, moment.snapshot)
        master = parse_master_key(settings.keys.master)
        size = await asyncio.to_thread(_keep, file, master, moment.content, pieces)
    except DialerError as error:
        with contextlib.suppress(DialerError):  # the first error is the one to be told
            await translated(keep_result)(settings.database.dsn, SystemClock().wall_utc(), type(error).__name__)
        raise
    finally:
        await moment.release()
    await translated(keep_result)(settings.database.dsn, SystemClock().wall_utc(), "")
    say({**asdict(moment.content), "taken_at": moment.content.taken_at.isoformat()})
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
            seal(master, PURPOSE, head, told(pieces), target)
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


def tools_of(named: Path | None, server: str) -> Path:
    """Where PostgreSQL's own programs for this server are; those of the embedded database count too. BackupError."""
    own = []
    with contextlib.suppress(DialerError, StartError):
        own.append(binaries())
    return choose_tools(named, major_of(server), own)


def told(pieces: Iterable[bytes]) -> Iterator[bytes]:
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


def say(head: Mapping[str, Any]) -> None:
    """What a back-up holds."""
    rows, tables = sum(head["rows"].values()), len(head["rows"])
    print(
        f"{rows:,} rows in {tables} tables at {head['taken_at']}, PostgreSQL {head['server']}, {head['migrations'][-1]}"
    )
