"""The survey on the real parts: keys over RTP, what is kept when somebody hangs up or our process dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from dialer.demo.town_plan import special
from dialer.domain.agent import AgentState
from dialer.domain.call import CallState
from dialer.domain.ids import AttemptId, UserId
from dialer.services.ports.desk import Filing
from dialer.storage.pool import open_pool
from tests.support.city import TelephoneCity
from tests.support.live_centre import LiveCentre
from tests.support.raw_ami import RawAmi
from tests.support.world import MONDAY

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]


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


async def talking(live: LiveCentre, town: RawAmi, number: str) -> tuple[UserId, AttemptId, str]:
    """In conversation with a resident who has said who he is; the town's name of his channel too."""
    await live.start()
    await live.pool.execute("update campaign set settings = '{\"survey_percent\": 100}'")
    await live.centre.engine.refresh()
    (user,) = live.world.agents
    await live.world.add_case(number)
    attempt, channel = await connected(live, town, user, number)
    return user, attempt, channel


async def connected(live: LiveCentre, town: RawAmi, user: UserId, number: str) -> tuple[AttemptId, str]:
    live.centre.somebody_free()
    await live.until(lambda: live.state(user) is AgentState.TALKING, 30)
    attempt = live.centre.floor.agent(user).attempt
    assert attempt is not None
    await live.pool.execute("update attempt set verified = true where id = $1", attempt)
    there = await town.wait_for("Newchannel", Exten=number)
    return attempt, there["Channel"]


async def press(town: RawAmi, channel: str, keys: str) -> None:
    for key in keys:
        answer = await town.action("PlayDTMF", Channel=channel, Digit=key, Duration="200")
        assert answer["Response"] == "Success", answer


async def kept(live: LiveCentre, attempt: AttemptId) -> str:
    return {left.attempt: left.kept for left in await live.telephony.collect_surveys()}.get(attempt, "")


async def until_kept(live: LiveCentre, attempt: AttemptId, wanted: str) -> None:
    """Each answer stands in Asterisk's own database before the next question is asked."""
    async with asyncio.timeout(60):
        while await kept(live, attempt) != wanted:  # noqa: ASYNC110 - the telephone system tells of no key
            await asyncio.sleep(0.05)


async def stored(live: LiveCentre, attempt: AttemptId) -> asyncpg.Record:
    await live.centre.journal.settled()
    await live.centre.surveys.collect()
    row = await live.pool.fetchrow("select * from survey where attempt_id = $1", attempt)
    assert row is not None
    return row


def in_survey(live: LiveCentre, attempt: AttemptId) -> bool:
    found = live.centre.floor.live(attempt)
    return found is not None and found.call.state is CallState.SURVEY


async def over(live: LiveCentre, attempt: AttemptId) -> None:
    await live.until(lambda: live.centre.floor.live(attempt) is None, 40)


async def test_two_keys_while_the_agent_files_and_has_his_next_call(live: LiveCentre) -> None:
    async with live.city.town_ami() as town:
        user, attempt, channel = await talking(live, town, special("200", 91))
        await live.centre.desk.hang_up(user, attempt)
        assert in_survey(live, attempt)
        assert live.state(user) is AgentState.WRAP_UP, "his wrap-up waits for nobody"
        await live.centre.journal.settled()
        row = await live.pool.fetchrow("select state, live, wrap_up_open from attempt where id = $1", attempt)
        assert tuple(row or ()) == ("survey", True, True)
        assert await live.centre.desk.hang_up(user, attempt), "pressed twice is no fault"
        await live.centre.desk.file(user, attempt, Filing(outcome="NO_HELP"))
        await live.until(lambda: live.centre.floor.agent(user).free)
        other = special("200", 92)
        await live.world.add_case(other)
        second, _ = await connected(live, town, user, other)
        assert second != attempt
        assert in_survey(live, attempt), "the first resident is still asked"
        await press(town, channel, "4")
        await until_kept(live, attempt, "4**")
        await press(town, channel, "10")
        await over(live, attempt)
        row = await stored(live, attempt)
        assert (row["kto"], row["nps"], row["over_at"] is not None) == (4, 10, True)
        assert await kept(live, attempt) == "", "what is committed is not kept twice"
        talked = await live.pool.fetchval("select talk_ms from attempt where id = $1", attempt)
        assert talked < 15_000, "the survey is no conversation"


