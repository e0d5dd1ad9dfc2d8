"""Several database servers in one DSN: who is asked, in which order, and that a dead line is noticed."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from dialer.demo.processes import free_port
from dialer.storage.connecting import DEAD_AFTER, connect, only_standbys, servers
from dialer.storage.pool import open_pool


def several(dsn: str, *more: str, query: str = "") -> str:
    """The DSN with other hosts before its own."""
    parts = urlsplit(dsn)
    who, _, own = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{who}@{','.join([*more, own])}", query=query).geturl()


def test_each_server_is_asked_by_itself_and_for_what_is_wanted() -> None:
    one = "postgresql://u:p%40ss@a:1/dialer?sslmode=verify-full"
    assert servers(one) == [[one]], "nothing is added where there is no choice"
    (found,) = servers("postgresql://u:p%40ss@a:1,b:2/dialer?sslmode=verify-full")
    assert found == [
        f"postgresql://u:p%40ss@{host}/dialer?sslmode=verify-full&target_session_attrs=read-write"
        for host in ("a:1", "b:2")
    ]
    asked = servers("postgresql://u@a:1,b:2/dialer?target_session_attrs=prefer-standby")
    assert [[(urlsplit(dsn).netloc, urlsplit(dsn).query) for dsn in round_] for round_ in asked] == [
        [(f"u@{host}", f"target_session_attrs={what}") for host in ("a:1", "b:2")] for what in ("standby", "any")
    ]
    assert only_standbys("postgresql://u@a:1/dialer?sslmode=require&target_session_attrs=any") == (
        "postgresql://u@a:1/dialer?sslmode=require&target_session_attrs=standby"
    )


async def test_who_takes_writes_is_found_and_asked_first_the_next_time(
    dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = f"127.0.0.1:{free_port()}"
    both = several(dsn, gone)
    asked: list[str] = []
    real: Any = asyncpg.connect

    async def looked(one: str, **options: object) -> asyncpg.Connection:
        asked.append(urlsplit(one).netloc.rpartition("@")[2])
        found: asyncpg.Connection = await real(one, **options)
        return found

    monkeypatch.setattr(asyncpg, "connect", looked)
    own = urlsplit(dsn).netloc.rpartition("@")[2]
    for expected in ([gone, own], [own]):
        asked.clear()
        connection = await connect(both)
        assert await connection.fetchval("select 1") == 1
        await connection.close()
        assert asked == expected
    pool = await open_pool(both, size=2)
    assert await pool.fetchval("select 1") == 1
    await pool.close()


async def test_a_server_that_is_silent_holds_up_nobody(dsn: str) -> None:
    with socket.socket() as silent:  # takes the call and says nothing, as a host behind a cut cable
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        connection = await connect(several(dsn, f"127.0.0.1:{silent.getsockname()[1]}"))
        assert await connection.fetchval("select 1") == 1
        await connection.close()


async def test_nobody_there_says_so_and_only_a_reader_is_not_enough(dsn: str) -> None:
    with pytest.raises(ConnectionRefusedError):
        await connect(several(dsn, f"127.0.0.1:{free_port()}").replace(urlsplit(dsn).netloc.rpartition(":")[2], "1"))
    with pytest.raises(asyncpg.TargetServerAttributeNotMatched):
        await connect(several(dsn, urlsplit(dsn).netloc.rpartition("@")[2], query="target_session_attrs=standby"))
    connection = await connect(
        several(dsn, urlsplit(dsn).netloc.rpartition("@")[2], query="target_session_attrs=prefer-standby")
    )
    await connection.close()


async def test_a_dead_line_is_noticed_by_the_kernel(dsn: str) -> None:
    connection: Any = await connect(dsn)
    line = connection._transport.get_extra_info("socket")
    assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == DEAD_AFTER * 1000
    assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) < DEAD_AFTER
    await connection.close()
