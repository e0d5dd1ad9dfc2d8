"""Several calls that are over, closed in one transaction, are what each would be alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from dialer.domain.ids import AttemptId
from dialer.services.ports.ledger import CallEnd, Claim
from dialer.storage.pool import open_pool
from tests.support.world import World


@pytest.fixture
async def world(dsn: str) -> AsyncIterator[World]:
    pool = await open_pool(dsn, size=4)
    try:
        yield await World(pool).build(agents=6)
    finally:
        await pool.close()


def end(world: World, claim: Claim, result: str | None, seconds: int) -> CallEnd:
    at = world.now + timedelta(seconds=seconds)
    return CallEnd(
        attempt=claim.attempt, at=at, wall_at=at, actor="asterisk", result=result, counted=result != "FAILED",
        abandoned=False, cause=16, sip_code=0, ring_ms=1000.0 * seconds, talk_ms=None, wrap_up=result is None,
        agent=claim.agent if result is None else None,
    )  # fmt: skip


COLUMNS = (
    "live, state, ended_at, cause, sip_code, ring_ms, talk_ms, abandoned, machine_result, revision, counted, seq, "
    "case_seq, outcome, outcome_at, wrap_up_open"
)


async def kept(world: World) -> list[tuple[object, ...]]:
    """Everything that the ends wrote, by the number that was dialled."""
    rows = await world.pool.fetch(
        f"select {COLUMNS}, f.state, f.next_at, f.next_reason::text, f.priority from attempt a join case_file f "
        "on f.id = a.case_id order by a.number_key".replace(
            COLUMNS, ", ".join(f"a.{c.strip()}" for c in COLUMNS.split(","))
        )
    )
    events = await world.pool.fetch(
        "select e.kind, e.revision, e.at, e.actor, e.data::text from attempt_event e "
        "join attempt a on a.id = e.attempt_id order by a.number_key, e.revision"
    )
    return [tuple(row) for row in (*rows, *events)]


async def prepared(world: World) -> list[CallEnd]:
    for number in range(6):
        await world.add_case(f"+3160000010{number}")
    claims = {world.numbers[claim.phone]: claim for claim in await world.claim(6) if claim.phone is not None}
    results = ["NO_ANSWER", "BUSY", None, "FAILED", "INVALID_NUMBER", "NO_ANSWER"]
    return [
        end(world, claims[number], result, seconds)
        for seconds, (number, result) in enumerate(zip(sorted(claims), results, strict=True), start=10)
    ]


async def test_together_is_as_one_by_one(world: World) -> None:
    ends = await prepared(world)
    snapshot = {table: await world.pool.fetch(f"select * from {table}") for table in ("attempt", "case_file")}
    await world.ledger.end(*ends)
    together = await kept(world)
    assert all(not row["live"] for row in await world.pool.fetch("select live from attempt"))
    await world.pool.execute("alter table attempt_event disable trigger attempt_event_append_only")
    await world.pool.execute("delete from attempt_event where kind = 'ended'")
    await world.pool.execute("alter table attempt disable trigger attempt_kept")  # what ended is put back as it was
    for table, rows in snapshot.items():
        for row in rows:
            names = [name for name, _ in row.items() if name != "id"]
            sets = ", ".join(f"{name} = ${place}" for place, name in enumerate(names, start=2))
            await world.pool.execute(f"update {table} set {sets} where id = $1", row["id"], *(row[n] for n in names))
    await world.pool.execute("update case_phone set state = 'open', closed_reason = null, closed_at = null")
    for one in reversed(ends):
        await world.ledger.end(one)
    assert await kept(world) == together


async def test_a_ring_that_we_cut_is_an_attempt_with_its_own_mark(world: World) -> None:
    first, second, *_ = await prepared(world)
    await world.ledger.end(replace(first, ring_cut=True), second)
    cut, other = await world.attempt(first.attempt), await world.attempt(second.attempt)
    assert (cut["ring_cut"], cut["counted"], cut["outcome"]) == (True, True, "NO_ANSWER")
    assert not other["ring_cut"]
    data = await world.pool.fetchval(
        "select data ->> 'ring_cut' from attempt_event where attempt_id = $1 and kind = 'ended'", first.attempt
    )
    assert data == "true"


async def test_one_that_is_over_or_unknown_holds_up_nobody(world: World) -> None:
    first, second, *others = await prepared(world)
    await world.ledger.end(first)
    before = await world.attempt(first.attempt)
    stranger = replace(second, attempt=AttemptId(UUID(int=9)))
    await world.ledger.end(replace(first, cause=99), stranger, second, replace(second, cause=98))
    assert await world.attempt(first.attempt) == before
    row = await world.attempt(second.attempt)
    assert (row["live"], row["cause"]) == (False, 16)
    assert all([(await world.attempt(one.attempt))["live"] for one in others])
    await world.ledger.end()
