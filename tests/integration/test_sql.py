"""Every SQL constant beside its function is understood by PostgreSQL on the migrated schema."""

from __future__ import annotations

import importlib
import pkgutil

import asyncpg
import pytest

import dialer.storage


def _statements() -> dict[str, str]:
    found = {}
    for module in pkgutil.iter_modules(dialer.storage.__path__, "dialer.storage."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if name.startswith("SQL_") and isinstance(value, str):
                found[f"{module.name.rsplit('.', 1)[-1]}.{name}"] = value
    return found


async def test_every_statement_prepares(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    problems = []
    statements = _statements()
    for name, sql in statements.items():
        if sql.lstrip().startswith("set "):
            continue  # several settings in one go: nothing to prepare
        try:
            await connection.prepare(sql)
        except asyncpg.PostgresError as error:
            problems.append(f"{name}: {error}")
    await connection.close()
    assert len(statements) > 50
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("word", ["now()", "current_timestamp", "current_date", "clock_timestamp"])
def test_no_statement_reads_a_clock_but_of_leases_and_holds(word: str) -> None:
    """Calendar time is passed in. What runs out when a process dies runs by the one clock that all processes share."""
    reading = {name for name, sql in _statements().items() if word in sql.lower()}
    held = {name for name in reading if "preview_hold" in _statements()[name] or "slot_seat" in _statements()[name]}
    assert {name.rpartition(".")[0] for name in held} == (
        {"bookings", "claims", "previews", "slots"} if word == "clock_timestamp" else set()
    )
    assert {name.rpartition(".")[0] for name in reading - held} == ({"leases"} if word == "clock_timestamp" else set())
