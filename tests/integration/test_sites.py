"""Two sites on one database: whose campaigns and numbers, where an agent is on duty, and a client that moves."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast

import asyncpg
import pytest

from dialer import cli
from dialer.config import Settings, SettingsError, load
from dialer.doctor import _site
from dialer.domain.agent import Agent, AgentState
from dialer.domain.errors import ConflictError, InvalidError
from dialer.services.ports.duty import DutyChange, ElsewhereError
from dialer.services.ports.ledger import LostLeaseError
from dialer.services.sites import InCallError, Sites
from dialer.storage.duty import PgDutyStore
from dialer.storage.engine import PgEngineStore
from dialer.storage.fitting import PgFitting
from dialer.storage.pool import open_pool
from dialer.storage.sites import PgSites
from dialer.storage.watch import PgWatch
from tests.support.clock import CalendarAt
from tests.support.world import World


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(dsn, size=4)
    yield pool
    await pool.close()


def engine(pool: asyncpg.Pool, site: str) -> PgEngineStore:
    return PgEngineStore(pool, cast(Any, None), trunk="trunk", site=site)


async def test_each_site_sees_its_own_clients_campaigns_only(pool: asyncpg.Pool) -> None:
    world = await World(pool).build()
    number = await pool.fetchval("select inbound_number from client")
    main, north = engine(pool, "main"), engine(pool, "noord")
    assert [one.campaign for one in await main.campaigns()] == [world.campaign]
    assert await north.campaigns() == []
    assert (await main.numbers_elsewhere(), await north.numbers_elsewhere()) == (frozenset(), frozenset({number}))
    await pool.execute("update client set site = 'noord'")
    assert await main.campaigns() == []
    assert [one.campaign for one in await north.campaigns()] == [world.campaign]
    assert (await main.numbers_elsewhere(), await north.numbers_elsewhere()) == (frozenset({number}), frozenset())
    assert [len(await one.figures(world.now)) for one in (main, north)] == [0, 1]
    plans = [PgFitting(pool, world.catalogues, world.planner, site) for site in ("main", "noord")]
    assert [len(await one.running()) for one in plans] == [0, 1]


async def test_whoever_moves_a_client_all_processes_are_told(pool: asyncpg.Pool) -> None:
    world = await World(pool).build()
    told: list[object] = []
    async with pool.acquire() as connection:
        await connection.add_listener("dialer", lambda *given: told.append(given[3]))
        await pool.execute("update client set site = 'noord'")
        await connection.execute("select 1")
        assert told == [f"campaign:{world.client}"]
        await pool.execute("update client set site = 'noord'")
        await connection.execute("select 1")
        assert len(told) == 1
        await connection.reset()


async def test_no_name_of_a_site_is_refused_by_the_database(pool: asyncpg.Pool) -> None:
    await World(pool).build()
    with pytest.raises(asyncpg.CheckViolationError):
        await pool.execute("update client set site = 'Noord'")


class Duty:
    """One agent as two sites store him."""

    def __init__(self, world: World) -> None:
        self.world, self.user = world, world.agents[0]
        self.main, self.north = (PgDutyStore(world.pool, site) for site in ("main", "noord"))

    async def save(self, store: PgDutyStore, before: AgentState, after: AgentState, device: str = "") -> None:
        now = self.world.now
        agent = Agent(user=self.user, state=after, since=now.timestamp(), device=device)
        await store.save([DutyChange(before=before, agent=agent, at=now, wall_at=now)])

    async def state(self) -> tuple[str, str | None]:
        row = await self.world.pool.fetchrow("select state, site from agent_duty where user_id = $1", self.user)
        assert row is not None
        return row["state"], row["site"]


@pytest.fixture
async def duty(pool: asyncpg.Pool) -> Duty:
    return Duty(await World(pool).build())


OFF, FREE, PAUSED = AgentState.OFF, AgentState.AVAILABLE, AgentState.PAUSED


async def test_an_agent_is_on_duty_at_one_site_at_a_time(duty: Duty) -> None:
    await duty.main.take(duty.user)
    with pytest.raises(ElsewhereError) as refused:
        await duty.north.take(duty.user)  # before a word of it was written
    assert refused.value.site == "main"
    await duty.save(duty.main, OFF, OFF, "a-1")  # his phone: he is neither off nor elsewhere by that
    await duty.save(duty.main, OFF, FREE)
    with pytest.raises(ElsewhereError):
        await duty.north.take(duty.user)
    await duty.main.take(duty.user)
    assert [len(await one.load()) for one in (duty.main, duty.north)] == [1, 0]
    assert (await duty.north.find(duty.user)).site == "main"
    await duty.save(duty.main, FREE, OFF)
    assert await duty.state() == ("off", None)
    await duty.north.take(duty.user)
    await duty.save(duty.north, OFF, PAUSED)
    assert await duty.state() == ("paused", "noord")


async def test_what_another_site_believes_of_him_is_not_stored(duty: Duty) -> None:
    await duty.north.take(duty.user)
    await duty.save(duty.north, OFF, FREE)
    await duty.save(duty.main, FREE, PAUSED)  # late, or wrong
    await duty.save(duty.main, FREE, OFF)
    assert await duty.state() == ("available", "noord")
    assert await duty.world.pool.fetchval("select count(*) from agent_event") == 1


async def test_who_was_taken_by_a_process_that_died_then_is_let_go_by_the_next(duty: Duty) -> None:
    await duty.main.take(duty.user)
    assert await duty.north.load() == []
    with pytest.raises(ElsewhereError):
        await duty.north.take(duty.user)
    await duty.main.load()
    await duty.north.take(duty.user)


async def test_who_came_on_before_there_were_sites_is_mains(duty: Duty) -> None:
    await duty.save(duty.main, OFF, FREE)
    await duty.world.pool.execute("update agent_duty set site = null")  # as an older release writes it
    with pytest.raises(ElsewhereError) as refused:
        await duty.north.take(duty.user)
    assert refused.value.site == "main"
    await duty.save(duty.north, FREE, PAUSED)
    assert (await duty.state())[0] == "available"
    assert len(await duty.main.load()) == 1


# -- a client moves -------------------------------------------------------------------------------------------------


@pytest.fixture
async def moving(pool: asyncpg.Pool) -> World:
    """One case that may be dialled; both sites served."""
    world = await World(pool).build()
    await world.add_case("+31600000101")
    for name, owner in (("centre", "first-1"), ("centre:noord", "second-1")):
        await world.ledger.take_lease(name, owner, 60.0)
    return world


def sites(world: World) -> Sites:
    return Sites(PgSites(world.pool), CalendarAt(world.now))


async def move(world: World, site: str = "noord") -> str:
    return await sites(world).move(world.client, site, unserved=False, actor="cli")


async def test_a_client_that_moves_is_claimed_for_by_its_new_site_alone(moving: World) -> None:
    order = moving.order()
    assert await move(moving) == "main"
    with pytest.raises(LostLeaseError):
        await moving.ledger.claim(order)
    lease = await moving.ledger.take_lease(f"campaign:{moving.campaign}", "second-1", 3.0)
    assert lease is not None
    assert lease.epoch > order.epoch
    assert await moving.ledger.claim(replace(order, owner="second-1", epoch=lease.epoch))
    audited = await moving.pool.fetchrow(
        "select actor, client_id, detail from audit_event where action = 'client.move'"
    )
    assert audited is not None
    assert (audited["actor"], audited["client_id"]) == ("cli", moving.client)
    assert json.loads(audited["detail"]) == {"before": "main", "site": "noord"}


async def test_it_stays_while_one_of_its_calls_is_in_progress(moving: World) -> None:
    assert await moving.ledger.claim(moving.order())
    with pytest.raises(InCallError) as refused:
        await move(moving)
    assert refused.value.live == 1
    assert await moving.pool.fetchval("select site from client") == "main"
    assert await moving.pool.fetchval("select count(*) from audit_event where action = 'client.move'") == 0
    again = await moving.ledger.take_lease(f"campaign:{moving.campaign}", moving.owner, 3.0)
    assert again is not None
    assert again.epoch == moving.order().epoch, "who calls for it notices nothing"


async def test_a_claim_and_a_move_at_the_same_moment_are_one_after_the_other(moving: World) -> None:
    claimed, moved = await asyncio.gather(moving.ledger.claim(moving.order()), move(moving), return_exceptions=True)
    live = await moving.pool.fetchval("select count(*) from attempt where live")
    site = await moving.pool.fetchval("select site from client")
    if isinstance(moved, InCallError):
        assert (live, site) == (1, "main")
    else:
        assert isinstance(claimed, LostLeaseError)
        assert (live, site, moved) == (0, "noord", "main")


async def test_where_it_is_already_nothing_changes(moving: World) -> None:
    assert await move(moving, "main") == "main"
    assert await moving.ledger.claim(moving.order())


async def test_nobody_moves_a_client_to_where_nobody_serves_unless_it_is_meant(moving: World) -> None:
    with pytest.raises(ConflictError):
        await move(moving, "zuid")
    with pytest.raises(InvalidError):
        await sites(moving).move(moving.client, "Zuid", unserved=True, actor="cli")
    assert await sites(moving).move(moving.client, "zuid", unserved=True, actor="cli") == "main"
    found = {one.name: (one.owner, list(one.clients), one.running, one.on_duty) for one in await sites(moving).all()}
    slug = await moving.pool.fetchval("select slug from client")
    assert found == {
        "main": ("first-1", [], 0, 0),
        "noord": ("second-1", [], 0, 0),
        "zuid": ("", [slug], 1, 0),
    }


async def test_the_command(
    moving: World, dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DIALER_DATABASE_DSN", dsn)
    monkeypatch.setenv("DIALER_KEYS_MASTER", base64.b64encode(bytes(32)).decode())
    monkeypatch.setenv("DIALER_ASTERISK_SECRET", "x")
    slug = await moving.pool.fetchval("select slug from client")

    async def run(*words: str) -> tuple[int, str]:
        status = await asyncio.to_thread(cli.main, ["site", *words])
        said = capsys.readouterr()
        return status, said.out + said.err

    assert await run("move", slug, "zuid") == (
        1, "dialer: nobody serves site zuid: start its dialer first, or say that it is meant\n",
    )  # fmt: skip
    assert await run("move", slug, "noord") == (0, f"{slug}: noord, was main\n")
    assert await run("move", slug, "noord") == (0, f"{slug}: noord\n")
    status, said = await run("list")
    assert status == 0
    assert [line.split()[:2] for line in said.splitlines()] == [["main", "first-1"], ["noord", "second-1"]]
    assert said.splitlines()[1].endswith(slug)


async def test_whose_campaigns_nobody_calls_for_is_counted(moving: World) -> None:
    watch = PgWatch(moving.pool)
    assert await watch.unserved() == {"main": 0}
    await sites(moving).move(moving.client, "zuid", unserved=True, actor="cli")
    assert await watch.unserved() == {"zuid": 1}
    await moving.ledger.take_lease("centre:zuid", "third-1", 60.0)
    assert await watch.unserved() == {"zuid": 0}
    await moving.pool.execute("update lease set expires_at = clock_timestamp() where name = 'centre:zuid'")
    assert await watch.unserved() == {"zuid": 1}
    await moving.pool.execute("update campaign set state = 'paused'")
    assert await watch.unserved() == {}


async def test_doctor_says_whose_clients_these_settings_are_for(moving: World, dsn: str) -> None:
    def settings(site: str, at: str = dsn) -> Settings:
        environ = {
            "DIALER_DATABASE_DSN": at,
            "DIALER_KEYS_MASTER": base64.b64encode(bytes(32)).decode(),
            "DIALER_ASTERISK_SECRET": "x",
            "DIALER_SERVICE_SITE": site,
        }
        return load(environ)

    [found] = await _site(settings("main"))
    assert (found.ok, found.detail) == (True, "main: 1 clients, served by first-1")
    [found] = await _site(settings("nord"))  # misspelt
    assert (found.ok, found.detail) == (False, "nord: 0 clients, nobody serves it now")
    assert await _site(settings("main", dsn.rpartition("/")[0] + "/nothing")) == [], "said by another finding"
    with pytest.raises(SettingsError):
        settings("Noord")
