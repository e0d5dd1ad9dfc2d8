"""Deliveries: what was received, what was refused, and who is behind a reference."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import asyncpg

from dialer.domain.errors import ConflictError, NotFoundError
from dialer.domain.ids import CampaignId, CaseId, ClientId, DeliveryId, ResidentId, SignalId, UserId
from dialer.services.ports.intake import (
    CalledLine,
    ColumnMapping,
    DeliveryInfo,
    NewDelivery,
    Refusal,
    SeenLine,
    SplitSource,
    ToEnrich,
)
from dialer.services.ports.intake_rows import BatchKeys, CampaignInfo, Known, NewCase, NewResident, SealedRow
from dialer.services.scope import limited_to
from dialer.storage import mappings
from dialer.storage.loading import (
    SQL_LOCK_CLIENT,
    SQL_TRY_LOAD,
    SQL_USE_INDEXES,
    PostgresLoad,
    look_up,
)
from dialer.storage.pool import own_session, store
from dialer.storage.recall import Recalls

_WAIT_FOR_CLIENT = 900.0
"""Seconds that a load waits for another one of the same client."""

SQL_CAMPAIGN = """
select g.id, g.client_id, l.wrapped_key, l.settings::text as settings, g.catalogue_version
  from campaign g join client l on l.id = g.client_id where g.id = $1
"""
SQL_FIND_CAMPAIGN = """
select g.id from campaign g join client l on l.id = g.client_id
 where (g.name = $2 or g.id::text = $2) and ($1 = '' or l.slug = $1) limit 2
"""
_DELIVERY = """
select d.id, d.client_id, d.campaign_id, d.kind, d.format, d.state, d.received_at, d.received_by, d.recalled_at,
       d.counts::text as counts, d.wrapped_key, l.wrapped_key as client_key
  from delivery d join client l on l.id = d.client_id
"""
SQL_DELIVERY = _DELIVERY + " where d.id = $1"
SQL_DELIVERIES = _DELIVERY + " where d.campaign_id = $1 order by d.received_at desc, d.id desc"
SQL_EXISTING = _DELIVERY + " where d.campaign_id = $1 and d.content_hash = $2 and d.state <> 'recalled'"
SQL_BEGIN = """
insert into delivery (id, client_id, campaign_id, kind, content_hash, format, mapping_id, state, received_at,
                      received_by, wrapped_key)
values ($1, $2, $3, $4, $5, $6, $7, 'loading', $8, $9, $10)
on conflict (campaign_id, content_hash) where state <> 'recalled' do nothing
"""
SQL_REFUSALS = """
select f.row_number, f.column_name, f.reason, f.fatal, p.sealed
  from delivery_refusal f
  left join pii.refused_row p on p.delivery_id = f.delivery_id and p.row_number = f.row_number and f.fatal
 where f.delivery_id = $1 order by f.row_number, f.column_name, f.reason
"""
SQL_REFUSED_HEADER = "select sealed from pii.refused_row where delivery_id = $1 and row_number = 0"
SQL_CALLED = """
select a.id, a.case_id, a.direction, coalesce(a.dialed_at, a.claimed_at) as at, coalesce(a.outcome, '') as outcome,
       a.reached, a.joined_at is not null as joined,
       (select array_agg(distinct s.client_ref) from signal s
         where s.case_id = a.case_id and s.delivery_id = $1) as refs
  from attempt a
 where a.case_id in (select s.case_id from signal s where s.delivery_id = $1
                     union select s.merged_from from signal s where s.delivery_id = $1 and s.merged_from is not null
                     union select p.id from signal s join case_file p on p.merged_into = s.case_id
                            where s.delivery_id = $1)
   and (a.dialed_at is not null or a.direction = 'in')
 order by at, a.id
"""
SQL_SEEN = """
with mine as (select distinct case_id from signal where delivery_id = $1)
select e.at, e.actor, e.action, e.subject_kind, e.subject_id, mine.case_id
  from mine join audit_event e on e.subject_kind = 'case' and e.subject_id = mine.case_id::text
union
select e.at, e.actor, e.action, e.subject_kind, e.subject_id, mine.case_id
  from mine join attempt a on a.case_id = mine.case_id
  join audit_event e on e.subject_kind = 'attempt' and e.subject_id = a.id::text
