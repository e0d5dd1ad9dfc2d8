"""Changes that another process made (the CLI, a hand in psql), told by PostgreSQL itself within milliseconds.

A connection of its own: the pool would forget the `LISTEN` at each release.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from dialer.storage.connecting import connect
from dialer.storage.pool import PASSING

log = logging.getLogger(__name__)

CHANNEL = "dialer"
_RETRY_SECONDS = 1.0
_CHECK_EVERY = 5.0


async def listen(dsn: str | Callable[[], str], on_change: Callable[[str, str], None]) -> None:
    """Call `on_change(kind, id)` for each change, for ever. `dsn`: asked at each connection where it may change.

    Kinds: campaign, ability, delivery, case, number (a phone's id), case_number (case/phone), roster, pause_reason.

    After a lost connection `on_change("all", "")` says that changes may have been missed.
    """
    while True:
        try:
            await _listen_once(dsn if isinstance(dsn, str) else dsn(), on_change)
        except PASSING as error:
            log.warning("not listening for changes reason=%s", type(error).__name__)
            await asyncio.sleep(_RETRY_SECONDS)


async def _listen_once(dsn: str, on_change: Callable[[str, str], None]) -> None:
    connection = await connect(dsn, timeout=5.0)

    def notified(_connection: Any, _pid: int, _channel: str, payload: object) -> None:
        kind, _, subject = str(payload).partition(":")
        on_change(kind, subject)

    try:
        await connection.add_listener(CHANNEL, notified)
        on_change("all", "")
        while True:
            await asyncio.sleep(_CHECK_EVERY)
            await connection.execute("select 1", timeout=5.0)  # a dead connection would stay silent for ever
    finally:
        await connection.close(timeout=1.0)
