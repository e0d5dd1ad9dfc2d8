from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest

from dialer.domain.call import Direction
from dialer.domain.ids import AttemptId, ChannelId, PhoneId
from dialer.schedule.windows import local_date
from dialer.services.ports.ledger import CallFact, InboundCall, LostLeaseError
from dialer.storage.changes import listen
from dialer.storage.connection import Connection
from dialer.storage.leases import lease_name
from dialer.storage.pool import open_pool
from tests.support.world import MONDAY, World, number_key

MOBILE, FIXED, OTHER = "+31600000001", "+31790000011", "+31600000002"
HOUR = timedelta(hours=1)


@pytest.fixture
async def world(dsn: str) -> AsyncIterator[World]:
    pool = await open_pool(dsn, size=8)
    try:
        yield await World(pool).build()
    finally:
        await pool.close()


def fact(attempt: AttemptId, kind: str, state: str, seconds: float, **more: object) -> CallFact:
    at = MONDAY + timedelta(seconds=seconds)
    return CallFact(attempt=attempt, kind=kind, at=at, wall_at=at, actor="asterisk", state=state, **more)  # type: ignore[arg-type]


async def test_a_claim_is_a_committed_attempt_on_the_mobile_number(world: World) -> None:
    case = await world.add_case(FIXED, MOBILE)
    claim = await world.claim_one()
    assert (claim.case, claim.number, claim.seq, claim.case_seq) == (case, MOBILE, 1, 1)
    assert claim.agent == world.agents[0]
    row = await world.attempt(claim.attempt)
    assert row["live"]
    assert row["counted"]
    assert row["state"] == "claimed"
    assert row["day"] == date(2026, 3, 2)
    assert row["channel_id"] == str(claim.attempt)
    assert await world.pool.fetchval("select kind from attempt_event where attempt_id = $1", claim.attempt) == "claimed"
    assert await world.claim() == []  # the case is in a call


async def test_no_claim_without_the_lease_or_with_an_old_epoch(world: World) -> None:
    await world.add_case(MOBILE)
    old = world.order()
    await world.pool.execute("update lease set expires_at = clock_timestamp()")
    lease = await world.ledger.take_lease(lease_name(world.campaign), "engine-2", 10)
    assert lease is not None
    assert lease.epoch == world.epoch + 1
    with pytest.raises(LostLeaseError):
        await world.ledger.claim(old)


async def test_a_lease_is_renewed_by_its_owner_and_its_epoch_never_falls(world: World) -> None:
    name = lease_name(world.campaign)
    again = await world.ledger.take_lease(name, world.owner, 10)
    assert again is not None
    assert again.epoch == world.epoch
    assert await world.ledger.take_lease(name, "engine-2", 10) is None
    await world.ledger.drop_lease(name, "engine-2")  # not his
    assert await world.ledger.take_lease(name, "engine-2", 10) is None
    await world.ledger.drop_lease(name, world.owner)
    taken = await world.ledger.take_lease(name, "engine-2", 10)
    assert taken is not None
    assert taken.epoch == world.epoch + 1


@pytest.mark.parametrize("state", ["paused", "draining", "stopped", "draft"])
async def test_only_a_running_campaign_claims(world: World, state: str) -> None:
    await world.add_case(MOBILE)
    await world.pool.execute("update campaign set state = $1", state)
    assert await world.claim() == []


async def test_outside_the_window_nothing_is_claimed_and_nothing_is_planned_anew(world: World) -> None:
    case = await world.add_case(MOBILE)
    assert await world.claim(at=MONDAY.replace(hour=20)) == []  # 21:00 in Amsterdam, sharp
    assert (await world.case(case))["next_at"] == MONDAY
    assert len(await world.claim(at=MONDAY.replace(hour=19, minute=59, second=59))) == 1


async def test_crisis_goes_first_then_the_oldest(world: World) -> None:
    await world.add_case(MOBILE, next_at=MONDAY - timedelta(hours=1))
    crisis = await world.add_case(OTHER, crisis=True)
    assert (await world.claim_one()).case == crisis


