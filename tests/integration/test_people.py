"""Cards, identity checks, dossiers and sealing, over a real database and the real ledger."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from dialer.domain.errors import ConflictError, ForbiddenError, NotFoundError
from dialer.domain.ids import AttemptId, CaseId, ChannelId, PhoneId
from dialer.services.people import MAX_TRIES, NoTriesLeftError, NotVerifiedError, PeopleService, band_text
from dialer.services.ports.ledger import InboundCall
from dialer.services.ports.people import Viewer
from dialer.services.ports.vault import ErasedError
from dialer.storage.people import PeopleRows
from tests.support.intake import VAULT, IntakeWorld, intake_world, row
from tests.support.telling import telling

SQL_CALL_OUT = """
insert into attempt (id, direction, client_id, campaign_id, case_id, phone_id, number_key, channel_id, state, live,
                     counted, seq, case_seq, day, claimed_at, dialed_at, agent_id, catalogue_version)
select $1, 'out', f.client_id, f.campaign_id, f.id, h.id, h.number_key, 'x', 'joined', true,
       true, 1, 1, $2::timestamptz::date, $2, $2, $3, 1
  from signal s join case_file f on f.id = s.case_id
  join case_phone cp on cp.case_id = f.id and cp.position = 1 join phone h on h.id = cp.phone_id
 where s.signal_ref = $4
