"""Names of sites, and whose the work is that all of them have once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from dialer.domain.errors import InvalidError, UnavailableError
from dialer.domain.sites import check_site, site_of, turn_name
from dialer.services.chores import NAME, Chores
from dialer.services.turn import LEASE_SECONDS
from tests.support.clock import FakeClock
from tests.unit.test_turn import Leases


@pytest.mark.parametrize("name", ["main", "n", "noord-2", "a" * 31])
def test_names(name: str) -> None:
    assert check_site(name) == name


@pytest.mark.parametrize("name", ["", "Noord", "2", "-a", "a b", "a\n", "a" * 32])
def test_no_names(name: str) -> None:
    with pytest.raises(InvalidError):
        check_site(name)


def test_each_site_has_a_turn_of_its_own_and_mains_is_the_one_that_was() -> None:
    assert turn_name("main") == "centre"
    assert turn_name("noord") == "centre:noord"
    assert [site_of(turn_name(site)) for site in ("main", "noord")] == ["main", "noord"]


class Process:
    def __init__(self, leases: Leases, clock: FakeClock, owner: str) -> None:
        self.turn = True
        self.chores = Chores(leases, clock, owner, lambda: self.turn)  # type: ignore[arg-type]  # it uses two methods of the ledger


async def test_one_of_two_sites_does_the_chores_and_the_other_when_it_is_gone() -> None:
    clock = FakeClock(datetime(2026, 6, 1, 8, 0, tzinfo=UTC))
    leases = Leases(clock)
    first, second = Process(leases, clock, "a"), Process(leases, clock, "b")
    for one in (first, second):
        await one.chores.keep()
    assert (first.chores.ours(), second.chores.ours()) == (True, False)
    first.turn = False  # it stands by, or stood still
    assert not first.chores.ours()
    clock.pass_time(LEASE_SECONDS)
    await first.chores.keep()
    await second.chores.keep()
    assert second.chores.ours()
    first.turn = True
    await first.chores.keep()
    assert not first.chores.ours(), "never two"
    await second.chores.drop()
    await first.chores.keep()
    assert (first.chores.ours(), second.chores.ours()) == (True, False)


async def test_who_cannot_renew_stops_before_another_begins() -> None:
    clock = FakeClock(datetime(2026, 6, 1, 8, 0, tzinfo=UTC))
    leases = Leases(clock)
    one = Process(leases, clock, "a")
    await one.chores.keep()
    leases.away = True
    with pytest.raises(UnavailableError):
        await one.chores.keep()
    assert one.chores.ours()
    clock.pass_time(LEASE_SECONDS)
    assert not one.chores.ours()
    assert leases.until <= clock.wall_utc()


async def test_it_is_kept_while_the_process_runs_whatever_the_database_does() -> None:
    clock = FakeClock(datetime(2026, 6, 1, 8, 0, tzinfo=UTC))
    leases = Leases(clock)
    one = Process(leases, clock, "a")
    leases.away = True
    kept = asyncio.create_task(one.chores.run())
    await asyncio.sleep(0)
    assert not one.chores.ours()
    leases.away = False
    async with asyncio.timeout(30):
        while not one.chores.ours():  # noqa: ASYNC110 - the task runs on; this only looks
            await asyncio.sleep(0.01)
    kept.cancel()
    await asyncio.gather(kept, return_exceptions=True)
    assert leases.owner == "a"
    assert turn_name("main") != NAME
