"""Listening in over HTTP: who may, what is asked for, what a refusal says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from dialer.api.errors import STATUS, TITLES
from dialer.domain.ids import AttemptId
from dialer.domain.listening import ListenMode, ListenPurpose
from dialer.services.access import Role
from dialer.services.listening import LISTEN_CODES
from dialer.services.messages import MESSAGE_CODES
from dialer.services.ports.desk import MessageView
from dialer.services.ports.ears import Supervisor
from tests.support.api import Centre, Visitor, as_user, centre
from tests.support.rows import Rows, add_rows


@pytest.fixture
async def api(dsn: str, tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(dsn, tmp_path / "spool") as built:
        yield built


@pytest.fixture
async def rows(api: Centre) -> Rows:
    return await add_rows(api.pool, await api.client("zoetermeer"), api.clock.now())


@pytest.fixture
async def boss(api: Centre) -> Visitor:
    return await api.person(Role.SUPERVISOR, login="mila")


async def test_a_supervisor_listens_whispers_and_stops(api: Centre, rows: Rows, boss: Visitor) -> None:
    attempt = AttemptId(rows.attempt)
    begun = await boss("startListening", attempt=attempt, json={"purpose": "complaint"})
    assert (begun.status, begun.json["name"], begun.json["purpose"], begun.json["hears"]) == (
        201, "Mila", "complaint", False,
    )  # fmt: skip
    turned = await boss("setListenMode", attempt=attempt, json={"mode": "whisper"})
    assert turned.json["mode"] == "whisper"
    assert (await boss("stopListening", attempt=attempt)).status == 204
    who = Supervisor(user=as_user(boss), name="Mila", client=None)
    assert api.ears.asked == [
        ("start", who, attempt, ListenPurpose.COMPLAINT),
        ("turn", who, attempt, ListenMode.WHISPER),
        ("stop", who, attempt),
    ]


async def test_a_purpose_is_needed_and_a_known_mode(api: Centre, rows: Rows, boss: Visitor) -> None:
    assert (await boss("startListening", attempt=rows.attempt, json={})).status == 422
    assert (await boss("startListening", attempt=rows.attempt, json={"purpose": "nieuwsgierig"})).status == 422
    assert (await boss("setListenMode", attempt=rows.attempt, json={"mode": "record"})).status == 422
    assert api.ears.asked == []


async def test_quality_hears_and_is_not_heard_and_agents_and_clients_do_neither(api: Centre, rows: Rows) -> None:
    quality = await api.person(Role.QUALITY)
    assert (await quality("startListening", attempt=rows.attempt, json={"purpose": "quality"})).status == 201
    assert (await quality("grantListenPhone")).json["secret"] == "geheim"
    assert (await quality("setListenMode", attempt=rows.attempt, json={"mode": "barge"})).status == 403
    for role in (Role.AGENT, Role.ADMINISTRATOR, Role.CLIENT):
        client = await api.client("delft") if role is Role.CLIENT else None
        other = await api.person(role, client=client)
        refused = await other("startListening", attempt=rows.attempt, json={"purpose": "quality"})
        assert refused.status == 403, role
        assert (await other("grantListenPhone")).status == 403


@pytest.mark.parametrize("code", sorted(LISTEN_CODES))
async def test_every_refusal_has_words(api: Centre, rows: Rows, boss: Visitor, code: str) -> None:
    api.ears.refusal = code
    refused = await boss("startListening", attempt=rows.attempt, json={"purpose": "help"})
    assert (refused.status, refused.code) == (409, code)
    assert STATUS[code] == 409
    assert code in TITLES


async def test_the_phone_to_listen_with_is_audited(api: Centre, boss: Visitor) -> None:
    await boss("grantListenPhone")
    assert ("grant_listener", as_user(boss)) in api.phones.asked
    assert await api.pool.fetchval("select count(*) from audit_event where action = 'device.grant'") == 1


async def test_a_message_goes_to_one_agent_who_reads_it(api: Centre, boss: Visitor) -> None:
    agent = await api.person(Role.AGENT)
    user = as_user(agent)
    words = MessageView(id=UUID(int=8), text="Kom even langs", sender="Mila", at=1.0)
    api.desk.put(user, state="available", unread=1, messages=(words,))
    sent = await boss("sendMessage", user=user, json={"text": " Kom even langs "})
    assert (sent.status, sent.json["unread"], sent.json["messages"]) == (200, 1, []), "the words are the agent's"
    assert api.messages.asked == [("send", user, "Kom even langs", "Mila", f"user:{as_user(boss)}")]
    mine = await agent("readMessage", json={"message": str(words.id)})
    assert [one["text"] for one in mine.json["messages"]] == ["Kom even langs"]
    assert api.messages.asked[-1] == ("read", user, words.id)
    forced = await boss("setAgentDuty", user=user, json={"duty": "pause", "reason": "meeting"})
    assert forced.json["messages"] == []
    why = "select detail ->> 'reason' from audit_event where action = 'agent.force'"
    assert await api.pool.fetchval(why) == "meeting"


async def test_a_message_has_words_and_is_refused_in_words(api: Centre, boss: Visitor) -> None:
    agent = await api.person(Role.AGENT)
    for text in ("", "   ", "x" * 201):
        assert (await boss("sendMessage", user=as_user(agent), json={"text": text})).status == 422
    assert (await agent("sendMessage", user=as_user(agent), json={"text": "Hallo"})).status == 403
    for code in MESSAGE_CODES:
        api.messages.refusal = code
        refused = await boss("sendMessage", user=as_user(agent), json={"text": "Hallo"})
        assert (refused.status, refused.code) == (409, code)
