"""Questions about cases in PostgreSQL: one thread a case, numbered messages that never change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import CampaignId, CaseId, ClientId
from dialer.domain.question import (
    MOST_MESSAGES,
    WRITES,
    QuestionEvent,
    QuestionState,
    Side,
    ThreadFullError,
    advance,
)
from dialer.services.ports.case_keys import CaseKeys
from dialer.services.ports.questions import MessageRow, NewMessage, QuestionCounts, QuestionLine
from dialer.storage.audit import record_audit
from dialer.storage.boxes import sealed_box_if_any
from dialer.storage.case_keys import case_keys
from dialer.storage.pool import store
from dialer.storage.where import Where

# Whoever writes has read all there is, so that between "read up to" and the other side's latest stand theirs only.
_UNREAD = {
    Side.CLIENT: "greatest(q.by_office - q.client_read, 0)",
    Side.OFFICE: "greatest(q.by_client - q.office_read, 0)",
}
_LINES = """
select q.case_id as case, q.client_id as client, q.campaign_id as campaign, q.state, q.opened_at, q.changed_at,
       q.messages, f.state as case_state,
       coalesce((select array_agg(distinct s.client_ref order by s.client_ref)
                   from signal s where s.case_id = q.case_id and not s.recalled), '{}') as client_refs,
"""
SQL_QUESTIONS_OF_CLIENT = (
    f"{_LINES} {_UNREAD[Side.CLIENT]} as unread from question q join case_file f on f.id = q.case_id"
)
SQL_QUESTIONS_OF_OFFICE = (
    f"{_LINES} {_UNREAD[Side.OFFICE]} as unread from question q join case_file f on f.id = q.case_id"
)
SQL_QUESTION_COUNTS = f"""
select count(*) filter (where q.state = 'open') as open, count(*) filter (where q.state = 'answered') as answered,
       count(*) filter (where case when $2 = 'client' then {_UNREAD[Side.CLIENT]} else {_UNREAD[Side.OFFICE]} end > 0)
       as unread
  from question q where ($1::uuid is null or q.client_id = $1)
"""  # noqa: S608 - constants of this module
SQL_QUESTION_MESSAGES = """
select m.id, m.number, m.side, m.at, w.display_name as by, q.client_id, l.wrapped_key as client_key, t.sealed,
       t.delivery_id, d.wrapped_key as delivery_key
  from question_message m
  join question q on q.case_id = m.case_id
  join client l on l.id = q.client_id
  join app_user w on w.id = m.by_user
  left join pii.question_text t on t.message_id = m.id
  left join delivery d on d.id = t.delivery_id
 where m.case_id = $1 order by m.number
"""
SQL_ADD_QUESTION = """
insert into question (case_id, client_id, campaign_id, state, opened_at, changed_at)
select f.id, f.client_id, f.campaign_id, 'open', $2, $2 from case_file f where f.id = $1
on conflict do nothing
"""
SQL_LOCK_QUESTION = "select client_id, state, messages from question where case_id = $1 for no key update"
SQL_ADD_QUESTION_MESSAGE = """
insert into question_message (id, case_id, number, side, at, by_user) values ($1, $2, $3, $4, $5, $6)
"""
SQL_ADD_QUESTION_TEXT = "insert into pii.question_text (message_id, delivery_id, sealed) values ($1, $2, $3)"
SQL_WROTE = """
update question
   set state = $2, changed_at = $3, messages = $4,
       by_client = case when $5 = 'client' then $4 else by_client end,
       client_read = case when $5 = 'client' then $4 else client_read end,
       by_office = case when $5 = 'office' then $4 else by_office end,
       office_read = case when $5 = 'office' then $4 else office_read end
 where case_id = $1
"""
SQL_READ_UP_TO = """
update question
   set client_read = case when $2 = 'client' then greatest(client_read, least($3, messages)) else client_read end,
       office_read = case when $2 = 'office' then greatest(office_read, least($3, messages)) else office_read end
 where case_id = $1
