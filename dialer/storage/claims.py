"""The claim: due cases become committed attempts, in one transaction. The only way by which a dial comes to be.

Checked three times: by the due index, by the pure rules over the loaded history, by the database's guard. A case that
may not be dialled after all is planned anew, so that it blocks nobody. Numbers are unsealed inside the transaction: one
that cannot be read is put off and fails nobody else.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from dialer.domain.campaign_settings import campaign_number
from dialer.domain.ids import AttemptId, CaseId, PhoneId, UserId
from dialer.domain.skills import waited_for
from dialer.schedule.model import Plan, Planner
from dialer.schedule.planner.product import in_hold_out
from dialer.schedule.rules import check, exempt_daily
from dialer.schedule.settle import Settlement, history_of
from dialer.schedule.windows import local_date
from dialer.services.ports.clock import Ids
from dialer.services.ports.ledger import Claim, ClaimOrder
from dialer.services.ports.previews import Held
from dialer.storage import cases, leases
from dialer.storage.cases import LoadedCase, calendar_of
from dialer.storage.catalogue import CatalogueStore
from dialer.storage.connection import Connection

log = logging.getLogger(__name__)

Numbers = Callable[[Sequence[PhoneId]], Awaitable[Mapping[PhoneId, str]]]
"""E.164 numbers of phones; those that cannot be read are left out."""

SQL_CAMPAIGN = """
select calendar::text as calendar, settings::text as settings from campaign
 where id = $1 and state = 'running' and (starts_on is null or starts_on <= $2) and (ends_on is null or ends_on >= $2)
"""
# A skip scan over the few priorities in use: however many cases wait for later, only due ones are touched.
SQL_PRIORITIES = """
with recursive p as (
  (select priority from case_file
    where campaign_id = $1 and state = 'open' and next_at is not null order by priority limit 1)
  union all
  select (select priority from case_file
           where campaign_id = $1 and state = 'open' and next_at is not null and priority > p.priority
           order by priority limit 1)
    from p where p.priority is not null)
select priority from p where priority is not null order by priority
"""
SQL_DUE = """
select f.id from case_file f join resident r on r.id = f.resident_id
 where f.campaign_id = $1 and f.priority = $2 and f.state = 'open' and f.next_at <= $3 and f.id <> all($4)
   and f.id <> all(array(select case_id from preview_hold where expires_at > clock_timestamp()))
   and (f.language <> all($6::text[]) or f.opened_at <= $7
        or f.crisis or f.needs_reserved or f.preferred_agent is not null)
 order by f.next_at
 limit $5
 for no key update of f, r skip locked
"""
# The one that an agent looks at: his word ends the hold, in the transaction that makes the attempt.
SQL_DUE_HELD = """
with mine as (delete from preview_hold
               where case_id = $2 and user_id = $4 and expires_at > clock_timestamp() returning case_id)
select f.id from case_file f join resident r on r.id = f.resident_id join mine on mine.case_id = f.id
 where f.campaign_id = $1 and f.state = 'open' and f.next_at <= $3
 for no key update of f, r skip locked
"""
SQL_INSERT = """
insert into attempt (id, direction, client_id, campaign_id, case_id, phone_id, number_key, channel_id, state, live,
                     counted, seq, case_seq, day, exempt_daily, agent_id, epoch, planned_at, claimed_at,
                     catalogue_version, revision)
select n.id, 'out', n.client_id, $1, n.case_id, n.phone_id, n.number_key, n.id::text, 'claimed', true,
       true, n.seq, n.case_seq, $2, n.exempt, n.agent_id, $3, n.planned_at, $4, n.catalogue_version, 1
  from unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::bytea[], $10::smallint[], $11::smallint[],
              $12::boolean[], $13::uuid[], $14::timestamptz[], $15::int[])
       as n (id, client_id, case_id, phone_id, number_key, seq, case_seq, exempt, agent_id, planned_at,
             catalogue_version)
