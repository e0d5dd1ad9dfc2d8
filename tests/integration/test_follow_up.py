"""The lists of the client's own people: who is on them, what is said of each, and what goes out of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from dialer.domain.bookings import BookingEvent
from dialer.domain.errors import ChangedSinceError, ConflictError, ForbiddenError, InvalidError, NotFoundError
from dialer.domain.exchange import ChannelKind
from dialer.domain.follow_up import FollowUpList as On
from dialer.domain.follow_up import (
    Mark,
    MarkedError,
    NotOnListError,
    ReleaseFirstError,
    TooEarlyError,
    TooLateError,
)
from dialer.domain.ids import CaseId
from dialer.domain.texts import BsnError
from dialer.schedule.rotation import Rotation
from dialer.services.cases import CaseService
from dialer.services.export import ExportService
from dialer.services.follow_up import FollowUps, FollowUpShown
from dialer.services.hand_back import HandBack
from dialer.services.ports.follow_up import FollowUpFilter, FollowUpLine, FollowUpOrder
from dialer.services.ports.people import Viewer
from dialer.services.ports.slots import BookingChange
from dialer.storage.bookings import PgBookings
from dialer.storage.exports import PostgresExports
from dialer.storage.follow_up import PgFollowUps
from dialer.storage.hand_back import PgHandBack
from dialer.storage.steering import PostgresCases
from tests.support.exchange import Exchange, exchange
from tests.support.intake import VAULT, row
from tests.support.receiver import receiver


@dataclass
class Town:
    """A municipality's person at the lists."""

    e: Exchange
    lists: FollowUps
    cases: CaseService
    exports: ExportService
    me: Viewer

    async def on(self, which: On, **more: object) -> list[FollowUpLine]:
        found = FollowUpFilter(client=self.e.w.client, list=which, **more)  # type: ignore[arg-type]  # each test names its fields
        return list(await self.lists.page(found, None, 100, self.me))

    async def mark(self, line: FollowUpLine, mark: Mark, reason: str = "") -> FollowUpShown:
        return await self.lists.mark(line.case, mark, reason, line.version, self.me)

    async def counts(self) -> dict[str, tuple[int, int, int]]:
        return {one.list.value: (one.open, one.overdue, one.crisis) for one in await self.lists.counts(self.e.w.client)}

    async def end_planning(self) -> None:
        self.e.later(days=40)
        await self.cases.close_ended()


