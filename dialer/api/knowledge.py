"""Knowledge cards: written, approved, shown."""

from __future__ import annotations

from datetime import date

from aiohttp import web

from dialer.api.attempts import mine
from dialer.api.call import ApiCall, Handlers, answer
from dialer.domain.ids import ClientId
from dialer.services.ports.knowledge import CardText, KnowledgeCard


def _text(call: ApiCall) -> CardText:
    ends = call.body.get("valid_to")
    return CardText(
        title=call.body["title"],
        text=call.body["text"],
        valid_from=date.fromisoformat(call.body["valid_from"]),
        valid_to=None if ends is None else date.fromisoformat(ends),
    )


def _card(card: KnowledgeCard, status: int = 200) -> web.Response:
    return answer(card, status, version=card.version)


async def list_knowledge(call: ApiCall) -> web.StreamResponse:
    """By title."""
    return answer({"items": await call.deps.knowledge.cards(call.client)})


async def add_knowledge(call: ApiCall) -> web.StreamResponse:
    """Waits for the client."""
    client = ClientId(call.required_uuid("client"))
    principal = call.principal
    return _card(await call.deps.knowledge.add(client, _text(call), actor=principal.actor, user=principal.user), 201)


async def change_knowledge(call: ApiCall) -> web.StreamResponse:
    """A new version."""
    card = await call.deps.knowledge.change(
        call.path["knowledge"],
        call.required_version,
        _text(call),
        actor=call.principal.actor,
        user=call.principal.user,
    )
    return _card(card)


async def decide_knowledge(call: ApiCall) -> web.StreamResponse:
    """By a person of the client."""
    card = await call.deps.knowledge.decide(
        call.path["knowledge"],
        call.required_version,
        call.body["decision"],
        call.body.get("note", ""),
        client=call.client,
        actor=call.principal.actor,
        user=call.user,
    )
    return _card(card)


async def get_call_knowledge(call: ApiCall) -> web.StreamResponse:
    """What is approved and valid today."""
    attempt, _ = mine(call)
    return answer({"items": await call.deps.knowledge.shown(attempt)})


HANDLERS: Handlers = {
    "listKnowledge": list_knowledge,
    "addKnowledge": add_knowledge,
    "changeKnowledge": change_knowledge,
    "decideKnowledge": decide_knowledge,
    "getCallKnowledge": get_call_knowledge,
}