async def test_a_miss_plans_another_day_part_and_the_next_number(world: World) -> None:
    case = await world.add_case(MOBILE, FIXED)
    claim = await world.claim_one()
    await world.end(claim.attempt, "NO_ANSWER")
    row = await world.case(case)
    assert row["state"] == "open"
    assert row["next_at"] > MONDAY + timedelta(hours=12)
    assert world.numbers[row["next_phone_id"]] == FIXED
    assert (row["outcome"], row["outcome_attempt"], row["result_version"]) == ("NO_ANSWER", claim.attempt, 1)
    attempt = await world.attempt(claim.attempt)
    assert not attempt["live"]
    assert (attempt["outcome"], attempt["machine_result"]) == ("NO_ANSWER", "NO_ANSWER")


async def test_a_carrier_fault_is_no_attempt_and_frees_number_and_seq(world: World) -> None:
    case = await world.add_case(MOBILE)
    first = await world.claim_one()
    await world.end(first.attempt, "CONGESTION")
    row = await world.attempt(first.attempt)
    assert not row["counted"]
    assert row["seq"] is None
    next_at = (await world.case(case))["next_at"]
    assert timedelta(minutes=5) <= next_at - MONDAY <= timedelta(minutes=11)
    again = await world.claim_one(at=next_at)
    assert (again.seq, again.case_seq) == (1, 1)


async def test_ending_twice_is_once(world: World) -> None:
    case = await world.add_case(MOBILE)
    claim = await world.claim_one()
    await world.end(claim.attempt, "BUSY")
    before = await world.case(case)
    await world.end(claim.attempt, "FAILED", at=MONDAY + timedelta(hours=1))
    assert await world.case(case) == before
    assert (await world.attempt(claim.attempt))["outcome"] == "BUSY"
    count = await world.pool.fetchval("select count(*) from attempt_event where kind = 'ended'")
    assert count == 1


async def test_busy_comes_back_within_the_half_hour(world: World) -> None:
    case = await world.add_case(MOBILE)
    claim = await world.claim_one()
    await world.end(claim.attempt, "BUSY")
    row = await world.case(case)
    assert timedelta(minutes=15) <= row["next_at"] - MONDAY <= timedelta(minutes=31)
    assert row["priority"] < 100  # before those whom nobody has called yet


async def test_an_abandoned_resident_is_next_called_another_day_with_a_reserved_agent(world: World) -> None:
    case = await world.add_case(MOBILE)
    claim = await world.claim_one()
    await world.end(claim.attempt, "ABANDONED", abandoned=True)
    row = await world.case(case)
    assert row["needs_reserved"]
    assert row["next_at"].date() > MONDAY.date()


async def test_an_open_wrap_up_holds_the_plan(world: World) -> None:
    case = await world.add_case(MOBILE)
    claim = await world.claim_one()
    await world.end(claim.attempt, None, agent=claim.agent, wrap_up=True)
    row = await world.case(case)
    assert row["state"] == "open"
    assert row["next_at"] is None
    assert (await world.attempt(claim.attempt))["wrap_up_open"]


async def test_a_dead_number_closes_and_the_case_waits_for_enrichment(world: World) -> None:
    case = await world.add_case(MOBILE)
    claim = await world.claim_one()
    await world.end(claim.attempt, "NUMBER_CHANGED")
    assert (await world.case(case))["state"] == "no_number"
    row = await world.pool.fetchrow("select state, closed_reason from case_phone where case_id = $1", case)
    assert row is not None
    assert tuple(row) == ("closed", "NUMBER_CHANGED")


async def test_the_cap_of_a_number_ends_the_plan(world: World) -> None:
    case = await world.add_case(MOBILE, days=60)
    for seq in range(1, 8):
        at = (await world.case(case))["next_at"]
        claim = await world.claim_one(at=at)
        assert claim.seq == seq
        await world.end(claim.attempt, "NO_ANSWER", at=at + timedelta(seconds=40))
    row = await world.case(case)
    assert (row["state"], row["state_reason"], row["outcome"]) == ("not_reached", "number_cap", "NOT_REACHED")
    assert row["next_at"] is None


