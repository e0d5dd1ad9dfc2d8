"""Two cases of one person put together by hand, and taken apart again, against the real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from dialer.domain.errors import NotFoundError, NotNowError
from dialer.domain.ids import AttemptId, CaseId
from dialer.schedule.rotation import Rotation
from dialer.services.cases import CaseService
from dialer.storage.office import PostgresOffice
from dialer.storage.pool import open_pool
from dialer.storage.steering import PostgresCases
from tests.support.world import World, WorldClock

FIRST, SECOND, THIRD = "+31600000001", "+31600000002", "+31600000003"
ADD_ATTEMPT = """
insert into attempt (id, direction, client_id, campaign_id, case_id, phone_id, number_key, channel_id, state, live,
                     counted, seq, case_seq, day, claimed_at, dialed_at, ended_at, outcome, outcome_at,
                     catalogue_version)
select $1::uuid, 'out', f.client_id, f.campaign_id, f.id, cp.phone_id, p.number_key, f.id::text, 'ended',
       false, true, $3, $3, $4::timestamptz::date, $4, $4, $4, 'NO_ANSWER', $4, 1
  from case_file f join case_phone cp on cp.case_id = f.id and cp.position = 1 join phone p on p.id = cp.phone_id
 where f.id = $2
"""


class Town:
    """A world with two cases of one person, whose names were spelled in two ways."""

    def __init__(self, world: World) -> None:
        self.world, self.pool = world, world.pool
        self.cases = CaseService(PostgresCases(world.pool, world.catalogues, Rotation()), WorldClock(world))
        self.office = PostgresOffice(world.pool)

    async def build(self) -> Town:
        self.kept = await self.world.add_case(FIRST)
        self.other = await self.world.add_case(SECOND, FIRST)
        self.signals = [await self.signal(self.kept, "VS-1"), await self.signal(self.other, "VS-2", crisis=True)]
        return self

    async def signal(self, case: CaseId, ref: str, *, crisis: bool = False) -> UUID:
        row, signal = await self.world.case(case), self.world.ids.new()
        await self.pool.execute(
            "insert into signal (id, client_id, delivery_id, case_id, client_ref, signal_ref, partner_type, signal_on, "
            "crisis, term_ends_at, plan_ends_at) values ($1, $2, $3, $4, $5, $5, 'energy', $6, $7, $8, $9)",
            signal, row["client_id"], row["delivery_id"], case, ref, self.world.now.date(), crisis,
            row["term_ends_at"], row["plan_ends_at"],
        )  # fmt: skip
        return signal

    async def tried(self, case: CaseId, seq: int, days_ago: float) -> UUID:
        attempt = self.world.ids.new()
        at = self.world.now - timedelta(days=days_ago)
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("set local session_replication_role = replica")  # long ago, at whatever hour
            await connection.execute(ADD_ATTEMPT, attempt, case, seq, at)
        return attempt

    async def merge(self) -> None:
        await self.cases.merge(self.kept, self.other, "dezelfde persoon", f"user:{self.world.agents[0]}")

    async def unmerge(self) -> CaseId:
        return await self.cases.unmerge(self.other, "toch twee personen", "user:2")

    async def picture(self) -> dict[str, Any]:
        """Everything of the two cases that a merge may touch."""
        found: dict[str, Any] = {}
        for table, order in (("case_phone", "case_id, position"), ("signal", "id"), ("callback_task", "id")):
            rows = await self.pool.fetch(
                f"select * from {table} where case_id = any($1) order by {order}", [self.kept, self.other]
            )
            found[table] = [dict(row) for row in rows]
        for case in (self.kept, self.other):
            found[str(case)] = {k: v for k, v in (await self.world.case(case)).items() if k != "result_version"}
        return found


@pytest.fixture
async def town(dsn: str) -> AsyncIterator[Town]:
    pool = await open_pool(dsn, size=4)
    try:
        yield await Town(await World(pool).build()).build()
    finally:
        await pool.close()


async def refused(town: Town) -> str:
    with pytest.raises(NotNowError) as error:
        await town.merge()
    return error.value.code


async def test_a_merged_case_is_not_dialled_by_the_very_next_dial(town: Town) -> None:
    await town.merge()
    assert (await town.world.case(town.other))["state"] == "merged"
    claims = await town.world.claim(3)
    assert [claim.case for claim in claims] == [town.kept]
    held = await town.world.case(town.other)
    assert (held["next_at"], held["merged_into"]) == (None, town.kept)


async def test_signals_numbers_and_the_crisis_join_the_case_that_is_kept(town: Town) -> None:
    await town.merge()
    detail = await town.office.case_detail(town.kept)
    assert detail is not None
    assert detail.case.client_refs == ["VS-1", "VS-2"]
    assert [phone.position for phone in detail.phones] == [1, 2]
    assert detail.case.crisis
    (line,) = detail.merges
    assert (line.kept, line.other, line.by, line.reason) == (town.kept, town.other, "agent0", "dezelfde persoon")
    assert line.client_refs == ["VS-2"]
    assert [signal.merged for signal in detail.signals] == [False, False]  # undone as a whole, not one by one
    audit = await town.pool.fetchrow("select action, subject_id, purpose, detail::text from audit_event")
    assert audit is not None
    assert (audit["action"], audit["subject_id"], audit["purpose"]) == (
        "case.merge",
        str(town.kept),
        "dezelfde persoon",
    )
    assert str(town.other) in audit["detail"]


async def test_attempts_of_both_count_for_a_number_and_for_the_case(town: Town) -> None:
    for seq in range(1, 5):
        await town.tried(town.kept, seq, 10 - seq)
    await town.pool.execute("update case_phone set position = 3 - position where case_id = $1", town.other)
    for seq in range(1, 4):
        await town.tried(town.other, seq, 5 - seq)  # the same number: seven in all
    await town.merge()
    detail = await town.office.case_detail(town.kept)
    assert detail is not None
    assert detail.case.attempts == 7
    assert [attempt.merged for attempt in detail.attempts].count(True) == 3
    claim = await town.world.claim_one(at=(await town.world.case(town.kept))["next_at"])
    assert claim.phone == await town.world.add_phone(SECOND)  # the other number is used up
    await town.world.end(AttemptId(claim.attempt), "NO_ANSWER")
    row = await town.world.attempt(claim.attempt)
    with pytest.raises(asyncpg.CheckViolationError, match="attempt_number_cap"):
        await town.pool.execute(  # and the database says so too, whoever asks
            "insert into attempt (id, direction, client_id, campaign_id, case_id, phone_id, number_key, channel_id, "
            "state, live, counted, seq, case_seq, day, claimed_at, catalogue_version) select $1, 'out', client_id, "
            "campaign_id, case_id, $2, $3, 'x', 'claimed', true, true, 7, 9, $4::timestamptz::date, $4, 1 "
            "from attempt where id = $5",
            town.world.ids.new(),
            await town.world.add_phone(FIRST),
            town.world.key_of(FIRST),
            town.world.now + timedelta(days=2),
            row["id"],
        )


async def test_the_daily_cap_is_of_the_person(town: Town) -> None:
    for seq in (1, 2):
        await town.tried(town.other, seq, 0.05 * (3 - seq))
    await town.merge()
    assert await town.world.claim(3) == []
    assert (await town.world.case(town.kept))["next_at"].date() > town.world.now.date()


async def test_no_phone_said_to_one_holds_for_both(town: Town) -> None:
    resident = (await town.world.case(town.other))["resident_id"]
    await town.pool.execute(
        "insert into opt_out (id, client_id, match_key, at) select $2, client_id, match_key, $3 from resident "
        "where id = $1",
        resident,
        town.world.ids.new(),
        town.world.now,
    )
    await town.merge()
    row = await town.world.case(town.kept)
    assert (row["state"], row["state_reason"]) == ("closed", "OPT_OUT")
    await town.cases.lift_opt_out(town.kept, "wil weer gebeld worden", "user:1")
    assert (await town.world.case(town.kept))["state"] == "open"


@pytest.mark.parametrize("state", ["open", "held", "no_number"])
async def test_undoing_restores_both_exactly(town: Town, state: str) -> None:
    await town.tried(town.kept, 1, 3)
    await town.tried(town.other, 1, 2)
    await town.pool.execute(
        "insert into callback_task (id, client_id, campaign_id, number_key, sealed_number, case_id, origin, state, "
        "requested_at) values ($1, $2, $3, $4, '', $5, 'closed', 'open', $6)",
        town.world.ids.new(), town.world.client, town.world.campaign, town.world.key_of(SECOND), town.other,
        town.world.now,
    )  # fmt: skip
    await town.pool.execute(
        "update case_file set state = $2, state_reason = case $2 when 'held' then 'spoken_recently' else '' end, "
        "next_at = null where id = $1",
        town.other,
        state,
    )
    if state == "no_number":
        await town.pool.execute(
            "update case_phone set state = 'closed', closed_reason = 'x' where case_id = $1", town.other
        )
    await _settled(town)
    before = await town.picture()
    await town.merge()
    assert await town.picture() != before
    assert await town.unmerge() == town.kept
    assert await town.picture() == before
    row = await town.pool.fetchrow("select undone_by, undone_at from case_merge")
    assert row is not None
    assert (row["undone_by"], row["undone_at"]) == ("user:2", town.world.now)
    actions = await town.pool.fetch("select action from audit_event order by id")
    assert [record["action"] for record in actions][-2:] == ["case.merge", "case.unmerge"]
    await town.merge()  # and again


async def _settled(town: Town) -> None:
    """As the rules leave them: undoing settles both."""
    for case in (town.kept, town.other):
        store = PostgresCases(town.pool, town.world.catalogues, Rotation())
        async with town.pool.acquire() as connection, connection.transaction():
            await store._settle(connection, [case], town.world.now)
    await town.pool.execute(
        "update case_file f set crisis = s.crisis from signal s where s.case_id = f.id and f.id = any($1)",
        [town.kept, town.other],
    )
    for case in (town.kept, town.other):
        async with town.pool.acquire() as connection, connection.transaction():
            await store._settle(connection, [case], town.world.now)


async def test_what_was_done_meanwhile_stays_with_the_case_that_was_kept(town: Town) -> None:
    await town.merge()
    claim = await town.world.claim_one()
    await town.world.end(AttemptId(claim.attempt), "NO_ANSWER")
    await town.unmerge()
    kept, other = await town.office.case_detail(town.kept), await town.office.case_detail(town.other)
    assert kept is not None
    assert other is not None
    assert (kept.case.attempts, other.case.attempts) == (1, 0)
    assert [phone.position for phone in kept.phones] == [1]
    assert kept.merges == other.merges == []


async def test_a_call_or_a_wrap_up_of_either_refuses_both_ways(town: Town) -> None:
    claims = await town.world.claim(1)
    assert await refused(town) == "merge-busy"
    await town.world.end(AttemptId(claims[0].attempt), None, agent=town.world.agents[0], wrap_up=True)
    assert await refused(town) == "merge-busy"
    await town.pool.execute("update attempt set wrap_up_open = false")
    await town.merge()
    await town.pool.execute("update attempt set live = true where id = $1", claims[0].attempt)
    with pytest.raises(NotNowError) as error:
        await town.unmerge()
    assert error.value.code == "merge-busy"


async def test_a_claim_and_a_merge_at_one_moment_never_leave_a_call_to_a_merged_case(town: Town) -> None:
    """The claim's transaction has the case locked: the merge waits for it, and then sees its call."""
    async with town.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("select id from case_file where id = $1 for no key update", town.other)
        merging = asyncio.ensure_future(town.merge())
        waiting = (
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        )
        async with asyncio.timeout(30):
            while not await town.pool.fetchval(waiting):  # noqa: ASYNC110 - asks the database, a round trip each
                await asyncio.sleep(0)
        attempt = town.world.ids.new()
        await connection.execute(ADD_ATTEMPT, attempt, town.other, 1, town.world.now)
        await connection.execute("update attempt set live = true, outcome = null where id = $1", attempt)
        await transaction.commit()
    with pytest.raises(NotNowError) as error:
        await merging
    assert error.value.code == "merge-busy"
    assert (await town.world.case(town.other))["state"] == "open"


