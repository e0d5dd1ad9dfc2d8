"""One resident in PostgreSQL: everything that is held, and its end."""

# ruff: noqa: S608 - every piece is a constant of this file
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from dialer.domain.errors import ConflictError, NotFoundError
from dialer.domain.ids import CaseId, ClientId, DeliveryId, ResidentId
from dialer.services import sealed
from dialer.services.ports.clock import Ids
from dialer.services.ports.residents import Held, NewestBox, RefusedBox
from dialer.storage.boxes import sealed_box, sealed_box_if_any
from dialer.storage.connection import Connection
from dialer.storage.pool import store

SQL_FIND_RESIDENTS = """
select distinct f.resident_id
  from signal s join case_file f on f.id = s.case_id or f.merged_into = s.case_id
 where s.client_id = $1 and s.client_ref = $2
"""
# As somebody types it from a letter: only asked when nobody has it letter for letter.
SQL_FIND_TYPED = """
select distinct f.resident_id
  from signal s join case_file f on f.id = s.case_id or f.merged_into = s.case_id
 where s.client_id = $1 and lower(s.client_ref) = lower($2)
"""
SQL_CLIENT_OF_RESIDENT = "select client_id from resident where id = $1"
SQL_REFERENCES = """
select s.client_ref, s.signal_ref
  from signal s join case_file f on f.id = s.case_id join delivery d on d.id = s.delivery_id
 where f.resident_id = $1 and d.received_at <= $2
"""
SQL_OPEN_CASES = """
select id from case_file where resident_id = $1 and state in ('held','no_number','open') order by id
"""
SQL_OPPOSE = """
insert into opt_out (id, client_id, match_key, at)
select $2, r.client_id, r.match_key, $3 from resident r where r.id = $1
on conflict do nothing
"""
SQL_REFUSED_OF = """
select p.delivery_id, p.row_number, p.sealed, d.wrapped_key as delivery_key, d.client_id, l.wrapped_key as client_key
  from pii.refused_row p join delivery d on d.id = p.delivery_id join client l on l.id = d.client_id
 where p.row_number > 0 and d.received_at <= $2
   and d.id in (select s.delivery_id from signal s join case_file f on f.id = s.case_id where f.resident_id = $1)
"""

_WHO = """(select r.client_id, c.wrapped_key as client_key
             from resident r join client c on c.id = r.client_id where r.id = $1) l"""
_CASES = "(select id from case_file where resident_id = $1)"
_NOTHING = "null::uuid as owner, null::bytea as sealed, null::uuid as delivery_id, null::bytea as delivery_key"


def _sql(plain: str, box: str, rest: str) -> str:
    return f"select jsonb_build_object({plain})::text as plain, {box}, l.client_id, l.client_key from {_WHO} {rest}"


