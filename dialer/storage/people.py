"""Sealed personal data, read with what opens it. Unsealing is the service's business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from dialer.domain.errors import NotFoundError
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ClientId, DeliveryId, PhoneId, ResidentId, UserId
from dialer.services.ports.people import (
    AttemptRow,
    Box,
    CallRow,
    CandidateRow,
    CaseRow,
    PhoneRow,
    SignalRowView,
)
from dialer.storage.boxes import box_of, sealed_box
from dialer.storage.pool import store

# A number, a name may be sealed in several deliveries: the latest that still has its key counts.
SQL_NUMBERS = """
select distinct on (p.phone_id) p.phone_id as owner, p.sealed, d.client_id, d.id as delivery_id,
       d.wrapped_key as delivery_key, l.wrapped_key as client_key
  from pii.phone p
  join delivery d on d.id = p.delivery_id and d.wrapped_key is not null
  join client l on l.id = d.client_id
 where p.phone_id = any($1::uuid[])
 order by p.phone_id, d.received_at desc
"""
SQL_RESIDENTS = """
select distinct on (p.resident_id) p.resident_id as owner, p.sealed, d.client_id, d.id as delivery_id,
       d.wrapped_key as delivery_key, l.wrapped_key as client_key
  from pii.resident p
  join delivery d on d.id = p.delivery_id and d.wrapped_key is not null
  join client l on l.id = d.client_id
 where p.resident_id = any($1::uuid[])
 order by p.resident_id, d.received_at desc
"""
SQL_ATTEMPT = """
select a.id, a.direction, a.client_id, a.campaign_id, l.municipality, l.neutral_name, l.inbound_number,
       l.wrapped_key as client_key, a.case_id, f.delivery_id, d.wrapped_key as delivery_key, f.resident_id,
       coalesce(f.language, 'nl') as language, f.listed_language is not null as interpreter, a.phone_id,
       coalesce(h.kind, '') as phone_kind, a.number_key, a.seq, a.agent_id, a.verified,
       a.live or a.wrap_up_open as in_hand, a.callback_id, t.sealed_number, s.id as staff_id,
       s.label as staff_label, s.sealed_number as staff_number,
       coalesce((g.settings ->> 'survey_percent')::float8, 0) > 0 and a.direction in ('out', 'in') as surveys,
       coalesce(o.team, '') as team, coalesce(o.opening, '') as opening,
       coalesce(g.settings ->> 'recording', 'off') = 'on' and a.direction in ('out', 'in') as records
  from attempt a
  join client l on l.id = a.client_id
  join campaign g on g.id = a.campaign_id
  left join case_file f on f.id = a.case_id
  left join delivery d on d.id = f.delivery_id
  left join phone h on h.id = a.phone_id
  left join callback_task t on t.id = a.callback_id
  left join staff_phone s on s.id = a.staff_phone_id
  left join overflow_line o on o.id = a.overflow_line_id
 where a.id = $1
"""
SQL_LOCK_ATTEMPT = "select id from attempt where id = $1 for no key update"
SQL_TRIES = """
select count(*) from audit_event where subject_kind = 'attempt' and subject_id = $1 and action = 'identity.try'
"""
SQL_TRY = """
insert into audit_event (at, actor, action, subject_kind, subject_id, client_id, purpose)
values ($1, $2, 'identity.try', 'attempt', $3, $4, 'call')
"""
SQL_TIE = "update attempt set case_id = $2 where id = $1 and (direction = 'in' or callback_id is not null)"
SQL_CASE_RESIDENT = "select client_id, resident_id from case_file where id = $1 and state <> 'merged'"
SQL_CANDIDATES = """
select distinct on (f.resident_id) f.id, f.resident_id
  from phone h
  join case_phone cp on cp.phone_id = h.id
  join case_file f on f.id = cp.case_id and f.state not in ('recalled','merged')
 where h.client_id = $1 and h.number_key = $2
 order by f.resident_id, f.opened_at desc
