"""A roster in an agent's own calendar, over HTTP: made, read without signing in, ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import icalendar
import pytest

from dialer.services.access import Role
from tests.support.api import Centre, Visitor, as_user, centre


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


async def _rostered(api: Centre) -> Visitor:
    """An agent with two days, the second one away, and a colleague who works on both."""
    boss = await api.person(Role.SUPERVISOR)
    noor, other = await api.person(Role.AGENT, login="noor"), await api.person(Role.AGENT, login="bram")
    days = [
        {"user": str(as_user(who)), "day": day, "shifts": shifts, "away": away, "version": 0}
        for who, day, shifts, away in (
            (noor, "2026-03-27", ["09:00-13:00", "17:00-24:00"], False),
            (noor, "2026-03-30", ["09:00-13:00"], False),
            (noor, "2026-03-31", ["09:00-13:00"], True),
            (other, "2026-03-30", ["10:00-11:00"], False),
        )
    ]
    kept = await boss("saveRoster", json={"days": days})
    assert kept.status == 200, kept.raw
    return noor


async def _made(noor: Visitor) -> str:
    made = await noor("makeMyRosterFeed")
    assert made.status == 201, made.raw
    address = urlsplit(str(made.json["path"]))
    assert address.path == "/api/v1/roster.ics"
    (key,) = parse_qs(address.query)["key"]
    return key


async def test_a_calendar_reads_the_shifts_of_its_owner_and_nothing_else(api: Centre) -> None:
    noor = await _rostered(api)
    assert (await noor("getMyRosterFeed")).json == {"made_at": None}
    key = await _made(noor)
    assert (await noor("getMyRosterFeed")).json["made_at"] is not None
    read = await api.visitor()("readRosterFeed", query={"key": key})
    assert (read.status, read.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert "no-store" in read.headers["Cache-Control"]
    events = list(icalendar.Calendar.from_ical(read.raw.decode()).walk("VEVENT"))
    spans = [(event.decoded("DTSTART"), event.decoded("DTEND")) for event in events]
    assert spans == [  # Amsterdam's clocks go on in the night of 29 March
        (datetime(2026, 3, 27, 8, tzinfo=UTC), datetime(2026, 3, 27, 12, tzinfo=UTC)),
        (datetime(2026, 3, 27, 16, tzinfo=UTC), datetime(2026, 3, 27, 23, tzinfo=UTC)),
        (datetime(2026, 3, 30, 7, tzinfo=UTC), datetime(2026, 3, 30, 11, tzinfo=UTC)),
    ]
    assert {str(event["SUMMARY"]) for event in events} == {"Werk"}
    assert len({str(event["UID"]) for event in events}) == 3
    for told in ("noor", "bram", "afwezig", "Belactie"):
        assert told not in read.raw.decode().lower()


async def test_a_new_address_ends_the_one_before_and_an_ended_one_is_nobodys(api: Centre) -> None:
    noor, anybody = await _rostered(api), api.visitor()
    first = await _made(noor)
    second = await _made(noor)
    assert (await anybody("readRosterFeed", query={"key": first})).status == 404
    assert (await anybody("readRosterFeed", query={"key": second})).status == 200
    assert (await anybody("readRosterFeed", query={"key": "x" * 43})).status == 404
    assert (await anybody("readRosterFeed", query={"key": "x"})).status == 422
    assert (await noor("endMyRosterFeed")).status == 204
    assert (await anybody("readRosterFeed", query={"key": second})).status == 404
    assert (await noor("endMyRosterFeed")).status == 404
    rows = await api.pool.fetch(
        "select action, detail::text as detail from audit_event where action like 'roster.feed%'"
    )
    assert [row["action"] for row in rows] == ["roster.feed_make", "roster.feed_make", "roster.feed_end"]
    stored = await api.pool.fetchval("select count(*) from audit_event where detail::text like $1", f"%{second}%")
    assert stored == 0, "the secret stands nowhere"


async def test_who_may_not_sign_in_any_more_has_no_calendar_either(api: Centre) -> None:
    noor = await _rostered(api)
    key = await _made(noor)
    await api.pool.execute("update app_user set disabled_at = now() where login = 'noor'")
    assert (await api.visitor()("readRosterFeed", query={"key": key})).status == 404
    boss = await api.person(Role.SUPERVISOR)
    assert (await boss("makeMyRosterFeed")).status == 403
