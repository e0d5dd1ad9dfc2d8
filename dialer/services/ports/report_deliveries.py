"""Regular reports on their way to the client. Times are calendar time, aware UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from dialer.domain.exchange import MessageEvent, MessageState
from dialer.domain.ids import ClientId
from dialer.services.ports.exchange import Receipt


class ReportWay(StrEnum):
    """How a report goes."""

    MAIL = "mail"
    OUTLET = "outlet"  # where the client's result files go


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDelivery:
    """One report on one way, with its receipt. `tries` counts the one under way. The address stays in its box."""

    id: UUID
    schedule: UUID
    report: UUID
    client: ClientId
    client_name: str
    way: ReportWay
    format: str  # pdf | xlsx
    first_day: date
    last_day: date
    state: MessageState
    created_at: datetime
    due_at: datetime
    tries: int
    error: str
    content_hash: bytes | None
    size: int | None
    done_at: datetime | None
    died: int = 0  # so often, in a row, whoever sent it died underway
    outlet: UUID | None = None
    client_key: bytes = field(repr=False, default=b"")
    sealed_to: bytes | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLetter:
    """A mail with a file. The same at each try."""

    id: UUID
    sender: str
    subject: str
    text: str
    name: str
    media_type: str
    content: bytes = field(repr=False)


class FilePost(Protocol):
    """Brings mail with a file. Faults come back as receipts."""

    async def send_file(self, to: str, letter: FileLetter) -> Receipt:
        """The same letter again has the same id."""
        ...


class ReportDeliveryStore(Protocol):
    """What is on its way, and the receipts."""

    async def lease(self, owner: str, seconds: float) -> bool:
        """Whether this process alone sends now."""
        ...

    async def unlease(self, owner: str) -> None:
        """Somebody else may."""
        ...

    async def due(self, at: datetime) -> ReportDelivery | None:
        """The next, taken: its try counts. One that its sender died with is taken again."""
        ...

    async def made(self, delivery: UUID, content_hash: bytes, size: int) -> None:
        """What this try sends."""
        ...

    async def settle(
        self, delivery: ReportDelivery, event: MessageEvent, at: datetime, *, due_at: datetime | None = None,
        error: str = "",
    ) -> bool:  # fmt: skip
        """By state and number of the try. False: somebody was first."""
        ...

    async def deliveries(self, client: ClientId | None, limit: int) -> Sequence[ReportDelivery]:
        """The newest first."""
        ...

    async def delivery(self, delivery: UUID) -> ReportDelivery:
        """Raises NotFoundError."""
        ...

    async def dead(self) -> Sequence[tuple[UUID, int]]:
        """By schedule: how many were given up. Schedules without one too."""
        ...
