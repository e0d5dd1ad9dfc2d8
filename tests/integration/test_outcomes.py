from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from dialer.domain.call import Direction
from dialer.domain.errors import ConflictError, ForbiddenError, InvalidError
from dialer.domain.ids import AttemptId, CaseId, ChannelId
from dialer.domain.texts import BsnError
from dialer.schedule.rotation import Rotation
from dialer.security.vault import MasterVault
from dialer.services.outcomes import UNDO_WITHIN, OutcomeService
from dialer.services.ports.cases import Steering
from dialer.services.ports.desk import Filing
from dialer.services.ports.ledger import CallFact, InboundCall
from dialer.services.sealed import NOTE
from dialer.storage.changes import listen
from dialer.storage.claims import SQL_DUE
from dialer.storage.filings import PostgresOutcomes
from dialer.storage.pool import open_pool
from dialer.storage.steering import PostgresCases
from tests.support.world import MONDAY, World

MOBILE, OTHER = "+31600000001", "+31600000002"
HELP = Filing(outcome="HELP_WANTED", answers={"need": "budget"}, note="Wil hulp met post", confirmed=True)


class Hands:
    """A world, its clock and the service over it."""

    def __init__(self, world: World, vault: MasterVault) -> None:
        self.world = world
        self.vault = vault
        self.store = PostgresOutcomes(world.pool, world.ids, world.catalogues, Rotation())
        self.service = OutcomeService(self.store, world.catalogues, vault, self)
        self.agent = world.agents[0]

    def now(self) -> datetime:
        return self.world.now

    def wall_utc(self) -> datetime:
        return self.world.now

    def wall(self) -> float:
        return self.world.now.timestamp()

    def monotonic(self) -> float:
        return self.world.now.timestamp()

    async def conversation(self, *, verified: bool | None = True) -> AttemptId:
        claim = await self.world.claim_one(at=self.world.now)
        self.world.now += timedelta(minutes=5)
        await self.ended(claim.attempt, verified=verified)
        return claim.attempt

    async def ended(self, attempt: AttemptId, *, verified: bool | None) -> None:
        at = self.world.now
        facts = [("joined", {}), *([] if verified is None else [("verified", {"match": verified})])]
        await self.world.ledger.append(
            [
                CallFact(
                    attempt=attempt,
                    kind=kind,
                    at=at,
                    wall_at=at,
                    actor="asterisk",
                    state="joined",
                    agent=self.agent,
                    data=data,
                )
                for kind, data in facts
            ]
        )
        await self.world.end(attempt, None, at=at, agent=self.agent, wrap_up=True)

    async def file(self, attempt: AttemptId, outcome: str, **more: object) -> None:
        await self.service.file(self.agent, attempt, Filing(outcome=outcome, **more))  # type: ignore[arg-type]


@pytest.fixture
async def hands(dsn: str) -> AsyncIterator[Hands]:
    pool = await open_pool(dsn, size=6)
    vault = MasterVault(b"k" * 32)
    try:
        world = await World(pool).build()
        key = vault.new_client_key(world.client)
        await pool.execute("update client set wrapped_key = $1", key)
        delivery_key = vault.new_delivery_key(world.client, key, world.delivery)
        await pool.execute("update delivery set wrapped_key = $1", delivery_key)
        yield Hands(world, vault)
    finally:
        await pool.close()


async def test_a_conversation_ends_the_plan_and_its_note_is_sealed(hands: Hands) -> None:
    case = await hands.world.add_case(MOBILE)
    attempt = await hands.conversation()
    assert await hands.service.open_wrap_ups(hands.agent) == [attempt]
    await hands.service.file(hands.agent, attempt, HELP)
    row = await hands.world.case(case)
    assert (row["state"], row["outcome"], row["outcome_attempt"]) == ("reached", "HELP_WANTED", attempt)
    assert row["next_at"] is None
    assert row["closed_at"] == hands.world.now
    filed = await hands.world.attempt(attempt)
    assert (filed["reached"], filed["wrap_up_open"]) == (True, False)
    assert await hands.service.open_wrap_ups(hands.agent) == []
    note = await hands.world.pool.fetchrow("select * from pii.note")
    assert note is not None
    assert b"post" not in note["sealed"]
    target = await hands.store.target(attempt)
    sealer = hands.vault.delivery(target.client, target.client_key, hands.world.delivery, target.delivery_key)
    assert sealer.open(NOTE, attempt, note["sealed"]).decode() == "Wil hulp met post"
    data = await hands.world.pool.fetchval("select data::text from attempt_event where kind = 'filed'")
    assert "post" not in data


