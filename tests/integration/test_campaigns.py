"""Campaigns: made, changed, started; pre-flight; why nothing is dialled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest

from dialer.domain.campaign import PreflightError
from dialer.domain.errors import (
    ChangedSinceError,
    ConflictError,
    IllegalTransitionError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)
from dialer.domain.ids import CampaignId, CaseId, ClientId, UserId
from dialer.domain.skills import NONE, Abilities, Skill
from dialer.schedule import windows
from dialer.schedule.planner import explain
from dialer.schedule.planner.product import LearnedPlanner
from dialer.schedule.rotation import Rotation
from dialer.services import plan_changes, trial
from dialer.services.campaigns import CampaignService
from dialer.services.ports.campaigns import EngineFacts, NewCampaign
from dialer.services.ports.skills import SkillAskedError
from dialer.storage.campaign_trials import PgCampaignTrials
from dialer.storage.campaigns import PostgresCampaigns
from dialer.storage.engine import PgEngineStore
from dialer.storage.fitting import SQL_AGENTS
from dialer.storage.pool import open_pool
from dialer.storage.skills import PgSkills
from dialer.storage.steering import PostgresCases
from tests.support.world import MONDAY, World, WorldClock

MOBILE, OTHER = "+31600000001", "+31600000002"
ACTOR = "user:1"


class Office:
    """A world with the service over it; what surrounds it can be set."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.facts: EngineFacts | None = EngineFacts(on_duty=2, free_agents=1)
        self.missing: Sequence[str] = ()
        self.rung: list[tuple[CampaignId, str]] = []
        self.service = CampaignService(
            PostgresCampaigns(world.pool),
            PostgresCases(world.pool, world.catalogues, Rotation()),
            WorldClock(world),
            world.ids,
            facts=lambda _campaign: self.facts,
            missing_messages=lambda _folder: self.missing,
            test_call=self.ring,
            trials=PgCampaignTrials(world.pool, world.catalogues, Rotation()),
        )

    async def ring(self, campaign: CampaignId, number: str) -> None:
        self.rung.append((campaign, number))

    async def make(self, **more: Any) -> CampaignId:
        return await self.service.create(NewCampaign(client=self.world.client, name="Juni", **more), ACTOR)

    async def state(self, campaign: CampaignId) -> str:
        found: str = await self.world.pool.fetchval("select state from campaign where id = $1", campaign)
        return found

    async def why(self) -> tuple[str, str]:
        found = await self.service.why(self.world.campaign, "nl")
        return found.code, found.text


@pytest.fixture
async def office(dsn: str) -> AsyncIterator[Office]:
    pool = await open_pool(dsn, size=4)
    try:
        yield Office(await World(pool).build())
    finally:
        await pool.close()


async def test_ends_are_the_last_days_on_which_may_be_dialled(office: Office) -> None:
    world = office.world
    for days, state, crisis in ((3, "open", True), (3, "no_number", False), (21, "open", False), (3, "held", False)):
        case = await world.add_case(MOBILE if state != "no_number" else OTHER, state=state, crisis=crisis)
        await world.pool.execute(
            "update case_file set plan_ends_at = (date '2026-03-02' + $2::int)::timestamp "
            "at time zone 'Europe/Amsterdam' where id = $1",
            case,
            days,
        )
    found = await office.service.terms(world.campaign, "nl", whole=True)
    assert [(one.on.isoformat(), one.cases, one.crisis) for one in found.ends] == [
        ("2026-03-04", 2, 1),
        ("2026-03-22", 1, 0),
    ]
    assert (found.open, found.soon) == (3, 2)
    assert " 28 " in found.text[0]
    await world.pool.execute("update client set settings = '{\"term_days\": 35}'")
    assert " 35 " in (await office.service.terms(world.campaign, "nl", whole=True)).text[0]
    with pytest.raises(NotFoundError):
        await office.service.terms(CampaignId(world.ids.new()), "nl", whole=True)


