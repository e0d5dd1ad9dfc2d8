"""A case as it stood at a past moment: what the ledger, the audit and dated rows knew then.

Hours, caps and the order of numbers are today's; whether the settings were changed since is told.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import asyncpg

from dialer.domain.case import CaseState
from dialer.domain.opening import HOLDS_OTHERS, Earlier
from dialer.schedule.history import CaseFacts, PhoneFacts, standing
from dialer.schedule.settle import history_of
from dialer.schedule.windows import local_date
from dialer.services.ports.cases import PastOutlook
from dialer.storage.cases import LoadedCase, past_attempt
from dialer.storage.connection import Connection

SQL_THEN = """
select f.opened_at, f.merged_into is not null and f.closed_at <= $2 as merged,
       coalesce(d.recalled_at <= $2, false) as recalled,
       (select max(o.at) from opt_out o
         where o.client_id = f.client_id and o.match_key = r.match_key
           and o.at <= $2 and (o.lifted_at is null or o.lifted_at > $2)) as opted_out_at,
       (select max(t.requested_at)
          from case_phone cp join phone p on p.id = cp.phone_id
          join callback_task t on t.client_id = f.client_id and t.number_key = p.number_key
           and t.requested_at <= $2 and (t.done_at is null or t.done_at > $2)
         where cp.case_id = f.id) as asked_at,
       coalesce(
         (select e.detail ->> 'after' from audit_event e
           where e.subject_kind = 'campaign' and e.subject_id = f.campaign_id::text and e.action = 'campaign.state'
             and e.at <= $2 order by e.at desc, e.id desc limit 1),
         (select e.detail ->> 'before' from audit_event e
           where e.subject_kind = 'campaign' and e.subject_id = f.campaign_id::text and e.action = 'campaign.state'
             and e.at > $2 order by e.at, e.id limit 1),
         (select g.state from campaign g where g.id = f.campaign_id)) as campaign_state,
       (select e.action from audit_event e
         where e.subject_kind = 'case' and e.subject_id = f.id::text and e.action in ('case.withdraw', 'case.release')
           and e.at <= $2 order by e.at desc, e.id desc limit 1) as step_before,
       (select e.action from audit_event e
         where e.subject_kind = 'case' and e.subject_id = f.id::text and e.action in ('case.withdraw', 'case.release')
           and e.at > $2 order by e.at, e.id limit 1) as step_after,
       exists (select 1 from audit_event e
                where e.at > $2 and ((e.subject_kind = 'campaign' and e.subject_id = f.campaign_id::text
                                      and e.action = 'campaign.update')
                                     or (e.subject_kind = 'client' and e.subject_id = f.client_id::text)))
       as changed_since
  from case_file f
  join delivery d on d.id = f.delivery_id
  join resident r on r.id = f.resident_id
 where f.id = $1
"""
SQL_PHONES_THEN = """
select cp.phone_id, coalesce(cp.closed_at > $2, false) as opened_then,
       coalesce(p.blocked_at <= $2 and (p.lifted_at is null or p.lifted_at > $2), false) as blocked,
       (select max(a.claimed_at) from attempt a
         where a.number_key = p.number_key and a.direction = 'out' and a.claimed_at <= $2
           and ((a.counted and a.case_id <> cp.case_id) or (a.callback_id is not null and a.dialed_at is not null)))
       as shared_at,
       (select max(coalesce(a.ended_at, $2 + interval '1 minute')) from attempt a
         where a.number_key = p.number_key and a.claimed_at <= $2 and (a.ended_at is null or a.ended_at > $2))
       as live_until
  from case_phone cp join phone p on p.id = cp.phone_id
 where cp.case_id = $1
"""
SQL_ATTEMPTS_THEN = """
select a.id, a.direction, a.phone_id, a.claimed_at, a.ended_at, a.day, a.live, a.counted, a.exempt_daily, a.outcome,
       a.outcome_at, a.reached, a.wrap_up_open, a.agent_id, a.facts::text as facts
  from attempt a
 where a.case_id in (select $1::uuid union all select p.id from case_file p where p.merged_into = $1)
   and a.claimed_at <= $2
 order by a.claimed_at, a.id
"""
SQL_FILED = """
select e.attempt_id, e.at, e.data::text as data from attempt_event e
 where e.attempt_id = any($1) and e.kind in ('filed', 'recoded', 'undone') order by e.attempt_id, e.revision
"""
SQL_ELSEWHERE_THEN = """
select a.day, count(*) as dials
  from case_file f join case_file o on o.resident_id = f.resident_id and o.id <> f.id
  join attempt a on a.case_id = o.id and a.counted and not a.exempt_daily
 where f.id = $1 and a.day = $2 and a.claimed_at <= $3
   and o.merged_into is distinct from f.id
 group by a.day
"""
# What the resident's other cases came to since this one was last released, and until it was released again: the hold of
# then, also when a person has lifted it since.
SQL_ENDED_THEN = """
select o.outcome, o.state = 'reached' as reached, greatest(o.closed_at, a.outcome_at) as closed_at
  from case_file f
  join case_file o on o.resident_id = f.resident_id and o.id <> f.id
  left join attempt a on a.id = o.outcome_attempt
 where f.id = $1 and o.state in ('reached', 'closed') and (o.state = 'reached' or o.outcome = any($3::text[]))
   and greatest(o.closed_at, a.outcome_at) > greatest(f.opened_at, (
         select max(e.at) from audit_event e
          where e.subject_kind = 'case' and e.subject_id = f.id::text and e.action = 'case.release' and e.at <= $2))
   and greatest(o.closed_at, a.outcome_at) <= coalesce((
         select min(e.at) from audit_event e
          where e.subject_kind = 'case' and e.subject_id = f.id::text and e.action = 'case.release' and e.at > $2),
         'infinity')
 order by greatest(o.closed_at, a.outcome_at) <= $2 desc, o.outcome = any($3::text[]) desc, 3 desc
 limit 1
