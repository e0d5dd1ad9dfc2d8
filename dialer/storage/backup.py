"""A database out and in again: by PostgreSQL's own `pg_dump` and `pg_restore`, of one moment, counted.

The password goes to them in the environment, never in their arguments, which everybody on the machine can read.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg

from dialer.domain.errors import ConflictError, DialerError
from dialer.storage.connecting import connect
from dialer.storage.jobs import BACKUP, SQL_RAN

_PIECE = 1 << 20
LEFT_OUT = ("pii.recording_piece",)
"""Tables whose rows are in no back-up: what was said ends at its term there too."""
_DEBIAN = Path("/usr/lib/postgresql")
SQL_TABLES = """
select format('%I.%I', schemaname, tablename) as name from pg_tables
 where schemaname not in ('pg_catalog', 'information_schema') order by 1
"""


class BackupError(DialerError):
    """PostgreSQL's own tool said no; `str()` is what it said."""

    code = "backup-failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a back-up holds."""

    taken_at: datetime  # UTC
    server: str  # PostgreSQL's version
    migrations: tuple[str, ...]
    rows: Mapping[str, int]  # by table


class Moment:
    """A transaction that keeps one moment of the database for `pg_dump` to look at."""

    def __init__(self, connection: asyncpg.Connection, snapshot: str, content: Content) -> None:
        self._connection = connection
        self.snapshot = snapshot
        self.content = content

    @classmethod
    async def hold(cls, dsn: str) -> Moment:
        """Begin it, and count. Raises asyncpg's errors."""
        connection = await connect(dsn)
        try:
            await connection.execute("begin isolation level repeatable read read only")
            snapshot = await connection.fetchval("select pg_export_snapshot()")
            return cls(connection, snapshot, await _content(connection))
        except BaseException:
            await connection.close()
            raise

    async def release(self) -> None:
        """Let it go."""
        await self._connection.close()


async def keep_result(dsn: str, at: datetime, error: str) -> None:
    """For whoever watches the age of back-ups. `at`: wall time; `error` empty: it went well.

    Raises asyncpg's errors.
    """
    connection = await connect(dsn, timeout=5.0)
    try:
        await connection.execute(SQL_RAN, BACKUP, at, error)
    finally:
        await connection.close()


async def content_of(dsn: str) -> Content:
    """What is in a database now. Raises asyncpg's errors."""
    moment = await Moment.hold(dsn)
    await moment.release()
    return moment.content


async def must_be_empty(dsn: str) -> str:
    """The server's version. Raises ConflictError when there are tables: nothing is ever restored over something."""
    connection = await connect(dsn)
    try:
        if await connection.fetch(SQL_TABLES):
            raise ConflictError("the database is not empty: restore into a new one")
        return str(await connection.fetchval("show server_version"))
    finally:
        await connection.close()


async def _content(connection: asyncpg.Connection) -> Content:
    tables = [row["name"] for row in await connection.fetch(SQL_TABLES)]
    known = await connection.fetch("select name from schema_migration order by name") if tables else []
    return Content(
        taken_at=await connection.fetchval("select now()"),
        server=await connection.fetchval("show server_version"),
        migrations=tuple(row["name"] for row in known),
        rows={
            table: await connection.fetchval(f"select count(*) from {table}")  # noqa: S608 - quoted by the catalogue
            for table in tables
            if table not in LEFT_OUT
        },
    )


def dump(dsn: str, tools: Path | None, snapshot: str) -> Iterator[bytes]:
    """The database at that moment, in PostgreSQL's custom format. Raises BackupError."""
    words = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    words += [f"--exclude-table-data={table}" for table in LEFT_OUT]
    with _tool("pg_dump", tools, dsn, words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while piece := process.stdout.read(_PIECE):
            yield piece


def load(dsn: str, tools: Path | None, pieces: Iterable[bytes]) -> None:
    """Into an empty database, all or nothing. Raises BackupError, and whatever `pieces` raises."""
    words = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    with _tool("pg_restore", tools, dsn, words, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        try:
            # It says itself what it did not like; that it reads no more is only the consequence.
            with contextlib.suppress(BrokenPipeError):
                for piece in pieces:
                    process.stdin.write(piece)
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        except BaseException:
            process.kill()  # before the end: the transaction is undone
            process.wait()
            raise


def choose_tools(named: Path | None, server: int, elsewhere: Sequence[Path]) -> Path:
    """The folder of a `pg_dump` that reads a server of this major version; an older one would refuse.

    `named` by the operator or nobody; else the PATH, Debian's places, `elsewhere`, of these the oldest that will do: it
    writes what the server's own tools can read. Raises BackupError.
    """
    if named is not None:
        if 0 < (version := _version_of(named)) < server:  # none at all tells itself
            raise BackupError(f"{named}: {_said(version)}; the server is {server}")
        return named
    path = shutil.which("pg_dump")
    places = [] if path is None else [Path(path).parent]
    places += [*sorted(_DEBIAN.glob("*/bin")), *elsewhere]
    found = {folder: _version_of(folder) for folder in places}
    able = [folder for folder, version in found.items() if version >= server]
    if not able:
        newest = max(found.values(), default=0)
        raise BackupError(f"the server is {server}, here is {_said(newest)}: name a folder with --tools")
    return min(able, key=lambda folder: found[folder])


def _said(version: int) -> str:
    return f"pg_dump {version}" if version else "no pg_dump"


def _version_of(folder: Path) -> int:
    """Major version of a folder's `pg_dump`; 0: there is none."""
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own tool
            [folder / "pg_dump", "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.search(r"\) (\d+)", done.stdout)
    return int(match[1]) if match else 0


def major_of(version: str) -> int:
    """Of what a server says of itself: `17.7 (Debian 17.7-1)`."""
    match = re.match(r"\d+", version)
    return int(match[0]) if match else 0


@contextmanager
def _tool(
    name: str, tools: Path | None, dsn: str, words: list[str], *, stdin: int | None = None, stdout: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    address, environment = _address(dsn)
    program = name if tools is None else str(tools / name)
    try:
        process = subprocess.Popen(  # noqa: S603 - the operator's own tools and address
            [program, f"--dbname={address}", *words],
            env={**os.environ, **environment, "LC_ALL": "C"},
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        raise BackupError(f"{name} cannot be started: {error.strerror}. Name its folder with --tools") from None
    try:
        yield process
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        said = process.stderr.read().decode(errors="replace").strip() if process.stderr is not None else ""
        if process.wait() != 0:
            raise BackupError(f"{name}: {said[-500:] or f'status {process.returncode}'}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()


def _address(dsn: str) -> tuple[str, dict[str, str]]:
    """The address without its password, and the password apart."""
    parts = urlsplit(dsn)
    if parts.password is None:
        return dsn, {}
    user = parts.netloc.rpartition("@")[0].partition(":")[0]
    bare = parts._replace(netloc=f"{user}@{parts.netloc.rpartition('@')[2]}")
    return urlunsplit(bare), {"PGPASSWORD": unquote(parts.password)}
