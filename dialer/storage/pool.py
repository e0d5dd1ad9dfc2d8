"""The connection pool, and the one place where the driver's faults become ours."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg

from dialer import __version__
from dialer.domain.errors import ConflictError, DiskFullError, UnavailableError
from dialer.services.scope import scope
from dialer.storage.connecting import connect
from dialer.storage.connection import Connection
from dialer.storage.rights import TENANT

P = ParamSpec("P")
T = TypeVar("T")

SHOWN_AS = {"application_name": f"dialer {__version__}"}
"""By release: what an older one still needs is not taken away (storage/migrate.py)."""
READS_ONLY = {"default_transaction_read_only": "on"}
COMMAND_SECONDS = 20.0
_CONNECT_SECONDS = 5.0
_RESET_SECONDS = 5.0

PASSING = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,  # shutdown, crash, cannot connect now
    asyncpg.InsufficientResourcesError,  # too many connections, disk full
    asyncpg.TransactionRollbackError,  # serialisation, deadlock
    asyncpg.InvalidAuthorizationSpecificationError,  # the password is being changed
    asyncpg.ReadOnlySQLTransactionError,  # it was the primary a moment ago
    asyncpg.TargetServerAttributeNotMatched,  # no server takes writes just now
    OSError,
    TimeoutError,
)
"""Faults that end by themselves: the caller may try again."""


async def open_pool(
    dsn: str, *, size: int = 16, command_seconds: float = COMMAND_SECONDS, reads_only: bool = False
) -> asyncpg.Pool:
    """A pool of `size` connections. Raises UnavailableError when the database does not answer.

    `reads_only`: its sessions can write nothing, and it opens while nobody answers: who asks learns it.
    """
    narrowed: set[int] = set()
    try:
        pool = await asyncpg.create_pool(
            dsn,
            connect=cast(Any, connect),
            min_size=0 if reads_only else min(2, size),
            max_size=size,
            command_timeout=command_seconds,
            timeout=_CONNECT_SECONDS,
            server_settings=SHOWN_AS | (READS_ONLY if reads_only else {}),
            setup=functools.partial(_narrow, narrowed),
            reset=functools.partial(_tidy, narrowed),
        )
    except PASSING as error:
        raise UnavailableError(_words(error)) from error
    return pool


async def move_pool(pool: asyncpg.Pool, before: str, dsn: str, *, reads_only: bool = False) -> None:
    """From now on connect as `dsn` says: another password, or another user of the same database.

    What is connected is used to the end of its work and then replaced. Raises ConflictError when it leads elsewhere,
    UnavailableError when the database does not let us in, or not at what we need; the pool is then as before.
    """
    try:
        same = _place(dsn) == _place(before)
    except ValueError:
        same = False
    if not same:
        raise ConflictError("it leads to another database: that takes a restart")
    try:
        connection = await connect(dsn, timeout=_CONNECT_SECONDS)
        try:
            await connection.execute("select 1 from schema_migration limit 1", timeout=_CONNECT_SECONDS)
        finally:
            await connection.close(timeout=_CONNECT_SECONDS)
    except (*PASSING, asyncpg.PostgresError) as error:
        raise UnavailableError(_words(error)) from error
    shown = SHOWN_AS | (READS_ONLY if reads_only else {})
    pool.set_connect_args(dsn, command_timeout=COMMAND_SECONDS, timeout=_CONNECT_SECONDS, server_settings=shown)
    await pool.expire_connections()


def _place(dsn: str) -> tuple[str, str, str]:
    parts = urlsplit(dsn)
    return parts.netloc.rpartition("@")[2], parts.path, parts.query


def _words(error: BaseException) -> str:
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return "the database does not let us in"
    return "the database does not answer"


async def _narrow(narrowed: set[int], connection: Any) -> None:
    """Before each use: limited to the rows of the client whose request this is. Costs nothing where there is none."""
    client, backend = scope(), connection.get_server_pid()
    if client is not None:
        narrowed.add(backend)
        await connection.execute(f"set role {TENANT}; set dialer.client = '{UUID(str(client))}'")
    elif backend in narrowed:  # never given back as it should be
        await _widen(narrowed, connection)


async def _tidy(narrowed: set[int], connection: Any) -> None:
    """Given back as it was taken: whoever changes a session uses `own_session`. Spares each use a round trip."""
    if connection.is_in_transaction():
        await connection.reset()
    if connection.get_server_pid() in narrowed:
        await _widen(narrowed, connection)


async def _widen(narrowed: set[int], connection: Any) -> None:
    await connection.execute("reset role; reset dialer.client")
    narrowed.discard(connection.get_server_pid())


@contextlib.asynccontextmanager
async def own_session(pool: asyncpg.Pool, *, wait: float | None = None) -> AsyncIterator[Connection]:
    """A connection whose settings and session locks may be changed: they end with it. `wait`: for a free one, s."""
    async with pool.acquire(timeout=wait) as connection:
        try:
            yield connection
        finally:
            try:
                if not connection.is_closed():
                    await connection.reset(timeout=_RESET_SECONDS)
            except BaseException:
                connection.terminate()  # locks that nobody can give back go with the session
                raise


def translated(method: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """A coroutine whose passing driver faults come out as UnavailableError."""

    @functools.wraps(method)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await method(*args, **kwargs)
        except asyncpg.DiskFullError as error:
            raise DiskFullError("the disk of the database is full") from error
        except PASSING as error:
            raise UnavailableError(_words(error)) from error

    return call


def store(cls: type[T]) -> type[T]:
    """Class decorator for stores: every public coroutine method is `translated`."""
    for name, member in vars(cls).copy().items():
        if not name.startswith("_") and inspect.iscoroutinefunction(member):
            setattr(cls, name, translated(member))
    return cls


Record = Any
"""An asyncpg row; its columns are read in one `_from_record` per aggregate."""