async def test_the_same_filing_again_is_no_error_and_another_is_a_conflict(hands: Hands) -> None:
    case = await hands.world.add_case(MOBILE)
    attempt = await hands.conversation()
    await hands.service.file(hands.agent, attempt, HELP)
    version = (await hands.world.case(case))["result_version"]
    hands.world.now += timedelta(seconds=5)
    await hands.service.file(hands.agent, attempt, HELP)
    assert (await hands.world.case(case))["result_version"] == version
    assert await hands.world.pool.fetchval("select count(*) from attempt_event where kind = 'filed'") == 1
    with pytest.raises(ConflictError):
        await hands.file(attempt, "NO_HELP")


REFUSED = [
    (Filing(outcome="HELP_WANTED", answers={"need": "x"}), "confirmed"),
    (Filing(outcome="HELP_WANTED", confirmed=True), "answers.need"),
    (Filing(outcome="CALL_LATER"), "appointment_at"),
    (Filing(outcome="CALL_LATER", appointment_at=MONDAY - timedelta(days=1)), "appointment_at"),
    (Filing(outcome="CALL_LATER", appointment_at=MONDAY + timedelta(hours=13)), "appointment_at"),  # 23:00
    (Filing(outcome="CALL_LATER", appointment_at=MONDAY + timedelta(days=60)), "appointment_at"),
    (Filing(outcome="CALL_LATER", appointment_at=datetime(2026, 3, 4, 10)), "appointment_at"),  # noqa: DTZ001 - no zone
    (Filing(outcome="BUSY"), "outcome"),
    (Filing(outcome="NONSENSE"), "outcome"),
    (Filing(outcome="NO_HELP", flags=("HAPPY",)), "flags"),
    (Filing(outcome="NO_HELP", phone_closed=UUID(int=7)), "phone_closed"),  # type: ignore[arg-type]  # nobody's number
    (Filing(outcome="NO_HELP", note="x" * 4001), "note"),
    (Filing(outcome="NO_HELP", answers={"need": "Mevrouw Jansen zegt: <b>"}), "answers.need"),
]


@pytest.mark.parametrize(("filing", "field"), REFUSED, ids=[f"{f.outcome}-{name}" for f, name in REFUSED])
async def test_a_filing_that_lacks_something_names_the_field(hands: Hands, filing: Filing, field: str) -> None:
    await hands.world.add_case(MOBILE)
    attempt = await hands.conversation()
    with pytest.raises(InvalidError) as caught:
        await hands.service.file(hands.agent, attempt, filing)
    assert caught.value.field == field
    assert (await hands.world.attempt(attempt))["wrap_up_open"]


async def test_only_the_verified_are_reached(hands: Hands) -> None:
    case = await hands.world.add_case(MOBILE)
    attempt = await hands.conversation(verified=None)
    with pytest.raises(InvalidError) as caught:
        await hands.file(attempt, "NO_HELP")
    assert caught.value.field == "verified"
    await hands.file(attempt, "REFUSED")
    row = await hands.world.case(case)
    assert (row["state"], row["state_reason"]) == ("closed", "REFUSED")
    assert not (await hands.world.attempt(attempt))["reached"]


async def test_a_colleagues_call_and_a_call_without_conversation_cannot_be_filed(hands: Hands) -> None:
    await hands.world.add_case(MOBILE)
    claim = await hands.world.claim_one()
    with pytest.raises(ConflictError):
        await hands.file(claim.attempt, "VOICEMAIL")
    await hands.ended(claim.attempt, verified=None)
    with pytest.raises(ForbiddenError):
        await hands.service.file(hands.world.agents[1], claim.attempt, Filing(outcome="VOICEMAIL"))
    await hands.service.file(hands.world.agents[1], claim.attempt, Filing(outcome="VOICEMAIL"), supervisor=True)


