"""The outbox in PostgreSQL. Messages are made where a case is settled (`cases.SQL_SAVE`), never here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.exchange import MessageEvent, MessageState
from dialer.domain.ids import CampaignId, CaseId, ClientId, DeliveryId, UserId
from dialer.services.ports.exchange import Channel, Message, ResultFacts, SignalFacts
from dialer.storage import leases
from dialer.storage.bookings import BOOKING_OF_CASE, booked_time
from dialer.storage.channels import CHANNEL_COLUMNS, channel_of
from dialer.storage.exports import CALLS_OF_CASE, note_of
from dialer.storage.follow_up import FOLLOWED_UP
from dialer.storage.pool import store
from dialer.storage.settling import DIED_UNDERWAY, settled

_OPEN = "('waiting', 'sending', 'retry')"
_MESSAGE = """m.id, m.channel_id, m.client_id, m.campaign_id, m.case_id, m.result_version, m.state, m.kind,
       m.created_at, m.due_at, m.tries, m.died, m.error, m.remote, m.done_at, m.done_by, m.delivery_id, m.sealed"""

SQL_TAKE_CHANNELS = f"""
select {CHANNEL_COLUMNS}
  from exchange_channel c join client l on l.id = c.client_id
 where c.state = 'on' and (c.rest_until is null or c.rest_until <= $1)
   and exists (select 1 from outbox_message m
                where m.channel_id = c.id and m.state in {_OPEN} and m.due_at <= $1
                  and (c.kind <> 'hand' or m.sealed is null))
 order by c.id
"""  # noqa: S608 - constants of this module
# Nobody has seen the earlier one (or it was never accepted): the later one tells all.
SQL_OVERTAKEN = """
update outbox_message m set state = 'superseded', done_at = $2
 where m.channel_id = $1
   and (m.state in ('waiting', 'sending') and m.sealed is null or m.state = 'dead'
        or m.state = 'waiting' and exists (select 1 from exchange_channel c where c.id = $1 and c.kind = 'hand'))
   and exists (select 1 from outbox_message n
                where n.channel_id = m.channel_id and n.case_id = m.case_id and n.seq > m.seq)
"""
SQL_CLAIM = f"""
with following as (
  select m.id from outbox_message m
   where m.channel_id = $1 and m.state in {_OPEN} and m.due_at <= $2
     and not exists (select 1 from outbox_message o
                      where o.channel_id = m.channel_id and o.resident_id = m.resident_id and o.seq < m.seq
                        and o.state in {_OPEN})
   order by m.due_at, m.seq limit 1 for update of m skip locked)
update outbox_message m set state = 'sending', tries = m.tries + 1, tried_at = $2,
       {DIED_UNDERWAY.format("m")}
  from following f, client l
 where m.id = f.id and l.id = m.client_id
returning {_MESSAGE}, l.wrapped_key as client_key,
          (select d.wrapped_key from delivery d where d.id = m.delivery_id) as delivery_key
"""  # noqa: S608 - constants of this module
SQL_IS_OVERTAKEN = """
select exists (select 1 from outbox_message m join outbox_message n
                         on n.channel_id = m.channel_id and n.case_id = m.case_id and n.seq > m.seq
                where m.id = $1)
"""
SQL_TO_PREPARE = f"""
select {_MESSAGE}, l.wrapped_key as client_key, null::bytea as delivery_key
  from outbox_message m join client l on l.id = m.client_id
 where m.channel_id = $1 and m.state = 'waiting' and m.sealed is null and m.due_at <= $2
 order by m.seq limit $3
"""  # noqa: S608 - constants of this module
SQL_ONE = f"""
select {_MESSAGE}, l.wrapped_key as client_key, d.wrapped_key as delivery_key
  from outbox_message m join client l on l.id = m.client_id left join delivery d on d.id = m.delivery_id
 where m.id = $1
"""  # noqa: S608 - constants of this module
SQL_MANY = f"""
select {_MESSAGE}, ''::bytea as client_key, null::bytea as delivery_key
  from outbox_message m
 where ($1::uuid is null or m.client_id = $1) and ($2::uuid is null or m.channel_id = $2) and m.state = any($3)
 order by m.seq limit $4
