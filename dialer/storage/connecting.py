"""One way to PostgreSQL for the whole service: of several servers the one that takes writes, and a line that is dead is
noticed.

The DSN may name several hosts (`postgresql://u:p@a:5432,b:5432,c:5432/dialer`), as a cluster with standbys has them.
Each is asked in its turn, the one that last took writes first, and none may hold up the others: a host that is cut off
does not refuse, it is only silent.
"""

from __future__ import annotations

import contextlib
import socket
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import asyncpg

PER_HOST = 2.0
"""Seconds for one server of several to let us in."""

DEAD_AFTER = 10
"""Seconds after which a line on which nothing is acknowledged is given up, idle or not. The kernel counts them."""

_WANTED = "target_session_attrs"
_REFUSALS = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.TargetServerAttributeNotMatched,  # it only reads, or only writes
)
_last: dict[str, str] = {}
"""By DSN the server that last let us in. Only an order in which to ask: forgotten, it costs some seconds."""


def servers(dsn: str) -> list[list[str]]:
    """A DSN for each of its hosts, round by round as they are asked; several are to take writes unless the DSN itself
    says otherwise (`target_session_attrs`). With `prefer-standby` there are two rounds: whoever answers in the second
    is asked again only when no standby is there.

    Raises ValueError for one that is no address.
    """
    parts = urlsplit(dsn)
    who, at, where = parts.netloc.rpartition("@")
    hosts = where.split(",")
    query = parse_qs(parts.query, keep_blank_values=True)
    wanted = query.pop(_WANTED, ["read-write"])[-1]
    if len(hosts) == 1 and wanted != "prefer-standby":
        return [[dsn]]
    rounds = ["standby", "any"] if wanted == "prefer-standby" else [wanted]
    texts = [urlencode({**query, _WANTED: round_}, doseq=True) for round_ in rounds]
    return [
        [urlunsplit((parts.scheme, f"{who}{at}{host}", parts.path, text, parts.fragment)) for host in hosts]
        for text in texts
    ]


def only_standbys(dsn: str) -> str:
    """The DSN with a standby asked for, whatever it asked. Raises ValueError for one that is no address."""
    parts = urlsplit(dsn)
    query = parse_qs(parts.query, keep_blank_values=True) | {_WANTED: ["standby"]}
    return urlunsplit(parts._replace(query=urlencode(query, doseq=True)))


async def connect(dsn: str, **options: Any) -> asyncpg.Connection:
    """`asyncpg.connect` with its options; of several servers each has `PER_HOST` seconds.

    Raises what the last server's refusal was: OSError, TimeoutError or one of asyncpg's errors.
    """
    each = [one for round_ in servers(dsn) for one in sorted(round_, key=lambda one: one != _last.get(dsn))]
    refused: BaseException | None = None
    for one in each:
        try:
            mine = options if len(each) == 1 else options | {"timeout": PER_HOST}
            connection: asyncpg.Connection = await asyncpg.connect(one, **mine)
        except _REFUSALS as error:
            refused = error
            continue
        _last[dsn] = one
        _notice_death(connection)
        return connection
    assert refused is not None
    raise refused


def _notice_death(connection: Any) -> None:
    # The driver gives no way to its socket. Without these a query on a line that was cut waits for its time-out, and
    # the next one on the pool's next dead line waits again.
    with contextlib.suppress(AttributeError, OSError):
        line = connection._transport.get_extra_info("socket")
        if line.family in (socket.AF_INET, socket.AF_INET6):
            line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, DEAD_AFTER // 2)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, max(1, DEAD_AFTER // 5))
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 2)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_AFTER * 1000)
