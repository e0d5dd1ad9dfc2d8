"""Knowledge cards: short texts of a client for its agents, dated and approved, in versions that never change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from dialer.domain.ids import AttemptId, ClientId
from dialer.services.ports.scripts import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class CardText:
    """What a card says, and from when to when (dates in Amsterdam, both included; None: without end)."""

    title: str
    text: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeCard:
    """A card's newest version, and which one agents see."""

    id: UUID
    client: ClientId
    version: int
    title: str
    text: str
    valid_from: date
    valid_to: date | None
    at: datetime
    by: str
    state: str  # waiting | approved | refused
    decided_note: str
    shown: int | None  # the version that agents see while it is valid: the newest approved one


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCard:
    """What an agent reads."""

    id: UUID
    title: str
    text: str


class KnowledgeStore(Protocol):
    """One method is one transaction. Every change leaves its audit line in it."""

    async def cards(self, client: ClientId | None) -> Sequence[KnowledgeCard]:
        """This client's (None: everybody's), by title."""
        ...

    async def card(self, card: UUID) -> KnowledgeCard:
        """Raises NotFoundError."""
        ...

    async def add(self, card: UUID, client: ClientId, text: CardText, act: Act) -> None:
        """Raises NotFoundError without such a client."""
        ...

    async def change(self, card: UUID, version: int, text: CardText, act: Act) -> bool:
        """A new version; False when `version` is not the newest."""
        ...

    async def decide(self, card: UUID, version: int, decision: str, note: str, act: Act) -> bool:
        """False when it is not the newest, or was decided already."""
        ...

    async def shown(self, attempt: AttemptId, day: date) -> Sequence[ShownCard]:
        """The approved cards of the call's client that are valid on `day`, by title."""
        ...
