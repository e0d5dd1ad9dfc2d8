"""Channels, messages and due results over HTTP, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.domain.ids import ClientId
from dialer.security.vault import MasterVault
from dialer.services.access import Role
from tests.support.api import Centre, centre
from tests.support.rows import add_rows

VAULT = MasterVault(bytes(range(32)))
URL = "https://zaak.voorbeeldstad.example/in"


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path) as built:
        yield built


async def town(api: Centre, slug: str = "zoetermeer") -> ClientId:
    client = await api.client(slug)
    await api.pool.execute("update client set wrapped_key = $2 where id = $1", client, VAULT.new_client_key(client))
    return client


async def test_a_channel_is_made_changed_and_its_secret_shown_once(api: Centre) -> None:
    client = await town(api)
    admin = await api.person(Role.ADMINISTRATOR)
    made = await admin("createChannel", client=client, json={"kind": "webhook", "name": "Zaaksysteem", "url": URL})
    assert made.status == 201
    secret, channel = made.json["secret"], made.json["channel"]
    assert secret.startswith("whsec_")
    listed = await admin("listChannels")
    assert secret not in listed.raw.decode()
    assert [(one["name"], one["has_secret"]) for one in listed.json["items"]] == [("Zaaksysteem", True)]
    tag = {"If-Match": '"1"'}
    changed = await admin("updateChannel", channel=channel["id"], headers=tag, json={"state": "paused"})
    assert (changed.status, changed.json["state"], changed.headers["ETag"]) == (200, "paused", '"2"')
    stale = await admin("updateChannel", channel=channel["id"], headers=tag, json={"state": "on"})
    assert stale.code == "changed-since"
    again = await admin("createChannel", client=client, json={"kind": "webhook", "name": "Zaaksysteem", "url": URL})
    assert again.status == 409
    wrong = await admin("createChannel", client=client, json={"kind": "webhook", "name": "X", "url": "http://x/"})
    assert (wrong.status, wrong.json["field"]) == (422, "url")


async def test_fields_of_a_register_have_usual_values(api: Centre) -> None:
    client = await town(api)
    admin = await api.person(Role.ADMINISTRATOR)
    body = {"kind": "klantinteracties", "name": "Register", "url": URL, "secret": "sleutel",
            "settings": {"kanaal": "Telefoon", "taal": "nld"}}  # fmt: skip
    made = await admin("createChannel", client=client, json=body)
    assert (made.status, made.json["secret"]) == (201, "")
    fields = {one["key"]: one for one in made.json["channel"]["fields"]}
    assert (fields["kanaal"]["value"], fields["kanaal"]["usual"]) == ("Telefoon", "telefoon")
    stored = await api.pool.fetchval("select settings::text from exchange_channel")
    assert "nld" not in stored  # what is usual is not kept
    unknown = await admin("createChannel", client=client, json={**body, "name": "Y", "settings": {"bedrag": "x"}})
    assert unknown.status == 422


async def test_a_client_sees_its_own_channels_and_messages_only(api: Centre) -> None:
    ours, theirs = await town(api), await town(api, "leiden")
    own = await add_rows(api.pool, ours, api.clock.now())
    other = await add_rows(api.pool, theirs, api.clock.now())
    visitor = await api.person(Role.CLIENT, ours)
    assert [one["id"] for one in (await visitor("listChannels")).json["items"]] == [str(own.channel)]
    found = await visitor("listMessages", query={"state": "waiting"})
    assert [one["id"] for one in found.json["items"]] == [str(own.message)]
    assert (await visitor("listMessages", query={"state": "waiting", "channel": str(other.channel)})).json[
        "items"
    ] == []
    assert (await visitor("resendMessage", message=own.message)).status == 409  # it is not dead
    assert (await visitor("getMessageContent", message=own.message)).status == 409  # nor ready
    assert (await visitor("listDueResults")).json == {"items": [], "total": 0, "late": 0}
