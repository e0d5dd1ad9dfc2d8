"""The audit cannot be changed unseen: each way of doing it over SQL, as the database's own ruler, is found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from dialer.cli import main
from dialer.cli.audit import verify_audit
from dialer.config import Settings, load
from dialer.security.master_key import parse_master_key
from dialer.security.vault import signer
from dialer.services.audit_chain import AUDIT_ANCHOR, AuditChain
from dialer.services.ports.audit import AuditEntry
from dialer.storage.audit import PostgresAudit
from dialer.storage.audit_chain import PgAuditChain
from dialer.storage.pool import open_pool
from tests.support.clock import FakeClock
from tests.support.world import MONDAY

KEY = "ab" * 32


def settings(dsn: str) -> Settings:
    return load({"DIALER_DATABASE_DSN": dsn, "DIALER_KEYS_MASTER": KEY, "DIALER_ASTERISK_SECRET": "x"})


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(dsn, size=6)
    yield pool
    await pool.close()


def chain(pool: asyncpg.Pool) -> AuditChain:
    return AuditChain(PgAuditChain(pool), signer(parse_master_key(KEY), AUDIT_ANCHOR), FakeClock(MONDAY))


async def write(pool: asyncpg.Pool, count: int) -> None:
    audit = PostgresAudit(pool, lambda: MONDAY)
    for number in range(count):
        entry = AuditEntry(
            actor="cli", action="test.écrire", subject_kind="case", subject=f"1:{number}", purpose='"q"\n\x1f',
            detail={"é": number, "a": 1.50},
        )  # fmt: skip
        await audit.record(entry)


async def by_force(pool: asyncpg.Pool, sql: str) -> None:
    """As somebody who rules the database: no trigger, no foreign key stops him."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(sql)


async def faults(pool: asyncpg.Pool) -> list[tuple[str, int, int | None]]:
    return [(one.kind, one.position, one.event) for one in (await chain(pool).verify()).faults]


async def test_whole_while_many_write_at_once(pool: asyncpg.Pool) -> None:
    assert (await chain(pool).verify()).head is None
    assert await chain(pool).tend() == 0
    await asyncio.gather(*(write(pool, 15) for _ in range(6)))
    result = await chain(pool).verify()
    assert (result.lines, result.faults) == (90, [])
    assert await chain(pool).tend() == 1
    assert await chain(pool).tend() == 0, "nothing new"


async def test_a_long_transaction_keeps_nobody_waiting_and_one_that_fails_leaves_no_gap(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as slow:
        transaction = slow.transaction()
        await transaction.start()
        insert = "insert into audit_event (at, actor, action, subject_kind, subject_id) values ($1, 'a', 'b', 'c', 'd')"
        await slow.execute(insert, MONDAY)
        async with asyncio.timeout(30):
            await write(pool, 3)
        await transaction.rollback()
    await write(pool, 1)
    assert await faults(pool) == []


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("update audit_event set actor = 'user:somebody' where id = 3", ("changed", 3, 3)),
        ("update audit_event set at = at + interval '1 microsecond' where id = 3", ("changed", 3, 3)),
        ("update audit_event set detail = '{}' where id = 3", ("changed", 3, 3)),
        ("update audit_event set subject_kind = 'case1', subject_id = ':2' where id = 3", ("changed", 3, 3)),
        ("delete from audit_event where id = 3", ("removed", 3, 3)),
        ("with gone as (delete from audit_event where id = 3) delete from audit_link where event_id = 3",
         ("removed", 3, None)),
        ("insert into audit_event (at, actor, action, subject_kind, subject_id) "
         "values ('2026-03-02', 'a', 'b', 'c', 'd')", ("inserted", 0, 6)),
        ("with gone as (delete from audit_event where id > 3) delete from audit_link where event_id > 3",
         ("cut-off", 5, None)),
        ("update audit_anchor set digest = sha256('x')", ("anchor", 5, None)),
    ],
)  # fmt: skip
async def test_what_is_done_to_it_is_found(pool: asyncpg.Pool, sql: str, found: tuple[str, int, int | None]) -> None:
    await write(pool, 5)
    await chain(pool).tend()
    assert await faults(pool) == []
    await by_force(pool, sql)
    assert found in await faults(pool)


async def test_a_chain_that_was_made_anew_does_not_pass_its_anchor(pool: asyncpg.Pool) -> None:
    await write(pool, 5)
    await chain(pool).tend()
    await by_force(pool, "update audit_event set actor = 'user:somebody' where id = 2")
    await by_force(pool, "delete from audit_link")
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("create table kept as select * from audit_event order by id")
        await connection.execute("alter table audit_event disable trigger audit_event_append_only")
        await connection.execute("delete from audit_event")
        await connection.execute("insert into audit_event overriding system value select * from kept order by id")
    assert await faults(pool) == [("anchor", 5, 5)]


async def test_no_statement_of_the_service_changes_it(pool: asyncpg.Pool) -> None:
    await write(pool, 1)
    for table in ("audit_event", "audit_link", "audit_anchor"):
        for sql in (f"delete from {table}", f"truncate {table} cascade"):
            with pytest.raises(asyncpg.RestrictViolationError):
                await pool.execute(sql)


async def test_the_command(pool: asyncpg.Pool, dsn: str, capsys: pytest.CaptureFixture[str]) -> None:
    await write(pool, 2)
    assert await verify_audit(settings(dsn), []) == 0
    said = capsys.readouterr().out
    assert "2 lines, 0 anchors, head 2:" in said
    assert said.endswith("whole\n")
    await by_force(pool, "update audit_event set actor = 'user:somebody' where id = 2")
    assert await verify_audit(settings(dsn), []) == 1
    assert "line 2 (position 2) is not as it was written" in capsys.readouterr().out


def test_a_head_that_is_none(dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name, value in (("DATABASE_DSN", dsn), ("KEYS_MASTER", KEY), ("ASTERISK_SECRET", "x")):
        monkeypatch.setenv(f"DIALER_{name}", value)
    assert main(["audit", "verify", "--head", "12"]) == 1
    assert "POSITION:DIGEST" in capsys.readouterr().err
    assert main(["audit", "verify", "--head", f"3:{'00' * 32}"]) == 1
    assert "there was a position 3" in capsys.readouterr().out
