"""Tariffs, what is to be billed, and bills. `storage/` implements the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from dialer.domain.billing import Origin, Tariff, Totals
from dialer.domain.ids import CaseId, ClientId, DeliveryId


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexUsed:
    """The index behind a tariff. `exact`: the price before it was rounded."""

    source: str
    before: Decimal
    after: Decimal
    exact: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffLine:
    """A tariff as agreed."""

    tariff: Tariff
    note: str
    index: IndexUsed | None
    set_at: datetime
    set_by: str  # as the audit names it


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """A record on a bill, or one that is to be billed. No personal data: the client's references only."""

    case: CaseId
    delivery: DeliveryId
    turn: int
    client_ref: str
    signal_refs: Sequence[str]
    origin: Origin
    day: date
    price: Decimal
    vat_percent: Decimal
    sign: int = 1
    bill: UUID | None = None  # that it stands on


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record that no bill has."""

    case: CaseId
    delivery: DeliveryId
    turn: int
    client_ref: str
    signal_refs: Sequence[str]
    origin: Origin
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A bill, or with `credits` a credit note."""

    id: UUID
    client: ClientId
    client_name: str
    month: date
    number: str
    sequence: int
    credits: UUID | None
    credits_number: str
    reason: str
    records: int
    net: Decimal
    vat: Mapping[Decimal, Decimal]
    gross: Decimal
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """All that a reckoning needs, of one moment, with nobody else at the client's books."""

    slug: str
    tariffs: Sequence[Tariff]
    closed: Sequence[date]
    sequence: int  # the last that was used
    records: Sequence[Record]  # delivered before the end of the month, on no bill
    stale: Sequence[BillLine]  # billed, and not callable any more


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBill:
    """To be kept."""

    id: UUID
    month: date
    number: str
    sequence: int
    credits: UUID | None
    reason: str
    totals: Totals
    lines: Sequence[BillLine]


Reckon = Callable[[Books], Sequence[NewBill]]


class BillingStore(Protocol):
    """Only adds."""

    async def tariffs(self, client: ClientId) -> Sequence[TariffLine]:
        """The newest first. Raises NotFoundError for a client that does not exist."""
        ...

    async def set_tariff(self, client: ClientId, line: TariffLine) -> None:
        """Audited. Raises ConflictError when a month that was closed would have had it."""
        ...

    async def books(self, client: ClientId, until: datetime) -> Books:
        """To look at only."""
        ...

    async def reckon(
        self, client: ClientId, until: datetime, reckon: Reckon, *, at: datetime, actor: str
    ) -> Sequence[UUID]:
        """Bills that `reckon` makes of the books, in one transaction; one at a time for a client. Audited."""
        ...

    async def bills(self, client: ClientId | None) -> Sequence[Bill]:
        """The newest first."""
        ...

    async def bill(self, bill: UUID) -> Bill:
        """Raises NotFoundError."""
        ...

    async def lines(self, bill: UUID) -> Sequence[BillLine]:
        """In order."""
        ...

    async def open_lines(self, bill: UUID) -> Sequence[BillLine]:
        """Lines of a bill that no credit note took back."""
        ...

    async def with_tariff(self) -> Sequence[ClientId]:
        """Clients that have a tariff."""
        ...