async def test_an_appointment_is_kept_to_the_minute_by_the_same_agent_before_others(hands: Hands) -> None:
    case = await hands.world.add_case(MOBILE)
    attempt = await hands.conversation()
    at = MONDAY + timedelta(hours=7)  # 17:00
    await hands.file(attempt, "CALL_LATER", appointment_at=at)
    row = await hands.world.case(case)
    assert (row["next_at"], row["appointment_at"], row["needs_reserved"]) == (at, at, True)
    assert row["preferred_agent"] == hands.agent
    await hands.world.add_case(OTHER, next_at=MONDAY)  # waits for longer
    assert [c.case for c in await hands.world.claim(1, at=at - timedelta(minutes=1))] != [case]
    (claim,) = await hands.world.claim(1, at=at)
    assert claim.case == case
    assert (await hands.world.attempt(claim.attempt))["exempt_daily"]
    await hands.world.end(claim.attempt, "NO_ANSWER", at=at + timedelta(minutes=1))
    row = await hands.world.case(case)
    assert row["appointment_at"] is None  # it was kept; the plan goes on
    assert row["next_at"] > at


@pytest.mark.parametrize("cap", ["number_cap", "case_cap"])
async def test_nothing_is_agreed_that_no_attempt_is_left_for(hands: Hands, cap: str) -> None:
    """The seventh attempt is the last, also for who asks for an eighth: he hears so while he is on the line."""
    case = await hands.world.add_case(MOBILE)
    await hands.world.pool.execute("update client set settings = settings || jsonb_build_object($1::text, 2)", cap)
    first = await hands.conversation()
    await hands.file(first, "CALL_LATER", appointment_at=MONDAY + timedelta(hours=4))
    hands.world.now = MONDAY + timedelta(hours=4)
    last = await hands.conversation()
    with pytest.raises(InvalidError) as caught:
        await hands.file(last, "CALL_LATER", appointment_at=MONDAY + timedelta(hours=8))
    assert caught.value.field == "appointment_at"
    await hands.world.pool.execute(
        "insert into case_phone (case_id, phone_id, position) values ($1, $2, 2)",
        case,
        await hands.world.add_phone(OTHER),
    )
    if cap == "case_cap":
        with pytest.raises(InvalidError):
            await hands.file(last, "CALL_LATER", appointment_at=MONDAY + timedelta(hours=8))
    else:
        await hands.file(last, "CALL_LATER", appointment_at=MONDAY + timedelta(hours=8))
        assert (await hands.world.case(case))["next_at"] == MONDAY + timedelta(hours=8)


async def test_a_cut_off_line_is_redialled_once_for_the_same_agent(hands: Hands) -> None:
    case = await hands.world.add_case(MOBILE)
    attempt = await hands.conversation()
    await hands.file(attempt, "CUT_OFF")
    row = await hands.world.case(case)
    assert row["next_at"] == hands.world.now
    assert row["cut_off_redial"]
    (claim,) = await hands.world.claim(1, at=hands.world.now)
    assert claim.agent == hands.agent
    assert (await hands.world.attempt(claim.attempt))["exempt_daily"]
    hands.world.now += timedelta(minutes=2)
    await hands.ended(claim.attempt, verified=None)
    await hands.file(claim.attempt, "CUT_OFF")
    row = await hands.world.case(case)
    assert not row["cut_off_redial"]
    assert row["next_at"].date() > MONDAY.date()


async def two_lists(hands: Hands) -> tuple[CaseId, CaseId]:
    """One resident on two lists; the second one's call is claimed while he is spoken to for the first."""
    world = hands.world
    resident = await world.add_resident()
    first = await world.add_case(MOBILE, resident=resident)
    second = await world.add_case(OTHER, resident=resident, campaign=await world.add_campaign(world.client, "Tweede"))
    return first, second