async def test_a_shared_number_is_not_called_for_b_right_after_a(world: World) -> None:
    await world.add_case(MOBILE, next_at=MONDAY - timedelta(minutes=1))
    second = await world.add_case(MOBILE)
    claims = await world.claim(2)
    assert len(claims) == 1  # never twice at once
    assert (await world.case(second))["next_at"] > MONDAY
    await world.end(claims[0].attempt, "NO_ANSWER")
    assert await world.claim(at=MONDAY + timedelta(minutes=30)) == []
    later = await world.claim_one(at=MONDAY + timedelta(minutes=95))
    assert later.case == second


async def test_a_caller_who_rings_us_is_not_dialled(world: World) -> None:
    case = await world.add_case(MOBILE)
    attempt = AttemptId(world.ids.new())
    call = InboundCall(
        attempt=attempt,
        channel=ChannelId("c1"),
        client=world.client,
        campaign=world.campaign,
        number=MOBILE,
        case=None,
        at=MONDAY,
        wall_at=MONDAY,
    )
    await world.ledger.inbound(call)
    await world.ledger.inbound(call)
    assert await world.claim() == []
    assert (await world.case(case))["next_at"] > MONDAY
    await world.end(attempt, "LOST")
    row = await world.attempt(attempt)
    assert (row["direction"], row["counted"], row["outcome"]) == ("in", False, "LOST")
    assert row["number_key"] == number_key(MOBILE)


async def test_a_caller_reaches_us_while_we_ring_the_same_number(world: World) -> None:
    await world.add_case(MOBILE)
    await world.claim_one()
    call = InboundCall(
        attempt=AttemptId(world.ids.new()),
        channel=ChannelId("c1"),
        client=world.client,
        campaign=world.campaign,
        number=MOBILE,
        case=None,
        at=MONDAY,
        wall_at=MONDAY,
    )
    await world.ledger.inbound(call)
    assert await world.pool.fetchval("select count(*) from attempt where live") == 2


async def test_facts_are_appended_once_and_projected(world: World) -> None:
    await world.add_case(MOBILE)
    claim = await world.claim_one()
    facts = [
        fact(claim.attempt, "dialed", "dialing", 0.1),
        fact(claim.attempt, "rang", "dialing", 0.5, data={"early_media": True}),
        fact(claim.attempt, "rang", "ringing", 1.0),
        fact(claim.attempt, "answered", "answered", 9.0),
        fact(claim.attempt, "joined", "joined", 9.002, agent=world.agents[1], answer_to_agent_ms=2.0),
    ]
    await world.ledger.append(facts[:3])
    await world.ledger.append(facts)  # a retry after an unclear answer
    row = await world.attempt(claim.attempt)
    assert row["state"] == "joined"
    assert row["agent_id"] == world.agents[1]
    assert row["ringing_at"] == MONDAY + timedelta(seconds=1)
    assert row["answer_to_agent_ms"] == pytest.approx(2.0)
    kinds = await world.pool.fetch(
        "select kind from attempt_event where attempt_id = $1 order by revision", claim.attempt
    )
    assert [r["kind"] for r in kinds] == ["claimed", "dialed", "rang", "rang", "answered", "joined"]
    assert row["revision"] == 6


async def test_a_late_fact_does_not_wake_an_ended_call(world: World) -> None:
    await world.add_case(MOBILE)
    claim = await world.claim_one()
    await world.end(claim.attempt, "NO_ANSWER")
    unknown = AttemptId(world.ids.new())
    await world.ledger.append([fact(claim.attempt, "rang", "ringing", 3.0), fact(unknown, "rang", "ringing", 3.0)])
    row = await world.attempt(claim.attempt)
    assert row["state"] == "ended"
    assert row["ringing_at"] is not None


