"""Cases: loaded as facts, settled by the pure rules, written back. The caller holds the transaction and the lock.

Lock order everywhere: case (and resident), then attempt. Nothing here reads a clock.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg

from dialer.domain.call import Direction
from dialer.domain.campaign_settings import campaign_number, hold_out_share
from dialer.domain.case import CaseState, PastAttempt
from dialer.domain.client_settings import setting
from dialer.domain.exchange import SECOND_THOUGHTS
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ClientId, DeliveryId, PhoneId, ResidentId, UserId
from dialer.domain.opening import CRISIS_PRIORITY, HOLDS_OTHERS, ORDINARY_PRIORITY, Earlier, OpeningSettings
from dialer.schedule import model, windows
from dialer.schedule.history import AskedBack, CaseFacts, PhoneFacts
from dialer.schedule.model import Limits, NumberKind, Plan, Planner
from dialer.schedule.settle import CALL_BACK, Rulebook, Settlement, settle
from dialer.schedule.windows import Calendar, local_date
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.connection import Connection

SQL_LOCK_CASES = "select id from case_file where id = any($1) order by id for no key update"
SQL_LOCK_FREE_CASES = """
select id from case_file where id = any($1) order by id for no key update skip locked
"""
SQL_CASES = """
select f.id, f.client_id, f.campaign_id, f.resident_id, f.delivery_id, f.state, f.state_reason, f.crisis, f.language,
       f.opened_at, f.plan_ends_at, f.next_at, f.next_phone_id, f.next_reason::text as next_reason, f.preferred_agent,
       f.needs_reserved,
       f.outcome, f.outcome_attempt, f.paused_until, f.held_elsewhere, e.outcome as ended_outcome,
       e.reached as ended_reached, e.closed_at as ended_at, f.catalogue_version, d.state as delivery_state,
       g.calendar::text as calendar, l.settings::text as settings, r.match_key,
       g.settings::text as campaign_settings,
       (select max(o.at) from opt_out o
         where o.client_id = f.client_id and o.lifted_at is null
           and o.match_key in (select r.match_key
                               union all select q.match_key from case_file p join resident q on q.id = p.resident_id
                                          where p.merged_into = f.id)) as opted_out_at,
       (select max(t.requested_at)
          from case_phone cp join phone p on p.id = cp.phone_id
          join callback_task t on t.client_id = f.client_id and t.number_key = p.number_key
           and t.state in ('open', 'claimed') and t.case_id is distinct from f.id
         where cp.case_id = f.id) as callback_at,
       exists (select 1 from case_file o
                where o.campaign_id = f.campaign_id and o.resident_id = f.resident_id and o.id <> f.id
                  and o.state in ('held', 'no_number', 'open')) as other_live
  from case_file f
  join client l on l.id = f.client_id
  join campaign g on g.id = f.campaign_id
  join delivery d on d.id = f.delivery_id
  join resident r on r.id = f.resident_id
  left join lateral (
    select o.outcome, o.state = 'reached' as reached, greatest(o.closed_at, a.outcome_at) as closed_at
      from case_file o left join attempt a on a.id = o.outcome_attempt
     where o.resident_id = f.resident_id and o.id <> f.id and o.state in ('reached', 'closed')
       and (o.state = 'reached' or o.outcome = any($2::text[]))
       and greatest(o.closed_at, a.outcome_at) > greatest(f.opened_at, f.released_at)
     order by o.outcome = any($2::text[]) desc, 3 desc limit 1) e on true
 where f.id = any($1)
"""
SQL_PHONES = """
select cp.case_id, cp.phone_id, p.number_key, p.kind, cp.state, cp.closed_reason,
       (p.blocked_at is not null and p.lifted_at is null) as blocked,
       exists (select 1 from attempt a where a.number_key = p.number_key and a.live) as live,
       (select max(a.claimed_at) from attempt a
         where a.number_key = p.number_key and a.direction = 'out' and a.claimed_at > $2
           and ((a.counted and a.case_id <> cp.case_id) or (a.callback_id is not null and a.dialed_at is not null)))
       as shared_at
  from case_phone cp join phone p on p.id = cp.phone_id
 where cp.case_id = any($1)
 order by cp.case_id, p.kind = 'fixed', cp.position