@pytest.mark.parametrize(
    ("filing", "reason"),
    [
        (Filing(outcome="DECEASED"), "deceased"),
        (HELP, "in_help"),
        (Filing(outcome="ADVICE"), "spoken_recently"),
    ],
)
async def test_an_end_on_one_list_holds_the_other_one_until_it_is_taken_back(
    hands: Hands, dsn: str, filing: Filing, reason: str
) -> None:
    _, second = await two_lists(hands)
    attempt = await hands.conversation()
    told: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    listening = asyncio.create_task(listen(dsn, lambda kind, subject: told.put_nowait((kind, subject))))
    try:
        assert await told.get() == ("all", "")
        await hands.service.file(hands.agent, attempt, filing)
        async with asyncio.timeout(30):  # what is claimed for it does not leave any more: see the engine's tests
            while await told.get() != ("case", str(second)):
                pass
    finally:
        listening.cancel()
    row = await hands.world.case(second)
    assert (row["state"], row["state_reason"], row["next_at"]) == ("held", reason, None)
    await hands.service.undo(hands.agent, attempt)
    row = await hands.world.case(second)
    assert (row["state"], row["state_reason"], row["held_elsewhere"]) == ("open", "", False)
    assert row["next_at"] is not None
    await hands.service.file(hands.agent, attempt, filing)
    await hands.service.recode(hands.world.agents[1], attempt, "THIRD_PARTY", "verkeerde persoon")
    assert (await hands.world.case(second))["state"] == "open"


async def test_a_person_may_have_the_other_list_called_nevertheless(hands: Hands) -> None:
    first, second = await two_lists(hands)
    office = PostgresCases(hands.world.pool, hands.world.catalogues, Rotation())
    attempt = await hands.conversation()
    await hands.file(attempt, "ADVICE")
    assert (await hands.world.case(second))["state"] == "held"
    hands.world.now += timedelta(minutes=1)
    await office.release(Steering(case=second, at=hands.world.now, actor="user:x", reason="nieuw signaal"))
    row = await hands.world.case(second)
    assert (row["state"], row["released_at"]) == ("open", hands.world.now)
    hands.world.now += timedelta(minutes=1)
    await hands.service.recode(hands.world.agents[1], attempt, "DECEASED", "nabestaande gesproken")
    row = await hands.world.case(first)
    assert row["state"] == "closed"
    assert (await hands.world.case(second))["state_reason"] == "deceased", "what he has not seen holds it again"
    await office.withdraw(Steering(case=second, at=hands.world.now, actor="user:x", reason="overleden"))
    assert (await hands.world.case(second))["state"] == "withdrawn"


async def test_no_phone_closes_every_case_of_the_client_and_can_be_lifted_by_undo(hands: Hands) -> None:
    world = hands.world
    resident = await world.add_resident()
    case = await world.add_case(MOBILE, resident=resident)
    attempt = await hands.conversation()
    second = await world.add_campaign(world.client, "Tweede")
    other = await world.add_case(OTHER, resident=resident, campaign=second)
    await hands.file(attempt, "OPT_OUT", confirmed=True)
    assert (await world.case(case))["state"] == "reached"
    row = await world.case(other)
    assert (row["state"], row["state_reason"], row["outcome"]) == ("closed", "OPT_OUT", "OPT_OUT")
    await hands.service.undo(hands.agent, attempt)
    assert (await world.case(other))["state"] == "open"
    row = await world.case(case)
    assert (row["state"], row["outcome"], row["next_at"]) == ("open", None, None)  # its wrap-up is open again
    assert await hands.service.open_wrap_ups(hands.agent) == [attempt]
    await hands.file(attempt, "THIRD_PARTY")
    assert (await world.case(case))["next_at"] is not None


async def test_a_blocked_number_is_blocked_for_all_who_share_it(hands: Hands) -> None:
    world = hands.world
    first = await world.add_case(MOBILE)
    attempt = await hands.conversation()
    sharer = await world.add_case(MOBILE, OTHER)
    await hands.file(attempt, "NUMBER_BLOCKED")
    assert (await world.case(first))["state"] == "no_number"
    row = await world.case(sharer)
    assert row["state"] == "open"
    assert world.numbers[row["next_phone_id"]] == OTHER
    await hands.service.recode(world.agents[1], attempt, "THIRD_PARTY", "niet gevraagd")
    assert (await world.case(first))["state"] == "open"
    assert (
        await world.pool.fetchval("select count(*) from phone where blocked_at is not null and lifted_at is null") == 0
    )