async def test_live_attempts_come_back_with_their_wall_times(world: World) -> None:
    await world.add_case(MOBILE)
    claim = await world.claim_one()
    await world.ledger.append(
        [
            fact(claim.attempt, "answered", "answered", 9.0),
            fact(claim.attempt, "joined", "joined", 9.5, agent=claim.agent),
            fact(claim.attempt, "agent_lost", "rescue", 11.0),
        ]
    )
    (live,) = await world.ledger.live([world.campaign])
    assert await world.ledger.live([world.campaign], {live.attempt}) == []
    assert (live.attempt, live.direction, live.state, live.agent) == (
        claim.attempt,
        Direction.OUT,
        "rescue",
        claim.agent,
    )
    assert live.claimed_wall == MONDAY.timestamp()
    assert live.answered_wall == MONDAY.timestamp() + 9
    assert live.joined_wall == MONDAY.timestamp() + 9.5
    assert live.number == MOBILE
    await world.end(claim.attempt, "EARLY_HANGUP")
    assert await world.ledger.live([world.campaign]) == []


async def test_a_number_that_cannot_be_read_holds_nobody_else_up(world: World) -> None:
    broken = await world.add_case(MOBILE, next_at=MONDAY - timedelta(hours=1))
    fine = await world.add_case(OTHER)
    world.numbers = {phone: number for phone, number in world.numbers.items() if number == OTHER}
    assert await world.claim() == []  # the first in line turned out unreadable
    assert (await world.case(broken))["next_at"] == MONDAY + timedelta(hours=1)
    assert (await world.claim_one()).case == fine


async def test_a_rule_broken_between_look_and_insert_stops_that_dial_only(world: World) -> None:
    blocked = await world.add_case(MOBILE, next_at=MONDAY - timedelta(hours=1))
    fine = await world.add_case(OTHER)

    async def numbers_and_a_block(phones: object) -> dict[PhoneId, str]:
        # Another process blocks the number after our rules have looked at it.
        await world.pool.execute("update phone set blocked_at = $1 where number_key = $2", MONDAY, number_key(MOBILE))
        return dict(world.numbers)

    world.ledger._claimer._numbers = numbers_and_a_block
    claims = await world.claim(2)
    assert [claim.case for claim in claims] == [fine]
    assert (await world.case(blocked))["next_at"] > MONDAY


async def test_three_claimers_never_take_the_same_case_or_number(world: World) -> None:
    for number in range(40):
        await world.add_case(f"+3160000{number % 25:04d}", f"+31790001{number:03d}")
    claims = [c for batch in await asyncio.gather(*(world.claim(3) for _ in range(12))) for c in batch]
    assert len({c.case for c in claims}) == len(claims)
    assert len({c.number for c in claims}) == len(claims)
    assert len(claims) >= 20
    live = await world.pool.fetchval("select count(*) from attempt where live")
    assert live == len(claims)


async def test_an_appointment_waits_a_little_for_its_own_agent(world: World) -> None:
    await world.add_case(MOBILE)
    await world.pool.execute("update case_file set preferred_agent = $1", world.agents[2])
    assert await world.claim(1) == []
    (first,) = await world.claim(1, at=MONDAY + timedelta(minutes=2))
    assert first.agent == world.agents[0]


async def test_the_preferred_agent_gets_the_call(world: World) -> None:
    await world.add_case(OTHER, next_at=MONDAY - timedelta(hours=1))
    case = await world.add_case(MOBILE)
    await world.pool.execute("update case_file set preferred_agent = $1 where id = $2", world.agents[0], case)
    claims = {claim.case: claim.agent for claim in await world.claim(2)}
    assert claims[case] == world.agents[0]
    assert set(claims.values()) == set(world.agents[:2])


async def test_without_reserving_only_who_must_have_an_agent_gets_one(world: World) -> None:
    owns = [await world.add_case(number) for number in ("+31600000041", "+31600000042")]
    others = [await world.add_case(f"+3160000005{n}") for n in range(3)]
    await world.pool.execute(
        "update case_file set needs_reserved = true, next_at = next_at - interval '1 hour' where id = any($1)", owns
    )
    await world.pool.execute("update case_file set preferred_agent = $1 where id = $2", world.agents[0], others[0])
    claims = await world.ledger.claim(replace(world.order(1), unreserved=4))
    given = {claim.case: claim.agent for claim in claims}
    assert len(given) == 4
    assert set(others) <= set(given)
    assert [given[case] for case in others] == [None] * 3
    (own,) = set(given) & set(owns)
    assert given[own] == world.agents[0]
    kept = await world.pool.fetchval("select agent_id from attempt where case_id = $1", own)
    assert kept == world.agents[0]
    assert await world.ledger.claim(replace(world.order(0), unreserved=5)) == [], "the other waits for an agent"
    assert [claim.agent for claim in await world.claim(1)] == [world.agents[0]]