on conflict do nothing
returning id
"""
SQL_EVENTS = """
insert into attempt_event (attempt_id, revision, kind, at, wall_at, actor, data)
select n.id, 1, 'claimed', $3, $4, 'engine', n.data::jsonb from unnest($1::uuid[], $2::text[]) as n (id, data)
"""
SQL_CLAIMED = "update case_file set next_at = null, cut_off_redial = false where id = any($1)"

SQL_PUT_OFF = "update case_file set next_at = $2 where id = any($1)"

PREFERRED_GRACE = timedelta(minutes=2)
"""An appointment waits this long for its own agent before anybody free takes it."""

_ROUNDS = 4
_UNREADABLE_PAUSE = timedelta(hours=1)
_REFUSED_PAUSE = timedelta(minutes=1)


_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Pick:
    """A case that may be dialled now."""

    loaded: LoadedCase
    number: int
    exempt: bool

    @property
    def phone(self) -> PhoneId:
        return self.loaded.facts.phones[self.number].phone

    @property
    def number_key(self) -> bytes:
        return self.loaded.facts.phones[self.number].number_key


@dataclass(slots=True)
class _Round:
    """What one claim has seen so far."""

    picks: list[_Pick] = field(default_factory=list)
    seen: list[CaseId] = field(default_factory=list)
    keys: set[bytes] = field(default_factory=set)  # numbers that this claim dials
    kept: dict[CaseId, UserId] = field(default_factory=dict)  # who speaks this resident's language
    waits_from: datetime = _NEVER  # who came since then waits for an agent who speaks his language

    def has_agent_for(self, loaded: LoadedCase, order: ClaimOrder) -> bool:
        """False when this case must have an agent of its own and all that were named are taken."""
        waits = self.waits(loaded, order)
        if not (order.unreserved and (loaded.needs_reserved or waits)):
            return not waits or self.speaker(loaded, order) is not None
        taken = sum(pick.loaded.needs_reserved or pick.loaded.case in self.kept for pick in self.picks)
        return taken < len(order.agents) and (not waits or self.speaker(loaded, order) is not None)

    def waits(self, loaded: LoadedCase, order: ClaimOrder) -> bool:
        """Whether this one is dialled for an agent who speaks his language alone. As SQL_DUE has it.

        With whom something was agreed was understood; neither he nor a crisis waits.
        """
        return loaded.language in order.spoken and loaded.facts.arrival > self.waits_from and not loaded.agreed

    def speaker(self, loaded: LoadedCase, order: ClaimOrder) -> UserId | None:
        """Who of the agents is left for this resident's language; of several the one with the fewest others."""
        able = [user for user in self._left(order) if loaded.language in order.speaks.get(user, ())]
        return min(able, key=lambda user: len(order.speaks[user]), default=None)

    def waited_for(self, order: ClaimOrder) -> list[str]:
        """Languages of whose residents none is taken any more."""
        return sorted(waited_for(order.spoken, (order.speaks.get(user, ()) for user in self._left(order))))

    def _left(self, order: ClaimOrder) -> list[UserId]:
        taken = {*self.kept.values(), *(pick.loaded.preferred_agent for pick in self.picks)}
        return [user for user in order.agents if user not in taken]


