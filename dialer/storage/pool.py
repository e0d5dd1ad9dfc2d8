"""The connection pool, and the one place where the driver's faults become ours."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

import asyncpg

from dialer.domain.errors import DiskFullError, UnavailableError

P = ParamSpec("P")
T = TypeVar("T")

PASSING = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,  # shutdown, crash, cannot connect now
    asyncpg.InsufficientResourcesError,  # too many connections, disk full
    asyncpg.TransactionRollbackError,  # serialisation, deadlock
    OSError,
    TimeoutError,
)
"""Faults that end by themselves: the caller may try again."""


async def open_pool(dsn: str, *, size: int = 16, command_seconds: float = 20.0) -> asyncpg.Pool:
    """A pool of `size` connections. Raises UnavailableError when the database does not answer."""
    try:
        pool = await asyncpg.create_pool(dsn, min_size=2, max_size=size, command_timeout=command_seconds, timeout=5.0)
    except PASSING as error:
        raise UnavailableError("the database does not answer") from error
    return pool


def translated(method: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """A coroutine whose passing driver faults come out as UnavailableError."""

    @functools.wraps(method)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await method(*args, **kwargs)
        except asyncpg.DiskFullError as error:
            raise DiskFullError("the disk of the database is full") from error
        except PASSING as error:
            raise UnavailableError("the database does not answer") from error

    return call


def store(cls: type[T]) -> type[T]:
    """Class decorator for stores: every public coroutine method is `translated`."""
    for name, member in vars(cls).copy().items():
        if not name.startswith("_") and inspect.iscoroutinefunction(member):
            setattr(cls, name, translated(member))
    return cls


Record = Any
"""An asyncpg row; its columns are read in one `_from_record` per aggregate."""
