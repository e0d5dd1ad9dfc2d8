"""Reports by the clock on a real database: made once each, by whoever has the turn, and the same ever after."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from dialer.domain.errors import ConflictError, InvalidError, NotFoundError
from dialer.domain.ids import ClientId
from dialer.domain.reports.calendar import Every, Rhythm
from dialer.services.report_schedules import ReportSchedules
from dialer.storage.pool import open_pool
from dialer.storage.report_schedules import PgReportSchedules
from tests.support.intake import VAULT
from tests.support.report_desk import BOSS, DAY, Desk
from tests.support.world import MONDAY, World, WorldClock

MONTHLY = Rhythm(every=Every.MONTH, day=3)


@pytest.fixture
async def desk(dsn: str) -> AsyncIterator[Desk]:
    pool = await open_pool(dsn, size=4)
    try:
        yield Desk(await World(pool).build())
    finally:
        await pool.close()


def clockwork(desk: Desk) -> ReportSchedules:
    return ReportSchedules(
        PgReportSchedules(desk.world.pool), VAULT, WorldClock(desk.world), desk.world.ids, mails=True
    )


async def made(desk: Desk) -> list[tuple[date, date, bool]]:
    return [
        (run.asked.first_day, run.asked.last_day, run.automatic)
        for run in reversed(await desk.reports.runs(None, 50, BOSS))
    ]


async def test_each_report_is_made_once_and_kept(desk: Desk) -> None:
    await desk.case("mobile")
    one, two = clockwork(desk), clockwork(desk)
    await one.add(desk.world.client, None, MONTHLY, BOSS)
    await one.add(desk.world.client, desk.world.campaign, Rhythm(every=Every.WEEK, day=1), BOSS)
    assert await one.tend() == 0, "nothing of before it was asked for"
    desk.world.now = MONDAY.replace(day=3, hour=3)  # four in the morning in Amsterdam
    assert await one.tend() == 0, "what is told late of the day before is waited for"
    desk.world.now = MONDAY.replace(day=3, hour=4)
    assert sum(await asyncio.gather(one.tend(), two.tend())) == 1
    assert await made(desk) == [(date(2026, 2, 1), date(2026, 2, 28), True)]
    desk.world.now = MONDAY + 38 * DAY
    assert await one.tend() == 1 + 5
    assert (date(2026, 3, 1), date(2026, 3, 31), True) in await made(desk)
    assert await one.tend() == 0
    run = next(run for run in await desk.reports.runs(None, 50, BOSS) if run.asked.first_day == date(2026, 3, 1))
    shown = await desk.reports.show(run.asked.id, BOSS, whole=True)
    assert shown.total.counts["delivered"] == 1
    await desk.case("mobile")
    assert await desk.reports.show(run.asked.id, BOSS, whole=True) == shown


async def test_an_ended_schedule_makes_no_more_and_may_begin_anew(desk: Desk) -> None:
    work = clockwork(desk)
    schedule = await work.add(desk.world.client, None, MONTHLY, BOSS)
    with pytest.raises(ConflictError):
        await work.add(desk.world.client, None, MONTHLY, BOSS)
    await work.end(schedule, BOSS)
    await work.end(schedule, BOSS)
    desk.world.now = MONDAY + timedelta(days=60)
    assert await work.tend() == 0
    await work.add(desk.world.client, None, MONTHLY, BOSS)
    assert [one.rhythm for one in await work.schedules(BOSS)] == [MONTHLY]
    with pytest.raises(NotFoundError):
        await work.end(desk.world.ids.new(), BOSS)
    with pytest.raises(NotFoundError):
        await work.add(ClientId(desk.world.ids.new()), None, MONTHLY, BOSS)
    with pytest.raises(InvalidError):
        await work.add(desk.world.client, None, Rhythm(every=Every.WEEK, day=9), BOSS)
    told = await desk.world.pool.fetch("select action from audit_event where action like 'report_schedule%'")
    assert [row["action"].rsplit(".")[-1] for row in told] == ["add", "end", "end", "add"]