class Claimer:
    """Turns due cases into attempts."""

    def __init__(self, ids: Ids, catalogues: CatalogueStore, planner: Planner, numbers: Numbers) -> None:
        self._ids = ids
        self._catalogues = catalogues
        self._planner = planner
        self._numbers = numbers

    async def claim(self, connection: Connection, order: ClaimOrder) -> list[Claim]:
        """Inside the caller's transaction. Raises LostLeaseError."""
        found = await self._found(connection, order, _Round())
        picks, numbers = await self._readable(connection, found.picks, order.at)
        return await self._commit(connection, order, picks, numbers, found.kept)

    async def look(self, connection: Connection, order: ClaimOrder, but: Sequence[CaseId]) -> Held | None:
        """The one that a claim would take first, without those in `but`. Locked until the transaction ends.

        No attempt is made of it. Raises LostLeaseError.
        """
        found = await self._found(connection, order, _Round(seen=list(but)))
        picks, numbers = await self._readable(connection, found.picks, order.at)
        if not picks:
            return None
        pick = picks[0]
        return Held(
            case=pick.loaded.case,
            campaign=order.campaign,
            phone=pick.phone,
            number=numbers[pick.phone],
            attempt_number=pick.loaded.free_seq(pick.phone),
        )

    async def _found(self, connection: Connection, order: ClaimOrder, found: _Round) -> _Round:
        await leases.hold(connection, leases.lease_name(order.campaign), order.owner, order.epoch)
        campaign = await connection.fetchrow(SQL_CAMPAIGN, order.campaign, local_date(order.at))
        if campaign is None or not calendar_of(campaign["calendar"]).is_open(order.at):
            return found
        if order.case is not None:
            held = await connection.fetch(SQL_DUE_HELD, order.campaign, order.case, order.at, order.agents[0])
            await self._look_at(connection, order, [CaseId(row["id"]) for row in held], found)
            return found
        waits = timedelta(days=campaign_number(json.loads(campaign["settings"]), "language_wait_days"))
        found.waits_from = order.at - waits
        for priority in await connection.fetch(SQL_PRIORITIES, order.campaign):
            for _ in range(_ROUNDS):
                wanted = order.most - len(found.picks)
                if wanted <= 0 or not await self._pick(connection, order, priority["priority"], wanted, found):
                    break
        return found

    async def _pick(self, connection: Connection, order: ClaimOrder, priority: int, wanted: int, found: _Round) -> bool:
        """Look at up to `wanted` more due cases; False when there are none."""
        rows = await connection.fetch(
            SQL_DUE, order.campaign, priority, order.at, found.seen, wanted, found.waited_for(order), found.waits_from
        )
        if not rows:
            return False
        await self._look_at(connection, order, [CaseId(row["id"]) for row in rows], found)
        return True

    async def _look_at(self, connection: Connection, order: ClaimOrder, due: Sequence[CaseId], found: _Round) -> None:
        found.seen += due
        later = []
        for loaded in await cases.load(connection, due, order.at, self._catalogues, self._planner):
            if _waits_for_agent(loaded, order) or not found.has_agent_for(loaded, order):
                continue
            pick = self._allowed(loaded, order.at, found.keys)
            if pick is None:
                later.append(_later(loaded, order.at))
            else:
                speaker = found.speaker(loaded, order) if found.waits(loaded, order) else None
                if speaker is not None:
                    found.kept[loaded.case] = speaker
                found.picks.append(pick)
                found.keys.add(pick.number_key)
        await cases.save_all(connection, later)

    def _allowed(self, loaded: LoadedCase, at: datetime, taken: set[bytes]) -> _Pick | None:
        """The number to dial now, by all rules; None: none."""
        history, limits = history_of(loaded.facts, loaded.book), loaded.book.limits
        phones = loaded.facts.phones
        planned = [n for n, phone in enumerate(phones) if phone.phone == loaded.next_phone]
        for number in dict.fromkeys([*planned, *range(len(phones))]):  # they stand mobile first
            if phones[number].number_key not in taken and check(history, number, at, limits) is None:
                return _Pick(loaded, number, exempt_daily(history, number, at, limits))
        return None

    async def _readable(
        self, connection: Connection, picks: list[_Pick], at: datetime
    ) -> tuple[list[_Pick], Mapping[PhoneId, str]]:
        numbers = await self._numbers([pick.phone for pick in picks]) if picks else {}
        readable = [pick for pick in picks if pick.phone in numbers]
        for pick in picks:
            if pick.phone not in numbers:
                log.error("number cannot be read case=%s phone=%s", pick.loaded.case, pick.phone)
                await connection.execute(SQL_PUT_OFF, [pick.loaded.case], at + _UNREADABLE_PAUSE)
        return readable, numbers

    async def _commit(
        self,
        connection: Connection,
        order: ClaimOrder,
        picks: list[_Pick],
        numbers: Mapping[PhoneId, str],
        speakers: Mapping[CaseId, UserId],
    ) -> list[Claim]:
        if not picks:
            return []
        claims = [
            _claim(order, pick, agent, AttemptId(self._ids.new()), numbers[pick.phone])
            for pick, agent in zip(picks, _agents(picks, order, speakers), strict=True)
        ]
        # Two campaigns may want the same household numbers: in one order, they wait for each other only one way.
        pairs = sorted(zip(claims, picks, strict=True), key=lambda pair: pair[1].number_key)
        try:
            async with connection.transaction():
                inserted = await _insert(connection, order, pairs)
        except asyncpg.CheckViolationError:
            # Something changed between our look and the insert (an opt-out, a blocked number): one at a time.
            inserted = set()
            for pair in pairs:
                inserted |= await self._insert_one(connection, order, pair)
        kept = [claim for claim in claims if claim.attempt in inserted]
        told = [json.dumps(_event(claim, pick)) for claim, pick in pairs if claim.attempt in inserted]
        ids = [claim.attempt for claim, _ in pairs if claim.attempt in inserted]
        await connection.execute(SQL_EVENTS, ids, told, order.at, order.wall_at)
        await connection.execute(SQL_CLAIMED, [c.case for c in kept])
        refused = [claim.case for claim in claims if claim.attempt not in inserted]
        if refused:
            await connection.execute(SQL_PUT_OFF, refused, order.at + _REFUSED_PAUSE)
        return kept

    async def _insert_one(self, connection: Connection, order: ClaimOrder, pair: tuple[Claim, _Pick]) -> set[AttemptId]:
        try:
            async with connection.transaction():
                return await _insert(connection, order, [pair])
        except asyncpg.CheckViolationError as error:
            log.warning("guard refused case=%s rule=%s", pair[0].case, error.constraint_name)
            return set()