async def test_a_campaign_is_made_as_a_draft_and_its_start_is_checked(office: Office) -> None:
    campaign = await office.make(settings={"lines": 4, "ring_seconds": 25.5})
    assert await office.state(campaign) == "draft"
    office.missing = ("safe", "closed")
    with pytest.raises(PreflightError, match="safe, closed"):
        await office.service.set_state(campaign, "running", ACTOR)
    assert await office.state(campaign) == "draft"
    office.missing = ()
    await office.service.set_state(campaign, "running", ACTOR)
    await office.service.set_state(campaign, "running", ACTOR)  # it is
    await office.service.set_state(campaign, "paused", ACTOR)
    await office.service.set_state(campaign, "draining", ACTOR)
    await office.service.set_state(campaign, "stopped", ACTOR)
    with pytest.raises(IllegalTransitionError):
        await office.service.set_state(campaign, "paused", ACTOR)
    with pytest.raises(InvalidError):
        await office.service.set_state(campaign, "draft", ACTOR)
    rows = await office.world.pool.fetch("select action, actor from audit_event order by id")
    assert [tuple(r) for r in rows] == [("campaign.create", ACTOR), *[("campaign.state", ACTOR)] * 4]


async def test_a_campaign_asks_for_skills_and_only_who_has_them_counts(office: Office) -> None:
    pool, (ayse, bram, _) = office.world.pool, office.world.agents
    skills = PgSkills(pool)
    skill = Skill(id=office.world.ids.new(), code="crisis", dutch="Crisis", english="Crisis")
    await skills.add(skill, MONDAY, ACTOR)
    campaign = await office.make(settings={"skills": ["crisis"], "languages": ["tr"]})

    async def agents() -> tuple[bool, str]:
        checks = (await office.service.preflight(campaign, "nl")).checks
        return next((check.ok, check.text) for check in checks if check.code == "agents")

    assert not (await agents())[0]
    await skills.set_abilities(bram, Abilities(skills=frozenset({"crisis"})), 0, MONDAY, ACTOR)
    assert not (await agents())[0], "and Turkish"
    both = Abilities(languages=frozenset({"tr"}), skills=frozenset({"crisis"}))
    await skills.set_abilities(ayse, both, 0, MONDAY, ACTOR)
    assert await agents() == (True, "1 medewerkers kunnen bellen")
    with pytest.raises(SkillAskedError):
        await skills.change(replace(skill, archived=True), MONDAY, ACTOR)
    asked = next(one for one in await _engine_store(office).campaigns() if one.campaign == office.world.campaign)
    assert asked.asks == NONE
    await office.service.set_state(campaign, "running", ACTOR)
    store = _engine_store(office)
    assert next(one for one in await store.campaigns() if one.campaign == campaign).asks == both
    assert await store.abilities() == {ayse: both, bram: Abilities(skills=frozenset({"crisis"}))}
    await pool.execute("update app_user set disabled_at = $1 where id = $2", MONDAY, bram)
    assert set(await store.abilities()) == {ayse}


def _engine_store(office: Office) -> PgEngineStore:
    return PgEngineStore(office.world.pool, cast(Any, None), trunk="trunk")


BAD = [
    ({"calendar": {"week": {"zon": []}}}, "calendar.week.zon"),
    ({"settings": {"ring_seconds": 15}}, "settings.ring_seconds"),
    ({"settings": {"ring_seconds": True}}, "settings.ring_seconds"),
    ({"settings": {"lines": 1.5}}, "settings.lines"),
    ({"settings": {"lines": 0}}, "settings.lines"),
    ({"settings": {"mode": "fast"}}, "settings.mode"),
    ({"settings": {"mode": "auto", "abandoned_percent": 4}}, "settings.abandoned_percent"),
    ({"settings": {"takes_inbound": "ja"}}, "settings.takes_inbound"),
    ({"settings": {"trunk": "a b\r\nAction: Originate"}}, "settings.trunk"),
    ({"settings": {"speed": 9}}, "settings.speed"),
    ({"settings": {"skills": ["unheard_of"]}}, "settings.skills"),
    ({"settings": {"languages": ["xx"]}}, "settings.languages"),
    ({"settings": {"hold_out_percent": 51, "hold_out_agreement": "Z-1"}}, "settings.hold_out_percent"),
    ({"settings": {"hold_out_percent": 10}}, "settings.hold_out_agreement"),
    ({"settings": {"hold_out_percent": 10, "hold_out_agreement": "  Z "}}, "settings.hold_out_agreement"),
    ({"settings": {"hold_out_agreement": 14}}, "settings.hold_out_agreement"),
    ({"settings": {"fair": "ja"}}, "settings.fair"),
    ({"settings": {"hold_out_percent": -1}}, "settings.hold_out_percent"),
    ({"settings": {"hold_out_percent": "10"}}, "settings.hold_out_percent"),
    ({"settings": {"promised_reach_percent": 0}}, "settings.promised_reach_percent"),
    ({"settings": {"promised_reach_percent": 101}}, "settings.promised_reach_percent"),
    ({"starts_on": date(2026, 6, 2), "ends_on": date(2026, 6, 1)}, "ends_on"),
    ({"name": " "}, "name"),
    ({"name": "x" * 121}, "name"),
    ({"name": "twee\r\nregels"}, "name"),
]


