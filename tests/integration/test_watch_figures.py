"""What the service looks at for whoever watches it, from a real database and real files."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from dialer.clock import PressedClock
from dialer.config import Settings, load
from dialer.domain.call import CallEvent
from dialer.domain.ids import CampaignId
from dialer.figure_parts import inside
from dialer.jobs import Job, Jobs
from dialer.metrics import Metrics
from dialer.schedule.windows import DEFAULT
from dialer.services.ports.engine import EngineCampaign
from dialer.services.ports.telephony import TelephonyError
from dialer.storage.jobs import PgJobStore
from dialer.storage.pool import open_pool
from dialer.watch import Watch, WatchGauges, certificate_ends, free_shares
from tests.support.certificates import pem
from tests.support.floor import Centre
from tests.support.world import MONDAY, World

MOBILE = "+31612345678"


class Line:
    """The carrier's line, as Asterisk tells of it."""

    def __init__(self) -> None:
        self.state: bool | None = True
        self.clock_apart = 0.7

    def states(self) -> list[tuple[str, str, int]]:
        return [("node1", "up", 3), ("node2", "in doubt", 0)]

    async def trunk_up(self, trunk: str) -> bool:
        assert trunk == "trunk"
        if self.state is None:
            raise TelephonyError("link is down")
        return self.state


class Watched:
    """A watch over a world."""

    def __init__(self, world: World, settings: Settings, spool: Path) -> None:
        self.world = world
        self.metrics = Metrics()
        self.line = Line()
        self.wall = 0.0
        self.watch = Watch(
            WatchGauges(self.metrics.registry),
            settings,
            world.pool,
            cast(Any, SimpleNamespace(nodes={"node1": self.line}, states=self.line.states)),
            now=lambda: world.now,
            wall=lambda: datetime.now(UTC).timestamp() + self.wall,
            spool=spool,
        )

    def figure(self, gauge: str, /, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"dialer_{gauge}", labels)


@pytest.fixture
async def watched(dsn: str, tmp_path: Path) -> AsyncIterator[Watched]:
    pool = await open_pool(dsn, size=2)
    world = World(pool)
    await world.build()
    settings = load({"DIALER_DATABASE_DSN": dsn, "DIALER_KEYS_MASTER": "ab" * 32, "DIALER_ASTERISK_SECRET": "x"})
    yield Watched(world, settings, tmp_path)
    await pool.close()


async def test_residents_whom_nobody_tried_and_whose_term_ends(watched: Watched) -> None:
    world, campaign = watched.world, str(watched.world.campaign)
    await world.add_case(MOBILE, days=1)
    await world.claim_one()
    for number, days in enumerate((1, 1, 20), 1):
        await world.add_case(f"+3161234567{number}", days=days, next_at=MONDAY + timedelta(hours=number - 1))
    await world.add_case("+31612345674", days=1, state="closed")
    assert await watched.watch.look() == 0
    assert watched.figure("terms_near", campaign=campaign, tried="no") == 2
    assert watched.figure("terms_near", campaign=campaign, tried="yes") == 1, "a call that is under way counts"
    assert watched.figure("cases_due", campaign=campaign) == 1
    [attempt] = [row["id"] for row in await world.pool.fetch("select id from attempt")]
    await world.end(attempt, "CONGESTION")
    await watched.watch.look()
    assert watched.figure("terms_near", campaign=campaign, tried="no") == 3, "the carrier's fault is no attempt"
    assert watched.figure("terms_near", campaign=campaign, tried="yes") == 0


async def test_promise_and_forecast_of_reach(watched: Watched) -> None:
    world, campaign = watched.world, str(watched.world.campaign)
    await watched.watch.look()
    assert watched.figure("reach_promised_ratio", campaign=campaign) is None, "nothing was promised"
    await world.pool.execute("""update campaign set settings = '{"promised_reach_percent": 55}'""")
    for day, middle in ((MONDAY, 0.4), (MONDAY + timedelta(days=1), 0.5)):
        report = {"expected": {"end": {"reach": middle, "low": middle - 0.1, "high": middle + 0.1}}}
        await world.pool.execute(
            "insert into reach_report (campaign_id, day, at, report) values ($1, $2, $3, $4::text::jsonb)",
            world.campaign, day.date(), day, json.dumps(report),
        )  # fmt: skip
    await watched.watch.look()
    assert watched.figure("reach_promised_ratio", campaign=campaign) == pytest.approx(0.55)
    found = [watched.figure("reach_forecast_ratio", campaign=campaign, bound=one) for one in ("low", "middle", "high")]
    assert found == pytest.approx([0.4, 0.5, 0.6]), "the newest"