ASKED = """
insert into callback_task (id, client_id, campaign_id, number_key, sealed_number, case_id, origin, state, requested_at,
                           claimed_at)
select f.id, f.client_id, f.campaign_id, p.number_key, '', {case}, 'agent', '{state}', timestamptz '{at}',
       timestamptz '{at}' from case_file f, phone p
"""
GUARDED = [
    ("update case_file set state = 'withdrawn'", "attempt_case_open"),
    ("update delivery set state = 'recalled'", "attempt_delivery_loaded"),
    ("update campaign set state = 'paused'", "attempt_campaign_running"),
    (
        "update case_file set plan_ends_at = claimed from (select timestamptz '2026-03-02 09:00Z' as claimed) x",
        "attempt_within_term",
    ),
    ("update case_file set paused_until = timestamptz '2026-03-09 09:00Z'", "attempt_not_paused"),
    (
        "insert into opt_out (id, client_id, match_key, at) select id, client_id, match_key, created_at from resident",
        "attempt_no_opt_out",
    ),
    ("update case_phone set state = 'closed'", "attempt_number_open"),
    ("update phone set blocked_at = timestamptz '2026-03-02 09:00Z'", "attempt_number_not_blocked"),
    ("update campaign set ends_on = date '2026-03-01'", "attempt_campaign_running"),
    ("update campaign set starts_on = date '2026-03-03'", "attempt_campaign_running"),
    ("update case_file set appointment_at = timestamptz '2026-03-02 09:01Z'", "attempt_not_before_appointment"),
    ("""update campaign set calendar = '{"exceptions": {"2026-03-02": [["08:30", "10:00"]]}}'""", "attempt_window"),
    ("""update campaign set calendar = '{"week": {"mon": []}}'""", "attempt_window"),
    (ASKED.format(case="null", state="open", at="2026-03-01 09:01Z"), "attempt_no_request_open"),
    (ASKED.format(case="f.id", state="claimed", at="2026-03-02 08:31Z"), "attempt_no_request_open"),
]


@pytest.mark.parametrize(("statement", "constraint"), GUARDED)
async def test_the_database_guards_without_us(world: World, statement: str, constraint: str) -> None:
    await world.add_case(MOBILE)
    await world.pool.execute(statement)
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await insert_raw(world)
    assert caught.value.constraint_name == constraint


async def test_the_database_knows_what_the_resident_s_other_case_came_to(world: World) -> None:
    resident = await world.add_resident()
    await world.add_case(MOBILE, resident=resident)
    other = await world.add_case(resident=resident, campaign=await world.add_campaign(world.client, "Tweede"))
    for state, outcome, later, settings, forbidden in (
        ("closed", "DECEASED", 1, {}, True),
        ("closed", "MOVED", 1, {}, True),
        ("closed", "NOT_CALLABLE", 1, {}, False),
        ("closed", "DECEASED", -1, {}, False),  # known when this case was opened: a person has decided
        ("reached", "ADVICE", 1, {}, True),
        ("reached", "ADVICE", 1, {"spoken_hold_days": 0}, False),
        ("reached", "HELP_WANTED", 1, {"spoken_hold_days": 0}, True),
    ):
        await world.pool.execute("update client set settings = $1::text::jsonb", json.dumps(settings))
        await world.pool.execute(
            "update case_file set state = $2, outcome = $3, closed_at = opened_at + make_interval(secs => $4) "
            "where id = $1",
            other,
            state,
            outcome,
            later,
        )
        async with world.pool.acquire() as connection:
            trial = connection.transaction()
            await trial.start()
            refused = None
            try:
                await insert_raw(world, at=MONDAY + HOUR, into=connection)
            except asyncpg.CheckViolationError as error:
                refused = error.constraint_name
            await trial.rollback()
        assert refused == ("attempt_not_stopped_elsewhere" if forbidden else None), (state, outcome)
    await world.pool.execute(
        "update case_file set released_at = (select closed_at from case_file where id = $1) where id <> $1", other
    )
    await insert_raw(world)