def _campaign(values: dict[str, Any]) -> NewCampaign:
    return NewCampaign(**values)


@pytest.mark.parametrize(("values", "field"), BAD)
async def test_a_bad_campaign_names_the_field(office: Office, values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidError) as caught:
        await office.service.create(_campaign({"client": office.world.client, "name": "Juni"} | values), ACTOR)
    assert caught.value.field == field


async def test_names_are_unique_and_clients_known(office: Office) -> None:
    campaign = await office.make()
    with pytest.raises(ConflictError):
        await office.make()
    with pytest.raises(NotFoundError):
        await office.service.create(NewCampaign(client=ClientId(UUID(int=1)), name="x"), ACTOR)
    assert await office.service.find("Juni") == campaign
    assert await office.service.find("Juni", "stad") == campaign
    with pytest.raises(NotFoundError):
        await office.service.find("Juli")
    other = await office.world.add_client("dorp", "+31790000002", {})
    await office.service.create(NewCampaign(client=other, name="Juni"), ACTOR)
    with pytest.raises(ConflictError):
        await office.service.find("Juni")
    with pytest.raises(ConflictError):
        await office.service.update(campaign, 1, {"name": "Belactie"}, ACTOR)


async def test_a_change_is_tried_before_it_is_kept(office: Office) -> None:
    world = office.world
    for number in (MOBILE, OTHER):
        await world.add_case(number)
    before = await world.pool.fetch("select id, next_at, xmin::text from case_file order by id")
    shut: dict[str, list[list[str]]] = {day: [] for day in ("mon", "tue", "wed")}
    tried = await office.service.try_change(world.campaign, {"calendar": {"week": shut}})
    assert (tried.moved, tried.closed, tried.same, tried.estimated) == (2, 0, 0, False)
    never = await office.service.try_change(
        world.campaign, {"calendar": {"week": {**shut, **{day: [] for day in ("thu", "fri", "sat")}}}}
    )
    assert (never.moved, never.closed, never.same) == (0, 2, 0)
    same = await office.service.try_change(world.campaign, {"settings": {"lines": 3}})
    assert (same.moved, same.closed, same.same) == (0, 0, 2)
    with pytest.raises(InvalidError, match="geen kloktijd"):
        await office.service.try_change(world.campaign, {"calendar": {"week": {"mon": [["8", "9"]]}}})
    assert await world.pool.fetch("select id, next_at, xmin::text from case_file order by id") == before
    assert await world.pool.fetchval("select version from campaign where id = $1", world.campaign) == 1


async def test_changed_hours_are_brought_to_the_cases_as_the_try_said(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "FEW", 1)
    monkeypatch.setattr(plan_changes, "BREATH", 0.0)
    world, campaign = office.world, office.world.campaign
    later = MONDAY + timedelta(days=10)  # Thursday of next week: a plan that no change of these touches
    first = await world.add_case(MOBILE)
    job = plan_changes.PlanChangeService(PgCampaignTrials(world.pool, world.catalogues, Rotation()), WorldClock(world))
    shut: dict[str, list[list[str]]] = {"mon": [], "tue": []}

    async def change(version: int, **values: object) -> int:
        await office.service.update(campaign, version, values, ACTOR)
        return await job.tend()

    async def planned() -> datetime:
        found: datetime = await world.pool.fetchval("select next_at from case_file where id = $1", first)
        return found

    await world.pool.execute("update case_file set next_at = $2 where id = $1", first, later)
    assert await change(1, settings={"lines": 4}) == 0  # moves nobody
    assert await change(2, calendar={"early_closings": False}) == 2  # looked at, and not moved
    assert await planned() == later
    assert (await office.service.try_change(campaign, {"calendar": {"week": shut}})).moved == 1
    await office.service.update(campaign, 3, {"calendar": {"week": shut}}, ACTOR)
    assert await planned() == later  # kept, not brought yet
    assert await job.tend() == 2
    assert windows.local_date(await planned()) == windows.local_date(MONDAY + timedelta(days=2))
    assert await job.tend() == 0
    assert await world.pool.fetchval("select count(*) from plan_change") == 0


