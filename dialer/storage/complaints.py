"""Complaints in PostgreSQL: what happened to each is only added to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg

from dialer.domain.client_settings import setting
from dialer.domain.complaint import EXTENSION_DAYS, OPEN, ComplaintEvent, ComplaintState, advance
from dialer.domain.errors import InvalidError, NotFoundError
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ClientId, DeliveryId, UserId
from dialer.schedule.terms import next_working_day
from dialer.schedule.windows import local_date
from dialer.services.ports.complaints import (
    ComplaintKeys,
    ComplaintLine,
    ComplaintMove,
    ComplaintStep,
    ComplaintTexts,
    NewComplaint,
)
from dialer.storage.audit import record_audit
from dialer.storage.boxes import named_box
from dialer.storage.connection import Connection
from dialer.storage.pool import store
from dialer.storage.where import Where

SQL_COMPLAINTS = """
select c.id, c.client_id, c.campaign_id, c.case_id, c.attempt_id, c.state, c.received_at, c.due_on, c.owner_id,
       coalesce(u.display_name, '') as owner_name, c.changed_at, c.version
  from complaint c left join app_user u on u.id = c.owner_id
"""
SQL_COMPLAINT_STEPS = """
select e.at, coalesce(u.display_name, '') as by, e.event, e.reason
  from complaint_event e left join app_user u on u.id = e.by_user where e.complaint_id = $1 order by e.id
"""
SQL_COMPLAINT_KEYS = """
select c.client_id, l.wrapped_key as client_key, f.delivery_id, d.wrapped_key as delivery_key
  from complaint c
  join client l on l.id = c.client_id
  left join case_file f on f.id = c.case_id
  left join delivery d on d.id = f.delivery_id
 where c.id = $1
"""
SQL_KEYS_OF_CASE = """
select f.client_id, l.wrapped_key as client_key, f.delivery_id, d.wrapped_key as delivery_key
  from case_file f join client l on l.id = f.client_id join delivery d on d.id = f.delivery_id where f.id = $1
"""
SQL_COMPLAINT_TEXTS = """
select c.id, c.attempt_id, c.client_id, l.wrapped_key as client_key,
       w.sealed as what, w.delivery_id as what_delivery, dw.wrapped_key as what_key,
       n.sealed as note, n.delivery_id as note_delivery, dn.wrapped_key as note_key,
       a.sealed as answer, a.delivery_id as answer_delivery, da.wrapped_key as answer_key
  from complaint c
  join client l on l.id = c.client_id
  left join pii.complaint_text w on w.complaint_id = c.id and w.kind = 'what'
  left join delivery dw on dw.id = w.delivery_id
  left join pii.note n on n.attempt_id = c.attempt_id
  left join delivery dn on dn.id = n.delivery_id
  left join pii.complaint_text a on a.complaint_id = c.id and a.kind = 'answer'
  left join delivery da on da.id = a.delivery_id
 where c.id = $1
"""
SQL_CLIENT_OF_CASE_COMPLAINED = """
select f.client_id, f.campaign_id, f.delivery_id, l.settings::text as settings
  from case_file f join client l on l.id = f.client_id where f.id = $1
"""
SQL_CLIENT_OF_CALL_COMPLAINED = """
select a.client_id, a.campaign_id, a.case_id, l.settings::text as settings
  from attempt a join client l on l.id = a.client_id where a.id = $1
"""
SQL_ADD_COMPLAINT = """
insert into complaint (id, client_id, campaign_id, case_id, attempt_id, state, received_at, due_on, changed_at)
values ($1, $2, $3, $4, $5, 'received', $6, $7, $6)
on conflict (attempt_id) do nothing returning id
"""
SQL_ADD_COMPLAINT_EVENT = """
insert into complaint_event (complaint_id, at, by_user, event, reason) values ($1, $2, $3, $4, $5)
"""
SQL_COMPLAINT_TEXT = """
insert into pii.complaint_text (complaint_id, kind, delivery_id, sealed) values ($1, $2, $3, $4)
on conflict (complaint_id, kind) do update set delivery_id = excluded.delivery_id, sealed = excluded.sealed
"""
SQL_LOCK_COMPLAINT = "select client_id, state, due_on, owner_id, version from complaint where id = $1 for no key update"
SQL_MAY_OWN = """
select id from app_user where id = $1 and role in ('supervisor', 'quality') and disabled_at is null
"""
SQL_MOVE_COMPLAINT = """
update complaint set state = $2, owner_id = $3, due_on = $4, changed_at = $5, version = version + 1 where id = $1
"""
SQL_OVERDUE_COMPLAINTS = """
select client_id, count(*) filter (where state = any($1::text[]) and due_on < $2) as overdue
  from complaint group by client_id
