"""The plan fits the agents who are there: counted, planned anew where it does not."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from dialer.domain.ids import CaseId
from dialer.domain.roster import RosterDay, Shift
from dialer.schedule.planner.holdout import held_out
from dialer.schedule.planner.product import LearnedPlanner
from dialer.schedule.planner.rooms import BUSY_SHARE, half_of, slot_of
from dialer.services import fitting as module
from dialer.services.fitting import FittingService
from dialer.storage.fitting import PgFitting
from dialer.storage.pool import open_pool
from dialer.storage.roster import PgRoster
from tests.support.clock import FakeClock
from tests.support.world import MONDAY, World

HALF = timedelta(minutes=30)


class Town:
    def __init__(self, world: World) -> None:
        self.world = world
        self.planner = world.planner = LearnedPlanner()
        world.ledger = world.make_ledger()
        self.store = PgFitting(world.pool, world.catalogues, self.planner)
        self.clock = FakeClock(MONDAY)
        self.service = FittingService(self.store, self.planner, self.clock)

    async def add(self, count: int, **more: object) -> list[CaseId]:
        return [await self.world.add_case(f"+31600001{n:03d}", **more) for n in range(count)]  # type: ignore[arg-type] # named values

    async def settings(self, text: str) -> None:
        await self.world.pool.execute("update campaign set settings = $1::text::jsonb", text)

    async def plan(self) -> dict[CaseId, tuple[datetime, str]]:
        rows = await self.world.pool.fetch("select id, next_at, next_reason ->> 'code' as code from case_file")
        return {CaseId(row["id"]): (row["next_at"], row["code"] or "") for row in rows}

    async def duty(self, agent: int, at: datetime, state: str, before: str = "off") -> None:
        await self.world.pool.execute(
            "insert into agent_event (user_id, at, wall_at, from_state, state) values ($1, $2, $2, $3, $4)",
            self.world.agents[agent], at, before, state,
        )  # fmt: skip


@pytest.fixture
async def town(dsn: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    monkeypatch.setattr(module, "BREATH", 0.0)
    pool = await open_pool(dsn, size=4)
    try:
        yield Town(await World(pool).build(agents=2))
    finally:
        await pool.close()


async def test_first_attempts_come_at_their_best_moment_within_a_day_and_fit(town: Town) -> None:
    await town.add(60)
    assert await town.service.tend() == 60
    plan = await town.plan()
    assert {code for _, code in plan.values()} == {"best_chance"}
    times = [at for at, _ in plan.values()]
    assert all(at >= MONDAY for at in times)
    assert max(times) < MONDAY + timedelta(days=3)
    room = town.planner.rooms[str(town.world.campaign)]
    assert Counter(half_of(at) for at in times) == +room.planned, "what was planned is counted"
    town.clock.pass_time(1.0)
    assert await town.service.tend() == 0, "once is enough"


async def test_first_attempts_at_once_where_the_campaign_says_so(town: Town) -> None:
    await town.settings('{"first_attempt_hours": 0}')
    await town.add(3)
    assert await town.service.tend() == 0
    town.clock.pass_time(7200.0)
    assert await town.service.tend() == 0, "late as they are, they stay the next to be dialled"
    assert {at for at, _ in (await town.plan()).values()} == {MONDAY}
    await town.world.pool.execute('update case_file set next_reason = \'{"code": "first"}\'')
    assert await town.service.tend() == 0, "planned anew for whatever reason, they are first attempts all the same"


async def test_who_was_not_dialled_in_his_half_hour_is_planned_anew(town: Town) -> None:
    cases = await town.add(4)
    await town.service.tend()
    await town.world.pool.execute("update case_file set next_at = $1", MONDAY)
    town.clock.pass_time(29 * 60)
    assert await town.service.tend() == 0
    town.clock.pass_time(2 * 60)
    assert await town.service.tend() == 4
    plan = await town.plan()
    assert all(plan[case][0] >= town.clock.now() for case in cases)


async def test_crises_agreements_and_calls_under_way_stay_as_they_are(town: Town) -> None:
    crisis = await town.world.add_case("+31600000190", crisis=True)
    agreed, claimed, later = await town.add(3)
    pool = town.world.pool
    await pool.execute('update case_file set next_reason = \'{"code": "first"}\' where id <> $1', crisis)
    await pool.execute("update case_file set priority = 1, next_at = $2 where id = $1", agreed, MONDAY)
    await pool.execute("update case_file set next_at = null where id = $1", claimed)
    await pool.execute("update case_file set next_at = $2 where id = $1", later, MONDAY + timedelta(hours=5))
    before = await town.plan()
    town.clock.pass_time(7200.0)
    assert await town.service.tend() == 0
    assert await town.plan() == before
    assert await town.store.replan([claimed, later], town.clock.now()) == []
    assert await town.plan() == before


async def test_who_is_held_out_stays_due(town: Town) -> None:
    await town.settings('{"hold_out_percent": 50, "hold_out_agreement": "Z-1"}')
    cases = await town.add(30)
    apart = {case for case in cases if held_out(str(case), 0.5)}
    assert 3 < len(apart) < 27
    assert await town.service.tend() == 30 - len(apart)
    plan = await town.plan()
    assert {case for case in cases if plan[case] == (MONDAY, "")} == apart


async def test_many_come_in_pages(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 4)
    monkeypatch.setattr(module, "FEW", 3)
    await town.add(11)
    assert await town.service.tend() == 11
    monkeypatch.setattr(module, "PAGES", 1)
    await town.world.pool.execute("update case_file set next_at = $1", MONDAY)
    town.clock.pass_time(3600.0)
    assert await town.service.tend() == 4, "the rest is for the next time"


async def test_killed_amid_its_work_the_next_one_goes_on_from_there(town: Town, dsn: str) -> None:
    await town.add(150)

    async def planned() -> dict[CaseId, datetime]:
        return {case: at for case, (at, code) in (await town.plan()).items() if code}

    child = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.support.fitting_child", dsn)
    async with asyncio.timeout(60):
        while not await planned():  # noqa: ASYNC110 - another process has no event to await
            await asyncio.sleep(0.005)
    child.kill()
    assert await child.wait() == -signal.SIGKILL, "it was amid its work"
    left = await planned()
    assert 0 < len(left) < 150
    # Its last transaction may end a moment after it: what counts is what stands then.
    async with asyncio.timeout(30):
        while await town.world.pool.fetchval(  # noqa: ASYNC110 - nor has the database
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() "
            "and xact_start is not null"
        ):
            await asyncio.sleep(0.02)
    left = await planned()
    assert await town.service.tend() == 150 - len(left)
    after = await planned()
    assert len(after) == 150, "nobody is forgotten"
    assert left.items() <= after.items(), "nobody is planned twice"
    room = town.planner.rooms[str(town.world.campaign)]
    assert Counter(half_of(at) for at in after.values()) == +room.planned, "what the dead one planned is counted too"


async def test_a_campaign_that_stops_takes_no_room(town: Town) -> None:
    await town.service.tend()
    assert set(town.planner.rooms) == {str(town.world.campaign)}
    await town.world.pool.execute("update campaign set state = 'paused'")
    await town.service.tend()
    assert town.planner.rooms == {}


async def test_capacity_is_learned_from_duty_and_from_what_attempts_took(town: Town) -> None:
    began = MONDAY - timedelta(weeks=2)
    for week in range(2):
        at = began + timedelta(weeks=week)
        await town.duty(0, at, "available")
        await town.duty(0, at + timedelta(minutes=10), "paused", "available")  # a pause is no log-off
        await town.duty(0, at + timedelta(minutes=45), "off", "available")
    await town.duty(1, MONDAY - timedelta(hours=1), "available")  # still there
    staffing = await town.store.staffing(town.world.campaign, MONDAY - timedelta(weeks=4), MONDAY)
    assert staffing.present[slot_of(MONDAY)] == pytest.approx(2.0)
    assert staffing.present[slot_of(MONDAY + HALF)] == pytest.approx(1.0), "a quarter of an hour, twice"
    assert staffing.present[slot_of(MONDAY - HALF)] == pytest.approx(1.0)
    assert (staffing.usual, staffing.since, staffing.attempts) == (2.0, began, 0)
    assert staffing.attempts_each() == pytest.approx(BUSY_SHARE * 1800 / 90)


async def test_an_agent_who_never_logged_off_went_home_all_the_same(town: Town) -> None:
    await town.duty(0, MONDAY - timedelta(days=3), "available")
    staffing = await town.store.staffing(town.world.campaign, MONDAY - timedelta(weeks=4), MONDAY)
    assert sum(staffing.present.values()) == pytest.approx(28.0), "fourteen hours"


async def test_an_agent_of_several_campaigns_is_shared_among_them(town: Town) -> None:
    world = town.world
    other = await world.add_campaign(world.client, "Tweede")
    await world.pool.execute("insert into campaign_agent values ($1, $2)", other, world.agents[0])
    ours = await town.store.staffing(world.campaign, MONDAY - timedelta(weeks=4), MONDAY)
    theirs = await town.store.staffing(other, MONDAY - timedelta(weeks=4), MONDAY)
    assert (ours.usual, theirs.usual) == (0.5, 1.5)


async def test_counts_and_duty_are_read_again_in_time(town: Town) -> None:
    await town.service.tend()
    rooms = town.planner.rooms[str(town.world.campaign)]
    town.clock.pass_time(60.0)
    await town.service.tend()
    assert town.planner.rooms[str(town.world.campaign)] is rooms
    await town.world.add_case("+31600000199", next_at=MONDAY + timedelta(hours=2))
    await town.world.pool.execute('update case_file set next_reason = \'{"code": "best_chance"}\'')
    town.clock.pass_time(120.0)
    await town.service.tend()
    assert town.planner.rooms[str(town.world.campaign)].planned[MONDAY + timedelta(hours=2)] == 1
    town.clock.pass_time(-7200.0)
    await town.service.tend()  # a calendar put back begins anew
    assert town.planner.rooms[str(town.world.campaign)] is not rooms


async def test_the_roster_says_how_many_attempts_fit_as_soon_as_it_is_kept(town: Town) -> None:
    noor, bram = town.world.agents
    fitted = (await town.store.running())[0]
    before = await town.store.staffing(fitted.campaign, MONDAY - timedelta(weeks=4), MONDAY)
    assert before.agents(MONDAY) == 2.0
    await town.service.tend()
    roster = PgRoster(town.world.pool)
    evening, day = Shift(17 * 60, 21 * 60), MONDAY.date()
    days = [
        RosterDay(user=noor, day=day, shifts=(evening,)),
        RosterDay(user=bram, day=day, shifts=(evening,), away=True),
        RosterDay(user=noor, day=day + timedelta(days=1), shifts=(Shift(9 * 60, 12 * 60),)),
    ]
    assert await roster.save(days, MONDAY, "user:1", "roster.save", {})
    room = town.planner.rooms[str(fitted.campaign)]
    six = MONDAY.replace(hour=17, minute=0)
    assert room.capacity is not None
    assert room.capacity(six) == room.capacity(MONDAY), "not read anew yet"
    town.service.roster_changed()
    await town.service.tend()
    room = town.planner.rooms[str(fitted.campaign)]
    assert room.capacity is not None
    known = await town.store.staffing(fitted.campaign, MONDAY - timedelta(weeks=4), MONDAY)
    assert (known.agents(six), known.agents(MONDAY)) == (1.0, 0.0)
    assert room.capacity(six) == known.attempts_each()
    await town.add(40)
    await town.service.tend()
    # Both agents are planned: nobody dials on Monday morning.
    assert min(at for at, _ in (await town.plan()).values()) >= MONDAY.replace(hour=16, minute=0)
