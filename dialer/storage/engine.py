"""What the engine reads and writes beside the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from dialer.domain.campaign_settings import asked_of
from dialer.domain.client_settings import setting
from dialer.domain.contract_end import AFTER_CARE
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import CampaignId, CaseId, ClientId, DeliveryId, UserId
from dialer.domain.overflow import sounds_folder
from dialer.domain.sites import MAIN
from dialer.domain.skills import Abilities
from dialer.schedule.windows import DAYS, parse
from dialer.services.ports.engine import (
    AskedCallback,
    BorrowedLine,
    CallbackRequest,
    CallbackTasks,
    EngineCampaign,
    StaffNumber,
    StaffNumbers,
)
from dialer.services.ports.pacing import ClockPair
from dialer.storage.billing import CALLABLE
from dialer.storage.overflow import overflow_line
from dialer.storage.pool import Record, store

_CAMPAIGN = """
select g.id, g.client_id, g.state, g.calendar::text as calendar, g.settings::text as settings,
       g.starts_on, g.ends_on, l.inbound_number, l.slug, l.settings::text as client_settings,
       exists (select 1 from client_end e where e.client_id = g.client_id) as after_care
  from campaign g join client l on l.id = g.client_id
"""
SQL_LINE_ELSEWHERE = (
    _CAMPAIGN
    + """ where l.site <> $1 and l.inbound_number = $2 and g.state <> 'draft'
 order by g.state <> 'running', g.created_at desc limit 1
"""
)
SQL_CAMPAIGNS = (
    _CAMPAIGN  # noqa: S608 - two constants
    + """ where l.site = $1
   and (g.state <> 'draft'
        or exists (select 1 from staff_phone p where p.client_id = g.client_id and p.removed_at is null))
 order by g.created_at desc
"""
)
SQL_ASSIGNMENTS = "select user_id, array_agg(campaign_id) as campaigns from campaign_agent group by user_id"
SQL_PRACTISED = "select distinct user_id from practice_pass"
SQL_BORROWED = """
select o.id, o.client_id, o.campaign_id, o.number, o.team, o.opening, o.back_number, o.hours::text as hours,
       o.after_own, o.most_waiting, o.most_seconds, o.active, o.version, l.slug
  from overflow_line o join client l on l.id = o.client_id
 where l.site = $1
"""
SQL_ELSEWHERE = """
select inbound_number as number from client where site <> $1
union
select o.number from overflow_line o join client l on l.id = o.client_id where l.site <> $1
"""
SQL_STOPPED = "select exists (select 1 from emergency_stop where lifted_at is null)"
SQL_ABILITIES = """
select a.id, a.languages, a.skills from agent_ability a join app_user u on u.id = a.id
 where u.role = 'agent' and u.disabled_at is null
"""
SQL_DELIVERIES = "select id, delivery_id from case_file where id = any($1)"
SQL_APPOINTMENTS = """
select f.campaign_id, f.appointment_at
  from case_file f join campaign g on g.id = f.campaign_id join client l on l.id = g.client_id
 where f.state = 'open' and f.appointment_at > $1 and f.appointment_at <= $2
   and f.next_at <= $2 and g.state = 'running' and l.site = $3
 order by f.appointment_at
 limit 1000
"""
SQL_CLOCK_PAIR = """
insert into clock_pair (wall_at, calendar_at, speed) values ($1, $2, $3) on conflict (wall_at) do nothing
"""
SQL_CLOCK_PAIRS = """
(select wall_at, calendar_at, speed from clock_pair where calendar_at <= $1 order by calendar_at desc limit 1)
union all
(select wall_at, calendar_at, speed from clock_pair
  where calendar_at > $1 and calendar_at <= $2 order by calendar_at limit 10000)
order by calendar_at
"""
SQL_VOICE = """
select l.inbound_number, l.slug from campaign g join client l on l.id = g.client_id where g.id = $1
"""
SQL_NEXT_DUE = """
select min(f.next_at) from case_file f join campaign g on g.id = f.campaign_id
 where f.state = 'open' and f.next_at is not null and g.state = 'running'
