"""Samples as reviewers see them, and reviews, in PostgreSQL: a review is added once and stays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from dialer.domain.coaching import CoachingEvent, CoachingState, advance
from dialer.domain.errors import NotFoundError
from dialer.domain.ids import AttemptId, CampaignId, CaseId, ClientId, DeliveryId, UserId
from dialer.domain.question import Side
from dialer.services.ports.quality import (
    CoachingRow,
    Correction,
    FilingLine,
    NewCoaching,
    NewReview,
    OwnReview,
    Pending,
    Record,
    ReviewedError,
    ReviewRow,
    SampleKeys,
    SampleLine,
    SamplePlace,
)
from dialer.storage.audit import record_audit
from dialer.storage.boxes import named_box, sealed_box_if_any
from dialer.storage.connection import Connection
from dialer.storage.pool import store
from dialer.storage.where import Where

_LINE = """
select s.id, s.client_id, s.campaign_id, s.day, s.attempt_id, a.case_id, s.agent_id, u.display_name as agent_name,
       s.outcome, a.outcome as outcome_now, s.reasons, s.priority,
       o.id is not null as mine, t.id is not null as theirs, o.score
  from sample s
  join attempt a on a.id = s.attempt_id
  join app_user u on u.id = s.agent_id
  left join review o on o.sample_id = s.id and o.side = {side}
  left join review t on t.sample_id = s.id and t.side <> {side}
"""
SQL_SAMPLES_OF_OFFICE = _LINE.format(side="'office'")
SQL_SAMPLES_OF_CLIENT = _LINE.format(side="'client'")
SQL_SAMPLE_RECORD = """
select a.id, a.direction, a.claimed_at, a.talk_ms, a.verified, a.flags, a.facts::text as facts, a.catalogue_version,
       exists (select from recording r where r.attempt_id = a.id and r.state = 'kept') as recorded,
       n.sealed, n.delivery_id, d.wrapped_key as delivery_key, a.client_id, l.wrapped_key as client_key
  from sample s
  join attempt a on a.id = s.attempt_id
  join client l on l.id = a.client_id
  left join pii.note n on n.attempt_id = a.id
  left join delivery d on d.id = n.delivery_id
 where s.id = $1
"""
SQL_SAMPLE_FILINGS = """
select e.kind, e.at, coalesce(u.display_name, '') as by, e.data #>> '{after,outcome}' as outcome,
       coalesce(e.data ->> 'reason', '') as reason
  from attempt_event e left join app_user u on 'user:' || u.id = e.actor
 where e.attempt_id = $1 and e.kind in ('filed', 'recoded', 'undone') order by e.revision
"""
SQL_SAMPLE_KEYS = """
select s.client_id, l.wrapped_key as client_key, f.delivery_id, d.wrapped_key as delivery_key
  from sample s
  join client l on l.id = s.client_id
  join attempt a on a.id = s.attempt_id
  left join case_file f on f.id = a.case_id
  left join delivery d on d.id = f.delivery_id
 where s.id = $1
"""
_REVIEW = """
select r.id, r.sample_id, r.side, r.by_user, w.display_name as by_name, r.at, r.card_version, r.points::text as points,
       r.score, r.right_outcome, r.wanted, r.reason, r.correction
"""
SQL_REVIEWS = f"""
{_REVIEW} from review r join app_user w on w.id = r.by_user where r.sample_id = $1 order by r.side desc
"""
SQL_REVIEWS_OF_AGENT = f"""
{_REVIEW}, s.client_id, s.campaign_id, s.day, s.outcome
  from review r join app_user w on w.id = r.by_user join sample s on s.id = r.sample_id
 where s.agent_id = $1 and r.side = 'office' order by r.at desc, r.id desc limit $2
"""
SQL_ADD_REVIEW = """
insert into review (id, sample_id, side, by_user, at, card_version, points, score, right_outcome, wanted, reason,
                    correction)
values ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8, $9, $10, $11, $12)
on conflict (sample_id, side) do nothing returning id
"""
SQL_ADD_COACHING = """
insert into coaching (id, review_id, agent_id, coach_id, state, opened_at, changed_at)
select $1, $2, s.agent_id, $4, 'open', $5, $5 from sample s where s.id = $3
"""
SQL_COACHING_TEXT = """
insert into pii.coaching_text (coaching_id, side, delivery_id, sealed) values ($1, $2, $3, $4)
on conflict (coaching_id, side) do update set delivery_id = excluded.delivery_id, sealed = excluded.sealed
"""
SQL_TO_CORRECT = """
select r.id, s.attempt_id, a.outcome as outcome_now, r.by_user, r.wanted, r.reason
  from review r join sample s on s.id = r.sample_id join attempt a on a.id = s.attempt_id
 where r.correction = 'wanted' and r.at < $1 order by r.id limit 100
