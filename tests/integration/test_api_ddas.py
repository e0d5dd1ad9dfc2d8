"""The delivery to the national exchange over HTTP, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.services.access import Role
from tests.integration.test_api_bookings import town
from tests.support.api import Centre, centre
from tests.support.rows import add_rows

WHO = {"version": "1.2", "municipality": "0637", "supplier": "LEV", "organisation": "Voorbeeldstad", "kvk": ""}
DAYS = {"from": "2026-03-01", "until": "2026-03-31"}


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


async def test_who_a_client_is_is_set_by_an_administrator_and_delivered_by_a_supervisor(api: Centre) -> None:
    client = await town(api)
    rows = await add_rows(api.pool, client, api.clock.now())
    administrator, supervisor = await api.person(Role.ADMINISTRATOR), await api.person(Role.SUPERVISOR)
    first = await administrator("getDdasProfile", client=client)
    assert (first.json["version"], first.json["versions"]) == ("", ["1.0", "1.2"])
    none = await supervisor("downloadDdas", campaign=rows.campaign, query=DAYS)
    assert (none.status, none.json["field"]) == (422, "version")
    assert (await supervisor("setDdasProfile", client=client, json=WHO)).status == 403
    for field, value in (("version", "9"), ("municipality", "63"), ("supplier", "")):
        wrong = await administrator("setDdasProfile", client=client, json={**WHO, field: value})
        assert (wrong.status, wrong.json["field"]) == (422, field)
    assert (await administrator("getDdasProfile", client=client)).json["version"] == ""
    kept = await administrator("setDdasProfile", client=client, json=WHO)
    assert kept.json == {**WHO, "versions": ["1.0", "1.2"]}
    assert (await administrator("downloadDdas", campaign=rows.campaign, query=DAYS)).status == 403
    await api.pool.execute("delete from pii.signal")  # these rows are in no real box: nothing of theirs is told
    file = await supervisor("downloadDdas", campaign=rows.campaign, query=DAYS)
    assert file.headers["Content-Disposition"] == 'attachment; filename="ddas-2026-03-01-2026-03-31.json"'
    assert file.json["leveringen"][0]["gemeentecode"] == "0637"
    backwards = await supervisor("downloadDdas", campaign=rows.campaign, query={**DAYS, "until": "2026-02-01"})
    assert (backwards.status, backwards.json["field"]) == (422, "until")


async def test_a_clients_own_people_have_their_own_alone(api: Centre) -> None:
    ours, theirs = await town(api), await api.client("leiden")
    rows = await add_rows(api.pool, ours, api.clock.now())
    stranger = await api.person(Role.CLIENT, theirs)
    assert (await stranger("getDdasProfile", client=ours)).status == 404
    assert (await stranger("downloadDdas", campaign=rows.campaign, query=DAYS)).status == 404