async def test_hours_that_change_again_underway_are_brought_to_every_case(office: Office) -> None:
    world, campaign = office.world, office.world.campaign
    case = await world.add_case(MOBILE)
    changes = PgCampaignTrials(world.pool, world.catalogues, Rotation())
    await office.service.update(campaign, 1, {"calendar": {"week": {"mon": [], "tue": []}}}, ACTOR)
    assert await changes.bring(5, world.now)
    await office.service.update(campaign, 2, {"calendar": {}}, ACTOR)  # back again
    while await changes.bring(5, world.now):
        pass
    back = await world.pool.fetchval("select next_at from case_file where id = $1", case)
    assert windows.local_date(back) == windows.local_date(MONDAY)


async def test_a_change_is_for_the_version_that_was_read(office: Office) -> None:
    campaign = await office.make()
    await office.service.update(campaign, 1, {"settings": {"lines": 9, "mode": "auto"}}, ACTOR)
    with pytest.raises(ChangedSinceError):
        await office.service.update(campaign, 1, {"name": "Juli"}, ACTOR)
    await office.service.update(campaign, 2, {"name": "Juli", "ends_on": date(2026, 12, 1)}, ACTOR)
    with pytest.raises(InvalidError):
        await office.service.update(campaign, 3, {"state": "running"}, ACTOR)
    row = await office.world.pool.fetchrow(
        "select name, settings::text, ends_on, version from campaign where id = $1", campaign
    )
    assert row is not None
    assert tuple(row) == ("Juli", '{"mode": "auto", "lines": 9}', date(2026, 12, 1), 3)


async def test_who_works_for_it(office: Office) -> None:
    world = office.world
    await office.service.set_agents(world.campaign, [world.agents[0], world.agents[0]], ACTOR)
    await office.service.set_agents(world.campaign, world.agents[1:], ACTOR)
    rows = await world.pool.fetch("select user_id from campaign_agent order by user_id")
    assert [row["user_id"] for row in rows] == world.agents[1:]
    with pytest.raises(NotFoundError):
        await office.service.set_agents(world.campaign, [UserId(UUID(int=1))], ACTOR)
    with pytest.raises(NotFoundError):
        await office.service.set_agents(CampaignId(UUID(int=1)), [], ACTOR)


async def test_preflight_counts_whom_it_will_call_and_why_not_the_others(office: Office) -> None:
    world = office.world
    optout = await world.add_resident(key=b"optout")
    await world.pool.execute(
        "insert into opt_out (id, client_id, match_key, at) values ($1, $2, 'optout', $3)",
        world.ids.new(),
        world.client,
        MONDAY,
    )
    await world.add_case(MOBILE)
    await world.add_case(OTHER, resident=optout)
    await world.add_case(MOBILE, state="held")
    await world.add_case()
    await world.add_case(MOBILE, days=0)
    await world.add_case(MOBILE, state="no_number")
    found = await office.service.preflight(world.campaign, "nl")
    assert found.may_start
    assert found.will_call == 1
    assert {count.code: count.count for count in found.skipped} == {
        "opt_out": 1,
        "held": 1,
        "no_number": 2,
        "term_over": 1,
    }
    assert all(check.ok for check in found.checks)
    assert "+31790000001" in " ".join(check.text for check in found.checks)


async def test_preflight_says_what_is_wrong_and_how_to_mend_it(office: Office) -> None:
    world = office.world
    office.missing, office.facts = ("safe",), None
    await world.pool.execute("update app_user set disabled_at = $1", MONDAY)
    await world.pool.execute("""update campaign set ends_on = '2026-03-01'""")
    await world.pool.execute("""update client set settings = '{"case_cap": 0}'""")
    closed: dict[str, Any] = {"week": {day: [] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}}
    await office.service.update(world.campaign, 1, {"calendar": closed}, ACTOR)
    for language in ("nl", "en"):
        found = await office.service.preflight(world.campaign, language)
        assert not found.may_start
        wrong = {check.code for check in found.checks if not check.ok}
        assert wrong == {"messages", "agents", "window", "dates", "limits", "list", "telephone"}
        assert {check.code for check in found.checks if not check.ok and not check.blocking} == {"list", "telephone"}


