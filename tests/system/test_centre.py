"""The main job on the real parts: a case is claimed, dialled, answered, joined to a person, written down."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from dialer.demo.town_plan import special
from dialer.domain.agent import AgentState, LegState
from dialer.domain.call import CallState
from dialer.storage.pool import open_pool
from tests.support.call_records import OwnCall, own_calls, town_calls
from tests.support.city import CLIENT_NUMBER, TelephoneCity
from tests.support.live_centre import LiveCentre
from tests.support.world import MONDAY

pytestmark = pytest.mark.system


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


async def test_a_resident_is_called_joined_and_written_down(live: LiveCentre) -> None:
    await live.start()
    (user,) = live.world.agents
    case = await live.world.add_case(special("201", 11))
    live.centre.somebody_free()
    await live.until(lambda: live.state(user) is AgentState.WRAP_UP)  # that they talked, the events tell
    row = await live.row(case)
    assert (row["state"], row["live"], row["counted"], row["agent_id"]) == ("ended", False, True, user)
    assert row["wrap_up_open"]
    assert 0 < row["answer_to_agent_ms"] < 100
    kinds = [
        record["kind"]
        for record in await live.pool.fetch(
            "select kind from attempt_event where attempt_id = $1 order by revision", row["id"]
        )
    ]
    assert kinds[0] == "claimed"
    assert kinds[-1] == "ended"
    assert kinds[1:-1] == ["dialed", "rang", "answered", "joined"] or kinds[1:-1][-2:] == ["answered", "joined"]


async def test_a_busy_resident_is_planned_anew_and_the_agent_is_free(live: LiveCentre) -> None:
    await live.start()
    (user,) = live.world.agents
    case = await live.world.add_case(special("486", 12))
    live.centre.somebody_free()
    await live.until_over()
    await live.until(lambda: live.state(user) is AgentState.AVAILABLE)
    row = await live.row(case)
    assert (row["outcome"], row["counted"], row["sip_code"]) == ("BUSY", True, 486)
    next_at = await live.pool.fetchval("select next_at from case_file where id = $1", case)
    assert next_at > MONDAY


async def test_a_full_network_burns_no_attempt(live: LiveCentre) -> None:
    await live.start()
    case = await live.world.add_case(special("503", 13))
    live.centre.somebody_free()
    await live.until_over()
    row = await live.row(case)
    assert (row["outcome"], row["counted"], row["seq"]) == ("CONGESTION", False, None)


async def test_the_agents_phone_dies_in_mid_call_and_another_agent_takes_over(live: LiveCentre) -> None:
    await live.start(agents=2)
    await live.world.add_case(special("200", 14))
    live.centre.somebody_free()
    users = live.world.agents
    await live.until(lambda: any(live.state(user) is AgentState.TALKING for user in users))
    first = next(user for user in users if live.state(user) is AgentState.TALKING)
    second = next(user for user in users if user != first)
    attempt = live.centre.floor.agent(first).attempt
    assert attempt is not None
    phone = live.phones[users.index(first)]
    leg = live.centre.floor.agent(first).leg_channel
    assert leg is not None
    await live.telephony.hang_up(leg)
    phone.stop()
    await live.until(lambda: live.state(second) is AgentState.TALKING)
    assert live.centre.floor.agent(second).attempt == attempt
    assert live.state(first) is AgentState.AVAILABLE
    await live.centre.desk.hang_up(second, attempt)
    assert live.state(second) is AgentState.WRAP_UP
    await live.until(lambda: live.centre.floor.agent(second).leg is LegState.IDLE)


async def test_a_restart_in_mid_call_adopts_the_conversation(live: LiveCentre) -> None:
    await live.start()
    (user,) = live.world.agents
    case = await live.world.add_case(special("200", 15))
    live.centre.somebody_free()
    await live.until(lambda: live.state(user) is AgentState.TALKING)
    await live.centre.journal.settled()
    attempt = live.centre.floor.agent(user).attempt
    assert attempt is not None
    await live.kill()
    await live.resume(owner="another")
    await live.until(lambda: live.centre.floor.busy_with(user) is not None)
    assert live.state(user) is AgentState.TALKING
    assert live.centre.floor.agent(user).attempt == attempt
    await live.centre.desk.hang_up(user, attempt)
    row = await live.row(case)
    assert row["id"] == attempt
    assert row["wrap_up_open"]
    assert await live.pool.fetchval("select count(*) from attempt") == 1, "nobody is called twice"


async def test_a_caller_is_greeted_and_joined_before_any_new_dial(live: LiveCentre) -> None:
    await live.start()
    (user,) = live.world.agents
    async with live.city.town_ami() as town:
        await live.city.call_in(town, "+31600000077", patience=20)
        await live.until(lambda: live.state(user) is AgentState.TALKING)
    await live.centre.journal.settled()
    row = await live.pool.fetchrow("select * from attempt where direction = 'in'")
    assert row is not None
    assert row["agent_id"] == user
    attempt = live.centre.floor.agent(user).attempt
    assert attempt is not None
    await live.centre.desk.hang_up(user, attempt)
    assert live.city.instance.sip_port
    assert CLIENT_NUMBER


async def test_a_stop_ends_all_ringing_within_a_second(live: LiveCentre) -> None:
    """By the clock and the records of the far side: no telephone rings longer than that."""
    began = time.time()
    await live.start(agents=2, times=28)  # all in one claim
    for place in range(28):
        await live.world.add_case(special("180", place))
    live.centre.somebody_free()

    def ringing() -> int:
        calls = town_calls(live.city.town.server.cel, began)
        return len(calls) - sum(call.ended is not None for call in calls)

    in_flight = live.centre.floor.in_flight
    await live.until(lambda: ringing() == 28, 30.0)
    await live.until(
        lambda: all(one.call.state is CallState.RINGING for one in in_flight(live.world.campaign)) and ringing() == 28
    )
    await live.pool.execute("update campaign set state = 'stopped'")
    stopped = time.time()
    await live.centre.engine.campaign_changed(live.world.campaign)
    await live.until(lambda: ringing() == 0)
    ends = [call.ended for call in town_calls(live.city.town.server.cel, began)]
    assert max(end for end in ends if end is not None) - stopped < 1.0
    await live.until(lambda: live.centre.floor.lines() == 0)
    await live.centre.journal.settled()
    assert await live.pool.fetchval("select count(*) from attempt where counted") == 0, "ours, not the residents'"
    live.centre.somebody_free()
    assert live.centre.floor.lines() == 0, "and nothing new rings"


async def test_fifty_answer_at_once_with_five_agents(live: LiveCentre) -> None:
    began = time.time()
    await live.start(agents=5, times=50)  # all in one claim: a pacer that sees too many ring starts no more
    for place in range(50):
        await live.world.add_case(special("200", place))
    live.centre.somebody_free()

    def heard() -> list[OwnCall]:
        calls = own_calls(live.city.server.cel, began).values()
        return [call for call in calls if call.joined is not None or call.message is not None]

    await live.until(lambda: len(heard()) == 50, 30.0)
    served = [call for call in heard() if call.joined is not None]
    told = [call for call in heard() if call.message is not None]
    assert (len(served), len(told)) == (5, 45)
    for call in told:
        assert call.answered is not None
        assert call.message is not None
        assert call.message - call.answered <= 2.0
    assert max(call.answered or 0.0 for call in heard()) - min(call.answered or 0.0 for call in heard()) < 5.0
    await live.until(lambda: sum(live.state(user) is AgentState.TALKING for user in live.world.agents) == 5)
    abandoned = """select count(*) filter (where outcome = 'ABANDONED') from attempt"""
    await live.until(lambda: live.centre.floor.lines() == 5, 30.0)
    await live.centre.journal.settled()
    assert await live.pool.fetchval(abandoned) == 45