SQL_WHO = _sql(
    "'ontvangen_op', d.received_at",
    "p.resident_id as owner, p.sealed, p.delivery_id, d.wrapped_key as delivery_key",
    "join pii.resident p on p.resident_id = $1 join delivery d on d.id = p.delivery_id order by d.received_at",
)
SQL_HELD_NUMBERS = _sql(
    "'soort', h.kind, 'ontvangen_op', d.received_at, 'geblokkeerd_op', h.blocked_at",
    "p.phone_id as owner, p.sealed, p.delivery_id, d.wrapped_key as delivery_key",
    f"join phone h on h.id in (select phone_id from case_phone where case_id in {_CASES}) "
    "join pii.phone p on p.phone_id = h.id join delivery d on d.id = p.delivery_id order by d.received_at",
)
SQL_HELD_SIGNALS = _sql(
    "'kenmerk', s.client_ref, 'signaal', s.signal_ref, 'vastelastenpartner', s.partner_type,"
    " 'signaaldatum', s.signal_on, 'crisis', s.crisis",
    "s.id as owner, p.sealed, s.delivery_id, d.wrapped_key as delivery_key",
    f"join signal s on s.case_id in {_CASES} join delivery d on d.id = s.delivery_id "
    "left join pii.signal p on p.signal_id = s.id order by s.signal_on",
)
SQL_HELD_CASES = _sql(
    "'belactie', g.name, 'begonnen_op', f.opened_at, 'afgesloten_op', f.closed_at, 'stand', f.state,"
    " 'resultaat', coalesce((select o.label_nl from outcome_definition o where o.code = f.outcome"
    " order by o.version desc limit 1), f.outcome)",
    _NOTHING,
    "join case_file f on f.resident_id = $1 join campaign g on g.id = f.campaign_id order by f.opened_at",
)
SQL_HELD_CALLS = _sql(
    "'tijd', coalesce(a.dialed_at, a.claimed_at), 'richting', a.direction, 'resultaat',"
    " coalesce((select o.label_nl from outcome_definition o"
    " where o.code = a.outcome and o.version = a.catalogue_version), a.outcome),"
    " 'gesproken', a.reached, 'gesprek_seconden', round(a.talk_ms / 1000), 'antwoorden', a.facts -> 'answers'",
    "a.id as owner, n.sealed, n.delivery_id, d.wrapped_key as delivery_key",
    f"join attempt a on a.case_id in {_CASES} left join pii.note n on n.attempt_id = a.id "
    "left join delivery d on d.id = n.delivery_id order by a.claimed_at",
)
SQL_HELD_DRAFTS = _sql(
    "'opgeslagen_op', n.saved_at",
    "a.id as owner, n.sealed, n.delivery_id, d.wrapped_key as delivery_key",
    f"join attempt a on a.case_id in {_CASES} join wrap_up_draft n on n.attempt_id = a.id "
    "left join delivery d on d.id = n.delivery_id order by n.saved_at",
)
SQL_HELD_MARKS = _sql(
    "'tijd', m.at, 'aantekening', m.mark",
    "m.id as owner, n.sealed, n.delivery_id, d.wrapped_key as delivery_key",
    f"join follow_up_mark m on m.case_id in {_CASES} left join pii.follow_up_note n on n.mark_id = m.id "
    "left join delivery d on d.id = n.delivery_id order by m.at",
)
SQL_HELD_QUESTIONS = _sql(
    "'tijd', m.at, 'van', m.side",
    "m.id as owner, t.sealed, t.delivery_id, d.wrapped_key as delivery_key",
    f"join question_message m on m.case_id in {_CASES} left join pii.question_text t on t.message_id = m.id "
    "left join delivery d on d.id = t.delivery_id order by m.at",
)
SQL_HELD_COMPLAINTS = _sql(
    "'ontvangen_op', c.received_at, 'stand', c.state, 'antwoord_uiterlijk', c.due_on",
    "c.id as owner, t.sealed, t.delivery_id, d.wrapped_key as delivery_key",
    f"join complaint c on c.case_id in {_CASES} "
    "left join pii.complaint_text t on t.complaint_id = c.id and t.kind = 'what' "
    "left join delivery d on d.id = t.delivery_id order by c.received_at",
)
SQL_HELD_COMPLAINT_ANSWERS = _sql(
    "'ontvangen_op', c.received_at",
    "c.id as owner, t.sealed, t.delivery_id, d.wrapped_key as delivery_key",
    f"join complaint c on c.case_id in {_CASES} "
    "join pii.complaint_text t on t.complaint_id = c.id and t.kind = 'answer' "
    "left join delivery d on d.id = t.delivery_id order by c.received_at",
)
SQL_HELD_APPOINTMENTS = _sql(
    "'tijd', s.starts_at, 'stand', b.state, 'gemaakt_op', b.booked_at, 'bevestiging_via', c.via",
    "b.attempt_id as owner, c.sealed, c.delivery_id, d.wrapped_key as delivery_key",
    f"join booking b on b.case_id in {_CASES} join slot s on s.id = b.slot_id "
    "left join pii.booking_contact c on c.attempt_id = b.attempt_id left join delivery d on d.id = c.delivery_id "
    "order by b.booked_at",
)
SQL_HELD_CALL_BACKS = _sql(
    "'gevraagd_op', t.requested_at, 'stand', t.state",
    "t.id as owner, nullif(t.sealed_number, '') as sealed, null::uuid as delivery_id, null::bytea as delivery_key",
    f"join callback_task t on t.case_id in {_CASES} order by t.requested_at",
)
SQL_HELD_GIVEN = _sql(
    "'tijd', e.created_at, 'bevestigd_op', e.confirmed_at, 'soort', x.action",
    _NOTHING,
    f"join export_line x on x.case_id in {_CASES} join export_run e on e.id = x.export_id order by e.created_at",
)
SQL_HELD_SENT = _sql(
    "'kanaal', c.name, 'stand', o.state, 'tijd', o.done_at",
    _NOTHING,
    f"join outbox_message o on o.case_id in {_CASES} join exchange_channel c on c.id = o.channel_id order by o.seq",
)
SQL_HELD_SURVEYS = _sql(
    "'gevraagd_op', s.asked_at, 'tevredenheid_1_tot_5', s.kto, 'aanbevelen_0_tot_10', s.nps",
    _NOTHING,
    f"join survey s on s.attempt_id in (select id from attempt where case_id in {_CASES}) order by s.asked_at",
)
SQL_HELD_RECORDINGS = _sql(
    "'kenmerk_gesprek', r.attempt_id, 'instemming_op', r.agreed_at, 'stand', r.state, 'duur_seconden', r.size / 16000",
    _NOTHING,
    f"join recording r on r.attempt_id in (select id from attempt where case_id in {_CASES}) order by r.agreed_at",
)
SQL_HELD_NO_SURVEYS = _sql(
    "'sinds', o.at",
    _NOTHING,
    "join resident r on r.id = $1 join survey_opt_out o on o.client_id = r.client_id and o.match_key = r.match_key",
)
SQL_HELD_SEEN = _sql(
    "'tijd', v.at, 'wie', split_part(v.actor, ':', 1), 'wat', v.action, 'waarom', v.purpose",
    _NOTHING,
    f"""join audit_event v on (v.subject_kind, v.subject_id) in (
          select 'case', id::text from case_file where resident_id = $1
          union all select 'attempt', a.id::text from attempt a where a.case_id in {_CASES}
          union all select 'resident', $1::text) order by v.id""",
)
SQL_HELD_OBJECTIONS = _sql(
    "'sinds', o.at, 'opgeheven_op', o.lifted_at",
    _NOTHING,
    "join resident r on r.id = $1 join opt_out o on o.client_id = r.client_id and o.match_key = r.match_key "
    "order by o.at",
)
_HELD = (
    ("who", sealed.RESIDENT, SQL_WHO),
    ("numbers", sealed.PHONE, SQL_HELD_NUMBERS),
    ("signals", sealed.SIGNAL, SQL_HELD_SIGNALS),
    ("cases", "", SQL_HELD_CASES),
    ("calls", sealed.NOTE, SQL_HELD_CALLS),
    ("drafts", sealed.DRAFT, SQL_HELD_DRAFTS),
    ("marks", sealed.FOLLOW_UP, SQL_HELD_MARKS),
    ("questions", sealed.QUESTION, SQL_HELD_QUESTIONS),
    ("complaints", sealed.COMPLAINT, SQL_HELD_COMPLAINTS),
    ("complaint_answers", sealed.COMPLAINT_ANSWER, SQL_HELD_COMPLAINT_ANSWERS),
    ("appointments", sealed.BOOKING_CONTACT, SQL_HELD_APPOINTMENTS),
    ("call_backs", sealed.CALLBACK, SQL_HELD_CALL_BACKS),
    ("given", "", SQL_HELD_GIVEN),
    ("sent", "", SQL_HELD_SENT),
    ("surveys", "", SQL_HELD_SURVEYS),
    ("recordings", "", SQL_HELD_RECORDINGS),
    ("no_surveys", "", SQL_HELD_NO_SURVEYS),
    ("seen", "", SQL_HELD_SEEN),
    ("objections", "", SQL_HELD_OBJECTIONS),
)

