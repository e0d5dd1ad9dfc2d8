"""The end of a client's contract in PostgreSQL."""

# ruff: noqa: S608 - every piece is a constant of this file or of its neighbours
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import asyncpg

from dialer.domain.complaint import OPEN
from dialer.domain.contract_end import EndFigures
from dialer.domain.ids import ClientId, DeliveryId
from dialer.domain.privacy_request import WAITING
from dialer.domain.reports.definitions import ACCEPTED
from dialer.services import sealed
from dialer.services.ports.contract_end import KeyedDelivery
from dialer.storage.audit import record_audit
from dialer.storage.billing import CALLABLE, STANDS
from dialer.storage.boxes import sealed_box_if_any
from dialer.storage.pool import store

_GOING = "('waiting','sending','retry','dead')"
SQL_LEFT = f"""
select (select count(*) from campaign where client_id = $1 and state not in ('draft', 'stopped')) as campaigns,
       (select count(*) from case_file f where f.client_id = $1
          and (f.state in ('open', 'no_number') or (f.state = 'held' and f.plan_ends_at > $2)
               or exists (select 1 from attempt a where a.case_id = f.id and (a.live or a.wrap_up_open)))) as cases,
       (select count(*) from case_file f where f.client_id = $1 and f.result_version > 0
          and f.state in ('reached', 'not_reached', 'closed')
          and not exists (select 1 from signal s join export_line e on e.signal_id = s.id
                            join export_run r on r.id = e.export_id and r.confirmed_at is not null
                           where s.case_id = f.id and e.case_id = f.id and e.result_version = f.result_version)
          and not exists (select 1 from outbox_message m where m.case_id = f.id and m.state = 'confirmed'
                             and m.result_version = f.result_version)
          and not exists (select 1 from follow_up u where u.case_id = f.id and u.done_at is not null)) as hand_over,
       (select count(*) from outbox_message where client_id = $1 and state in {_GOING})
       + (select count(*) from result_dispatch where client_id = $1 and state in {_GOING})
       + (select count(*) from report_delivery where client_id = $1 and state in {_GOING}) as messages,
       (select count(*) from callback_task where client_id = $1 and state in ('open', 'claimed')) as callbacks,
       (select count(*) from complaint where client_id = $1 and state = any($3::text[])) as complaints,
       (select count(*) from privacy_request where client_id = $1 and state = any($4::text[])) as requests,
       (select count(*) from case_file f where f.client_id = $1
          and exists (select 1 from tariff t where t.client_id = $1)
          and exists (select 1 from signal s where s.case_id = f.id and not s.recalled)
          and {CALLABLE} and {STANDS} = 0) as bills
"""
SQL_END_FIGURES = f"""
select g.name, (g.settings ->> 'promised_reach_percent')::int as promised,
       count(f.id) filter (where {CALLABLE}) as callable,
       count(f.id) filter (where f.state = 'reached') as reached,
       count(f.id) filter (where f.outcome = any($2::text[])) as help_wanted,
       count(f.id) filter (where b.state in ('booked', 'kept', 'no_show')) as appointments,
       count(f.id) filter (where b.state = 'kept') as kept,
       count(f.id) filter (where b.state = 'no_show') as no_show
  from campaign g
  left join case_file f on f.campaign_id = g.id
  left join lateral (select k.state from booking k where k.case_id = f.id and k.state <> 'moved'
                      order by k.booked_at desc, k.sequence desc limit 1) b on true
 where g.client_id = $1 and g.state <> 'draft'
 group by g.id, g.name, g.settings order by g.name, g.id
"""
SQL_BILLED = "select coalesce(sum(net), 0) from bill where client_id = $1"
SQL_KEYED = """
select d.id as delivery_id, d.client_id, d.wrapped_key as delivery_key, l.wrapped_key as client_key,
       r.resident_id, r.sealed
  from delivery d join client l on l.id = d.client_id
  left join lateral (select p.resident_id, p.sealed from pii.resident p where p.delivery_id = d.id
                      order by p.resident_id limit 1) r on true
 where d.client_id = $1 and d.wrapped_key is not null order by d.received_at, d.id
"""
SQL_BOXES = """
select (select count(*) from pii.resident p join resident r on r.id = p.resident_id where r.client_id = $1)
     + (select count(*) from pii.phone p join phone h on h.id = p.phone_id where h.client_id = $1)
     + (select count(*) from pii.signal p join signal s on s.id = p.signal_id where s.client_id = $1)
     + (select count(*) from pii.note where client_id = $1)
     + (select count(*) from pii.recording_piece where client_id = $1)
     + (select count(*) from wrap_up_draft where client_id = $1)
     + (select count(*) from pii.booking_contact where client_id = $1)
     + (select count(*) from pii.refused_row p join delivery d on d.id = p.delivery_id where d.client_id = $1)
     + (select count(*) from pii.follow_up_note p join follow_up_mark m on m.id = p.mark_id where m.client_id = $1)
     + (select count(*) from pii.question_text p join delivery d on d.id = p.delivery_id where d.client_id = $1)
     + (select count(*) from pii.complaint_text p join complaint k on k.id = p.complaint_id where k.client_id = $1)
     + (select count(*) from pii.coaching_text p join coaching k on k.id = p.coaching_id
          join review r on r.id = k.review_id join sample s on s.id = r.sample_id where s.client_id = $1)
     + (select count(*) from export_line e join export_run r on r.id = e.export_id
         where r.client_id = $1 and e.sealed is not null)
     + (select count(*) from outbox_message where client_id = $1 and sealed is not null)
     + (select count(*) from callback_task where client_id = $1 and sealed_number <> '')
"""
SQL_ENDED = "select certificate::text from client_end where client_id = $1"
SQL_END_CONTRACT = """
insert into client_end (client_id, ended_on, after_care_until, certificate, at)
values ($1, $2, $3, $4::text::jsonb, $5) on conflict do nothing
"""
_SECONDS = 300.0