"""
SQL_CASE = "select id, client_id, resident_id, crisis, term_ends_at from case_file where id = $1"
SQL_CASE_SIGNALS = """
select s.id as owner, s.partner_type, s.signal_on, s.crisis, s.warm_handover, p.sealed, d.client_id,
       d.id as delivery_id, d.wrapped_key as delivery_key, l.wrapped_key as client_key
  from signal s
  join delivery d on d.id = s.delivery_id
  join client l on l.id = d.client_id
  left join pii.signal p on p.signal_id = s.id and d.wrapped_key is not null
 where s.case_id = $1 and not s.recalled
 order by s.signal_on desc, s.id
"""
SQL_CASE_CALLS = """
select coalesce(a.dialed_at, a.claimed_at) as at, a.direction,
       a.callback_id is not null as call_back, a.outcome, a.id as owner, n.sealed, a.client_id,
       d.id as delivery_id, d.wrapped_key as delivery_key, l.wrapped_key as client_key
  from attempt a
  join case_file f on f.id = a.case_id
  join client l on l.id = a.client_id
  left join pii.note n on n.attempt_id = a.id
  left join delivery d on d.id = n.delivery_id
 where f.resident_id = $1 and a.id <> $2 and not a.live
 order by at desc, a.id desc
 limit 50
"""
SQL_CASE_PHONES = """
select cp.phone_id, h.kind, case when h.blocked_at is not null and h.lifted_at is null then 'closed' else cp.state end
       as state
  from case_phone cp join phone h on h.id = cp.phone_id
 where cp.case_id = $1
 order by cp.position
"""

SQL_KEYS = """
select l.wrapped_key as client_key, d.wrapped_key as delivery_key
  from client l left join delivery d on d.id = $2 and d.client_id = l.id where l.id = $1
