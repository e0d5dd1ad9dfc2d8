"""What the planner learns from the ledger, and how it is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from dialer.schedule.model import NumberKind
from dialer.schedule.planner.model import Model
from dialer.schedule.planner.product import LearnedPlanner
from dialer.schedule.planner.state import to_json
from dialer.schedule.planner.values import Record, Result
from dialer.services.learning import LearningService, in_child, trained
from dialer.storage.learning import PgLearning
from dialer.storage.pool import open_pool
from tests.support.clock import FakeClock
from tests.support.world import MONDAY, World

MOBILE, FIXED = "+31600000001", "+31790000011"
EPOCH = MONDAY - timedelta(days=1)


@pytest.fixture
async def world(dsn: str) -> AsyncIterator[World]:
    pool = await open_pool(dsn, size=4)
    try:
        yield await World(pool).build()
    finally:
        await pool.close()


async def here(records: Sequence[Record]) -> Mapping[str, Any]:
    return trained(records)


async def test_finished_attempts_are_records_without_a_person(world: World) -> None:
    case = await world.add_case(FIXED, MOBILE)
    store = PgLearning(world.pool)
    claim = await world.claim_one()
    assert await store.records(EPOCH, 100) == []  # the call is going on
    await world.end(claim.attempt, "NO_ANSWER")
    (record,) = await store.records(EPOCH, 100)
    assert record.contact.id == str(case)
    assert record.contact.kinds == (NumberKind.MOBILE,)
    (attempt,) = record.attempts
    assert (attempt.number, attempt.at, attempt.result) == (0, MONDAY, Result.NO_ANSWER)
    assert await store.records(MONDAY + timedelta(minutes=1), 100) == []


async def test_learning_is_kept_and_taken_over_at_the_next_start(world: World) -> None:
    await world.add_case(MOBILE)
    await world.end((await world.claim_one()).attempt, "NO_ANSWER")
    store, planner, clock = PgLearning(world.pool), LearnedPlanner(), FakeClock(MONDAY + timedelta(hours=1))
    service = LearningService(store, planner, clock, run=here)
    await service.load()
    assert planner.model.seen == 0
    assert [await service.relearn() for _ in range(2)] == [1, 1]  # anew each time: nothing counts twice
    assert planner.model.seen == 1
    restarted = LearnedPlanner()
    await LearningService(store, restarted, clock).load()
    assert restarted.model.seen == 1


async def test_nothing_to_learn_keeps_what_is_known_and_a_damaged_state_is_left(world: World) -> None:
    store, planner = PgLearning(world.pool), LearnedPlanner()
    service = LearningService(store, planner, FakeClock(MONDAY), run=here)
    await store.save(to_json(Model()) | {"shift": {}}, MONDAY)
    before = planner.model
    await service.load()
    assert await service.relearn() == 0
    assert planner.model is before


async def test_a_child_process_learns_the_same() -> None:
    assert await in_child([]) == trained([])