async def test_a_correction_goes_out_again_and_may_be_taken_back(hands: Hands) -> None:
    case = await hands.world.add_case(MOBILE)
    attempt = await hands.conversation()
    await hands.service.file(hands.agent, attempt, HELP)
    before = (await hands.world.case(case))["result_version"]
    await hands.service.recode(hands.world.agents[1], attempt, "WRONG_PERSON", "verkeerde inwoner")
    row = await hands.world.case(case)
    assert row["result_version"] > before
    assert (row["state"], row["outcome"]) == ("no_number", "WRONG_PERSON")
    assert not (await hands.world.attempt(attempt))["reached"]
    await hands.service.undo(hands.world.agents[1], attempt, supervisor=True)
    row = await hands.world.case(case)
    assert (row["state"], row["outcome"]) == ("reached", "HELP_WANTED")
    kinds = await hands.world.pool.fetch("select kind from attempt_event order by id")
    assert [r["kind"] for r in kinds][-3:] == ["filed", "recoded", "undone"]
    with pytest.raises(InvalidError):
        await hands.service.recode(hands.agent, attempt, "PAID", " ")


async def test_undo_is_for_the_agent_himself_and_for_a_while(hands: Hands) -> None:
    await hands.world.add_case(MOBILE)
    attempt = await hands.conversation()
    with pytest.raises(ConflictError):
        await hands.service.undo(hands.agent, attempt)
    await hands.file(attempt, "NOT_ABLE")
    with pytest.raises(ForbiddenError):
        await hands.service.undo(hands.world.agents[1], attempt)
    hands.world.now += UNDO_WITHIN + timedelta(seconds=1)
    with pytest.raises(ConflictError):
        await hands.service.undo(hands.agent, attempt)
    await hands.service.undo(hands.world.agents[1], attempt, supervisor=True)
    with pytest.raises(ConflictError):
        await hands.service.undo(hands.world.agents[1], attempt, supervisor=True)
    with pytest.raises(ConflictError):  # nothing to correct any more
        await hands.service.recode(hands.world.agents[1], attempt, "PAID", "toch betaald")


async def test_an_agent_does_not_take_a_correction_back(hands: Hands) -> None:
    await hands.world.add_case(MOBILE)
    attempt = await hands.conversation()
    await hands.file(attempt, "NOT_ABLE")
    await hands.service.recode(hands.world.agents[1], attempt, "PAID", "nagehoord")
    with pytest.raises(ConflictError):
        await hands.service.undo(hands.agent, attempt)
    assert (await hands.world.attempt(attempt))["outcome"] == "PAID"


async def test_not_verified_twice_goes_to_the_client(hands: Hands) -> None:
    case = await hands.world.add_case(MOBILE)
    await hands.file(await hands.conversation(verified=False), "NOT_VERIFIED")
    row = await hands.world.case(case)
    assert row["state"] == "open"
    hands.world.now = row["next_at"]
    await hands.file(await hands.conversation(verified=False), "NOT_VERIFIED")
    row = await hands.world.case(case)
    assert (row["state"], row["state_reason"]) == ("closed", "NOT_VERIFIED")


async def test_an_interpreter_that_is_needed_changes_the_language_until_it_is_taken_back(hands: Hands) -> None:
    world = hands.world
    case = await world.add_case(MOBILE)

    async def spoken() -> tuple[str, str | None]:
        row = await world.case(case)
        return row["language"], row["listed_language"]

    first = await hands.conversation(verified=None)
    with pytest.raises(InvalidError, match="deze taal kennen wij niet"):
        await hands.file(
            first, "CALL_LATER", answers={"interpreter": "xx"}, appointment_at=world.now + timedelta(hours=2)
        )
    assert await spoken() == ("nl", None)
    at = world.now + timedelta(hours=2)
    await hands.file(first, "CALL_LATER", answers={"interpreter": "ar"}, appointment_at=at)
    assert await spoken() == ("ar", "nl")
    await hands.service.undo(hands.agent, first)  # a slip
    assert await spoken() == ("nl", None)
    await hands.file(first, "CALL_LATER", answers={"interpreter": "tr"}, appointment_at=at)
    assert await spoken() == ("tr", "nl")
    world.now = at
    second = await hands.conversation(verified=None)
    await hands.file(second, "CALL_LATER", answers={"interpreter": "ar"}, appointment_at=world.now + timedelta(hours=1))
    assert await spoken() == ("ar", "nl")  # the newest knows best
    await hands.service.undo(hands.agent, second)
    assert await spoken() == ("tr", "nl")