"""


@store
class PeopleRows:
    """PeopleStore on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def numbers(self, phones: Sequence[PhoneId]) -> Mapping[PhoneId, Box]:
        """Sealed numbers; erased ones are left out."""
        rows = await self._pool.fetch(SQL_NUMBERS, list(phones))
        return {PhoneId(row["owner"]): _box(row) for row in rows}

    async def attempt(self, attempt: AttemptId) -> AttemptRow:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_ATTEMPT, attempt)
        if row is None:
            raise NotFoundError("no such attempt")
        phone, resident = row["phone_id"], row["resident_id"]
        numbers = await self.numbers([phone]) if phone is not None else {}
        people = await self._residents([resident]) if resident is not None else {}
        return AttemptRow(
            attempt=attempt,
            direction=row["direction"],
            client=ClientId(row["client_id"]),
            campaign=CampaignId(row["campaign_id"]),
            municipality=row["municipality"],
            neutral_name=row["neutral_name"],
            callback_number=row["inbound_number"],
            client_key=row["client_key"],
            case=CaseId(row["case_id"]) if row["case_id"] is not None else None,
            case_delivery=DeliveryId(row["delivery_id"]) if row["delivery_id"] is not None else None,
            delivery_key=row["delivery_key"],
            resident=ResidentId(resident) if resident is not None else None,
            language=row["language"],
            interpreter=row["interpreter"],
            phone=PhoneId(phone) if phone is not None else None,
            phone_kind=row["phone_kind"],
            number_key=row["number_key"],
            seq=row["seq"],
            agent=UserId(row["agent_id"]) if row["agent_id"] is not None else None,
            verified=row["verified"],
            in_hand=row["in_hand"],
            resident_box=people.get(resident),
            phone_box=numbers.get(phone),
            callback_box=None if row["callback_id"] is None else _asked(row),
            staff_label=row["staff_label"] or "",
            staff_box=None if row["staff_id"] is None else _staff(row),
            surveys=row["surveys"],
            team=row["team"],
            opening=row["opening"],
            records=row["records"],
        )

    async def _residents(self, residents: Sequence[UUID]) -> Mapping[UUID, Box]:
        rows = await self._pool.fetch(SQL_RESIDENTS, list(residents))
        return {row["owner"]: _box(row) for row in rows}

    async def take_try(self, attempt: AttemptId, limit: int, at: datetime, actor: str, client: ClientId) -> int | None:
        """Count and audit a try; one after the other, so that many requests at once are no more tries."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.fetchval(SQL_LOCK_ATTEMPT, attempt)
            used: int = await connection.fetchval(SQL_TRIES, str(attempt))
            if used >= limit:
                return None
            await connection.execute(SQL_TRY, at, actor, str(attempt), client)
        return limit - used - 1

    async def tie(self, attempt: AttemptId, case: CaseId) -> None:
        """A caller, or somebody rung back, turned out to be this case's resident."""
        await self._pool.execute(SQL_TIE, attempt, case)

    async def resident_of_case(self, case: CaseId) -> tuple[ClientId, Box | None]:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_CASE_RESIDENT, case)
        if row is None:
            raise NotFoundError("no such case")
        boxes = await self._residents([row["resident_id"]])
        return ClientId(row["client_id"]), boxes.get(row["resident_id"])

    async def candidates(self, client: ClientId, number_key: bytes) -> Sequence[CandidateRow]:
        """Latest case of each resident whom this number belongs to, or belonged to."""
        rows = await self._pool.fetch(SQL_CANDIDATES, client, number_key)
        boxes = await self._residents([row["resident_id"] for row in rows])
        return [
            CandidateRow(case=CaseId(row["id"]), box=boxes[row["resident_id"]])
            for row in rows
            if row["resident_id"] in boxes
        ]

    async def keys(self, client: ClientId, delivery: DeliveryId | None) -> tuple[bytes, bytes | None]:
        """(wrapped client key, wrapped delivery key)."""
        row = await self._pool.fetchrow(SQL_KEYS, client, delivery)
        if row is None:
            raise NotFoundError("no such client")
        return row["client_key"], row["delivery_key"]

    async def case(self, case: CaseId, but: AttemptId) -> CaseRow:
        """The case, and the resident's calls but the present one."""
        row = await self._pool.fetchrow(SQL_CASE, case)
        if row is None:
            raise NotFoundError("no such case")
        phones = await self._pool.fetch(SQL_CASE_PHONES, case)
        numbers = await self.numbers([phone["phone_id"] for phone in phones])
        return CaseRow(
            case=case,
            client=ClientId(row["client_id"]),
            crisis=row["crisis"],
            term_ends_at=row["term_ends_at"],
            signals=[
                SignalRowView(
                    partner_type=signal["partner_type"],
                    signal_on=signal["signal_on"],
                    crisis=signal["crisis"],
                    warm_handover=signal["warm_handover"],
                    box=_box(signal) if signal["sealed"] is not None else None,
                )
                for signal in await self._pool.fetch(SQL_CASE_SIGNALS, case)
            ],
            calls=[
                CallRow(
                    at=call["at"],
                    direction=call["direction"],
                    call_back=call["call_back"],
                    outcome=call["outcome"],
                    note=_box(call) if call["sealed"] is not None else None,
                )
                for call in await self._pool.fetch(SQL_CASE_CALLS, row["resident_id"], but)
            ],
            phones=[
                PhoneRow(
                    phone=PhoneId(phone["phone_id"]),
                    kind=phone["kind"],
                    state=phone["state"],
                    box=numbers.get(phone["phone_id"]),
                )
                for phone in phones
            ],
        )


def _asked(row: asyncpg.Record) -> Box:
    """The number of a call-back request, under the client's own key."""
    return box_of(row, owner=row["callback_id"], sealed=row["sealed_number"])


def _staff(row: asyncpg.Record) -> Box:
    """The number of one of our own people, under the client's own key."""
    return box_of(row, owner=row["staff_id"], sealed=row["staff_number"])


def _box(row: asyncpg.Record) -> Box:
    return sealed_box(row, row["owner"])
