"""A supervisor's day: what is counted, of whom, and where the day is cut."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dialer.services.access import Role
from dialer.storage.day import MOST_APPOINTMENTS
from tests.support.api import Centre, Visitor, as_user, centre
from tests.support.rows import Rows, add_rows


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


@pytest.fixture
async def rows(api: Centre) -> Rows:
    found = await add_rows(api.pool, await api.client("zoetermeer"), api.clock.now())
    await api.pool.execute("update campaign set state = 'running'")
    return found


@pytest.fixture
async def boss(api: Centre) -> Visitor:
    return await api.person(Role.SUPERVISOR)


MIDNIGHT = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
"""The end of Monday 2 March in Amsterdam; it is 10:00 there."""


async def _agreed(api: Centre, rows: Rows, at: datetime) -> list[bool]:
    await api.pool.execute("update case_file set appointment_at = $2 where id = $1", rows.case, at)
    day = (await (await api.person(Role.SUPERVISOR))("getDay")).json
    assert day["appointments_total"] == len(day["appointments"])
    return [one["missed"] for one in day["appointments"]]


async def test_appointments_are_todays_and_a_missed_one_says_so(api: Centre, rows: Rows) -> None:
    now = api.clock.now()
    assert await _agreed(api, rows, now + timedelta(hours=3)) == [False]
    assert await _agreed(api, rows, MIDNIGHT - timedelta(minutes=1)) == [False]
    assert await _agreed(api, rows, MIDNIGHT) == []
    assert await _agreed(api, rows, MIDNIGHT - timedelta(days=1)) == [True]
    assert await _agreed(api, rows, MIDNIGHT - timedelta(days=1, minutes=1)) == []
    assert await _agreed(api, rows, now - timedelta(minutes=14)) == [False]
    assert await _agreed(api, rows, now - timedelta(minutes=16)) == [True]
    await api.pool.execute("update attempt set claimed_at = $1, direction = 'out' where case_id = $2", now, rows.case)
    assert await _agreed(api, rows, now - timedelta(minutes=16)) == [False]  # dialled since
    await api.pool.execute("update case_file set state = 'closed' where id = $1", rows.case)
    assert await _agreed(api, rows, now + timedelta(hours=1)) == []


async def test_terms_that_end_by_the_end_of_the_next_working_day(api: Centre, rows: Rows) -> None:
    async def soon(at: datetime) -> tuple[int, int]:
        await api.pool.execute("update case_file set plan_ends_at = $2, crisis = true where id = $1", rows.case, at)
        (campaign,) = (await (await api.person(Role.SUPERVISOR))("getDay")).json["campaigns"]
        return campaign["ends_soon"], campaign["ends_soon_crisis"]

    tuesday = MIDNIGHT + timedelta(days=1)
    assert await soon(tuesday) == (1, 1)
    assert await soon(tuesday + timedelta(minutes=1)) == (0, 0)
    assert await soon(api.clock.now()) == (0, 0)  # over already
    api.clock.forward(days=4)  # Friday: the next working day is Monday
    assert await soon(tuesday + timedelta(days=6)) == (1, 1)


async def test_the_day_so_far_lists_call_backs_and_wrap_ups(api: Centre, rows: Rows, boss: Visitor) -> None:
    agent = as_user(await api.person(Role.AGENT))
    now = api.clock.now()
    await api.pool.execute("alter table attempt disable trigger attempt_kept")  # the same call, at several hours
    await api.pool.execute(
        "update attempt set direction = 'out', claimed_at = $1, dialed_at = $1, answered_at = $1, ended_at = $1,"
        " reached = true, live = false, wrap_up_open = true, agent_id = $2 where id = $3",
        now - timedelta(hours=1), agent, rows.attempt,
    )  # fmt: skip
    day = (await boss("getDay")).json
    (campaign,) = day["campaigns"]
    assert [campaign[name] for name in ("dialled", "answered", "reached", "abandoned")] == [1, 1, 1, 0]
    assert campaign["abandoned_percent"] == 1
    await api.pool.execute("""update campaign set settings = '{"abandoned_percent": 0.5}'""")
    assert (await boss("getDay")).json["campaigns"][0]["abandoned_percent"] == 0.5
    within = ("abandoned_hours", "answered_within", "abandoned_within")
    assert [campaign[name] for name in within] == [24, 1, 0]
    await api.pool.execute("""update campaign set settings = '{"abandoned_hours": 1}'""")
    await api.pool.execute("update attempt set abandoned = true, claimed_at = $1", now - timedelta(minutes=50))
    assert [(await boss("getDay")).json["campaigns"][0][name] for name in within] == [1, 1, 1]
    await api.pool.execute("update attempt set claimed_at = $1", now - timedelta(minutes=70))
    assert [(await boss("getDay")).json["campaigns"][0][name] for name in within] == [1, 0, 0]
    assert (campaign["callbacks"], campaign["loading"], campaign["last_list_at"] is not None) == (1, 0, True)
    assert day["wrap_ups"] == [{"user": str(agent), "count": 1, "oldest": "2026-03-02T08:00:00Z"}]
    await api.pool.execute("update delivery set state = 'loading'")
    await api.pool.execute("update attempt set claimed_at = $1", MIDNIGHT - timedelta(days=1, minutes=1))
    (campaign,) = (await boss("getDay")).json["campaigns"]
    assert (campaign["dialled"], campaign["loading"], campaign["last_list_at"]) == (0, 1, None)
    await api.pool.execute("update campaign set state = 'stopped'")
    assert (await boss("getDay")).json["campaigns"] == []


async def test_reach_is_the_newest_reports_beside_what_was_promised(api: Centre, rows: Rows, boss: Visitor) -> None:
    async def reach() -> tuple[float | None, float | None]:
        (campaign,) = (await boss("getDay")).json["campaigns"]
        return campaign["reach"], campaign["promised"]

    assert await reach() == (None, None)
    await api.pool.execute("""update campaign set settings = '{"promised_reach_percent": 60}'""")
    for day, reached in ((1, 10), (2, 20)):
        await api.pool.execute(
            "insert into reach_report (campaign_id, day, at, report) values ($1, $2, $3, $4::text::jsonb)",
            rows.campaign, date(2026, 3, day), api.clock.now(), f'{{"reached": {reached}, "callable": 50}}',
        )  # fmt: skip
    assert await reach() == (0.4, 0.6)
    await api.pool.execute("""update reach_report set report = '{"reached": 0, "callable": 0}'""")
    assert await reach() == (None, 0.6)


async def test_of_many_appointments_the_first_are_listed(api: Centre, rows: Rows, boss: Visitor) -> None:
    await api.pool.execute(
        "insert into resident (id, client_id, match_key, created_at) select gen_random_uuid(), $1, "
        "decode(md5(n::text), 'hex'), $2 from generate_series(1, 120) n",
        rows.client, api.clock.now(),
    )  # fmt: skip
    await api.pool.execute(
        "insert into case_file (id, client_id, campaign_id, resident_id, delivery_id, state, opened_at, term_ends_at,"
        " plan_ends_at, appointment_at, catalogue_version) select gen_random_uuid(), $1, $2, r.id, $3, 'open', $4,"
        " $4, $4, $4, 1 from resident r where not exists (select 1 from case_file f where f.resident_id = r.id)",
        rows.client, rows.campaign, rows.delivery, api.clock.now(),
    )  # fmt: skip
    day = (await boss("getDay")).json
    assert (len(day["appointments"]), day["appointments_total"]) == (MOST_APPOINTMENTS, 120)


async def test_only_who_steers_the_floor_reads_it(api: Centre, rows: Rows) -> None:
    for role in (Role.AGENT, Role.MONITOR, Role.ADMINISTRATOR):
        assert (await (await api.person(role))("getDay")).status == 403


async def test_the_close_counts_what_no_client_has_confirmed(api: Centre, rows: Rows, boss: Visitor) -> None:
    async def left() -> tuple[int, int, int]:
        exchange = (await boss("getDay")).json["exchange"]
        return exchange["crisis"], exchange["to_report"], exchange["exports"]

    await api.pool.execute("update export_run set confirmed_at = $1", api.clock.now())
    assert await left() == (0, 0, 0)
    await api.pool.execute("update attempt set flags = '{CRISIS}', outcome_at = $1", api.clock.now())
    await api.pool.execute(
        "update case_file set state = 'reached', closed_at = $1, result_version = result_version + 7, outcome = "
        "'HELP_WANTED', outcome_attempt = $2 where id = $3",
        api.clock.now(),
        rows.attempt,
        rows.case,
    )
    assert await left() == (1, 1, 0)
    await api.pool.execute("update export_run set confirmed_at = null")
    assert await left() == (1, 1, await api.pool.fetchval("select count(*) from export_run"))
    await api.pool.execute("update campaign set state = 'stopped'")
    assert (await left())[2] == 0