async def test_who_needs_an_interpreter_waits_for_an_agent_who_speaks_the_language(hands: Hands) -> None:
    world = hands.world
    case = await world.add_case(MOBILE)
    await hands.file(await hands.conversation(verified=None), "NOT_ABLE", answers={"interpreter": "ar"})
    await world.pool.execute(
        "update case_file set state = 'open', next_at = $2, paused_until = null, needs_reserved = false, "
        "preferred_agent = null where id = $1",
        case,
        world.now,
    )

    async def due(waits: list[str]) -> object:
        priority = (await world.case(case))["priority"]
        cut = world.now - timedelta(days=3)
        return await world.pool.fetchval(SQL_DUE, world.campaign, priority, world.now, [], 5, waits, cut)

    assert await due(["ar"]) is None  # a speaker is at work, but not free
    assert await due([]) == case


async def test_will_call_pauses_and_a_call_in_ends_the_plan(hands: Hands) -> None:
    world = hands.world
    case = await world.add_case(MOBILE)
    await hands.file(await hands.conversation(verified=None), "WILL_CALL")
    row = await world.case(case)
    assert row["paused_until"] == world.now + timedelta(days=7)
    assert row["next_at"] >= row["paused_until"]
    world.now += timedelta(days=1)
    caller = AttemptId(world.ids.new())
    await world.ledger.inbound(
        InboundCall(
            attempt=caller,
            channel=ChannelId("c1"),
            client=world.client,
            campaign=world.campaign,
            number=MOBILE,
            case=case,
            at=world.now,
            wall_at=world.now,
        )
    )
    await hands.ended(caller, verified=True)
    await hands.file(caller, "PAID", confirmed=True)
    row = await world.case(case)
    assert (row["state"], row["outcome_attempt"]) == ("reached", caller)


async def test_a_draft_is_sealed_kept_and_dropped_when_filed(hands: Hands) -> None:
    await hands.world.add_case(MOBILE)
    attempt = await hands.conversation()
    assert await hands.service.draft(hands.agent, attempt) is None
    await hands.service.save_draft(hands.agent, attempt, {"note": "Geheim", "step": "V1"})
    await hands.service.save_draft(hands.agent, attempt, {"note": "Geheim 2"})
    assert await hands.service.draft(hands.agent, attempt) == {"note": "Geheim 2"}
    assert b"Geheim" not in await hands.world.pool.fetchval("select sealed from wrap_up_draft")
    with pytest.raises(ForbiddenError):
        await hands.service.draft(hands.world.agents[1], attempt)
    await hands.file(attempt, "NOT_ABLE")
    assert await hands.service.draft(hands.agent, attempt) is None
    with pytest.raises(ConflictError):
        await hands.service.save_draft(hands.agent, attempt, {"note": "te laat"})


async def test_an_outcome_of_a_recalled_delivery_is_filed_without_its_note(hands: Hands) -> None:
    await hands.world.add_case(MOBILE)
    attempt = await hands.conversation()
    await hands.world.pool.execute("update delivery set state = 'recalled', wrapped_key = null")
    await hands.service.file(hands.agent, attempt, HELP)
    assert await hands.world.pool.fetchval("select count(*) from pii.note") == 0
    assert (await hands.world.attempt(attempt))["outcome"] == "HELP_WANTED"


