"""The agent's desk over a real ledger: what is filed, what is taken back, what comes back after a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from dialer.domain.agent import AgentEvent, AgentState
from dialer.domain.devices import OwnPhones, own_device
from dialer.domain.errors import ConflictError, NotNowError
from dialer.domain.ids import AttemptId, UserId
from dialer.schedule.rotation import Rotation
from dialer.security.vault import MasterVault
from dialer.services.desk import AgentDesk
from dialer.services.outcomes import UNDO_WITHIN, OutcomeService
from dialer.services.ports.desk import Filing
from dialer.services.ports.ledger import CallFact
from dialer.storage.duty import PgDutyStore
from dialer.storage.filings import PostgresOutcomes
from dialer.storage.pool import open_pool
from tests.support.floor import Centre
from tests.support.world import World, WorldClock

NUMBERS = ("+31600000001", "+31600000002")


class Day:
    """An agent on duty, calls by hand."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.user: UserId = world.agents[0]
        self.centre = Centre()
        self.outcomes = OutcomeService(
            PostgresOutcomes(world.pool, world.ids, world.catalogues, Rotation()),
            world.catalogues,
            MasterVault(b"k" * 32),
            WorldClock(world),
        )
        self.desk = self.begin()

    def begin(self, phones: OwnPhones = "udp") -> AgentDesk:
        """A desk that knows nothing yet."""
        return AgentDesk(
            self.centre.floor,
            self.centre.telephony,
            self.centre.legs,
            self.centre.journal,
            PgDutyStore(self.world.pool),
            self.outcomes,
            WorldClock(self.world),
            sip_domain="127.0.0.1",
            sip_port=5060,
            phones=phones,
            campaigns=list,
            on_free=lambda: None,
        )

    async def talked(self) -> AttemptId:
        """A conversation that has ended; its wrap-up is open."""
        floor, at = self.centre.floor, self.centre.clock.wall()
        claim = await self.world.claim_one(at=self.world.now)
        floor.act(self.user, AgentEvent.RESERVE, at, attempt=claim.attempt)
        floor.act(self.user, AgentEvent.JOINED, at, attempt=claim.attempt)
        self.world.now += timedelta(minutes=4)
        await self.world.end(claim.attempt, None, at=self.world.now, agent=self.user, wrap_up=True)
        floor.act(self.user, AgentEvent.CALL_OVER, at)
        return claim.attempt

    async def file(self, attempt: AttemptId) -> None:
        await self.desk.file(self.user, attempt, Filing(outcome="THIRD_PARTY"))

    @property
    def state(self) -> AgentState:
        return self.centre.floor.agent(self.user).state


@pytest.fixture
async def day(dsn: str) -> AsyncIterator[Day]:
    pool = await open_pool(dsn, size=6)
    try:
        day = Day(await World(pool).build())
        for number in NUMBERS:
            await day.world.add_case(number)
        await day.desk.on_duty(day.user)
        yield day
        await day.centre.close()
    finally:
        await pool.close()


async def test_a_filing_taken_back_opens_its_wrap_up_again(day: Day) -> None:
    attempt = await day.talked()
    (listed,) = day.desk.agent(day.user).wrap_ups
    assert (listed.attempt, listed.ended_at) == (attempt, day.world.now)
    await day.file(attempt)
    assert day.state is AgentState.AVAILABLE
    assert day.desk.agent(day.user).wrap_ups == ()
    view = await day.desk.undo(day.user, attempt)
    assert (view.state, view.attempt) == ("wrap_up", attempt)
    (listed,) = view.wrap_ups
    assert (listed.attempt, listed.ended_at, listed.direction) == (attempt, day.world.now, "out")
    await day.file(attempt)
    assert day.state is AgentState.AVAILABLE


async def test_in_a_call_the_wrap_up_comes_after_it(day: Day) -> None:
    first = await day.talked()
    await day.file(first)
    claim = await day.world.claim_one(at=day.world.now)
    at = day.centre.clock.wall()
    day.centre.floor.act(day.user, AgentEvent.RESERVE, at, attempt=claim.attempt)
    day.centre.floor.act(day.user, AgentEvent.JOINED, at, attempt=claim.attempt)
    view = await day.desk.undo(day.user, first)
    assert (view.state, view.attempt) == ("talking", claim.attempt)
    assert [one.attempt for one in view.wrap_ups] == [first]
    await day.world.end(claim.attempt, None, at=day.world.now, agent=day.user, wrap_up=True)
    day.centre.floor.act(day.user, AgentEvent.CALL_OVER, at)
    await day.file(claim.attempt)
    assert (day.state, day.desk.agent(day.user).attempt) == (AgentState.WRAP_UP, first)


