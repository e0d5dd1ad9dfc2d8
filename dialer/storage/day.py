"""A supervisor's day, straight from the tables."""

from __future__ import annotations

from dataclasses import fields

import asyncpg

from dialer.domain.campaign_settings import CAMPAIGN_NUMBERS
from dialer.domain.ids import CampaignId, CaseId, ClientId, UserId
from dialer.services.ports.day import Day, DayAppointment, DayBounds, DayCampaign, DayWrapUps
from dialer.storage.pool import store

MOST_APPOINTMENTS = 100

USUAL_BOUND = CAMPAIGN_NUMBERS["abandoned_percent"].usual
USUAL_HOURS = CAMPAIGN_NUMBERS["abandoned_hours"].usual

SQL_DAY_APPOINTMENTS = """
select f.id as case, f.campaign_id as campaign, f.appointment_at as at, f.preferred_agent as agent, f.crisis,
       f.appointment_at < $4 and not exists (select 1 from attempt a where a.case_id = f.id and a.direction = 'out'
                                                and a.claimed_at >= f.appointment_at) as missed,
       count(*) over () as total
  from case_file f
 where f.state = 'open' and f.appointment_at >= $2 and f.appointment_at < $3 and ($1::uuid is null or f.client_id = $1)
 order by f.appointment_at, f.id limit $5
"""
SQL_DAY_CAMPAIGNS = """
select g.id as campaign, g.name, g.state, c.callbacks, c.oldest_callback, e.ends_soon, e.ends_soon_crisis,
       d.last_list_at, d.loading, a.dialled, a.answered, a.reached, a.abandoned,
       coalesce((g.settings ->> 'abandoned_percent')::float8, $6) as abandoned_percent,
       w.hours as abandoned_hours, a.answered_within, a.abandoned_within,
       (select (r.report ->> 'reached')::float8 / nullif((r.report ->> 'callable')::float8, 0)
          from reach_report r where r.campaign_id = g.id order by r.day desc limit 1) as reach,
       (g.settings ->> 'promised_reach_percent')::float8 / 100 as promised
  from campaign g
  left join lateral (select count(*) as callbacks, min(t.requested_at) as oldest_callback
                       from callback_task t where t.campaign_id = g.id and t.state = 'open') c on true
  left join lateral (select count(*) as ends_soon, count(*) filter (where f.crisis) as ends_soon_crisis
                       from case_file f
                      where f.campaign_id = g.id and f.state in ('open', 'no_number')
                        and f.plan_ends_at > $2 and f.plan_ends_at <= $3) e on true
  left join lateral (select max(d.received_at) filter (where d.kind = 'list' and d.state = 'loaded') as last_list_at,
                            count(*) filter (where d.state = 'loading') as loading
                       from delivery d where d.campaign_id = g.id) d on true
  cross join lateral (select coalesce((g.settings ->> 'abandoned_hours')::float8, $7) as hours) w
  left join lateral (select count(*) filter (where a.dialed_at is not null) as dialled,
                            count(*) filter (where a.answered_at is not null
                                               and a.claimed_at > $2 - w.hours * interval '1 hour') as answered_within,
                            count(*) filter (where a.abandoned
                                               and a.claimed_at > $2 - w.hours * interval '1 hour') as abandoned_within,
                            count(*) filter (where a.answered_at is not null) as answered,
                            count(*) filter (where a.reached) as reached,
                            count(*) filter (where a.abandoned) as abandoned
                       from attempt a
                      where a.campaign_id = g.id and a.claimed_at >= $4 and a.claimed_at < $5
                        and a.direction = 'out') a on true
 where g.state not in ('draft', 'stopped') and ($1::uuid is null or g.client_id = $1)
 order by g.name, g.id
"""
SQL_DAY_WRAP_UPS = """
select a.agent_id as user, count(*) as count, min(coalesce(a.ended_at, a.claimed_at)) as oldest
  from attempt a
 where a.wrap_up_open and a.agent_id is not null and not a.live and ($1::uuid is null or a.client_id = $1)
 group by a.agent_id order by oldest
"""
SQL_DAY_EXPORTS = """
select count(*) from export_run e join campaign g on g.id = e.campaign_id
 where e.confirmed_at is null and g.state <> 'stopped' and ($1::uuid is null or e.client_id = $1)
"""


@store
class PgDayBook:
    """`DayBook` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def day(self, client: ClientId | None, bounds: DayBounds) -> Day:
        """See DayBook."""
        agreed = await self._pool.fetch(
            SQL_DAY_APPOINTMENTS, client, bounds.begin, bounds.end, bounds.missed_before, MOST_APPOINTMENTS
        )
        campaigns = await self._pool.fetch(
            SQL_DAY_CAMPAIGNS, client, bounds.now, bounds.soon, bounds.begin, bounds.end, USUAL_BOUND, USUAL_HOURS
        )
        wrap_ups = await self._pool.fetch(SQL_DAY_WRAP_UPS, client)
        exports = await self._pool.fetchval(SQL_DAY_EXPORTS, client)
        return Day(
            at=bounds.now,
            exports_open=exports,
            appointments=[
                DayAppointment(
                    case=CaseId(row["case"]),
                    campaign=CampaignId(row["campaign"]),
                    at=row["at"],
                    agent=None if row["agent"] is None else UserId(row["agent"]),
                    crisis=row["crisis"],
                    missed=row["missed"],
                )
                for row in agreed
            ],
            appointments_total=agreed[0]["total"] if agreed else 0,
            campaigns=[DayCampaign(**{one.name: row[one.name] for one in fields(DayCampaign)}) for row in campaigns],
            wrap_ups=[
                DayWrapUps(user=UserId(row["user"]), count=row["count"], oldest=row["oldest"]) for row in wrap_ups
            ],
        )