async def test_who_hangs_up_in_between_has_said_enough(live: LiveCentre) -> None:
    async with live.city.town_ami() as town:
        user, attempt, channel = await talking(live, town, special("200", 93))
        await live.centre.desk.hang_up(user, attempt)
        await press(town, channel, "7")
        await press(town, channel, "2")
        await until_kept(live, attempt, "2**")
        await town.action("Hangup", Channel=channel, Cause="16")
        await over(live, attempt)
        row = await stored(live, attempt)
        assert (row["kto"], row["nps"]) == (2, None)
        stood = await live.pool.fetchrow(
            "select live, wrap_up_open, abandoned, machine_result from attempt where id = $1", attempt
        )
        assert tuple(stood or ()) == (False, True, False, None)


async def test_killed_in_mid_survey_and_the_next_process_has_the_answers(live: LiveCentre) -> None:
    async with live.city.town_ami() as town:
        user, attempt, channel = await talking(live, town, special("200", 94))
        await live.centre.desk.hang_up(user, attempt)
        await press(town, channel, "5")
        await until_kept(live, attempt, "5**")
        await live.centre.journal.settled()
        await live.kill()
        await press(town, channel, "1")
        await press(town, channel, "0")
        await live.resume(owner="next")
        assert live.state(user) is AgentState.WRAP_UP
        await over(live, attempt)
        row = await stored(live, attempt)
        assert (row["kto"], row["nps"]) == (5, 10)
        talked, lasted = await live.pool.fetchrow(
            "select a.talk_ms, 1000 * extract(epoch from max(e.wall_at) filter (where e.kind = 'ended')"
            " - min(e.wall_at) filter (where e.kind = 'joined'))::float8"
            " from attempt a join attempt_event e on e.attempt_id = a.id where a.id = $1 group by a.id", attempt
        ) or (0, 0)  # fmt: skip
        assert 0 < talked < lasted - 2000, "the survey is no conversation, whoever saw its end"


@pytest.mark.nightly
async def test_nine_is_never_again(live: LiveCentre) -> None:
    async with live.city.town_ami() as town:
        user, attempt, channel = await talking(live, town, special("200", 95))
        await live.centre.desk.hang_up(user, attempt)
        await press(town, channel, "9")
        await over(live, attempt)
        row = await stored(live, attempt)
        assert (row["kto"], row["nps"]) == (None, None)
        await live.centre.desk.file(user, attempt, Filing(outcome="NO_HELP"))
        resident = await live.pool.fetchval(
            "select f.resident_id from attempt a join case_file f on f.id = a.case_id where a.id = $1", attempt
        )
        await live.pool.execute("update case_file set state = 'reached', closed_at = $1, next_at = null", MONDAY)
        number = special("200", 96)
        await live.world.add_case(number, resident=resident)
        again, _ = await connected(live, town, user, number)
        await live.centre.desk.hang_up(user, again)
        assert live.centre.floor.live(again) is None, "the call just ends"
        assert await live.pool.fetchval("select count(*) from survey where attempt_id = $1", again) == 0


@pytest.mark.nightly
async def test_nobody_presses_and_it_ends_by_itself(live: LiveCentre) -> None:
    async with live.city.town_ami() as town:
        user, attempt, _ = await talking(live, town, special("200", 97))
        await live.centre.desk.hang_up(user, attempt)
        await live.until(lambda: live.centre.floor.live(attempt) is None, 100)
        row = await stored(live, attempt)
        assert (row["kto"], row["nps"], row["over_at"] is not None) == (None, None, True)
