"""Schema migrations: numbered SQL files, each applied once, in one transaction, under an advisory lock.

In two steps, so that the release before and this one run side by side. What is *added* (`0007_notes.sql`) is applied
before the new release starts, while the old one dials. What is *taken away* (`0009_notes_contract.sql`) waits until
nobody of an older release is connected, and somebody asks for it. `tests/unit/test_migration_rules.py` holds the files
to that.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from importlib import resources

import asyncpg

from dialer import __version__
from dialer.domain.errors import ConflictError
from dialer.storage.connecting import connect
from dialer.storage.rights import lacking, put_in_place

_LOCK = 7_305_500_001  # any constant: two migrators must not run side by side

APPLICATION = f"dialer {__version__}"
"""As PostgreSQL shows our connections: by release."""
CONTRACT = "_contract.sql"
_LOCK_MILLISECONDS = 1500
_ATTEMPTS = 10
_PAUSE_SECONDS = 1.0

RIGHTS = "rights of clients"
"""Stands among the migrations: what is put in place each time."""

SQL_LEDGER = """
create table if not exists schema_migration (
  name text primary key, checksum text not null)
"""
SQL_APPLIED = "select name, checksum from schema_migration"
SQL_OTHERS = """
select distinct application_name from pg_stat_activity
 where datname = current_database() and application_name like 'dialer %' and application_name <> $1
 order by 1
"""
SQL_RECORD = "insert into schema_migration (name, checksum) values ($1, $2)"


def migrations() -> list[tuple[str, str]]:
    """All migrations in order, as (name, SQL)."""
    folder = resources.files("dialer.storage") / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(name, (folder / name).read_text(encoding="utf-8")) for name in names]


def takes_away(name: str) -> bool:
    """Whether a migration is of the second step."""
    return name.endswith(CONTRACT)


async def migrate(dsn: str, *, contract: bool = False) -> list[str]:
    """Bring the database at `dsn` up to date; returns the names applied now. `contract`: the second step too.

    Raises ConflictError when a migration that was applied earlier has been edited since, when the second step is asked
    for and an older release is connected, or when tables stay busy.
    """
    connection = await connect(dsn, server_settings={"application_name": APPLICATION})
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        await connection.execute(SQL_LEDGER)
        applied = {row["name"]: row["checksum"] for row in await connection.fetch(SQL_APPLIED)}
        done = []
        for name, sql in migrations():
            checksum = hashlib.sha256(sql.encode()).hexdigest()
            if name in applied:
                if applied[name] != checksum:
                    raise ConflictError(f"migration {name} was changed after it had been applied")
                continue
            if takes_away(name):
                if not contract:
                    continue
                await _nobody_else(connection)
            await _apply(connection, name, sql, checksum)
            done.append(name)
        # A newer release has been here: what may be read is its word, and it knows tables that we do not.
        if not _newer(applied) and await put_in_place(connection):
            done.append(RIGHTS)
        return done
    finally:
        await connection.close()


async def pending(dsn: str) -> list[str]:
    """Names of the migrations that this release needs and that `migrate` would apply."""
    connection = await connect(dsn)
    try:
        applied = await _applied(connection)
        waiting = [name for name, _ in migrations() if name not in applied and not takes_away(name)]
        if waiting or _newer(applied):
            return waiting
        return [RIGHTS] if await lacking(connection) else []
    finally:
        await connection.close()


async def waiting_contracts(dsn: str) -> list[str]:
    """Names of the migrations of the second step that were not applied yet."""
    connection = await connect(dsn)
    try:
        applied = await _applied(connection)
        return [name for name, _ in migrations() if name not in applied and takes_away(name)]
    finally:
        await connection.close()


async def _applied(connection: asyncpg.Connection) -> set[str]:
    if await connection.fetchval("select to_regclass('schema_migration')") is None:
        return set()
    return {row["name"] for row in await connection.fetch(SQL_APPLIED)}


def _newer(applied: Sequence[str] | set[str] | dict[str, str]) -> bool:
    return bool(set(applied) - {name for name, _ in migrations()})


async def _nobody_else(connection: asyncpg.Connection) -> None:
    others = [row["application_name"] for row in await connection.fetch(SQL_OTHERS, APPLICATION)]
    if others:
        raise ConflictError(f"still connected: {', '.join(others)}. Take away when every process is of this release")


async def _apply(connection: asyncpg.Connection, name: str, sql: str, checksum: str) -> None:
    """Whoever changes a table waits for everybody at it, and everybody waits behind him: so never for long."""
    for attempt in range(_ATTEMPTS):
        try:
            async with connection.transaction():
                await connection.execute(f"set local lock_timeout = {_LOCK_MILLISECONDS}")
                await connection.execute(sql)
                await connection.execute(SQL_RECORD, name, checksum)
            return
        except asyncpg.LockNotAvailableError:
            if attempt == _ATTEMPTS - 1:
                raise ConflictError(f"migration {name}: the tables stay busy; nothing was changed, try again") from None
            await asyncio.sleep(_PAUSE_SECONDS)
