"""A call-back request of nobody we know, dialled at an agent's word: what the ledger keeps of it, what forbids it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from dialer.domain.errors import ConflictError
from dialer.domain.ids import AttemptId, CaseId, UserId
from dialer.schedule.history import CLAIM_LASTS
from dialer.schedule.rotation import Rotation
from dialer.services.callbacks import CallbackService
from dialer.services.outcomes import OutcomeService
from dialer.services.people import NotVerifiedError, PeopleService
from dialer.services.ports.desk import Filing
from dialer.services.ports.engine import CallbackRequest
from dialer.services.ports.ledger import CallBackOrder, CallEnd, CallFact, Claim, LostLeaseError, RuleForbidsError
from dialer.services.ports.people import Viewer
from dialer.storage.callbacks import PostgresCallbacks
from dialer.storage.filings import PostgresOutcomes
from dialer.storage.office import PostgresOffice
from dialer.storage.people import PeopleRows
from tests.support.intake import VAULT, IntakeWorld, intake_world, row
from tests.support.world import MONDAY

STRANGER, SHARED = "+31600000109", "+31600000110"
SQL_SOMEBODY_WAITS = """
select exists (select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')
"""


@dataclass(frozen=True)
class Said:
    """What the resident of `row()` says of himself."""

    birth_date: date = date(1970, 2, 1)
    postcode: str = "2711 ab"
    house_number: str = "12"


class Desk:
    """Requests, their dials and their outcomes over one real database."""

    def __init__(self, w: IntakeWorld) -> None:
        self.w = w
        self.pool, self.world = w.pool, w.world
        self.agent, self.colleague = self.world.agents[:2]
        store = PostgresCallbacks(self.pool, self.world.catalogues, Rotation())
        self.callbacks = CallbackService(store, VAULT, w.clock, self.world.ids, demo=True)
        self.office = PostgresOffice(self.pool)
        filings = PostgresOutcomes(self.pool, self.world.ids, self.world.catalogues, Rotation())
        self.outcomes = OutcomeService(filings, self.world.catalogues, VAULT, w.clock)
        self.people = PeopleService(
            store=PeopleRows(self.pool), vault=VAULT, audit=w.audit, clock=w.clock, ledger=self.world.ledger
        )

    @property
    def viewer(self) -> Viewer:
        return Viewer(actor=f"user:{self.agent}", user=self.agent, role="agent", client=None)

    async def ask(self, number: str = STRANGER, *, by: UserId | None = None) -> UUID:
        """Somebody asks to be rung back, and an agent takes it."""
        request = CallbackRequest(
            campaign=self.w.campaign,
            client=self.w.client,
            number=number,
            attempt=None,
            origin="queue",
            at=self.w.clock.now(),
        )
        await self.callbacks.open(request)
        task: UUID = await self.pool.fetchval(
            "select id from callback_task where number_key = $1 and state = 'open'", VAULT.number_key(number)
        )
        await self.callbacks.claim(task, by or self.agent)
        return task

    async def dial(self, task: UUID, **more: Any) -> Claim:
        facts: dict[str, Any] = {
            "callback": task,
            "campaign": self.w.campaign,
            "owner": self.world.owner,
            "epoch": self.world.epoch,
            "agent": self.agent,
            "number": STRANGER,
            "at": self.w.clock.now(),
            "wall_at": self.w.clock.wall_utc(),
        }
        return await self.world.ledger.claim_callback(CallBackOrder(**{**facts, **more}))

    async def forbidden(self, task: UUID, **more: Any) -> str:
        with pytest.raises(RuleForbidsError) as caught:
            await self.dial(task, **more)
        return caught.value.rule

    async def left(self, attempt: AttemptId) -> None:
        at, wall_at = self.w.clock.now(), self.w.clock.wall_utc()
        fact = CallFact(attempt=attempt, kind="dialed", at=at, wall_at=wall_at, actor="asterisk", state="dialing")
        await self.world.ledger.append([fact])

    async def end(self, attempt: AttemptId, *, talked: bool = False, result: str = "NO_ANSWER") -> None:
        at = self.w.clock.now() + timedelta(seconds=30)
        await self.world.ledger.end(
            CallEnd(
                attempt=attempt,
                at=at,
                wall_at=at,
                actor="asterisk",
                result=None if talked else result,
                counted=False,
                abandoned=False,
                cause=16,
                sip_code=0,
                ring_ms=9000.0,
                talk_ms=60_000.0 if talked else None,
                wrap_up=talked,
                agent=self.agent if talked else None,
            )
        )

    async def talked(self, task: UUID, **more: Any) -> AttemptId:
        claim = await self.dial(task, **more)
        await self.left(claim.attempt)
        await self.end(claim.attempt, talked=True)
        return claim.attempt

    async def task(self, task: UUID) -> asyncpg.Record:
        row = await self.pool.fetchrow("select * from callback_task where id = $1", task)
        assert row is not None
        return row


@pytest.fixture
async def desk(dsn: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with intake_world(dsn, tmp_path) as w:
        w.world.ledger._number_key = VAULT.number_key
        built = Desk(w)
        await built.world.take()
        yield built


async def test_it_is_an_attempt_of_no_case_and_none_of_the_seven(desk: Desk) -> None:
    task = await desk.ask()
    claim = await desk.dial(task)
    assert (claim.case, claim.counted, claim.agent, claim.callback) == (None, False, desk.agent, task)
    stored = await desk.world.attempt(claim.attempt)
    facts = ("direction", "case_id", "phone_id", "counted", "seq", "live", "agent_id", "epoch", "callback_id")
    assert [stored[name] for name in facts] == [
        "out",
        None,
        None,
        False,
        None,
        True,
        desk.agent,
        desk.world.epoch,
        task,
    ]
    event = await desk.pool.fetchrow("select kind, actor from attempt_event where attempt_id = $1", claim.attempt)
    assert event is not None
    assert tuple(event) == ("claimed", f"user:{desk.agent}")
    [live] = await desk.world.ledger.live([desk.w.campaign])
    assert (live.attempt, live.callback, live.case, live.agent) == (claim.attempt, task, None, desk.agent)
    assert (await desk.callbacks.asked(task)).number == STRANGER


async def test_nobody_answers_and_it_waits_again_with_its_tries(desk: Desk) -> None:
    task = await desk.ask()
    for tries in (1, 2):
        claim = await desk.dial(task)
        line = await desk.office.callback(task)
        assert line is not None
        assert (line.attempt, line.tries) == (claim.attempt, tries - 1)
        await desk.left(claim.attempt)
        await desk.end(claim.attempt)
        line = await desk.office.callback(task)
        assert line is not None
        assert (line.state, line.claimed_by, line.tries, line.attempt) == ("open", None, tries, None)
        assert line.tried_at == desk.w.clock.now()
        await desk.callbacks.claim(task, desk.agent)
    assert await desk.pool.fetchval("select count(*) from callback_task") == 1


async def test_a_try_whose_beginning_was_never_written_is_one_all_the_same(desk: Desk) -> None:
    """The process died as it rang; how it ended was read from the channels."""
    task = await desk.ask()
    await desk.end((await desk.dial(task)).attempt, result="NO_ANSWER")
    line = await desk.office.callback(task)
    assert line is not None
    assert (line.tries, line.tried_at) == (1, desk.w.clock.now())


async def test_a_dial_that_never_left_is_no_try(desk: Desk) -> None:
    task = await desk.ask()
    await desk.end((await desk.dial(task)).attempt, result="FAILED")
    line = await desk.office.callback(task)
    assert line is not None
    assert (line.state, line.tries, line.tried_at) == ("open", 0, None)


async def test_seven_tries_and_no_more(desk: Desk) -> None:
    task = await desk.ask()
    for _ in range(7):
        claim = await desk.dial(task)
        await desk.left(claim.attempt)
        await desk.end(claim.attempt)
        await desk.callbacks.claim(task, desk.agent)
    assert await desk.forbidden(task) == "callback_tries"


async def test_only_whoever_took_it_and_only_while_it_is_his(desk: Desk) -> None:
    task = await desk.ask(by=desk.colleague)
    assert await desk.forbidden(task) == "callback_claimed"
    await desk.callbacks.close(task, desk.colleague, done=True)
    assert await desk.forbidden(task, agent=desk.colleague) == "callback_claimed"


@pytest.mark.parametrize("state", ["paused", "draining", "stopped"])
async def test_only_while_the_campaign_runs(desk: Desk, state: str) -> None:
    task = await desk.ask()
    await desk.pool.execute("update campaign set state = $1", state)
    assert await desk.forbidden(task) == "attempt_campaign_running"


async def test_only_inside_the_window_and_the_campaigns_days(desk: Desk) -> None:
    task = await desk.ask()
    sunday = MONDAY - timedelta(days=1)
    assert await desk.forbidden(task, at=sunday) == "window"
    assert await desk.forbidden(task, at=MONDAY.replace(hour=20, minute=0)) == "window"
    await desk.pool.execute("update campaign set ends_on = $1", MONDAY.date())
    assert await desk.forbidden(task, at=MONDAY + timedelta(days=1)) == "attempt_campaign_running"


async def test_never_without_the_lease(desk: Desk) -> None:
    task = await desk.ask()
    with pytest.raises(LostLeaseError):
        await desk.dial(task, epoch=desk.world.epoch + 1)
    with pytest.raises(LostLeaseError):
        await desk.dial(task, owner="somebody")
    assert await desk.pool.fetchval("select count(*) from attempt") == 0


async def test_a_blocked_number_is_not_dialled(desk: Desk) -> None:
    task = await desk.ask()
    await desk.callbacks.block_number(desk.w.client, STRANGER, desk.w.clock.now(), "caller_key")
    assert await desk.forbidden(task) == "attempt_number_not_blocked"
    await desk.pool.execute("update phone set lifted_at = $1", desk.w.clock.now())
    assert (await desk.dial(task)).phone is not None


async def test_a_number_of_somebody_who_wants_no_calls_is_not_dialled(desk: Desk) -> None:
    await _two_residents(desk)
    task = await desk.ask(SHARED)
    await desk.pool.execute(
        "insert into opt_out (id, client_id, match_key, at) "
        "select gen_random_uuid(), client_id, match_key, $1 from resident limit 1",
        desk.w.clock.now(),
    )
    assert await desk.forbidden(task) == "attempt_no_opt_out"


async def test_one_live_attempt_a_number_whichever_it_is(desk: Desk) -> None:
    cases = await _two_residents(desk)
    task = await desk.ask(SHARED)
    assert (await desk.task(task))["case_id"] is None
    first = await desk.dial(task)
    assert await desk.forbidden(task) == "attempt_number_free"
    await desk.pool.execute("update case_file set next_at = $1", desk.w.clock.now())
    assert await desk.world.ledger.claim(desk.world.order()) == []
    await desk.end(first.attempt)
    await desk.pool.execute("update callback_task set state = 'cancelled'")
    await desk.pool.execute("update case_file set next_at = $1 where id = $2", desk.w.clock.now(), cases[0])
    [ordinary] = await desk.world.ledger.claim(desk.world.order())
    again = await desk.ask(SHARED)
    assert await desk.forbidden(again) == "attempt_number_free"
    assert ordinary.callback is None


@pytest.mark.parametrize("round_", range(3))
async def test_of_two_at_once_one_is_dialled(desk: Desk, round_: int) -> None:
    task = await desk.ask()
    both = await asyncio.gather(desk.dial(task), desk.dial(task), return_exceptions=True)
    [won] = [claim for claim in both if isinstance(claim, Claim)]
    [lost] = [error for error in both if isinstance(error, RuleForbidsError)]
    assert lost.rule == "attempt_number_free"
    again, ended = await asyncio.gather(desk.dial(task), desk.end(won.attempt), return_exceptions=True)
    assert ended is None
    assert isinstance(again, RuleForbidsError), "before the end the number is in a call, after it the request is open"
    assert await desk.pool.fetchval("select count(*) from attempt where live") == 0


async def test_the_plan_comes_in_between(desk: Desk) -> None:
    """The order has begun and waits for its request; meanwhile the plan dials the same telephone."""
    [case, _] = await _two_residents(desk)
    task = await desk.ask(SHARED)
    old = desk.w.clock.now() - timedelta(days=2)  # no plan is held back by it any more
    await desk.pool.execute("update callback_task set requested_at = $1", old)
    await desk.pool.execute("update case_file set next_at = $1 where id = $2", desk.w.clock.now(), case)
    async with desk.pool.acquire() as other:
        held = other.transaction()
        await held.start()
        await other.execute("select 1 from callback_task where id = $1 for no key update", task)
        asked = asyncio.create_task(desk.dial(task))
        async with asyncio.timeout(30):
            while not await other.fetchval(SQL_SOMEBODY_WAITS):  # noqa: ASYNC110 - the database tells nobody who waits
                await asyncio.sleep(0.01)
        [planned] = await desk.world.ledger.claim(desk.world.order())
        await held.rollback()
    with pytest.raises(RuleForbidsError) as caught:
        await asked
    assert (planned.case, caught.value.rule) == (case, "attempt_number_free")
    assert await desk.pool.fetchval("select count(*) from attempt") == 1


async def test_a_request_of_one_case_is_the_plans_business(desk: Desk) -> None:
    await desk.w.load(row())
    task = await desk.ask("+31600000001")
    assert await desk.forbidden(task) == "callback_without_case"


@pytest.mark.parametrize(
    "values",
    [
        "'out', true, 1, 1, '2026-03-02', null, null",  # counted
        "'in', false, null, null, null, null, null",  # a caller is no call-back
    ],
)
async def test_the_ledger_takes_no_other_form_of_it(desk: Desk, values: str) -> None:
    task = await desk.ask()
    with pytest.raises(asyncpg.CheckViolationError):
        await desk.pool.execute(
            "insert into attempt (id, direction, counted, seq, case_seq, day, case_id, phone_id, client_id,"
            " campaign_id, number_key, channel_id, state, live, claimed_at, catalogue_version, callback_id, agent_id)"
            f" select gen_random_uuid(), {values}, client_id, campaign_id, number_key, 'x', 'claimed', true, $2, 1, id,"
            " claimed_by from callback_task where id = $1",
            task,
            desk.w.clock.now(),
        )


async def test_another_number_than_the_requests_is_refused_by_the_guard(desk: Desk) -> None:
    task = await desk.ask()
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await desk.pool.execute(
            "insert into attempt (id, direction, client_id, campaign_id, number_key, channel_id, state, live,"
            " claimed_at, catalogue_version, callback_id, agent_id)"
            " select gen_random_uuid(), 'out', client_id, campaign_id, '\\x00', 'x', 'claimed', true, $2, 1, id,"
            " claimed_by from callback_task where id = $1",
            task,
            desk.w.clock.now(),
        )
    assert caught.value.constraint_name == "callback_of_request"


async def test_the_guard_rings_nobody_back_at_night(desk: Desk) -> None:
    task = await desk.ask()
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await desk.pool.execute(
            "insert into attempt (id, direction, client_id, campaign_id, number_key, channel_id, state, live,"
            " claimed_at, catalogue_version, callback_id, agent_id)"
            " select gen_random_uuid(), 'out', client_id, campaign_id, number_key, 'x', 'claimed', true, $2, 1, id,"
            " claimed_by from callback_task where id = $1",
            task,
            desk.w.clock.now() + timedelta(hours=12),
        )
    assert caught.value.constraint_name == "attempt_window"


async def test_nobody_takes_it_over_while_its_call_or_wrap_up_goes_on(desk: Desk) -> None:
    task = await desk.ask()
    attempt = await desk.talked(task)
    desk.w.clock.pass_time(CLAIM_LASTS.total_seconds() + 1)
    with pytest.raises(ConflictError):
        await desk.callbacks.claim(task, desk.colleague)
    await desk.outcomes.file(desk.agent, attempt, Filing(outcome="VOICEMAIL"))
    await desk.callbacks.claim(task, desk.colleague)


async def test_a_conversation_closes_it_and_a_machine_does_not(desk: Desk) -> None:
    task = await desk.ask()
    attempt = await desk.talked(task)
    assert (await desk.task(task))["state"] == "claimed"  # until the outcome tells
    await desk.outcomes.file(desk.agent, attempt, Filing(outcome="VOICEMAIL"))
    assert (await desk.task(task))["state"] == "open"
    await desk.callbacks.claim(task, desk.agent)
    attempt = await desk.talked(task)
    await desk.outcomes.file(desk.agent, attempt, Filing(outcome="NOT_VERIFIED"))
    done = await desk.task(task)
    assert (done["state"], done["done_by"], done["done_at"]) == ("done", desk.agent, desk.w.clock.now())


async def test_an_outcome_taken_back_gives_the_request_back_to_its_agent(desk: Desk) -> None:
    task = await desk.ask()
    attempt = await desk.talked(task)
    await desk.outcomes.file(desk.agent, attempt, Filing(outcome="NOT_VERIFIED"))
    await desk.outcomes.undo(desk.agent, attempt)
    assert tuple(await desk.task(task))[:1] == (task,)
    again = await desk.task(task)
    assert (again["state"], again["claimed_by"], again["done_at"]) == ("claimed", desk.agent, None)
    await desk.outcomes.file(desk.agent, attempt, Filing(outcome="VOICEMAIL"))
    assert (await desk.task(task))["state"] == "open"


async def test_the_card_tells_a_number_and_no_name_until_the_check_has_matched(desk: Desk) -> None:
    [case, _] = await _two_residents(desk)
    task = await desk.ask(SHARED)
    attempt = (await desk.dial(task, number=SHARED)).attempt
    card = await desk.people.card(attempt, desk.viewer)
    assert (card.direction, card.call_back, card.name, card.case, card.number) == ("out", True, "", None, SHARED)
    assert await desk.people.candidates(attempt, "Onbekend", desk.viewer) == []
    [candidate] = await desk.people.candidates(attempt, "Berg", desk.viewer)
    assert candidate.case == case
    with pytest.raises(NotVerifiedError):
        await desk.people.dossier(attempt, desk.viewer)
    with pytest.raises(ConflictError):
        await desk.people.verify(attempt, Said(), desk.viewer)  # nobody chosen
    wrong = await desk.people.verify(attempt, Said(house_number="13"), desk.viewer, case=case)
    desk.w.clock.pass_time(5)
    assert (wrong.match, (await desk.world.attempt(attempt))["case_id"]) == (False, None)
    assert (await desk.people.verify(attempt, Said(), desk.viewer, case=case)).match
    card = await desk.people.card(attempt, desk.viewer)
    assert (card.case, card.verified) == (case, True)
    assert card.name
    assert (await desk.people.dossier(attempt, desk.viewer)).case == case


async def test_a_number_on_no_list_is_told_by_its_request(desk: Desk) -> None:
    attempt = (await desk.dial(await desk.ask())).attempt
    card = await desk.people.card(attempt, desk.viewer)
    assert (card.number, card.number_kind, card.attempt_number) == (STRANGER, "", None)
    assert await desk.people.candidates(attempt, "Berg", desk.viewer) == []


async def test_a_verified_conversation_ends_the_residents_plan_and_stands_in_his_history(desk: Desk) -> None:
    [case, other] = await _two_residents(desk)
    task = await desk.ask(SHARED)
    attempt = (await desk.dial(task, number=SHARED)).attempt
    await desk.left(attempt)
    assert (await desk.people.verify(attempt, Said(), desk.viewer, case=case)).match
    await desk.end(attempt, talked=True)
    await desk.outcomes.file(desk.agent, attempt, Filing(outcome="PAID", confirmed=True))
    assert (await desk.world.case(case))["state"] == "reached"
    assert (await desk.task(task))["state"] == "done"
    detail = await desk.office.case_detail(case)
    assert detail is not None
    assert [(line.direction, line.call_back, line.seq) for line in detail.attempts] == [("out", True, None)]
    [call] = (await PeopleRows(desk.pool).case(case, AttemptId(UUID(int=1)))).calls
    assert (call.direction, call.call_back, call.outcome) == ("out", True, "PAID")
    counted = await desk.pool.fetchval("select count(*) from attempt where case_id = $1 and counted", case)
    assert counted == 0
    # The household's phone rests; then the other one's plan goes on.
    next_at: datetime = (await desk.world.case(other))["next_at"]
    assert next_at >= desk.w.clock.now() + timedelta(minutes=59)


async def test_a_match_while_the_resident_is_rung_on_another_number(desk: Desk) -> None:
    [case, _] = await _two_residents(desk)
    second = await desk.world.add_phone("+31790000010", desk.w.client)
    await desk.pool.execute("update phone set number_key = $2 where id = $1", second, VAULT.number_key("+31790000010"))
    await desk.pool.execute("insert into case_phone (case_id, phone_id, position) values ($1, $2, 2)", case, second)
    await desk.pool.execute(
        "insert into attempt (id, direction, client_id, campaign_id, case_id, phone_id, number_key, channel_id, state,"
        " live, counted, seq, case_seq, day, claimed_at, catalogue_version)"
        " select gen_random_uuid(), 'out', client_id, $1, $2, id, number_key, 'y', 'ringing', true, true, 1, 1, $4,"
        " $5, 1 from phone where id = $3",
        desk.w.campaign,
        case,
        second,
        desk.w.clock.now().date(),
        desk.w.clock.now(),
    )
    attempt = (await desk.dial(await desk.ask(SHARED), number=SHARED)).attempt
    assert (await desk.people.verify(attempt, Said(), desk.viewer, case=case)).match
    assert (await desk.world.attempt(attempt))["case_id"] == case


async def _two_residents(desk: Desk) -> list[CaseId]:
    """Two residents who share a telephone: the one of `row()`, and another."""
    number = "0" + SHARED[3:]
    await desk.w.load(
        row(telefoon_1=number),
        row(**{"signaal-id": "S-2"}, kenmerk="Z-2", achternaam="Jansen", geboortedatum="05-05-1980", telefoon_1=number),
    )
    phone = await desk.pool.fetchval("select id from phone where number_key = $1", VAULT.number_key(SHARED))
    desk.world.numbers[phone] = SHARED
    found = await desk.pool.fetch("select case_id from signal order by signal_ref")
    return [CaseId(record["case_id"]) for record in found]


async def test_a_callers_language_is_known_where_the_list_leaves_no_doubt(desk: Desk) -> None:
    w = desk.w
    await w.load(
        row(taal="tr"),
        row(kenmerk="Z-2", **{"signaal-id": "S-2"}, achternaam="Kaya", telefoon_1="0600000002", taal="ar"),
        row(kenmerk="Z-3", **{"signaal-id": "S-3"}, achternaam="Bos", telefoon_1="0600000002", taal="nl"),
    )

    async def spoken(number: str) -> str:
        return await desk.callbacks.caller_language(w.client, number)

    first = await desk.pool.fetchval("select count(*) from case_file where language = 'tr'")
    assert (first, await spoken("+31600000001")) == (1, "tr")
    assert await spoken("+31600000002") == "", "a couple's telephone, and each speaks something else"
    assert await spoken(STRANGER) == ""
    other = await desk.world.add_client("dorp", "+31790000002", {})
    assert await desk.callbacks.caller_language(other, "+31600000001") == "", (
        "another client's list is nobody's business"
    )