"""
SQL_FIGURES = f"""
select g.id,
       (select count(*) from case_file f where f.campaign_id = g.id and f.state = 'open') as open_cases,
       (select count(*) from case_file f where f.campaign_id = g.id and f.state = 'reached') as reached,
       (select count(*) from case_file f where f.campaign_id = g.id and {CALLABLE}) as callable,
       (select coalesce(sum(greatest(0, coalesce((l.settings ->> 'case_cap')::int, 12) - dialled.n)), 0)
          from case_file f
          left join lateral (select count(*) as n from attempt a where a.case_id = f.id and a.counted) dialled on true
         where f.campaign_id = g.id and f.state = 'open') as attempts_left,
       (select count(*) from case_file f
         where f.campaign_id = g.id and f.state = 'open' and f.appointment_at < $1
           and not exists (select 1 from attempt a where a.case_id = f.id and a.direction = 'out'
                                                     and a.claimed_at >= f.appointment_at)) as missed
  from campaign g join client l on l.id = g.client_id
 where g.state <> 'draft' and l.site = $2
"""  # noqa: S608 - constant pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A campaign in figures."""

    campaign: CampaignId
    open_cases: int
    reached: int
    callable: int
    attempts_left: int  # that the case cap still allows
    missed: int  # appointments


@store
class PgEngineStore:
    """The port `EngineStore`."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        callbacks: CallbackTasks,
        *,
        trunk: str,
        staff: StaffNumbers | None = None,
        site: str = MAIN,
    ) -> None:
        """`staff` None: nobody is rung for proof. `site`: of whose clients all this is."""
        self._site = site
        self._staff = staff
        self._pool = pool
        self._callbacks = callbacks
        self._trunk = trunk

    async def campaigns(self) -> Sequence[EngineCampaign]:
        """The site's campaigns but drafts whose client has no staff phones, newest first."""
        return [self._from_record(row) for row in await self._pool.fetch(SQL_CAMPAIGNS, self._site)]

    async def assignments(self) -> Mapping[UserId, frozenset[CampaignId]]:
        """Agents who work for certain campaigns only."""
        rows = await self._pool.fetch(SQL_ASSIGNMENTS)
        return {UserId(row["user_id"]): frozenset(CampaignId(c) for c in row["campaigns"]) for row in rows}

    async def overflow_lines(self) -> Sequence[BorrowedLine]:
        """Every line of another team's queue, out of use or not."""
        found = []
        for row in await self._pool.fetch(SQL_BORROWED, self._site):
            line = overflow_line(row)
            week = {day: [list(span) for span in spans] for day, spans in zip(DAYS, line.hours, strict=True)}
            found.append(
                BorrowedLine(
                    line=line,
                    calendar=parse({"week": week, "early_closings": False}),
                    sounds=sounds_folder(row["slug"], line.number),
                )
            )
        return found

    async def line_elsewhere(self, dialed: str) -> EngineCampaign | None:
        """The campaign of another site's client that answers this number."""
        row = await self._pool.fetchrow(SQL_LINE_ELSEWHERE, self._site, dialed)
        return None if row is None else self._from_record(row)

    async def numbers_elsewhere(self) -> frozenset[str]:
        """Numbers, E.164, on which callers of other sites' clients ring."""
        return frozenset(row["number"] for row in await self._pool.fetch(SQL_ELSEWHERE, self._site))

    async def stopped(self) -> bool:
        """Whether an emergency stop stands."""
        return bool(await self._pool.fetchval(SQL_STOPPED))

    async def practised(self) -> frozenset[UserId]:
        """Who passed the practice, whichever set."""
        return frozenset(UserId(row["user_id"]) for row in await self._pool.fetch(SQL_PRACTISED))

    async def abilities(self) -> Mapping[UserId, Abilities]:
        """What agents can do."""
        return {
            UserId(row["id"]): Abilities(languages=frozenset(row["languages"]), skills=frozenset(row["skills"]))
            for row in await self._pool.fetch(SQL_ABILITIES)
        }

    async def deliveries_of(self, cases: Sequence[CaseId]) -> dict[CaseId, DeliveryId]:
        """Which delivery each case came with."""
        rows = await self._pool.fetch(SQL_DELIVERIES, list(cases))
        return {CaseId(row["id"]): DeliveryId(row["delivery_id"]) for row in rows}

    async def appointments(self, after: datetime, until: datetime) -> Sequence[tuple[CampaignId, datetime]]:
        """Appointments that come due, the first first."""
        rows = await self._pool.fetch(SQL_APPOINTMENTS, after, until, self._site)
        return [(CampaignId(row["campaign_id"]), row["appointment_at"]) for row in rows]

    async def open_callback(self, request: CallbackRequest) -> None:
        """One open task per client and number."""
        await self._callbacks.open(request)

    async def block_number(self, client: ClientId, number: str, at: datetime, reason: str) -> None:
        """This number is not dialled any more for this client."""
        await self._callbacks.block_number(client, number, at, reason)

    async def caller_language(self, client: ClientId, number: str) -> str:
        """The language of whoever has this number on the client's lists; "" where nobody has, or they differ."""
        return await self._callbacks.caller_language(client, number)

    async def asked_callback(self, callback: UUID) -> AskedCallback:
        """One call-back request. Raises NotFoundError."""
        return await self._callbacks.asked(callback)

    async def staff_number(self, phone: UUID) -> StaffNumber:
        """Raises NotFoundError."""
        if self._staff is None:
            raise NotFoundError("no such phone")
        return await self._staff.number(phone)

    async def save_clock_pair(self, wall_at: datetime, calendar_at: datetime, speed: float) -> None:
        """Keep a pair of wall and calendar time."""
        await self._pool.execute(SQL_CLOCK_PAIR, wall_at, calendar_at, speed)

    async def clock_pairs(self, since: datetime, until: datetime) -> Sequence[ClockPair]:
        """The last before `since` and those up to `until`, calendar time."""
        rows = await self._pool.fetch(SQL_CLOCK_PAIRS, since, until)
        return [ClockPair(row["wall_at"], row["calendar_at"], float(row["speed"])) for row in rows]

    async def voice_of(self, campaign: CampaignId) -> tuple[str, str]:
        """(caller ID, folder of messages) of a campaign, drafts included. Raises NotFoundError."""
        row = await self._pool.fetchrow(SQL_VOICE, campaign)
        if row is None:
            raise NotFoundError("no such campaign")
        return row["inbound_number"], row["slug"]

    async def next_due(self) -> datetime | None:
        """When the next open case of a running campaign is due."""
        due: datetime | None = await self._pool.fetchval(SQL_NEXT_DUE)
        return due

    async def figures(self, missed_before: datetime) -> Sequence[Figures]:
        """Per campaign. `missed_before`: an appointment before this that nobody dialled was missed."""
        return [
            Figures(
                campaign=CampaignId(row["id"]),
                open_cases=row["open_cases"],
                reached=row["reached"],
                callable=row["callable"],
                attempts_left=int(row["attempts_left"]),
                missed=row["missed"],
            )
            for row in await self._pool.fetch(SQL_FIGURES, missed_before, self._site)
        ]

    def _from_record(self, row: Record) -> EngineCampaign:
        settings, client = json.loads(row["settings"]), json.loads(row["client_settings"])
        known = ("ring_seconds", "lines", "calls_per_second", "mode", "abandoned_percent", "trunk", "takes_inbound",
                 "abandoned_hours", "person_within_seconds", "priority", "preview_seconds", "ring_cuts",
                 "requires_practice", "survey_percent", "recording")  # fmt: skip
        return EngineCampaign(
            campaign=CampaignId(row["id"]),
            client=ClientId(row["client_id"]),
            state=row["state"],
            calendar=parse(json.loads(row["calendar"])),
            caller_id=row["inbound_number"],
            sounds=f"{row['slug']}{AFTER_CARE}" if row["after_care"] else row["slug"],
            after_care=row["after_care"],
            starts_on=row["starts_on"],
            ends_on=row["ends_on"],
            asks=asked_of(settings),
            client_lines=setting(client, "lines"),
            client_calls_per_second=setting(client, "calls_per_second"),
            announce_listening=bool(setting(client, "announce_listening")),
            **({"trunk": self._trunk} | {key: settings[key] for key in known if key in settings}),
        )
