"""The nightly comparison on a real database: what agrees is silent, and a difference that is planted is found."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from dialer.domain.ids import ClientId
from dialer.services.ports.tallies import Difference, Told
from dialer.services.tallies import Tallies
from dialer.storage.pool import open_pool
from dialer.storage.tallies import PgTallies
from tests.support.report_desk import DAY, Desk
from tests.support.world import World, WorldClock


class Night:
    """A desk, and nights that pass."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.told: list[Sequence[Difference]] = []
        self.tallies = Tallies(PgTallies(desk.world.pool), WorldClock(desk.world), self.told.append)

    async def __call__(self) -> list[tuple[Told, int]]:
        """What stands open after another night."""
        self.desk.world.now += DAY
        await self.tallies.tend()
        return [(one.told, one.records) for one in self.told[-1]]

    async def by_hand(self, statement: str, *values: object) -> None:
        """Change what no trigger sees: as a bug would, or somebody in psql."""
        async with self.desk.world.pool.acquire() as connection, connection.transaction():
            await connection.execute("set local session_replication_role = replica")
            await connection.execute(statement, *values)


@pytest.fixture
async def night(dsn: str) -> AsyncIterator[Night]:
    pool = await open_pool(dsn, size=4)
    try:
        desk = Desk(await World(pool).build(settings={"shared_rest_minutes": 0}))
        made = [await desk.case("mobile") for _ in range(4)]
        desk.world.now -= timedelta(minutes=30)
        await desk.rung(made[0], "NO_ANSWER")
        desk.world.now += timedelta(minutes=30)
        await desk.rung(made[0], "HELP_WANTED", reached=True)
        await desk.rung(made[1], "PAID", reached=True, direction="in")
        await desk.settle(made[2], "withdrawn", "WITHDRAWN")
        await desk.settle(made[3], "merged", None)
        yield Night(desk)
    finally:
        await pool.close()


async def test_what_agrees_is_silent_whatever_was_corrected(night: Night) -> None:
    assert await night() == []
    pool = night.desk.world.pool
    await pool.execute("update attempt set outcome = 'THIRD_PARTY', reached = false where outcome = 'HELP_WANTED'")
    await pool.execute("update case_file set state = 'recalled' where outcome = 'PAID'")
    assert await night() == []
    assert await pool.fetchval("select count(*) from report_tally") == 2


async def test_it_compares_once_a_night(night: Night) -> None:
    await night()
    await night.by_hand("update case_file set outcome = 'NO_HELP' where outcome = 'PAID'")
    night.desk.world.now += timedelta(hours=2)
    assert await night.tallies.tend() == 0, "until the next night"
    assert await night() == [(Told.CASES, 1)]


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        ("update case_file set outcome = 'NO_HELP' where outcome = 'PAID'", Told.CASES),
        ("update case_file set state = 'open' where state = 'merged'", Told.CASES),
        ("update attempt set reached = false where outcome = 'HELP_WANTED'", Told.CALLS),
        ("update attempt set counted = false, seq = null, case_seq = null where outcome = 'NO_ANSWER'", Told.CALLS),
        ("delete from report_case where outcome = 'PAID'", Told.CASES),
        ("delete from report_attempt where outcome = 'NO_ANSWER'", Told.CALLS),
    ],
)
async def test_a_difference_that_is_planted_is_found_and_goes_when_it_is_mended(
    night: Night, planted: str, told: Told
) -> None:
    assert await night() == []
    await night.by_hand(planted)
    assert await night() == [(told, 1)]
    (one,) = night.told[-1]
    assert (one.client, one.delivery) == (night.desk.world.client, night.desk.world.delivery)
    assert await night() == [(told, 1)]
    assert night.told[-1][0].at == one.at, "known since the first night"
    assert await night.tallies.open(ClientId(night.desk.world.ids.new())) == []
    # Mended by writing both anew through the triggers.
    if planted.startswith("update"):
        await night.desk.world.pool.execute("update attempt set outcome = outcome || '_X' where not live")
        await night.desk.world.pool.execute("update case_file set outcome = coalesce(outcome, '') || '_X'")
        assert await night() == []


async def test_a_confirmed_export_that_tells_another_result_is_found(night: Night) -> None:
    world = night.desk.world
    case = await world.pool.fetchval("select id from case_file where outcome = 'PAID'")
    signal = await world.pool.fetchval("select id from signal where case_id = $1", case)
    await world.pool.execute("update case_file set result_version = 2 where id = $1", case)
    run = world.ids.new()
    await world.pool.execute(
        "insert into export_run (id, client_id, campaign_id, kind, created_at, line_count) "
        "values ($1, $2, $3, 'delta', $4, 1)", run, world.client, world.campaign, world.now,
    )  # fmt: skip
    await world.pool.execute(
        "insert into export_line (export_id, position, signal_id, case_id, result_version, action, facts) "
        "values ($1, 1, $2, $3, 2, 'new', '{\"outcome\": \"NO_HELP\"}')", run, signal, case,
    )  # fmt: skip
    assert await night() == [], "nobody has it yet"
    await world.pool.execute("update export_run set confirmed_at = $2 where id = $1", run, world.now)
    assert await night() == [(Told.EXPORT, 1)]
    # A newer version waits to go out: what was told is of its own time.
    await world.pool.execute("update case_file set result_version = 3 where id = $1", case)
    assert await night() == []
    await world.pool.execute("update case_file set result_version = 1 where id = $1", case)
    assert await night() == [(Told.EXPORT, 1)], "told what the ledger never had"