"""
SQL_QUESTION_STATE = "update question set state = $2, changed_at = $3 where case_id = $1"


@store
class PgQuestions:
    """`QuestionStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def lines(
        self,
        client: ClientId | None,
        side: Side,
        state: QuestionState | None,
        after: tuple[datetime, UUID] | None,
        limit: int,
    ) -> Sequence[QuestionLine]:
        """See QuestionStore."""
        where = Where()
        where.add("q.client_id = {n}", client)
        where.add("q.state = {n}", None if state is None else state.value)
        where.add_all("(q.changed_at, q.case_id) < ({0}, {1})", after)
        query = where.query(_lines_of(side), "q.changed_at desc, q.case_id desc", limit)
        return [_line(row) for row in await self._pool.fetch(query, *where.values)]

    async def line(self, case: CaseId, side: Side) -> QuestionLine | None:
        """See QuestionStore."""
        where = Where()
        where.add("q.case_id = {n}", case)
        rows = await self._pool.fetch(where.query(_lines_of(side), "1", 1), *where.values)
        return _line(rows[0]) if rows else None

    async def messages(self, case: CaseId) -> Sequence[MessageRow]:
        """See QuestionStore."""
        return [_message(row) for row in await self._pool.fetch(SQL_QUESTION_MESSAGES, case)]

    async def counts(self, client: ClientId | None, side: Side) -> QuestionCounts:
        """See QuestionStore."""
        row = await self._pool.fetchrow(SQL_QUESTION_COUNTS, client, side.value)
        assert row is not None
        return QuestionCounts(open=row["open"], answered=row["answered"], unread=row["unread"])

    async def keys(self, case: CaseId) -> CaseKeys:
        """See QuestionStore."""
        return await case_keys(self._pool, case)

    async def write(self, message: NewMessage) -> None:
        """See QuestionStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL_ADD_QUESTION, message.case, message.at)
            row = await connection.fetchrow(SQL_LOCK_QUESTION, message.case)
            if row is None:
                raise NotFoundError("no such case")
            number = row["messages"] + 1
            if number > MOST_MESSAGES:
                raise ThreadFullError("the thread is full")
            state = advance(QuestionState(row["state"]), WRITES[message.side])
            await connection.execute(
                SQL_ADD_QUESTION_MESSAGE,
                message.id,
                message.case,
                number,
                message.side.value,
                message.at,
                message.user,
            )
            await connection.execute(SQL_ADD_QUESTION_TEXT, message.id, message.delivery, message.sealed)
            await connection.execute(SQL_WROTE, message.case, state.value, message.at, number, message.side.value)
            await record_audit(
                connection, message.at, message.actor, "question.write", "case", message.case, row["client_id"],
                {"number": number},
            )  # fmt: skip

    async def read(self, case: CaseId, side: Side, number: int) -> None:
        """See QuestionStore."""
        await self._pool.execute(SQL_READ_UP_TO, case, side.value, number)

    async def close(self, case: CaseId, at: datetime, actor: str) -> None:
        """See QuestionStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(SQL_LOCK_QUESTION, case)
            if row is None:
                raise NotFoundError("nobody has asked anything")
            if row["state"] == QuestionState.CLOSED:
                return
            state = advance(QuestionState(row["state"]), QuestionEvent.CLOSED)
            await connection.execute(SQL_QUESTION_STATE, case, state.value, at)
            await record_audit(connection, at, actor, "question.close", "case", case, row["client_id"])


def _lines_of(side: Side) -> str:
    return SQL_QUESTIONS_OF_CLIENT if side is Side.CLIENT else SQL_QUESTIONS_OF_OFFICE


def _line(row: asyncpg.Record) -> QuestionLine:
    return QuestionLine(
        case=CaseId(row["case"]),
        client=ClientId(row["client"]),
        campaign=CampaignId(row["campaign"]),
        state=QuestionState(row["state"]),
        opened_at=row["opened_at"],
        changed_at=row["changed_at"],
        messages=row["messages"],
        unread=row["unread"],
        client_refs=list(row["client_refs"]),
        case_state=row["case_state"],
    )


def _message(row: asyncpg.Record) -> MessageRow:
    text = sealed_box_if_any(row, row["id"])
    return MessageRow(id=row["id"], number=row["number"], side=Side(row["side"]), at=row["at"], by=row["by"], text=text)
