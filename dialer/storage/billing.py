"""Tariffs and bills in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from dialer.domain.billing import BilledError, Origin, Tariff
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import CaseId, ClientId, DeliveryId
from dialer.services.ports.billing import Bill, BillLine, Books, IndexUsed, NewBill, Reckon, Record, TariffLine
from dialer.storage.audit import record_audit
from dialer.storage.connection import Connection
from dialer.storage.pool import store

# Callable as reports have it (storage.reports), of a case `f`: it was ever open, is not withdrawn before any call of
# ours, and did not turn out to be nobody's to call. Whoever counts callable residents counts by this.
CALLABLE = """
f.state not in ('merged','recalled') and f.outcome is distinct from 'NOT_CALLABLE'
and (f.state in ('open','reached','not_reached')
     or exists (select 1 from report_case t
                 where t.case_id = f.id and t.state in ('open','reached','not_reached')))
and not (f.state = 'withdrawn' and not exists (select 1 from attempt a where a.case_id = f.id and a.counted))
"""
# How often a case stands on bills: once, or not at all once it was taken back.
STANDS = "(select coalesce(sum(b.sign), 0) from bill_line b where b.case_id = f.id)"
SQL_BILLABLE = f"""
select f.id as case_id, f.delivery_id, f.opened_at, s.client_ref, s.signal_refs,
       (select coalesce(max(b.turn), 0) + 1 from bill_line b where b.case_id = f.id) as turn,
       exists (select 1 from attempt i
                where i.case_id = f.id and i.direction = 'in' and i.joined_at is not null
                  and not exists (select 1 from attempt a
                                   where a.case_id = f.id and a.counted and a.claimed_at < i.joined_at)) as called_us
  from case_file f
  cross join lateral (select min(s.client_ref) as client_ref,
                             array_agg(s.signal_ref order by s.signal_ref) as signal_refs
                        from signal s where s.case_id = f.id and not s.recalled) s
 where f.client_id = $1 and f.opened_at < $2 and s.client_ref is not null and {CALLABLE} and {STANDS} = 0
 order by f.opened_at, f.id
"""  # noqa: S608 - constant pieces of this file
_LINE = """
l.bill_id, l.case_id, l.delivery_id, l.turn, l.client_ref, l.signal_refs, l.origin, l.day, l.price, l.vat_percent,
l.sign
"""
_STANDING = """
l.sign = 1 and not exists (select 1 from bill_line b where b.case_id = l.case_id and b.turn = l.turn and b.sign = -1)
"""
SQL_STALE = f"""
select {_LINE} from bill_line l join case_file f on f.id = l.case_id
 where l.client_id = $1 and {_STANDING} and not ({CALLABLE})
 order by l.bill_id, l.position
"""  # noqa: S608 - constant pieces of this file
SQL_BILL_LINES = f"""
select {_LINE} from bill_line l where l.bill_id = $1 order by l.position
"""  # noqa: S608 - constant pieces of this file
SQL_OPEN_BILL_LINES = f"""
select {_LINE} from bill_line l where l.bill_id = $1 and {_STANDING} order by l.position
"""  # noqa: S608 - constant pieces of this file
SQL_CLIENT_OF_BOOKS = "select slug from client where id = $1"
SQL_LOCK_BOOKS = "select pg_advisory_xact_lock(hashtextextended('bill:' || $1::text, 0))"
SQL_TARIFFS = """
select valid_from, price, vat_percent, note, index_source, index_before, index_after, exact, set_at, set_by
  from tariff where client_id = $1 order by valid_from desc
