"""Reach counted from the ledger, forecast in a child process, kept and held against what came out."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import CampaignId
from dialer.schedule.planner.calibration import ASSUMED
from dialer.schedule.planner.holdout import held_out
from dialer.schedule.planner.product import LearnedPlanner
from dialer.services.reach import Cases, ReachService, in_child
from dialer.services.reach_child import chances, from_wire, to_wire
from dialer.services.reach_report import ReachReport
from dialer.storage.pool import open_pool
from dialer.storage.reach import PgReach
from tests.support.clock import FakeClock
from tests.support.world import MONDAY, World

DAY = timedelta(days=1)


class Desk:
    """Reports of one world; what is looked ahead at stays in this process."""

    def __init__(self, world: World) -> None:
        self.world = world
        planner = LearnedPlanner()
        world.planner = planner
        world.ledger = world.make_ledger()
        self.store = PgReach(world.pool, world.catalogues, planner)
        self.clock = FakeClock(MONDAY)
        self.heads: list[Mapping[str, Any]] = []
        self.service = ReachService(self.store, planner, self.clock, look=self._look)

    async def _look(self, head: Mapping[str, Any], cases: Cases) -> Mapping[str, Sequence[float]] | None:
        self.heads.append(head)
        return chances(head, [from_wire(json.loads(json.dumps(row))) async for batch in cases for row in batch])

    def at(self, days: float) -> None:
        self.world.now = MONDAY + days * DAY
        self.clock = FakeClock(self.world.now)
        self.service._clock = self.clock

    async def spoken(self, outcome: str = "PAID") -> None:
        """The next one due picks up and talks."""
        claim = await self.world.claim_one()
        await self.world.end(claim.attempt, None, agent=claim.agent)
        await self.world.pool.execute(
            "update attempt set reached = true, outcome = $2, joined_at = claimed_at where id = $1",
            claim.attempt, outcome,
        )  # fmt: skip
        await self.world.pool.execute(
            "update case_file set state = 'reached', outcome = $2, closed_at = $3, next_at = null where id = $1",
            claim.case, outcome, self.world.now,
        )  # fmt: skip

    async def report(self) -> ReachReport:
        return await self.service.report(self.world.campaign, "nl", whole=True)


@pytest.fixture
async def desk(dsn: str) -> AsyncIterator[Desk]:
    pool = await open_pool(dsn, size=4)
    try:
        yield Desk(await World(pool).build())
    finally:
        await pool.close()


async def test_counted_and_expected_and_kept(desk: Desk) -> None:
    assert (await desk.report()).at is None
    for n in range(8):
        await desk.world.add_case(f"+316000001{n:02}")
    await desk.world.add_case("+31600000199", state="withdrawn")
    await desk.world.add_case("+31600000198", state="no_number")  # never had one: as in reports and on the bill
    lost = await desk.world.add_case("+31600000197")
    await desk.world.pool.execute("update case_file set state = 'no_number' where id = $1", lost)
    await desk.spoken()
    await desk.spoken("HELP_WANTED")
    await desk.spoken("REFUSED")
    desk.at(1 / 24)
    assert await desk.service.tend() == 1
    assert await desk.service.tend() == 0  # once a day
    found = await desk.report()
    assert (found.callable, found.reached, found.helped, found.refused, found.open) == (9, 3, 1, 1, 5), (
        "who lost his number was callable"
    )
    by = {one.until: one for one in found.expected}
    assert 3 / 9 < by["day_14"].reach <= by["end"].reach == by["day_28"].reach < 1  # planning ends on day 21
    for one in by.values():
        assert 3 / 9 <= one.low < one.reach < one.high <= 1
    assert found.hold_out is None
    assert found.room is None
    (head,) = desk.heads
    assert not any("3160" in json.dumps(value) for value in head.values())


async def test_the_child_process_looks_ahead_the_same(desk: Desk) -> None:
    await desk.world.add_case("+31600000101", "+31790000011")
    await desk.world.add_case("+31600000102")
    await desk.world.end((await desk.world.claim_one()).attempt, "BUSY")
    rows = [to_wire(c) async for batch in desk.store.open_cases(desk.world.campaign, MONDAY, 10) for c in batch]
    assert len(rows) == 2
    await desk.service.reckon(desk.world.campaign)

    async def batches() -> Cases:
        for row in rows:
            yield [row]

    async def none() -> Cases:
        for row in rows[:0]:
            yield [row]

    here = chances(desk.heads[0], [from_wire(row) for row in rows])
    assert await in_child(desk.heads[0], batches()) == here
    assert await in_child(desk.heads[0], none()) is None
    assert all(0 < chance < 1 for part in here.values() for chance in part)
    tight = chances({**desk.heads[0], "room": 0.001}, [from_wire(row) for row in rows])
    assert all(sum(tight[name]) < sum(here[name]) / 10 for name in here)
    assert chances({**desk.heads[0], "room": 1.0}, []) == {"day_14": [], "day_28": [], "end": []}


async def test_what_was_expected_is_held_against_what_came_out(desk: Desk) -> None:
    for n in range(4):
        await desk.world.add_case(f"+316000001{n:02}", days=5)
    await desk.service.tend()
    await desk.spoken()
    desk.at(2)
    await desk.service.tend()
    assert (await desk.report()).earlier == []
    desk.at(6)
    assert await desk.service.tend() == 1
    found = await desk.report()
    assert {(one.until, one.came_out) for one in found.earlier} == {("end", 0.25)}
    assert {one.at for one in found.earlier} == {MONDAY, MONDAY + 2 * DAY}
    assert found.by_day[0] == 0.25


async def test_how_wide_a_forecast_must_be_is_learned_from_what_came_out(desk: Desk) -> None:
    for n in range(40):
        await desk.world.add_case(f"+316000001{n:02}", days=5)
    await desk.service.tend()
    desk.at(6)  # nobody was reached: the model thought too well of them
    assert await desk.service.tend() == 1
    (said,) = (await desk.store.foretold())[0][1:]
    assert (said["had"], said["came"]) == (0, 0)
    assert said["expected"] > 5
    # Another list, the month after: its interval is wider for what came of the first.
    another = await desk.world.add_campaign(desk.world.client, "Tweede")
    kept = await desk.service.reckon(another)
    assert kept.report["doubt"]["months"] == 1
    assert kept.report["doubt"]["share"] > ASSUMED
    text = (await desk.service.report(desk.world.campaign, "nl", whole=True)).text
    assert not any("geleerd van" in line for line in text), "it was made before"


async def test_the_hold_out_is_compared_by_the_first_attempt_when_the_time_is_over(desk: Desk) -> None:
    settings = json.dumps({"hold_out_percent": 50, "hold_out_agreement": "Z-1", "promised_reach_percent": 60})
    await desk.world.pool.execute("update campaign set settings = $1::text::jsonb", settings)
    made = [await desk.world.add_case(f"+316000001{n:02}", days=3 if n < 9 else 21) for n in range(12)]
    for _ in range(2):
        await desk.spoken()
    for _ in range(4):
        for claim in await desk.world.claim(3):
            await desk.world.end(claim.attempt, "NO_ANSWER")
    desk.at(4)
    await desk.service.reckon(desk.world.campaign)
    found = await desk.report()
    assert found.promised == 0.6
    assert found.hold_out is not None
    held = sum(held_out(str(case), 0.5) for case in made[:9])
    assert (found.hold_out.held_out, found.hold_out.planned) == (held, 9 - held)
    assert (found.hold_out.planned_reached or 0) + (found.hold_out.held_out_reached or 0) == 2
    assert (found.hold_out.share, found.hold_out.difference) == (0.5, None)  # too few to say


async def test_where_residents_wait_the_forecast_is_of_what_can_be_dialled(desk: Desk) -> None:
    for n in range(20):
        await desk.world.add_case(f"+316000001{n:02}")
    await desk.world.end((await desk.world.claim_one()).attempt, "NO_ANSWER")
    desk.at(0.25)  # 16:00
    await desk.service.reckon(desk.world.campaign)
    found = await desk.report()
    assert found.room == pytest.approx(1 / 6)
    assert desk.heads[0]["room"] == found.room


async def test_a_campaign_that_is_not_there(desk: Desk) -> None:
    nobody = CampaignId(desk.world.ids.new())
    with pytest.raises(NotFoundError):
        await desk.service.report(nobody, "nl", whole=True)
    with pytest.raises(NotFoundError):
        await desk.store.facts(nobody, MONDAY)
