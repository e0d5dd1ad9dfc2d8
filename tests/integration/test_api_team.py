"""Reasons of pauses over HTTP and in the database: who may, what is kept, what is audited; a team's day."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from dialer.clock import SystemIds
from dialer.domain.errors import InvalidError
from dialer.domain.ids import UserId
from dialer.services.access import Role
from dialer.services.pauses import MOST, Pauses
from dialer.storage.changes import listen
from dialer.storage.pauses import PgPauses
from tests.support.api import Centre, Visitor, as_user, centre
from tests.support.rows import add_rows

SEEDED = ["break", "lunch", "meeting", "training", "other", "crisis"]
PRAYER = {"dutch": "Gebed", "english": "Prayer", "counts_as": "paid", "most_minutes": 20}


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


@pytest.fixture
async def boss(api: Centre) -> Visitor:
    return await api.person(Role.SUPERVISOR)


async def test_a_supervisor_keeps_the_list_and_an_agent_chooses_from_it(api: Centre, boss: Visitor) -> None:
    agent = await api.person(Role.AGENT)
    api.desk.put(as_user(agent), state="available")
    listed = (await agent("listPauseReasons")).json["items"]
    assert [one["code"] for one in listed] == SEEDED
    assert [one["code"] for one in listed if not one["offered"]] == ["crisis"]

    made = await boss("createPauseReason", json=PRAYER)
    assert (made.status, made.json["code"], made.json["position"]) == (201, "prayer", 7), made.raw
    assert (await agent("setMyDuty", json={"duty": "pause", "reason": "prayer"})).json["reason"] == "prayer"

    gone = await boss(
        "updatePauseReason", pause_reason=made.json["id"], json={"archived": True}, headers={"If-Match": '"1"'}
    )
    assert (gone.status, gone.json["archived"], gone.json["offered"], gone.json["version"]) == (200, True, False, 2)
    refused = await agent("setMyDuty", json={"duty": "pause", "reason": "prayer"})
    assert (refused.status, refused.code) == (422, "invalid")
    assert [one["dutch"] for one in (await agent("listPauseReasons")).json["items"]][-1] == "Gebed", (
        "old pauses read on"
    )

    audited = await api.pool.fetch(
        "select action, detail from audit_event where action like 'pause_reason.%' order by id"
    )
    assert [one["action"] for one in audited] == ["pause_reason.add", "pause_reason.change"]
    assert json.loads(audited[1]["detail"])["archived"] is True


@pytest.mark.parametrize("reason", ["crisis", "siesta", "Lunch"])
async def test_what_nobody_may_choose_is_refused(api: Centre, boss: Visitor, reason: str) -> None:
    agent = await api.person(Role.AGENT)
    api.desk.put(as_user(agent), state="available")
    assert (await agent("setMyDuty", json={"duty": "pause", "reason": reason})).status == 422
    for duty in ("pause", "off"):
        forced = await boss("setAgentDuty", user=as_user(agent), json={"duty": duty, "reason": reason})
        assert forced.status == 422
    assert api.desk.asked == []


async def test_a_pause_without_a_reason_is_another(api: Centre) -> None:
    agent = await api.person(Role.AGENT)
    api.desk.put(as_user(agent), state="available")
    assert (await agent("setMyDuty", json={"duty": "pause"})).json["reason"] == "other"


async def test_who_was_too_late_is_told(api: Centre, boss: Visitor) -> None:
    lunch = next(one for one in (await boss("listPauseReasons")).json["items"] if one["code"] == "lunch")
    first = {"headers": {"If-Match": '"1"'}, "pause_reason": lunch["id"]}
    assert (await boss("updatePauseReason", json={"counts_as": "paid", "most_minutes": None}, **first)).status == 200
    assert (await boss("updatePauseReason", json={"dutch": "Eten"}, **first)).status == 412
    kept = next(one for one in (await boss("listPauseReasons")).json["items"] if one["code"] == "lunch")
    assert (kept["dutch"], kept["counts_as"], kept["most_minutes"]) == ("Lunch", "paid", None)


async def test_what_cannot_be_kept_is_refused(api: Centre, boss: Visitor) -> None:
    other = next(one for one in (await boss("listPauseReasons")).json["items"] if one["code"] == "other")
    kept = await boss(
        "updatePauseReason", pause_reason=other["id"], json={"archived": True}, headers={"If-Match": '"1"'}
    )
    assert kept.status == 422, "the service itself needs it"
    for wrong in ({"most_minutes": 481}, {"dutch": " "}, {"counts_as": "holiday"}):
        assert (await boss("createPauseReason", json={**PRAYER, **wrong})).status == 422
    for number in range(MOST - len(SEEDED)):
        assert (await boss("createPauseReason", json={"dutch": f"Reden {number}", "english": "Reason"})).status == 201
    assert (await boss("createPauseReason", json=PRAYER)).status == 422


async def test_the_database_refuses_to_archive_what_the_service_needs(api: Centre) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await api.pool.execute("update pause_reason set archived_at = $1 where code = 'crisis'", api.clock.now())


async def test_two_at_once_get_codes_of_their_own(api: Centre, boss: Visitor) -> None:
    answers = await asyncio.gather(*(boss("createPauseReason", json=PRAYER) for _ in range(3)))
    assert {one.status for one in answers} <= {201, 409}
    codes = [one["code"] for one in (await boss("listPauseReasons")).json["items"]]
    assert len(codes) == len(set(codes)) >= len(SEEDED) + 1


async def test_a_change_elsewhere_is_heard_and_the_list_outlives_the_database(api: Centre, dsn: str) -> None:
    pauses = Pauses(PgPauses(api.pool), PgPauses(api.pool), api.clock, SystemIds())
    await pauses.load()
    heard: asyncio.Queue[str] = asyncio.Queue()
    listening = asyncio.create_task(listen(dsn, lambda kind, _: heard.put_nowait(kind)))
    try:
        async with asyncio.timeout(20):
            assert await heard.get() == "all"
            await api.pool.execute("update pause_reason set archived_at = $1 where code = 'lunch'", api.clock.now())
            assert await heard.get() == "pause_reason"
    finally:
        listening.cancel()
    assert pauses.chosen("lunch") == "lunch", "not read anew yet"
    await pauses.load()
    with pytest.raises(InvalidError):
        pauses.chosen("lunch")
    await api.pool.close()
    assert pauses.chosen("break") == "break", "an agent may pause while the database is away"


async def test_a_teams_day(api: Centre, boss: Visitor) -> None:
    noor = as_user(await api.person(Role.AGENT, login="noor"))
    begin = api.clock.now().replace(hour=23, minute=0) - timedelta(days=1)  # midnight in Amsterdam
    for minutes, state, reason in (
        (-60, "available", ""),  # still on duty at midnight: only what is of today counts
        (30, "talking", ""),
        (60, "wrap_up", ""),
        (70, "paused", "lunch"),
        (100, "paused", "meeting"),
        (110, "off", ""),
    ):
        await _event(api.pool, noor, begin + timedelta(minutes=minutes), state, reason)
    shown: Any = (await boss("getTeamTime")).json
    (row,) = shown["agents"]
    assert shown["occupancy"] == pytest.approx(40 / 70)
    assert (row["waiting"], row["in_calls"], row["wrap_up"]) == (1800, 1800, 600)
    assert row["pauses"] == [{"reason": "lunch", "seconds": 1800}, {"reason": "meeting", "seconds": 600}]
    assert (row["on_duty"], row["worked"], row["paid"]) == (6600, 4800, 4800)
    await _event(api.pool, noor, begin + timedelta(minutes=120), "available", "")
    (row,) = (await boss("getTeamTime")).json["agents"]
    assert row["waiting"] == 1800 + (api.clock.now() - begin).total_seconds() - 7200, (
        "who is on duty now counts until now"
    )
    assert await api.pool.fetchval("select count(*) from audit_event where action = 'team.time'") == 2


async def _event(pool: asyncpg.Pool, user: UserId, at: datetime, state: str, reason: str) -> None:
    await pool.execute(
        "insert into agent_event (user_id, at, wall_at, from_state, state, reason) values ($1, $2, $2, 'off', $3, $4)",
        user, at, state, reason,
    )  # fmt: skip


async def test_an_agent_reads_his_own_day_and_who_coaches_him_one_at_a_time(api: Centre, boss: Visitor) -> None:
    noor, ali = await api.person(Role.AGENT), await api.person(Role.AGENT)
    rows = await add_rows(api.pool, await api.client("leiden"), api.clock.now(), "April")
    now = api.clock.now()
    begin = now.replace(hour=23, minute=0) - timedelta(days=1)  # midnight in Amsterdam
    for minutes, state in ((30, "talking"), (60, "wrap_up"), (70, "paused"), (80, "off")):
        await _event(api.pool, as_user(noor), begin + timedelta(minutes=minutes), state, "")
    add = (
        "insert into attempt (id, direction, client_id, campaign_id, case_id, phone_id, number_key, channel_id, state, "
        "live, claimed_at, dialed_at, joined_at, agent_id, outcome, catalogue_version) select $1, $2, client_id, "
        "campaign_id, case_id, phone_id, number_key, 'x', 'ended', false, $3, $4, $5, $6, $7, 1 from attempt "
        "where id = $8"
    )
    async with api.pool.acquire() as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        for direction, at, joined, outcome in (
            ("out", now, now, "HELP_APPOINTMENT"),
            ("out", now, now, "HELP_WANTED"),
            ("out", now, None, "NO_ANSWER"),
            ("in", now, now, "PAID"),
            ("out", begin - timedelta(minutes=1), begin, "HELP_WANTED"),  # yesterday's
        ):
            dialed = at if direction == "out" else None
            values = (SystemIds().new(), direction, at - timedelta(seconds=1), dialed, joined, as_user(noor), outcome)
            await connection.execute(add, *values, rows.attempt)
    own = (await noor("getMyDay")).json
    counts = {"conversations": 3, "attempts": 3, "appointments": 1, "help_wanted": 2}
    times = {"talking": 1800, "wrap_up": 600, "paused": 600, "on_duty": 3000}
    assert {key: own[key] for key in counts | times} == counts | times
    assert (await ali("getMyDay")).json["conversations"] == 0
    assert (await ali("getAgentDay", user=as_user(noor))).status == 403
    assert (await boss("getMyDay")).status == 403
    assert (await boss("getAgentDay", user=as_user(noor))).json["help_wanted"] == 2
    seen = await api.pool.fetchval("select subject_id from audit_event where action = 'agent.day'")
    assert seen == str(as_user(noor))
