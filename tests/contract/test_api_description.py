"""Description, routes and permissions are one and the same; each role may do exactly what the table says."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dialer.api.application import add_routes, create_app, handlers
from dialer.api.errors import STATUS, TITLES
from dialer.api.guard import OWNED
from dialer.api.spec import PREFIX
from dialer.services.access import OPERATIONS, PERMISSIONS, Open, Permission, Role
from dialer.storage.ownership import OWNED as OWNED_TABLES
from tests.support.api import SPEC, Centre, Visitor, centre
from tests.support.rows import Rows, add_rows

# Upgrades to a socket, and pages without a problem to answer with.
PLAIN = {"openLiveFeed", "finishSignOn", "getDescription", "getDocs", "getDocsStyle"}


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


async def test_routes_are_those_of_the_description(api: Centre) -> None:
    served = {
        (route.method, route.resource.canonical)
        for route in create_app(api.deps).router.routes()
        if route.resource is not None and route.resource.canonical.startswith(PREFIX) and route.method != "HEAD"
    }
    assert served == {(found.method, PREFIX + found.path) for found in SPEC.operations.values()}


def test_every_operation_declares_the_permission_that_it_needs() -> None:
    assert {found.id: found.permission for found in SPEC.operations.values()} == dict(OPERATIONS)


def test_a_route_without_permission_is_not_served(api: Centre) -> None:
    found = dict(handlers(SPEC))
    found["newThing"] = found["getFloor"]
    with pytest.raises(RuntimeError, match="newThing"):
        add_routes(create_app(api.deps), SPEC, found, api.deps)


def test_permissions_of_the_description_are_those_of_the_code() -> None:
    assert set(SPEC.document["components"]["schemas"]["Permission"]["enum"]) == set(Permission)
    assert set(SPEC.document["components"]["schemas"]["Role"]["enum"]) == set(Role)
    used = {needed for needed in OPERATIONS.values() if isinstance(needed, Permission)}
    assert set(Permission) == used, "a permission that guards nothing promises what nobody keeps"


def test_schemas_are_schemas_and_references_lead_somewhere() -> None:
    for name, schema in SPEC.document["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        SPEC.validator("components", "schemas", name).is_valid({})
    for node in _nodes(SPEC.document):
        if isinstance(node.get("$ref"), str):
            SPEC.resolve(node)


def test_every_path_parameter_is_described_and_known_to_the_guard() -> None:
    owned_by_nobody = {"user", "session", "token", "phone", "pause_reason", "skill", "coaching", "improvement"}
    for found in SPEC.operations.values():
        item = SPEC.document["paths"][found.path]
        described = {SPEC.resolve(node)[0]["name"] for node in item.get("parameters", [])}
        in_path = set(re.findall(r"{(\w+)}", found.path))
        assert described == in_path, found.path
        assert in_path <= OWNED | owned_by_nobody
    assert set(OWNED_TABLES) == OWNED


def test_every_error_code_has_words_in_both_languages() -> None:
    assert set(STATUS) == set(TITLES)
    assert all(dutch and english and dutch != english for dutch, english in TITLES.values())


@pytest.mark.parametrize("role", [None, *Role])
async def test_each_role_may_do_exactly_what_the_table_says(api: Centre, role: Role | None) -> None:
    client = await api.client("zoetermeer")
    rows = await add_rows(api.pool, client, api.clock.now())
    visitor = await _visitor(api, role, client)
    for operation, needed in OPERATIONS.items():
        if operation in PLAIN or operation in ("signOut", "lockSession"):  # after these nothing else is answered
            continue
        answer = await visitor(operation, **_path(operation, rows))
        if role is None:
            allowed = needed is Open.PUBLIC
            assert (answer.status == 401) is not allowed, operation
        else:
            allowed = isinstance(needed, Open) or needed in PERMISSIONS[role]
            forbidden = answer.status == 403 and answer.code == "forbidden"
            assert forbidden is not allowed, (operation, answer.raw)
        assert answer.status != 500, operation


async def test_another_clients_objects_are_not_there(api: Centre) -> None:
    ours, theirs = await api.client("zoetermeer"), await api.client("leiden")
    await add_rows(api.pool, ours, api.clock.now())
    other = await add_rows(api.pool, theirs, api.clock.now())
    visitor = await api.person(Role.CLIENT, ours)
    tried = 0
    for operation, needed in OPERATIONS.items():
        path = _path(operation, other)
        if needed in PERMISSIONS[Role.CLIENT] and set(path) & OWNED:
            tried += 1
            answer = await visitor(operation, **path, json={})
            assert (answer.status, answer.code) == (404, "not-found"), operation
    assert tried > 15


async def _visitor(api: Centre, role: Role | None, client: Any) -> Visitor:
    if role is None:
        return api.visitor()
    return await api.person(role, client if role is Role.CLIENT else None)


def _path(operation: str, rows: Rows) -> dict[str, Any]:
    names = re.findall(r"{(\w+)}", SPEC.operations[operation].path)
    known: dict[str, Any] = {**rows.path(), "client": rows.client, "user": rows.client, "token": rows.client}
    known["session"] = rows.client
    known["pause_reason"] = known["skill"] = known["coaching"] = known["improvement"] = rows.client
    return {name: known[name] for name in names}


def _nodes(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict):
        return [node, *(found for value in node.values() for found in _nodes(value))]
    if isinstance(node, list):
        return [found for value in node for found in _nodes(value)]
    return []