union
select e.at, e.actor, e.action, e.subject_kind, e.subject_id, null
  from audit_event e where e.subject_kind = 'delivery' and e.subject_id = $1::text
 order by at
"""
SQL_TO_ENRICH = """
select s.client_ref, s.signal_ref, f.resident_id, f.client_id, l.wrapped_key as client_key, d.id as delivery_id,
       d.wrapped_key as delivery_key, p.sealed
  from case_file f
  join client l on l.id = f.client_id
  join signal s on s.case_id = f.id and not s.recalled
  join delivery d on d.id = s.delivery_id
  left join pii.resident p on p.resident_id = f.resident_id and p.delivery_id = d.id
 where f.campaign_id = $1 and f.state = 'no_number'
 order by s.client_ref, s.signal_ref
"""
SQL_SPLIT_SOURCE = """
select s.id, s.case_id, f.resident_id, f.client_id, f.campaign_id, s.client_ref, r.match_key, s.delivery_id,
       l.wrapped_key as client_key, d.wrapped_key as delivery_key, p.sealed as sealed_resident,
       q.sealed as sealed_signal, s.crisis, f.language, f.catalogue_version, s.term_ends_at, s.plan_ends_at,
       exists (select from case_phone cp
                 join pii.phone pp on pp.phone_id = cp.phone_id and pp.delivery_id = s.delivery_id
                where cp.case_id = f.id and cp.state = 'open') as has_number
  from signal s
  join case_file f on f.id = s.case_id
  join resident r on r.id = f.resident_id
  join client l on l.id = f.client_id
  join delivery d on d.id = s.delivery_id
  left join pii.resident p on p.resident_id = r.id and p.delivery_id = d.id
  left join pii.signal q on q.signal_id = s.id
 where s.id = $1 and not s.recalled
"""
SQL_SPLIT_LOCK = "select state from case_file where id = $1 for no key update"
SQL_SPLIT_LEFT = "select count(*) from signal where case_id = $1 and not recalled and id <> $2"
SQL_SPLIT_MOVE = "update signal set case_id = $2, merged_from = $3 where id = $1 and case_id = $3"
SQL_SPLIT_PHONES = """
insert into case_phone (case_id, phone_id, position, state, closed_reason, closed_at, source, source_on, delivery_id)
select $2, cp.phone_id, cp.position, cp.state, cp.closed_reason, cp.closed_at, cp.source, cp.source_on, $3
  from case_phone cp
 where cp.case_id = $1 and exists (select from pii.phone p where p.phone_id = cp.phone_id and p.delivery_id = $3)
"""
SQL_RECOMPUTE_TERM = """
update case_file f set crisis = s.crisis, term_ends_at = s.term_ends_at, plan_ends_at = s.plan_ends_at
  from (select bool_or(crisis) as crisis, min(term_ends_at) as term_ends_at, min(plan_ends_at) as plan_ends_at
          from signal where case_id = $1 and not recalled having count(*) > 0) s
 where f.id = $1
