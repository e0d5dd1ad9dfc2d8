"""What a session that was changed leaves behind: nothing."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from dialer.storage.pool import open_pool, own_session

LOCK = "select pg_try_advisory_lock(7)"


async def test_settings_and_locks_of_an_own_session_end_with_it(dsn: str) -> None:
    pool, stranger = await open_pool(dsn, size=1), await asyncpg.connect(dsn)
    try:
        async with own_session(pool) as connection:
            await connection.execute("set enable_seqscan = off")
            assert await connection.fetchval(LOCK)
            assert not await stranger.fetchval(LOCK)
        assert await pool.fetchval("show enable_seqscan") == "on"
        assert await stranger.fetchval(LOCK)
    finally:
        await stranger.close()
        await pool.close()


async def test_a_session_that_was_cut_off_keeps_no_lock(dsn: str) -> None:
    pool, stranger = await open_pool(dsn, size=1), await asyncpg.connect(dsn)
    held = asyncio.Event()

    async def work() -> None:
        async with own_session(pool) as connection:
            await connection.execute("set enable_seqscan = off")
            assert await connection.fetchval(LOCK)
            held.set()
            await connection.execute("select pg_sleep(60)")

    try:
        task = asyncio.create_task(work())
        await held.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await pool.fetchval("show enable_seqscan") == "on"
        assert await stranger.fetchval(LOCK)
    finally:
        await stranger.close()
        await pool.close()


async def test_a_transaction_left_open_is_rolled_back_on_return(dsn: str) -> None:
    pool = await open_pool(dsn, size=1)
    try:
        async with pool.acquire() as connection:
            await connection.execute("begin")
            await connection.execute("create table left_open (id int)")
        assert await pool.fetchval("select to_regclass('left_open')") is None
    finally:
        await pool.close()
