"""Places where lists are fetched, over HTTP, on a real database."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.services.access import Role
from tests.integration.test_api_bookings import town
from tests.support.api import Centre, centre
from tests.support.rows import add_rows

MAPPINGS = {"VPS-export": "list", "Nummers": "numbers"}


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


async def test_a_place_is_made_changed_stopped_and_looked_at(api: Centre) -> None:
    client = await town(api)
    rows = await add_rows(api.pool, client, api.clock.now())
    for name, kind in MAPPINGS.items():
        await api.pool.execute(
            "insert into column_mapping (id, client_id, name, version, mapping, created_at)"
            " values ($1, $2, $3, 1, $4::text::jsonb, $5)",
            api.new_id(), client, name, json.dumps({"kind": kind, "columns": {"client_ref": "kenmerk"}}),
            api.clock.now(),
        )  # fmt: skip
    administrator, supervisor = await api.person(Role.ADMINISTRATOR), await api.person(Role.SUPERVISOR)
    names = await administrator("listMappingNames", client=client)
    assert names.json["items"] == ["VPS-export"]  # an administrator sees names, and nothing of what they say
    assert (await administrator("listMappings", campaign=rows.campaign)).status == 403
    others = await administrator("listMappingNames", client=client, query={"holds": "numbers"})
    assert others.json["items"] == ["Nummers"]
    wish = {"kind": "folder", "name": "Weeklijst", "path": "stad", "mapping_name": "VPS-export", "weekdays": [0]}
    assert (await supervisor("createSource", campaign=rows.campaign, json=wish)).status == 403
    made = await administrator("createSource", campaign=rows.campaign, json=wish)
    assert (made.status, made.json["mapping_name"], made.json["by"]) == (201, "VPS-export", "10:00")
    again = await administrator("createSource", campaign=rows.campaign, json=wish)
    assert (again.status, again.code) == (409, "source-exists")
    source, version = made.json["id"], {"If-Match": '"1"'}
    for name in ("Nummers", "bestaat niet"):
        wrong = await administrator("updateSource", source=source, headers=version, json={"mapping_name": name})
        assert (wrong.status, wrong.json["field"]) == (422, "mapping_name")
    changed = await administrator(
        "updateSource", source=source, headers=version,
        json={"on": False, "month_days": [1, 15], "weekdays": [], "mapping_name": "", "by": "09:30"},
    )  # fmt: skip
    kept = {key: changed.json[key] for key in ("on", "month_days", "weekdays", "mapping_name", "by", "path", "version")}
    assert kept == {
        "on": False, "month_days": [1, 15], "weekdays": [], "mapping_name": "", "by": "09:30", "path": "stad",
        "version": 2,
    }  # fmt: skip
    wrong = await administrator(
        "updateSource", source=source, headers={"If-Match": '"2"'}, json={"holds": "visits", "mapping_name": "Nummers"}
    )
    assert wrong.status == 422
    holds = await administrator("updateSource", source=source, headers={"If-Match": '"2"'}, json={"holds": "visits"})
    assert (holds.status, holds.json["holds"], holds.json["version"]) == (200, "visits", 3)
    stale = await administrator("updateSource", source=source, headers=version, json={"on": True})
    assert (stale.status, stale.code) == (412, "changed-since")
    looked = await administrator("lookAtSource", source=source)
    assert looked.json["last_error"] == "folder"  # the operator gave none


async def test_a_mapping_that_is_gone_does_not_stand_in_the_way_of_another_change(api: Centre) -> None:
    client = await town(api)
    rows = await add_rows(api.pool, client, api.clock.now())
    await api.pool.execute("update arrival_source set mapping_name = 'van vroeger' where id = $1", rows.source)
    administrator = await api.person(Role.ADMINISTRATOR)
    off = await administrator("updateSource", source=rows.source, headers={"If-Match": '"1"'}, json={"on": False})
    assert (off.status, off.json["mapping_name"]) == (200, "van vroeger")
