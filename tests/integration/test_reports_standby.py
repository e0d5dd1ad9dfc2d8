"""Reports counted by a real standby: never older than they say, and answered by the primary when it is not there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import asyncpg
import pytest

from dialer.demo.postgres import EmbeddedPostgres
from dialer.domain.errors import NotFoundError
from dialer.domain.reports.kpis import Period
from dialer.domain.reports.reach import ReachTables
from dialer.services.scope import limited_to
from dialer.storage import reading
from dialer.storage.connecting import connect, only_standbys
from dialer.storage.connection import Connection
from dialer.storage.operations import PgOperations
from dialer.storage.pool import open_pool
from dialer.storage.reading import Readings
from dialer.storage.reports import PgReports
from tests.support.report_desk import FIRST, LAST, Desk
from tests.support.standby import Standby
from tests.support.world import World

pytestmark = pytest.mark.timeout(120)

STANDBY = [("standby", "")]


@pytest.fixture
def standby(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standby]:
    follows = Standby(tmp_path_factory.mktemp("standby"), postgres)
    try:
        yield follows
    finally:
        follows.processes.stop_all()


class Shop:
    """A town with one report, and stores that may count at the standby."""

    def __init__(self, world: World, pool: asyncpg.Pool, away: asyncpg.Pool, dsns: tuple[str, str]) -> None:
        self.desk = Desk(world)
        self.told: list[tuple[str, str]] = []
        self.now = 0.0
        readings = Readings(pool, away, told=lambda *one: self.told.append(one), monotonic=self._monotonic)
        self.readings = readings
        self.reports = PgReports(pool, readings)
        self.work = PgOperations(pool, readings)
        self.away = away
        self.dsns = dsns

    def _monotonic(self) -> float:
        return asyncio.get_running_loop().time() + self.now

    async def counts(self) -> ReachTables:
        """A report that is asked now."""
        asked = await self.desk.ask()
        return await self.reports.reach(asked.id)


@pytest.fixture
async def shop(dsn: str, standby: Standby, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    monkeypatch.setattr(reading, "CATCH_UP", 30.0)  # a loaded machine's standby may be behind for two seconds
    async with contextlib.AsyncExitStack() as stack:
        pool = await open_pool(dsn, size=4)
        stack.push_async_callback(pool.close)
        world = await World(pool).build(settings={"shared_rest_minutes": 0})
        away = await open_pool(only_standbys(standby.dsn(dsn)), size=4, reads_only=True)
        stack.callback(away.terminate)
        yield Shop(world, pool, away, (dsn, standby.dsn(dsn)))


async def _until(there: Callable[[], Awaitable[object]], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not await there():  # noqa: ASYNC110 - seen from outside
            await asyncio.sleep(0.02)


async def test_what_was_just_written_is_counted_at_the_standby(shop: Shop, standby: Standby) -> None:
    standby.start()
    for many in (1, 2, 3):
        case = await shop.desk.case("mobile")
        await shop.desk.rung(case, "HELP_WANTED", reached=True)
        assert (await shop.counts()).total["reached"] == many, "nothing that was committed before is missing"
    assert shop.told == 3 * STANDBY
    asked = await shop.desk.ask()
    period = Period(first=FIRST, last=LAST)
    assert await shop.work.count(asked.id, [period]) == await PgOperations(shop.desk.world.pool).count(
        asked.id, [period]
    )
    with limited_to(shop.desk.world.client):  # a client's own people: rights of rows hold there too
        assert (await shop.reports.reach(asked.id)).total["reached"] == 3
    assert shop.told == 5 * STANDBY
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await shop.away.execute("update campaign set name = 'x'")


async def test_a_standby_that_is_behind_is_not_believed(
    shop: Shop, standby: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    standby.start()
    await shop.desk.rung(await shop.desk.case("mobile"), "HELP_WANTED", reached=True)
    old = await shop.desk.ask()
    assert (await shop.reports.reach(old.id)).total["reached"] == 1
    own = await connect(shop.dsns[1])
    await own.execute("select pg_wal_replay_pause()")
    await _until(lambda: own.fetchval("select pg_get_wal_replay_pause_state() = 'paused'"))
    monkeypatch.setattr(reading, "CATCH_UP", 0.3)  # not before: on a busy machine it took longer to follow at all
    await shop.desk.rung(await shop.desk.case("mobile"), "HELP_WANTED", reached=True)
    assert (await shop.counts()).total["reached"] == 2
    assert shop.told == [*STANDBY, ("primary", "behind")]
    await own.execute("select pg_wal_replay_resume()")
    await own.close()
    monkeypatch.setattr(reading, "CATCH_UP", 10.0)
    assert (await shop.counts()).total["reached"] == 2
    assert shop.told[-1] == STANDBY[0], "being behind is no reason to be left alone"


async def test_a_standby_that_dies_in_the_middle_of_a_report(shop: Shop, standby: Standby) -> None:
    standby.start()
    await shop.desk.rung(await shop.desk.case("mobile"), "HELP_WANTED", reached=True)
    asked = await shop.desk.ask()
    looks = await connect(shop.dsns[1])
    async with shop.desk.world.pool.acquire() as connection, connection.transaction():
        # The lock is replayed: the report at the standby has begun, and waits in its middle.
        await connection.execute("lock table report_mark in access exclusive mode")
        await shop.desk.world.pool.execute("select pg_switch_wal()")  # what is not committed lies in memory else
        counting = asyncio.create_task(shop.reports.reach(asked.id))
        await _until(
            lambda: looks.fetchval(
                "select count(*) > 0 from pg_stat_activity "
                "where wait_event_type = 'Lock' and datname = current_database()"
            )
        )
        assert not counting.done()
        await asyncio.to_thread(standby.kill)
        looks.terminate()
    assert (await counting).total["reached"] == 1
    assert shop.told == [("primary", "broken")]
    standby.start()
    assert (await shop.counts()).total["reached"] == 1
    assert shop.told[-1] == ("primary", "away"), "it rests"
    shop.now += reading.REST + 1
    assert (await shop.counts()).total["reached"] == 1
    assert shop.told[-1] == STANDBY[0]


async def test_one_that_is_not_there_or_leads_is_not_asked(
    shop: Shop, standby: Standby, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("INFO", reading.__name__)
    await shop.desk.rung(await shop.desk.case("mobile"), "HELP_WANTED", reached=True)
    assert (await shop.counts()).total["reached"] == 1
    assert shop.told == [("primary", "away")]
    assert "reports are read from the primary reason=away" in caplog.text
    standby.start()
    shop.now += reading.REST + 1
    assert (await shop.counts()).total["reached"] == 1
    assert shop.told[-1] == STANDBY[0]
    assert "reports are read from the standby again" in caplog.text
    own = await connect(shop.dsns[1])
    assert await own.fetchval("select pg_promote()")  # by mistake: it goes its own way from here
    await own.close()
    monkeypatch.setattr(reading, "CATCH_UP", 2.0)
    await shop.desk.rung(await shop.desk.case("mobile"), "HELP_WANTED", reached=True)
    assert (await shop.counts()).total["reached"] == 2
    assert shop.told[-1][0] == "primary"


async def test_what_only_the_primary_knows_is_asked_there(
    shop: Shop, standby: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report that the standby has not, although it has come as far: one of another line of history."""
    monkeypatch.setattr(reading, "CATCH_UP", 0.2)
    standby.start()
    asked = await shop.desk.ask()

    async def elsewhere(connection: Connection) -> bool:
        if await connection.fetchval("select pg_is_in_recovery()"):
            raise NotFoundError("no such report")
        found: bool = await connection.fetchval("select count(*) = 1 from report_run where id = $1", asked.id)
        return found

    assert await shop.readings.ask(elsewhere)
    assert shop.told == [("primary", "behind")]


async def test_a_standby_is_preferred_whoever_answered_last(dsn: str, standby: Standby) -> None:
    own, there = dsn.rpartition("@")[2].partition("/")[0], standby.dsn(dsn).rpartition("@")[2].partition("/")[0]
    both = dsn.replace(own, f"{own},{there}") + "?target_session_attrs=prefer-standby"

    async def stands_by() -> bool:
        connection = await connect(both)
        try:
            return bool(await connection.fetchval("select pg_is_in_recovery()"))
        finally:
            await connection.close()

    assert not await stands_by(), "there is none yet"
    standby.start()
    assert await stands_by()
    assert await stands_by()
    await asyncio.to_thread(standby.kill)
    assert not await stands_by()