async def test_what_an_agent_looks_at_is_let_go(town: Town) -> None:
    await town.pool.execute(
        "insert into preview_hold (case_id, user_id, begun_at, expires_at) values ($1, $2, $3, 'infinity')",
        town.other,
        town.world.agents[0],
        town.world.now,
    )
    await town.merge()
    assert await town.pool.fetchval("select count(*) from preview_hold") == 0


async def test_refusals(town: Town) -> None:
    elsewhere = await town.world.add_campaign(town.world.client, "Andere belactie")
    there = await town.world.add_case(THIRD, campaign=elsewhere)
    third = await town.world.add_case(THIRD)

    async def why(kept: CaseId, other: CaseId) -> str:
        with pytest.raises(NotNowError) as error:
            await town.cases.merge(kept, other, "reden", "user:1")
        return error.value.code

    assert await why(town.kept, town.kept) == "merge-same"
    assert await why(town.kept, there) == "merge-campaign"
    await town.merge()
    assert await why(third, town.kept) == "merge-chain"
    assert await why(town.other, third) == "merge-gone"
    assert await why(third, town.other) == "merge-over"
    with pytest.raises(NotFoundError):
        await town.cases.merge(town.kept, CaseId(town.world.ids.new()), "reden", "user:1")
    with pytest.raises(NotNowError) as error:
        await town.cases.unmerge(third, "reden", "user:1")
    assert error.value.code == "merge-none"
    async with town.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "select pg_advisory_xact_lock(hashtextextended('intake:' || $1::text, 0))", str(town.world.client)
        )
        assert await why(town.kept, third) == "merge-intake"