"""


@dataclass(frozen=True)
class Said:
    """What a resident says."""

    birth_date: date = date(1970, 2, 1)
    postcode: str = "2711 ab"
    house_number: str = "12"


@dataclass
class Desk:
    """An agent, a call out to the resident of `ROW`, and the service."""

    w: IntakeWorld
    people: PeopleService
    agent: Viewer

    async def call_out(self, signal: str = "S-1") -> AttemptId:
        attempt = AttemptId(self.w.world.ids.new())
        await self.w.pool.execute(SQL_CALL_OUT, attempt, self.w.clock.now(), self.agent.user, signal)
        return attempt

    async def call_in(self, number: str | None) -> AttemptId:
        w = self.w
        attempt = AttemptId(w.world.ids.new())
        ledger = w.world.ledger
        ledger._number_key = VAULT.number_key
        await ledger.inbound(
            InboundCall(
                attempt=attempt,
                channel=ChannelId(str(attempt)),
                client=w.client,
                campaign=w.campaign,
                number=number,
                case=None,
                at=w.clock.now(),
                wall_at=w.clock.wall_utc(),
            )
        )
        await w.pool.execute("update attempt set agent_id = $2 where id = $1", attempt, self.agent.user)
        return attempt

    async def audit(self, action: str) -> int:
        return int(await self.w.one("select count(*) from audit_event where action = $1", action))


@pytest.fixture
async def d(dsn: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with intake_world(dsn, tmp_path) as w:
        people = PeopleService(
            store=PeopleRows(w.pool), vault=VAULT, audit=w.audit, clock=w.clock, ledger=w.world.ledger
        )
        user = w.world.agents[1]
        desk = Desk(w, people, Viewer(actor=f"user:{user}", user=user, role="agent", client=None))
        await w.load(row(telefoon_2="0790000002"))
        yield desk


async def test_card_tells_who_and_nothing_of_debts(d: Desk) -> None:
    attempt = await d.call_out()
    card = await d.people.card(attempt, d.agent)
    assert (card.salutation, card.name) == ("mevrouw", "J. van der Berg")
    assert (card.number, card.number_kind, card.attempt_number) == ("+31600000001", "mobile", 1)
    assert (card.language, card.municipality, card.verified, card.direction) == ("nl", "stad", None, "out")
    stored = await d.w.pool.fetchrow(
        "select l.neutral_name, l.inbound_number, a.campaign_id from attempt a join client l on l.id = a.client_id"
    )
    assert stored is not None
    assert (card.neutral_name, card.callback_number, card.campaign) == tuple(stored)
    assert (await d.people.card(attempt, replace(d.agent, language="en"))).salutation == "Ms"
    assert "Berg" not in repr(card)
    assert "600000001" not in repr(card)
    assert await d.audit("card.read") == 2


async def test_only_the_agent_who_has_the_call(d: Desk) -> None:
    attempt = await d.call_out()
    user = d.w.world.agents[2]
    other = Viewer(actor=f"user:{user}", user=user, role="agent", client=None)
    for call in (
        d.people.card(attempt, other),
        d.people.dossier(attempt, other),
        d.people.verify(attempt, Said(), other),
    ):
        with pytest.raises(NotFoundError):
            await call
    # The running centre may know of a hand-over before the ledger does.
    assert (await d.people.card(attempt, replace(other, attempt=attempt))).name
    stranger = replace(d.w.viewer, client=await d.w.world.add_client("dorp", "+31790000002", {}))
    with pytest.raises(NotFoundError):
        await d.people.card(attempt, stranger)


@pytest.mark.parametrize(
    "said",
    [
        Said(birth_date=date(1970, 1, 2)),
        Said(postcode="2711AC"),
        Said(house_number="13"),
        Said(postcode="'; drop table resident;--"),
        Said(house_number="<b>12</b>"),
    ],
)
async def test_no_match_opens_nothing(d: Desk, said: Said) -> None:
    attempt = await d.call_out()
    result = await d.people.verify(attempt, said, d.agent)
    assert (result.match, result.tries_left) == (False, MAX_TRIES - 1)
    assert await d.w.one("select verified from attempt where id = $1", attempt) is False
    with pytest.raises(NotVerifiedError):
        await d.people.dossier(attempt, d.agent)
    assert await d.audit("dossier.read") == 0


async def test_match_opens_the_dossier_with_bands_only(d: Desk) -> None:
    w = d.w
    await w.load(row(**{"signaal-id": "S-2"}, vastelastenpartner="Zorg", bedrag=""))
    attempt = await d.call_out()
    with pytest.raises(NotVerifiedError):
        await d.people.dossier(attempt, d.agent)
    result = await d.people.verify(attempt, Said(house_number=" 12 A"), d.agent)
    assert result.match
    dossier = await d.people.dossier(attempt, d.agent)
    assert [(signal.partner_type, signal.amount_band) for signal in dossier.signals] == [
        ("rent", "250-500"),
        ("health", ""),
    ]
    assert [phone.number for phone in dossier.phones] == ["+31600000001", "+31790000002"]
    assert "310" not in telling(dossier)
    assert await d.audit("identity.try") == 1
    assert await d.audit("dossier.read") == 1
    event = (await w.rows("select kind, data::text as data, actor from attempt_event where attempt_id = $1", attempt))[
        0
    ]
    assert (event["kind"], json.loads(event["data"])["match"], event["actor"]) == ("verified", True, d.agent.actor)


async def test_tries_are_limited_also_when_they_come_at_once(d: Desk) -> None:
    attempt = await d.call_out()
    wrong = Said(house_number="99")
    results = await asyncio.gather(
        *(d.people.verify(attempt, wrong, d.agent) for _ in range(MAX_TRIES + 4)), return_exceptions=True
    )
    assert sum(isinstance(result, NoTriesLeftError) for result in results) == 4
    with pytest.raises(NoTriesLeftError):
        await d.people.verify(attempt, Said(), d.agent)
    assert await d.audit("identity.try") == MAX_TRIES


async def test_after_the_filing_the_dossier_is_shut(d: Desk) -> None:
    attempt = await d.call_out()
    await d.people.verify(attempt, Said(), d.agent)
    await d.w.pool.execute("update attempt set live = false, wrap_up_open = true where id = $1", attempt)
    assert (await d.people.dossier(attempt, d.agent)).signals
    await d.w.pool.execute("update attempt set wrap_up_open = false where id = $1", attempt)
    with pytest.raises(ForbiddenError):
        await d.people.dossier(attempt, d.agent)
    with pytest.raises(ConflictError):
        await d.people.verify(attempt, Said(), d.agent)
    assert (await d.people.dossier(attempt, d.w.viewer)).signals  # a supervisor looks back


async def test_caller_says_a_name_first(d: Desk) -> None:
    attempt = await d.call_in("+31600000001")
    card = await d.people.card(attempt, d.agent)
    assert (card.name, card.case, card.number) == ("", None, "+31600000001")
    assert list(await d.people.candidates(attempt, "Jansen", d.agent)) == []
    [found_one] = await d.people.candidates(attempt, "mevrouw van der berg", d.agent)
    assert "Berg" not in repr(found_one)
    with pytest.raises(ConflictError):
        await d.people.verify(attempt, Said(), d.agent)
    with pytest.raises(NotVerifiedError):
        await d.people.dossier(attempt, d.agent)
    assert not (await d.people.verify(attempt, Said(postcode="1000AA"), d.agent, case=found_one.case)).match
    assert await d.w.one("select case_id from attempt where id = $1", attempt) is None
    d.w.later(seconds=5)
    assert (await d.people.verify(attempt, Said(), d.agent, case=found_one.case)).match
    assert (await d.people.card(attempt, d.agent)).name == "J. van der Berg"
    assert (await d.people.dossier(attempt, d.agent)).case == found_one.case


async def test_unknown_and_withheld_numbers_show_nobody(d: Desk) -> None:
    for number in ("+31600000099", None):
        attempt = await d.call_in(number)
        assert list(await d.people.candidates(attempt, "van der Berg", d.agent)) == []
        assert (await d.people.card(attempt, d.agent)).number == ""
    outbound = await d.call_out()
    with pytest.raises(ConflictError):
        await d.people.candidates(outbound, "van der Berg", d.agent)


async def test_another_client_s_case_is_no_candidate(d: Desk) -> None:
    other = await d.w.world.add_client("dorp", "+31790000002", {})
    case = CaseId(await d.w.one("select id from case_file"))
    await d.w.pool.execute("update case_file set client_id = $1", other)
    attempt = await d.call_in("+31600000001")
    with pytest.raises(NotFoundError):
        await d.people.verify(attempt, Said(), d.agent, case=case)


async def test_numbers_for_the_claim(d: Desk) -> None:
    phones = [PhoneId(record["id"]) for record in await d.w.rows("select id from phone order by kind desc")]
    numbers = await d.people.numbers([*phones, PhoneId(UUID(int=1))])
    assert numbers == {phones[0]: "+31600000001", phones[1]: "+31790000002"}


async def test_notes_and_drafts_are_sealed_for_their_attempt(d: Desk) -> None:
    w = d.w
    attempt = await d.call_out()
    note = await d.people.seal_note(attempt, "Belt liever 's avonds =cmd()")
    draft = await d.people.seal_draft(attempt, "half")
    assert note.delivery == await w.one("select delivery_id from case_file")
    assert await d.people.open_note(attempt, note) == "Belt liever 's avonds =cmd()"
    assert await d.people.open_draft(attempt, draft) == "half"
    caller = await d.call_in(None)
    unknown = await d.people.seal_note(caller, "onbekende beller")
    assert unknown.delivery is None
    assert await d.people.open_note(caller, unknown) == "onbekende beller"
    await w.pool.execute(
        "insert into pii.note (attempt_id, client_id, delivery_id, sealed, updated_at) values ($1, $2, $3, $4, $5)",
        attempt,
        note.client,
        note.delivery,
        note.sealed,
        w.clock.now(),
    )
    await w.pool.execute("update attempt set live = false, outcome = 'CALL_LATER' where id = $1", attempt)
    w.later(days=1)
    await w.pool.execute("update attempt set seq = 2, case_seq = 2 where id = $1", attempt)
    again = await d.call_out()
    await d.people.verify(again, Said(), d.agent)
    history = (await d.people.dossier(again, d.agent)).history
    assert [(call.outcome, call.note) for call in history] == [("CALL_LATER", "Belt liever 's avonds =cmd()")]


async def test_what_was_recalled_cannot_be_read(d: Desk) -> None:
    w = d.w
    attempt = await d.call_out()
    await d.people.verify(attempt, Said(), d.agent)
    note = await d.people.seal_note(attempt, "x")
    await w.deliveries.recall(await w.one("select id from delivery"), "fout", w.viewer)
    card = await d.people.card(attempt, d.agent)
    assert (card.name, card.number) == ("", "")
    with pytest.raises(ErasedError):
        await d.people.open_note(attempt, note)
    with pytest.raises(ErasedError):
        await d.people.verify(attempt, Said(), d.agent)
    dossier = await d.people.dossier(attempt, d.agent)
    assert list(dossier.phones) == []
    assert list(dossier.signals) == []
    later = await d.people.seal_note(attempt, "na de terugroeping")  # the agent still finishes: with the client's key
    assert later.delivery is None


def test_callback_numbers_outlive_deliveries(d: Desk) -> None:
    key, task = VAULT.new_client_key(d.w.client), UUID(int=7)
    box = d.people.seal_number(d.w.client, key, task, "+31600000001")
    assert d.people.open_number(d.w.client, key, task, box) == "+31600000001"


@pytest.mark.parametrize(
    ("cents", "band"), [(0, "0-75"), (7_499, "0-75"), (7_500, "75-250"), (99_999, "500-1000"), (250_000, "2500+")]
)
def test_bands(cents: int, band: str) -> None:
    assert band_text(cents) == band


async def test_the_earlier_history_of_the_same_resident_is_shown(d: Desk) -> None:
    w = d.w
    first = await d.call_out()
    await w.pool.execute("update attempt set live = false, outcome = 'NO_ANSWER' where id = $1", first)
    await w.pool.execute("update case_file set state = 'not_reached', closed_at = $1", w.clock.now())
    w.later(days=30)
    await w.load(row(**{"signaal-id": "S-2"}, signaaldatum="01-04-2026"))
    await w.pool.execute("update case_file set paused_until = null where state = 'open'")
    second = await d.call_out("S-2")
    await d.people.verify(second, Said(), d.agent)
    dossier = await d.people.dossier(second, d.agent)
    assert [(call.outcome, call.call_back) for call in dossier.history] == [("NO_ANSWER", False)]
    assert dossier.history[0].at == w.clock.now() - timedelta(days=30)
