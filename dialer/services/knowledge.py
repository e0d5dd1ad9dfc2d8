"""Knowledge cards: written by supervisors, approved by the client, shown beside the script while they are valid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from dialer.domain.errors import ChangedSinceError, ForbiddenError, InvalidError
from dialer.domain.ids import AttemptId, ClientId, UserId
from dialer.schedule.windows import local_date
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.knowledge import CardText, KnowledgeCard, KnowledgeStore, ShownCard
from dialer.services.ports.scripts import Act
from dialer.services.scripts import ScriptDecidedError

_LONGEST_TITLE, _LONGEST_TEXT = 80, 4000


class KnowledgeService:
    """Use cases."""

    def __init__(self, store: KnowledgeStore, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    async def cards(self, client: ClientId | None) -> Sequence[KnowledgeCard]:
        """Every card as it was last written; our people's names are not for clients."""
        found = await self._store.cards(client)
        return found if client is None else [replace(card, by="") for card in found]

    async def add(self, client: ClientId, text: CardText, *, actor: str, user: UserId | None) -> KnowledgeCard:
        """Raises InvalidError, NotFoundError."""
        card = self._ids.new()
        await self._store.add(card, client, _checked(text), self._act(actor, user))
        return await self._store.card(card)

    async def change(
        self, card: UUID, version: int, text: CardText, *, actor: str, user: UserId | None
    ) -> KnowledgeCard:
        """A new version; agents see the approved one until it is approved. Raises InvalidError, ChangedSinceError."""
        if not await self._store.change(card, version, _checked(text), self._act(actor, user)):
            raise ChangedSinceError("iemand anders heeft de kaart gewijzigd")
        return await self._store.card(card)

    async def decide(
        self, card: UUID, version: int, decision: str, note: str, *, client: ClientId | None, actor: str, user: UserId
    ) -> KnowledgeCard:
        """The client's own person approves or refuses. Raises ForbiddenError, InvalidError, ScriptDecidedError."""
        if client is None or (await self._store.card(card)).client != client:
            raise ForbiddenError("the client decides")
        if decision == "refused" and not note.strip():
            raise InvalidError("say what should change", "note")
        if not await self._store.decide(card, version, decision, note.strip(), self._act(actor, user)):
            raise ScriptDecidedError("there is a newer version, or it was decided")
        return replace(await self._store.card(card), by="")

    async def shown(self, attempt: AttemptId) -> Sequence[ShownCard]:
        """For the agent of this call, today."""
        return await self._store.shown(attempt, local_date(self._clock.now()))

    def _act(self, actor: str, user: UserId | None) -> Act:
        return Act(actor=actor, user=user, at=self._clock.now())


def _checked(text: CardText) -> CardText:
    cleaned = replace(text, title=text.title.strip(), text=text.text.strip())
    for name, value, longest in (("title", cleaned.title, _LONGEST_TITLE), ("text", cleaned.text, _LONGEST_TEXT)):
        if not value or len(value) > longest or not value.replace("\n", " ").isprintable():
            raise InvalidError(f"1 to {longest} printable characters", name)
    if cleaned.valid_to is not None and cleaned.valid_to < cleaned.valid_from:
        raise InvalidError("ends before it begins", "valid_to")
    return cleaned