def _waits_for_agent(loaded: LoadedCase, order: ClaimOrder) -> bool:
    agent, due = loaded.preferred_agent, loaded.next_at
    return agent is not None and agent not in order.agents and due is not None and order.at < due + PREFERRED_GRACE


def _later(loaded: LoadedCase, at: datetime) -> cases.Saving:
    """The case is not diallable now: plan it anew, strictly later, or close it."""
    saving = cases.settling(loaded, at)
    return replace(saving, settled=_after(saving.settled, at))


def _after(settled: Settlement, at: datetime) -> Settlement:
    plan = settled.plan
    if plan is None or plan.at > at:
        return settled
    # The planner says "now", the claim says "not now": never ask again in the same instant.
    later = Plan(at=at + _REFUSED_PAUSE, number=plan.number, reason=plan.reason)
    return replace(settled, plan=later)


def _agents(picks: Sequence[_Pick], order: ClaimOrder, kept: Mapping[CaseId, UserId]) -> list[UserId | None]:
    """An agent for each pick that gets one: whom the pick waited for, the preferred one where free, whoever speaks the
    resident's language, the others in order."""
    chosen = [kept.get(pick.loaded.case) for pick in picks]
    free = [user for user in order.agents if user not in chosen]
    wanting = [
        place
        for place, pick in enumerate(picks)
        if chosen[place] is None and (pick.loaded.needs_reserved or not order.unreserved)
    ]
    for place in wanting:
        preferred = picks[place].loaded.preferred_agent
        if preferred in free:
            chosen[place] = preferred
            free.remove(preferred)
    for place in wanting:
        language = picks[place].loaded.language
        speaker = next((user for user in free if language in order.speaks.get(user, ())), None)
        if chosen[place] is None and speaker is not None:
            chosen[place] = speaker
            free.remove(speaker)
    for place in wanting:
        if chosen[place] is None:
            chosen[place] = free.pop(0)
    return chosen


def _claim(order: ClaimOrder, pick: _Pick, agent: UserId | None, attempt: AttemptId, number: str) -> Claim:
    loaded = pick.loaded
    return Claim(
        attempt=attempt,
        campaign=order.campaign,
        client=loaded.client,
        case=loaded.case,
        phone=pick.phone,
        number=number,
        agent=agent,
        counted=True,
        seq=loaded.free_seq(pick.phone),
        case_seq=loaded.free_seq(None),
        reason=loaded.next_reason,
        language=loaded.language,
    )


def _compared(loaded: LoadedCase) -> dict[str, Any]:
    """The case's group where the campaign compares planned cases with held-out ones, for the report."""
    limits = loaded.book.limits
    held = in_hold_out(str(loaded.case), limits, crisis=loaded.facts.crisis)
    return {} if held is None else {"hold_out": {"share": limits.hold_out, "held": held}}


def _event(claim: Claim, pick: _Pick) -> dict[str, Any]:
    return _compared(pick.loaded) | {
        "seq": claim.seq,
        "case_seq": claim.case_seq,
        "phone": str(claim.phone),
        "agent": None if claim.agent is None else str(claim.agent),
        "reason": dict(claim.reason),
    }


async def _insert(connection: Connection, order: ClaimOrder, pairs: Sequence[tuple[Claim, _Pick]]) -> set[AttemptId]:
    rows = await connection.fetch(
        SQL_INSERT,
        order.campaign,
        local_date(order.at),
        order.epoch,
        order.at,
        [c.attempt for c, _ in pairs],
        [c.client for c, _ in pairs],
        [c.case for c, _ in pairs],
        [c.phone for c, _ in pairs],
        [p.number_key for _, p in pairs],
        [c.seq for c, _ in pairs],
        [c.case_seq for c, _ in pairs],
        [p.exempt for _, p in pairs],
        [c.agent for c, _ in pairs],
        [p.loaded.next_at for _, p in pairs],
        [p.loaded.catalogue_version for _, p in pairs],
    )
    return {AttemptId(row["id"]) for row in rows}
