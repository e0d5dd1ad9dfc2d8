"""The register of data leaks over HTTP."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dialer.intake.tables import table_bytes
from dialer.services.access import Role
from dialer.services.ports.people import CLI, Viewer
from tests.support.api import Centre, centre
from tests.support.rows import Rows, add_rows

KNOWN: dict[str, Any] = {
    "discovered_at": "2026-03-02T08:00:00+00:00",
    "kind": "sent",
    "data": ["names", "numbers"],
    "residents": None,
    "what": "=Een lijst ging naar een verkeerd adres",
    "consequences": "",
    "measures": "",
}


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path / "spool") as built:
        yield built


@pytest.fixture
async def rows(api: Centre) -> Rows:
    return await add_rows(api.pool, await api.client("zoetermeer"), api.clock.now())


def tag(line: Any) -> dict[str, str]:
    return {"If-Match": f'"{line["version"]}"'}


async def test_from_the_discovery_to_what_was_learned(api: Centre, rows: Rows) -> None:
    known = KNOWN | {"discovered_at": api.clock.wall_utc().isoformat()}
    officer = await api.person(Role.PRIVACY)
    made = await officer("reportIncident", json={"client": str(rows.client), "known": known})
    assert (made.status, made.json["state"], made.json["known"]["residents"]) == (201, "open", None)
    more = known | {"residents": 12, "measures": "De ontvanger heeft de lijst gewist."}
    known_now = await officer("updateIncident", incident=made.json["id"], json=more, headers=tag(made.json))
    assert known_now.json["known"]["residents"] == 12
    late = await officer("updateIncident", incident=made.json["id"], json=more, headers=tag(made.json))
    assert late.status == 412
    close = {"step": "close", "lesson": "Adressen worden nu twee keer bekeken."}
    early = await officer("moveIncident", incident=made.json["id"], json=close, headers=tag(known_now.json))
    assert (early.status, early.json["code"]) == (409, "illegal-transition")
    text = (await officer("getIncidentNotice", incident=made.json["id"])).json["text"]
    assert "aantal: 12" in text
    assert "72 uur" in text
    told = await officer("moveIncident", incident=made.json["id"], json={"step": "tell"}, headers=tag(known_now.json))
    assert told.json["told_at"] is not None
    empty = await officer("moveIncident", incident=made.json["id"], json={"step": "close"}, headers=tag(told.json))
    assert (empty.status, empty.json["field"]) == (422, "lesson")
    closed = await officer("moveIncident", incident=made.json["id"], json=close, headers=tag(told.json))
    assert (closed.json["state"], closed.json["lesson"]) == ("closed", close["lesson"])
    listed = (await officer("listIncidents")).json["items"]
    assert [one["id"] for one in listed] == [str(rows.incident), made.json["id"]]
    actions = await api.pool.fetch("select action from audit_event where subject_id = $1 order by id", made.json["id"])
    assert [one["action"] for one in actions] == [
        "incident.report", "incident.learn", "incident.tell", "incident.close",
    ]  # fmt: skip


async def test_a_text_that_leads_to_somebody_is_refused(api: Centre, rows: Rows) -> None:
    boss = await api.person(Role.ADMINISTRATOR)
    at = {"discovered_at": api.clock.wall_utc().isoformat()}
    for field, text, code in (
        ("what", "naar jan@voorbeeld.nl gestuurd", "personal"),
        ("measures", "gebeld met 0612345678", "personal"),
        ("consequences", "BSN 111222333 is bekend", "bsn"),
    ):
        known = KNOWN | at | {field: text}
        refused = await boss("reportIncident", json={"client": str(rows.client), "known": known})
        assert (refused.status, refused.json["code"], refused.json["field"]) == (422, code, field)
    later = KNOWN | {"discovered_at": "2199-01-01T00:00:00+00:00"}
    refused = await boss("reportIncident", json={"client": str(rows.client), "known": later})
    assert refused.json["field"] == "discovered_at"
    nobody = await boss("reportIncident", json={"client": str(rows.incident), "known": KNOWN | at})
    assert nobody.status == 404


async def test_who_may_and_the_file(api: Centre, rows: Rows) -> None:
    for role in (Role.AGENT, Role.SUPERVISOR, Role.QUALITY, Role.MONITOR):
        assert (await (await api.person(role))("listIncidents")).status == 403
    boss = await api.person(Role.ADMINISTRATOR)
    known = KNOWN | {"discovered_at": api.clock.wall_utc().isoformat()}
    assert (await boss("reportIncident", json={"client": str(rows.client), "known": known})).status == 201
    assert (await boss("downloadIncidents", query={"format": "csv"})).status == 200
    data = table_bytes(await api.deps.incidents.table(rows.client, CLI), "csv").decode("utf-8-sig")
    first, second = csv.DictReader(io.StringIO(data), delimiter=";")
    assert {first["gegevens"], second["gegevens"]} == {
        "namen en geboortedatums, telefoonnummers",
        "namen en geboortedatums",
    }
    english = Viewer(actor="cli", user=None, role="operator", client=None, language="en")
    assert next(iter((await api.deps.incidents.table(None, english)).header)) == "client"
