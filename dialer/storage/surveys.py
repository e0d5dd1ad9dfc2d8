"""Surveys in PostgreSQL: by attempt while it is not settled, and as facts of reports that name nobody.

What counts is written once, in `report_survey`, without the attempt: the answers' day and no more. What is known of the
attempt goes by term (storage.retention) and with the resident (storage.residents).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import asyncpg

from dialer.domain.ids import AttemptId
from dialer.domain.survey import NEVER_AFTER, NEVER_BEGAN, SETTLES_AFTER, Answers
from dialer.storage.pool import store

SQL_ASK = """
insert into survey (attempt_id, client_id, campaign_id, percent, asked_at)
select a.id, a.client_id, a.campaign_id, $2, $3
  from attempt a
  join case_file f on f.id = a.case_id
  join resident r on r.id = f.resident_id
 where a.id = $1 and a.verified and a.direction in ('out', 'in') and not f.crisis
   and not exists (select 1 from survey_opt_out o where o.client_id = a.client_id and o.match_key = r.match_key)
   and not exists (select 1 from complaint k where k.case_id = f.id)
   and not exists (select 1 from attempt b where b.case_id = f.id and b.flags && $4::text[])
   and not exists (select 1 from attempt b join survey s on s.attempt_id = b.id where b.case_id = f.id)
on conflict do nothing
returning attempt_id
"""
SQL_UNASK = "delete from survey where attempt_id = $1 and over_at is null"
SQL_OPT_OUT_OF_SURVEYS = """
insert into survey_opt_out (client_id, match_key, at)
select a.client_id, r.match_key, $2
  from attempt a join case_file f on f.id = a.case_id join resident r on r.id = f.resident_id
 where a.id = $1 and a.verified
on conflict do nothing
"""
SQL_ANSWERED = """
update survey set kto = coalesce($2, kto), nps = coalesce($3, nps), over_at = coalesce(over_at, $4)
 where attempt_id = $1 and settled_at is null
"""
SQL_NEVER_BEGAN = "delete from survey where over_at is null and asked_at < $1 and attempt_id <> all($2::uuid[])"
# Counted on the day of the conversation, by the local date. $1 now, $2 filed until, $3 under way, $4 flags
SQL_SETTLE = """
with due as (
  select s.attempt_id, a.flags && $4::text[] as void
    from survey s join attempt a on a.id = s.attempt_id
   where s.over_at is not null and s.settled_at is null and not a.live and not a.wrap_up_open and a.outcome_at <= $2
     and s.attempt_id <> all($3::uuid[])
   order by s.attempt_id for update of s skip locked
), settled as (
  update survey s
     set settled_at = $1, kto = case when not d.void then s.kto end, nps = case when not d.void then s.nps end
    from due d where s.attempt_id = d.attempt_id
  returning s.client_id, s.campaign_id, s.asked_at, s.kto, s.nps, d.void
), counted as (
  insert into report_survey (era, client_id, campaign_id, at, kto, nps)
  select newest_report_era(), s.client_id, s.campaign_id,
         date_trunc('day', s.asked_at at time zone 'Europe/Amsterdam') at time zone 'Europe/Amsterdam', s.kto, s.nps
    from settled s where not s.void
)
select count(*) from settled
"""


@store
class PgSurveys:
    """`SurveyStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def ask(self, attempt: AttemptId, percent: float, at: datetime) -> bool:
        """See SurveyStore."""
        return await self._pool.fetchval(SQL_ASK, attempt, percent, at, sorted(NEVER_AFTER)) is not None

    async def unask(self, attempt: AttemptId) -> None:
        """See SurveyStore."""
        await self._pool.execute(SQL_UNASK, attempt)

    async def opt_out(self, attempt: AttemptId, at: datetime) -> None:
        """See SurveyStore."""
        await self._pool.execute(SQL_OPT_OUT_OF_SURVEYS, attempt, at)

    async def answered(self, attempt: AttemptId, answers: Answers, at: datetime) -> None:
        """See SurveyStore."""
        await self._pool.execute(SQL_ANSWERED, attempt, answers.kto, answers.nps, at)

    async def settle(self, at: datetime, under_way: Collection[AttemptId]) -> int:
        """See SurveyStore. One transaction each."""
        await self._pool.execute(SQL_NEVER_BEGAN, at - NEVER_BEGAN, list(under_way))
        return int(await self._pool.fetchval(SQL_SETTLE, at, at - SETTLES_AFTER, list(under_way), sorted(NEVER_AFTER)))
