"""The roster over HTTP and in the database: kept, copied, read from a file and written to one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dialer.domain.ids import UserId
from dialer.services.access import Role
from tests.support.api import Centre, Visitor, as_user, centre

MONDAY, TUESDAY, NEXT = "2026-03-02", "2026-03-03", "2026-03-09"


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


@pytest.fixture
async def boss(api: Centre) -> Visitor:
    return await api.person(Role.SUPERVISOR)


@pytest.fixture
async def noor(api: Centre) -> UserId:
    return as_user(await api.person(Role.AGENT, login="noor"))


def _day(user: UserId, day: str = MONDAY, *shifts: str, away: bool = False, version: int = 0) -> dict[str, Any]:
    return {"user": str(user), "day": day, "shifts": list(shifts), "away": away, "version": version}


async def _week(boss: Visitor, first: str = MONDAY, until: str = "2026-03-15") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await boss("getRoster", query={"from": first, "until": until})).json["days"]
    return found


async def test_days_are_kept_together_and_whoever_was_late_is_told(api: Centre, boss: Visitor, noor: UserId) -> None:
    kept = await boss(
        "saveRoster", json={"days": [_day(noor, MONDAY, "17:00-21:00", "9:00-13:00"), _day(noor, TUESDAY, away=True)]}
    )
    assert (kept.status, kept.json) == (200, {"days": 2}), kept.raw
    assert await _week(boss) == [
        _day(noor, MONDAY, "09:00-13:00", "17:00-21:00", version=1),
        _day(noor, TUESDAY, away=True, version=1),
    ]
    late = await boss("saveRoster", json={"days": [_day(noor, NEXT, "09:00-13:00"), _day(noor, MONDAY, "10:00-13:00")]})
    assert late.status == 412
    assert len(await _week(boss)) == 2, "all or none"
    assert (await boss("saveRoster", json={"days": [_day(noor, TUESDAY, version=1)]})).status == 200
    assert (await _week(boss))[1] == _day(noor, TUESDAY, version=2), "cleared, and its version goes on"
    told = await api.pool.fetchval(
        "select detail::text from audit_event where action = 'roster.save' order by id limit 1"
    )
    assert "2026-03-02" in told


@pytest.mark.parametrize(
    "wrong",
    [
        {"shifts": ["13:00-09:00"]},
        {"shifts": ["09:00-13:00", "12:00-14:00"]},
        {"shifts": ["x"]},
        {"day": "2030-01-01"},
        {"version": 4},
    ],
)
async def test_what_cannot_be_kept_is_refused(boss: Visitor, noor: UserId, wrong: dict[str, Any]) -> None:
    status = 412 if "version" in wrong else 422
    assert (await boss("saveRoster", json={"days": [{**_day(noor, MONDAY, "09:00-13:00"), **wrong}]})).status == status
    assert await _week(boss) == []


async def test_only_agents_have_days_and_only_whoever_steers_the_team_sees_them(
    api: Centre, boss: Visitor, noor: UserId
) -> None:
    assert (await boss("saveRoster", json={"days": [_day(as_user(boss), MONDAY, "09:00-13:00")]})).status == 404
    twice = [_day(noor, MONDAY, "09:00-13:00"), _day(noor, MONDAY, away=True)]
    assert (await boss("saveRoster", json={"days": twice})).status == 422
    asked = {"from": MONDAY, "until": MONDAY}
    for role, status in ((Role.AGENT, 403), (Role.QUALITY, 403), (Role.ADMINISTRATOR, 200)):
        assert (await (await api.person(role))("getRoster", query=asked)).status == status
    assert (await boss("getRoster", query={"from": MONDAY, "until": "2026-12-01"})).status == 422
    assert (await boss("getRoster", query={"from": MONDAY, "until": "2026-03-01"})).status == 422
    found = (await boss("getRoster", query=asked)).json
    assert (found["today"], found["minutes"]) == (MONDAY, 600), "ten o'clock in Amsterdam"


async def test_a_week_is_copied_into_others_where_nothing_is_kept(api: Centre, boss: Visitor, noor: UserId) -> None:
    days = [_day(noor, MONDAY, "09:00-13:00"), _day(noor, TUESDAY, away=True), _day(noor, "2026-03-16", "10:00-11:00")]
    assert (await boss("saveRoster", json={"days": days})).status == 200
    copied = await boss("copyRosterWeek", json={"week": TUESDAY, "weeks": [NEXT, "2026-03-18"]})
    assert (copied.status, copied.json) == (200, {"days": 1}), copied.raw
    assert await _week(boss, NEXT, "2026-03-22") == [
        _day(noor, NEXT, "09:00-13:00", version=1),
        _day(noor, "2026-03-16", "10:00-11:00", version=1),
    ]
    again = await boss("copyRosterWeek", json={"week": MONDAY, "weeks": [NEXT]})
    assert again.json == {"days": 0}
    assert (await boss("copyRosterWeek", json={"week": MONDAY, "weeks": [TUESDAY]})).status == 422


async def test_a_file_is_tried_then_kept_and_what_is_written_can_be_read_again(boss: Visitor, noor: UserId) -> None:
    csv = "login;datum;van;tot;afwezig\nnoor;02-03-2026;9:00;13:00;\nnoor;03-03-2026;;;ja"
    tried = await boss("importRoster", json={"csv": csv})
    assert tried.json == {"days": 2, "read": 2, "kept": False, "faults": []}, tried.raw
    assert await _week(boss) == []
    kept = await boss("importRoster", json={"csv": csv}, query={"dry_run": "false"})
    assert (kept.json["days"], kept.json["kept"]) == (2, True)
    assert len(await _week(boss)) == 2

    file = await boss("downloadRoster", query={"from": MONDAY, "until": NEXT, "format": "csv"})
    assert file.status == 200
    again = await boss("importRoster", json={"csv": file.raw.decode("utf-8-sig")})
    assert again.json == {"days": 0, "read": 2, "kept": False, "faults": []}, "nothing is another"

    wrong = await boss("importRoster", json={"csv": csv + "\npiet;02-03-2026;9;13;"}, query={"dry_run": "false"})
    assert wrong.json["faults"] == [{"row": 4, "column": "login", "code": "unknown"}]
    assert (wrong.json["kept"], wrong.json["days"]) == (False, 0)
    assert (await boss("importRoster", json={"csv": "a;b"})).status == 422


async def test_an_agent_sees_his_own_two_weeks(api: Centre, boss: Visitor) -> None:
    bram, cem = await api.person(Role.AGENT, login="bram"), await api.person(Role.AGENT, login="cem")
    mine = [_day(as_user(bram), MONDAY, "09:00-13:00"), _day(as_user(bram), "2026-03-15", away=True)]
    later = [_day(as_user(bram), "2026-03-16", "09:00-13:00"), _day(as_user(cem), MONDAY, "10:00-11:00")]
    assert (await boss("saveRoster", json={"days": mine + later})).status == 200
    found = (await bram("getMyRoster")).json
    assert found == {"today": MONDAY, "days": [{**one, "version": 1} for one in mine]}
    assert [one["shifts"] for one in (await cem("getMyRoster")).json["days"]] == [["10:00-11:00"]]
    assert (await boss("getMyRoster")).status == 403


async def test_who_left_has_no_days_any_more(api: Centre, boss: Visitor, noor: UserId) -> None:
    assert (await boss("saveRoster", json={"days": [_day(noor, MONDAY, "09:00-13:00")]})).status == 200
    await api.pool.execute("update app_user set disabled_at = $1 where id = $2", api.clock.now() - timedelta(1), noor)
    found = (await boss("getRoster", query={"from": MONDAY, "until": MONDAY})).json
    assert (found["agents"], found["days"]) == ([], [])
