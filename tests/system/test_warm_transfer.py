"""Transfers on the real parts: what is bridged, what the ledger says, and what a killed process leaves."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest

from dialer.demo.town_plan import special
from dialer.domain.agent import AgentState
from dialer.domain.call import CallState
from dialer.domain.ids import AttemptId, ChannelId, UserId
from dialer.domain.transfer import TargetKind, TransferEvent, Way
from dialer.domain.transfer_target import TransferTarget
from dialer.services.ports.telephony import ChannelFact, ChannelKind
from dialer.storage.pool import open_pool
from dialer.storage.transfer_targets import PgTransferTargets
from tests.support.city import TelephoneCity
from tests.support.live_centre import LiveCentre
from tests.support.raw_ami import RawAmi, stamp
from tests.support.world import MONDAY

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

ALWAYS = [[("00:00", "23:59")]] * 7


@pytest.fixture
async def live(telephone_city: TelephoneCity, dsn: str) -> AsyncIterator[LiveCentre]:
    pool = await open_pool(dsn)
    centre = LiveCentre(telephone_city, pool, MONDAY)
    yield centre
    await centre.stop()
    await pool.close()
    assert centre.centre.floor.illegal == 0
    assert centre.centre.journal.rejected == 0
    assert centre.centre.tasks.failed == 0


async def target(live: LiveCentre, number: str) -> uuid.UUID:
    row = TransferTarget(
        id=uuid.uuid4(), client=live.world.client, kind=TargetKind.DESK, name="Loket", number=number, hours=ALWAYS
    )
    await PgTransferTargets(live.pool).add(row)
    return row.id


async def talking(live: LiveCentre, number: str) -> tuple[UserId, AttemptId]:
    await live.start()
    (user,) = live.world.agents
    await live.world.add_case(number)
    live.centre.somebody_free()
    await live.until(lambda: live.state(user) is AgentState.TALKING, 30)
    attempt = live.centre.floor.agent(user).attempt
    assert attempt is not None
    return user, attempt


async def asking(live: LiveCentre, number: str, desk: str) -> tuple[UserId, AttemptId]:
    user, attempt = await talking(live, number)
    await live.centre.transfers.start(user, attempt, Way.WARM, target=await target(live, desk), colleague=None)
    await live.until(lambda: state(live, user) == "asking", 30)
    return user, attempt


def state(live: LiveCentre, user: UserId) -> str:
    view = live.centre.transfers.view_of(user)
    return "" if view is None else view.state


def call_state(live: LiveCentre, attempt: AttemptId) -> CallState | None:
    found = live.centre.floor.live(attempt)
    return None if found is None else found.call.state


async def fact_of(live: LiveCentre, attempt: AttemptId) -> ChannelFact:
    return {fact.channel: fact for fact in await live.telephony.channels()}[ChannelId(str(attempt))]


def silences(town: RawAmi, channel: str) -> list[float]:
    """How long the resident heard nothing, each time, by the town's own ear."""
    stops = [stamp(event) for event in town.all_of("ChannelTalkingStop", Uniqueid=channel)]
    starts = [stamp(event) for event in town.all_of("ChannelTalkingStart", Uniqueid=channel)]
    return [min((at for at in starts if at > stop), default=float("inf")) - stop for stop in stops]