"""
SQL_ASKED_BACK = """
select distinct on (t.case_id) t.case_id, p.id as phone_id, t.requested_at,
       case when t.state = 'claimed' then t.claimed_at end as claimed_at
  from callback_task t join phone p on p.client_id = t.client_id and p.number_key = t.number_key
 where t.case_id = any($1) and t.state in ('open', 'claimed')
 order by t.case_id, t.requested_at desc
"""
# Those of cases that were merged into one by hand are its own: they count, and decide, as if it had made them.
SQL_ATTEMPTS = """
select a.id, a.direction, w.case_id, a.phone_id, a.claimed_at, a.ended_at, a.day, a.live, a.counted, a.seq, a.case_seq,
       a.exempt_daily, a.outcome, a.outcome_at, a.reached, a.wrap_up_open, a.agent_id, a.facts::text as facts
  from (select c.id as case_id, c.id as made_in from unnest($1::uuid[]) c (id)
        union all select p.merged_into, p.id from case_file p where p.merged_into = any($1)) w
  join attempt a on a.case_id = w.made_in
 order by a.claimed_at, a.id
"""
SQL_ELSEWHERE = """
select f.id, a.day, count(*) as dials
  from case_file f
 cross join lateral (select f.resident_id as id
                     union select p.resident_id from case_file p where p.merged_into = f.id) who
  join case_file o on o.resident_id = who.id and o.id <> f.id and o.merged_into is distinct from f.id
  join attempt a on a.case_id = o.id and a.counted and not a.exempt_daily and a.day >= $2
 where f.id = any($1)
 group by f.id, a.day
"""
# Whatever tells a client's systems of a result is made with it, or not at all. A message's id follows from what it
# tells: a database that was put back makes the same one again.
SQL_SAVE = """
with saved as (
  update case_file
     set state = $2, state_reason = $3, next_at = $4, next_phone_id = $5, next_reason = $6::text::jsonb,
         needs_reserved = $7, preferred_agent = $8, paused_until = $9, appointment_at = $10, cut_off_redial = $11,
         outcome = $12, outcome_attempt = $13, result_version = result_version + $14, closed_at = $15,
         priority = $16, held_elsewhere = $19
   where id = $1
  returning id, client_id, campaign_id, resident_id, state, result_version,
            exists (select 1 from attempt a where a.id = outcome_attempt and 'CRISIS' = any(a.flags)) as danger)
insert into outbox_message (id, channel_id, client_id, campaign_id, case_id, resident_id, result_version, created_at,
                            due_at)
select md5(concat_ws('/', c.id, s.id, s.result_version))::uuid, c.id, s.client_id, s.campaign_id, s.id, s.resident_id,
       s.result_version, $17::timestamptz, case when s.danger then $17 else $18::timestamptz end
  from saved s join exchange_channel c on c.client_id = s.client_id and c.state <> 'off'
 where $14 > 0
   and (s.danger or s.state in ('reached', 'not_reached', 'closed')
        or exists (select 1 from outbox_message o where o.channel_id = c.id and o.case_id = s.id))
on conflict do nothing
"""
SQL_CLOSE_PHONES = """
update case_phone c set state = 'closed', closed_reason = n.reason, closed_at = $4
  from unnest($2::uuid[], $3::text[]) as n (phone_id, reason)
 where c.case_id = $1 and c.phone_id = n.phone_id and c.state = 'open'
"""
SQL_OPEN_PHONES = """
update case_phone set state = 'open', closed_reason = null, closed_at = null
 where case_id = $1 and phone_id = any($2) and state = 'closed'