async def test_a_delivery_recalled_meanwhile_is_recalled_after_undoing_too(town: Town) -> None:
    await town.merge()
    await town.pool.execute("update signal set recalled = true where id = $1", town.signals[1])
    await town.unmerge()
    assert (await town.world.case(town.other))["state"] == "recalled"
    assert (await town.world.case(town.kept))["state"] == "open"


async def test_when_only_the_others_signals_kept_it_going_undoing_ends_it(town: Town) -> None:
    await town.merge()
    await town.pool.execute("update signal set recalled = true where id = $1", town.signals[0])
    await town.unmerge()
    assert (await town.world.case(town.kept))["state"] == "recalled"
    assert (await town.world.case(town.other))["state"] == "open"


async def test_a_result_that_stands_is_told_of_the_signals_that_join(town: Town) -> None:
    attempt = await town.tried(town.kept, 1, 1)
    await town.pool.execute("update attempt set outcome = 'PAID', reached = true where id = $1", attempt)
    await _settled(town)
    row = await town.world.case(town.kept)
    assert row["state"] == "reached"
    await town.merge()
    after = await town.world.case(town.kept)
    assert (after["state"], after["outcome"]) == ("reached", "PAID")
    assert after["result_version"] > row["result_version"]
    assert await town.world.claim(3) == []