async def test_a_case_that_was_opened_while_another_one_ended_is_held_at_the_claim(world: World) -> None:
    resident = await world.add_resident()
    case = await world.add_case(MOBILE, resident=resident)
    other = await world.add_case(resident=resident, campaign=await world.add_campaign(world.client, "Tweede"))
    await world.pool.execute(
        "update case_file set state = 'closed', outcome = 'DECEASED', closed_at = opened_at + interval '1 second' "
        "where id = $1",
        other,
    )
    assert await world.claim() == []
    row = await world.case(case)
    assert (row["state"], row["state_reason"], row["held_elsewhere"]) == ("held", "deceased", True)


async def test_the_database_redials_a_line_that_was_cut_off_once_and_soon(world: World) -> None:
    case = await world.add_case(MOBILE)
    await world.pool.execute("update client set settings = $1::text::jsonb", json.dumps({"daily_cap": 1}))
    await insert_raw(world)
    soon = MONDAY + timedelta(minutes=3)

    async def refused(at: datetime) -> str | None:
        try:
            await insert_raw(world, seq=2, case_seq=2, exempt=True, at=at)
        except asyncpg.CheckViolationError as error:
            return str(error.constraint_name)
        return None

    assert await refused(soon) == "attempt_exempt"
    await world.pool.execute("update case_file set cut_off_redial = true where id = $1", case)
    assert await refused(soon) == "attempt_exempt", "said so, and nothing in the ledger tells it"
    await world.pool.execute("update attempt set outcome = 'CUT_OFF', ended_at = claimed_at + interval '1 minute'")
    assert await refused(MONDAY + timedelta(minutes=12)) == "attempt_exempt", "too late"
    assert await refused(soon) is None
    with pytest.raises(asyncpg.CheckViolationError) as again:
        await insert_raw(world, seq=3, case_seq=3, exempt=True, at=soon + timedelta(minutes=1))
    assert again.value.constraint_name == "attempt_exempt", "once"


@pytest.mark.parametrize(
    "change",
    [
        "claimed_at = claimed_at - interval '1 day'",
        "day = day - 1",
        "exempt_daily = true",
        "direction = 'in'",
        "counted = true, seq = 1, case_seq = 1",
    ],
)
async def test_the_database_keeps_what_the_rules_count_on(world: World, change: str) -> None:
    await world.add_case(MOBILE)
    claim = await world.claim_one()
    await world.end(claim.attempt, "CONGESTION")  # no attempt: it left the count, and does not come back
    with pytest.raises(asyncpg.CheckViolationError) as kept:
        await world.pool.execute(f"update attempt set {change}")
    assert kept.value.constraint_name == "attempt_kept"


async def insert_raw(
    world: World,
    *,
    seq: int = 1,
    case_seq: int = 1,
    exempt: bool = False,
    at: datetime = MONDAY,
    day: date | None = None,
    into: Connection | None = None,
) -> None:
    await (into or world.pool).execute(
        "insert into attempt (id, direction, client_id, campaign_id, case_id, phone_id, number_key, channel_id, state, "
        "live, counted, seq, case_seq, day, exempt_daily, claimed_at, catalogue_version) "
        "select $1, 'out', f.client_id, f.campaign_id, f.id, p.id, p.number_key, 'x', 'ended', false, true, $3, $4, "
        "$6, $5, $2, 1 from case_file f join case_phone cp on cp.case_id = f.id "
        "join phone p on p.id = cp.phone_id",
        world.ids.new(),
        at,
        seq,
        case_seq,
        exempt,
        day or local_date(at),
    )


