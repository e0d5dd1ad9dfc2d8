"""A back-up is of one moment, nobody reads it without the key, and it comes back whole or not at all."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from dialer.cli import main
from dialer.cli.backup import write_backup
from dialer.cli.restore import read_backup
from dialer.config import Settings, load
from dialer.demo.postgres import binaries
from dialer.domain.errors import ConflictError
from dialer.security.sealed_file import CHUNK, MAGIC
from dialer.services.ports.vault import SealError
from dialer.storage.backup import SQL_TABLES, BackupError, Moment, dump
from dialer.storage.pool import open_pool
from tests.support.world import MONDAY, World

KEY, OTHER_KEY = "ab" * 32, "cd" * 32
MOBILE = "+31612345678"


def settings(dsn: str, key: str = KEY) -> Settings:
    return load({"DIALER_DATABASE_DSN": dsn, "DIALER_KEYS_MASTER": key, "DIALER_ASTERISK_SECRET": "x"})


@pytest.fixture
async def filled(dsn: str) -> AsyncIterator[World]:
    pool = await open_pool(dsn, size=2)
    world = World(pool)
    await world.build()
    for _ in range(20):
        await world.add_case(MOBILE, next_at=MONDAY)
    yield world
    await pool.close()


async def everything(dsn: str) -> dict[str, Any]:
    """Every row of every table, and what guards them."""
    connection = await asyncpg.connect(dsn)
    try:
        tables = await connection.fetch(SQL_TABLES)
        found: dict[str, Any] = {
            table["name"]: await connection.fetchval(
                f"select md5(string_agg(t::text, chr(10) order by t::text)) from {table['name']} t"
            )
            for table in tables
        }
        for what, query in (
            ("triggers", "select tgname || tgrelid::regclass from pg_trigger where not tgisinternal"),
            ("constraints", "select conname || pg_get_constraintdef(oid) from pg_constraint"),
            ("indexes", "select indexdef from pg_indexes where schemaname in ('public', 'pii')"),
            ("functions", "select prosrc from pg_proc where pronamespace::regnamespace::text in ('public', 'pii')"),
        ):
            # `a between 1 and 7` is read and written with other parentheses.
            found[what] = sorted(row[0].replace("(", "").replace(")", "") for row in await connection.fetch(query))
        return found
    finally:
        await connection.close()


async def tables_of(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return len(await connection.fetch(SQL_TABLES))
    finally:
        await connection.close()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_what_comes_back_is_what_was_there(dsn: str, filled: World, empty: str, tmp_path: Path) -> None:
    file = tmp_path / "dialer.sealed"
    assert await write_backup(settings(dsn), file, binaries()) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert await read_backup(settings(empty), file, binaries()) == 0
    before, after = await everything(dsn), await everything(empty)
    assert before.pop("public.job_run") != after.pop("public.job_run"), "that it went well is known afterwards only"
    assert before == after
    assert before["public.attempt"] is None, "nobody was called yet"
    assert before["public.case_file"] is not None
    assert names(tmp_path) == ["dialer.sealed"], "no draft is left"


async def test_it_is_of_one_moment_while_the_service_writes(dsn: str, filled: World) -> None:
    moment = await Moment.hold(dsn)
    try:
        await filled.add_case("+31612345679", next_at=MONDAY)
        assert moment.content.rows["public.case_file"] == 20
        assert await filled.pool.fetchval("select count(*) from case_file") == 21
        later = b"".join(dump(dsn, binaries(), moment.snapshot))
        assert later[:5] == b"PGDMP"
    finally:
        await moment.release()


async def test_nothing_of_it_can_be_read_without_the_key(dsn: str, filled: World, empty: str, tmp_path: Path) -> None:
    file = tmp_path / "dialer.sealed"
    await write_backup(settings(dsn), file, binaries())
    raw = file.read_bytes()
    assert b"PGDMP" not in raw
    assert b"zoetermeer" not in raw.lower()
    with pytest.raises(SealError):
        await read_backup(settings(empty, OTHER_KEY), file, binaries())
    assert await tables_of(empty) == 0


@pytest.mark.parametrize("harm", ["a bit", "the end", "a chunk twice", "the head"])
async def test_a_damaged_file_changes_nothing(dsn: str, filled: World, empty: str, tmp_path: Path, harm: str) -> None:
    await filled.pool.execute(
        "create table ballast as select md5(n::text) || md5((-n)::text) as noise from generate_series(1, 60000) n"
    )
    file, broken = tmp_path / "dialer.sealed", tmp_path / "broken.sealed"
    await write_backup(settings(dsn), file, binaries())
    raw = bytearray(file.read_bytes())
    assert len(raw) > 2 * CHUNK, "of several chunks"
    start = len(MAGIC) + 4 + int.from_bytes(raw[len(MAGIC) : len(MAGIC) + 4], "big")
    match harm:
        case "a bit":
            raw[-1000] ^= 1
        case "the end":
            del raw[start + CHUNK + 16 :]
        case "a chunk twice":
            raw[start + CHUNK + 16 : start + CHUNK + 16] = raw[start : start + CHUNK + 16]
        case "the head":
            raw[start - 1] ^= 1  # the bracket that ends it
    broken.write_bytes(raw)
    with pytest.raises(SealError):
        await read_backup(settings(empty), broken, binaries())
    assert await tables_of(empty) == 0
    assert await read_backup(settings(empty), file, binaries()) == 0, "the whole one still comes back"


async def test_nothing_is_restored_over_something(dsn: str, filled: World, tmp_path: Path) -> None:
    file = tmp_path / "dialer.sealed"
    await write_backup(settings(dsn), file, binaries())
    before = await everything(dsn)
    with pytest.raises(ConflictError, match="not empty"):
        await read_backup(settings(dsn), file, binaries())
    assert await everything(dsn) == before
    with pytest.raises(ConflictError, match="exists"):
        await write_backup(settings(dsn), file, binaries())


async def test_a_tool_that_fails_leaves_no_file_and_tells_no_password(dsn: str, filled: World, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    seen = tmp_path / "seen"
    (tools / "pg_dump").write_text(f'#!/bin/sh\necho "$@" >{seen}\necho half\necho "out of luck" >&2\nexit 3\n')
    (tools / "pg_dump").chmod(0o700)
    with pytest.raises(BackupError, match="out of luck"):
        await write_backup(settings(dsn), tmp_path / "dialer.sealed", tools)
    assert names(tmp_path) == ["seen", "tools"]
    password = dsn.split("@")[0].rpartition(":")[2]
    assert password
    assert password not in seen.read_text()
    with pytest.raises(BackupError, match="cannot be started"):
        await write_backup(settings(dsn), tmp_path / "dialer.sealed", tmp_path / "nowhere")


async def test_rows_that_are_missing_afterwards_are_told(
    dsn: str, filled: World, empty: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "dialer.sealed"
    await write_backup(settings(dsn), file, binaries())
    tools = tmp_path / "tools"
    tools.mkdir()
    # A restore that loses the rows of one table on the way.
    (tools / "pg_restore").write_text(
        f'#!/bin/sh\n"{binaries()}/pg_restore" "$@" && "{binaries()}/psql" "$1" -q -c "truncate ballast"\n'
    )
    (tools / "pg_restore").chmod(0o700)
    await filled.pool.execute("create table ballast as select 1 as n")
    other = tmp_path / "other.sealed"
    await write_backup(settings(dsn), other, binaries())
    assert await read_backup(settings(empty), other, tools) == 1
    assert "public.ballast: 0 rows, 1 in the back-up" in capsys.readouterr().err


async def test_by_the_command_line(
    dsn: str, filled: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("DATABASE_DSN", dsn), ("KEYS_MASTER", KEY), ("ASTERISK_SECRET", "x")):
        monkeypatch.setenv(f"DIALER_{name}", value)
    monkeypatch.setenv("PATH", f"{binaries()}{os.pathsep}{os.environ['PATH']}")
    file = tmp_path / "dialer.sealed"
    assert await asyncio.to_thread(main, ["backup", str(file)]) == 0
    assert "rows in" in capsys.readouterr().out
    assert await asyncio.to_thread(main, ["restore", "--check", str(file)]) == 0
    assert "whole" in capsys.readouterr().out
    assert await asyncio.to_thread(main, ["restore", str(file)]) == 1
    assert "not empty" in capsys.readouterr().err
    monkeypatch.setenv("DIALER_KEYS_MASTER", OTHER_KEY)
    assert await asyncio.to_thread(main, ["restore", "--check", str(file)]) == 1
    assert "another master key" in capsys.readouterr().err
