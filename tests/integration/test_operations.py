"""The work in the days of a report on a real database: what is counted, what stands behind it, and that it stays."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest

from dialer.domain.errors import InvalidError, NotFoundError
from dialer.domain.ids import ClientId
from dialer.domain.reports.kpis import Period, earlier
from dialer.domain.reports.operations import Agreement, Line, Unit
from dialer.schedule.windows import at_local
from dialer.services.access import Role
from dialer.services.operation_words import LineShown, OperationsShown, SectionShown
from dialer.services.ports.operations import Cell
from dialer.services.ports.people import Viewer
from dialer.services.ports.reports import Asked
from dialer.storage.billing import SQL_BILLABLE
from dialer.storage.operations import PgOperations
from dialer.storage.pool import open_pool
from tests.support.report_desk import BOSS, DAY, FIRST, LAST, Desk
from tests.support.world import MONDAY, World

HOUR = timedelta(hours=1)


@pytest.fixture
async def desk(dsn: str) -> AsyncIterator[Desk]:
    pool = await open_pool(dsn, size=4)
    try:
        yield Desk(await World(pool).build(settings={"shared_rest_minutes": 0}))
    finally:
        await pool.close()


async def work(desk: Desk, viewer: Viewer = BOSS, *, whole: bool = True) -> OperationsShown:
    report = await desk.ask()
    return await desk.operations.show(report.id, viewer, whole=whole)


def of(shown: OperationsShown, key: str) -> SectionShown:
    return next(one for one in shown.sections if one.key == key)


def total(shown: OperationsShown, key: str) -> Mapping[str, float | None]:
    return of(shown, key).total.values


def rows(shown: OperationsShown, key: str) -> dict[str, LineShown]:
    return {row.key: row for row in of(shown, key).rows}


async def each_count_has_its_records(desk: Desk, shown: OperationsShown) -> int:
    looked = 0
    for section in shown.sections:
        for row in (section.total, *section.rows):
            for figure in section.figures:
                if not figure.opens:
                    continue
                cell = Cell(section=section.key, figure=figure.key, key=row.key)
                found = await desk.operations.records(shown.report, cell, None, 100, BOSS)
                assert len(found) == row.values[figure.key], cell
                assert len({one.id for one in found}) == len(found), cell
                looked += len(found)
    return looked


async def fill(desk: Desk) -> None:
    """Five residents: spoken to at once, at the third attempt, by a call of his own, never, and one not yet."""
    at_once, third, own, never, fresh = [await desk.case("mobile") for _ in range(5)]
    del fresh
    day = MONDAY + DAY
    first = await desk.call(
        "out", day, case=at_once, answered_at=day, joined_at=day, reached=True, outcome="HELP_WANTED",
        answer_to_agent_ms=400.0, talk_ms=300_000.0, agent_id=desk.world.agents[0],
        facts='{"answers": {"need": "company"}}',
    )  # fmt: skip
    await desk.settle(at_once, "reached", "HELP_WANTED")
    for n, outcome in enumerate(("NO_ANSWER", "VOICEMAIL", "NO_HELP")):
        at = day + n * DAY + HOUR
        spoken = outcome == "NO_HELP"
        answered = at if outcome != "NO_ANSWER" else None
        last = await desk.call(
            "out", at, case=third, answered_at=answered, joined_at=at if spoken else None, reached=spoken,
            outcome=outcome, answer_to_agent_ms=900.0 if spoken else None, talk_ms=100_000.0 if spoken else None,
            agent_id=desk.world.agents[1] if spoken else None,
        )  # fmt: skip
    await desk.settle(third, "reached", "NO_HELP")
    await desk.call("out", day, case=never, answered_at=day, abandoned=True, outcome="ABANDONED")
    await desk.call("out", day, case=never, counted=False, outcome="CONGESTION")
    # Callers: his own; in 25 seconds; lost after 30, after 10, after 3; and one when we were closed.
    await desk.call(
        "in", day, case=own, answered_at=day, joined_at=day, reached=True, outcome="PAID", answer_to_agent_ms=8_000.0,
        talk_ms=200_000.0, agent_id=desk.world.agents[2],
    )  # fmt: skip
    await desk.settle(own, "reached", "PAID")
    await desk.call("in", day, answered_at=day, joined_at=day, answer_to_agent_ms=25_000.0, talk_ms=50_000.0)
    for lost in (30_000.0, 10_000.0, 3_000.0, None):
        await desk.call("in", day, answered_at=day, lost_ms=lost)
    # A slip of the hand in the third's result is put right: not right the first time.
    await desk.world.pool.execute("update attempt set outcome = 'SELF_SOLVING' where id = $1", last)
    await desk.settle(third, "reached", "SELF_SOLVING")
    assert first != last


async def duty(desk: Desk, user: UUID, at: datetime, *states: tuple[str, int]) -> None:
    """States of so many seconds each, then off."""
    before = "off"
    for state, seconds in (*states, ("off", 0)):
        await desk.world.pool.execute(
            "insert into agent_event (user_id, at, wall_at, from_state, state) values ($1, $2, $2, $3, $4)",
            user, at, before, state,
        )  # fmt: skip
        before, at = state, at + timedelta(seconds=seconds)


async def test_counted_by_the_definitions_and_each_count_opens_as_many_records(desk: Desk) -> None:
    await fill(desk)
    shown = await work(desk)
    assert total(shown, "results") == {"cases": 5, "part": 1.0}
    assert {row.label: row.values["cases"] for row in of(shown, "results").rows} == {
        "wordt nog gebeld": 2, "hulpvraag": 1, "betaald of regeling getroffen": 1, "regelt het zelf": 1,
    }  # fmt: skip
    assert {key: row.values["cases"] for key, row in rows(shown, "need").items()} == {"company": 1}
    assert {key: (row.values["tried"], row.values["reached"]) for key, row in rows(shown, "tries").items()} == {
        "0": (0, 1), "1": (3, 1), "2": (1, 0), "3": (1, 1),
    }  # fmt: skip
    assert total(shown, "tries") == {"tried": 3, "reached": 3, "hit": 1.0}
    assert total(shown, "first_time") == {"spoken": 3, "right": 2, "first_time": pytest.approx(2 / 3)}
    assert total(shown, "attempts")["calls"] == 6
    assert rows(shown, "attempts")["CONGESTION"].values["calls"] == 1
    assert {key: tuple(row.values[name] for name in ("attempts", "answered", "reached")) for key, row in
            rows(shown, "hours").items()} == {
        "2-10": (2, 2, 1), "2-11": (1, 0, 0), "3-11": (1, 0, 0), "4-11": (1, 1, 1),
    }  # fmt: skip
    assert total(shown, "outbound") == {
        "dialled": 5, "answered": 4, "abandoned": 1, "abandoned_share": 0.25, "wait_p50": 0.4, "wait_p90": 0.9,
    }  # fmt: skip
    assert total(shown, "inbound") == {
        "offered": 5, "answered": 2, "in_time": 1, "judged": 3, "lost": 2, "closed": 1,
        "service_level": pytest.approx(1 / 3), "lost_share": 0.4, "wait_p50": 8.0, "wait_p90": 25.0,
    }  # fmt: skip
    assert list(rows(shown, "outbound")) == ["2026-W10"]
    assert await each_count_has_its_records(desk, shown) > 60
    kpis = {one.key: one for one in shown.kpis}
    assert (kpis["reach"].value, kpis["reach"].standing) == (0.6, "met")
    assert (kpis["abandoned"].value, kpis["abandoned"].standing) == (0.25, "missed")
    assert (kpis["kept"].value, kpis["kept"].standing) == (None, "unknown")
    assert kpis["reach"].earlier == [None, None, None]
    assert [one.first_day for one in shown.earlier] == [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
    call, *_ = await desk.operations.records(
        shown.report, Cell(section="attempts", figure="calls", key="SELF_SOLVING"), None, 9, BOSS
    )
    assert (call.direction, call.result, call.case is not None) == ("out", "regelt het zelf", True)


async def test_asked_again_it_is_the_same_whatever_was_changed(desk: Desk) -> None:
    await fill(desk)
    user = desk.world.agents[0]
    await duty(desk, user, MONDAY + DAY, ("available", 60), ("talking", 60))
    await desk.operations.agree(desk.world.client, {"lost": Agreement(target=0.5, band=0.1)}, BOSS)
    shown = await work(desk)
    pool = desk.world.pool
    await pool.execute("update attempt set outcome = 'THIRD_PARTY', reached = false where outcome = 'HELP_WANTED'")
    await pool.execute("update attempt set abandoned = false, outcome = 'EARLY_HANGUP' where abandoned")
    case = await desk.case("mobile")
    await desk.call("out", MONDAY + DAY, case=case, answered_at=MONDAY, outcome="NO_ANSWER")
    await desk.call("in", MONDAY + DAY, answered_at=MONDAY, lost_ms=9000.0)
    await duty(desk, user, MONDAY + 2 * DAY, ("available", 60), ("talking", 60))
    await desk.operations.agree(desk.world.client, {"lost": Agreement(target=0.01, band=0.0)}, BOSS)
    again = await desk.operations.show(shown.report, BOSS, whole=True)
    assert again == shown
    await each_count_has_its_records(desk, again)
    now = await work(desk)
    assert total(now, "outbound")["abandoned"] == 0
    assert total(now, "inbound")["offered"] == 6
    assert {one.key: one.target for one in now.kpis if not one.usual} == {"lost": 0.01}


async def test_what_a_call_came_to_last_counts_in_the_days_of_the_call(desk: Desk) -> None:
    await fill(desk)
    february = await desk.reports.ask(
        desk.world.client, None, date(2026, 2, 1), date(2026, 2, 28), BOSS, whole=True
    )  # fmt: skip
    shown = await desk.operations.show(february.id, BOSS, whole=True)
    assert total(shown, "outbound")["dialled"] == 0
    assert total(shown, "results")["cases"] == 0
    april = await desk.reports.ask(desk.world.client, None, date(2026, 4, 1), date(2026, 4, 30), BOSS, whole=True)
    later = await desk.operations.show(april.id, BOSS, whole=True)
    assert {one.key: one.earlier for one in later.kpis}["abandoned"] == [None, None, 0.25]
    other = await desk.reports.ask(
        desk.world.client, await desk.world.add_campaign(desk.world.client, "Andere"), FIRST, LAST, BOSS, whole=True
    )  # fmt: skip
    assert total(await desk.operations.show(other.id, BOSS, whole=True), "inbound")["offered"] == 0


async def test_periods_counted_together_are_each_as_counted_alone(desk: Desk) -> None:
    await fill(desk)
    for user in desk.world.agents:  # a spell that goes on into the next week counts in neither
        await duty(desk, user, MONDAY + 7 * DAY - 11 * HOUR, ("available", 300), ("talking", 50_000), ("wrap_up", 60))
    early = MONDAY - 10 * DAY
    desk.world.now = early
    case = await desk.case("mobile")
    desk.world.now = MONDAY
    for at in (early, MONDAY + DAY):
        await desk.call(
            "out", at, case=case, answered_at=at, joined_at=at, reached=True, outcome="PAID", answer_to_agent_ms=500.0,
            talk_ms=60_000.0, agent_id=desk.world.agents[0],
        )  # fmt: skip
    await desk.settle(case, "reached", "PAID")
    report, store = (await desk.ask()).id, PgOperations(desk.world.pool)
    week = Period(first=MONDAY.date(), last=MONDAY.date() + timedelta(days=6))
    weeks = [*earlier(week, 2), week, Period(first=week.last + timedelta(days=1), last=week.last + timedelta(days=7))]
    together = await store.count(report, weeks)
    for one, found in zip(weeks, together, strict=True):
        (alone,) = await store.count(report, [one])
        for section in {*alone, *found}:
            assert found.get(section) == alone.get(section), (one, section)
    assert [found.get("outbound", {}).get("", Line()).counts.get("dialled", 0) for found in together] == [1, 0, 6, 0]
    assert [found.get("results", {}).get("", Line()).counts.get("cases", 0) for found in together] == [1, 0, 5, 0]


async def test_appointments_are_counted_when_they_were_made_and_when_they_were(desk: Desk) -> None:
    pool, ids = desk.world.pool, desk.world.ids
    source = ids.new()
    await pool.execute(
        "insert into slot_source (id, client_id, kind, name, place, meeting, seats, pattern, created_at) "
        "values ($1, $2, 'own', 'Loket', 'Stadhuis', 'office', 1, '{}', $3)", source, desk.world.client, MONDAY,
    )  # fmt: skip
    made = []
    for n in range(4):
        case, slot, booking = await desk.case("mobile"), ids.new(), ids.new()
        attempt = await desk.call("out", MONDAY, case=case, outcome="HELP_APPOINTMENT")
        at = MONDAY + (1 + n) * 7 * DAY
        await pool.execute(
            "insert into slot (id, source_id, client_id, key, starts_at, ends_at) values ($1, $2, $3, $4, $5, $6)",
            slot, source, desk.world.client, str(n), at, at + HOUR,
        )  # fmt: skip
        await pool.execute(
            "insert into booking (id, client_id, campaign_id, case_id, attempt_id, root_id, slot_id, state, booked_at)"
            " values ($1, $2, $3, $4, $5, $1, $6, 'booked', $7)",
            booking, desk.world.client, desk.world.campaign, case, attempt, slot, MONDAY,
        )  # fmt: skip
        made.append(booking)
    desk.world.now = MONDAY + 22 * DAY  # the fourth is to come
    for booking, state in zip(made, ("kept", "no_show", "cancelled"), strict=False):
        await pool.execute("update booking set state = $2 where id = $1", booking, state)
    shown = await work(desk)
    assert total(shown, "appointments") == {
        "made": 4, "due": 2, "kept": 1, "no_show": 1, "told": 2, "cancelled": 1, "kept_share": 0.5,
    }  # fmt: skip
    assert {key: (row.values["made"], row.values["due"]) for key, row in rows(shown, "appointments").items()} == {
        "2026-W10": (4, 0), "2026-W11": (0, 1), "2026-W12": (0, 1), "2026-W13": (0, 0),
    }  # fmt: skip
    await each_count_has_its_records(desk, shown)
    await pool.execute("update booking set state = 'kept' where id = $1", made[1])
    assert await desk.operations.show(shown.report, BOSS, whole=True) == shown
    assert total(await work(desk), "appointments")["kept"] == 2


async def test_reviews_and_complaints_are_counted_as_they_came_in(desk: Desk) -> None:
    pool, ids, agent = desk.world.pool, desk.world.ids, desk.world.agents[0]
    client, campaign = desk.world.client, desk.world.campaign
    await pool.execute(
        "insert into sample_draw (client_id, day, seed, per_agent, population, drawn_at)"
        " values ($1, $2, 's', 3, '[]', $3)",
        client, MONDAY.date(), MONDAY,
    )  # fmt: skip

    async def reviewed(at: datetime, wanted: str | None, side: str = "office") -> None:
        attempt = await desk.call("out", MONDAY, case=await desk.case("mobile"), outcome="NO_HELP", agent_id=agent)
        sample = ids.new()
        await pool.execute(
            "insert into sample (id, client_id, campaign_id, day, attempt_id, agent_id, outcome, reasons, priority)"
            " values ($1, $2, $3, $4, $5, $6, 'NO_HELP', '{chance}', 0)",
            sample, client, campaign, MONDAY.date(), attempt, agent,
        )  # fmt: skip
        await pool.execute(
            "insert into review (id, sample_id, side, by_user, at, card_version, points, score, right_outcome, wanted)"
            " values ($1, $2, $3, $4, $5, 0, '{}', 90, $6, $7)",
            ids.new(), sample, side, agent, at, wanted is None, wanted,
        )  # fmt: skip

    async def complained(at: datetime) -> None:
        await pool.execute(
            "insert into complaint (id, client_id, campaign_id, state, received_at, due_on, changed_at)"
            " values ($1, $2, $3, 'received', $4, $5, $4)",
            ids.new(), client, campaign, at, at.date(),
        )  # fmt: skip

    await reviewed(MONDAY + DAY, None)
    await reviewed(MONDAY + DAY, "ADVICE")
    await reviewed(MONDAY + 8 * DAY, None)
    await reviewed(MONDAY + DAY, None, "client")
    await reviewed(MONDAY + 60 * DAY, None)
    await complained(MONDAY + 9 * DAY)
    await complained(MONDAY - 9 * DAY)
    shown = await work(desk)
    assert total(shown, "quality") == {"reviewed": 3, "right": 2, "right_share": 2 / 3, "complaints": 1}
    assert {key: row.values["reviewed"] for key, row in rows(shown, "quality").items()} == {
        "2026-W10": 2,
        "2026-W11": 1,
    }
    assert await each_count_has_its_records(desk, shown) > 0
    (right,) = [one for one in shown.kpis if one.key == "first_time"]
    assert right.value == pytest.approx(2 / 3), "records not corrected of those checked"
    assert right.standing == "missed"
    # A report that was asked under version 1 keeps what that version called so: settled by one conversation.
    asked = Asked(
        id=ids.new(), client=client, campaign=None, definitions=1, operations=1, first_day=FIRST, last_day=LAST,
        at=desk.world.now, by=None,
    )  # fmt: skip
    await desk.store.ask(asked)
    old = await desk.operations.show(asked.id, BOSS, whole=True)
    (before,) = [one for one in old.kpis if one.key == "first_time"]
    assert (old.definitions, before.value, of(old, "first_time").title) == (1, None, "In een keer goed")
    await reviewed(MONDAY + DAY, None)
    await complained(MONDAY + DAY)
    await pool.execute("update complaint set state = 'withdrawn'")
    assert await desk.operations.show(shown.report, BOSS, whole=True) == shown, "a report asked again is the same"
    assert total(await work(desk), "quality")["reviewed"] == 4


async def test_satisfaction_is_counted_without_anybody_behind_it(desk: Desk) -> None:
    pool = desk.world.pool

    async def asked(day: datetime, *answers: tuple[int | None, int | None]) -> None:
        for kto, nps in answers:
            await pool.execute(
                "insert into report_survey (era, client_id, campaign_id, at, kto, nps) "
                "values (newest_report_era(), $1, $2, $3, $4, $5)",
                desk.world.client, desk.world.campaign, at_local(day.date(), time.min), kto, nps,
            )  # fmt: skip

    await asked(MONDAY, (5, 10), (4, 9), (3, 8), (4, 6), (4, None), (None, None))
    await asked(MONDAY + 7 * DAY, *[(2, 0)] * 4)
    await asked(MONDAY + 14 * DAY, *[(5, 10)] * 5)
    await asked(MONDAY - 7 * DAY, *[(1, 0)] * 9)
    shown = await work(desk)
    assert {key: (row.values["asked"], row.values["answered"]) for key, row in rows(shown, "survey").items()} == {
        "2026-W10": (6, 5), "2026-W11": (4, 4), "2026-W12": (5, 5),
    }  # fmt: skip
    assert total(shown, "survey")["response"] == pytest.approx(14 / 15)
    assert total(shown, "survey")["kto"] == pytest.approx((20 + 8 + 25) / 14)
    assert total(shown, "survey")["nps"] == pytest.approx(100 * (7 - 5) / 13)
    scores = {key: row.values["kto"] for key, row in rows(shown, "survey").items()}
    assert scores == {"2026-W10": None, "2026-W11": None, "2026-W12": 5.0}, "four answers do not follow from the rest"
    assert [kpi.earlier for kpi in shown.kpis if kpi.key == "kto"] == [[None, None, 1.0]], "beside the months before"
    assert not any(figure.opens for figure in of(shown, "survey").figures)
    with pytest.raises(InvalidError):
        await desk.operations.records(
            shown.report, Cell(section="survey", figure="asked", key=""), None, 9, BOSS
        )  # fmt: skip
    await asked(MONDAY, *[(1, 0)] * 9)
    assert await desk.operations.show(shown.report, BOSS, whole=True) == shown
    coarse = await desk.operations.show(shown.report, BOSS, whole=False)
    assert total(coarse, "survey")["kto"] == total(shown, "survey")["kto"]
    assert rows(coarse, "survey")["2026-W11"].values["answered"] == 5


async def test_of_the_team_as_a_whole_and_never_of_fewer_than_three(desk: Desk) -> None:
    await fill(desk)
    day = MONDAY + DAY
    one, two, three = desk.world.agents
    await duty(desk, one, day, ("available", 100), ("talking", 300), ("wrap_up", 100), ("paused", 500))
    await duty(desk, two, day, ("available", 300), ("talking", 100), ("wrap_up", 100))
    assert total(await work(desk), "team")["occupancy"] is None, "two agents are not a team"
    await duty(desk, three, day, ("available", 100), ("talking", 200), ("wrap_up", 200))
    shown = await work(desk)
    assert total(shown, "team")["talks"] == 4
    assert total(shown, "team")["talk"] == pytest.approx((300 + 100 + 200 + 50) / 4)
    assert total(shown, "team")["occupancy"] == pytest.approx(1000 / 1500)
    theirs = replace(BOSS, role=Role.CLIENT, client=desk.world.client)
    assert "occupancy" not in total(await work(desk, theirs), "team")
    call = await desk.world.pool.fetchval("select id from attempt where talk_ms = 300000")
    await desk.world.pool.execute(
        "insert into agent_event (user_id, at, wall_at, from_state, state, attempt_id) values "
        "($1, $2, $2, 'talking', 'wrap_up', $4), ($1, $3, $3, 'wrap_up', 'available', null)",
        one, day + HOUR, day + HOUR + timedelta(seconds=90), call,
    )  # fmt: skip
    assert total(await work(desk), "team")["wrap_up"] == pytest.approx(90)


async def test_who_sees_no_residents_sees_rounded_counts_and_opens_nothing(desk: Desk) -> None:
    await fill(desk)
    shown = await work(desk, whole=False)
    for section in shown.sections:
        for row in (section.total, *section.rows):
            for figure in section.figures:
                found = row.values[figure.key]
                if figure.unit is Unit.COUNT:
                    assert found is not None
                    assert found % 5 == 0
                elif figure.unit is Unit.SECONDS:
                    assert found is None, "of fewer than five calls"
    week = await desk.reports.ask(desk.world.client, None, FIRST, date(2026, 3, 7), BOSS, whole=True)
    with pytest.raises(InvalidError):
        await desk.operations.show(week.id, BOSS, whole=False)


async def test_a_client_sees_its_own_and_what_is_wrong_is_refused(desk: Desk) -> None:
    report = (await desk.ask()).id
    strange = replace(BOSS, role=Role.CLIENT, client=ClientId(desk.world.ids.new()))
    cell = Cell(section="inbound", figure="offered", key="")
    with pytest.raises(NotFoundError):
        await desk.operations.show(report, strange, whole=True)
    with pytest.raises(NotFoundError):
        await desk.operations.records(report, cell, None, 5, strange)
    with pytest.raises(NotFoundError):
        await desk.operations.terms(desk.world.client, strange)
    for wrong, field in (("section", "reach"), ("figure", "service_level")):
        with pytest.raises(InvalidError) as refused:
            await desk.operations.records(report, replace(cell, **{wrong: field}), None, 5, BOSS)
        assert refused.value.field == wrong
    usual = await desk.operations.terms(desk.world.client, BOSS)
    assert all(one.usual for one in usual)
    for key, agreed in (("schuld", Agreement(target=0.5, band=0.0)), ("lost", Agreement(target=5.0, band=0.0))):
        with pytest.raises(InvalidError):
            await desk.operations.agree(desk.world.client, {key: agreed}, BOSS)
    kept = await desk.operations.agree(desk.world.client, {"lost": Agreement(target=0.1, band=0.02)}, BOSS)
    assert [(one.key, one.target, one.band) for one in kept if not one.usual] == [("lost", 0.1, 0.02)]
    with pytest.raises(NotFoundError):
        await desk.operations.agree(ClientId(desk.world.ids.new()), {}, BOSS)
    line = await desk.world.pool.fetchrow("select action, detail::text from audit_event order by id desc limit 1")
    assert line is not None
    assert tuple(line) == ("kpi.agree", '{"lost": [0.1, 0.02]}')


async def test_another_teams_calls_are_counted_apart_and_on_no_bill(desk: Desk) -> None:
    await fill(desk)
    line = desk.world.ids.new()
    await desk.world.pool.execute(
        "insert into overflow_line (id, client_id, campaign_id, number, team, opening, back_number, hours,"
        " most_waiting, most_seconds) values ($1, $2, $3, '+31790000501', 'het Loket', 'Dag.', '+31790000502',"
        " '[[],[],[],[],[],[],[]]', 3, 120)",
        line, desk.world.client, desk.world.campaign,
    )  # fmt: skip
    before = await work(desk)
    day = MONDAY + DAY
    for more in (
        {"joined_at": day, "answer_to_agent_ms": 8_000.0, "talk_ms": 60_000.0, "outcome": "TEAM_HELPED"},
        {"joined_at": day, "answer_to_agent_ms": 30_000.0, "talk_ms": 60_000.0, "outcome": "TEAM_RETURNED"},
        {"outcome": "GIVEN_BACK"},  # closed or full
        {"outcome": "GIVEN_BACK", "lost_ms": 120_000.0},  # it took too long
        {"outcome": "LOST", "lost_ms": 15_000.0},
        {"outcome": "LOST", "lost_ms": 2_000.0},
    ):
        await desk.call("overflow", day, answered_at=day, overflow_line_id=line, **more)
    shown = await work(desk)
    assert total(shown, "overflow") == {
        "offered": 6, "answered": 2, "in_time": 1, "judged": 3, "returned": 2, "lost": 1,
        "service_level": pytest.approx(1 / 3), "lost_share": pytest.approx(1 / 6), "wait_p50": 8.0, "wait_p90": 30.0,
    }  # fmt: skip
    for section in ("inbound", "outbound", "attempts", "results", "tries"):
        assert total(shown, section) == total(before, section), section
    assert await each_count_has_its_records(desk, shown) > 60
    books = await desk.world.pool.fetch(SQL_BILLABLE, desk.world.client, day + 30 * DAY)
    assert all(row["case_id"] is not None for row in books), "what has no case is on no bill"
    assert {kpi.key: kpi.value for kpi in shown.kpis} == {kpi.key: kpi.value for kpi in before.kpis}