"""
SQL_SETTLE_CORRECTION = "update review set correction = $2 where id = $1 and correction = 'wanted'"
_COACHING = """
select k.id, k.review_id, k.agent_id, k.coach_id, w.display_name as coach_name, k.state, k.opened_at, k.changed_at,
       s.client_id, l.wrapped_key as client_key, s.id as sample_id,
       t.sealed as text, t.delivery_id as text_delivery, dt.wrapped_key as text_key,
       q.sealed as answer, q.delivery_id as answer_delivery, dq.wrapped_key as answer_key
  from coaching k
  join review r on r.id = k.review_id
  join sample s on s.id = r.sample_id
  join client l on l.id = s.client_id
  join app_user w on w.id = k.coach_id
  left join pii.coaching_text t on t.coaching_id = k.id and t.side = 'coach'
  left join delivery dt on dt.id = t.delivery_id
  left join pii.coaching_text q on q.coaching_id = k.id and q.side = 'agent'
  left join delivery dq on dq.id = q.delivery_id
"""
SQL_COACHING_OF_REVIEW = f"{_COACHING} where k.review_id = $1"
SQL_COACHING = f"{_COACHING} where k.id = $1"
SQL_LOCK_COACHING = """
select k.state, s.client_id from coaching k join review r on r.id = k.review_id join sample s on s.id = r.sample_id
 where k.id = $1 for no key update of k
"""
SQL_MOVE_COACHING = "update coaching set state = $2, changed_at = $3 where id = $1"


@store
class PgReviews:
    """`ReviewStore` on a pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def lines(
        self, client: ClientId | None, side: Side, done: bool | None, after: SamplePlace | None, limit: int
    ) -> Sequence[SampleLine]:
        """See ReviewStore."""
        where = Where()
        where.add("s.client_id = {n}", client)
        where.add_all("(s.day, s.priority, s.id) < ({0}, {1}, {2})", after)
        if done is not None:
            where.conditions.append("o.id is not null" if done else "o.id is null")
        query = where.query(_lines_of(side), "s.day desc, s.priority desc, s.id desc", limit)
        return [_line(row, side) for row in await self._pool.fetch(query, *where.values)]

    async def line(self, sample: UUID, side: Side) -> SampleLine:
        """See ReviewStore."""
        row = await self._pool.fetchrow(f"{_lines_of(side)} where s.id = $1", sample)
        if row is None:
            raise NotFoundError("no such record in the sample")
        return _line(row, side)

    async def record(self, sample: UUID) -> Record:
        """See ReviewStore."""
        row = await self._pool.fetchrow(SQL_SAMPLE_RECORD, sample)
        if row is None:
            raise NotFoundError("no such record in the sample")
        filings = await self._pool.fetch(SQL_SAMPLE_FILINGS, row["id"])
        return Record(
            direction=row["direction"],
            began_at=row["claimed_at"],
            talk_seconds=None if row["talk_ms"] is None else round(row["talk_ms"] / 1000),
            recorded=row["recorded"],
            verified=row["verified"],
            flags=list(row["flags"]),
            answers=json.loads(row["facts"]).get("answers", {}),
            filings=[
                FilingLine(kind=one["kind"], at=one["at"], by=one["by"], outcome=one["outcome"], reason=one["reason"])
                for one in filings
            ],
            catalogue_version=row["catalogue_version"],
            note=sealed_box_if_any(row, row["id"]),
        )

    async def keys(self, sample: UUID) -> SampleKeys:
        """See ReviewStore."""
        return await _keys(self._pool, sample)

    async def reviews(self, sample: UUID) -> Sequence[ReviewRow]:
        """See ReviewStore."""
        return [_review(row) for row in await self._pool.fetch(SQL_REVIEWS, sample)]

    async def coaching_of(self, review: UUID) -> CoachingRow | None:
        """See ReviewStore."""
        row = await self._pool.fetchrow(SQL_COACHING_OF_REVIEW, review)
        return None if row is None else _coaching(row)

    async def add(self, review: NewReview) -> None:
        """See ReviewStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            added = await connection.fetchval(
                SQL_ADD_REVIEW,
                review.id,
                review.sample,
                review.side.value,
                review.user,
                review.at,
                review.card_version,
                json.dumps(dict(review.points)),
                review.score,
                review.wanted is None,
                review.wanted,
                review.reason,
                review.correction.value,
            )
            if added is None:
                raise ReviewedError("this side has reviewed it")
            if review.coaching is not None:
                item = review.coaching
                await connection.execute(SQL_ADD_COACHING, item.id, review.id, review.sample, review.user, review.at)
                await connection.execute(SQL_COACHING_TEXT, item.id, "coach", item.delivery, item.sealed)
            client = (await _keys(connection, review.sample)).client
            await record_audit(
                connection, review.at, review.actor, "sample.review", "sample", review.sample, client,
                {"side": review.side.value, "right_outcome": review.wanted is None},
            )  # fmt: skip

    async def to_correct(self, before: datetime) -> Sequence[Pending]:
        """See ReviewStore."""
        return [
            Pending(
                review=row["id"],
                attempt=AttemptId(row["attempt_id"]),
                outcome_now=row["outcome_now"],
                user=UserId(row["by_user"]),
                wanted=row["wanted"],
                reason=row["reason"],
            )
            for row in await self._pool.fetch(SQL_TO_CORRECT, before)
        ]

    async def settle(self, review: UUID, correction: Correction) -> None:
        """See ReviewStore."""
        await self._pool.execute(SQL_SETTLE_CORRECTION, review, correction.value)

    async def of_agent(self, agent: UserId, limit: int) -> Sequence[OwnReview]:
        """See ReviewStore."""
        return [
            OwnReview(
                row=_review(row),
                client=ClientId(row["client_id"]),
                campaign=CampaignId(row["campaign_id"]),
                day=row["day"],
                outcome=row["outcome"],
                coaching=await self.coaching_of(row["id"]),
            )
            for row in await self._pool.fetch(SQL_REVIEWS_OF_AGENT, agent, limit)
        ]

    async def coaching(self, item: UUID) -> tuple[CoachingRow, SampleKeys]:
        """See ReviewStore."""
        row = await self._pool.fetchrow(SQL_COACHING, item)
        if row is None:
            raise NotFoundError("no such coaching item")
        return _coaching(row), await self.keys(row["sample_id"])

    async def move(
        self, item: UUID, event: CoachingEvent, at: datetime, actor: str, answer: NewCoaching | None
    ) -> None:
        """See ReviewStore."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(SQL_LOCK_COACHING, item)
            if row is None:
                raise NotFoundError("no such coaching item")
            state = advance(CoachingState(row["state"]), event)
            if answer is not None:
                await connection.execute(SQL_COACHING_TEXT, item, "agent", answer.delivery, answer.sealed)
            await connection.execute(SQL_MOVE_COACHING, item, state.value, at)
            await record_audit(connection, at, actor, f"coaching.{event.value}", "coaching", item, row["client_id"])