"""
SQL_NEXT = """
select a.claimed_at, a.phone_id, e.data -> 'reason' as reason
  from attempt a left join attempt_event e on e.attempt_id = a.id and e.kind = 'claimed'
 where a.case_id = $1 and a.direction = 'out' and a.claimed_at > $2 order by a.claimed_at limit 1
"""


async def as_of(connection: Connection, loaded: LoadedCase, at: datetime) -> PastOutlook | None:
    """The case at `at`; None: it was not there yet."""
    row = await connection.fetchrow(SQL_THEN, loaded.case, at)
    if row is None or row["opened_at"] > at:
        return None
    attempts = await connection.fetch(SQL_ATTEMPTS_THEN, loaded.case, at)
    filed = defaultdict(list)
    for event in await connection.fetch(SQL_FILED, [attempt["id"] for attempt in attempts]):
        filed[event["attempt_id"]].append(event)
    phones = {phone["phone_id"]: phone for phone in await connection.fetch(SQL_PHONES_THEN, loaded.case, at)}
    others = await connection.fetch(SQL_ELSEWHERE_THEN, loaded.case, local_date(at), at)
    elsewhere: dict[date, int] = {other["day"]: other["dials"] for other in others}
    now = loaded.facts
    ended = await connection.fetchrow(SQL_ENDED_THEN, loaded.case, at, sorted(HOLDS_OTHERS))
    facts = replace(
        now,
        recalled=row["recalled"],
        opted_out_at=row["opted_out_at"],
        callback_at=row["asked_at"],
        asked_back=None,
        paused_until=None,  # a rest after an earlier case is not dated; it is over with the first dial
        elsewhere=elsewhere,
        phones=[_phone(phone, phones[phone.phone]) for phone in now.phones if phone.phone in phones],
        attempts=[past_attempt(_stood(attempt, filed[attempt["id"]], at)) for attempt in attempts],
        ended_elsewhere=None
        if ended is None or ended["closed_at"] > at
        else Earlier(outcome=ended["outcome"] or "", reached=ended["reached"], closed_at=ended["closed_at"]),
    )
    facts = replace(facts, state=_state(row, facts, loaded, by_another=ended is not None).value, state_reason="")
    coming = await connection.fetchrow(SQL_NEXT, loaded.case, at)
    places = {phone.phone: place for place, phone in enumerate(facts.phones)}
    return PastOutlook(
        campaign=loaded.campaign,
        history=history_of(facts, loaded.book),
        limits=loaded.book.limits,
        campaign_state=row["campaign_state"],
        changed_since=row["changed_since"],
        next_at=None if coming is None else coming["claimed_at"],
        next_number=None if coming is None else places.get(coming["phone_id"]),
        next_reason={} if coming is None or coming["reason"] is None else json.loads(coming["reason"]),
    )


def _phone(phone: PhoneFacts, then: asyncpg.Record) -> PhoneFacts:
    return replace(
        phone,
        closed="" if then["opened_then"] else phone.closed,
        blocked=then["blocked"],
        shared_at=then["shared_at"],
        live_until=then["live_until"],
    )


def _stood(attempt: asyncpg.Record, filed: Sequence[asyncpg.Record], at: datetime) -> Mapping[str, Any]:
    """The attempt as it stood: on the line, in its wrap-up, or with the outcome of then."""
    found: dict[str, Any] = dict(attempt)
    before = [event for event in filed if event["at"] <= at]
    after = [event for event in filed if event["at"] > at]
    if before:
        _put(found, json.loads(before[-1]["data"])["after"])
    elif after:
        _put(found, json.loads(after[0]["data"])["before"])
    if found["ended_at"] is None or found["ended_at"] > at:
        return found | {"live": True, "ended_at": None, "outcome": None, "reached": False, "wrap_up_open": False}
    if found["outcome"] is None or (found["outcome_at"] is not None and found["outcome_at"] > at):
        found |= {"outcome": None, "reached": False, "wrap_up_open": found["agent_id"] is not None}
    return found | {"live": False}


def _put(found: dict[str, Any], stand: Mapping[str, Any]) -> None:
    at = stand["outcome_at"]
    found["outcome"], found["reached"] = stand["outcome"], stand["reached"]
    found["outcome_at"] = None if at is None else datetime.fromisoformat(at)
    found["wrap_up_open"], found["facts"] = stand["wrap_up_open"], json.dumps(stand["facts"])


def _state(row: asyncpg.Record, facts: CaseFacts, loaded: LoadedCase, *, by_another: bool) -> CaseState:
    """`by_another`: a hold that was lifted later was another case's, which `facts` tell of from its moment on."""
    final = standing(facts, loaded.book.catalogue).final
    if row["merged"]:
        return CaseState.MERGED
    if final is not None:
        return final
    if row["step_before"] == "case.withdraw":
        return CaseState.WITHDRAWN
    released_later = row["step_before"] is None and row["step_after"] == "case.release" and not by_another
    still_held = row["step_before"] is None and loaded.facts.state == CaseState.HELD and not loaded.facts.held_elsewhere
    return CaseState.HELD if released_later or still_held else CaseState.OPEN
