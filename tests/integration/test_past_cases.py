"""Why a resident was, or was not, called at a past moment: by what was known then, whatever came later."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from dialer.domain.errors import InvalidError, NotFoundError
from dialer.domain.ids import CaseId
from dialer.schedule.rotation import Rotation
from dialer.security.vault import MasterVault
from dialer.services.campaigns import CampaignService
from dialer.services.ports.cases import Steering
from dialer.services.ports.desk import Filing
from dialer.storage.campaigns import PostgresCampaigns
from dialer.storage.pool import open_pool
from dialer.storage.steering import PostgresCases
from tests.integration.test_outcomes import Hands, two_lists
from tests.support.world import MONDAY, World, WorldClock

MOBILE, OTHER = "+31600000001", "+31600000002"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Past(Hands):
    """An agent's hands, and a supervisor who looks back."""

    def __init__(self, world: World, vault: MasterVault) -> None:
        super().__init__(world, vault)
        self.office = PostgresCases(world.pool, world.catalogues, Rotation())
        self.campaigns = CampaignService(
            PostgresCampaigns(world.pool),
            self.office,
            WorldClock(world),
            world.ids,
            facts=lambda _: None,
            missing_messages=lambda _: [],
        )

    async def code(self, case: CaseId, at: datetime) -> str:
        return (await self.campaigns.why_case_then(case, at, "nl")).code

    def steering(self, case: CaseId) -> Steering:
        return Steering(case=case, at=self.world.now, actor="user:x", reason="verzoek")


@pytest.fixture
async def past(dsn: str) -> AsyncIterator[Past]:
    pool = await open_pool(dsn, size=6)
    vault = MasterVault(b"k" * 32)
    try:
        world = await World(pool).build()
        key = vault.new_client_key(world.client)
        await pool.execute("update client set wrapped_key = $1", key)
        await pool.execute(
            "update delivery set wrapped_key = $1", vault.new_delivery_key(world.client, key, world.delivery)
        )
        yield Past(world, vault)
    finally:
        await pool.close()


async def test_each_moment_is_told_by_what_was_known_then(past: Past) -> None:
    world = past.world
    case = await world.add_case(MOBILE)
    first = await past.conversation(verified=False)  # from 10:00 to 10:05
    await past.file(first, "THIRD_PARTY")
    filed = world.now
    due = world.now = (await world.case(case))["next_at"]
    second = await past.conversation()
    await past.service.file(past.agent, second, Filing(outcome="ADVICE"))
    reached = world.now
    world.now += DAY
    assert await past.code(case, MONDAY + timedelta(minutes=2)) == "in_call"
    assert await past.code(case, filed + timedelta(minutes=5)) == "least_pause"
    evening = datetime(2026, 3, 2, 21, 30, tzinfo=MONDAY.tzinfo)
    assert await past.code(case, evening) in ("window", "rest")
    assert await past.code(case, reached + timedelta(minutes=1)) == "case_state"
    before = await past.campaigns.why_case_then(case, due - timedelta(minutes=1), "nl")
    assert before.plan is not None
    assert before.code in ("chosen_later", "window", "rest")
    assert (before.plan.at, before.plan.number) == (due, 0)
    assert before.plan.text
    assert (await past.campaigns.why_case_then(case, world.now, "nl")).plan is None


async def test_an_outcome_that_was_corrected_later_stood_then(past: Past) -> None:
    world = past.world
    case = await world.add_case(MOBILE)
    attempt = await past.conversation()
    await past.service.file(past.agent, attempt, Filing(outcome="ADVICE"))
    world.now += HOUR
    await past.service.recode(world.agents[1], attempt, "THIRD_PARTY", "verkeerde persoon")
    world.now += HOUR
    found = await past.campaigns.why_case_then(case, world.now - HOUR - timedelta(minutes=30), "nl")
    assert (found.code, found.facts["state"]) == ("case_state", "reached")
    assert await past.code(case, world.now) != "case_state"


async def test_blocks_no_phone_withdrawals_and_recalls_have_their_dates(past: Past) -> None:
    world = past.world
    case = await world.add_case(MOBILE, next_at=MONDAY + 3 * DAY)
    await world.pool.execute("update phone set blocked_at = $1, lifted_at = $2", MONDAY + HOUR, MONDAY + 2 * HOUR)
    await world.pool.execute(
        "insert into opt_out (id, client_id, match_key, at, lifted_at) "
        "select id, client_id, match_key, $1, $2 from resident",
        MONDAY + 3 * HOUR,
        MONDAY + 4 * HOUR,
    )
    world.now = MONDAY + 5 * HOUR
    await past.office.withdraw(past.steering(case))
    world.now = MONDAY + 6 * HOUR
    await past.office.release(past.steering(case))
    world.now = MONDAY + 7 * HOUR
    await world.pool.execute("update delivery set state = 'recalled', recalled_at = $1", world.now)
    world.now = MONDAY + 8 * HOUR
    half = timedelta(minutes=30)
    codes = [await past.code(case, MONDAY + n * HOUR + half) for n in range(8)]
    assert codes == [
        "nothing_came",
        "number_blocked",
        "nothing_came",
        "opt_out",
        "nothing_came",
        "case_state",
        "nothing_came",
        "recalled",
    ]


async def test_a_hold_of_another_case_that_a_person_lifted_is_told_of_its_time_alone(past: Past) -> None:
    world = past.world
    _, second = await two_lists(past)
    world.now = MONDAY + HOUR
    attempt = await past.conversation()
    await past.service.file(past.agent, attempt, Filing(outcome="ADVICE"))
    held = world.now
    assert (await world.case(second))["state"] == "held"
    world.now = held + HOUR
    await past.office.release(past.steering(second))
    world.now = held + 2 * HOUR
    then = await past.campaigns.why_case_then(second, held + timedelta(minutes=30), "nl")
    assert (then.code, then.facts["state"]) == ("case_state", "held")
    for open_then in (MONDAY + timedelta(minutes=30), held + HOUR + timedelta(minutes=30)):
        assert await past.code(second, open_then) != "case_state"


async def test_the_campaign_s_state_then_and_settings_that_changed_since(past: Past) -> None:
    world = past.world
    case = await world.add_case(MOBILE, next_at=MONDAY + 3 * DAY)
    await past.campaigns.set_state(world.campaign, "paused", "user:x")
    world.now = MONDAY + HOUR
    await past.campaigns.set_state(world.campaign, "running", "user:x")
    world.now = MONDAY + 2 * HOUR
    assert await past.code(case, MONDAY + timedelta(minutes=30)) == "campaign_paused"
    then = await past.campaigns.why_case_then(case, MONDAY + HOUR, "nl")
    assert "gewijzigd" not in then.text
    record = await PostgresCampaigns(world.pool).record(world.campaign, world.now)
    await past.campaigns.update(world.campaign, record.version, {"settings": {"lines": 3}}, "user:x")
    assert "daarna gewijzigd" in (await past.campaigns.why_case_then(case, MONDAY + HOUR, "nl")).text
    assert "changed since" in (await past.campaigns.why_case_then(case, MONDAY + HOUR, "en")).text


async def test_moments_that_cannot_be_asked_for(past: Past) -> None:
    world = past.world
    case = await world.add_case(MOBILE)
    for at in (MONDAY - HOUR, MONDAY + HOUR, MONDAY.replace(tzinfo=None)):
        with pytest.raises(InvalidError) as caught:
            await past.campaigns.why_case_then(case, at, "nl")
        assert caught.value.field == "at"
    with pytest.raises(NotFoundError):
        await past.campaigns.why_case_then(CaseId(world.ids.new()), MONDAY, "nl")