"""


@store
class DeliveryStore(Recalls):
    """IntakeStore on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        super().__init__(pool)
        self._pool = pool

    async def campaign(self, campaign: CampaignId) -> CampaignInfo:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_CAMPAIGN, campaign)
        if row is None:
            raise NotFoundError("no such campaign")
        return CampaignInfo(
            campaign=CampaignId(row["id"]),
            client=ClientId(row["client_id"]),
            client_key=row["wrapped_key"],
            client_settings=json.loads(row["settings"]),
            catalogue_version=row["catalogue_version"],
        )

    async def find_campaign(self, client: str, name: str) -> CampaignId:
        """By name or id, and the client's slug where that is needed to tell two apart."""
        rows = await self._pool.fetch(SQL_FIND_CAMPAIGN, client, name)
        if not rows:
            raise NotFoundError("no such campaign")
        if len(rows) > 1:
            raise ConflictError("several clients have a campaign of that name: name the client")
        return CampaignId(rows[0]["id"])

    async def known(self, client: ClientId, campaign: CampaignId, keys: BatchKeys) -> Known:
        """Look up without changing anything."""
        async with own_session(self._pool) as connection:
            await connection.execute(SQL_USE_INDEXES)
            return await look_up(connection, client, campaign, None, keys)

    async def existing(self, campaign: CampaignId, content_hash: bytes) -> DeliveryInfo | None:
        """The delivery of this content that was not recalled."""
        row = await self._pool.fetchrow(SQL_EXISTING, campaign, content_hash)
        return _delivery(row) if row is not None else None

    async def begin(self, new: NewDelivery) -> tuple[DeliveryInfo, bool]:
        """Insert, or find the delivery of the same content."""
        status = await self._pool.execute(
            SQL_BEGIN,
            new.delivery,
            new.client,
            new.campaign,
            new.kind,
            new.content_hash,
            new.format,
            new.mapping,
            new.received_at,
            new.received_by,
            new.wrapped_key,
        )
        found = await self.existing(new.campaign, new.content_hash)
        if found is None:
            raise ConflictError("the delivery was recalled meanwhile")
        return found, status.endswith("1")

    @contextlib.asynccontextmanager
    async def session(
        self, delivery: DeliveryId, client: ClientId, campaign: CampaignId, lanes: int = 1
    ) -> AsyncIterator[PostgresLoad]:
        """Become the delivery's one writer. The locks live and die with the first connection."""
        async with contextlib.AsyncExitStack() as stack:
            with limited_to(None):  # PostgreSQL copies into no table that is narrowed; `client` was checked before
                connections = [await stack.enter_async_context(own_session(self._pool, wait=30)) for _ in range(lanes)]
            first = connections[0]
            if not await first.fetchval(SQL_TRY_LOAD, str(delivery)):
                raise ConflictError("this delivery is being loaded right now")
            await first.execute(SQL_LOCK_CLIENT, str(client), timeout=_WAIT_FOR_CLIENT)
            for connection in connections:
                await connection.execute(SQL_USE_INDEXES)
            yield PostgresLoad(connections, delivery, client, campaign)

    async def delivery(self, delivery: DeliveryId) -> DeliveryInfo:
        """Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_DELIVERY, delivery)
        if row is None:
            raise NotFoundError("no such delivery")
        return _delivery(row)

    async def deliveries(self, campaign: CampaignId) -> Sequence[DeliveryInfo]:
        """The newest first."""
        return [_delivery(row) for row in await self._pool.fetch(SQL_DELIVERIES, campaign)]

    async def refusals(self, delivery: DeliveryId) -> Sequence[Refusal]:
        """By row."""
        return [
            Refusal(
                row=row["row_number"],
                column=row["column_name"],
                reason=row["reason"],
                fatal=row["fatal"],
                sealed=row["sealed"],
            )
            for row in await self._pool.fetch(SQL_REFUSALS, delivery)
        ]

    async def refused_header(self, delivery: DeliveryId) -> bytes | None:
        """The sealed header of the delivery's file; None when no row was refused."""
        header: bytes | None = await self._pool.fetchval(SQL_REFUSED_HEADER, delivery)
        return header

    async def save_mapping(self, mapping: ColumnMapping, at: datetime, by: UserId | None) -> ColumnMapping:
        """Store as the next version; an equal latest version is returned as it is."""
        return await mappings.save(self._pool, mapping, at, by)

    async def mapping(self, client: ClientId, name: str) -> ColumnMapping | None:
        """The latest version."""
        return await mappings.latest(self._pool, client, name)

    async def mappings(self, client: ClientId) -> Sequence[ColumnMapping]:
        """The latest version of each name."""
        return await mappings.all_latest(self._pool, client)

    async def rename_mapping(self, client: ClientId, name: str, new_name: str) -> bool:
        """All versions, and in the sources that read with it. False: there is none."""
        return await mappings.rename(self._pool, client, name, new_name)

    async def remove_mapping(self, client: ClientId, name: str, at: datetime) -> Sequence[str]:
        """Returns the sources that read with it: then nothing was done."""
        return await mappings.remove(self._pool, client, name, at)

    async def called(self, delivery: DeliveryId) -> Sequence[CalledLine]:
        """Attempts to residents of this delivery's signals."""
        return [
            CalledLine(
                attempt=row["id"],
                case=CaseId(row["case_id"]),
                client_refs=row["refs"] or (),
                direction=row["direction"],
                at=row["at"],
                outcome=row["outcome"],
                reached=row["reached"],
                joined=row["joined"],
            )
            for row in await self._pool.fetch(SQL_CALLED, delivery)
        ]

    async def seen(self, delivery: DeliveryId) -> Sequence[SeenLine]:
        """Audited looks at residents of this delivery's signals."""
        return [
            SeenLine(
                at=row["at"],
                actor=row["actor"],
                action=row["action"],
                subject_kind=row["subject_kind"],
                subject_id=row["subject_id"],
                case=CaseId(row["case_id"]) if row["case_id"] is not None else None,
            )
            for row in await self._pool.fetch(SQL_SEEN, delivery)
        ]

    async def to_enrich(self, campaign: CampaignId) -> Sequence[ToEnrich]:
        """Signals of cases without a number."""
        return [
            ToEnrich(
                client_ref=row["client_ref"],
                signal_ref=row["signal_ref"],
                resident=ResidentId(row["resident_id"]),
                client=ClientId(row["client_id"]),
                client_key=row["client_key"],
                delivery=DeliveryId(row["delivery_id"]),
                delivery_key=row["delivery_key"],
                sealed=row["sealed"],
            )
            for row in await self._pool.fetch(SQL_TO_ENRICH, campaign)
        ]

    async def split_source(self, signal: SignalId) -> SplitSource:
        """The signal to be told apart."""
        row = await self._pool.fetchrow(SQL_SPLIT_SOURCE, signal)
        if row is None:
            raise NotFoundError("no such signal")
        return SplitSource(
            signal=SignalId(row["id"]),
            case=CaseId(row["case_id"]),
            resident=ResidentId(row["resident_id"]),
            client=ClientId(row["client_id"]),
            campaign=CampaignId(row["campaign_id"]),
            client_ref=row["client_ref"],
            match_key=row["match_key"],
            delivery=DeliveryId(row["delivery_id"]),
            client_key=row["client_key"],
            delivery_key=row["delivery_key"],
            sealed_resident=row["sealed_resident"],
            sealed_signal=row["sealed_signal"],
            crisis=row["crisis"],
            language=row["language"],
            catalogue_version=row["catalogue_version"],
            term_ends_at=row["term_ends_at"],
            plan_ends_at=row["plan_ends_at"],
            has_number=row["has_number"],
        )

    async def split(self, signal: SignalId, old: CaseId, resident: NewResident, case: NewCase, box: SealedRow) -> None:
        """Give a signal a resident and a case of its own."""
        # PostgreSQL copies into no table that is narrowed; whose signal it is was checked before.
        with limited_to(None):
            await self._split(signal, old, resident, case, box)

    async def _split(self, signal: SignalId, old: CaseId, resident: NewResident, case: NewCase, box: SealedRow) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            state = await connection.fetchval(SQL_SPLIT_LOCK, old)
            if state not in ("held", "no_number", "open"):
                raise ConflictError("the case is over")
            if not await connection.fetchval(SQL_SPLIT_LEFT, old, signal):
                raise ConflictError("this is the only signal of the case")
            copy = connection.copy_records_to_table
            try:
                await copy("resident", records=[resident], columns=NewResident._fields)
            except asyncpg.UniqueViolationError:
                raise ConflictError("this reference was told apart from this resident before") from None
            await copy("case_file", records=[case], columns=NewCase._fields)
            await copy("resident", records=[box], columns=("resident_id", "delivery_id", "sealed"), schema_name="pii")
            if not (await connection.execute(SQL_SPLIT_MOVE, signal, case.id, old)).endswith("1"):
                raise ConflictError("the signal was moved meanwhile")
            await connection.execute(SQL_SPLIT_PHONES, old, case.id, box.delivery_id)
            await connection.execute(SQL_RECOMPUTE_TERM, old)


def _delivery(row: asyncpg.Record) -> DeliveryInfo:
    return DeliveryInfo(
        delivery=DeliveryId(row["id"]),
        client=ClientId(row["client_id"]),
        campaign=CampaignId(row["campaign_id"]),
        kind=row["kind"],
        format=row["format"],
        state=row["state"],
        received_at=row["received_at"],
        received_by=UserId(row["received_by"]) if row["received_by"] is not None else None,
        recalled_at=row["recalled_at"],
        counts=json.loads(row["counts"]),
        wrapped_key=row["wrapped_key"],
        client_key=row["client_key"],
    )
