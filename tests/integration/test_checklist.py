"""The checklist that blocks going live, on a real database: in the service, in the database, over the API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from dialer.domain.campaign import PreflightError
from dialer.domain.checklist import ITEMS, CheckState
from dialer.domain.errors import InvalidError, NotFoundError
from dialer.domain.ids import CampaignId, ClientId
from dialer.schedule.rotation import Rotation
from dialer.services.access import Role
from dialer.services.campaigns import CampaignService
from dialer.services.checklist import Checklist
from dialer.services.ports.campaigns import NewCampaign
from dialer.storage.campaigns import PostgresCampaigns
from dialer.storage.checklist import PgChecklist
from dialer.storage.pool import open_pool
from dialer.storage.steering import PostgresCases
from tests.support.api import centre
from tests.support.world import MONDAY, World, WorldClock

ACTOR = "user:test"


class Town:
    """A client with nothing ticked, a draft campaign, and the services."""

    def __init__(self, world: World) -> None:
        self.world = world
        clock = WorldClock(world)
        self.checklist = Checklist(PgChecklist(world.pool), clock)
        self.campaigns = CampaignService(
            PostgresCampaigns(world.pool),
            PostgresCases(world.pool, world.catalogues, Rotation()),
            clock,
            world.ids,
            facts=lambda _: None,
            missing_messages=lambda _: (),
        )

    async def draft(self, **more: Any) -> CampaignId:
        return await self.campaigns.create(NewCampaign(client=self.world.client, name="Juni", **more), ACTOR)

    async def states(self, campaign: CampaignId) -> dict[str, CheckState]:
        return {row.item: row.state for row in await self.checklist.of_campaign(campaign)}

    async def tick(self, item: str) -> None:
        await self.checklist.tick(self.world.client, item, MONDAY.date(), "J. de Wit", user=None, actor=ACTOR)


@pytest.fixture
async def town(dsn: str) -> AsyncIterator[Town]:
    pool = await open_pool(dsn, size=4)
    try:
        world = await World(pool).build()
        await pool.execute("delete from client_check")
        yield Town(world)
    finally:
        await pool.close()


async def test_nothing_goes_live_before_each_item_is_so_ticked_or_waived(town: Town) -> None:
    campaign = await town.draft()
    assert set((await town.states(campaign)).values()) == {CheckState.OPEN}
    with pytest.raises(PreflightError, match="verwerkersovereenkomst"):
        await town.campaigns.set_state(campaign, "running", ACTOR)
    for item in ("processing_agreement", "retention", "script", "number", "opening_hours", "results"):
        await town.tick(item)
    blocked = await town.campaigns.preflight(campaign, "en")
    assert not blocked.may_start
    assert [check.code for check in blocked.checks if check.blocking and not check.ok] == ["checklist.promise"]
    await town.campaigns.change_settings(campaign, {"promised_reach_percent": 60}, ACTOR)
    assert (await town.states(campaign))["promise"] is CheckState.FACT
    await town.campaigns.set_state(campaign, "running", ACTOR)
    await town.checklist.take_back(town.world.client, "retention", actor=ACTOR)
    assert await town.world.pool.fetchval("select state from campaign where id = $1", campaign) == "running"


async def test_the_database_refuses_it_too(town: Town) -> None:
    """A hand in psql, or a tick that was taken back between the check and the start."""
    campaign = await town.draft()
    with pytest.raises(asyncpg.CheckViolationError, match="processing_agreement"):
        await town.world.pool.execute("update campaign set state = 'running' where id = $1", campaign)
    store = PostgresCampaigns(town.world.pool)
    with pytest.raises(PreflightError):
        await store.set_state(campaign, "draft", "running", MONDAY, ACTOR)
    await town.campaigns.set_state(campaign, "stopped", ACTOR)
    with pytest.raises(asyncpg.CheckViolationError):
        await town.world.pool.execute("update campaign set state = 'running' where id = $1", campaign)


async def test_facts_of_our_own_need_no_tick(town: Town) -> None:
    campaign = await town.draft(calendar={"week": {"sat": []}}, settings={"promised_reach_percent": 55})
    pool, client = town.world.pool, town.world.client
    await pool.execute(
        "insert into attempt (id, direction, client_id, campaign_id, channel_id, state, live, claimed_at,"
        " catalogue_version) values ($1, 'in', $2, $3, 'c', 'ended', false, $4, 1)",
        town.world.ids.new(), client, campaign, MONDAY,
    )  # fmt: skip
    add_channel = (
        "insert into exchange_channel (id, client_id, kind, name, state, created_at) values ($1, $2, $3, $3, 'on', $4)"
    )
    await pool.execute(add_channel, town.world.ids.new(), client, "webhook", MONDAY)
    states = await town.states(campaign)
    assert {item for item, state in states.items() if state is CheckState.FACT} == {
        "number",
        "opening_hours",
        "promise",
    }
    await pool.execute("update exchange_channel set last_ok_at = $1", MONDAY)
    assert (await town.states(campaign))["results"] is CheckState.FACT


async def test_a_script_of_the_clients_own_is_approved_here_and_nowhere_else(town: Town) -> None:
    campaign = await town.draft()
    pool, script, version = town.world.pool, town.world.ids.new(), town.world.ids.new()
    await town.tick("script")
    assert (await town.states(campaign))["script"] is CheckState.TICKED  # the shipped one
    await pool.execute(
        "insert into script (id, client_id, name, draft, draft_at, created_at) values ($1, $2, 'Eigen', '{}', $3, $3)",
        script, town.world.client, MONDAY,
    )  # fmt: skip
    await pool.execute("insert into campaign_script values ($1, $2, $3)", campaign, script, MONDAY)
    assert (await town.states(campaign))["script"] is CheckState.OPEN
    await pool.execute(
        "insert into script_version (id, script_id, number, body, note, created_at) values ($1, $2, 1, '{}', '', $3)",
        version, script, MONDAY,
    )  # fmt: skip
    await pool.execute(
        "insert into script_decision (version_id, decision, at, by_user) values ($1, 'approved', $2, $3)",
        version, MONDAY, town.world.agents[0],
    )  # fmt: skip
    assert (await town.states(campaign))["script"] is CheckState.FACT


async def test_what_is_said_is_checked_kept_and_audited(town: Town) -> None:
    client, say = town.world.client, town.checklist
    with pytest.raises(InvalidError) as refused:
        await say.tick(client, "retention", MONDAY.date() + timedelta(days=1), "J. de Wit", user=None, actor=ACTOR)
    assert refused.value.field == "on"
    with pytest.raises(InvalidError) as refused:
        await say.tick(client, "retention", MONDAY.date(), " ", user=None, actor=ACTOR)
    assert refused.value.field == "name"
    with pytest.raises(InvalidError):
        await say.tick(client, "anything", MONDAY.date(), "J. de Wit", user=None, actor=ACTOR)
    with pytest.raises(InvalidError):
        await say.waive(client, "promise", "x", user=None, actor=ACTOR)
    with pytest.raises(NotFoundError):
        await say.waive(ClientId(town.world.ids.new()), "promise", "geen belofte", user=None, actor=ACTOR)
    with pytest.raises(NotFoundError):
        await say.of_campaign(CampaignId(town.world.ids.new()))
    await town.tick("promise")  # no tick can stand for a number that is not there
    await say.waive(client, "retention", "loopt via het raamcontract", user=town.world.agents[0], actor=ACTOR)
    campaign = await town.draft()
    rows = {row.item: row for row in await say.of_campaign(campaign)}
    assert rows["promise"].state is CheckState.OPEN
    assert (rows["retention"].state, rows["retention"].reason, rows["retention"].by) == (
        CheckState.WAIVED, "loopt via het raamcontract", "agent0",
    )  # fmt: skip
    await say.take_back(client, "retention", actor=ACTOR)
    await say.take_back(client, "retention", actor=ACTOR)
    told = await town.world.pool.fetch(
        "select action, detail ->> 'item' as item from audit_event where action like 'checklist.%' order by id"
    )
    assert [tuple(row) for row in told] == [
        ("checklist.ticked", "promise"), ("checklist.waived", "retention"), ("checklist.back", "retention"),
    ]  # fmt: skip


async def test_over_the_api_supervisors_tick_and_administrators_waive(dsn: str, tmp_path: Path) -> None:
    async with centre(dsn, tmp_path) as api:
        await api.deps.catalogues.seed(api.clock.now())  # type: ignore[attr-defined]  # the real store
        client = await api.client("stad")
        await api.pool.execute("delete from client_check")
        campaign = api.new_id()
        await api.pool.execute(
            "insert into campaign (id, client_id, name, state, calendar, catalogue_version, created_at)"
            " values ($1, $2, 'Juni', 'draft', '{}', 1, $3)",
            campaign, client, api.clock.now(),
        )  # fmt: skip
        boss, admin = await api.person(Role.SUPERVISOR), await api.person(Role.ADMINISTRATOR)
        town = await api.person(Role.CLIENT, client)
        agent = await api.person(Role.AGENT)
        today = api.clock.now().date().isoformat()
        body = {"item": "retention", "on": today, "name": "J. de Wit"}
        assert (await agent("tickCheck", client=client, json=body)).status == 403
        assert (await town("tickCheck", client=client, json=body)).status == 403
        assert (await boss("tickCheck", client=client, json=body)).status == 204
        late = {**body, "on": (date.fromisoformat(today) + timedelta(days=1)).isoformat()}
        assert (await boss("tickCheck", client=client, json=late)).json["field"] == "on"
        waiver = {"item": "promise", "reason": "proefmaand zonder belofte"}
        assert (await boss("waiveCheck", client=client, json=waiver)).status == 403
        assert (await admin("waiveCheck", client=client, json=waiver)).status == 204
        seen = (await boss("getCampaignChecklist", campaign=campaign)).json
        assert seen["client"] == str(client)
        items = {item["item"]: item for item in seen["items"]}
        assert list(items) == list(ITEMS)
        assert (items["retention"]["state"], items["retention"]["on"], items["retention"]["name"]) == (
            "ticked", today, "J. de Wit",
        )  # fmt: skip
        assert items["retention"]["by"] != ""
        of_client = (await town("getCampaignChecklist", campaign=campaign)).json
        assert {item["by"] for item in of_client["items"]} == {""}
        assert (await boss("takeCheckBack", client=client, json={"item": "retention"})).status == 204
        again = (await boss("getCampaignChecklist", campaign=campaign)).json
        assert next(item["state"] for item in again["items"] if item["item"] == "retention") == "open"