"""
SQL_WAITING_COMPLAINTS = """
select count(*) as open, count(*) filter (where due_on < $3) as late
  from complaint where state = any($2::text[]) and ($1::uuid is null or client_id = $1)
"""


async def noted_by_agent(
    connection: Connection, complaint: UUID, attempt: AttemptId, user: UserId, at: datetime
) -> None:
    """An agent's filing tells of a complaint: in the filing's own transaction. A second filing makes no second one."""
    row = await connection.fetchrow(SQL_CLIENT_OF_CALL_COMPLAINED, attempt)
    assert row is not None
    added = await connection.fetchval(
        SQL_ADD_COMPLAINT, complaint, row["client_id"], row["campaign_id"], row["case_id"], attempt, at,
        _due(row["settings"], at),
    )  # fmt: skip
    if added is not None:
        await connection.execute(SQL_ADD_COMPLAINT_EVENT, complaint, at, user, "raise", "")


@store
class PgComplaints:
    """`ComplaintStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def lines(
        self, client: ClientId | None, *, is_open: bool | None, after: tuple[datetime, UUID] | None, limit: int
    ) -> Sequence[ComplaintLine]:
        """See ComplaintStore."""
        where = Where()
        where.add("c.client_id = {n}", client)
        if is_open is not None:
            where.add("c.state = any({n}::text[])" if is_open else "c.state <> all({n}::text[])", _OPEN)
        where.add_all("(c.received_at, c.id) < ({0}, {1})", after)
        query = where.query(SQL_COMPLAINTS, "c.received_at desc, c.id desc", limit)
        return [_line(row) for row in await self._pool.fetch(query, *where.values)]

    async def line(self, complaint: UUID) -> ComplaintLine:
        """See ComplaintStore."""
        row = await self._pool.fetchrow(f"{SQL_COMPLAINTS} where c.id = $1", complaint)
        if row is None:
            raise NotFoundError("no such complaint")
        return _line(row)

    async def of_case(self, case: CaseId) -> Sequence[ComplaintLine]:
        """See ComplaintStore."""
        rows = await self._pool.fetch(f"{SQL_COMPLAINTS} where c.case_id = $1 order by c.received_at desc, c.id", case)
        return [_line(row) for row in rows]

    async def steps(self, complaint: UUID) -> Sequence[ComplaintStep]:
        """See ComplaintStore."""
        return [
            ComplaintStep(at=row["at"], by=row["by"], event=row["event"], reason=row["reason"])
            for row in await self._pool.fetch(SQL_COMPLAINT_STEPS, complaint)
        ]

    async def texts(self, complaint: UUID) -> ComplaintTexts:
        """See ComplaintStore."""
        row = await self._pool.fetchrow(SQL_COMPLAINT_TEXTS, complaint)
        if row is None:
            raise NotFoundError("no such complaint")
        return ComplaintTexts(
            what=named_box(row, "what", row["id"]),
            note=named_box(row, "note", row["attempt_id"]),
            answer=named_box(row, "answer", row["id"]),
        )

    async def keys(self, complaint: UUID) -> ComplaintKeys:
        """See ComplaintStore."""
        return _keys(await self._pool.fetchrow(SQL_COMPLAINT_KEYS, complaint))

    async def keys_of_case(self, case: CaseId) -> ComplaintKeys:
        """See ComplaintStore."""
        return _keys(await self._pool.fetchrow(SQL_KEYS_OF_CASE, case))

    async def add(self, complaint: NewComplaint) -> None:
        """See ComplaintStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(SQL_CLIENT_OF_CASE_COMPLAINED, complaint.case)
            if row is None:
                raise NotFoundError("no such case")
            await connection.execute(
                SQL_ADD_COMPLAINT, complaint.id, row["client_id"], row["campaign_id"], complaint.case, None,
                complaint.at, _due(row["settings"], complaint.at),
            )  # fmt: skip
            await connection.execute(SQL_COMPLAINT_TEXT, complaint.id, "what", row["delivery_id"], complaint.sealed)
            await connection.execute(SQL_ADD_COMPLAINT_EVENT, complaint.id, complaint.at, complaint.user, "raise", "")
            await record_audit(
                connection, complaint.at, complaint.actor, "complaint.raise", "complaint", complaint.id,
                row["client_id"],
            )  # fmt: skip

    async def move(self, move: ComplaintMove) -> bool:
        """See ComplaintStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(SQL_LOCK_COMPLAINT, move.complaint)
            if row is None:
                raise NotFoundError("no such complaint")
            if row["version"] != move.version:
                return False
            if move.owner is not None and await connection.fetchval(SQL_MAY_OWN, move.owner) is None:
                raise InvalidError("kies iemand die klachten behandelt", "owner")
            state = advance(ComplaintState(row["state"]), move.event)
            due: date = row["due_on"]
            if move.event is ComplaintEvent.EXTEND:
                due = next_working_day(due + timedelta(days=EXTENSION_DAYS))
            await connection.execute(
                SQL_MOVE_COMPLAINT, move.complaint, state.value, move.owner or row["owner_id"], due, move.at
            )
            if move.answer is not None:
                delivery = _keys(await connection.fetchrow(SQL_COMPLAINT_KEYS, move.complaint)).delivery
                await connection.execute(SQL_COMPLAINT_TEXT, move.complaint, "answer", delivery, move.answer)
            await connection.execute(
                SQL_ADD_COMPLAINT_EVENT, move.complaint, move.at, move.user, move.event.value, move.reason
            )
            await record_audit(
                connection, move.at, move.actor, f"complaint.{move.event.value}", "complaint", move.complaint,
                row["client_id"], {"state": state.value},
            )  # fmt: skip
            return True

    async def overdue(self, today: date) -> Mapping[ClientId, int]:
        """See ComplaintStore."""
        rows = await self._pool.fetch(SQL_OVERDUE_COMPLAINTS, _OPEN, today)
        return {ClientId(row["client_id"]): row["overdue"] for row in rows}

    async def waiting(self, client: ClientId | None, today: date) -> tuple[int, int]:
        """See ComplaintStore."""
        row = await self._pool.fetchrow(SQL_WAITING_COMPLAINTS, client, _OPEN, today)
        return (0, 0) if row is None else (row["open"], row["late"])


_OPEN = sorted(state.value for state in OPEN)


def _due(settings: str, at: datetime) -> date:
    """The last day of the term: never a day on which nobody works."""
    days = setting(json.loads(settings), "complaint_days")
    return next_working_day(local_date(at) + timedelta(days=days))


def _keys(row: asyncpg.Record | None) -> ComplaintKeys:
    if row is None:
        raise NotFoundError("no such complaint")
    return ComplaintKeys(
        client=ClientId(row["client_id"]),
        client_key=row["client_key"],
        delivery=None if row["delivery_id"] is None else DeliveryId(row["delivery_id"]),
        delivery_key=row["delivery_key"],
    )


def _line(row: asyncpg.Record) -> ComplaintLine:
    return ComplaintLine(
        id=row["id"],
        client=ClientId(row["client_id"]),
        campaign=CampaignId(row["campaign_id"]),
        case=None if row["case_id"] is None else CaseId(row["case_id"]),
        attempt=None if row["attempt_id"] is None else AttemptId(row["attempt_id"]),
        state=ComplaintState(row["state"]),
        received_at=row["received_at"],
        due_on=row["due_on"],
        owner=None if row["owner_id"] is None else UserId(row["owner_id"]),
        owner_name=row["owner_name"],
        changed_at=row["changed_at"],
        version=row["version"],
    )
