"""Row-level security: another client's rows do not exist, whatever a statement asks, over SQL and over HTTP."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from dialer.api import guard
from dialer.domain.ids import ClientId
from dialer.services.access import OPERATIONS, PERMISSIONS, Role
from dialer.services.scope import limited_to, unlimited
from dialer.storage.migrate import migrate, pending
from dialer.storage.pool import open_pool
from dialer.storage.rights import CLOSED, PARENTS, SHARED, SQL_TABLES_OF_CLIENTS, TENANT, WORKED, rule_of
from tests.support.api import SPEC, Centre, centre
from tests.support.rows import Rows, add_rows
from tests.support.world import MONDAY, World

MOBILE = "+31612345678"
QUERY = {
    "measure": "callable",
    "section": "reach",
    "figure": "residents",
    "format": "pdf",
    "from": "2026-03-01",
    "until": "2026-03-31",
}


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(dsn, size=2)
    yield pool
    await pool.close()


async def two_clients(pool: asyncpg.Pool) -> tuple[World, ClientId]:
    world = World(pool)
    await world.build()
    await world.add_case(MOBILE, next_at=MONDAY)
    other = await world.add_client("dorp", "+31790000002", {})
    return world, other


async def tables(pool: asyncpg.Pool) -> list[tuple[str, bool]]:
    return [(row["name"], row["has_client"]) for row in await pool.fetch(SQL_TABLES_OF_CLIENTS)]


async def test_each_table_is_a_clients_or_was_thought_about(pool: asyncpg.Pool) -> None:
    known = await tables(pool)
    for name, has_client in known:
        assert rule_of(name, has_client=has_client) is not None or name in SHARED | WORKED | CLOSED, (
            f"{name}: a line in dialer/storage/rights.py says whose it is"
        )
    names = {name for name, _ in known}
    assert {*PARENTS, *SHARED, *WORKED, *CLOSED} <= names


async def test_another_clients_rows_are_not_there_over_sql(pool: asyncpg.Pool) -> None:
    world, other = await two_clients(pool)
    seen: dict[str, tuple[int, int, int]] = {}
    for name, has_client in await tables(pool):
        if rule_of(name, has_client=has_client) is None or name in CLOSED or name == "app_user":
            continue
        count = f"select count(*) from {name}"
        everything = await pool.fetchval(count)
        with limited_to(world.client):
            own = await pool.fetchval(count)
        with limited_to(other):
            theirs = await pool.fetchval(count)
        seen[name] = (everything, own, theirs)
    for name in ("case_file", "resident", "phone", "case_phone", "campaign", "delivery", "report_case", "report_mark"):
        everything, own, theirs = seen[name]
        assert (everything, own, theirs) == (everything, everything, 0), name
        assert everything > 0, name
    assert seen["client"] == (2, 1, 1)


async def test_another_clients_rows_are_neither_changed_nor_made(pool: asyncpg.Pool) -> None:
    world, other = await two_clients(pool)
    with limited_to(other):
        assert await pool.execute("update case_file set priority = 1") == "UPDATE 0"
        assert await pool.execute("delete from case_phone") == "DELETE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(
                "insert into resident (id, client_id, match_key, created_at) values ($1, $2, 'x', $3)",
                world.ids.new(), world.client, MONDAY,
            )  # fmt: skip
        await pool.execute(
            "insert into resident (id, client_id, match_key, created_at) values ($1, $2, 'x', $3)",
            world.ids.new(), other, MONDAY,
        )  # fmt: skip
        for closed in ("select * from user_session", "select password_hash from app_user", "select * from audit_link",
                       "select * from api_token", "update outcome_definition set label_nl = ''"):  # fmt: skip
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await pool.execute(closed)


async def test_a_connection_is_as_it_was_after_each_end(dsn: str) -> None:
    pool = await open_pool(dsn, size=1)
    who = "select current_user"
    owner = await pool.fetchval(who)
    client = ClientId(UUID(int=7))
    try:
        with limited_to(client):
            assert await pool.fetchval(who) == TENANT
            with pytest.raises(asyncpg.PostgresError):
                await pool.execute("select 1 / 0")
            async with pool.acquire() as connection:
                await connection.execute("begin")
                with pytest.raises(asyncpg.PostgresError):
                    await connection.execute("select 1 / 0")
            task = asyncio.create_task(pool.execute("select pg_sleep(60)"))
            while not await _sleeps(dsn):  # noqa: ASYNC110 - the database tells nobody what it does
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert await pool.fetchval(who) == owner
        with limited_to(client):
            assert await asyncio.create_task(pool.fetchval(who), context=unlimited()) == owner
        assert await pool.fetchval("select coalesce(current_setting('dialer.client', true), '')") == ""
    finally:
        await pool.close()


async def _sleeps(dsn: str) -> bool:
    connection = await asyncpg.connect(dsn)
    try:
        asked = "select count(*) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid()"
        return bool(await connection.fetchval(asked + " and state = 'active' and datname = current_database()"))
    finally:
        await connection.close()


async def test_a_line_of_the_audit_is_linked_whoever_writes_it(pool: asyncpg.Pool) -> None:
    world, _ = await two_clients(pool)
    with limited_to(world.client):
        await pool.execute(
            "insert into audit_event (at, actor, action, subject_kind, subject_id, client_id) "
            "values ($1, 'a', 'b', 'c', 'd', $2)", MONDAY, world.client,
        )  # fmt: skip
    assert await pool.fetchval("select count(*) from audit_link") == 1


async def test_what_is_missing_is_told_before_the_start_and_put_in_place(pool: asyncpg.Pool, dsn: str) -> None:
    assert await pending(dsn) == []
    await pool.execute("drop policy own_client on case_file")
    assert await pending(dsn) == ["rights of clients"]
    assert await migrate(dsn) == ["rights of clients"]
    await pool.execute("create table novelty (client_id uuid, what text)")
    assert await migrate(dsn) == ["rights of clients"], "a new table of clients is taken in by itself"
    await pool.execute("insert into novelty values ($1, 'x')", UUID(int=1))
    with limited_to(ClientId(UUID(int=2))):
        assert await pool.fetch("select * from novelty") == []
    assert await migrate(dsn) == []


# -- over HTTP -------------------------------------------------------------------------------------------------


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path / "spool") as built:
        yield built


async def test_with_the_guard_before_the_handlers_gone_the_database_still_shows_nothing(
    api: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every operation that reads, asked by another client's people with this client's ids."""
    rows: Rows = await add_rows(api.pool, await api.client("zoetermeer"), api.clock.now())
    stranger = await api.person(Role.CLIENT, client=await api.client("dorp"))
    monkeypatch.setattr(guard, "OWNED", frozenset())
    known = {name: str(subject) for name, subject in rows.path().items()}
    asked = 0
    for operation in SPEC.operations.values():
        needed = OPERATIONS[operation.id]
        if operation.method != "GET" or needed not in PERMISSIONS[Role.CLIENT]:
            continue
        names = re.findall(r"{(\w+)}", operation.path)
        if not names or not known.keys() >= set(names):
            continue
        given: dict[str, Any] = {name: known[name] for name in names}
        query = {parameter.name: QUERY.get(parameter.name, "x") for parameter in operation.query if parameter.required}
        answer = await stranger(operation.id, query=query, **given)
        assert answer.status in (200, 404, 409), (operation.id, answer.status)
        told = {one for one in known.values() if one.encode() in answer.raw} - set(given.values())
        assert not told, (operation.id, answer.raw)
        asked += 1
    assert asked > 12
