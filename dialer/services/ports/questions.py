"""Questions about single cases, between the client's people and our supervisors. Times are calendar time, aware UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from dialer.domain.ids import CampaignId, CaseId, ClientId, DeliveryId, UserId
from dialer.domain.question import QuestionState, Side
from dialer.services.ports.case_keys import CaseKeys
from dialer.services.ports.people import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionLine:
    """A thread, without its words. `unread`: by the side that asks."""

    case: CaseId
    client: ClientId
    campaign: CampaignId
    state: QuestionState
    opened_at: datetime
    changed_at: datetime
    messages: int
    unread: int
    client_refs: Sequence[str]
    case_state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """A message as stored; `text` None: erased."""

    id: UUID
    number: int
    side: Side
    at: datetime
    by: str
    text: Box | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """What somebody writes."""

    id: UUID
    case: CaseId
    side: Side
    at: datetime
    actor: str
    user: UserId
    delivery: DeliveryId
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionCounts:
    """Threads of one client, or of all. `unread`: threads in which the side that asks has something to read."""

    open: int
    answered: int
    unread: int


class QuestionStore(Protocol):
    """One method is one transaction; every change leaves its audit line in it. `side` is who asks."""

    async def lines(
        self,
        client: ClientId | None,
        side: Side,
        state: QuestionState | None,
        after: tuple[datetime, UUID] | None,
        limit: int,
    ) -> Sequence[QuestionLine]:
        """The latest changed first; `after` is the change and case that the page before ended with."""
        ...

    async def line(self, case: CaseId, side: Side) -> QuestionLine | None:
        """None: nobody has asked anything."""
        ...

    async def messages(self, case: CaseId) -> Sequence[MessageRow]:
        """The oldest first."""
        ...

    async def counts(self, client: ClientId | None, side: Side) -> QuestionCounts:
        """How many wait."""
        ...

    async def keys(self, case: CaseId) -> CaseKeys:
        """Raises NotFoundError."""
        ...

    async def write(self, message: NewMessage) -> None:
        """The thread goes to the other side; its writer has read all. Raises NotFoundError, ThreadFullError."""
        ...

    async def read(self, case: CaseId, side: Side, number: int) -> None:
        """Read up to `number`; never back."""
        ...

    async def close(self, case: CaseId, at: datetime, actor: str) -> None:
        """Twice is once. Raises NotFoundError when nobody has asked anything."""
        ...