"""  # noqa: S608 - constants of this module
SQL_TOLD_BEFORE = """
select exists (
  select 1 from outbox_message o join outbox_message m on m.id = $1
   where o.channel_id = m.channel_id and o.case_id = m.case_id and o.seq < m.seq and o.sealed is not null
     and o.state in ('confirmed', 'superseded', 'dead') and o.tries > 0
  union all
  select 1 from outbox_message o join outbox_message m on m.id = $1
   where o.channel_id = m.channel_id and o.case_id = m.case_id and o.seq < m.seq and o.state = 'confirmed')
"""
SQL_FREEZE = """
update outbox_message set kind = $2, delivery_id = $3, sealed = $4 where id = $1 and sealed is null
"""
SQL_SETTLE = """
update outbox_message
   set state = $4, due_at = coalesce($5, due_at), error = $6, remote = case when $8 = '' then remote else $8 end,
       done_at = case when $4 in ('confirmed', 'superseded', 'skipped') then $7::timestamptz end, done_by = $9,
       tries = case when $4 = 'waiting' then 0 else tries end
 where id = $1 and state = $2 and tries = $3
returning true
"""
SQL_WENT = """
update exchange_channel
   set failures = case when $3 = '' then 0 else failures + 1 end, rest_until = $4,
       last_ok_at = case when $3 = '' then $2 else last_ok_at end,
       last_error = $3, last_error_at = case when $3 = '' then last_error_at else $2 end
 where id = $1
"""
SQL_WAKE = "update exchange_channel set rest_until = null, failures = 0 where id = $1"
SQL_FACTS = (  # constants of this module and its neighbour
    """
select f.id as case_id, f.result_version, f.state, coalesce(f.outcome, '') as outcome, f.appointment_at, f.client_id,
       coalesce(od.label_nl, '') as outcome_nl, coalesce(od.ddas, '') as ddas, coalesce(o.flags, '{}') as flags,
       o.facts::text as outcome_facts, f.delivery_id, d.wrapped_key as delivery_key,
       n.sealed as note, n.attempt_id as note_owner, n.delivery_id as note_delivery, nd.wrapped_key as note_key,
       l.wrapped_key as client_key, coalesce(calls.attempts, '[]')::text as attempts,
       booked.starts_at as booked_time, coalesce(booked.state, '') as booking,
       marked.mark, marked.at as marked_at,
       (select jsonb_agg(jsonb_build_object('client_ref', s.client_ref, 'signal_ref', s.signal_ref,
                 'partner_type', s.partner_type, 'signal_on', s.signal_on, 'crisis', s.crisis)
               order by s.client_ref, s.signal_ref)
          from signal s join delivery sd on sd.id = s.delivery_id and sd.state = 'loaded'
         where s.case_id = f.id and not s.recalled)::text as signals
  from case_file f
  join client l on l.id = f.client_id
  join delivery d on d.id = f.delivery_id
  left join attempt o on o.id = f.outcome_attempt
  left join outcome_definition od on od.version = f.catalogue_version and od.code = f.outcome
  left join pii.note n on n.attempt_id = f.outcome_attempt
  left join delivery nd on nd.id = n.delivery_id
