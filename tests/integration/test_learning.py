"""What the planner learns from the ledger, and how it is kept."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from dialer.domain.errors import InvalidError, UnavailableError
from dialer.schedule.model import NumberKind
from dialer.schedule.planner.holdout import held_out
from dialer.schedule.planner.model import Model
from dialer.schedule.planner.product import LearnedPlanner
from dialer.schedule.planner.state import to_json
from dialer.schedule.planner.values import Result
from dialer.services.learning import Batches, LearningService, in_child
from dialer.services.learning_child import records, trained
from dialer.services.ports.learning import Told
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


async def here(batches: Batches) -> Mapping[str, Any] | None:
    told = [row async for batch in batches for row in batch]
    return trained(told) if told else None


async def told_of(store: PgLearning, since: datetime, most: int = 100) -> list[Told]:
    return [row async for batch in store.told(since, most) for row in batch]


async def test_finished_attempts_are_records_without_a_person(world: World) -> None:
    case = await world.add_case(FIXED, MOBILE)
    store = PgLearning(world.pool)
    claim = await world.claim_one()
    assert await told_of(store, EPOCH) == []  # the call is going on
    await world.end(claim.attempt, "NO_ANSWER")
    (told,) = await told_of(store, EPOCH)
    said = json.dumps(told)
    assert not any(word in said for word in (str(case), str(claim.phone), MOBILE[3:], FIXED[3:]))
    (record,) = records([told])
    assert record.contact.kinds == (NumberKind.MOBILE,)
    (attempt,) = record.attempts
    assert (attempt.number, attempt.at, attempt.result) == (0, MONDAY, Result.NO_ANSWER)
    assert await told_of(store, MONDAY + timedelta(minutes=1)) == []


async def test_two_cases_and_two_numbers_are_told_apart(world: World) -> None:
    for numbers in ((MOBILE, FIXED), ("+31600000002",)):
        await world.add_case(*numbers)
    for _ in range(2):
        for claim in await world.claim(3):
            await world.end(claim.attempt, "INVALID_NUMBER")
        world.now += timedelta(days=1)
    one, other = records(await told_of(PgLearning(world.pool), EPOCH))
    assert (one.contact.kinds, [a.number for a in one.attempts]) == ((NumberKind.MOBILE, NumberKind.FIXED), [0, 1])
    assert (other.contact.kinds, len(other.attempts)) == ((NumberKind.MOBILE,), 1)


async def test_learning_is_kept_and_taken_over_at_the_next_start(world: World) -> None:
    await world.add_case(MOBILE)
    await world.end((await world.claim_one()).attempt, "NO_ANSWER")
    store, planner, clock = PgLearning(world.pool), LearnedPlanner(), FakeClock(MONDAY + timedelta(hours=1))
    service = LearningService(store, planner, clock, run=here)
    assert await service.load() is None
    assert planner.model.seen == 0
    assert [await service.relearn() for _ in range(2)] == [1, 1]  # anew each time: nothing counts twice
    assert planner.model.seen == 1
    restarted = LearnedPlanner()
    assert await LearningService(store, restarted, clock).load() == clock.now()
    assert restarted.model.seen == 1


async def test_it_learns_once_a_day_and_a_second_process_takes_over(world: World) -> None:
    await world.add_case(MOBILE)
    await world.end((await world.claim_one()).attempt, "NO_ANSWER")
    store, clock, runs = PgLearning(world.pool), FakeClock(MONDAY + timedelta(hours=1)), 0

    async def counted(batches: Batches) -> Mapping[str, Any] | None:
        nonlocal runs
        runs += 1
        return await here(batches)

    planners = [LearnedPlanner(), LearnedPlanner()]
    first, second = (LearningService(store, planner, clock, run=counted) for planner in planners)
    assert [await first.tend(), await first.tend(), await second.tend()] == [1, 0, 0]
    assert (runs, [planner.model.seen for planner in planners]) == (1, [1, 1])
    model = planners[1].model
    assert await second.tend() == 0
    assert planners[1].model is model  # nothing new: not even read again
    clock.pass_time(24 * 3600)
    assert await second.tend() == 1
    assert runs == 2
    assert await first.tend() == 0
    assert planners[0].model.shift == planners[1].model.shift


async def test_nothing_to_learn_keeps_what_is_known_and_a_damaged_state_is_left(world: World) -> None:
    store, planner = PgLearning(world.pool), LearnedPlanner()
    service = LearningService(store, planner, FakeClock(MONDAY), run=here)
    await store.save(to_json(Model()) | {"shift": {}}, MONDAY)
    before = planner.model
    assert await service.load() is None
    assert await service.relearn() == 0
    assert await service.tend() == 0
    assert planner.model is before


async def test_a_run_that_fails_leaves_the_old_model(world: World) -> None:
    await world.add_case(MOBILE)
    await world.end((await world.claim_one()).attempt, "NO_ANSWER")

    async def broken(batches: Batches) -> Mapping[str, Any] | None:
        raise UnavailableError("no")

    async def nonsense(batches: Batches) -> Mapping[str, Any] | None:
        return to_json(Model()) | {"numbers": 3}

    store, planner = PgLearning(world.pool), LearnedPlanner()
    before = planner.model
    for run, error in ((broken, UnavailableError), (nonsense, InvalidError)):
        with pytest.raises(error):
            await LearningService(store, planner, FakeClock(MONDAY + timedelta(hours=1)), run=run).tend()
    assert planner.model is before
    assert await store.load() is None


async def test_the_hold_out_stands_in_the_plan_and_in_the_ledger(world: World) -> None:
    world.planner = LearnedPlanner()
    world.ledger = world.make_ledger()
    settings = json.dumps({"hold_out_percent": 50, "hold_out_agreement": "Z-1"})
    await world.pool.execute("update campaign set settings = $1::text::jsonb", settings)
    cases = {await world.add_case(f"+3160000{n:04}", crisis=n == 0): n for n in range(1, 13)}
    crisis = await world.add_case("+31600000000", crisis=True)
    claims = [claim for _ in range(5) for claim in await world.claim(3)]
    assert {claim.case for claim in claims} == {*cases, crisis}
    for claim in claims:
        await world.end(claim.attempt, "NO_ANSWER")
    events = await world.pool.fetch(
        "select a.case_id, e.data::text as data, f.next_reason::text as reason "
        "from attempt_event e join attempt a on a.id = e.attempt_id join case_file f on f.id = a.case_id "
        "where e.kind = 'claimed'"
    )
    groups = set()
    for row in events:
        data, reason = json.loads(row["data"]), json.loads(row["reason"])
        if row["case_id"] == crisis:
            assert "hold_out" not in data
            assert "held_out" not in reason
            continue
        held = held_out(str(row["case_id"]), 0.5)
        groups.add(held)
        assert data["hold_out"] == {"share": 0.5, "held": held}
        assert (reason.get("held_out") is True) == held
    assert groups == {True, False}


async def batches_of(*batches: Sequence[Told]) -> Batches:
    for batch in batches:
        yield batch


TOLD = [Told(n // 3, 1.7e9, 0, "mobile", 1.7e9 + 9e4 * n, "NO_ANSWER", n % 3 == 2, False) for n in range(30)]


async def test_a_child_process_learns_the_same() -> None:
    assert await in_child(batches_of(TOLD[:10], TOLD[10:])) == trained(TOLD)
    assert await in_child(batches_of()) is None


async def test_a_child_that_dies_is_an_error_and_not_a_model() -> None:
    with pytest.raises(UnavailableError):
        await in_child(batches_of([TOLD[0]._replace(kind="nonsense")]))
