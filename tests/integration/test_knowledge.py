"""Knowledge cards over HTTP: written, approved by the client, shown to the client's agents while they are valid."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dialer.services.access import Role
from tests.support.api import Centre, Visitor, as_user, centre
from tests.support.rows import Rows, add_rows

CARD = {
    "title": "Kwijtschelding",
    "text": "Bel 14 079.\nOf ga langs.",
    "valid_from": "2026-03-02",
    "valid_to": "2026-03-03",
}


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path / "spool") as built:
        yield built


class Shelf:
    def __init__(self, api: Centre, rows: Rows) -> None:
        self.api, self.rows = api, rows

    async def fill(self) -> Shelf:
        self.boss = await self.api.person(Role.SUPERVISOR)
        self.client = await self.api.person(Role.CLIENT, self.rows.client)
        self.agent = await self.api.person(Role.AGENT)
        self.api.desk.put(as_user(self.agent), state="talking", attempt=self.rows.attempt)
        return self

    async def add(self, **more: Any) -> Any:
        return await self.boss("addKnowledge", json={"client": str(self.rows.client), **CARD, **more})

    async def decide(self, card: Any, decision: str = "approved", who: Visitor | None = None, note: str = "") -> Any:
        tag = {"If-Match": f'"{card["version"]}"'}
        body = {"decision": decision, "note": note}
        return await (who or self.client)("decideKnowledge", knowledge=card["id"], json=body, headers=tag)

    async def change(self, card: Any, version: int | None = None, **more: Any) -> Any:
        tag = {"If-Match": f'"{version or card["version"]}"'}
        return await self.boss("changeKnowledge", knowledge=card["id"], json={**CARD, **more}, headers=tag)

    async def shown(self) -> list[str]:
        answer = await self.agent("getCallKnowledge", attempt=self.rows.attempt)
        return [card["title"] for card in answer.json["items"]]


@pytest.fixture
async def shelf(api: Centre) -> Shelf:
    rows = await add_rows(api.pool, await api.client("zoetermeer"), api.clock.now())
    return await Shelf(api, rows).fill()


async def test_agents_see_a_card_once_it_is_approved_and_while_it_is_valid(shelf: Shelf) -> None:
    card = (await shelf.add()).json
    assert (card["state"], card["shown"]) == ("waiting", None)
    assert await shelf.shown() == []
    assert (await shelf.decide(card)).json["state"] == "approved"
    assert await shelf.shown() == ["Kwijtschelding"]
    service = shelf.api.deps.knowledge  # a session does not last as long as a card
    shelf.api.clock.forward(days=1)
    assert len(await service.shown(shelf.rows.attempt)) == 1  # its last day
    shelf.api.clock.forward(days=1)
    assert await service.shown(shelf.rows.attempt) == []


async def test_until_a_change_is_approved_agents_see_what_was(shelf: Shelf) -> None:
    card = (await shelf.add(valid_to=None)).json
    await shelf.decide(card)
    changed = (await shelf.change(card, title="Nieuw")).json
    assert (changed["version"], changed["state"], changed["shown"]) == (2, "waiting", 1)
    assert await shelf.shown() == ["Kwijtschelding"]
    assert (await shelf.decide(card)).code == "script-decided"  # of what nobody has before him any more
    assert (await shelf.decide(changed, "refused")).status == 422
    assert (await shelf.decide(changed, "refused", note="te vaag")).json["decided_note"] == "te vaag"
    assert await shelf.shown() == ["Kwijtschelding"]
    assert (await shelf.change(card, version=1, title="Later")).code == "changed-since"


async def test_only_the_client_decides_and_only_its_agents_see(shelf: Shelf) -> None:
    card = (await shelf.add()).json
    assert (await shelf.decide(card, who=shelf.boss)).status == 403
    stranger = await shelf.api.person(Role.CLIENT, await shelf.api.client("leiden"))
    assert (await shelf.decide(card, who=stranger)).status == 404
    assert (await stranger("listKnowledge")).json["items"] == []
    await shelf.decide(card)
    other = await add_rows(shelf.api.pool, await shelf.api.client("delft"), shelf.api.clock.now())
    shelf.api.desk.put(as_user(shelf.agent), attempt=other.attempt)
    answer = await shelf.agent("getCallKnowledge", attempt=other.attempt)
    assert answer.json["items"] == []
    assert (await shelf.agent("getCallKnowledge", attempt=shelf.rows.attempt)).status == 404
    names = {card["by"] for card in (await shelf.client("listKnowledge")).json["items"]}
    assert names == {""}
    acts = await shelf.api.pool.fetch("select action from audit_event where action like 'knowledge%' order by id")
    assert [row["action"] for row in acts] == ["knowledge.write", "knowledge.decide"]


@pytest.mark.parametrize("wrong", [{"title": " "}, {"text": "\x07"}, {"valid_to": "2026-03-01"}])
async def test_what_is_no_card(shelf: Shelf, wrong: dict[str, str]) -> None:
    assert (await shelf.add(**wrong)).status == 422
    assert (await shelf.add(client=str(shelf.api.new_id()))).status == 404