async def test_only_who_has_practised_counts_where_the_campaign_asks_for_it(office: Office) -> None:
    world = office.world

    async def wrong() -> set[str]:
        found = await office.service.preflight(world.campaign, "nl")
        return {check.code for check in found.checks if not check.ok}

    assert "agents" not in await wrong()
    await office.service.update(world.campaign, 1, {"settings": {"requires_practice": True}}, ACTOR)
    assert "agents" in await wrong()
    assert await world.pool.fetch(SQL_AGENTS, world.campaign) == [], "nor is anything planned for them"
    await world.pool.execute("insert into practice_pass values ($1, 1, $2)", world.agents[0], MONDAY)
    assert "agents" not in await wrong()
    assert [row["id"] for row in await world.pool.fetch(SQL_AGENTS, world.campaign)] == [world.agents[0]]


async def test_a_test_call_goes_to_staff_only_where_a_centre_runs(office: Office) -> None:
    await office.service.test_call(office.world.campaign, "+31790000099", ACTOR)
    assert office.rung == [(office.world.campaign, "+31790000099")]
    office.service._test_call = None
    with pytest.raises(UnavailableError):
        await office.service.test_call(office.world.campaign, "+31790000099", ACTOR)
    with pytest.raises(NotFoundError):
        await office.service.test_call(CampaignId(UUID(int=1)), "+31790000099", ACTOR)


async def test_why_nothing_is_dialled_first_rule_first(office: Office) -> None:
    world = office.world
    assert (await office.why())[0] == "list_empty"
    case = await world.add_case(MOBILE, next_at=MONDAY + timedelta(hours=3))
    assert await office.why() == ("nothing_due", "Er is nu niemand aan de beurt. Tot ma 2 mrt, 13:00.")
    await world.pool.execute("update case_file set next_at = $1 where id = $2", MONDAY, case)
    assert (await office.why())[0] == ""
    for facts, code in [
        (EngineFacts(on_duty=2, free_agents=1, reason="lines"), "lines"),
        (EngineFacts(on_duty=2, free_agents=1, reason="inbound"), "inbound"),
        (EngineFacts(on_duty=2, free_agents=0, reason="lines"), "agents"),
        (EngineFacts(on_duty=0, free_agents=0), "nobody_on_duty"),
        (EngineFacts(on_duty=0, unpractised=3), "nobody_practised"),
        (EngineFacts(on_duty=2, free_agents=1, owned=False), "lease_elsewhere"),
        (EngineFacts(on_duty=2, free_agents=1, reason="trunk_faults"), "trunk_faults"),
        (EngineFacts(on_duty=2, free_agents=1, reason="database_away"), "database_away"),
        (EngineFacts(on_duty=0, free_agents=0, reason="link_down", owned=False), "link_down"),
        (None, ""),  # asked from elsewhere: the list has somebody, and somebody runs it
    ]:
        office.facts = facts
        assert (await office.why())[0] == code
    await world.ledger.drop_lease(f"campaign:{world.campaign}", world.owner)
    assert (await office.why())[0] == "nobody_runs_it"
    world.now = MONDAY.replace(hour=21)
    assert await office.why() == ("outside_window", "Het is buiten de beltijden. Tot di 3 mrt, 08:30.")
    await world.pool.execute("update campaign set starts_on = '2026-04-01'")
    assert await office.why() == ("not_begun", "De belactie begint op 2026-04-01.")
    await world.pool.execute("update campaign set starts_on = null, ends_on = '2026-03-01'")
    assert (await office.why())[0] == "over"
    for state in ("draft", "paused", "draining", "stopped"):
        await world.pool.execute("update campaign set state = $1", state)
        assert (await office.why())[0] == f"campaign_{state}"
    english = await office.service.why(world.campaign, "en")
    assert english.text == "The campaign is stopped."


@pytest.mark.parametrize(("years", "seconds", "code"), [(-1, -60, "nobody_runs_it"), (1, 60, "")])
async def test_whether_a_process_runs_it_is_told_by_the_databases_clock(
    office: Office, years: int, seconds: int, code: str
) -> None:
    """The service's own clock is wrong: a lease that is over is over, and one that holds holds."""
    world = office.world
    office.facts = None
    await world.add_case(MOBILE, next_at=MONDAY - timedelta(days=400))
    await world.pool.execute("update lease set expires_at = clock_timestamp() + make_interval(secs => $1)", seconds)
    today = await world.pool.fetchval("select clock_timestamp()")
    wrong = today + timedelta(days=365 * years)
    world.now = wrong.replace(hour=10) - timedelta(days=wrong.weekday() - 2)  # a Wednesday in the calling hours
    assert (await office.why())[0] == code