SQL_LOCK_RESIDENT = "select id from resident where id = $1 for no key update"
SQL_IN_CALL = f"select exists (select 1 from attempt where case_id in {_CASES} and (live or wrap_up_open))"

_UNTIL = "(select id from delivery where received_at <= $2)"
_OWN_CASES = "(select id from case_file where resident_id = $1 and opened_at <= $2)"
_OWN_ATTEMPTS = f"(select id from attempt where case_id in {_OWN_CASES})"
# Numbers that no other resident has too.
_OWN_PHONES = """(select cp.phone_id from case_phone cp join case_file f on f.id = cp.case_id
                   group by cp.phone_id having bool_and(f.resident_id = $1))"""
_ERASING = {
    # Cases that a list or a hand opened again in a restored back-up do not stay open without a name.
    "case_file": "update case_file set state = 'withdrawn', state_reason = 'erased', next_at = null, "
    f"next_phone_id = null, appointment_at = null, paused_until = null where id in {_OWN_CASES} "
    "and state in ('held','no_number','open')",
    "case_phone": f"update case_phone set state = 'closed', closed_reason = 'erased' where case_id in {_OWN_CASES} "
    "and state = 'open'",
    "pii.note": f"delete from pii.note where attempt_id in {_OWN_ATTEMPTS}",
    "wrap_up_draft": f"delete from wrap_up_draft where attempt_id in {_OWN_ATTEMPTS}",
    "recording": f"delete from recording where attempt_id in {_OWN_ATTEMPTS}",
    "survey": f"delete from survey where attempt_id in {_OWN_ATTEMPTS}",
    "pii.booking_contact": f"delete from pii.booking_contact where attempt_id in {_OWN_ATTEMPTS}",
    "booking_notice": f"update booking_notice set state = 'skipped' where attempt_id in {_OWN_ATTEMPTS} "
    "and state in ('waiting','retry')",
    "pii.follow_up_note": "delete from pii.follow_up_note where mark_id in "
    f"(select id from follow_up_mark where case_id in {_OWN_CASES})",
    "pii.question_text": "delete from pii.question_text where message_id in "
    f"(select id from question_message where case_id in {_OWN_CASES})",
    "pii.complaint_text": "delete from pii.complaint_text where complaint_id in "
    f"(select id from complaint where case_id in {_OWN_CASES})",
    "pii.coaching_text": "delete from pii.coaching_text where coaching_id in (select k.id from coaching k "
    f"join review r on r.id = k.review_id join sample s on s.id = r.sample_id where s.attempt_id in {_OWN_ATTEMPTS})",
    "export_line": f"update export_line set sealed = null where case_id in {_OWN_CASES} and sealed is not null",
    # What still goes out is made anew at its next try, of what is left.
    "outbox_message": f"update outbox_message set sealed = null where case_id in {_OWN_CASES} and sealed is not null",
    "callback_task": "update callback_task set sealed_number = '', state = case when state in ('open','claimed') "
    f"then 'cancelled' else state end where case_id in {_OWN_CASES} and sealed_number <> ''",
    "pii.signal": f"delete from pii.signal where signal_id in (select id from signal where case_id in {_OWN_CASES})",
    "pii.phone": f"delete from pii.phone where phone_id in {_OWN_PHONES} and delivery_id in {_UNTIL}",
    "pii.resident": f"delete from pii.resident where resident_id = $1 and delivery_id in {_UNTIL}",
}
SQL_NEWEST = """
select p.delivery_id, p.sealed, r.match_key, r.client_id, d.wrapped_key as delivery_key, l.wrapped_key as client_key
  from pii.resident p join resident r on r.id = p.resident_id join client l on l.id = r.client_id
  join delivery d on d.id = p.delivery_id and d.wrapped_key is not null
 where p.resident_id = $1 order by d.received_at desc, d.id desc limit 1
"""
SQL_CORRECT = "update pii.resident set sealed = $3 where resident_id = $1 and delivery_id = $2 and sealed = $4"
SQL_KEEP_OBJECTION = """
insert into opt_out (id, client_id, match_key, attempt_id, at)
select $3, r.client_id, $2, o.attempt_id, $4
  from resident r join opt_out o on o.client_id = r.client_id and o.match_key = r.match_key and o.lifted_at is null
 where r.id = $1
on conflict do nothing
"""
SQL_RENAME = "update resident set match_key = $2 where id = $1"
SQL_DROP_REFUSED = "delete from pii.refused_row where delivery_id = $1 and row_number = $2"


