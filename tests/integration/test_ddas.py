"""The national exchange: a version for each client, and nothing that does not fit it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from dialer.domain.errors import InvalidError, NotFoundError
from dialer.domain.ids import ClientId
from dialer.exchange.ddas import VERSIONS, complaints, document
from dialer.services.ddas import Ddas
from dialer.services.ports.people import Viewer
from dialer.storage.ddas import PgDdas
from tests.support.exchange import Exchange, exchange
from tests.support.intake import VAULT

DAY = date(2026, 3, 2)
PROFILE = {"municipality": "0637", "supplier": "LEV", "organisation": "Gemeente Voorbeeldstad"}


@pytest.fixture
async def e(dsn: str, tmp_path: Path) -> AsyncIterator[Exchange]:
    async with exchange(dsn, tmp_path) as built:
        yield built


def ddas(e: Exchange, **other: Any) -> Ddas:
    parts = {"document": document, "complaints": complaints, **other}
    return Ddas(store=PgDdas(e.w.pool), versions=VERSIONS, vault=VAULT, audit=e.w.audit, clock=e.w.clock, **parts)


async def delivered(e: Exchange, version: str) -> dict[str, Any]:
    await ddas(e).set_profile(e.w.client, {**PROFILE, "version": version}, e.w.viewer)
    raw, count = await ddas(e).delivery(e.w.campaign, DAY, DAY, e.w.viewer)
    found: dict[str, Any] = json.loads(raw)
    assert count == len(found["leveringen"][0]["vroegsignalen"])
    return found


@pytest.mark.parametrize(
    ("version", "organisation", "taken_up", "person", "status"),
    [
        ("1.0", "aanleverende_organisatie", "datum_opgepakt", {"Postcode": "2711AB", "Huisnummer": "12"}, None),
        ("1.2", "aanleverendeOrganisatie", "datumOpgepakt", {"postcode": "2711AB", "huisnummer": "12"}, "Opgepakt"),
    ],
)
async def test_each_version_has_its_own_names(
    e: Exchange, version: str, organisation: str, taken_up: str, person: dict[str, str], status: str | None
) -> None:
    await e.conversation()
    found = await delivered(e, version)
    [delivery] = found["leveringen"]
    assert (delivery["gemeentecode"], delivery[organisation]["naam"]) == ("0637", "Gemeente Voorbeeldstad")
    first = delivery["vroegsignalen"][0]
    assert (first["ID"], first["bedrag"], first["client"], first.get("status")) == ("S-1", 311, person, status)
    case = next(one for one in delivery["vroegsignaalzaken"] if one["vroegsignalen"][0]["ID"] == "S-1")
    assert case["vroegsignalen"] == [{"ID": "S-1"}, {"ID": "S-2"}]
    assert case["resultaat"] == "Vervolghulp en/of verwijzing financieel"
    assert case[taken_up] == "2026-03-02"
    assert case["contactpogingen"] == [
        {"soort": "Telefoon", "bereikt": True, "datum": "2026-03-02", "dagdeel": "Ochtend"}
    ]
    assert "Berg" not in json.dumps(found)
    other = next(one for one in VERSIONS if one != version)
    assert complaints(found, version) == []
    assert complaints(found, other) != []


async def test_a_document_that_does_not_fit_does_not_leave(e: Exchange) -> None:
    await ddas(e).set_profile(e.w.client, {**PROFILE, "version": "1.2"}, e.w.viewer)
    strange = ddas(e, document=lambda *parts: {**document(*parts), "verzonnen": 1})
    with pytest.raises(InvalidError, match=r"1\.2"):
        await strange.delivery(e.w.campaign, DAY, DAY, e.w.viewer)
    assert await e.w.one("select count(*) from audit_event where action = 'ddas.delivery'") == 0


async def test_profiles_are_checked_and_a_client_has_its_own(e: Exchange) -> None:
    with pytest.raises(InvalidError, match="not set"):
        await ddas(e).delivery(e.w.campaign, DAY, DAY, e.w.viewer)
    for wrong in ({"version": "9"}, {"municipality": "x"}, {"bedrag": "1"}):
        with pytest.raises(InvalidError):
            await ddas(e).set_profile(e.w.client, {**PROFILE, "version": "1.2", **wrong}, e.w.viewer)
    stranger = Viewer(actor="x", user=None, role="client", client=ClientId(UUID(int=9)))
    with pytest.raises(NotFoundError):
        await ddas(e).delivery(e.w.campaign, DAY, DAY, stranger)


async def test_another_period_and_erased_data_are_left_out(e: Exchange) -> None:
    await ddas(e).set_profile(e.w.client, {**PROFILE, "version": "1.2"}, e.w.viewer)
    later = date(2026, 3, 3)
    assert (await ddas(e).delivery(e.w.campaign, later, later, e.w.viewer))[1] == 0
    await e.w.pool.execute("update delivery set wrapped_key = null")
    assert (await ddas(e).delivery(e.w.campaign, DAY, DAY, e.w.viewer))[1] == 0
