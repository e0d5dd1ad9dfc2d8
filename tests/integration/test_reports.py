"""Reports on a real database: what is counted, and that a report asked again sees what it saw."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta

import asyncpg
import pytest

from dialer.domain.errors import InvalidError, NotFoundError
from dialer.domain.ids import CampaignId, CaseId, ClientId, DeliveryId
from dialer.domain.reports.reach import Dimension, Verdict
from dialer.services.access import Role
from dialer.services.ports.people import Viewer
from dialer.services.ports.reports import Slice
from dialer.services.report_words import ReportShown, RowShown
from dialer.storage.drafts import PgDrafts
from dialer.storage.pool import open_pool
from tests.support.report_desk import BOSS, DAY, FIRST, LAST, Desk
from tests.support.world import MONDAY, World


@pytest.fixture
async def desk(dsn: str) -> AsyncIterator[Desk]:
    pool = await open_pool(dsn, size=4)
    try:
        world = await World(pool).build(settings={"shared_rest_minutes": 0})
        await pool.execute("""update campaign set settings = '{"promised_reach_percent": 60}'""")
        yield Desk(world)
    finally:
        await pool.close()


def rows(report: ReportShown, dimension: Dimension) -> dict[str, RowShown]:
    return {row.key: row for table in report.tables if table.dimension is dimension for row in table.rows}


async def fill(desk: Desk) -> list[CaseId]:
    """Two deliveries; of eight residents six callable, one of them dead; three reached, one of them by his own call."""
    made = [
        await desk.case("mobile", partners=("rent", "energy")),
        await desk.case("mobile", "fixed"),
        await desk.case("fixed", partners=("water",)),
        await desk.case("mobile"),
        await desk.case(partners=("water",), state="no_number"),
    ]
    desk.world.now = MONDAY + DAY
    desk.world.delivery = await desk.world.add_delivery(desk.world.client, desk.world.campaign)
    made += [await desk.case("mobile", partners=("energy",)), await desk.case("fixed"), await desk.case("mobile")]
    desk.world.now -= timedelta(minutes=30)
    await desk.rung(made[0], "NO_ANSWER")
    desk.world.now = MONDAY + DAY
    await desk.rung(made[0], "HELP_WANTED", reached=True)
    await desk.rung(made[1], "IN_DEBT_HELP", reached=True, direction="in")
    desk.world.now = MONDAY + 2 * DAY
    await desk.rung(made[5], "NO_HELP", reached=True)
    await desk.rung(made[2], "DECEASED")
    await desk.settle(made[2], "closed", "DECEASED")
    await desk.rung(made[3], "UNALLOCATED")
    await desk.settle(made[3], "no_number", None)
    await desk.settle(made[7], "withdrawn", "WITHDRAWN")
    return made


async def test_who_turned_out_to_have_no_number_stays_out_of_net_when_planning_ends(desk: Desk) -> None:
    made = await fill(desk)
    before = await desk.ask()
    await desk.settle(made[3], "not_reached", "NOT_REACHED")
    after = await desk.ask()
    assert (after.total.counts["callable"], after.total.counts["net"]) == (6, 4)
    assert after.total.counts == before.total.counts
    await desk.settle(made[3], "open", None)  # somebody had a number after all
    assert (await desk.ask()).total.counts["net"] == 5
    await desk.settle(made[3], "not_reached", "NOT_REACHED")
    assert (await desk.ask()).total.counts["net"] == 5


async def test_counted_by_the_definitions(desk: Desk) -> None:
    made = await fill(desk)
    report = await desk.ask()
    assert report.total.counts == {
        "delivered": 8, "callable": 6, "net": 4, "reached": 3, "accepted": 1, "had_help": 1, "declined": 1,
    }  # fmt: skip
    assert report.total.shares == {"reach": 0.5, "net_reach": 0.75, "help": pytest.approx(1 / 3)}
    by_delivery = rows(report, Dimension.DELIVERY)
    assert [(row.label, row.counts["callable"], row.counts["reached"]) for row in by_delivery.values()] == [
        ("2-3-2026 10:00", 4, 2), ("3-3-2026 10:00", 2, 1),
    ]  # fmt: skip
    days = rows(report, Dimension.DAY)
    assert {key: (row.counts["reached"], row.shares["reach"]) for key, row in days.items()} == {
        "2026-03-03": (2, pytest.approx(2 / 6)), "2026-03-04": (1, 0.5),
    }  # fmt: skip
    partners = {
        key: (row.counts["callable"], row.counts["reached"]) for key, row in rows(report, Dimension.PARTNER).items()
    }
    assert partners == {"rent": (4, 2), "energy": (2, 2), "water": (1, 0)}
    numbers = {
        key: (row.counts["delivered"], row.counts["reached"]) for key, row in rows(report, Dimension.NUMBER).items()
    }
    assert numbers == {"mobile": (4, 2), "both": (1, 1), "fixed": (2, 0), "none": (1, 0)}
    assert [word.label for word in report.shares] == ["Bereik", "Netto bereik", "Hulp aanvaard van wie is bereikt"]
    assert report.shares[0].means == "Bereikt gedeeld door belbaar"
    # Each figure opens the records behind it, as many as it says.
    for row, part in [(report.total, None)] + [(row, table.dimension) for table in report.tables for row in table.rows]:
        for measure, count in row.counts.items():
            found = await desk.reports.records(
                report.id, Slice(measure=measure, dimension=part, key=row.key), None, 50, BOSS
            )
            assert len(found) == count, (part, row.key, measure)
    reached = await desk.reports.records(report.id, Slice(measure="reached"), None, 50, BOSS)
    assert [one.case for one in reached] == sorted([made[0], made[1], made[5]])
    page = await desk.reports.records(report.id, Slice(measure="reached"), reached[0].case, 1, BOSS)
    assert [one.case for one in page] == [reached[1].case]


async def test_run_again_after_everything_was_changed_it_is_the_same(desk: Desk) -> None:
    made = await fill(desk)
    report = await desk.ask()
    pool = desk.world.pool
    # Corrected: another outcome, no conversation after all.
    await pool.execute("update attempt set outcome = 'THIRD_PARTY', reached = false where outcome = 'HELP_WANTED'")
    await desk.settle(made[0], "open", None)
    # A call that was over before the report, and told late.
    await desk.rung(made[6], "PAID", reached=True)
    # A list late for the same day, another number, a signal withdrawn, a case merged, a delivery recalled.
    await desk.case("mobile")
    phone = await desk.world.add_phone("+31790000999")
    await pool.execute("insert into case_phone (case_id, phone_id, position) values ($1, $2, 9)", made[5], phone)
    await pool.execute("update signal set recalled = true where case_id = $1", made[1])
    await pool.execute("update signal set case_id = $1 where case_id = $2", made[6], made[5])
    await desk.settle(made[4], "merged", None)
    await desk.settle(made[7], "recalled", None)
    await pool.execute("update campaign set name = 'Anders', settings = '{}'")
    desk.world.now = MONDAY + 9 * DAY
    assert await desk.again(report) == report
    records = await desk.reports.records(report.id, Slice(measure="reached"), None, 50, BOSS)
    assert len(records) == 3
    now = await desk.ask()
    assert now.total.counts != report.total.counts
    assert now.total.counts["delivered"] == 7
    assert {row.key: row.counts["delivered"] for row in rows(now, Dimension.NUMBER).values()} == {
        "mobile": 3, "both": 2, "fixed": 2,
    }  # fmt: skip


async def test_what_was_not_committed_then_is_not_seen_afterwards(desk: Desk) -> None:
    made = await fill(desk)
    async with desk.world.pool.acquire() as connection:
        slow = connection.transaction()
        await slow.start()
        await connection.execute("update case_file set state = 'withdrawn' where id = $1", made[6])
        report = await desk.ask()  # its facts are numbered before those of this report's time are complete
        await slow.commit()
    assert report.total.counts["callable"] == 6
    assert await desk.again(report) == report
    assert (await desk.ask()).total.counts["callable"] == 5


async def test_facts_are_only_added_to(desk: Desk) -> None:
    await fill(desk)
    report = await desk.ask()
    for table in ("report_case", "report_mark", "report_attempt", "report_run", "reach_adjustment"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await desk.world.pool.execute(f"delete from {table}")
    assert (await desk.again(report)).total.counts["delivered"] == 8


async def test_a_database_restored_into_another_cluster_begins_an_era(desk: Desk) -> None:
    await fill(desk)
    report = await desk.ask()
    await desk.store.begin()
    assert await desk.world.pool.fetchval("select max(id) from report_era") == 1
    # As if dumped out of a cluster that had counted much further.
    await desk.world.pool.execute(
        "insert into report_attempt (era, xid, sign, attempt_id, client_id, campaign_id, direction, at, counted, "
        "abandoned, reached) values (1, '9000000000000', 1, gen_random_uuid(), $1, $2, 'in', $3, false, false, false)",
        desk.world.client, desk.world.campaign, desk.world.now,
    )  # fmt: skip
    await desk.store.begin()
    await desk.store.begin()  # once is enough
    assert await desk.world.pool.fetchval("select max(id) from report_era") == 2
    await desk.case("mobile")
    assert await desk.again(report) == report
    assert (await desk.ask()).total.counts["delivered"] == 9


async def test_of_one_campaign_one_client_and_a_period(desk: Desk) -> None:
    await fill(desk)
    other = await desk.world.add_campaign(desk.world.client, "Andere")
    assert (await desk.ask(other)).total.counts["delivered"] == 0
    assert (await desk.ask(desk.world.campaign)).total.counts["delivered"] == 8
    first = await desk.reports.ask(desk.world.client, None, date(2026, 3, 2), date(2026, 3, 2), BOSS, whole=True)
    assert (first.total.counts["delivered"], first.total.counts["reached"]) == (5, 2)
    strange = ClientId(desk.world.ids.new())
    theirs = Viewer(actor="user:x", user=None, role=Role.CLIENT, client=strange, language="nl")
    with pytest.raises(NotFoundError):
        await desk.ask(viewer=theirs)
    with pytest.raises(NotFoundError):
        await desk.reports.show(first.id, theirs, whole=True)
    with pytest.raises(NotFoundError):
        await desk.reports.records(first.id, Slice(measure="reached"), None, 5, theirs)
    with pytest.raises(NotFoundError):
        await desk.reports.ask(strange, None, FIRST, LAST, BOSS, whole=True)
    assert await desk.reports.runs(None, 10, theirs) == []
    newest = await desk.reports.runs(None, 2, BOSS)
    assert newest[0].asked.id == first.id
    assert len(await desk.reports.runs(newest[-1].asked.id, 10, BOSS)) == 1
    for wrong in ((LAST, FIRST), (FIRST, date(2031, 1, 1))):
        with pytest.raises(InvalidError):
            await desk.reports.ask(desk.world.client, None, *wrong, BOSS, whole=True)
    for part in (
        Slice(measure="schuld"),
        Slice(measure="reached", key="rent"),
        Slice(measure="net", dimension=Dimension.DAY),
    ):
        with pytest.raises(InvalidError):
            await desk.reports.records(first.id, part, None, 5, BOSS)


async def test_who_sees_no_residents_sees_no_small_counts_and_asks_whole_months(desk: Desk) -> None:
    await fill(desk)
    report = await desk.ask(whole=False)
    assert not report.whole
    assert report.total.counts["reached"] is None
    assert report.total.shares["reach"] is None
    for table in report.tables:
        for row in table.rows:
            assert all(count is None or count == 0 or count >= 5 for count in row.counts.values())
    with pytest.raises(InvalidError):
        await desk.reports.ask(desk.world.client, None, FIRST, date(2026, 3, 30), BOSS, whole=False)
    week = await desk.reports.ask(desk.world.client, None, FIRST, date(2026, 3, 7), BOSS, whole=True)
    with pytest.raises(InvalidError):
        await desk.reports.show(week.id, BOSS, whole=False)


async def _forecast(desk: Desk, expected: float, campaign: CampaignId | None = None) -> None:
    report = {
        "callable": 40, "reached": 20, "open": 5,
        "expected": {"end": {"reach": expected, "low": expected - 0.05, "high": expected + 0.05}},
    }  # fmt: skip
    await desk.world.pool.execute(
        "insert into reach_report (campaign_id, day, at, report) values ($1, $2, $3, $4::text::jsonb) "
        "on conflict (campaign_id, day) do update set report = excluded.report",
        campaign or desk.world.campaign, desk.world.now.date(), desk.world.now, json.dumps(report),
    )  # fmt: skip


async def test_off_expectation_both_ways_and_what_was_agreed(desk: Desk) -> None:
    await _forecast(desk, 0.45)
    (below,) = await desk.reports.expected(BOSS, whole=True)
    assert (below.verdict, below.promised, below.expected) == (Verdict.BELOW, 0.6, 0.45)
    assert below.text.startswith("De verwachting ligt 15 punten onder de belofte.")
    user = desk.world.agents[0]
    agreed = await desk.reports.adjust(
        desk.world.campaign,
        MONDAY.date(),
        "teamleider schuldhulp",
        "Ook op zaterdag bellen",
        user,
        BOSS,
        desk.world.client,
    )
    for wrong, field in (
        ((date(2026, 3, 3), "x", "y"), "agreed_on"),
        ((MONDAY.date(), " ", "y"), "agreed_with"),
        ((MONDAY.date(), "x", "BSN 111222333"), "agreed"),
    ):
        with pytest.raises(InvalidError) as caught:
            await desk.reports.adjust(desk.world.campaign, *wrong, user, BOSS, desk.world.client)
        assert caught.value.field == field
    desk.world.now = MONDAY + 3 * DAY
    await _forecast(desk, 0.72)
    other = await desk.world.add_campaign(desk.world.client, "Aaa")
    report = await desk.ask()
    (line,) = report.adjustments
    assert (line.id, line.agreed, line.by) == (agreed.id, "Ook op zaterdag bellen", "agent0")
    assert line.after is not None
    assert (line.before.expected, line.after.expected, line.after.verdict) == (0.45, 0.72, Verdict.ABOVE)
    both = await desk.reports.expected(BOSS, whole=True)
    assert [(one.campaign, one.verdict) for one in both] == [
        (desk.world.campaign, Verdict.ABOVE), (other, Verdict.UNKNOWN),
    ]  # fmt: skip
    # Later agreements and forecasts are none of this report's.
    desk.world.now = MONDAY + 4 * DAY
    await _forecast(desk, 0.6)
    await desk.reports.adjust(other, MONDAY.date(), "x", "y", user, BOSS, desk.world.client)
    assert await desk.again(report) == report
    theirs = Viewer(actor="user:x", user=None, role=Role.CLIENT, client=desk.world.client, language="en")
    assert [one.by_name for one in await desk.reports.adjustments(desk.world.campaign, theirs)] == [""]
    shown = await desk.reports.show(report.id, theirs, whole=True)
    assert shown.adjustments[0].by == ""
    assert [one.name for one in shown.expected] == ["Aaa", "Belactie"]
    assert shown.expected[1].text.startswith("The forecast is 12 points above the promise. Agreed is 10 at most.")


async def test_a_draft_thrown_away_is_not_counted_any_more(desk: Desk) -> None:
    draft = await desk.world.add_campaign(desk.world.client, "Concept", state="draft")
    desk.world.campaign = draft
    desk.world.delivery = DeliveryId(await desk.world.add_delivery(desk.world.client, draft))
    await desk.case("mobile")
    assert (await desk.ask()).total.counts["delivered"] == 1
    await PgDrafts(desk.world.pool).discard(draft, desk.world.now, "user:boss")
    report = await desk.ask()
    assert report.total.counts["delivered"] == 0
    assert await desk.world.pool.fetchval("select coalesce(sum(sign), 0) from report_mark") == 0


async def test_each_look_leaves_a_line(desk: Desk) -> None:
    await fill(desk)
    report = await desk.ask()
    await desk.again(report)
    await desk.reports.records(report.id, Slice(measure="reached"), None, 5, BOSS)
    seen = await desk.world.pool.fetch("select action, subject_id, detail::text from audit_event order by id")
    assert [(row["action"], row["subject_id"]) for row in seen][-3:] == [
        ("report.ask", str(report.id)), ("report.read", str(report.id)), ("report.records", str(report.id)),
    ]  # fmt: skip
    assert json.loads(seen[-1]["detail"]) == {"measure": "reached", "dimension": "", "rows": 3}
