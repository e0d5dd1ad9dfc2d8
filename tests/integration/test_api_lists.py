"""Lists over HTTP with the real services behind it: reader process, sealing, PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from dialer.services.access import Role
from tests.support.api import Centre, Visitor, centre
from tests.support.intake import IntakeWorld, csv_bytes, intake_world, row


@pytest.fixture
async def world(dsn: str, tmp_path: Path) -> AsyncIterator[IntakeWorld]:
    async with intake_world(dsn, tmp_path) as built:
        yield built


@pytest.fixture
async def api(dsn: str, tmp_path: Path, world: IntakeWorld) -> AsyncIterator[Centre]:
    def real(deps: Any) -> Any:
        return replace(deps, intake=world.intake, deliveries=world.deliveries)

    async with centre(dsn, tmp_path / "spool", swap=real) as built:
        built.clock.at = world.clock.now()
        yield built


async def _upload(visitor: Visitor, world: IntakeWorld, content: bytes, **query: str) -> Any:
    form = aiohttp.FormData()
    form.add_field("file", content, filename="lijst.csv", content_type="text/csv")
    return await visitor("uploadDelivery", campaign=world.campaign, data=form, query=query)


async def test_dry_run_load_refusals_and_recall(api: Centre, world: IntakeWorld) -> None:
    boss = await api.person(Role.SUPERVISOR)
    content = csv_bytes([row(), row(**{"signaal-id": "S-2"}, geboortedatum="onbekend")])
    dry = await _upload(boss, world, content, dry_run="true")
    assert (dry.json["counts"]["taken"], dry.json["counts"]["refused"]) == (1, 1)
    assert dry.json["columns"]["client_ref"] == "kenmerk"
    assert await world.one("select count(*) from delivery") == 0

    loaded = await _upload(boss, world, content)
    assert (loaded.status, loaded.json["refusals"][0]["row"]) == (201, 3)
    again = await _upload(boss, world, content)
    assert (again.status, again.json["repeated"], again.json["delivery"]) == (200, True, loaded.json["delivery"])
    delivery = loaded.json["delivery"]
    assert (await boss("listRefusals", delivery=delivery)).json["items"] == loaded.json["refusals"]
    table = (await boss("listRefusals", delivery=delivery, query={"format": "csv"})).raw.decode()
    assert "onbekend" in table

    case = (await boss("listCases")).json["items"][0]
    assert (case["state"], case["client_refs"]) == ("open", ["Z-1"])
    recalled = await boss("recallDelivery", delivery=delivery, json={"reason": "verkeerde lijst"})
    assert recalled.json["cases"] == 1
    assert "delivery.load" in {look["action"] for look in recalled.json["seen_by"]}
    assert (await boss("getCase", case=case["id"])).json["case"]["state"] == "recalled"


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 1000, b"PK\x03\x04kapot", b"\xff\xd8\xff\xe0 een foto", b"a\n" * 10]
)
async def test_files_that_are_no_list(api: Centre, world: IntakeWorld, content: bytes) -> None:
    boss = await api.person(Role.SUPERVISOR)
    answer = await _upload(boss, world, content)
    assert (answer.status, answer.code) == (422, "file-refused")
    assert answer.json["reason"]
    assert await world.one("select count(*) from case_file") == 0


async def test_a_client_uploads_to_its_own_campaign_and_sees_names(api: Centre, world: IntakeWorld) -> None:
    municipality = await api.person(Role.CLIENT, world.client)
    dry = await _upload(municipality, world, csv_bytes([row()]), dry_run="true")
    assert "Berg" in str(dry.json["rows"])
    other = await api.person(Role.CLIENT, await api.client("leiden"))
    assert (await _upload(other, world, csv_bytes([row()]))).status == 404


async def test_residents_without_a_number_go_out_and_come_back(api: Centre, world: IntakeWorld) -> None:
    boss = await api.person(Role.SUPERVISOR)
    await _upload(boss, world, csv_bytes([row(telefoon_1="")]))
    table = (await boss("downloadToEnrich", campaign=world.campaign)).raw.decode()
    assert table.splitlines()[1].startswith("Z-1,")
    form = aiohttp.FormData()
    numbers = b"kenmerk;telefoon 1;bron;brondatum\r\nZ-1;0600000007;gids;01-03-2026\r\n"
    form.add_field("file", numbers, filename="n.csv", content_type="text/csv")
    answer = await boss("uploadNumbers", campaign=world.campaign, data=form)
    assert answer.status == 201, answer.raw
    assert (await boss("listCases", query={"state": "open"})).json["items"]


async def test_columns_are_learned_from_an_example_kept_for_the_client_and_used_by_name(
    api: Centre, world: IntakeWorld
) -> None:
    boss = await api.person(Role.SUPERVISOR)
    example = csv_bytes([row(kleur="blauw")])
    form = aiohttp.FormData()
    form.add_field("file", example, filename="voorbeeld.csv", content_type="text/csv")
    learned = await boss("learnMapping", campaign=world.campaign, query={"name": "VPS juni"}, data=form)
    assert learned.status == 200, learned.raw
    assert (learned.json["version"], learned.json["unused"]) == (1, ["kleur"])
    columns = learned.json["columns"]
    assert (columns["client_ref"], await world.one("select count(*) from delivery")) == ("kenmerk", 0)

    moved = example.replace(b"kenmerk;", b"Zaak;", 1)
    refused = await _upload(boss, world, moved, mapping_name="VPS juni", dry_run="true")
    assert (refused.status, refused.json["reason"]) == (422, "mapping-column")
    changed = {"name": "VPS juni", "columns": columns | {"client_ref": "Zaak"}}
    saved = await boss("saveMapping", campaign=world.campaign, json=changed)
    assert (saved.status, saved.json["version"]) == (200, 2)
    loaded = await _upload(boss, world, moved, mapping_name="VPS juni")
    assert (loaded.status, loaded.json["columns"]["client_ref"]) == (201, "Zaak")

    listed = (await boss("listMappings", campaign=world.campaign)).json["items"]
    assert [(one["name"], one["version"], one["kind"]) for one in listed] == [("VPS juni", 2, "list")]
    saves = "select count(*) from audit_event where action = 'mapping.save'"
    assert await world.one(saves) == 2


async def test_a_mapping_gets_another_name_and_goes_once_nothing_reads_with_it(api: Centre, world: IntakeWorld) -> None:
    boss = await api.person(Role.SUPERVISOR)
    columns = {"client_ref": "Zaak"}
    for name in ("Oud", "Ander"):
        for heading in ("Zaak", "Kenmerk"):
            made = {"name": name, "columns": columns | {"client_ref": heading}}
            assert (await boss("saveMapping", campaign=world.campaign, json=made)).status == 200
    admin = await api.person(Role.ADMINISTRATOR)
    wish = {"kind": "folder", "name": "Map", "path": "in"}
    source = await admin("createSource", campaign=world.campaign, json=wish)
    assert source.status == 201, source.raw
    reads = await admin(
        "updateSource", source=source.json["id"], json={"mapping_name": "Oud"}, headers={"If-Match": '"1"'}
    )
    assert reads.json["mapping_name"] == "Oud", reads.raw

    renamed = await boss("renameMapping", campaign=world.campaign, json={"name": "Oud", "new_name": " Nieuw "})
    assert (renamed.status, renamed.json["name"], renamed.json["version"]) == (200, "Nieuw", 2)
    assert await world.one("select mapping_name from arrival_source") == "Nieuw"
    taken = await boss("renameMapping", campaign=world.campaign, json={"name": "Nieuw", "new_name": "Ander"})
    assert (taken.status, taken.code) == (409, "conflict")
    gone = await boss("renameMapping", campaign=world.campaign, json={"name": "Oud", "new_name": "Weer"})
    assert gone.status == 404

    used = await boss("removeMapping", campaign=world.campaign, query={"name": "Nieuw"})
    assert (used.status, used.code) == (409, "mapping-in-use")
    moved = {"mapping_name": ""}
    freed = await admin("updateSource", source=source.json["id"], json=moved, headers={"If-Match": '"3"'})
    assert freed.status == 200, freed.raw
    assert (await boss("removeMapping", campaign=world.campaign, query={"name": "Nieuw"})).status == 204
    assert (await boss("removeMapping", campaign=world.campaign, query={"name": "Nieuw"})).status == 404
    listed = (await boss("listMappings", campaign=world.campaign)).json["items"]
    assert [one["name"] for one in listed] == ["Ander"]
    again = {"name": "Nieuw", "columns": columns}
    assert (await boss("saveMapping", campaign=world.campaign, json=again)).json["version"] == 1
    acts = "select string_agg(action, ' ' order by at, id) from audit_event where action ~ 'mapping.re'"
    assert await world.one(acts) == "mapping.rename mapping.remove"
    other = await api.person(Role.CLIENT, await api.client("leiden"))
    assert (await other("removeMapping", campaign=world.campaign, query={"name": "Ander"})).status in (403, 404)


async def test_a_mapping_is_refused_by_name_and_field_and_is_nobody_elses(api: Centre, world: IntakeWorld) -> None:
    boss = await api.person(Role.SUPERVISOR)
    bad = await boss("saveMapping", campaign=world.campaign, json={"name": "x", "columns": {"salary": "Loon"}})
    assert (bad.status, bad.json["field"]) == (422, "columns")
    blank = await boss("saveMapping", campaign=world.campaign, json={"name": " ", "columns": {"client_ref": "Zaak"}})
    assert (blank.status, blank.json["field"]) == (422, "name")
    assert (await _upload(boss, world, csv_bytes([row()]), mapping_name="nooit")).status == 404
    other = await api.person(Role.CLIENT, await api.client("leiden"))
    assert (await other("listMappings", campaign=world.campaign)).status == 404
    columns = {"name": "x", "columns": {"client_ref": "Zaak"}}
    assert (await other("saveMapping", campaign=world.campaign, json=columns)).status == 404