async def test_what_may_not_be_taken_back_changes_nothing(day: Day) -> None:
    attempt = await day.talked()
    await day.file(attempt)
    day.world.now += UNDO_WITHIN + timedelta(seconds=1)
    with pytest.raises(ConflictError):
        await day.desk.undo(day.user, attempt)
    assert day.state is AgentState.AVAILABLE
    assert day.desk.agent(day.user).wrap_ups == ()


async def test_a_new_desk_finds_unfinished_wrap_ups(day: Day) -> None:
    attempt = await day.talked()
    fresh = day.begin()
    fresh.remember(await PgDutyStore(day.world.pool).find(day.user))
    (listed,) = fresh.agent(day.user).wrap_ups
    assert (listed.attempt, listed.ended_at, listed.direction, listed.outcome) == (attempt, day.world.now, "out", "")


async def test_after_a_crisis_no_call_comes_until_the_agent_is_ready_and_supervisors_see_that_he_asks(day: Day) -> None:
    attempt = await day.talked()
    day.desk.remember(await PgDutyStore(day.world.pool).find(day.user))
    await day.desk.file(day.user, attempt, Filing(outcome="THIRD_PARTY", flags=("CRISIS",)))
    view = day.desk.agent(day.user)
    assert (view.state, view.reason, view.help_since) == ("paused", "crisis", None)
    assert not day.centre.floor.free_agents()
    assert (await day.desk.ask_help(day.user)).help_since is not None
    asked = day.desk.floor().agents
    assert [one.help_since is not None for one in asked if one.user == day.user] == [True]
    view = await day.desk.resume(day.user)
    assert (view.state, view.help_since) == ("available", None)


async def test_who_wanted_to_go_home_goes_after_a_crisis(day: Day) -> None:
    attempt = await day.talked()
    await day.desk.off_duty(day.user)
    await day.desk.file(day.user, attempt, Filing(outcome="THIRD_PARTY", flags=("CRISIS",)))
    assert day.state is AgentState.OFF
    with pytest.raises(ConflictError):
        await day.desk.ask_help(day.user)


async def test_who_gave_the_call_to_somebody_outside_files_while_they_talk(day: Day) -> None:
    """The resident still speaks with the desk: the outcome stands, and the end of the call opens no second wrap-up."""
    floor, at = day.centre.floor, day.centre.clock.wall()
    claim = await day.world.claim_one(at=day.world.now)
    floor.act(day.user, AgentEvent.RESERVE, at, attempt=claim.attempt)
    floor.act(day.user, AgentEvent.JOINED, at, attempt=claim.attempt)
    for number, kind in enumerate(("joined", "handed")):
        moment = day.world.now + timedelta(seconds=number)
        fact = CallFact(
            attempt=claim.attempt, kind=kind, at=moment, wall_at=moment, actor="asterisk", state=kind, agent=day.user
        )
        await day.world.ledger.append([fact])
    floor.act(day.user, AgentEvent.CALL_OVER, at)
    row = await day.world.pool.fetchrow("select state, live, wrap_up_open from attempt where id = $1", claim.attempt)
    assert tuple(row or ()) == ("handed", True, True)
    await day.file(claim.attempt)
    assert day.state is AgentState.AVAILABLE
    await day.world.end(claim.attempt, None, at=day.world.now, agent=day.user, wrap_up=True)
    row = await day.world.pool.fetchrow("select live, wrap_up_open, outcome from attempt where id = $1", claim.attempt)
    assert tuple(row or ()) == (False, False, "THIRD_PARTY")


async def test_an_own_phone_gets_an_account_where_there_are_own_phones(day: Day) -> None:
    plain, safe = await day.desk.device(day.user), await day.begin("tls").device(day.user)
    assert (plain.transport, safe.transport) == ("udp", "tls")
    assert day.centre.telephony.devices == {own_device(day.user): safe.secret}
    with pytest.raises(NotNowError, match="no-own-phones"):
        await day.begin("none").device(day.user)
    assert day.centre.telephony.devices == {own_device(day.user): safe.secret}
