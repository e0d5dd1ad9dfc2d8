"""Where heavy questions are asked: at a standby that has all that the primary had when we asked, else at the primary.

An answer is never older than it says. The standby must have replayed what the primary had on its disk at that moment,
and must know the report that is asked for: a report's own commit comes in the log after all that its snapshot sees,
also where commits do not wait for the disk, and a standby that was cut off from its primary has others there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.storage.connection import Connection
from dialer.storage.pool import PASSING

CATCH_UP = 2.0
"""Seconds that a standby has to come to where the primary was; then the primary is asked."""
REST = 30.0
"""Seconds in which a standby that did not answer is not asked again."""
CONNECTIONS = 4
"""Of the pool to the standby."""
_LOOK_EVERY = 0.02
_ACQUIRE = 5.0

# Not what was inserted: the end of a transaction's log that nobody has committed yet may stay in memory for long.
SQL_WRITTEN = "select pg_current_wal_flush_lsn()::text"
SQL_REPLAYED = "select pg_is_in_recovery() and coalesce(pg_last_wal_replay_lsn() >= $1::text::pg_lsn, false)"

log = logging.getLogger(__name__)
T = TypeVar("T")
Question = Callable[[Connection], Awaitable[T]]
Told = Callable[[str, str], None]
"""Who answered (`standby`, `primary`), and why the primary did: `behind`, `away`, `broken`, or "" where no standby is
named."""


class _BehindError(Exception):
    """It has not come as far."""


class Readings:
    """Asks; `standby` None: always the primary."""

    def __init__(
        self,
        primary: asyncpg.Pool,
        standby: asyncpg.Pool | None = None,
        *,
        told: Told = lambda _server, _reason: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._primary = primary
        self._standby = standby
        self._told = told
        self._monotonic = monotonic
        self._asked_again = 0.0
        self._reason = ""

    async def ask(self, question: Question[T]) -> T:
        """The answer, in one read-only transaction that sees one moment. A standby that fails half-way is no error:
        the question is put to the primary anew. Raises what the primary's answer raises.
        """
        reason = ""
        if self._standby is not None:
            written = await self._primary.fetchval(SQL_WRITTEN)
            if self._monotonic() < self._asked_again:
                reason = "away"
            else:
                try:
                    answer = await self._ask_standby(self._standby, written, question)
                except _BehindError:
                    reason = "behind"
                except _Broken as error:
                    reason = error.reason
                    self._asked_again = self._monotonic() + REST
                else:
                    self._tell("standby", "")
                    return answer
        async with self._primary.acquire() as connection, _reading(connection):
            found = await question(connection)
        self._tell("primary", reason)
        return found

    async def _ask_standby(self, pool: asyncpg.Pool, written: str, question: Question[T]) -> T:
        begun = False
        try:
            async with pool.acquire(timeout=_ACQUIRE) as connection:
                until = self._monotonic() + CATCH_UP
                await self._wait(connection, written, until)
                begun = True
                return await self._known(connection, question, until)
        except (*PASSING, asyncpg.PostgresError) as error:
            log.info("the standby did not answer error=%s", type(error).__name__)
            raise _Broken("broken" if begun else "away") from error

    async def _known(self, connection: Connection, question: Question[T], until: float) -> T:
        while True:
            with contextlib.suppress(NotFoundError):  # the primary knows it, or says the same
                async with _reading(connection):
                    return await question(connection)
            if self._monotonic() > until:
                raise _BehindError
            await asyncio.sleep(_LOOK_EVERY)

    async def _wait(self, connection: Connection, written: str, until: float) -> None:
        while not await connection.fetchval(SQL_REPLAYED, written):
            if self._monotonic() > until:
                raise _BehindError
            await asyncio.sleep(_LOOK_EVERY)

    def _tell(self, server: str, reason: str) -> None:
        self._told(server, reason)
        if reason != self._reason:
            if reason:
                log.warning("reports are read from the primary reason=%s", reason)
            else:
                log.info("reports are read from the standby again")
            self._reason = reason


class _Broken(Exception):  # noqa: N818 - passes between two functions of this file
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _reading(connection: Connection) -> asyncpg.transaction.Transaction:
    return connection.transaction(isolation="repeatable_read", readonly=True)
