"""Appointments by the client's reference, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncpg

from dialer.domain.ids import CampaignId, CaseId, ClientId
from dialer.domain.visits import Said, Visit
from dialer.schedule.windows import local_date
from dialer.storage.pool import store

# Booked in a time that the client offers, or agreed without one: then the client's own list has it.
SQL_VISITS = """
with mine as (
  select distinct n.client_ref, n.case_id, f.result_version
    from signal n join case_file f on f.id = n.case_id
   where n.client_id = $1 and f.campaign_id = $2 and n.client_ref = any($3::text[]) and not n.recalled
)
select m.client_ref, m.case_id, m.result_version, b.id as booking, s.starts_at,
       case when b.state = 'booked' then '' else b.state end as said, b.changed_at as said_at
  from mine m join booking b on b.case_id = m.case_id join slot s on s.id = b.slot_id
 where b.state <> 'moved' and b.reason <> 'undone'
union all
select m.client_ref, m.case_id, m.result_version, null, u.due_at, coalesce(k.mark, ''), k.at
  from mine m join follow_up u on u.case_id = m.case_id and u.list = 'appointment'
  left join lateral (
    select k.mark, k.at from follow_up_mark k
     where k.case_id = u.case_id and k.list = u.list and k.since = u.since and k.due_at = u.due_at
       and k.taken_back_at is null
     order by k.at desc, k.id desc limit 1) k on true
 where not exists (select from booking b where b.case_id = m.case_id and b.reason <> 'undone')
 order by starts_at
"""


@store
class PgVisits:
    """`VisitStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def visits(
        self, client: ClientId, campaign: CampaignId, references: Sequence[str]
    ) -> Mapping[str, Sequence[Visit]]:
        """By reference."""
        found: dict[str, list[Visit]] = {}
        for row in await self._pool.fetch(SQL_VISITS, client, campaign, list(references)):
            visit = Visit(
                case=CaseId(row["case_id"]),
                booking=row["booking"],
                starts_at=row["starts_at"],
                on=local_date(row["starts_at"]),
                said=Said(row["said"]),
                said_at=row["said_at"],
                version=row["result_version"],
            )
            found.setdefault(row["client_ref"], []).append(visit)
        return found