"""
SQL_CLOSED_AT = "select id, closed_at from case_file where id = any($1)"

OVER = frozenset({CaseState.REACHED, CaseState.NOT_REACHED, CaseState.CLOSED, CaseState.WITHDRAWN, CaseState.RECALLED})
"""States in which a result stands."""

APPOINTMENT_PRIORITY, RETRY_PRIORITY = 1, 50

LIVE_AGAIN = timedelta(minutes=5)
"""A number that is in a call is looked at again after this; nobody knows when the call ends."""

ASKED_AGAIN = timedelta(seconds=20)
"""Somebody who just asked to be rung back is still on the line, but not for long."""

_SHARED_HORIZON = timedelta(days=7)
"""No client may set a longer rest between two residents on one number."""


@lru_cache(maxsize=256)
def calendar_of(text: str) -> Calendar:
    """A campaign's calendar from its stored JSON."""
    return windows.parse(json.loads(text))


@lru_cache(maxsize=256)
def _limits_of(
    settings: str, calendar: str, campaign: UUID, campaign_settings: str
) -> tuple[Limits, timedelta, OpeningSettings]:
    values: Mapping[str, Any] = json.loads(settings)
    limits = replace(model.limits(values, calendar_of(calendar)), campaign=str(campaign))
    limits = with_campaign(limits, limits.calendar, json.loads(campaign_settings))
    return limits, timedelta(hours=setting(values, "callback_hold_hours")), OpeningSettings.from_settings(values)


