"""Proof calls in the ledger: whom they may ring, and that nothing counts, exports, reports or learns from them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from dialer.domain.errors import ConflictError, InvalidError, NotFoundError
from dialer.domain.ids import AttemptId, PhoneId, UserId
from dialer.schedule.rotation import Rotation
from dialer.security.vault import MasterVault
from dialer.services.export import ExportService
from dialer.services.outcomes import OutcomeService
from dialer.services.people import PeopleService
from dialer.services.ports.day import DayBounds
from dialer.services.ports.desk import Filing
from dialer.services.ports.ledger import CallFact, Claim, ProofOrder, RuleForbidsError
from dialer.services.ports.people import Viewer
from dialer.services.staff import StaffService
from dialer.storage.day import PgDayBook
from dialer.storage.duty import PgDutyStore
from dialer.storage.engine import PgEngineStore
from dialer.storage.exports import PostgresExports
from dialer.storage.filings import PostgresOutcomes
from dialer.storage.learning import PgLearning
from dialer.storage.people import PeopleRows
from dialer.storage.reach import PgReach
from dialer.storage.staff import PgStaff
from tests.support.intake import VAULT, IntakeWorld, intake_world, row

ACTOR = "user:boss"
COLLEAGUE, RESIDENT = "+31790000180", "0600000001"


@dataclass(frozen=True)
class Said:
    """What somebody says in a rehearsal."""

    birth_date: date = date(1970, 2, 1)
    postcode: str = "2711 AB"
    house_number: str = "1"


@dataclass
class Rehearsal:
    """A loaded list, a staff phone, and the services."""

    w: IntakeWorld
    staff: StaffService
    people: PeopleService
    outcomes: OutcomeService
    phone: UUID
    vault: MasterVault = VAULT

    @property
    def agent(self) -> UserId:
        return self.w.world.agents[0]

    async def claim(self, phone: UUID | None = None, number: str = COLLEAGUE) -> Claim:
        world = self.w.world
        order = ProofOrder(
            phone=phone or self.phone, campaign=world.campaign, owner=world.owner, epoch=world.epoch,
            agent=self.agent, number=number, at=self.w.clock.now(), wall_at=self.w.clock.now(), actor=ACTOR,
        )  # fmt: skip
        return await world.ledger.claim_proof(order)

    async def forbidden(self, phone: UUID | None = None) -> str:
        with pytest.raises(RuleForbidsError) as caught:
            await self.claim(phone)
        return caught.value.rule

    async def conversation(self) -> AttemptId:
        """From the claim to an open wrap-up, answered after six seconds."""
        attempt, world = (await self.claim()).attempt, self.w.world
        at = self.w.later(seconds=6)
        facts = [("dialed", "dialing"), ("answered", "answered"), ("joined", "joined")]
        await world.ledger.append(
            [
                CallFact(
                    attempt=attempt, kind=kind, at=at, wall_at=at, actor="asterisk", state=state, agent=self.agent
                )
                for kind, state in facts
            ]
        )  # fmt: skip
        # What a mistaken hand might say of it changes nothing: the ledger asks for its direction.
        await world.end(attempt, None, at=self.w.later(minutes=2), agent=self.agent, wrap_up=True)
        return attempt


@pytest.fixture
async def r(dsn: str, tmp_path: Path) -> AsyncIterator[Rehearsal]:
    async with intake_world(dsn, tmp_path) as w:
        await w.load(row())
        staff = StaffService(PgStaff(w.pool), VAULT, w.clock, w.world.ids, demo=True)
        added = await staff.add(w.client, "Noor", COLLEAGUE, user=None, actor=ACTOR)
        people = PeopleService(
            store=PeopleRows(w.pool), vault=VAULT, audit=w.audit, clock=w.clock, ledger=w.world.ledger
        )
        store = PostgresOutcomes(w.pool, w.world.ids, w.world.catalogues, Rotation())
        outcomes = OutcomeService(store, w.world.catalogues, VAULT, w.clock)
        yield Rehearsal(w, staff, people, outcomes, added.id)


async def test_the_list_holds_our_own_people_sealed_and_no_resident(r: Rehearsal) -> None:
    [line] = await r.staff.phones(r.w.client)
    assert (line.label, line.ends_with) == ("Noor", "180")
    assert (await r.staff.number(r.phone)).number == COLLEAGUE
    sealed = await r.w.one("select sealed_number from staff_phone")
    assert COLLEAGUE.encode() not in sealed
    with pytest.raises(ConflictError) as refused:
        await r.staff.add(r.w.client, "Wie", RESIDENT, user=None, actor=ACTOR)
    assert refused.value.code == "staff-is-resident"
    with pytest.raises(ConflictError):
        await r.staff.add(r.w.client, "Noor thuis", COLLEAGUE, user=None, actor=ACTOR)
    for label, number, field in [("", COLLEAGUE, "label"), ("Noor", "112", "number"), ("x" * 61, COLLEAGUE, "label")]:
        with pytest.raises(InvalidError) as invalid:
            await r.staff.add(r.w.client, label, number, user=None, actor=ACTOR)
        assert invalid.value.field == field
    await r.staff.remove(r.w.client, r.phone, actor=ACTOR)
    with pytest.raises(NotFoundError):
        await r.staff.remove(r.w.client, r.phone, actor=ACTOR)
    with pytest.raises(NotFoundError):
        await r.staff.number(r.phone)
    told = await r.w.rows("select action, detail::text as detail from audit_event where action like 'staff_phone.%'")
    assert [line["action"] for line in told] == ["staff_phone.add", "staff_phone.remove"]
    assert not any(COLLEAGUE in line["detail"] for line in told)


async def test_the_database_lets_it_ring_nobody_else(r: Rehearsal) -> None:
    claim = await r.claim()
    assert (claim.case, claim.counted, claim.proof, claim.number) == (None, False, True, COLLEAGUE)
    assert await r.forbidden() == "attempt_number_free"  # one call at a time
    await r.w.world.end(claim.attempt, "NO_ANSWER")
    other = await r.w.world.add_client("dorp", "+31790000002", {})
    stranger = r.w.world.ids.new()
    await r.w.pool.execute(
        "insert into staff_phone (id, client_id, label, number_key, sealed_number, created_at)"
        " values ($1, $2, 'x', $3, '', $4)",
        stranger, other, VAULT.number_key("+31790000181"), r.w.clock.now(),
    )  # fmt: skip
    assert await r.forbidden(stranger) == "proof_staff_phone"
    await r.w.pool.execute("update phone set number_key = $1", VAULT.number_key(COLLEAGUE))  # came with a list later
    assert await r.forbidden() == "proof_resident"
    await r.w.pool.execute("update case_file set state = 'closed'")
    await r.w.pool.execute("update campaign set state = 'stopped'")
    assert await r.forbidden() == "proof_campaign"
    await r.w.pool.execute("update campaign set state = 'draft'")
    await r.staff.remove(r.w.client, r.phone, actor=ACTOR)
    assert await r.forbidden() == "proof_staff_phone"


async def test_outside_the_windows_and_before_the_start_it_may_ring(r: Rehearsal) -> None:
    await r.w.pool.execute("update campaign set state = 'draft'")
    r.w.later(hours=14)
    assert (await r.claim()).proof
    campaigns = await PgEngineStore(r.w.pool, None, trunk="trunk").campaigns()  # type: ignore[arg-type]  # seals nothing here
    assert [one.state for one in campaigns] == ["draft"]
    await r.staff.remove(r.w.client, r.phone, actor=ACTOR)
    assert await PgEngineStore(r.w.pool, None, trunk="trunk").campaigns() == []  # type: ignore[arg-type]  # seals nothing here


async def test_the_agent_sees_whose_it_is_and_walks_the_script_to_its_end(r: Rehearsal) -> None:
    attempt = await r.conversation()
    viewer = Viewer(actor=f"user:{r.agent}", user=r.agent, role="agent", client=None)
    card = await r.people.card(attempt, viewer)
    assert (card.direction, card.name, card.number, card.case) == ("proof", "Noor", COLLEAGUE, None)
    assert (await r.people.verify(attempt, Said(), viewer)).match
    dossier = await r.people.dossier(attempt, viewer)
    assert (list(dossier.signals), list(dossier.history), list(dossier.phones)) == ([], [], [])
    [waiting] = (await PgDutyStore(r.w.pool).find(r.agent)).wrap_ups
    assert waiting.direction == "proof"


@pytest.mark.parametrize("outcome", ["HELP_WANTED", "OPT_OUT", "NUMBER_BLOCKED", "CALL_LATER"])
async def test_whatever_is_filed_touches_nobody(r: Rehearsal, outcome: str) -> None:
    key = VAULT.number_key(COLLEAGUE)
    await r.w.pool.execute(
        "insert into callback_task (id, client_id, campaign_id, number_key, sealed_number, origin, state, requested_at)"
        " values ($1, $2, $3, $4, '', 'queue', 'open', $5)",
        r.w.world.ids.new(), r.w.client, r.w.campaign, key, r.w.clock.now(),
    )  # fmt: skip
    cases = await r.w.rows("select id, state, next_at, outcome, result_version from case_file")
    attempt = await r.conversation()
    await r.people.verify(attempt, Said(), replace(r.w.viewer, user=r.agent))
    filing = Filing(
        outcome=outcome, note="Oefening", confirmed=True, answers={"need": "budget"},
        appointment_at=r.w.clock.now() + timedelta(hours=1) if outcome == "CALL_LATER" else None,
    )  # fmt: skip
    await r.outcomes.file(r.agent, attempt, filing)
    stored = await r.w.world.attempt(attempt)
    assert (stored["outcome"], stored["reached"], stored["counted"], stored["wrap_up_open"]) == (
        outcome, False, False, False,
    )  # fmt: skip
    assert await r.w.rows("select id, state, next_at, outcome, result_version from case_file") == cases
    for nothing in (
        "select count(*) from pii.note",
        "select count(*) from opt_out",
        "select count(*) from phone where blocked_at is not null",
        "select count(*) from outbox_message",
        "select count(*) from callback_task where state <> 'open'",
    ):
        assert await r.w.one(nothing) == 0, nothing
    await r.outcomes.undo(r.agent, attempt)
    assert (await r.w.world.attempt(attempt))["wrap_up_open"]
    assert await r.w.rows("select id, state, next_at, outcome, result_version from case_file") == cases


async def test_it_stands_in_no_report_no_export_and_no_bill_and_teaches_nothing(r: Rehearsal) -> None:
    attempt = await r.conversation()
    await r.people.verify(attempt, Said(), replace(r.w.viewer, user=r.agent))
    await r.outcomes.file(r.agent, attempt, Filing(outcome="NO_HELP", confirmed=True))
    now, world = r.w.clock.now(), r.w.world
    day = await PgDayBook(r.w.pool).day(
        None,
        DayBounds(now=now, begin=now - timedelta(hours=12), end=now + timedelta(hours=12), soon=now, missed_before=now),
    )
    [campaign] = day.campaigns
    assert (campaign.dialled, campaign.answered, campaign.reached, campaign.abandoned) == (0, 0, 0, 0)
    told = [row async for batch in PgLearning(r.w.pool).told(now - timedelta(days=1), 100) for row in batch]
    assert told == []
    reach = await PgReach(r.w.pool, world.catalogues, Rotation()).facts(world.campaign, now)
    assert reach.dialled == 0
    assert reach.helped == 0
    [figures] = await PgEngineStore(r.w.pool, None, trunk="trunk").figures(now)  # type: ignore[arg-type]  # seals nothing here
    assert (figures.reached, figures.attempts_left) == (0, 12)
    exports = ExportService(
        store=PostgresExports(r.w.pool), vault=VAULT, audit=r.w.audit, clock=r.w.clock, ids=world.ids
    )
    run = await exports.create(world.campaign, "full", r.w.viewer)
    facts = await r.w.one("select facts::text from export_line where export_id = $1", run.id)
    assert str(attempt) not in facts
    assert "NO_HELP" not in facts
    [line] = await r.staff.proofs(world.campaign)
    assert (line.label, line.talked, line.answered, line.outcome) == ("Noor", True, True, "NO_HELP")
    # The claim of residents goes on as if it had not been: the first of seven, today's first.
    world.numbers[PhoneId(await r.w.one("select id from phone"))] = "+31600000001"
    claim = await world.claim_one(at=now)
    assert (claim.seq, claim.case_seq) == (1, 1)


async def test_after_a_crash_the_ledger_still_knows_what_it_was(r: Rehearsal) -> None:
    claim = await r.claim()
    [live] = await r.w.world.ledger.live([r.w.campaign])
    assert (live.attempt, live.direction.value, live.case) == (claim.attempt, "proof", None)