"""  # noqa: S608 - constants
    + CALLS_OF_CASE
    + BOOKING_OF_CASE
    + FOLLOWED_UP
    + " where f.id = $1 and f.state <> 'recalled'"
)


@store
class PgOutbox:
    """`OutboxStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def take_channels(self, at: datetime) -> Sequence[Channel]:
        """Those with something to do."""
        return [channel_of(row) for row in await self._pool.fetch(SQL_TAKE_CHANNELS, at)]

    async def lease(self, channel: UUID, owner: str, seconds: float) -> bool:
        """Take or renew."""
        return await leases.taken_for(self._pool, f"channel:{channel}", owner, seconds)

    async def unlease(self, channel: UUID, owner: str) -> None:
        """Give it back."""
        await leases.dropped_by(self._pool, f"channel:{channel}", owner)

    async def claim(self, channel: UUID, at: datetime) -> Message | None:
        """What was overtaken goes first."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL_OVERTAKEN, channel, at)
            row = await connection.fetchrow(SQL_CLAIM, channel, at)
        return None if row is None else _message(row)

    async def to_prepare(self, channel: UUID, at: datetime, limit: int) -> Sequence[Message]:
        """Messages of a worklist whose content is not kept yet."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL_OVERTAKEN, channel, at)
            return [_message(row) for row in await connection.fetch(SQL_TO_PREPARE, channel, at, limit)]

    async def is_overtaken(self, message: Message) -> bool:
        """By its place in the order."""
        return bool(await self._pool.fetchval(SQL_IS_OVERTAKEN, message.id))

    async def facts(self, case: CaseId) -> ResultFacts | None:
        """One statement, so one snapshot."""
        row = await self._pool.fetchrow(SQL_FACTS, case)
        if row is None or row["signals"] is None:
            return None
        return ResultFacts(
            case=CaseId(row["case_id"]),
            version=row["result_version"],
            state=row["state"],
            outcome=row["outcome"],
            outcome_nl=row["outcome_nl"],
            ddas=row["ddas"],
            flags=list(row["flags"]),
            appointment_at=booked_time(row),
            booking=row["booking"],
            signals=[SignalFacts(**signal) for signal in json.loads(row["signals"])],
            attempts=json.loads(row["attempts"]),
            mark=row["mark"],
            marked_at=None if row["mark"] is None else row["marked_at"].isoformat(),
            delivery=DeliveryId(row["delivery_id"]),
            delivery_key=row["delivery_key"],
            note=note_of(row),
        )

    async def told_before(self, message: Message) -> bool:
        """By its place in the order."""
        return bool(await self._pool.fetchval(SQL_TOLD_BEFORE, message.id))

    async def freeze(self, message: Message, kind: str, delivery: DeliveryId, sealed: bytes) -> None:
        """The first one stays."""
        await self._pool.execute(SQL_FREEZE, message.id, kind, delivery, sealed)

    async def settle(
        self,
        message: Message,
        event: MessageEvent,
        at: datetime,
        *,
        due_at: datetime | None = None,
        error: str = "",
        remote: str = "",
        user: UserId | None = None,
    ) -> bool:
        """By state and number of the try: who was overtaken changes nothing."""
        return await settled(self._pool, SQL_SETTLE, message, event, at, remote, user, due_at=due_at, error=error)

    async def went(self, channel: UUID, at: datetime, error: str, rest_until: datetime | None) -> None:
        """How it goes."""
        await self._pool.execute(SQL_WENT, channel, at, error, rest_until)

    async def wake(self, channel: UUID) -> None:
        """It rests no more."""
        await self._pool.execute(SQL_WAKE, channel)

    async def message(self, message: UUID) -> Message:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_ONE, message)
        if row is None:
            raise NotFoundError("no such message")
        return _message(row)

    async def messages(
        self, client: ClientId | None, channel: UUID | None, states: Sequence[str], limit: int
    ) -> Sequence[Message]:
        """The oldest first."""
        return [_message(row) for row in await self._pool.fetch(SQL_MANY, client, channel, list(states), limit)]


def _message(row: asyncpg.Record) -> Message:
    return Message(
        id=row["id"],
        channel=row["channel_id"],
        client=ClientId(row["client_id"]),
        campaign=CampaignId(row["campaign_id"]),
        case=CaseId(row["case_id"]),
        version=row["result_version"],
        state=MessageState(row["state"]),
        kind=row["kind"],
        created_at=row["created_at"],
        due_at=row["due_at"],
        tries=row["tries"],
        died=row["died"],
        error=row["error"],
        remote=row["remote"],
        done_at=row["done_at"],
        done_by=None if row["done_by"] is None else UserId(row["done_by"]),
        client_key=row["client_key"],
        delivery=None if row["delivery_id"] is None else DeliveryId(row["delivery_id"]),
        delivery_key=row["delivery_key"],
        sealed=row["sealed"],
    )
