"""What residents are told of their appointments: the store, and who brings it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from dialer.domain.bookings import Meeting
from dialer.domain.exchange import MessageEvent, MessageState
from dialer.domain.ids import AttemptId, ClientId, DeliveryId
from dialer.domain.notices import NoticeKind, Via
from dialer.services.ports.exchange import Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One, with all that it tells. `tries` counts the one under way."""

    id: UUID
    root: UUID
    sequence: int
    attempt: AttemptId
    client: ClientId
    kind: NoticeKind
    state: MessageState
    created_at: datetime
    tries: int
    died: int  # so often, in a row, its sender died underway
    starts_at: datetime
    ends_at: datetime
    place: str
    meeting: Meeting
    neutral_name: str
    number: str  # on which the client's contact line is reached
    via: Via | None  # None: the address is gone
    client_key: bytes = field(repr=False)
    delivery: DeliveryId | None = None
    delivery_key: bytes | None = field(repr=False, default=None)
    sealed: bytes | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is sent: the same at each try. `calendar` is iCalendar, for those who can have it."""

    id: UUID
    sender: str
    subject: str
    text: str
    method: str  # REQUEST | CANCEL
    calendar: str


class Post(Protocol):
    """Brings letters one way. Faults come back as receipts; it raises nothing of the network's."""

    async def send(self, to: str, letter: Letter) -> Receipt:
        """The same letter again has the same id."""
        ...


class NoticeStore(Protocol):
    """Notices."""

    async def lease(self, owner: str, seconds: float) -> bool:
        """Whether this process alone sends now. Renews."""
        ...

    async def unlease(self, owner: str) -> None:
        """Somebody else may."""
        ...

    async def claim(self, at: datetime) -> Notice | None:
        """The next that is due and behind none of its appointment's; it is `sending` now, its try counted.

        One that nobody has seen is superseded by the next of its appointment; that an appointment is off is told only
        to who was told that it is on.
        """
        ...

    async def settle(
        self, notice: Notice, event: MessageEvent, at: datetime, *, due_at: datetime | None = None, error: str = ""
    ) -> bool:
        """Move it on. False: it is not where `notice` says any more."""
        ...

    async def resend(self, booking: UUID, at: datetime) -> bool:
        """What was given up is sent again. False: nothing was."""
        ...

    async def forget(self, before: datetime) -> int:
        """Addresses of appointments that were over before this; how many."""
        ...