async def test_a_campaign_outside_its_dates_claims_nothing(office: Office) -> None:
    world = office.world
    await world.add_case(MOBILE)
    await world.pool.execute("update campaign set starts_on = '2026-03-03'")
    assert await world.claim() == []
    await world.pool.execute("update campaign set starts_on = '2026-03-02', ends_on = '2026-03-02'")
    assert len(await world.claim()) == 1


async def test_a_calendar_without_hours_says_so(office: Office) -> None:
    closed: dict[str, Any] = {"week": {day: [] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}}
    await office.service.update(office.world.campaign, 1, {"calendar": closed}, ACTOR)
    assert (await office.why())[0] == "no_window"


async def test_a_plan_says_when_where_with_what_chance_and_why(office: Office) -> None:
    world = office.world
    world.planner = LearnedPlanner()
    world.ledger = world.make_ledger()
    case = await world.add_case("+31790000003", MOBILE)
    await world.end((await world.claim_one()).attempt, "NO_ANSWER")
    found = await office.service.why_case(case, "en")
    assert found.plan is not None
    assert found.plan.at > MONDAY
    assert found.plan.number in (1, 2)
    assert found.plan.chance is not None
    assert 0 < found.plan.chance < 1
    assert found.plan.text[0] == explain.planned(found.plan.at, found.plan.number, MONDAY, "en")
    assert f"{round(100 * found.plan.chance)} in 100" in found.plan.text[1]
    assert "without contact: 1" in found.plan.text[2]
    assert "most promising number" in found.plan.text[3]


async def test_a_resident_waits_for_who_speaks_his_language_and_is_told_until_when(office: Office) -> None:
    world = office.world
    case = await world.add_case(MOBILE)
    await world.pool.execute("update case_file set language = 'tr' where id = $1", case)

    async def why() -> tuple[str, datetime | None]:
        found = await office.service.why_case(case, "nl")
        return found.code, found.until

    assert (await why())[0] == "waits_for_turn", "nobody speaks it: anybody calls"
    office.facts = EngineFacts(on_duty=1, free_agents=1, waited_for=frozenset({"tr"}))
    assert await why() == ("waits_for_language", MONDAY + timedelta(days=3))
    await world.pool.execute("update campaign set settings = '{\"language_wait_days\": 0}'")
    assert (await why())[0] == "waits_for_turn"
    await world.pool.execute("update campaign set settings = '{}'")
    await world.pool.execute("update case_file set crisis = true where id = $1", case)
    assert (await why())[0] == "waits_for_turn"


async def test_why_a_resident_is_not_called(office: Office) -> None:
    world = office.world

    async def why(case: CaseId) -> str:
        return (await office.service.why_case(case, "nl")).code

    due = await world.add_case(MOBILE)
    assert await why(due) == "waits_for_turn"
    office.facts = EngineFacts(on_duty=0)
    assert await why(due) == "nobody_on_duty"
    later = await world.add_case(OTHER, next_at=MONDAY + timedelta(days=1))
    found = await office.service.why_case(later, "nl")
    assert (found.code, found.until) == ("planned", MONDAY + timedelta(days=1))
    assert found.text == "De volgende poging is gepland. Tot di 3 mrt, 10:00."
    assert found.plan is not None
    assert (found.plan.at, found.plan.number, found.plan.chance) == (found.until, None, None)
    assert found.plan.text == [
        "Volgende poging: di 3 mrt, 10:00.",
        "Dit is de eerste poging: zo snel als het kan.",
    ]
    claim = await world.claim_one()
    assert await why(due) == "in_call"
    assert (await office.service.why_case(due, "nl")).plan is None
    await world.end(claim.attempt, "NO_ANSWER")
    assert await why(due) == "least_pause"
    await world.pool.execute("update case_file set state = 'withdrawn' where id = $1", later)
    found = await office.service.why_case(later, "en")
    assert (found.code, found.text, found.plan) == ("case_state", "The case is: withdrawn.", None)
    world.now = MONDAY.replace(hour=21)
    assert await why(due) == "planned"  # outside hours, the plan tells more
    lost = await world.add_case("+31600000005")
    await world.pool.execute("update case_file set next_at = null where id = $1", lost)
    world.now = MONDAY + timedelta(days=1)
    assert await why(lost) == "nothing_planned"
    with pytest.raises(NotFoundError):
        await why(CaseId(UUID(int=1)))