@store
class PgResidents:
    """`ResidentStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool, ids: Ids) -> None:
        self._pool = pool
        self._ids = ids

    async def find(self, client: ClientId, client_ref: str) -> Sequence[ResidentId]:
        """See ResidentStore."""
        rows = await self._pool.fetch(SQL_FIND_RESIDENTS, client, client_ref)
        rows = rows or await self._pool.fetch(SQL_FIND_TYPED, client, client_ref)
        return [ResidentId(row["resident_id"]) for row in rows]

    async def client_of(self, resident: ResidentId) -> ClientId:
        """See ResidentStore."""
        found = await self._pool.fetchval(SQL_CLIENT_OF_RESIDENT, resident)
        if found is None:
            raise NotFoundError("no such resident")
        return ClientId(found)

    async def references(self, resident: ResidentId, until: datetime) -> frozenset[str]:
        """See ResidentStore."""
        return frozenset(cell for row in await self._pool.fetch(SQL_REFERENCES, resident, until) for cell in row)

    async def held(self, resident: ResidentId) -> Sequence[Held]:
        """See ResidentStore. In one snapshot."""
        found = []
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            for section, kind, sql in _HELD:
                for row in await connection.fetch(sql, resident):
                    box = sealed_box_if_any(row, row["owner"])
                    found.append(Held(section=section, plain=json.loads(row["plain"]), kind=kind, box=box))
        return found

    async def open_cases(self, resident: ResidentId) -> Sequence[CaseId]:
        """See ResidentStore."""
        return [CaseId(row["id"]) for row in await self._pool.fetch(SQL_OPEN_CASES, resident)]

    async def oppose(self, resident: ResidentId, at: datetime) -> None:
        """See ResidentStore."""
        await self._pool.execute(SQL_OPPOSE, resident, self._ids.new(), at)

    async def refused(self, resident: ResidentId, until: datetime) -> Sequence[RefusedBox]:
        """See ResidentStore."""
        return [
            RefusedBox(
                delivery=DeliveryId(row["delivery_id"]),
                row=row["row_number"],
                box=sealed_box(row, sealed.row_id(row["row_number"])),
            )
            for row in await self._pool.fetch(SQL_REFUSED_OF, resident, until)
        ]

    async def newest(self, resident: ResidentId) -> NewestBox | None:
        """See ResidentStore."""
        row = await self._pool.fetchrow(SQL_NEWEST, resident)
        if row is None:
            return None
        delivery = DeliveryId(row["delivery_id"])
        return NewestBox(delivery=delivery, match_key=row["match_key"], box=sealed_box(row, resident))

    async def correct(
        self, resident: ResidentId, box: NewestBox, content: bytes, match_key: bytes, opt_out: UUID, at: datetime
    ) -> None:
        """See ResidentStore. One transaction."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.fetchval(SQL_LOCK_RESIDENT, resident)
            status = await connection.execute(SQL_CORRECT, resident, box.delivery, content, box.box.sealed)
            if not status.endswith(" 1"):
                raise ConflictError("the resident's data was changed meanwhile: look again")
            if match_key == box.match_key:
                return
            await connection.execute(SQL_KEEP_OBJECTION, resident, match_key, opt_out, at)
            try:
                await connection.execute(SQL_RENAME, resident, match_key)
            except asyncpg.UniqueViolationError:
                raise ConflictError("er is al een inwoner met deze naam, geboortedatum en postcode") from None

    async def erase(
        self,
        resident: ResidentId,
        until: datetime,
        refused: Sequence[tuple[DeliveryId, int]],
        *,
        dry: bool = False,
    ) -> Mapping[str, int]:
        """See ResidentStore. One transaction, rolled back when it is dry."""
        async with self._pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                gone = await self._erase(connection, resident, until, refused)
            except BaseException:
                await transaction.rollback()
                raise
            await (transaction.rollback() if dry else transaction.commit())
        return gone

    async def _erase(
        self,
        connection: Connection,
        resident: ResidentId,
        until: datetime,
        refused: Sequence[tuple[DeliveryId, int]],
    ) -> Mapping[str, int]:
        if await connection.fetchval(SQL_LOCK_RESIDENT, resident) is None:
            raise NotFoundError("no such resident")
        if await connection.fetchval(SQL_IN_CALL, resident):
            raise ConflictError("a call with this resident goes on, or is not filed yet: try again afterwards")
        gone = {}
        for table, sql in _ERASING.items():
            args = (resident, until) if "$2" in sql else (resident,)
            gone[table] = int((await connection.execute(sql, *args)).split()[-1])
        for delivery, row in refused:
            await connection.execute(SQL_DROP_REFUSED, delivery, row)
        gone["pii.refused_row"] = len(refused)
        return gone
