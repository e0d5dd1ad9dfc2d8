"""Schema migrations: numbered SQL files, each applied once, in one transaction, under an advisory lock."""

from __future__ import annotations

import hashlib
from importlib import resources

import asyncpg

from dialer.domain.errors import ConflictError
from dialer.storage.rights import lacking, put_in_place

_LOCK = 7_305_500_001  # any constant: two migrators must not run side by side

RIGHTS = "rights of clients"
"""Stands among the migrations: what is put in place each time."""

SQL_LEDGER = """
create table if not exists schema_migration (
  name text primary key, checksum text not null)
"""
SQL_APPLIED = "select name, checksum from schema_migration"
SQL_RECORD = "insert into schema_migration (name, checksum) values ($1, $2)"


def migrations() -> list[tuple[str, str]]:
    """All migrations in order, as (name, SQL)."""
    folder = resources.files("dialer.storage") / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(name, (folder / name).read_text(encoding="utf-8")) for name in names]


async def migrate(dsn: str) -> list[str]:
    """Bring the database at `dsn` up to date; returns the names applied now.

    Raises ConflictError when a migration that was applied earlier has been edited since.
    """
    connection = await asyncpg.connect(dsn)
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
            async with connection.transaction():
                await connection.execute(sql)
                await connection.execute(SQL_RECORD, name, checksum)
            done.append(name)
        if await put_in_place(connection):
            done.append(RIGHTS)
        return done
    finally:
        await connection.close()


async def pending(dsn: str) -> list[str]:
    """Names of the migrations that `migrate` would apply."""
    connection = await asyncpg.connect(dsn)
    try:
        if await connection.fetchval("select to_regclass('schema_migration')") is None:
            return [name for name, _ in migrations()]
        applied = {row["name"] for row in await connection.fetch(SQL_APPLIED)}
        waiting = [name for name, _ in migrations() if name not in applied]
        return waiting or ([RIGHTS] if await lacking(connection) else [])
    finally:
        await connection.close()
