"""Bills: frozen at the month's close, added to by credit notes, and proved record by record."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from dialer.domain.billing import (
    BilledError,
    Charge,
    NoTariffError,
    Tariff,
    Totals,
    check_close,
    check_tariff,
    first_of_month,
    indexed,
    next_month,
    number_of,
    tariff_on,
    totals,
)
from dialer.domain.errors import ConflictError, InvalidError
from dialer.domain.ids import ClientId
from dialer.schedule.windows import at_local, local_date
from dialer.services.bill_papers import bill_paper, proof_table
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.billing import (
    Bill,
    BillingStore,
    BillLine,
    Books,
    IndexUsed,
    NewBill,
    TariffLine,
)
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.export import Table
from dialer.services.ports.people import Viewer
from dialer.services.ports.report_files import LogoStore, ReportWriter
from dialer.services.viewing import check_scope, noted

log = logging.getLogger(__name__)

FORMATS = ("csv", "xlsx", "pdf")
STALE = "achteraf niet belbaar, of teruggehaald"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a month would cost if it were closed now. `credited`: records that would be taken back."""

    month: date
    closable: bool
    totals: Totals
    credited: int


class Billing:
    """Use cases, and the job."""

    def __init__(
        self, *, store: BillingStore, logos: LogoStore, writer: ReportWriter, tables: Callable[[Table, str], bytes],
        audit: AuditLog, clock: Clock, ids: Ids,
    ) -> None:  # fmt: skip
        """`tables` makes a CSV or a spreadsheet of which no cell is executed."""
        self._store = store
        self._logos = logos
        self._writer = writer
        self._tables = tables
        self._audit = audit
        self._clock = clock
        self._ids = ids

    # -- tariffs ------------------------------------------------------------------------------------------

    async def tariffs(self, client: ClientId, viewer: Viewer) -> Sequence[TariffLine]:
        """The newest first. Raises NotFoundError."""
        check_scope(viewer, client)
        return await self._store.tariffs(client)

    async def set_tariff(self, client: ClientId, tariff: Tariff, note: str, viewer: Viewer) -> None:
        """From a day on; in the place of one of the same day. Raises InvalidError, ConflictError."""
        check_scope(viewer, client)
        check_tariff(tariff)
        line = TariffLine(tariff=tariff, note=note.strip(), index=None, set_at=self._clock.now(), set_by=viewer.actor)
        await self._store.set_tariff(client, line)

    async def index(
        self, client: ClientId, year: int, before: Decimal, after: Decimal, source: str, viewer: Viewer
    ) -> TariffLine:
        """The tariff of 1 January of `year`: that of the day before, times `after` / `before`.

        Raises InvalidError, ConflictError, NoTariffError.
        """
        check_scope(viewer, client)
        if not source.strip():
            raise InvalidError("welk indexcijfer, van welke maand", "source")
        day = date(year, 1, 1)
        known = [one.tariff for one in await self._store.tariffs(client) if one.tariff.valid_from < day]
        old = tariff_on(known, day)
        new = indexed(old.price, before, after)
        tariff = Tariff(valid_from=day, price=new.price, vat_percent=old.vat_percent)
        check_tariff(tariff)
        line = TariffLine(
            tariff=tariff,
            note="",
            index=IndexUsed(source=source.strip(), before=before, after=after, exact=new.exact),
            set_at=self._clock.now(),
            set_by=viewer.actor,
        )
        await self._store.set_tariff(client, line)
        return line

    # -- months -------------------------------------------------------------------------------------------

    async def draft(self, client: ClientId, month: date, viewer: Viewer) -> Draft:
        """What closing it now would bill. Raises NotFoundError, NoTariffError."""
        check_scope(viewer, client)
        books = await self._store.books(client, _end(month))
        try:
            check_close(month, local_date(self._clock.now()), books.closed)
            closable = True
        except ConflictError:
            closable = False
        charged = totals(_charges(_billed(books)))
        return Draft(month=month, closable=closable, totals=charged, credited=len(books.stale))

    async def close(self, client: ClientId, month: date, viewer: Viewer) -> Sequence[UUID]:
        """Freeze a month: its bill, and credit notes for records that were billed before and are not callable.

        Raises NotFoundError, InvalidError, ConflictError, NoTariffError.
        """
        check_scope(viewer, client)
        now = self._clock.now()

        def reckon(books: Books) -> Sequence[NewBill]:
            check_close(month, local_date(now), books.closed)
            lines = _billed(books)
            made = [self._new(books, month, books.sequence + 1, lines)]
            for bill in sorted({one.bill for one in books.stale if one.bill is not None}, key=str):
                back = [replace(one, sign=-1) for one in books.stale if one.bill == bill]
                made.append(self._new(books, month, books.sequence + 1 + len(made), back, credits=bill, reason=STALE))
            return made

        return await self._store.reckon(client, _end(month), reckon, at=now, actor=viewer.actor)

    async def credit(self, bill: UUID, references: Sequence[str] | None, reason: str, viewer: Viewer) -> UUID:
        """A credit note for records of a bill, by the client's references; None: for all that stand.

        Raises NotFoundError, InvalidError for a reference that is not on it, ConflictError.
        """
        known = await self.bill(bill, viewer)
        if known.credits is not None:
            raise BilledError("a credit note is not credited")
        if not reason.strip():
            raise InvalidError("geef een reden", "reason")
        month = first_of_month(local_date(self._clock.now()))
        stand = await self._store.open_lines(bill)
        chosen = [one for one in stand if references is None or one.client_ref in references]
        missing = set(references or ()) - {one.client_ref for one in chosen}
        if missing or not chosen:
            raise InvalidError("een kenmerk dat niet (meer) op deze factuur staat", "references")

        def reckon(books: Books) -> Sequence[NewBill]:
            back = [replace(one, sign=-1) for one in chosen]
            return [self._new(books, month, books.sequence + 1, back, credits=bill, reason=reason.strip())]

        now = self._clock.now()
        (made,) = await self._store.reckon(known.client, now, reckon, at=now, actor=viewer.actor)
        return made

    async def tend(self) -> int:
        """Job: last month of each client that has a tariff, if it is not closed yet. How many were."""
        month = first_of_month(local_date(self._clock.now()))
        last = first_of_month(date.fromordinal(month.toordinal() - 1))
        closed = 0
        for client in await self._store.with_tariff():
            try:
                await self.close(client, last, _ENGINE)
            except NoTariffError:
                log.warning("month not closed: no tariff client=%s month=%s", client, last)
            except ConflictError:  # closed already
                continue
            else:
                closed += 1
        return closed

    # -- bills --------------------------------------------------------------------------------------------

    async def bills(self, client: ClientId | None, viewer: Viewer) -> Sequence[Bill]:
        """The newest first; a viewer of one client sees its own."""
        return await self._store.bills(viewer.client if viewer.client is not None else client)

    async def bill(self, bill: UUID, viewer: Viewer) -> Bill:
        """Raises NotFoundError."""
        found = await self._store.bill(bill)
        check_scope(viewer, found.client)
        return found

    async def file(self, bill: UUID, format_: str, viewer: Viewer) -> tuple[bytes, str]:
        """(The bill as a PDF, or its proof list as a table; its number). Audited. Raises InvalidError."""
        if format_ not in FORMATS:
            raise InvalidError("csv, xlsx of pdf", "format")
        found = await self.bill(bill, viewer)
        lines = await self._store.lines(bill)
        await noted(self._audit, viewer, "bill.file", "bill", bill, found.client, {"format": format_})
        if format_ == "pdf":
            logo = await self._logos.logo(found.client)
            charged = totals(_charges(lines))
            paper = bill_paper(found, charged, lines, logo, viewer.language)
            return await asyncio.to_thread(self._writer.write, paper, format_), found.number
        return await asyncio.to_thread(self._tables, proof_table(lines, viewer.language), format_), found.number

    # -- helpers ------------------------------------------------------------------------------------------

    def _new(
        self, books: Books, month: date, sequence: int, lines: Sequence[BillLine], *, credits: UUID | None = None,
        reason: str = "",
    ) -> NewBill:  # fmt: skip
        return NewBill(
            id=self._ids.new(),
            month=month,
            number=number_of(month, sequence, books.slug),
            sequence=sequence,
            credits=credits,
            reason=reason,
            totals=totals(_charges(lines)),
            lines=lines,
        )


_ENGINE = Viewer(actor="engine", user=None, role="operator", client=None)


def _end(month: date) -> datetime:
    """The moment at which a month of Amsterdam is over."""
    return at_local(next_month(month), time(0))


def _billed(books: Books) -> Sequence[BillLine]:
    lines = []
    for record in books.records:
        day = local_date(record.at)
        tariff = tariff_on(books.tariffs, day)
        lines.append(
            BillLine(
                case=record.case,
                delivery=record.delivery,
                turn=record.turn,
                client_ref=record.client_ref,
                signal_refs=record.signal_refs,
                origin=record.origin,
                day=day,
                price=tariff.price,
                vat_percent=tariff.vat_percent,
            )
        )
    return lines


def _charges(lines: Iterable[BillLine]) -> Iterable[Charge]:
    return (Charge(price=one.price, vat_percent=one.vat_percent, sign=one.sign) for one in lines)