@store
class PgContractEnd:
    """`ContractEndStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def left(self, client: ClientId, at: datetime) -> Mapping[str, int]:
        """See ContractEndStore."""
        row = await self._pool.fetchrow(SQL_LEFT, client, at, sorted(OPEN), sorted(WAITING), timeout=_SECONDS)
        return {} if row is None else dict(row)

    async def figures(self, client: ClientId) -> Sequence[EndFigures]:
        """See ContractEndStore."""
        rows = await self._pool.fetch(SQL_END_FIGURES, client, sorted(ACCEPTED), timeout=_SECONDS)
        campaigns = [
            EndFigures(
                name=row["name"],
                callable=row["callable"],
                reached=row["reached"],
                promised_percent=row["promised"],
                help_wanted=row["help_wanted"],
                appointments=row["appointments"],
                kept=row["kept"],
                no_show=row["no_show"],
                billed=None,
            )
            for row in rows
        ]
        total = EndFigures(
            name="Samen",
            callable=sum(one.callable for one in campaigns),
            reached=sum(one.reached for one in campaigns),
            promised_percent=None,
            help_wanted=sum(one.help_wanted for one in campaigns),
            appointments=sum(one.appointments for one in campaigns),
            kept=sum(one.kept for one in campaigns),
            no_show=sum(one.no_show for one in campaigns),
            billed=Decimal(await self._pool.fetchval(SQL_BILLED, client)),
        )
        return [*campaigns, total]

    async def keyed(self, client: ClientId) -> Sequence[KeyedDelivery]:
        """See ContractEndStore."""
        return [
            KeyedDelivery(
                delivery=DeliveryId(row["delivery_id"]),
                client_key=row["client_key"],
                wrapped_key=row["delivery_key"],
                kind=sealed.RESIDENT,
                box=sealed_box_if_any(row, row["resident_id"]),
            )
            for row in await self._pool.fetch(SQL_KEYED, client)
        ]

    async def boxes(self, client: ClientId) -> int:
        """See ContractEndStore."""
        return int(await self._pool.fetchval(SQL_BOXES, client, timeout=_SECONDS))

    async def ended(self, client: ClientId) -> Mapping[str, object] | None:
        """See ContractEndStore."""
        stored = await self._pool.fetchval(SQL_ENDED, client)
        if stored is None:
            return None
        certificate: Mapping[str, object] = json.loads(stored)
        return certificate

    async def end(
        self, client: ClientId, ended_on: date, until: date, certificate: Mapping[str, object], at: datetime, actor: str
    ) -> None:
        """See ContractEndStore."""
        text = json.dumps(certificate, ensure_ascii=False)
        detail = {"after_care_until": until.isoformat(), "signature": certificate["signature"]}
        async with self._pool.acquire() as connection, connection.transaction():
            status = await connection.execute(SQL_END_CONTRACT, client, ended_on, until, text, at)
            if status.endswith(" 1"):
                await record_audit(connection, at, actor, "client.end", "client", client, client, detail)
