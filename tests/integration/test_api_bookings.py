"""Times and appointments over HTTP, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.domain.ids import ClientId
from dialer.security.vault import MasterVault
from dialer.services.access import Role
from tests.support.api import Centre, as_user, centre
from tests.support.rows import add_rows

VAULT = MasterVault(bytes(range(32)))
HOUR = {
    "kind": "own", "name": "Spreekuur", "place": "Stadhuis", "meeting": "office", "weekdays": [0, 1], "begin": "10:00",
    "end": "12:00", "minutes": 30, "until_on": "2026-04-30",
}  # fmt: skip


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


async def town(api: Centre, slug: str = "zoetermeer") -> ClientId:
    client = await api.client(slug)
    await api.pool.execute("update client set wrapped_key = $2 where id = $1", client, VAULT.new_client_key(client))
    return client


async def test_times_are_offered_by_the_clients_own_people_and_seen_as_a_week(api: Centre) -> None:
    client = await town(api)
    visitor = await api.person(Role.CLIENT, client)
    made = await visitor("createSlotSource", client=client, json=HOUR)
    assert (made.status, made.json["coming"], made.json["free"]) == (201, 63, 63)  # none on 6 and 27 April
    shown = await visitor("listSlots", client=client, query={"from": "2026-03-09", "days": "1"})
    assert [(one["starts_at"], one["free"]) for one in shown.json["items"]][:2] == [
        ("2026-03-09T09:00:00Z", 1),
        ("2026-03-09T09:30:00Z", 1),
    ]
    tag = {"If-Match": '"1"'}
    source = made.json["id"]
    changed = await visitor("updateSlotSource", slot_source=source, headers=tag, json={"except_on": ["2026-03-09"]})
    assert (changed.json["coming"], changed.json["version"]) == (59, 2)
    gone = await visitor("listSlots", client=client, query={"from": "2026-03-09", "days": "1"})
    assert gone.json["items"] == []
    stale = await visitor("updateSlotSource", slot_source=source, headers=tag, json={"except_on": []})
    assert stale.code == "changed-since"
    tag = {"If-Match": '"2"'}
    back = await visitor("updateSlotSource", slot_source=source, headers=tag, json={"except_on": [], "until_on": None})
    assert (back.json["until_on"], back.json["except_on"]) == (None, [])
    wrong = await visitor("createSlotSource", client=client, json={**HOUR, "name": "X", "begin": "13:00"})
    assert (wrong.status, wrong.json["field"]) == (422, "end")
    assert (await visitor("listSlots", client=client, query={"from": "9999-12-31"})).status == 422


async def test_an_agent_is_offered_times_in_his_own_call_only(api: Centre) -> None:
    client = await town(api)
    rows = await add_rows(api.pool, client, api.clock.now())
    agent = await api.person(Role.AGENT)
    assert (await agent("offerSlots", attempt=rows.attempt)).status == 404
    api.desk.put(as_user(agent), state="wrap_up", attempt=rows.attempt)
    supervisor = await api.person(Role.SUPERVISOR)
    await supervisor("createSlotSource", client=client, json=HOUR)
    offered = await agent("offerSlots", attempt=rows.attempt)
    first = offered.json["items"][0]
    assert (offered.json["offers"], first["starts_at"], first["held"]) == (True, "2026-03-03T09:00:00Z", False)
    assert (await agent("holdSlot", attempt=rows.attempt, json={"slot": first["id"]})).status == 204
    assert (await agent("offerSlots", attempt=rows.attempt)).json["items"][0]["held"]
    assert (await agent("releaseSlot", attempt=rows.attempt)).status == 204
    later = await agent("offerSlots", attempt=rows.attempt, query={"after": "2026-03-09T00:00:00Z"})
    assert later.json["items"][0]["starts_at"] == "2026-03-09T09:00:00Z"
    await api.pool.execute("update slot_seat set slot_id = $1 where booking_id = $2", first["id"], rows.booking)
    taken = await agent("holdSlot", attempt=rows.attempt, json={"slot": first["id"]})
    assert (taken.status, taken.code) == (409, "slot-taken")
    filed = await agent(
        "fileOutcome",
        attempt=rows.attempt,
        json={"outcome": "HELP_APPOINTMENT", "slot": first["id"], "confirmed": True},
    )
    assert filed.status == 200
    assert str(api.desk.asked[-1][-1].slot) == first["id"]  # type: ignore[attr-defined]  # the fake keeps it


async def test_an_appointment_is_moved_cancelled_and_reported(api: Centre) -> None:
    client = await town(api)
    rows = await add_rows(api.pool, client, api.clock.now())
    visitor = await api.person(Role.CLIENT, client)
    (listed,) = (await visitor("listBookings", query={"case": str(rows.case)})).json["items"]
    assert (listed["id"], listed["state"], listed["client_refs"]) == (str(rows.booking), "booked", ["K-Maart"])
    early = await visitor("reportBooking", booking=rows.booking, json={"result": "kept"})
    assert (early.status, early.code) == (409, "booking-not-yet")
    await visitor("createSlotSource", client=client, json=HOUR)
    free = (await visitor("listSlots", client=client, query={"free": "true", "days": "14"})).json["items"]
    moved = await visitor("moveBooking", booking=rows.booking, json={"slot": free[5]["id"]})
    assert (moved.status, moved.json["starts_at"], moved.json["state"]) == (200, free[5]["starts_at"], "booked")
    assert (await visitor("listBookings", query={"state": "moved"})).json["items"][0]["id"] == str(rows.booking)
    api.clock.forward(days=20)
    visitor = await api.person(Role.CLIENT, client)
    missed = await visitor("reportBooking", booking=moved.json["id"], json={"result": "no_show"})
    assert missed.json["state"] == "no_show"
    again = await visitor("reportBooking", booking=moved.json["id"], json={"result": "booked"})
    assert again.json["state"] == "booked"
    gone = await visitor("cancelBooking", booking=moved.json["id"], json={"reason": "verhuisd"})
    assert (gone.json["state"], gone.json["reason"]) == ("cancelled", "verhuisd")
    since = await visitor("listBookings", query={"from": "2026-03-03", "days": "30"})
    assert {one["state"] for one in since.json["items"]} == {"moved", "cancelled"}
    assert await api.pool.fetchval("select count(*) from audit_event where action = 'booking.list'") == 3


async def test_a_calendar_is_offered_by_its_address_which_is_never_told(api: Centre) -> None:
    client = await town(api)
    visitor = await api.person(Role.CLIENT, client)
    feed = {"kind": "feed", "name": "Agenda", "place": "Stadhuis", "meeting": "office", "minutes": 30}
    bare = await visitor("createSlotSource", client=client, json=feed)
    assert (bare.status, bare.json["field"]) == (422, "url")
    bad = await visitor("createSlotSource", client=client, json={**feed, "url": "http://intern/x.ics"})
    assert (bad.status, bad.json["field"]) == (422, "url")
    made = await visitor("createSlotSource", client=client, json={**feed, "url": "https://x.example.nl/geheim.ics"})
    assert (made.status, made.json["kind"], made.json["looked_at"]) == (201, "feed", None)
    assert "geheim" not in str(made.json)
    source = made.json["id"]
    looked = await visitor("lookAtSlotSource", slot_source=source)
    assert (looked.status, looked.json["last_error"]) == (200, "unreachable")
    agent = await api.person(Role.AGENT)
    assert (await agent("lookAtSlotSource", slot_source=source)).status == 403
    elsewhere = await api.person(Role.CLIENT, await town(api, "delft"))
    assert (await elsewhere("lookAtSlotSource", slot_source=source)).status in (403, 404)
    own = await visitor("createSlotSource", client=client, json=HOUR)
    assert (await visitor("lookAtSlotSource", slot_source=own.json["id"])).status == 409
    api.clock.forward(days=2)
    supervisor = await api.person(Role.SUPERVISOR)
    day = (await supervisor("getDay")).json["exchange"]
    assert ([one["name"] for one in day["silent"]], day["withdrawn"]) == (["Agenda"], 0)
