"""Results without a receipt: in no confirmed export and in no message that a client's system took."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from dialer.domain.ids import CampaignId, CaseId, ClientId
from dialer.services.ports.hand_back import OpenResult
from dialer.storage.pool import store

# The same version of the same case: a corrected result is due anew. Whoever marked it on the client's lists has it.
SQL_OPEN_RESULTS = """
select f.id as case_id, f.campaign_id, s.client_ref, f.state, coalesce(f.outcome, '') as outcome,
       coalesce(a.flags, '{}') as flags, coalesce(a.outcome_at, f.closed_at, f.opened_at) as settled_at, f.plan_ends_at,
       case when exists (select 1 from outbox_message m where m.case_id = f.id and m.state = 'dead'
                            and m.result_version = f.result_version) then 'dead'
            when exists (select 1 from outbox_message m where m.case_id = f.id and m.result_version = f.result_version
                            and m.state in ('waiting', 'sending', 'retry'))
              or exists (select 1 from export_line e where e.signal_id = s.id and e.case_id = f.id
                            and e.result_version = f.result_version) then 'sent'
            else 'none' end as stage
  from case_file f
  join lateral (select s.id, s.client_ref from signal s join delivery d on d.id = s.delivery_id and d.state = 'loaded'
                 where s.case_id = f.id and not s.recalled order by s.client_ref, s.signal_ref limit 1) s on true
  left join attempt a on a.id = f.outcome_attempt
 where ($1::uuid is null or f.client_id = $1) and f.result_version > 0
   and (f.state in ('reached', 'not_reached', 'closed') and f.closed_at >= $2
        or f.state not in ('withdrawn', 'recalled', 'merged') and 'CRISIS' = any(a.flags) and a.outcome_at >= $2)
   and not exists (select 1 from export_line e join export_run r on r.id = e.export_id and r.confirmed_at is not null
                    where e.signal_id = s.id and e.case_id = f.id and e.result_version = f.result_version)
   and not exists (select 1 from outbox_message m
                    where m.case_id = f.id and m.result_version = f.result_version and m.state = 'confirmed')
   and not exists (select 1 from follow_up u where u.case_id = f.id and u.done_at is not null)
 order by settled_at, f.id limit $3
"""


@store
class PgHandBack:
    """`HandBackStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def open_results(self, client: ClientId | None, since: datetime, limit: int) -> Sequence[OpenResult]:
        """The oldest first."""
        rows = await self._pool.fetch(SQL_OPEN_RESULTS, client, since, limit)
        return [
            OpenResult(
                case=CaseId(row["case_id"]),
                campaign=CampaignId(row["campaign_id"]),
                client_ref=row["client_ref"],
                state=row["state"],
                outcome=row["outcome"],
                flags=list(row["flags"]),
                settled_at=row["settled_at"],
                plan_ends_at=row["plan_ends_at"],
                stage=row["stage"],
            )
            for row in rows
        ]
