"""Rules are changed: tried, kept as a version of the campaign's own, brought to the cases in the background."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from dialer.domain.errors import ChangedSinceError, ConflictError, InvalidError, NotFoundError
from dialer.domain.ids import CampaignId, CaseId
from dialer.schedule.planner.product import LearnedPlanner
from dialer.services import trial
from dialer.services.outcome_rules import OutcomeRuleService
from dialer.services.ports.outcome_rules import RulesChanged
from dialer.storage.outcome_rules import PgOutcomeRules
from dialer.storage.pool import open_pool
from tests.support.clock import FakeClock
from tests.support.world import MONDAY, World

PAUSE = {"NO_ANSWER": {"kind": "pause", "pause_days": 5}}


class Desk:
    def __init__(self, world: World) -> None:
        self.world = world
        world.planner = LearnedPlanner()
        world.ledger = world.make_ledger()
        self.store = PgOutcomeRules(world.pool, world.catalogues, world.planner)
        self.clock = FakeClock(MONDAY + timedelta(hours=1))
        self.service = OutcomeRuleService(self.store, world.catalogues, self.clock)

    async def town(self) -> dict[str, CaseId]:
        """One who did not answer, one who was busy, one who was never called, and one who was reached."""
        found = {}
        for n, outcome in enumerate(("NO_ANSWER", "BUSY", "PAID", "")):
            found[outcome] = await self.world.add_case(f"+3160000010{n}")
            if outcome:
                claim = await self.world.claim_one()
                await self.world.end(claim.attempt, outcome if outcome != "PAID" else "NO_ANSWER")
        await self.world.pool.execute(
            "update case_file set state = 'reached', outcome = 'PAID', next_at = null, closed_at = $2 where id = $1",
            found["PAID"], MONDAY,
        )  # fmt: skip
        return found

    async def revise(
        self, steps: dict[str, dict[str, object]], *, base: int = 1, note: str = "rustiger", dry_run: bool = False
    ) -> RulesChanged:
        return await self.service.revise(
            self.world.campaign, base, steps, note=note, actor="user:x", user=None, dry_run=dry_run
        )

    async def rows(self) -> dict[UUID, asyncpg.Record]:
        found = await self.world.pool.fetch("select id, state, next_at, catalogue_version as version from case_file")
        return {row["id"]: row for row in found}


@pytest.fixture
async def desk(dsn: str) -> AsyncIterator[Desk]:
    pool = await open_pool(dsn, size=4)
    try:
        yield Desk(await World(pool).build())
    finally:
        await pool.close()


async def test_a_dry_run_says_what_would_happen_and_changes_nothing(desk: Desk) -> None:
    await desk.town()
    before = await desk.rows()
    assert await desk.revise(PAUSE, dry_run=True, note="") == RulesChanged(
        version=None, moved=1, closed=0, same=2, estimated=False
    )
    found = await desk.revise({"NO_ANSWER": {"kind": "stop"}, "BUSY": {"kind": "stop"}}, dry_run=True)
    assert (found.moved, found.closed, found.same) == (0, 2, 1)
    assert await desk.rows() == before
    assert (await desk.service.rules(desk.world.campaign, "nl")).version == 1
    assert await desk.service.tend() == 0


async def test_kept_it_is_brought_to_the_cases_and_only_those_it_concerns_move(desk: Desk) -> None:
    town = await desk.town()
    before = await desk.rows()
    found = await desk.revise(PAUSE)
    assert (found.version, found.moved) == (2, 1)
    assert (await desk.service.rules(desk.world.campaign, "nl")).waiting == 3
    assert await desk.service.tend() == 1
    after = await desk.rows()
    assert after[town["NO_ANSWER"]]["next_at"] >= MONDAY + timedelta(days=5)
    for name in ("BUSY", ""):
        assert after[town[name]]["next_at"] == before[town[name]]["next_at"]
        assert after[town[name]]["version"] == 2
    assert after[town["PAID"]] == before[town["PAID"]]
    rules = await desk.service.rules(desk.world.campaign, "en")
    assert (rules.version, rules.waiting) == (2, 0)
    step = {rule.code: (rule.label, rule.step) for rule in rules.items}["NO_ANSWER"]
    assert step == ("no answer", {"kind": "pause", "pause_days": 5})
    audit = await desk.world.pool.fetchrow("select action, actor, purpose from audit_event order by id desc limit 1")
    assert audit is not None
    assert tuple(audit) == ("campaign.outcome_rules", "user:x", "rustiger")
    assert await desk.service.tend() == 0


async def test_what_was_before_is_remembered_and_can_be_had_back(desk: Desk) -> None:
    await desk.town()
    (first,) = await desk.service.history(desk.world.campaign)
    assert (first.version, first.by) == (1, "")
    await desk.revise(PAUSE)
    await desk.service.tend()
    newest, before = await desk.service.history(desk.world.campaign)
    assert (newest.version, newest.note, before.version) == (2, "rustiger", 1)
    assert newest.steps["NO_ANSWER"] == {"kind": "pause", "pause_days": 5}
    assert {c for c in before.steps if before.steps[c] != newest.steps[c]} == {"NO_ANSWER"}
    assert "PAID" not in before.steps  # its step cannot be changed
    back = {code: {**step} for code, step in before.steps.items() if step != newest.steps[code]}
    assert (await desk.revise(back, base=2)).version == 3
    (rule,) = [r for r in (await desk.service.rules(desk.world.campaign, "nl")).items if r.code == "NO_ANSWER"]
    assert rule.step == before.steps["NO_ANSWER"]
    with pytest.raises(NotFoundError):
        await desk.service.history(CampaignId(desk.world.ids.new()))


async def test_what_is_offered_is_what_is_taken(desk: Desk) -> None:
    offered = {rule.code: rule for rule in (await desk.service.rules(desk.world.campaign, "nl")).items}
    assert (offered["CONGESTION"].kinds, offered["CONGESTION"].thens) == (["retry_after"], [])
    assert (offered["PAID"].kinds, offered["PAID"].editable) == ([], False)
    more: dict[str, dict[str, Any]] = {"retry_after": {"minutes": [30, 60]}, "pause": {"pause_days": 2}}
    for kind in offered["NO_ANSWER"].kinds:
        step = {"kind": kind, **more.get(kind, {})}
        if step != offered["NO_ANSWER"].step:
            assert (await desk.revise({"NO_ANSWER": step}, dry_run=True)).version is None
    for then in offered["NO_ANSWER"].thens:
        step = {"kind": "other_slot", "times": 2, "then": then}
        assert (await desk.revise({"NO_ANSWER": step}, dry_run=True)).version is None


async def test_a_case_that_ends_by_the_new_rules_is_closed_and_told(desk: Desk) -> None:
    town, told = await desk.town(), "select result_version from case_file where id = $1"
    before = await desk.world.pool.fetchval(told, town["NO_ANSWER"])
    assert (await desk.revise({"NO_ANSWER": {"kind": "stop"}})).closed == 1
    await desk.service.tend()
    row = (await desk.rows())[town["NO_ANSWER"]]
    assert (row["state"], row["next_at"]) == ("closed", None)
    assert await desk.world.pool.fetchval(told, town["NO_ANSWER"]) == before + 1  # so that it goes out


async def test_a_version_of_one_campaign_is_no_start_for_others(desk: Desk) -> None:
    await desk.revise(PAUSE)
    assert await desk.world.catalogues.latest() == 1
    assert (await desk.revise({"BUSY": {"kind": "other_day"}}, base=2, dry_run=True)).version is None
    with pytest.raises(ChangedSinceError):
        await desk.revise({"BUSY": {"kind": "other_day"}}, base=1)
    with pytest.raises(NotFoundError):
        await desk.service.rules(CampaignId(desk.world.ids.new()), "nl")
    with pytest.raises(InvalidError) as caught:
        await desk.revise({"BUSY": {"kind": "other_day"}}, base=2, note=" ")
    assert caught.value.field == "note"


async def test_one_change_at_a_time_and_two_who_keep_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.town()
    await desk.revise(PAUSE)
    with pytest.raises(ConflictError, match="eerdere wijziging"):
        await desk.revise({"BUSY": {"kind": "other_day"}}, base=2)
    await desk.service.tend()

    async def stale() -> int:
        return 2

    monkeypatch.setattr(desk.store, "next_version", stale)
    with pytest.raises(ChangedSinceError):  # somebody took version 3, or 2, meanwhile
        await desk.revise({"BUSY": {"kind": "other_day"}}, base=2)
    assert (await desk.service.rules(desk.world.campaign, "nl")).version == 2


async def test_a_change_waits_for_a_delivery_that_is_being_loaded_and_goes_on_after_a_restart(desk: Desk) -> None:
    town = await desk.town()
    await desk.revise(PAUSE)
    await desk.world.pool.execute("update delivery set state = 'loading'")
    assert await desk.service.tend() == 0
    late = await desk.world.add_case("+31600000109")  # the load knew only the old version
    await desk.world.pool.execute("update delivery set state = 'loaded'")
    again = OutcomeRuleService(desk.store, desk.world.catalogues, desk.clock)
    assert await again.tend() == 1
    rows = await desk.rows()
    assert {rows[case]["version"] for case in (late, town["BUSY"], town["NO_ANSWER"])} == {2}


async def test_of_many_a_sample_is_tried(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(6):
        await desk.world.add_case(f"+3160000020{n}")
    for _ in range(2):
        for claim in await desk.world.claim(3):
            await desk.world.end(claim.attempt, "NO_ANSWER")
    monkeypatch.setattr(trial, "SAMPLE", 3)
    found = await desk.revise(PAUSE, dry_run=True)
    assert found == RulesChanged(version=None, moved=6, closed=0, same=0, estimated=True)