"""
SQL_WITH_TARIFF = "select distinct client_id from tariff order by 1"
SQL_CLOSED_MONTHS = "select month from bill where client_id = $1 and credits is null"
SQL_LAST_SEQUENCE = "select coalesce(max(sequence), 0) from bill where client_id = $1"
SQL_SET_TARIFF = """
insert into tariff (client_id, valid_from, price, vat_percent, note, index_source, index_before, index_after, exact,
                    set_at, set_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (client_id, valid_from) do update
   set price = excluded.price, vat_percent = excluded.vat_percent, note = excluded.note,
       index_source = excluded.index_source, index_before = excluded.index_before, index_after = excluded.index_after,
       exact = excluded.exact, set_at = excluded.set_at, set_by = excluded.set_by
"""
SQL_BILLED_FROM = "select max(day) from bill_line where client_id = $1 and day >= $2"
SQL_ADD_BILL = """
insert into bill (id, client_id, month, sequence, number, credits, reason, records, net, vat, gross, at, by_actor)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text::jsonb, $11, $12, $13)
"""
SQL_ADD_BILL_LINE = """
insert into bill_line (bill_id, position, client_id, case_id, delivery_id, turn, client_ref, signal_refs, origin, day,
                       price, vat_percent, sign)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
_BILLS = """
select b.id, b.client_id, c.name as client_name, b.month, b.number, b.sequence, b.credits,
       coalesce(o.number, '') as credits_number, b.reason, b.records, b.net, b.vat::text as vat, b.gross, b.at
  from bill b join client c on c.id = b.client_id left join bill o on o.id = b.credits
"""
SQL_BILLS = _BILLS + " where $1::uuid is null or b.client_id = $1 order by b.at desc, b.sequence desc"
SQL_BILL = _BILLS + " where b.id = $1"


