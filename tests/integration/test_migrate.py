import asyncpg
import pytest

from dialer.domain.errors import ConflictError
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