@pytest.fixture
async def town(dsn: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with exchange(dsn, tmp_path) as e:
        w = e.w
        user = await w.one(
            "insert into app_user (id, login, display_name, role, client_id, password_hash, created_at)"
            " values ($1, 'gemeente', 'Gea Gemeente', 'client', $2, '', $3) returning id",
            w.world.ids.new(),
            w.client,
            w.clock.now(),
        )
        exports = PostgresExports(w.pool)
        yield Town(
            e=e,
            lists=FollowUps(
                store=PgFollowUps(w.pool, w.world.catalogues, Rotation()),
                labels=exports.labels,
                vault=VAULT,
                audit=w.audit,
                clock=w.clock,
                ids=w.world.ids,
            ),
            cases=CaseService(PostgresCases(w.pool, w.world.catalogues, Rotation()), w.clock),
            exports=ExportService(store=exports, vault=VAULT, audit=w.audit, clock=w.clock, ids=w.world.ids),
            me=Viewer(actor=f"user:{user}", user=user, role="client", client=w.client),
        )


@pytest.mark.parametrize(
    ("state", "outcome", "review", "meets", "on"),
    [
        ("open", None, False, False, None),
        ("open", "DISPUTED", True, True, None),
        ("held", None, False, False, "decision"),
        ("no_number", "WRONG_PERSON", False, False, "to_visit"),
        ("not_reached", "NOT_REACHED", False, False, "to_visit"),
        ("closed", "NOT_CALLABLE", False, False, "to_visit"),
        ("closed", "OPT_OUT", False, False, "to_visit"),
        ("closed", "DECEASED", False, False, "decision"),
        ("closed", "MOVED", False, False, "decision"),
        ("closed", "LANGUAGE", True, False, "decision"),
        ("closed", "REFUSED", False, False, None),
        ("reached", "PAID", False, False, "decision"),
        ("reached", "DISPUTED", True, False, "decision"),
        ("reached", "HELP_APPOINTMENT", False, True, "appointment"),
        ("reached", "HELP_WANTED", False, False, None),
        ("withdrawn", "WITHDRAWN", True, True, None),
        ("recalled", "DISPUTED", True, True, None),
        ("merged", "DISPUTED", True, True, None),
    ],
)
async def test_whose_turn_a_case_is(
    town: Town, state: str, outcome: str | None, review: bool, meets: bool, on: str | None
) -> None:
    assert await town.e.w.one("select follow_up_list($1, $2, $3, $4)", state, outcome, review, meets) == on


async def test_a_disputed_signal_waits_for_a_decision_until_somebody_takes_it_back(town: Town) -> None:
    attempt = await town.e.conversation("DISPUTED")
    [line] = await town.on(On.DECISION)
    assert (line.reason, line.state, line.client_refs, line.done_at) == ("DISPUTED", "reached", ["Z-1"], None)
    assert [(one.day_part, one.outcome) for one in line.tried] == [("Ochtend", "DISPUTED")]
    assert await town.counts() == {"to_visit": (0, 0, 0), "appointment": (0, 0, 0), "decision": (1, 0, 0)}
    await town.e.outcomes.recode(town.e.w.world.agents[0], attempt, "ADVICE", "verkeerde toets")
    assert await town.on(On.DECISION) == []
    await town.e.outcomes.recode(town.e.w.world.agents[0], attempt, "PAID", "toch betaald")
    assert [line.reason for line in await town.on(On.DECISION)] == ["PAID"]


async def test_what_a_supervisor_makes_a_review_comes_to_the_client(town: Town) -> None:
    await town.e.w.pool.execute(
        """update outcome_definition set next_step = '{"kind": "human_review"}' where code = 'NO_HELP'"""
    )
    await town.e.conversation("NO_HELP")
    assert [line.reason for line in await town.on(On.DECISION)] == ["NO_HELP"]


async def test_nobody_reached_at_the_end_of_planning_is_to_be_visited_with_what_was_tried(town: Town) -> None:
    town.e.w.world.now = town.e.w.clock.now()
    claim = await town.e.w.world.claim_one(at=town.e.w.clock.now())
    await town.e.w.world.end(claim.attempt, "NO_ANSWER")
    await town.e.w.load(row(kenmerk="Z-3", **{"signaal-id": "S-4"}, achternaam="Kok", telefoon_1=""))
    assert [(line.reason, line.numbers) for line in await town.on(On.TO_VISIT)] == [("NO_NUMBER", 0)]
    await town.end_planning()
    lines = {line.client_refs[0]: line for line in await town.on(On.TO_VISIT)}
    assert {ref: line.reason for ref, line in lines.items()} == {
        "Z-1": "NOT_REACHED",
        "Z-2": "NOT_REACHED",
        "Z-3": "NOT_CALLABLE",
    }
    tried = [line.tried for line in lines.values() if line.tried]
    assert [[(one.day_part, one.outcome) for one in part] for part in tried] == [[("Ochtend", "NO_ANSWER")]]
    assert (await town.counts())["to_visit"] == (3, 3, 0)


async def test_numbers_that_come_take_the_case_off_the_list(town: Town) -> None:
    await town.e.w.load(row(kenmerk="Z-3", **{"signaal-id": "S-4"}, achternaam="Kok", telefoon_1=""))
    [line] = await town.on(On.TO_VISIT)
    await town.e.w.load({"kenmerk": "Z-3", "telefoon 1": "0600000003"}, kind="numbers")
    assert await town.on(On.TO_VISIT) == []
    with pytest.raises(NotOnListError):
        await town.mark(line, Mark.SPOKEN)


async def test_a_visit_is_marked_told_once_more_and_taken_back(town: Town) -> None:
    async with receiver() as system:
        await town.e.channel(ChannelKind.WEBHOOK, system.url)
        await town.end_planning()
        town.e.later(minutes=20)
        for _ in range(3):
            await town.e.sender().tend()
        told = len(system.bodies)
        assert {body["opvolging"] for body in system.bodies} == {None}
        first = await town.exports.create(town.e.w.campaign, "delta", town.e.w.viewer)
        await town.exports.confirm(first.id, town.e.w.viewer)
        line = (await town.on(On.TO_VISIT))[0]
        shown = await town.mark(line, Mark.NOT_HOME)
        assert shown.line is not None
        assert (shown.line.done_at, shown.line.not_home, shown.line.mark) == (None, 1, Mark.NOT_HOME)
        assert shown.line.version == line.version  # it is still to be visited: nothing new to tell
        shown = await town.mark(line, Mark.SPOKEN, "Partner deed open, belt maandag")
        assert shown.line is not None
        assert (shown.line.mark, shown.line.marked_by) == (Mark.SPOKEN, "Gea Gemeente")
        assert [(mark.mark, mark.reason) for mark in shown.marks] == [
            ("spoken", "Partner deed open, belt maandag"),
            ("not_home", ""),
        ]
        assert line.case not in {other.case for other in await town.on(On.TO_VISIT)}
        assert [other.case for other in await town.on(On.TO_VISIT, done=True, order=FollowUpOrder.DONE)] == [line.case]
        delta = await town.exports.create(town.e.w.campaign, "delta", town.e.w.viewer)
        table = await town.exports.table(delta.id, town.e.w.viewer)
        rows = [dict(zip(table.header, cells, strict=True)) for cells in table.rows]
        assert {one["opvolging"].split(" (")[0] for one in rows} == {"bezocht, gesproken"}
        assert {one["levering"] for one in rows} == {"vervanging"}
        town.e.later(minutes=20)
        await town.e.sender().tend()
        body = system.bodies[-1]
        assert len(system.bodies) == told + 1
        assert (body["soort"], body["vervangt"]) == ("niet-bereikt", True)
        assert body["opvolging"]["code"] == "spoken"
        assert "maandag" not in str(body)  # the reason stays with us

        shown = await town.lists.undo(line.case, town.me)
        assert shown.line is not None
        assert (shown.line.done_at, shown.line.mark) == (None, Mark.NOT_HOME)
        assert shown.marks[0].taken_back_by == "Gea Gemeente"
        town.e.later(minutes=20)
        await town.e.sender().tend()
        assert system.bodies[-1]["opvolging"]["code"] == "not_home"
        actions = await town.e.w.rows(
            "select action, detail ->> 'mark' as mark from audit_event where action like 'follow_up.%'"
            " and action not in ('follow_up.list', 'follow_up.read') order by id"
        )
        assert [(one["action"], one["mark"]) for one in actions] == [
            ("follow_up.mark", "not_home"),
            ("follow_up.mark", "spoken"),
            ("follow_up.undo", "spoken"),
        ]


async def test_who_marks_has_the_result(town: Town) -> None:
    due = HandBack(PgHandBack(town.e.w.pool), town.e.w.clock)
    await town.e.conversation("DISPUTED")
    [line] = await town.on(On.DECISION)
    assert [one.case for one in await due.due(None)] == [line.case]
    await town.mark(line, Mark.STANDS)
    assert await due.due(None) == []
    await town.lists.undo(line.case, town.me)
    assert [one.case for one in await due.due(None)] == [line.case]


async def test_an_appointment_is_kept_or_not_once_it_has_been(town: Town) -> None:
    at = town.e.w.clock.now() + timedelta(days=3)
    answers = {"need": "budget"}
    attempt = await town.e.conversation("HELP_APPOINTMENT", answers=answers, appointment_at=at)
    [line] = await town.on(On.APPOINTMENT)
    assert (line.due_at, line.reason) == (at, "HELP_APPOINTMENT")
    with pytest.raises(TooEarlyError):
        await town.mark(line, Mark.KEPT)
    assert (await town.counts())["appointment"] == (1, 0, 0)
    town.e.later(days=4)
    assert (await town.counts())["appointment"] == (1, 1, 0)
    await town.mark(line, Mark.NO_SHOW)
    assert await town.on(On.APPOINTMENT) == []
    # Another time was agreed: that one is waited for anew.
    later = town.e.w.clock.now() + timedelta(days=2)
    await town.e.outcomes.recode(
        town.e.w.world.agents[0], attempt, "HELP_APPOINTMENT", "verzet", answers=answers, appointment_at=later
    )
    [line] = await town.on(On.APPOINTMENT)
    assert (line.due_at, line.mark) == (later, None)


async def test_what_cannot_be_marked_says_why(town: Town) -> None:
    await town.end_planning()
    line = (await town.on(On.TO_VISIT))[0]
    with pytest.raises(NotOnListError):
        await town.mark(line, Mark.KEPT)
    with pytest.raises(InvalidError) as missing:
        await town.mark(line, Mark.NO_ACTION, "  ")
    assert missing.value.field == "reason"
    with pytest.raises(BsnError):
        await town.mark(line, Mark.LETTER, "bsn 111.222.333")
    with pytest.raises(InvalidError):
        await town.mark(line, Mark.LETTER, "x" * 501)
    with pytest.raises(ChangedSinceError):
        await town.mark(replace(line, version=line.version + 1), Mark.LETTER)
    with pytest.raises(NotFoundError):
        await town.lists.mark(CaseId(UUID(int=7)), Mark.LETTER, "", 1, town.me)
    with pytest.raises(TooLateError):
        await town.lists.undo(line.case, town.me)
    with pytest.raises(ForbiddenError):  # a supervisor does not speak for the client
        await town.lists.mark(line.case, Mark.LETTER, "", line.version, town.e.w.viewer)
    with pytest.raises(ForbiddenError):
        await town.lists.undo(line.case, town.e.w.viewer)
    await town.mark(line, Mark.LETTER)
    with pytest.raises(MarkedError):
        await town.mark(line, Mark.SPOKEN)
    town.e.later(days=7, seconds=1)
    with pytest.raises(TooLateError):
        await town.lists.undo(line.case, town.me)
    assert await town.e.w.one("select count(*) from follow_up_mark") == 1


async def test_a_held_case_is_released_or_withdrawn(town: Town) -> None:
    case = await town.e.case_of("S-3")
    await town.e.w.pool.execute("update case_file set state = 'held', state_reason = 'opted_out' where id = $1", case)
    [line] = await town.on(On.DECISION)
    assert (line.reason, line.state) == ("opted_out", "held")
    with pytest.raises(ReleaseFirstError):
        await town.mark(line, Mark.STANDS)
    await town.cases.withdraw(case, "niet meer nodig", town.me.actor)
    assert await town.on(On.DECISION) == []
    await town.cases.release(case, "toch wel", town.me.actor)  # a new act, not an undo
    assert await town.e.w.one("select state from case_file where id = $1", case) == "open"


async def test_of_two_who_mark_at_once_one_is_told(town: Town) -> None:
    await town.end_planning()
    line = (await town.on(On.TO_VISIT))[0]
    results = await asyncio.gather(
        *(town.mark(line, mark) for mark in (Mark.SPOKEN, Mark.LETTER, Mark.SPOKEN)), return_exceptions=True
    )
    refused = [one for one in results if isinstance(one, ConflictError)]
    assert (len(results) - len(refused), len(refused)) == (1, 2)
    assert await town.e.w.one("select count(*) from follow_up_mark") == 1


async def test_a_reason_is_sealed_and_goes_with_the_delivery(town: Town) -> None:
    await town.end_planning()
    line = (await town.on(On.TO_VISIT))[0]
    await town.mark(line, Mark.SPOKEN, "Zoon Vosgeheim deed open")
    for table in ("follow_up_mark", "pii.follow_up_note", "audit_event", "outbox_message", "idempotency"):
        assert "Vosgeheim" not in str(await town.e.w.rows(f"select * from {table}"))
    await town.e.w.deliveries.recall(await town.e.w.one("select id from delivery"), "fout", town.e.w.viewer)
    assert await town.e.w.one("select count(*) from pii.follow_up_note") == 0
    shown = await town.lists.of_case(line.case, town.me)
    assert [(mark.mark, mark.reason) for mark in shown.marks] == [("spoken", "")]


async def test_a_recall_and_a_merge_leave_nothing_on_the_lists(town: Town) -> None:
    await town.e.w.load(row(kenmerk="Z-3", **{"signaal-id": "S-4"}, achternaam="Kok", telefoon_1=""))
    assert len(await town.on(On.TO_VISIT)) == 1
    for delivery in await town.e.w.rows("select id from delivery"):
        await town.e.w.deliveries.recall(delivery["id"], "fout", town.e.w.viewer)
    assert await town.on(On.TO_VISIT) == []


async def test_pages_hold_together_in_every_order_and_filter(town: Town) -> None:
    people = [f"Persoon{'abcdefg'[n]}" for n in range(7)]
    await town.e.w.load(
        *(
            row(
                kenmerk=f"N-{n}", **{"signaal-id": f"N-{n}"}, achternaam=name, telefoon_1="",
                crisis="ja" if n % 3 == 0 else "nee", signaaldatum=f"{20 + n % 3}-02-2026",
            )
            for n, name in enumerate(people)
        )
    )  # fmt: skip
    whole = FollowUpFilter(client=town.e.w.client, list=On.TO_VISIT)
    store = PgFollowUps(town.e.w.pool, town.e.w.world.catalogues, Rotation())
    for order in (FollowUpOrder.DUE, FollowUpOrder.NEWEST):
        seen: list[FollowUpLine] = []
        which, after = replace(whole, order=order), None
        while lines := await store.page(which, after, 2):
            seen += lines
            after = (lines[-1].stands_at(order), lines[-1].case)
        assert len({line.case for line in seen}) == len(seen) == 7
        places = [(line.stands_at(order), line.case) for line in seen]
        assert places == sorted(places, reverse=order is FollowUpOrder.NEWEST)
    assert len(await town.on(On.TO_VISIT, crisis=True)) == 3
    assert [line.client_refs for line in await town.on(On.TO_VISIT, reference="N-4")] == [["N-4"]]
    assert await town.on(On.TO_VISIT, reason="OPT_OUT") == []
    assert len(await town.on(On.TO_VISIT, campaign=town.e.w.campaign)) == 7
    assert {line.crisis for line in await town.on(On.TO_VISIT, due_before=town.e.w.clock.now())} == {True}
    table = await town.lists.table(replace(whole, crisis=True), town.me)
    rows = [dict(zip(table.header, cells, strict=True)) for cells in table.rows]
    assert [(one["reden"], one["crisis"], one["nummers"]) for one in rows] == [("geen belbaar nummer", "ja", "0")] * 3
    english = await town.lists.table(whole, replace(town.me, language="en"))
    assert "no callable number" in next(iter(english.rows))
    assert await town.e.w.one("select count(*) from audit_event where action = 'follow_up.download'") == 2


async def test_a_page_of_a_long_list_reads_its_index_and_nothing_else(town: Town) -> None:
    await town.e.w.pool.execute(
        """
        with residents as (
          insert into resident (id, client_id, match_key, created_at)
          select gen_random_uuid(), $1, sha256(n::text::bytea), $3 from generate_series(1, 20000) n returning id)
        insert into case_file (id, client_id, campaign_id, resident_id, delivery_id, state, outcome, opened_at,
                               term_ends_at, plan_ends_at, closed_at, catalogue_version)
        select gen_random_uuid(), $1, $2, id, (select id from delivery limit 1), 'not_reached', 'NOT_REACHED', $3,
               $3 + random() * interval '28 days', $3 + interval '21 days', $3, 1 from residents
        """,
        town.e.w.client,
        town.e.w.campaign,
        town.e.w.clock.now(),
    )
    assert (await town.counts())["to_visit"][0] == 20_000
    await town.e.w.pool.execute("analyze follow_up; analyze case_file; analyze signal; analyze attempt")
    plans: list[str] = []

    class Explained:
        async def fetch(self, query: str, *values: object) -> list[object]:
            rows = await town.e.w.pool.fetch(f"explain {query}", *values)
            plans.append("\n".join(line[0] for line in rows))
            return []

    store = PgFollowUps(Explained(), town.e.w.world.catalogues, Rotation())  # type: ignore[arg-type]  # looks at plans
    middle = (town.e.w.clock.now() + timedelta(days=14), UUID(int=0))
    for done, order in ((False, FollowUpOrder.DUE), (False, FollowUpOrder.NEWEST), (True, FollowUpOrder.DONE)):
        which = FollowUpFilter(client=town.e.w.client, list=On.TO_VISIT, done=done, order=order)
        await store.page(which, middle, 50)
    assert len(plans) == 3
    for plan, index in zip(plans, ("follow_up_due", "follow_up_new", "follow_up_done"), strict=True):
        assert f"using {index} on follow_up u" in plan, plan
        assert "Seq Scan on follow_up" not in plan, plan
        assert "Seq Scan on case_file" not in plan, plan


async def test_a_booked_time_and_its_mark_say_the_same(town: Town) -> None:
    w, at = town.e.w, town.e.w.clock.now() + timedelta(days=3)
    answers = {"need": "budget"}
    attempt = await town.e.conversation("HELP_APPOINTMENT", answers=answers, appointment_at=at)
    case = await town.e.case_of("S-1")
    source, slot, booking = (w.world.ids.new() for _ in range(3))
    await w.pool.execute(
        "insert into slot_source (id, client_id, kind, name, place, meeting, seats, pattern, created_at)"
        " values ($1, $2, 'own', 'Spreekuur', 'Stadhuis, balie 4', 'office', 1, '{}', $3)",
        source, w.client, w.clock.now(),
    )  # fmt: skip
    await w.pool.execute(
        "insert into slot (id, source_id, client_id, key, starts_at, ends_at) values ($1, $2, $3, 'a', $4, $5)",
        slot, source, w.client, at, at + timedelta(hours=1),
    )  # fmt: skip
    await w.pool.execute(
        "insert into booking (id, client_id, campaign_id, case_id, attempt_id, root_id, slot_id, state, booked_at)"
        " values ($1, $2, $3, $4, $5, $1, $6, 'booked', $7)",
        booking, w.client, w.campaign, case, attempt, slot, w.clock.now(),
    )  # fmt: skip
    town.e.later(days=4)
    [line] = await town.on(On.APPOINTMENT)
    assert (line.place, line.due_at) == ("Stadhuis, balie 4", at)
    await town.mark(line, Mark.NO_SHOW)
    assert await w.one("select state from booking") == "no_show"
    await town.lists.undo(case, town.me)
    assert await w.one("select state from booking") == "booked"
    [line] = await town.on(On.APPOINTMENT)

    # The client's machine reports it instead, and what was agreed falls through.
    bookings = PgBookings(w.pool, w.world.catalogues, Rotation())
    said = BookingChange(booking=booking, event=BookingEvent.KEPT, actor="token:1", user=None, at=w.clock.now())
    await bookings.apply(said, {})
    assert await town.on(On.APPOINTMENT) == []
    assert [one.mark for one in await town.on(On.APPOINTMENT, done=True, order=FollowUpOrder.DONE)] == [Mark.KEPT]
    await bookings.apply(replace(said, event=BookingEvent.REOPENED), {})
    assert len(await town.on(On.APPOINTMENT)) == 1
    await bookings.apply(replace(said, event=BookingEvent.CANCELLED), {})
    assert [one.reason for one in await town.on(On.DECISION)] == ["HELP_APPOINTMENT"]