@store
class PgBilling:
    """`BillingStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def tariffs(self, client: ClientId) -> Sequence[TariffLine]:
        """See BillingStore."""
        async with self._pool.acquire() as connection:
            await _slug(connection, client)
            return [_tariff(row) for row in await connection.fetch(SQL_TARIFFS, client)]

    async def set_tariff(self, client: ClientId, line: TariffLine) -> None:
        """See BillingStore."""
        tariff, index = line.tariff, line.index
        async with self._pool.acquire() as connection, connection.transaction():
            await _slug(connection, client)
            await connection.execute(SQL_LOCK_BOOKS, str(client))
            billed = await connection.fetchval(SQL_BILLED_FROM, client, tariff.valid_from)
            if billed is not None:
                raise BilledError("days from this one on were billed")
            await connection.execute(
                SQL_SET_TARIFF, client, tariff.valid_from, tariff.price, tariff.vat_percent, line.note,
                "" if index is None else index.source, None if index is None else index.before,
                None if index is None else index.after, None if index is None else index.exact,
                line.set_at, line.set_by,
            )  # fmt: skip
            detail = {"valid_from": str(tariff.valid_from), "price": str(tariff.price), "vat": str(tariff.vat_percent)}
            if index is not None:
                detail |= {"index": index.source, "before": str(index.before), "after": str(index.after)}
            await record_audit(
                connection, line.set_at, line.set_by, "tariff.set", "client", client, client, detail, purpose=line.note
            )

    async def books(self, client: ClientId, until: datetime) -> Books:
        """See BillingStore."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await _books(connection, client, until)

    async def reckon(
        self, client: ClientId, until: datetime, reckon: Reckon, *, at: datetime, actor: str
    ) -> Sequence[UUID]:
        """See BillingStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            # A statement of its own, before those that read: else what another has billed while we waited is unseen.
            await connection.execute(SQL_LOCK_BOOKS, str(client))
            made = reckon(await _books(connection, client, until))
            try:
                for bill in made:
                    await _add(connection, client, bill, at, actor)
            except asyncpg.UniqueViolationError:
                raise BilledError("a record is billed, or credited, already") from None
        return [bill.id for bill in made]

    async def bills(self, client: ClientId | None) -> Sequence[Bill]:
        """See BillingStore."""
        return [_bill(row) for row in await self._pool.fetch(SQL_BILLS, client)]

    async def bill(self, bill: UUID) -> Bill:
        """See BillingStore."""
        row = await self._pool.fetchrow(SQL_BILL, bill)
        if row is None:
            raise NotFoundError("no such bill")
        return _bill(row)

    async def lines(self, bill: UUID) -> Sequence[BillLine]:
        """See BillingStore."""
        return [_line(row) for row in await self._pool.fetch(SQL_BILL_LINES, bill)]

    async def open_lines(self, bill: UUID) -> Sequence[BillLine]:
        """See BillingStore."""
        return [_line(row) for row in await self._pool.fetch(SQL_OPEN_BILL_LINES, bill)]

    async def with_tariff(self) -> Sequence[ClientId]:
        """See BillingStore."""
        return [ClientId(row["client_id"]) for row in await self._pool.fetch(SQL_WITH_TARIFF)]


async def _slug(connection: Connection, client: ClientId) -> str:
    slug = await connection.fetchval(SQL_CLIENT_OF_BOOKS, client)
    if slug is None:
        raise NotFoundError("no such client")
    return str(slug)


async def _books(connection: Connection, client: ClientId, until: datetime) -> Books:
    return Books(
        slug=await _slug(connection, client),
        tariffs=[_tariff(row).tariff for row in await connection.fetch(SQL_TARIFFS, client)],
        closed=[row["month"] for row in await connection.fetch(SQL_CLOSED_MONTHS, client)],
        sequence=await connection.fetchval(SQL_LAST_SEQUENCE, client),
        records=[
            Record(
                case=CaseId(row["case_id"]),
                delivery=DeliveryId(row["delivery_id"]),
                turn=row["turn"],
                client_ref=row["client_ref"],
                signal_refs=row["signal_refs"],
                origin=Origin.INBOUND if row["called_us"] else Origin.OUTBOUND,
                at=row["opened_at"],
            )
            for row in await connection.fetch(SQL_BILLABLE, client, until)
        ],
        stale=[_line(row) for row in await connection.fetch(SQL_STALE, client)],
    )


async def _add(connection: Connection, client: ClientId, bill: NewBill, at: datetime, actor: str) -> None:
    total = bill.totals
    vat = {str(percent): str(amount) for percent, amount in total.vat.items()}
    await connection.execute(
        SQL_ADD_BILL, bill.id, client, bill.month, bill.sequence, bill.number, bill.credits, bill.reason, total.records,
        total.net, json.dumps(vat), total.gross, at, actor,
    )  # fmt: skip
    await connection.executemany(
        SQL_ADD_BILL_LINE,
        [
            (bill.id, position, client, one.case, one.delivery, one.turn, one.client_ref, list(one.signal_refs),
             one.origin.value, one.day, one.price, one.vat_percent, one.sign)
            for position, one in enumerate(bill.lines, 1)
        ],
    )  # fmt: skip
    detail = {"number": bill.number, "records": total.records, "net": str(total.net), "gross": str(total.gross)}
    action = "bill.close" if bill.credits is None else "bill.credit"
    await record_audit(connection, at, actor, action, "bill", bill.id, client, detail, purpose=bill.reason)


def _tariff(row: Any) -> TariffLine:
    index = None
    if row["index_source"]:
        index = IndexUsed(
            source=row["index_source"], before=row["index_before"], after=row["index_after"], exact=row["exact"]
        )
    return TariffLine(
        tariff=Tariff(valid_from=row["valid_from"], price=row["price"], vat_percent=row["vat_percent"]),
        note=row["note"],
        index=index,
        set_at=row["set_at"],
        set_by=row["set_by"],
    )


def _bill(row: Any) -> Bill:
    month: date = row["month"]
    return Bill(
        id=row["id"],
        client=ClientId(row["client_id"]),
        client_name=row["client_name"],
        month=month,
        number=row["number"],
        sequence=row["sequence"],
        credits=row["credits"],
        credits_number=row["credits_number"],
        reason=row["reason"],
        records=row["records"],
        net=row["net"],
        vat={Decimal(percent): Decimal(amount) for percent, amount in json.loads(row["vat"]).items()},
        gross=row["gross"],
        at=row["at"],
    )


def _line(row: Any) -> BillLine:
    return BillLine(
        bill=row["bill_id"],
        case=CaseId(row["case_id"]),
        delivery=DeliveryId(row["delivery_id"]),
        turn=row["turn"],
        client_ref=row["client_ref"],
        signal_refs=row["signal_refs"],
        origin=Origin(row["origin"]),
        day=row["day"],
        price=row["price"],
        vat_percent=row["vat_percent"],
        sign=row["sign"],
    )