async def test_the_database_guards_the_caps(world: World) -> None:
    await world.add_case(MOBILE)
    with pytest.raises(asyncpg.CheckViolationError):
        await insert_raw(world, seq=8)
    with pytest.raises(asyncpg.CheckViolationError) as exempt:
        await insert_raw(world, exempt=True)
    assert exempt.value.constraint_name == "attempt_exempt"
    await insert_raw(world)
    with pytest.raises(asyncpg.UniqueViolationError):
        await insert_raw(world, at=MONDAY + HOUR)
    for early in (-14, 14):
        with pytest.raises(asyncpg.CheckViolationError) as soon:
            await insert_raw(world, seq=2, case_seq=2, at=MONDAY + timedelta(minutes=early))
        assert soon.value.constraint_name == "attempt_least_pause"
    await insert_raw(world, seq=2, case_seq=2, at=MONDAY + timedelta(minutes=15))
    with pytest.raises(asyncpg.CheckViolationError) as daily:
        await insert_raw(world, seq=3, case_seq=3, at=MONDAY + HOUR)
    assert daily.value.constraint_name == "attempt_daily_cap"
    with pytest.raises(asyncpg.CheckViolationError) as disguised:
        await insert_raw(world, seq=3, case_seq=3, at=MONDAY + HOUR, day=date(2026, 3, 3))
    assert disguised.value.constraint_name == "attempt_day"
    for settings, constraint in (
        ('{"daily_cap": 10, "case_cap": 2}', "attempt_case_cap"),
        ('{"daily_cap": 10, "number_cap": 2}', "attempt_number_cap"),
    ):
        await world.pool.execute("update client set settings = $1::text::jsonb", settings)
        with pytest.raises(asyncpg.CheckViolationError) as cap:
            await insert_raw(world, seq=3, case_seq=3, at=MONDAY + HOUR)
        assert cap.value.constraint_name == constraint


async def test_the_database_knows_that_a_window_ends_strictly_before_its_end(world: World) -> None:
    await world.add_case(MOBILE)
    end = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)  # 21:00 in Amsterdam
    for at in (end, MONDAY - timedelta(hours=1, minutes=31), datetime(2026, 3, 8, 11, 0, tzinfo=UTC)):
        with pytest.raises(asyncpg.CheckViolationError) as closed:
            await insert_raw(world, at=at)
        assert closed.value.constraint_name == "attempt_window"
    await insert_raw(world, at=end - timedelta(microseconds=1))


async def test_whoever_blocks_or_closes_a_number_tells_the_running_service(world: World, dsn: str) -> None:
    """A second process does it: what is claimed on the number may not leave any more."""
    case = await world.add_case(MOBILE)
    phone = await world.pool.fetchval("select id from phone")
    heard: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    listener = asyncio.create_task(listen(dsn, lambda kind, subject: heard.put_nowait((kind, subject))))
    try:
        async with asyncio.timeout(20):
            assert await heard.get() == ("all", "")
            await world.pool.execute("update phone set blocked_at = $1", MONDAY)
            assert await heard.get() == ("number", str(phone))
            await world.pool.execute("update phone set lifted_at = $1", MONDAY)
            await world.pool.execute("update case_phone set state = 'closed'")
            assert await heard.get() == ("case_number", f"{case}/{phone}")
    finally:
        listener.cancel()


async def test_two_campaigns_share_the_daily_cap_of_a_resident(world: World) -> None:
    resident = await world.add_resident()
    await world.add_case(MOBILE, resident=resident)
    second = await world.add_campaign(world.client, "Tweede")
    case = await world.add_case(OTHER, resident=resident, campaign=second)
    for _ in range(2):
        at = await world.pool.fetchval("select min(next_at) from case_file where campaign_id = $1", world.campaign)
        claim = await world.claim_one(at=max(at, MONDAY))
        await world.end(claim.attempt, "BUSY", at=max(at, MONDAY) + timedelta(seconds=20))
    world.campaign = second
    await world.take()
    assert await world.claim(at=MONDAY + timedelta(hours=2)) == []
    assert (await world.case(case))["next_at"].date() > MONDAY.date()
