"""Pacing's past decisions over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dialer.domain.ids import CampaignId
from dialer.pacing import stored
from dialer.pacing.learned import Model, observe
from dialer.pacing.past import Past, Step
from dialer.pacing.view import Decision, Held, Mode, PickedUp, Reasons, Settings
from dialer.services.access import Role
from dialer.services.past_decisions import PastMinutes
from dialer.storage.engine import PgEngineStore
from dialer.storage.pacing import PgPacing
from tests.support.api import Centre, centre
from tests.support.rows import add_rows

AT = datetime(2026, 11, 24, 13, 32, tzinfo=UTC)
SINCE = {"since": "2026-11-24T14:32:00+01:00"}


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


async def test_a_supervisor_sees_why(api: Centre) -> None:
    rows = await add_rows(api.pool, await api.client("zoetermeer"), api.clock.now())
    boss = await api.person(Role.SUPERVISOR)
    none = (await boss("getDecisions", campaign=rows.campaign, query=SINCE)).json
    assert (none["kept"], none["items"]) == (False, [])
    assert api.services.asked[-1] == ("between", CampaignId(rows.campaign), AT, 5)

    reasons = Reasons(Held.RISK, "predictive", 2, 1, 0.844, 1.25, 0.00412, 0.009, 2.149)
    step = Step(AT.timestamp() + 3.5, AT.timestamp() + 3.5, 1, Decision(start=3, reasons=reasons), 1, 0, 0)
    api.services.past = PastMinutes(
        past=Past(
            steps=(step,),
            settings=(Settings(mode=Mode.PREDICTIVE, target=0.02, window=4, breath=3.0, occupancy=0.85),),
            decisions=7, started=3, held={Held.RISK: 4, Held.LINES: 3}, more=True,
        )
    )  # fmt: skip
    seen = (await boss("getDecisions", campaign=rows.campaign, query={**SINCE, "minutes": 15})).json
    assert (seen["kept"], seen["decisions"], seen["started"], seen["more"]) == (True, 7, 3, True)
    assert seen["held"][1] == {"code": "lines", "text": "alle lijnen zijn bezet", "decisions": 3}
    assert (seen["settings"][0]["mode"], seen["settings"][0]["abandoned_percent"]) == ("predictive", 2.0)
    assert seen["settings"][0]["person_within_seconds"] == 2.0
    assert (seen["settings"][0]["abandoned_hours"], seen["settings"][0]["occupancy_percent"]) == (4, 85.0)
    (item,) = seen["items"]
    assert item["at"] == "2026-11-24T13:32:03.500000Z"
    assert (item["started"], item["risk_percent"], item["accepted_percent"], item["budget"]) == (3, 0.41, 0.9, 2.15)
    assert item["text"].startswith("3 nieuwe oproepen. 2 medewerkers vrij")
    assert (item["inbound_waiting"], item["settings"]) == (1, 0)


@pytest.mark.parametrize(
    "query", [{"since": "gisteren"}, {"since": "2026-11-24T14:32:00"}, {"minutes": 61}, {"minutes": 0}]
)
async def test_a_moment_is_wanted(api: Centre, query: dict[str, str]) -> None:
    rows = await add_rows(api.pool, await api.client("zoetermeer"), api.clock.now())
    assert (
        await (await api.person(Role.SUPERVISOR))("getDecisions", campaign=rows.campaign, query=query)
    ).status == 422


async def test_without_a_moment_it_is_the_last_minutes(api: Centre) -> None:
    rows = await add_rows(api.pool, await api.client("zoetermeer"), api.clock.now())
    seen = (await (await api.person(Role.SUPERVISOR))("getDecisions", campaign=rows.campaign)).json
    assert datetime.fromisoformat(seen["since"]) == api.clock.now() - timedelta(minutes=5)


async def test_what_was_learned_is_shown_beside_what_was_thought_before(api: Centre) -> None:
    rows = await add_rows(api.pool, await api.client("zoetermeer"), api.clock.now())
    boss = await api.person(Role.SUPERVISOR)
    fresh = (await boss("getLearned", campaign=rows.campaign)).json
    assert (fresh["at"], fresh["calls"], fresh["rings"]) == (None, 0, fresh["rings_before"])
    model = Model()
    for second in range(60):
        model = observe(model, PickedUp(at=float(second), age=4.5))
    campaign, memory = CampaignId(rows.campaign), PgPacing(api.pool)
    await memory.save(campaign, stored.dump(model), AT)
    seen = (await boss("getLearned", campaign=rows.campaign)).json
    assert (seen["at"], seen["calls"]) == ("2026-11-24T13:32:00Z", 60)
    assert seen["rings"]["anybody"][6] > 2 * fresh["rings"]["anybody"][6]
    assert len(seen["rings"]["person"]) == len(seen["ring_seconds"])
    assert [wrap["talked_until"] for wrap in seen["wraps"]] == [45, 120, None]
    assert seen["parts"] == {"morning": None, "afternoon": None, "evening": None, "saturday": None}
    await memory.save(campaign, {"version": 0}, AT)
    assert (await boss("getLearned", campaign=rows.campaign)).json == fresh
    assert (await (await api.person(Role.AGENT))("getLearned", campaign=rows.campaign)).status == 403


async def test_nobody_else_sees_it(api: Centre) -> None:
    rows = await add_rows(api.pool, await api.client("zoetermeer"), api.clock.now())
    for role in (Role.AGENT, Role.QUALITY, Role.ADMINISTRATOR):
        assert (await (await api.person(role))("getDecisions", campaign=rows.campaign, query=SINCE)).status == 403


async def test_pairs_of_a_pressed_calendar(api: Centre) -> None:
    store = PgEngineStore(api.pool, None, trunk="trunk")  # type: ignore[arg-type]  # asked for clock pairs only
    assert await store.clock_pairs(AT, AT + timedelta(minutes=5)) == []
    for minutes in (-9, -2, 3, 6):
        await store.save_clock_pair(AT + timedelta(seconds=minutes), AT + timedelta(minutes=minutes), 60.0)
    pairs = await store.clock_pairs(AT, AT + timedelta(minutes=5))
    assert [pair.calendar_at - AT for pair in pairs] == [timedelta(minutes=-2), timedelta(minutes=3)]
    assert pairs[0].speed == 60.0
