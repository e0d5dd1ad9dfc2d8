"""Records of the sample, looked at by our reviewers and by the client's, and what follows from it.

Each side judges without knowing what the other found. A correction goes the ordinary way (`OutcomeService.recode`), so
that export, report and DDAS get the replacement: the wish is kept with the review first, and carried out again by
`tend` when something failed in between. Coaching is between the agent and the coach: nobody else reads its words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from dialer.domain import coaching
from dialer.domain.coaching import CoachingEvent, CoachingState
from dialer.domain.errors import DialerError, InvalidError, NotFoundError, UnavailableError
from dialer.domain.ids import AttemptId, CampaignId, UserId
from dialer.domain.outcome import Catalogue
from dialer.domain.question import Side
from dialer.domain.scorecard import Points, check_points, score
from dialer.domain.texts import checked_text
from dialer.services import sealed
from dialer.services.ports.audit import AuditLog
from dialer.services.ports.clock import Clock, Ids
from dialer.services.ports.people import Viewer
from dialer.services.ports.quality import (
    CoachingRow,
    Correction,
    FilingLine,
    NewCoaching,
    NewReview,
    Pending,
    ReviewRow,
    ReviewStore,
    SampleKeys,
    SampleLine,
    SamplePlace,
    Scorecard,
    ScorecardStore,
)
from dialer.services.ports.vault import Vault
from dialer.services.viewing import check_scope, noted

_LONGEST_REASON = 500
_OWN_REVIEWS = 100
_PATIENCE = timedelta(minutes=1)
"""A correction younger than this is still being carried out by the request that asked for it."""


class Recoder(Protocol):
    """The ordinary correction of an outcome."""

    async def recode(self, user: UserId, attempt: AttemptId, outcome: str, reason: str) -> None:
        """Raises InvalidError, ConflictError, NotFoundError."""
        ...


class Catalogues(Protocol):
    """Versions of the outcome catalogue."""

    async def get(self, version: int) -> Catalogue:
        """Raises NotFoundError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a reviewer says of a record."""

    points: Points
    wanted: str | None  # the right outcome, where it is another
    reason: str = ""
    coaching: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoachingShown:
    """A coaching item as one of its two reads it. Texts None: erased, or not written yet."""

    id: UUID
    state: CoachingState
    coach: str
    opened_at: datetime
    changed_at: datetime
    text: str | None
    answer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewShown:
    """One side's review. `by` empty: our people where the client reads."""

    side: Side
    by: str
    at: datetime
    card: Scorecard
    points: Points
    score: int | None
    right_outcome: bool
    wanted: str | None
    reason: str
    correction: Correction


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordShown:
    """What there is to see of the call; residents themselves stand on their own page."""

    direction: str
    began_at: datetime
    talk_seconds: int | None
    recorded: bool  # there is a recording to play
    verified: bool | None
    flags: Sequence[str]
    answers: Mapping[str, str]
    note: str | None
    filings: Sequence[FilingLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleShown:
    """A record of the sample. `reviews`: this side's, and the other's once this side has given its own."""

    line: SampleLine
    record: RecordShown
    card: Scorecard
    reviews: Sequence[ReviewShown]
    coaching: CoachingShown | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnReviewShown:
    """A review as the agent sees it."""

    review: ReviewShown
    campaign: CampaignId
    day: str
    outcome: str
    coaching: CoachingShown | None


class Reviews:
    """Use cases, and the job that carries out what was left. A person with a client judges as that client."""

    def __init__(
        self,
        *,
        store: ReviewStore,
        cards: ScorecardStore,
        recoder: Recoder,
        catalogues: Catalogues,
        vault: Vault,
        audit: AuditLog,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._store = store
        self._cards = cards
        self._recoder = recoder
        self._catalogues = catalogues
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def lines(
        self, done: bool | None, after: SamplePlace | None, limit: int, viewer: Viewer
    ) -> Sequence[SampleLine]:
        """The sample of the viewer's client, or of all; who called is not for clients."""
        return await self._store.lines(viewer.client, _side(viewer), done, after, limit)

    async def sample(self, sample: UUID, viewer: Viewer) -> SampleShown:
        """One record; audited. Raises NotFoundError."""
        line = await self._store.line(sample, _side(viewer))
        check_scope(viewer, line.client)
        await noted(self._audit, viewer, "sample.read", "attempt", line.attempt, line.client, purpose="quality")
        return await self._shown(line, viewer)

    async def review(self, sample: UUID, verdict: Verdict, user: UserId, viewer: Viewer) -> SampleShown:
        """Keep a verdict, and carry out its correction. Raises NotFoundError, InvalidError, ReviewedError."""
        side = _side(viewer)
        line = await self._store.line(sample, side)
        check_scope(viewer, line.client)
        card = await self._cards.card(line.client)
        points = check_points(card.criteria, verdict.points)
        reason = await self._checked_wish(sample, line, verdict)
        review = NewReview(
            id=self._ids.new(),
            sample=sample,
            side=side,
            user=user,
            actor=viewer.actor,
            at=self._clock.now(),
            card_version=card.version,
            points=points,
            score=score(card.criteria, points),
            wanted=verdict.wanted,
            reason=reason,
            correction=_first_step(verdict, side),
            coaching=await self._new_coaching(sample, verdict, side),
        )
        await self._store.add(review)
        if review.correction is Correction.WANTED and review.wanted is not None:
            await self._correct(
                Pending(
                    review=review.id, attempt=line.attempt, outcome_now=line.outcome_now, user=user,
                    wanted=review.wanted, reason=reason,
                )
            )  # fmt: skip
        return await self._shown(await self._store.line(sample, side), viewer)

    async def tend(self) -> int:
        """Job: corrections that were wanted and not carried out, because something failed; how many are done now."""
        done = 0
        for one in await self._store.to_correct(self._clock.now() - _PATIENCE):
            done += await self._correct(one)
        return done

    async def mine(self, agent: UserId) -> Sequence[OwnReviewShown]:
        """Reviews of the agent's own calls by our own reviewers, the latest first."""
        shown = []
        for own in await self._store.of_agent(agent, _OWN_REVIEWS):
            item = None if own.coaching is None else self._coaching(own.coaching)
            card = await self._cards.card(own.client, own.row.card_version)
            review = _review(own.row, card, hide_name=False)
            shown.append(
                OwnReviewShown(
                    review=review, campaign=own.campaign, day=own.day.isoformat(), outcome=own.outcome, coaching=item
                )
            )
        return shown

    async def answer(self, item: UUID, text: str, agent: UserId, actor: str) -> CoachingShown:
        """The agent answers. Raises NotFoundError for somebody else's, InvalidError, IllegalTransitionError."""
        row, keys = await self._store.coaching(item)
        if row.agent != agent:
            raise NotFoundError("no such coaching item")
        words = checked_text(text, coaching.LONGEST_TEXT, "text")
        box = self._sealed(item, words, keys)
        await self._store.move(item, CoachingEvent.ANSWER, self._clock.now(), actor, box)
        return self._coaching((await self._store.coaching(item))[0])

    async def close(self, item: UUID, coach: UserId, actor: str) -> CoachingShown:
        """The coach is done with it. Raises NotFoundError for somebody else's, IllegalTransitionError."""
        row, _ = await self._store.coaching(item)
        if row.coach != coach:
            raise NotFoundError("no such coaching item")
        await self._store.move(item, CoachingEvent.CLOSE, self._clock.now(), actor, None)
        return self._coaching((await self._store.coaching(item))[0])

    async def _checked_wish(self, sample: UUID, line: SampleLine, verdict: Verdict) -> str:
        """The reason, where another outcome is wanted. Raises InvalidError."""
        if verdict.wanted is None:
            return ""
        catalogue = await self._catalogues.get((await self._store.record(sample)).catalogue_version)
        try:
            catalogue.get(verdict.wanted)
        except DialerError:
            raise InvalidError("er is geen gespreksresultaat van die naam", "wanted") from None
        if verdict.wanted == line.outcome_now:
            raise InvalidError("dit is al het gespreksresultaat", "wanted")
        return checked_text(verdict.reason, _LONGEST_REASON, "reason")

    async def _new_coaching(self, sample: UUID, verdict: Verdict, side: Side) -> NewCoaching | None:
        if not verdict.coaching.strip():
            return None
        if side is Side.CLIENT:
            raise InvalidError("een coachpunt is voor onze eigen mensen", "coaching")
        words = checked_text(verdict.coaching, coaching.LONGEST_TEXT, "coaching")
        return self._sealed(self._ids.new(), words, await self._store.keys(sample))

    def _sealed(self, item: UUID, words: str, keys: SampleKeys) -> NewCoaching:
        box = sealed.sealer_of(self._vault, keys).seal(sealed.COACHING, item, words.encode())
        return NewCoaching(id=item, delivery=keys.delivery, sealed=box)

    async def _correct(self, wish: Pending) -> bool:
        """True when it is done. A failure of ours leaves the wish for the job."""
        if wish.outcome_now != wish.wanted:  # else it was done, and only the mark was not set
            try:
                await self._recoder.recode(wish.user, wish.attempt, wish.wanted, wish.reason)
            except UnavailableError:
                return False
            except DialerError:
                await self._store.settle(wish.review, Correction.REFUSED)
                return False
        await self._store.settle(wish.review, Correction.DONE)
        return True

    async def _shown(self, line: SampleLine, viewer: Viewer) -> SampleShown:
        side, client = _side(viewer), viewer.client is not None
        record = await self._store.record(line.id)
        rows = await self._store.reviews(line.id)
        own = next((row for row in rows if row.side is side), None)
        item = None if own is None else await self._store.coaching_of(own.id)
        return SampleShown(
            line=line,
            record=RecordShown(
                direction=record.direction,
                began_at=record.began_at,
                talk_seconds=record.talk_seconds,
                recorded=record.recorded,
                verified=record.verified,
                flags=record.flags,
                answers=record.answers,
                note=sealed.text_of(self._vault, record.note, sealed.NOTE),
                filings=[_nameless(one) for one in record.filings] if client else record.filings,
            ),
            card=await self._cards.card(line.client, None if own is None else own.card_version),
            reviews=[
                _review(row, await self._cards.card(line.client, row.card_version), hide_name=client)
                for row in rows
                if own is not None
            ],
            coaching=self._coaching(item) if item is not None and item.coach == viewer.user else None,
        )

    def _coaching(self, row: CoachingRow) -> CoachingShown:
        return CoachingShown(
            id=row.id,
            state=row.state,
            coach=row.coach_name,
            opened_at=row.opened_at,
            changed_at=row.changed_at,
            text=sealed.text_of(self._vault, row.text, sealed.COACHING),
            answer=sealed.text_of(self._vault, row.answer, sealed.COACHING),
        )


def _side(viewer: Viewer) -> Side:
    return Side.OFFICE if viewer.client is None else Side.CLIENT


def _first_step(verdict: Verdict, side: Side) -> Correction:
    if verdict.wanted is None:
        return Correction.NONE
    return Correction.WANTED if side is Side.OFFICE else Correction.PROPOSED


def _review(row: ReviewRow, card: Scorecard, *, hide_name: bool) -> ReviewShown:
    return ReviewShown(
        side=row.side,
        by="" if hide_name and row.side is Side.OFFICE else row.by_name,
        at=row.at,
        card=card,
        points=row.points,
        score=row.score,
        right_outcome=row.right_outcome,
        wanted=row.wanted,
        reason=row.reason,
        correction=row.correction,
    )


def _nameless(one: FilingLine) -> FilingLine:
    return FilingLine(kind=one.kind, at=one.at, by="", outcome=one.outcome, reason=one.reason)