async def test_work_that_failed_and_when_it_last_went_well(watched: Watched) -> None:
    await watched.watch.look()
    assert watched.figure("job_last_success_timestamp_seconds", name="backup") == 0, "never"
    store, outcome = PgJobStore(watched.world.pool), [1]

    async def work() -> int:
        return outcome[0] // outcome[0]

    jobs = Jobs([], store, lambda: MONDAY, our_turn=lambda: True, for_all=lambda: True)
    await jobs._run(Job(name="tallies", every=1.0, work=work))
    outcome[0] = 0
    jobs = Jobs([], store, lambda: MONDAY + timedelta(hours=1), our_turn=lambda: True, for_all=lambda: True)
    await jobs._run(Job(name="tallies", every=1.0, work=work))
    await watched.watch.look()
    assert watched.figure("job_failing", name="tallies") == 1
    assert watched.figure("job_last_success_timestamp_seconds", name="tallies") == MONDAY.timestamp()
    outcome[0] = 1
    await jobs._run(Job(name="tallies", every=1.0, work=work))
    await watched.watch.look()
    assert watched.figure("job_failing", name="tallies") == 0


async def test_how_far_the_databases_clock_is(watched: Watched) -> None:
    await watched.watch.look()
    assert watched.figure("clock_apart_seconds", of="database") == 0, "within what an answer takes"
    assert watched.figure("clock_apart_seconds", of="asterisk") == 0.7
    watched.wall = 90.0
    await watched.watch.look()
    assert watched.figure("clock_apart_seconds", of="database") == pytest.approx(-90, abs=0.5)


async def test_the_carriers_line(watched: Watched) -> None:
    for state, shown in ((True, 1), (False, 0), (None, None)):
        watched.line.state = state
        await watched.watch.look()
        assert watched.figure("trunk_up", trunk="trunk") == shown


async def test_without_the_database_the_rest_is_looked_at(watched: Watched) -> None:
    await watched.world.pool.close()
    assert await watched.watch.look() == 5
    assert watched.figure("trunk_up", trunk="trunk") == 1
    assert watched.figure("disk_free_ratio", folder="spool") is not None


def test_shares_of_disks(tmp_path: Path) -> None:
    found = free_shares({"spool": tmp_path, "journal": tmp_path / "gone"})
    assert list(found) == ["spool"]
    assert 0 < found["spool"] < 1


async def test_the_longest_wait_is_of_who_came_first() -> None:
    centre, metrics = Centre(), Metrics()
    metrics.watch(
        centre.floor,
        centre.journal,
        centre.telephony,
        cast(Any, SimpleNamespace(pacemaker=SimpleNamespace(listen=lambda listener: None), views=list)),
        inside=lambda _campaign: True,
        wall=centre.clock.wall,
    )

    def shown() -> float | None:
        return metrics.registry.get_sample_value("dialer_inbound_longest_wait_seconds")

    assert shown() == 0
    first = centre.caller("17.1")
    centre.clock.pass_time(40)
    centre.caller("17.2")
    centre.clock.pass_time(5)
    assert shown() == 45
    centre.telephony.end(first.call.channel)
    await centre.settle()
    assert shown() == 5
    await centre.close()


def test_when_certificates_end(tmp_path: Path) -> None:
    (tmp_path / "chain.pem").write_bytes(pem(MONDAY + timedelta(days=9), MONDAY))
    (tmp_path / "wrong.pem").write_text("no certificate")
    found = certificate_ends([tmp_path / name for name in ("chain.pem", "wrong.pem", "gone.pem")])
    assert found == {"chain.pem": MONDAY.timestamp(), "wrong.pem": 0.0, "gone.pem": 0.0}


def test_a_dial_outside_the_hours_is_counted() -> None:
    campaign = CampaignId(UUID(int=7))
    known = EngineCampaign(
        campaign=campaign, client=cast(Any, None), state="running", calendar=DEFAULT, caller_id="", sounds=""
    )
    engine = SimpleNamespace(campaign=lambda _campaign: known)
    clock = PressedClock(datetime(2026, 3, 2, 20, 0, 1, tzinfo=UTC), 1.0)
    metrics = Metrics()
    metrics._inside = lambda one: inside(cast(Any, engine), clock, one)
    live: Any = SimpleNamespace(
        call=SimpleNamespace(direction="out", live=True), info=SimpleNamespace(campaign=campaign)
    )

    def counted() -> float | None:
        metrics._call(live, CallEvent.DIALED, 0.0)
        return metrics.registry.get_sample_value("dialer_dials_outside_window_total")

    assert counted() == 0, "it left just before nine in the evening"
    clock.leap(datetime(2026, 3, 2, 20, 0, 4, tzinfo=UTC))
    assert counted() == 1
    clock.leap(datetime(2026, 3, 3, 9, 0, tzinfo=UTC))
    assert counted() == 1


async def test_the_nodes(watched: Watched) -> None:
    await watched.watch.look()
    shown = {
        (node, state): watched.figure("node_state", node=node, state=state)
        for node in ("node1", "node2")
        for state in ("up", "draining", "in doubt", "down")
    }
    assert {key for key, value in shown.items() if value} == {("node1", "up"), ("node2", "in doubt")}
    assert watched.figure("node_channels", node="node1") == 3