async def _keys(connection: Connection | asyncpg.Pool, sample: UUID) -> SampleKeys:
    row = await connection.fetchrow(SQL_SAMPLE_KEYS, sample)
    if row is None:
        raise NotFoundError("no such record in the sample")
    return SampleKeys(
        client=ClientId(row["client_id"]),
        client_key=row["client_key"],
        delivery=None if row["delivery_id"] is None else DeliveryId(row["delivery_id"]),
        delivery_key=row["delivery_key"],
    )


def _lines_of(side: Side) -> str:
    return SQL_SAMPLES_OF_CLIENT if side is Side.CLIENT else SQL_SAMPLES_OF_OFFICE


def _line(row: asyncpg.Record, side: Side) -> SampleLine:
    ours = side is Side.OFFICE
    return SampleLine(
        id=row["id"],
        client=ClientId(row["client_id"]),
        campaign=CampaignId(row["campaign_id"]),
        day=row["day"],
        attempt=AttemptId(row["attempt_id"]),
        case=None if row["case_id"] is None else CaseId(row["case_id"]),
        agent=UserId(row["agent_id"]) if ours else None,
        agent_name=row["agent_name"] if ours else "",
        outcome=row["outcome"],
        outcome_now=row["outcome_now"],
        reasons=list(row["reasons"]) if ours else [one for one in row["reasons"] if one != "new_agent"] or ["chance"],
        priority=row["priority"],
        mine=row["mine"],
        theirs=row["theirs"],
        score=row["score"],
    )


def _review(row: asyncpg.Record) -> ReviewRow:
    return ReviewRow(
        id=row["id"],
        sample=row["sample_id"],
        side=Side(row["side"]),
        by=UserId(row["by_user"]),
        by_name=row["by_name"],
        at=row["at"],
        card_version=row["card_version"],
        points=json.loads(row["points"]),
        score=row["score"],
        right_outcome=row["right_outcome"],
        wanted=row["wanted"],
        reason=row["reason"],
        correction=Correction(row["correction"]),
    )


def _coaching(row: asyncpg.Record) -> CoachingRow:
    return CoachingRow(
        id=row["id"],
        review=row["review_id"],
        agent=UserId(row["agent_id"]),
        coach=UserId(row["coach_id"]),
        coach_name=row["coach_name"],
        state=CoachingState(row["state"]),
        opened_at=row["opened_at"],
        changed_at=row["changed_at"],
        text=named_box(row, "text", row["id"]),
        answer=named_box(row, "answer", row["id"]),
    )