def with_campaign(limits: Limits, calendar: Calendar, settings: Mapping[str, Any]) -> Limits:
    """The same with a campaign's hours and planning."""
    return replace(
        limits,
        calendar=calendar,
        hold_out=hold_out_share(settings),
        fair=settings.get("fair", True),
        first_look=timedelta(hours=campaign_number(settings, "first_attempt_hours")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedCase:
    """A case under lock, with everything that decides about it."""

    case: CaseId
    client: ClientId
    campaign: CampaignId
    resident: ResidentId
    delivery: DeliveryId
    language: str
    match_key: bytes = field(repr=False)
    catalogue_version: int
    facts: CaseFacts
    book: Rulebook
    other_live: bool
    next_at: datetime | None
    next_phone: PhoneId | None
    next_reason: Mapping[str, Any]
    preferred_agent: UserId | None
    needs_reserved: bool  # dialled only with an agent of its own
    outcome: str | None
    outcome_attempt: AttemptId | None
    closed_by_outcome: frozenset[PhoneId]
    used: Mapping[PhoneId | None, frozenset[int]]  # seq numbers taken; under None: case_seq

    @property
    def agreed(self) -> bool:
        """A crisis, or something was agreed with the resident: he waits for nobody's language."""
        return self.needs_reserved or self.preferred_agent is not None or self.facts.crisis

    def free_seq(self, phone: PhoneId | None) -> int:
        """The lowest free number for an attempt: on one phone, or (None) in the case."""
        taken = self.used.get(phone, frozenset())
        return next(n for n in range(1, len(taken) + 2) if n not in taken)


async def lock(connection: Connection, cases: Sequence[CaseId]) -> None:
    """Lock cases in a fixed order, so that two transactions cannot wait for each other."""
    await connection.fetch(SQL_LOCK_CASES, list(cases))


async def load(
    connection: Connection, cases: Sequence[CaseId], at: datetime, catalogues: CatalogueStore, planner: Planner
) -> list[LoadedCase]:
    """The cases as they are now, in the order asked; unknown ones are left out."""
    ids = list(cases)
    rows = {row["id"]: row for row in await connection.fetch(SQL_CASES, ids, sorted(HOLDS_OTHERS))}
    phones: dict[UUID, list[asyncpg.Record]] = defaultdict(list)
    for row in await connection.fetch(SQL_PHONES, ids, at - _SHARED_HORIZON):
        phones[row["case_id"]].append(row)
    attempts: dict[UUID, list[asyncpg.Record]] = defaultdict(list)
    for row in await connection.fetch(SQL_ATTEMPTS, ids):
        attempts[row["case_id"]].append(row)
    elsewhere: dict[UUID, dict[date, int]] = defaultdict(dict)
    for row in await connection.fetch(SQL_ELSEWHERE, ids, local_date(at)):
        elsewhere[row["id"]][row["day"]] = row["dials"]
    asked = {row["case_id"]: row for row in await connection.fetch(SQL_ASKED_BACK, ids)}
    loaded = []
    for case in ids:
        if case not in rows:
            continue
        row = rows[case]
        catalogue = await catalogues.get(row["catalogue_version"], connection)
        limits, hold, opening = _limits_of(
            row["settings"], row["calendar"], row["campaign_id"], row["campaign_settings"]
        )
        book = Rulebook(limits=limits, catalogue=catalogue, planner=planner, callback_hold=hold, opening=opening)
        live_until = at + (ASKED_AGAIN if case in asked else LIVE_AGAIN)
        numbers = tuple(_phone(p, catalogue.outcomes, live_until) for p in phones[case])
        facts = _facts(row, numbers, attempts[case], elsewhere[case], asked.get(case))
        loaded.append(_loaded(row, facts, book, attempts[case], phones[case]))
    return loaded


def _phone(row: asyncpg.Record, codes: Mapping[str, object], live_until: datetime) -> PhoneFacts:
    closed = row["closed_reason"] or "closed" if row["state"] == "closed" else ""
    return PhoneFacts(
        phone=PhoneId(row["phone_id"]),
        number_key=row["number_key"],
        kind=NumberKind(row["kind"]),
        # What an outcome closed follows from the attempts; only what somebody else closed is a fact of its own.
        closed="" if closed in codes else closed,
        blocked=row["blocked"],
        live_until=live_until if row["live"] else None,
        shared_at=row["shared_at"],
    )


def past_attempt(row: asyncpg.Record | Mapping[str, Any]) -> PastAttempt:
    """One attempt from its projection."""
    facts = json.loads(row["facts"])
    appointment, closed = facts.get("appointment_at"), facts.get("phone_closed")
    return PastAttempt(
        attempt=AttemptId(row["id"]),
        direction=Direction(row["direction"]),
        phone=None if row["phone_id"] is None else PhoneId(row["phone_id"]),
        at=row["claimed_at"],
        ended_at=row["ended_at"],
        day=row["day"],
        live=row["live"],
        counted=row["counted"],
        exempt_daily=row["exempt_daily"],
        outcome=row["outcome"],
        outcome_at=row["outcome_at"],
        reached=row["reached"],
        wrap_up_open=row["wrap_up_open"],
        agent=row["agent_id"],
        appointment_at=None if appointment is None else datetime.fromisoformat(appointment),
        phone_closed=None if closed is None else PhoneId(UUID(closed)),
    )


def _facts(
    row: asyncpg.Record,
    phones: Sequence[PhoneFacts],
    attempts: Sequence[asyncpg.Record],
    elsewhere: Mapping[date, int],
    asked: asyncpg.Record | None,
) -> CaseFacts:
    return CaseFacts(
        case=CaseId(row["id"]),
        arrival=row["opened_at"],
        ends_at=row["plan_ends_at"],
        crisis=row["crisis"],
        state=row["state"],
        state_reason=row["state_reason"],
        recalled=row["delivery_state"] == "recalled",
        opted_out_at=row["opted_out_at"],
        callback_at=row["callback_at"],
        paused_until=row["paused_until"],
        elsewhere=elsewhere,
        phones=phones,
        attempts=[past_attempt(a) for a in attempts],
        asked_back=None
        if asked is None
        else AskedBack(phone=PhoneId(asked["phone_id"]), at=asked["requested_at"], claimed_at=asked["claimed_at"]),
        ended_elsewhere=None
        if row["ended_at"] is None
        else Earlier(outcome=row["ended_outcome"] or "", reached=row["ended_reached"], closed_at=row["ended_at"]),
        held_elsewhere=row["held_elsewhere"],
    )


def _loaded(
    row: asyncpg.Record,
    facts: CaseFacts,
    book: Rulebook,
    attempts: Sequence[asyncpg.Record],
    phones: Sequence[asyncpg.Record],
) -> LoadedCase:
    open_in_facts = {phone.phone for phone in facts.phones if not phone.closed}
    closed_by_outcome = frozenset(p["phone_id"] for p in phones if p["state"] == "closed") & open_in_facts
    used: dict[PhoneId | None, set[int]] = defaultdict(set)
    for attempt in attempts:
        if attempt["counted"]:
            used[attempt["phone_id"]].add(attempt["seq"])
            used[None].add(attempt["case_seq"])
    return LoadedCase(
        case=CaseId(row["id"]),
        client=ClientId(row["client_id"]),
        campaign=CampaignId(row["campaign_id"]),
        resident=ResidentId(row["resident_id"]),
        delivery=DeliveryId(row["delivery_id"]),
        language=row["language"],
        match_key=row["match_key"],
        catalogue_version=row["catalogue_version"],
        facts=facts,
        book=book,
        other_live=row["other_live"],
        next_at=row["next_at"],
        next_phone=row["next_phone_id"],
        next_reason=json.loads(row["next_reason"]),
        preferred_agent=row["preferred_agent"],
        needs_reserved=row["needs_reserved"],
        outcome=row["outcome"],
        outcome_attempt=row["outcome_attempt"],
        closed_by_outcome=closed_by_outcome,
        used={phone: frozenset(numbers) for phone, numbers in used.items()},
    )


def _priority(crisis: bool, plan: Plan | None) -> int:
    """Who goes first when more are due than can be dialled: what a resident asked for, then a crisis."""
    code = "" if plan is None else plan.reason.get("code")
    if code in ("appointment", "redial", CALL_BACK):
        return APPOINTMENT_PRIORITY
    if crisis:
        return CRISIS_PRIORITY
    return RETRY_PRIORITY if code == "retry_after" else ORDINARY_PRIORITY


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """A settlement to be written over the case that it was made from."""

    loaded: LoadedCase
    settled: Settlement
    at: datetime
    changed: bool = False  # what is reported of it changed although the outcome did not


def settling(loaded: LoadedCase, at: datetime, *, changed: bool = False) -> Saving:
    """The case settled at `at`, to be written."""
    settled = settle(loaded.facts, loaded.book, at, other_live=loaded.other_live)
    return Saving(loaded=loaded, settled=settled, at=at, changed=changed)


async def save_all(connection: Connection, savings: Sequence[Saving]) -> None:
    """Write settlements of different cases: their rows, and which of their numbers their outcomes closed.

    Many take the database hardly longer than one: each kind of statement goes to it once, for all.
    """
    if not savings:
        return
    over = [
        one.loaded.case for one in savings if one.settled.state in OVER and CaseState(one.loaded.facts.state) in OVER
    ]
    closed = {row["id"]: row["closed_at"] for row in await connection.fetch(SQL_CLOSED_AT, over)} if over else {}
    await connection.executemany(SQL_SAVE, [_row(one, closed.get(one.loaded.case)) for one in savings])
    if shut := [
        (one.loaded.case, list(one.settled.closed_phones), list(one.settled.closed_phones.values()), one.at)
        for one in savings
        if one.settled.closed_phones
    ]:
        await connection.executemany(SQL_CLOSE_PHONES, shut)
    freed = [
        (one.loaded.case, phones)
        for one in savings
        if (phones := [phone for phone in one.loaded.closed_by_outcome if phone not in one.settled.closed_phones])
    ]
    if freed:
        await connection.executemany(SQL_OPEN_PHONES, freed)


def _row(one: Saving, closed_at: datetime | None) -> tuple[object, ...]:
    """Values of SQL_SAVE. `closed_at`: since when it has been over, if it was before."""
    loaded, settled, plan = one.loaded, one.settled, one.settled.plan
    over = settled.state in OVER
    before = (CaseState(loaded.facts.state) in OVER, loaded.outcome, loaded.outcome_attempt)
    reported = one.changed or before != (over, settled.outcome, settled.outcome_attempt)
    return (
        loaded.case,
        settled.state.value,
        settled.reason,
        None if plan is None else plan.at,
        settled.phone,
        json.dumps({} if plan is None else dict(plan.reason)),
        settled.reserved,
        settled.preferred_agent,
        settled.paused_until,
        settled.appointment_at,
        settled.redial,
        settled.outcome,
        settled.outcome_attempt,
        int(reported),
        (closed_at or one.at) if over else None,
        _priority(loaded.facts.crisis, plan),
        one.at,
        one.at + SECOND_THOUGHTS,
        settled.held_elsewhere,
    )