async def test_two_filings_at_once_commit_one(hands: Hands) -> None:
    import asyncio

    await hands.world.add_case(MOBILE)
    attempt = await hands.conversation()
    results = await asyncio.gather(
        hands.service.file(hands.agent, attempt, HELP),
        hands.file(attempt, "NO_HELP"),
        hands.service.file(hands.agent, attempt, HELP),
        return_exceptions=True,
    )
    assert await hands.world.pool.fetchval("select count(*) from attempt_event where kind = 'filed'") == 1
    assert any(isinstance(r, ConflictError) for r in results)


async def test_the_ledger_alone_tells_the_story(hands: Hands) -> None:
    await hands.world.add_case(MOBILE)
    attempt = await hands.conversation()
    await hands.service.file(hands.agent, attempt, HELP)
    rows: list[asyncpg.Record] = await hands.world.pool.fetch("select revision from attempt_event order by revision")
    assert [r["revision"] for r in rows] == list(range(1, len(rows) + 1))
    assert (await hands.world.attempt(attempt))["revision"] == len(rows)


async def test_a_note_with_a_citizen_service_number_is_refused_unless_the_contract_says_so(hands: Hands) -> None:
    await hands.world.add_case(MOBILE)
    attempt = await hands.conversation()
    note = "zegt dat zijn BSN 111222333 is"
    with pytest.raises(BsnError) as refused:
        await hands.file(attempt, "NO_HELP", note=note, confirmed=True)
    assert refused.value.field == "note"
    assert "111222333" not in str(refused.value)
    assert await hands.service.open_wrap_ups(hands.agent) == [attempt]
    await hands.world.pool.execute("""update client set settings = '{"bsn_allowed": 1}'""")
    await hands.file(attempt, "NO_HELP", note=note, confirmed=True)
    assert await hands.service.open_wrap_ups(hands.agent) == []


async def test_another_teams_call_has_its_own_results_and_nothing_follows_from_it(hands: Hands) -> None:
    world = hands.world
    await world.add_case(MOBILE)
    line, call = world.ids.new(), AttemptId(world.ids.new())
    await world.pool.execute(
        "insert into overflow_line (id, client_id, campaign_id, number, team, opening, back_number, hours,"
        " most_waiting, most_seconds) values ($1, $2, $3, '+31790000501', 'het Loket', 'Dag.', '+31790000502',"
        " '[[],[],[],[],[],[],[]]', 3, 120)",
        line, world.client, world.campaign,
    )  # fmt: skip
    arrived = InboundCall(
        attempt=call,
        channel=ChannelId("c1"),
        client=world.client,
        campaign=world.campaign,
        number=None,
        case=None,
        at=world.now,
        wall_at=world.now,
        overflow=line,
    )
    await world.ledger.inbound(arrived)
    (live,) = await world.ledger.live([world.campaign])
    assert (live.direction, live.overflow, live.number) == (Direction.OVERFLOW, line, None)
    await hands.ended(call, verified=None)
    for outcome in ("NO_HELP", "CALL_LATER", "VOICEMAIL"):
        with pytest.raises(InvalidError):
            await hands.file(call, outcome)
    with pytest.raises(InvalidError):
        await hands.file(call, "TEAM_HELPED", note="mevrouw vroeg naar haar paspoort")
    await hands.service.save_draft(hands.agent, call, {"note": "mevrouw vroeg naar haar paspoort"})
    assert await hands.service.draft(hands.agent, call) is None
    await hands.file(call, "TEAM_HELPED", flags=["COMPLAINT"])
    await hands.file(call, "TEAM_HELPED", flags=["COMPLAINT"])
    with pytest.raises(InvalidError):
        await hands.service.recode(hands.agent, call, "PAID", "verkeerde toets")
    await hands.service.recode(hands.agent, call, "TEAM_RETURNED", "verkeerde toets")
    stored = await world.attempt(call)
    assert (stored["outcome"], stored["reached"], stored["case_id"]) == ("TEAM_RETURNED", False, None)
    for kept in ("pii.note", "complaint", "callback_task"):
        assert await world.pool.fetchval(f"select count(*) from {kept}") == 0, kept
    with pytest.raises(asyncpg.CheckViolationError):
        await world.pool.execute("update attempt set number_key = '\\x01' where id = $1", call)
    own = await hands.conversation()
    with pytest.raises(InvalidError):
        await hands.file(own, "TEAM_HELPED")
