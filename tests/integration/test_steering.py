"""Cases steered by the client, call-back requests, and the end of planning."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from asyncpg import CheckViolationError

from dialer.domain.errors import ConflictError, ForbiddenError, IllegalTransitionError, InvalidError, NotFoundError
from dialer.domain.ids import CaseId
from dialer.schedule.history import CLAIM_LASTS
from dialer.schedule.rotation import Rotation
from dialer.security.vault import MasterVault
from dialer.services.callbacks import CallbackService
from dialer.services.cases import CaseService
from dialer.services.ports.engine import CallbackRequest
from dialer.storage.callbacks import PostgresCallbacks
from dialer.storage.pool import open_pool
from dialer.storage.steering import PostgresCases
from tests.support.world import MONDAY, World, WorldClock

MOBILE, OTHER, STRANGER = "+31600000001", "+31600000002", "+31600000009"


class Desk:
    """A world with the two services over it."""

    def __init__(self, world: World) -> None:
        self.world = world
        clock = WorldClock(world)
        self.vault = MasterVault(b"k" * 32)
        world.key_of = self.vault.number_key
        store = PostgresCallbacks(world.pool, world.catalogues, Rotation())
        self.callbacks = CallbackService(store, self.vault, clock, world.ids)
        self.cases = CaseService(PostgresCases(world.pool, world.catalogues, Rotation()), clock)

    async def case(self, *numbers: str, **more: object) -> CaseId:
        return await self.world.add_case(*numbers, **more)  # type: ignore[arg-type]

    async def ask(self, number: str, origin: str = "closed") -> None:
        await self.callbacks.open(
            CallbackRequest(
                campaign=self.world.campaign,
                client=self.world.client,
                number=number,
                attempt=None,
                origin=origin,
                at=self.world.now,
            )
        )

    async def task(self) -> UUID:
        found: UUID = await self.world.pool.fetchval("select id from callback_task where state in ('open', 'claimed')")
        return found


@pytest.fixture
async def desk(dsn: str) -> AsyncIterator[Desk]:
    pool = await open_pool(dsn, size=4)
    try:
        world = await World(pool).build()
        desk = Desk(world)
        key = desk.vault.new_client_key(world.client)
        await pool.execute("update client set wrapped_key = $1", key)
        yield desk
    finally:
        await pool.close()


async def test_a_withdrawn_resident_is_never_dialled_again(desk: Desk) -> None:
    case = await desk.case(MOBILE)
    await desk.cases.withdraw(case, "verhuisd", "user:1")
    row = await desk.world.case(case)
    assert (row["state"], row["outcome"], row["next_at"], row["result_version"]) == ("withdrawn", "WITHDRAWN", None, 1)
    assert await desk.world.claim() == []
    await desk.cases.withdraw(case, "verhuisd", "user:1")  # twice is once
    audit = await desk.world.pool.fetch("select actor, action, purpose, client_id from audit_event")
    assert [tuple(row) for row in audit] == [("user:1", "case.withdraw", "verhuisd", desk.world.client)]
    await desk.cases.release(case, "toch bellen", "user:1")
    assert (await desk.world.case(case))["state"] == "open"
    assert len(await desk.world.claim()) == 1


async def test_a_withdrawal_while_it_rings_keeps_the_attempt(desk: Desk) -> None:
    case = await desk.case(MOBILE)
    claim = await desk.world.claim_one()
    await desk.cases.withdraw(case, "ingetrokken", "user:1")
    await desk.world.end(claim.attempt, "NO_ANSWER")
    row = await desk.world.case(case)
    assert (row["state"], row["next_at"]) == ("withdrawn", None)
    assert (await desk.world.attempt(claim.attempt))["outcome"] == "NO_ANSWER"


async def test_what_cannot_be_steered_says_so(desk: Desk) -> None:
    case = await desk.case(MOBILE)
    with pytest.raises(NotFoundError):
        await desk.cases.withdraw(CaseId(UUID(int=5)), "x", "user:1")
    with pytest.raises(InvalidError):
        await desk.cases.withdraw(case, "  ", "user:1")
    with pytest.raises(ConflictError):
        await desk.cases.lift_opt_out(case, "x", "user:1")
    phone = next(iter(desk.world.numbers))
    with pytest.raises(ConflictError):
        await desk.cases.unblock(case, phone, "x", "user:1")
    await desk.world.pool.execute("update case_file set state = 'reached'")
    with pytest.raises(IllegalTransitionError):
        await desk.cases.withdraw(case, "x", "user:1")


async def test_a_held_case_is_released_unless_the_resident_has_another(desk: Desk) -> None:
    resident = await desk.world.add_resident()
    case = await desk.case(MOBILE, resident=resident, state="held")
    await desk.cases.release(case, "akkoord", "user:1")
    row = await desk.world.case(case)
    assert (row["state"], row["next_at"]) == ("open", MONDAY)
    await desk.cases.withdraw(case, "x", "user:1")
    await desk.case(OTHER, resident=resident)
    with pytest.raises(ConflictError):
        await desk.cases.release(case, "toch", "user:1")


async def test_a_lifted_opt_out_opens_every_case_that_it_closed(desk: Desk) -> None:
    world = desk.world
    resident = await world.add_resident(key=b"somebody")
    case = await desk.case(MOBILE, resident=resident)
    await world.pool.execute(
        "insert into opt_out (id, client_id, match_key, at) values ($1, $2, $3, $4)",
        world.ids.new(),
        world.client,
        b"somebody",
        MONDAY,
    )
    assert await world.claim() == []
    assert (await world.case(case))["state"] == "closed"
    await desk.cases.lift_opt_out(case, "op verzoek", "user:1")
    assert (await world.case(case))["state"] == "open"
    assert len(await world.claim()) == 1


async def test_a_blocked_number_is_free_again_for_all_who_share_it(desk: Desk) -> None:
    first, second = await desk.case(MOBILE), await desk.case(MOBILE)
    await desk.callbacks.block_number(desk.world.client, MOBILE, MONDAY, "caller")
    assert {(await desk.world.case(c))["state"] for c in (first, second)} == {"no_number"}
    phone = next(iter(desk.world.numbers))
    await desk.cases.unblock(first, phone, "vergissing", "user:1")
    assert {(await desk.world.case(c))["state"] for c in (first, second)} == {"open"}


async def test_a_strangers_number_is_blocked_before_it_is_on_any_list(desk: Desk) -> None:
    await desk.callbacks.block_number(desk.world.client, STRANGER, MONDAY, "caller")
    await desk.callbacks.block_number(desk.world.client, STRANGER, MONDAY, "caller")
    row = await desk.world.pool.fetchrow("select kind, blocked_reason from phone")
    assert row is not None
    assert tuple(row) == ("mobile", "caller")


async def test_who_asks_to_be_rung_back_is_next(desk: Desk) -> None:
    waiting = [await desk.case(OTHER, crisis=True), await desk.case("+31600000003")]
    case = await desk.case(MOBILE)
    for _ in range(2):  # the day is full
        await desk.world.pool.execute("update case_file set next_at = $1 where id = $2", desk.world.now, case)
        await desk.world.pool.execute("update case_file set next_at = null where id = any($1)", waiting)
        claim = await desk.world.claim_one()
        await desk.world.end(claim.attempt, "NO_ANSWER", at=desk.world.now)
        desk.world.now += timedelta(minutes=16)
    await desk.world.pool.execute("update case_file set next_at = $1 where id = any($2)", MONDAY, waiting)
    await desk.ask(MOBILE, "queue")
    row = await desk.world.case(case)
    assert (row["next_at"], row["needs_reserved"], row["priority"]) == (desk.world.now, True, 1)
    claim = await desk.world.claim_one()
    assert (claim.case, claim.seq, claim.reason["code"]) == (case, 3, "call_back")
    assert (await desk.world.attempt(claim.attempt))["exempt_daily"]
    await desk.world.end(claim.attempt, "NO_ANSWER", at=desk.world.now)
    assert (await desk.world.case(case))["next_at"] > desk.world.now + timedelta(hours=3)  # once, then the plan
    assert await desk.task() is not None  # agents still see it


async def test_a_call_back_waits_for_the_window_and_for_the_line(desk: Desk) -> None:
    case = await desk.case(MOBILE)
    desk.world.now = MONDAY + timedelta(hours=13)
    await desk.ask(MOBILE)
    opening = MONDAY + timedelta(hours=22, minutes=30)
    assert (await desk.world.case(case))["next_at"] == opening
    desk.world.now = opening
    await desk.world.pool.execute("update phone set blocked_at = $1", opening)
    assert await desk.world.claim() == []
    assert (await desk.world.case(case))["state"] == "no_number"


async def test_the_guard_knows_a_call_back_from_a_made_up_exemption(desk: Desk) -> None:
    case = await desk.case(MOBILE)
    claim = await desk.world.claim_one()
    await desk.world.end(claim.attempt, "NO_ANSWER", at=desk.world.now)
    copy = """
    insert into attempt (id, direction, client_id, campaign_id, case_id, phone_id, number_key, channel_id, state, live,
                         counted, seq, case_seq, day, exempt_daily, claimed_at, catalogue_version)
    select $2, direction, client_id, campaign_id, case_id, phone_id, number_key, 'x', 'claimed', true,
           true, 2, 2, day, true, $3, catalogue_version from attempt where case_id = $1
    """
    later = desk.world.now + timedelta(minutes=20)
    with pytest.raises(CheckViolationError, match="attempt_exempt"):
        await desk.world.pool.execute(copy, case, desk.world.ids.new(), later)
    await desk.world.pool.execute("update case_file set paused_until = $1", later + timedelta(days=1))
    desk.world.now += timedelta(minutes=1)
    await desk.ask(MOBILE)
    await desk.world.pool.execute(copy, case, desk.world.ids.new(), later)


async def test_three_presses_are_one_request_and_an_agent_may_take_it(desk: Desk) -> None:
    case = await desk.case(MOBILE)
    for _ in range(3):
        await desk.ask(MOBILE)
    rows = await desk.world.pool.fetch("select case_id, sealed_number from callback_task")
    assert [row["case_id"] for row in rows] == [case]
    assert MOBILE.encode() not in rows[0]["sealed_number"]
    task = await desk.task()
    agent, colleague = desk.world.agents[:2]
    await desk.callbacks.claim(task, agent)
    await desk.callbacks.claim(task, agent)
    assert await desk.world.claim() == []  # this agent rings, we do not
    assert (await desk.world.case(case))["next_at"] == MONDAY + CLAIM_LASTS
    with pytest.raises(ConflictError):
        await desk.callbacks.claim(task, colleague)
    assert await desk.callbacks.number(task, agent) == MOBILE
    with pytest.raises(ForbiddenError):
        await desk.callbacks.number(task, colleague)
    with pytest.raises(ConflictError):
        await desk.callbacks.close(task, colleague, done=True)
    await desk.callbacks.close(task, agent, done=True)
    await desk.callbacks.close(task, agent, done=True)  # twice is once
    with pytest.raises(ConflictError):
        await desk.callbacks.close(task, agent, done=False)
    assert (await desk.world.case(case))["next_at"] == MONDAY  # the plan goes on
    await desk.ask(MOBILE)
    assert await desk.world.pool.fetchval("select count(*) from callback_task") == 2


async def test_a_request_from_an_unknown_or_shared_number_belongs_to_no_case(desk: Desk) -> None:
    await desk.case(MOBILE)
    await desk.case(MOBILE)
    await desk.ask(MOBILE)
    await desk.ask(STRANGER, "queue")
    rows = await desk.world.pool.fetch("select case_id from callback_task")
    assert [row["case_id"] for row in rows] == [None, None]
    assert await desk.world.claim(2) == []  # still, neither of the two is dialled meanwhile


async def test_a_forgotten_claim_may_be_taken_over(desk: Desk) -> None:
    await desk.ask(STRANGER)
    task = await desk.task()
    agent, colleague = desk.world.agents[:2]
    await desk.callbacks.claim(task, agent)
    desk.world.now += CLAIM_LASTS + timedelta(seconds=1)
    await desk.callbacks.claim(task, colleague)
    assert await desk.callbacks.number(task, colleague) == STRANGER


async def test_unknown_requests(desk: Desk) -> None:
    nothing, agent = UUID(int=4), desk.world.agents[0]
    with pytest.raises(NotFoundError):
        await desk.callbacks.claim(nothing, agent)
    with pytest.raises(NotFoundError):
        await desk.callbacks.close(nothing, agent, done=True)
    with pytest.raises(NotFoundError):
        await desk.callbacks.number(nothing, agent)


async def test_when_planning_is_over_the_result_is_ready(desk: Desk) -> None:
    tried, unseen = await desk.case(MOBILE, days=2), await desk.case(OTHER, days=2)
    nobody, talking = await desk.case(days=2), await desk.case(STRANGER, days=2)
    await desk.world.pool.execute("update case_file set next_at = $1 where id = $2", MONDAY, tried)
    claims = {c.case: c for c in await desk.world.claim(3)}
    await desk.world.end(claims[tried].attempt, "NO_ANSWER")
    if unseen in claims:
        await desk.world.end(claims[unseen].attempt, "FAILED")
    desk.world.now += timedelta(days=2)
    assert await desk.cases.close_ended() == 3
    assert (await desk.world.case(tried))["outcome"] == "NOT_REACHED"
    assert (await desk.world.case(unseen))["state"] == "not_reached"
    row = await desk.world.case(nobody)
    assert (row["state"], row["outcome"]) == ("closed", "NOT_CALLABLE")
    assert (await desk.world.case(talking))["state"] == "open"  # its call is going on
    await desk.world.end(claims[talking].attempt, "NO_ANSWER", at=desk.world.now)
    assert (await desk.world.case(talking))["state"] == "not_reached"
    assert await desk.cases.close_ended() == 0
