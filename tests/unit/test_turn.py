"""Whose turn it is: taken, kept, doubted after standing still, and lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dialer.domain.errors import UnavailableError
from dialer.services.ports.ledger import Lease
from dialer.services.turn import LEASE_SECONDS, STOOD_STILL, Turn
from tests.support.clock import FakeClock
from tests.support.fake_telephony import FakeTelephony


class Leases:
    """One lease row, as the database keeps it."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.owner, self.epoch = "", 0
        self.until = datetime.fromtimestamp(0, UTC)
        self.away = False

    async def take_lease(self, name: str, owner: str, seconds: float) -> Lease | None:
        if self.away:
            raise UnavailableError("away")
        wall_at = self._clock.wall_utc()
        if self.owner != owner:
            if wall_at < self.until:
                return None
            self.owner, self.epoch = owner, self.epoch + 1
        self.until = wall_at + timedelta(seconds=seconds)
        return Lease(name=name, owner=owner, epoch=self.epoch, expires_at=self.until)

    async def drop_lease(self, name: str, owner: str) -> None:
        if self.owner == owner:
            self.owner, self.until = "", datetime.fromtimestamp(0, UTC)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 6, 1, 8, 0, tzinfo=UTC))


@pytest.fixture
def leases(clock: FakeClock) -> Leases:
    return Leases(clock)


@pytest.fixture
def telephony() -> FakeTelephony:
    telephony = FakeTelephony()
    telephony.connect()
    return telephony


def turn(leases: Leases, clock: FakeClock, owner: str = "a") -> Turn:
    return Turn(leases, clock, owner)  # type: ignore[arg-type]  # it uses two methods of the ledger


async def test_one_has_it_and_the_other_stands_by(leases: Leases, clock: FakeClock, telephony: FakeTelephony) -> None:
    first, second = turn(leases, clock), turn(leases, clock, "b")
    assert not first.sure()
    await first.keep(telephony)
    await second.keep(telephony)
    assert (first.sure(), second.sure()) == (True, False)
    assert not second.lost.is_set(), "who never had it has lost nothing"
    await first.drop()
    assert not first.sure()
    await second.keep(telephony)
    assert second.sure()


async def test_who_stood_still_asks_before_acting(leases: Leases, clock: FakeClock, telephony: FakeTelephony) -> None:
    mine = turn(leases, clock)
    await mine.keep(telephony)
    clock.pass_time(STOOD_STILL)
    assert mine.sure(), "a moment is nothing"
    mine.beat()
    clock.pass_time(STOOD_STILL + 0.1)
    assert not mine.sure()
    mine.beat()
    assert not mine.sure(), "running again is no proof"
    await mine.keep(telephony)
    assert mine.sure()


async def test_an_answer_that_was_slept_over_proves_nothing(
    leases: Leases, clock: FakeClock, telephony: FakeTelephony, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = turn(leases, clock)
    await mine.keep(telephony)
    renew = leases.take_lease

    async def slept_over(name: str, owner: str, seconds: float) -> Lease | None:
        lease = await renew(name, owner, seconds)
        clock.pass_time(LEASE_SECONDS + 1)
        return lease

    monkeypatch.setattr(leases, "take_lease", slept_over)
    await mine.keep(telephony)
    assert not mine.sure()
    assert mine.doubts == 1
    monkeypatch.setattr(leases, "take_lease", renew)
    await mine.keep(telephony)
    assert mine.sure()


async def test_who_wakes_up_after_a_take_over_has_lost(
    leases: Leases, clock: FakeClock, telephony: FakeTelephony
) -> None:
    first, second = turn(leases, clock), turn(leases, clock, "b")
    await first.keep(telephony)
    clock.pass_time(LEASE_SECONDS)
    await second.keep(telephony)
    assert second.sure()
    assert not first.sure(), "before it has asked anybody"
    await first.keep(telephony)
    assert first.lost.is_set()
    assert not first.sure()


async def test_a_turn_that_went_and_came_back_is_lost_all_the_same(
    leases: Leases, clock: FakeClock, telephony: FakeTelephony
) -> None:
    first, second = turn(leases, clock), turn(leases, clock, "b")
    await first.keep(telephony)
    clock.pass_time(LEASE_SECONDS)
    await second.keep(telephony)
    await second.drop()
    await first.keep(telephony)
    assert first.lost.is_set(), "what the other did in between is not known here"


async def test_the_database_away_loses_nothing_by_itself(
    leases: Leases, clock: FakeClock, telephony: FakeTelephony
) -> None:
    mine = turn(leases, clock)
    await mine.keep(telephony)
    await mine.mark(telephony)
    leases.away = True
    for _ in range(30):
        clock.pass_time(1.0)
        mine.beat()
        with pytest.raises(UnavailableError):
            await mine.keep(telephony)
    assert mine.sure()


@pytest.mark.parametrize(("marked", "lost"), [("b", True), ("a", False), ("", False)])
async def test_cut_off_from_the_database_the_mark_in_asterisk_decides(
    leases: Leases, clock: FakeClock, telephony: FakeTelephony, marked: str, lost: bool
) -> None:
    mine = turn(leases, clock)
    await mine.keep(telephony)
    leases.away = True
    telephony.marked = marked
    clock.pass_time(1.0)
    with pytest.raises(UnavailableError):
        await mine.keep(telephony)
    assert not mine.lost.is_set(), "nobody can have taken over yet"
    clock.pass_time(LEASE_SECONDS)
    with pytest.raises(UnavailableError):
        await mine.keep(telephony)
    assert mine.lost.is_set() is lost


async def test_without_database_and_telephone_system_it_waits(
    leases: Leases, clock: FakeClock, telephony: FakeTelephony
) -> None:
    mine = turn(leases, clock)
    await mine.keep(telephony)
    leases.away = True
    telephony.disconnect()
    clock.pass_time(LEASE_SECONDS + 1)
    with pytest.raises(UnavailableError):
        await mine.keep(telephony)
    assert not mine.lost.is_set()


async def test_who_is_cut_off_from_the_database_never_wipes_out_anothers_mark(
    leases: Leases, clock: FakeClock, telephony: FakeTelephony
) -> None:
    first, second = turn(leases, clock), turn(leases, clock, "b")
    await first.keep(telephony)
    await first.mark(telephony)
    clock.pass_time(LEASE_SECONDS + 0.1)
    first.beat()
    await first.mark(telephony)  # nobody else has: it goes on
    assert telephony.marked == "a"
    await second.keep(telephony)
    await second.mark(telephony)
    with pytest.raises(UnavailableError):
        await first.mark(telephony)  # its link comes up again, after the new owner has ended its session
    assert telephony.marked == "b"
    assert first.lost.is_set()
    assert not second.lost.is_set()
