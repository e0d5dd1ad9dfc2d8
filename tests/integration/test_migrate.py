import asyncio

import asyncpg
import pytest

from dialer.domain.errors import ConflictError
from dialer.storage import migrate as migrate_module
from dialer.storage.migrate import migrate, pending


async def test_a_migrated_database_has_nothing_pending_and_migrating_again_does_nothing(dsn: str) -> None:
    assert await pending(dsn) == []
    assert await migrate(dsn) == []


async def test_an_edited_migration_is_refused(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("update schema_migration set checksum = 'other'")
    await connection.close()
    with pytest.raises(ConflictError):
        await migrate(dsn)


async def test_the_ledger_cannot_be_changed(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for statement in ("delete from attempt_event", "update attempt_event set kind = 'x'", "truncate attempt_event"):
            with pytest.raises(asyncpg.RestrictViolationError):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_busy_table_is_not_waited_for_by_everybody(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = migrate_module.migrations()
    more = [("0900_more.sql", "alter table job_run add column more text")]
    monkeypatch.setattr(migrate_module, "migrations", lambda: [*known, *more])
    monkeypatch.setattr(migrate_module, "_LOCK_MILLISECONDS", 100)
    monkeypatch.setattr(migrate_module, "_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(migrate_module, "_ATTEMPTS", 2)
    holder, reader = await asyncpg.connect(dsn), await asyncpg.connect(dsn)
    try:
        async with holder.transaction():
            await holder.fetch("select * from job_run")
            with pytest.raises(ConflictError, match="stay busy"):
                await migrate(dsn)
            async with asyncio.timeout(30):
                await reader.fetch("select * from job_run")  # nobody stands behind what gave up
        assert await pending(dsn) == ["0900_more.sql"]
        assert (await migrate(dsn))[0] == "0900_more.sql"
    finally:
        await holder.close()
        await reader.close()


async def test_the_second_step_waits_for_its_word(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = migrate_module.migrations()
    more = [("0900_x_contract.sql", "-- since: 0.0.1\nselect 1")]
    monkeypatch.setattr(migrate_module, "migrations", lambda: [*known, *more])
    assert await pending(dsn) == []
    assert await migrate(dsn) == []
    assert await migrate_module.waiting_contracts(dsn) == ["0900_x_contract.sql"]
    older = await asyncpg.connect(dsn, server_settings={"application_name": "dialer 0.0.1"})
    try:
        with pytest.raises(ConflictError, match=r"dialer 0\.0\.1"):
            await migrate(dsn, contract=True)
    finally:
        await older.close()
    assert await migrate(dsn, contract=True) == ["0900_x_contract.sql"]
    assert await migrate_module.waiting_contracts(dsn) == []
