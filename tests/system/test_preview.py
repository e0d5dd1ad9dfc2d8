"""Preview on the real Asterisk: nothing rings before the agent's word, then the one he looked at, for him."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from dialer.demo.town_plan import special
from dialer.domain.agent import AgentState
from dialer.domain.ids import CaseId
from dialer.services.ports.ledger import Claim, ClaimOrder
from dialer.services.ports.people import Viewer
from dialer.services.ports.previews import Showing, SkipReason
from dialer.services.previews import PreviewRefusedError, Previews
from dialer.storage.claims import Claimer
from dialer.storage.pool import open_pool
from dialer.storage.previews import PgPreviews
from tests.support.city import TelephoneCity
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
    assert centre.centre.tasks.failed == 0


async def name_of(case: CaseId, viewer: Viewer) -> str:
    assert viewer.user is not None
    return f"B. {str(case)[-4:]}"


def desk(live: LiveCentre) -> Previews:
    centre, world = live.centre, live.world
    return Previews(
        centre.floor,
        centre.engine,
        world.ledger,
        PgPreviews(live.pool, Claimer(world.ids, world.catalogues, world.planner, world.e164)),
        centre.rests,
        live.clock,
        centre.tasks,
        owner="test",
        name_of=name_of,
    )


async def in_preview(live: LiveCentre, agents: int = 1, settings: str = '{"mode": "preview"}') -> Previews:
    await live.start(agents=agents)
    await live.pool.execute("update campaign set settings = $1::text::jsonb", settings)
    await live.centre.engine.refresh()
    # The engine may just have kept somebody for a claim, from before the campaign was in preview.
    floor = live.centre.floor
    await live.until(lambda: live.centre.engine.quiet and len(floor.free_agents()) == agents)
    await live.until(lambda: bool(live.centre.engine.ownership.owned()))
    return desk(live)


async def test_the_agent_sees_whom_he_will_call_and_calls_with_a_word(live: LiveCentre) -> None:
    previews = await in_preview(live)
    (user,) = live.world.agents
    viewer = Viewer(actor="user", user=user, role="agent", client=None)
    case = await live.world.add_case(special("200", 81))
    live.centre.somebody_free()
    seen = await previews.look(user, viewer)
    assert (seen.showing, seen.case, seen.number, seen.attempt_number) == (
        Showing.RESIDENT, case, special("200", 81), 1,
    )  # fmt: skip
    live.centre.somebody_free()
    assert list(live.centre.floor.calls()) == [], "nothing rings by itself"
    assert await live.pool.fetchval("select count(*) from attempt") == 0
    attempt = await previews.call(user, case)
    assert await previews.call(user, case) == attempt, "asked again while it is out"
    await live.until(lambda: live.state(user) is AgentState.TALKING)
    await live.centre.desk.hang_up(user, attempt)
    assert live.state(user) is AgentState.WRAP_UP
    row = await live.row(case)
    assert (row["id"], row["counted"], row["seq"], row["agent_id"]) == (attempt, True, 1, user)
    assert (await previews.look(user, viewer)).showing is Showing.BUSY


async def test_a_page_that_looks_while_the_call_is_claimed_harms_nothing(
    live: LiveCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    previews = await in_preview(live)
    (user,) = live.world.agents
    viewer = Viewer(actor="user", user=user, role="agent", client=None)
    case = await live.world.add_case(special("200", 97))
    assert (await previews.look(user, viewer)).case == case
    claim = live.world.ledger.claim

    async def looked_at(order: ClaimOrder) -> Sequence[Claim]:
        claims = await claim(order)
        assert (await previews.look(user, viewer)).showing is Showing.BUSY
        return claims

    monkeypatch.setattr(live.world.ledger, "claim", looked_at)
    attempt = await previews.call(user, case)
    assert live.centre.floor.call(attempt).info.case == case
    await live.until(lambda: live.state(user) is AgentState.TALKING)


async def test_a_closed_tab_or_a_dead_process_leaves_the_case_free_and_nothing_counted(live: LiveCentre) -> None:
    previews = await in_preview(live, agents=2)
    first, second = live.world.agents
    case = await live.world.add_case(special("486", 82))
    eyes = [Viewer(actor="user", user=user, role="agent", client=None) for user in (first, second)]
    assert (await previews.look(first, eyes[0])).case == case
    assert (await previews.look(second, eyes[1])).showing is Showing.NOBODY
    await live.kill()
    await live.resume(owner="test")
    await live.until(lambda: bool(live.centre.engine.ownership.owned()))
    await live.until(lambda: live.centre.floor.agent(second).free)
    after = desk(live)  # a process that knows nothing of what was looked at
    assert (await after.look(second, eyes[1])).showing is Showing.NOBODY, "the hold stands until it runs out"
    with pytest.raises(PreviewRefusedError) as refused:
        await after.call(first, case)
    assert refused.value.code == "preview-gone"
    await live.pool.execute("update preview_hold set expires_at = clock_timestamp() - interval '1 second'")
    assert (await after.look(second, eyes[1])).case == case
    assert await live.pool.fetchval("select count(*) from attempt") == 0


async def test_passing_on_is_limited_and_time_to_look_ends(live: LiveCentre) -> None:
    previews = await in_preview(live, settings='{"mode": "preview", "preview_seconds": 60}')
    (user,) = live.world.agents
    viewer = Viewer(actor="user", user=user, role="agent", client=None)
    for number in range(12):
        await live.world.add_case(special("486", 84 + number))
    seen = await previews.look(user, viewer)
    assert seen.seconds_left is not None
    assert 55 < seen.seconds_left <= 60
    for left in range(10, 0, -1):
        assert seen.skips_left == left
        assert seen.case is not None
        await previews.skip(user, seen.case, SkipReason.ACQUAINTED)
        seen = await previews.look(user, viewer)
    assert seen.case is not None
    with pytest.raises(PreviewRefusedError) as refused:
        await previews.skip(user, seen.case, SkipReason.OTHER)
    assert refused.value.code == "preview-skips"
    await live.pool.execute("update preview_hold set begun_at = begun_at - interval '61 seconds'")
    assert (await previews.look(user, viewer)).showing is Showing.TIME_OVER
    assert await live.pool.fetchval("select count(*) from preview_hold") == 0
    assert (await previews.look(user, viewer)).showing is Showing.TIME_OVER, "until he asks for the next"
    assert (await previews.look(user, viewer, following=True)).showing is Showing.RESIDENT


async def test_who_looks_is_given_no_other_call_but_a_caller(live: LiveCentre) -> None:
    previews = await in_preview(live)
    (user,) = live.world.agents
    viewer = Viewer(actor="user", user=user, role="agent", client=None)
    await live.world.add_case(special("486", 98))
    other = await live.world.add_campaign(live.world.client, "Andere")
    await previews.look(user, viewer)
    await live.world.add_case(special("486", 99), campaign=other)
    await live.centre.engine.refresh()
    await live.until(lambda: other in live.centre.engine.ownership.owned())
    live.centre.somebody_free()
    assert live.state(user) is AgentState.AVAILABLE
    assert live.centre.rests.takes_caller(live.centre.floor.agent(user), 0.0, live.clock.wall())
    decision = live.centre.engine.run_of(other).decision
    assert decision is not None
    assert decision.start == 0
