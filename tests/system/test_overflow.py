"""Another team's queue hands us its calls: a real Asterisk, a real phone as agent, SIPp as the other queue."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from dialer.asterisk.sounds import SoundMaker, overflow
from dialer.clock import SystemIds
from dialer.demo.speech import voice
from dialer.domain.agent import AgentState
from dialer.domain.call import CallState, Direction
from dialer.storage.pool import open_pool
from tests.support.city import CLIENT, TelephoneCity
from tests.support.live_centre import LiveCentre
from tests.support.other_queue import OtherQueue
from tests.support.world import MONDAY

pytestmark = pytest.mark.system

LINE, BACK = "+31790000501", "+31790000502"
ALWAYS = json.dumps([[["00:00", "23:59"]]] * 7)


@pytest.fixture
async def live(telephone_city: TelephoneCity, dsn: str) -> AsyncIterator[LiveCentre]:
    speak, convert = voice(telephone_city.root)
    SoundMaker(telephone_city.sounds, speak, convert).make(overflow(CLIENT, LINE, "het Loket"))
    pool = await open_pool(dsn)
    centre = LiveCentre(telephone_city, pool, MONDAY)
    yield centre
    await centre.stop()
    await pool.close()


@pytest.fixture
def queue(telephone_city: TelephoneCity, tmp_path: Path) -> OtherQueue:
    return OtherQueue(telephone_city, tmp_path / "queue")


async def lend(live: LiveCentre, **more: object) -> None:
    """The line, once the campaign is there."""
    values = {"most_waiting": 3, "most_seconds": 120, "hours": ALWAYS} | more
    await live.pool.execute(
        "insert into overflow_line (id, client_id, campaign_id, number, team, opening, back_number, hours,"
        " most_waiting, most_seconds)"
        " values ($1, $2, $3, $4, 'het Loket', 'U neemt op voor het Loket.', $5, $6::text::jsonb, $7, $8)",
        SystemIds().new(), live.world.client, live.world.campaign, LINE, BACK, values["hours"], values["most_waiting"],
        values["most_seconds"],
    )  # fmt: skip
    await live.centre.engine.refresh()
    await live.centre.takeover.numbers.tend()


async def ended_row(live: LiveCentre) -> asyncpg.Record:
    """Once we know of the end as well as the other queue does."""
    await live.until(lambda: not list(live.centre.floor.calls()))
    return await row(live)


async def row(live: LiveCentre) -> asyncpg.Record:
    await live.centre.journal.settled()
    found = await live.pool.fetchrow("select * from attempt where direction = 'overflow' order by claimed_at desc")
    assert found is not None
    return found


async def test_it_is_taken_by_an_agent_and_nothing_of_the_caller_is_kept(live: LiveCentre, queue: OtherQueue) -> None:
    await live.start(agents=1)
    await lend(live)
    user = live.world.agents[0]
    queue.hand_over(LINE)
    await live.until(lambda: live.state(user) is AgentState.TALKING, 30)
    call = next(one for one in live.centre.floor.calls() if one.call.direction is Direction.OVERFLOW)
    assert call.info.borrowed is not None
    assert call.info.borrowed.line.team == "het Loket"
    await live.centre.desk.hang_up(user, call.call.attempt)
    done = await queue.over()
    assert (done.ended, done.back_to) == (True, "")
    kept = await ended_row(live)
    assert (kept["number_key"], kept["phone_id"], kept["case_id"]) == (None, None, None)
    assert kept["joined_at"] is not None
    assert kept["wrap_up_open"]
    assert live.callbacks.opened == [], "it is nobody whom we call back"


async def test_nobody_on_duty_it_goes_back_at_once(live: LiveCentre, queue: OtherQueue) -> None:
    await live.start(agents=0)
    await lend(live)
    queue.hand_over(LINE)
    done = await queue.over()
    assert (done.ended, done.back_to) == (True, BACK)
    kept = await ended_row(live)
    assert (kept["machine_result"], kept["lost_ms"], kept["joined_at"]) == ("GIVEN_BACK", None, None)
    events = await live.pool.fetch(
        "select kind, data::text as data from attempt_event where attempt_id = $1", kept["id"]
    )
    told = [json.loads(one["data"]) for one in events if one["kind"] == "given_back"]
    assert told == [{"taken": True}]


@pytest.mark.nightly
async def test_who_has_waited_long_enough_goes_back(
    live: LiveCentre, queue: OtherQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live.start(agents=1)
    await lend(live, most_seconds=10)
    user = live.world.agents[0]
    await live.centre.desk.pause(user, "")
    monkeypatch.setattr(live.centre.engine, "staffed", lambda campaign: 1)  # somebody works, and is never free
    queue.hand_over(LINE)
    done = await queue.over()
    assert (done.ended, done.back_to) == (True, BACK)
    kept = await ended_row(live)
    assert kept["machine_result"] == "GIVEN_BACK"
    assert 9_500 <= kept["lost_ms"] < 40_000


@pytest.mark.nightly
async def test_a_transfer_that_is_refused_is_counted_and_the_caller_hears_it(
    live: LiveCentre, queue: OtherQueue
) -> None:
    await live.start(agents=0)
    await lend(live)
    queue.hand_over(LINE, refer_status="603 Declined")
    done = await queue.over()
    assert (done.ended, done.back_to) == (True, BACK)
    await live.until(lambda: live.centre.inbound.overflow.not_given_back == 1)


async def test_the_dialer_is_dead_and_it_goes_back_all_the_same(live: LiveCentre, queue: OtherQueue) -> None:
    await live.start(agents=1)
    await lend(live)
    await live.kill()
    queue.hand_over(LINE)
    done = await queue.over()
    assert (done.ended, done.back_to) == (True, BACK)
    await live.resume()


async def test_a_dialer_that_dies_in_mid_call_finds_it_again(live: LiveCentre, queue: OtherQueue) -> None:
    await live.start(agents=1)
    await lend(live)
    user = live.world.agents[0]
    queue.hand_over(LINE)
    await live.until(lambda: live.state(user) is AgentState.TALKING, 30)
    before = (await row(live))["id"]
    await live.kill()
    await live.resume()
    await live.until(lambda: live.state(user) is AgentState.TALKING, 30)
    call = live.centre.floor.call(before)
    assert call.call.state is CallState.JOINED
    assert call.info.borrowed is not None
    assert call.info.borrowed.line.team == "het Loket"
    await live.centre.desk.hang_up(user, before)
    assert (await queue.over()).ended
