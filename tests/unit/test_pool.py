"""What of the database's faults passes by itself, and what is a bug."""

from __future__ import annotations

import asyncpg
import pytest

from dialer.domain.errors import DiskFullError, UnavailableError
from dialer.storage.pool import translated


@pytest.mark.parametrize(
    "fault",
    [
        asyncpg.DiskFullError("53100"),
        asyncpg.TooManyConnectionsError("53300"),
        asyncpg.CannotConnectNowError("57P03"),
        asyncpg.AdminShutdownError("57P01"),
        asyncpg.DeadlockDetectedError("40P01"),
        asyncpg.ConnectionDoesNotExistError("08003"),
        asyncpg.InterfaceError("closed"),
        ConnectionResetError(),
        TimeoutError(),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_a_fault_that_passes_is_said_to_pass(fault: Exception) -> None:
    async def method() -> None:
        raise fault

    with pytest.raises(UnavailableError):
        await translated(method)()


async def test_a_full_disk_is_called_by_its_name() -> None:
    async def method() -> None:
        raise asyncpg.DiskFullError("53100")

    with pytest.raises(DiskFullError, match="disk of the database is full"):
        await translated(method)()


@pytest.mark.parametrize("fault", [asyncpg.UniqueViolationError("23505"), asyncpg.UndefinedColumnError("42703")])
async def test_a_bug_stays_a_bug(fault: Exception) -> None:
    async def method() -> None:
        raise fault

    with pytest.raises(type(fault)):
        await translated(method)()