async def test_warm_the_resident_hears_something_all_the_time_and_the_agent_files_at_once(live: LiveCentre) -> None:
    number, desk = special("202", 81), special("200", 82)
    async with live.city.town_ami() as town:
        user, attempt = await talking(live, number)
        there = (await town.wait_for("Newchannel", Exten=number))["Uniqueid"]
        await town.wait_for("ChannelTalkingStart", Uniqueid=there)
        begun = len(silences(town, there))
        row = await target(live, desk)
        await live.centre.transfers.start(user, attempt, Way.WARM, target=row, colleague=None)
        await live.until(lambda: state(live, user) == "asking", 30)
        assert call_state(live, attempt) is CallState.HELD
        await live.centre.transfers.step(user, attempt, TransferEvent.GATHER)
        await live.until(lambda: state(live, user) == "together", 30)
        await live.centre.transfers.step(user, attempt, TransferEvent.LEAVE)
        await live.until(lambda: call_state(live, attempt) is CallState.HANDED, 30)
        fact = await fact_of(live, attempt)
        assert fact.target is not None
        assert live.state(user) is AgentState.WRAP_UP
        await live.centre.journal.settled()
        stored = await live.pool.fetchrow(
            "select state, live, agent_id, wrap_up_open from attempt where id = $1", attempt
        )
        assert tuple(stored or ()) == ("handed", True, user, True)
        shown = await town.wait_for("Newchannel", Exten=desk)
        assert shown["CallerIDNum"] == "+31790000001", "the municipality's number is all that the desk is told"
        # The desk's voice in the town pauses between its sentences; what is asked here is the way to it.
        found = silences(town, there)[begun:]
        assert all(gap < 3.0 for gap in found if gap != float("inf")), found
        await live.telephony.hang_up(fact.target)  # the desk says goodbye
        await live.until(lambda: call_state(live, attempt) is None, 30)
        await live.centre.journal.settled()
        stored = await live.pool.fetchrow("select live, agent_id, wrap_up_open from attempt where id = $1", attempt)
        assert tuple(stored or ()) == (False, user, True)
    await live.until(lambda: not live.centre.tasks.running)
    actions = [row["action"] for row in await live.pool.fetch("select action from audit_event order by at, id")]
    assert actions == ["transfer.start", "transfer.end"]


async def test_blind_to_a_busy_desk_and_the_resident_is_back(live: LiveCentre) -> None:
    user, attempt = await talking(live, special("202", 83))
    row = await target(live, special("486", 84))
    await live.centre.transfers.start(user, attempt, Way.BLIND, target=row, colleague=None)
    await live.until(lambda: state(live, user) == "over", 30)
    await live.until(lambda: call_state(live, attempt) is CallState.JOINED, 30)
    assert live.state(user) is AgentState.TALKING
    view = live.centre.transfers.view_of(user)
    assert view is not None
    assert view.why == "not_reached"
    assert (await fact_of(live, attempt)).talking_to == live.centre.floor.agent(user).leg_channel


@pytest.mark.nightly
async def test_killed_while_the_agent_asks_and_the_next_process_gives_him_the_resident_back(live: LiveCentre) -> None:
    user, attempt = await asking(live, special("202", 85), special("200", 86))
    await live.kill()
    await live.resume(owner="next")
    await live.until(lambda: call_state(live, attempt) is CallState.JOINED, 40)
    assert live.centre.floor.call(attempt).call.agent == user
    assert live.state(user) is AgentState.TALKING
    left = [fact for fact in await live.telephony.channels() if fact.kind is ChannelKind.TARGET]
    assert left == []


async def test_killed_after_it_was_given_and_the_two_talk_on(live: LiveCentre) -> None:
    user, attempt = await asking(live, special("202", 87), special("200", 88))
    await live.centre.transfers.step(user, attempt, TransferEvent.LEAVE)
    await live.until(lambda: call_state(live, attempt) is CallState.HANDED, 30)
    await live.centre.journal.settled()
    before = await fact_of(live, attempt)
    await live.kill()
    await live.resume(owner="next")
    await live.until(lambda: call_state(live, attempt) is CallState.HANDED, 40)
    assert (await fact_of(live, attempt)).target == before.target
    assert live.state(user) is AgentState.WRAP_UP
    assert before.target is not None
    await live.telephony.hang_up(before.target)
    await live.until(lambda: call_state(live, attempt) is None, 40)


async def test_the_desks_line_dies_and_the_resident_is_with_a_person_again(live: LiveCentre) -> None:
    user, attempt = await asking(live, special("202", 89), special("200", 90))
    await live.centre.transfers.step(user, attempt, TransferEvent.GATHER)
    await live.until(lambda: state(live, user) == "together", 30)
    target_channel = (await fact_of(live, attempt)).target
    assert target_channel is not None
    await live.telephony.hang_up(target_channel, 38)
    await live.until(lambda: state(live, user) == "over", 30)
    assert call_state(live, attempt) is CallState.JOINED
    assert (await fact_of(live, attempt)).talking_to == live.centre.floor.agent(user).leg_channel
